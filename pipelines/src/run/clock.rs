//! The times of a run: its steps, its night, and whether the clock can be right.
//!
//! How long something took is told by a clock that never jumps, dates and the beginning by that of the machine. Nothing of
//! it decides in which order something is published; only a date of publication that is still to come holds a new file.

use std::time::Instant;

use esf_engine::release::Release;
use jiff::{SignedDuration, Timestamp};

use super::report::{RunReport, Step};
use crate::night::Night;

/// What clocks may differ by, or be set back by, before somebody is told.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Keeps, and says in the log, when each step of a run was done, in seconds since its beginning; and what is doubtful about
/// the time of day that the run sees.
pub(super) struct Clock {
    begun: Instant,
    pub(super) started_at: Timestamp,
    pub(super) night: Option<Night>,
    steps: Vec<Step>,
    warnings: Vec<String>,
}

impl Clock {
    /// Begins.
    pub(super) fn new(night: Option<Night>) -> Self {
        Self {
            begun: Instant::now(),
            started_at: Timestamp::now(),
            night,
            steps: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Looks whether the run began before the newest release, which is the newest by its number and stays so.
    pub(super) fn compare(&mut self, newest: &Release) {
        let behind = newest.created_at.duration_since(self.started_at);
        if behind > TOLERANCE {
            let behind = SignedDuration::from_secs(behind.as_secs());
            self.warnings.push(format!(
                "the clock stands {behind:#} before release {} of {:.0}; releases are in the order of their numbers all the same",
                newest.number, newest.created_at
            ));
        }
    }

    /// Keeps what else is doubtful about the run as a whole.
    pub(super) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// A step is done.
    pub(super) fn passed(&mut self, step: &str) {
        let now = self.begun.elapsed().as_secs_f64();
        let seconds_from = self
            .steps
            .last()
            .map_or(0.0, |s| s.seconds_from + s.seconds);
        tracing::debug!(seconds = now, "{step}");
        self.steps.push(Step {
            name: step.to_owned(),
            seconds_from,
            seconds: now - seconds_from,
        });
    }

    /// The report with its night, its times, and what is doubtful about them.
    pub(super) fn told(mut self, report: RunReport) -> RunReport {
        let took = self.begun.elapsed();
        let shown = Timestamp::now().duration_since(self.started_at);
        let back = SignedDuration::try_from(took).unwrap_or_default() - shown;
        if back > TOLERANCE {
            let back = SignedDuration::from_secs(back.as_secs());
            self.warnings.push(format!(
                "the clock went back {back:#} while the run was at work; its times in the report are those of the clock"
            ));
        }
        RunReport {
            started_at: self.started_at,
            night: self.night,
            steps: self.steps,
            warnings: self.warnings,
            seconds: took.as_secs_f64(),
            ..report
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(moved: SignedDuration) -> Vec<String> {
        let mut clock = Clock::new(None);
        clock.started_at -= moved;
        let report = RunReport::new("r".to_owned(), Vec::new(), &[]);
        clock.told(report).warnings
    }

    #[test]
    fn a_clock_that_is_set_back_at_work_is_told() {
        let hour = SignedDuration::from_hours(1);
        let warnings = told(-hour);
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("the clock went back "), "{warnings:?}");
        assert!(told(SignedDuration::ZERO).is_empty());
        assert!(told(hour).is_empty(), "one that is set is right then");
    }
}
