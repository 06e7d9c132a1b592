//! A name is gone from every file of every release, whatever the store does meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, AsArray, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use esf_schemas::Visibility;
use esf_test_store::{Fault, Faulty};
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, memory::InMemory};
use serde_json::{Value, json};

use super::*;
use crate::{
    delta::sync_logs,
    release::{AsOf, Publication, Release, ReleaseDraft, SourceFileState, SourceState, Warehouse},
    session::Access,
    store::{Store, raw_path, sha256},
    testing,
    verify::{VerifyOptions, verify},
    write::TableSpec,
};

/// What is to go; upper case counts as the same.
const NAME: &str = "Anna Muster";

/// More than a redaction has operations.
const MANY: usize = 2000;

struct Named;

impl Mask for Named {
    fn mask(&self, text: &str) -> Option<String> {
        let masked = [NAME, "ANNA MUSTER"]
            .iter()
            .fold(text.to_owned(), |text, name| text.replace(name, MARK));
        (masked != text).then_some(masked)
    }

    fn token(&self, text: &str) -> String {
        sha256(text.as_bytes())[..12].to_owned()
    }

    fn holds(&self, _: Option<&str>, bytes: &[u8]) -> bool {
        self.mask(&String::from_utf8_lossy(bytes)).is_some()
    }
}

fn spec(visibility: Visibility) -> Arc<TableSpec> {
    let columns = ["source_file", "organisation_id", "name"];
    let fields = columns.map(|name| Field::new(name, DataType::Utf8, true));
    let all = || columns.map(str::to_owned).to_vec();
    Arc::new(TableSpec {
        name: format!("organisation_{visibility:?}").to_lowercase(),
        schema: Arc::new(Schema::new(fields.to_vec())),
        sort: all(),
        key: all(),
        bloom: vec!["organisation_id".to_owned()],
        visibility,
    })
}

fn rows(spec: &TableSpec, file: &str, names: &[&str]) -> RecordBatch {
    let column = |values: Vec<&str>| Arc::new(StringArray::from(values)) as ArrayRef;
    let columns = vec![
        column(vec![file; names.len()]),
        column(vec!["a"; names.len()]),
        column(names.to_vec()),
    ];
    RecordBatch::try_new(Arc::clone(&spec.schema), columns).unwrap()
}

fn warehouse(store: Arc<dyn ObjectStore>) -> Warehouse {
    Warehouse::new(Store::from_object_store(store, "memory://redact"))
}

/// Publishes these names in a public and an operator table, with a published file behind them.
async fn publish(warehouse: &Warehouse, names: &[&str], raw: &str) {
    let base = warehouse.latest().await.unwrap();
    let hash = warehouse
        .store()
        .put_raw(raw.to_owned().into())
        .await
        .unwrap();
    let mut draft = ReleaseDraft::new(base.as_ref(), format!("run-{}", names.len()), "test");
    for visibility in [Visibility::Public, Visibility::Operator] {
        let spec = spec(visibility);
        let rows = rows(&spec, &hash, names);
        draft.table(&spec, [testing::write(warehouse, &spec, "", &[rows]).await]);
    }
    let file = SourceFileState {
        sha256: hash,
        file_name: format!("{NAME}.csv"),
        bytes: raw.len() as u64,
        ..SourceFileState::default()
    };
    let source = SourceState {
        files: vec![file],
        ..SourceState::default()
    };
    draft.sources.insert("list".to_owned(), source);
    let Publication::Published(release) = warehouse.publish(draft).await.unwrap() else {
        panic!("it is another state");
    };
    sync_logs(warehouse, &release).await.unwrap();
    let record = json!({"sources": [{"message": format!("{NAME} is no amount")}]});
    let run = format!("run-{}", names.len());
    warehouse.record_run(&run, &record).await.unwrap();
}

