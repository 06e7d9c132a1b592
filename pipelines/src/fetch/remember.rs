//! What was fetched the last time, so that only what changed is asked for and kept.
//!
//! Owns one small document beside the releases. Losing it costs one full download of everything, never data. Of a file that a
//! redaction keeps out of the archive it holds what it holds of others: the marks of its server, its masked name, size and hash.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use esf_engine::redact::redacted_raw;
use esf_engine::store::{Store, StoreError, sha256};
use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use serde::{Deserialize, Serialize};

use super::mask::masked;
use super::{Arrived, Fetched, Outcome};
use crate::snapshot::FoundFile;
use crate::source::Source;

/// The document's path in a warehouse.
pub const FETCHED: &str = "fetched.json";

/// What was fetched the last time, by source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Remembered(BTreeMap<String, Validators>);

/// What was fetched the last time for one source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// Where it came from after all redirects, credentials masked: for people.
    pub url: String,
    /// sha256 of that address without user and password, which could be tried against it, hex: what is compared.
    pub url_sha256: String,
    /// Hash of the source's declarations at that time, hex.
    pub declaration: String,
    /// The server's mark of this state of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When the file changed last, in the server's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// The files.
    pub files: Vec<RememberedFile>,
}

/// A file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedFile {
    /// Its name.
    pub file_name: String,
    /// sha256 of its bytes, hex.
    pub sha256: String,
    /// Number of bytes.
    pub bytes: u64,
}

impl Remembered {
    /// Reads the document of a warehouse. One that is missing or cannot be understood is empty; the latter is logged.
    ///
    /// Fails when the store does.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        let Some(bytes) = store.get_if_exists(FETCHED).await? else {
            return Ok(Self::default());
        };
        Ok(serde_json::from_slice(&bytes).unwrap_or_else(|error| {
            tracing::warn!("{FETCHED} cannot be read ({error}); everything is fetched anew");
            Self::default()
        }))
    }

    /// Writes the document. Call it when the bytes are archived: what is remembered is not asked for again.
    ///
    /// Fails when the store does.
    pub async fn save(&self, store: &Store) -> Result<(), StoreError> {
        // Maps of texts and numbers always become JSON; an empty document would only cost a download.
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        store.put(FETCHED, Bytes::from(text)).await
    }

    /// Masks the names of files and where they came from. What is compared stays as it is.
    pub fn mask(&mut self, masked: impl Fn(&str) -> String) {
        for known in self.0.values_mut() {
            known.url = masked(&known.url);
            for file in &mut known.files {
                file.file_name = masked(&file.file_name);
            }
        }
    }

    /// What is remembered of a source.
    pub fn get(&self, source_id: &str) -> Option<&Validators> {
        self.0.get(source_id)
    }

    /// Remembers what a run fetched. Sources that failed stay as they were.
    pub fn update(&mut self, fetched: &[Fetched]) {
        for Fetched {
            source, outcome, ..
        } in fetched
        {
            if let Outcome::New { remember, .. } | Outcome::Unchanged { remember } = outcome {
                self.0.insert(source.source_id.clone(), remember.clone());
            }
        }
    }

    /// Forgets sources of which a file is not in the archive (any more), or has another size there, so that it is fetched again: a
    /// run may have been stopped between the two, and disks fail. What a redaction keeps out is not lost: whoever needs its bytes
    /// asks for them. Of `references` nothing is kept out: one whose bytes a redaction took before any release had it is kept again.
    ///
    /// Fails when the store does.
    pub async fn forget_lost(
        &mut self,
        store: &Store,
        references: &BTreeSet<&str>,
    ) -> Result<(), StoreError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let (kept, kept_out) = (raw_sizes(store).await?, redacted_raw(store).await?);
        self.0.retain(|source_id, known| {
            let may_be_kept_out = !references.contains(source_id.as_str());
            known.files.iter().all(|file| {
                kept.get(&file.sha256) == Some(&file.bytes)
                    || (may_be_kept_out && kept_out.contains(&file.sha256))
            })
        });
        Ok(())
    }

    /// Forgets these sources, so that all of what they have is asked for; tells whether any of them was remembered.
    pub fn forget(&mut self, sources: &BTreeSet<String>) -> bool {
        let before = self.0.len();
        self.0.retain(|source_id, _| !sources.contains(source_id));
        self.0.len() < before
    }
}

/// The sizes of the published bytes in the archive, by hash.
///
/// Fails when the store does.
pub(crate) async fn raw_sizes(store: &Store) -> Result<BTreeMap<String, u64>, StoreError> {
    let entries = store.list("raw").await?.into_iter();
    let sizes = entries.filter_map(|entry| {
        let hash = entry.path.strip_prefix("raw/")?.to_owned();
        Some((hash, entry.bytes))
    });
    Ok(sizes.collect())
}

impl Validators {
    /// Of what arrived; the files are still to be told.
    pub(super) fn new(source: &Source, arrived: &Arrived) -> Self {
        Self {
            url: masked(&arrived.url),
            url_sha256: compared(&arrived.url),
            declaration: source.declaration_hash.clone(),
            etag: arrived.etag.clone(),
            last_modified: arrived.last_modified.clone(),
            files: Vec::new(),
        }
    }

