//! Logs as another program would read them, over releases published and synced in every order.

use std::{collections::BTreeSet, sync::Arc};

use arrow::datatypes::{DataType, Field, Schema};
use bytes::Bytes;
use esf_schemas::Visibility;
use serde_json::{Value, json};

use super::*;
use crate::{
    release::{DataFile, Publication, ReleaseDraft},
    testing,
    write::TableSpec,
};

const TABLE: &str = "operation_amount";

/// The table of the tests under another name.
fn named(name: &str, visibility: Visibility) -> Arc<TableSpec> {
    let spec = testing::spec(visibility);
    Arc::new(TableSpec {
        name: name.to_owned(),
        ..TableSpec::clone(&spec)
    })
}

/// Publishes a release with these tables.
async fn publish(warehouse: &Warehouse, tables: &[(&TableSpec, &[&DataFile])]) -> Release {
    let base = warehouse.latest().await.unwrap();
    let run = format!("run-{}", base.as_ref().map_or(0, |base| base.number));
    let mut draft = ReleaseDraft::new(base.as_ref(), run, "test");
    for (spec, files) in tables {
        draft.table(spec, files.iter().copied().cloned());
    }
    match warehouse.publish(draft).await.unwrap() {
        Publication::Published(release) => release,
        other => panic!("not published: {other:?}"),
    }
}

/// A file with ten rows from there on.
async fn ten(warehouse: &Warehouse, spec: &Arc<TableSpec>, from: i64) -> DataFile {
    let rows = testing::rows(spec, from, from + 10);
    testing::write(warehouse, spec, &format!("{from:04}"), &[rows]).await
}

/// The actions of every commit of a log.
async fn commits(warehouse: &Warehouse, table: &str) -> Vec<Vec<Value>> {
    let mut commits = Vec::new();
    while let Some(bytes) = warehouse
        .store()
        .get_if_exists(&log::path(table, commits.len() as u64))
        .await
        .unwrap()
    {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.ends_with('\n'));
        commits.push(
            text.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
        );
    }
    commits
}

/// What a commit says under a name, of which it says one thing.
fn the<'a>(commit: &'a [Value], action: &str) -> &'a Value {
    let mut found = commit.iter().filter_map(|line| line.get(action));
    let one = found.next().expect("the commit has the action");
    assert!(found.next().is_none());
    one
}

/// The files of a table after all commits, as paths in the store, and the release of the last one.
async fn state(warehouse: &Warehouse, table: &str) -> (BTreeSet<String>, u64) {
    let mut files = BTreeSet::new();
    let mut release = 0;
    for commit in commits(warehouse, table).await {
        for line in &commit {
            let path = |action: &str| {
                let name = line.get(action)?["path"].as_str()?;
                Some(format!("data/{table}/{name}"))
            };
            if let Some(path) = path("add") {
                assert!(files.insert(path));
            }
            if let Some(path) = path("remove") {
                assert!(files.remove(&path));
            }
        }
        release = the(&commit, "txn")["version"].as_u64().unwrap();
    }
    (files, release)
}

fn paths(files: &[&DataFile]) -> BTreeSet<String> {
    files.iter().map(|file| file.path.clone()).collect()
}

/// Warehouses of both kinds of stores.
fn warehouses(folder: &tempfile::TempDir) -> [Warehouse; 2] {
    let local = folder.path().join("w");
    [
        Warehouse::new(Store::memory()),
        Warehouse::open(local.to_str().unwrap()).unwrap(),
    ]
}

