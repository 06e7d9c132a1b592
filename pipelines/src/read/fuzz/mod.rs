//! What a reader gave, in a form that invariants can be asked of. The targets are `delimited`, `json` and `encoding`.

mod delimited;
mod encoding;
mod json;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{UInt8Type, UInt32Type, UInt64Type};
use bytes::Bytes;
use proptest::prelude::*;

use super::{Collected, Encoding, Format, Limits, Place, ReadError, ReadSummary, read};
use crate::fuzz::Checked;

/// A cell with its kind; none where none is.
type Cell = Option<(u8, String)>;

/// One row of a table.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    number: u32,
    line: u32,
    byte: u64,
    cells: Vec<Cell>,
}

/// What was read of one file.
#[derive(Debug, PartialEq)]
struct Table {
    summary: ReadSummary,
    keys: Option<Vec<String>>,
    width: usize,
    rows: Vec<Row>,
    /// Rule and place of each problem.
    problems: Vec<(String, Place)>,
}

/// Limits that a small file can go over.
fn tight() -> Limits {
    Limits {
        max_cells: 200,
        max_text_bytes: 1_000,
        max_cell_bytes: 60,
        max_columns: 12,
        ..Limits::default()
    }
}

/// Reads the one table of a file.
fn table(bytes: &[u8], format: &Format, limits: &Limits) -> Result<Table, ReadError> {
    let mut tables = Collected::default();
    let summary = read(&Bytes::copy_from_slice(bytes), format, limits, &mut tables)?;
    let mut sheets = tables.sheets.into_iter();
    let (info, batches) = sheets.next().unwrap_or_default();
    assert!(sheets.next().is_none(), "a text file is one table");
    let problems = tables.problems.into_iter();
    Ok(Table {
        summary,
        keys: info.keys,
        width: info.width,
        rows: batches
            .iter()
            .flat_map(|batch| rows_of(batch, info.width))
            .collect(),
        problems: problems.map(|p| (p.rule.into_owned(), p.place)).collect(),
    })
}

fn rows_of(batch: &RecordBatch, width: usize) -> Vec<Row> {
    let numbers = |column: usize| batch.column(column).as_primitive::<UInt32Type>();
    let (rows, lines) = (numbers(0), numbers(1));
    let offsets = batch.column(2).as_primitive::<UInt64Type>();
    let typed = batch.num_columns() > 3 + width;
    let cell = |row: usize, column: usize| -> Cell {
        let kind = if typed {
            let kinds = batch.column(3 + width + column);
            kinds.as_primitive::<UInt8Type>().value(row)
        } else {
            0
        };
        let texts = batch.column(3 + column).as_string::<i32>();
        texts
            .is_valid(row)
            .then(|| (kind, texts.value(row).to_owned()))
    };
    (0..batch.num_rows())
        .map(|row| Row {
            number: rows.value(row),
            line: lines.value(row),
            byte: offsets.value(row),
            cells: (0..width).map(|column| cell(row, column)).collect(),
        })
        .collect()
}

/// Accounts close, rows are numbered in the order of the file, and nothing is shown that is not in it.
fn sound(table: &Table, bytes: &[u8]) -> Checked {
    let summary = &table.summary;
    prop_assert_eq!(summary.tables, 1);
    prop_assert_eq!(summary.rows, table.rows.len() as u64);
    prop_assert_eq!(summary.cells, (table.rows.len() * table.width) as u64);
    let told = table.problems.len() as u64;
    prop_assert!(
        told <= summary.problems && (told == 0) == (summary.problems == 0),
        "{} problems, {told} told",
        summary.problems
    );
    for (at, row) in table.rows.iter().enumerate() {
        prop_assert_eq!(row.number as usize, at + 1);
        prop_assert!((row.byte as usize) < bytes.len(), "{:?}", row);
    }
    for pair in table.rows.windows(2) {
        prop_assert!(pair[0].byte < pair[1].byte && pair[0].line <= pair[1].line);
    }
    for (rule, place) in &table.problems {
        prop_assert!(
            place.byte.is_some_and(|byte| (byte as usize) < bytes.len()),
            "{rule} at {place}"
        );
    }
    Ok(())
}

/// Bytes of text in all cells.
fn shown(table: &Table) -> usize {
    let cells = table.rows.iter().flat_map(|row| row.cells.iter().flatten());
    cells.map(|(_, text)| text.len()).sum()
}

/// A file is within tight limits, or is refused for them; within them it is read as without.
fn limited(bytes: &[u8], format: &Format, whole: &Table) -> Checked {
    let limits = tight();
    match table(bytes, format, &limits) {
        Ok(table) => {
            prop_assert!(table.summary.cells <= limits.max_cells);
            prop_assert!(table.width <= limits.max_columns);
            let cells = table.rows.iter().flat_map(|row| row.cells.iter().flatten());
            for (_, text) in cells {
                prop_assert!(text.len() <= limits.max_cell_bytes, "{}", text);
            }
            if table.keys.is_some() {
                prop_assert!(shown(&table) as u64 <= limits.max_text_bytes);
            }
            prop_assert_eq!(&table, whole);
        }
        Err(error) => prop_assert!(
            matches!(
                error,
                ReadError::TooManyCells { .. }
                    | ReadError::TooManyColumns { .. }
                    | ReadError::CellTooLarge { .. }
                    | ReadError::TooMuchText { .. }
            ),
            "{error}"
        ),
    }
    Ok(())
}

/// The place that an error tells, where it is one of the text.
fn place_of(error: &ReadError) -> Option<&Place> {
    match error {
        ReadError::Encoding { place, .. }
        | ReadError::Destroyed { place, .. }
        | ReadError::EncodedTwice { place, .. }
        | ReadError::ZeroByte { place, .. }
        | ReadError::OpenQuote { place, .. }
        | ReadError::CellTooLarge { place, .. }
        | ReadError::TooManyColumns { place, .. }
        | ReadError::TooManyCells { place, .. }
        | ReadError::TooMuchText { place, .. }
        | ReadError::Json { place, .. }
        | ReadError::NotData { place, .. }
        | ReadError::TooDeep { place, .. } => Some(place),
        _ => None,
    }
}

/// An error tells a place in the file, or its end, and the byte that it names stands there.
fn told(error: &ReadError, bytes: &[u8]) -> Checked {
    let byte = place_of(error).and_then(|place| place.byte);
    let at = byte.map_or(0, |byte| byte as usize);
    prop_assert!(at <= bytes.len(), "{error} of {} bytes", bytes.len());
    match error {
        // Half a unit at the end of UTF-16 is told by its last byte.
        ReadError::Encoding { byte, .. } if at < bytes.len() => prop_assert_eq!(bytes[at], *byte),
        ReadError::ZeroByte { .. } => prop_assert_eq!(bytes.get(at), Some(&0)),
        _ => {}
    }
    Ok(())
}

/// Published bytes of a text in an encoding, without a mark.
fn encoded(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Utf8 => Some(text.as_bytes().to_vec()),
        Encoding::Windows1252 => {
            let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
            (!lost).then(|| bytes.into_owned())
        }
        Encoding::Utf16Le => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        Encoding::Utf16Be => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
    }
}

/// The text of published bytes that a reader has accepted, by another decoder than its own where there is one.
fn decoded(bytes: &[u8], encoding: Encoding) -> String {
    let units = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|b| unit([b[0], b[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
        Encoding::Utf16Le => units(u16::from_le_bytes),
        Encoding::Utf16Be => units(u16::from_be_bytes),
    }
}
