//! How the nights went: the age of every source, and the last run.
//!
//! Owns reading this from the newest release and the newest records of runs. Does not run anything, and reads no more
//! records than it must: from the newest back until every source is accounted for, at most [`LOOK_BACK`].
//!
//! A source is as old as it is since a run last found it sound, or since its newest file was first published, whichever
//! is later: a list that its publisher closed years ago does not age, one that cannot be read any more does, and so does one
//! of which the folders have no file, or that nobody looks for. What a clock that was ahead has recorded in the future says
//! nothing of that: it would hide every run until then.

mod record;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use esf_engine::release::{Release, ReleaseError, SourceState, Warehouse};
use esf_engine::store::StoreError;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;

pub use record::{REDACTED, ROLLED_BACK, RunRecord, begun};
pub use tables::{RunTablesError, TABLES, run_tables};

use crate::run::{Standing, first_seen};
use crate::source::{Catalogue, SourceKind};

/// How many records are read at most.
pub const LOOK_BACK: usize = 30;

/// How many documents are read at once.
const AT_ONCE: usize = 16;

const HOURS_OF_DAY: i64 = 24;

/// What clocks may differ by before somebody is told.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The state of a source whose newest file cannot be used.
const HELD: &str = "held";

/// How a warehouse stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// The newest release.
    pub release: Option<Release>,
    /// The last run until now that looked for files.
    pub last_run: Option<RunRecord>,
    /// How many records of runs are from a time that is still to come.
    pub ahead: usize,
    /// The sources by id.
    pub sources: Vec<SourceStatus>,
}

/// How a source stands.
#[derive(Debug, Clone, Default)]
pub struct SourceStatus {
    /// The source.
    pub source_id: String,
    /// The list it contributes to.
    pub list_id: String,
    /// The name of its newest file in the newest release: the one that was published last, or came last where no day is known.
    pub newest_file: Option<String>,
    /// The number of the release in which that file was first seen.
    pub first_release: Option<u64>,
    /// When that release was published; unknown where it was collected as garbage.
    pub first_seen: Option<Timestamp>,
    /// What the last run that looked at it made of it.
    pub state: Option<String>,
    /// When that was; of a reference, when a run last found a file of it.
    pub checked: Option<Timestamp>,
    /// When a run last found it sound, of those looked at.
    pub sound: Option<Timestamp>,
    /// Whether the last run since then that says so found no file of it in its folders.
    pub is_absent: bool,
    /// Whether the last run since then that says so did not look for it.
    pub is_not_asked: bool,
    /// Whether it is a table that other sources are read with. Such a one does not age; its state says whether its newest file can be
    /// used.
    pub is_reference: bool,
}

impl Status {
    /// What is older than this many days: the last run, or sources. Nothing, if all is well.
    pub fn older_than(&self, days: i64, now: Timestamp) -> Vec<String> {
        let mut old = Vec::new();
        match &self.last_run {
            None => old.push("there is no record of a run".to_owned()),
            Some(run) if days_since(run.begun, now) > days => {
                old.push(format!(
                    "the last run was {} days ago",
                    days_since(run.begun, now)
                ));
            }
            Some(_) => {}
        }
        for source in self.sources.iter().filter(|source| !source.is_reference) {
            match source.age_days(now) {
                Some(age) if age <= days => {}
                Some(age) if source.is_absent => old.push(format!(
                    "{} is {age} days old: the folders have no file of it",
                    source.source_id
                )),
                Some(age) if source.is_not_asked => old.push(format!(
                    "{} is {age} days old: nobody looked for it",
                    source.source_id
                )),
                Some(age) => old.push(format!("{} is {age} days old", source.source_id)),
                None => old.push(format!(
                    "{} was not sound in the last runs",
                    source.source_id
                )),
            }
        }
        old
    }
}

impl SourceStatus {
    /// Days since it was last found sound or newly published; unknown where neither is known, or only of a time that is still to
    /// come. A reference has no age.
    pub fn age_days(&self, now: Timestamp) -> Option<i64> {
        if self.is_reference {
            return None;
        }
        let known = self.sound.into_iter().chain(self.first_seen);
        let past = known.filter(|time| !is_ahead(*time, now)).max();
        past.map(|time| days_since(time, now))
    }

