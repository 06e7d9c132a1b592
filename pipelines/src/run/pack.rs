//! Lists into packed table files.
//!
//! Lists are spread over buckets by a hash of their id; a table has one file per bucket, so the number of files grows
//! with the data and not with the number of sources, and a change rewrites only the buckets it touches. Within a bucket
//! the lists follow each other in a fixed order, derived side by side but written one after the other, so the bytes do
//! not depend on the number of workers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use arrow::array::RecordBatch;
use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::release::{DataFile, Release, Warehouse};
use esf_engine::session::{Access, SessionOptions, session};
use esf_engine::write::{TableSpec, TableWriter};
use futures::StreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::{Instrument, Span, field, info_span};

use super::again;
use super::aside::Until;
use super::carry::Carried;
use super::control::{self, ControlReport};
use super::inputs::{InputFile, Inputs, ListInputs, step_name};
use super::reference::LazyGazetteer;
use super::report::{SourceReport, SourceState};
use super::same_bytes::Elsewhere;
use super::standing::Standing;
use super::{Progress, RunError, RunOptions, TableFiles};
use crate::check::{Broken, integrity};
use crate::map::FileInput;
use crate::merge::rows::Tables;
use crate::merge::{Failure, FileReport, ListOutput, Reading, References, prepare, put_together};
use crate::night::date_in;
use crate::redaction::Masks;
use crate::source::Vintage;

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
    /// Per list the files that were used.
    pub used: BTreeMap<String, BTreeSet<String>>,
    /// Sources that stay at an earlier state.
    pub held: BTreeSet<String>,
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
    /// New files that the night which is made up for could not have had.
    aside: Vec<SourceReport>,
    used: Option<ListInputs>,
    /// How its new files compare with those before, by hash.
    controls: BTreeMap<String, Vec<ControlReport>>,
    /// What its tables break; found where they are derived, beside other lists.
    broken: Broken,
    seconds: f64,
    reused: bool,
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
        let mut carried = deriving.carried(&bucket, &lists, &mut writers).await?;
        let workers = options.workers().max(1);
        let mut outputs = futures::stream::iter(lists.iter().map(|list| deriving.derive(list)))
            .buffered(workers + 1);
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

impl Packed {
    fn take_report(
        &mut self,
        derived: &Derived,
        inputs: &Inputs,
        previous: Option<&Release>,
        all: Option<&ListInputs>,
    ) {
        if derived.reused {
            let lists = all.into_iter();
            self.reports
                .extend(lists.flat_map(|list| unchanged(list, &inputs.standing)));
            return;
        }
        for file in &derived.output.reports {
            let mut report = SourceReport::loaded(file, derived.seconds);
            let controls = derived.controls.get(&file.sha256);
            report.controls = controls.cloned().unwrap_or_default();
            let input = all.and_then(|list| {
                let is_it = |f: &&InputFile| {
                    f.sha256 == file.sha256 && f.source.source_id == file.source_id
                };
                list.files.iter().find(is_it)
            });
            // Old files are read with every change of their list; only of a new one somebody may expect to see its rows.
            let is_new = input.is_some_and(|input| !is_behind(previous, input));
            if let Some(formerly) = input.and_then(|input| input.formerly.as_deref()) {
                report.message = Some(again::told(formerly));
            } else if is_new && report.state == SourceState::Older {
                report.message = Some(not_used(file, &derived.output.reports));
            }
            self.reports.push(report);
        }
        self.reports.extend(derived.aside.iter().cloned());
        for failure in &derived.failures {
            let before = derived.used.as_ref().is_some_and(|l| {
                l.files
                    .iter()
                    .any(|f| f.source.source_id == failure.source_id)
            });
            let state = if before {
                SourceState::Held
            } else {
                SourceState::LeftOut
            };
            let mut report = SourceReport::bare(
                &failure.source_id,
                &derived.list_id,
                &failure.file_name,
                state,
            );
            report.message = Some(failure.error.to_string());
            let controls = derived.controls.get(&failure.sha256);
            report.controls = controls.cloned().unwrap_or_default();
            self.reports.push(report);
            if before {
                self.held.insert(failure.source_id.clone());
            }
        }
        if let Some(used) = &derived.used {
            let files = used.files.iter().map(|f| f.sha256.clone()).collect();
            self.used.insert(derived.list_id.clone(), files);
            self.steps.insert(
                step_name(&derived.list_id),
                used.key(&inputs.references_key),
            );
        } else {
            self.unusable += 1;
            self.used.insert(derived.list_id.clone(), BTreeSet::new());
            self.steps.remove(&step_name(&derived.list_id));
        }
    }
}

