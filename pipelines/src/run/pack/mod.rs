//! Lists into packed table files.
//!
//! Lists are spread over buckets by a hash of their id; a table has one file per bucket, so the number of files grows
//! with the data and not with the number of sources, and a change rewrites only the buckets it touches. Within a bucket
//! the lists follow each other in a fixed order, derived side by side but written one after the other, so the bytes do
//! not depend on the number of workers.
//!
//! Owns the buckets, which tables come out of lists, and the order in which lists are derived and written. Does not own
//! how one list is derived or taken over (`list`), what is told of its files (`report`), or how a table file is written
//! (`write`).

mod list;
mod report;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use esf_engine::release::{Release, Warehouse};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use tracing::{Instrument, Span, info_span};

pub(super) use write::sorted;
pub(crate) use write::spec_of;

use super::control::ControlReport;
use super::inputs::{InputFile, Inputs, ListInputs};
use super::reference::LazyGazetteer;
use super::report::SourceReport;
use super::{Progress, RunError, RunOptions, TableFiles};
use crate::check::Broken;
use crate::merge::{Failure, ListOutput, Reading};
use list::Deriving;
use report::unchanged;
use write::Writers;

/// Published bytes per bucket: enough that a table file of a bucket has several row groups.
const BUCKET_BYTES: u64 = 256 << 20;

/// Tables that come out of lists, in the order of their rows; the others are few rows and sorted at the end.
const STREAMED: [&str; 6] = [
    "operation",
    "operation_amount",
    "operation_fund",
    "operation_region",
    "operation_organisation",
    "organisation_name",
];
const GATHERED: [&str; 17] = [
    "operation_history",
    "operation_target",
    "source_file",
    "ignored_rows",
    "control_total",
    "quarantine",
    "finding",
    "instrument_label",
    "region_statistic",
    "exchange_rate",
    "price_level",
    "programme_absorption",
    "participation",
    "participant",
    "restricted_source_file",
    "restricted_ignored_rows",
    "restricted_finding",
];

/// What packing gave.
pub(super) struct Packed {
    /// Files of all tables that come out of lists.
    pub files: TableFiles,
    /// What became of each source file.
    pub reports: Vec<SourceReport>,
    /// Keys of the steps, by name.
    pub steps: BTreeMap<String, String>,
    /// Per list the files that were used, as its rows have them.
    pub used: BTreeMap<String, ListInputs>,
    /// Sources that stay at an earlier state.
    pub held: BTreeSet<String>,
    /// Lists that stay as they were published, though what stands was to be read again.
    pub stay: BTreeSet<String>,
    /// Lists of which no file could be used.
    pub unusable: usize,
    /// What the lists derived here broke of what must hold of every list.
    pub broken: Broken,
}

/// What one list gave, or that it is as before.
struct Derived {
    list_id: String,
    output: ListOutput,
    failures: Vec<Failure>,
    /// Files that were not read, because their rows are those of the release before.
    settled: Vec<InputFile>,
    /// New files that the night which is made up for could not have had.
    aside: Vec<SourceReport>,
    used: Option<ListInputs>,
    /// How its new files compare with those before, by hash.
    controls: BTreeMap<String, Vec<ControlReport>>,
    /// What its tables break; found where they are derived, beside other lists.
    broken: Broken,
    seconds: f64,
    reused: bool,
    /// What stands of it could not be made again, so that its rows are those of the release before.
    stays: bool,
}

impl Derived {
    /// Rows of a list as they are, with nothing to be told of it.
    fn taken_over(list: ListInputs, output: ListOutput, begun: Instant) -> Self {
        Self {
            list_id: list.list_id.clone(),
            output,
            failures: Vec::new(),
            settled: Vec::new(),
            aside: Vec::new(),
            used: Some(list),
            controls: BTreeMap::new(),
            broken: Broken::new(),
            seconds: begun.elapsed().as_secs_f64(),
            reused: false,
            stays: false,
        }
    }
}

