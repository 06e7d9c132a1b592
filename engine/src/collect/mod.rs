//! Collecting garbage: what no kept release names any more, and removing it.
//!
//! Owns which objects go and in which order. A [`Plan`] is made without changing anything; [`apply`] carries it out.
//!
//! Kept are the newest releases, every object that one of them names, everything younger than [`YOUNG`] (so also what a
//! run at work has written and not published yet), the records of runs, and whatever this program did not name itself.
//! Published bytes go only with a release that named them: what was archived and never loaded, because its source was
//! held, may be what a mended mapping reads.
//!
//! Invariants:
//! - a document is removed, durably, before the files it names: a reader finds a release whole or not at all;
//! - an interrupted collection leaves what [`crate::verify`] accepts, and the next one completes it;
//! - the newest release is kept, so numbers go on and are never used again.

mod apply;
mod name;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};

pub use apply::{Collected, apply};
pub use name::Folder;

use crate::{
    release::{Release, ReleaseError, Result, Warehouse},
    store::{Entry, Store},
};

/// What is younger is never removed, whatever names it.
pub const YOUNG: SignedDuration = SignedDuration::from_hours(24);

/// What a run knows of files it has fetched, which the next one may read again.
const FETCHED: &str = "fetched.json";

/// What a collection at work is about to remove. It stays behind where one was interrupted.
const JOURNAL: &str = "gc.json";

/// Why an object goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A release that is no longer kept, or what only such releases name.
    OldRelease,
    /// No release names it: a run made it that published nothing or was interrupted.
    NoRelease,
}

impl Reason {
    /// The reason for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::OldRelease => "of releases no longer kept",
            Self::NoRelease => "of no release",
        }
    }
}

/// An object that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The folder it lies in.
    pub folder: Folder,
    /// Its path.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Why it goes.
    pub reason: Reason,
    /// Whether it lies in the restricted store of its own.
    apart: bool,
}

/// What a collection would remove.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The releases that stay, ascending.
    pub kept: Vec<u64>,
    /// The releases that go, ascending.
    pub dropped: Vec<u64>,
    /// Everything that goes, documents first.
    pub items: Vec<Item>,
    /// Whether an earlier collection was interrupted.
    pub is_continued: bool,
}

/// What goes from one folder for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The folder.
    pub folder: Folder,
    /// The reason.
    pub reason: Reason,
    /// How many objects.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
}

impl Plan {
    /// The size of everything that goes.
    pub fn bytes(&self) -> u64 {
        self.items.iter().map(|item| item.bytes).sum()
    }

    /// What goes, by folder and reason.
    pub fn shares(&self) -> Vec<Share> {
        let mut shares: BTreeMap<(Folder, Reason), (u64, u64)> = BTreeMap::new();
        for item in &self.items {
            let (files, bytes) = shares.entry((item.folder, item.reason)).or_default();
            *files += 1;
            *bytes += item.bytes;
        }
        let share = |((folder, reason), (files, bytes))| Share {
            folder,
            reason,
            files,
            bytes,
        };
        shares.into_iter().map(share).collect()
    }
}

/// Finds out what can go if the newest `keep` releases (at least one) stay. Changes nothing.
///
/// Fails in a warehouse without a release, and where a release cannot be read: it is not known then what it names.
pub async fn plan(warehouse: &Warehouse, keep: usize, now: Timestamp) -> Result<Plan> {
    let documents = documents(warehouse).await?;
    if documents.is_empty() {
        return Err(ReleaseError::Empty {
            location: warehouse.location().to_owned(),
        });
    }
    let mut plan = Plan {
        kept: Vec::new(),
        dropped: Vec::new(),
        items: Vec::new(),
        is_continued: false,
    };
    let mut named = Named::default();
    let first_kept = documents.len() - keep.clamp(1, documents.len());
    for (place, (number, document)) in documents.into_iter().enumerate() {
        if place >= first_kept || is_young(&document, now) {
            // Refuses formats of later programs, which may name files in a way that is not understood here.
            warehouse.read(number).await?;
            name::add(warehouse, &document.path, &mut named.kept).await?;
            plan.kept.push(number);
        } else {
            name::add(warehouse, &document.path, &mut named.dropped).await?;
            plan.dropped.push(number);
            plan.items.push(Item {
                folder: Folder::Releases,
                path: document.path,
                bytes: document.bytes,
                reason: Reason::OldRelease,
                apart: false,
            });
        }
    }
    name::add(warehouse, FETCHED, &mut named.kept).await?;
    plan.is_continued = name::add(warehouse, JOURNAL, &mut named.dropped).await?;
    for (store, apart) in stores(warehouse) {
        for folder in Folder::of_files(apart, warehouse.restricted().is_some()) {
            for entry in store.list(folder.name()).await? {
                if is_young(&entry, now) {
                    continue;
                }
                if let Some(reason) = named.reason(*folder, &entry.path) {
                    plan.items.push(Item {
                        folder: *folder,
                        path: entry.path,
                        bytes: entry.bytes,
                        reason,
                        apart,
                    });
                }
            }
        }
    }
    Ok(plan)
}

/// The hashes that documents name.
#[derive(Default)]
struct Named {
    kept: HashSet<String>,
    dropped: HashSet<String>,
}

impl Named {
    /// Why an object goes; `None` if it stays.
    fn reason(&self, folder: Folder, path: &str) -> Option<Reason> {
        if folder == Folder::Temporary {
            return folder.is_unfinished(path).then_some(Reason::NoRelease);
        }
        let hash = folder.hash(path)?;
        match (self.kept.contains(hash), self.dropped.contains(hash)) {
            (true, _) => None,
            (false, true) => Some(Reason::OldRelease),
            (false, false) => (folder != Folder::Raw).then_some(Reason::NoRelease),
        }
    }
}

/// The documents of releases by number.
async fn documents(warehouse: &Warehouse) -> Result<BTreeMap<u64, Entry>> {
    let numbered = |entry: Entry| {
        let name = entry.path.strip_prefix("releases/")?;
        let number = name.strip_suffix(".json")?.parse().ok()?;
        (Release::path(number) == entry.path).then_some((number, entry))
    };
    let entries = warehouse.store().list(Folder::Releases.name()).await?;
    Ok(entries.into_iter().filter_map(numbered).collect())
}

/// The stores of a warehouse, and whether each is the restricted one of its own.
fn stores(warehouse: &Warehouse) -> impl Iterator<Item = (&Store, bool)> {
    let main = std::iter::once((warehouse.store(), false));
    main.chain(warehouse.restricted().map(|store| (store, true)))
}

fn is_young(entry: &Entry, now: Timestamp) -> bool {
    now.duration_since(entry.modified) < YOUNG
}