fn unchanged(list: &ListInputs, standing: &Standing) -> impl Iterator<Item = SourceReport> {
    let files = list.files.iter();
    files.map(|file| SourceReport::unchanged(list, file, standing))
}

/// What is to be said of a new file whose rows are not used, since a file of its list was published after it.
fn not_used(file: &FileReport, all: &[FileReport]) -> String {
    let newer = (all.iter()).filter(|other| other.account.loaded > 0);
    let newer = newer.max_by_key(|other| other.published);
    let dates = match (file.published, newer.and_then(|newer| newer.published)) {
        (Some(own), Some(newest)) => {
            let name = newer.map_or("", |newer| newer.file_name.as_str());
            format!(" (it was published on {own}, {name} on {newest})")
        }
        _ => String::new(),
    };
    format!("it is older than what stands{dates}; its rows are not used")
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

/// How a table is written.
pub(crate) fn spec_of(table: &str) -> Result<TableSpec, RunError> {
    let table = esf_schemas::table(table)
        .ok_or_else(|| crate::merge::rows::RowsError::NoTable(table.into()))?;
    Ok(TableSpec::from(table))
}

/// Derives lists, or takes over what can be taken over from the previous release.
struct Deriving<'a> {
    reading: &'a Reading,
    gazetteer: &'a LazyGazetteer<'a>,
    archive: bool,
    /// Until when files count, where a night is made up for.
    until: Option<&'a Until>,
    warehouse: &'a Warehouse,
    previous: Option<&'a Release>,
    session: Option<SessionContext>,
    keys: HashMap<String, String>,
    same_buckets: bool,
    masks: Arc<Masks>,
    /// The day of the run, in the time zone of its night.
    today: Date,
    /// Which files have the bytes of files of other lists.
    elsewhere: Elsewhere,
    /// The previous release also where nothing is reused of it, if published bytes behind it were taken away: what came out of
    /// them cannot be derived again.
    kept: Option<(&'a Release, SessionContext)>,
}

impl<'a> Deriving<'a> {
    fn new(
        warehouse: &'a Warehouse,
        previous: Option<&'a Release>,
        inputs: &'a Inputs,
        count: u64,
        options: &RunOptions,
        reading: &'a Reading,
        gazetteer: &'a LazyGazetteer<'a>,
    ) -> Result<Self, RunError> {
        // One partition keeps the rows in the order of their files.
        let single = SessionOptions {
            target_partitions: Some(1),
            plain_text: true,
            ..SessionOptions::default()
        };
        let has_lost = inputs.lists.iter().any(|list| list.lost().next().is_some());
        let kept = match previous.filter(|_| has_lost) {
            Some(release) => {
                let session = session(warehouse, release, Access::Restricted, &single)?;
                Some((release, session))
            }
            None => None,
        };
        let previous = previous.filter(|_| !options.full);
        let keys = inputs
            .lists
            .iter()
            .map(|l| (l.list_id.clone(), l.key(&inputs.references_key)))
            .collect();
        let session = match previous {
            Some(release) => Some(session(warehouse, release, Access::Restricted, &single)?),
            None => None,
        };
        let night = options.night.as_ref();
        let zone = night.map_or(TimeZone::UTC, |night| night.time_zone.clone());
        let same_buckets =
            previous.is_some_and(|p| p.steps.get("buckets") == Some(&count.to_string()));
        Ok(Self {
            warehouse,
            previous,
            session,
            keys,
            same_buckets,
            reading,
            gazetteer,
            archive: !options.dry_run,
            until: inputs.until.as_ref(),
            masks: Arc::clone(&inputs.masks),
            today: date_in(&zone, Timestamp::now()),
            elsewhere: Elsewhere::of(&inputs.lists),
            kept,
        })
    }

    fn is_same(&self, list: &ListInputs) -> bool {
        let before = self
            .previous
            .and_then(|p| p.steps.get(&step_name(&list.list_id)));
        before.is_some() && before == self.keys.get(&list.list_id)
    }

    /// The files of a bucket in which nothing changed and from which nothing went away.
    fn whole_bucket(
        &self,
        bucket: &str,
        lists: &[&ListInputs],
    ) -> Option<Vec<(&'a str, &'a DataFile)>> {
        let previous = self.previous.filter(|_| self.same_buckets)?;
        let count: u64 = previous.steps.get("buckets")?.parse().ok()?;
        let before = previous
            .steps
            .keys()
            .filter_map(|step| step.strip_prefix(super::inputs::LIST_STEP));
        let before = before
            .filter(|list_id| bucket_of(list_id, count) == bucket)
            .count();
        if before != lists.len() || !lists.iter().all(|l| self.is_same(l)) {
            return None;
        }
        let tables = STREAMED.iter().chain(&GATHERED);
        Some(
            tables
                .filter_map(|table| Some((table, previous.tables.get(*table)?)))
                .flat_map(|(table, state)| state.files.iter().map(move |file| (*table, file)))
                .filter(|(_, file)| file.partition == bucket)
                .collect(),
        )
    }

    /// What is taken over of a bucket that is written anew; small tables are given to the writers at once.
    async fn carried(
        &self,
        bucket: &str,
        lists: &[&ListInputs],
        writers: &mut Writers<'_>,
    ) -> Result<Option<Carried>, RunError> {
        let Some(previous) = self.previous.filter(|_| self.same_buckets) else {
            return Ok(None);
        };
        let same: Vec<(usize, &ListInputs)> = lists
            .iter()
            .enumerate()
            .filter(|(_, list)| self.is_same(list))
            .map(|(place, list)| (place, *list))
            .collect();
        if same.is_empty() {
            return Ok(None);
        }
        let carried = Carried::open(self.warehouse, previous, bucket, &same, &STREAMED).await?;
        for table in GATHERED {
            let rows = carried.all(self.warehouse, previous, bucket, table).await?;
            if !rows.is_empty() {
                writers.write(table, rows).await?;
            }
        }
        Ok(Some(carried))
    }

    async fn derive(&self, list: &ListInputs) -> Result<Derived, RunError> {
        let begun = Instant::now();
        if self.is_same(list) {
            let output = match &self.session {
                // Lists may have been in other buckets, where the number of these has changed.
                Some(session) if !self.same_buckets => {
                    rows_of(session, self.previous, list).await?
                }
                // Its rows are taken over with those of the whole bucket.
                _ => ListOutput::default(),
            };
            return Ok(Derived {
                list_id: list.list_id.clone(),
                output,
                failures: Vec::new(),
                aside: Vec::new(),
                used: Some(list.clone()),
                controls: BTreeMap::new(),
                broken: Broken::new(),
                seconds: begun.elapsed().as_secs_f64(),
                reused: true,
            });
        }
        let span = info_span!("list", list = list.list_id, failed = field::Empty);
        let deriving = self.derive_anew(list, begun).instrument(span.clone());
        let derived = deriving.await?;
        span.record("failed", derived.failures.len() as i64);
        Ok(derived)
    }

    /// Derives a list from its files, and again without those that cannot be used.
    async fn derive_anew(&self, list: &ListInputs, begun: Instant) -> Result<Derived, RunError> {
        if let Some(derived) = self.without_lost(list, begun).await? {
            return Ok(derived);
        }
        let mut left = list.clone();
        left.files.retain(|file| !file.is_lost());
        let mut failures: Vec<Failure> = Vec::new();
        let mut aside: Vec<SourceReport> = Vec::new();
        let mut control_reports = BTreeMap::new();
        loop {
            let derived = self.derive_files(&left).await?;
            let derived = match derived {
                Ok((output, broken)) => {
                    let later = self.until.map(|until| until.leave(&mut left, &output));
                    if let Some(later) = later.filter(|later| !later.is_empty()) {
                        aside.extend(later);
                        continue;
                    }
                    let controlling = self.control(&left, &output);
                    let controlling = controlling.instrument(info_span!("control"));
                    let (refused, controls) = controlling.await?;
                    control_reports.extend(controls);
                    if refused.is_empty() {
                        Ok((output, broken))
                    } else {
                        Err(refused)
                    }
                }
                Err(failed) => Err(failed),
            };
            match derived {
                Ok((output, broken)) => {
                    let used = (!left.files.is_empty()).then_some(left);
                    let seconds = begun.elapsed().as_secs_f64();
                    return Ok(Derived {
                        list_id: list.list_id.clone(),
                        output,
                        failures,
                        aside,
                        used,
                        controls: control_reports,
                        broken,
                        seconds,
                        reused: false,
                    });
                }
                Err(failed) => {
                    let is_failed = |f: &InputFile| {
                        failed
                            .iter()
                            .any(|x| x.sha256 == f.sha256 && x.source_id == f.source.source_id)
                    };
                    let was_published = left
                        .files
                        .iter()
                        .any(|f| is_failed(f) && self.was_published(f));
                    left.files.retain(|f| !is_failed(f));
                    failures.extend(failed);
                    // Without a new file a list is as it was, if some of what is behind it was taken away.
                    let kept = self.kept.as_ref().filter(|(release, _)| {
                        let is_old = |f: &InputFile| is_behind(Some(*release), f);
                        list.lost().next().is_some() && left.files.iter().all(is_old)
                    });
                    let stays = match (&self.session, kept) {
                        (Some(session), _) if was_published => Some((session, self.previous)),
                        (_, Some((release, session))) => Some((session, Some(*release))),
                        _ => None,
                    };
                    if let Some((session, release)) = stays {
                        // What was readable once stays as it was published, whatever broke it.
                        let before = list.as_in(release);
                        let output = rows_of(session, release, &before).await?;
                        return Ok(Derived {
                            list_id: list.list_id.clone(),
                            output,
                            failures,
                            aside,
                            used: Some(before),
                            controls: control_reports,
                            broken: Broken::new(),
                            seconds: begun.elapsed().as_secs_f64(),
                            reused: false,
                        });
                    }
                }
            }
        }
    }

    /// A list some of whose published bytes were taken away and are nowhere else, as it was published: unless a newer file
    /// stands for the whole of it. A newer one that only adds is held, for the rows of the others would be gone.
    async fn without_lost(
        &self,
        list: &ListInputs,
        begun: Instant,
    ) -> Result<Option<Derived>, RunError> {
        let (Some((release, session)), Some(lost)) = (&self.kept, list.lost().next()) else {
            return Ok(None);
        };
        // What was published again stands for the list like a new file.
        let is_new = |file: &&InputFile| {
            !is_behind(Some(*release), file) || file.first_seen > release.number
        };
        let mut new = list.files.iter().filter(is_new).peekable();
        if new.peek().is_some() && lost.source.toml.vintage == Vintage::Replace {
            return Ok(None);
        }
        let as_it_was = list.as_in(Some(*release));
        let held = new.map(|file| {
            file.refused(format!(
                "it adds to {}, whose published bytes a redaction took away; put that file into a folder of --mirror, where it \
                 is read and not kept",
                lost.file_name
            ))
        });
        Ok(Some(Derived {
            list_id: list.list_id.clone(),
            output: rows_of(session, Some(*release), &as_it_was).await?,
            failures: held.collect(),
            aside: Vec::new(),
            used: Some(as_it_was),
            controls: BTreeMap::new(),
            broken: Broken::new(),
            seconds: begun.elapsed().as_secs_f64(),
            reused: false,
        }))
    }

    /// Compares new files with those before; gives those that are not to be published as they are.
    async fn control(
        &self,
        list: &ListInputs,
        output: &ListOutput,
    ) -> Result<(Vec<Failure>, BTreeMap<String, Vec<ControlReport>>), RunError> {
        let new: Vec<&InputFile> = list
            .files
            .iter()
            .filter(|file| self.reading.expect_rows && !self.was_published(file))
            .collect();
        let session = self.session.as_ref();
        let elsewhere = &self.elsewhere;
        let controls =
            control::control(session, self.previous, &new, output, self.today, elsewhere).await?;
        let refused = new.iter().filter_map(|file| {
            let message = control::refusal(&file.source.source_id, controls.get(&file.sha256)?)?;
            Some(file.refused(message))
        });
        Ok((refused.collect(), controls))
    }

    /// Prepares the files of a list side by side and puts them together. A reader that panics on a damaged file must not
    /// take the other sources with it.
    async fn derive_files(
        &self,
        list: &ListInputs,
    ) -> Result<Result<(ListOutput, Broken), Vec<Failure>>, RunError> {
        let mut files: Vec<FileInput> = Vec::with_capacity(list.files.len());
        let mut preparing = Vec::with_capacity(list.files.len());
        for file in &list.files {
            let accepted = file.accepted.is_some();
            let file = match file.load(self.warehouse, self.archive, &self.masks).await {
                Ok(file) => file,
                // What cannot be read now holds its source; the others go on.
                Err(RunError::Snapshot(error)) => return Ok(Err(vec![file.failed(&error)])),
                Err(error) => return Err(error),
            };
            files.push(file.clone());
            let mut reading = self.reading.clone();
            reading.expect_rows &= !accepted;
            preparing.push(start(move || prepare(file, &reading)));
        }
        let mut prepared = Vec::with_capacity(files.len());
        for (file, preparing) in files.iter().zip(preparing) {
            let done = preparing.await.map_err(worker)?;
            prepared.push(done.unwrap_or_else(|| Err(Box::new(Failure::of_panic(file)))));
        }
        let references = References {
            reading: self.reading.clone(),
            gazetteer: self.gazetteer.get().await?,
        };
        let masks = Arc::clone(&self.masks);
        let together = start(move || {
            let merged = info_span!("merge").in_scope(|| put_together(prepared, &references));
            merged.map(|mut output| {
                let _checking = info_span!("check").entered();
                let masked = masks.mask_tables(&mut output.tables);
                let broken = masked.and_then(|()| integrity(&output.tables));
                (output, broken)
            })
        });
        let done = together.await.map_err(worker)?;
        match done {
            Some(Ok((output, broken))) => {
                let broken = broken.map_err(|e| RunError::Plan(e.into()))?;
                if broken.is_empty() {
                    return Ok(Ok((output, broken)));
                }
                // Nobody can say which file broke it: new ones are held first; without any the list stays as it was.
                let told = crate::check::told(&broken);
                let is_new: Vec<bool> = list.files.iter().map(|f| !self.was_published(f)).collect();
                let any_new = is_new.contains(&true);
                let held = files.iter().zip(is_new).filter(|(_, new)| *new || !any_new);
                Ok(Err(held
                    .map(|(file, _)| Failure::of_broken(file, &told))
                    .collect()))
            }
            Some(Err(failures)) => Ok(Err(failures)),
            None => Ok(Err(files.iter().map(Failure::of_panic).collect())),
        }
    }

    /// Whether a file is behind the previous release.
    fn was_published(&self, file: &InputFile) -> bool {
        is_behind(self.previous, file)
    }
}

/// Whether a file is behind a release.
fn is_behind(release: Option<&Release>, file: &InputFile) -> bool {
    let state = release.and_then(|release| release.sources.get(&file.source.source_id));
    state.is_some_and(|s| s.files.iter().any(|f| f.sha256 == file.sha256))
}

/// Starts a step on a thread for work that blocks, within the span that is open here. Gives nothing if it panics.
fn start<T: Send + 'static>(step: impl FnOnce() -> T + Send + 'static) -> JoinHandle<Option<T>> {
    let span = Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(|| unharmed(step)))
}

