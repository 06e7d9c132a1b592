//! Binary workbooks made in the test: a compound file around a stream of records. All content is made up.

use bytes::Bytes;

use super::super::sink::Collected;
use super::super::tests::{show, table};
use super::super::{Format, Kind, Limits, ReadError, read, sniff};

const FREE: u32 = 0xFFFF_FFFF;
const END: u32 = 0xFFFF_FFFE;

/// A compound file with one stream: header, allocation table, directory, stream.
fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut stream = stream.to_vec();
    stream.resize(stream.len().max(4096).next_multiple_of(512), 0); // small streams live elsewhere
    let sectors = (stream.len() / 512) as u32;
    let mut header = vec![0_u8; 512];
    header[..8].copy_from_slice(super::OLE2);
    let mut put = |at: usize, n: u32| header[at..at + 4].copy_from_slice(&n.to_le_bytes());
    put(24, 0x0003_003E);
    put(28, 0x0009_FFFE);
    put(32, 6);
    put(44, 1);
    put(48, 1); // directory
    put(60, END);
    put(68, END);
    (0..109).for_each(|i| put(76 + 4 * i, if i == 0 { 0 } else { FREE }));
    let next = (2..2 + sectors).map(|id| if id + 1 < 2 + sectors { id + 1 } else { END });
    let table: Vec<u32> = [0xFFFF_FFFD, END]
        .into_iter()
        .chain(next)
        .chain(std::iter::repeat(FREE))
        .take(128)
        .collect();
    let mut out = header;
    out.extend(table.iter().flat_map(|n| n.to_le_bytes()));
    for (name, kind, start, len) in [
        ("Root Entry", 5_u8, END, 0),
        (name, 2, 2, stream.len() as u32),
    ] {
        let mut entry = vec![0_u8; 128];
        for (i, unit) in name.encode_utf16().enumerate() {
            entry[2 * i..2 * i + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[66] = kind;
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&len.to_le_bytes());
        out.extend(entry);
    }
    out.resize(1536, 0);
    out.extend(stream);
    out
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [
        &kind.to_le_bytes()[..],
        &(data.len() as u16).to_le_bytes(),
        data,
    ]
    .concat()
}

fn cell(kind: u16, row: u16, column: u16, style: u16, rest: &[u8]) -> Vec<u8> {
    let place: Vec<u8> = [row, column, style]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    record(kind, &[place.as_slice(), rest].concat())
}

/// The stream of a workbook with one sheet.
fn stream(globals: &[u8], sheet: &[u8]) -> Vec<u8> {
    let bof = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0]);
    let eof = record(0x000A, &[]);
    let bound = |offset: u32| {
        record(
            0x0085,
            &[&offset.to_le_bytes()[..], &[1, 0, 2, 0, b'E', b'1']].concat(),
        )
    };
    let offset = bof.len() + globals.len() + bound(0).len() + eof.len();
    [
        &bof,
        globals,
        &bound(offset as u32),
        &eof,
        &bof,
        sheet,
        &eof,
    ]
    .concat()
}

fn globals() -> Vec<u8> {
    let format = record(
        0x041E,
        &[&164_u16.to_le_bytes()[..], &[10, 0, 0], b"dd.mm.yyyy"].concat(),
    );
    let style = |id: u16| record(0x00E0, &[&[0, 0][..], &id.to_le_bytes(), &[0; 16]].concat());
    let texts = [
        &[9, 0, 0, 0, 255, 255, 255, 0][..],
        &[3, 0, 0, b'a', 0xE4, 0x84],
        &[1, 0, 1, 0x3A, 0x04],
    ]
    .concat();
    [format, style(0), style(164), record(0x00FC, &texts)].concat()
}

