//! Rows of lists that have not changed, and of older files of lists that have, taken over from the previous release while the
//! rest of their bucket is written anew.
//!
//! Each table of a bucket is read once, whatever the number of its lists: lists follow each other in the order in which they
//! were written, and what is the same in both releases has the same place among what is the same. Small tables are sorted as a
//! whole when they are written, so their rows come all at once. Does not own that the files hold what was written (`pack`).

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::{Array, AsArray, BooleanBuilder, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use datafusion::common::internal_datafusion_err;
use datafusion::execution::SendableRecordBatchStream;
use esf_engine::release::{Release, TableState, Warehouse};
use esf_engine::session::{SessionOptions, register_files, working_session};
use futures::StreamExt;

use super::RunError;
use super::inputs::ListInputs;

/// What of a bucket's tables is taken over.
pub(super) struct Carried {
    /// Place of the list among those of the bucket, by source and file.
    places: HashMap<(String, String), usize>,
    streams: BTreeMap<String, Cursor>,
}

/// Rows of one table that nobody has taken yet.
struct Cursor {
    rows: SendableRecordBatchStream,
    ahead: Option<RecordBatch>,
}

/// Rows of a small table.
#[derive(Default)]
pub(super) struct Small {
    /// Those of lists that are taken over.
    pub(super) kept: Vec<RecordBatch>,
    /// Those of files of other lists that need not be read again.
    pub(super) settled: Vec<RecordBatch>,
}

impl Carried {
    /// Begins to take over lists of a bucket. `same` are those that have not changed, each with its place among all lists of
    /// the bucket; `streamed` are the tables whose rows are taken list by list.
    pub(super) async fn open(
        warehouse: &Warehouse,
        previous: &Release,
        bucket: &str,
        same: &[(usize, &ListInputs)],
        streamed: &[&str],
    ) -> Result<Self, RunError> {
        let of_list = |(place, list): &(usize, &ListInputs)| {
            let place = *place;
            let key = |file: &super::inputs::InputFile| {
                (file.source.source_id.clone(), file.sha256.clone())
            };
            list.files
                .iter()
                .map(move |file| (key(file), place))
                .collect::<Vec<_>>()
        };
        let mut carried = Self {
            places: same.iter().flat_map(of_list).collect(),
            streams: BTreeMap::new(),
        };
        for table in streamed {
            if let Some(rows) = rows(warehouse, previous, bucket, table).await? {
                carried
                    .streams
                    .insert((*table).to_owned(), Cursor { rows, ahead: None });
            }
        }
        Ok(carried)
    }

    /// All rows of a small table that are taken over, and those of `settled` files of other lists.
    pub(super) async fn all(
        &self,
        warehouse: &Warehouse,
        previous: &Release,
        bucket: &str,
        table: &str,
        settled: &HashSet<(String, String)>,
    ) -> Result<Small, RunError> {
        let mut small = Small::default();
        let Some(mut rows) = rows(warehouse, previous, bucket, table).await? else {
            return Ok(small);
        };
        let key = |source: &str, file: &str| (source.to_owned(), file.to_owned());
        while let Some(batch) = rows.next().await {
            let batch = batch?;
            let is_kept = |source: &str, file: &str| self.places.contains_key(&key(source, file));
            small.kept.extend(of_files(&batch, is_kept)?);
            if !settled.is_empty() {
                let is_settled = |source: &str, file: &str| settled.contains(&key(source, file));
                small.settled.extend(of_files(&batch, is_settled)?);
            }
        }
        Ok(small)
    }

    /// The rows of a list; lists must be taken in the order of their places.
    pub(super) async fn take(
        &mut self,
        table: &str,
        place: usize,
    ) -> Result<Vec<RecordBatch>, RunError> {
        let mut taken = Vec::new();
        let Some(mut cursor) = self.streams.remove(table) else {
            return Ok(taken);
        };
        loop {
            let batch = match cursor.ahead.take() {
                Some(batch) => batch,
                None => match cursor.rows.next().await {
                    Some(batch) => batch?,
                    None => return Ok(taken),
                },
            };
            let mut at = 0;
            while at < batch.num_rows() {
                let (sources, files) = keys(&batch)?;
                let end = run_end(sources, files, at);
                match self.place(sources, files, at) {
                    Some(found) if found == place => taken.push(batch.slice(at, end - at)),
                    Some(found) if found > place => {
                        cursor.ahead = Some(batch.slice(at, batch.num_rows() - at));
                        self.streams.insert(table.to_owned(), cursor);
                        return Ok(taken);
                    }
                    Some(_) => {
                        return Err(RunError::Plan(internal_datafusion_err!(
                            "lists of table {table} do not follow each other as they were written"
                        )));
                    }
                    // Of a list that is written anew, or that is gone.
                    None => {}
                }
                at = end;
            }
        }
    }

    fn place(&self, sources: &StringArray, files: &StringArray, row: usize) -> Option<usize> {
        let key = (sources.value(row).to_owned(), files.value(row).to_owned());
        self.places.get(&key).copied()
    }
}

/// The rows of one bucket of a table, in the order in which they are stored. That its file holds what was written is known.
async fn rows(
    warehouse: &Warehouse,
    previous: &Release,
    bucket: &str,
    table: &str,
) -> Result<Option<SendableRecordBatchStream>, RunError> {
    let Some(state) = previous.tables.get(table) else {
        return Ok(None);
    };
    let of_bucket = TableState {
        files: state
            .files
            .iter()
            .filter(|file| file.partition == bucket)
            .cloned()
            .collect(),
        ..state.clone()
    };
    if of_bucket.files.is_empty() {
        return Ok(None);
    }
    // One partition keeps the rows in the order of their file.
    let session = working_session(&SessionOptions {
        target_partitions: Some(1),
        ..SessionOptions::default()
    })?;
    register_files(&session, warehouse, table, &of_bucket)?;
    Ok(Some(session.table(table).await?.execute_stream().await?))
}

fn keys(batch: &RecordBatch) -> Result<(&StringArray, &StringArray), RunError> {
    let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    column("source_id")
        .zip(column("source_file"))
        .ok_or_else(|| {
            RunError::Plan(internal_datafusion_err!(
                "rows of a list do not say from which file they are"
            ))
        })
}

/// The rows of the files that are wanted, by source and hash; nothing where there are none.
pub(super) fn of_files(
    batch: &RecordBatch,
    is_wanted: impl Fn(&str, &str) -> bool,
) -> Result<Option<RecordBatch>, RunError> {
    let (sources, files) = keys(batch)?;
    let mut wanted = BooleanBuilder::new();
    let mut at = 0;
    while at < batch.num_rows() {
        let end = run_end(sources, files, at);
        wanted.append_n(end - at, is_wanted(sources.value(at), files.value(at)));
        at = end;
    }
    let rows = filter_record_batch(batch, &wanted.finish());
    let rows = rows.map_err(|error| RunError::Plan(error.into()))?;
    Ok((rows.num_rows() > 0).then_some(rows))
}

/// Where the rows of one file end.
fn run_end(sources: &StringArray, files: &StringArray, at: usize) -> usize {
    let (source, file) = (sources.value(at), files.value(at));
    let same = |row: &usize| sources.value(*row) == source && files.value(*row) == file;
    at + (at..sources.len()).take_while(same).count()
}
