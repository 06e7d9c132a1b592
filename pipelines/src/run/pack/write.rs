//! Table files of one bucket, each table on a thread of its own.
//!
//! Owns how the declaration of a table becomes a writer, and the sorting of small tables. Does not own the order of the
//! rows of the others: they are written as they come.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use esf_engine::release::{DataFile, Warehouse};
use esf_engine::write::{FinishedFile, TableSpec, TableWriter, WriteError, sorted_pieces};
use tokio::sync::mpsc;

use super::{GATHERED, worker};
use crate::run::{RunError, TableFiles};

/// How a table is written.
pub(crate) fn spec_of(table: &str) -> Result<TableSpec, RunError> {
    let table = esf_schemas::table(table)
        .ok_or_else(|| crate::merge::rows::RowsError::NoTable(table.into()))?;
    Ok(TableSpec::from(table))
}

/// A small table in the order that its declaration gives.
pub(in crate::run) fn sorted(
    spec: &TableSpec,
    batches: Vec<RecordBatch>,
) -> Result<RecordBatch, RunError> {
    esf_engine::write::sorted(spec, batches).map_err(|error| RunError::Plan(error.into()))
}

/// One writer per table, each on a thread of its own.
pub(super) struct Writers<'a> {
    warehouse: &'a Warehouse,
    bucket: &'a str,
    specs: HashMap<String, Arc<TableSpec>>,
    open: BTreeMap<String, OpenWriter>,
    gathered: BTreeMap<String, Vec<RecordBatch>>,
}

struct OpenWriter {
    batches: mpsc::Sender<RecordBatch>,
    task: tokio::task::JoinHandle<Result<Option<FinishedFile>, WriteError>>,
}

impl<'a> Writers<'a> {
    /// Writers for a bucket of the tables in `files`; each begins with the first rows of its table.
    pub(super) fn new(warehouse: &'a Warehouse, bucket: &'a str, files: &TableFiles) -> Self {
        let specs = files
            .iter()
            .map(|(table, (spec, _))| (table.clone(), Arc::clone(spec)))
            .collect();
        Self {
            warehouse,
            bucket,
            specs,
            open: BTreeMap::new(),
            gathered: BTreeMap::new(),
        }
    }

    /// Adds rows of a table.
    pub(super) async fn write(
        &mut self,
        table: &str,
        batches: Vec<RecordBatch>,
    ) -> Result<(), RunError> {
        if GATHERED.contains(&table) {
            self.gathered
                .entry(table.to_string())
                .or_default()
                .extend(batches);
            return Ok(());
        }
        if batches.is_empty() {
            return Ok(());
        }
        if !self.open.contains_key(table) {
            let writer = self.start(table)?;
            self.open.insert(table.to_string(), writer);
        }
        for batch in batches {
            if let Some(writer) = self.open.get(table)
                && writer.batches.send(batch).await.is_err()
            {
                // The writer stopped; its own error is told when it is joined.
                break;
            }
        }
        Ok(())
    }

    fn start(&self, table: &str) -> Result<OpenWriter, RunError> {
        let spec = self
            .specs
            .get(table)
            .ok_or_else(|| crate::merge::rows::RowsError::NoTable(table.into()))?;
        let mut writer = TableWriter::create(self.warehouse, spec, self.bucket)?;
        let (batches, mut receiver) = mpsc::channel::<RecordBatch>(2);
        let task = tokio::task::spawn_blocking(move || {
            while let Some(batch) = receiver.blocking_recv() {
                writer.write(&batch)?;
            }
            writer.finish()
        });
        Ok(OpenWriter { batches, task })
    }

    /// Ends all files and keeps them; gives each with its table.
    pub(super) async fn finish(self) -> Result<Vec<(String, DataFile)>, RunError> {
        let mut files = Vec::new();
        for (table, finished) in self.end().await? {
            files.push((table, finished.keep().await?));
        }
        Ok(files)
    }

    /// Ends all files; gives each with its table. None of them is in the store.
    pub(super) async fn end(mut self) -> Result<Vec<(String, FinishedFile)>, RunError> {
        for (table, batches) in std::mem::take(&mut self.gathered) {
            let Some(spec) = self.specs.get(&table).filter(|_| !batches.is_empty()) else {
                continue;
            };
            let failed = |error: ArrowError| RunError::Plan(error.into());
            let pieces = sorted_pieces(spec, batches).map_err(failed)?;
            let writer = self.start(&table)?;
            for piece in pieces {
                if writer.batches.send(piece.map_err(failed)?).await.is_err() {
                    // The writer stopped; its own error is told when it is joined.
                    break;
                }
            }
            self.open.insert(table, writer);
        }
        let mut files = Vec::new();
        for (table, writer) in self.open {
            drop(writer.batches);
            let finished = writer.task.await.map_err(worker)??;
            files.extend(finished.map(|finished| (table, finished)));
        }
        Ok(files)
    }
}
