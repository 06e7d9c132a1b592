//! Tables that need all lists together, and the release-wide checks: DataFusion plans over the table files of the
//! release in the making.

use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use datafusion::prelude::SessionContext;
use esf_engine::release::{CheckResult, TableState, Warehouse};
use esf_engine::session::{SessionOptions, register_files, working_session};
use esf_engine::write::{TableWriter, write_stream};
use futures::TryStreamExt;

use super::inputs::Inputs;
use super::pack::{sorted, spec_of};
use super::reference::region_rows;
use super::{RunError, RunOptions, TableFiles};

/// Partition of tables that are made from all lists at once.
const SHARED: &str = "shared";

/// Derives the shared tables, adds their files, and checks the whole.
pub(super) async fn derive(
    warehouse: &Warehouse,
    inputs: &Inputs,
    options: &RunOptions,
    files: &mut TableFiles,
) -> Result<Vec<CheckResult>, RunError> {
    let session_options = SessionOptions {
        target_partitions: Some(options.workers()),
        memory_limit: options.memory_limit,
        ..SessionOptions::default()
    };
    let ctx = working_session(&session_options)?;
    for (name, (spec, of_table)) in files.iter() {
        let mut state = TableState::new(
            spec.visibility,
            &spec.schema,
            spec.sort.clone(),
            spec.key.clone(),
        );
        state.files.clone_from(of_table);
        register_files(&ctx, warehouse, name, &state)?;
    }
    for (table, sql) in [
        ("organisation", include_str!("shared/organisation.sql")),
        (
            "operation_match",
            include_str!("shared/operation_match.sql"),
        ),
    ] {
        add_query(warehouse, &ctx, table, sql, files).await?;
    }
    let regions = region_rows(warehouse, inputs).await?;
    add_rows(warehouse, "region", regions, files).await?;
    for (table, batches) in super::codes::tables()? {
        add_rows(warehouse, table, batches, files).await?;
    }
    for table in esf_schemas::tables() {
        if !files.contains_key(&table.name)
            && table.layer == esf_schemas::Layer::Core
            && table.name != "run"
        {
            files.insert(
                table.name.clone(),
                (Arc::new(spec_of(&table.name)?), Vec::new()),
            );
        }
    }
    check(&ctx).await
}

async fn add_query(
    warehouse: &Warehouse,
    ctx: &SessionContext,
    table: &str,
    sql: &str,
    files: &mut TableFiles,
) -> Result<(), RunError> {
    let spec = Arc::new(spec_of(table)?);
    // Columns by name, so that the order of a query's columns is not part of the table's meaning.
    let names: Vec<&str> = spec
        .schema
        .fields()
        .iter()
        .map(|f| f.name().as_str())
        .collect();
    let frame = ctx.sql(sql).await?.select_columns(&names)?;
    let sort = spec
        .sort
        .iter()
        .map(|name| datafusion::prelude::col(name.as_str()).sort(true, false))
        .collect();
    let stream = frame.sort(sort)?.execute_stream().await?;
    let file = write_stream(warehouse, &spec, SHARED, stream).await?;
    files.insert(table.to_string(), (spec, file.into_iter().collect()));
    Ok(())
}

async fn add_rows(
    warehouse: &Warehouse,
    table: &str,
    batches: Vec<RecordBatch>,
    files: &mut TableFiles,
) -> Result<(), RunError> {
    let spec = Arc::new(spec_of(table)?);
    let mut of_table = Vec::new();
    if batches.iter().any(|b| b.num_rows() > 0) {
        let mut writer = TableWriter::create(warehouse, &spec, SHARED)?;
        writer.write(&sorted(&spec, &batches)?)?;
        if let Some(finished) = writer.finish()? {
            of_table.push(finished.keep().await?);
        }
    }
    files.insert(table.to_string(), (spec, of_table));
    Ok(())
}

/// Release-wide checks: keys that repeat, references that lead nowhere, weights that do not add up. Each query counts
/// what it looked at and what is wrong.
const CHECKS: [(&str, &str, &str); 4] = [
    (
        "operation_id_unique",
        "SELECT count(*), count(*) - count(DISTINCT operation_id) FROM operation",
        "operation ids that repeat",
    ),
    (
        "amounts_have_operations",
        "SELECT count(*), count(*) FILTER (WHERE o.operation_id IS NULL) FROM operation_amount a
         LEFT JOIN operation o ON o.operation_id = a.operation_id",
        "amounts without their operation",
    ),
    (
        "weights_sum_to_one",
        "SELECT count(*), count(*) FILTER (WHERE w <> 1) FROM
         (SELECT operation_id, role, sum(weight) AS w FROM operation_region GROUP BY operation_id, role) AS sums",
        "operations and roles whose weights do not sum to one",
    ),
    (
        "accounting_closes",
        "SELECT count(*), count(*) FILTER (WHERE rows_read <> rows_loaded + rows_quarantined + rows_ignored) FROM source_file",
        "files whose rows are not all accounted for",
    ),
];

async fn check(ctx: &SessionContext) -> Result<Vec<CheckResult>, RunError> {
    let mut results = Vec::new();
    for (name, sql, what) in CHECKS {
        let batches: Vec<RecordBatch> = ctx
            .sql(sql)
            .await?
            .execute_stream()
            .await?
            .try_collect()
            .await?;
        let number = |column: usize| {
            batches
                .iter()
                .filter(|b| b.num_rows() > 0)
                .filter_map(|b| Some(b.column(column).as_primitive_opt::<Int64Type>()?.value(0)))
                .sum::<i64>() as u64
        };
        let (checked, failed) = (number(0), number(1));
        results.push(CheckResult {
            name: name.into(),
            passed: failed == 0,
            checked,
            failed,
            message: if failed == 0 {
                String::new()
            } else {
                format!("{failed} {what}, of {checked}")
            },
        });
    }
    Ok(results)
}
