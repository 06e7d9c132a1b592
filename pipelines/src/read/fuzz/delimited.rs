//! Delimited text in all encodings. Every row is cut out of the published bytes at the place it tells and read again by
//! a reader of a dozen lines that knows nothing of the other one.

use std::io::{self, Read};

use bytes::Bytes;
use proptest::prelude::*;

use super::super::arrival::Arrived;
use super::super::{Collected, Encoding, Format, Kind, Limits, ReadError, sniff};
use super::{Table, decoded, limited, shown, sound, table, told};
use crate::fuzz::{Checked, Target};

#[test]
fn fuzz_delimited() {
    Target {
        name: "delimited",
        runs: 2_500,
        words: &[
            "\u{FEFF}",
            "\u{FFFD}",
            "\0",
            "\r\n",
            "\r",
            "\n\n",
            ";",
            ",",
            "\t",
            "|",
            "\"",
            "\"\"",
            "\";\"",
            "\"\r\n\"",
            "\" \"",
            "\"x\" y",
            "Träger;Straße",
            "Ã¼",
            "„“–€",
            "😀",
            "Summe;;;",
            "\u{1A}",
        ],
        check,
    }
    .run();
}

fn check(bytes: &[u8]) -> Checked {
    undeclared(bytes)?;
    let found = sniff(bytes, "liste.csv").ok();
    let found = found.filter(|format| format.kind == Kind::Csv);
    if let Some(format) = &found
        && let Err(error) = table(bytes, format, &Limits::default())
    {
        let contradicts = matches!(
            error,
            ReadError::Empty | ReadError::Encoding { .. } | ReadError::ZeroByte { .. }
        );
        prop_assert!(
            !contradicts,
            "{error}, although it was taken for {format:?}"
        );
    }
    let delimiter = found.and_then(|format| format.delimiter).unwrap_or(b';');
    for encoding in [
        Encoding::Utf8,
        Encoding::Windows1252,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
    ] {
        let format = Format::csv(encoding, delimiter);
        match table(bytes, &format, &Limits::default()) {
            Ok(table) => {
                sound(&table, bytes)?;
                prop_assert!(shown(&table) <= 3 * bytes.len());
                located(&table, bytes, encoding, char::from(delimiter))?;
                limited(bytes, &format, &table)?;
                written_again(&table)?;
            }
            Err(error) => told(&error, bytes)?,
        }
    }
    Ok(())
}

/// A file that nobody declared is read in the format that it is found to have, also where its bytes come one by one.
fn undeclared(bytes: &[u8]) -> Checked {
    let name = "liste.csv";
    let read = |arrived: &Arrived, declared: Option<&Format>| {
        let mut tables = Collected::default();
        let summary = arrived.read(name, declared, &Limits::default(), &mut tables);
        summary.map(|summary| (summary, tables.sheets, tables.problems))
    };
    let at_once = |declared: Option<&Format>| {
        read(
            &Arrived::of(Bytes::copy_from_slice(bytes), declared),
            declared,
        )
    };
    let unknown = at_once(None);
    let arrived = Arrived::receive(&mut OneByOne(bytes), bytes.len() as u64, None);
    let arrived = arrived.expect("memory can be read");
    prop_assert_eq!(&read(&arrived, None), &unknown);
    match sniff(bytes, name) {
        Ok(format) if format.kind == Kind::Csv => {
            prop_assert_eq!(at_once(Some(&format)), unknown, "as {:?}", format);
        }
        Ok(_) => {}
        Err(error) => prop_assert_eq!(unknown.err(), Some(error)),
    }
    Ok(())
}

/// Gives a byte at a time.
struct OneByOne<'b>(&'b [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let some = into.len().min(1);
        self.0.read(&mut into[..some])
    }
}

/// The bytes from the place of a row to that of the next one give its cells, and before it are so many lines.
fn located(table: &Table, bytes: &[u8], encoding: Encoding, delimiter: char) -> Checked {
    let (mut from, mut lines) = (0, 1);
    for (at, row) in table.rows.iter().enumerate() {
        let start = row.byte as usize;
        let next = table.rows.get(at + 1);
        let end = next.map_or(bytes.len(), |next| next.byte as usize);
        lines += line_ends(&decoded(&bytes[from..start], encoding));
        from = start;
        prop_assert_eq!(row.line as usize, lines, "line of {:?}", row);
        let cells = record(&decoded(&bytes[start..end], encoding), delimiter);
        prop_assert!(cells.len() <= table.width);
        let missing = row.cells.iter().rev().take_while(|cell| cell.is_none());
        prop_assert_eq!(cells.len(), table.width - missing.count(), "{:?}", row);
        let published = row.cells.iter().flatten().map(|(_, text)| text.clone());
        prop_assert_eq!(cells, published.collect::<Vec<_>>(), "at byte {}", start);
    }
    Ok(())
}

fn line_ends(text: &str) -> usize {
    let lone = text.replace("\r\n", "\n");
    lone.matches(['\n', '\r']).count()
}

/// The cells of the record that a text begins with.
fn record(text: &str, delimiter: char) -> Vec<String> {
    let mut chars = text.chars().peekable();
    let mut cells = Vec::new();
    loop {
        let mut cell = String::new();
        if chars.next_if_eq(&'"').is_some() {
            while let Some(c) = chars.next() {
                if c != '"' {
                    cell.push(c);
                } else if chars.next_if_eq(&'"').is_some() {
                    cell.push('"');
                } else {
                    break;
                }
            }
        }
        // All of a plain cell; of a quoted one what follows the closing quote.
        let plain = |c: &char| *c != delimiter && !matches!(c, '\n' | '\r');
        while let Some(c) = chars.next_if(plain) {
            cell.push(c);
        }
        cells.push(cell);
        if chars.next_if_eq(&delimiter).is_none() {
            return cells;
        }
    }
}

/// The cells, written as a spreadsheet program would, are read as the same cells.
fn written_again(read: &Table) -> Checked {
    let mut text = String::new();
    for row in &read.rows {
        let cells = row.cells.iter().flatten();
        let quoted = cells.map(|(_, cell)| format!("\"{}\"", cell.replace('"', "\"\"")));
        text += &quoted.collect::<Vec<_>>().join(";");
        text.push('\n');
    }
    let again = table(
        text.as_bytes(),
        &Format::csv(Encoding::Utf8, b';'),
        &Limits::default(),
    );
    match again {
        Ok(again) => {
            let cells = |table: &Table| -> Vec<_> {
                table.rows.iter().map(|row| row.cells.clone()).collect()
            };
            prop_assert_eq!(cells(&again), cells(read));
            prop_assert!(again.problems.is_empty(), "{:?}", again.problems);
        }
        // Letters of two cells, or of both sides of a quote, that have come together.
        Err(ReadError::EncodedTwice { .. }) => {}
        Err(error) => prop_assert!(false, "{error} in {text:?}"),
    }
    Ok(())
}
