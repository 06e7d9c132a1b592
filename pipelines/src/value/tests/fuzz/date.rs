//! Dates and periods against the calendar of jiff and the numbers that stand in the cell: all of them are used, and none
//! but a time of day is left out.

use std::sync::LazyLock;

use jiff::civil::{Date, date as day};
use regex::Regex;

use super::*;

/// Every spelling.
const PATTERNS: [&str; 21] = [
    "dd.mm.yyyy",
    "dd.mm.yy",
    "dd-mm-yyyy",
    "dd/mm/yyyy",
    "dd/mm/yy",
    "mm/dd/yyyy",
    "mm/dd/yy",
    "yyyy-mm-dd",
    "yyyy/mm/dd",
    "yyyymmdd",
    "dd-mon-yy",
    "dd-mon-yyyy",
    "d month yyyy",
    "month d yyyy",
    "mm/yyyy",
    "mm.yyyy",
    "yyyy-mm",
    "month yyyy",
    "mon-yy",
    "yyyy",
    "excel",
];

/// What may follow the numbers of a date: a time of day.
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[\s.,/T\-\u{2010}\u{2011}]*\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?\s*(?:AM|PM)?\s*(?:Z|[+-]\d{2}(?::?\d{2})?)?)?\s*$")
        .expect("an expression")
});
/// The same of a serial, which may have the time as a fraction.
static FRACTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*\.\s*\d+").expect("an expression"));
static ISO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\d{4}(?:\s*[-\u{2010}\u{2011}]\s*\d{1,2}){2}").expect("an expression")
});

#[test]
fn fuzz_date() {
    Target {
        name: "date",
        runs: 2_000,
        words: &[
            "17.03.2016",
            "2016-03-17",
            "01/02/2016",
            "1/2/16",
            "20160317",
            "42446",
            "42446.5",
            "2016",
            "03/2016",
            "2016-03",
            "Mrz-16",
            "17-mar-2016",
            "17. März 2016",
            "March 17, 2016",
            "februari",
            " 00:00",
            "T10:00:00.000Z",
            " 12:30 PM",
            "+01:00",
            " - ",
            " – ",
            "–",
            " bis ",
            " till ",
            "vom ",
            "fr.o.m. ",
            " t.o.m. ",
            "29.02.2015",
            "31.04.",
            "00",
            "9999",
            "0001",
            ".0",
            "\n",
        ],
        check,
    }
    .run();
}

fn check(input: &[u8]) -> Checked {
    let cells = cells(input);
    for cell in &cells {
        for pattern in PATTERNS {
            spelled(cell, pattern)?;
        }
        period(cell)?;
    }
    inferred(&cells)
}

fn only(pattern: &str) -> DateConvention {
    DateConvention::from_patterns(&[pattern]).expect("a pattern")
}

fn calendar_day(days: i32) -> Option<Date> {
    let span = jiff::Span::new().try_days(days).ok()?;
    day(1970, 1, 1).checked_add(span).ok()
}

/// A cell that is read by one spelling.
fn spelled(cell: &str, pattern: &str) -> Checked {
    let convention = only(pattern);
    let (first, last) = (
        parse_date(cell, convention),
        parse_date_end(cell, convention),
    );
    let (Ok(Some(first)), Ok(Some(last))) = (first, last) else {
        prop_assert_eq!(first.is_ok(), last.is_ok(), "{:?} as {}", cell, pattern);
        return Ok(());
    };
    let Some(date) = calendar_day(first.days) else {
        prop_assert!(false, "{cell:?} as {pattern} is day {}", first.days);
        return Ok(());
    };
    prop_assert!(date.year() >= 1, "{cell:?} is {date}");
    prop_assert_eq!(
        first.implausible,
        !(1950..=2100).contains(&date.year()),
        "{:?}",
        cell
    );
    edges(cell, pattern, first, last)?;

    let mut expected = numbers_of(pattern, date);
    if pattern == "excel" {
        expected = vec![i64::from(first.days) + 25_569];
    }
    let runs = runs(cell);
    let read: Vec<Option<i64>> = runs.iter().map(|(run, _)| run.parse().ok()).collect();
    let used = read.get(..expected.len()).unwrap_or(&read);
    let wanted: Vec<Option<i64>> = expected.iter().copied().map(Some).collect();
    prop_assert_eq!(used, &wanted[..], "{:?} as {} is {}", cell, pattern, date);
    let mut rest = &cell[runs[expected.len() - 1].1..];
    if pattern == "excel"
        && !TIME.is_match(rest)
        && let Some(fraction) = FRACTION.find(rest)
    {
        rest = &rest[fraction.end()..];
    }
    prop_assert!(
        TIME.is_match(rest),
        "{cell:?} as {pattern} is {date} without {rest:?}"
    );
    again(first, date, pattern)
}

