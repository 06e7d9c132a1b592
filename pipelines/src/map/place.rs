//! Where rows and cells of a sheet stand, in words that lead a person back to them.

use std::fmt::Write;

use arrow::array::{UInt32Array, UInt64Array};

use super::frame::{Frame, Sheet};

/// Where rows and cells of a sheet stand, in words.
pub(crate) struct Places<'a> {
    pub(crate) sheet: &'a Sheet,
    pub(crate) frame: &'a Frame,
    rows: Option<&'a UInt32Array>,
    lines: Option<&'a UInt32Array>,
    bytes: Option<&'a UInt64Array>,
}

impl<'a> Places<'a> {
    /// The places of a sheet; readers give every row its number, line and byte.
    pub(crate) fn new(sheet: &'a Sheet, frame: &'a Frame) -> Self {
        let column = |name: &str| sheet.rows.column_by_name(name).map(|c| c.as_any());
        Self {
            sheet,
            frame,
            rows: column("row").and_then(|c| c.downcast_ref()),
            lines: column("line").and_then(|c| c.downcast_ref()),
            bytes: column("byte").and_then(|c| c.downcast_ref()),
        }
    }

    fn numbers(&self, row: usize) -> (u32, u32, u64) {
        (
            self.rows.map_or(0, |r| r.value(row)),
            self.lines.map_or(0, |l| l.value(row)),
            self.bytes.map_or(0, |b| b.value(row)),
        )
    }

    /// Number of the record.
    pub(crate) fn number(&self, row: usize) -> u32 {
        self.numbers(row).0
    }

    /// A row: sheet and row, item of a JSON list, or line and byte.
    pub(crate) fn of(&self, row: usize) -> String {
        let mut place = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(row, &mut place);
        place
    }

    pub(super) fn write(&self, row: usize, out: &mut impl Write) -> std::fmt::Result {
        let (number, line, byte) = self.numbers(row);
        match (&self.sheet.info.name, &self.sheet.info.keys) {
            (Some(name), _) => write!(out, "{name}!{number}"),
            (None, Some(_)) => write!(out, "item {number} byte {byte}"),
            (None, None) => write!(out, "line {line} byte {byte}"),
        }
    }

    /// A cell: as the row in which it was published, with its column.
    pub(crate) fn cell(&self, row: usize, column: usize) -> String {
        let row = self.sheet.published_row(row, column);
        let (number, _, _) = self.numbers(row);
        match (&self.sheet.info.name, &self.sheet.info.keys) {
            (Some(name), _) => format!(
                "{name}!{}{number}",
                crate::read::column_letters(column as u32 + 1)
            ),
            _ => format!("{} column {}", self.of(row), column + 1),
        }
    }

    /// Published label of a column, contacts cut out.
    pub(crate) fn label(&self, column: usize) -> Option<String> {
        self.frame
            .columns
            .iter()
            .find(|c| c.index == column)
            .map(|c| c.label.shown().into_owned())
    }
}
