//! What can go wrong in a store. Each message names the object or place and what to do next.

use std::{io, path::PathBuf};

/// An error of a [`Store`](super::Store).
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The location cannot be opened.
    #[error("cannot open the store {location:?}: {reason}")]
    Location {
        /// The location as given.
        location: String,
        /// Why, and what is possible instead.
        reason: String,
    },
    /// A path that no object may have.
    #[error(
        "{path:?} is no path inside a store: use parts of letters, digits and . _ - + = separated by /"
    )]
    Path {
        /// The path as given.
        path: String,
    },
    /// The object does not exist.
    #[error("there is no {path} in {location}; it was taken away, restore it from a backup")]
    NotFound {
        /// The path asked for.
        path: String,
        /// The store asked.
        location: String,
    },
    /// The bytes of an object are not those it was stored under.
    #[error(
        "{path} is damaged: its content has sha256 {found} instead of {expected}; restore the file from a backup"
    )]
    Corrupt {
        /// The object.
        path: String,
        /// The sha256 it should have.
        expected: String,
        /// The sha256 it has.
        found: String,
    },
    /// Less of an object came than it holds.
    #[error(
        "only {found} of the {expected} bytes of {path} came; run again, and check the network and the storage if it stays so"
    )]
    CutShort {
        /// The object.
        path: String,
        /// The bytes that came.
        found: u64,
        /// The bytes that it holds.
        expected: u64,
    },
    /// The file system refused an operation.
    #[error("cannot {action} {}: {source}{}", path.display(), advice(source))]
    Io {
        /// What was tried, such as "write".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The answer of the operating system.
        source: io::Error,
    },
    /// The object storage refused an operation.
    #[error("cannot {action} {path}: {source}; check the address, the credentials and the network")]
    Remote {
        /// What was tried, such as "write".
        action: &'static str,
        /// The object.
        path: String,
        /// The answer of the storage client.
        source: object_store::Error,
    },
    /// A background task of the runtime was cancelled.
    #[error("the operation was interrupted; run it again")]
    Interrupted,
}

impl StoreError {
    /// Names the operation and the file of an I/O error, for `map_err`.
    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// Names the operation and the object of a storage error, for `map_err`.
    pub(crate) fn remote(
        action: &'static str,
        path: &str,
    ) -> impl FnOnce(object_store::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Remote {
            action,
            path,
            source,
        }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space and run again"
        }
        io::ErrorKind::FileTooLarge => {
            "; raise the limit on the size of files (ulimit -f, LimitFSIZE=) and run again"
        }
        io::ErrorKind::PermissionDenied => "; check who owns the folder",
        io::ErrorKind::ReadOnlyFilesystem => "; the warehouse lies on a read-only file system",
        io::ErrorKind::Unsupported => {
            "; the file system has no hard links, which publishing needs: put the warehouse on another one"
        }
        _ => "; look at this folder and its disk",
    }
}
