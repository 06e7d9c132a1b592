//! The cube of metrics, from which `compare` answers its usual questions.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::catalog::MemTable;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::SessionContext;
use esf_engine::derivation::{Derivation, memory_of_joins};
use esf_engine::write::TableSpec;
use futures::StreamExt;

use super::{grain, number, order, specification};
use crate::compare::cube;
use crate::compare::steps::{Steps, in_memory};
use crate::metric::{Metric, Metrics};
use crate::view::{costly_of, register_named, tables_of};

/// Metrics whose rows are made at the same time.
const AT_ONCE: usize = 2;

/// Operations of which a costly view is asked at once: what it sorts and joins is held for so many, not for all.
const OPERATIONS_AT_ONCE: usize = 150_000;

/// The derivation of `comparison_cube`.
#[derive(Debug)]
pub(super) struct Cube;

/// The bundled metrics that the cube holds; those of folders are not part of a release.
fn metrics() -> &'static [Metric] {
    static METRICS: LazyLock<Vec<Metric>> = LazyLock::new(|| {
        // That every bundled metric can be read is tested.
        let all = Metrics::bundled().unwrap_or_default();
        all.iter().filter(|m| cube::holds(m)).cloned().collect()
    });
    &METRICS
}

#[async_trait]
impl Derivation for Cube {
    fn name(&self) -> &str {
        cube::TABLE
    }

    fn inputs(&self) -> Vec<String> {
        static INPUTS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
            let of_metrics = metrics().iter();
            let tables = of_metrics.flat_map(|m| tables_of(&m.sql).unwrap_or_default());
            let of_statistics = metrics().iter().filter_map(cube::views_of_statistics);
            let further = of_statistics.flat_map(|sql| tables_of(&sql).unwrap_or_default());
            let own = ["operation_place".to_owned(), "region".to_owned()];
            tables.chain(further).chain(own).collect()
        });
        INPUTS.iter().cloned().collect()
    }

    fn outputs(&self) -> Vec<Arc<TableSpec>> {
        specification(cube::TABLE).into_iter().collect()
    }

    fn key(&self) -> String {
        cube::PROGRAM.to_owned()
    }

    fn least_memory(&self, rows: u64) -> usize {
        memory_of_joins(rows).saturating_mul(AT_ONCE)
    }

    async fn derive(
        &self,
        context: &SessionContext,
    ) -> Result<Vec<(String, SendableRecordBatchStream)>, DataFusionError> {
        let operations = number(context, "SELECT count(*) FROM operation_place").await?;
        let grains = grain::register(context).await?;
        let has_divided = grains.has_divided;
        let spec = specification(cube::TABLE)?;
        keep_costly(context, operations).await?;
        for metric in metrics() {
            register_named(context, metric.statement()).await?;
            if let Some(years) = cube::views_of_statistics(metric) {
                register_named(context, &years).await?;
            }
        }
        let made = metrics().iter().cloned().map(|metric| {
            let context = context.clone();
            SpawnedTask::spawn(async move { of_metric(&context, &metric, has_divided).await })
                .join_unwind()
        });
        // A few at once, which the processors can take; all at once would divide the memory between them.
        let mut made = futures::stream::iter(made).buffered(AT_ONCE);
        let mut rows: Vec<RecordBatch> = Vec::new();
        while let Some(batches) = made.next().await {
            for batch in batches.map_err(|e| DataFusionError::ExecutionJoin(Box::new(e)))?? {
                rows.push(RecordBatch::try_new(
                    Arc::clone(&spec.schema),
                    conform(&spec, &batch)?,
                )?);
            }
        }
        // What metrics were grouped by leaves its memory to the sort.
        grains.remove(context)?;
        let table = MemTable::try_new(Arc::clone(&spec.schema), vec![rows])?;
        let rows = context.read_table(Arc::new(table))?;
        let rows = rows.sort(order(&spec))?.execute_stream().await?;
        Ok(vec![(cube::TABLE.to_owned(), rows)])
    }
}

