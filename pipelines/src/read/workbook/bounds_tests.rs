//! Workbooks that claim, repeat or refer to too much, and numbers that nobody means. All content is made up.

use std::fmt::Write;

use bytes::Bytes;

use super::super::sink::Collected;
use super::super::tests::{show, table as table_of};
use super::super::{Format, Kind, Limits, ReadError, read, sniff};
use super::tests::{RELATIONS, ods, xlsx, zipped};

fn collected(bytes: Vec<u8>, kind: Kind, limits: &Limits) -> Result<Collected, ReadError> {
    let mut tables = Collected::default();
    read(&bytes.into(), &Format::new(kind), limits, &mut tables).map(|_| tables)
}

fn read_as(kind: Kind, bytes: Vec<u8>) -> Result<Collected, ReadError> {
    collected(bytes, kind, &Limits::default())
}

/// An `.xlsx` with these rows.
fn rows(rows: &str) -> Vec<u8> {
    xlsx(&format!("<sheetData>{rows}</sheetData>"), None)
}

/// An `.ods` with this inside its table.
fn table(inside: &str) -> Vec<u8> {
    ods(&format!(
        r#"<office:document-content><table:table table:name="A">{inside}</table:table></office:document-content>"#
    ))
}

fn problems(tables: &Collected) -> Vec<String> {
    let told = tables.problems.iter();
    told.map(|p| format!("{} {}", p.rule, p.place)).collect()
}