    /// Takes from the record of a run what no younger one said.
    fn take(&mut self, run: &RunRecord) {
        let not_asked = run.is_not_asked(&self.source_id);
        if self.checked.is_none() && !self.is_absent && !self.is_not_asked {
            self.is_absent = run.is_absent(&self.source_id);
            self.is_not_asked = not_asked && !self.is_absent;
        }
        let Some(state) = run.state(&self.source_id) else {
            return;
        };
        self.state.get_or_insert_with(|| state.to_owned());
        if not_asked {
            return;
        }
        self.checked.get_or_insert(run.begun);
        if self.sound.is_none() && record::is_sound(state) {
            self.sound = Some(run.begun);
        }
    }

    /// The same of a reference: whether its newest file can be used, and whether one was there.
    fn take_reference(&mut self, run: &RunRecord) {
        if self.checked.is_none() && !self.is_absent {
            self.is_absent = run.is_absent(&self.source_id);
            let is_here = !self.is_absent && run.looked_for(&self.source_id);
            self.checked = is_here.then_some(run.begun);
        }
        if self.state.is_none() {
            self.state = run.state(&self.source_id).map(str::to_owned);
        }
    }

    fn of_release(
        source_id: &str,
        state: &SourceState,
        catalogue: &Catalogue,
        standing: &Standing,
    ) -> Self {
        let newest = standing.newest(source_id, state);
        Self {
            source_id: source_id.to_owned(),
            list_id: state.list_id.clone(),
            newest_file: newest.map(|file| file.file_name.clone()),
            first_release: newest.map(first_seen),
            is_reference: is_reference(source_id, catalogue),
            ..Self::default()
        }
    }
}

/// Whether a source is a table that other sources are read with.
fn is_reference(source_id: &str, catalogue: &Catalogue) -> bool {
    let source = catalogue.get(source_id);
    source.is_ok_and(|source| source.toml.kind == SourceKind::Reference)
}

/// Whole days from one time to another.
pub fn days_since(time: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(time).as_hours() / HOURS_OF_DAY
}

/// Whether a time is still to come, by more than clocks may differ.
fn is_ahead(time: Timestamp, now: Timestamp) -> bool {
    time.duration_since(now) > TOLERANCE
}

/// How long ago a time was, in words. Of one that is still to come it is said that some clock was wrong.
pub fn ago(time: Timestamp, now: Timestamp) -> String {
    let ahead = time.duration_since(now);
    if ahead > TOLERANCE {
        let ahead = SignedDuration::from_secs(ahead.as_secs());
        return format!("{ahead:#} ahead of the clock, which was wrong then or is wrong now");
    }
    format!("{} days ago", days_since(time, now))
}

/// Reads how a warehouse stands. The catalogue tells which sources are references, and what stands when its files were
/// published. Of runs those until `now` count.
pub async fn status(
    warehouse: &Warehouse,
    catalogue: &Catalogue,
    standing: &Standing,
    now: Timestamp,
) -> Result<Status, ReleaseError> {
    let release = warehouse.latest().await?;
    let mut sources: BTreeMap<String, SourceStatus> = release
        .iter()
        .flat_map(|release| &release.sources)
        .map(|(id, state)| {
            let source = SourceStatus::of_release(id, state, catalogue, standing);
            (id.clone(), source)
        })
        .collect();
    let mut waiting: BTreeSet<String> = sources
        .values()
        .filter(|source| !source.is_reference)
        .map(|source| source.source_id.clone())
        .collect();
    let mut last_run = None;
    let all = recorded(warehouse).await?;
    let later = |id: &String| begun(id).is_some_and(|begun| is_ahead(begun, now));
    let (ahead, until_now): (Vec<String>, Vec<String>) = all.into_iter().partition(later);
    for id in until_now.into_iter().take(LOOK_BACK) {
        let Some(run) = read(warehouse, &id).await? else {
            continue;
        };
        if last_run.is_none() {
            // Sources that were never let in stand in no release.
            for (source_id, list_id) in run.sources() {
                let left_out = || SourceStatus {
                    source_id: source_id.to_owned(),
                    list_id: list_id.to_owned(),
                    is_reference: is_reference(source_id, catalogue),
                    ..SourceStatus::default()
                };
                sources.entry(source_id.to_owned()).or_insert_with(left_out);
            }
        }
        for source in sources.values_mut() {
            if source.is_reference {
                source.take_reference(&run);
            } else {
                source.take(&run);
            }
            if source.sound.is_some() {
                waiting.remove(&source.source_id);
            }
        }
        last_run = last_run.or(Some(run));
        if waiting.is_empty() {
            break;
        }
    }
    if let Some(release) = &release {
        for source in sources.values_mut().filter(|source| source.state.is_none()) {
            // The records that are looked at may be younger than what holds it.
            let held = release.sources.get(&source.source_id);
            let held = held.filter(|state| state.held);
            source.state = held.map(|_| HELD.to_owned());
        }
        date(warehouse, release, &mut sources).await?;
    }
    Ok(Status {
        release,
        last_run,
        ahead: ahead.len(),
        sources: sources.into_values().collect(),
    })
}

