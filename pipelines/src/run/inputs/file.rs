//! One file of a list or a reference, and its bytes.
//!
//! Owns where its bytes come from and that they are kept in the archive, or what stands there in their place where a
//! redaction keeps them out. They are copied and hashed in pieces, and stay on disk where they are there. Does not own
//! which files a list has.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use esf_engine::redact::{Mask, RawTombstone, keep_out, let_in, raw_tombstone};
use esf_engine::release::Warehouse;
use esf_engine::store::{Copied, Store, StoreError, raw_path};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::map::{FileInput, Issue, MapError};
use crate::merge::Failure;
use crate::read::Content;
use crate::redaction::Masks;
use crate::run::RunError;
use crate::run::chosen::PassedOver;
use crate::run::reference::beside;
use crate::snapshot::{FoundFile, Origin, SnapshotError, unreadable};
use crate::source::{Source, SourceKind};

/// One file of a list.
#[derive(Clone)]
pub(in crate::run) struct InputFile {
    /// Its source.
    pub source: Arc<Source>,
    /// Its name.
    pub file_name: String,
    /// Its hash.
    pub sha256: String,
    /// Its size; 0 for a file of people that is in the archive.
    pub bytes: u64,
    /// Number of the release in which it was first seen.
    pub first_seen: u64,
    /// Date of publication given with it.
    pub published: Option<Date>,
    /// Earlier publications of the same bytes, the oldest first.
    pub earlier: Vec<Issue>,
    /// The name under which it counted, where that is another from this release on.
    pub formerly: Option<String>,
    /// Why somebody took it though its control failed.
    pub accepted: Option<String>,
    /// Files that came together with it, and in place of which somebody said that it counts.
    pub over: Vec<PassedOver>,
    /// Where it was found today; otherwise it is in the archive.
    pub found: Option<FoundFile>,
    /// Whether a redaction keeps its bytes out of the archive.
    pub redacted: bool,
}

impl InputFile {
    /// Which rendition of its list it is: the least is the best.
    pub(in crate::run) fn rendition(&self) -> (u32, &str) {
        (
            self.source.toml.rendition_rank,
            self.source.source_id.as_str(),
        )
    }

    /// All names that it has: the one under which it counts, and those under which it lies there today.
    pub(in crate::run) fn names(&self) -> impl Iterator<Item = &str> {
        let today = self.found.iter();
        let today = today.flat_map(|found| std::iter::once(&found.file_name).chain(&found.also));
        let names = std::iter::once(&self.file_name).chain(today);
        names.map(String::as_str)
    }

    /// The file as one that cannot be used.
    pub(in crate::run) fn failed(&self, error: &SnapshotError) -> Failure {
        self.failure(MapError::List(error.to_string()))
    }

    /// The file as one whose bytes in the archive are gone or damaged.
    pub(in crate::run) fn unread(&self, cause: &StoreError) -> Failure {
        self.failure(MapError::Archived(cause.to_string()))
    }

    /// The file as one that cannot be used for what is wrong elsewhere.
    pub(in crate::run) fn without(&self, message: String) -> Failure {
        self.failure(MapError::List(message))
    }

    /// The file as one whose control failed.
    pub(in crate::run) fn refused(&self, message: String) -> Failure {
        self.failure(MapError::Control(message))
    }

    /// Whether its bytes were taken away and are nowhere else.
    pub(in crate::run) fn is_lost(&self) -> bool {
        self.redacted && self.found.is_none()
    }

