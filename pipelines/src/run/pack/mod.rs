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

use esf_engine::release::{DataFile, Release, Warehouse};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
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
use crate::read::Kind;
use list::Deriving;
use report::unchanged;
use write::Writers;

/// Published bytes per bucket: enough that a table file of a bucket has several row groups.
const BUCKET_BYTES: u64 = 256 << 20;

/// Mebibytes of published files whose lists may be held at the same time: what large lists take together does not grow with the
/// number of workers. A list that alone is larger is derived alone.
const HELD: u32 = 256;

/// How many times its bytes the text of a packed workbook has, about.
const UNPACKED: u64 = 8;

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
    /// Sources with files whose bytes in the archive are gone or damaged.
    pub lost: BTreeSet<String>,
    /// What the lists derived here broke of what must hold of every list.
    pub broken: Broken,
    /// What is to be said of damaged files of the release before that were made again.
    pub damage: Option<String>,
}

/// What one list gave, or that it is as before.
struct Derived {
    list_id: String,
    output: ListOutput,
    failures: Vec<Failure>,
    /// Files that were not read, because their rows are those of the release before.
    settled: Vec<InputFile>,
    /// New files that the night which is made up for could not have had, or in place of which others count.
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

impl Packed {
    /// Nothing yet of all tables that come out of lists; the keys are those of steps in which every file could be used.
    fn begun(inputs: &Inputs, buckets: u64) -> Result<Self, RunError> {
        let mut steps = inputs.steps();
        steps.insert("buckets".into(), buckets.to_string());
        let lost = inputs.lost_references.iter();
        let lost: BTreeSet<String> = lost.map(|lost| lost.source_id.clone()).collect();
        Ok(Self {
            files: table_files()?,
            reports: Vec::new(),
            steps,
            used: BTreeMap::new(),
            held: &inputs.held_references | &lost,
            stay: BTreeSet::new(),
            unusable: 0,
            lost,
            broken: Broken::new(),
            damage: None,
        })
    }

    fn add_file(&mut self, table: &str, file: DataFile) {
        if let Some((_, of_table)) = self.files.get_mut(table) {
            of_table.push(file);
        }
    }
}

/// Derives all lists and writes their tables. Fails if these cannot be written or the previous release cannot be read; a file
/// that fails is told in the reports.
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
    let mut packing = Packing {
        warehouse,
        previous,
        inputs,
        progress,
        packed: Packed::begun(inputs, count)?,
        done: 0,
        deriving: Deriving::new(
            warehouse, previous, inputs, count, options, reading, gazetteer,
        )?,
        workers: options.workers().max(1),
    };
    for (bucket, lists) in buckets(&inputs.lists, count) {
        match packing.deriving.whole_bucket(&bucket, &lists) {
            Some(files) => packing.take_over(files, &lists),
            None => Box::pin(packing.write(&bucket, &lists)).await?,
        }
    }
    packing.packed.damage = packing.deriving.told_of_damage().await;
    Ok(packing.packed)
}

/// All tables that come out of lists, without files. Fails if one of them is not declared.
fn table_files() -> Result<TableFiles, RunError> {
    let mut files = TableFiles::new();
    for table in STREAMED.iter().chain(&GATHERED) {
        let spec = Arc::new(spec_of(table)?);
        files.insert((*table).to_string(), (spec, Vec::new()));
    }
    Ok(files)
}

/// Lists on their way into the tables.
struct Packing<'a> {
    warehouse: &'a Warehouse,
    previous: Option<&'a Release>,
    inputs: &'a Inputs,
    deriving: Deriving<'a>,
    workers: usize,
    progress: &'a dyn Progress,
    /// Number of lists that are packed.
    done: usize,
    packed: Packed,
}

