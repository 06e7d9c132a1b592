//! Where logs end: what all their commits say together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{DeltaError, Result, log};
use crate::store::{Store, sha256};

/// Where the heads of all logs are remembered. Only a memory: without it they are read from the logs.
pub(super) const HEADS: &str = "delta.json";

/// The application under whose name the number of a release is kept in a log.
pub(super) const APPLICATION: &str = "esf";

/// What the commits of a log say together; by default, a log without commits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// How many commits there are, which is the version of the next one.
    pub(super) commits: u64,
    /// The sha256 of the newest commit.
    pub(super) newest: String,
    /// The release of the newest commit.
    pub(super) release: u64,
    /// The sha256 of the schema.
    pub(super) schema: String,
    /// The files of the table, named as in the log.
    pub(super) files: BTreeSet<String>,
}

/// The heads of all logs.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Heads {
    /// The release that all logs were last brought to.
    pub(super) release: u64,
    /// The heads by table.
    pub(super) tables: BTreeMap<String, Head>,
}

/// What of an action says where a log ends; of the rest, nothing is needed again.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    add: Option<Path>,
    remove: Option<Path>,
    meta_data: Option<MetaData>,
    txn: Option<Transaction>,
}

#[derive(Deserialize)]
struct Path {
    path: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetaData {
    schema_string: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    app_id: String,
    version: u64,
}

impl Head {
    /// Adds the next commit of the table. Fails if it was not written by us.
    pub(super) fn apply(&mut self, table: &str, commit: &[u8]) -> Result<()> {
        let foreign = |reason: String| DeltaError::Foreign {
            path: log::path(table, self.commits),
            reason,
            folder: log::folder(table),
        };
        let mut release = None;
        let lines = commit.split(|byte| *byte == b'\n');
        for line in lines.filter(|line| !line.is_empty()) {
            let action: Action =
                serde_json::from_slice(line).map_err(|error| foreign(error.to_string()))?;
            if let Some(add) = action.add {
                self.files.insert(add.path);
            }
            if let Some(remove) = action.remove {
                self.files.remove(&remove.path);
            }
            if let Some(metadata) = action.meta_data {
                self.schema = sha256(metadata.schema_string.as_bytes());
            }
            if let Some(transaction) = action.txn.filter(|txn| txn.app_id == APPLICATION) {
                release = Some(transaction.version);
            }
        }
        self.release = release.ok_or_else(|| foreign("it names no release".to_owned()))?;
        self.newest = sha256(commit);
        self.commits += 1;
        Ok(())
    }
}

impl Heads {
    /// What is remembered; `None` if there is nothing, or nothing legible.
    pub(super) async fn read(store: &Store) -> Result<Option<Self>> {
        let bytes = store.get_if_exists(HEADS).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    pub(super) async fn write(&self, store: &Store) -> Result<()> {
        // Numbers and texts under text keys are JSON always; an empty memory would only be read anew.
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        Ok(store.put(HEADS, bytes.into()).await?)
    }
}
