//! A name is recognised however it is written, and what only resembles it stays.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use esf_engine::redact::{Cell, Mask, Redaction, keep, redactions};
use esf_engine::release::{ReleaseDraft, SourceFileState, SourceState, Warehouse};
use esf_engine::store::Store;

use super::{
    Masks, Meant, Whose, complete, id_terms, masks as masks_on, new_salt, references, terms,
    terms_of,
};
use crate::merge::rows::{Tables, push, same, same_bool, table_rows};

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
    assert_eq!(hashes.len(), 4, "in both orders, whole and with an initial");
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
        assert!(
            masks.holds(None, bytes),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
    assert!(!masks.holds(None, "a;Anne Muster;1".as_bytes()));
    assert!(!masks.holds(None, br#"{"name": "\u00c4nne\nB. Muster"}"#));
    assert!(!masks.holds(None, b"PK\x03\x04 cut off"));
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
        assert!(
            masks.holds(None, &bytes),
            "{}",
            String::from_utf8_lossy(&bytes)
        );
    }
    let apart = zip("<si><t>Erika</t></si><si><t>B. Muster</t></si>");
    assert!(!masks.holds(None, &apart));
    assert!(!masks.holds(None, b"\xd0\xcf\x11\xe0\xff\xff\x05\0\0Erika"));
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

#[tokio::test]
async fn what_a_release_does_not_name_is_looked_through_once() {
    let warehouse = Warehouse::new(Store::memory());
    let mut ids = BTreeSet::new();
    for (id, text) in [("r1", "Anna Muster"), ("r2", "Karla Krüger")] {
        let mut one = Redaction::new(id, "asked for", "salt", terms(text, "salt"));
        (one.done, one.swept) = (true, true);
        keep(&warehouse, &one).await.unwrap();
        ids.insert(id.to_owned());
    }
    // Before the first release there is nothing to look through.
    let first = masks_on(&warehouse, None).await.unwrap();
    assert_eq!((first.settled(), first.is_behind()), (&ids, false));
    assert_eq!(complete(&warehouse, None).await.unwrap(), None);

    let draft = ReleaseDraft::new(None, "run", "test");
    warehouse.publish(draft).await.unwrap();
    let newest = warehouse.latest().await.unwrap();
    let unknown = masks_on(&warehouse, newest.as_ref()).await.unwrap();
    assert!(unknown.settled().is_empty() && unknown.is_behind());
    let opened = complete(&warehouse, newest.as_ref()).await.unwrap();
    assert_eq!(opened, Some(Vec::new()), "nothing has come back");
    let looked = redactions(&warehouse).await.unwrap();
    assert!(looked.iter().all(|one| one.through == Some(1)));
    let known = masks_on(&warehouse, newest.as_ref()).await.unwrap();
    assert_eq!((known.settled(), known.is_behind()), (&ids, false));
    let again = complete(&warehouse, newest.as_ref()).await.unwrap();
    assert_eq!(again, None, "nothing is open");

    // What comes after is not known by having looked before.
    let mut draft = ReleaseDraft::new(newest.as_ref(), "later", "test");
    draft.steps.insert("step".to_owned(), "key".to_owned());
    warehouse.publish(draft).await.unwrap();
    let later = warehouse.latest().await.unwrap();
    let unknown = masks_on(&warehouse, later.as_ref()).await.unwrap();
    assert!(unknown.is_behind());
}

/// What keeps a text out that an organisation of this list has led to.
fn masks_of(text: &str, everywhere: bool) -> Masks {
    let whose = Whose {
        id: "abcdefghij234567".to_owned(),
        sources: BTreeSet::from(["list".to_owned()]),
    };
    let meant = Meant {
        text: text.to_owned(),
        of: Some(whose),
    };
    let terms = terms_of(&meant, "salt", everywhere);
    Masks::of([&Redaction::new("r", "asked for", "salt", terms)])
}

#[test]
fn a_single_word_goes_from_the_rows_of_whom_it_belongs_to() {
    let masks = masks_of("Quuxwerk", false);
    let cell = |id| Cell {
        text: "Leitung: Quuxwerk",
        owners: [Some("another"), Some(id)],
    };
    let theirs = masks.cell(&cell("abcdefghij234567"));
    assert_eq!(theirs.as_deref(), Some("Leitung: [redacted]"));
    let of_others = cell("bbcdefghij234567");
    assert_eq!(masks.cell(&of_others), None);
    assert!(masks.spares(&of_others));
    let without = Cell {
        text: "Quuxwerke",
        ..of_others
    };
    assert!(!masks.spares(&without));
    assert_eq!(masks.mask("Quuxwerk"), None, "nobody's text");

    let bytes = b"1;Quuxwerk;2";
    assert!(masks.holds(Some("list"), bytes));
    assert!(!masks.holds(Some("another"), bytes));
    assert!(masks.holds(None, bytes), "it may be of that list");

    for all in [masks_of("Quuxwerk", true), masks_of("Quuxwerk Nord", false)] {
        let masked = all.mask("Quuxwerk Nord 7").unwrap();
        assert!(masked.starts_with("[redacted]"), "{masked}");
        assert!(all.holds(Some("another"), b"Quuxwerk Nord"));
        assert!(!all.spares(&of_others));
    }
}

#[test]
fn an_id_made_from_a_name_gives_way_to_one_that_only_the_salt_gives() {
    let made = "abcdefghij234567";
    let redacted = |id: &str, salt: &str| {
        let ids = BTreeSet::from([id.to_owned()]);
        let mut redaction = Redaction::new("r", "asked for", salt, terms("Anna Muster", salt));
        redaction.ids = id_terms(&ids, salt);
        redaction
    };
    let first = redacted(made, "one");
    let masks = Masks::of([&first]);
    let id = masks.id(made).unwrap();
    assert!(id.len() == 16 && id != made, "{id}");
    assert_eq!(masks.id(&id), None, "it stays");
    assert_eq!(masks.id("bbcdefghij234567"), None);
    assert_ne!(
        Masks::of([&redacted(made, "two")]).id(made),
        Some(id.clone())
    );
    assert!(!format!("{first:?}").contains(made));

    // A later redaction of the same takes the place of both.
    let both = Masks::of([&first, &redacted(&id, "one")]);
    assert_eq!(both.id(made), both.id(&id));
    assert_ne!(both.id(made), Some(id));

    let told = masks.mask("row of abcdefghij234567");
    assert_eq!(told.as_deref(), Some("row of [redacted]"));
    // Whoever names it in a file has it from our tables.
    assert!(!masks.holds(None, made.as_bytes()));
}

#[test]
fn an_owner_is_known_by_the_id_that_took_the_place_of_another() {
    let ids = |id: &str| id_terms(&BTreeSet::from([id.to_owned()]), "salt");
    let mut earlier = Redaction::new("r", "asked for", "salt", BTreeSet::new());
    earlier.ids = ids("made");
    let shown = Masks::of([&earlier]).id("made").unwrap();
    let whose = Whose {
        id: shown.clone(),
        sources: BTreeSet::new(),
    };
    let meant = Meant {
        text: "Quuxwerk".to_owned(),
        of: Some(whose),
    };
    let mut later = Redaction::new("s", "asked", "salt", terms_of(&meant, "salt", false));
    later.ids = ids(&shown);
    let masks = Masks::of([&earlier, &later]);
    for (id, is_theirs) in [("made", true), (shown.as_str(), true), ("other", false)] {
        let cell = Cell {
            text: "Quuxwerk",
            owners: [Some(id), None],
        };
        assert_eq!(masks.cell(&cell).is_some(), is_theirs, "{id}");
    }
}

fn column(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Rows of a table with their origin.
fn of_list(table: &str, mut columns: Vec<(&'static str, ArrayRef)>) -> RecordBatch {
    let n = columns[0].1.len();
    for (name, value) in [
        ("source_id", "s"),
        ("source_file", "f"),
        ("source_location", "line 2"),
    ] {
        columns.push((name, same(Some(value), n)));
    }
    table_rows(table, n, columns).unwrap()
}

/// Two organisations, each with an operation, and one operation more with an id of its publisher.
fn list() -> Tables {
    let names = vec![
        ("organisation_id", column(&["anna", "other"])),
        ("list_id", same(Some("l"), 2)),
        ("name", column(&["Anna Muster GmbH", "Beispiel e.V."])),
        ("n", Arc::new(Int64Array::from(vec![2, 1])) as ArrayRef),
        ("natural_person", same_bool(false, 2)),
    ];
    let parts = vec![
        ("operation_id", column(&["first", "second", "third"])),
        ("organisation_id", column(&["anna", "other", "anna"])),
        ("role", same(Some("beneficiary"), 3)),
        ("certainty", same(Some("stated"), 3)),
    ];
    let operations = vec![
        ("operation_id", column(&["first", "second", "third"])),
        ("id_basis", column(&["identity", "identity", "natural_id"])),
        ("list_id", same(Some("l"), 3)),
        ("title", same(Some("Beratung"), 3)),
        ("is_aggregate", same_bool(false, 3)),
        ("contact_present", same_bool(false, 3)),
    ];
    let mut tables = Tables::new();
    for (table, columns) in [
        ("organisation_name", names),
        ("operation_organisation", parts),
        ("operation", operations),
    ] {
        push(&mut tables, table, of_list(table, columns));
    }
    tables
}

fn ids(tables: &Tables, table: &str, column: &str) -> BTreeSet<String> {
    let batches = tables[table].iter();
    let ids = batches.flat_map(|batch| batch[column].as_string::<i32>().iter().flatten());
    ids.map(str::to_owned).collect()
}

#[test]
fn ids_that_stand_on_a_name_go_with_it_in_all_tables_of_a_list() {
    let salt = "salt";
    let redaction = Redaction::new("r", "asked for", salt, terms("Anna Muster", salt));
    let masks = Masks::of([&redaction]);
    let (mut tables, mut again) = (list(), list());
    masks.mask_tables(&mut tables).unwrap();
    masks.mask_tables(&mut again).unwrap();
    assert_eq!(tables, again);

    let organisations = ids(&tables, "organisation_name", "organisation_id");
    assert!(organisations.contains("other") && !organisations.contains("anna"));
    let of_parts = ids(&tables, "operation_organisation", "organisation_id");
    assert_eq!(of_parts, organisations);
    let operations = ids(&tables, "operation", "operation_id");
    assert_eq!(operations.len(), 3);
    assert!(!operations.contains("first"), "made from the name");
    assert!(operations.contains("second"), "of another");
    assert!(operations.contains("third"), "the publisher's own");
    let of_parts = ids(&tables, "operation_organisation", "operation_id");
    assert_eq!(of_parts, operations);

    // What a redaction has found is known in lists that do not have the name.
    let mut known = redaction.clone();
    known.ids = id_terms(&BTreeSet::from(["other".to_owned()]), salt);
    let mut tables = list();
    Masks::of([&known]).mask_tables(&mut tables).unwrap();
    assert!(!ids(&tables, "operation_organisation", "organisation_id").contains("other"));
}
