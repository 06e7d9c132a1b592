//! Dates and periods as pages write them, with the precision they were given in.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::{Precision, regex};

/// A published date: the first or last day of what was published, and how exactly that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageDate {
    /// The day.
    pub date: Date,
    /// The precision.
    pub precision: Precision,
}

static DATES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)
        (?P<iso>\b(?P<iy>(?:19|20)\d\d)-(?P<im>\d\d)-(?P<id>\d\d)\b)
        |(?P<dmy>\b(?P<dd>\d{1,2})\.\s?(?P<dm>\d{1,2})\.\s?(?P<dy>(?:19|20)\d\d|\d\d)\b)
        |(?P<dmony>\b(?P<md>\d{1,2})\.?\s(?P<mon>\p{L}{3,9})\.?\s(?P<my>(?:19|20)\d\d)\b)
        |(?P<mony>\b(?P<omon>\p{L}{3,9})\.?\s(?P<oy>(?:19|20)\d\d)\b)
        |(?P<monly>\b(?P<ld>\d{1,2})\.?\s(?P<lmon>\p{L}{3,9})\b)
        |(?P<mslash>\b(?P<sm>\d{1,2})[/.](?P<sy>(?:19|20)\d\d)\b)
        |(?P<ymonth>\b(?P<ny>(?:19|20)\d\d)-(?P<nm>0[1-9]|1[0-2])\b)
        |(?P<dmonly>\b(?P<nd>\d{1,2})\.(?P<nmo>\d{1,2})\.)
        |(?P<year>\b(?P<yy>(?:19|20)\d\d)\b)
        |(?P<monthonly>\b(?P<mo>\p{L}{3,9})\b)",
    )
});

const MONTHS: &[(&str, i8)] = &[
    ("jan", 1),
    ("jän", 1),
    ("feb", 2),
    ("mär", 3),
    ("mar", 3),
    ("mrz", 3),
    ("apr", 4),
    ("mai", 5),
    ("maj", 5),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("okt", 10),
    ("nov", 11),
    ("dez", 12),
    ("dec", 12),
];
const MONTH_NAMES: &[&str] = &[
    "januar",
    "jänner",
    "februar",
    "märz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
    "januari",
    "februari",
    "mars",
    "maj",
    "augusti",
    "december",
    "jan",
    "feb",
    "mär",
    "mrz",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "okt",
    "nov",
    "dez",
    "dec",
];

fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    if !MONTH_NAMES.contains(&word.as_str()) {
        return None;
    }
    MONTHS
        .iter()
        .find(|(start, _)| word.starts_with(start))
        .map(|(_, month)| *month)
}

/// What was written of one date; the year of the first of two dates is often left to the second.
#[derive(Debug, Clone, Copy)]
struct Part {
    at: (usize, usize),
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(found) = DATES.captures_at(text, start) {
        let Some(whole) = found.get(0) else { break };
        let get = |name: &str| found.name(name).map(|m| m.as_str());
        let num = |name: &str| get(name).and_then(|n| n.parse::<i16>().ok());
        let day = |name: &str| num(name).map(|n| n as i8);
        let year2 = |name: &str| {
            num(name).map(|y| {
                if y < 100 {
                    if y < 70 { 2000 + y } else { 1900 + y }
                } else {
                    y
                }
            })
        };
        let at = (whole.start(), whole.end());
        let part = if get("iso").is_some() {
            Some(Part {
                at,
                year: num("iy"),
                month: day("im"),
                day: day("id"),
            })
        } else if get("dmy").is_some() {
            Some(Part {
                at,
                year: year2("dy"),
                month: day("dm"),
                day: day("dd"),
            })
        } else if get("dmony").is_some() {
            get("mon").and_then(month).map(|m| Part {
                at,
                year: num("my"),
                month: Some(m),
                day: day("md"),
            })
        } else if get("mony").is_some() {
            get("omon").and_then(month).map(|m| Part {
                at,
                year: num("oy"),
                month: Some(m),
                day: None,
            })
        } else if get("monly").is_some() {
            get("lmon").and_then(month).map(|m| Part {
                at,
                year: None,
                month: Some(m),
                day: day("ld"),
            })
        } else if get("mslash").is_some() {
            Some(Part {
                at,
                year: num("sy"),
                month: day("sm"),
                day: None,
            })
        } else if get("ymonth").is_some() {
            Some(Part {
                at,
                year: num("ny"),
                month: day("nm"),
                day: None,
            })
        } else if get("dmonly").is_some() {
            Some(Part {
                at,
                year: None,
                month: day("nmo"),
                day: day("nd"),
            })
        } else if get("year").is_some() {
            Some(Part {
                at,
                year: num("yy"),
                month: None,
                day: None,
            })
        } else {
            get("mo").and_then(month).map(|m| Part {
                at,
                year: None,
                month: Some(m),
                day: None,
            })
        };
        // A word that is no month ("bis 2018") must not swallow the year behind it.
        start = match part {
            Some(_) => whole.end(),
            None => {
                at.0 + text[at.0..]
                    .chars()
                    .take_while(|c| c.is_alphanumeric())
                    .map(char::len_utf8)
                    .sum::<usize>()
                    .max(1)
            }
        };
        while !text.is_char_boundary(start) {
            start += 1;
        }
        parts.extend(part);
        if start >= text.len() {
            break;
        }
    }
    parts
}

