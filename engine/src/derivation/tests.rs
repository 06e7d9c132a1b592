//! Derivations run once, in order, and again only when something changed.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use arrow::datatypes::{DataType, Field, Schema};
use async_trait::async_trait;
use datafusion::{
    error::DataFusionError, execution::SendableRecordBatchStream, prelude::SessionContext,
};
use esf_schemas::Visibility;

use super::*;
use crate::{
    release::{Publication, Release, ReleaseDraft, Warehouse},
    session::SessionOptions,
    store::Store,
    testing,
};

/// Counts the rows of a table.
struct Count {
    name: &'static str,
    input: &'static str,
    key: &'static str,
    runs: AtomicUsize,
    /// Where those that are to run at the same time wait for each other: how many have come.
    meeting: Option<Arc<AtomicUsize>>,
    least_memory: usize,
}

impl Count {
    fn of(name: &'static str, input: &'static str, key: &'static str) -> Arc<Self> {
        Arc::new(Self {
            name,
            input,
            key,
            runs: AtomicUsize::new(0),
            meeting: None,
            least_memory: 0,
        })
    }

    fn meeting(
        name: &'static str,
        meeting: &Arc<AtomicUsize>,
        least_memory: usize,
    ) -> Arc<dyn Derivation> {
        Arc::new(Self {
            name,
            input: "operation_amount",
            key: "1",
            runs: AtomicUsize::new(0),
            meeting: Some(Arc::clone(meeting)),
            least_memory,
        })
    }
}

#[async_trait]
impl Derivation for Count {
    fn name(&self) -> &str {
        self.name
    }

    fn inputs(&self) -> Vec<String> {
        vec![self.input.to_owned()]
    }

    fn outputs(&self) -> Vec<Arc<TableSpec>> {
        let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
        let (name, sort) = (self.name.to_owned(), vec!["n".to_owned()]);
        Vec::from([Arc::new(TableSpec {
            name,
            schema,
            sort,
            key: vec![],
            bloom: vec![],
            visibility: Visibility::Public,
        })])
    }

    fn key(&self) -> String {
        self.key.to_owned()
    }

    fn least_memory(&self, _: u64) -> usize {
        self.least_memory
    }

    async fn derive(
        &self,
        context: &SessionContext,
    ) -> Result<Vec<(String, SendableRecordBatchStream)>, DataFusionError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        if let Some(meeting) = &self.meeting {
            meeting.fetch_add(1, Ordering::SeqCst);
            let mut turns = 0;
            while meeting.load(Ordering::SeqCst) < 2 && turns < 10_000 {
                turns += 1;
                tokio::task::yield_now().await;
            }
            assert!(turns < 10_000, "{} is alone", self.name);
        }
        let sql = format!("SELECT count(*) AS n FROM {}", self.input);
        Ok(vec![(
            self.name.to_owned(),
            context.sql(&sql).await?.execute_stream().await?,
        )])
    }
}

async fn release(
    warehouse: &Warehouse,
    rows: i64,
    run: &str,
    derivations: &[Arc<dyn Derivation>],
) -> Result<(Release, Vec<Ran>), DerivationError> {
    release_within(warehouse, rows, run, derivations, None).await
}

async fn release_within(
    warehouse: &Warehouse,
    rows: i64,
    run: &str,
    derivations: &[Arc<dyn Derivation>],
    memory_limit: Option<usize>,
) -> Result<(Release, Vec<Ran>), DerivationError> {
    let previous = warehouse.latest().await.unwrap();
    let spec = testing::spec(Visibility::Public);
    let file = testing::write(warehouse, &spec, "", &[testing::rows(&spec, 0, rows)]).await;
    let mut draft = ReleaseDraft::new(previous.as_ref(), run, "test");
    draft.table(&spec, [file]);
    let ran = derive_all(
        warehouse,
        &mut draft,
        previous.as_ref(),
        Reuse::Unchanged,
        derivations,
        &SessionOptions {
            memory_limit,
            ..SessionOptions::default()
        },
    )
    .await?;
    match warehouse.publish(draft).await.unwrap() {
        Publication::Published(release) | Publication::Unchanged(release) => Ok((release, ran)),
        Publication::Conflict(release) => panic!("{release:?}"),
    }
}

#[tokio::test]
async fn derivations_build_on_each_other_and_are_reused() {
    let warehouse = Warehouse::new(Store::memory());
    let (a, b) = (
        Count::of("z_rows", "operation_amount", "1"),
        Count::of("a_rows", "z_rows", "1"),
    );
    let both: [Arc<dyn Derivation>; 2] = [b.clone(), a.clone()];
    let runs = || (a.runs.load(Ordering::SeqCst), b.runs.load(Ordering::SeqCst));

    let (first, ran) = release(&warehouse, 10, "run-1", &both).await.unwrap();
    assert_eq!(
        ran.iter()
            .map(|r| (r.name.as_str(), r.reused))
            .collect::<Vec<_>>(),
        [("z_rows", false), ("a_rows", false)]
    );
    assert_eq!(
        (first.tables["z_rows"].files[0].max["n"].as_str(), runs()),
        ("10", (1, 1))
    );

    let (again, ran) = release(&warehouse, 10, "run-2", &both).await.unwrap();
    assert!(ran.iter().all(|ran| ran.reused));
    assert_eq!((again.number, runs()), (1, (1, 1)));

    let (changed, _) = release(&warehouse, 11, "run-3", &both).await.unwrap();
    assert_eq!(
        (changed.tables["z_rows"].files[0].max["n"].as_str(), runs()),
        ("11", (2, 2))
    );

    let new_key: [Arc<dyn Derivation>; 1] = [Count::of("z_rows", "operation_amount", "2")];
    let (_, ran) = release(&warehouse, 11, "run-4", &new_key).await.unwrap();
    assert!(!ran[0].reused);
}