/// Two releases that hold the name, of which the newer has bytes that only its rows lead to.
async fn before() -> Arc<InMemory> {
    let store = Arc::new(InMemory::new());
    let warehouse = warehouse(Arc::clone(&store) as Arc<dyn ObjectStore>);
    publish(&warehouse, &["ANNA MUSTER", NAME, "Zebra"], "x;Anna Muster").await;
    publish(&warehouse, &[NAME, "Muster e.V."], "packed").await;
    let other = spec(Visibility::Restricted);
    // Of no release: a run made it that published nothing.
    testing::write(&warehouse, &other, "", &[rows(&other, "", &[NAME])]).await;
    store
}

async fn redact(warehouse: &Warehouse) -> Result<Redacted> {
    let known = redactions(warehouse).await?;
    let begun = known.into_iter().find(|one| !one.done);
    let new = || Redaction::new("redaction-1", "asked for", "salt", BTreeSet::new());
    let plan = plan(warehouse, &Named, &BTreeSet::new()).await?;
    let done = apply(warehouse, &plan, &Named, begun.unwrap_or_else(new)).await?;
    let newest = done.newest.as_ref().expect("there are releases");
    sync_logs(warehouse, newest)
        .await
        .expect("logs can be written where the store works");
    Ok(done)
}

/// Everything in a store that holds the name.
async fn holding(store: &InMemory) -> Vec<String> {
    let objects: Vec<ObjectMeta> = store.list(None).try_collect().await.unwrap();
    let mut holding = Vec::new();
    for object in objects {
        let path = object.location.to_string();
        let found = store.get(&object.location).await.unwrap();
        let bytes = found.bytes().await.unwrap();
        let in_rows = path.ends_with(".parquet")
            && file::search(&path, bytes.clone(), &Named).unwrap().rows > 0;
        if in_rows || Named.holds(None, &bytes) || Named.mask(&path).is_some() {
            holding.push(path);
        }
    }
    holding
}

async fn is_clean(store: Arc<InMemory>, what: &str) {
    assert_eq!(holding(&store).await, [""; 0], "{what}");
    let warehouse = warehouse(store);
    let numbers = warehouse.numbers().await.unwrap();
    assert_eq!(numbers, [1, 2, 3], "{what}");
    for number in numbers {
        let release = warehouse.get(AsOf::Number(number)).await.unwrap();
        let options = VerifyOptions {
            access: Access::Restricted,
            references: false,
            ..VerifyOptions::default()
        };
        let report = verify(&warehouse, &release, &options).await.unwrap();
        assert_eq!(report.faults, [], "{what}: release {number}");
        assert_eq!(report.redacted, 1, "{what}: release {number}");
    }
    let all = redactions(&warehouse).await.unwrap();
    assert!(all.iter().all(|one| one.done), "{what}");
}

#[tokio::test]
async fn a_name_is_gone_from_every_release_and_what_was_changed_is_recorded() {
    let store = before().await;
    let warehouse = warehouse(Arc::clone(&store) as Arc<dyn ObjectStore>);
    let old = warehouse.document(1).await.unwrap();
    assert_eq!(holding(&store).await.len(), 12);
    let planned = plan(&warehouse, &Named, &BTreeSet::new()).await.unwrap();
    assert_eq!((planned.hits.len(), planned.raw.len()), (4, 2));
    assert_eq!(planned.unnamed.len(), 1);

    let done = redact(&warehouse).await.unwrap();
    is_clean(store, "undisturbed").await;
    assert_eq!(done.newest.map(|newest| newest.number), Some(3));
    assert_eq!(done.redaction.release, Some(3));
    let new = warehouse.document(1).await.unwrap();
    let changed = &done.redaction.releases[&1];
    assert_eq!(old["content_hash"], changed.old.as_str());
    assert_eq!(new["content_hash"], changed.new.as_str());
    assert_eq!(new["redactions"][0]["id"], "redaction-1");
    let stored = warehouse.store().get(&Release::path(1)).await.unwrap();
    assert_eq!(stored.len(), new.to_string().len(), "without blanks");
    assert_eq!(done.redaction.files.len(), 4);

    // Two spellings have become one, which comes in its place.
    let table = &new["tables"]["organisation_public"]["files"][0];
    assert_eq!(table["rows"], 2);
    assert_eq!(
        (&table["min"]["name"], &table["max"]["name"]),
        (&Value::from("Zebra"), &Value::from(MARK))
    );
    let again = plan(&warehouse, &Named, &BTreeSet::new()).await.unwrap();
    assert!(again.is_empty(), "{again:?}");
}

