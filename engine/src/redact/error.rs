//! What can go wrong with a redaction. Each message names the object and what to do next.

use arrow::error::ArrowError;

use crate::{release::ReleaseError, store::StoreError, write::WriteError};

/// An error of a redaction. What was done before it stays, and is completed by the same command or the next night.
#[derive(Debug, thiserror::Error)]
pub enum RedactError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A release cannot be read or published.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// A new file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A record cannot be read, so that nobody knows what it keeps out.
    #[error(
        "{path} is no record of a redaction that this program reads: {reason}; restore it from a backup, or use a newer esf"
    )]
    Record {
        /// The record.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Something was taken away, as releases say or what stands in place of published bytes, and the record of it is not there.
    #[error(
        "{location} has no record of redaction {id}, which took something away here; name the restricted store that has it, move redactions/ of the warehouse into the one that is named, or restore it from a backup"
    )]
    Lost {
        /// The redaction.
        id: String,
        /// Where its record was looked for.
        location: String,
    },
    /// A file of a table cannot be searched.
    #[error(
        "{path} cannot be searched for what is to go: {source}; restore it from a backup first"
    )]
    File {
        /// The file.
        path: String,
        /// The cause.
        source: ArrowError,
    },
    /// Another run has published since the plan was made.
    #[error(
        "another run ({run_id}) published release {number} while the redaction was at work; no release was rewritten, run `esf redact` again"
    )]
    Overtaken {
        /// The number that it took.
        number: u64,
        /// The other run.
        run_id: String,
    },
}
