//! Rows between the steps of an answer, kept in memory under names of their own for as long as it takes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Fields, Schema};
use datafusion::catalog::MemTable;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;

/// Runs a statement that reads, and keeps its rows; says how many there are.
pub(crate) async fn in_memory(
    ctx: &SessionContext,
    sql: &str,
) -> Result<(MemTable, usize), DataFusionError> {
    let rows = ctx.sql_with_options(sql, super::reading()).await?;
    let planned = rows.schema().as_arrow().fields().clone();
    let mut partitions = rows.collect_partitioned().await?;
    // A plan is surer than its rows of what is never null, and may name another type than they have.
    let found = partitions.iter().flatten().next();
    let fields = found.map_or(planned, |batch| batch.schema().fields().clone());
    let fields: Fields = fields
        .iter()
        .map(|field| field.as_ref().clone().with_nullable(true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    for batch in partitions.iter_mut().flatten() {
        *batch = RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec())?;
    }
    let count = partitions.iter().flatten().map(RecordBatch::num_rows).sum();
    Ok((MemTable::try_new(schema, partitions)?, count))
}

/// Tables of one answer; when it is dropped, they are gone.
pub(crate) struct Steps {
    ctx: SessionContext,
    number: u64,
    names: Mutex<Vec<String>>,
}

impl Steps {
    pub(crate) fn new(ctx: &SessionContext) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            ctx: ctx.clone(),
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            names: Mutex::default(),
        }
    }

    /// Runs a statement that reads, and keeps its rows; gives the name of the table that holds them.
    pub(crate) async fn keep(&self, step: &str, sql: &str) -> Result<String, DataFusionError> {
        Ok(self.keep_rows(step, sql).await?.0)
    }

    /// [`Self::keep`], and how many rows there are.
    pub(super) async fn keep_rows(
        &self,
        step: &str,
        sql: &str,
    ) -> Result<(String, usize), DataFusionError> {
        let (table, count) = in_memory(&self.ctx, sql).await?;
        let name = format!("comparison_{}_{step}", self.number);
        self.ctx.register_table(name.as_str(), Arc::new(table))?;
        self.names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(name.clone());
        Ok((name, count))
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        let names = self.names.get_mut().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            // A table that is gone already needs no further removal.
            let _ = self.ctx.deregister_table(name.as_str());
        }
    }
}
