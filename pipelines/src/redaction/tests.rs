//! A name is recognised however it is written, and what only resembles it stays.

use std::collections::BTreeSet;
use std::io::Write;

use esf_engine::redact::{Mask, Redaction};
use esf_engine::release::{ReleaseDraft, SourceFileState, SourceState, Warehouse};
use esf_engine::store::Store;

use super::{Masks, new_salt, references, terms};

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
fn names_of_many_words_are_found_in_every_order() {
    for (name, text) in [
        ("Karl Quux-Zyxtal", "Leitung Quux-Zyxtal, Karl"),
        ("Quux, Anna-Lena", "Leitung Anna-Lena Quux"),
        ("Anna-Lena Quux-Zyxtal", "Leitung Quux-Zyxtal, Anna-Lena"),
        ("Erika Quux", "Leitung Quux, Dr. Erika"),
        ("Erika Quux", "Leitung Quux, Prof. Dr. Erika"),
        ("Dr. Erika Quux", "Leitung Erika Quux"),
    ] {
        let masked = masks(&[name]).masked(text);
        assert_eq!(masked, "Leitung [redacted]", "{name}");
    }
    let masked = masks(&["Erika Quux"]).masked("Erika Quux¹, Dr. Muster");
    assert_eq!(masked, "[redacted]¹, Dr. Muster");
    // Of a title with one word, both are the name.
    assert_eq!(masks(&["Dr. Quuxmann"]).mask("Quuxmann"), None);
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
    assert!(!masks.holds(br#"{"name": "\u00c4nne\nB. Muster"}"#));
    assert!(!masks.holds(b"PK\x03\x04 cut off"));
}

#[test]
fn what_formats_put_into_a_name_does_not_hide_it() {
    let masks = masks(&["Erika Muster", "Łukasz Muster"]);
    let zip = |part: &str| {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file("xl/sharedStrings.xml", options).unwrap();
        archive.write_all(part.as_bytes()).unwrap();
        archive.finish().unwrap().into_inner()
    };
    let wide = |text: &str, to: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    };
    // A string of a binary workbook with letters of two bytes, and one with letters of one; lengths that look like letters follow.
    let of_two = [
        b"\x0d\0\x01".as_slice(),
        &wide("Łukasz Muster", u16::to_le_bytes),
        b"A\0\0",
    ]
    .concat();
    let of_one = b"\x0c\0\0Erika MusterA\0\0";
    let workbook = |strings: &[u8]| [b"\xd0\xcf\x11\xe0\xff\xff".as_slice(), strings].concat();
    for bytes in [
        br#"{"name": "Erika\nMuster"}"#.to_vec(),
        br#"{"name": "Erika\tMuster"}"#.to_vec(),
        wide("x;Erika Muster;1", u16::to_le_bytes),
        wide("x;Erika Muster;1", u16::to_be_bytes),
        wide("x;&#321;ukasz Muster;1", u16::to_le_bytes),
        wide("x;\\u0141ukasz Muster;1", u16::to_be_bytes),
        zip(
            "<si><r><t xml:space=\"preserve\">Erika </t></r><r><rPr><i/></rPr><t>Muster</t></r></si>",
        ),
        zip("<si><r><t>Eri</t></r><r><t>ka Muster</t></r></si><si><t>GmbH</t></si>"),
        zip("<si><t>Erika_x000D_Muster</t></si>"),
        workbook(&of_two),
        workbook(of_one),
    ] {
        assert!(masks.holds(&bytes), "{}", String::from_utf8_lossy(&bytes));
    }
    let apart = zip("<si><t>Erika</t></si><si><t>B. Muster</t></si>");
    assert!(!masks.holds(&apart));
    assert!(!masks.holds(b"\xd0\xcf\x11\xe0\xff\xff\x05\0\0Erika"));
}

#[test]
fn what_tells_two_people_apart_does_not_tell_who_they_are() {
    let masks = masks(&["Quuxper0003", "Quuxper0005"]);
    let (one, other) = (masks.token("Quuxper0003"), masks.token("Quuxper0005"));
    assert_ne!(one, other);
    assert_eq!(one, masks.token("quuxper0003"));
    assert!(!one.contains("quux") && masks.mask(&one).is_none(), "{one}");
}

#[tokio::test]
async fn reference_tables_are_known_by_their_declarations() {
    let warehouse = Warehouse::new(Store::memory());
    let mut draft = ReleaseDraft::new(None, "run", "test");
    for kind in ["reference", "operations"] {
        let declaration = format!("title = \"Made\"\nkind = \"{kind}\"\nfiles = []\n");
        let declared = warehouse.store().put_raw(declaration.into()).await.unwrap();
        let file = SourceFileState {
            sha256: format!("sha256 of {kind}"),
            ..SourceFileState::default()
        };
        let state = SourceState {
            declarations: [("source.toml".to_owned(), declared)].into(),
            files: vec![file],
            ..SourceState::default()
        };
        draft.sources.insert(kind.to_owned(), state);
    }
    warehouse.publish(draft).await.unwrap();
    let found = references(&warehouse).await.unwrap();
    assert_eq!(found, BTreeSet::from(["sha256 of reference".to_owned()]));
}
