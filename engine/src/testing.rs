//! Made-up tables for the tests of this crate.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use esf_schemas::Visibility;

use crate::{
    release::{DataFile, Publication, Release, ReleaseDraft, Warehouse},
    write::{TableSpec, TableWriter},
};

/// A table of amounts, sorted by source and number.
pub(crate) fn spec(visibility: Visibility) -> Arc<TableSpec> {
    let described = |field: Field, text: &str| {
        field.with_metadata([("description".to_owned(), text.to_owned())].into())
    };
    let fields = vec![
        described(Field::new("source_id", DataType::Utf8, false), "The source"),
        described(Field::new("source_row", DataType::Int64, true), "The row"),
        described(
            Field::new("operation_id", DataType::Utf8, false),
            "The operation",
        ),
        described(
            Field::new("amount", DataType::Decimal128(18, 2), true),
            "The amount",
        ),
    ];
    Arc::new(TableSpec {
        name: "operation_amount".to_owned(),
        schema: Arc::new(Schema::new(fields)),
        sort: ["source_id", "source_row", "operation_id"]
            .map(str::to_owned)
            .to_vec(),
        key: vec!["operation_id".to_owned()],
        bloom: vec!["operation_id".to_owned()],
        visibility,
    })
}

/// Rows `from..to` of that table.
pub(crate) fn rows(spec: &TableSpec, from: i64, to: i64) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(
            (from..to).map(|i| format!("source_{:02}", i / 50_000)),
        )),
        Arc::new(
            (from..to)
                .map(|i| (i % 50_000 != 49_999).then_some(i))
                .collect::<Int64Array>(),
        ),
        Arc::new(StringArray::from_iter_values((from..to).map(|i| {
            crate::store::sha256(&i.to_le_bytes())[..24].to_owned()
        }))),
        Arc::new(
            (from..to)
                .map(|i| (i % 7 != 0).then_some(i128::from(i) * 101))
                .collect::<Decimal128Array>()
                .with_precision_and_scale(18, 2)
                .unwrap(),
        ),
    ];
    RecordBatch::try_new(Arc::clone(&spec.schema), columns).unwrap()
}

/// Writes some rows as a partition.
pub(crate) async fn write(
    warehouse: &Warehouse,
    spec: &Arc<TableSpec>,
    partition: &str,
    batches: &[RecordBatch],
) -> DataFile {
    let mut writer = TableWriter::create(warehouse, spec, partition).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.finish().unwrap().unwrap().keep().await.unwrap()
}

/// Publishes a release that holds one table with these files.
pub(crate) async fn publish(
    warehouse: &Warehouse,
    spec: &TableSpec,
    files: Vec<DataFile>,
    run: &str,
) -> Release {
    let base = warehouse.latest().await.unwrap();
    let mut draft = ReleaseDraft::new(base.as_ref(), run, "test");
    draft.table(spec, files);
    match warehouse.publish(draft).await.unwrap() {
        Publication::Published(release) => release,
        other => panic!("not published: {other:?}"),
    }
}
