//! What a stamp says in one order of its parts: a date, one that does not count, or none.

use jiff::civil::{Date, DateTime};

use super::part::Part;
use super::written::{Order, time, written};
use crate::value::ValueError;

/// A stamp in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    At(DateTime),
    /// A date that is still to come.
    TooLate,
    /// A day that its month does not have.
    NoDay,
    /// No date.
    Other,
}

impl Reading {
    /// What parts say in one order; a date later than `latest` is still to come.
    pub(super) fn of(parts: &[Part], order: Order, latest: Option<Date>) -> Self {
        // A word between the parts of a date makes it none; around it stands whatever names the list.
        let is_word = |part: &Part| *part == Part::Word;
        let first = parts.iter().position(|part| !is_word(part));
        let last = parts.iter().rposition(|part| !is_word(part));
        let (Some(first), Some(last)) = (first, last) else {
            return Self::Other;
        };
        let Some((written, rest)) = written(&parts[first..=last], order) else {
            return Self::Other;
        };
        let Some(time) = time(rest) else {
            return Self::Other;
        };
        match written.date() {
            Ok(Some(day)) if latest.is_some_and(|latest| day > latest) => Self::TooLate,
            Ok(Some(day)) => Self::At(day.to_datetime(time)),
            Err(ValueError::NoSuchDay) if written.is_past_the_end() => Self::NoDay,
            _ => Self::Other,
        }
    }

    /// Whether it is a date that does not count.
    pub(super) fn is_passed_over(self) -> bool {
        matches!(self, Self::TooLate | Self::NoDay)
    }
}
