//! What can go wrong when a table is written.

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use parquet::errors::ParquetError;

use crate::store::StoreError;

/// An error of a [`TableWriter`](super::TableWriter).
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The batches do not have the columns of the table.
    #[error(
        "table {table}: the rows have the columns [{found}] instead of [{expected}]; mend the plan that makes them"
    )]
    Columns {
        /// The table.
        table: String,
        /// The columns of its specification.
        expected: String,
        /// The columns of the batch.
        found: String,
    },
    /// A column that may not be null is.
    #[error("table {table}: column {column} is null in a row, but is declared as always known")]
    Null {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A value does not fit its column.
    #[error("table {table}: column {column} cannot hold its values: {source}")]
    Value {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What does not fit.
        source: ArrowError,
    },
    /// The specification names a column that the schema does not have.
    #[error("table {table}: {list} names the column {column}, which the table does not have")]
    Spec {
        /// The table.
        table: String,
        /// Which list of the specification.
        list: &'static str,
        /// The column.
        column: String,
    },
    /// The file cannot be encoded or written.
    #[error("table {table}: cannot write its file: {source}")]
    Parquet {
        /// The table.
        table: String,
        /// The cause.
        source: ParquetError,
    },
    /// The plan that makes the rows failed.
    #[error("table {table}: cannot compute its rows: {source}")]
    Rows {
        /// The table.
        table: String,
        /// The cause.
        source: DataFusionError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
