//! What a run did, for people and for machines.
//!
//! Owns how a run ended, its exit code, and what of it a warehouse keeps. Does not own what is told of each file (`file`), nor
//! the words in which people read it (`src/report`).

mod file;

use esf_engine::release::{CheckResult, Release};
use jiff::Timestamp;
use serde::Serialize;

pub use file::{SourceReport, SourceState, Total};

use super::inputs::Inputs;
use crate::night::Night;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// A new release.
    Published {
        /// Its number.
        number: u64,
        /// Its content hash.
        content_hash: String,
    },
    /// Nothing changed since this release.
    Unchanged {
        /// Its number.
        number: u64,
    },
    /// Everything but publishing.
    DryRun,
    /// No file was found for any source.
    Nothing,
    /// None of the files could be used, and there is no earlier state that could stay.
    NoneUsable,
    /// A release-wide check failed, so nothing was published.
    CheckFailed,
    /// The run ended with an error before it could publish.
    Failed {
        /// The exit code of the error.
        exit_code: u8,
        /// The error.
        message: String,
    },
}

/// Most files of no source that the record of a run names.
const UNCLAIMED: usize = 100;

/// A release-wide check.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// Name.
    pub name: String,
    /// Whether it passed.
    pub passed: bool,
    /// What was found.
    pub message: String,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What was done when it ended.
    pub name: String,
    /// Seconds from the beginning of the run to its beginning.
    pub seconds_from: f64,
    /// Seconds it took.
    pub seconds: f64,
}

/// What a run did. `src/report/run_report.schema.json` describes it as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// Version of this form.
    pub schema_version: u32,
    /// Id of the run.
    pub run_id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// The night that it is for; only nightly runs are for one.
    #[serde(flatten)]
    pub night: Option<Night>,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What it did, in order.
    pub steps: Vec<Step>,
    /// Files, by source.
    pub sources: Vec<SourceReport>,
    /// How many files are as in the release before; the record of the run leaves them out of `sources`.
    pub unchanged: u64,
    /// Sources of the release before of which the named folders have no file, or only files that newer ones took the place of,
    /// by id; they stay as they were.
    pub absent: Vec<String>,
    /// Sources of the release before that nobody looked for, neither in folders nor at their publishers, by id; they stay as they
    /// were, and nothing is known of what is new.
    pub not_asked: Vec<String>,
    /// Whether files were looked for nowhere: no folder was named, and no publisher was to be asked.
    pub looked_nowhere: bool,
    /// Files in the named folders that belong to no source, with the folders below the named one; the record of the run has the
    /// first hundred.
    pub unclaimed: Vec<String>,
    /// Whether folders were named and no source found a file there, or the run looked nowhere and nothing says that it should.
    pub nothing_found: bool,
    /// Why folders of downloaded files cannot be read, one message each; what lies in them is not known.
    pub unreadable: Vec<String>,
    /// The sources that the run was asked for; empty for all. Of others nobody looked whether there is something new.
    pub asked_for: Vec<String>,
    /// Release-wide checks.
    pub checks: Vec<CheckReport>,
    /// What is doubtful about the run as a whole, such as its clock.
    pub warnings: Vec<String>,
    /// Time it took.
    pub seconds: f64,
}

impl RunReport {
    pub(super) fn new(
        run_id: String,
        mut sources: Vec<SourceReport>,
        checks: &[CheckResult],
    ) -> Self {
        sources.sort_by(|a, b| {
            (&a.list_id, &a.source_id, &a.file_name).cmp(&(&b.list_id, &b.source_id, &b.file_name))
        });
        let checks = checks
            .iter()
            .map(|c| CheckReport {
                name: c.name.clone(),
                passed: c.passed,
                message: c.message.clone(),
            })
            .collect();
        let unchanged = sources.iter().filter(|source| !source.has_news()).count();
        Self {
            schema_version: 2,
            run_id,
            started_at: Timestamp::UNIX_EPOCH,
            night: None,
            outcome: Outcome::Nothing,
            steps: Vec::new(),
            sources,
            unchanged: unchanged as u64,
            absent: Vec::new(),
            not_asked: Vec::new(),
            looked_nowhere: false,
            unclaimed: Vec::new(),
            nothing_found: false,
            unreadable: Vec::new(),
            asked_for: Vec::new(),
            checks,
            warnings: Vec::new(),
            seconds: 0.0,
        }
    }

