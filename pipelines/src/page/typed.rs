//! Published spellings to typed values: money with the precision it was given in, dates and periods with theirs,
//! rates, counts. A page is one small file, so its convention is that of its language: German 1.234,56 and Swedish
//! 1 234,56. A spelling that does not fit is none: the caller makes a finding of it, nothing is guessed.
//!
//! This file is the page reader's only door to value parsing.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

/// How exactly a date was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Precision {
    /// The name it has in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// A published date: the first or last day of what was published, and how exactly that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageDate {
    /// The day.
    pub date: Date,
    /// The precision.
    pub precision: Precision,
}

/// A published amount of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Money {
    /// Hundredths of the currency unit.
    pub(super) cents: i128,
    /// The currency, if it stands there.
    pub(super) currency: Option<&'static str>,
    /// Half of the last published digit, in hundredths, if the number was rounded to more than whole units.
    pub(super) precision: Option<i128>,
}

#[expect(
    clippy::expect_used,
    reason = "the expressions are constants of this file, each compiled by its tests"
)]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("constant expression")
}

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?ix)^\s*(?:ca\.?|circa|rund|etwa|knapp|gut|über|insgesamt|bis\ zu|drygt|omkring|cirka|totalt|ungefär|närmare)?\s*
        (?P<before>€|EUR|SEK|Euro)?\s*
        (?P<number>[0-9][0-9\ .,'’]*)\s*
        (?P<scale>Mio\.?|Millionen|Million|Mrd\.?|Milliarden|Milliarde|Tsd\.?|Tausend|T(?:€|EUR)|TEUR|Tkr|mnkr|Mkr|mdkr|
            miljoner|miljon|miljarder|miljard|tusen)?\s*
        (?P<after>€|EUR|Euro|SEK|kronor|kr\.?|svenska\ kronor|:-)?
        (?:\s*\((?P<paren>SEK|EUR|kr|kronor|Euro)\))?[\s.]*$",
    )
});

/// Reads an amount: `4,3 Mio. Euro`, `250 000 kr`, `3.525.000 Euro`, `€ 1570.00`, `rund 2 Millionen Euro`.
pub(super) fn money(text: &str) -> Option<Money> {
    let found = MONEY.captures(text)?;
    let (unscaled, decimals) = number(found.name("number")?.as_str())?;
    let scale_word = found
        .name("scale")
        .map_or(String::new(), |m| m.as_str().to_lowercase());
    let word = scale_word.trim_end_matches('.');
    let exponent: u32 = match word {
        "" => 0,
        "tsd" | "tausend" | "t€" | "teur" | "tkr" | "tusen" => 3,
        "mrd" | "milliarden" | "milliarde" | "mdkr" | "miljarder" | "miljard" => 9,
        _ => 6,
    };
    let currency_word = ["before", "after", "paren"]
        .iter()
        .find_map(|group| found.name(group))
        .map(|m| m.as_str().to_lowercase());
    let currency = match currency_word
        .as_deref()
        .map(|word| word.trim_end_matches('.'))
    {
        Some("€" | "eur" | "euro") => Some("EUR"),
        Some(_) => Some("SEK"),
        None if matches!(word, "tkr" | "mnkr" | "mkr" | "mdkr") => Some("SEK"),
        None if matches!(word, "teur" | "t€") => Some("EUR"),
        None => None,
    };
    // Cents = unscaled * 10^(2 + exponent - decimals); what does not come out whole has more digits than money has.
    let power = 2 + exponent as i32 - decimals as i32;
    let factor = 10_i128.checked_pow(power.unsigned_abs())?;
    let cents = if power >= 0 {
        unscaled.checked_mul(factor)?
    } else if unscaled % factor == 0 {
        unscaled / factor
    } else {
        return None;
    };
    let precision = (exponent > 0 && power > 0)
        .then_some(factor / 2)
        .filter(|half| *half >= 100);
    Some(Money {
        cents,
        currency,
        precision,
    })
}

