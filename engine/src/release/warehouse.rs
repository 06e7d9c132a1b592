//! A warehouse: its stores, and the releases in it.

use std::time::Duration;

use esf_schemas::Visibility;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use serde_json::Value;

use super::{AsOf, DataFile, Release, ReleaseError, Result};
use crate::store::{Store, StoreError};

/// A folder on any storage that holds releases. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Warehouse {
    store: Store,
    restricted: Option<Store>,
}

impl Warehouse {
    /// Opens the warehouse at a location (see [`Store::open`]); it may be empty or not exist yet.
    pub fn open(location: &str) -> Result<Self> {
        Ok(Self::new(Store::open(location)?))
    }

    /// A warehouse in this store. Restricted tables lie in its folder `restricted/`.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            restricted: None,
        }
    }

    /// Puts restricted tables into another store. Published bytes stay in the folder `raw/` of this one.
    #[must_use]
    pub fn with_restricted(mut self, store: Store) -> Self {
        self.restricted = Some(store);
        self
    }

    /// This warehouse as a dry run sees it: everything can be read, and what is written is gone with the last clone.
    pub fn rehearsal(&self) -> Result<Self> {
        Ok(Self {
            store: self.store.rehearsal()?,
            restricted: self.restricted.as_ref().map(Store::rehearsal).transpose()?,
        })
    }

    /// The store of documents, raw bytes, public and operator tables.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The store that holds the files of tables of a visibility.
    pub fn store_of(&self, visibility: Visibility) -> &Store {
        match (&self.restricted, visibility) {
            (Some(store), Visibility::Restricted) => store,
            _ => &self.store,
        }
    }

    /// The store of its own that holds restricted tables, if there is one.
    pub fn restricted(&self) -> Option<&Store> {
        self.restricted.as_ref()
    }

    /// Compares a file of a table of this visibility with its hash, before its rows go into a new file: that one would count
    /// as sound, whatever the disk did to this one. Fails with [`StoreError::Damaged`] if it is not what was written.
    pub async fn check_file(&self, visibility: Visibility, file: &DataFile) -> Result<()> {
        let found = self.store_of(visibility).hash(&file.path).await?;
        if found == file.sha256 {
            return Ok(());
        }
        let damaged = StoreError::Damaged {
            path: file.path.clone(),
            expected: file.sha256.clone(),
            found,
        };
        Err(damaged.into())
    }

    /// The location as the user named it.
    pub fn location(&self) -> &str {
        self.store.location()
    }

    /// The newest release, or `None` in a new warehouse.
    pub async fn latest(&self) -> Result<Option<Release>> {
        match self.numbers().await?.last() {
            Some(number) => Ok(Some(self.read(*number).await?)),
            None => Ok(None),
        }
    }

    /// The release asked for. Fails if there is none, saying what there is.
    pub async fn get(&self, as_of: AsOf) -> Result<Release> {
        let location = || self.location().to_owned();
        let numbers = self.numbers().await?;
        let latest = numbers.last().copied();
        match as_of {
            AsOf::Latest => {
                self.read(latest.ok_or_else(|| ReleaseError::Empty {
                    location: location(),
                })?)
                .await
            }
            AsOf::Number(number) if numbers.binary_search(&number).is_ok() => {
                self.read(number).await
            }
            AsOf::Number(number) => Err(ReleaseError::NoSuchRelease {
                number,
                latest,
                location: location(),
            }),
            AsOf::Date(date) => {
                let end = end_of(date);
                // From the newest down: what people ask for is mostly recent.
                for number in numbers.into_iter().rev() {
                    let release = self.read(number).await?;
                    if release.created_at < end {
                        return Ok(release);
                    }
                }
                Err(ReleaseError::NoReleaseAt {
                    date,
                    latest,
                    location: location(),
                })
            }
        }
    }

    /// The numbers of all releases, ascending.
    pub async fn numbers(&self) -> Result<Vec<u64>> {
        let number = |path: &String| {
            let name = path.strip_prefix("releases/")?;
            name.strip_suffix(".json")?.parse::<u64>().ok()
        };
        let paths = self.store.paths("releases").await?;
        let mut numbers: Vec<u64> = paths.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// All releases, ascending. Reads every document.
    pub async fn list(&self) -> Result<Vec<Release>> {
        let mut releases = Vec::new();
        for number in self.numbers().await? {
            releases.push(self.read(number).await?);
        }
        Ok(releases)
    }

    /// All releases that can be read, ascending; and the numbers of the others, with why they cannot: their documents are damaged, or
    /// of a later program. Fails if the store does.
    pub async fn readable(&self) -> Result<(Vec<Release>, Vec<(u64, ReleaseError)>)> {
        let (mut releases, mut others) = (Vec::new(), Vec::new());
        for number in self.numbers().await? {
            match self.read(number).await {
                Ok(release) => releases.push(release),
                Err(error @ (ReleaseError::Unreadable { .. } | ReleaseError::Newer { .. })) => {
                    others.push((number, error));
                }
                Err(error) => return Err(error),
            }
        }
        Ok((releases, others))
    }

    /// Fails with [`ReleaseError::Given`] if by the records of runs other content than this was published under a number whose
    /// document is gone. Reads the records from the newest back, to the first that published an earlier release: nights that found
    /// nothing new since may stand on the one before. Fails too if the store does.
    pub async fn check_number(&self, number: u64, content_hash: &str) -> Result<()> {
        for run_id in self.runs().await?.into_iter().rev() {
            let record = match self.run(&run_id).await {
                Ok(record) => record,
                // What it did is not known, and no reason to publish nothing any more.
                Err(
                    ReleaseError::Unreadable { .. }
                    | ReleaseError::Store(StoreError::NotFound { .. }),
                ) => continue,
                Err(error) => return Err(error),
            };
            let Some(known) = record["number"].as_u64() else {
                continue;
            };
            let given = record["content_hash"].as_str();
            if known < number && given.is_some() {
                break;
            }
            match given.filter(|_| known == number) {
                Some(given) if given == content_hash => break,
                Some(given) => return self.check_there(number, run_id, given).await,
                None => {}
            }
        }
        Ok(())
    }

    /// Fails if the document of a number that a run has given is gone. Where it is there, that run was another, and publishing finds
    /// out.
    async fn check_there(&self, number: u64, run_id: String, content_hash: &str) -> Result<()> {
        let path = Release::path(number);
        if self.store.size(&path).await?.is_some() {
            return Ok(());
        }
        Err(ReleaseError::Given {
            number,
            run_id,
            content_hash: content_hash.to_owned(),
            path,
        })
    }

    /// Whether this is a demonstration made of samples; `None` as long as nothing is published.
    pub async fn demonstration(&self) -> Result<Option<bool>> {
        Ok(self.latest().await?.map(|release| release.demonstration))
    }

    /// The document of a release as it is stored, for checking its content hash.
    pub async fn document(&self, number: u64) -> Result<Value> {
        let path = Release::path(number);
        let bytes = self.store.get(&path).await?;
        serde_json::from_slice(&bytes).map_err(|e| ReleaseError::Unreadable {
            path,
            reason: e.to_string(),
        })
    }

    /// Keeps what a run did as `runs/<id>.json`, replacing an earlier record of the same run.
    pub async fn record_run(&self, run_id: &str, record: &(impl Serialize + Sync)) -> Result<()> {
        let path = run_path(run_id);
        let bytes = serde_json::to_vec(record).map_err(|e| ReleaseError::Draft {
            reason: format!("the record of run {run_id} is no JSON: {e}"),
        })?;
        self.store.put(&path, bytes.into()).await?;
        Ok(self.store.sync().await?)
    }

    /// The record of a run.
    pub async fn run(&self, run_id: &str) -> Result<Value> {
        let path = run_path(run_id);
        let bytes = self.store.get(&path).await?;
        serde_json::from_slice(&bytes).map_err(|e| ReleaseError::Unreadable {
            path,
            reason: e.to_string(),
        })
    }

    /// The ids of all recorded runs, sorted as text.
    pub async fn runs(&self) -> Result<Vec<String>> {
        let id = |path: &String| {
            let id = path.strip_prefix("runs/")?.strip_suffix(".json")?;
            Some(id.to_owned())
        };
        let paths = self.store.paths("runs").await?;
        Ok(paths.iter().filter_map(id).collect())
    }

    /// Reads a document whose number was found in the listing.
    pub(crate) async fn read(&self, number: u64) -> Result<Release> {
        match self.read_if_exists(number).await? {
            Some(release) => Ok(release),
            None => Err(StoreError::NotFound {
                path: Release::path(number),
                location: self.location().to_owned(),
            }
            .into()),
        }
    }

    /// The document of a release, or `None` if there is none.
    pub(crate) async fn read_if_exists(&self, number: u64) -> Result<Option<Release>> {
        let path = Release::path(number);
        self.store
            .get_if_exists(&path)
            .await?
            .map(|bytes| Release::parse(&path, &bytes))
            .transpose()
    }

    /// Removes temporary files that were left behind more than `age` ago, in both stores; says how many.
    pub async fn sweep(&self, age: Duration) -> Result<usize> {
        let mut swept = self.store.sweep(age).await?;
        if let Some(restricted) = &self.restricted {
            swept += restricted.sweep(age).await?;
        }
        Ok(swept)
    }

    /// Makes everything written so far durable, in both stores.
    pub(crate) async fn sync(&self) -> Result<()> {
        self.store.sync().await?;
        if let Some(restricted) = &self.restricted {
            restricted.sync().await?;
        }
        Ok(())
    }
}

fn run_path(run_id: &str) -> String {
    format!("runs/{run_id}.json")
}

/// The first moment after a day (UTC).
fn end_of(date: Date) -> Timestamp {
    date.tomorrow()
        .and_then(|next| next.to_zoned(TimeZone::UTC))
        .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}
