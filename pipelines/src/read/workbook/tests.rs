//! Workbooks made in the test, well-formed and hostile ones. All content is made up.

use std::io::Write;

use bytes::Bytes;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::sink::Collected;
use super::super::tests::{show, table};
use super::super::{Format, Kind, Limits, MergedRange, ReadError, read, sniff};

pub(super) fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        // As OpenDocument wants it.
        let method = match *name {
            "mimetype" => CompressionMethod::Stored,
            _ => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).expect("a part");
        zip.write_all(content.as_bytes()).expect("written");
    }
    zip.finish().expect("a zip").into_inner()
}

pub(super) const RELATIONS: &str = r#"<Relationships xmlns="r"><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="r3" Type="x/styles" Target="styles.xml"/><Relationship Id="r4" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
const STYLES: &str = r#"<styleSheet><numFmts count="1"><numFmt numFmtId="164" formatCode="dd.mm.yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="4"/></cellXfs></styleSheet>"#;
const STRINGS: &str = r#"<sst count="999999999"><si><t xml:space="preserve"> Träger &amp; Co </t></si><si><r><t>zwei</t></r><r><t>_x000D_&#10;Teile</t></r><rPh><t>nein</t></rPh></si></sst>"#;

/// A workbook with one or two sheets, given what stands between `<worksheet>` and `</worksheet>`.
pub(super) fn xlsx(sheet: &str, second: Option<&str>) -> Vec<u8> {
    let sheets = if second.is_some() {
        r#"<sheet name="Zwei" state="hidden" sheetId="2" r:id="r2"/>"#
    } else {
        ""
    };
    let workbook = format!(
        r#"<workbook xmlns:r="r"><sheets><sheet name="Liste &amp; mehr" sheetId="1" r:id="r1"/>{sheets}</sheets></workbook>"#
    );
    let worksheet = |inside: &str| format!("<worksheet>{inside}</worksheet>");
    zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        ("xl/workbook.xml", &workbook),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/styles.xml", STYLES),
        ("xl/sharedStrings.xml", STRINGS),
        ("xl/worksheets/sheet1.xml", &worksheet(sheet)),
        (
            "xl/worksheets/sheet2.xml",
            &worksheet(second.unwrap_or("<sheetData/>")),
        ),
    ])
}

const SHEET: &str = r#"<dimension ref="A1:XFD1048576"/><cols><col min="2" max="3" hidden="1"/><col min="9" max="16384" hidden="true"/></cols><sheetData>
<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c><c r="AZ2" s="1"/></row>
<row r="4"><c r="A4" s="1"><v>42551</v></c><c r="B4" s="2"><v>1234.5</v></c><c r="C4"><v>0.80000000000000004</v></c><c r="D4" t="b"><v>1</v></c><c r="E4" t="e"><v>#N/A</v></c><c r="F4"><f>A1*2</f><v>9000</v></c></row>
<row><c t="inlineStr"><is><t>in</t></is></c><c t="str"><f>"x"</f><v>y&lt;z</v></c><c s="1"><v>42446.4166666667</v></c><c t="d"><v>2016-03-17T00:00:00</v></c></row>
<row r="1048576"/></sheetData><mergeCells><mergeCell ref="A2:B3"/></mergeCells>"#;

const SHOWN: &str = "[Liste & mehr]\n2:2:0 | Träger & Co |-|zwei\r\\nTeile|-|-|-|\n4:4:0 |d 2016-06-30|n 1234.5|n 0.8|b true|e #N/A|n 9000|\n5:5:0 |in|y<z|d 2016-03-17T10:00:00|d 2016-03-17|-|-|\n";

fn xlsx_format() -> Format {
    Format::new(Kind::Xlsx)
}

#[test]
fn cells_of_every_type() {
    let bytes = Bytes::from(xlsx(SHEET, None));
    assert_eq!(sniff(&bytes, "x").expect("known").kind, Kind::Xlsx);
    let mut tables = Collected::default();
    read(&bytes, &xlsx_format(), &Limits::default(), &mut tables).expect("a workbook");
    assert_eq!(show(&tables), SHOWN);
    let info = &tables.sheets[0].0;
    assert_eq!(
        (info.width, info.hidden_columns.as_slice(), info.hidden),
        (6, [1, 2].as_slice(), false)
    );
    assert_eq!(
        info.merged,
        [MergedRange {
            first_row: 2,
            last_row: 3,
            first_column: 1,
            last_column: 2
        }]
    );
}

