//! The nights that the records of runs tell of.
//!
//! Reads no more records than it must: from the newest back until one is for the date that is asked about, or for one
//! before it, and ended well. That is one record on most nights, however many there are. What a clock that was ahead has
//! recorded in the future says nothing of the nights until now.

use std::collections::BTreeMap;

use esf_engine::release::{Release, ReleaseError, Warehouse};
use esf_engine::store::StoreError;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::{FAILED, is_done};
use crate::status::begun;

/// How many records are read at most. Behind so many tries that failed, nights are missed from the oldest of them on.
const LOOK_BACK: usize = 100;

/// How many days missed nights are told of: after longer ones nobody counts.
const DAYS: i64 = 366;

/// Which of the last nights were done.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// Dates of runs that ended well, each with the newest of them.
    done: BTreeMap<Date, String>,
    /// The first date of which all is known; none where no night is recorded.
    from: Option<Date>,
}

/// What the record of a run tells of its night. Records of other runs have no date and are none of this form.
#[derive(Deserialize)]
struct Attempt {
    date: Date,
    exit_code: u8,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    caught_up: bool,
    #[serde(default)]
    looked_nowhere: bool,
}

impl Past {
    /// Reads which nights until `now` were done, as far as needed to tell of `date`. Fails if the store does.
    pub async fn read(
        warehouse: &Warehouse,
        date: Date,
        now: Timestamp,
    ) -> Result<Self, ReleaseError> {
        let mut ids = warehouse.runs().await?;
        ids.retain(|id| begun(id).is_some_and(|begun| begun <= now));
        let mut past = Self::default();
        for id in ids.into_iter().rev().take(LOOK_BACK) {
            let Some(attempt) = attempt(warehouse, &id).await? else {
                continue;
            };
            let failed = attempt.outcome == FAILED;
            let done = is_done(attempt.exit_code, failed, attempt.looked_nowhere);
            if done {
                past.done.entry(attempt.date).or_insert(id);
            }
            // One that was made up for says nothing of the nights around it.
            if attempt.caught_up {
                continue;
            }
            let from = past.from.unwrap_or(attempt.date);
            past.from = Some(from.min(attempt.date));
            if done && attempt.date <= date {
                break;
            }
        }
        Ok(past)
    }

    /// The dates before this one on which a night was due and none was done, the oldest first.
    pub fn missed(&self, date: Date) -> Vec<Date> {
        let Some(from) = self.from else {
            return Vec::new();
        };
        let first = from.max(date.saturating_sub(DAYS.days()));
        let before = first.series(1.day()).take_while(|day| *day < date);
        before.filter(|day| !self.done.contains_key(day)).collect()
    }

    /// The newest run for this date that ended well, of those that were looked at.
    pub(super) fn run_of(&self, date: Date) -> Option<&str> {
        self.done.get(&date).map(String::as_str)
    }
}

/// The date of the night that published a release: that of one that was made up for is not the day on which it was. `None`
/// where no night published it, or its record is gone. Fails if the store does.
pub async fn date_of(
    warehouse: &Warehouse,
    release: &Release,
) -> Result<Option<Date>, ReleaseError> {
    let attempt = attempt(warehouse, &release.run_id).await?;
    Ok(attempt.map(|attempt| attempt.date))
}

/// Reads the record of a run; `None` if it was no night, is gone, or cannot be read.
async fn attempt(warehouse: &Warehouse, id: &str) -> Result<Option<Attempt>, ReleaseError> {
    match warehouse.run(id).await {
        Ok(record) => Ok(serde_json::from_value(record).ok()),
        Err(ReleaseError::Store(StoreError::NotFound { .. }) | ReleaseError::Unreadable { .. }) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
