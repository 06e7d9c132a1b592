//! What stays, what goes, and that an interrupted collection does no harm.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use esf_schemas::Visibility;
use futures::{StreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, memory::InMemory, path::Path,
};

use super::*;
use crate::{
    release::{AsOf, Publication, ReleaseDraft, SourceFileState, SourceState},
    store::{Store, raw_path},
    testing,
    verify::{VerifyOptions, verify},
};

/// Publishes a release with a public and a restricted file of `rows` rows, made of one published file.
async fn publish(warehouse: &Warehouse, rows: i64, published: &'static str) -> Release {
    let base = warehouse.latest().await.unwrap();
    let mut draft = ReleaseDraft::new(base.as_ref(), format!("run-{rows}"), "test");
    for visibility in [Visibility::Public, Visibility::Restricted] {
        let mut spec = testing::spec(visibility).as_ref().clone();
        spec.name = visibility.name().to_owned();
        let spec = Arc::new(spec);
        let file = testing::write(warehouse, &spec, "", &[testing::rows(&spec, 0, rows)]).await;
        draft.table(&spec, [file]);
    }
    let sha256 = warehouse.store().put_raw(published.into()).await.unwrap();
    let file = SourceFileState {
        sha256,
        file_name: "list.csv".to_owned(),
        bytes: published.len() as u64,
        ..SourceFileState::default()
    };
    let state = SourceState {
        files: vec![file],
        ..SourceState::default()
    };
    draft.sources.insert("xx_list".to_owned(), state);
    match warehouse.publish(draft).await.unwrap() {
        Publication::Published(release) => release,
        other => panic!("not published: {other:?}"),
    }
}

/// Three releases; the first two stand on the same published file.
async fn three(warehouse: &Warehouse) -> Vec<Release> {
    vec![
        publish(warehouse, 1, "old").await,
        publish(warehouse, 2, "old").await,
        publish(warehouse, 3, "new").await,
    ]
}

fn later() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(48)
}

async fn paths(store: &Store) -> Vec<String> {
    let mut paths = Vec::new();
    for folder in ["data", "restricted", "raw", "releases", "runs", ".tmp"] {
        paths.extend(
            store
                .list(folder)
                .await
                .unwrap()
                .into_iter()
                .map(|entry| entry.path),
        );
    }
    paths
}

async fn all_verify(warehouse: &Warehouse) {
    let options = VerifyOptions {
        access: crate::session::Access::Restricted,
        references: false,
        ..VerifyOptions::default()
    };
    for number in warehouse.numbers().await.unwrap() {
        let release = warehouse.get(AsOf::Number(number)).await.unwrap();
        let report = verify(warehouse, &release, &options).await.unwrap();
        assert_eq!(report.faults, [], "release {number}");
    }
}

#[tokio::test]
async fn kept_releases_stay_whole_and_the_others_go_with_all_they_named() {
    let warehouse = Warehouse::new(Store::memory());
    three(&warehouse).await;
    let plan = plan(&warehouse, 1, later()).await.unwrap();
    assert_eq!((&plan.dropped, &plan.kept), (&vec![1, 2], &vec![3]));
    let shares: Vec<_> = plan
        .shares()
        .iter()
        .map(|share| (share.folder.name(), share.reason, share.files))
        .collect();
    assert_eq!(
        shares,
        [
            ("releases", Reason::OldRelease, 2),
            ("data", Reason::OldRelease, 2),
            ("restricted", Reason::OldRelease, 2),
            ("raw", Reason::OldRelease, 1),
        ]
    );
    assert_eq!(
        paths(warehouse.store()).await.len(),
        11,
        "a plan changes nothing"
    );

    let done = apply(&warehouse, &plan).await.unwrap();
    assert_eq!(
        (done.releases, done.files, done.bytes),
        (2, 7, plan.bytes())
    );
    assert_eq!(paths(warehouse.store()).await.len(), 4);
    assert_eq!(
        warehouse.store().get_if_exists(JOURNAL).await.unwrap(),
        None
    );
    all_verify(&warehouse).await;
    assert_eq!(publish(&warehouse, 4, "new").await.number, 4);
}

#[tokio::test]
async fn what_a_kept_release_names_stays_whoever_else_named_it() {
    let warehouse = Warehouse::new(Store::memory());
    three(&warehouse).await;
    let plan = plan(&warehouse, 2, later()).await.unwrap();
    assert_eq!(plan.dropped, [1]);
    assert!(plan.items.iter().all(|item| item.folder != Folder::Raw));
    apply(&warehouse, &plan).await.unwrap();
    all_verify(&warehouse).await;
}

#[tokio::test]
async fn the_newest_stays_and_so_does_everything_young() {
    let warehouse = Warehouse::new(Store::memory());
    three(&warehouse).await;
    assert_eq!(plan(&warehouse, 0, later()).await.unwrap().kept, [3]);
    assert_eq!(
        plan(&warehouse, usize::MAX, later()).await.unwrap().kept,
        [1, 2, 3]
    );
    let today = plan(&warehouse, 1, Timestamp::now()).await.unwrap();
    assert_eq!((today.items, today.kept), (Vec::new(), vec![1, 2, 3]));
    assert!(matches!(
        plan(&Warehouse::new(Store::memory()), 1, later()).await,
        Err(ReleaseError::Empty { .. })
    ));
}

