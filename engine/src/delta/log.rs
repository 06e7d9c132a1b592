//! The log of one table, as it is read and continued.

use std::collections::BTreeSet;

use esf_schemas::Visibility;

use super::{
    DeltaError, Result,
    commit::commit,
    head::{Head, Heads},
};
use crate::{
    release::Release,
    store::{Created, Store, sha256},
};

/// The folder of a log inside the folder of its table.
const FOLDER: &str = "_delta_log";

/// A log whose head is known.
#[derive(Debug)]
pub(super) struct Log {
    name: String,
    head: Head,
    seen: u64,
}

impl Log {
    /// Finds out where the log of a table ends: where it is remembered, if that commit is still there as it was,
    /// otherwise from all commits.
    pub(super) async fn open(store: &Store, name: String, heads: &Heads) -> Result<Self> {
        let remembered = heads.tables.get(&name);
        if let Some(head) = remembered
            && let Some(newest) = head.commits.checked_sub(1)
        {
            let found = store.get_if_exists(&path(&name, newest)).await?;
            if found.is_some_and(|commit| sha256(&commit) == head.newest) {
                return Ok(Self {
                    name,
                    head: head.clone(),
                    seen: heads.release.max(head.release),
                });
            }
        }
        let head = read(store, &name).await?;
        // A table that is not remembered and has no log came after the release that all others were brought to.
        let is_new = remembered.is_none() && head.commits == 0;
        let seen = if is_new { heads.release } else { head.release };
        Ok(Self { name, head, seen })
    }

    /// The release up to which the log misses nothing.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// The table, and where its log ends.
    pub(super) fn into_parts(self) -> (String, Head) {
        (self.name, self.head)
    }

    /// Continues the log so that it says what the release says, unless it has gone further already. Says how many
    /// commits were written: one or none.
    pub(super) async fn advance(&mut self, store: &Store, release: &Release) -> Result<usize> {
        while self.head.release <= release.number {
            let Some(commit) = commit(&self.name, &self.head, release)? else {
                break;
            };
            let path = path(&self.name, self.head.commits);
            match store.create(&path, commit.clone().into()).await? {
                Created::New => {
                    self.head.apply(&self.name, &commit)?;
                    return Ok(1);
                }
                // Another run, or our own request repeated by the storage client.
                Created::Exists => {
                    let found = store.get(&path).await?;
                    self.head.apply(&self.name, &found)?;
                }
            }
        }
        Ok(0)
    }
}

/// The folder of the log of a table.
pub(super) fn folder(table: &str) -> String {
    format!("{}/{table}/{FOLDER}", Visibility::Public.folder())
}

/// The path of a commit.
pub(super) fn path(table: &str, version: u64) -> String {
    format!("{}/{version:020}.json", folder(table))
}

/// The tables that have a log.
pub(super) async fn tables(store: &Store) -> Result<BTreeSet<String>> {
    let paths = store.paths(Visibility::Public.folder()).await?;
    let table = |path: &String| {
        let mut parts = path.split('/').skip(1);
        let name = parts.next()?;
        (parts.next()? == FOLDER).then(|| name.to_owned())
    };
    Ok(paths.iter().filter_map(table).collect())
}

/// Reads a whole log. Other objects beside the commits, such as checkpoints by other programs, are passed over.
async fn read(store: &Store, table: &str) -> Result<Head> {
    let folder = folder(table);
    let mut head = Head::default();
    for object in store.paths(&folder).await? {
        let name = object.rsplit('/').next().unwrap_or_default();
        let Some(version) = name
            .strip_suffix(".json")
            .filter(|digits| digits.len() == 20)
            .and_then(|digits| digits.parse::<u64>().ok())
        else {
            continue;
        };
        if version != head.commits {
            let path = path(table, head.commits);
            return Err(DeltaError::Gap { path, folder });
        }
        head.apply(table, &store.get(&object).await?)?;
    }
    Ok(head)
}