/// The last run that looked for files, if there is one: by its time, also where that is still to come.
pub async fn last_run(warehouse: &Warehouse) -> Result<Option<RunRecord>, ReleaseError> {
    for id in recorded(warehouse).await?.into_iter().take(LOOK_BACK) {
        if let Some(run) = read(warehouse, &id).await? {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// The highest number of a release that the newest records of runs know of, at most [`LOOK_BACK`], with the oldest of these runs
/// that does: mostly the one that published it. Fails if the store does.
pub async fn highest_number(warehouse: &Warehouse) -> Result<Option<(u64, String)>, ReleaseError> {
    let mut highest: Option<(u64, String)> = None;
    for id in recorded(warehouse).await?.into_iter().take(LOOK_BACK) {
        let record = match warehouse.run(&id).await {
            Ok(record) => record,
            Err(
                ReleaseError::Unreadable { .. } | ReleaseError::Store(StoreError::NotFound { .. }),
            ) => continue,
            Err(error) => return Err(error),
        };
        let known = RunRecord::parse(&id, record).and_then(|run| run.number);
        let so_far = highest.as_ref().map_or(0, |(number, _)| *number);
        if let Some(number) = known.filter(|number| *number >= so_far) {
            highest = Some((number, id));
        }
    }
    Ok(highest)
}

/// The ids of all runs, newest first. Ids begin with the time, so they sort by it.
async fn recorded(warehouse: &Warehouse) -> Result<Vec<String>, ReleaseError> {
    let mut ids = warehouse.runs().await?;
    ids.retain(|id| begun(id).is_some());
    ids.reverse();
    Ok(ids)
}

/// The record of a run that looked for files; `None` for others, and where it is gone.
async fn read(warehouse: &Warehouse, id: &str) -> Result<Option<RunRecord>, ReleaseError> {
    match warehouse.run(id).await {
        Ok(record) => Ok(RunRecord::parse(id, record)
            .filter(|run| ![ROLLED_BACK, REDACTED].contains(&run.outcome.as_str()))),
        Err(ReleaseError::Store(StoreError::NotFound { .. })) => Ok(None),
        // A record that cannot be read must not hide how the sources stand.
        Err(ReleaseError::Unreadable { .. }) => Ok(RunRecord::parse(id, Value::Null)),
        Err(error) => Err(error),
    }
}

/// Fills in when the newest files were first published.
async fn date(
    warehouse: &Warehouse,
    newest: &Release,
    sources: &mut BTreeMap<String, SourceStatus>,
) -> Result<(), ReleaseError> {
    let numbers: BTreeSet<u64> = sources
        .values()
        .filter_map(|source| source.first_release)
        .filter(|number| *number != newest.number)
        .collect();
    let dated: Vec<(u64, Option<Timestamp>)> =
        stream::iter(numbers)
            .map(|number| async move {
                Ok::<_, ReleaseError>((number, created(warehouse, number).await?))
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
    let mut dates: BTreeMap<u64, Option<Timestamp>> = dated.into_iter().collect();
    dates.insert(newest.number, Some(newest.created_at));
    for source in sources.values_mut() {
        let date = source.first_release.and_then(|number| dates.get(&number));
        source.first_seen = date.copied().flatten();
    }
    Ok(())
}

/// When a release was published. Of the document nothing else is read: it can be large.
async fn created(warehouse: &Warehouse, number: u64) -> Result<Option<Timestamp>, ReleaseError> {
    #[derive(Deserialize)]
    struct Created {
        created_at: String,
    }
    let document = warehouse
        .store()
        .get_if_exists(&Release::path(number))
        .await?;
    let created = document.and_then(|bytes| serde_json::from_slice::<Created>(&bytes).ok());
    Ok(created.and_then(|created| created.created_at.parse().ok()))
}
