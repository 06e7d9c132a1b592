//! Dates and periods as pages write them, with the precision they were given in.
//!
//! Every digit and date of a text must be used: "1. Phase: …, 2. Phase: …" has four dates, "25.11.0204" a year that no project
//! has, and neither is a period. What may stand beside one without being a part of it is named here: a length ("24 Monate"), a time
//! of day, and in brackets the years of a programme period of the funds.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use super::{Precision, regex};
use crate::value::month_of;

/// A published date: the first or last day of what was published, and how exactly that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageDate {
    /// The day.
    pub date: Date,
    /// The precision.
    pub precision: Precision,
}

/// A published period. Either end may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Period {
    /// First day.
    pub(in super::super) start: Option<PageDate>,
    /// Last day.
    pub(in super::super) end: Option<PageDate>,
    /// The last day that was published before the period was extended to `end`, if it says so.
    pub(in super::super) extended_from: Option<PageDate>,
}

static DATES: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)
        (?P<iso>\b(?P<iy>(?:19|20)\d\d)-(?P<im>\d\d)-(?P<id>\d\d)\b)
        |(?P<compact>\b(?P<cy>(?:19|20)\d\d)(?P<cm>\d\d)(?P<cd>\d\d)\b)
        |(?P<dmy>\b(?P<dd>\d{1,2})\.\s?(?P<dm>\d{1,2})\.\s?(?P<dy>(?:19|20)\d\d|\d\d)\b)
        |(?P<mdy>\b(?P<emon>\p{L}{3,9})\.?\s(?P<ed>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<ey>(?:19|20)\d\d)\b)
        |(?P<dmony>\b(?P<md>\d{1,2})(?:\.|st|nd|rd|th)?\s(?P<mon>\p{L}{3,9})\.?\s(?P<my>(?:19|20)\d\d)\b)
        |(?P<mony>\b(?P<omon>\p{L}{3,9})\.?\s(?P<oy>(?:19|20)\d\d)\b)
        |(?P<monly>\b(?P<ld>\d{1,2})(?:\.|st|nd|rd|th)?\s(?P<lmon>\p{L}{3,9})\b)
        |(?P<dslash>\b(?P<xd>\d{1,2})/(?P<xm>\d{1,2})\s(?P<xy>(?:19|20)\d\d)\b)
        |(?P<mslash>\b(?P<sm>\d{1,2})[/.](?P<sy>(?:19|20)\d\d)\b)
        |(?P<slash>\b(?P<first>\d{1,2})/(?P<second>\d{1,2})\b)
        |(?P<ymonth>\b(?P<ny>(?:19|20)\d\d)-(?P<nm>0[1-9]|1[0-2])\b)
        |(?P<dmonly>\b(?P<nd>\d{1,2})\.(?P<nmo>\d{1,2})\.)
        |(?P<year>\b(?P<yy>(?:19|20)\d\d)\b)
        |(?P<monthonly>\b(?P<mo>\p{L}{3,9})\b)",
    )
});

/// Two dates of six digits each.
static SHORT_SPAN: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^\s*(\d\d)(\d\d)(\d\d)\s?(?:[-–—]|bis|till)\s?(\d\d)(\d\d)(\d\d)\s*$")
});

/// Years in brackets.
static IN_BRACKETS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\([^()\d]*\b(\d{4})\s?[-–—/]\s?(\d{4})\b[^()\d]*\)"));

/// What says how long something takes, or at what time of a day it begins.
static BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)
        \b\d{1,3}(?:[.,]\d)?\s?(?:tage?n?|wochen?|monate?n?|jahre?n?|dag(?:ar)?|veckor|månad(?:er)?|år|days|weeks|months?|years?)\b
        |\b\d{1,2}:\d\d(?::\d\d)?\b",
    )
});

/// What stands between the end of a period and the end to which it was extended.
static EXTENDED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)^[\s,;(]*(?:verlängert|förläng(?:d|t|ts|des)|extended)\s
        (?:bis(?:\szum|\seinschließlich|\sende)?|till(?:\soch\smed)?|t\.?\s?o\.?\s?m\.?|to|until)\s(?:den\s)?$",
    )
});

/// What stands behind the start of a period whose end is open.
static OPEN_END: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)^\s*(?:
        [-–—]
        |(?:[-–—,]|bis|till(?:\soch\smed)?|to|until)?\s?\(?
        (?:fort)?(?:laufend|heute|offen|unbefristet|auf\sweiteres|pågående|pågår|tills\svidare|löpande|idag|i\sdag|ongoing|today)\)?
        )\s*$",
    )
});

