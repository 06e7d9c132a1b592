//! A name is recognised however it is written, and what only resembles it stays.

use std::collections::BTreeSet;
use std::io::Write;

use esf_engine::redact::{Mask, Redaction};

use super::{Masks, new_salt, terms};

fn masks(texts: &[&str]) -> Masks {
    let salt = new_salt();
    let terms = texts.iter().flat_map(|text| terms(text, &salt)).collect();
    Masks::of([&Redaction::new("r", "asked for", &salt, terms)])
}

#[test]
fn every_spelling_of_a_name_is_masked_in_its_place() {
    let masks = masks(&["Anna-Lena Müller"]);
    for name in [
        "Anna-Lena Müller",
        "ANNA LENA MÜLLER",
        "Anna Lena Mueller",
        "Anna-Lena Mu\u{308}ller",
        "Müller, Anna-Lena",
        "Anna-Le\u{ad}na\nMüller",
    ] {
        let text = format!("Beratung durch {name} (2016)");
        let masked = masks.mask(&text);
        assert_eq!(
            masked.as_deref(),
            Some("Beratung durch [redacted] (2016)"),
            "{name}"
        );
    }
    assert_eq!(
        masks.masked("Anna-Lena Müller und Müller, Anna-Lena"),
        "[redacted] und [redacted]"
    );
    assert_eq!(
        masks.masked("liste_anna_lena_mueller.csv"),
        "liste_[redacted].csv"
    );
}

#[test]
fn what_only_resembles_it_stays() {
    let masks = masks(&["Anna Muster"]);
    for text in [
        "Anna Musterfrau",
        "Anna",
        "Muster",
        "Johanna Muster",
        "Anna B. Muster",
        "",
        "'",
    ] {
        assert_eq!(masks.mask(text), None, "{text}");
    }
    assert_eq!(Masks::default().mask("Anna Muster"), None);
}

#[test]
fn a_record_does_not_tell_the_name_and_salts_differ() {
    let (one, other) = (new_salt(), new_salt());
    assert_eq!(one.len(), 32);
    assert_ne!(one, other);
    let hashes = terms("Anna Muster", &one);
    assert_eq!(hashes.len(), 2, "in both orders");
    assert!(hashes.is_disjoint(&terms("Anna Muster", &other)));
    let shown = format!("{hashes:?}").to_lowercase();
    assert!(
        !shown.contains("anna") && !shown.contains("muster"),
        "{shown}"
    );
}

#[test]
fn what_stands_everywhere_is_refused() {
    for text in ["", "a", "e.V.", "natural person"] {
        assert_eq!(terms(text, "salt"), BTreeSet::new(), "{text}");
    }
}

#[test]
fn published_bytes_are_searched_whatever_their_format() {
    let masks = masks(&["Änne Muster"]);
    let wide: Vec<u8> = "x;Änne Muster"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive
        .start_file(
            "xl/sharedStrings.xml",
            zip::write::SimpleFileOptions::default(),
        )
        .unwrap();
    archive
        .write_all("<si><t>&#196;nne Muster</t></si>".as_bytes())
        .unwrap();
    let archive = archive.finish().unwrap().into_inner();
    // Windows-1252; any byte in front of UTF-16; no valid text around.
    let narrow = [b"\xc4nne Muster;1".as_slice(), b"\xff"].concat();
    let odd = [b"\xff".as_slice(), &wide].concat();
    let all: [&[u8]; 6] = [
        "a;Änne Muster;1".as_bytes(),
        br#"{"name": "\u00c4nne Muster"}"#,
        b"<td>&Auml;nne</td><td>Muster</td>",
        &narrow,
        &odd,
        &archive,
    ];
    for bytes in all {
        assert!(masks.holds(bytes), "{}", String::from_utf8_lossy(bytes));
    }
    assert!(!masks.holds("a;Anne Muster;1".as_bytes()));
    assert!(!masks.holds(b"PK\x03\x04 cut off"));
}
