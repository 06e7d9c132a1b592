//! The release-wide checks: what each list was checked for when it was derived, and what only the whole can show.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use esf_engine::release::{CheckResult, TableState, Warehouse};
use esf_engine::session::{SessionOptions, register_files, working_session};
use futures::TryStreamExt;

use super::RunError;
use super::shared::firsts;
use crate::check::{Broken, KEYS, OPERATION_IDS, REFERENCES, WEIGHTS, meaning};

/// Checks the tables of all lists. `broken` is what the lists that were derived in this run broke; the others were
/// checked when they were.
pub(super) async fn check(
    warehouse: &Warehouse,
    tables: &BTreeMap<String, TableState>,
    broken: &Broken,
    options: &SessionOptions,
) -> Result<Vec<CheckResult>, RunError> {
    let context = working_session(options)?;
    for table in ["operation", "source_file"] {
        if let Some(state) = tables.get(table) {
            register_files(&context, warehouse, table, state)?;
        }
    }
    let count = async |sql: &str| -> Result<u64, RunError> {
        let stream = context.sql(sql).await?.execute_stream().await?;
        let batches: Vec<RecordBatch> = stream.try_collect().await?;
        let values = batches.iter().filter(|b| b.num_rows() > 0);
        let values = values.filter_map(|b| b.column(0).as_primitive_opt::<Int64Type>());
        Ok(values.map(|v| v.value(0)).sum::<i64>() as u64)
    };
    let rows = |table: &str| tables.get(table).map_or(0, TableState::rows);
    let all = || -> u64 { tables.values().map(TableState::rows).sum() };
    let against = |rule: &'static str| {
        broken
            .iter()
            .filter(move |((broken, _), _)| *broken == rule)
    };
    let of = |rule: &'static str| against(rule).map(|(_, rows)| rows).sum::<u64>();
    // Sorted, because rows that are sorted can go by the disk, and values that are grouped or distinct here cannot.
    let sorted = context
        .sql("SELECT operation_id FROM operation ORDER BY operation_id")
        .await?
        .execute_stream()
        .await?;
    let mut different = firsts(sorted, "operation_id");
    let mut ids = 0;
    while let Some(batch) = different.try_next().await? {
        ids += batch.num_rows() as u64;
    }
    let repeated = rows("operation").abs_diff(ids);
    let open = count(
        "SELECT count(*) FROM source_file
         WHERE rows_read <> rows_loaded + rows_quarantined + rows_ignored",
    )
    .await?;
    let result = |name: &str, checked: u64, failed: u64, what: &str| CheckResult {
        name: name.into(),
        passed: failed == 0,
        checked,
        failed,
        message: match failed {
            0 => String::new(),
            _ => format!("{failed} {what}, of {checked}"),
        },
    };
    let of_lists = |rule: &'static str, checked: u64| {
        let tables: Vec<&str> = against(rule)
            .map(|((_, table), _)| table.as_str())
            .collect();
        let what = format!("{} ({})", meaning(rule), tables.join(", "));
        result(rule, checked, of(rule), &what)
    };
    Ok(vec![
        result(
            OPERATION_IDS,
            rows("operation"),
            repeated.max(of(OPERATION_IDS)),
            meaning(OPERATION_IDS),
        ),
        of_lists(KEYS, all()),
        of_lists(REFERENCES, all()),
        of_lists(WEIGHTS, rows("operation")),
        result(
            "accounting_closes",
            rows("source_file"),
            open,
            "files whose rows are not all accounted for",
        ),
    ])
}
