//! Nights by calendar date: which date a run is for, and which dates before it were missed.
//!
//! Owns the calendar of nights and reading it from the records of runs. A date is that of the clock on the wall in one
//! time zone, so that a night has one date through both changes of daylight saving time, however many hours it has. Does
//! not own what a run takes for its date (`run`) nor the words that tell it. Releases are in the order of their numbers
//! and never of what is said here.
//!
//! A night is done when one of its runs ended with 0, 4 or 5, and not with an error: a run that could read none of its folders
//! ends with 5 and has done nothing. One that looked for files nowhere (without folders, and `--offline` or without a publisher to
//! ask) has done nothing either, since nobody knows what was new then. Runs that are no nights (`esf ingest`, rollbacks) have no date
//! in their records; so a warehouse that nobody runs nightly has no missed nights.

mod past;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

pub use past::{Past, date_of};

/// The outcome in the record of a run that ended with an error.
pub const FAILED: &str = "failed";

/// The night that a run is for. Its fields are those of the report (`src/report/run_report.schema.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Night {
    /// Its date.
    pub date: Date,
    /// Where that is the date on the wall; told by its IANA name.
    #[serde(serialize_with = "as_name")]
    pub time_zone: TimeZone,
    /// Whether it is over and made up for: what was published after it is left aside.
    pub caught_up: bool,
    /// Dates before it of which no run ended well, the oldest first. The run makes up for them if it ends well.
    pub missed: Vec<Date>,
    /// An earlier run for the same date that ended well.
    pub earlier_run: Option<String>,
}

fn as_name<S: Serializer>(zone: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
    zone.iana_name().serialize(serializer)
}

impl Night {
    /// The night of today, with the nights that were missed before it.
    pub fn tonight(date: Date, time_zone: TimeZone, past: &Past) -> Self {
        Self {
            date,
            time_zone,
            caught_up: false,
            missed: past.missed(date),
            earlier_run: past.run_of(date).map(str::to_owned),
        }
    }

    /// A night that is over and made up for. Other missed nights are left to the next run for today.
    pub fn over(date: Date, time_zone: TimeZone, past: &Past) -> Self {
        Self {
            caught_up: true,
            missed: Vec::new(),
            ..Self::tonight(date, time_zone, past)
        }
    }

    /// The first moment after its date. A day that begins without a midnight begins with its first moment.
    pub fn end(&self) -> Timestamp {
        let next = self.date.tomorrow();
        let next = next.and_then(|next| next.to_zoned(self.time_zone.clone()));
        next.map_or(Timestamp::MAX, |next| next.timestamp())
    }
}

/// The date on the wall at a moment.
pub fn date_in(time_zone: &TimeZone, moment: Timestamp) -> Date {
    time_zone.to_datetime(moment).date()
}

/// Whether the night of a run with this exit code is done; that of one that `failed` with an error, or that `looked_nowhere`, is
/// not.
pub fn is_done(exit_code: u8, failed: bool, looked_nowhere: bool) -> bool {
    !failed && !looked_nowhere && matches!(exit_code, 0 | 4 | 5)
}