#[tokio::test]
async fn an_interrupted_redaction_is_completed_by_the_next() {
    let before = before().await;
    for fault in [Fault::Fail, Fault::Lose] {
        for n in 0.. {
            assert!(n < MANY, "a redaction ends");
            let store = Arc::new(before.fork());
            let inner = Arc::clone(&store) as Arc<dyn ObjectStore>;
            let faulty = Faulty::new(inner, [(n, fault)]);
            let attempt = plan_and_apply(&warehouse(Arc::new(faulty.clone()))).await;
            let struck = faulty.struck();
            let what = format!("{fault:?} {n} {struck:?}");
            assert!(attempt.is_ok() || !struck.is_empty(), "{what}: {attempt:?}");
            let clean = warehouse(Arc::clone(&store) as Arc<dyn ObjectStore>);
            redact(&clean)
                .await
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            is_clean(store, &what).await;
            if struck.is_empty() {
                break;
            }
        }
    }
}

/// Without the Delta logs, whose failure is told apart.
async fn plan_and_apply(warehouse: &Warehouse) -> Result<Redacted> {
    let redaction = Redaction::new("redaction-1", "asked for", "salt", BTreeSet::new());
    let plan = plan(warehouse, &Named, &BTreeSet::new()).await?;
    apply(warehouse, &plan, &Named, redaction).await
}

#[tokio::test]
async fn who_publishes_first_overtakes_the_other() {
    let store = before().await;
    let warehouse = warehouse(Arc::clone(&store) as Arc<dyn ObjectStore>);
    let at_work = warehouse.latest().await.unwrap();
    let planned = plan(&warehouse, &Named, &BTreeSet::new()).await.unwrap();
    publish(&warehouse, &["Zebra"], "z").await;
    let redaction = Redaction::new("redaction-1", "asked for", "salt", BTreeSet::new());
    let error = apply(&warehouse, &planned, &Named, redaction)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, RedactError::Overtaken { number: 3, run_id } if run_id == "run-1"),
        "{error}"
    );
    redact(&warehouse).await.unwrap();

    // A run that began before the redaction cannot publish what it read.
    let late = ReleaseDraft::new(at_work.as_ref(), "late", "test");
    let end = warehouse.publish(late).await.unwrap();
    assert!(matches!(end, Publication::Conflict(_)), "{end:?}");
    assert_eq!(holding(&store).await, [""; 0]);
}

