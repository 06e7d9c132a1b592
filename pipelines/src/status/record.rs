//! The records of runs, as far as they are read again: a later program may have written more into them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

/// The outcome that the record of a rollback has: no run in the sense of a night.
pub const ROLLED_BACK: &str = "rolled_back";

/// The outcome that the record of a redaction has: no run in the sense of a night either.
pub const REDACTED: &str = "redacted";

/// The outcome of a run whose record cannot be read.
const UNREADABLE: &str = "unreadable";

/// The outcome of a run that an error ended.
const FAILED: &str = "failed";

/// Places of a run's id that are its time, such as `20260102T030405`.
const TIME: usize = 15;

const LATER: &str = "later";
const EMPTY: &str = "empty";
const LOADED: &str = "loaded";
const UNCHANGED: &str = "unchanged";
const OLDER: &str = "older";
const REPEATED: &str = "repeated";

/// What became of sources, the worst first: of several files of a source the worst counts.
const STATES: [&str; 9] = [
    "left_out",
    "held",
    "stale",
    "rolled_back",
    LATER,
    EMPTY,
    LOADED,
    UNCHANGED,
    OLDER,
];

/// What a run did, shortly.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// Its id.
    pub run_id: String,
    /// When it began, by its id.
    pub begun: Timestamp,
    /// How it ended, such as `published`.
    pub outcome: String,
    /// The release that it published or found unchanged.
    pub number: Option<u64>,
    /// How long it took.
    pub seconds: Option<f64>,
    sources: BTreeMap<String, State>,
    /// Whether sources that it does not name were as before.
    names_only_news: bool,
    /// Sources of which the folders had no file.
    absent: BTreeSet<String>,
    /// Sources that nobody looked for.
    not_asked: BTreeSet<String>,
    /// The sources that it was asked for; empty for all.
    asked_for: BTreeSet<String>,
}