    /// A run that ended with an error, told by whoever saw it.
    pub fn failed(run_id: String, started_at: Timestamp, exit_code: u8, message: String) -> Self {
        let took = Timestamp::now().duration_since(started_at);
        Self {
            outcome: Outcome::Failed { exit_code, message },
            started_at,
            // A clock that was set back meanwhile says nothing about how long it took.
            seconds: took.as_secs_f64().max(0.0),
            ..Self::new(run_id, Vec::new(), &[])
        }
    }

    pub(super) fn unchanged(run_id: String, previous: &Release, inputs: &Inputs) -> Self {
        let sources = inputs
            .lists
            .iter()
            .flat_map(|list| {
                (list.files.iter())
                    .map(|file| SourceReport::unchanged(list, file, &inputs.standing))
            })
            .collect();
        Self {
            outcome: Outcome::Unchanged {
                number: previous.number,
            },
            ..Self::new(run_id, sources, &[])
        }
    }

    /// Whether a file lacks rows or amounts, on the night that publishes it and on each after it.
    pub fn is_spoiled(&self, file: &SourceReport) -> bool {
        self.lacks_rows(file) || self.lacks_amounts(file)
    }

    /// Whether more rows of a file could not be loaded than its source expects, and nobody took it as it is. Of a file in whose
    /// place another of its list stands nobody misses the rows.
    pub fn lacks_rows(&self, file: &SourceReport) -> bool {
        let stands = |other: &SourceReport| other.list_id == file.list_id && other.loaded > 0;
        file.quarantined > file.expected_quarantine
            && file.accepted.is_none()
            && (file.loaded > 0 || !self.sources.iter().any(stands))
    }

    /// Whether more amounts of the rows that were loaded from a file could not be read than its source expects, and nobody took
    /// it as it is.
    pub fn lacks_amounts(&self, file: &SourceReport) -> bool {
        file.amounts_unreadable > file.expected_unreadable_amounts
            && file.accepted.is_none()
            && file.loaded > 0
    }

    /// What is said of a file of which more amounts could not be read than its source expects (see
    /// [`RunReport::lacks_amounts`]); nothing of any other.
    pub fn amounts_message(&self, file: &SourceReport) -> Option<String> {
        self.lacks_amounts(file).then(|| {
            format!(
                "{}: {} amounts of loaded rows unreadable, {} expected; `finding` has each with its place",
                file.file_name, file.amounts_unreadable, file.expected_unreadable_amounts
            )
        })
    }

    /// What is said of a file of which more rows could not be loaded than its source expects (see [`RunReport::lacks_rows`]);
    /// nothing of any other.
    pub fn quarantine_message(&self, file: &SourceReport) -> Option<String> {
        self.lacks_rows(file).then(|| {
            format!(
                "{}: {} rows quarantined, {} expected; see `esf quarantine --source {}`",
                file.file_name, file.quarantined, file.expected_quarantine, file.source_id
            )
        })
    }

    /// The exit code of the contract in design section 8.
    pub fn exit_code(&self) -> u8 {
        let held = |s: &SourceReport| matches!(s.state, SourceState::Held | SourceState::LeftOut);
        let stale = |s: &SourceReport| s.state == SourceState::Stale;
        if let Outcome::Failed { exit_code, .. } = self.outcome {
            exit_code
        } else if self.outcome == Outcome::CheckFailed {
            3
        } else if self.nothing_found
            || !self.unreadable.is_empty()
            || self.sources.iter().any(stale)
        {
            5
        } else if (self.sources.iter()).any(|s| held(s) || self.is_spoiled(s)) {
            4
        } else {
            0
        }
    }

