//! Carrying out a plan.

use std::collections::HashSet;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::{Folder, Item, JOURNAL, Plan, Reason, name};
use crate::release::{Release, Result, Warehouse};

/// How many objects are removed at once.
const AT_ONCE: usize = 16;

/// What a collection removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    /// How many releases.
    pub releases: u64,
    /// How many objects, the documents of the releases among them.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
}

/// Removes what a plan names: first the documents, then what only they named.
///
/// What a release names that was published since the plan was made stays. Fails where the store does; what is left then
/// goes with the next collection.
pub async fn apply(warehouse: &Warehouse, plan: &Plan) -> Result<Collected> {
    let (documents, files): (Vec<&Item>, Vec<&Item>) = plan
        .items
        .iter()
        .partition(|item| item.folder == Folder::Releases);
    let has_journal = begin(warehouse, plan, &files).await?;
    for document in &documents {
        warehouse.store().delete(&document.path).await?;
    }
    // A file must not be gone from the disk while the document that names it could come back after a loss of power.
    warehouse.sync().await?;
    let named_since = named_since(warehouse, plan).await?;
    let stays = |item: &&Item| {
        let hash = item.folder.hash(&item.path);
        hash.is_some_and(|hash| named_since.contains(hash))
    };
    let files: Vec<&Item> = files.into_iter().filter(|item| !stays(item)).collect();
    stream::iter(files.clone())
        .map(Ok)
        .try_for_each_concurrent(AT_ONCE, |item| remove(warehouse, item))
        .await?;
    if has_journal {
        warehouse.store().delete(JOURNAL).await?;
    }
    warehouse.sync().await?;
    let gone = documents.iter().chain(&files);
    Ok(Collected {
        releases: documents.len() as u64,
        files: (documents.len() + files.len()) as u64,
        bytes: gone.map(|item| item.bytes).sum(),
    })
}

/// Writes down which published bytes are about to go with their releases: once the documents are removed, nothing else
/// tells them from those that were archived and never loaded. Says whether there is a journal.
async fn begin(warehouse: &Warehouse, plan: &Plan, files: &[&Item]) -> Result<bool> {
    let goes = |item: &&&Item| item.folder == Folder::Raw && item.reason == Reason::OldRelease;
    let raw: Vec<&str> = files
        .iter()
        .filter(goes)
        .map(|item| item.path.as_str())
        .collect();
    if plan.dropped.is_empty() || raw.is_empty() {
        return Ok(plan.is_continued);
    }
    let journal = json!({"releases": plan.dropped, "raw": raw}).to_string();
    warehouse.store().put(JOURNAL, journal.into()).await?;
    warehouse.store().sync().await?;
    Ok(true)
}

/// What releases name that the plan does not know.
async fn named_since(warehouse: &Warehouse, plan: &Plan) -> Result<HashSet<String>> {
    let newest = plan.kept.last().copied().unwrap_or_default();
    let mut named = HashSet::new();
    for number in warehouse.numbers().await? {
        if number > newest {
            name::add(warehouse, &Release::path(number), &mut named).await?;
        }
    }
    Ok(named)
}

async fn remove(warehouse: &Warehouse, item: &Item) -> Result<()> {
    let store = match warehouse.restricted() {
        Some(restricted) if item.apart => restricted,
        _ => warehouse.store(),
    };
    Ok(store.delete(&item.path).await?)
}