    /// The file with its bytes, from where it was found today or from the archive. Where `archive` is set, what was found today
    /// is kept there before anybody parses it, unless it holds what a redaction keeps out: then that is noted in its place.
    /// What has more bytes than `max_bytes` is refused before it is read or kept.
    pub(in crate::run) async fn load(
        &self,
        warehouse: &Warehouse,
        archive: bool,
        masks: &Masks,
        max_bytes: u64,
    ) -> Result<FileInput, RunError> {
        let content = match &self.found {
            Some(found) => {
                found.check_size(max_bytes)?;
                // Also what is there already: a run that was cut off may have left half of it, and it then counts as new, so that
                // garbage collection leaves it to this run.
                if archive {
                    self.archive(warehouse.store(), found, masks).await?
                } else {
                    let there = found.clone();
                    beside(move || there.check()).await??;
                    found.content()
                }
            }
            None => self.archived_content(warehouse.store()).await?,
        };
        Ok(FileInput {
            source: Arc::clone(&self.source),
            file_name: self.file_name.clone(),
            sha256: self.sha256.clone(),
            content,
            published: self.published,
            first_seen: self.first_seen,
            earlier: self.earlier.clone(),
        })
    }
}

impl InputFile {
    fn failure(&self, error: MapError) -> Failure {
        Failure {
            source_id: self.source.source_id.clone(),
            file_name: self.file_name.clone(),
            sha256: self.sha256.clone(),
            error,
        }
    }

