//! Where something stands in a published file, and doubts about what stands there.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A position in a published file. Every part that is known is given; rows, lines and columns count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Name of the sheet, in workbooks.
    pub sheet: Option<String>,
    /// Row of the sheet, number of the record, or number of the JSON element.
    pub row: Option<u32>,
    /// Number of the column.
    pub column: Option<u32>,
    /// Line of the file.
    pub line: Option<u32>,
    /// Offset in the published bytes, from 0.
    pub byte: Option<u64>,
}

impl Place {
    /// A position in a text file.
    pub fn text(line: u32, byte: u64) -> Self {
        Self {
            line: Some(line),
            byte: Some(byte),
            ..Self::default()
        }
    }

    /// A cell of a sheet; `column` counts from 1.
    pub fn cell(sheet: &str, row: u32, column: u32) -> Self {
        Self {
            sheet: Some(sheet.to_owned()),
            row: Some(row),
            column: Some(column),
            ..Self::default()
        }
    }

    /// The same position, in record `row`.
    #[must_use]
    pub fn in_row(mut self, row: u32) -> Self {
        self.row = Some(row);
        self
    }
}

/// Letters of a sheet column counted from 1: 1 is `A`, 27 is `AA`.
pub fn column_letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    while column > 0 {
        column -= 1;
        letters.push(b'A' + (column % 26) as u8);
        column /= 26;
    }
    letters.iter().rev().map(|&b| char::from(b)).collect()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(sheet) = &self.sheet {
            parts.push(format!("sheet '{sheet}'"));
        }
        match (&self.sheet, self.row, self.column) {
            (Some(_), Some(row), Some(column)) => {
                parts.push(format!("cell {}{row}", column_letters(column)));
            }
            (Some(_), Some(row), None) => parts.push(format!("row {row}")),
            (None, Some(row), None) => parts.push(format!("record {row}")),
            (None, Some(row), Some(column)) => parts.push(format!("record {row}, column {column}")),
            (_, None, Some(column)) => parts.push(format!("column {column}")),
            (_, None, None) => {}
        }
        if let Some(line) = self.line {
            parts.push(format!("line {line}"));
        }
        if let Some(byte) = self.byte {
            parts.push(format!("byte {byte}"));
        }
        if parts.is_empty() {
            f.write_str("the file")
        } else {
            f.write_str(&parts.join(", "))
        }
    }
}

/// A doubt about one place of a file that does not stop the reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// Which rule was broken, as a stable short name: `stray_quote`, `date_out_of_range`, …
    pub rule: Cow<'static, str>,
    /// What a person needs to know. Holds no published text, which may name persons.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_like_a_person_would_say_them() {
        assert_eq!(
            Place::cell("Liste", 12, 28).to_string(),
            "sheet 'Liste', cell AB12"
        );
        assert_eq!(
            Place::text(3, 120).in_row(2).to_string(),
            "record 2, line 3, byte 120"
        );
        assert_eq!(column_letters(16_384), "XFD");
    }
}