/// Derives all lists and writes their tables.
pub(super) async fn pack(
    warehouse: &Warehouse,
    previous: Option<&Release>,
    inputs: &Inputs,
    reading: &Reading,
    gazetteer: &LazyGazetteer<'_>,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Packed, RunError> {
    let count = bucket_count(inputs);
    let mut buckets: BTreeMap<String, Vec<&ListInputs>> = BTreeMap::new();
    for list in &inputs.lists {
        buckets
            .entry(bucket_of(&list.list_id, count))
            .or_default()
            .push(list);
    }
    let mut packed = Packed {
        files: BTreeMap::new(),
        reports: Vec::new(),
        steps: inputs.steps(),
        used: BTreeMap::new(),
        held: BTreeSet::new(),
        stay: BTreeSet::new(),
        unusable: 0,
        broken: Broken::new(),
    };
    packed.steps.insert("buckets".into(), count.to_string());
    for table in STREAMED.iter().chain(&GATHERED) {
        let spec = Arc::new(spec_of(table)?);
        packed
            .files
            .insert((*table).to_string(), (spec, Vec::new()));
    }
    let deriving = Deriving::new(
        warehouse, previous, inputs, count, options, reading, gazetteer,
    )?;
    let (mut done, total) = (0, inputs.lists.len());
    for (bucket, mut lists) in buckets {
        lists.sort_by(|a, b| (a.lead(), &a.list_id).cmp(&(b.lead(), &b.list_id)));
        if let Some(files) = deriving.whole_bucket(&bucket, &lists) {
            for (table, file) in files {
                if let Some((_, of_table)) = packed.files.get_mut(table) {
                    of_table.push(file.clone());
                }
            }
            for list in &lists {
                packed.reports.extend(unchanged(list, &inputs.standing));
            }
            done += lists.len();
            continue;
        }
        let mut writers = Writers::new(warehouse, &bucket, &packed.files);
        let (mut carried, settled) = deriving.carried(&bucket, &lists, &mut writers).await?;
        let workers = options.workers().max(1);
        let outputs = lists.iter().map(|list| deriving.derive(list, &settled));
        let mut outputs = futures::stream::iter(outputs).buffered(workers + 1);
        let mut place = 0;
        while let Some(derived) = outputs.next().await {
            let derived = derived?;
            if derived.reused
                && let Some(carried) = &mut carried
            {
                for table in STREAMED {
                    writers
                        .write(table, carried.take(table, place).await?)
                        .await?;
                }
            }
            place += 1;
            done += 1;
            progress.step(&derived.list_id, done, total);
            packed.take_report(
                &derived,
                inputs,
                previous,
                lists.iter().find(|l| l.list_id == derived.list_id).copied(),
            );
            for (rule, rows) in derived.broken {
                *packed.broken.entry(rule).or_default() += rows;
            }
            let writing = if derived.reused {
                Span::none()
            } else {
                info_span!("write", list = derived.list_id)
            };
            for (table, batches) in derived.output.tables {
                let written = writers.write(&table, batches);
                written.instrument(writing.clone()).await?;
            }
        }
        let finishing = writers.finish().instrument(info_span!("write", bucket));
        for (table, file) in finishing.await? {
            if let Some((_, of_table)) = packed.files.get_mut(&table) {
                of_table.push(file);
            }
        }
    }
    Ok(packed)
}

/// A power of two that grows with the published bytes. Files of people do not count: a release does not tell their size,
/// so that it is not known where a file is taken from the release before.
fn bucket_count(inputs: &Inputs) -> u64 {
    let bytes: u64 = inputs
        .lists
        .iter()
        .flat_map(|l| &l.files)
        .filter(|f| f.source.is_public())
        .map(|f| f.bytes)
        .sum();
    (bytes / BUCKET_BYTES + 1).next_power_of_two()
}

fn bucket_of(list_id: &str, count: u64) -> String {
    let hash = Sha256::digest(list_id.as_bytes());
    let number = u64::from_be_bytes([
        hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],
    ]);
    format!("{:04x}-of-{count:04x}", number % count)
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` wants it
fn worker(stopped: tokio::task::JoinError) -> RunError {
    RunError::Worker(stopped.to_string())
}