/// A number as `digits` without its decimal mark, and how many of them are decimals. One separator with exactly three
/// digits behind it is a thousands mark if it is a dot or blank, and ambiguous (none) if it is a comma.
fn number(text: &str) -> Option<(i128, u32)> {
    let text = text.trim().trim_end_matches(['.', ',']).trim();
    let marks: Vec<(usize, char)> = text
        .char_indices()
        .filter(|(_, c)| !c.is_ascii_digit())
        .collect();
    let last = marks.last().copied();
    let decimal = match last {
        None => None,
        Some((at, c)) if matches!(c, '.' | ',') => {
            let behind = text.len() - at - 1;
            let same = marks.iter().filter(|(_, other)| *other == c).count();
            let others = marks.len() > same;
            match (c, behind, same) {
                (',', 3, 1) if !others => return None,
                (_, 3, 2..) => None,
                ('.', 3, 1) if !others => None,
                (_, _, 1) => Some(at),
                _ => return None,
            }
        }
        Some(_) => None,
    };
    let whole = &text[..decimal.unwrap_or(text.len())];
    let groups: Vec<&str> = whole.split([' ', '.', ',', '\'', '’']).collect();
    let grouped = groups.len() > 1;
    let fits = groups[0].len() <= 3
        && !groups[0].is_empty()
        && groups[1..].iter().all(|group| group.len() == 3);
    if grouped && !fits {
        return None;
    }
    let decimals = decimal.map_or("", |at| &text[at + 1..]);
    if decimal.is_some() && (decimals.is_empty() || !decimals.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let digits: String = groups.concat() + decimals;
    Some((digits.parse().ok()?, decimals.len() as u32))
}

/// A whole count: `260`, `1 200`, `1.200`, and the small numbers that are written as words.
pub(super) fn count(text: &str) -> Option<i64> {
    const WORDS: &[(&str, i64)] = &[
        ("zwei", 2),
        ("drei", 3),
        ("vier", 4),
        ("fünf", 5),
        ("sechs", 6),
        ("sieben", 7),
        ("acht", 8),
        ("neun", 9),
        ("zehn", 10),
        ("elf", 11),
        ("zwölf", 12),
        ("zwanzig", 20),
        ("dreißig", 30),
        ("vierzig", 40),
        ("fünfzig", 50),
        ("hundert", 100),
        ("två", 2),
        ("tre", 3),
        ("fyra", 4),
        ("fem", 5),
        ("sex", 6),
        ("sju", 7),
        ("åtta", 8),
        ("nio", 9),
        ("tio", 10),
        ("tolv", 12),
        ("tjugo", 20),
        ("trettio", 30),
        ("femtio", 50),
        ("hundra", 100),
    ];
    let text = text.trim();
    if let Some((_, n)) = WORDS
        .iter()
        .find(|(word, _)| text.eq_ignore_ascii_case(word))
    {
        return Some(*n);
    }
    let digits: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, ' ' | '.'))
        .collect();
    match number(&digits)? {
        (n, 0) => i64::try_from(n).ok(),
        _ => None,
    }
}

/// A rate in millionths: `50%`, `49,92 %`, `0,5`.
pub(super) fn rate(text: &str) -> Option<i64> {
    let percent = text.contains('%')
        || text.to_lowercase().contains("procent")
        || text.to_lowercase().contains("prozent");
    let digits: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | ','))
        .collect();
    let (unscaled, decimals) = number(&digits)?;
    let per = if percent || (unscaled > 1 && decimals == 0) {
        10_000_i128
    } else {
        1_000_000
    };
    let millionths = unscaled.checked_mul(per)? / 10_i128.checked_pow(decimals)?;
    i64::try_from(millionths)
        .ok()
        .filter(|rate| (0..=1_000_000).contains(rate))
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
pub(super) fn date(text: &str, last_day: bool) -> Option<PageDate> {
    match parts(text).as_slice() {
        [one] => date_of(*one, None, last_day),
        _ => None,
    }
}

/// A period. Either end may be open ("seit 2015", "till 30 juni 2020").
pub(super) fn period(text: &str) -> Option<(Option<PageDate>, Option<PageDate>)> {
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

    fn cents(text: &str) -> Option<(i128, Option<&'static str>, Option<i128>)> {
        money(text).map(|m| (m.cents, m.currency, m.precision))
    }

    #[test]
    fn money_spellings() {
        assert_eq!(
            cents("4,3 Mio. Euro"),
            Some((430_000_000, Some("EUR"), Some(5_000_000)))
        );
        assert_eq!(
            cents("1,2 Millionen Euro"),
            Some((120_000_000, Some("EUR"), Some(5_000_000)))
        );
        assert_eq!(
            cents("13,5 miljoner kronor"),
            Some((1_350_000_000, Some("SEK"), Some(5_000_000)))
        );
        assert_eq!(cents("250 000 kr"), Some((25_000_000, Some("SEK"), None)));
        assert_eq!(
            cents("3.525.000 Euro"),
            Some((352_500_000, Some("EUR"), None))
        );
        assert_eq!(cents("22 399 883"), Some((2_239_988_300, None, None)));
        assert_eq!(cents("€ 1570.00"), Some((157_000, Some("EUR"), None)));
        assert_eq!(cents("91.100,16 €"), Some((9_110_016, Some("EUR"), None)));
        assert_eq!(cents("172.306 €"), Some((17_230_600, Some("EUR"), None)));
        assert_eq!(
            cents("850 tkr"),
            Some((85_000_000, Some("SEK"), Some(50_000)))
        );
        assert_eq!(
            cents("1 250 000 (SEK)"),
            Some((125_000_000, Some("SEK"), None))
        );
        assert_eq!(cents("1,234 Euro"), None);
        assert_eq!(cents("12 34 Euro"), None);
        assert_eq!(cents("Euro"), None);
    }

    fn ends(text: &str) -> Option<(String, String)> {
        let show = |date: Option<PageDate>| {
            date.map_or("-".into(), |d| format!("{} {}", d.date, d.precision.name()))
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

    #[test]
    fn rates_and_counts() {
        assert_eq!(rate("50%"), Some(500_000));
        assert_eq!(rate("49,92 %"), Some(499_200));
        assert_eq!(rate("0,5"), Some(500_000));
        assert_eq!(rate("150 %"), None);
        assert_eq!(count("1.200"), Some(1200));
        assert_eq!(count("zwölf"), Some(12));
    }
}
