//! Rows between the steps of an answer, kept in memory under names of their own for as long as it takes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Fields;
use datafusion::catalog::MemTable;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use esf_engine::session::kept_schema;

use super::plan::{Table, groups};

/// Runs statements that read and give the same columns, and keeps their rows as one table; says how many there are.
pub(crate) async fn in_memory(
    ctx: &SessionContext,
    statements: &[&str],
) -> Result<(MemTable, usize), DataFusionError> {
    let mut planned = Fields::empty();
    let mut partitions = Vec::new();
    for sql in statements {
        let rows = ctx.sql_with_options(sql, super::reading()).await?;
        planned = rows.schema().as_arrow().fields().clone();
        partitions.extend(rows.collect_partitioned().await?);
    }
    let schema = kept_schema(&planned, partitions.iter().flatten().next());
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
    kept: AtomicU64,
    names: Mutex<Vec<String>>,
}

impl Steps {
    pub(crate) fn new(ctx: &SessionContext) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            ctx: ctx.clone(),
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            kept: AtomicU64::default(),
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
        let (table, count) = in_memory(&self.ctx, &[sql]).await?;
        let number = self.kept.fetch_add(1, Ordering::Relaxed);
        let name = format!("comparison_{}_{number}_{step}", self.number);
        self.ctx.register_table(name.as_str(), Arc::new(table))?;
        self.names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(name.clone());
        Ok((name, count))
    }
}

impl Steps {
    /// Keeps the tables of which several read, `measured` being a table of that name, and gives what stands behind WITH for
    /// those that follow.
    pub(super) async fn keep_tables(
        &self,
        measured: &str,
        tables: &[Table],
    ) -> Result<String, DataFusionError> {
        let mut kept = vec![format!("measured AS (SELECT * FROM {measured})")];
        let (groups, rest) = groups(tables);
        for (before, table) in groups {
            let before: Vec<String> = kept
                .iter()
                .cloned()
                .chain(before.iter().map(Table::defined))
                .collect();
            let sql = format!("WITH {}\n{}", before.join(",\n"), table.rows);
            let name = self.keep(&table.name, &sql).await?;
            kept.push(format!("{} AS (SELECT * FROM {name})", table.name));
        }
        kept.extend(rest.iter().map(Table::defined));
        Ok(kept.join(",\n"))
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
