//! What can go wrong when releases are compared.

use datafusion::error::DataFusionError;

use crate::session::SessionError;

/// An error of [`diff`](super::diff).
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// The files of a table cannot be registered.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The comparison failed.
    #[error("cannot compare table {table}: {source}; check its files with `esf verify`")]
    Compare {
        /// The table.
        table: String,
        /// The cause.
        source: DataFusionError,
    },
}
