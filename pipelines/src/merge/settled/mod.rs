//! Older vintages of a list, as the release before has them.
//!
//! Where each vintage replaces the one before, those before the newest give no operations. What is left of them is what was
//! found in their files, and the states of operations that the vintage after each of them changed. Nothing of it changes as
//! long as every new file comes behind the newest one: then only the files of that one and the new ones are read, however many
//! there were before, and the rows of the others are taken over.
//!
//! Owns which files these are (`past`), what the others need to know of them (when operations were first published, since when they
//! are as they are), and when that is not known, so that all files have to be read after all. Does not own how rows of a release
//! are read (`run::pack`), or lists that grow (`grown`). Invariant: the tables are those that all files give.

mod past;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;
use arrow::error::ArrowError;

pub(crate) use past::Past;

use super::ListOutput;
use super::before::Before;
use super::published::{PublishedFile, overridden};
use super::rows::{Tables, batches, of_files, text};
use super::vintage::{Dated, Vintage, vintages};
use crate::source::SourceKind;

/// What the history says of an operation that the next vintage left out.
const GONE: &str = "gone";

/// Small tables in which a file has rows whose operations another one took the place of, or that other files add to.
pub(crate) const TABLES: [&str; 10] = [
    "operation_history",
    "operation_target",
    "source_file",
    "ignored_rows",
    "control_total",
    "quarantine",
    "finding",
    "restricted_source_file",
    "restricted_ignored_rows",
    "restricted_finding",
];

/// What a release says of the settled files of a list.
#[derive(Debug)]
pub(crate) struct Settled {
    past: Past,
    /// Number of the release: what is first seen in a later one is new.
    release: u64,
    /// The rows of the files.
    rows: Tables,
    before: Before,
    /// Operations of the newest vintage of which it is not known since when they are as they are: they were gone in between.
    unclear: HashSet<String>,
    /// Operations of settled vintages that the newest does not have.
    gone: HashSet<String>,
}

impl Settled {
    /// From the rows that release number `release` has of the settled files in [`TABLES`], and the ids and first days of the
    /// operations of the newest vintage, as they stand in `operation`. `None` where the rows do not say what they must.
    pub(crate) fn new(
        past: Past,
        release: u64,
        rows: Tables,
        operations: &[RecordBatch],
    ) -> Option<Self> {
        let mut settled = Self {
            past,
            release,
            rows,
            before: Before::default(),
            unclear: HashSet::new(),
            gone: HashSet::new(),
        };
        if settled.past.newest.source.toml.kind == SourceKind::Operations {
            settled.take_operations(operations)?;
            settled.take_history()?;
        }
        Some(settled)
    }

    /// When the operations of the newest vintage were first published.
    fn take_operations(&mut self, operations: &[RecordBatch]) -> Option<()> {
        for batch in operations {
            let ids = text(batch, "operation_id")?;
            let first = batch.column_by_name("first_published")?;
            let first = first.as_primitive_opt::<Date32Type>()?;
            let of_operations = ids.iter().zip(first.iter());
            let named = of_operations.filter_map(|(id, day)| Some((id?.to_owned(), day)));
            self.before.firsts.extend(named);
        }
        // Without operations it is no state that the next one could change.
        (!self.before.firsts.is_empty()).then_some(())
    }

    /// Since when these are as they are, and which operations are gone.
    fn take_history(&mut self) -> Option<()> {
        let past = &self.past;
        let vintages = past.vintages();
        let mut with_operations: HashSet<usize> = HashSet::new();
        for file in overridden(&self.rows)? {
            with_operations.extend(vintages.get(&file));
        }
        // A vintage without operations is no state of them, so that what was before it goes on behind it.
        if with_operations.len() < past.days.len() {
            return None;
        }
        // The last vintage with a row of each operation, and whether it was gone behind it.
        let mut last: HashMap<&str, (usize, bool)> = HashMap::new();
        for batch in batches(&self.rows, "operation_history") {
            let (sources, files) = of_files(batch)?;
            let (ids, changed) = (
                text(batch, "operation_id")?,
                text(batch, "changed_columns")?,
            );
            for row in 0..batch.num_rows() {
                let vintage = vintages.get(&(sources.value(row), files.value(row)))?;
                let state = (*vintage, changed.value(row) == GONE);
                let of_operation = last.entry(ids.value(row)).or_insert(state);
                *of_operation = state.max(*of_operation);
            }
        }
        // Without a row it is as it was first published.
        self.before.since = self.before.firsts.clone();
        for (id, (vintage, was_gone)) in last {
            let stands = self.before.since.contains_key(id);
            match (stands, was_gone) {
                (true, true) => {
                    self.before.since.remove(id);
                    self.unclear.insert(id.to_owned());
                }
                (true, false) => {
                    let since = past.day_behind(vintage);
                    self.before.since.insert(id.to_owned(), since);
                }
                (false, true) => {
                    self.gone.insert(id.to_owned());
                }
                // What only changed would have to be there.
                (false, false) => return None,
            }
        }
        Some(())
    }

