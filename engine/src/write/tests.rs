//! The bytes of a file depend on its rows only.

use std::sync::Arc;

use arrow::{
    array::{AsArray, RecordBatch},
    compute::{cast, concat_batches},
    datatypes::{DataType, Decimal128Type},
};
use bytes::Bytes;
use esf_schemas::Visibility;
use parquet::{
    arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    file::metadata::{ColumnChunkMetaData, PageIndexPolicy, RowGroupMetaData},
};

use super::*;
use crate::{release::Warehouse, store::Store, testing};

const ROWS: i64 = 150_000;

fn cut(rows: &RecordBatch, size: impl Fn(usize) -> usize) -> Vec<RecordBatch> {
    let (mut batches, mut from) = (Vec::new(), 0);
    while from < rows.num_rows() {
        let take = size(batches.len()).min(rows.num_rows() - from);
        batches.push(rows.slice(from, take));
        from += take;
    }
    batches
}

#[tokio::test]
async fn bytes_are_equal_for_any_cutting_of_the_rows() {
    let warehouse = Warehouse::new(Store::memory());
    let spec = testing::spec(Visibility::Public);
    let rows = testing::rows(&spec, 0, ROWS);
    let whole = testing::write(&warehouse, &spec, "00", std::slice::from_ref(&rows)).await;
    let cuttings: [Vec<RecordBatch>; 5] = [
        cut(&rows, |_| 1_000),
        cut(&rows, |_| 8_192),
        cut(&rows, |i| i * i + 1),
        cut(&rows, |i| [1, 8_191, 70_000, 0, 3][i % 5]),
        vec![
            testing::rows(&spec, 0, 77),
            testing::rows(&spec, 77, 131_072),
            testing::rows(&spec, 131_072, ROWS),
        ],
    ];
    for batches in cuttings {
        assert_eq!(
            testing::write(&warehouse, &spec, "00", &batches).await,
            whole
        );
    }
}

#[test]
fn rows_are_in_one_order_whole_and_in_pieces() {
    let spec = testing::spec(Visibility::Public);
    let batches = vec![
        testing::rows(&spec, 90_000, ROWS),
        testing::rows(&spec, 0, 90_000),
    ];
    let whole = sorted(&spec, batches.clone()).unwrap();
    assert_eq!(whole, testing::rows(&spec, 0, ROWS));
    let pieces = sorted_pieces(&spec, batches).unwrap();
    let pieces: Vec<RecordBatch> = pieces.map(|piece| piece.unwrap()).collect();
    assert!(pieces.len() > 1, "no piece is all of them");
    let together = concat_batches(&whole.schema(), &pieces).unwrap();
    assert_eq!(together, whole);
    assert!(sorted_pieces(&spec, Vec::new()).unwrap().next().is_none());
}

#[tokio::test]
async fn bytes_are_equal_whatever_the_types_the_plan_gave() {
    let warehouse = Warehouse::new(Store::memory());
    let spec = testing::spec(Visibility::Public);
    let rows = testing::rows(&spec, 0, 20_000);
    let view = cast(rows.column(0), &DataType::Utf8View).unwrap();
    let dictionary = cast(
        rows.column(2),
        &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
    )
    .unwrap();
    let columns = [
        ("source_id", view),
        ("source_row", Arc::clone(rows.column(1))),
        ("operation_id", dictionary),
        ("amount", Arc::clone(rows.column(3))),
    ];
    let other = RecordBatch::try_from_iter(columns).unwrap();
    let one = testing::write(&warehouse, &spec, "", &[rows]).await;
    assert_eq!(testing::write(&warehouse, &spec, "", &[other]).await, one);
}

#[test]
fn rows_that_were_sorted_before_and_new_ones_come_in_one_order() {
    let spec = testing::spec(Visibility::Public);
    // Of two sources, the first of which has a row without a number as its last.
    let all = testing::rows(&spec, 49_000, 51_000);
    let kept = [all.slice(100, 1_100), all.slice(1_300, 500)];
    let new = [all.slice(1_800, 200), all.slice(1_200, 100)];
    // Those before all others come row by row, the last first.
    let backwards = (0..100).rev().map(|row| all.slice(row, 1));
    let batches = kept.into_iter().chain(new).chain(backwards);
    assert_eq!(sorted(&spec, batches.collect()).unwrap(), all);
}

#[test]
fn rows_that_the_order_does_not_tell_apart_stay_as_they_came() {
    let spec = testing::spec(Visibility::Public);
    let rows = testing::rows(&spec, 0, 1_000);
    let other = testing::rows(&spec, 1_000, 2_000);
    let mut columns = rows.columns().to_vec();
    columns[3] = Arc::clone(other.column(3));
    let again = RecordBatch::try_new(rows.schema(), columns).unwrap();
    let found = sorted(&spec, vec![rows.clone(), again]).unwrap();
    let amounts = |batch: &RecordBatch| -> Vec<Option<i128>> {
        let amounts = batch.column(3).as_primitive::<Decimal128Type>();
        amounts.iter().collect()
    };
    let pairs = amounts(&rows).into_iter().zip(amounts(&other));
    let expected: Vec<Option<i128>> = pairs.flat_map(|(one, two)| [one, two]).collect();
    assert_eq!(amounts(&found), expected);
}

