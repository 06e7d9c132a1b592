//! The files of a list that grows, divided into those that are read again and those that are settled.

use std::collections::BTreeSet;

use crate::map::days;
use crate::merge::grows;
use crate::merge::published::{ByFile, PublishedFile};
use crate::merge::vintage::{Dated, vintages};
use crate::source::{SourceKind, Vintage as VintageKind};

/// The files of a list that grows in a release, and which of them are read again.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(super) files: Vec<PublishedFile>,
    /// Position of the vintage of each, by source and hash.
    positions: ByFile<usize>,
    /// The days of the vintages, the oldest first.
    pub(super) days: Vec<Option<i32>>,
    /// Positions of those that are read.
    pub(super) read: BTreeSet<usize>,
}

impl Parts {
    /// Divides the files of a list, none of which was published more than once. `None` where all have to be read: all came last,
    /// newer ones do not only add to the list, or nobody can tell their order.
    pub(crate) fn of(files: &[PublishedFile]) -> Option<Self> {
        let is_part = |file: &PublishedFile| {
            let toml = &file.source.toml;
            toml.kind == SourceKind::Operations
                && toml.vintage == VintageKind::Extend
                && file.source.is_public()
        };
        if !files.iter().all(is_part) {
            return None;
        }
        let newest = files.iter().map(|file| file.first_seen).max()?;
        // Parts that came together are in this order where all are read.
        let mut files = files.to_vec();
        files.sort_by_cached_key(|file| {
            let source_id = file.source.source_id.clone();
            (source_id, file.first_seen, file.sha256.clone())
        });
        let all: Vec<Dated<'_>> = files.iter().map(PublishedFile::dated).collect();
        let order = vintages(&all, grows(files.iter().map(|file| &*file.source))).ok()?;
        let last = order.len().checked_sub(1)?;
        let mut positions = ByFile::new();
        let mut read = BTreeSet::from([last]);
        for (position, vintage) in order.iter().enumerate() {
            for file in vintage.files.iter().map(|at| &files[*at]) {
                positions.insert(file, position);
                if file.first_seen == newest {
                    read.insert(position);
                }
            }
        }
        let days = order.iter().map(|vintage| vintage.published.map(days));
        let parts = Self {
            days: days.collect(),
            files,
            positions,
            read,
        };
        parts.is_one_settled().then_some(parts)
    }

    /// Source and hash of each file, also of those that are read.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(PublishedFile::key)
    }

    /// Whether a file is one of them, be it read or not.
    pub(crate) fn has(&self, source_id: &str, sha256: &str) -> bool {
        self.position(source_id, sha256).is_some()
    }

    /// The position of the vintage of a file.
    pub(super) fn position(&self, source_id: &str, sha256: &str) -> Option<usize> {
        self.positions.get(source_id, sha256).copied()
    }

    /// The position of the vintage of a file that is not read.
    pub(super) fn settled(&self, source_id: &str, sha256: &str) -> Option<usize> {
        let position = self.position(source_id, sha256);
        position.filter(|position| !self.read.contains(position))
    }

    /// Whether there are files that are not read.
    pub(super) fn is_one_settled(&self) -> bool {
        self.read.len() < self.days.len()
    }
}
