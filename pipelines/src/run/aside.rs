//! What a night that is made up for leaves aside: new files that it could not have had.
//!
//! Owns this decision alone. Nothing is lost by it: the file is taken by the next run for today. What a release holds
//! already stays whatever its date, and an older file never takes the place of a newer one (`merge::vintage`). Where
//! nothing says when a file was published, it is taken only if its list has not changed since that night: it would
//! count as newer because it came later.

use esf_engine::release::{AsOf, Release, Warehouse};
use jiff::civil::Date;

use super::RunError;
use super::inputs::{Found, ListInputs, first_seen};
use super::report::{SourceReport, SourceState};
use crate::merge::{FileReport, ListOutput};
use crate::night::{Night, date_of};
use crate::source::SourceKind;

/// Until when files count.
pub(super) struct Until {
    date: Date,
    /// Number of the last release that was published by the end of the date, or made up for a night until then; 0 if there
    /// was none.
    known: u64,
    /// Number of the release in the making: what is first seen in it is new.
    next: u64,
}

impl Until {
    /// Until the end of a night. Fails if releases cannot be read.
    pub(super) async fn of(
        warehouse: &Warehouse,
        night: &Night,
        previous: Option<&Release>,
    ) -> Result<Self, RunError> {
        let mut known = None;
        // From the newest down: nights that are made up for are mostly recent.
        for number in warehouse.numbers().await?.into_iter().rev() {
            let release = warehouse.get(AsOf::Number(number)).await?;
            if release.created_at < night.end() {
                known = known.or(Some(number));
                break;
            }
            // It was published later, and can have made up for that night or an earlier one. On a release of a later night
            // every release after it stands.
            let of_night = date_of(warehouse, &release).await?;
            known = match of_night {
                Some(date) if date <= night.date => known.or(Some(number)),
                _ => None,
            };
        }
        Ok(Self {
            date: night.date,
            known: known.unwrap_or(0),
            next: previous.map_or(1, |previous| previous.number + 1),
        })
    }

    /// Takes new files that came too late out of a list that was derived with them; gives what is to be told of each.
    pub(super) fn leave(&self, list: &mut ListInputs, output: &ListOutput) -> Vec<SourceReport> {
        let changed = list.files.iter().map(|file| file.first_seen);
        let changed = self.changed(changed);
        let mut left = Vec::new();
        let ListInputs { list_id, files } = list;
        files.retain(|file| {
            let is_of = |report: &&FileReport| {
                report.sha256 == file.sha256 && report.source_id == file.source.source_id
            };
            let report = output.reports.iter().find(is_of);
            let reason = report
                .filter(|_| file.first_seen >= self.next)
                .and_then(|report| self.reason(report.published, changed));
            let Some(reason) = reason else {
                return true;
            };
            left.push(told(
                &file.source.source_id,
                list_id,
                &file.file_name,
                reason,
            ));
            false
        });
        left
    }

    /// Takes new reference tables that came too late out of what was found, where the release has others; gives what is
    /// to be told of each. They say nowhere when they were published.
    pub(super) fn leave_references(
        &self,
        found: &mut Vec<Found>,
        previous: &Release,
    ) -> Vec<SourceReport> {
        let mut left = Vec::new();
        found.retain(|one| {
            let state = previous.sources.get(one.source_id());
            let files = || state.into_iter().flat_map(|state| state.files.iter());
            if one.source().toml.kind != SourceKind::Reference
                || files().any(|file| file.sha256 == one.sha256())
            {
                return true;
            }
            let changed = self.changed(files().map(first_seen));
            let Some(reason) = self.reason(None, changed) else {
                return true;
            };
            let list_id = one.source().list_id();
            left.push(told(one.source_id(), list_id, one.file_name(), reason));
            false
        });
        left
    }

    /// The newest release after the night in which a file was first seen, of the releases in which these were.
    fn changed(&self, first_seen: impl Iterator<Item = u64>) -> Option<u64> {
        let after = first_seen.filter(|number| (self.known + 1..self.next).contains(number));
        after.max()
    }

