//! From a landing page to the address of its newest file.

use std::cmp::Ordering;

use bytes::Bytes;
use jiff::civil::Date;
use regex::{Captures, Regex};
use reqwest::Url;

use super::error::Cause;
use super::{mask, name, web};
use crate::page::{self, Links};
use crate::read::{ReadError, Readers};

/// The links of a page, which is taken apart in a process of its own where there are such.
///
/// Fails for a page that goes over the bounds of pages, or that its reader does not come to an end with.
pub(super) fn of_page(bytes: &[u8], readers: Option<&Readers>) -> Result<Links, ReadError> {
    let text = Bytes::from(name::text(bytes));
    match readers {
        Some(readers) => readers.links(&text),
        None => page::links(&text).map_err(|error| ReadError::Refused(error.to_string())),
    }
}

/// The address behind the newest link that fits. What the pattern's first group captured decides, as a date where all
/// of them are dates (also from groups named `year`, `month` and `day`), otherwise as text in which numbers count as
/// numbers. Without a group, and among equals, the first link of the page is taken. A link with a day that its month does
/// not have is passed over, and what it says is put among the `doubts`: nobody knows which day was meant.
///
/// Fails if no link fits, none of those has a day that exists, or the link leads to no safe web address.
pub(super) fn newest(
    page: &Url,
    links: &Links,
    pattern: &Regex,
    doubts: &mut Vec<String>,
) -> Result<Url, Cause> {
    let all = (links.all.iter())
        .filter_map(|link| Some((link.as_str(), stamp(&pattern.captures(link)?))));
    let (no_days, fitting): (Vec<_>, Vec<(&str, Option<String>)>) =
        all.partition(|(_, stamp)| stamp.as_deref().is_some_and(is_no_day));
    let mut stamps: Vec<String> = no_days.into_iter().filter_map(|(_, stamp)| stamp).collect();
    stamps.sort();
    stamps.dedup();
    if let (Some(stamp), true) = (stamps.first(), fitting.is_empty()) {
        return Err(Cause::NoDay {
            stamp: stamp.clone(),
        });
    }
    doubts.extend(stamps.iter().map(|stamp| {
        format!(
            "a link of {} is dated {stamp:?}, which is no day of the calendar, and is passed over",
            mask::masked(page)
        )
    }));
    let stamped: Vec<(&str, String)> = fitting
        .iter()
        .filter_map(|(link, stamp)| Some((*link, stamp.clone()?)))
        .collect();
    let chosen = latest(&stamped).or_else(|| fitting.first().map(|(link, _)| *link));
    let Some(link) = chosen else {
        return Err(Cause::NoLink {
            pattern: pattern.as_str().into(),
            links: links.all.len(),
        });
    };
    let base = links.base.as_ref().and_then(|base| page.join(base).ok());
    web::step(page, base.as_ref().unwrap_or(page), link)
}

/// What says how new a link is.
fn stamp(captures: &Captures<'_>) -> Option<String> {
    if let Some(year) = captures.name("year") {
        let part = |name: &str| captures.name(name).map_or("1", |part| part.as_str());
        return Some(format!(
            "{}-{}-{}",
            year.as_str(),
            part("month"),
            part("day")
        ));
    }
    let group = captures.iter().skip(1).flatten().next()?;
    Some(group.as_str().to_owned())
}

/// The link with the greatest stamp; of equal ones the first.
fn latest<'a>(stamped: &[(&'a str, String)]) -> Option<&'a str> {
    let dates: Option<Vec<Date>> = stamped.iter().map(|(_, stamp)| date(stamp)).collect();
    let at = if let Some(dates) = dates {
        first_greatest(&dates)
    } else {
        let keys: Vec<Vec<Piece>> = stamped.iter().map(|(_, stamp)| pieces(stamp)).collect();
        first_greatest(&keys)
    };
    stamped.get(at?).map(|(link, _)| *link)
}

fn first_greatest<T: Ord>(keys: &[T]) -> Option<usize> {
    let mut numbered = keys.iter().enumerate();
    let first = numbered.next()?;
    let best = numbered.fold(first, |best, next| match next.1.cmp(best.1) {
        Ordering::Greater => next,
        _ => best,
    });
    Some(best.0)
}

/// A date in the orders that publishers write: year first, or day and month first; a month alone is its first day.
fn date(text: &str) -> Option<Date> {
    let numbers: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let (year, month, day) = match numbers.as_slice() {
        [all] if all.len() == 8 => {
            let year_first = ymd(&all[..4], &all[4..6], &all[6..]);
            return year_first.or_else(|| ymd(&all[4..], &all[2..4], &all[..2]));
        }
        [year, month] if year.len() == 4 => (year, month, &"1"),
        [month, year] if year.len() == 4 => (year, month, &"1"),
        [year, month, day] if year.len() == 4 => (year, month, day),
        [day, month, year] if year.len() == 4 => (year, month, day),
        _ => return None,
    };
    ymd(year, month, day)
}

/// Whether it is written like a date, and its month does not have the day.
fn is_no_day(text: &str) -> bool {
    if date(text).is_some() {
        return false;
    }
    let numbers: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let is_past_the_end = |year: &str, month: &str, day: &str| {
        let day: Option<i8> = day.parse().ok();
        ymd(year, month, "1").is_some() && day.is_some_and(|day| (29..=31).contains(&day))
    };
    match numbers.as_slice() {
        [all] if all.len() == 8 => {
            is_past_the_end(&all[..4], &all[4..6], &all[6..])
                || is_past_the_end(&all[4..], &all[2..4], &all[..2])
        }
        [year, month, day] if year.len() == 4 => is_past_the_end(year, month, day),
        [day, month, year] if year.len() == 4 => is_past_the_end(year, month, day),
        _ => false,
    }
}

