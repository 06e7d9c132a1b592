//! What can go wrong with releases. Each message names the release and what to do next.

use crate::store::StoreError;

/// An error of a [`Warehouse`](super::Warehouse).
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no release of this number.
    #[error("there is no release {number} in {location}; {}", have(*.latest))]
    NoSuchRelease {
        /// The number asked for.
        number: u64,
        /// The newest number there is.
        latest: Option<u64>,
        /// The warehouse.
        location: String,
    },
    /// Nothing was published yet at this date.
    #[error("nothing was published in {location} by the end of {date} (UTC); {}", have(*.latest))]
    NoReleaseAt {
        /// The date asked for.
        date: jiff::civil::Date,
        /// The newest number there is.
        latest: Option<u64>,
        /// The warehouse.
        location: String,
    },
    /// Nothing was published at all.
    #[error(
        "nothing is published in {location} yet; run `esf nightly` first, or name another place with --warehouse"
    )]
    Empty {
        /// The warehouse.
        location: String,
    },
    /// `--as-of` is neither a number nor a date.
    #[error("{text:?} is neither a release number nor a date; write 42 or 2026-11-01")]
    AsOf {
        /// The text as given.
        text: String,
    },
    /// The document was written in a later format.
    #[error(
        "{path} has format version {found}, this program reads up to {supported}; use a newer esf"
    )]
    Newer {
        /// The document.
        path: String,
        /// Its version.
        found: u64,
        /// The newest version that can be read.
        supported: u64,
    },
    /// The document is no release.
    #[error(
        "{path} is no release document: {reason}; restore it from a backup, or if there is none move it out of the folder"
    )]
    Unreadable {
        /// The document.
        path: String,
        /// What was found instead.
        reason: String,
    },
    /// Made-up samples and real data would be mixed.
    #[error("{location} holds {}; {}", held(*.demonstration), instead(*.demonstration))]
    Demonstration {
        /// Whether the warehouse is the demonstration (and the new data are real).
        demonstration: bool,
        /// The warehouse.
        location: String,
    },
    /// The release to go back to is the newest.
    #[error("release {number} is the newest already; `esf releases` lists those before it")]
    AlreadyNewest {
        /// Its number.
        number: u64,
    },
    /// Files of the release to go back to are gone.
    #[error(
        "release {number} cannot be published again: {missing} of its files are gone or have another size, such as {example}; \
         restore them from a backup or choose another release"
    )]
    Incomplete {
        /// Its number.
        number: u64,
        /// How many files are missing.
        missing: usize,
        /// One of them.
        example: String,
    },
    /// The number was given to other content, whose document is gone.
    #[error(
        "release {number} was published by run {run_id} with the content {content_hash}, and its document {path} is gone: \
         other content must not take its number; restore the document from a backup, or if it is lost for good, remove \
         runs/{run_id}.json, and who cites release {number} will read something else"
    )]
    Given {
        /// The number.
        number: u64,
        /// The run that published it.
        run_id: String,
        /// The hash of what it published.
        content_hash: String,
        /// Where the document was.
        path: String,
    },
    /// The draft is not well formed; a fault of the program.
    #[error("release cannot be published: {reason}; please report this")]
    Draft {
        /// What is wrong.
        reason: String,
    },
    /// The store failed while publishing, and it cannot be read whether the release exists.
    #[error(
        "it is not known whether release {number} was published ({source}); look with `esf releases`, then run again: \
             a run repeated on the same inputs does no harm"
    )]
    Unknown {
        /// The number tried.
        number: u64,
        /// The failure.
        source: StoreError,
    },
}

fn have(latest: Option<u64>) -> String {
    match latest {
        Some(latest) => format!("the newest is {latest}, `esf releases` lists them"),
        None => "nothing is published there yet".to_owned(),
    }
}

fn held(demonstration: bool) -> &'static str {
    if demonstration {
        "a demonstration made of samples"
    } else {
        "real data"
    }
}

fn instead(demonstration: bool) -> &'static str {
    if demonstration {
        "real data never join it: name another place with --warehouse"
    } else {
        "samples never join it: name another place with --warehouse, or give a mirror or a file to read"
    }
}