#[tokio::test]
async fn a_log_follows_the_releases_of_its_table() {
    let folder = tempfile::tempdir().unwrap();
    for warehouse in warehouses(&folder) {
        let spec = testing::spec(Visibility::Public);
        let other = named("programme", Visibility::Public);
        let (a, b, c) = (
            ten(&warehouse, &spec, 0).await,
            ten(&warehouse, &spec, 20).await,
            ten(&warehouse, &spec, 40).await,
        );
        let p = ten(&warehouse, &other, 0).await;

        let first = publish(&warehouse, &[(&spec, &[&a]), (&other, &[])]).await;
        assert_eq!(sync_logs(&warehouse, &first).await.unwrap(), 2);
        assert_eq!(sync_logs(&warehouse, &first).await.unwrap(), 0);
        let second = publish(&warehouse, &[(&spec, &[&a, &b]), (&other, &[])]).await;
        assert_eq!(sync_logs(&warehouse, &second).await.unwrap(), 1);
        let third = publish(&warehouse, &[(&spec, &[&a, &b]), (&other, &[&p])]).await;
        assert_eq!(sync_logs(&warehouse, &third).await.unwrap(), 1);
        let fourth = publish(&warehouse, &[(&spec, &[&b, &c]), (&other, &[&p])]).await;
        assert_eq!(sync_logs(&warehouse, &fourth).await.unwrap(), 1);

        assert_eq!(state(&warehouse, TABLE).await, (paths(&[&b, &c]), 4));
        assert_eq!(state(&warehouse, "programme").await, (paths(&[&p]), 3));
        let log = commits(&warehouse, TABLE).await;
        let modes: Vec<&Value> = log
            .iter()
            .map(|commit| &the(commit, "commitInfo")["operationParameters"]["mode"])
            .collect();
        assert_eq!(modes, ["Append", "Append", "Overwrite"]);
        let removed = a.path.rsplit('/').next().unwrap();
        assert_eq!(the(&log[2], "remove")["path"], removed);
        // A process that has slept over two releases changes nothing.
        assert_eq!(sync_logs(&warehouse, &second).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn the_first_commit_describes_the_table() {
    let warehouse = Warehouse::new(Store::memory());
    let spec = testing::spec(Visibility::Public);
    let file = ten(&warehouse, &spec, 0).await;
    let release = publish(&warehouse, &[(&spec, &[&file])]).await;
    sync_logs(&warehouse, &release).await.unwrap();
    let log = commits(&warehouse, TABLE).await;
    let time = release.created_at.as_millisecond();

    let info = the(&log[0], "commitInfo");
    assert_eq!(info["timestamp"], time);
    assert_eq!(info["esf.release"], 1);
    assert_eq!(info["esf.contentHash"], release.content_hash);
    let protocol = json!({"minReaderVersion": 1, "minWriterVersion": 2});
    assert_eq!(*the(&log[0], "protocol"), protocol);

    let metadata = the(&log[0], "metaData");
    let id = metadata["id"].as_str().unwrap();
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    let schema: Value = serde_json::from_str(metadata["schemaString"].as_str().unwrap()).unwrap();
    let described = |name: &str, spelled: &str, nullable: bool, comment: &str| {
        let metadata = json!({"comment": comment});
        json!({"name": name, "type": spelled, "nullable": nullable, "metadata": metadata})
    };
    let fields = json!([
        described("source_id", "string", false, "The source"),
        described("source_row", "long", true, "The row"),
        described("operation_id", "string", false, "The operation"),
        described("amount", "decimal(18,2)", true, "The amount"),
    ]);
    assert_eq!(schema, json!({"type": "struct", "fields": fields}));

    let add = the(&log[0], "add");
    assert_eq!(add["path"], format!("{}.parquet", file.sha256));
    assert_eq!(add["size"], file.bytes);
    assert_eq!(add["modificationTime"], time);
    let statistics: Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
    assert_eq!(statistics["numRecords"], 10);
    assert_eq!(statistics["minValues"]["source_id"], "source_00");
    assert_eq!(statistics["minValues"]["source_row"], 0);
    assert_eq!(statistics["maxValues"]["source_row"], 9);
    assert_eq!(statistics["minValues"].get("amount"), None);
}

#[tokio::test]
async fn changed_columns_come_with_the_files_that_have_them() {
    let warehouse = Warehouse::new(Store::memory());
    let spec = testing::spec(Visibility::Public);
    let file = ten(&warehouse, &spec, 0).await;
    let mut fields: Vec<Field> = (spec.schema.fields().iter())
        .map(|field| field.as_ref().clone())
        .collect();
    fields.push(Field::new("certain", DataType::Boolean, true));
    let wider = TableSpec {
        schema: Arc::new(Schema::new(fields)),
        ..TableSpec::clone(&spec)
    };
    for tables in [(&*spec, &[&file][..]), (&wider, &[&file][..])] {
        let release = publish(&warehouse, &[tables]).await;
        assert_eq!(sync_logs(&warehouse, &release).await.unwrap(), 1);
    }
    let log = commits(&warehouse, TABLE).await;
    let schema = the(&log[1], "metaData")["schemaString"].as_str().unwrap();
    let schema: Value = serde_json::from_str(schema).unwrap();
    let added = json!({"name": "certain", "type": "boolean", "nullable": true, "metadata": {}});
    assert_eq!(schema["fields"][4], added);
    assert!(log[1].iter().all(|line| line.get("add").is_none()));

    let strange = TableSpec {
        schema: Arc::new(Schema::new(vec![Field::new("n", DataType::UInt64, true)])),
        sort: Vec::new(),
        key: Vec::new(),
        bloom: Vec::new(),
        ..TableSpec::clone(&spec)
    };
    let release = publish(&warehouse, &[(&strange, &[])]).await;
    let refused = sync_logs(&warehouse, &release).await.unwrap_err();
    assert!(refused.to_string().contains("column n"), "{refused}");
}

#[tokio::test]
async fn only_public_tables_have_logs_and_those_that_were_are_emptied() {
    let warehouse = Warehouse::new(Store::memory());
    let public = testing::spec(Visibility::Public);
    let operator = named("quarantine", Visibility::Operator);
    let (a, q) = (
        ten(&warehouse, &public, 0).await,
        ten(&warehouse, &operator, 0).await,
    );
    let first = publish(&warehouse, &[(&public, &[&a]), (&operator, &[&q])]).await;
    assert_eq!(sync_logs(&warehouse, &first).await.unwrap(), 1);
    assert!(commits(&warehouse, "quarantine").await.is_empty());

    let restricted = testing::spec(Visibility::Restricted);
    let hidden = ten(&warehouse, &restricted, 20).await;
    let second = publish(&warehouse, &[(&restricted, &[&hidden])]).await;
    // Also where nothing is remembered of the table.
    warehouse.store().delete(HEADS).await.unwrap();
    assert_eq!(sync_logs(&warehouse, &second).await.unwrap(), 1);
    assert_eq!(state(&warehouse, TABLE).await, (BTreeSet::new(), 2));
    let third = publish(&warehouse, &[(&public, &[&a])]).await;
    assert_eq!(sync_logs(&warehouse, &third).await.unwrap(), 1);
    assert_eq!(state(&warehouse, TABLE).await, (paths(&[&a]), 3));
}

#[tokio::test]
async fn a_log_left_behind_is_brought_forward_release_by_release() {
    for kept in [true, false] {
        let warehouse = Warehouse::new(Store::memory());
        let spec = testing::spec(Visibility::Public);
        let (a, b) = (
            ten(&warehouse, &spec, 0).await,
            ten(&warehouse, &spec, 20).await,
        );
        publish(&warehouse, &[(&spec, &[&a])]).await;
        publish(&warehouse, &[(&spec, &[&b])]).await;
        let third = publish(&warehouse, &[(&spec, &[&a, &b])]).await;
        if !kept {
            warehouse.store().delete(&Release::path(2)).await.unwrap();
        }
        let expected: &[u64] = if kept { &[1, 2, 3] } else { &[1, 3] };
        let written = sync_logs(&warehouse, &third).await.unwrap();
        assert_eq!(written, expected.len());
        assert_eq!(state(&warehouse, TABLE).await, (paths(&[&a, &b]), 3));
        let releases: Vec<Value> = commits(&warehouse, TABLE)
            .await
            .iter()
            .map(|commit| the(commit, "commitInfo")["esf.release"].clone())
            .collect();
        assert_eq!(releases, expected);
    }
}

#[tokio::test]
async fn what_is_remembered_may_be_old_or_lost() {
    let folder = tempfile::tempdir().unwrap();
    for warehouse in warehouses(&folder) {
        let store = warehouse.store();
        let spec = testing::spec(Visibility::Public);
        let files = [
            ten(&warehouse, &spec, 0).await,
            ten(&warehouse, &spec, 20).await,
            ten(&warehouse, &spec, 40).await,
        ];
        let first = publish(&warehouse, &[(&spec, &[&files[0]])]).await;
        sync_logs(&warehouse, &first).await.unwrap();
        let old = store.get(HEADS).await.unwrap();
        let second = publish(&warehouse, &[(&spec, &[&files[1]])]).await;
        sync_logs(&warehouse, &second).await.unwrap();

        // A run that was killed after its commit and before it was remembered.
        store.put(HEADS, old).await.unwrap();
        assert_eq!(sync_logs(&warehouse, &second).await.unwrap(), 0);
        store
            .put(HEADS, Bytes::from_static(b"{\"rel"))
            .await
            .unwrap();
        let third = publish(&warehouse, &[(&spec, &[&files[2]])]).await;
        assert_eq!(sync_logs(&warehouse, &third).await.unwrap(), 1);
        assert_eq!(state(&warehouse, TABLE).await, (paths(&[&files[2]]), 3));
        assert_eq!(commits(&warehouse, TABLE).await.len(), 3);
        let heads = Heads::read(store).await.unwrap().unwrap();
        assert_eq!((heads.release, heads.tables[TABLE].commits), (3, 3));
    }
}

#[tokio::test]
async fn of_two_runs_at_once_each_release_gets_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    for warehouse in warehouses(&folder) {
        let spec = testing::spec(Visibility::Public);
        let (a, b) = (
            ten(&warehouse, &spec, 0).await,
            ten(&warehouse, &spec, 20).await,
        );
        let first = publish(&warehouse, &[(&spec, &[&a])]).await;
        let second = publish(&warehouse, &[(&spec, &[&b])]).await;
        let runs = [&first, &second, &second, &first].map(|release| sync_logs(&warehouse, release));
        let written: usize = try_join_all(runs).await.unwrap().into_iter().sum();
        assert_eq!(written, 2);
        assert_eq!(state(&warehouse, TABLE).await, (paths(&[&b]), 2));
    }
}

#[tokio::test]
async fn a_log_that_others_wrote_to_is_left_alone() {
    let warehouse = Warehouse::new(Store::memory());
    let store = warehouse.store();
    let spec = testing::spec(Visibility::Public);
    let (a, b) = (
        ten(&warehouse, &spec, 0).await,
        ten(&warehouse, &spec, 20).await,
    );
    let first = publish(&warehouse, &[(&spec, &[&a])]).await;
    sync_logs(&warehouse, &first).await.unwrap();
    let second = publish(&warehouse, &[(&spec, &[&b])]).await;
    let theirs = json!({"remove": {"path": "x.parquet", "dataChange": true}}).to_string();
    store
        .put(&log::path(TABLE, 1), theirs.into())
        .await
        .unwrap();
    let refused = sync_logs(&warehouse, &second).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("0001.json was not written by esf"),
        "{refused}"
    );

    store
        .put(&log::path(TABLE, 3), Bytes::from_static(b"{}"))
        .await
        .unwrap();
    store.delete(&log::path(TABLE, 1)).await.unwrap();
    store.delete(HEADS).await.unwrap();
    let refused = sync_logs(&warehouse, &second).await.unwrap_err();
    assert!(
        refused.to_string().contains("0001.json is missing"),
        "{refused}"
    );

    forget_logs(&warehouse, &[TABLE]).await.unwrap();
    assert_eq!(store.list(&log::folder(TABLE)).await.unwrap(), []);
    assert_eq!(sync_logs(&warehouse, &second).await.unwrap(), 2);
    assert_eq!(state(&warehouse, TABLE).await, (paths(&[&b]), 2));
}

#[tokio::test]
async fn an_unchanged_table_costs_nothing_and_a_removed_log_is_written_anew() {
    let warehouse = Warehouse::new(Store::memory());
    let store = warehouse.store();
    let spec = testing::spec(Visibility::Public);
    let (a, b) = (
        ten(&warehouse, &spec, 0).await,
        ten(&warehouse, &spec, 20).await,
    );
    let first = publish(&warehouse, &[(&spec, &[&a])]).await;
    sync_logs(&warehouse, &first).await.unwrap();
    store.delete(&log::path(TABLE, 0)).await.unwrap();
    // That its log is gone is not seen, because an unchanged table is not looked at.
    assert_eq!(sync_logs(&warehouse, &first).await.unwrap(), 0);
    let second = publish(&warehouse, &[(&spec, &[&a, &b])]).await;
    assert_eq!(sync_logs(&warehouse, &second).await.unwrap(), 2);
    assert_eq!(state(&warehouse, TABLE).await, (paths(&[&a, &b]), 2));
}
