//! The record of a redaction: what it keeps out, as hashes, and what it changed.

use std::collections::{BTreeMap, BTreeSet};

use esf_schemas::Visibility;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{RedactError, Result, raw::named};
use crate::release::{Release, ReleaseError, Warehouse};

/// Where records lie: in the restricted store, if the warehouse has one.
pub const FOLDER: &str = "redactions";

/// The format version written, and the newest one read.
const FORMAT_VERSION: u64 = 2;

/// A redaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// The format of this record.
    pub format_version: u64,
    /// The id, which is also that of its run and of the release of its own.
    pub id: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Why, in the operator's words, without the text.
    pub reason: String,
    /// What the hashes are taken with.
    pub salt: String,
    /// What is kept out.
    pub terms: BTreeSet<Term>,
    /// Ids that were made from what is kept out, each as one word: others stand in their place.
    #[serde(default)]
    pub ids: BTreeSet<Term>,
    /// Whether every step is done.
    #[serde(default)]
    pub done: bool,
    /// Whether published bytes were looked through after the last run that began before it must have ended.
    #[serde(default)]
    pub swept: bool,
    /// The newest release when everything was looked through again after it was done, and nothing held what it keeps out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<u64>,
    /// The release of its own, the last one if there are several.
    #[serde(default)]
    pub release: Option<u64>,
    /// The releases that were rewritten.
    #[serde(default)]
    pub releases: BTreeMap<u64, ChangedRelease>,
    /// The files of tables that were written anew, by their old path.
    #[serde(default)]
    pub files: BTreeMap<String, ChangedFile>,
    /// The sha256 of published bytes that were taken away.
    #[serde(default)]
    pub raw: BTreeSet<String>,
    /// Fields of later programs.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A run of words that is kept out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Term {
    /// How many words.
    pub words: usize,
    /// A byte of a hash of the first word, by which most texts are passed over quickly.
    pub first: u8,
    /// The salted sha256 of the words.
    pub sha256: String,
    /// Whose rows it is kept out of; of all, where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Owner>,
}

/// An operation or organisation whose rows a word is kept out of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner {
    /// A byte of a hash of its id, by which most rows are passed over quickly.
    pub first: u8,
    /// The salted sha256 of its id.
    pub sha256: String,
    /// The sources that named it: published bytes of theirs that hold the word are kept out as well.
    pub sources: BTreeSet<String>,
}

/// A release that was rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRelease {
    /// The content hash before.
    pub old: String,
    /// The content hash since.
    pub new: String,
}

/// A file of a table that was written anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// The table.
    pub table: String,
    /// The sha256 before.
    pub old: String,
    /// The sha256 since.
    pub new: String,
}

impl Redaction {
    /// A redaction that begins now.
    pub fn new(id: &str, reason: &str, salt: &str, terms: BTreeSet<Term>) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            id: id.to_owned(),
            created_at: Timestamp::now(),
            reason: reason.to_owned(),
            salt: salt.to_owned(),
            terms,
            ids: BTreeSet::new(),
            done: false,
            swept: false,
            through: None,
            release: None,
            releases: BTreeMap::new(),
            files: BTreeMap::new(),
            raw: BTreeSet::new(),
            extra: Map::new(),
        }
    }

    /// Whether all releases up to the newest are known to be without what it keeps out: the newest names it, or everything was
    /// looked through since. Where it is not though it is done, whoever published the newest release did not have the record.
    pub fn is_settled(&self, newest: Option<&Release>) -> bool {
        let Some(newest) = newest else {
            return self.done;
        };
        let is_looked_through = self.through.is_some_and(|number| number >= newest.number);
        is_looked_through || newest.redactions().contains(&self.id)
    }

    fn path(&self) -> String {
        format!("{FOLDER}/{}.json", self.id)
    }

    fn parse(path: &str, bytes: &[u8]) -> Result<Self> {
        let unreadable = |reason: String| RedactError::Record {
            path: path.to_owned(),
            reason,
        };
        let record: Self =
            serde_json::from_slice(bytes).map_err(|error| unreadable(error.to_string()))?;
        if record.format_version > FORMAT_VERSION {
            let version = record.format_version;
            return Err(unreadable(format!("it has format version {version}")));
        }
        Ok(record)
    }
}

/// All redactions of a warehouse, in the order in which they were begun.
///
/// Fails where one cannot be read: a run that passed it over would publish again what was taken away.
pub async fn redactions(warehouse: &Warehouse) -> Result<Vec<Redaction>> {
    let store = warehouse.store_of(Visibility::Restricted);
    let mut all = Vec::new();
    for entry in store.list(FOLDER).await? {
        if entry.path.ends_with(".json") {
            all.push(Redaction::parse(
                &entry.path,
                &store.get(&entry.path).await?,
            )?);
        }
    }
    Ok(all)
}

/// The same, and fails also with [`RedactError::Lost`] where the newest release carries on a redaction whose record is not there: it is
/// lost, or lies in a restricted store that nobody has named. Whoever went on would publish again what it took away.
pub async fn redactions_of(
    warehouse: &Warehouse,
    newest: Option<&Release>,
) -> Result<Vec<Redaction>> {
    let told = carried(warehouse, newest).await?;
    complete(warehouse, told).await
}

/// The same, and fails also where what stands in place of published bytes names a redaction whose record is not there.
pub async fn all_redactions(
    warehouse: &Warehouse,
    newest: Option<&Release>,
) -> Result<Vec<Redaction>> {
    let mut told = carried(warehouse, newest).await?;
    told.extend(named(warehouse.store()).await?);
    complete(warehouse, told).await
}

/// The redactions that the newest release carries on. Where it is of a program that did not, those that any release names: of such
/// programs only the documents that a redaction rewrote name it.
async fn carried(warehouse: &Warehouse, newest: Option<&Release>) -> Result<BTreeSet<String>> {
    let Some(newest) = newest else {
        return Ok(BTreeSet::new());
    };
    let mut told = newest.redactions();
    if newest.kept_out_by.is_some() {
        return Ok(told);
    }
    for number in warehouse.numbers().await? {
        match warehouse.read_if_exists(number).await {
            Ok(Some(release)) => told.extend(release.redactions()),
            // It was dropped meanwhile, or is damaged: no night needs it, and what stands in place of published bytes is asked too.
            Ok(None) | Err(ReleaseError::Unreadable { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(told)
}

/// All redactions; fails where one of those that were told has no record. Whoever asks has looked for what is told before: a record
/// is durable before it is named anywhere, so that it is there when it is looked for afterwards.
async fn complete(warehouse: &Warehouse, told: BTreeSet<String>) -> Result<Vec<Redaction>> {
    let all = redactions(warehouse).await?;
    let is_known = |id: &String| all.iter().any(|one| one.id == *id);
    match told.into_iter().find(|id| !is_known(id)) {
        None => Ok(all),
        Some(id) => Err(RedactError::Lost {
            id,
            location: (warehouse.store_of(Visibility::Restricted))
                .location()
                .to_owned(),
        }),
    }
}

/// Writes the record of a redaction, durably, over an earlier state of it.
pub async fn keep(warehouse: &Warehouse, redaction: &Redaction) -> Result<()> {
    let store = warehouse.store_of(Visibility::Restricted);
    let path = redaction.path();
    let bytes = serde_json::to_vec_pretty(redaction).map_err(|error| RedactError::Record {
        path: path.clone(),
        reason: error.to_string(),
    })?;
    store.put(&path, bytes.into()).await?;
    Ok(store.sync().await?)
}
