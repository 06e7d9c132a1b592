//! Pages: every value has a place in the file and letters of the page, nobody's address comes out, and how lines end
//! changes nothing.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;

use super::super::text::{MAX_SHOWN_BYTES, folded};
use super::super::{Certainty, PageAmount, PageError, PageKind, PageOperation, PageReading, Place};
use super::try_read;
use crate::fuzz::{Checked, Target};

/// What is left of an address that was not taken out.
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{L}\d]@[\p{L}\d]").expect("an expression"));

/// Fields that take their text from the page as it stands there; names of funders and places may be written out.
const AS_PUBLISHED: [&str; 14] = [
    "natural_id",
    "title",
    "summary",
    "beneficiary_name",
    "duration",
    "start_date",
    "end_date",
    "granted",
    "total_budget",
    "total_cost",
    "total_eligible",
    "eu",
    "paid",
    "cofinancing",
];

/// Words that a unit in the label adds to an amount.
const UNITS: [&str; 5] = ["tkr", "mnkr", "teur", "mio", "euro"];

#[test]
fn fuzz_page() {
    Target {
        name: "page",
        runs: 150,
        words: &[
            "<div>",
            "</div>",
            "<p>",
            "<br>",
            "<li>",
            "<table><tr><td>",
            "</td><td>",
            "<td rowspan=2>",
            "<td rowspan=0 colspan=3>",
            "<tr><th>Projekttitel<th>Träger<th>Fördersumme<tr>",
            "</table>",
            "<dl><dt>",
            "<dd>",
            "<h1>",
            "<b>",
            "<!--",
            "-->",
            "<script>",
            "</script>",
            "<title>",
            "&nbsp;",
            "&auml;",
            "&#8211;",
            "<div title='>'",
            "\u{FEFF}",
            "\u{FFFD}",
            "\0",
            "\u{AD}",
            "\u{A0}",
            "\t",
            "   ",
            ": ",
            "\n\n",
            "Träger: ",
            "Laufzeit: ",
            "Projektperiod: ",
            "Diarienummer: ",
            "Fördersumme: ",
            "Beviljat ESF-stöd: ",
            "Unionens medfinansieringsgrad: ",
            "Kontaktperson: ",
            "x.y@example.org",
            "Tel. 0123/456789",
            "01.02.2017 - 31.01.2020",
            "07/2016 – 06/2018",
            "4,3 Mio. Euro",
            "7 250 000 kr",
            "50 %",
            "9999999999999999999999999999999999",
            "{\"@type\": \"Project\"}",
        ],
        check,
    }
    .run();
}

fn check(bytes: &[u8]) -> Checked {
    match try_read(bytes) {
        Ok(reading) => {
            sound(&reading, bytes)?;
            for operation in reading.operations() {
                described(operation)?;
            }
            with_other_line_ends(&reading, bytes)
        }
        Err(PageError::Binary { byte }) => {
            prop_assert_eq!(bytes.get(byte as usize), Some(&0));
            Ok(())
        }
        Err(PageError::Encoding { byte, .. }) => {
            prop_assert!(byte as usize <= bytes.len());
            Ok(())
        }
        Err(_) => Ok(()),
    }
}

/// What holds of every page.
fn sound(reading: &PageReading, bytes: &[u8]) -> Checked {
    prop_assert_eq!(
        reading.kind == PageKind::Nothing,
        reading.records.is_empty()
    );
    let shown: usize = reading.blocks.iter().map(|block| block.text.len()).sum();
    prop_assert!(shown <= MAX_SHOWN_BYTES);
    for block in &reading.blocks {
        located(&block.place, bytes)?;
        prop_assert!(!ADDRESS.is_match(&block.text), "{:?}", block);
    }
    for finding in &reading.findings {
        // A doubt about the page as a whole has no place.
        if finding.place != Place::default() {
            located(&finding.place, bytes)?;
        }
    }
    let letters: String = reading
        .blocks
        .iter()
        .map(|block| folded(&block.text).replace(' ', ""))
        .collect();
    let values = reading.records.iter().flat_map(|record| &record.values);
    for value in values {
        located(&value.place, bytes)?;
        prop_assert!(!ADDRESS.is_match(&value.text), "{:?}", value);
        let published = AS_PUBLISHED.contains(&value.field.as_str());
        if published && value.certainty == Certainty::Stated {
            let folded = folded(&value.text);
            for word in folded.split(' ').filter(|word| !UNITS.contains(word)) {
                prop_assert!(letters.contains(word), "{word:?} of {value:?} is not there");
            }
        }
    }
    Ok(())
}

/// A place lies in the file, and its line is the line of its byte.
fn located(place: &Place, bytes: &[u8]) -> Checked {
    let at = place.byte as usize;
    prop_assert!(place.line >= 1, "{:?} is nowhere", place);
    prop_assert!(at <= bytes.len(), "{:?} of {} bytes", place, bytes.len());
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(());
    };
    prop_assert!(text.is_char_boundary(at), "{place:?} is within a letter");
    let lines = text[..at]
        .replace("\r\n", "\n")
        .matches(['\n', '\r'])
        .count();
    prop_assert_eq!(place.line as usize, lines + 1, "{:?}", place);
    Ok(())
}

/// What holds of every operation.
fn described(operation: &PageOperation) -> Checked {
    for amount in &operation.amounts {
        written(amount)?;
    }
    for target in &operation.targets {
        prop_assert!(target.value >= 0, "{:?}", target);
    }
    if let Some(rate) = operation.union_rate_millionths {
        prop_assert!((0..=1_000_000).contains(&rate), "{rate}");
    }
    for date in operation.start.iter().chain(&operation.end) {
        prop_assert!((1900..2100).contains(&date.date.year()), "{date:?}");
    }
    Ok(())
}

/// The digits of an amount are those that stand there, and as many as money has.
fn written(amount: &PageAmount) -> Checked {
    prop_assert!(
        (0..1_000_000_000_000_000_000).contains(&amount.cents),
        "{amount:?}"
    );
    let digits = |text: &str| -> String {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.trim_matches('0').to_owned()
    };
    prop_assert_eq!(
        digits(&amount.cents.to_string()),
        digits(&amount.text),
        "{:?}",
        amount
    );
    Ok(())
}

/// A page whose lines end otherwise says the same.
fn with_other_line_ends(reading: &PageReading, bytes: &[u8]) -> Checked {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(());
    };
    if text.contains('\r') || !text.contains('\n') {
        return Ok(());
    }
    let other = try_read(text.replace('\n', "\r\n").as_bytes());
    let Ok(other) = other else {
        prop_assert!(false, "lines that end with CR LF make it unreadable");
        return Ok(());
    };
    let blocks = |reading: &PageReading| -> Vec<_> {
        let blocks = reading.blocks.iter();
        blocks
            .map(|block| {
                (
                    block.kind,
                    block.text.clone(),
                    block.group,
                    block.place.line,
                )
            })
            .collect()
    };
    prop_assert_eq!(blocks(reading), blocks(&other));
    let values = |reading: &PageReading| -> Vec<_> {
        let values = reading.records.iter().flat_map(|record| &record.values);
        values
            .map(|value| (value.field.clone(), value.text.clone(), value.place.line))
            .collect()
    };
    prop_assert_eq!(values(reading), values(&other));
    Ok(())
}
