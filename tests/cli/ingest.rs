//! Files that nobody declared, through the whole program: what they give, and what a run leaves behind that may not
//! publish.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::list::{ingest, night, rows};
use super::run;

const PROJECTS: &str = "<html lang='de'><body><main><h1>Geförderte Projekte</h1>\
<h2>Brücke in Arbeit</h2><dl><dt>Träger</dt><dd>Musterwerk gGmbH</dd><dt>Laufzeit</dt><dd>01.01.2016 - 31.12.2018</dd>\
<dt>Fördersumme</dt><dd>120.000,50 Euro</dd></dl>\
<h2>Neuer Start</h2><dl><dt>Träger</dt><dd>Beispielverein e.V.</dd><dt>Laufzeit</dt><dd>01.07.2017 - 30.06.2019</dd>\
<dt>Fördersumme</dt><dd>80.000 Euro</dd></dl>\
<dl><dt>Träger</dt><dd>Stadt Musterstadt</dd><dt>Laufzeit</dt><dd>01.03.2018 - 28.02.2020</dd>\
<dt>Fördersumme</dt><dd>55.000 Euro</dd></dl></main></body></html>";

#[test]
fn a_name_is_for_a_list_or_for_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let list = "Begünstigter;Vorhaben;Gewährte Beträge in EUR\nMuster GmbH;Beratung;1.000,50\n\
                Muster e.V.;Beratung;2.000,50\n";
    let (code, printed) = ingest(folder, "list.csv", list.as_bytes(), &[]);
    assert_eq!(code, 0, "{printed}");
    let (code, printed) = ingest(folder, "list.html", PROJECTS.as_bytes(), &[]);
    assert_eq!(code, 2, "{printed}");
    let told = "--as made_list: list.html is read as a page, and what stands under that name is a list of operations; ";
    assert!(printed.contains(told), "{printed}");
    assert_eq!(rows(folder, "SELECT count(*) FROM operation"), ["2"]);
}

#[test]
fn a_page_of_several_projects_gives_each_with_its_own_heading() {
    let folder = tempfile::tempdir().unwrap();
    let (code, printed) = ingest(folder.path(), "p.html", PROJECTS.as_bytes(), &[]);
    assert_eq!(code, 0, "{printed}");
    assert_eq!(
        rows(
            folder.path(),
            "SELECT o.title, n.name, a.amount, o.start_date FROM operation o
             JOIN operation_amount a USING (operation_id)
             JOIN operation_organisation r USING (operation_id)
             JOIN organisation n ON n.organisation_id = r.organisation_id
             ORDER BY o.start_date"
        ),
        [
            "Brücke in Arbeit,Musterwerk gGmbH,120000.50,2016-01-01",
            "Neuer Start,Beispielverein e.V.,80000.00,2017-07-01",
            ",Stadt Musterstadt,55000.00,2018-03-01",
        ]
    );
}

#[test]
fn a_page_that_is_cut_off_is_held_with_its_last_amount() {
    let folder = tempfile::tempdir().unwrap();
    let at = PROJECTS.find("80.000 Euro").unwrap();
    let cut = &PROJECTS[..at + "80".len()];
    let (code, printed) = ingest(folder.path(), "p.html", cut.as_bytes(), &[]);
    assert_eq!(code, 4, "{printed}");
    let said = "the page ends before the end of its document: it may be cut off";
    assert!(printed.contains(said), "{printed}");
}

#[test]
fn amounts_of_a_page_that_are_not_read_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let page = PROJECTS.replace("80.000 Euro", "80.000 Euro netto");
    let (code, printed) = ingest(folder.path(), "p.html", page.as_bytes(), &[]);
    assert_eq!(code, 4, "{printed}");
    let said = "p.html: 1 amounts of loaded rows unreadable, 0 expected";
    assert!(printed.contains(said), "{printed}");
}