    /// Whether this was fetched from that very address. Marks of another address say nothing about it.
    pub(super) fn is_from(&self, url: &Url) -> bool {
        self.url_sha256 == compared(url)
    }

    /// Headers that ask for the file only if it changed.
    pub(super) fn conditions(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let header = |name: HeaderName, value: Option<&str>| {
            Some((name, HeaderValue::from_str(value?).ok()?))
        };
        [
            header(IF_NONE_MATCH, self.etag.as_deref()),
            header(IF_MODIFIED_SINCE, self.last_modified.as_deref()),
        ]
        .into_iter()
        .flatten()
    }

    /// Whether these are the files of the last time, whatever their names and order.
    pub(super) fn are(&self, files: &[FoundFile]) -> bool {
        let known: BTreeSet<&str> = self.files.iter().map(|f| f.sha256.as_str()).collect();
        let found: BTreeSet<&str> = files.iter().map(|f| f.sha256.as_str()).collect();
        known == found
    }
}

fn compared(url: &Url) -> String {
    let mut url = url.clone();
    // An address that cannot have a user has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    sha256(url.as_str().as_bytes())
}

impl RememberedFile {
    pub(super) fn of(file: &FoundFile) -> Self {
        Self {
            file_name: file.file_name.clone(),
            sha256: file.sha256.clone(),
            bytes: file.bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use esf_engine::redact::{RawTombstone, keep_out};

    use super::*;

    fn one(store_hash: &str) -> Remembered {
        let known = Validators {
            url: "https://example.org/a.csv".into(),
            etag: Some("\"v1\"".into()),
            files: vec![RememberedFile {
                file_name: "a.csv".into(),
                sha256: store_hash.into(),
                bytes: 3,
            }],
            ..Validators::default()
        };
        Remembered(BTreeMap::from([("one".to_string(), known)]))
    }

    #[tokio::test]
    async fn the_document_is_kept_and_a_damaged_one_is_empty() {
        let store = Store::memory();
        assert_eq!(
            Remembered::load(&store).await.unwrap(),
            Remembered::default()
        );
        let remembered = one("00");
        remembered.save(&store).await.unwrap();
        assert_eq!(Remembered::load(&store).await.unwrap(), remembered);
        store
            .put(FETCHED, Bytes::from_static(b"{\"one\": {"))
            .await
            .unwrap();
        assert_eq!(
            Remembered::load(&store).await.unwrap(),
            Remembered::default()
        );
    }

    #[test]
    fn names_are_masked_and_what_is_compared_is_not() {
        let mut remembered = one("00");
        let before = remembered.clone();
        remembered.mask(|text| text.replace("a.csv", "[redacted].csv"));
        let masked = remembered.get("one").unwrap();
        assert_eq!(masked.url, "https://example.org/[redacted].csv");
        assert_eq!(masked.files[0].file_name, "[redacted].csv");
        let known = before.get("one").unwrap();
        assert_eq!(masked.etag, known.etag);
        assert_eq!(masked.url_sha256, known.url_sha256);
        assert_eq!(masked.files[0].sha256, known.files[0].sha256);
    }

    #[test]
    fn no_password_can_be_tried_against_what_is_compared() {
        let of = |url: &str| compared(&Url::parse(url).unwrap());
        let plain = of("https://example.org/a.csv");
        assert_eq!(of("https://anna:geheim@example.org/a.csv"), plain);
        assert_ne!(of("https://example.org/a.csv?v=2"), plain);
    }

    #[tokio::test]
    async fn what_is_not_archived_is_forgotten() {
        let (store, none) = (Store::memory(), BTreeSet::new());
        let hash = store.put_raw(Bytes::from_static(b"abc")).await.unwrap();
        let mut kept = one(&hash);
        kept.forget_lost(&store, &none).await.unwrap();
        assert!(kept.get("one").is_some());
        let mut lost = one("00");
        lost.forget_lost(&store, &none).await.unwrap();
        assert!(lost.get("one").is_none());
        // Half of it is not what was kept.
        let path = esf_engine::store::raw_path(&hash);
        store.put(&path, Bytes::from_static(b"ab")).await.unwrap();
        kept.forget_lost(&store, &none).await.unwrap();
        assert!(kept.get("one").is_none());
    }

    #[tokio::test]
    async fn what_a_redaction_keeps_out_is_not_lost() {
        let (store, none) = (Store::memory(), BTreeSet::new());
        let tombstone = RawTombstone::default();
        keep_out(&store, "00", &tombstone).await.unwrap();
        let mut kept_out = one("00");
        kept_out.forget_lost(&store, &none).await.unwrap();
        assert_eq!(kept_out, one("00"));
        // Nothing could be read without a reference, so that it is asked for.
        let references = BTreeSet::from(["one"]);
        kept_out.forget_lost(&store, &references).await.unwrap();
        assert!(kept_out.get("one").is_none());
        let mut lost = one("01");
        lost.forget_lost(&store, &none).await.unwrap();
        assert!(lost.get("one").is_none());
    }

    #[test]
    fn what_is_damaged_is_forgotten_by_its_source() {
        let mut remembered = one("00");
        assert!(!remembered.forget(&BTreeSet::from(["other".to_owned()])));
        assert!(remembered.get("one").is_some());
        assert!(remembered.forget(&BTreeSet::from(["one".to_owned()])));
        assert!(remembered.get("one").is_none());
    }
}
