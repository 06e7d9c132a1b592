//! Going back: the state of an earlier release, published again as a new one.
//!
//! The new release says which files it leaves behind ([`LeftBehind`]): those that came in since, which whoever publishes next is
//! not to take up again unasked. Each later release keeps what is still left behind. It is no content, so the hash is that of the
//! earlier release. Nor is what it carries on of the newest release: the redactions that all releases are without.
//!
//! Tables that derivations remember (see [`crate::derivation::Derivation::remembers`]) do not go back: what was decided
//! since is an input of every later release, and people have seen what was published by it.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    AsOf, KEPT_OUT_BY, LeftBehind, Publication, Release, ReleaseError, Result, Warehouse,
    content_hash,
};
use crate::{
    collect::Folder,
    redact::raw_tombstone,
    store::{Store, raw_path},
};

/// The field of a document that names what rollbacks left behind.
const LEFT_BEHIND: &str = "left_behind";

/// How many objects are looked at once.
const AT_ONCE: usize = 16;

impl Warehouse {
    /// Publishes the state of release `number` as the next release: the same tables, steps, sources and checks under a
    /// new number, run and time, and so with the same content hash, unless one of the `remembered` tables has grown
    /// since. Those stay as the newest release has them.
    ///
    /// Nothing is published if the newest release has that content, or if another run publishes at the same time. Fails
    /// if there is no such release, if it is the newest, or if one of its files is gone.
    pub async fn rollback(
        &self,
        number: u64,
        run_id: &str,
        remembered: &[String],
    ) -> Result<Publication> {
        let latest = self.get(AsOf::Latest).await?;
        let earlier = self.get(AsOf::Number(number)).await?;
        if number == latest.number {
            return Err(ReleaseError::AlreadyNewest { number });
        }
        let path = Release::path(latest.number + 1);
        let unreadable = |reason: String| ReleaseError::Unreadable {
            path: Release::path(number),
            reason,
        };
        // The document as it is stored keeps fields that this program does not know.
        let Value::Object(mut document) = self.document(number).await? else {
            return Err(unreadable("it is no JSON object".to_owned()));
        };
        if let Some(tables) = document.get_mut("tables").and_then(Value::as_object_mut) {
            carry(tables, &self.document(latest.number).await?, remembered);
        }
        document.insert("number".to_owned(), Value::from(latest.number + 1));
        document.insert("run_id".to_owned(), Value::from(run_id));
        let now = Timestamp::now().to_string();
        document.insert("created_at".to_owned(), Value::from(now));
        let left = left_behind(&latest, &earlier, run_id);
        // What the earlier release had left behind itself is among it.
        document.remove(LEFT_BEHIND);
        if !left.is_empty() {
            let left = serde_json::to_value(left).map_err(|e| unreadable(e.to_string()))?;
            document.insert(LEFT_BEHIND.to_owned(), left);
        }
        document.remove(KEPT_OUT_BY);
        if let Some(carried) = latest.carried() {
            let carried = serde_json::to_value(carried).map_err(|e| unreadable(e.to_string()))?;
            document.insert(KEPT_OUT_BY.to_owned(), carried);
        }
        let mut document = Value::Object(document);
        document["content_hash"] = Value::from(content_hash(&document));
        let bytes = serde_json::to_vec(&document).map_err(|e| unreadable(e.to_string()))?;
        let release = Release::parse(&path, &bytes)?;
        if release.content_hash == latest.content_hash {
            return Ok(Publication::Unchanged(latest));
        }
        self.check_complete(number, &release).await?;
        let content_hash = &release.content_hash;
        self.check_number(release.number, content_hash).await?;
        self.sync().await?;
        self.commit(release, bytes.into()).await
    }

