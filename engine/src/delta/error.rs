//! What can go wrong with Delta logs. Each message names the log or column and what to do next.

use crate::{release::ReleaseError, store::StoreError};

/// An error of [`sync_logs`](super::sync_logs). Releases are never touched by it.
#[derive(Debug, thiserror::Error)]
pub enum DeltaError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A release cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// A file does not lie in the folder of its table; a fault of the program.
    #[error(
        "table {table}: {path} does not lie in {folder}, where its Delta log could name it; \
         please report this"
    )]
    Outside {
        /// The table.
        table: String,
        /// The file.
        path: String,
        /// Where it should lie.
        folder: String,
    },
    /// A column has a type that Delta tables do not have.
    #[error(
        "table {table}: column {column} has the type {data_type}, which Delta tables do not have; \
         declare it as text, whole number, decimal, date or yes/no"
    )]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its Arrow type.
        data_type: String,
    },
    /// A commit that is none of ours.
    #[error(
        "{path} was not written by esf ({reason}), and nothing else may write there; \
         remove {folder} and delta.json, the next run writes the log anew"
    )]
    Foreign {
        /// The commit.
        path: String,
        /// How that shows.
        reason: String,
        /// The log.
        folder: String,
    },
    /// A commit is gone although there are later ones.
    #[error(
        "{path} is missing, though there are later commits; restore it from a backup, \
         or remove {folder} and delta.json, then the next run writes the log anew"
    )]
    Gap {
        /// The commit.
        path: String,
        /// The log.
        folder: String,
    },
}