    /// Whether a file is settled, so that it is not read.
    pub(crate) fn has(&self, source_id: &str, sha256: &str) -> bool {
        self.past.has(source_id, sha256)
    }

    /// What the vintages that are read need to know of the others.
    pub(super) fn before(&self) -> &Before {
        &self.before
    }

    /// The vintages of the files that were read, the oldest first: the newest of the release, and new ones behind it. `None`
    /// where they are others, so that all files have to be read. Fails as [`vintages`] does.
    pub(super) fn order(&self, read: &[Dated<'_>]) -> Result<Option<Vec<Vintage>>, Vec<usize>> {
        let n = self.past.files.len();
        let settled = self.past.files.iter().map(PublishedFile::dated);
        let all: Vec<Dated<'_>> = settled.chain(read.iter().copied()).collect();
        let order = match vintages(&all, false) {
            Ok(order) => order,
            Err(tied) if tied.iter().any(|at| *at < n) => return Ok(None),
            Err(tied) => return Err(tied.into_iter().map(|at| at - n).collect()),
        };
        let Some(last) = order.get(self.past.days.len()..) else {
            return Ok(None);
        };
        let is_new = |at: &usize| *at >= n && all[*at].first_seen > self.release;
        let is_known = |at: &usize| *at >= n && !is_new(at);
        let is_as_expected = last.split_first().is_some_and(|(newest, behind)| {
            newest.files.iter().all(is_known)
                && !behind.is_empty()
                && behind
                    .iter()
                    .all(|vintage| vintage.files.iter().all(is_new))
        });
        let found: usize = last.iter().map(|vintage| vintage.files.len()).sum();
        if !is_as_expected || found != read.len() {
            return Ok(None);
        }
        let last = last.iter().map(|vintage| Vintage {
            files: vintage.files.iter().map(|at| at - n).collect(),
            ..vintage.clone()
        });
        Ok(Some(last.collect()))
    }

    /// Whether one of these operations of a new file comes back that was gone: findings of settled files may be about it, and
    /// it was published before.
    pub(super) fn has_back<'i>(&self, mut ids: impl Iterator<Item = &'i str>) -> bool {
        ids.any(|id| self.gone.contains(id))
    }

    /// Whether the history that was made of the files that were read speaks of an operation whose state may have begun earlier.
    pub(super) fn is_unclear(&self, made: &Tables) -> bool {
        let ids =
            batches(made, "operation_history").filter_map(|batch| text(batch, "operation_id"));
        let mut ids = ids.flat_map(|ids| ids.iter().flatten());
        ids.any(|id| self.unclear.contains(id))
    }

    /// Adds the rows of the settled files. Their findings name no operation that is gone.
    pub(super) fn add_rows(self, output: &mut ListOutput) -> Result<(), ArrowError> {
        let operations = batches(&output.tables, "operation");
        let ids = operations.filter_map(|batch| text(batch, "operation_id"));
        let ids: HashSet<String> = ids
            .flat_map(|ids| ids.iter().flatten().map(str::to_owned))
            .collect();
        for (table, mut rows) in self.rows {
            if table == "finding" {
                rows = rows
                    .iter()
                    .map(|batch| of_operations(batch, &ids))
                    .collect::<Result<_, _>>()?;
            }
            output.tables.entry(table).or_default().extend(rows);
        }
        Ok(())
    }
}

/// Rows that name an operation only where it is one of these.
fn of_operations(batch: &RecordBatch, ids: &HashSet<String>) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let Some((at, _)) = schema.column_with_name("operation_id") else {
        return Ok(batch.clone());
    };
    let named = batch.column(at).as_string::<i32>();
    let kept: StringArray = named
        .iter()
        .map(|id| id.filter(|id| ids.contains(*id)))
        .collect();
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[at] = Arc::new(kept);
    RecordBatch::try_new(schema, columns)
}
