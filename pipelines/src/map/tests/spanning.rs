//! Cells of workbooks that span several rows: what each of the rows has of them, and where it is said to stand.

use std::fmt::Write as _;
use std::io::Write as _;

use arrow::array::AsArray;

use super::*;
use crate::map::explain_row;

/// A workbook with one sheet of texts and the ranges of it that are merged.
fn workbook(rows: &[&[&str]], merged: &[&str]) -> FileInput {
    let mut cells = String::new();
    for (number, row) in (1..).zip(rows) {
        let _ = write!(cells, "<row r=\"{number}\">");
        for (letter, text) in ('A'..).zip(row.iter()).filter(|(_, text)| !text.is_empty()) {
            let _ = write!(
                cells,
                "<c r=\"{letter}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"
            );
        }
        cells.push_str("</row>");
    }
    let mut ranges = String::new();
    for range in merged {
        let _ = write!(ranges, "<mergeCell ref=\"{range}\"/>");
    }
    let sheet = format!(
        "<worksheet><sheetData>{cells}</sheetData><mergeCells>{ranges}</mergeCells></worksheet>"
    );
    workbook_of(&sheet)
}

/// A workbook with one sheet, as its part says.
pub(super) fn workbook_of(sheet: &str) -> FileInput {
    let parts = [
        ("[Content_Types].xml", "<Types/>"),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"r\"><sheets><sheet name=\"Liste\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns=\"r\"><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(content.as_bytes()).expect("written");
    }
    FileInput {
        source: Arc::clone(&ANY),
        file_name: "made.xlsx".into(),
        sha256: String::new(),
        content: Bytes::from(zip.finish().expect("a zip").into_inner()).into(),
        published: None,
        first_seen: 1,
        earlier: Vec::new(),
    }
}

const HEAD: [&str; 5] = [
    "Vorhaben",
    "Begünstigter",
    "Beginn",
    "Gesamtkosten in EUR",
    "Geplante Teilnehmer",
];

/// Of the second operation the name, the costs and the participants span two rows.
fn two_bodies() -> FileInput {
    let rows: [&[&str]; 5] = [
        &HEAD,
        &["Vorhaben 1", "Verein 1 e.V.", "01.02.2016", "100,50", "12"],
        &["Vorhaben 2", "Verein 2 e.V.", "02.02.2016", "500,50", "20"],
        &["", "Verein 3 e.V.", "03.02.2016", "", ""],
        &["Vorhaben 4", "Verein 4 e.V.", "04.02.2016", "200,50", "8"],
    ];
    workbook(&rows, &["A3:A4", "D3:D4", "E3:E4"])
}

#[test]
fn a_merged_name_holds_for_each_row_and_quantities_for_the_first() {
    let mapped = map_file(&two_bodies(), Vocabulary::standard(), &Limits::default())
        .unwrap_or_else(|error| panic!("{error}"));
    let expected = [("total_cost".to_owned(), 80_150)];
    assert_eq!(sums(&mapped), (4, BTreeMap::from(expected)));
    let titles: Vec<_> = mapped.rows["title"].as_string::<i32>().iter().collect();
    let published = ["Vorhaben 1", "Vorhaben 2", "Vorhaben 2", "Vorhaben 4"];
    assert_eq!(titles, published.map(Some));
    let planned = &mapped.rows["planned_participants"];
    let has: Vec<bool> = (0..4).map(|row| planned.is_valid(row)).collect();
    assert_eq!(has, [true, true, false, true]);
    let told: Vec<_> = mapped
        .findings
        .iter()
        .filter(|finding| finding.rule == "amount_merged")
        .map(|finding| (finding.location.as_str(), finding.message.as_str()))
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for ((location, message), column) in told.into_iter().zip(["column D", "column E"]) {
        assert_eq!(location, column);
        assert!(
            message.starts_with("1 amounts or counts stand"),
            "{message}"
        );
    }
}

#[test]
fn a_value_of_a_merged_cell_is_traced_to_the_cell_in_which_it_stands() {
    let explained = explain_row(&two_bodies(), Vocabulary::standard(), &Limits::default(), 4)
        .unwrap_or_else(|error| panic!("{error}"));
    let of = |field: &str| {
        let step = explained.iter().find(|step| step.field == field);
        let step = step.unwrap_or_else(|| panic!("no {field} in {explained:?}"));
        (step.place.as_str(), step.published.as_deref())
    };
    assert_eq!(of("title"), ("Liste!A3", Some("Vorhaben 2")));
    assert_eq!(of("beneficiary_name"), ("Liste!B4", Some("Verein 3 e.V.")));
    assert_eq!(of("total_cost"), ("Liste!D4", None));
}

#[test]
fn participants_of_a_merged_summary_are_counted_once() {
    let says = "Im Vorhaben werden 40 Teilnehmende qualifiziert.";
    let head = [
        "Vorhaben",
        "Begünstigter",
        "Beginn",
        "Gesamtkosten in EUR",
        "Zusammenfassung",
    ];
    let rows: [&[&str]; 4] = [
        &head,
        &["Vorhaben 1", "Verein 1 e.V.", "01.02.2016", "100,50", says],
        &["Vorhaben 2", "Verein 2 e.V.", "02.02.2016", "500,50", ""],
        &["Vorhaben 3", "Verein 3 e.V.", "03.02.2016", "200,50", says],
    ];
    let counted = |merged: &[&str]| {
        let mapped = map_file(
            &workbook(&rows, merged),
            Vocabulary::standard(),
            &Limits::default(),
        )
        .unwrap_or_else(|error| panic!("{error}"));
        let summaries = mapped.rows["summary"].null_count();
        let planned = &mapped.rows["planned_participants"];
        let has: Vec<bool> = (0..3).map(|row| planned.is_valid(row)).collect();
        (summaries, has)
    };
    assert_eq!(counted(&[]), (1, vec![true, false, true]));
    assert_eq!(counted(&["E2:E3"]), (0, vec![true, false, true]));
}
