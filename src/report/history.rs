//! The last 30 days of a warehouse, as the records of its runs tell them: which source was seen in which state.
//!
//! Owns reading `runs/<id>.json` of this and earlier programs: fields that are not known are passed over, absent ones
//! have their empty value, and a record that cannot be read is counted and left out. Does not own writing records.
//!
//! A record leaves out files that are as they were and says only how many they are. So a source that such a night does
//! not name counts as unchanged if it was in the release: if an earlier night had it there, or a later one found it so.
//! Days are those of UTC. Of several runs of one day the last that did not fail stands for it.

use std::collections::{BTreeMap, BTreeSet};

use esf_engine::release::{ReleaseError, Warehouse};
use esf_pipelines::run::RunReport;
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

/// In which state a source was, the worst last.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "String")]
pub(crate) enum Seen {
    /// As in the release before.
    Unchanged,
    /// Read and loaded.
    Loaded,
    /// A state that this program does not know.
    #[default]
    Other,
    /// It could not be reached.
    Stale,
    /// Its newest file cannot be used.
    Held,
    /// It cannot be used, and there is no state before.
    LeftOut,
}

impl From<String> for Seen {
    fn from(name: String) -> Self {
        match name.as_str() {
            "unchanged" => Self::Unchanged,
            "loaded" => Self::Loaded,
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
            Self::Unchanged => "unchanged",
            Self::Loaded => "loaded",
            Self::Other => "other",
            Self::Stale => "stale",
            Self::Held => "held",
            Self::LeftOut => "left_out",
        }
    }

    /// Whether the source was as its publisher has it.
    pub(crate) fn is_good(self) -> bool {
        matches!(self, Self::Unchanged | Self::Loaded)
    }
}

/// What one run found.
#[derive(Debug, Clone)]
pub(crate) struct Night {
    /// The worst state of the files of each source.
    pub(crate) sources: BTreeMap<String, Seen>,
    failed: bool,
    /// Whether sources that are not named were as before.
    names_only_news: bool,
}