/// A day is itself; a month or year goes from its first to its last day.
fn edges(cell: &str, pattern: &str, first: DateValue, last: DateValue) -> Checked {
    let precision = match pattern {
        "yyyy" => Precision::Year,
        "mm/yyyy" | "mm.yyyy" | "yyyy-mm" | "month yyyy" | "mon-yy" => Precision::Month,
        _ => Precision::Day,
    };
    prop_assert_eq!(
        (first.precision, last.precision),
        (precision, precision),
        "{:?} as {}",
        cell,
        pattern
    );
    let days = match precision {
        Precision::Day => 0..=0,
        Precision::Month => 27..=30,
        Precision::Year => 364..=365,
    };
    prop_assert!(
        days.contains(&(last.days - first.days)),
        "{cell:?} goes from {first:?} to {last:?}"
    );
    let next = calendar_day(last.days + 1);
    let begins = next.is_none_or(|next| match precision {
        Precision::Day => true,
        Precision::Month => next.day() == 1,
        Precision::Year => next.day() == 1 && next.month() == 1,
    });
    prop_assert!(begins, "{cell:?} ends with {last:?}");
    Ok(())
}

/// The numbers that a date is spelled with, in the order of the pattern.
fn numbers_of(pattern: &str, date: Date) -> Vec<i64> {
    let (year, month, day) = (
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    );
    if pattern == "yyyymmdd" {
        return vec![year * 10_000 + month * 100 + day];
    }
    let parts = pattern.split(|c: char| !c.is_ascii_alphabetic());
    parts
        .filter_map(|part| match part {
            "yyyy" => Some(year),
            "yy" => Some(year % 100),
            "mm" => Some(month),
            "dd" | "d" => Some(day),
            _ => None,
        })
        .collect()
}

/// Written in the same spelling, in three languages, it is read as the same date; two digits of a year are those of
/// 1970 to 2069.
fn again(first: DateValue, date: Date, pattern: &str) -> Checked {
    if pattern == "excel" {
        return Ok(());
    }
    let short = pattern.contains("yy") && !pattern.contains("yyyy");
    prop_assert!(!short || (1970..2070).contains(&date.year()), "{date}");
    for language in 0..3 {
        let text = write_date(date, pattern, language);
        let read = parse_date(&text, only(pattern));
        prop_assert_eq!(read, Ok(Some(first)), "{:?} as {}", text, pattern);
    }
    Ok(())
}

/// A period has as many ends as days stand in its cell, and a cell that is a date is one as a period too.
fn period(cell: &str) -> Checked {
    if let Ok(Some(read)) = parse_period(cell, DateConvention::ISO) {
        let there = ISO.find_iter(cell).count();
        let ends = 1 + usize::from(read.end.is_some());
        prop_assert_eq!(there, ends, "{:?} is {:?}", cell, read);
        let dates = period_dates(cell).count();
        prop_assert_eq!(dates, ends, "{:?} is {:?}", cell, read);
    }
    if let Ok(Some(date)) = parse_date(cell, DateConvention::ISO) {
        let start = parse_period(cell, DateConvention::ISO).map(|read| read.map(|p| p.start));
        prop_assert_eq!(start, Ok(Some(date)), "{:?}", cell);
    }
    Ok(())
}

/// Certain spellings read every readable cell in one way only; of two orders of day and month neither is chosen.
fn inferred(cells: &[String]) -> Checked {
    let inferred = infer_dates(cells.iter().map(String::as_str));
    let read = |convention: DateConvention| -> Vec<Option<DateValue>> {
        let dates = cells.iter().map(|cell| parse_date(cell, convention));
        dates.map(|date| date.ok().flatten()).collect()
    };
    let count = |dates: &[Option<DateValue>]| dates.iter().flatten().count();
    match inferred.outcome {
        Inference::Certain(certain) => {
            let dates = read(certain);
            prop_assert_eq!(
                count(&dates),
                inferred.readable,
                "{} of {:?}",
                certain,
                cells
            );
            let other = read(swapped(certain)?);
            if count(&other) == inferred.readable {
                prop_assert_eq!(other, dates, "{} of {:?}", certain, cells);
            }
        }
        Inference::Ambiguous(left) => {
            let [one, other] = &left[..] else {
                prop_assert!(false, "{left:?}");
                return Ok(());
            };
            let (one, other) = (read(*one), read(*other));
            prop_assert_eq!(count(&one), inferred.readable);
            prop_assert_eq!(count(&other), inferred.readable);
            prop_assert!(one != other, "{left:?} read {cells:?} alike");
        }
        Inference::None { index, text } => prop_assert_eq!(cells[index].trim(), text),
        Inference::Empty => prop_assert_eq!(inferred.readable, 0),
    }
    Ok(())
}

/// The same spellings with day and month the other way round, where slashes stand between them.
fn swapped(convention: DateConvention) -> Result<DateConvention, TestCaseError> {
    let patterns = convention.patterns().into_iter();
    let swapped: Vec<&str> = patterns
        .map(|pattern| match pattern {
            "dd/mm/yyyy" => "mm/dd/yyyy",
            "dd/mm/yy" => "mm/dd/yy",
            "mm/dd/yyyy" => "dd/mm/yyyy",
            "mm/dd/yy" => "dd/mm/yy",
            other => other,
        })
        .collect();
    Ok(DateConvention::from_patterns(&swapped)?)
}
