//! Differences of small tables.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
    util::pretty::pretty_format_batches,
};
use esf_schemas::Visibility;

use super::*;
use crate::{release::Warehouse, store::Store, testing, write::TableSpec};

type Row = (&'static str, Option<&'static str>, Option<i64>, i64);

fn spec(key: &[&str]) -> Arc<TableSpec> {
    let fields = vec![
        Field::new("id", DataType::Utf8, false),
        Field::new("kind", DataType::Utf8, true),
        Field::new("amount", DataType::Int64, true),
        Field::new("source_row", DataType::Int64, false),
    ];
    Arc::new(TableSpec {
        name: "amount".to_owned(),
        schema: Arc::new(Schema::new(fields)),
        sort: vec!["id".to_owned(), "kind".to_owned()],
        key: key.iter().map(|k| (*k).to_owned()).collect(),
        bloom: vec![],
        visibility: Visibility::Public,
    })
}

fn rows(spec: &TableSpec, rows: &[Row]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|r| r.0))),
        Arc::new(rows.iter().map(|r| r.1).collect::<StringArray>()),
        Arc::new(rows.iter().map(|r| r.2).collect::<Int64Array>()),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.3))),
    ];
    RecordBatch::try_new(Arc::clone(&spec.schema), columns).unwrap()
}

/// What everybody may see of what two releases hold differently.
async fn differences(warehouse: &Warehouse, before: &Release, after: &Release) -> Vec<RecordBatch> {
    let options = SessionOptions::default();
    diff(warehouse, before, after, Access::Public, &options)
        .await
        .unwrap()
}

async fn compare(key: &[&str], before: &[&[Row]], after: &[&[Row]]) -> String {
    let warehouse = Warehouse::new(Store::memory());
    let spec = spec(key);
    let mut releases = Vec::new();
    for (run, partitions) in [before, after].into_iter().enumerate() {
        let mut files = Vec::new();
        for (partition, part) in partitions.iter().enumerate() {
            files.push(
                testing::write(
                    &warehouse,
                    &spec,
                    &partition.to_string(),
                    &[rows(&spec, part)],
                )
                .await,
            );
        }
        releases.push(testing::publish(&warehouse, &spec, files, &run.to_string()).await);
    }
    let batches = differences(&warehouse, &releases[0], &releases[1]).await;
    pretty_format_batches(&batches).unwrap().to_string()
}

#[tokio::test]
async fn rows_come_go_and_change_by_their_key() {
    let before: &[Row] = &[
        ("a", Some("paid"), Some(1), 1),
        ("a", None, Some(2), 2),
        ("b", Some("paid"), Some(3), 3),
        ("c", None, None, 4),
    ];
    let after: &[Row] = &[
        ("a", Some("paid"), Some(9), 7),
        ("a", None, Some(2), 8),
        ("c", None, Some(5), 9),
        ("d", None, Some(6), 10),
    ];
    let expected = "\
+--------+--------+---------+--------+-----+-----+
| table  | key    | change  | column | old | new |
+--------+--------+---------+--------+-----+-----+
| amount | a|paid | changed | amount | 1   | 9   |
| amount | b|paid | gone    |        |     |     |
| amount | c|     | changed | amount |     | 5   |
| amount | d|     | added   |        |     |     |
+--------+--------+---------+--------+-----+-----+";
    assert_eq!(
        compare(&["id", "kind"], &[before], &[after]).await,
        expected
    );
}

#[tokio::test]
async fn rows_that_only_moved_have_not_changed() {
    let (one, two): (&[Row], &[Row]) = (&[("a", None, Some(1), 1)], &[("b", None, Some(2), 2)]);
    let moved: &[Row] = &[
        ("a", None, Some(1), 5),
        ("b", None, Some(2), 6),
        ("c", None, Some(3), 7),
    ];
    let text = compare(&["id"], &[one, two], &[moved]).await;
    assert!(
        text.contains("| amount | c   | added") && text.lines().count() == 5,
        "{text}"
    );
}

#[tokio::test]
async fn shared_files_are_not_read() {
    let warehouse = Warehouse::new(Store::memory());
    let spec = spec(&["id"]);
    let shared = testing::write(
        &warehouse,
        &spec,
        "0",
        &[rows(&spec, &[("a", None, None, 1)])],
    )
    .await;
    let mut releases = Vec::new();
    for (run, id) in ["b", "c"].into_iter().enumerate() {
        let own = testing::write(
            &warehouse,
            &spec,
            "1",
            &[rows(&spec, &[(id, None, None, 1)])],
        )
        .await;
        releases.push(
            testing::publish(
                &warehouse,
                &spec,
                vec![shared.clone(), own],
                &run.to_string(),
            )
            .await,
        );
    }
    warehouse.store().delete(&shared.path).await.unwrap();
    let batches = differences(&warehouse, &releases[0], &releases[1]).await;
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2);
}

#[tokio::test]
async fn a_table_without_key_has_changed_as_a_whole() {
    let text = compare(&[], &[&[("a", None, None, 1)]], &[&[("b", None, None, 1)]]).await;
    assert!(text.contains("| amount |     | changed |"), "{text}");
    let same: &[Row] = &[("a", None, None, 1)];
    let warehouse = Warehouse::new(Store::memory());
    let spec = spec(&["id"]);
    let file = testing::write(&warehouse, &spec, "", &[rows(&spec, same)]).await;
    let release = testing::publish(&warehouse, &spec, vec![file], "1").await;
    let none = differences(&warehouse, &release, &release).await;
    assert!(none.is_empty());
}
