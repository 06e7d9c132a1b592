//! Published bytes that were taken away: what stands in their place.
//!
//! `raw/<sha256>.redacted.json` says so, when and why. Whoever finds bytes missing looks there before speaking of a loss.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::{Result, Store, raw_path};

/// The ending of what stands in place of published bytes.
const ENDING: &str = ".redacted.json";

/// How many are read side by side.
const AT_ONCE: usize = 16;

/// What stands in place of published bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RawTombstone {
    /// The redaction.
    pub redaction: String,
    /// When the bytes were taken away, or kept out.
    pub redacted_at: Timestamp,
    /// Why, in the operator's words.
    pub reason: String,
}

impl Default for RawTombstone {
    fn default() -> Self {
        Self {
            redaction: String::new(),
            redacted_at: Timestamp::UNIX_EPOCH,
            reason: String::new(),
        }
    }
}

fn path(hash: &str) -> String {
    format!("{}{ENDING}", raw_path(hash))
}

/// Whether this is the path of what stands in place of published bytes.
pub(super) fn is_tombstone(path: &str) -> bool {
    path.ends_with(ENDING)
}

/// What stands in place of published bytes; `None` if nothing does. One that cannot be read counts all the same.
pub async fn raw_tombstone(store: &Store, hash: &str) -> Result<Option<RawTombstone>> {
    let path = path(hash);
    // It is there for hardly any, and the answer to such a look has no body that could be cut off.
    if store.size(&path).await?.is_none() {
        return Ok(None);
    }
    let bytes = store.get_if_exists(&path).await?;
    Ok(bytes.map(|bytes| serde_json::from_slice(&bytes).unwrap_or_default()))
}

/// Sets what stands in place of published bytes. The bytes themselves are left to the caller.
pub async fn keep_out(store: &Store, hash: &str, tombstone: &RawTombstone) -> Result<()> {
    // A text, a time and a text are JSON always.
    let bytes = serde_json::to_vec(tombstone).unwrap_or_default();
    store.put(&path(hash), bytes.into()).await
}

/// Lets bytes be kept again that a redaction took for those of a list, before any release said what they are: nothing stands
/// in their place any more.
pub async fn let_in(store: &Store, hash: &str) -> Result<()> {
    store.delete(&path(hash)).await
}

/// The hashes of all published bytes that are kept out.
pub async fn redacted_raw(store: &Store) -> Result<BTreeSet<String>> {
    let hash = |path: &str| Some(path.strip_prefix("raw/")?.strip_suffix(ENDING)?.to_owned());
    let paths = store.paths("raw").await?;
    Ok(paths.iter().filter_map(|path| hash(path)).collect())
}

/// The redactions that are named in place of published bytes. What cannot be read names none.
pub(super) async fn named(store: &Store) -> Result<BTreeSet<String>> {
    let hashes = redacted_raw(store).await?;
    let told = stream::iter(hashes)
        .map(|hash| async move { raw_tombstone(store, &hash).await })
        .buffered(AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    let ids = told.into_iter().flatten().map(|one| one.redaction);
    Ok(ids.filter(|id| !id.is_empty()).collect())
}

/// Removes bytes that are kept out and there nevertheless: a run that began before the redaction may have kept them again.
/// Says how many.
pub async fn sweep_raw(store: &Store) -> Result<usize> {
    let paths = store.paths("raw").await?;
    let all: BTreeSet<&str> = paths.iter().map(String::as_str).collect();
    let kept_out = all.iter().filter_map(|path| path.strip_suffix(ENDING));
    let back: Vec<&str> = kept_out.filter(|bytes| all.contains(bytes)).collect();
    for bytes in &back {
        store.delete(bytes).await?;
    }
    if !back.is_empty() {
        store.sync().await?;
    }
    Ok(back.len())
}