/// What a step gives, or nothing if it panicked.
fn unharmed<T>(step: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(step)).ok()
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` wants it
fn worker(stopped: tokio::task::JoinError) -> RunError {
    RunError::Worker(stopped.to_string())
}

/// Rows of a list that stays as it was, from the previous release.
async fn rows_of(
    session: &SessionContext,
    previous: Option<&Release>,
    list: &ListInputs,
) -> Result<ListOutput, RunError> {
    let ids: Vec<_> = list
        .files
        .iter()
        .map(|f| lit(f.source.source_id.as_str()))
        .collect();
    let files: Vec<_> = list.files.iter().map(|f| lit(f.sha256.as_str())).collect();
    let mut tables = Tables::new();
    for table in STREAMED.iter().chain(&GATHERED) {
        if previous
            .and_then(|p| p.tables.get(*table))
            .is_none_or(|t| t.files.is_empty())
        {
            continue;
        }
        let of_list = col("source_id")
            .in_list(ids.clone(), false)
            .and(col("source_file").in_list(files.clone(), false));
        let batches = session
            .table(*table)
            .await?
            .filter(of_list)?
            .collect()
            .await?;
        let batches: Vec<RecordBatch> = batches.into_iter().filter(|b| b.num_rows() > 0).collect();
        tables.insert((*table).to_string(), batches);
    }
    Ok(ListOutput {
        tables,
        reports: Vec::new(),
    })
}

/// One writer per table, each on a thread of its own.
struct Writers<'a> {
    warehouse: &'a Warehouse,
    bucket: &'a str,
    specs: HashMap<String, Arc<TableSpec>>,
    open: BTreeMap<String, OpenWriter>,
    gathered: BTreeMap<String, Vec<RecordBatch>>,
}

struct OpenWriter {
    batches: mpsc::Sender<RecordBatch>,
    task: tokio::task::JoinHandle<
        Result<Option<esf_engine::write::FinishedFile>, esf_engine::write::WriteError>,
    >,
}

impl<'a> Writers<'a> {
    fn new(warehouse: &'a Warehouse, bucket: &'a str, files: &TableFiles) -> Self {
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

    async fn write(&mut self, table: &str, batches: Vec<RecordBatch>) -> Result<(), RunError> {
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

    async fn finish(mut self) -> Result<Vec<(String, DataFile)>, RunError> {
        for (table, batches) in std::mem::take(&mut self.gathered) {
            let Some(spec) = self.specs.get(&table).filter(|_| !batches.is_empty()) else {
                continue;
            };
            let sorted = sorted(spec, &batches)?;
            let writer = self.start(&table)?;
            // Errors of a stopped writer are told when it is joined.
            let _ = writer.batches.send(sorted).await;
            self.open.insert(table, writer);
        }
        let mut files = Vec::new();
        for (table, writer) in self.open {
            drop(writer.batches);
            let finished = writer.task.await.map_err(worker)??;
            if let Some(finished) = finished {
                files.push((table, finished.keep().await?));
            }
        }
        Ok(files)
    }
}

/// A small table in the order that its declaration gives.
pub(super) fn sorted(spec: &TableSpec, batches: &[RecordBatch]) -> Result<RecordBatch, RunError> {
    esf_engine::write::sorted(spec, batches).map_err(|error| RunError::Plan(error.into()))
}