#[tokio::test]
async fn bytes_that_come_back_are_swept() {
    let store = Store::memory();
    let hash = store.put_raw("Anna Muster".into()).await.unwrap();
    keep_out(&store, &hash, &RawTombstone::default())
        .await
        .unwrap();
    assert_eq!(
        redacted_raw(&store).await.unwrap(),
        BTreeSet::from([hash.clone()])
    );
    assert_eq!(sweep_raw(&store).await.unwrap(), 1);
    assert_eq!(sweep_raw(&store).await.unwrap(), 0);
    assert_eq!(store.size(&raw_path(&hash)).await.unwrap(), None);
    assert!(raw_tombstone(&store, &hash).await.unwrap().is_some());
    let other = sha256(b"other");
    assert_eq!(raw_tombstone(&store, &other).await.unwrap(), None);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_no_record_that_is_passed_over() {
    let warehouse = Warehouse::new(Store::memory());
    let path = format!("{FOLDER}/later.json");
    let store = warehouse.store();
    store.put(&path, "{}".into()).await.unwrap();
    let error = redactions(&warehouse).await.unwrap_err();
    assert!(error.to_string().contains(&path), "{error}");
}

#[tokio::test]
async fn what_an_overtaken_run_archives_is_removed_when_it_is_seen() {
    let store = before().await;
    let warehouse = warehouse(Arc::clone(&store) as Arc<dyn ObjectStore>);
    let planned = plan(&warehouse, &Named, &BTreeSet::new()).await.unwrap();
    // Archived after the plan was made, and after everything was done.
    let archive = |text: &'static str| warehouse.store().put_raw(text.into());
    let meanwhile = archive("Anna Muster;meanwhile").await.unwrap();
    let other = archive("Zebra;meanwhile").await.unwrap();
    let redaction = Redaction::new("redaction-1", "asked for", "salt", BTreeSet::new());
    let done = apply(&warehouse, &planned, &Named, redaction)
        .await
        .unwrap();
    assert!(done.redaction.raw.contains(&meanwhile));
    assert_eq!(holding(&store).await, [""; 0]);

    let after = archive("Anna Muster;after").await.unwrap();
    let spared = archive("Anna Muster;a place").await.unwrap();
    let stay = BTreeSet::from([spared.clone()]);
    let redaction = async || redactions(&warehouse).await.unwrap().remove(0);
    let sweep = async || sweep_late(&warehouse, &Named, &stay, redaction().await).await;
    assert_eq!(sweep().await.unwrap(), 1);
    assert_eq!(sweep().await.unwrap(), 0);
    assert_eq!(holding(&store).await, [raw_path(&spared)]);
    assert!(warehouse.store().has_raw(&other).await.unwrap());
    let tombstone = raw_tombstone(warehouse.store(), &after).await.unwrap();
    assert_eq!(tombstone.unwrap().redaction, "redaction-1");
    assert!(!redaction().await.swept, "a run may still be at work");

    let mut old = redaction().await;
    old.created_at -= jiff::SignedDuration::from_hours(25);
    keep(&warehouse, &old).await.unwrap();
    assert_eq!(sweep().await.unwrap(), 0);
    assert!(redaction().await.swept);
}

#[tokio::test]
async fn published_bytes_that_are_spared_stay_and_are_told() {
    let store = before().await;
    let warehouse = warehouse(store);
    let all = plan(&warehouse, &Named, &BTreeSet::new()).await.unwrap();
    let one = BTreeSet::from([all.raw.first().unwrap().clone()]);
    let planned = plan(&warehouse, &Named, &one).await.unwrap();
    assert_eq!(planned.kept, one);
    assert_eq!(planned.raw.len(), all.raw.len() - 1);
    let name = &planned.published[one.first().unwrap()];
    assert_eq!(name, "list: [redacted].csv");
}

#[test]
fn people_stay_apart_without_being_told() {
    let spec = spec(Visibility::Restricted);
    let batch = rows(&spec, "f", &[NAME, "ANNA MUSTER", "Zebra", NAME]);
    let all = RowMask::all(&Named, &spec, &[batch]).unwrap().unwrap();
    let names = all[0].column_by_name("name").unwrap();
    let names: Vec<&str> = names.as_string::<i32>().iter().flatten().collect();
    // The same person twice is one row, as before.
    assert_eq!(names.len(), 3, "{names:?}");
    let masked = |name: &&&str| name.starts_with("[redacted]-");
    assert_eq!(names.iter().filter(masked).count(), 2, "{names:?}");
}

#[tokio::test]
async fn a_name_in_the_reason_of_an_earlier_redaction_goes_as_well() {
    let store = before().await;
    let warehouse = warehouse(Arc::clone(&store) as Arc<dyn ObjectStore>);
    let mut earlier = Redaction::new("earlier", "Anna Muster asked", "salt", BTreeSet::new());
    earlier.done = true;
    keep(&warehouse, &earlier).await.unwrap();
    let tombstone = RawTombstone {
        reason: earlier.reason,
        ..RawTombstone::default()
    };
    let hash = sha256(b"taken away");
    keep_out(warehouse.store(), &hash, &tombstone)
        .await
        .unwrap();
    redact(&warehouse).await.unwrap();
    assert_eq!(holding(&store).await, [""; 0]);
    let left = raw_tombstone(warehouse.store(), &hash).await.unwrap();
    assert_eq!(left.unwrap().reason, "[redacted] asked");
}

#[tokio::test]
async fn what_was_kept_before_a_first_release_goes_with_what_is_unfinished() {
    let store = Arc::new(InMemory::new());
    let warehouse = warehouse(Arc::clone(&store) as Arc<dyn ObjectStore>);
    let error = plan(&warehouse, &Named, &BTreeSet::new()).await;
    assert!(error.is_err(), "nothing was ever there: {error:?}");
    let store_of = warehouse.store();
    store_of.put_raw("x;Anna Muster".into()).await.unwrap();
    let other = store_of.put_raw("x;Zebra".into()).await.unwrap();
    for path in [".tmp/esf-1-2-3", "raw/half.tmp"] {
        store_of.put(path, "x;Anna Muster".into()).await.unwrap();
    }
    store_of
        .put(".tmp/esf-4-5-6", "x;Zebra".into())
        .await
        .unwrap();
    let record = json!({"sources": [{"message": format!("{NAME} is no amount")}]});
    warehouse.record_run("held", &record).await.unwrap();

    let planned = plan(&warehouse, &Named, &BTreeSet::new()).await.unwrap();
    assert_eq!((planned.raw.len(), planned.unnamed.len()), (1, 2));
    let redaction = Redaction::new("redaction-1", "asked for", "salt", BTreeSet::new());
    let done = apply(&warehouse, &planned, &Named, redaction)
        .await
        .unwrap();
    assert!(done.redaction.done && done.newest.is_none());
    assert_eq!(holding(&store).await, [""; 0]);
    assert!(store_of.has_raw(&other).await.unwrap());
    assert_eq!(store_of.list(".tmp").await.unwrap().len(), 1);

    // A first run that was quicker is not passed over.
    publish(&warehouse, &[NAME], "x").await;
    let redaction = Redaction::new("redaction-2", "asked for", "salt", BTreeSet::new());
    let error = apply(&warehouse, &planned, &Named, redaction)
        .await
        .unwrap_err();
    assert!(
        matches!(error, RedactError::Overtaken { number: 1, .. }),
        "{error}"
    );
}

/// Takes the name away, and ids that were made from it.
struct Renewing;

impl Mask for Renewing {
    fn mask(&self, text: &str) -> Option<String> {
        Named.mask(text)
    }

    fn id(&self, id: &str) -> Option<String> {
        (id == "a").then(|| "b".to_owned())
    }

    fn spares(&self, cell: &Cell<'_>) -> bool {
        cell.text == "Zebra"
    }

    fn token(&self, text: &str) -> String {
        Named.token(text)
    }

    fn holds(&self, source: Option<&str>, bytes: &[u8]) -> bool {
        Named.holds(source, bytes)
    }
}

#[tokio::test]
async fn an_id_is_replaced_also_where_the_name_does_not_stand() {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let warehouse = warehouse(store);
    publish(&warehouse, &["Zebra"], "of another").await;
    let planned = plan(&warehouse, &Renewing, &BTreeSet::new()).await.unwrap();
    // Its published bytes hold the name no more than the rows do.
    assert_eq!((planned.hits.len(), planned.raw.len()), (2, 0));
    assert_eq!(planned.ids, BTreeSet::from(["a".to_owned()]));
    let counted: Vec<Cells> = planned.cells.values().copied().collect();
    let spared = Cells {
        all: 0,
        newest: 0,
        spared: 1,
        alone: 0,
    };
    assert_eq!(counted, [spared; 2]);

    let redaction = Redaction::new("redaction-1", "asked for", "salt", BTreeSet::new());
    apply(&warehouse, &planned, &Renewing, redaction)
        .await
        .unwrap();
    let document = warehouse.document(1).await.unwrap();
    let table = &document["tables"]["organisation_public"]["files"][0];
    assert_eq!(table["min"]["organisation_id"], "b");
    assert_eq!(table["min"]["name"], "Zebra");
    let again = plan(&warehouse, &Renewing, &BTreeSet::new()).await.unwrap();
    assert!(again.hits.is_empty(), "{again:?}");
}

/// A table that names the source of its rows.
fn of_sources() -> Arc<TableSpec> {
    let columns = ["source_id", "list_id", "name"];
    let fields = columns.map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(TableSpec {
        name: "named".to_owned(),
        schema: Arc::new(Schema::new(fields.to_vec())),
        sort: vec!["source_id".to_owned()],
        key: vec!["name".to_owned()],
        bloom: Vec::new(),
        visibility: Visibility::Public,
    })
}

#[tokio::test]
async fn names_that_the_operator_gave_stay_and_are_told() {
    let warehouse = Warehouse::new(Store::memory());
    let declared = "title = \"Anna Muster\"";
    let declared = warehouse.store().put_raw(declared.into()).await.unwrap();
    let spec = of_sources();
    let mut draft = ReleaseDraft::new(None, "run", "test");
    let rows = rows(&spec, NAME, &[NAME]);
    draft.table(
        &spec,
        [testing::write(&warehouse, &spec, "", &[rows]).await],
    );
    let source = SourceState {
        list_id: NAME.to_owned(),
        declarations: [("source.toml".to_owned(), declared.clone())].into(),
        ..SourceState::default()
    };
    draft.sources.insert(NAME.to_owned(), source);
    warehouse.publish(draft).await.unwrap();
    let record = json!({"sources": [{"source_id": NAME, "message": NAME}], "absent": [NAME]});
    warehouse.record_run("run", &record).await.unwrap();

    let planned = plan(&warehouse, &Named, &BTreeSet::new()).await.unwrap();
    assert_eq!(planned.names, BTreeSet::from([MARK.to_owned()]));
    let of_source = BTreeSet::from([format!("{MARK}: source.toml")]);
    assert_eq!(planned.declarations, of_source);
    let place = Place {
        source: MARK.to_owned(),
        table: "named".to_owned(),
        column: "name".to_owned(),
    };
    let cells = Cells {
        all: 1,
        newest: 1,
        spared: 0,
        alone: 0,
    };
    assert_eq!(planned.cells, BTreeMap::from([(place, cells)]));

    redact(&warehouse).await.unwrap();
    assert!(warehouse.store().has_raw(&declared).await.unwrap());
    let document = warehouse.document(1).await.unwrap();
    assert_eq!(document["sources"][NAME]["list_id"], NAME);
    let file = &document["tables"]["named"]["files"][0];
    assert_eq!(file["min"]["source_id"], NAME);
    let record = warehouse.run("run").await.unwrap();
    assert_eq!(record["sources"][0]["source_id"], NAME);
    assert_eq!(record["sources"][0]["message"], MARK);
    assert_eq!(record["absent"][0], NAME);
}

/// Takes fields out of a document, as if an older program had published it.
async fn without(warehouse: &Warehouse, number: u64, fields: &[&str]) {
    let mut document = warehouse.document(number).await.unwrap();
    for field in fields {
        document.as_object_mut().unwrap().remove(*field);
    }
    let bytes = document.to_string();
    let path = Release::path(number);
    warehouse.store().put(&path, bytes.into()).await.unwrap();
}

#[tokio::test]
async fn every_later_release_names_a_redaction_and_its_record_is_missed() {
    let warehouse = warehouse(before().await);
    let newest = async || warehouse.latest().await.unwrap();
    assert_eq!(newest().await.unwrap().kept_out_by, Some(BTreeSet::new()));
    let record = redact(&warehouse).await.unwrap().redaction;
    publish(&warehouse, &["Zebra"], "z").await;
    warehouse.rollback(1, "back", &[]).await.unwrap();
    let ids = Some(BTreeSet::from([record.id.clone()]));
    for number in 3..=5 {
        let release = warehouse.get(AsOf::Number(number)).await.unwrap();
        assert_eq!(release.kept_out_by, ids, "{number}");
        assert!(record.is_settled(Some(&release)), "{number}");
    }

    let lost = format!("{FOLDER}/{}.json", record.id);
    warehouse.store().delete(&lost).await.unwrap();
    let missed = async || {
        let newest = newest().await;
        let error = redactions_of(&warehouse, newest.as_ref()).await;
        let error = error.unwrap_err();
        assert!(
            matches!(&error, RedactError::Lost { id, .. } if *id == record.id),
            "{error}"
        );
    };
    missed().await;
    // Of an older program: only documents that were rewritten name it.
    let path = Release::path(5);
    warehouse.store().delete(&path).await.unwrap();
    for number in 1..=4 {
        without(&warehouse, number, &["kept_out_by"]).await;
    }
    assert!(newest().await.unwrap().redactions().is_empty());
    missed().await;
    let damaged = Release::path(2);
    let store = warehouse.store();
    let whole = store.get(&damaged).await.unwrap();
    store.put(&damaged, "half".into()).await.unwrap();
    missed().await;
    store.put(&damaged, whole).await.unwrap();

    keep(&warehouse, &record).await.unwrap();
    let newest = newest().await;
    let known = all_redactions(&warehouse, newest.as_ref()).await.unwrap();
    assert_eq!(known, std::slice::from_ref(&record));
    assert!(!record.is_settled(newest.as_ref()));
    // Nobody carries on what nobody has read.
    publish(&warehouse, &["Yak"], "y").await;
    let fifth = warehouse.get(AsOf::Latest).await.unwrap();
    assert_eq!((fifth.number, fifth.kept_out_by), (5, None));
}

#[tokio::test]
async fn what_is_published_without_the_record_goes_by_another_release_of_its_own() {
    let store = before().await;
    let warehouse = warehouse(Arc::clone(&store) as Arc<dyn ObjectStore>);
    redact(&warehouse).await.unwrap();
    without(&warehouse, 3, &["kept_out_by"]).await;
    publish(&warehouse, &[NAME], "x;Anna Muster;again").await;
    assert!(!holding(&store).await.is_empty());
    let at_work = warehouse.latest().await.unwrap();
    let record = redactions(&warehouse).await.unwrap().remove(0);
    assert!(record.done && !record.is_settled(at_work.as_ref()));

    let planned = plan(&warehouse, &Named, &BTreeSet::new()).await.unwrap();
    assert!(!planned.is_empty());
    let done = apply(&warehouse, &planned, &Named, record).await.unwrap();
    assert_eq!(done.redaction.release, Some(5));
    assert!(done.redaction.is_settled(done.newest.as_ref()));
    assert_eq!(holding(&store).await, [""; 0]);
    // A run or redaction that began before it cannot publish what it read.
    let late = ReleaseDraft::new(at_work.as_ref(), "late", "test");
    let end = warehouse.publish(late).await.unwrap();
    assert!(matches!(end, Publication::Conflict(_)), "{end:?}");
    // What is done stands: the same again publishes nothing.
    let planned = plan(&warehouse, &Named, &BTreeSet::new()).await.unwrap();
    assert!(planned.is_empty(), "{planned:?}");
    let record = redactions(&warehouse).await.unwrap().remove(0);
    apply(&warehouse, &planned, &Named, record).await.unwrap();
    assert_eq!(warehouse.numbers().await.unwrap(), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn the_release_of_a_redaction_holds_no_more_of_others_than_the_one_before() {
    let warehouse = warehouse(before().await);
    for (id, through) in [("looked-for", 2), ("not-since", 1)] {
        let mut other = Redaction::new(id, "asked for", "salt", BTreeSet::new());
        (other.done, other.through) = (true, Some(through));
        keep(&warehouse, &other).await.unwrap();
    }
    let done = redact(&warehouse).await.unwrap();
    let all = redactions(&warehouse).await.unwrap();
    let through: Vec<_> = all.iter().map(|one| one.through).collect();
    assert_eq!(through, [Some(3), Some(1), None]);
    let settled = all.iter().map(|one| one.is_settled(done.newest.as_ref()));
    assert_eq!(settled.collect::<Vec<_>>(), [true, false, true]);
}
