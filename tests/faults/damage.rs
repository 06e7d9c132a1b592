//! Damages of published files, made here so that no damaged file is kept.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// A compound file as spreadsheet programs write it around an encrypted workbook: header, one sector of the allocation
/// table, and a directory with the two streams that say so.
pub(super) fn encrypted_workbook() -> Vec<u8> {
    const SECTOR: usize = 512;
    const END: u32 = 0xFFFF_FFFE;
    const FREE: u32 = 0xFFFF_FFFF;
    const TABLE: u32 = 0xFFFF_FFFD;
    let mut header = vec![0; SECTOR];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    put(24, &[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
    put(44, &1u32.to_le_bytes());
    put(48, &1u32.to_le_bytes());
    put(56, &4096u32.to_le_bytes());
    put(60, &END.to_le_bytes());
    put(68, &END.to_le_bytes());
    for entry in 0..109 {
        let sector = if entry == 0 { 0 } else { FREE };
        put(76 + 4 * entry, &sector.to_le_bytes());
    }
    let mut table = Vec::new();
    for sector in [TABLE, END]
        .into_iter()
        .chain(std::iter::repeat(FREE))
        .take(SECTOR / 4)
    {
        table.extend(sector.to_le_bytes());
    }
    let mut directory = Vec::new();
    for (name, kind, child, right) in [
        ("Root Entry", 5, 1, FREE),
        ("EncryptedPackage", 2, FREE, 2),
        ("EncryptionInfo", 2, FREE, FREE),
        ("", 0, FREE, FREE),
    ] {
        let mut entry = vec![0; 128];
        for (at, unit) in name.encode_utf16().enumerate() {
            entry[2 * at..2 * at + 2].copy_from_slice(&unit.to_le_bytes());
        }
        let length = if name.is_empty() {
            0
        } else {
            2 * name.len() + 2
        };
        entry[64..66].copy_from_slice(&(length as u16).to_le_bytes());
        entry[66] = kind;
        entry[67] = 1;
        entry[68..72].copy_from_slice(&FREE.to_le_bytes());
        entry[72..76].copy_from_slice(&u32::to_le_bytes(right));
        entry[76..80].copy_from_slice(&u32::to_le_bytes(child));
        entry[116..120].copy_from_slice(&END.to_le_bytes());
        directory.extend(entry);
    }
    [header, table, directory].concat()
}

/// A workbook with a cell in the last row and column that a sheet can have: 17 billion cells, if one believed it.
pub(super) fn far_cell(workbook: &[u8]) -> Vec<u8> {
    let far = r#"<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>"#;
    every_sheet(workbook, |sheet| sheet.replacen("</sheetData>", far, 1))
}

/// A workbook that says it is as large as a sheet can be, and is not.
pub(super) fn large_claim(workbook: &[u8]) -> Vec<u8> {
    every_sheet(workbook, |sheet| {
        let claim = r#"<dimension ref="A1:XFD1048576"/>"#;
        match (sheet.find("<dimension"), sheet.find("<sheetData")) {
            (Some(start), _) => {
                let end = start + sheet[start..].find("/>").unwrap() + 2;
                format!("{}{claim}{}", &sheet[..start], &sheet[end..])
            }
            (None, at) => {
                let at = at.unwrap();
                format!("{}{claim}{}", &sheet[..at], &sheet[at..])
            }
        }
    })
}

fn every_sheet(workbook: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        if name.starts_with("xl/worksheets/sheet") {
            bytes = change(std::str::from_utf8(&bytes).unwrap()).into_bytes();
        }
        written
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        written.write_all(&bytes).unwrap();
    }
    written.finish().unwrap().into_inner()
}

/// A sample that differs from others of its kind by a number, which takes the place of a part of a made name or stands in
/// a comment of a workbook: lists with the same bytes would be held for that.
pub(super) fn numbered(sample: &[u8], number: usize) -> Vec<u8> {
    const NAME: &[u8] = b"Muster";
    if sample.starts_with(b"PK") {
        let end = format!("<!-- {number} --></worksheet>");
        return every_sheet(sample, |sheet| sheet.replacen("</worksheet>", &end, 1));
    }
    let mut names = sample.windows(NAME.len());
    let at = names.position(|name| name == NAME).expect("a made name");
    let mut numbered = sample.to_vec();
    // As long as before, since formats count.
    numbered[at..at + NAME.len()].copy_from_slice(format!("Must{number:02}").as_bytes());
    numbered
}

/// The table without one of its columns.
pub(super) fn without_column(text: &str, column: usize) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        let kept = record.iter().enumerate().filter(|(at, _)| *at != column);
        writer.write_record(kept.map(|(_, cell)| cell)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The text in an encoding of one byte a letter, as far as German letters go.
pub(super) fn latin(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}
