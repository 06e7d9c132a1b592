//! How new the links of a page are: what its pattern captured of each, read as dates.
//!
//! Dates are those of `value`, whatever stands between their parts: days, months with a number or a name, years, quarters, and a
//! time of day behind a day. Digits alone do not say which of them is the year (`01.02.03`, `311224`, `202412`): that is a property of
//! the page and not of a link, so it is decided by all of its stamps together. What is later than tomorrow is passed over, like a
//! day that its month does not have: mostly a slip of somebody who published it, and nothing newer would ever come.
//!
//! Nothing is guessed: where all stamps cannot be read as dates, or can be in two ways that differ in what is the newest, that is
//! told with what is taken.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::{Date, DateTime, Time, date};
use percent_encoding::percent_decode_str;
use regex::Captures;

use crate::value::{DateConvention, ValueError, parse_date};

/// What a pattern captured of a link.
pub(super) struct Stamp {
    /// As it stands there.
    text: String,
    parts: Vec<Part>,
}

/// A part of a stamp that can be one of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Digits.
    Number(String),
    /// The name of a month.
    Month(String),
    /// That the number beside it is one of a quarter.
    Quarter,
    /// Any other word.
    Word,
}

/// In which order the parts of a date stand where digits alone do not tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    DayFirst,
    YearFirst,
    /// Of six digits: a year and a month.
    YearMonth,
    /// Of six digits: a month and a year.
    MonthYear,
}

const ORDERS: [Order; 4] = [
    Order::DayFirst,
    Order::YearFirst,
    Order::YearMonth,
    Order::MonthYear,
];

/// Most digits of a number that nobody would take for a date by itself, but for a year.
const SHORT: usize = 5;