#[test]
fn a_newer_state_of_a_page_keeps_what_the_older_one_said() {
    let folder = tempfile::tempdir().unwrap();
    let page = |sum: &str| PROJECTS.replace("80.000", sum);
    let at = |day| ["--published", day];
    let (code, printed) = ingest(
        folder.path(),
        "p.html",
        page("80.000").as_bytes(),
        &at("2018-01-01"),
    );
    assert_eq!(code, 0, "{printed}");
    let (code, printed) = ingest(
        folder.path(),
        "p.html",
        page("90.000").as_bytes(),
        &at("2019-01-01"),
    );
    assert_eq!(code, 0, "{printed}");
    assert_eq!(
        rows(
            folder.path(),
            "SELECT published_from, published_to, changed_columns, earlier_amounts FROM operation_history"
        ),
        [r#"2018-01-01,2018-01-01,amount.granted.EUR,"{""granted.EUR"":""80000.00""}""#]
    );
    assert_eq!(
        rows(
            folder.path(),
            "SELECT amount, first_published, last_published FROM operation JOIN operation_amount USING (operation_id)
             WHERE title = 'Neuer Start'"
        ),
        ["90000.00,2018-01-01,2019-01-01"]
    );
}

/// A workbook whose amounts have their unit in the number format only.
fn workbook() -> Vec<u8> {
    let row = |n: u32, cells: &str| format!(r#"<row r="{n}">{cells}</row>"#);
    let text = |text: &str| format!(r#"<c t="inlineStr"><is><t>{text}</t></is></c>"#);
    let header: String = [
        "Begünstigter",
        "Projekt",
        "Gesamtausgaben",
        "Kofinanzierungssatz",
    ]
    .map(text)
    .concat();
    let mut sheet = row(1, &header);
    for n in 2..14 {
        let cells = format!(
            r#"{}{}<c s="1"><v>{}.5</v></c><c s="2"><v>0.5</v></c>"#,
            text(&format!("Musterbetrieb {n} GmbH")),
            text(&format!("Vorhaben {n}")),
            n * 10
        );
        sheet += &row(n, &cells);
    }
    let parts = [
        (
            "xl/workbook.xml",
            r#"<workbook xmlns:r="r"><sheets><sheet name="Liste" sheetId="1" r:id="r1"/></sheets></workbook>"#.to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/styles" Target="styles.xml"/></Relationships>"#.to_owned(),
        ),
        (
            "xl/styles.xml",
            r##"<styleSheet><numFmts><numFmt numFmtId="170" formatCode="#,##0.0\ &quot;Tsd. €&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="9"/></cellXfs></styleSheet>"##.to_owned(),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>"),
        ),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn units_of_number_formats_count() {
    let folder = tempfile::tempdir().unwrap();
    let (code, printed) = ingest(folder.path(), "l.xlsx", &workbook(), &[]);
    assert_eq!(code, 0, "{printed}");
    // 20.5 to 130.5 thousands.
    assert_eq!(
        rows(
            folder.path(),
            "SELECT sum(amount), currency, currency_certainty, max(precision_abs) FROM operation_amount GROUP BY 2, 3"
        ),
        ["906000.00,EUR,stated,50.00"]
    );
    assert_eq!(
        rows(folder.path(), "SELECT DISTINCT union_rate FROM operation"),
        ["0.500000"]
    );
}

/// Everything that lies in a folder.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        }
        found.insert(path);
    }
    found
}

#[test]
fn a_dry_run_leaves_the_warehouse_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let warehouse = folder.path().join("w");
    let (code, printed) = ingest(folder.path(), "p.html", PROJECTS.as_bytes(), &["--dry-run"]);
    assert_eq!(code, 0, "{printed}");
    assert!(printed.contains("nothing was published"), "{printed}");
    assert!(!warehouse.exists());

    ingest(folder.path(), "p.html", PROJECTS.as_bytes(), &[]);
    let before = files(&warehouse);
    let changed = PROJECTS.replace("80.000", "90.000");
    let (code, printed) = ingest(folder.path(), "p.html", changed.as_bytes(), &["--dry-run"]);
    assert_eq!(code, 0, "{printed}");
    assert_eq!(files(&warehouse), before);
}

#[test]
fn a_first_run_without_a_usable_file_publishes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (code, printed) = ingest(folder.path(), "l.xlsx", b"PK\x03\x04 cut off", &[]);
    assert_eq!(code, 4, "{printed}");
    assert!(printed.contains("l.xlsx"), "{printed}");
    let (_, releases, _) = run(
        folder.path(),
        &["releases", "--warehouse", "w", "--format", "json"],
    );
    let releases: serde_json::Value = serde_json::from_str(&releases).unwrap();
    assert_eq!(releases, serde_json::json!([]));
}

/// A declared list of three operations, and a later state without one of them.
#[test]
fn an_operation_that_is_gone_is_remembered_and_the_release_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    let list = |rows: &[&str]| {
        format!(
            "Begünstigter;Vorhaben;Beginn;Zuwendung in EUR\n{}",
            rows.concat()
        )
    };
    let rows_of = [
        "Verein 1 e.V.;V1;01.02.2016;100,50\n",
        "Verein 2 e.V.;V2;01.03.2016;200,50\n",
        "Verein 3 e.V.;V3;01.04.2016;300,50\n",
    ];
    let first = list(&rows_of);
    let (code, printed) = ingest(
        folder.path(),
        "l.csv",
        first.as_bytes(),
        &["--published", "2018-01-01"],
    );
    assert_eq!(code, 0, "{printed}");
    let second = list(&rows_of[..2]);
    let (code, printed) = ingest(
        folder.path(),
        "l.csv",
        second.as_bytes(),
        &["--published", "2019-01-01"],
    );
    assert_eq!(code, 0, "{printed}");
    assert_eq!(
        rows(
            folder.path(),
            "SELECT changed_columns, title FROM operation_history"
        ),
        ["gone,V3"]
    );
    let (code, out, err) = run(folder.path(), &["verify", "--warehouse", "w"]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn a_list_that_is_extended_keeps_what_it_said_before() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("sources/made_list");
    std::fs::create_dir_all(&source).unwrap();
    std::fs::write(
        source.join("source.toml"),
        "title = \"Made\"\npublisher = \"Made\"\nkind = \"operations\"\nfiles = [\"made_*.csv\"]\ncountry = \"DE\"\nvintage = \"extend\"\nexpected_rows = [1, 3]\n[published_date]\nfile_name = 'made_(\\d{4}-\\d\\d-\\d\\d)'\n",
    )
    .unwrap();
    let mirror = folder.path().join("mirror");
    std::fs::create_dir(&mirror).unwrap();
    let nightly = || night(folder.path(), &[]);
    let write = |day: &str, rows: &str| {
        let text = format!("Begünstigter;Vorhaben;Beginn;Zuwendung in EUR\n{rows}");
        std::fs::write(mirror.join(format!("made_{day}.csv")), text).unwrap();
    };
    write(
        "2018-01-01",
        "Verein 1 e.V.;V1;01.02.2016;100,50\nVerein 2 e.V.;V2;01.03.2016;200,50\n",
    );
    assert_eq!(nightly().0, 0);
    write(
        "2019-01-01",
        "Verein 2 e.V.;V2;01.03.2016;250,50\nVerein 3 e.V.;V3;01.04.2016;300,50\n",
    );
    let (code, printed) = nightly();
    assert_eq!(code, 0, "{printed}");
    assert_eq!(
        rows(
            folder.path(),
            "SELECT count(*), sum(amount) FROM operation_amount"
        ),
        ["3,651.50"]
    );
    assert_eq!(
        rows(
            folder.path(),
            "SELECT changed_columns, earlier_amounts FROM operation_history"
        ),
        [r#"amount.granted.EUR,"{""granted.EUR"":""200.50""}""#]
    );

    // Four rows, where at most three are known: another file, or one of another year. The list stays as it was.
    let many = (0..4).map(|i| format!("Verein {i} e.V.;W{i};01.02.2016;1,00\n"));
    write("2020-01-01", &many.collect::<String>());
    let (code, printed) = nightly();
    assert_eq!(code, 4, "{printed}");
    assert!(printed.contains("4 rows, where the source declares 1 to 3"));
    assert_eq!(rows(folder.path(), "SELECT count(*) FROM operation"), ["3"]);
}

#[test]
fn a_file_that_is_held_for_its_rows_says_what_is_wrong_with_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let row = |i: usize| format!("Verein {i} e.V.;Vorhaben {i};01.02.2016;=\"{i}00,50\"\n");
    let odd: String = (1..8).map(row).collect();
    let list = format!(
        "Begünstigter;Vorhaben;Beginn;Gesamtkosten in EUR\nVerein 0 e.V.;Vorhaben 0;01.02.2016;1,50\n{odd}"
    );
    let (code, printed) = ingest(folder.path(), "list.csv", list.as_bytes(), &[]);
    assert_eq!(code, 4, "{printed}");
    assert!(
        printed.contains("; the first is line 3 byte ")
            && printed.contains("no amount of the row can be read by the conventions of its file"),
        "{printed}"
    );
}

#[test]
fn a_list_of_nested_objects_is_read_and_traced_to_the_keys_of_each_value() {
    let folder = tempfile::tempdir().unwrap();
    let item = |n: u32| {
        format!(
            r#"{{"träger": {{"name": "Musterwerk {n} gGmbH"}}, "projekt": {{"titel": "Kurs {n}", "laufzeit": {{"von": "2021-12-31T23:00:00Z",
            "bis": "2022-0{n}-30T22:00:00Z"}}}}, "gesamtkosten": {{"betrag": "1.00{n},50", "währung": "EUR"}}}}"#
        )
    };
    let list = format!("[{},\n{}]", item(6), item(9));
    let (code, printed) = ingest(folder.path(), "n.json", list.as_bytes(), &[]);
    assert_eq!(code, 0, "{printed}");
    assert_eq!(
        rows(
            folder.path(),
            "SELECT o.title, n.name, a.amount, o.start_date, o.end_date FROM operation o
             JOIN operation_amount a USING (operation_id)
             JOIN operation_organisation r USING (operation_id)
             JOIN organisation n ON n.organisation_id = r.organisation_id
             ORDER BY o.title"
        ),
        [
            "Kurs 6,Musterwerk 6 gGmbH,1006.50,2022-01-01,2022-07-01",
            "Kurs 9,Musterwerk 9 gGmbH,1009.50,2022-01-01,2022-10-01",
        ]
    );
    let id = rows(
        folder.path(),
        "SELECT operation_id FROM operation WHERE title = 'Kurs 9'",
    );
    let (code, out, err) = run(
        folder.path(),
        &["trace", &id[0], "--warehouse", "w", "--format", "csv"],
    );
    assert_eq!(code, 0, "{out}{err}");
    for said in [
        "projekt / titel",
        "projekt / laufzeit / bis",
        "2022-09-30T22:00:00Z",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
}
