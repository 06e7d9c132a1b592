//! Going back: the state of an earlier release, published again as a new one.
//!
//! Tables that derivations remember (see [`crate::derivation::Derivation::remembers`]) do not go back: what was decided
//! since is an input of every later release, and people have seen what was published by it.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{AsOf, Publication, Release, ReleaseError, Result, Warehouse, content_hash};
use crate::{
    collect::Folder,
    redact::raw_tombstone,
    store::{Store, raw_path},
};

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
        self.get(AsOf::Number(number)).await?;
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
        let mut document = Value::Object(document);
        document["content_hash"] = Value::from(content_hash(&document));
        let bytes = serde_json::to_vec(&document).map_err(|e| unreadable(e.to_string()))?;
        let release = Release::parse(&path, &bytes)?;
        if release.content_hash == latest.content_hash {
            return Ok(Publication::Unchanged(latest));
        }
        self.check_complete(number, &release).await?;
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
        release::ReleaseDraft,
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