    /// Keeps bytes that were found today once more, where the archive has lost them or has others under their hash; tells whether
    /// it did. `kept` are the sizes of what it has; with `closely` what is as large is read as well, for it may be damaged.
    pub(in crate::run) async fn keep_again(
        &self,
        store: &Store,
        masks: &Masks,
        kept: &BTreeMap<String, u64>,
        closely: bool,
    ) -> Result<bool, RunError> {
        let Some(found) = self.found.as_ref().filter(|_| !self.redacted) else {
            return Ok(false);
        };
        let is_whole = |size: Option<u64>| size == Some(found.bytes);
        // A list of objects may be out of date or cut off.
        if !is_whole(kept.get(&self.sha256).copied())
            && !is_whole(store.size(&raw_path(&self.sha256)).await?)
        {
            return self.replace(store, found, masks).await;
        }
        if !closely {
            return Ok(false);
        }
        match store.check_raw(&self.sha256).await {
            Ok(_) => Ok(false),
            Err(error) if error.is_of_object() => self.replace(store, found, masks).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps bytes in the place of those that are lost or damaged; tells whether they could be read and may be kept.
    async fn replace(
        &self,
        store: &Store,
        found: &FoundFile,
        masks: &Masks,
    ) -> Result<bool, RunError> {
        match self.is_kept_out(store, found, masks).await {
            Ok(false) => {}
            Ok(true) | Err(RunError::Snapshot(_)) => return Ok(false),
            Err(error) => return Err(error),
        }
        let path = match &found.origin {
            Origin::Path(path) => path,
            Origin::Memory(bytes) => {
                store.put(&raw_path(&self.sha256), bytes.clone()).await?;
                return Ok(true);
            }
        };
        let copied = store.replace_raw_file(&self.sha256, path).await?;
        Ok(matches!(copied, Copied::Kept))
    }

    /// Whether bytes hold what a redaction keeps out, as stands in their place or is noted there now.
    async fn is_kept_out(
        &self,
        store: &Store,
        found: &FoundFile,
        masks: &Masks,
    ) -> Result<bool, RunError> {
        // Names in reference tables are places or public figures, and nothing could be read without them.
        let is_reference = self.source.toml.kind == SourceKind::Reference;
        // Looked for without any record as well: nobody knows then what is kept out.
        if raw_tombstone(store, &self.sha256).await?.is_some() {
            if is_reference && !masks.is_empty() {
                let_in(store, &self.sha256).await?;
                return Ok(false);
            }
            let there = found.clone();
            beside(move || there.check()).await??;
            return Ok(true);
        }
        let Some((redaction, reason)) = masks.newest().filter(|_| !is_reference) else {
            return Ok(false);
        };
        let there = found.clone();
        let bytes = beside(move || there.load()).await??;
        // Also of bytes that are there: a run that the redaction overtook may have kept them.
        if !masks.holds(Some(&self.source.source_id), &bytes) {
            return Ok(false);
        }
        let tombstone = RawTombstone {
            redaction: redaction.to_owned(),
            redacted_at: Timestamp::now(),
            reason: reason.to_owned(),
        };
        keep_out(store, &self.sha256, &tombstone).await?;
        if store.has_raw(&self.sha256).await? {
            store.sync().await?;
            store.delete(&raw_path(&self.sha256)).await?;
        }
        Ok(true)
    }

    /// Keeps the bytes, or what stands in their place; gives where they are read from.
    async fn archive(
        &self,
        store: &Store,
        found: &FoundFile,
        masks: &Masks,
    ) -> Result<Content, RunError> {
        if self.is_kept_out(store, found, masks).await? {
            return Ok(found.content());
        }
        let path = match &found.origin {
            Origin::Path(path) => path,
            Origin::Memory(bytes) => {
                store.put_raw_as(&self.sha256, bytes.clone()).await?;
                return Ok(found.content());
            }
        };
        match store.put_raw_file(&self.sha256, path).await? {
            // What somebody downloads to may change; what is kept does not.
            Copied::Kept => Ok(match store.folder() {
                Some(folder) => self.kept_in(folder, found.bytes),
                None => found.content(),
            }),
            Copied::Changed => Err(RunError::Snapshot(SnapshotError::Changed {
                path: path.display().to_string(),
            })),
            Copied::Unreadable(cause) => Err(RunError::Snapshot(unreadable(path, cause))),
        }
    }

    /// The bytes in the archive of a warehouse that is a folder.
    fn kept_in(&self, folder: &Path, bytes: u64) -> Content {
        Content::File {
            path: folder.join(raw_path(&self.sha256)),
            bytes,
            sha256: self.sha256.clone(),
        }
    }

    /// The bytes in the archive, verified; where they are gone, says whether a redaction took them. Bytes that are gone or
    /// damaged are told apart from a store that fails.
    async fn archived_content(&self, store: &Store) -> Result<Content, RunError> {
        let kept = match store.folder() {
            Some(folder) => {
                let size = store.check_raw(&self.sha256).await;
                size.map(|bytes| self.kept_in(folder, bytes))
            }
            None => store.get_raw(&self.sha256).await.map(Content::from),
        };
        let cause = match kept {
            Err(error) if error.is_of_object() => error,
            kept => return Ok(kept?),
        };
        if matches!(cause, StoreError::NotFound { .. })
            && let Some(tombstone) = raw_tombstone(store, &self.sha256).await?
        {
            return Err(RunError::Redacted {
                file: self.file_name.clone(),
                day: tombstone.redacted_at.to_zoned(TimeZone::UTC).date(),
                reason: tombstone.reason,
            });
        }
        Err(RunError::Archived {
            source_id: self.source.source_id.clone(),
            file: self.file_name.clone(),
            cause: Box::new(cause),
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::run::made;
    use crate::snapshot::in_memory;

    #[tokio::test]
    async fn a_file_that_is_too_large_is_not_kept() {
        let source = Arc::new(made::source("made", "kind = \"operations\"\n"));
        let found = in_memory(&source, "a.csv", Bytes::from_static(b"four"));
        let mut file = made::file(&source, &found.file_name, &found.sha256);
        file.bytes = found.bytes;
        file.found = Some(found);
        let warehouse = Warehouse::new(Store::memory());
        let masks = Masks::default();
        let loaded = file.load(&warehouse, true, &masks, 3).await;
        let error = SnapshotError::TooLarge {
            path: "a.csv".to_owned(),
            bytes: 4,
            limit: 3,
        };
        assert_eq!(loaded.err().unwrap().to_string(), error.to_string());
        assert!(warehouse.store().list("raw").await.unwrap().is_empty());
        file.load(&warehouse, true, &masks, 4).await.unwrap();
        assert!(warehouse.store().has_raw(&file.sha256).await.unwrap());
    }

    #[tokio::test]
    async fn bytes_that_the_archive_has_lost_or_has_damaged_are_kept_again() {
        let source = Arc::new(made::source("made", "kind = \"operations\"\n"));
        let found = in_memory(&source, "a.csv", Bytes::from_static(b"four"));
        let mut file = made::file(&source, &found.file_name, &found.sha256);
        let (store, masks) = (Store::memory(), Masks::default());
        let path = raw_path(&file.sha256);
        let mut nothing = BTreeMap::new();
        let lost = file.keep_again(&store, &masks, &nothing, true).await;
        assert!(!lost.unwrap(), "nobody has it");
        file.found = Some(found);
        for kept in [None, Some("fo"), Some("fOur")] {
            if let Some(kept) = kept {
                store.put(&path, Bytes::from(kept)).await.unwrap();
            }
            let again = file.keep_again(&store, &masks, &nothing, true).await;
            assert!(again.unwrap(), "{kept:?}");
            assert_eq!(store.get_raw(&file.sha256).await.unwrap(), "four");
        }
        // What is as large is taken for whole, unless somebody looks closely.
        store.put(&path, Bytes::from("fOur")).await.unwrap();
        nothing.insert(file.sha256.clone(), 4);
        for (closely, is_again) in [(false, false), (true, true), (true, false)] {
            let again = file.keep_again(&store, &masks, &nothing, closely).await;
            assert_eq!(again.unwrap(), is_again, "{closely}");
        }
        // What a redaction took away stays away.
        store.delete(&path).await.unwrap();
        file.redacted = true;
        let sizes = BTreeMap::new();
        let again = file.keep_again(&store, &masks, &sizes, true).await;
        assert!(!again.unwrap());
        assert!(!store.has_raw(&file.sha256).await.unwrap());
    }

    #[tokio::test]
    async fn bytes_that_something_stands_in_place_of_are_not_kept_without_a_record() {
        let warehouse = Warehouse::new(Store::memory());
        let (store, masks) = (warehouse.store(), Masks::default());
        for kind in ["operations", "reference"] {
            let source = Arc::new(made::source("made", &format!("kind = \"{kind}\"\n")));
            let found = in_memory(&source, "a.csv", Bytes::from(kind));
            let mut file = made::file(&source, &found.file_name, &found.sha256);
            file.bytes = found.bytes;
            file.found = Some(found);
            let tombstone = RawTombstone::default();
            keep_out(store, &file.sha256, &tombstone).await.unwrap();
            let nothing = BTreeMap::new();
            let again = file.keep_again(store, &masks, &nothing, true).await;
            assert!(!again.unwrap(), "{kind}");
            // It is read all the same.
            let loaded = file.load(&warehouse, true, &masks, 99).await;
            assert!(loaded.is_ok(), "{kind}");
            assert!(!store.has_raw(&file.sha256).await.unwrap(), "{kind}");
            let there = raw_tombstone(store, &file.sha256).await.unwrap();
            assert_eq!(there, Some(tombstone), "{kind}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_gone_from_the_archive_is_told_from_a_store_that_fails() {
        let source = Arc::new(made::source("made", "kind = \"operations\"\n"));
        let warehouse = Warehouse::new(Store::memory());
        let store = warehouse.store();
        let kept = store.put_raw(Bytes::from_static(b"four")).await.unwrap();
        let file = made::file(&source, "a.csv", &kept);
        let masks = Masks::default();
        let load = || file.load(&warehouse, true, &masks, 9);
        assert!(load().await.is_ok());
        store
            .put(&raw_path(&kept), Bytes::from_static(b"fOur"))
            .await
            .unwrap();
        let damaged = load().await.err().unwrap();
        store.delete(&raw_path(&kept)).await.unwrap();
        let lost = load().await.err().unwrap();
        for (error, told) in [(damaged, " is damaged: "), (lost, "it was taken away")] {
            assert!(matches!(error, RunError::Archived { .. }), "{error}");
            assert!(error.to_string().contains(told), "{error}");
        }
    }
}
