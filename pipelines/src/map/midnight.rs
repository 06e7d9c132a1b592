//! Days that were published as midnights in Central European time, written in UTC: `2015-12-31T23:00:00Z` is the first of
//! January 2016 in Germany and Sweden.
//!
//! A column is read so if all of its times are late enough to be of the next day, on the hour: programs that write the
//! beginning of a day in UTC do that to every row. Where only some are, they are times, and their days are kept as
//! published and told.

use arrow::array::StringArray;
use esf_schemas::{FieldKind, Vocabulary};
use jiff::Span;
use jiff::civil::Date;

use super::Places;
use super::frame::{Frame, Sheet};
use super::plan::columns_of;
use crate::check::{Doubt, Severity};

/// A time in UTC, as far as it decides about the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    day: Date,
    hour: u8,
    /// Nothing stands behind the hour but zeros.
    on_the_hour: bool,
}

/// What the times of a column say about its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    /// Of the day that is published, or none.
    SameDay,
    /// All of so many are midnights of the day after.
    Midnights(usize),
    /// Some of all are of the day after, the first in this row behind the header.
    Mixed {
        late: usize,
        all: usize,
        first: usize,
    },
}

/// Whether the days of a column are published as midnights in UTC.
pub(super) fn are_midnights(sheet: &Sheet, start: usize, column: usize) -> bool {
    matches!(times(sheet, start, column), Times::Midnights(_))
}

/// The day of a midnight in UTC; nothing for other text.
pub(super) fn day_of_midnight(text: &str) -> Option<String> {
    let stamp = Stamp::of(text)?;
    let day = if stamp.is_next_day() {
        stamp.day.checked_add(Span::new().days(1)).ok()?
    } else {
        stamp.day
    };
    Some(day.to_string())
}

/// Says of the columns of days that are read how their times were understood.
pub(super) fn told(sheet: &Sheet, frame: &Frame, places: &Places<'_>) -> Vec<Doubt> {
    let vocabulary = Vocabulary::standard();
    let start = frame.data_start();
    let mut doubts = Vec::new();
    for (column, mapping) in frame.mapped() {
        let kind = vocabulary.field(&mapping.field).map(|field| field.kind);
        let first = columns_of(frame, &mapping.field).first() == Some(&column.index);
        if kind != Some(FieldKind::Date) || !first || mapping.field == "last_update" {
            continue;
        }
        let (location, doubt) = match times(sheet, start, column.index) {
            Times::SameDay => continue,
            Times::Midnights(n) => (
                column.place(),
                Doubt::of_file(
                    "utc_midnights",
                    Severity::Info,
                    format!(
                        "all {n} times stand at 22:00 or 23:00 UTC, when a day begins in Germany and Sweden: each is read as that day"
                    ),
                ),
            ),
            Times::Mixed { late, all, first } => (
                places.cell(start + first, column.index),
                Doubt::of_file(
                    "utc_times",
                    Severity::Warning,
                    format!(
                        "{late} of {all} times in UTC are of the next day in Germany and Sweden, this one first; not all are the beginning of a day, so the days are taken as published. Ask the publisher for days without times"
                    ),
                ),
            ),
        };
        doubts.push(Doubt {
            location,
            column: Some(column.label.shown().into_owned()),
            ..doubt
        });
    }
    doubts
}

fn times(sheet: &Sheet, start: usize, column: usize) -> Times {
    let Some(cells) = sheet.cells(column) else {
        return Times::SameDay;
    };
    times_of(cells, start)
}

fn times_of(cells: &StringArray, start: usize) -> Times {
    let (mut all, mut late, mut exact, mut first) = (0, 0, true, 0);
    for (row, cell) in cells.iter().skip(start).enumerate() {
        let Some(stamp) = cell.and_then(Stamp::of) else {
            continue;
        };
        all += 1;
        if stamp.is_next_day() {
            if late == 0 {
                first = row;
            }
            late += 1;
        }
        exact &= stamp.on_the_hour;
    }
    if late == 0 {
        Times::SameDay
    } else if late == all && exact {
        Times::Midnights(all)
    } else {
        Times::Mixed { late, all, first }
    }
}

