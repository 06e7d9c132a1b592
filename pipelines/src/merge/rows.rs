//! Rows of core tables: put together column by column, and read again where a list or a release has them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::SchemaRef;

/// Why rows of a table could not be put together: a fault of the program, not of the data.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The table is not declared.
    #[error("internal: there is no table {0:?}")]
    NoTable(String),
    /// The column is not declared.
    #[error("internal: table {table} has no column {column:?}")]
    NoColumn {
        /// Table.
        table: String,
        /// Column.
        column: String,
    },
    /// Arrow refuses the columns.
    #[error("internal: rows of table {table}: {cause}")]
    Arrow {
        /// Table.
        table: String,
        /// What Arrow says.
        cause: arrow::error::ArrowError,
    },
}

/// Batches of core tables, by table.
pub type Tables = BTreeMap<String, Vec<RecordBatch>>;

/// Puts a batch of `table` together from the columns that are known; the others are null.
pub fn table_rows(
    table: &str,
    rows: usize,
    columns: Vec<(&str, ArrayRef)>,
) -> Result<RecordBatch, RowsError> {
    let schema: SchemaRef = esf_schemas::table(table)
        .ok_or_else(|| RowsError::NoTable(table.into()))?
        .arrow_schema();
    let failed = |cause| RowsError::Arrow {
        table: table.into(),
        cause,
    };
    let mut arrays: Vec<Option<ArrayRef>> = vec![None; schema.fields().len()];
    for (name, array) in columns {
        let Some((index, field)) = schema.column_with_name(name) else {
            return Err(RowsError::NoColumn {
                table: table.into(),
                column: name.into(),
            });
        };
        let array = if array.data_type() == field.data_type() {
            array
        } else {
            cast(&array, field.data_type()).map_err(failed)?
        };
        arrays[index] = Some(array);
    }
    let arrays = arrays
        .into_iter()
        .zip(schema.fields())
        .map(|(array, field)| array.unwrap_or_else(|| new_null_array(field.data_type(), rows)))
        .collect();
    RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(failed)
}

/// Adds a batch, unless it is empty.
pub fn push(tables: &mut Tables, table: &str, batch: RecordBatch) {
    if batch.num_rows() > 0 {
        tables.entry(table.to_string()).or_default().push(batch);
    }
}

/// A column that says the same in every row.
pub fn same(text: Option<&str>, rows: usize) -> ArrayRef {
    match text {
        Some(text) => Arc::new(StringArray::new_repeated(text, rows)),
        None => Arc::new(StringArray::new_null(rows)),
    }
}

/// A column that is true or false in every row.
pub fn same_bool(value: bool, rows: usize) -> ArrayRef {
    Arc::new(BooleanArray::from(vec![value; rows]))
}

/// The batches of a table.
pub(super) fn batches<'t>(
    tables: &'t Tables,
    table: &str,
) -> impl Iterator<Item = &'t RecordBatch> {
    tables.get(table).into_iter().flatten()
}

/// A column of text.
pub(super) fn text<'b>(batch: &'b RecordBatch, name: &str) -> Option<&'b StringArray> {
    batch.column_by_name(name)?.as_string_opt::<i32>()
}

/// Source and hash of the file that each row is from.
pub(super) fn of_files(batch: &RecordBatch) -> Option<(&StringArray, &StringArray)> {
    text(batch, "source_id").zip(text(batch, "source_file"))
}
