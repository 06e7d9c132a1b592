//! Unknown files, made up.

use super::super::format::{Encoding, Format, Kind};
use super::{expect_kind, sniff};

fn kind(bytes: impl AsRef<[u8]>, name: &str) -> Format {
    sniff(bytes.as_ref(), name).expect("a known format")
}

#[test]
fn text_with_delimiters() {
    assert_eq!(
        kind("Name;Betrag\nVerein A;1.234,56\nB;2,00\n", "liste.txt"),
        Format::csv(Encoding::Utf8, b';')
    );
    assert_eq!(
        kind("Name,Betrag\n\"Kurs; Teil 1\",\"1,5\"\nB,2\n", "x"),
        Format::csv(Encoding::Utf8, b',')
    );
    assert_eq!(
        kind("a\tb, c\nd\te, f\n", "x"),
        Format::csv(Encoding::Utf8, b'\t')
    );
    assert_eq!(
        kind("Liste, Stand: heute\n\na|b|c\n1|2|3\n4|5|6\n", "x.csv"),
        Format::csv(Encoding::Utf8, b'|')
    );
    assert_eq!(
        kind(b"Tr\xE4ger;\x84A\x93\nB;\x96\n", "x.csv"),
        Format::csv(Encoding::Windows1252, b';')
    );
    assert_eq!(
        kind(b"\xFF\xFEa\0;\0b\0\n\0c\0;\0d\0\n\0", "x"),
        Format::csv(Encoding::Utf16Le, b';')
    );
    assert_eq!(
        kind(b"\0a\0;\0b\0\n\0c\0;\0d\0\n", "x"),
        Format::csv(Encoding::Utf16Be, b';')
    );
    assert_eq!(
        kind("nur eine Spalte\nx\n", "x.csv"),
        Format::csv(Encoding::Utf8, b',')
    );
    assert_eq!(
        kind("PKZ;Vorhaben\n1;A\n", "x.csv"),
        Format::csv(Encoding::Utf8, b';')
    );
    assert_eq!(
        kind("Name;Vorhaben;Betrag\n", "x.csv"),
        Format::csv(Encoding::Utf8, b';')
    );
    let giant = format!("Name;Betrag\nA;1,{}\n", "0".repeat(300_000));
    assert_eq!(kind(giant, "x.csv"), Format::csv(Encoding::Utf8, b';'));
}

#[test]
fn other_text() {
    assert_eq!(kind("\u{FEFF}[\n {\"a\": 1}]", "x.csv").kind, Kind::Json);
    assert_eq!(kind("{\"a\": 1}\n{\"a\": 2}\n", "x").kind, Kind::Ndjson);
    assert_eq!(kind("{\n\"a\": [{}]}", "x").kind, Kind::Json);
    for (text, name, wanted) in [
        ("[[[1, 2]]]", "x.json", Kind::Json),
        ("null", "x.JSON", Kind::Json),
        ("\"gone\"", "x.jsonl", Kind::Ndjson),
        ("null", "x.txt", Kind::Text),
    ] {
        assert_eq!(kind(text, name).kind, wanted, "{text}");
    }
    let wide: Vec<u8> = "[{\"a\": 1}]"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        kind(wide, "x.json"),
        Format {
            encoding: Some(Encoding::Utf16Le),
            ..Format::new(Kind::Json)
        }
    );
    assert_eq!(kind("<!-- x -->\n<HTML lang=de>", "x.csv").kind, Kind::Html);
    assert_eq!(
        kind(
            "Projekt im Norden.\n\nEs begann am 1. Mai, mit Erfolg.\nEnde.\n",
            "x.txt"
        )
        .kind,
        Kind::Text
    );
}

/// Published bytes of a text: UTF-8, windows-1252 where it has all letters, and UTF-16 with and without a mark.
fn in_every_encoding(text: &str) -> Vec<Vec<u8>> {
    let units = || text.encode_utf16();
    let (single, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    let mut all = vec![
        text.as_bytes().to_vec(),
        format!("\u{FEFF}{text}").into_bytes(),
        [&b"\xFF\xFE"[..], &little].concat(),
        [&b"\xFE\xFF"[..], &big].concat(),
        little,
        big,
    ];
    all.extend((!lost).then(|| single.into_owned()));
    all
}

#[test]
fn what_a_text_begins_with_is_not_what_follows_its_first_letters() {
    let rest = "Name;Betrag\nTräger;1,00\n".repeat(4);
    // Letters beyond ASCII, some of which have the byte of a bracket in UTF-16.
    for first in [
        "Ä<p>Ziel</p>;",
        "„<h1>“;",
        "Ļ<div>;",
        "ŻÄ[{\"a\";",
        "é{\"b\";",
    ] {
        for bytes in in_every_encoding(&format!("{first}{rest}")) {
            let found = expect_kind(&bytes, Kind::Csv);
            assert_eq!(found, Ok(()), "{first}: {}", bytes.escape_ascii());
            assert_eq!(kind(&bytes, "x").kind, Kind::Csv, "{first}");
        }
    }
    for (text, found) in [
        ("<p>Übersicht der Träger</p>", "an HTML page"),
        ("\u{A0}\r\n<!-- ä --><html>", "an HTML page"),
        ("<?xml version=\"1.0\"?><ä/>", "an XML document"),
        ("[{\"träger\": 1}]", "JSON"),
    ] {
        for bytes in in_every_encoding(text) {
            let error = expect_kind(&bytes, Kind::Csv)
                .expect_err("no list")
                .to_string();
            assert!(error.contains(found), "{text}: {error}");
        }
    }
    // The beginning ends within a letter.
    let long = format!("<p>{}", "ä".repeat(2_000));
    assert!(expect_kind(long.as_bytes(), Kind::Csv).is_err());
}

#[test]
fn what_cannot_be_read_is_said() {
    let message = |bytes: &[u8]| sniff(bytes, "x").expect_err("unknown").to_string();
    assert!(message(b" \r\n").contains("empty"));
    assert!(message(b"%PDF-1.7 ...").contains("a PDF"));
    assert!(message(b"\x01\x02\x00\x81\xFF").contains("binary"));
    assert!(message(b"PK\x03\x04 and then nothing").contains("truncated"));
    assert!(message(b"\xFF\xFE\0\0a\0\0\0").contains("UTF-32"));
    assert!(message(b"\0\0\xFE\xFF\0\0\0a").contains("UTF-32"));
    let damaged =
        b"Name;Betrag\nTr\xE4ger mit einem langen Namen\x81;1,00\nEin anderer Tr\0ger;2,00\n";
    let told = message(damaged);
    assert!(
        told.contains("line 2, byte 14: byte 0xe4 is no utf-8"),
        "{told}"
    );
}
