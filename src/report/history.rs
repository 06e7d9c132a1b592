//! The last 30 days of a warehouse, as the records of its runs tell them: which source was seen in which state.
//!
//! Owns reading `runs/<id>.json` of this and earlier programs: fields that are not known are passed over, absent ones
//! have their empty value, and a record that cannot be read is counted and left out. Does not own writing records.
//!
//! A record leaves out files that are as they were and says only how many they are. So a source that such a night does
//! not name counts as unchanged if it was in the release: if an earlier night had it there, or a later one found it so.
//! Where the folders had no file of a source, what the release holds of it is no state of the source: it was absent. Neither is it
//! where nobody looked for one: it was not asked, unless another run of that day did. Runs that were asked for some sources say
//! nothing of the others.
//! Days are those of the time zone of the reported night, of UTC where it has none. A run stands for the date that it was
//! for, or on which it began; of several runs of one day the last that did not fail stands for it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use esf_engine::release::{ReleaseError, Warehouse};
use esf_pipelines::night::{FAILED, date_in, is_done};
use esf_pipelines::run::RunReport;
use esf_pipelines::status::begun;
use futures::{StreamExt, stream};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

/// Days that are looked at, tonight included.
pub(crate) const DAYS: usize = 30;

/// Records read side by side.
const AT_ONCE: usize = 8;

/// Most records read: more runs than this in 30 days are tries by hand, of which the newest are enough.
const MOST: usize = 300;

/// The state of a file that is as in the release before.
const UNCHANGED: &str = "unchanged";

/// The state of another name of bytes, which says nothing of the file that has them.
const REPEATED: &str = "repeated";

/// In which state a source was, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    /// Its files are older than what stands. First, since of a source that has other files these tell.
    Older,
    /// As in the release before.
    Unchanged,
    /// Read and loaded.
    Loaded,
    /// Read, and nothing in it became a row.
    Empty,
    /// Published after the date that was made up for.
    Later,
    /// A state that this program does not know.
    Other,
    /// Nobody looked for it.
    NotAsked,
    /// The folders have no file of it.
    Absent,
    /// A rollback left its newest file behind.
    RolledBack,
    /// It could not be reached.
    Stale,
    /// Its newest file cannot be used.
    Held,
    /// It cannot be used, and there is no state before.
    LeftOut,
}

impl From<&str> for Seen {
    fn from(name: &str) -> Self {
        match name {
            UNCHANGED => Self::Unchanged,
            "loaded" => Self::Loaded,
            "empty" => Self::Empty,
            "later" => Self::Later,
            "older" => Self::Older,
            "rolled_back" => Self::RolledBack,
            "stale" => Self::Stale,
            "held" => Self::Held,
            "left_out" => Self::LeftOut,
            _ => Self::Other,
        }
    }
}

impl Seen {
    /// Its name in metrics, which is that in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unchanged => UNCHANGED,
            Self::Loaded => "loaded",
            Self::Empty => "empty",
            Self::Later => "later",
            Self::Older => "older",
            Self::Other => "other",
            Self::NotAsked => "not_asked",
            Self::Absent => "absent",
            Self::RolledBack => "rolled_back",
            Self::Stale => "stale",
            Self::Held => "held",
            Self::LeftOut => "left_out",
        }
    }

    /// Whether the source was as its publisher has it.
    pub(crate) fn is_good(self) -> bool {
        matches!(
            self,
            Self::Unchanged | Self::Loaded | Self::Empty | Self::Older | Self::Later
        )
    }
}

/// What one run found.
#[derive(Debug, Clone)]
pub(crate) struct Night {
    /// The worst state of the files of each source.
    pub(crate) sources: BTreeMap<String, Seen>,
    /// The date that it was for, if it was nightly.
    date: Option<Date>,
    /// The same, if it ended well.
    done: Option<Date>,
    /// The same, if the date was not over: nights that are made up for say nothing of those around them.
    due: Option<Date>,
    failed: bool,
    /// Whether sources that are not named were as before.
    names_only_news: bool,
    /// The sources that it was asked for; empty for all.
    asked_for: BTreeSet<String>,
}