#[test]
fn cells_of_every_type() {
    let sheet = [
        record(0x0200, &[0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0]), // claims 65,536 × 256 cells
        record(0x007D, &[1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
        cell(0x00FD, 2, 0, 0, &0_u32.to_le_bytes()),
        cell(0x00FD, 2, 1, 0, &1_u32.to_le_bytes()),
        cell(0x0203, 2, 2, 1, &42_551.0_f64.to_le_bytes()),
        cell(0x027E, 2, 3, 0, &((1_234_u32 << 2) | 3).to_le_bytes()),
        record(
            0x00BD,
            &[3, 0, 0, 0, 0, 0, 6, 0, 0, 0, 1, 0, 10, 0, 0, 0, 1, 0],
        ),
        cell(0x0205, 3, 2, 0, &[1, 0]),
        cell(0x0205, 3, 3, 0, &[0x2A, 1]),
        cell(0x0006, 4, 0, 0, &[0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0]),
        record(0x0207, &[2, 0, 0, b'o', b'k']),
        cell(0x0006, 4, 1, 0, &9000.0_f64.to_le_bytes()),
        record(0x00E5, &[1, 0, 2, 0, 3, 0, 0, 0, 1, 0]),
    ];
    let bytes = Bytes::from(compound("Workbook", &stream(&globals(), &sheet.concat())));
    assert_eq!(sniff(&bytes, "x").expect("known").kind, Kind::Xls);
    let mut tables = Collected::default();
    read(
        &bytes,
        &Format::new(Kind::Xls),
        &Limits::default(),
        &mut tables,
    )
    .expect("a workbook");
    assert_eq!(
        show(&tables),
        "[E1] hidden\n3:3:0 |aä„|к|d 2016-06-30|n 12.34|\n4:4:0 |n 1|d 1900-01-02|b true|e #N/A|\n5:5:0 |ok|n 9000|-|-|\n"
    );
    let info = &tables.sheets[0].0;
    assert_eq!(
        (info.hidden_columns.as_slice(), info.merged.len()),
        ([1].as_slice(), 1)
    );
}

#[test]
fn what_is_said_again_and_again_is_read_once() {
    let hidden = record(0x007D, &[0, 0, 255, 0, 0, 0, 0, 0, 1, 0, 0, 0]).repeat(3_000);
    let one = cell(0x0203, 0, 2, 0, &1.0_f64.to_le_bytes());
    let bytes = compound("Workbook", &stream(&[], &[hidden, one].concat()));
    let mut tables = Collected::default();
    read(
        &bytes.into(),
        &Format::new(Kind::Xls),
        &Limits::default(),
        &mut tables,
    )
    .expect("a workbook");
    assert_eq!(tables.sheets[0].0.hidden_columns, [0, 1, 2]);
    // Every sheet begins where the workbook itself does.
    let bound = |n: usize| record(0x0085, &[0, 0, 0, 0, 0, 0, 1, 0, b'a']).repeat(n);
    let with = |n| {
        let bytes = compound("Workbook", &stream(&bound(n), &[]));
        table(bytes, &Format::new(Kind::Xls)).expect_err("one place, many sheets")
    };
    assert_eq!(
        with(2),
        ReadError::SameSheet {
            first: 1,
            second: 2
        }
    );
    assert!(with(1_001).to_string().contains("more than 1000 sheets"));
}

#[test]
fn numbers_that_nobody_means_are_texts_and_doubted() {
    let numbers = [f64::NAN, f64::INFINITY, 1e308, 5e-324];
    let sheet: Vec<u8> = (0..)
        .zip(numbers)
        .flat_map(|(row, number)| cell(0x0203, row, 0, 1, &number.to_le_bytes()))
        .collect();
    let bytes = compound("Workbook", &stream(&globals(), &sheet));
    let mut tables = Collected::default();
    read(
        &bytes.into(),
        &Format::new(Kind::Xls),
        &Limits::default(),
        &mut tables,
    )
    .expect("a workbook");
    assert_eq!(
        show(&tables),
        "[E1] hidden\n1:1:0 |NaN|\n2:2:0 |inf|\n3:3:0 |1e308|\n4:4:0 |5e-324|\n"
    );
    let rules = tables.problems.iter().map(|problem| problem.rule.as_ref());
    assert_eq!(rules.collect::<Vec<_>>(), ["number_range"; 4]);
}

#[test]
fn encrypted_old_and_foreign_files() {
    let with = |bytes: Vec<u8>| table(bytes, &Format::new(Kind::Xls)).expect_err("no workbook");
    assert_eq!(
        with(compound("EncryptedPackage", b"x")),
        ReadError::Encrypted
    );
    assert_eq!(
        table(compound("EncryptedPackage", b"x"), &Format::new(Kind::Xlsx)),
        Err(ReadError::Encrypted)
    );
    assert_eq!(
        with(compound("Workbook", &stream(&record(0x002F, &[0; 6]), &[]))),
        ReadError::Encrypted
    );
    assert!(
        with(compound("Book", b"x"))
            .to_string()
            .contains("Excel 95")
    );
    assert!(
        with(compound("WordDocument", b"x"))
            .to_string()
            .contains("no workbook")
    );
    assert!(
        with(b"<table><tr><td>1</td></tr></table>".to_vec())
            .to_string()
            .contains("HTML")
    );
}

#[test]
fn circles_and_false_lengths_are_found() {
    let whole = compound(
        "Workbook",
        &stream(&globals(), &cell(0x0203, 0, 0, 0, &1.0_f64.to_le_bytes())),
    );
    assert!(table(whole.clone(), &Format::new(Kind::Xls)).is_ok());
    let damaged = |at: usize, n: u32| {
        let mut bytes = whole.clone();
        bytes[at..at + 4].copy_from_slice(&n.to_le_bytes());
        table(bytes, &Format::new(Kind::Xls))
            .expect_err("damaged")
            .to_string()
    };
    assert!(
        damaged(512 + 4, 1).contains("in a circle"),
        "the directory follows itself"
    );
    assert!(damaged(512 + 8, 999).contains("leaves") || damaged(512 + 8, 999).contains("beyond"));
    assert!(damaged(1024 + 128 + 120, 0xFFFF_FFF0).contains("longer than the file"));
    assert!(damaged(48, 0x00FF_FFFF).contains("beyond its end"));
}

#[test]
fn no_damage_makes_it_panic() {
    let sheet = [
        cell(0x00FD, 2, 0, 0, &0_u32.to_le_bytes()),
        cell(0x0203, 2, 2, 1, &42_551.0_f64.to_le_bytes()),
    ]
    .concat();
    let whole = compound("Workbook", &stream(&globals(), &sheet));
    for cut in (0..whole.len()).step_by(37) {
        let _ = table(whole[..cut].to_vec(), &Format::new(Kind::Xls));
    }
    // every byte of header, tables and records in turn
    for at in 0..2048 {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            let _ = table(bytes, &Format::new(Kind::Xls));
        }
    }
}
