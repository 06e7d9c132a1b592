//! What is known of operations from files of their list that are not read.
//!
//! Does not own where it is known from: from rows of a release, for a list whose vintages are replaced (`settled`) and for one that
//! grows (`grown`). Nothing is known where all files are read.

use std::collections::{HashMap, HashSet};

use super::published::FileKey;
use crate::map::FileInput;

/// What files that are not read say of the operations of those that are. Nothing where all are read.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The day on which each was first published.
    pub(super) firsts: HashMap<String, Option<i32>>,
    /// The day since which each is published as it is there.
    pub(super) since: HashMap<String, Option<i32>>,
    /// Operations of a list that grows whose rows are those of files that are not read.
    pub(super) elsewhere: HashSet<String>,
    /// Source and hash of the file whose row each operation of a list that grows has, of those that new files name.
    pub(super) stands: HashMap<String, FileKey>,
    /// The release whose history of a list that grows is taken over; none where it is made of what is read.
    pub(super) release: Option<u64>,
}

impl Before {
    /// Whether what a file says of an operation is compared with what a later one says: as far as it stands, and not as a part of
    /// the history that is taken over.
    pub(super) fn compares(&self, file: &FileInput, id: &str) -> bool {
        let is_new = (self.release).is_none_or(|release| file.first_seen > release);
        let stands = self.stands.get(id);
        is_new
            || stands.is_some_and(|(source_id, sha256)| {
                *source_id == file.source.source_id && *sha256 == file.sha256
            })
    }
}
