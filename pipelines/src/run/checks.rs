//! The release-wide checks: what each list was checked for when it was derived, and what only the whole can show.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use datafusion::prelude::SessionContext;
use esf_engine::release::{CheckResult, TableState, Warehouse};
use esf_engine::session::{SessionOptions, register_files, working_session};
use esf_schemas::Visibility;
use futures::TryStreamExt;

use super::RunError;
use super::shared::firsts;
use crate::check::{Broken, KEYS, OPERATION_IDS, REFERENCES, WEIGHTS, meaning};

/// The accounting of files: that of all, and that of files of people, of which the first has no numbers.
const FILES: [&str; 2] = ["source_file", "restricted_source_file"];

/// Checks the tables of all lists. `broken` is what the lists that were derived in this run broke; the others were
/// checked when they were.
pub(super) async fn check(
    warehouse: &Warehouse,
    tables: &BTreeMap<String, TableState>,
    broken: &Broken,
    options: &SessionOptions,
) -> Result<Vec<CheckResult>, RunError> {
    let context = working_session(options)?;
    for table in ["operation", FILES[0], FILES[1]] {
        if let Some(state) = tables.get(table) {
            register_files(&context, warehouse, table, state)?;
        }
    }
    let rows = |table: &str| tables.get(table).map_or(0, TableState::rows);
    // What is told in public is no count of people, and does not depend on files whose rows an earlier release keeps to itself.
    let all = || -> u64 {
        let tables = tables.values();
        let told = tables.filter(|table| table.visibility != Visibility::Restricted);
        told.map(TableState::rows).sum()
    };
    let against = |rule: &'static str| {
        broken
            .iter()
            .filter(move |((broken, _), _)| *broken == rule)
    };
    let of = |rule: &'static str| against(rule).map(|(_, rows)| rows).sum::<u64>();
    let repeated = rows("operation").abs_diff(different_operations(&context).await?);
    let files = FILES.into_iter();
    let files = files.filter(|table| tables.contains_key(*table));
    let open = open_files(&context, files).await?;
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

/// How many different ids operations have.
async fn different_operations(context: &SessionContext) -> Result<u64, RunError> {
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
    Ok(ids)
}

/// How many files in these tables have rows that are not accounted for.
async fn open_files(
    context: &SessionContext,
    tables: impl Iterator<Item = &'static str>,
) -> Result<u64, RunError> {
    let mut open = 0;
    for table in tables {
        let sql = format!(
            "SELECT count(*) FROM {table}
             WHERE rows_read <> rows_loaded + rows_quarantined + rows_ignored"
        );
        let stream = context.sql(&sql).await?.execute_stream().await?;
        let batches: Vec<RecordBatch> = stream.try_collect().await?;
        let values = batches.iter().filter(|b| b.num_rows() > 0);
        let values = values.filter_map(|b| b.column(0).as_primitive_opt::<Int64Type>());
        open += values.map(|v| v.value(0)).sum::<i64>() as u64;
    }
    Ok(open)
}
