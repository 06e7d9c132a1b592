//! Public tables as Delta logs, so that Spark, Trino, Polars, DuckDB and R read them with nothing of ours.
//!
//! Owns: the logs `data/<table>/_delta_log/<version>.json` and `delta.json`, which remembers where each of them ends.
//! Does not own: the files of the tables (see [`crate::write`]) and what belongs to a release (see [`crate::release`]).
//!
//! # Where the logs lie
//! A log lies beside the files of its table and names them by their bare names. The protocol allows absolute addresses
//! too, and a log elsewhere; but what `deltalake` 1.6 gives to Arrow, and with it to DuckDB, looks for them below the
//! table, on a disk as on S3, and in a warehouse that is moved or copied they would all be wrong. Whoever lists `data/`
//! meets `_delta_log` folders there: removing unused files must leave them alone.
//!
//! # What they say
//! Versions count from 0 without gaps, releases do not: a release adds a commit to the logs of those tables whose files
//! or columns it changed. Its number is kept in the action `txn` (application `esf`) and in `commitInfo`, where readers
//! find the version of a release. Commits append, or overwrite where files have left; a table that is public no longer
//! ends with a commit that removes all its files. Bounds are given for text, integers and dates, where they are exact.
//!
//! There are no checkpoints: a reader fetches a small object for each change of a table, some hundreds a year at most.
//! Clean-up by other programs is held off by the properties of the tables; it would remove files of kept releases.
//! Removing an old release leaves the versions of its own files unreadable, as `VACUUM` would; the newest never.
//!
//! # When they are written
//! After a release is published, and from what the log itself says: one that a crash left behind is brought forward by
//! the next run, by one commit for each release that is still there. A commit is one conditional create; who comes
//! second reads what the first has written and goes on from there. `delta.json` only saves reading logs whose newest
//! commit is still the remembered one. Nothing else may write to a log: a commit without our `txn` is an error, and the
//! log is left alone.

mod commit;
mod error;
mod head;
mod log;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use esf_schemas::Visibility;
use futures::future::try_join_all;

pub use error::DeltaError;

use head::{HEADS, Head, Heads};
use log::Log;

use crate::{
    release::{Release, Warehouse},
    store::Store,
};

/// The result of writing Delta logs.
pub type Result<T, E = DeltaError> = std::result::Result<T, E>;

/// Brings the logs of all public tables to a published release and says how many commits were written.
///
/// Costs one read where nothing has changed since the last call. Does nothing if a later release was synced already.
/// Fails if the store fails, if somebody else wrote to a log or removed a part of it, or if a column has a type that
/// Delta does not know. The release stays as it is then, and the next call completes what is missing.
pub async fn sync_logs(warehouse: &Warehouse, release: &Release) -> Result<usize> {
    let store = warehouse.store_of(Visibility::Public);
    let remembered = Heads::read(store).await?;
    if remembered
        .as_ref()
        .is_some_and(|heads| heads.release > release.number)
    {
        return Ok(0);
    }
    let mut names: BTreeSet<String> = release
        .tables
        .iter()
        .filter(|(_, table)| table.visibility == Visibility::Public)
        .map(|(name, _)| name.clone())
        .collect();
    match &remembered {
        Some(heads) => names.extend(heads.tables.keys().cloned()),
        None => names.extend(log::tables(store).await?),
    }
    let mut heads = remembered.unwrap_or_default();
    if heads.release + 1 >= release.number {
        names = behind(&heads, names, release)?;
        if names.is_empty() && heads.release == release.number {
            return Ok(0);
        }
    }
    let opened = names.into_iter().map(|name| Log::open(store, name, &heads));
    let mut logs = try_join_all(opened).await?;
    let mut commits = 0;
    for number in missing(warehouse, &logs, release).await? {
        // A release may be removed while this goes on; the next one makes up for it.
        if let Some(earlier) = warehouse.read_if_exists(number).await? {
            commits += advance(store, &mut logs, &earlier).await?;
        }
    }
    commits += advance(store, &mut logs, release).await?;
    heads.release = release.number;
    for log in logs {
        let (name, head) = log.into_parts();
        heads.tables.insert(name, head);
    }
    heads.write(store).await?;
    Ok(commits)
}

/// Removes the logs of tables, so that the next [`sync_logs`] writes them anew from the releases there are.
///
/// For `esf redact`: a log names files, and bounds of their values, of all releases that ever were. Until the next sync
/// the tables are unknown to other engines. Interrupted, it is completed by calling it again.
pub async fn forget_logs(warehouse: &Warehouse, tables: &[&str]) -> Result<()> {
    let store = warehouse.store_of(Visibility::Public);
    store.delete(HEADS).await?;
    for table in tables {
        // The newest first: what an interruption leaves is a shorter log, never one with a gap.
        for entry in store.list(&log::folder(table)).await?.iter().rev() {
            store.delete(&entry.path).await?;
        }
    }
    Ok(store.sync().await?)
}

/// The tables whose logs do not say what the release says, as far as is remembered.
fn behind(heads: &Heads, names: BTreeSet<String>, release: &Release) -> Result<BTreeSet<String>> {
    let unknown = Head::default();
    let mut behind = BTreeSet::new();
    for name in names {
        let head = heads.tables.get(&name).unwrap_or(&unknown);
        if commit::commit(&name, head, release)?.is_some() {
            behind.insert(name);
        }
    }
    Ok(behind)
}

/// The releases between what the logs have seen and the one they are brought to, ascending.
async fn missing(warehouse: &Warehouse, logs: &[Log], release: &Release) -> Result<Vec<u64>> {
    let seen = logs.iter().map(Log::seen).min().unwrap_or(release.number);
    if seen + 1 >= release.number {
        return Ok(Vec::new());
    }
    let mut numbers = warehouse.numbers().await?;
    numbers.retain(|number| (seen + 1..release.number).contains(number));
    Ok(numbers)
}

/// Brings all logs to a release, side by side; says how many commits were written.
async fn advance(store: &Store, logs: &mut [Log], release: &Release) -> Result<usize> {
    let written = logs.iter_mut().map(|log| log.advance(store, release));
    Ok(try_join_all(written).await?.into_iter().sum())
}