#[test]
fn columns_beyond_every_sheet_are_refused_where_they_are_named() {
    for reference in ["MWLQKWU60", "ZZZZZZZZZZZZ60"] {
        for cell in ["", "<v>9</v>"] {
            let row = format!(r#"<row r="60"><c r="{reference}">{cell}</c><c><v>9</v></c></row>"#);
            let error = read_as(Kind::Xlsx, rows(&row)).expect_err("too far");
            assert!(matches!(error, ReadError::TooManyColumns { .. }), "{error}");
            assert!(!error.to_string().contains("delimiter"), "{error}");
        }
    }
    let cell = r#"<table:table-cell office:value-type="float" office:value="1"/>"#;
    let far = format!(
        r#"<table:table-row><table:table-cell table:number-columns-repeated="4294967295"/>{cell}</table:table-row>"#
    );
    let error = read_as(Kind::Ods, table(&far)).expect_err("too far");
    assert!(matches!(error, ReadError::TooManyColumns { .. }), "{error}");
}

#[test]
fn columns_hidden_again_and_again_are_hidden_once() {
    let hidden = r#"<col min="1" max="16384" hidden="1"/>"#.repeat(20_000);
    let sheet = format!(
        r#"<cols>{hidden}</cols><sheetData><row r="1"><c r="C1"><v>1</v></c></row></sheetData>"#
    );
    let tables = read_as(Kind::Xlsx, xlsx(&sheet, None)).expect("a workbook");
    assert_eq!(tables.sheets[0].0.hidden_columns, [0, 1, 2]);
    let hidden = r#"<table:table-column table:visibility="collapse" table:number-columns-repeated="16384"/>"#;
    let row = r"<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>";
    let inside = format!("{}{row}", hidden.repeat(20_000));
    let tables = read_as(Kind::Ods, table(&inside)).expect("a spreadsheet");
    assert_eq!(tables.sheets[0].0.hidden_columns, [0]);
}

/// A workbook whose sheets are these relations.
fn workbook_of(relations: &[&str]) -> Vec<u8> {
    let mut sheets = String::new();
    for (n, id) in relations.iter().enumerate() {
        let _ = write!(sheets, r#"<sheet name="S{n}" r:id="{id}"/>"#);
    }
    let sheet =
        r#"<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#;
    zipped(&[
        (
            "xl/workbook.xml",
            &format!("<workbook><sheets>{sheets}</sheets></workbook>"),
        ),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/worksheets/sheet2.xml", sheet),
    ])
}

#[test]
fn sheets_are_few_and_each_is_a_part_of_its_own() {
    assert!(read_as(Kind::Xlsx, workbook_of(&["r1", "r2"])).is_ok());
    let error = read_as(Kind::Xlsx, workbook_of(&["r1", "r2", "r1"])).expect_err("one part twice");
    assert_eq!(
        error,
        ReadError::SameSheet {
            first: 1,
            second: 3
        }
    );
    let error = read_as(Kind::Xlsx, workbook_of(&["r1"; 1_001]))
        .expect_err("too many")
        .to_string();
    assert!(error.contains("more than 1000 sheets"), "{error}");
    let one = r#"<table:table table:name="A"><table:table-row/></table:table>"#;
    let content = format!(
        "<office:document-content>{}</office:document-content>",
        one.repeat(1_001)
    );
    let error = read_as(Kind::Ods, ods(&content))
        .expect_err("too many")
        .to_string();
    assert!(error.contains("more than 1000 sheets"), "{error}");
}

#[test]
fn of_many_sheets_the_first_are_named_and_the_others_counted() {
    let mut sheets = String::new();
    for n in 0..60 {
        let _ = write!(
            sheets,
            r#"<sheet name="{n:02}{}" r:id="r1"/>"#,
            "x".repeat(10_000)
        );
    }
    let bytes = zipped(&[
        (
            "xl/workbook.xml",
            &format!("<workbook><sheets>{sheets}</sheets></workbook>"),
        ),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
    ]);
    let other = Format {
        sheet: Some("Liste".into()),
        ..Format::new(Kind::Xlsx)
    };
    let error = table_of(bytes, &other)
        .expect_err("no such sheet")
        .to_string();
    assert!(
        error.contains("; it has '00xx") && error.contains("x…' and 20 more; correct sheet"),
        "{error}"
    );
    assert!(error.len() < 4_000, "{error}");
}

#[test]
fn cells_of_all_sheets_are_counted_together() {
    let six = r#"<sheetData><row r="1"><c r="F1"><v>1</v></c></row></sheetData>"#;
    let limits = Limits {
        max_cells: 11,
        ..Limits::default()
    };
    assert!(collected(xlsx(six, None), Kind::Xlsx, &limits).is_ok());
    let error = collected(xlsx(six, Some(six)), Kind::Xlsx, &limits)
        .expect_err("twelve")
        .to_string();
    assert!(
        error.starts_with("sheet 'Zwei', cell F1") && error.contains("more than 11 cells"),
        "{error}"
    );
}

#[test]
fn a_cell_is_measured_while_its_text_grows() {
    let long = "x".repeat(600_000);
    let text = format!("<t>{long}</t>").repeat(2);
    let inline = format!(r#"<row r="1"><c t="inlineStr"><is>{text}</is></c></row>"#);
    let error = read_as(Kind::Xlsx, rows(&inline))
        .expect_err("too long")
        .to_string();
    assert!(
        error.starts_with("sheet 'Liste & mehr', cell A1")
            && error.contains("more than 1048576 bytes"),
        "{error}"
    );
    let paragraphs = format!("<text:p>{long}</text:p>").repeat(2);
    let row = format!(
        "<table:table-row><table:table-cell>{paragraphs}</table:table-cell></table:table-row>"
    );
    let error = read_as(Kind::Ods, table(&row)).expect_err("too long");
    assert!(matches!(error, ReadError::CellTooLarge { .. }), "{error}");
    let strings = format!("<sst><si><r>{text}</r></si></sst>");
    let shared = zipped(&[
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="A" r:id="r1"/></sheets></workbook>"#,
        ),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/sharedStrings.xml", &strings),
    ]);
    let error = read_as(Kind::Xlsx, shared)
        .expect_err("too long")
        .to_string();
    assert!(error.contains("xl/sharedStrings.xml"), "{error}");
}

#[test]
fn rows_filled_down_to_the_end_of_a_sheet_are_no_list() {
    let repeated = |text: &str, times: u32| {
        let row = format!(
            r#"<table:table-row table:number-rows-repeated="{times}"><table:table-cell><text:p>{text}</text:p></table:table-cell></table:table-row>"#
        );
        read_as(Kind::Ods, table(&row)).expect_err("no list")
    };
    let error = repeated("x", 1_000_000);
    assert!(matches!(error, ReadError::TooManyRepeats { .. }), "{error}");
    let error = repeated(&"x".repeat(1_000), 1_048_576);
    assert!(matches!(error, ReadError::TooMuchText { .. }), "{error}");
}

#[test]
fn rows_and_cells_that_stand_twice_are_doubted() {
    let twice = r#"<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row><row r="2"><c r="A2"><v>3</v></c></row><row r="1"><c r="B1"><v>4</v></c></row>"#;
    let tables = read_as(Kind::Xlsx, rows(twice)).expect("a workbook");
    assert_eq!(
        show(&tables),
        "[Liste & mehr]\n1:1:0 |n 2|n 4|\n2:2:0 |n 3|-|\n"
    );
    assert_eq!(
        problems(&tables),
        [
            "row_twice sheet 'Liste & mehr', row 1",
            "cell_twice sheet 'Liste & mehr', cell A1"
        ]
    );
}

#[test]
fn numbers_that_nobody_means_are_texts_and_doubted() {
    let values = ["NaN", "-INF", "1e400", "1e308", "1e-300"];
    let (mut in_xlsx, mut in_ods) = (String::new(), String::new());
    for value in values {
        let _ = write!(in_xlsx, "<row><c><v>{value}</v></c></row>");
        let _ = write!(
            in_ods,
            r#"<table:table-row><table:table-cell office:value-type="float" office:value="{value}"><text:p>1,00</text:p></table:table-cell></table:table-row>"#
        );
    }
    let shown = "1:1:0 |NaN|\n2:2:0 |-INF|\n3:3:0 |1e400|\n4:4:0 |1e308|\n5:5:0 |1e-300|\n";
    for (kind, sheet, bytes) in [
        (Kind::Xlsx, "Liste & mehr", rows(&in_xlsx)),
        (Kind::Ods, "A", table(&in_ods)),
    ] {
        let tables = read_as(kind, bytes).expect("a workbook");
        assert_eq!(show(&tables), format!("[{sheet}]\n{shown}"));
        let expected: Vec<String> = (1..=values.len())
            .map(|row| format!("number_range sheet '{sheet}', cell A{row}"))
            .collect();
        assert_eq!(problems(&tables), expected);
    }
    let odd = "<row><c><v>zwei</v></c></row>".repeat(1_000);
    let tables = read_as(Kind::Xlsx, rows(&odd)).expect("a workbook");
    assert_eq!(tables.problems.len(), 100, "not every cell says so");
    assert_eq!(tables.problems[0].rule, "cell_type");
}

/// A workbook of one row, with this many parts of 23 MiB of blanks, of which so many are sheets of it.
fn with_blanks(parts: usize, referred_to: usize) -> Vec<u8> {
    let (mut sheets, mut relations) = (String::new(), String::new());
    for n in 0..=referred_to {
        let _ = write!(sheets, r#"<sheet name="S{n}" r:id="r{n}"/>"#);
        let _ = write!(
            relations,
            r#"<Relationship Id="r{n}" Type="x/worksheet" Target="worksheets/sheet{n}.xml"/>"#
        );
    }
    let book = format!("<workbook><sheets>{sheets}</sheets></workbook>");
    let relations = format!("<Relationships>{relations}</Relationships>");
    let blank = format!("<worksheet>{}</worksheet>", " ".repeat(23 << 20));
    let names: Vec<String> = (1..=parts)
        .map(|n| format!("xl/worksheets/sheet{n}.xml"))
        .collect();
    let mut content = vec![
        ("xl/workbook.xml", book.as_str()),
        ("xl/_rels/workbook.xml.rels", relations.as_str()),
        (
            "xl/worksheets/sheet0.xml",
            r#"<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#,
        ),
    ];
    content.extend(names.iter().map(|name| (name.as_str(), blank.as_str())));
    zipped(&content)
}

#[test]
fn parts_that_nothing_refers_to_cost_nothing() {
    let shown = "[S0]\n1:1:0 |n 1|\n";
    let small = Limits {
        max_inflated_bytes: 1 << 20,
        ..Limits::default()
    };
    // Together they are more than may come out of a file of this size, which holds for those that are needed.
    let none = with_blanks(3, 0);
    for limits in [&Limits::default(), &small] {
        let tables = collected(none.clone(), Kind::Xlsx, limits).expect("a workbook");
        assert_eq!(show(&tables), shown);
    }
    let all = with_blanks(3, 3);
    let error = read_as(Kind::Xlsx, all.clone()).expect_err("too much");
    assert!(matches!(error, ReadError::PacksTooWell { .. }), "{error}");
    let error = collected(all.clone(), Kind::Xlsx, &small).expect_err("too much");
    assert!(matches!(error, ReadError::Inflated { .. }), "{error}");
    // Nor is a sheet unpacked where another one is declared.
    let one = Format {
        sheet: Some("S0".into()),
        ..Format::new(Kind::Xlsx)
    };
    let mut tables = Collected::default();
    read(&all.into(), &one, &small, &mut tables).expect("one sheet of it");
    assert_eq!(show(&tables), shown);
}

#[test]
fn a_part_is_no_bomb_by_itself_unless_it_is_needed() {
    let blanks = " ".repeat(65 << 20);
    let row =
        r#"<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#;
    let bytes = zipped(&[
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="A" r:id="r1"/><sheet name="B" r:id="r2"/></sheets></workbook>"#,
        ),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/worksheets/sheet1.xml", row),
        ("xl/worksheets/sheet2.xml", &blanks),
    ]);
    let one = |name: &str| Format {
        sheet: Some(name.into()),
        ..Format::new(Kind::Xlsx)
    };
    assert_eq!(
        table_of(bytes.clone(), &one("A")).expect("a sheet"),
        "[A]\n1:1:0 |n 1|\n"
    );
    let error = table_of(bytes, &one("B")).expect_err("a bomb").to_string();
    assert!(
        error.contains("part 'xl/worksheets/sheet2.xml'")
            && error.contains("400 times its packed size"),
        "{error}"
    );
}

/// A workbook with one more entry in its directory, for the bytes of its sheet.
fn with_a_second_name() -> Vec<u8> {
    const NAME: &[u8] = b"xl/worksheets/sheet1.xml";
    const HEAD: usize = 46;
    let whole = rows(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#);
    let short = |bytes: &[u8], at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let at = memchr::memmem::rfind(&whole, NAME).expect("an entry") - HEAD;
    // Behind the head stand the name, further fields and a comment.
    let lengths = [28, 30, 32].map(|length| usize::from(short(&whole, at + length)));
    assert_eq!(lengths[0], NAME.len());
    let mut entry = whole[at..at + HEAD + lengths.iter().sum::<usize>()].to_vec();
    entry[HEAD + NAME.len() - 5] = b'9';
    let end = memchr::memmem::rfind(&whole, b"PK\x05\x06").expect("an end");
    let mut twice = [&whole[..end], entry.as_slice(), &whole[end..]].concat();
    let end = end + entry.len();
    for count in [end + 8, end + 10] {
        let more = short(&twice, count) + 1;
        twice[count..count + 2].copy_from_slice(&more.to_le_bytes());
    }
    let size = short(&twice, end + 12) + u16::try_from(entry.len()).expect("a few bytes");
    twice[end + 12..end + 14].copy_from_slice(&size.to_le_bytes());
    twice
}

#[test]
fn parts_in_the_same_place_are_refused_whether_or_not_they_are_needed() {
    let error = read_as(Kind::Xlsx, with_a_second_name()).expect_err("the same bytes twice");
    assert_eq!(error, ReadError::SamePlace);
    assert!(error.to_string().contains("was made to do harm"), "{error}");
}

#[test]
fn archives_say_what_is_wrong_with_them() {
    let message = |bytes: Vec<u8>| {
        read_as(Kind::Xlsx, bytes)
            .expect_err("no workbook")
            .to_string()
    };
    let error = message(with_blanks(3, 3));
    assert!(
        error.contains("part 'xl/worksheets/sheet3.xml'")
            && error.contains("100 times its packed size"),
        "{error}"
    );
    let mut entries = b"PK\x03\x04".to_vec();
    entries.extend(b"PK\x01\x02".repeat(10_001));
    let error = message(entries);
    assert!(error.contains("more than 10000 parts"), "{error}");
    assert!(!error.contains("fetch it again"), "{error}");
    let mut packed = rows("<row/>");
    let name = b"xl/worksheets/sheet1.xml";
    let at = memchr::memmem::rfind(&packed, name).expect("an entry") - 46;
    packed[at + 10] = 9; // its method: Deflate64
    let error = message(packed);
    assert!(error.contains("packed in a way"), "{error}");
}

#[test]
fn opendocument_files_are_called_so_and_may_be_encrypted_as_a_whole() {
    let whole = table("<table:table-row/>");
    let half = Bytes::from(whole[..whole.len() / 2].to_vec());
    for error in [
        sniff(&half, "x").expect_err("half a file"),
        read_as(Kind::Ods, half.to_vec()).expect_err("half a file"),
    ] {
        assert!(
            error.to_string().starts_with("the ods file is truncated"),
            "{error}"
        );
    }
    let encrypted = zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("encrypted-package", "rubbish"),
    ]);
    let error = read_as(Kind::Ods, encrypted).expect_err("encrypted");
    assert_eq!(error, ReadError::Encrypted);
}