    /// The report as one JSON value, with its exit code and what is said of files with too many quarantined rows or unreadable
    /// amounts.
    pub fn to_json(&self) -> serde_json::Value {
        self.json_of(self)
    }

    /// A part of this report as JSON. Which rows nobody misses, and with that the exit code, is told by all files of it.
    fn json_of(&self, part: &Self) -> serde_json::Value {
        // Every field is text, number or list of such, which JSON can always hold.
        let mut json = serde_json::to_value(part).unwrap_or_default();
        json["exit_code"] = self.exit_code().into();
        let files = json["sources"].as_array_mut();
        for (json, file) in files.into_iter().flatten().zip(&part.sources) {
            json["quarantine_message"] = self.quarantine_message(file).into();
            json["amounts_message"] = self.amounts_message(file).into();
        }
        json
    }

    /// The report as the warehouse keeps it: without the files that are as they were and as they should be, so that what is
    /// kept of a night grows with what is to be told of it and not with the number of sources.
    pub fn record(&self) -> serde_json::Value {
        let mut kept = self.clone();
        let told = |file: &SourceReport| file.has_news() || self.is_spoiled(file);
        kept.sources.retain(told);
        kept.unclaimed.truncate(UNCLAIMED);
        self.json_of(&kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(states: &[SourceState]) -> RunReport {
        let sources = (states.iter())
            .map(|state| SourceReport::bare("a", "a_list", "a.csv", *state))
            .collect();
        RunReport::new("r".to_owned(), sources, &[])
    }

    #[test]
    fn the_first_exit_code_of_the_contract_wins() {
        use SourceState::{
            Empty, Held, Later, LeftOut, Loaded, Older, Repeated, RolledBack, Stale, Unchanged,
        };
        assert_eq!(of(&[Loaded, Unchanged]).exit_code(), 0);
        assert_eq!(
            of(&[Empty, Later, Older, Repeated, RolledBack]).exit_code(),
            0
        );
        assert_eq!(of(&[Loaded, Held]).exit_code(), 4);
        assert_eq!(of(&[LeftOut, Stale]).exit_code(), 5);
        let mut report = of(&[Stale]);
        report.outcome = Outcome::CheckFailed;
        assert_eq!(report.exit_code(), 3);
        let mut report = of(&[Loaded, Held]);
        report.unreadable.push("cannot read a folder".to_owned());
        assert_eq!(report.exit_code(), 5);
        let failed = RunReport::failed("r".to_owned(), Timestamp::MAX, 75, String::new());
        assert_eq!(failed.exit_code(), 75);
        let mut empty = of(&[Unchanged, Held]);
        empty.nothing_found = true;
        assert_eq!(empty.exit_code(), 5);
        assert!(failed.seconds.abs() < f64::EPSILON, "a clock set back");
    }

    #[test]
    fn rows_that_a_release_lacks_are_told_every_night_until_somebody_takes_the_file() {
        for state in [SourceState::Loaded, SourceState::Unchanged] {
            let mut report = of(&[state, SourceState::Unchanged]);
            (report.sources[0].quarantined, report.sources[0].loaded) = (3, 37);
            let ends =
                |report: &RunReport| (report.exit_code(), report.record()["exit_code"].clone());
            assert_eq!(ends(&report), (4, 4.into()), "{state:?}");
            let kept = report.record()["sources"].as_array().map(Vec::len);
            assert_eq!(kept, Some(1), "{state:?}");
            report.sources[0].expected_quarantine = 3;
            assert_eq!(ends(&report), (0, 0.into()), "{state:?}");
            report.sources[0].expected_quarantine = 2;
            report.sources[0].accepted = Some("asked by telephone".to_owned());
            assert_eq!(ends(&report), (0, 0.into()), "{state:?}");
        }
    }

    #[test]
    fn amounts_that_a_release_lacks_are_told_as_rows_are() {
        for state in [SourceState::Loaded, SourceState::Unchanged] {
            let mut report = of(&[state, SourceState::Unchanged]);
            (
                report.sources[0].amounts_unreadable,
                report.sources[0].loaded,
            ) = (2, 40);
            assert_eq!(report.exit_code(), 4, "{state:?}");
            let kept = report.record();
            assert_eq!(
                kept["sources"][0]["amounts_message"],
                "a.csv: 2 amounts of loaded rows unreadable, 0 expected; `finding` has each with its place"
            );
            assert_eq!(
                kept["sources"][0]["quarantine_message"],
                serde_json::Value::Null
            );
            report.sources[0].expected_unreadable_amounts = 2;
            assert_eq!(report.exit_code(), 0, "{state:?}");
            report.sources[0].expected_unreadable_amounts = 1;
            report.sources[0].accepted = Some("asked by telephone".to_owned());
            assert_eq!(report.exit_code(), 0, "{state:?}");
        }
        // Of a file whose rows another one stands for nobody misses the amounts.
        let mut report = of(&[SourceState::Older]);
        report.sources[0].amounts_unreadable = 2;
        assert_eq!(report.exit_code(), 0);
    }

    #[test]
    fn a_file_with_too_many_quarantined_rows_is_named_in_its_json() {
        let mut report = of(&[SourceState::Unchanged, SourceState::Loaded]);
        (report.sources[0].quarantined, report.sources[0].loaded) = (3, 37);
        (report.sources[1].quarantined, report.sources[1].loaded) = (1, 39);
        report.sources[1].expected_quarantine = 1;
        let said = |json: &serde_json::Value| -> Vec<serde_json::Value> {
            let files = json["sources"].as_array().unwrap().iter();
            files
                .map(|file| file["quarantine_message"].clone())
                .collect()
        };
        let expected = "a.csv: 3 rows quarantined, 0 expected; see `esf quarantine --source a`";
        let expected = [expected.into(), serde_json::Value::Null];
        assert_eq!(said(&report.to_json()), expected);
        assert_eq!(said(&report.record()), expected);
        // That another file of the list stands for it is known of all files, not of those that a record keeps.
        (report.sources[0].state, report.sources[0].loaded) = (SourceState::Older, 0);
        report.sources[1].state = SourceState::Unchanged;
        assert_eq!(report.exit_code(), 0);
        assert_eq!(said(&report.record()), [serde_json::Value::Null]);
    }

    #[test]
    fn nobody_misses_rows_of_a_file_that_another_stands_for() {
        for state in [SourceState::Older, SourceState::Unchanged] {
            let mut report = of(&[state, SourceState::Unchanged]);
            report.sources[0].quarantined = 3;
            assert_eq!(report.exit_code(), 4, "nothing stands for it yet");
            report.sources[1].loaded = 40;
            assert_eq!(report.exit_code(), 0);
        }
    }

    #[test]
    fn a_record_counts_what_it_leaves_out() {
        use SourceState::{Held, Unchanged};
        let mut report = of(&[Unchanged, Held, Unchanged]);
        report.unclaimed = vec!["a.txt".to_owned(); UNCLAIMED + 20];
        let listed = |json: &serde_json::Value| json["sources"].as_array().map(Vec::len);
        let (full, kept) = (report.to_json(), report.record());
        assert_eq!((listed(&full), listed(&kept)), (Some(3), Some(1)));
        assert_eq!(full["unchanged"], 2);
        assert_eq!(kept["unchanged"], 2);
        assert_eq!(kept["exit_code"], 4);
        let others = |json: &serde_json::Value| json["unclaimed"].as_array().map(Vec::len);
        assert_eq!(
            (others(&full), others(&kept)),
            (Some(UNCLAIMED + 20), Some(UNCLAIMED))
        );
    }
}