#[test]
fn a_formula_without_its_value_is_told() {
    let sheet = r#"<sheetData><row r="1"><c r="A1"><v>7</v></c><c r="B1"><f>A1*2</f><v></v></c><c r="C1"><f>A1*3</f><v>21</v></c><c r="D1" t="str"><f>""</f><v></v></c><c r="E1" s="2"/></row></sheetData>"#;
    let mut tables = Collected::default();
    let bytes = Bytes::from(xlsx(sheet, None));
    read(&bytes, &xlsx_format(), &Limits::default(), &mut tables).expect("a workbook");
    assert_eq!(show(&tables), "[Liste & mehr]\n1:1:0 |n 7|-|n 21|\n");
    let told: Vec<_> = tables
        .problems
        .iter()
        .map(|p| format!("{} {}", p.rule, p.place))
        .collect();
    assert_eq!(
        told,
        ["formula_without_value sheet 'Liste & mehr', cell B1"]
    );
}

#[test]
fn sheets_are_chosen_by_name() {
    let bytes = xlsx(
        SHEET,
        Some(r#"<sheetData><row r="1"><c r="B1"><v>7</v></c></row></sheetData>"#),
    );
    let all = table(bytes.clone(), &xlsx_format()).expect("both");
    assert_eq!(all, format!("{SHOWN}[Zwei] hidden\n1:1:0 |-|n 7|\n"));
    let one = Format {
        sheet: Some("zwei ".into()),
        ..xlsx_format()
    };
    assert_eq!(
        table(bytes.clone(), &one).expect("one"),
        "[Zwei] hidden\n1:1:0 |-|n 7|\n"
    );
    let none = Format {
        sheet: Some("Drei".into()),
        ..xlsx_format()
    };
    let error = table(bytes, &none).expect_err("no such sheet").to_string();
    assert!(error.contains("'Liste & mehr', 'Zwei'"), "{error}");
}

#[test]
fn cells_out_of_order_are_put_in_order() {
    let sheet = r#"<sheetData><row r="3"><c r="B3"><v>1</v></c><c r="A3"><v>2</v></c></row><row r="1"><c r="A1"><v>3</v></c></row><row r="3"><c r="C3"><v>4</v></c><c r="B3"><v>5</v></c></row></sheetData>"#;
    assert_eq!(
        table(xlsx(sheet, None), &xlsx_format()).expect("a workbook"),
        "[Liste & mehr]\n1:1:0 |n 3|-|-|\n3:3:0 |n 2|n 5|n 4|\n"
    );
}

#[test]
fn the_1904_system() {
    let bytes = zipped(&[
        (
            "xl/workbook.xml",
            r#"<workbook><workbookPr date1904="1"/><sheets><sheet name="A" r:id="r1"/></sheets></workbook>"#,
        ),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/styles.xml", STYLES),
        (
            "xl/worksheets/sheet1.xml",
            r#"<worksheet><sheetData><row r="1"><c r="A1" s="1"><v>41089</v></c></row></sheetData></worksheet>"#,
        ),
    ]);
    assert_eq!(
        table(bytes, &xlsx_format()).expect("a workbook"),
        "[A]\n1:1:0 |d 2016-06-30|\n"
    );
}

#[test]
fn a_cell_at_the_far_corner_costs_one_row() {
    let sheet = r#"<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>"#;
    let mut tables = Collected::default();
    let bytes = Bytes::from(xlsx(sheet, None));
    let summary =
        read(&bytes, &xlsx_format(), &Limits::default(), &mut tables).expect("a workbook");
    assert_eq!((summary.rows, tables.sheets[0].0.width), (1, 16_384));
    let beyond = xlsx(
        r#"<sheetData><row r="1"><c r="ZZZZ1"><v>1</v></c></row></sheetData>"#,
        None,
    );
    assert!(matches!(
        table(beyond, &xlsx_format()),
        Err(ReadError::TooManyColumns { .. })
    ));
    let rows: String = (1..=20_000)
        .map(|i| format!(r#"<row r="{i}"><c r="XFD{i}"><v>1</v></c></row>"#))
        .collect();
    let wide = xlsx(&format!("<sheetData>{rows}</sheetData>"), None);
    assert!(matches!(
        table(wide, &xlsx_format()),
        Err(ReadError::TooManyCells { .. })
    ));
}

#[test]
fn archive_bombs_are_not_unpacked() {
    let blanks = " ".repeat(3 << 20);
    let bytes = Bytes::from(xlsx(&format!("<sheetData>{blanks}</sheetData>"), None));
    let limits = Limits {
        max_inflated_bytes: 1 << 20,
        ..Limits::default()
    };
    let error = read(&bytes, &xlsx_format(), &limits, &mut Collected::default())
        .expect_err("a bomb")
        .to_string();
    assert!(
        error.contains("xl/worksheets/sheet1.xml") && error.contains("1048576"),
        "{error}"
    );
    let error = table(bytes, &xlsx_format())
        .expect_err("one endless text")
        .to_string();
    assert!(error.contains("more than 1048576 bytes"), "{error}");
}

#[test]
fn one_text_shared_by_all_cells_cannot_grow_without_bound() {
    let strings = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(30_000));
    let row: String = (0..100).map(|_| r#"<c t="s"><v>0</v></c>"#).collect();
    let rows: String = (0..400).map(|_| format!("<row>{row}</row>")).collect();
    let bytes = zipped(&[
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="A" r:id="r1"/></sheets></workbook>"#,
        ),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/sharedStrings.xml", &strings),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ]);
    assert!(matches!(
        table(bytes, &xlsx_format()),
        Err(ReadError::TooMuchText { .. })
    ));
}

#[test]
fn damaged_workbooks() {
    let whole = xlsx(SHEET, None);
    let message = |bytes: &[u8], kind| {
        table(bytes.to_vec(), &Format::new(kind))
            .expect_err("damaged")
            .to_string()
    };
    for cut in [whole.len() / 3, whole.len() - 30] {
        let error = message(&whole[..cut], Kind::Xlsx);
        assert!(
            error.contains("truncated or damaged") && error.contains("fetch it again"),
            "{error}"
        );
    }
    assert!(message(b"a;b\n", Kind::Xlsx).contains("neither a zip archive"));
    assert!(message(b"<html><body>503</body></html>", Kind::Xlsx).contains("an HTML page"));
    assert!(message(&whole, Kind::Ods).contains("Office Open XML"));
    let cut = xlsx(
        r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row>"#,
        None,
    );
    let open = zipped(&[
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="A" r:id="r1"/></sheets></workbook>"#,
        ),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        (
            "xl/worksheets/sheet1.xml",
            r#"<worksheet><sheetData><row r="1"><c r="A1"><v>1"#,
        ),
    ]);
    for bytes in [cut, open] {
        assert!(message(&bytes, Kind::Xlsx).contains("sheet1.xml"));
    }
    let mut flipped = whole.clone();
    let middle = whole.len() / 2;
    flipped[middle] ^= 0xFF;
    let _ = table(flipped, &xlsx_format()); // whatever comes of it, it must not panic
    let missing = zipped(&[
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="A" r:id="r1"/></sheets></workbook>"#,
        ),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
    ]);
    assert!(message(&missing, Kind::Xlsx).contains("sheet1.xml' is missing"));
}

#[test]
fn destroyed_letters_are_found_in_cells() {
    let sheet =
        "<sheetData><row r=\"3\"><c r=\"B3\" t=\"str\"><v>Tr\u{FFFD}ger</v></c></row></sheetData>";
    let error = table(xlsx(sheet, None), &xlsx_format())
        .expect_err("destroyed")
        .to_string();
    assert!(error.contains("cell B3"), "{error}");
}

const ODS: &str = r#"<office:document-content><office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>
<table:table table:name="Liste"><table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/><table:table-column table:number-columns-repeated="16381"/>
<table:table-header-rows><table:table-row><table:table-cell table:number-columns-spanned="2" office:value-type="string"><office:annotation><text:p>Notiz</text:p></office:annotation><text:p>Name<text:s text:c="2"/>x</text:p><text:p>zweite &amp; Zeile</text:p></table:table-cell><table:covered-table-cell/><table:table-cell office:value-type="string"><text:p>Tag</text:p></table:table-cell></table:table-row></table:table-header-rows>
<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="currency" office:value="9000.50"><text:p>9.000,50 €</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2" office:value-type="date" office:date-value="2016-03-17"><text:p>17.03.16</text:p></table:table-cell><table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16380"/></table:table-row>
<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>
<table:table table:name="Zwei" table:style-name="ta2"><table:table-row><table:table-cell office:value-type="float" office:value="7"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;

pub(super) fn ods(content: &str) -> Vec<u8> {
    zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content),
        ("META-INF/manifest.xml", "<manifest/>"),
    ])
}

