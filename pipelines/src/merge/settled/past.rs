//! The files of a list whose vintages are replaced, divided into those of its newest vintage and those that are settled.

use std::collections::HashMap;

use crate::map::days;
use crate::merge::published::{ByFile, PublishedFile};
use crate::merge::vintage::{Dated, Vintage, vintages};
use crate::source::{SourceKind, Vintage as VintageKind};

/// The files of a list in a release: those of its newest vintage, and those that are settled.
#[derive(Debug)]
pub(crate) struct Past {
    /// Files of the vintages before the newest.
    pub(super) files: Vec<PublishedFile>,
    /// The same by source and hash, each with the position of the vintage whose best file it is, if it is that.
    pub(super) settled: ByFile<Option<usize>>,
    /// The days of these vintages, the oldest first.
    pub(super) days: Vec<Option<i32>>,
    /// The best file of the newest vintage.
    pub(super) newest: PublishedFile,
    /// The day of the newest vintage.
    day: Option<i32>,
}

impl Past {
    /// Divides the files of a list, none of which was published more than once. `None` where no vintage is settled: there is
    /// only one, newer ones do not stand for the whole list, or nobody can tell their order.
    pub(crate) fn of(files: &[PublishedFile]) -> Option<Self> {
        let kind = files.first()?.source.toml.kind;
        let is_replaced = |file: &PublishedFile| {
            file.source.toml.kind == kind && file.source.toml.vintage == VintageKind::Replace
        };
        if !matches!(kind, SourceKind::Operations | SourceKind::Statistics)
            || !files.iter().all(is_replaced)
        {
            return None;
        }
        let dated: Vec<Dated<'_>> = files.iter().map(PublishedFile::dated).collect();
        let order = vintages(&dated, false).ok()?;
        let (newest, older) = order.split_last().filter(|(_, older)| !older.is_empty())?;
        let day = |vintage: &Vintage| vintage.published.map(days);
        let mut past = Self {
            files: Vec::new(),
            settled: ByFile::new(),
            days: older.iter().map(day).collect(),
            newest: files[*newest.files.first()?].clone(),
            day: day(newest),
        };
        for (position, vintage) in older.iter().enumerate() {
            for (rank, at) in vintage.files.iter().enumerate() {
                let file = files[*at].clone();
                past.settled.insert(&file, (rank == 0).then_some(position));
                past.files.push(file);
            }
        }
        Some(past)
    }

    /// Source and hash of each file that is settled.
    pub(crate) fn into_files(self) -> impl Iterator<Item = (String, String)> {
        self.settled.into_keys()
    }

    /// Whether a file is settled.
    pub(crate) fn has(&self, source_id: &str, sha256: &str) -> bool {
        self.settled.get(source_id, sha256).is_some()
    }

    /// Source and hash of the file that the operations of the release are from.
    pub(crate) fn newest(&self) -> (&str, &str) {
        self.newest.key()
    }

    /// Positions of the vintages by source and hash of their best files.
    pub(super) fn vintages(&self) -> HashMap<(&str, &str), usize> {
        let files = self.settled.all();
        let best = files.filter_map(|((source_id, sha256), vintage)| {
            Some(((source_id.as_str(), sha256.as_str()), (*vintage)?))
        });
        best.collect()
    }

    /// The day of the vintage behind one of the settled ones.
    pub(super) fn day_behind(&self, vintage: usize) -> Option<i32> {
        let next = self.days.get(vintage + 1);
        next.map_or(self.day, |day| *day)
    }
}