fn date_of(part: Part, year: Option<i16>, last_day: bool) -> Option<PageDate> {
    let year = part.year.or(year)?;
    let (date, precision) = match (part.month, part.day) {
        (Some(month), Some(day)) => (Date::new(year, month, day).ok()?, Precision::Day),
        (Some(month), None) => {
            let first = Date::new(year, month, 1).ok()?;
            (
                if last_day {
                    first.last_of_month()
                } else {
                    first
                },
                Precision::Month,
            )
        }
        _ => (
            if last_day {
                Date::new(year, 12, 31).ok()?
            } else {
                Date::new(year, 1, 1).ok()?
            },
            Precision::Year,
        ),
    };
    Some(PageDate { date, precision })
}

/// One date; `last_day` says which end of a month or year is meant.
pub(in super::super) fn date(text: &str, last_day: bool) -> Option<PageDate> {
    match parts(text).as_slice() {
        [one] => date_of(*one, None, last_day),
        _ => None,
    }
}

/// A period. Either end may be open ("seit 2015", "till 30 juni 2020").
pub(in super::super) fn period(text: &str) -> Option<(Option<PageDate>, Option<PageDate>)> {
    let mut found = parts(text);
    // "2014-2020" of a programme behind the project's own dates, or a remark, is none of the period.
    found.truncate(2);
    match found.as_slice() {
        [start, end] => {
            let month_year = Part {
                month: start.month,
                ..*start
            };
            let start = date_of(month_year, end.year, false)?;
            let end = date_of(*end, None, true)?;
            (start.date <= end.date).then_some((Some(start), Some(end)))
        }
        [one] => {
            let lower = text.to_lowercase();
            let before = lower.get(..one.at.0).unwrap_or("");
            let word = |words: &[&str]| {
                before
                    .split(|c: char| !c.is_alphanumeric() && c != '.')
                    .any(|w| words.contains(&w))
            };
            if word(&["seit", "ab", "sedan", "från", "fr.o.m."]) {
                Some((Some(date_of(*one, None, false)?), None))
            } else if word(&["bis", "till", "t.o.m."]) {
                Some((None, Some(date_of(*one, None, true)?)))
            } else if one.day.is_none() {
                Some((
                    Some(date_of(*one, None, false)?),
                    Some(date_of(*one, None, true)?),
                ))
            } else {
                None
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> Option<(String, String)> {
        let show = |date: Option<PageDate>| {
            date.map_or("-".into(), |d| {
                format!("{} {}", d.date, d.precision.as_str())
            })
        };
        period(text).map(|(start, end)| (show(start), show(end)))
    }

    #[test]
    fn period_spellings() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(
            ends("07/2005 – 03/2008"),
            pair("2005-07-01 month", "2008-03-31 month")
        );
        assert_eq!(
            ends("vom 1. Februar 2018 bis zum 31. Dezember 2019"),
            pair("2018-02-01 day", "2019-12-31 day")
        );
        assert_eq!(
            ends("von 2015 bis 2018"),
            pair("2015-01-01 year", "2018-12-31 year")
        );
        assert_eq!(
            ends("januari 2019 till december 2021"),
            pair("2019-01-01 month", "2021-12-31 month")
        );
        assert_eq!(
            ends("2021-02-01 - 2022-12-31"),
            pair("2021-02-01 day", "2022-12-31 day")
        );
        assert_eq!(
            ends("01.01.2020-31.12.2022"),
            pair("2020-01-01 day", "2022-12-31 day")
        );
        assert_eq!(
            ends("1. Januar bis 30. Juni 2017"),
            pair("2017-01-01 day", "2017-06-30 day")
        );
        assert_eq!(
            ends("15.03. bis 31.12.2019"),
            pair("2019-03-15 day", "2019-12-31 day")
        );
        assert_eq!(
            ends("Mai bis Oktober 2016"),
            pair("2016-05-01 month", "2016-10-31 month")
        );
        assert_eq!(
            ends("2015–2018"),
            pair("2015-01-01 year", "2018-12-31 year")
        );
        assert_eq!(ends("seit 2015"), pair("2015-01-01 year", "-"));
        assert_eq!(
            ends("2019-03 - 2020-08"),
            pair("2019-03-01 month", "2020-08-31 month")
        );
        assert_eq!(ends("24 Monate"), None);
        assert_eq!(ends("31.12.2019 bis 01.01.2018"), None);
    }
}
