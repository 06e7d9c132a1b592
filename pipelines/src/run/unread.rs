//! What of the folders of downloaded files cannot be read tonight.
//!
//! Owns what follows from it: the sources whose files it is are told as stale, nothing is concluded from their files being
//! absent, and the others go on. Only where no folder at all can be read, and nothing came from elsewhere, there is no
//! night. Does not own looking through the folders (`snapshot::mirror`).

use std::collections::BTreeMap;

use super::RunError;
use super::inputs::Found;
use super::report::{SourceReport, SourceState};
use crate::snapshot::{self, SnapshotError};

/// What cannot be read.
#[derive(Debug, Default)]
pub(super) struct Unread {
    /// Files of declared sources.
    files: Vec<snapshot::Unread>,
    /// Folders, of which nobody knows what lies in them.
    folders: Vec<String>,
    /// Whether folders were named and none of them can be read.
    none_readable: bool,
}

impl Unread {
    /// Files and folders, as looking through them found.
    pub(super) fn new(
        files: Vec<snapshot::Unread>,
        folders: &[SnapshotError],
        none_readable: bool,
    ) -> Self {
        Self {
            files,
            folders: folders.iter().map(ToString::to_string).collect(),
            none_readable,
        }
    }

    /// Fails where no folder can be read and no file came from elsewhere.
    pub(super) fn check(&self, found: &[Found]) -> Result<(), RunError> {
        if !(self.none_readable && found.is_empty()) {
            return Ok(());
        }
        let told = self.folders.join(", ");
        Err(SnapshotError::NoMirror { told }.into())
    }

    /// Whether nothing is unread.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty()
    }

    /// Why folders cannot be read.
    pub(super) fn folders(&self) -> &[String] {
        &self.folders
    }

    /// Whether a file of this source is there that cannot be read.
    pub(super) fn is_of(&self, source_id: &str) -> bool {
        (self.files.iter()).any(|file| file.source.source_id == source_id)
    }

    /// Whether a file of this source may be there that cannot be read.
    pub(super) fn may_be_of(&self, source_id: &str) -> bool {
        !self.folders.is_empty() || self.is_of(source_id)
    }

    /// The sources with files that cannot be read, one report each.
    pub(super) fn reports(&self) -> Vec<SourceReport> {
        let mut of_sources: BTreeMap<&str, Vec<&snapshot::Unread>> = BTreeMap::new();
        for file in &self.files {
            let source_id = file.source.source_id.as_str();
            of_sources.entry(source_id).or_default().push(file);
        }
        (of_sources.into_values())
            .filter_map(|files| {
                files
                    .split_first()
                    .map(|(first, more)| stale(first, more.len()))
            })
            .collect()
    }
}

/// A source of which this file, and so many more, cannot be read.
fn stale(file: &snapshot::Unread, more: usize) -> SourceReport {
    let mut message = file.error.to_string();
    if more > 0 {
        message = format!("{message} (and {more} more of its files)");
    }
    SourceReport {
        message: Some(message),
        ..SourceReport::bare(
            &file.source.source_id,
            file.source.list_id(),
            &file.file_name,
            SourceState::Stale,
        )
    }
}
