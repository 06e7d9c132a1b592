//! Labels and the units in them, whatever blanks and line ends they were published with; and whole lists of unknown
//! publishers, of which every row must be accounted for.

use proptest::prelude::*;

use super::*;
use crate::fuzz::{Checked, Target};
use crate::map::label::Label;
use crate::value::unit_in_label;

#[test]
fn fuzz_label() {
    Target {
        name: "label",
        runs: 1_500,
        words: &[
            "Gesamtkosten",
            "Betrag",
            "Zuwendung",
            "Belopp",
            "Total budget",
            "in ",
            "i ",
            "x ",
            "(",
            ")",
            "[",
            "]",
            " / ",
            " - ",
            "EUR",
            "€",
            "T€",
            "T EUR",
            "Tsd. ",
            "Mio.",
            "tkr",
            "MSEK",
            "SEK",
            "kronor",
            "'000",
            "1.000",
            "1000",
            "%",
            "1. ",
            "a) ",
            "(1)",
            "*",
            "/in",
            "(er)",
            "-\n",
            "\n\n",
            "\u{AD}",
            "\u{A0}",
            "ä",
            "a\u{308}",
        ],
        check: label,
    }
    .run();
}

#[test]
fn fuzz_list() {
    Target {
        name: "list",
        runs: 80,
        words: &[
            "\n",
            ";",
            "\"",
            ";;;\n",
            "Summe;;;1,00\n",
            "Gesamt",
            "k. A.",
            "-",
            "31.02.2016",
            "01/02/2016",
            "1.234",
            "1,5 Mio. €",
            "12 345,67",
            "80 %",
            "Betrag in Tsd. EUR",
            "Begünstigter",
            "Stand: 31.12.2016\n",
            "Name des Vorhabens",
            "Postleitzahl",
            "0",
            "",
        ],
        check: list,
    }
    .run();
}

fn label(input: &[u8]) -> Checked {
    let text = String::from_utf8_lossy(input);
    let vocabulary = Vocabulary::standard();
    // A label may have several lines; blank ones part them here.
    for label in text
        .split("\n\n")
        .filter(|label| label.len() <= 300)
        .take(8)
    {
        let unit = unit_in_label(label);
        if let Some(unit) = unit {
            prop_assert!([-2, 0, 2, 3, 6, 9].contains(&unit.scale), "{:?}", unit);
            prop_assert!(unit.scale != 0 || unit.currency.is_some(), "{label:?}");
        }
        let both = format!("{label}; EUR; SEK");
        prop_assert_eq!(unit_in_label(&both), None, "{:?}", both);

        let found = vocabulary.find(label);
        let known = vocabulary.find_known(label);
        prop_assert!(known.is_none() || found.is_some(), "{label:?}");
        if let Some(found) = &found {
            prop_assert!(vocabulary.field(&found.field).is_some(), "{:?}", found);
        }
        let mut spelled = vec![label.replace(' ', "\u{A0}")];
        if !label.contains('\r') {
            spelled.push(label.replace('\n', "\r\n"));
        }
        for other in spelled {
            prop_assert_eq!(unit_in_label(&other), unit, "{:?} and {:?}", other, label);
            prop_assert_eq!(vocabulary.find(&other), found.clone(), "{:?}", other);
        }
        // A label that is shown is the label, or has something cut out of it.
        let published = Label::new(label.to_owned());
        let line = published.line();
        prop_assert!(
            line == one_line(label) || line.contains(crate::personal::MARK),
            "{label:?} is shown as {line:?}"
        );
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list(input: &[u8]) -> Checked {
    let file = FileInput {
        source: Arc::clone(&ANY),
        file_name: "made.csv".into(),
        sha256: String::new(),
        content: Bytes::copy_from_slice(input).into(),
        published: None,
        first_seen: 1,
        earlier: Vec::new(),
    };
    let Ok(mapped) = map_file(&file, Vocabulary::standard(), &Limits::default()) else {
        return Ok(());
    };
    let account = &mapped.account;
    prop_assert!(account.closes(), "{account:?}");
    prop_assert_eq!(account.loaded as usize, mapped.rows.num_rows());
    prop_assert_eq!(account.quarantined as usize, mapped.quarantine.len());
    prop_assert_eq!(mapped.locations.len(), mapped.rows.num_rows());
    for amount in &mapped.amounts {
        prop_assert_eq!(amount.values.len(), mapped.rows.num_rows());
    }
    let doubts = mapped.quarantine.iter().chain(&mapped.findings);
    for doubt in doubts {
        let row = doubt.row.unwrap_or(1);
        prop_assert!(
            row >= 1 && row as u64 <= account.read,
            "{doubt:?} of {account:?}"
        );
    }
    Ok(())
}