fn ymd(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = year.parse::<i16>().ok()?;
    if !(1900..2200).contains(&year) {
        return None;
    }
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
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

    fn chosen(pattern: &str, hrefs: &[&str]) -> String {
        let links: Vec<String> = hrefs
            .iter()
            .map(|href| format!("<li><a class=x href=\"{href}\">Liste</a>"))
            .collect();
        let html = format!(
            "<html><body><a href=\"/impressum\">x</a><ul>{}</ul></body></html>",
            links.concat()
        );
        let page = Url::parse("https://example.org/esf/listen.html").unwrap();
        let pattern = Regex::new(pattern).unwrap();
        let links = of_page(html.as_bytes(), None).unwrap();
        newest(&page, &links, &pattern, &mut Vec::new()).map_or_else(|e| e.to_string(), Into::into)
    }

    #[test]
    fn a_day_that_its_month_does_not_have_neither_wins_nor_hides_the_others() {
        let pattern = r"l_(.+)\.csv$";
        for no_day in ["31.02.2025", "2025-04-31", "20250230", "29022023"] {
            let link = format!("l_{no_day}.csv");
            let hrefs = ["l_28.02.2025.csv", link.as_str(), "l_01.03.2024.csv"];
            let expected = "https://example.org/esf/l_28.02.2025.csv";
            assert_eq!(chosen(pattern, &hrefs), expected, "{no_day}");
            let alone = chosen(pattern, &hrefs[1..2]);
            assert!(alone.contains("mend link in [fetch]"), "{alone}");
        }
        // Weeks and versions are no dates.
        let expected = "https://example.org/esf/l_2025-31.csv";
        assert_eq!(
            chosen(pattern, &["l_2025-31.csv", "l_2025-02.csv"]),
            expected
        );

        let page = Url::parse("https://example.org/esf/").unwrap();
        let html = b"<a href='l_31.02.2025.csv'>a</a><a href='l_01.02.2025.csv'>b</a>";
        let links = of_page(html, None).unwrap();
        let mut doubts = Vec::new();
        let pattern = Regex::new(pattern).unwrap();
        newest(&page, &links, &pattern, &mut doubts).unwrap();
        let told = "a link of https://example.org/esf/ is dated \"31.02.2025\", which is no day of the calendar";
        assert!(
            doubts.len() == 1 && doubts[0].starts_with(told),
            "{doubts:?}"
        );
    }

    #[test]
    fn dates_decide_in_whatever_order_they_are_written() {
        let hrefs = ["l_31.12.2022.csv", "l_01.03.2024.csv", "l_02.02.2023.csv"];
        let newest = "https://example.org/esf/l_01.03.2024.csv";
        assert_eq!(chosen(r"l_(\d\d\.\d\d\.\d{4})\.csv$", &hrefs), newest);
        let named = r"l_(?<day>\d\d)\.(?<month>\d\d)\.(?<year>\d{4})";
        assert_eq!(chosen(named, &hrefs), newest);
        assert_eq!(
            chosen(r"_(\d{8})", &["/a_20231105.xlsx", "/a_20240131.xlsx"]),
            "https://example.org/a_20240131.xlsx"
        );
        assert_eq!(
            chosen(r"_(\d\d-\d{4})", &["a_12-2022", "a_01-2023", "a_11-2022"]),
            "https://example.org/esf/a_01-2023"
        );
    }

    #[test]
    fn otherwise_numbers_in_the_text_do() {
        assert_eq!(
            chosen(r"v(\d+)\.csv", &["v9.csv", "v10.csv", "v2.csv"]),
            "https://example.org/esf/v10.csv"
        );
        assert_eq!(
            chosen(
                r"stand-(.+)\.csv",
                &["stand-2023-q4b.csv", "stand-2024-q1.csv"]
            ),
            "https://example.org/esf/stand-2024-q1.csv"
        );
    }

    #[test]
    fn without_a_group_the_first_link_is_taken() {
        assert_eq!(
            chosen(r"\.csv$", &["b.pdf", "b.csv", "a.csv"]),
            "https://example.org/esf/b.csv"
        );
    }

    #[test]
    fn links_are_resolved_and_never_lead_astray() {
        let page = Url::parse("https://example.org/esf/").unwrap();
        let links = of_page(b"<base href='/neu/'><a href='a.csv?x=1&amp;y=2'>", None).unwrap();
        let any = Regex::new("").unwrap();
        assert_eq!(
            newest(&page, &links, &any, &mut Vec::new())
                .unwrap()
                .as_str(),
            "https://example.org/neu/a.csv?x=1&y=2"
        );
        for (href, part) in [
            ("http://example.org/a.csv", "what begins with https"),
            ("file:///etc/passwd", "no web address"),
            ("https://", "no web address"),
        ] {
            let message = chosen(&format!("^{}", regex::escape(href)), &[href]);
            assert!(message.contains(part), "{message}");
        }
        let message = chosen("nothing", &["a.csv"]);
        assert!(message.contains("none of the 2 links"), "{message}");
    }
}