/// Asks the costly views that metrics stand on for their rows, and puts these in their place.
async fn keep_costly(context: &SessionContext, operations: usize) -> Result<(), DataFusionError> {
    let bounds = if operations > OPERATIONS_AT_ONCE {
        bounds(context, OPERATIONS_AT_ONCE).await?
    } else {
        Vec::new()
    };
    // Those that others stand on come first.
    for view in metrics().iter().flat_map(|m| costly_of(m.statement())) {
        if !context.table_exist(view.name.as_str())? {
            register_named(context, &view.sql).await?;
            let pieces = pieces(context, &view.sql, &bounds).await?;
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let (rows, _) = in_memory(context, &pieces).await?;
            context.register_table(view.name.as_str(), Arc::new(rows))?;
        }
    }
    Ok(())
}

/// Ids of operations, in order: every so many rows of `operation_place`, sorted by id, the id that is reached.
pub(super) async fn bounds(
    context: &SessionContext,
    rows: usize,
) -> Result<Vec<String>, DataFusionError> {
    let sql = format!(
        "SELECT DISTINCT operation_id FROM (
            SELECT operation_id, row_number() OVER (ORDER BY operation_id) AS number FROM operation_place
        ) AS numbered
        WHERE number % {rows} = 0 ORDER BY operation_id"
    );
    let mut bounds = Vec::new();
    for batch in context.sql(&sql).await?.collect().await? {
        let ids = cast(batch.column(0), &DataType::Utf8)?;
        let ids = ids.as_string::<i32>().iter().flatten();
        bounds.extend(ids.map(str::to_owned));
    }
    Ok(bounds)
}

/// A statement as several that give its rows together, each those of the operations from one bound to before the next; as it is
/// where its rows are of no operation. Rows of the statement have to name their operation, if they have a column for it.
pub(super) async fn pieces(
    context: &SessionContext,
    sql: &str,
    bounds: &[String],
) -> Result<Vec<String>, DataFusionError> {
    let whole = || vec![sql.to_owned()];
    if bounds.is_empty() {
        return Ok(whole());
    }
    let planned = context.sql(sql).await?;
    if !planned
        .schema()
        .has_column_with_unqualified_name("operation_id")
    {
        return Ok(whole());
    }
    let quoted = bounds
        .iter()
        .map(|id| format!("'{}'", id.replace('\'', "''")));
    let quoted: Vec<String> = quoted.collect();
    let from = std::iter::once(None).chain(quoted.iter().map(Some));
    let to = quoted.iter().map(Some).chain([None]);
    let pieces = from.zip(to).map(|(from, to)| {
        let from = from.map(|id| format!("operation_id >= {id}"));
        let to = to.map(|id| format!("operation_id < {id}"));
        let between: Vec<String> = from.into_iter().chain(to).collect();
        let between = between.join(" AND ");
        format!("SELECT * FROM (\n{sql}\n) AS whole WHERE {between}")
    });
    Ok(pieces.collect())
}

/// The rows of the cube for one metric.
async fn of_metric(
    context: &SessionContext,
    metric: &Metric,
    has_divided: bool,
) -> Result<Vec<RecordBatch>, DataFusionError> {
    let steps = Steps::new(context);
    let measured = steps.keep("measured", metric.statement()).await?;
    let rows = cube::rows(metric, &measured, has_divided);
    let mut made = context.sql(&rows).await?.collect().await?;
    for rows in cube::statistics(metric, &measured) {
        made.extend(context.sql(&rows).await?.collect().await?);
    }
    Ok(made)
}

/// The columns of a batch in the types of the table.
fn conform(
    spec: &TableSpec,
    batch: &RecordBatch,
) -> Result<Vec<datafusion::arrow::array::ArrayRef>, DataFusionError> {
    let fields = spec.schema.fields().iter().zip(batch.columns());
    fields
        .map(|(field, column)| Ok(cast(column, field.data_type())?))
        .collect()
}
