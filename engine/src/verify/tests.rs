//! A sound release has no faults; whatever is altered is found.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use bytes::Bytes;
use esf_schemas::Visibility;

use super::*;
use crate::{
    release::{Publication, ReleaseDraft, SourceFileState, SourceState},
    store::{Store, raw_path},
    testing,
    write::TableSpec,
};

fn ids(name: &str, key: &str, columns: &[&str]) -> Arc<TableSpec> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|column| Field::new(*column, DataType::Utf8, true))
        .collect();
    Arc::new(TableSpec {
        name: name.to_owned(),
        schema: Arc::new(Schema::new(fields)),
        sort: vec![columns[0].to_owned()],
        key: vec![key.to_owned()],
        bloom: vec![],
        visibility: Visibility::Public,
    })
}

fn texts(spec: &TableSpec, columns: &[&[&str]]) -> RecordBatch {
    let columns = columns
        .iter()
        .map(|c| Arc::new(StringArray::from(c.to_vec())) as ArrayRef)
        .collect();
    RecordBatch::try_new(Arc::clone(&spec.schema), columns).unwrap()
}

/// Operations and the amounts that refer to them.
async fn release(warehouse: &Warehouse, operations: &[&str], amounts: &[&str]) -> Release {
    let operation = ids("operation", "operation_id", &["operation_id"]);
    let amount = ids("amount", "amount_id", &["amount_id", "operation_id"]);
    let numbers: Vec<String> = (0..amounts.len()).map(|n| n.to_string()).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let mut draft = ReleaseDraft::new(None, "run-1", "test");
    draft.table(
        &operation,
        [testing::write(
            warehouse,
            &operation,
            "",
            &[texts(&operation, &[operations])],
        )
        .await],
    );
    draft.table(
        &amount,
        [testing::write(
            warehouse,
            &amount,
            "",
            &[texts(&amount, &[&numbers, amounts])],
        )
        .await],
    );
    let sha256 = warehouse
        .store()
        .put_raw(Bytes::from_static(b"published"))
        .await
        .unwrap();
    let file = SourceFileState {
        sha256,
        file_name: "list.csv".to_owned(),
        bytes: 9,
        ..SourceFileState::default()
    };
    draft.sources.insert(
        "xx_list".to_owned(),
        SourceState {
            files: vec![file],
            ..SourceState::default()
        },
    );
    match warehouse.publish(draft).await.unwrap() {
        Publication::Published(release) => release,
        other => panic!("{other:?}"),
    }
}

async fn faults(warehouse: &Warehouse, release: &Release) -> Vec<(&'static str, String)> {
    let report = verify(warehouse, release, &VerifyOptions::default())
        .await
        .unwrap();
    report
        .faults
        .into_iter()
        .map(|fault| (fault.check, fault.subject))
        .collect()
}

#[tokio::test]
async fn a_sound_release_has_no_faults() {
    let warehouse = Warehouse::new(Store::memory());
    let release = release(&warehouse, &["a", "b"], &["a", "a", "b"]).await;
    let report = verify(&warehouse, &release, &VerifyOptions::default())
        .await
        .unwrap();
    assert_eq!(
        (report.files, report.rows, report.raw, report.faults),
        (2, 5, 1, vec![])
    );
}

#[tokio::test]
async fn a_flipped_byte_is_found_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let warehouse = Warehouse::open(folder.path().to_str().unwrap()).unwrap();
    let release = release(&warehouse, &["a"], &["a"]).await;
    let path = release.tables["operation"].files[0].path.clone();
    let sound = std::fs::read(folder.path().join(&path)).unwrap();
    for position in [0, sound.len() / 2, sound.len() - 1] {
        let mut bytes = sound.clone();
        bytes[position] ^= 1;
        std::fs::write(folder.path().join(&path), bytes).unwrap();
        assert_eq!(faults(&warehouse, &release).await, [("file", path.clone())]);
    }
    std::fs::remove_file(folder.path().join(&path)).unwrap();
    assert_eq!(faults(&warehouse, &release).await, [("file", path)]);
}

#[tokio::test]
async fn altered_raw_bytes_and_documents_are_found() {
    let warehouse = Warehouse::new(Store::memory());
    let release = release(&warehouse, &["a"], &["a"]).await;
    let hash = release.sources["xx_list"].files[0].sha256.clone();
    warehouse
        .store()
        .put(&raw_path(&hash), Bytes::from_static(b"publishee"))
        .await
        .unwrap();
    assert_eq!(faults(&warehouse, &release).await, [("raw", hash.clone())]);
    warehouse
        .store()
        .put_raw(Bytes::from_static(b"published"))
        .await
        .unwrap();
    warehouse
        .store()
        .put(&raw_path(&hash), Bytes::from_static(b"published"))
        .await
        .unwrap();

    let text = warehouse
        .document(1)
        .await
        .unwrap()
        .to_string()
        .replace("list.csv", "lisd.csv");
    warehouse
        .store()
        .put(&Release::path(1), Bytes::from(text))
        .await
        .unwrap();
    assert_eq!(
        faults(&warehouse, &release).await,
        [("document", Release::path(1))]
    );
}

#[test]
fn what_this_user_may_not_read_is_one_fault() {
    let io = |kind: std::io::ErrorKind| StoreError::Io {
        action: "read",
        path: "raw/00".into(),
        source: kind.into(),
    };
    let denied = io(std::io::ErrorKind::PermissionDenied);
    let broken = io(std::io::ErrorKind::InvalidData);
    let mut faults: Vec<Fault> = (0..18)
        .map(|n| Fault::unread("raw", &n.to_string(), &denied))
        .collect();
    faults.push(Fault::unread("raw", "broken", &broken));
    let told: Vec<(&str, String)> = folded(faults)
        .into_iter()
        .map(|fault| (fault.check, fault.subject))
        .collect();
    let expected = [("raw", "broken".to_owned()), ("denied", "0".to_owned())];
    assert_eq!(told, expected);
    let only = folded(vec![Fault::unread("file", "a", &denied)]);
    assert_eq!(only[0].message, denied.to_string());
}

#[tokio::test]
async fn wrong_counts_and_columns_are_found() {
    let warehouse = Warehouse::new(Store::memory());
    let mut release = release(&warehouse, &["a"], &["a"]).await;
    release.tables.get_mut("operation").unwrap().files[0].rows = 7;
    release.tables.get_mut("amount").unwrap().schema[0].data_type = "Int64".to_owned();
    let checks: Vec<&str> = faults(&warehouse, &release)
        .await
        .into_iter()
        .map(|(check, _)| check)
        .collect();
    assert_eq!(checks, ["schema", "rows"]);
}

#[tokio::test]
async fn keys_that_repeat_and_references_to_nothing_are_found() {
    let warehouse = Warehouse::new(Store::memory());
    let release = release(&warehouse, &["a", "a"], &["a", "x"]).await;
    let expected = [
        ("key", "operation (operation_id)".to_owned()),
        ("reference", "amount.operation_id".to_owned()),
    ];
    assert_eq!(faults(&warehouse, &release).await, expected);
}
