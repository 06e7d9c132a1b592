//! Workbooks of several sheets: one is read, and what stands on the others is not lost unseen.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::list::{COUNTS, declaration, declare, ingest, night_ends, rewrite, rows};

const HEADER: [&str; 4] = ["Begünstigter", "Vorhaben", "Beginn", "Gesamtkosten in EUR"];
/// The same in other words.
const OTHER_HEADER: [&str; 4] = [
    "Zuwendungsempfänger",
    "Projektname",
    "Projektbeginn",
    "Gesamtausgaben in EUR",
];

/// Cells of text.
fn texts(cells: &[&str]) -> String {
    let cell = |text: &&str| format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#);
    cells.iter().map(cell).collect::<Vec<_>>().concat()
}

/// The cells of some rows of a list, the first and last of which have these numbers.
fn operations(first: usize, last: usize) -> Vec<String> {
    let operation = |n: usize| {
        let names = [format!("Verein {n} e.V."), format!("Vorhaben {n}")];
        let text = texts(&[&names[0], &names[1], "01.02.2016"]);
        format!("{text}<c><v>{}.5</v></c>", 1000 + n)
    };
    (first..=last).map(operation).collect()
}

/// A header with rows below it.
fn table(header: &[&str], rows: Vec<String>) -> Vec<String> {
    let mut table = vec![texts(header)];
    table.extend(rows);
    table
}

/// A workbook of these sheets, by their names.
fn workbook(sheets: &[(&str, Vec<String>)]) -> Vec<u8> {
    let (mut names, mut relations) = (String::new(), String::new());
    let mut parts = Vec::new();
    for (n, (name, rows)) in sheets.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(names, r#"<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>"#);
        let _ = write!(
            relations,
            r#"<Relationship Id="r{n}" Type="x/worksheet" Target="worksheets/sheet{n}.xml"/>"#
        );
        let mut data = String::new();
        for (row, cells) in rows.iter().enumerate() {
            let _ = write!(data, r#"<row r="{}">{cells}</row>"#, row + 1);
        }
        parts.push((
            format!("xl/worksheets/sheet{n}.xml"),
            format!("<worksheet><sheetData>{data}</sheetData></worksheet>"),
        ));
    }
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!(r#"<workbook xmlns:r="r"><sheets>{names}</sheets></workbook>"#),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!("<Relationships>{relations}</Relationships>"),
    ));
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_list_that_goes_on_in_a_second_sheet_is_held_whatever_its_labels_are() {
    for (second, told) in [
        (table(&HEADER, operations(11, 14)), "columns mean the same"),
        (
            table(&OTHER_HEADER, operations(11, 14)),
            "columns mean the same",
        ),
        (
            operations(11, 14),
            "has no header, and 4 of its rows look like those of \"Liste\"",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let list = table(&HEADER, operations(1, 10));
        let bytes = workbook(&[("Liste", list), ("Tabelle2", second)]);
        let (code, printed) = ingest(folder.path(), "l.xlsx", &bytes, &[]);
        assert_eq!(code, 4, "{printed}");
        assert!(printed.contains(told), "{told}: {printed}");
        assert!(printed.contains("[esf explain sheets-two]"), "{printed}");
    }
}

#[test]
fn sheets_that_are_no_part_of_the_list_hold_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let legend = vec![
        texts(&["Erläuterungen"]),
        texts(&["106", "Anpassung an den Wandel"]),
        texts(&["109", "Aktive Inklusion", "auch mit Beratung"]),
    ];
    let bytes = workbook(&[
        ("Liste", table(&HEADER, operations(1, 10))),
        // A volunteer's copy without its last rows.
        ("Kopie", table(&OTHER_HEADER, operations(1, 9))),
        ("Legende", legend),
    ]);
    let (code, printed) = ingest(folder.path(), "l.xlsx", &bytes, &[]);
    assert_eq!(code, 0, "{printed}");
    assert_eq!(rows(folder.path(), COUNTS), ["made_list,10"]);
    let told = "SELECT source_location, message FROM finding WHERE rule = 'other_sheet'";
    assert_eq!(
        rows(folder.path(), told),
        ["Kopie,says again what stands in the list (10 rows) and is not read"]
    );
}

/// Publishes a workbook of the declared list.
fn publish(folder: &Path, day: &str, sheets: &[(&str, Vec<String>)]) {
    fs::create_dir_all(folder.join("mirror")).unwrap();
    let path = folder.join(format!("mirror/a_{day}.xlsx"));
    fs::write(path, workbook(sheets)).unwrap();
}

#[test]
fn beside_a_declared_sheet_the_others_are_counted_and_compared_unless_they_are_ignored() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    let source = declaration(folder, "a", "source.toml");
    rewrite(&source, |declared| {
        let csv = "kind = \"csv\"\nencoding = \"utf-8\"\ndelimiter = \";\"\n";
        assert!(declared.contains(csv), "{declared}");
        let declared = declared.replace(csv, "kind = \"xlsx\"\nsheet = \"Liste\"\n");
        declared.replace("a_*.csv", "a_*.xlsx")
    });
    let legend = || ("Legende", vec![texts(&["Stand"]), texts(&["Quelle"])]);
    let list = |last: usize| ("Liste", table(&HEADER, operations(1, last)));
    publish(folder, "2020-01-01", &[list(10), legend()]);
    night_ends(folder, &[], 0);
    let account = "SELECT rows_read, rows_loaded, rows_quarantined + rows_ignored FROM source_file";
    assert_eq!(rows(folder, account), ["13,10,3"]);
    let ignored = "SELECT n FROM ignored_rows WHERE reason = 'other_sheet'";
    assert_eq!(rows(folder, ignored), ["2"]);

    // Its end stands on a sheet of its own.
    let end = || ("Tabelle2", operations(9, 10));
    publish(folder, "2020-02-01", &[list(8), legend(), end()]);
    let printed = night_ends(folder, &[], 4);
    assert!(
        printed.contains("the sheet \"Tabelle2\" has no header, and 2 of its rows"),
        "{printed}"
    );
    assert!(printed.contains("[esf explain sheets-two]"), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,10"]);
    rewrite(&source, |declared| {
        declared + "[format.ignore_sheets]\nTabelle2 = \"operations that ended\"\n"
    });
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,8"]);
}
