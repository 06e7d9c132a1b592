//! What can go wrong in a store. Each message names the object or place and what to do next.

use std::{error::Error, io, path::PathBuf};

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
    /// A file of a table is not what was written, and rows of it were to go into a new one.
    #[error(
        "{path} is damaged: its content has sha256 {found} instead of {expected}, and its rows were not taken over into a new release; `esf verify` names all such files: restore them from a backup, or derive all lists again from raw/ with `esf nightly --full`"
    )]
    Damaged {
        /// The file.
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
    /// The objects of a table could not be read while a plan went over them.
    #[error("cannot read a table of the warehouse: {detail}{advice}")]
    Table {
        /// The answer of the storage, which names the object.
        detail: String,
        /// What to do next.
        advice: &'static str,
    },
    /// A background task of the runtime was cancelled.
    #[error("the operation was interrupted; run it again")]
    Interrupted,
}

impl StoreError {
    /// The failure of a store that an error of a plan goes back to, if it does: the engine hands it on inside its own.
    pub fn behind(error: &(dyn Error + 'static)) -> Option<Self> {
        causes(error)
            .find_map(|cause| cause.downcast_ref())
            .map(Self::of_table)
            .or_else(|| of_footer(&error.to_string()))
    }

    /// Whether it is about one object alone, which is gone, damaged or cannot be read, and not about the store.
    pub fn is_of_object(&self) -> bool {
        match self {
            Self::NotFound { .. } | Self::Corrupt { .. } => true,
            Self::Io { action, .. } => *action == READ,
            _ => false,
        }
    }

    /// Whether the file system says that this user may not.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
    }

    /// Whether the same may go well a moment later: object storage gave no answer, or could not do it just now.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Remote {
                source: object_store::Error::Generic { .. },
                ..
            }
        )
    }

    fn of_table(failed: &object_store::Error) -> Self {
        if let object_store::Error::NotFound { path, .. } = failed {
            return Self::lost(path);
        }
        let on_disk =
            matches!(failed, object_store::Error::Generic { store, .. } if *store == LOCAL);
        let answer = causes(failed).find_map(|cause| cause.downcast_ref::<io::Error>());
        Self::Table {
            detail: failed.to_string(),
            advice: match answer {
                Some(answer) if on_disk => advice(answer),
                None if on_disk => LOOK,
                _ => ASK,
            },
        }
    }

    fn lost(path: &str) -> Self {
        Self::NotFound {
            path: path.to_owned(),
            location: "the warehouse".to_owned(),
        }
    }

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
            source: masked(source),
        }
    }
}

/// What is tried where the bytes of an object are wanted.
const READ: &str = "read";

/// Begins what gives access in an address with a shared access signature.
const SIGNATURE: &str = "sig=";

/// The error without such signatures: Azure's client tells its addresses without them, but not where it removes objects.
fn masked(error: object_store::Error) -> object_store::Error {
    match error {
        object_store::Error::Generic { store, source }
            if source.to_string().contains(SIGNATURE) =>
        {
            object_store::Error::Generic {
                store,
                source: without_signatures(&source.to_string()).into(),
            }
        }
        other => other,
    }
}

fn without_signatures(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "%+/=-._~".contains(c);
    let mut parts = text.split(SIGNATURE);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str(SIGNATURE);
        shown.push_str("***");
        shown.push_str(part.trim_start_matches(is_part));
    }
    shown
}

/// What `object_store` calls a folder.
const LOCAL: &str = "LocalFileSystem";

/// What to do about a disk, where no more is known.
const LOOK: &str = "; look at this folder and its disk";

/// What to do about object storage.
const ASK: &str = "; check the address, the credentials and the network";

/// An error and all that caused it, from the outside in.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// The failure of a store while a footer was read: of that the engine hands on no more than the text.
fn of_footer(text: &str) -> Option<StoreError> {
    let (_, rest) = text.split_once("Failed to fetch metadata for file ")?;
    let (path, cause) = rest.split_once(": ")?;
    let (_, cause) = ["Object Store error: ", "External: "]
        .into_iter()
        .find_map(|mark| cause.split_once(mark))?;
    if cause.starts_with("Object at location ") && cause.contains(" not found: ") {
        return Some(StoreError::lost(path));
    }
    Some(StoreError::Table {
        detail: format!("{path}: {cause}"),
        advice: if cause.contains(LOCAL) { LOOK } else { ASK },
    })
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
        _ => LOOK,
    }
}