#[tokio::test]
async fn what_no_release_names_goes_but_not_what_was_archived_or_is_not_ours() {
    let warehouse = Warehouse::new(Store::memory());
    publish(&warehouse, 1, "old").await;
    let store = warehouse.store();
    let orphan = format!("data/operation/{}.parquet", "ab".repeat(32));
    let unfinished = ".tmp/esf-1-2-3".to_owned();
    let held = raw_path(&store.put_raw(Bytes::from_static(b"held")).await.unwrap());
    let others = [
        "data/operation/_delta_log/00.json",
        "notes/a.txt",
        "runs/1.json",
        ".tmp/a",
    ];
    for path in [orphan.as_str(), unfinished.as_str()]
        .into_iter()
        .chain(others)
    {
        store.put(path, Bytes::from_static(b"x")).await.unwrap();
    }
    let plan = plan(&warehouse, 1, later()).await.unwrap();
    let gone: Vec<_> = plan
        .items
        .iter()
        .map(|item| (&item.path, item.reason))
        .collect();
    assert_eq!(
        gone,
        [
            (&orphan, Reason::NoRelease),
            (&unfinished, Reason::NoRelease)
        ]
    );
    apply(&warehouse, &plan).await.unwrap();
    for path in others.into_iter().chain([held.as_str()]) {
        assert!(store.size(path).await.unwrap().is_some(), "{path}");
    }
}

#[tokio::test]
async fn what_was_fetched_stays_for_the_next_run() {
    let warehouse = Warehouse::new(Store::memory());
    let first = publish(&warehouse, 1, "old").await;
    publish(&warehouse, 2, "new").await;
    let hash = &first.sources["xx_list"].files[0].sha256;
    let fetched = serde_json::json!({"xx_list": {"sha256": hash}}).to_string();
    warehouse
        .store()
        .put(FETCHED, fetched.into())
        .await
        .unwrap();
    let plan = plan(&warehouse, 1, later()).await.unwrap();
    assert!(plan.items.iter().all(|item| item.folder != Folder::Raw));
}

#[tokio::test]
async fn a_restricted_store_of_its_own_is_collected_too() {
    let warehouse = Warehouse::new(Store::memory()).with_restricted(Store::memory());
    three(&warehouse).await;
    let plan = plan(&warehouse, 1, later()).await.unwrap();
    apply(&warehouse, &plan).await.unwrap();
    let restricted = warehouse.restricted().unwrap();
    assert_eq!(restricted.list("restricted").await.unwrap().len(), 1);
    all_verify(&warehouse).await;
}

#[tokio::test]
async fn what_was_published_since_the_plan_keeps_its_files() {
    let warehouse = Warehouse::new(Store::memory());
    three(&warehouse).await;
    let plan = plan(&warehouse, 1, later()).await.unwrap();
    let back = warehouse.rollback(1, "run-back", &[]).await.unwrap();
    assert!(matches!(back, Publication::Published(release) if release.number == 4));
    apply(&warehouse, &plan).await.unwrap();
    assert_eq!(warehouse.numbers().await.unwrap(), [3, 4]);
    all_verify(&warehouse).await;
}

#[tokio::test]
async fn documents_of_later_programs_stop_it() {
    let warehouse = Warehouse::new(Store::memory());
    publish(&warehouse, 1, "old").await;
    let later_format = Bytes::from_static(br#"{"format_version": 99}"#);
    warehouse
        .store()
        .put(&Release::path(2), later_format)
        .await
        .unwrap();
    let refused = plan(&warehouse, 1, later()).await;
    assert!(
        matches!(refused, Err(ReleaseError::Newer { .. })),
        "{refused:?}"
    );
}

/// A store in memory that removes `left` objects and then no more.
#[derive(Debug)]
struct Interrupted {
    inner: InMemory,
    left: Arc<AtomicUsize>,
}

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("interrupted")
    }
}

#[async_trait]
impl ObjectStore for Interrupted {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        self.inner.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> object_store::Result<GetResult> {
        self.inner.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        let left = Arc::clone(&self.left);
        let paths = paths.map(move |path| {
            if left.load(Ordering::SeqCst) == 0 {
                return Err(object_store::Error::Generic {
                    store: "test",
                    source: "interrupted".into(),
                });
            }
            left.fetch_sub(1, Ordering::SeqCst);
            path
        });
        self.inner.delete_stream(paths.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &Path,
        to: &Path,
        options: CopyOptions,
    ) -> object_store::Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

#[tokio::test]
async fn wherever_it_is_interrupted_releases_verify_and_the_next_one_completes_it() {
    let mut interruptions = 0;
    for removals in 0.. {
        let left = Arc::new(AtomicUsize::new(removals));
        let inner = Interrupted {
            inner: InMemory::new(),
            left: Arc::clone(&left),
        };
        let warehouse = Warehouse::new(Store::from_object_store(Arc::new(inner), "test://"));
        three(&warehouse).await;
        let first = plan(&warehouse, 1, later()).await.unwrap();
        let end = apply(&warehouse, &first).await;
        all_verify(&warehouse).await;
        left.store(usize::MAX, Ordering::SeqCst);
        let second = plan(&warehouse, 1, later()).await.unwrap();
        apply(&warehouse, &second).await.unwrap();
        assert_eq!(paths(warehouse.store()).await.len(), 4, "after {removals}");
        assert_eq!(
            warehouse.store().get_if_exists(JOURNAL).await.unwrap(),
            None
        );
        all_verify(&warehouse).await;
        if end.is_ok() {
            break;
        }
        interruptions += 1;
    }
    // Two documents, four files of tables, one published file and the journal.
    assert_eq!(interruptions, 8);
}