impl Stamp {
    /// `2015-12-31T23:00:00.000Z`, `2015-12-31 23:00Z`, `2015-12-31T23:00:00+00:00`.
    fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let in_utc = ["Z", "z", "+00:00", "+0000", " UTC"];
        let text = in_utc.iter().find_map(|end| text.strip_suffix(*end))?;
        let (day, time) = text.split_at_checked(10)?;
        let time = time.strip_prefix(['T', 't', ' '])?;
        let (hour, rest) = time.split_once(':')?;
        let digits =
            |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
        let mut day = day.split('-');
        let (year, month, of_month) = (day.next()?, day.next()?, day.next()?);
        if !(digits(year, 4) && digits(month, 2) && digits(of_month, 2) && digits(hour, 2)) {
            return None;
        }
        let time_like = |b: u8| b.is_ascii_digit() || matches!(b, b':' | b'.' | b',');
        if !rest.bytes().all(time_like) {
            return None;
        }
        Some(Self {
            day: Date::new(
                year.parse().ok()?,
                month.parse().ok()?,
                of_month.parse().ok()?,
            )
            .ok()?,
            hour: hour.parse().ok()?,
            on_the_hour: !rest.bytes().any(|b| matches!(b, b'1'..=b'9')),
        })
    }

    /// Whether it is of the next day in Central European time: from 23:00 on, in summer from 22:00.
    fn is_next_day(self) -> bool {
        self.hour == 23 || (self.hour == 22 && is_summer(self.day))
    }
}

/// Whether summer time holds in the evening of a day: from the last Sunday of March to the one of October, as in all of
/// the Union since 1996 (Directive 2000/84/EC).
fn is_summer(day: Date) -> bool {
    let last_sunday = |month: i8| {
        let last = Date::new(day.year(), month, 31).ok()?;
        let behind = last.weekday().to_sunday_zero_offset();
        Date::new(day.year(), month, 31 - behind).ok()
    };
    match (last_sunday(3), last_sunday(10)) {
        (Some(begin), Some(end)) => begin <= day && day < end,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnights_are_of_the_day_that_begins() {
        for (text, day) in [
            ("2015-12-31T23:00:00Z", Some("2016-01-01")),
            ("2022-06-30T22:00:00.000Z", Some("2022-07-01")),
            ("2022-08-03 23:00Z", Some("2022-08-04")),
            ("2024-03-30T23:00:00+00:00", Some("2024-03-31")),
            ("2024-03-31T22:00:00Z", Some("2024-04-01")),
            ("2024-10-27T22:00:00Z", Some("2024-10-27")),
            ("2022-12-01T22:00:00Z", Some("2022-12-01")),
            ("2022-12-01T23:00:00", None),
            ("2022-13-01T23:00:00Z", None),
            ("31.12.2015", None),
        ] {
            assert_eq!(day_of_midnight(text).as_deref(), day, "{text}");
        }
    }

    #[test]
    fn only_columns_of_midnights_are_read_so() {
        let times = |cells: &[&str]| times_of(&StringArray::from(cells.to_vec()), 0);
        let (winter, summer) = ("2015-12-31T23:00:00Z", "2016-06-30T22:00:00Z");
        assert_eq!(times(&[winter, summer, ""]), Times::Midnights(2));
        assert_eq!(
            times(&["2016-01-01T00:00:00Z", "2016-01-01"]),
            Times::SameDay
        );
        for other in [
            "2016-01-01T00:00:00Z",
            "2016-01-31T22:00:00Z",
            "2016-01-31T23:12:00Z",
        ] {
            assert!(
                matches!(times(&[winter, other]), Times::Mixed { all: 2, .. }),
                "{other}"
            );
        }
    }
}