#[cfg(test)]
mod tests {
    use datafusion::error::DataFusionError;
    use parquet::errors::ParquetError;

    use super::*;

    fn broken(store: &'static str) -> object_store::Error {
        object_store::Error::Generic {
            store,
            source: "error performing get data/a.parquet: connection reset".into(),
        }
    }

    fn told(error: DataFusionError) -> Option<String> {
        let shared = DataFusionError::Shared(std::sync::Arc::new(error));
        let error = shared.context("while reading");
        StoreError::behind(&error).map(|failed| failed.to_string())
    }

    #[test]
    fn what_gives_access_is_not_told() {
        let failed = |address: &str| {
            let answer = format!("error performing POST http://example.org/{address} in 1s");
            let error = object_store::Error::Generic {
                store: "MicrosoftAzure",
                source: answer.into(),
            };
            StoreError::remote("remove", "data/a")(error).to_string()
        };
        let told = failed("w?sp=rw&sig=0dT%2B%3D&se=2999");
        assert!(told.contains("w?sp=rw&sig=***&se=2999 in 1s"), "{told}");
        let told = failed("w?sig=0dT+/=");
        assert!(told.contains("w?sig=*** in 1s"), "{told}");
        let told = failed("w?comp=batch");
        assert!(told.contains("w?comp=batch in 1s"), "{told}");
    }

    #[test]
    fn what_is_wrong_with_an_object_is_told_from_what_is_wrong_with_its_store() {
        let refused = |action: &'static str| {
            StoreError::io(action, "raw/00")(io::Error::from(io::ErrorKind::PermissionDenied))
        };
        assert!(StoreError::lost("raw/00").is_of_object());
        assert!(refused(READ).is_of_object());
        assert!(!refused("write").is_of_object());
        assert!(!StoreError::remote("read", "raw/00")(broken("S3")).is_of_object());
    }

    #[test]
    fn a_failure_of_the_store_inside_a_plan_is_told_as_one() {
        let in_parquet = ParquetError::External(Box::new(broken("S3")));
        for error in [
            DataFusionError::ObjectStore(Box::new(broken("S3"))),
            DataFusionError::ParquetError(Box::new(in_parquet)),
        ] {
            let told = told(error).unwrap();
            assert!(
                told.starts_with("cannot read a table of the warehouse: ")
                    && told.contains("data/a.parquet: connection reset")
                    && told.ends_with(ASK),
                "{told}"
            );
        }
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = DataFusionError::ObjectStore(Box::new(object_store::Error::Generic {
            store: LOCAL,
            source: source.into(),
        }));
        assert!(
            told(error)
                .unwrap()
                .ends_with("; check who owns the folder")
        );
    }

    #[test]
    fn so_is_one_that_is_handed_on_as_text() {
        let general = |cause: &str| {
            let text = format!("Failed to fetch metadata for file data/a.parquet: {cause}");
            DataFusionError::ParquetError(Box::new(ParquetError::General(text)))
        };
        let error = DataFusionError::ObjectStore(Box::new(broken("S3"))).to_string();
        let failed = told(general(&error)).unwrap();
        assert!(
            failed.contains("data/a.parquet: Generic S3 error: ") && failed.ends_with(ASK),
            "{failed}"
        );
        let lost = "Object Store error: Object at location data/a.parquet not found: gone";
        assert_eq!(
            told(general(lost)).unwrap(),
            "there is no data/a.parquet in the warehouse; it was taken away, restore it from a backup"
        );
        // A footer that came and is damaged, and a plan that is wrong, are no failures of the store.
        assert_eq!(told(general("Parquet error: Corrupt footer")), None);
        assert_eq!(told(DataFusionError::Plan("wrong".to_owned())), None);
    }
}