/// The last days.
#[derive(Debug, Clone)]
pub(crate) struct History {
    /// The day of the run that is reported.
    pub(crate) tonight: Date,
    /// Where days are those on the wall.
    pub(crate) time_zone: TimeZone,
    /// What was found on which day; days without a run are absent.
    pub(crate) nights: BTreeMap<Date, Night>,
    /// Days before tonight on which a night was due and none ended well.
    pub(crate) missed: BTreeSet<Date>,
    /// How many records could not be read.
    pub(crate) unreadable: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Record {
    outcome: String,
    date: Option<String>,
    exit_code: Option<u8>,
    caught_up: bool,
    unchanged: u64,
    absent: BTreeSet<String>,
    not_asked: BTreeSet<String>,
    looked_nowhere: bool,
    asked_for: BTreeSet<String>,
    sources: Vec<SourceRecord>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SourceRecord {
    source_id: String,
    state: String,
    message: Option<String>,
}

impl SourceRecord {
    /// Whether the record of a run would name it.
    fn has_news(&self) -> bool {
        self.state != UNCHANGED || self.message.is_some()
    }
}

impl Night {
    fn parse(record: Value) -> Option<Self> {
        let record: Record = serde_json::from_value(record).ok()?;
        let quiet = record.sources.iter().filter(|s| !s.has_news()).count() as u64;
        let files = record.sources.into_iter();
        let files = files.filter(|file| !file.source_id.is_empty() && file.state != REPEATED);
        let seen = files.map(|file| (file.source_id, Seen::from(file.state.as_str())));
        let absent = record.absent.into_iter().map(|id| (id, Seen::Absent));
        let not_asked = record.not_asked.into_iter();
        let not_asked = not_asked.map(|id| (id, Seen::NotAsked));
        let mut sources = BTreeMap::new();
        for (source_id, seen) in seen.chain(absent).chain(not_asked) {
            let worst = sources.entry(source_id).or_insert(seen);
            *worst = seen.max(*worst);
        }
        let date: Option<Date> = record.date.and_then(|date| date.parse().ok());
        let failed = record.outcome == FAILED;
        let nowhere = record.looked_nowhere;
        let is_done = (record.exit_code).is_some_and(|code| is_done(code, failed, nowhere));
        Some(Self {
            sources,
            done: date.filter(|_| is_done),
            due: date.filter(|_| !record.caught_up),
            date,
            failed,
            names_only_news: record.unchanged > quiet,
            asked_for: record.asked_for,
        })
    }

    fn is_asked_for(&self, source: &str) -> bool {
        self.asked_for.is_empty() || self.asked_for.contains(source)
    }

    /// Takes from an earlier run of the same day what that found of sources that this one did not look for.
    fn leave_to(&mut self, earlier: &Self) {
        let not_asked = self.sources.iter_mut();
        for (id, seen) in not_asked.filter(|(_, seen)| **seen == Seen::NotAsked) {
            let quiet = earlier.names_only_news && earlier.is_asked_for(id);
            let quiet = quiet.then_some(Seen::Unchanged);
            *seen = (earlier.sources.get(id).copied())
                .or(quiet)
                .unwrap_or(Seen::NotAsked);
        }
    }

    /// Takes in a later run of the same day that was asked for some sources.
    fn take_some(&mut self, later: Self) {
        for id in later.asked_for {
            let named = later.sources.get(&id).copied();
            let quiet = later.names_only_news.then_some(Seen::Unchanged);
            if let Some(seen) = named.or(quiet) {
                self.sources.insert(id, seen);
            }
        }
    }
}

impl History {
    /// Tonight alone, where nothing earlier can be read.
    pub(crate) fn of(report: &RunReport) -> Self {
        let time_zone = match &report.night {
            Some(night) => night.time_zone.clone(),
            None => TimeZone::UTC,
        };
        let tonight = date_in(&time_zone, report.started_at);
        let missed = report.night.iter().flat_map(|night| &night.missed).copied();
        let mut history = Self {
            tonight,
            time_zone,
            nights: BTreeMap::new(),
            missed: missed.collect(),
            unreadable: 0,
        };
        history.missed = history.missed.split_off(&history.first());
        match Night::parse(report.to_json()) {
            // Also one that is made up for is what was found tonight.
            Some(night) => {
                history.nights.insert(tonight, night);
            }
            None => history.unreadable += 1,
        }
        history
    }

    /// Tonight and the days before it. Fails if the records cannot be listed.
    pub(crate) async fn read(
        warehouse: &Warehouse,
        report: &RunReport,
    ) -> Result<Self, ReleaseError> {
        let mut history = Self::of(report);
        let (first, last) = (history.first(), history.tonight);
        let zone = history.time_zone.clone();
        let day_of = |id: &str| Some(date_in(&zone, begun(id)?));
        let mut ids = warehouse.runs().await?;
        ids.retain(|id| day_of(id).is_none_or(|day| first <= day && day < last));
        // Ids sort by time.
        let ids = ids.split_off(ids.len().saturating_sub(MOST));
        let mut records = stream::iter(ids)
            .map(|id| async move {
                let record = warehouse.run(&id).await.ok();
                (id, record)
            })
            .buffered(AT_ONCE);
        let mut kept = Vec::new();
        while let Some((id, record)) = records.next().await {
            match (day_of(&id), record.and_then(Night::parse)) {
                (Some(day), Some(night)) => kept.push((night.date.unwrap_or(day), night)),
                _ => history.unreadable += 1,
            }
        }
        // What was made up for tonight comes last.
        let tonight = history.nights.get(&last).cloned();
        let made_up = tonight.and_then(|night| Some((night.date?, night)));
        kept.extend(made_up.filter(|(date, _)| *date < last));
        history.take(kept);
        history.fill();
        Ok(history)
    }

    /// Takes in earlier runs with the dates that they are for, in the order in which they began.
    fn take(&mut self, runs: Vec<(Date, Night)>) {
        let (first, last) = (self.first(), self.tonight);
        let due = runs.iter().filter_map(|(_, night)| night.due).min();
        let days = due.map(|due| due.max(first).series(1.day()));
        let days = days.into_iter().flatten();
        self.missed.extend(days.take_while(|day| *day < last));
        for (date, mut night) in runs {
            if let Some(done) = night.done {
                self.missed.remove(&done);
            }
            let is_seen = first <= date && date < last;
            if !is_seen || (night.failed && self.nights.contains_key(&date)) {
                continue;
            }
            let before = self.nights.get_mut(&date);
            if let Some(before) = &before {
                night.leave_to(before);
            }
            if let Some(before) = before.filter(|_| !night.asked_for.is_empty()) {
                before.take_some(night);
            } else {
                self.nights.insert(date, night);
            }
        }
    }

    /// Gives nights that name only news the sources that were in the release all the same.
    fn fill(&mut self) {
        for source in self.sources() {
            let named: Vec<(Date, Option<Seen>)> = (self.nights.iter())
                .map(|(day, night)| (*day, night.sources.get(&source).copied()))
                .collect();
            let mut was_there = false;
            for (i, (day, seen)) in named.iter().enumerate() {
                if let Some(seen) = seen {
                    was_there = *seen != Seen::LeftOut;
                    continue;
                }
                let next = named[i..].iter().find_map(|(_, seen)| *seen);
                let is_found_there = matches!(
                    next,
                    Some(
                        Seen::Unchanged
                            | Seen::NotAsked
                            | Seen::Absent
                            | Seen::RolledBack
                            | Seen::Stale
                            | Seen::Held
                    )
                );
                let night = self.nights.get_mut(day);
                let night = night.filter(|n| n.names_only_news && n.is_asked_for(&source));
                if let Some(night) = night.filter(|_| was_there || is_found_there) {
                    night.sources.insert(source.clone(), Seen::Unchanged);
                }
            }
        }
    }

    /// The first day that is looked at.
    fn first(&self) -> Date {
        self.tonight.saturating_sub((DAYS as i64 - 1).days())
    }

    /// All days, with or without a run.
    pub(crate) fn days(&self) -> impl Iterator<Item = Date> {
        std::iter::successors(Some(self.first()), |day| day.tomorrow().ok()).take(DAYS)
    }

    /// All sources that any night names.
    pub(crate) fn sources(&self) -> BTreeSet<String> {
        let nights = self.nights.values();
        nights.flat_map(|n| n.sources.keys().cloned()).collect()
    }

    /// In which state a source is tonight.
    pub(crate) fn seen_tonight(&self, source: &str) -> Option<Seen> {
        self.nights.get(&self.tonight)?.sources.get(source).copied()
    }

    /// Days since a source was last as its publisher has it; if it never was, since it was first seen.
    pub(crate) fn stale_nights(&self, source: &str) -> i64 {
        let of_source = || {
            let nights = self.nights.iter();
            nights.filter_map(|(day, night)| Some((*day, *night.sources.get(source)?)))
        };
        let good = of_source().rfind(|(_, seen)| seen.is_good());
        let since = good.or_else(|| of_source().next());
        since.map_or(0, |(day, _)| {
            self.tonight.duration_since(day).as_hours() / 24
        })
    }
}