#[test]
fn an_opendocument_spreadsheet() {
    let bytes = Bytes::from(ods(ODS));
    assert_eq!(sniff(&bytes, "x").expect("known").kind, Kind::Ods);
    let mut tables = Collected::default();
    read(
        &bytes,
        &Format::new(Kind::Ods),
        &Limits::default(),
        &mut tables,
    )
    .expect("a spreadsheet");
    assert_eq!(
        show(&tables),
        "[Liste]\n1:1:0 |Name  x\\nzweite & Zeile|-|Tag|-|\n5:5:0 |n 9000.5 €|d 2016-03-17|d 2016-03-17|b true|\n6:6:0 |n 9000.5 €|d 2016-03-17|d 2016-03-17|b true|\n[Zwei] hidden\n1:1:0 |n 7|\n"
    );
    let info = &tables.sheets[0].0;
    assert_eq!(info.hidden_columns, [1, 2]);
    assert_eq!(
        info.merged,
        [MergedRange {
            first_row: 1,
            last_row: 1,
            first_column: 1,
            last_column: 2
        }]
    );
    let one = Format {
        sheet: Some("Zwei".into()),
        ..Format::new(Kind::Ods)
    };
    assert_eq!(
        table(bytes, &one).expect("one sheet"),
        "[Zwei] hidden\n1:1:0 |n 7|\n"
    );
}