    /// Fails if an object that a release names is gone or has another size.
    async fn check_complete(&self, number: u64, release: &Release) -> Result<()> {
        let tables = release.files().map(|(_, table, file)| {
            let store = self.store_of(table.visibility).clone();
            (store, file.path.clone(), Some(file.bytes))
        });
        let raw = release.sources.values().flat_map(|source| {
            let files = source.files.iter().map(|f| (&f.sha256, Some(f.bytes)));
            files.chain(source.declarations.values().map(|hash| (hash, None)))
        });
        let raw = raw.map(|(hash, bytes)| (self.store().clone(), raw_path(hash), bytes));
        let all: Vec<(Store, String, Option<u64>)> = tables.chain(raw).collect();
        let missing: Vec<Option<String>> = stream::iter(all)
            .map(|(store, path, bytes)| async move {
                let found = store.size(&path).await?;
                let is_there = found.is_some() && (bytes.is_none() || bytes == found);
                // What a redaction took away is not missed.
                let is_whole = is_there || is_redacted(&store, &path).await?;
                Ok::<Option<String>, ReleaseError>((!is_whole).then_some(path))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let mut missing = missing.into_iter().flatten();
        match missing.next() {
            None => Ok(()),
            Some(example) => Err(ReleaseError::Incomplete {
                number,
                missing: 1 + missing.count(),
                example,
            }),
        }
    }
}

/// Whether something stands in place of published bytes that were taken away.
async fn is_redacted(store: &Store, path: &str) -> Result<bool> {
    match Folder::Raw.hash(path) {
        Some(hash) => Ok(raw_tombstone(store, hash).await?.is_some()),
        None => Ok(false),
    }
}

/// What going back from the newest release to an earlier one leaves behind: what either had left behind before, and the files that
/// the newest has and the earlier one has not.
fn left_behind(
    latest: &Release,
    earlier: &Release,
    run_id: &str,
) -> BTreeMap<String, Vec<LeftBehind>> {
    let before = [latest, earlier].into_iter();
    let before = before.flat_map(|release| &release.left_behind);
    let before = before.flat_map(|(id, files)| files.iter().map(move |file| (id, file.clone())));
    let since = latest.sources.iter().flat_map(|(id, state)| {
        state.files.iter().map(move |file| {
            let left = LeftBehind {
                sha256: file.sha256.clone(),
                release: latest.number + 1,
                run_id: run_id.to_owned(),
            };
            (id, left)
        })
    });
    let mut left: BTreeMap<String, Vec<LeftBehind>> = BTreeMap::new();
    for (source_id, file) in before.chain(since) {
        let mut known = left.get(source_id).into_iter().flatten();
        let is_known = known.any(|known| known.sha256 == file.sha256);
        if !is_known && !earlier.has_source_file(source_id, &file.sha256) {
            left.entry(source_id.clone()).or_default().push(file);
        }
    }
    left
}

/// Takes some tables as the newest release has them.
fn carry(tables: &mut Map<String, Value>, newest: &Value, remembered: &[String]) {
    for name in remembered {
        if let Some(table) = newest["tables"].get(name) {
            tables.insert(name.clone(), table.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use esf_schemas::Visibility;

    use super::*;
    use crate::{
        release::{ReleaseDraft, SourceFileState, SourceState},
        testing,
        verify::{VerifyOptions, verify},
        write::TableSpec,
    };

    fn named(name: &str) -> Arc<TableSpec> {
        let mut spec = testing::spec(Visibility::Public).as_ref().clone();
        spec.name = name.to_owned();
        Arc::new(spec)
    }

    /// Publishes `rows` rows in one table and `remembered` in another.
    async fn publish(warehouse: &Warehouse, rows: i64, remembered: i64) -> Release {
        let base = warehouse.latest().await.unwrap();
        let mut draft = ReleaseDraft::new(base.as_ref(), format!("run-{rows}"), "test");
        for (name, rows) in [("amount", rows), ("log", remembered)] {
            let spec = named(name);
            let rows = testing::rows(&spec, 0, rows);
            draft.table(&spec, [testing::write(warehouse, &spec, "", &[rows]).await]);
        }
        match warehouse.publish(draft).await.unwrap() {
            Publication::Published(release) => release,
            other => panic!("not published: {other:?}"),
        }
    }

    fn published(publication: Publication) -> Release {
        match publication {
            Publication::Published(release) => release,
            other => panic!("not published: {other:?}"),
        }
    }

    #[tokio::test]
    async fn an_earlier_state_comes_back_under_a_new_number_with_its_hash() {
        let warehouse = Warehouse::new(Store::memory());
        let first = publish(&warehouse, 1, 1).await;
        publish(&warehouse, 2, 1).await;
        let back = published(warehouse.rollback(1, "run-back", &[]).await.unwrap());
        assert_eq!((back.number, back.run_id.as_str()), (3, "run-back"));
        assert_eq!(back.content_hash, first.content_hash);
        let report = verify(&warehouse, &back, &VerifyOptions::default())
            .await
            .unwrap();
        assert_eq!(report.faults, []);
        let stored = warehouse.latest().await.unwrap().unwrap();
        assert_eq!(stored.tables["amount"].files, first.tables["amount"].files);

        let again = warehouse.rollback(1, "run-again", &[]).await.unwrap();
        assert!(matches!(again, Publication::Unchanged(release) if release.number == 3));
    }

    #[tokio::test]
    async fn what_is_remembered_does_not_go_back() {
        let warehouse = Warehouse::new(Store::memory());
        let first = publish(&warehouse, 1, 1).await;
        let second = publish(&warehouse, 2, 2).await;
        let remembered = ["log".to_owned()];
        let back = published(
            warehouse
                .rollback(1, "run-back", &remembered)
                .await
                .unwrap(),
        );
        assert_eq!(back.tables["amount"].files, first.tables["amount"].files);
        assert_eq!(back.tables["log"].files, second.tables["log"].files);
        assert_ne!(back.content_hash, first.content_hash);
        let report = verify(&warehouse, &back, &VerifyOptions::default())
            .await
            .unwrap();
        assert_eq!(report.faults, []);
    }

    /// Publishes a release whose source `list` has these files.
    async fn of_files(warehouse: &Warehouse, files: &[&str]) -> Release {
        let base = warehouse.latest().await.unwrap();
        let mut draft = ReleaseDraft::new(base.as_ref(), format!("run-{}", files.concat()), "test");
        let file = |sha256: &&str| SourceFileState {
            sha256: (*sha256).to_owned(),
            ..SourceFileState::default()
        };
        let state = SourceState {
            files: files.iter().map(file).collect(),
            ..SourceState::default()
        };
        draft.sources.insert("list".to_owned(), state);
        for sha256 in files {
            warehouse
                .store()
                .put(&raw_path(sha256), bytes::Bytes::new())
                .await
                .unwrap();
        }
        published(warehouse.publish(draft).await.unwrap())
    }

    /// The files that a release leaves behind, each with the release of its rollback.
    fn left(release: &Release) -> Vec<(&str, u64)> {
        let files = release.left_behind.get("list").into_iter().flatten();
        files
            .map(|file| (file.sha256.as_str(), file.release))
            .collect()
    }

    #[tokio::test]
    async fn what_came_in_since_is_left_behind_until_a_source_has_it_again() {
        let warehouse = Warehouse::new(Store::memory());
        let back = async |number| published(warehouse.rollback(number, "run", &[]).await.unwrap());
        let first = of_files(&warehouse, &["a"]).await;
        of_files(&warehouse, &["a", "b"]).await;
        let third = back(1).await;
        assert_eq!(left(&third), [("b", 3)]);
        assert_eq!(third.content_hash, first.content_hash);
        // A later release keeps it in mind, and so does going back from that.
        let fourth = of_files(&warehouse, &["a", "c"]).await;
        assert_eq!(left(&fourth), [("b", 3)]);
        assert_eq!(left(&back(1).await), [("b", 3), ("c", 5)]);
        // To go back to a release that has it takes it up again.
        assert_eq!(left(&back(2).await), [("c", 5)]);
        assert_eq!(left(&back(3).await), [("c", 5), ("b", 3)]);
        let last = of_files(&warehouse, &["a", "b", "c"]).await;
        assert!(last.left_behind.is_empty());
    }

    #[tokio::test]
    async fn fields_of_later_programs_come_back_too() {
        let warehouse = Warehouse::new(Store::memory());
        publish(&warehouse, 1, 1).await;
        publish(&warehouse, 2, 1).await;
        let mut document = warehouse.document(1).await.unwrap();
        document["later"] = Value::from("kept");
        document["content_hash"] = Value::from(content_hash(&document));
        let bytes = serde_json::to_vec(&document).unwrap();
        warehouse
            .store()
            .put(&Release::path(1), bytes.into())
            .await
            .unwrap();
        let back = published(warehouse.rollback(1, "run-back", &[]).await.unwrap());
        assert_eq!(back.extra["later"], "kept");
        assert_eq!(document["content_hash"], back.content_hash.as_str());
    }

    #[tokio::test]
    async fn the_newest_an_absent_and_an_incomplete_one_are_refused() {
        let warehouse = Warehouse::new(Store::memory());
        let first = publish(&warehouse, 1, 1).await;
        publish(&warehouse, 2, 1).await;
        let refused = async |number| warehouse.rollback(number, "run", &[]).await.unwrap_err();
        assert!(matches!(
            refused(2).await,
            ReleaseError::AlreadyNewest { number: 2 }
        ));
        assert!(matches!(
            refused(9).await,
            ReleaseError::NoSuchRelease { number: 9, .. }
        ));
        let gone = &first.tables["amount"].files[0].path;
        warehouse.store().delete(gone).await.unwrap();
        let error = refused(1).await;
        assert!(
            matches!(&error, ReleaseError::Incomplete { missing: 1, example, .. } if example == gone),
            "{error}"
        );
        assert_eq!(warehouse.numbers().await.unwrap(), [1, 2]);
    }
}
