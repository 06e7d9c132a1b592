//! A made-up warehouse of a few operations; no row of it was ever published.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use esf_engine::release::{Publication, ReleaseDraft, Warehouse};
use esf_engine::write::{TableSpec, TableWriter};

/// A row as columns and values; what is not named is null, false or the same filler in every row.
type Row<'a> = &'a [(&'a str, &'a str)];

const OPERATIONS: &[Row<'_>] = &[
    &[
        ("operation_id", "op1"),
        ("title", "Brücke in Arbeit"),
        ("country", "DE"),
        ("period", "2014-2020"),
        ("start_date", "2016-03-17"),
    ],
    &[
        ("operation_id", "op2"),
        ("title", "Väg till jobb | \"ny start\""),
        ("country", "SE"),
        ("period", "2014-2020"),
    ],
    &[
        ("operation_id", "op3"),
        ("title", "Zweite Chance\u{1b}[31m"),
        ("country", "DE"),
        ("period", "2007-2013"),
        ("union_rate", "0.5"),
    ],
];

const AMOUNTS: &[Row<'_>] = &[
    &[
        ("operation_id", "op1"),
        ("amount_kind", "granted"),
        ("amount", "1234567.80"),
        ("currency", "EUR"),
    ],
    &[
        ("operation_id", "op2"),
        ("amount_kind", "granted"),
        ("amount", "4300000.00"),
        ("currency", "SEK"),
    ],
    &[
        ("operation_id", "op3"),
        ("amount_kind", "paid"),
        ("amount", "9999.01"),
        ("currency", "EUR"),
    ],
];

const QUARANTINE: &[Row<'_>] = &[&[
    ("rule", "amount_unreadable"),
    ("column", "granted"),
    ("value", "k. A."),
    ("message", "no amount can be read"),
]];

/// Publishes the made-up tables into a folder as release 1, and with one operation less as release 2.
pub(super) fn warehouse() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        publish(&path, OPERATIONS, AMOUNTS).await;
        publish(&path, &OPERATIONS[..2], &AMOUNTS[..2]).await;
    });
    (folder, path)
}

async fn publish(path: &Path, operations: &[Row<'_>], amounts: &[Row<'_>]) {
    let warehouse = Warehouse::open(path.to_str().unwrap()).unwrap();
    let base = warehouse.latest().await.unwrap();
    let mut draft = ReleaseDraft::new(base.as_ref(), "made", "test");
    draft.created_at = "2026-01-02T03:04:05Z".parse().unwrap();
    draft.demonstration = true;
    for (name, rows) in [
        ("operation", operations),
        ("operation_amount", amounts),
        ("quarantine", QUARANTINE),
    ] {
        let spec = Arc::new(TableSpec::from(esf_schemas::table(name).unwrap()));
        let mut writer = TableWriter::create(&warehouse, &spec, "made").unwrap();
        writer.write(&batch(name, rows)).unwrap();
        let file = writer.finish().unwrap().unwrap().keep().await.unwrap();
        draft.table(&spec, [file]);
    }
    assert!(matches!(
        warehouse.publish(draft).await.unwrap(),
        Publication::Published(_)
    ));
}

fn batch(table: &str, rows: &[Row<'_>]) -> arrow::record_batch::RecordBatch {
    let table = esf_schemas::table(table).unwrap();
    let mut csv = table
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect::<Vec<_>>()
        .join(",");
    for (number, row) in rows.iter().enumerate() {
        csv.push('\n');
        for (i, column) in table.columns.iter().enumerate() {
            let given = row
                .iter()
                .find(|(name, _)| *name == column.name)
                .map(|(_, value)| (*value).to_owned());
            let filler = || match column.column_type {
                _ if column.name == "source_row" => (number + 2).to_string(),
                _ if column.nullable => String::new(),
                esf_schemas::ColumnType::Bool => "false".to_owned(),
                _ => "made".to_owned(),
            };
            let value = given.unwrap_or_else(filler).replace('"', "\"\"");
            write!(csv, "{}\"{value}\"", if i > 0 { "," } else { "" }).unwrap();
        }
    }
    let reader = arrow::csv::ReaderBuilder::new(table.arrow_schema()).with_header(true);
    reader
        .build(csv.as_bytes())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
}