/// What became of a source.
#[derive(Debug, Clone)]
struct State {
    list_id: String,
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stored {
    outcome: Option<String>,
    number: Option<u64>,
    seconds: Option<f64>,
    /// How many files were as before; absent in records that name them all.
    unchanged: usize,
    absent: BTreeSet<String>,
    not_asked: BTreeSet<String>,
    asked_for: BTreeSet<String>,
    sources: Vec<StoredSource>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredSource {
    source_id: String,
    list_id: String,
    state: String,
}

impl RunRecord {
    /// A record as it is stored; `None` if the id has no time.
    pub(super) fn parse(run_id: &str, stored: Value) -> Option<Self> {
        let begun = begun(run_id)?;
        // A list would be taken for the fields in their order.
        let stored = Some(stored).filter(Value::is_object);
        let stored: Stored = stored
            .and_then(|stored| serde_json::from_value(stored).ok())
            .unwrap_or_default();
        let mut sources: BTreeMap<String, State> = BTreeMap::new();
        let is_quiet = |source: &&StoredSource| source.state == UNCHANGED;
        let names_only_news = stored.unchanged > stored.sources.iter().filter(is_quiet).count();
        // Another name of bytes says nothing of the file that has them.
        let files = stored.sources.into_iter();
        for source in files.filter(|source| source.state != REPEATED) {
            let state = State {
                list_id: source.list_id,
                name: source.state,
            };
            match sources.get_mut(&source.source_id) {
                Some(known) if rank(&known.name) <= rank(&state.name) => {}
                Some(known) => *known = state,
                None => {
                    sources.insert(source.source_id, state);
                }
            }
        }
        Some(Self {
            run_id: run_id.to_owned(),
            begun,
            outcome: stored.outcome.unwrap_or_else(|| UNREADABLE.to_owned()),
            number: stored.number,
            seconds: stored.seconds,
            sources,
            names_only_news,
            absent: stored.absent,
            not_asked: stored.not_asked,
            asked_for: stored.asked_for,
        })
    }

    /// The sources that it names, with their lists.
    pub(super) fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.sources.iter();
        all.map(|(id, state)| (id.as_str(), state.list_id.as_str()))
    }

    /// What became of a source of the release; `None` if the run did not look for its file, or found none. That what the
    /// release holds was as before is then no news of the source; that it cannot be used any more is, and that a file which was kept
    /// before is loaded.
    pub(super) fn state(&self, source_id: &str) -> Option<&str> {
        let not_asked = self.is_not_asked(source_id);
        let has_file = !self.is_absent(source_id) && !not_asked && self.is_asked_for(source_id);
        let is_news = |name: &&str| !is_sound(name) || (not_asked && *name == LOADED);
        match self.sources.get(source_id) {
            Some(state) => Some(state.name.as_str()).filter(|name| has_file || is_news(name)),
            None => Some(UNCHANGED).filter(|_| has_file && self.names_only_news),
        }
    }

    /// Whether the run looked for a file of the source in folders that have none.
    pub(super) fn is_absent(&self, source_id: &str) -> bool {
        self.absent.contains(source_id)
    }

    /// Whether the run looked for a file of the source neither in folders nor at its publisher.
    pub(super) fn is_not_asked(&self, source_id: &str) -> bool {
        self.not_asked.contains(source_id)
    }

    /// Whether the run got so far as to look for a file of the source.
    pub(super) fn looked_for(&self, source_id: &str) -> bool {
        let has_ended = ![FAILED, UNREADABLE].contains(&self.outcome.as_str());
        has_ended && self.is_asked_for(source_id) && !self.is_not_asked(source_id)
    }

    fn is_asked_for(&self, source_id: &str) -> bool {
        self.asked_for.is_empty() || self.asked_for.contains(source_id)
    }
}

/// Whether a source in this state could be used as its publisher has it.
pub(super) fn is_sound(state: &str) -> bool {
    matches!(state, LATER | EMPTY | LOADED | UNCHANGED | OLDER)
}

/// When a run began; `None` for ids that do not begin with a time.
pub fn begun(run_id: &str) -> Option<Timestamp> {
    let time = DateTime::strptime("%Y%m%dT%H%M%S", run_id.get(..TIME)?).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

/// States of later programs come last: it is not known whether they are bad.
fn rank(state: &str) -> usize {
    let place = STATES.iter().position(|known| *known == state);
    place.unwrap_or(STATES.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_say_when_a_run_began() {
        let begun = |id| begun(id).map(|time| time.to_string());
        assert_eq!(
            begun("20260329T020000123-42").as_deref(),
            Some("2026-03-29T02:00:00Z")
        );
        assert_eq!(begun("made"), None);
        assert_eq!(begun("20261332T020000123-42"), None);
    }

    #[test]
    fn of_several_files_of_a_source_the_worst_counts() {
        let file = |state: &str| json!({"source_id": "a", "list_id": "l", "state": state});
        for order in [["held", "unchanged"], ["unchanged", "held"]] {
            let record = json!({"outcome": "published", "number": 4, "sources": order.map(file)});
            let run = RunRecord::parse("20260329T020000123-42", record).unwrap();
            assert_eq!(run.sources().collect::<Vec<_>>(), [("a", "l")]);
            assert_eq!((run.state("a"), run.state("b")), (Some("held"), None));
            assert_eq!((run.number, is_sound("held")), (Some(4), false));
        }
    }

    #[test]
    fn a_record_of_news_only_says_that_the_others_are_unchanged() {
        let news = json!({"source_id": "a", "list_id": "l", "state": "loaded"});
        let record = json!({"outcome": "published", "unchanged": 7, "sources": [news]});
        let run = RunRecord::parse("20260329T020000123-42", record).unwrap();
        assert_eq!(
            (run.state("a"), run.state("b")),
            (Some("loaded"), Some("unchanged"))
        );
    }

    #[test]
    fn what_nobody_looked_for_or_found_is_not_unchanged() {
        let file = |id: &str, state: &str| json!({"source_id": id, "list_id": "l", "state": state});
        let run = |more: Value| {
            let mut record = json!({"outcome": "unchanged", "unchanged": 7, "absent": ["gone", "broken"],
                "sources": [file("broken", "held"), file("twice", "repeated")]});
            if !more.is_null() {
                record["asked_for"] = more;
            }
            RunRecord::parse("20260329T020000123-42", record).unwrap()
        };
        let all = run(Value::Null);
        assert_eq!(all.state("gone"), None);
        assert!(all.is_absent("gone") && !all.is_absent("a"));
        assert_eq!(all.state("broken"), Some("held"));
        assert_eq!(all.state("a"), Some("unchanged"));
        assert_eq!(all.state("twice"), Some("unchanged"), "of its other file");
        let one = run(json!(["a"]));
        assert_eq!((one.state("a"), one.state("b")), (Some("unchanged"), None));
        // What is read again without being looked for is news, and what stays as it was is none.
        let offline = json!({"outcome": "published", "unchanged": 7, "not_asked": ["a", "b", "read", "broken"],
            "sources": [file("read", "loaded"), file("broken", "held")]});
        let offline = RunRecord::parse("20260329T020000123-42", offline).unwrap();
        let states = ["a", "read", "broken", "other"].map(|id| offline.state(id));
        assert_eq!(
            states,
            [None, Some("loaded"), Some("held"), Some("unchanged")]
        );
    }

    #[test]
    fn records_of_another_form_are_told_as_unreadable() {
        let run = RunRecord::parse("20260329T020000123-42", json!(["what"])).unwrap();
        assert_eq!(
            (run.outcome.as_str(), run.sources().count()),
            ("unreadable", 0)
        );
    }
}