impl Packing<'_> {
    /// Takes over a bucket in which nothing changed, with its files.
    fn take_over(&mut self, files: Vec<(&str, &DataFile)>, lists: &[&ListInputs]) {
        for (table, file) in files {
            self.packed.add_file(table, file.clone());
        }
        for list in lists {
            let reports = unchanged(list, &self.inputs.standing);
            self.packed.reports.extend(reports);
        }
        self.done += lists.len();
    }

    /// Derives the lists of a bucket side by side, as far as they may be held together, and writes their rows one after the other.
    async fn write(&mut self, bucket: &str, lists: &[&ListInputs]) -> Result<(), RunError> {
        let mut writers = Writers::new(self.warehouse, bucket, &self.packed.files);
        let deriving = &self.deriving;
        let (mut carried, settled) = deriving.carried(bucket, lists, &mut writers).await?;
        // Room is given in the order of the lists, and kept until their rows are written.
        let room = Arc::new(Semaphore::new(HELD as usize));
        let outputs = futures::stream::iter(lists.iter().copied())
            .then(|list| {
                let weight = if deriving.is_carried(list) {
                    0
                } else {
                    weight(list)
                };
                let held = Arc::clone(&room).acquire_many_owned(weight);
                async move { (list, held.await.ok()) }
            })
            .map(|(list, held)| {
                let deriving = deriving.derive(list, &settled);
                async move { (deriving.await, held) }
            })
            .buffered(self.workers + 1);
        let mut outputs = std::pin::pin!(outputs);
        let mut place = 0;
        while let Some((derived, _held)) = outputs.next().await {
            let derived = derived?;
            if derived.reused
                && let Some(carried) = &mut carried
            {
                for table in STREAMED {
                    let rows = carried.take(table, place).await?;
                    writers.write(table, rows).await?;
                }
            }
            place += 1;
            self.done += 1;
            let total = self.inputs.lists.len();
            self.progress.step(&derived.list_id, self.done, total);
            let mut all = lists.iter().copied();
            let list = all.find(|list| list.list_id == derived.list_id);
            self.packed
                .take_report(&derived, self.inputs, self.previous, list);
            for (rule, rows) in derived.broken {
                *self.packed.broken.entry(rule).or_default() += rows;
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
            self.packed.add_file(&table, file);
        }
        Ok(())
    }
}

/// What a list counts while it is held: the mebibytes of its files, at most all that there is room for. Files whose format nobody
/// declared may be packed.
fn weight(list: &ListInputs) -> u32 {
    let of_file = |file: &InputFile| {
        let format = file.source.toml.format.as_ref();
        let is_packed = format.is_none_or(|format| matches!(format.kind, Kind::Xlsx | Kind::Ods));
        file.bytes
            .saturating_mul(if is_packed { UNPACKED } else { 1 })
    };
    let bytes = list.files.iter().map(of_file).fold(0, u64::saturating_add);
    u32::try_from(bytes >> 20).map_or(HELD, |mebibytes| mebibytes.min(HELD))
}

/// The lists of each bucket, in the order of their rows.
fn buckets(lists: &[ListInputs], count: u64) -> BTreeMap<String, Vec<&ListInputs>> {
    let mut buckets: BTreeMap<String, Vec<&ListInputs>> = BTreeMap::new();
    for list in lists {
        let of_bucket = buckets.entry(bucket_of(&list.list_id, count)).or_default();
        of_bucket.push(list);
    }
    for lists in buckets.values_mut() {
        lists.sort_by(|a, b| (a.lead(), &a.list_id).cmp(&(b.lead(), &b.list_id)));
    }
    buckets
}

/// Number of buckets: a power of two that grows with the published bytes. Files of people do not count: a release does not tell
/// their size, so that it is not known where a file is taken from the release before.
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

/// The bucket of a list, one of `count`.
fn bucket_of(list_id: &str, count: u64) -> String {
    let hash = Sha256::digest(list_id.as_bytes());
    let number = u64::from_be_bytes([
        hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],
    ]);
    format!("{:04x}-of-{count:04x}", number % count)
}

/// That a thread on which a list was worked on stopped.
#[allow(clippy::needless_pass_by_value)] // as `map_err` wants it
fn worker(stopped: tokio::task::JoinError) -> RunError {
    RunError::Worker(stopped.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::made;

    #[test]
    fn lists_count_by_what_their_files_hold() {
        let of = |declared: &str, bytes: &[u64]| {
            let source = Arc::new(made::source("made", declared));
            let files = bytes.iter().map(|bytes| InputFile {
                bytes: *bytes,
                ..made::file(&source, "a", "00")
            });
            weight(&ListInputs {
                list_id: "made".to_owned(),
                files: files.collect(),
            })
        };
        let undeclared = "kind = \"operations\"\n";
        let text = "kind = \"operations\"\n[format]\nkind = \"csv\"\ndelimiter = \";\"\n";
        let packed = "kind = \"operations\"\n[format]\nkind = \"xlsx\"\n";
        assert_eq!(of(text, &[1000, 2000]), 0);
        assert_eq!(of(text, &[30 << 20, 30 << 20]), 60);
        assert_eq!(of(packed, &[10 << 20]), 80);
        assert_eq!(of(undeclared, &[10 << 20]), 80);
        // One that there is no room for beside others is not waited for in vain.
        assert_eq!(of(text, &[u64::MAX, u64::MAX]), HELD);
    }
}
