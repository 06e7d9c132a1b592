//! What stops a whole run.

use datafusion::error::DataFusionError;
use esf_engine::derivation::DerivationError;
use esf_engine::redact::RedactError;
use esf_engine::release::ReleaseError;
use esf_engine::session::SessionError;
use esf_engine::store::StoreError;
use esf_engine::write::WriteError;
use jiff::civil::Date;

use crate::snapshot::SnapshotError;
use crate::source::SourceError;

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Declarations cannot be used.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Files cannot be found or read.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Releases cannot be read or written.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A table could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A session could not be opened.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A derivation failed.
    #[error(transparent)]
    Derivation(Box<DerivationError>),
    /// A redaction could not be completed, or a record of one cannot be read.
    #[error(transparent)]
    Redact(#[from] Box<RedactError>),
    /// Published bytes are needed that a redaction took away.
    #[error(
        "the published bytes of {file} were taken away by a redaction on {day} ({reason}); its rows stay and cannot be derived again"
    )]
    Redacted {
        /// Name of the file.
        file: String,
        /// The day (UTC).
        day: Date,
        /// Why, in the operator's words.
        reason: String,
    },
    /// Published bytes that are needed again are gone from the archive, or are not what was kept there.
    #[error("{file} of {source_id} was to be read again: {cause}")]
    Archived {
        /// Source.
        source_id: String,
        /// Name of the file.
        file: String,
        /// What is wrong with the object.
        cause: Box<StoreError>,
    },
    /// A plan failed, and not because the store did.
    #[error("internal: a plan failed: {0}")]
    Plan(#[source] DataFusionError),
    /// Rows could not be put together.
    #[error(transparent)]
    Rows(#[from] crate::merge::rows::RowsError),
    /// A reference table is not what it should be.
    #[error("reference {source_id}: {file}: {cause}")]
    Reference {
        /// Source.
        source_id: String,
        /// File.
        file: String,
        /// Why.
        cause: String,
    },
    /// A file for a source that is not one of a kind that takes files.
    #[error(
        "the file {file} needs a name: give --as NAME, so that the generic source {source_id} can keep it as a list of its own"
    )]
    NeedsName {
        /// File.
        file: String,
        /// Source.
        source_id: String,
    },
    /// A name that would hide a declared source, or join its list.
    #[error(
        "--as {name}: there is a declared source or list of that name; choose another, or ingest it without --as"
    )]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A name under which files of another kind stand.
    #[error(
        "--as {name}: {file} is read as {came}, and what stands under that name is {stands}; give {file} a name of its own, or, if it should be the same, look into it: an error message may lie there in place of it, or the ending of its name may be wrong"
    )]
    NameOfAnotherKind {
        /// The name.
        name: String,
        /// What stands there.
        stands: &'static str,
        /// The file.
        file: String,
        /// What the file is.
        came: &'static str,
    },
    /// Samples and real data do not mix.
    #[error("{location} is {}; samples and real data are never published side by side: choose another --warehouse", if *demonstration { "a demonstration made of bundled samples" } else { "a warehouse of real data" })]
    Demonstration {
        /// The warehouse.
        location: String,
        /// What it is.
        demonstration: bool,
    },
    /// Synthetic data were to be made where other data lie.
    #[error("{location} holds {}; synthetic data have a warehouse of their own: choose another --warehouse", if *demonstration { "bundled samples" } else { "real data" })]
    NotSynthetic {
        /// The warehouse.
        location: String,
        /// Whether it is a demonstration.
        demonstration: bool,
    },
    /// Published data were to be loaded where synthetic data lie.
    #[error(
        "{location} holds synthetic data of `esf generate`, which nothing else is published beside: choose another --warehouse"
    )]
    Synthetic {
        /// The warehouse.
        location: String,
    },
    /// Another run published in between.
    #[error(
        "another run ({run_id}) published release {number} while this one was at work; nothing was changed, run it again"
    )]
    Overtaken {
        /// The number that it took.
        number: u64,
        /// The other run.
        run_id: String,
    },
    /// The release was published, and what is recorded after that could not be written.
    #[error(
        "release {number} of this run is published and stands; what is recorded after that is lacking, until the next run: {cause}"
    )]
    Unrecorded {
        /// The release.
        number: u64,
        /// Why.
        cause: Box<RunError>,
    },
    /// A worker died.
    #[error("internal: a worker stopped: {0}")]
    Worker(String),
}

impl From<DataFusionError> for RunError {
    fn from(error: DataFusionError) -> Self {
        StoreError::behind(&error).map_or(Self::Plan(error), Self::Store)
    }
}

impl From<Box<DerivationError>> for RunError {
    fn from(error: Box<DerivationError>) -> Self {
        let failed = match error.as_ref() {
            DerivationError::Plan { source, .. } => StoreError::behind(source),
            _ => None,
        };
        failed.map_or(Self::Derivation(error), Self::Store)
    }
}

impl RunError {
    /// Whether it can come of what another run did beside this one: something was gone that a release names.
    pub(super) fn may_be_of_another(&self) -> bool {
        matches!(
            self,
            Self::Release(_)
                | Self::Store(_)
                | Self::Write(_)
                | Self::Session(_)
                | Self::Derivation(_)
                | Self::Redacted { .. }
                | Self::Archived { .. }
                | Self::Snapshot(SnapshotError::Unreadable { .. })
                | Self::Plan(_)
        )
    }

    /// The exit code of the contract in design section 8.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Source(_)
            | Self::NeedsName { .. }
            | Self::NameTaken { .. }
            | Self::NameOfAnotherKind { .. }
            | Self::Demonstration { .. }
            | Self::NotSynthetic { .. }
            | Self::Synthetic { .. }
            | Self::Snapshot(SnapshotError::Claimed { .. }) => 2,
            Self::Snapshot(_) => 5,
            Self::Redacted { .. } => 3,
            Self::Overtaken { .. } => 75,
            Self::Unrecorded { cause, .. } => cause.exit_code(),
            Self::Redact(error) if matches!(**error, RedactError::Overtaken { .. }) => 75,
            _ => 1,
        }
    }
}