    /// Why a new file is left aside, if it is.
    fn reason(&self, published: Option<Date>, changed: Option<u64>) -> Option<String> {
        let date = self.date;
        let why = match (published, changed) {
            (Some(day), _) if day > date => {
                format!("published on {day}, after the night of {date}")
            }
            (None, Some(number)) => format!(
                "nothing says when it was published, and release {number} has a file from after the night of {date}"
            ),
            _ => return None,
        };
        Some(format!("{why}; the next run without --date takes it"))
    }
}

fn told(source_id: &str, list_id: &str, file_name: &str, message: String) -> SourceReport {
    SourceReport {
        message: Some(message),
        ..SourceReport::bare(source_id, list_id, file_name, SourceState::Later)
    }
}

#[cfg(test)]
mod tests {
    use esf_engine::release::ReleaseDraft;
    use esf_engine::store::Store;
    use jiff::civil::date;
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;
    use crate::night::Past;

    fn until() -> Until {
        Until {
            date: date(2026, 11, 20),
            known: 4,
            next: 7,
        }
    }

    /// Publishes a release, today, of a run for this night.
    async fn made_up(warehouse: &Warehouse, night: Option<Date>) {
        let base = warehouse.latest().await.unwrap();
        let number = base.as_ref().map_or(1, |base| base.number + 1);
        let run_id = format!("20261127T01000{number}000-7");
        let mut draft = ReleaseDraft::new(base.as_ref(), run_id.as_str(), "test");
        draft.created_at = "2026-11-27T01:00:00Z".parse().unwrap();
        draft.steps.insert("night".to_owned(), number.to_string());
        warehouse.publish(draft).await.unwrap();
        let mut record = json!({"exit_code": 0, "caught_up": true});
        if let Some(night) = night {
            record["date"] = night.to_string().into();
        }
        warehouse.record_run(&run_id, &record).await.unwrap();
    }

    #[tokio::test]
    async fn what_made_up_for_earlier_nights_was_known_by_then() {
        let warehouse = Warehouse::new(Store::memory());
        let known = async |day: i8| {
            let night = Night::over(date(2026, 11, day), TimeZone::UTC, &Past::default());
            let previous = warehouse.latest().await.unwrap();
            let until = Until::of(&warehouse, &night, previous.as_ref()).await;
            until.unwrap().known
        };
        assert_eq!(known(20).await, 0);
        made_up(&warehouse, Some(date(2026, 11, 20))).await;
        made_up(&warehouse, Some(date(2026, 11, 22))).await;
        assert_eq!([known(19).await, known(20).await], [0, 1]);
        assert_eq!([known(21).await, known(22).await], [1, 2]);
        // What is made up for late stands on the later night, and a run that was no night is one of today.
        made_up(&warehouse, Some(date(2026, 11, 21))).await;
        assert_eq!([known(21).await, known(22).await], [1, 3]);
        made_up(&warehouse, None).await;
        assert_eq!([known(26).await, known(27).await], [3, 4]);
    }

    #[test]
    fn what_was_published_later_is_left_aside() {
        let until = until();
        let told = until.reason(Some(date(2026, 11, 21)), None).unwrap();
        assert!(
            told.contains("2026-11-21, after the night of 2026-11-20"),
            "{told}"
        );
        for day in [19, 20] {
            assert_eq!(until.reason(Some(date(2026, 11, day)), Some(6)), None);
        }
    }

    #[test]
    fn without_a_date_a_file_is_taken_where_nothing_newer_is_there() {
        let until = until();
        // The new file itself is first seen in release 7.
        assert_eq!(until.changed([1, 4, 7].into_iter()), None);
        assert_eq!(until.changed([1, 5, 6, 7].into_iter()), Some(6));
        assert_eq!(until.reason(None, None), None);
        let told = until.reason(None, Some(6)).unwrap();
        assert!(told.contains("release 6 has a file from after"), "{told}");
    }
}