#[tokio::test]
async fn the_layout_is_as_promised() {
    let warehouse = Warehouse::new(Store::memory());
    let spec = testing::spec(Visibility::Operator);
    let file = testing::write(&warehouse, &spec, "3f", &[testing::rows(&spec, 0, ROWS)]).await;
    assert_eq!(
        file.path,
        format!("operator/operation_amount/{}.parquet", file.sha256)
    );
    assert_eq!(
        (
            file.min["source_id"].as_str(),
            file.max["source_id"].as_str()
        ),
        ("source_00", "source_02")
    );
    assert_eq!(
        (
            file.min["source_row"].as_str(),
            file.max["source_row"].as_str()
        ),
        ("0", "149998")
    );

    let bytes: Bytes = warehouse.store().get(&file.path).await.unwrap();
    assert_eq!(
        (bytes.len() as u64, crate::store::sha256(&bytes)),
        (file.bytes, file.sha256)
    );
    let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
    let reader =
        ParquetRecordBatchReaderBuilder::try_new_with_options(bytes.clone(), options).unwrap();
    assert_eq!(reader.schema().as_ref().fields(), spec.schema.fields());
    let metadata = reader.metadata();
    let groups: Vec<i64> = metadata
        .row_groups()
        .iter()
        .map(RowGroupMetaData::num_rows)
        .collect();
    assert_eq!(groups, [131_072, 150_000 - 131_072]);
    assert_eq!(metadata.row_group(0).sorting_columns().unwrap().len(), 3);
    assert!(
        metadata
            .row_group(0)
            .column(2)
            .bloom_filter_offset()
            .is_some()
    );
    assert!(metadata.column_index().is_some());
    let pairs = metadata.file_metadata().key_value_metadata().unwrap();
    assert!(
        pairs
            .iter()
            .any(|kv| kv.key == "esf.partition" && kv.value.as_deref() == Some("3f"))
    );

    let index = metadata
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns)
        .filter_map(ColumnChunkMetaData::column_index_offset)
        .min();
    assert_eq!(file.footer_bytes, file.bytes - index.unwrap() as u64);
    let read: usize = reader
        .build()
        .unwrap()
        .map(|batch| batch.unwrap().num_rows())
        .sum();
    assert_eq!(read, ROWS as usize);
}

#[tokio::test]
async fn wrong_rows_are_refused_with_their_column() {
    let warehouse = Warehouse::new(Store::memory());
    let spec = testing::spec(Visibility::Public);
    let rows = testing::rows(&spec, 0, 10);
    let mut writer = TableWriter::create(&warehouse, &spec, "").unwrap();
    let fewer = rows.project(&[0, 1]).unwrap();
    assert!(matches!(
        writer.write(&fewer),
        Err(WriteError::Columns { .. })
    ));

    let unknown = arrow::array::new_null_array(&DataType::Utf8, 10);
    let columns = [
        ("source_id", Arc::clone(rows.column(0))),
        ("source_row", Arc::clone(rows.column(1))),
        ("operation_id", unknown),
        ("amount", Arc::clone(rows.column(3))),
    ];
    let error = writer
        .write(&RecordBatch::try_from_iter(columns).unwrap())
        .unwrap_err()
        .to_string();
    assert!(error.contains("operation_id"), "{error}");

    let text: arrow::array::ArrayRef = Arc::new(arrow::array::StringArray::from(vec!["many"; 10]));
    let columns = [
        ("source_id", Arc::clone(rows.column(0))),
        ("source_row", Arc::clone(rows.column(1))),
        ("operation_id", Arc::clone(rows.column(2))),
        ("amount", text),
    ];
    let error = writer
        .write(&RecordBatch::try_from_iter(columns).unwrap())
        .unwrap_err()
        .to_string();
    assert!(error.contains("amount"), "{error}");
}

#[tokio::test]
async fn no_rows_give_no_file_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let warehouse = Warehouse::open(folder.path().to_str().unwrap()).unwrap();
    let spec = testing::spec(Visibility::Public);
    let mut writer = TableWriter::create(&warehouse, &spec, "").unwrap();
    writer.write(&testing::rows(&spec, 0, 0)).unwrap();
    assert!(writer.finish().unwrap().is_none());
    assert_eq!(
        std::fs::read_dir(folder.path().join(".tmp"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn the_size_of_a_restricted_file_does_not_tell_how_many_rows_it_has() {
    let warehouse = Warehouse::new(Store::memory());
    let size = async |visibility: Visibility, rows: i64| {
        let spec = testing::spec(visibility);
        let rows = testing::rows(&spec, 0, rows);
        let file = testing::write(&warehouse, &spec, "", &[rows]).await;
        let bytes = warehouse.store().get(&file.path).await.unwrap();
        let read = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
        let read: Vec<RecordBatch> = read.build().unwrap().map(Result::unwrap).collect();
        (
            file.bytes,
            read.iter().map(RecordBatch::num_rows).sum::<usize>(),
        )
    };
    let ((few, three), (more, fifty)) = (
        size(Visibility::Restricted, 3).await,
        size(Visibility::Restricted, 50).await,
    );
    assert_eq!((three, fifty), (3, 50));
    // Lengths in the footer are written as short as they are.
    assert!(few.abs_diff(more) < 100, "{few} {more}");
    let ((few, _), (more, _)) = (
        size(Visibility::Public, 3).await,
        size(Visibility::Public, 50).await,
    );
    assert!(more > few + 100, "{few} {more}");
}