/// A stamp in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    At(DateTime),
    /// A date that is still to come.
    TooLate,
    /// A day that its month does not have.
    NoDay,
    /// No date.
    Other,
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

    fn reading(&self, order: Order, latest: Option<Date>) -> Reading {
        // A word between the parts of a date makes it none; around it stands whatever names the list.
        let is_word = |part: &Part| *part == Part::Word;
        let first = self.parts.iter().position(|part| !is_word(part));
        let last = self.parts.iter().rposition(|part| !is_word(part));
        let (Some(first), Some(last)) = (first, last) else {
            return Reading::Other;
        };
        let Some((written, rest)) = written(&self.parts[first..=last], order) else {
            return Reading::Other;
        };
        let Some(time) = time(rest) else {
            return Reading::Other;
        };
        match written.date() {
            Ok(Some(day)) if latest.is_some_and(|latest| day > latest) => Reading::TooLate,
            Ok(Some(day)) => Reading::At(day.to_datetime(time)),
            Err(ValueError::NoSuchDay) if written.is_past_the_end() => Reading::NoDay,
            _ => Reading::Other,
        }
    }

    /// Whether it is a number that is not as long as a date.
    fn is_short_number(&self) -> bool {
        self.text.len() <= SHORT && self.text.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl Reading {
    /// Whether it is a date that does not count.
    fn is_passed_over(self) -> bool {
        matches!(self, Self::TooLate | Self::NoDay)
    }
}

/// The newest of the stamps of a page, of which none is later than `latest`; of equal ones the first.
pub(super) fn newest(stamps: &[&Stamp], latest: Option<Date>) -> Newest {
    let readings: Vec<Vec<Reading>> = (ORDERS.iter())
        .map(|order| {
            let stamps = stamps.iter();
            stamps.map(|stamp| stamp.reading(*order, latest)).collect()
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

/// A date in parts, the year with two or four digits.
struct Written {
    year: String,
    /// A number or a name.
    month: Option<String>,
    day: Option<String>,
}

impl Written {
    fn new(year: &str, month: Option<&str>, day: Option<&str>) -> Self {
        Self {
            year: year.to_owned(),
            month: month.map(str::to_owned),
            day: day.map(str::to_owned),
        }
    }

    fn day(year: &str, month: &str, day: &str) -> Self {
        Self::new(year, Some(month), Some(day))
    }

    fn month(year: &str, month: &str) -> Self {
        Self::new(year, Some(month), None)
    }

    /// As files write it, with another day.
    fn text(&self, day: Option<&str>) -> String {
        let year = &self.year;
        let Some(month) = &self.month else {
            return year.clone();
        };
        let is_number = month.bytes().all(|byte| byte.is_ascii_digit());
        match day {
            Some(day) if is_number => format!("{day}.{month}.{year}"),
            Some(day) if is_two(year) => format!("{day}-{month}-{year}"),
            Some(day) => format!("{day} {month} {year}"),
            None if is_number => format!("{month}.{year}"),
            None if is_two(year) => format!("{month}-{year}"),
            None => format!("{month} {year}"),
        }
    }

    /// The first day of it.
    fn date(&self) -> Result<Option<Date>, ValueError> {
        day_of(&self.text(self.day.as_deref()))
    }

    /// Whether its day is one that some months have, and its month has not.
    fn is_past_the_end(&self) -> bool {
        let day = self.day.as_deref().and_then(|day| day.parse::<u8>().ok());
        day.is_some_and(|day| (29..=31).contains(&day))
            && day_of(&self.text(Some("1"))).is_ok_and(|day| day.is_some())
    }
}

/// The first day of a date, in any spelling that marks and digits tell apart; nothing where it lies far from our time.
fn day_of(text: &str) -> Result<Option<Date>, ValueError> {
    let found = parse_date(text, DateConvention::PLAIN)?;
    let days = found.filter(|found| !found.implausible);
    let days = days.and_then(|found| Span::new().try_days(found.days).ok());
    Ok(days.and_then(|days| date(1970, 1, 1).checked_add(days).ok()))
}

/// The date that parts begin with, and the parts behind it.
fn written(parts: &[Part], order: Order) -> Option<(Written, &[Part])> {
    use Part::{Month as M, Number as N, Quarter as Q};
    let nothing: &[Part] = &[];
    Some(match parts {
        [N(year), N(month), N(day), rest @ ..] | [N(day), N(month), N(year), rest @ ..]
            if is_four(year) && is_short(month) && is_short(day) =>
        {
            (Written::day(year, month, day), rest)
        }
        [N(day), M(month), N(year), rest @ ..]
        | [N(year), M(month), N(day), rest @ ..]
        | [M(month), N(day), N(year), rest @ ..]
            if is_four(year) && is_short(day) =>
        {
            (Written::day(year, month, day), rest)
        }
        [N(day), M(month), N(year)] if is_short(day) && is_two(year) => {
            (Written::day(year, month, day), nothing)
        }
        [N(first), N(month), N(last), rest @ ..]
            if is_short(first) && is_short(month) && is_short(last) =>
        {
            let written = match order {
                Order::DayFirst if is_two(last) => Written::day(last, month, first),
                Order::YearFirst if is_two(first) => Written::day(first, month, last),
                _ => return None,
            };
            (written, rest)
        }
        [N(all), rest @ ..] if all.len() == 8 => {
            let written = match order {
                Order::DayFirst => Written::day(&all[4..], &all[2..4], &all[..2]),
                Order::YearFirst => Written::day(&all[..4], &all[4..6], &all[6..]),
                Order::YearMonth | Order::MonthYear => return None,
            };
            (written, rest)
        }
        [N(all), rest @ ..] if all.len() == 6 => match order {
            Order::DayFirst => (Written::day(&all[4..], &all[2..4], &all[..2]), rest),
            Order::YearFirst => (Written::day(&all[..2], &all[2..4], &all[4..]), rest),
            Order::YearMonth if rest.is_empty() => (Written::month(&all[..4], &all[4..]), rest),
            Order::MonthYear if rest.is_empty() => (Written::month(&all[2..], &all[..2]), rest),
            Order::YearMonth | Order::MonthYear => return None,
        },
        [N(year), N(month)] | [N(month), N(year)] if is_four(year) && is_short(month) => {
            (Written::month(year, month), nothing)
        }
        [M(month), N(year)] | [N(year), M(month)] if is_four(year) => {
            (Written::month(year, month), nothing)
        }
        [M(month), N(year)] if is_two(year) => (Written::month(year, month), nothing),
        [Q, N(quarter), N(year)]
        | [N(quarter), Q, N(year)]
        | [N(year), Q, N(quarter)]
        | [N(year), N(quarter), Q]
            if is_four(year) =>
        {
            (Written::month(year, month_of_quarter(quarter)?), nothing)
        }
        [N(year)] if is_four(year) => (Written::new(year, None, None), nothing),
        _ => return None,
    })
}

/// The time of day that parts say, and nothing else; midnight where there are none.
fn time(parts: &[Part]) -> Option<Time> {
    use Part::Number as N;
    let (hour, minute, second) = match parts {
        [] => return Some(Time::midnight()),
        [N(all)] if all.len() == 4 => (&all[..2], &all[2..], "0"),
        [N(all)] if all.len() == 6 => (&all[..2], &all[2..4], &all[4..]),
        [N(hour), N(minute)] => (hour.as_str(), minute.as_str(), "0"),
        [N(hour), N(minute), N(second)] => (hour.as_str(), minute.as_str(), second.as_str()),
        _ => return None,
    };
    let number = |text: &str| text.parse::<i8>().ok();
    Time::new(number(hour)?, number(minute)?, number(second)?, 0).ok()
}

fn is_four(number: &str) -> bool {
    number.len() == 4
}

fn is_two(number: &str) -> bool {
    number.len() == 2
}

/// Whether a number can be a day or a month.
fn is_short(number: &str) -> bool {
    number.len() <= 2
}

fn month_of_quarter(quarter: &str) -> Option<&'static str> {
    match quarter {
        "1" => Some("1"),
        "2" => Some("4"),
        "3" => Some("7"),
        "4" => Some("10"),
        _ => None,
    }
}

/// A year of two digits in full, as `value` reads it.
fn full_year(year: &str) -> String {
    let day = day_of(&format!("1.1.{year}")).ok().flatten();
    day.map_or_else(|| year.to_owned(), |day| day.year().to_string())
}

/// Words that lead from a day to its time.
const TIMES: [&str; 5] = ["t", "at", "kl", "uhr", "um"];

/// The numbers and words of a text, whatever stands between them.
fn parts(text: &str) -> Vec<Part> {
    let text = percent_decode_str(text).decode_utf8_lossy();
    let mut parts = Vec::new();
    let mut rest: &str = &text;
    while let Some(first) = rest.chars().next() {
        let until = |is_of: fn(char) -> bool| rest.find(|c: char| !is_of(c)).unwrap_or(rest.len());
        let end = if first.is_ascii_digit() {
            let end = until(|c| c.is_ascii_digit());
            parts.extend(numbers(&rest[..end]));
            end
        } else if first.is_alphabetic() {
            let end = until(char::is_alphabetic);
            parts.extend(word(&rest[..end]));
            end
        } else {
            first.len_utf8()
        };
        rest = &rest[end..];
    }
    parts
}

/// Digits as one number; those of a day with its time behind it as two.
fn numbers(digits: &str) -> impl Iterator<Item = Part> {
    let day = if matches!(digits.len(), 12 | 14) {
        8
    } else {
        digits.len()
    };
    let (day, time) = digits.split_at(day);
    let both = [day, time].into_iter().filter(|part| !part.is_empty());
    both.map(|part| Part::Number(part.to_owned()))
}

fn word(word: &str) -> Option<Part> {
    let lower = word.to_lowercase();
    if TIMES.contains(&lower.as_str()) {
        return None;
    }
    let is_quarter = lower == "q" || lower.starts_with("quart") || lower.starts_with("kvart");
    let is_month = || day_of(&format!("{word} 2000")).is_ok_and(|day| day.is_some());
    Some(if is_quarter {
        Part::Quarter
    } else if is_month() {
        Part::Month(word.to_owned())
    } else {
        Part::Word
    })
}

/// A piece of text that is compared as a whole: a number by its size, before any text.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// Number of digits without leading zeros, and the digits.
    Number(usize, String),
    Text(String),
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != digits)
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(if digits {
            let number = piece.trim_start_matches('0');
            Piece::Number(number.len(), number.to_owned())
        } else {
            Piece::Text(piece.to_lowercase())
        });
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATEST: Date = date(2026, 11, 28);

    fn of(texts: &[&str]) -> Newest {
        let stamps: Vec<Stamp> = (texts.iter())
            .map(|text| Stamp::new((*text).to_owned(), parts(text)))
            .collect();
        let stamps: Vec<&Stamp> = stamps.iter().collect();
        newest(&stamps, Some(LATEST))
    }

    /// The newest of these, which is told without any doubt.
    fn surely<'a>(texts: &[&'a str]) -> &'a str {
        let newest = of(texts);
        assert_eq!(newest.doubt, None, "{texts:?}");
        assert!(newest.no_days.is_empty() && newest.too_late.is_empty());
        texts[newest.at.unwrap()]
    }

    #[test]
    fn days_are_read_in_all_spellings_of_publishers() {
        // As text the other one would be the newest, or the order of the page would tell.
        for (newer, older) in [
            ("01.03.25", "31.12.24"),
            ("010325", "311224"),
            ("250301", "241231"),
            ("01.03.2025", "31.12.2024"),
            ("01032025", "31122024"),
            ("20250301", "20241231"),
            ("2025_3_1", "2024_12_31"),
            ("1-3-25", "31-12-24"),
            ("1. M\u{e4}rz 2025", "31. Dezember 2024"),
            ("1-mars-25", "31-dec-24"),
            ("March 1, 2025", "December 31, 2024"),
            ("2025-mars-01", "2024-december-31"),
            ("01.03.2025_08-00", "31.12.2024_08-00"),
            ("01.03.2025T08:00:00Z", "31.12.2024T09:00:00Z"),
            ("31.12.2024 um 10.15 Uhr", "31.12.2024 um 9.30 Uhr"),
            ("20250301080000", "20241231235959"),
            ("20250301-0800", "20241231-2359"),
            ("Stand 01.03.2025 korr", "Stand 31.12.2024 korr"),
        ] {
            for texts in [[older, newer], [newer, older]] {
                assert_eq!(surely(&texts), newer, "{texts:?}");
            }
        }
    }

    #[test]
    fn months_quarters_and_years_are_dates() {
        for (newer, older) in [
            ("April_2025", "Dezember_2024"),
            ("april%202025", "Dezember%202024"),
            ("2025-april", "2024-oktober"),
            ("M\u{e4}rz 25", "Dez 24"),
            ("01-2025", "12-2024"),
            ("2025_01", "2024_12"),
            ("012025", "122024"),
            ("202501", "202412"),
            ("2025-Q1", "2024-Q4"),
            ("Q1_2025", "Q4_2024"),
            ("1. Quartal 2025", "4. Quartal 2024"),
            ("kvartal 1 2025", "kvartal 4 2024"),
            ("2025Q1", "31.12.2024"),
            ("2025", "1999"),
            ("v10", "v9"),
        ] {
            for texts in [[older, newer], [newer, older]] {
                let newest = of(&texts);
                assert_eq!(newest.at.map(|at| texts[at]), Some(newer), "{texts:?}");
            }
        }
        assert_eq!(surely(&["10", "9", "2"]), "10");
        assert_eq!(surely(&["April_2025", "Dezember_2024"]), "April_2025");
    }

    #[test]
    fn which_number_is_the_year_is_said_by_all_links_together() {
        // By itself each of the first two could be either.
        let days = ["01.02.03", "03.02.01", "31.01.02"];
        assert_eq!(surely(&days), "01.02.03");
        let years = ["01.02.03", "03.02.01", "02.01.31"];
        assert_eq!(surely(&years), "03.02.01");
        let newest = of(&days[..2]);
        assert_eq!((newest.at, newest.doubt), (Some(0), Some(Doubt::Ambiguous)));
        let newest = of(&["200612", "190713"]);
        assert_eq!(newest.doubt, Some(Doubt::Ambiguous));
        // Both ways may lead to the same link.
        assert_eq!(surely(&["01.02.01", "03.04.03"]), "03.04.03");
    }

    #[test]
    fn what_is_no_date_is_told_unless_it_is_a_plain_number() {
        for texts in [
            ["2025-31", "2025-02"],
            ["2024-12-31", "2025-01-01-v2"],
            ["KW 31 2024", "KW 02 2025"],
            ["2024-H1", "2024-H2"],
            ["31 Nr 12 2024", "30.12.2024"],
        ] {
            let newest = of(&texts);
            assert_eq!(newest.doubt, Some(Doubt::NotDates), "{texts:?}");
            assert!(newest.at.is_some());
        }
        for texts in [["9", "10"], ["a", "b"], ["2025-31", "2025-31"]] {
            assert_eq!(of(&texts).doubt, None, "{texts:?}");
        }
    }

    #[test]
    fn days_that_are_none_and_days_to_come_are_passed_over() {
        let newest = of(&["2025-01-01", "2099-01-01", "31.02.2025", "2024-01-01"]);
        assert_eq!((newest.at, newest.doubt), (Some(0), None));
        assert!(newest.too_late.contains("2099-01-01"), "{newest:?}");
        assert!(newest.no_days.contains("31.02.2025"), "{newest:?}");
        // Tomorrow may be today elsewhere.
        let newest = of(&["2026-11-28", "2026-11-29"]);
        assert_eq!(newest.at, Some(0));
        assert_eq!(newest.too_late.len(), 1);
        // The others are text.
        let newest = of(&["2025-31", "2099-01-01", "30.02.2025", "2025-32"]);
        assert_eq!((newest.at, newest.doubt), (Some(3), Some(Doubt::NotDates)));
        assert_eq!((newest.too_late.len(), newest.no_days.len()), (1, 1));
        let newest = of(&["2099-01-01"]);
        assert_eq!(newest.at, None);
    }

    #[test]
    fn names_of_groups_say_what_is_what() {
        let stamp = |pattern: &str, link: &str| {
            let pattern = regex::Regex::new(pattern).unwrap();
            Stamp::of(&pattern.captures(link).unwrap()).unwrap()
        };
        let day = r"_(?<day>\d+)\.(?<month>\w+)\.(?<year>\d+)";
        let month = r"_(?<year>\d\d)(?<month>\d\d)";
        for (pattern, older, newer) in [
            (day, "l_02.01.03", "l_01.03.03"),
            (day, "l_02.Januar.2003", "l_01.Mars.2003"),
            (month, "l_0112", "l_0201"),
        ] {
            let (older, newer) = (stamp(pattern, older), stamp(pattern, newer));
            let newest = newest(&[&older, &newer], Some(LATEST));
            assert_eq!((newest.at, newest.doubt), (Some(1), None), "{pattern}");
        }
        assert_eq!(stamp(day, "l_02.01.03").text(), "03-01-02");
    }
}
