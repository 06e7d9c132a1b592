//! The rows of files that are not read, which are taken over from the release.

use std::cmp::Reverse;

use arrow::array::{Array, RecordBatch, StringArray};
use arrow::error::ArrowError;

use super::{Grown, HISTORY};
use crate::merge::ListOutput;
use crate::merge::rows::of_files;

impl Grown {
    /// Adds the rows of the files that were not read, and all history that there was. The newest file comes first, as where all are
    /// read.
    pub(super) fn add_rows(&self, output: &mut ListOutput) -> Result<(), ArrowError> {
        for (table, batches) in &self.rows {
            let of_table = output.tables.entry(table.clone()).or_default();
            if table == HISTORY {
                of_table.extend(batches.iter().cloned());
                continue;
            }
            let mut placed: Vec<(usize, RecordBatch)> = Vec::new();
            for batch in std::mem::take(of_table) {
                let (sources, files) = keys(&batch)?;
                if batch.num_rows() > 0 {
                    // Each batch is of one file, and what is not known is new.
                    let position = self.parts.position(sources.value(0), files.value(0));
                    placed.push((position.unwrap_or(usize::MAX), batch));
                }
            }
            for batch in batches {
                let (sources, files) = keys(batch)?;
                let mut at = 0;
                while at < batch.num_rows() {
                    let end = run_end(sources, files, at);
                    if let Some(position) = self.parts.settled(sources.value(at), files.value(at)) {
                        placed.push((position, batch.slice(at, end - at)));
                    }
                    at = end;
                }
            }
            placed.sort_by_key(|(position, _)| Reverse(*position));
            of_table.extend(placed.into_iter().map(|(_, batch)| batch));
        }
        output.tables.retain(|_, batches| !batches.is_empty());
        Ok(())
    }
}

/// Source and hash of the file that each row is from.
fn keys(batch: &RecordBatch) -> Result<(&StringArray, &StringArray), ArrowError> {
    let columns = of_files(batch);
    columns.ok_or_else(|| ArrowError::SchemaError("rows do not say of which file they are".into()))
}

/// Where the rows of one file end.
pub(super) fn run_end(sources: &StringArray, files: &StringArray, at: usize) -> usize {
    let (source, file) = (sources.value(at), files.value(at));
    let same = |row: &usize| sources.value(*row) == source && files.value(*row) == file;
    at + (at..sources.len()).take_while(same).count()
}
