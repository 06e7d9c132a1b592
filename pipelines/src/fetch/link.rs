//! From a landing page to the address of its newest file.

use bytes::Bytes;
use jiff::civil::Date;
use regex::Regex;
use reqwest::Url;

use super::error::Cause;
use super::stamp::{self, Doubt, Newest, Stamp};
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

/// The address behind the newest link that fits, by its stamp ([`Stamp`]). Without stamps, and among equals, the first link of
/// the page is taken. A link with a day that its month does not have, or with one after `latest`, is passed over. What is
/// doubtful about the stamps is put among the `doubts`.
///
/// Fails if no link fits, all of those are passed over, or the link leads to no safe web address.
pub(super) fn newest(
    page: &Url,
    links: &Links,
    pattern: &Regex,
    latest: Option<Date>,
    doubts: &mut Vec<String>,
) -> Result<Url, Cause> {
    let fitting: Vec<(&str, Option<Stamp>)> = (links.all.iter())
        .filter_map(|link| Some((link.as_str(), Stamp::of(&pattern.captures(link)?))))
        .collect();
    let (links_of, stamps): (Vec<&str>, Vec<&Stamp>) = (fitting.iter())
        .filter_map(|(link, stamp)| Some((*link, stamp.as_ref()?)))
        .unzip();
    let newest = stamp::newest(&stamps, latest);
    let unstamped = fitting.iter().find(|(_, stamp)| stamp.is_none());
    let chosen = (newest.at.and_then(|at| links_of.get(at).copied()))
        .or_else(|| unstamped.map(|(link, _)| *link));
    let Some(link) = chosen else {
        return Err(none_chosen(links, pattern, newest));
    };
    doubts.extend(doubts_of(&newest, &stamps, &mask::masked(page)));
    let base = links.base.as_ref().and_then(|base| page.join(base).ok());
    web::step(page, base.as_ref().unwrap_or(page), link)
}

/// What is doubtful about how new the links of a page are.
fn doubts_of(newest: &Newest, stamps: &[&Stamp], page: &str) -> Vec<String> {
    let no_days = newest.no_days.iter().map(|stamp| {
        format!(
            "a link of {page} is dated {stamp:?}, which is no day of the calendar, and is passed over"
        )
    });
    let too_late = newest.too_late.iter().map(|stamp| {
        format!(
            "a link of {page} is dated {stamp:?}, which is later than tomorrow, and is passed over"
        )
    });
    let taken = newest.at.and_then(|at| stamps.get(at));
    let taken = taken.map_or("", |stamp| stamp.text());
    let order = newest.doubt.map(|doubt| match doubt {
        Doubt::NotDates => format!(
            "what says how new the links of {page} are is not a date in each of them, so it is compared as text; {taken:?} is taken"
        ),
        Doubt::Ambiguous => format!(
            "the links of {page} can be dated in more than one way, which differ in the newest; {taken:?} is taken, the first of \
             these on the page"
        ),
    });
    no_days.chain(too_late).chain(order).collect()
}

/// Why no link is taken.
fn none_chosen(links: &Links, pattern: &Regex, newest: Newest) -> Cause {
    let no_day = newest.no_days.into_iter().next();
    let too_late = newest.too_late.into_iter().next();
    match (no_day, too_late) {
        (Some(stamp), _) => Cause::NoDay { stamp },
        (None, Some(stamp)) => Cause::TooLate { stamp },
        (None, None) => Cause::NoLink {
            pattern: pattern.as_str().into(),
            links: links.all.len(),
        },
    }
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
        newest(&page, &links, &pattern, None, &mut Vec::new())
            .map_or_else(|e| e.to_string(), Into::into)
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
        newest(&page, &links, &pattern, None, &mut doubts).unwrap();
        let told = "a link of https://example.org/esf/ is dated \"31.02.2025\", which is no day of the calendar";
        assert!(
            doubts.len() == 1 && doubts[0].starts_with(told),
            "{doubts:?}"
        );
    }

    fn doubts(pattern: &str, hrefs: &[&str], latest: Option<Date>) -> Vec<String> {
        let page = Url::parse("https://user:secret@example.org/esf/").unwrap();
        let links = Links {
            all: hrefs.iter().map(|href| (*href).to_owned()).collect(),
            base: None,
        };
        let mut doubts = Vec::new();
        let pattern = Regex::new(pattern).unwrap();
        newest(&page, &links, &pattern, latest, &mut doubts).unwrap();
        doubts
    }

    #[test]
    fn what_is_doubtful_about_the_order_of_links_is_told() {
        let latest = Some(jiff::civil::date(2026, 11, 28));
        let hrefs = ["l_2025-01-01.csv", "l_2099-01-01.csv"];
        let told = doubts(r"l_(.+)\.csv$", &hrefs, latest);
        assert_eq!(told.len(), 1, "{told:?}");
        let late = " is dated \"2099-01-01\", which is later than tomorrow, and is passed over";
        assert!(told[0].ends_with(late), "{told:?}");
        assert!(!told[0].contains("secret"), "{told:?}");

        let told = doubts(r"l_(.+)\.csv$", &["l_2025-w1.csv", "l_2025-w2.csv"], latest);
        let as_text = "not a date in each of them, so it is compared as text; \"2025-w2\" is taken";
        assert!(told.len() == 1 && told[0].ends_with(as_text), "{told:?}");

        let told = doubts(
            r"l_(.+)\.csv$",
            &["l_01.02.03.csv", "l_03.02.01.csv"],
            latest,
        );
        let either = "; \"01.02.03\" is taken, the first of these on the page";
        assert!(told.len() == 1 && told[0].ends_with(either), "{told:?}");

        let hrefs = ["l_31.12.24.csv", "l_01.03.25.csv", "l_01.03.25.csv"];
        assert!(doubts(r"l_(.+)\.csv$", &hrefs, latest).is_empty());
        assert!(doubts(r"v(\d+)\.csv$", &["v9.csv", "v10.csv"], latest).is_empty());
        assert!(doubts(r"\.csv$", &["b.csv", "a.csv"], latest).is_empty());
    }

    #[test]
    fn links_that_are_all_dated_in_the_future_are_an_error() {
        let page = Url::parse("https://example.org/esf/").unwrap();
        let links = of_page(b"<a href='l_2099.csv'>", None).unwrap();
        let pattern = Regex::new(r"l_(\d+)\.csv$").unwrap();
        let latest = Some(jiff::civil::date(2026, 11, 28));
        let error = newest(&page, &links, &pattern, latest, &mut Vec::new()).unwrap_err();
        let message = error.to_string();
        let told = "is dated later than tomorrow, such as \"2099\"";
        assert!(message.contains(told), "{message}");
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
            newest(&page, &links, &any, None, &mut Vec::new())
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
