//! A start and an end in one cell: `2021-02-01 - 2022-12-31`, `07/2005 – 03/2008`, `1. Februar 2018 bis zum …`, `2015/2016`, or
//! a line each.

use super::date::{DateValue, looks_like_date, parse_date, parse_date_end};
use super::{DateConvention, ValueError};

/// A period as published. The end may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day; of a month or year its first day.
    pub start: DateValue,
    /// Last day; of a month or year its last day. `None` if the cell states a start only.
    pub end: Option<DateValue>,
}

/// Words that lead in a period and say nothing more.
const LEADS: [&str; 8] = [
    "vom ", "von ", "from ", "från ", "ab ", "seit ", "sedan ", "fr.o.m. ",
];

/// Separators that no date contains, the longer before the shorter.
const SEPARATORS: [&str; 12] = [
    " bis zum ",
    " bis ",
    " till och med ",
    " t.o.m. ",
    " till ",
    " until ",
    " to ",
    "\u{2013}",
    "\u{2014}",
    "\u{2212}",
    " - ",
    " -",
];

/// Reads a start and an end. Empty text is no period.
///
/// Fails when there is no separator with a date on either side, or a side does not fit the file's spellings. Whether
/// the end lies after the start is the caller's check.
pub fn parse_period(text: &str, convention: DateConvention) -> Result<Option<Period>, ValueError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (first, second) = split_period(text).ok_or(ValueError::NotPeriod)?;
    let end = parse_date_end(second, convention)?;
    let start = match parse_date(first, convention) {
        Err(_) if !looks_like_date(first) => with_year_of(first, second)
            .map_or(Err(ValueError::NotPeriod), |full| {
                parse_date(&full, convention)
            }),
        other => other,
    };
    start?
        .map(|start| Some(Period { start, end }))
        .ok_or(ValueError::NotPeriod)
}

/// The two dates of a period as published, before any convention is applied; the second is empty for an open end.
///
/// Serves [`infer_dates`](super::infer_dates) for columns that hold both dates. `None` if there is no such division, or
/// more than one.
pub fn split_period(text: &str) -> Option<(&str, &str)> {
    let mut text = text.trim();
    for lead in LEADS {
        if let Some(head) = text.get(..lead.len())
            && head.eq_ignore_ascii_case(lead)
        {
            text = text[lead.len()..].trim_start();
        }
    }
    if looks_like_date(text) {
        return Some((text, ""));
    }
    for separator in SEPARATORS {
        if let Some(at) = find_ignoring_case(text, separator) {
            let (first, second) = (text[..at].trim(), text[at + separator.len()..].trim());
            let open = second.is_empty() && looks_like_date(first);
            let both = looks_like_date(second)
                && (looks_like_date(first) || with_year_of(first, second).is_some());
            return (open || both).then_some((first, second));
        }
    }
    // These may also belong to one of the dates.
    for mark in ['-', '/', '\n'] {
        let mut found = text.match_indices(mark).filter_map(|(at, _)| {
            let (first, second) = (text[..at].trim(), text[at + 1..].trim());
            let open = mark == '-' && second.is_empty() && looks_like_date(first);
            // Of "01.01.-31.12.2016" the mark behind the month says that a year is left out.
            let shares_year = || first.ends_with('.') && with_year_of(first, second).is_some();
            // Asked last, for it copies all that stands before the mark.
            let both = looks_like_date(second) && (looks_like_date(first) || shares_year());
            (open || both).then_some((first, second))
        });
        if let Some(division) = found.next() {
            return found.next().is_none().then_some(division);
        }
    }
    None
}

/// The dates of a cell that holds one or two, for inference over a column of them. A first date that has its year from
/// the second is left out: by itself it is none.
pub fn period_dates(text: &str) -> impl Iterator<Item = &str> {
    let (first, second) = split_period(text).unwrap_or((text, ""));
    let alone = second.is_empty() || looks_like_date(first);
    [first, second]
        .into_iter()
        .enumerate()
        .filter(move |(at, date)| !date.is_empty() && (*at == 1 || alone))
        .map(|(_, date)| date)
}

/// `1. Februar` before `31. Dezember 2019`: the first date shares the year of the second.
fn with_year_of(first: &str, second: &str) -> Option<String> {
    let year = second.get(second.len().checked_sub(4)?..)?;
    if !year.bytes().all(|b| b.is_ascii_digit()) || !first.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let joint = if first.ends_with('.') { "" } else { " " };
    let full = format!("{first}{joint}{year}");
    // "01.02" + "2018" would lack its mark; only what is a full date with the year counts.
    (looks_like_date(&full) && full.len() > 7).then_some(full)
}

fn find_ignoring_case(text: &str, word: &str) -> Option<usize> {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    text.windows(word.len())
        .position(|window| window.eq_ignore_ascii_case(word))
}