#[test]
fn repeated_cells_and_rows_are_counted_before_they_are_made() {
    let cell = |columns: &str, rows: &str| {
        ods(&format!(
            r#"<office:document-content><table:table table:name="A"><table:table-row table:number-rows-repeated="{rows}"><table:table-cell table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/></table:table-row></table:table></office:document-content>"#
        ))
    };
    let error = |bytes: Vec<u8>| table(bytes, &Format::new(Kind::Ods)).expect_err("too many");
    assert!(matches!(
        error(cell("4000000000", "1")),
        ReadError::TooManyColumns { .. }
    ));
    assert!(matches!(
        error(cell("16384", "4000000000")),
        ReadError::TooManyCells { .. }
    ));
}

#[test]
fn an_encrypted_or_cut_opendocument_spreadsheet() {
    let manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>";
    let bytes = zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", "rubbish"),
        ("META-INF/manifest.xml", manifest),
    ]);
    assert_eq!(
        table(bytes, &Format::new(Kind::Ods)),
        Err(ReadError::Encrypted)
    );
    let cut = &ODS[..ODS.len() / 2];
    let error = table(ods(cut), &Format::new(Kind::Ods))
        .expect_err("cut")
        .to_string();
    assert!(error.contains("content.xml"), "{error}");
}

#[test]
fn no_damage_makes_it_panic() {
    for (whole, kind) in [(xlsx(SHEET, None), Kind::Xlsx), (ods(ODS), Kind::Ods)] {
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            let _ = table(bytes, &Format::new(kind));
        }
    }
    // the same on the XML itself, where no checksum stands before the parser
    for at in 0..SHEET.len() {
        let mut sheet = SHEET.as_bytes().to_vec();
        sheet[at] = b"<>\"&;/0 "[at % 8];
        let _ = table(xlsx(&String::from_utf8_lossy(&sheet), None), &xlsx_format());
        let _ = table(xlsx(&SHEET[..at], None), &xlsx_format());
    }
}
