//! Tables of a release that only repeat others, arranged for questions: stored views, and the cube of metrics.
//!
//! They are derivations like any other: redone when a table that they read has changed, else carried over. A release without
//! them, one of an older program for example, is asked the same questions over its core tables.

mod cube;
mod grain;
mod numbering;
mod stored;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::error::DataFusionError;
use datafusion::prelude::{SessionContext, col};
use esf_engine::derivation::Derivation;
use esf_engine::write::TableSpec;

/// The derivations of all of them.
pub(crate) fn derivations() -> Vec<Arc<dyn Derivation>> {
    let mut all: Vec<Arc<dyn Derivation>> = Vec::new();
    for view in crate::view::views().iter().filter(|view| view.stored) {
        all.push(Arc::new(stored::Stored(view)));
    }
    all.push(Arc::new(cube::Cube));
    all
}

fn specification(table: &str) -> Result<Arc<TableSpec>, DataFusionError> {
    let declared = esf_schemas::table(table);
    let declared = declared
        .ok_or_else(|| DataFusionError::Internal(format!("no table {table} is declared")))?;
    Ok(Arc::new(TableSpec::from(declared)))
}

/// The order of a table's rows, as a plan is sorted.
fn order(spec: &TableSpec) -> Vec<datafusion::logical_expr::SortExpr> {
    let columns = spec.sort.iter();
    columns
        .map(|name| col(name.as_str()).sort(true, false))
        .collect()
}

async fn number(ctx: &SessionContext, sql: &str) -> Result<usize, DataFusionError> {
    crate::view::register_named(ctx, sql).await?;
    let rows = ctx.sql(sql).await?.collect().await?;
    let first = rows.first().filter(|batch| batch.num_rows() > 0);
    let n = first.map_or(0, |batch| {
        batch.column(0).as_primitive::<Int64Type>().value(0)
    });
    Ok(usize::try_from(n).unwrap_or_default())
}