/// Programme periods of the structural funds, by their first and last years: Regulations (EC) 1260/1999 and 1083/2006, (EU)
/// 1303/2013 and 2021/1060.
const PROGRAMME_PERIODS: [(i16, i16); 4] = [(2000, 2006), (2007, 2013), (2014, 2020), (2021, 2027)];

/// Longer than this many years no operation runs: a programme period and the years in which it is closed.
const MAX_YEARS: i16 = 15;

fn month(word: &str) -> Option<i8> {
    i8::try_from(month_of(word)?).ok()
}

/// Years of two digits up to 69 are 20xx, others 19xx, as in lists.
fn full_year(year: i16) -> i16 {
    match year {
        0..70 => 2000 + year,
        70..100 => 1900 + year,
        _ => year,
    }
}

/// What was written of one date; the year of the first of two dates is often left to the second.
#[derive(Debug, Clone)]
struct Part {
    at: Range<usize>,
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    /// Whether day and month stand around a slash, with a year behind them.
    around_slash: bool,
}

/// The dates of a text. What has the form of one and is none, such as 04/6, is left out.
fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    // Two numbers around a slash: a month and a year of two digits, or a day and a month if the other date says so.
    let mut slashes: Vec<usize> = Vec::new();
    let mut start = 0;
    while let Some(found) = DATES.captures_at(text, start) {
        let Some(whole) = found.get(0) else { break };
        let get = |name: &str| found.name(name).map(|m| m.as_str());
        let num = |name: &str| get(name).and_then(|n| n.parse::<i16>().ok());
        let day = |name: &str| num(name).map(|n| n as i8);
        let named = |name: &str| get(name).and_then(month);
        let at = whole.range();
        let part = |year: Option<i16>, month: Option<i8>, day: Option<i8>| {
            Some(Part {
                at: at.clone(),
                year,
                month,
                day,
                around_slash: get("dslash").is_some(),
            })
        };
        // Of a word that is no month nothing is taken.
        let of_month = |year: Option<i16>, month: Option<i8>, day: Option<i8>| {
            month.and_then(|month| part(year, Some(month), day))
        };
        let read = if get("iso").is_some() {
            part(num("iy"), day("im"), day("id"))
        } else if get("compact").is_some() {
            part(num("cy"), day("cm"), day("cd"))
        } else if get("dmy").is_some() {
            part(num("dy").map(full_year), day("dm"), day("dd"))
        } else if get("mdy").is_some() {
            of_month(num("ey"), named("emon"), day("ed"))
        } else if get("dmony").is_some() {
            of_month(num("my"), named("mon"), day("md"))
        } else if get("mony").is_some() {
            of_month(num("oy"), named("omon"), None)
        } else if get("monly").is_some() {
            of_month(None, named("lmon"), day("ld"))
        } else if get("dslash").is_some() {
            part(num("xy"), day("xm"), day("xd"))
        } else if get("mslash").is_some() {
            part(num("sy"), day("sm"), None)
        } else if get("slash").is_some() {
            // Of "01/02/2021" nobody knows which of the first two is the month.
            let alone = !text[at.end..].starts_with('/') && !text[..at.start].ends_with('/');
            slashes.extend(alone.then_some(parts.len()));
            part(num("second"), day("second"), day("first")).filter(|_| alone)
        } else if get("ymonth").is_some() {
            part(num("ny"), day("nm"), None)
        } else if get("dmonly").is_some() {
            part(None, day("nmo"), day("nd"))
        } else if get("year").is_some() {
            part(num("yy"), None, None)
        } else {
            of_month(None, named("mo"), None)
        };
        // A word that is no month ("bis 2018") must not swallow the year behind it.
        start = match read {
            Some(_) => whole.end(),
            None => {
                at.start
                    + text[at.start..]
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
        parts.extend(read);
        if start >= text.len() {
            break;
        }
    }
    let with_days = parts.iter().any(|part| part.around_slash);
    for at in slashes.into_iter().rev() {
        let Some(part) = parts.get_mut(at) else {
            continue;
        };
        if with_days {
            part.year = None;
        } else if part.at.len() == "04/16".len() {
            (part.year, part.month, part.day) = (part.year.map(full_year), part.day, None);
        } else {
            parts.remove(at);
        }
    }
    parts
}

/// A text without the years of a programme period in brackets, if there are dates besides them.
fn without_programme(text: &str) -> String {
    let mut kept = text.to_owned();
    let bounds = IN_BRACKETS.captures_iter(text).filter_map(|found| {
        let year = |n: usize| found.get(n)?.as_str().parse::<i16>().ok();
        let is_programme = PROGRAMME_PERIODS.contains(&(year(1)?, year(2)?));
        let whole = found.get(0)?;
        is_programme.then(|| whole.range())
    });
    for range in bounds {
        kept.replace_range(range.clone(), &" ".repeat(range.len()));
    }
    if parts(&kept).is_empty() {
        text.to_owned()
    } else {
        kept
    }
}

/// The dates of a text, if no digit of it stands outside of them.
fn all_parts(text: &str) -> Option<Vec<Part>> {
    let parts = parts(text);
    let mut rest = text.to_owned();
    for part in &parts {
        rest.replace_range(part.at.clone(), &" ".repeat(part.at.len()));
    }
    let rest = BESIDE.replace_all(&rest, " ");
    (!rest.bytes().any(|byte| byte.is_ascii_digit())).then_some(parts)
}

/// Whether a text has the dates of a period, be it one that can be read or not.
pub(in super::super) fn is_dated(text: &str) -> bool {
    parts(text).len() >= 2 || period(text).is_some()
}

fn date_of(part: &Part, year: Option<i16>, last_day: bool) -> Option<PageDate> {
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
    match all_parts(text)?.as_slice() {
        [one] => date_of(one, None, last_day),
        _ => None,
    }
}

/// A period. Either end may be open ("seit 2015", "till 30 juni 2020", "01.04.2016 - laufend").
pub(in super::super) fn period(text: &str) -> Option<Period> {
    if SHORT_SPAN.is_match(text) {
        return short_span(text);
    }
    let text = without_programme(text);
    let closed = |start, end| Period {
        start,
        end,
        extended_from: None,
    };
    match all_parts(&text)?.as_slice() {
        [start, end] => span(start, end).map(|(start, end)| closed(Some(start), Some(end))),
        [start, end, later] if EXTENDED.is_match(text.get(end.at.end..later.at.start)?) => {
            let (first, before) = span(start, end)?;
            let (_, last) = span(start, later)?;
            (before.date < last.date).then_some(Period {
                extended_from: Some(before),
                ..closed(Some(first), Some(last))
            })
        }
        [one] => {
            let before = text.get(..one.at.start)?.to_lowercase();
            let word = |words: &[&str]| {
                before
                    .split(|c: char| !c.is_alphanumeric() && c != '.')
                    .any(|w| words.contains(&w))
            };
            let first = || date_of(one, None, false);
            let last = || date_of(one, None, true);
            let open = OPEN_END.is_match(text.get(one.at.end..)?);
            if open || word(&["seit", "ab", "sedan", "från", "fr.o.m."]) {
                Some(closed(Some(first()?), None))
            } else if word(&["bis", "till", "t.o.m."]) || matches!(before.trim(), "-" | "–" | "—")
            {
                Some(closed(None, Some(last()?)))
            } else if one.day.is_none() {
                Some(closed(Some(first()?), Some(last()?)))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// First and last day of two dates in their order.
fn span(start: &Part, end: &Part) -> Option<(PageDate, PageDate)> {
    let first = date_of(start, end.year, false)?;
    let last = date_of(end, None, true)?;
    (first.date <= last.date).then_some((first, last))
}

/// "210201-221231", where only one order of year, month and day makes it a time that an operation can take: most of six digits
/// have another reading, of some thirty years.
fn short_span(text: &str) -> Option<Period> {
    let found = SHORT_SPAN.captures(text)?;
    let number = |n: usize| found.get(n)?.as_str().parse::<i16>().ok();
    let day = |year: usize, month: usize, day: usize| {
        let year = full_year(number(year)?);
        let date = Date::new(year, number(month)? as i8, number(day)? as i8).ok()?;
        Some(PageDate {
            date,
            precision: Precision::Day,
        })
    };
    let fits = |start: Option<PageDate>, end: Option<PageDate>| {
        let (start, end) = (start?, end?);
        let years = end.date.year() - start.date.year();
        (start.date <= end.date && years <= MAX_YEARS).then_some(Period {
            start: Some(start),
            end: Some(end),
            extended_from: None,
        })
    };
    let year_first = fits(day(1, 2, 3), day(4, 5, 6));
    let day_first = fits(day(3, 2, 1), day(6, 5, 4));
    if year_first == day_first {
        year_first
    } else {
        year_first.xor(day_first)
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
        period(text).map(|period| (show(period.start), show(period.end)))
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
    #[test]
    fn a_period_uses_every_date_and_digit_or_is_none() {
        for text in [
            "1. Phase: 01.04.2016 - 31.12.2016, 2. Phase: 01.01.2017 - 31.12.2018",
            "2. Förderphase 2016-2018",
            "25.11.0204 - 31.12.2018",
            "01.04.1804 - 31.12.2018",
            "31.12.1899 - 31.12.2018",
            "2015/16",
            "2015/2016 - 2017/2018",
            "Q1 2016 - Q4 2018",
            "01/02/2021 - 12/03/2022",
            "seit 01/02/2021",
            "01.04.2016 - 31.12.2018 (Bescheid vom 12.03.2016)",
            "01.04.2016 - 31.12.2018 (2016-2017)",
            "01.04.2016 - 31.12.2018 (Verlängerung bis 30.06.2019 beantragt)",
            "01.04.2016 - 31.12.2018 (verlängert bis 30.06.2018)",
            "16/04 - 18/12",
            "1/2 - 3/4",
            "250000",
        ] {
            assert_eq!(ends(text), None, "{text}");
        }
        assert_eq!(date("25.11.0204", false), None);
        assert_eq!(date("3. Fassung, 01.04.2016", false), None);
    }

    #[test]
    fn what_stands_beside_a_period_is_no_part_of_it() {
        for text in [
            "01.04.2016 - 31.12.2018 (Förderperiode 2014-2020)",
            "01.04.2016 - 31.12.2018 (2014–2020)",
            "01.04.2016 - 31.12.2018 (33 Monate)",
            "2016-04-01 00:00:00 - 2018-12-31 00:00:00",
        ] {
            let both = ("2016-04-01 day".to_owned(), "2018-12-31 day".to_owned());
            assert_eq!(ends(text), Some(both), "{text}");
        }
        let years = ("2014-01-01 year".to_owned(), "2020-12-31 year".to_owned());
        assert_eq!(ends("(2014-2020)"), Some(years));
    }

    #[test]
    fn other_spellings() {
        for (text, start, end) in [
            (
                "April 1, 2016 to December 31, 2018",
                "2016-04-01 day",
                "2018-12-31 day",
            ),
            (
                "1st May 2016 – March 2018",
                "2016-05-01 day",
                "2018-03-31 month",
            ),
            ("1/2 2021 - 31/12 2022", "2021-02-01 day", "2022-12-31 day"),
            ("1/2 - 31/12 2022", "2022-02-01 day", "2022-12-31 day"),
            ("04/16 - 12/18", "2016-04-01 month", "2018-12-31 month"),
            ("210201-221231", "2021-02-01 day", "2022-12-31 day"),
            ("010416 - 311218", "2016-04-01 day", "2018-12-31 day"),
            ("20210201 - 20221231", "2021-02-01 day", "2022-12-31 day"),
        ] {
            let both = (start.to_owned(), end.to_owned());
            assert_eq!(ends(text), Some(both), "{text}");
        }
        // Either order of day, month and year makes it some two years.
        assert_eq!(ends("100110-111112"), None);
    }

    #[test]
    fn an_end_that_is_open_is_none() {
        for text in [
            "01.04.2016 - laufend",
            "01.04.2016 -",
            "01.04.2016 –",
            "01.04.2016 – pågående",
            "01.04.2016 bis auf Weiteres",
            "01.04.2016 (fortlaufend)",
            "seit 01.04.2016",
            "från 2016-04-01 tills vidare",
        ] {
            let open = ("2016-04-01 day".to_owned(), "-".to_owned());
            assert_eq!(ends(text), Some(open), "{text}");
        }
        let year = ("2016-01-01 year".to_owned(), "-".to_owned());
        assert_eq!(ends("2016 - laufend"), Some(year));
        let ended = ("-".to_owned(), "2018-12-31 year".to_owned());
        assert_eq!(ends("– 2018"), Some(ended));
        assert_eq!(ends("laufend"), None);
        assert_eq!(ends("01.04.2016"), None);
    }

    #[test]
    fn an_extension_gives_the_new_end_and_keeps_the_old_one() {
        for text in [
            "01.04.2016 - 31.12.2018 (verlängert bis 30.06.2019)",
            "01.04.2016 - 31.12.2018, förlängt till och med 30 juni 2019",
        ] {
            let both = ("2016-04-01 day".to_owned(), "2019-06-30 day".to_owned());
            assert_eq!(ends(text), Some(both), "{text}");
            let before = period(text).unwrap().extended_from.unwrap();
            assert_eq!(before.date.to_string(), "2018-12-31", "{text}");
        }
        let plain = period("01.04.2016 - 31.12.2018").unwrap();
        assert_eq!(plain.extended_from, None);
    }
}
