//! The files that a release stands on, and what is known of each.
//!
//! Owns by what such a file is found, its source and its hash, and of which of them the rows of a release say that newer vintages
//! took their place. Does not own what follows from that where newer files replace older ones (`settled`) or add to them (`grown`).

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::rows::{Tables, batches, of_files, text};
use super::vintage::{Dated, OLDER};
use crate::source::Source;

/// Source and hash of a file.
pub(super) type FileKey = (String, String);

/// A file that a release stands on.
#[derive(Debug, Clone)]
pub(crate) struct PublishedFile {
    /// Its source.
    pub(crate) source: Arc<Source>,
    /// Its hash.
    pub(crate) sha256: String,
    /// When it was published, as the release says.
    pub(crate) published: Option<Date>,
    /// Number of the release in which it was first seen.
    pub(crate) first_seen: u64,
}

impl PublishedFile {
    /// Source and hash.
    pub(super) fn key(&self) -> (&str, &str) {
        (&self.source.source_id, &self.sha256)
    }

    /// What is known of its day.
    pub(super) fn dated(&self) -> Dated<'_> {
        Dated {
            source_id: &self.source.source_id,
            published: self.published,
            first_seen: self.first_seen,
            earlier: &[],
            rank: self.source.toml.rendition_rank,
        }
    }
}

/// What is known of files, by source and hash.
#[derive(Debug)]
pub(super) struct ByFile<T>(HashMap<FileKey, T>);

impl<T> ByFile<T> {
    /// Nothing is known yet.
    pub(super) fn new() -> Self {
        Self(HashMap::new())
    }

    /// Keeps what is known of a file.
    pub(super) fn insert(&mut self, file: &PublishedFile, known: T) {
        let (source_id, sha256) = file.key();
        let key = (source_id.to_owned(), sha256.to_owned());
        self.0.insert(key, known);
    }

    /// What is known of a file.
    pub(super) fn get(&self, source_id: &str, sha256: &str) -> Option<&T> {
        let key = (source_id.to_owned(), sha256.to_owned());
        self.0.get(&key)
    }

    /// All files, in no order, each with what is known of it.
    pub(super) fn all(&self) -> impl Iterator<Item = (&FileKey, &T)> {
        self.0.iter()
    }

    /// All files, in no order.
    pub(super) fn into_keys(self) -> impl Iterator<Item = FileKey> {
        self.0.into_keys()
    }
}

/// Source and hash of the files with rows that a newer vintage took the place of. `None` where the rows do not say what they
/// must.
pub(super) fn overridden(tables: &Tables) -> Option<Vec<(&str, &str)>> {
    let mut found = Vec::new();
    for batch in batches(tables, "ignored_rows") {
        let (sources, files) = of_files(batch)?;
        let reasons = text(batch, "reason")?;
        let older = (0..batch.num_rows()).filter(|row| reasons.value(*row) == OLDER);
        found.extend(older.map(|row| (sources.value(row), files.value(row))));
    }
    Some(found)
}