#[tokio::test]
async fn what_cannot_run_is_explained() {
    let warehouse = Warehouse::new(Store::memory());
    let lost: [Arc<dyn Derivation>; 1] = [Count::of("rows", "nothing", "1")];
    let error = release(&warehouse, 1, "run-1", &lost)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("rows") && error.contains("nothing"),
        "{error}"
    );
    let twice: [Arc<dyn Derivation>; 1] = [Count::of("operation_amount", "operation_amount", "1")];
    assert!(matches!(
        release(&warehouse, 1, "run-1", &twice).await,
        Err(DerivationError::Twice { .. })
    ));
}

#[tokio::test]
async fn what_does_not_build_on_each_other_runs_at_the_same_time() {
    let warehouse = Warehouse::new(Store::memory());
    let meeting = Arc::new(AtomicUsize::new(0));
    let both = ["b_rows", "a_rows"].map(|name| Count::meeting(name, &meeting, 0));
    let (release, ran) = release(&warehouse, 10, "run-1", &both).await.unwrap();
    let names: Vec<&str> = ran.iter().map(|ran| ran.name.as_str()).collect();
    assert_eq!(names, ["a_rows", "b_rows"]);
    assert_eq!(release.tables["a_rows"].files[0].max["n"], "10");
    assert_eq!(release.tables["b_rows"].files[0].max["n"], "10");
}

#[tokio::test]
async fn two_that_fit_run_at_the_same_time_whatever_else_is_ready() {
    let warehouse = Warehouse::new(Store::memory());
    let meeting = Arc::new(AtomicUsize::new(0));
    let large: Arc<dyn Derivation> = Arc::new(Count {
        name: "b_rows",
        input: "operation_amount",
        key: "1",
        runs: AtomicUsize::new(0),
        meeting: None,
        least_memory: 1 << 30,
    });
    let [first, second] =
        ["a_rows", "c_rows"].map(|name| Count::meeting(name, &meeting, 200 << 20));
    let all = [first, large, second];
    let (release, ran) = release_within(&warehouse, 10, "run-1", &all, Some(1 << 20))
        .await
        .unwrap();
    let names: Vec<&str> = ran.iter().map(|ran| ran.name.as_str()).collect();
    assert_eq!(names, ["a_rows", "b_rows", "c_rows"]);
    for name in names {
        assert_eq!(release.tables[name].files[0].max["n"], "10", "{name}");
    }
}

#[tokio::test]
async fn what_runs_at_the_same_time_makes_tables_of_its_own() {
    let warehouse = Warehouse::new(Store::memory());
    // Two names of derivations, and one table.
    let renamed: Arc<dyn Derivation> =
        Arc::new(Renamed(Count::of("rows", "operation_amount", "1")));
    let both: [Arc<dyn Derivation>; 2] = [Count::of("rows", "operation_amount", "1"), renamed];
    let error = release(&warehouse, 1, "run-1", &both).await.unwrap_err();
    let DerivationError::Twice { name, table } = error else {
        panic!("{error}")
    };
    assert_eq!((name.as_str(), table.as_str()), ("z_renamed", "rows"));
}

/// A derivation under another name.
struct Renamed(Arc<Count>);

#[async_trait]
impl Derivation for Renamed {
    fn name(&self) -> &'static str {
        "z_renamed"
    }

    fn inputs(&self) -> Vec<String> {
        self.0.inputs()
    }

    fn outputs(&self) -> Vec<Arc<TableSpec>> {
        self.0.outputs()
    }

    fn key(&self) -> String {
        self.0.key()
    }

    async fn derive(
        &self,
        context: &SessionContext,
    ) -> Result<Vec<(String, SendableRecordBatchStream)>, DataFusionError> {
        self.0.derive(context).await
    }
}

#[tokio::test]
async fn a_file_of_the_release_before_that_was_damaged_is_no_input() {
    let warehouse = Warehouse::new(Store::memory());
    let (first, _) = release(&warehouse, 10, "run-1", &[]).await.unwrap();
    let path = first.tables["operation_amount"].files[0].path.as_str();
    let mut bytes = warehouse.store().get(path).await.unwrap().to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    warehouse.store().put(path, bytes.into()).await.unwrap();
    let count = Count::of("rows", "operation_amount", "1");
    let all: [Arc<dyn Derivation>; 1] = [count.clone()];
    let error = release(&warehouse, 10, "run-2", &all).await.unwrap_err();
    assert!(matches!(error, DerivationError::Release(_)), "{error:?}");
    let message = error.to_string();
    let names = message.starts_with(&format!("{path} is damaged"));
    assert!(names && message.contains("esf verify"), "{message}");
    assert_eq!(count.runs.load(Ordering::SeqCst), 0);
    // What a run writes itself is no matter of the release before.
    release(&warehouse, 11, "run-3", &all).await.unwrap();
    assert_eq!(count.runs.load(Ordering::SeqCst), 1);
}
