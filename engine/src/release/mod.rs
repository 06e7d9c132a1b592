//! Releases: which files make up one published state of the warehouse, and how the next state is published.
//!
//! Owns: the document `releases/<number>.json`, its content hash, publication by one conditional create, reading any
//! release again, and `runs/<id>.json`. Does not own: the bytes (see [`crate::store`]), how tables are encoded (see
//! [`crate::write`]), and what tables mean (`esf_schemas`).
//!
//! Invariants:
//! - a reader resolves one document and sees every table of it; nothing is visible before its document exists;
//! - a number is given once, by the create that made it: also where its document was lost, other content does not get it
//!   ([`Warehouse::check_number`]);
//! - the content hash covers the whole document except number, run, time, the hash itself, what a rollback left behind and which
//!   redactions are carried on, so the same inputs and the same program give the same hash, and fields that a newer program adds
//!   are covered too;
//! - documents and records are written without blanks, since every night adds some; how one is laid out is no content.

mod as_of;
mod document;
mod error;
mod hash;
mod publish;
mod rollback;
#[cfg(test)]
mod tests;
mod warehouse;

pub use as_of::AsOf;
pub use document::{
    CheckResult, ColumnState, DataFile, FORMAT_VERSION, LeftBehind, Release, SourceFileState,
    SourceState, TableState,
};
pub(crate) use document::{KEPT_OUT_BY, REDACTIONS};
pub use error::ReleaseError;
pub use esf_schemas::Visibility;
pub(crate) use hash::content_hash;
pub use publish::{Publication, ReleaseDraft};
pub use warehouse::Warehouse;

/// The result of reading and publishing releases.
pub type Result<T, E = ReleaseError> = std::result::Result<T, E>;
