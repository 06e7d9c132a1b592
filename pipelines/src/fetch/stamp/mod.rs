//! How new the links of a page are: what its pattern captured of each, read as dates.
//!
//! Dates are those of `value`, whatever stands between their parts: days, months with a number or a name, years, quarters, and a
//! time of day behind a day. Digits alone do not say which of them is the year (`01.02.03`, `311224`, `202412`): that is a property of
//! the page and not of a link, so it is decided by all of its stamps together. What is later than tomorrow is passed over, like a
//! day that its month does not have: mostly a slip of somebody who published it, and nothing newer would ever come.
//!
//! Nothing is guessed: where all stamps cannot be read as dates, or can be in two ways that differ in what is the newest, that is
//! told with what is taken.
//!
//! A link's text becomes `part`s; a `reading` is what these say in one order, as far as they are `written` as a date, and a `day` is
//! read as files are. What is no date is compared as text, by its `piece`s.

mod day;
mod part;
mod piece;
mod reading;
#[cfg(test)]
mod tests;
mod written;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use regex::Captures;

use day::full_year;
use part::{Part, parts};
use piece::{Piece, pieces};
use reading::Reading;
use written::{ORDERS, is_two};

/// Most digits of a number that nobody would take for a date by itself, but for a year.
const SHORT: usize = 5;

/// What a pattern captured of a link.
pub(super) struct Stamp {
    /// As it stands there.
    text: String,
    parts: Vec<Part>,
}

/// Which of the stamps of a page is the newest.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Newest {
    /// Its place; none where all are passed over.
    pub(super) at: Option<usize>,
    /// Stamps with a day that its month does not have.
    pub(super) no_days: BTreeSet<String>,
    /// Stamps of days that are still to come.
    pub(super) too_late: BTreeSet<String>,
    /// Why another one may be the newest.
    pub(super) doubt: Option<Doubt>,
}

/// Why another stamp may be the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Not all of them are dates, so they were compared as text.
    NotDates,
    /// They are dates in more than one way, and the ways differ in which is the newest.
    Ambiguous,
}

impl Stamp {
    /// What says how new a link is: groups named `year`, `month` and `day`, or else the first that captured something.
    pub(super) fn of(captures: &Captures<'_>) -> Option<Self> {
        let Some(year) = captures.name("year") else {
            let text = captures.iter().skip(1).flatten().next()?.as_str();
            return Some(Self::new(text.to_owned(), parts(text)));
        };
        let part = |name: &str| captures.name(name).map(|part| part.as_str());
        let (month, day) = (part("month"), part("day"));
        let text = [Some(year.as_str()), month, day];
        let text: Vec<&str> = text.into_iter().flatten().collect();
        let year = if is_two(year.as_str()) {
            full_year(year.as_str())
        } else {
            year.as_str().to_owned()
        };
        // The year has four digits now, so that the others are read as they are meant.
        let dated = [day, month, Some(year.as_str())].into_iter().flatten();
        let dated = dated.flat_map(parts).collect();
        Some(Self::new(text.join("-"), dated))
    }

    fn new(text: String, parts: Vec<Part>) -> Self {
        Self { text, parts }
    }

    /// As it stands there.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is a number that is not as long as a date.
    fn is_short_number(&self) -> bool {
        self.text.len() <= SHORT && self.text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// The newest of the stamps of a page, of which none is later than `latest`; of equal ones the first.
pub(super) fn newest(stamps: &[&Stamp], latest: Option<Date>) -> Newest {
    let readings: Vec<Vec<Reading>> = (ORDERS.iter())
        .map(|order| {
            let stamps = stamps.iter();
            stamps
                .map(|stamp| Reading::of(&stamp.parts, *order, latest))
                .collect()
        })
        .collect();
    // In an order that is the page's every stamp is a date, and as few as can be are passed over.
    let passed_over = |all: &[Reading]| all.iter().filter(|one| one.is_passed_over()).count();
    let fit = || {
        let fit = readings.iter();
        fit.filter(|all| !all.contains(&Reading::Other))
    };
    let Some(fewest) = fit().map(|all| passed_over(all)).min() else {
        return as_text(stamps, &readings);
    };
    let mut found: Vec<Newest> = (fit().filter(|all| passed_over(all) == fewest))
        .map(|all| as_dates(stamps, all))
        .collect();
    // Of ways that differ none is better, so the first link of the page is taken.
    found.sort_by_key(|newest| newest.at.unwrap_or(usize::MAX));
    let differs = found.windows(2).any(|pair| pair[0].at != pair[1].at);
    let mut first = found.into_iter().next().unwrap_or_default();
    first.doubt = differs.then_some(Doubt::Ambiguous);
    first
}

/// The newest by these readings.
fn as_dates(stamps: &[&Stamp], readings: &[Reading]) -> Newest {
    let mut newest = Newest::default();
    let mut dates: Vec<(usize, DateTime)> = Vec::new();
    for (place, (stamp, reading)) in stamps.iter().zip(readings).enumerate() {
        match reading {
            Reading::At(at) => dates.push((place, *at)),
            reading => newest.pass_over(stamp, *reading),
        }
    }
    newest.at = first_greatest(&dates);
    newest
}

/// The newest as text in which numbers count as numbers, of those that are no dates to be passed over.
fn as_text(stamps: &[&Stamp], readings: &[Vec<Reading>]) -> Newest {
    let mut newest = Newest::default();
    let mut keys: Vec<(usize, Vec<Piece>)> = Vec::new();
    for (place, stamp) in stamps.iter().enumerate() {
        let of_stamp = || readings.iter().filter_map(|all| all.get(place).copied());
        let is_date = of_stamp().any(|reading| matches!(reading, Reading::At(_)));
        match of_stamp().find(|reading| reading.is_passed_over()) {
            Some(reading) if !is_date => newest.pass_over(stamp, reading),
            _ => keys.push((place, pieces(&stamp.text))),
        }
    }
    newest.at = first_greatest(&keys);
    let compared: Vec<&Stamp> = keys.iter().map(|(place, _)| stamps[*place]).collect();
    let differ = compared.windows(2).any(|pair| pair[0].text != pair[1].text);
    let has_digits = |stamp: &&Stamp| stamp.text.contains(|c: char| c.is_ascii_digit());
    let are_numbers = compared.iter().all(|stamp| stamp.is_short_number());
    if differ && compared.iter().any(has_digits) && !are_numbers {
        newest.doubt = Some(Doubt::NotDates);
    }
    newest
}

impl Newest {
    fn pass_over(&mut self, stamp: &Stamp, reading: Reading) {
        let told = match reading {
            Reading::TooLate => &mut self.too_late,
            _ => &mut self.no_days,
        };
        told.insert(stamp.text.clone());
    }
}

/// The place with the greatest key; of equal ones the first.
fn first_greatest<T: Ord>(keys: &[(usize, T)]) -> Option<usize> {
    let mut keys = keys.iter();
    let first = keys.next()?;
    let best = keys.fold(first, |best, next| match next.1.cmp(&best.1) {
        Ordering::Greater => next,
        _ => best,
    });
    Some(best.0)
}
