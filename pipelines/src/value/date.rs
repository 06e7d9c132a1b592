//! Dates of day, month or year precision, read by the spellings of their file.
//!
//! Which of its two readings `01/02/2016` has is a property of the file, decided by all of its values.

use super::calendar::days_of;
use super::infer::{Inference, Inferred, Tally};
use super::pattern::Spelling;
use super::shape::{Shape, slash_spellings};
use super::text::trim;
use super::{DateConvention, ValueError};

/// How exactly a date is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// A day.
    Day,
    /// A month: `07/2005`.
    Month,
    /// A year: `2009`.
    Year,
}

impl Precision {
    /// The value stored in the precision columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// A date as published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateValue {
    /// Days since 1970-01-01: of the day itself, else of the first (or last) day of the month or year.
    pub days: i32,
    /// How exactly it is published.
    pub precision: Precision,
    /// Outside 1950 to 2100; it is kept as published, and the caller raises a finding.
    pub implausible: bool,
}

/// Which day of a month or year stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The first: for starts.
    First,
    /// The last: for ends.
    Last,
}

/// Reads a date; a month or year is its first day. Empty text is no date.
///
/// Blanks around, a time of day behind, and unpadded days and months are accepted. Two-digit years up to 69 are
/// 20xx, others 19xx. Fails when the text has none of the spellings, or the calendar no such day.
#[inline]
pub fn parse_date(text: &str, convention: DateConvention) -> Result<Option<DateValue>, ValueError> {
    parse_date_at(text, convention, Edge::First)
}

/// Reads an end date: as [`parse_date`], but a month or year is its last day.
#[inline]
pub fn parse_date_end(
    text: &str,
    convention: DateConvention,
) -> Result<Option<DateValue>, ValueError> {
    parse_date_at(text, convention, Edge::Last)
}

/// Reads a date with the given day standing for a month or year.
#[inline]
pub fn parse_date_at(
    text: &str,
    convention: DateConvention,
    edge: Edge,
) -> Result<Option<DateValue>, ValueError> {
    let text = trim(text);
    if text.is_empty() {
        return Ok(None);
    }
    let shape = Shape::of(text).ok_or(ValueError::NotDate { convention })?;
    let parts = shape
        .parts(convention)
        .ok_or(ValueError::NotDate { convention })?;
    parts.value(edge).map(Some).ok_or(ValueError::NoSuchDay)
}

/// Reads a typed cell: an ISO text for a date cell, a year or an Excel serial for a number cell. Never ambiguous.
pub fn parse_native_date(text: &str, edge: Edge) -> Result<Option<DateValue>, ValueError> {
    let native = DateConvention::ISO
        .with(Spelling::Year)
        .with(Spelling::Excel)
        .with(Spelling::Compact);
    // Whole numbers may be written as floats.
    let text = trim(text);
    parse_date_at(text.strip_suffix(".0").unwrap_or(text), native, edge)
}

/// Whether a text has the shape of a date in any spelling.
pub(super) fn looks_like_date(text: &str) -> bool {
    Shape::of(trim(text)).is_some()
}

/// The spellings that occur in a file, from all its date values together.
///
/// The order of day and month around slashes is decided by every value of the file: one `17/03/2016` settles it. It is
/// ambiguous if no value does and the orders give different dates, and [`Inference::None`] if values contradict.
pub fn infer_dates<'a>(values: impl Iterator<Item = &'a str>) -> Inferred<DateConvention> {
    let mut tally = Tally::default();
    let mut sure = DateConvention::NOTHING;
    let (mut slash2, mut slash4, mut differ) = (false, false, false);
    let (mut day_first, mut month_first) = (true, true);
    for (index, text) in values.enumerate() {
        let text = trim(text);
        if text.is_empty() {
            continue;
        }
        match Shape::of(text) {
            Some(Shape::One(spelling, parts)) if parts.value(Edge::First).is_some() => {
                sure = sure.with(spelling);
            }
            Some(Shape::Serial(_)) => sure = sure.with(Spelling::Excel),
            Some(Shape::Slashes {
                first,
                second,
                year,
                four,
            }) => {
                let dmy = days_of(year, second, first);
                let mdy = days_of(year, first, second);
                if dmy.is_none() && mdy.is_none() {
                    tally.unreadable(index, text);
                    continue;
                }
                day_first &= dmy.is_some();
                month_first &= mdy.is_some();
                differ |= dmy != mdy;
                if !day_first && !month_first {
                    return tally.with(Inference::None {
                        index,
                        text: text.to_owned(),
                    });
                }
                if four { slash4 = true } else { slash2 = true }
            }
            _ => {
                tally.unreadable(index, text);
                continue;
            }
        }
        tally.readable();
    }
    if tally.is_empty() {
        return tally.with(Inference::Empty);
    }
    let ordered = |day_first: bool| {
        let pick = |four| {
            if day_first {
                slash_spellings(four).0
            } else {
                slash_spellings(four).1
            }
        };
        let with4 = if slash4 { sure.with(pick(true)) } else { sure };
        if slash2 {
            with4.with(pick(false))
        } else {
            with4
        }
    };
    let outcome = if day_first && month_first && differ {
        Inference::Ambiguous(vec![ordered(true), ordered(false)])
    } else {
        Inference::Certain(ordered(day_first))
    };
    tally.with(outcome)
}
