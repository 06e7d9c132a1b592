//! The records of runs as tables: what happened in which night, and how new files compared with those before.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::json::ReaderBuilder;
use esf_engine::release::{ReleaseError, Warehouse};
use serde_json::{Map, Value};

/// The tables, as `schemas/tables/` declares them.
pub const TABLES: [&str; 3] = ["run", "run_source", "run_control"];

/// Why the records of runs cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum RunTablesError {
    /// The store failed.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// A record does not say what records say.
    #[error(
        "a record in runs/ cannot be shown as a table: {0}; take it away, or look at it yourself"
    )]
    Record(#[from] ArrowError),
}

/// The records of all runs, in the order of [`TABLES`]. A record that is no record is left out.
///
/// Fails when the store does, or a value is not of the type of its column.
pub async fn run_tables(
    warehouse: &Warehouse,
) -> Result<Vec<(&'static str, RecordBatch)>, RunTablesError> {
    let (mut runs, mut sources, mut controls) = (Vec::new(), Vec::new(), Vec::new());
    for run_id in warehouse.runs().await? {
        let Ok(Value::Object(mut record)) = warehouse.run(&run_id).await else {
            continue;
        };
        record.insert("run_id".into(), run_id.as_str().into());
        if let Some(date) = record.remove("date") {
            record.insert("night_date".into(), date);
        }
        for mut source in objects(record.remove("sources")) {
            source.insert("run_id".into(), run_id.as_str().into());
            for mut control in objects(source.remove("controls")) {
                for name in ["run_id", "source_id", "file_name"] {
                    control.insert(name.into(), source.get(name).cloned().unwrap_or_default());
                }
                controls.push(Value::Object(control));
            }
            sources.push(Value::Object(source));
        }
        runs.push(Value::Object(record));
    }
    let rows = [runs, sources, controls];
    TABLES
        .into_iter()
        .zip(rows)
        .map(|(name, rows)| Ok((name, batch(name, &rows)?)))
        .collect()
}

fn objects(list: Option<Value>) -> impl Iterator<Item = Map<String, Value>> {
    let list = match list {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    list.into_iter().filter_map(|value| match value {
        Value::Object(object) => Some(object),
        _ => None,
    })
}

/// The columns of a table from objects that have them as fields, among others.
fn batch(table: &str, rows: &[Value]) -> Result<RecordBatch, ArrowError> {
    let schema = esf_schemas::table(table).map_or_else(
        || Arc::new(Schema::empty()),
        esf_schemas::Table::arrow_schema,
    );
    let mut decoder = ReaderBuilder::new(Arc::clone(&schema))
        .with_batch_size(rows.len().max(1))
        .build_decoder()?;
    decoder.serialize(rows)?;
    let read = decoder.flush()?;
    Ok(read.unwrap_or_else(|| RecordBatch::new_empty(schema)))
}

#[cfg(test)]
mod tests {
    use esf_engine::store::Store;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn records_become_rows() {
        let warehouse = Warehouse::new(Store::memory());
        let control = json!({"control": "rows", "of": null, "found": 4.0, "before": 40.0, "least": 20.0, "most": 80.0,
            "passed": true, "accepted": "the programme ended", "message": "it has 4 rows"});
        let record = json!({"schema_version": 2, "outcome": "published", "number": 3, "date": "2020-01-01", "seconds": 1.5, "sources": [
            {"source_id": "a", "list_id": "l", "file_name": "a.csv", "state": "loaded", "loaded": 4, "controls": [control]}]});
        warehouse
            .record_run("20200101T020000000-1", &record)
            .await
            .unwrap();
        warehouse
            .record_run("20200102T020000000-1", &json!(["what"]))
            .await
            .unwrap();
        let tables = run_tables(&warehouse).await.unwrap();
        let rows: Vec<(&str, usize)> = tables
            .iter()
            .map(|(name, rows)| (*name, rows.num_rows()))
            .collect();
        assert_eq!(rows, [("run", 1), ("run_source", 1), ("run_control", 1)]);
        let shown = |table: usize| {
            let rows = [tables[table].1.clone()];
            let shown = arrow::util::pretty::pretty_format_batches(&rows);
            shown.unwrap().to_string()
        };
        assert!(shown(0).contains(" 2020-01-01 "), "{}", shown(0));
        let shown = shown(2);
        assert!(
            shown.contains("the programme ended") && shown.contains("40.0000000000"),
            "{shown}"
        );
    }
}