/// The last days.
#[derive(Debug, Clone)]
pub(crate) struct History {
    /// The day of the run that is reported.
    pub(crate) tonight: Date,
    /// What was found on which day; days without a run are absent.
    pub(crate) nights: BTreeMap<Date, Night>,
    /// How many records could not be read.
    pub(crate) unreadable: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Record {
    outcome: String,
    unchanged: u64,
    sources: Vec<SourceRecord>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SourceRecord {
    source_id: String,
    state: Seen,
    data_rows: u64,
    message: Option<String>,
}

impl SourceRecord {
    /// Whether the record of a run would name it.
    fn has_news(&self) -> bool {
        self.state != Seen::Unchanged || self.data_rows > 0 || self.message.is_some()
    }
}

impl Night {
    fn parse(record: Value) -> Option<Self> {
        let record: Record = serde_json::from_value(record).ok()?;
        let quiet = record.sources.iter().filter(|s| !s.has_news()).count() as u64;
        let mut sources = BTreeMap::new();
        for source in record.sources {
            if source.source_id.is_empty() {
                continue;
            }
            let worst = sources.entry(source.source_id).or_insert(source.state);
            *worst = source.state.max(*worst);
        }
        Some(Self {
            sources,
            failed: record.outcome == "failed",
            names_only_news: record.unchanged > quiet,
        })
    }
}

impl History {
    /// Tonight alone, where nothing earlier can be read.
    pub(crate) fn of(report: &RunReport) -> Self {
        let tonight = report.started_at.to_zoned(TimeZone::UTC).date();
        let mut history = Self {
            tonight,
            nights: BTreeMap::new(),
            unreadable: 0,
        };
        history.add(tonight, Some(report.to_json()));
        history
    }

    /// Tonight and the days before it. Fails if the records cannot be listed.
    pub(crate) async fn read(
        warehouse: &Warehouse,
        report: &RunReport,
    ) -> Result<Self, ReleaseError> {
        let mut history = Self::of(report);
        let (first, last) = (history.first(), history.tonight);
        let mut ids = warehouse.runs().await?;
        ids.retain(|id| day_of(id).is_none_or(|day| first <= day && day < last));
        // Ids sort by time.
        let ids = ids.split_off(ids.len().saturating_sub(MOST));
        let mut records = stream::iter(ids)
            .map(|id| async move {
                let record = warehouse.run(&id).await.ok();
                (day_of(&id), record)
            })
            .buffered(AT_ONCE);
        while let Some((day, record)) = records.next().await {
            match day {
                Some(day) => history.add(day, record),
                None => history.unreadable += 1,
            }
        }
        history.fill();
        Ok(history)
    }

    fn add(&mut self, day: Date, record: Option<Value>) {
        match record.and_then(Night::parse) {
            Some(night) if night.failed && self.nights.contains_key(&day) => {}
            Some(night) => {
                self.nights.insert(day, night);
            }
            None => self.unreadable += 1,
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
                let is_found_there =
                    matches!(next, Some(Seen::Unchanged | Seen::Stale | Seen::Held));
                let night = self.nights.get_mut(day).filter(|n| n.names_only_news);
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

/// The day (UTC) on which a run began, from its id.
fn day_of(run_id: &str) -> Option<Date> {
    Date::strptime("%Y%m%d", run_id.get(..8)?).ok()
}

#[cfg(test)]
mod tests {
    use esf_engine::store::Store;
    use esf_pipelines::run::SourceState;
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::report::testing::{report, source};

    async fn kept(records: &[(&str, Value)]) -> Warehouse {
        let warehouse = Warehouse::new(Store::memory());
        for (id, record) in records {
            warehouse.record_run(id, record).await.unwrap();
        }
        warehouse
    }

    fn named(sources: &[(&str, &str)], unchanged: u64) -> Value {
        let sources: Vec<Value> = sources
            .iter()
            .map(|(id, state)| json!({"source_id": id, "state": state, "of_a_later_program": 1}))
            .collect();
        json!({"outcome": "published", "unchanged": unchanged, "sources": sources})
    }

    fn seen(history: &History, day: i8, source: &str) -> Option<Seen> {
        let night = history.nights.get(&date(2026, 11, day))?;
        night.sources.get(source).copied()
    }

    #[tokio::test]
    async fn old_and_damaged_records_hide_nothing_else() {
        let state_of = |state: &str| json!({"sources": [{"source_id": "a_list", "state": state}]});
        let warehouse = kept(&[
            ("20260101T010000000-1", named(&[("a_list", "held")], 0)),
            ("20261123T010000000-1", state_of("loaded")),
            ("20261124T010000000-1", json!({"sources": "none"})),
            ("20261125T010000000-1", state_of("melted")),
            ("by-hand", json!({})),
        ])
        .await;
        let history = History::read(&warehouse, &report()).await.unwrap();
        assert_eq!(history.unreadable, 2);
        assert_eq!(history.nights.len(), 3);
        assert_eq!(seen(&history, 23, "a_list"), Some(Seen::Loaded));
        assert_eq!(seen(&history, 25, "a_list"), Some(Seen::Other));
        assert_eq!(seen(&history, 26, "a_list"), Some(Seen::Loaded));
        assert_eq!(history.days().count(), DAYS);
        assert_eq!(history.days().last(), Some(history.tonight));
    }

    #[tokio::test]
    async fn what_a_night_does_not_name_is_as_it_was_if_it_was_there() {
        let failed = json!({"outcome": "failed", "exit_code": 1});
        let warehouse = kept(&[
            ("20261120T010000000-1", named(&[("new", "left_out")], 1)),
            ("20261121T010000000-1", named(&[], 1)),
            ("20261122T010000000-1", named(&[("new", "loaded")], 1)),
            ("20261123T010000000-1", named(&[], 2)),
            ("20261124T010000000-1", failed),
        ])
        .await;
        let mut tonight = report();
        tonight.sources = vec![source("old", SourceState::Unchanged)];
        tonight.unchanged = 1;
        let history = History::read(&warehouse, &tonight).await.unwrap();
        let states = |source: &str| -> Vec<Option<Seen>> {
            (20..=26).map(|day| seen(&history, day, source)).collect()
        };
        let (same, new) = (Some(Seen::Unchanged), Some(Seen::Loaded));
        let out = Some(Seen::LeftOut);
        assert_eq!(states("old"), [same, same, same, same, None, None, same]);
        assert_eq!(states("new"), [out, None, new, same, None, None, None]);
    }

    #[tokio::test]
    async fn a_failed_try_does_not_stand_for_a_day_that_has_a_better_run() {
        let failed = json!({"outcome": "failed", "exit_code": 75});
        let warehouse = kept(&[
            ("20261124T010000000-1", named(&[("a_list", "loaded")], 0)),
            ("20261125T010000000-1", named(&[("a_list", "held")], 0)),
            ("20261125T010000001-2", failed),
        ])
        .await;
        let mut tonight = report();
        tonight.sources[0].state = SourceState::Held;
        let history = History::read(&warehouse, &tonight).await.unwrap();
        assert_eq!(seen(&history, 25, "a_list"), Some(Seen::Held));
        assert_eq!(history.stale_nights("a_list"), 2);
        assert_eq!(history.stale_nights("unheard of"), 0);
    }

    #[test]
    fn of_several_files_of_a_source_the_worst_tells() {
        let mut tonight = report();
        tonight.sources = vec![
            source("a_list", SourceState::Held),
            source("a_list", SourceState::Loaded),
        ];
        let history = History::of(&tonight);
        assert_eq!(history.seen_tonight("a_list"), Some(Seen::Held));
    }
}
