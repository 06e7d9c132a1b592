//! Rows of delimited text that have more cells than the header: a value holds the delimiter without quotes (`1000,50` in a file
//! parted by commas), and all that follows stands under the labels to the right of its own.
//!
//! Only cells that are not blank count: many programs write delimiters behind the last column. A column without a label is no
//! such surplus, for the header has a cell there, too. A remark behind a row all of whose cells are what belongs under their
//! labels ("*", "siehe Anmerkung", "Stand 2019") moved nothing; it is told as a cell without label.

use arrow::array::Array;

use super::classify::Classes;
use super::frame::{Frame, Sheet};
use super::{MapError, Places, shifted};
use crate::value::{self, NullWords};

/// The rows, from the first data row, that have a filled cell behind the last cell of the header, but those with nothing but
/// a remark there whose other cells are in their places.
pub(super) fn rows(sheet: &Sheet, frame: &Frame) -> Vec<usize> {
    // Only delimited text has rows of different lengths; all tables of workbooks are rectangles.
    if sheet.info.name.is_some() || sheet.info.keys.is_some() {
        return Vec::new();
    }
    let behind = width(sheet, frame)..sheet.info.width;
    let rows = frame.data_start()..sheet.rows.num_rows();
    let is_long = |row: usize| {
        let mut behind = behind.clone();
        behind.any(|column| sheet.cell(row, column).is_some())
    };
    let found = rows.enumerate().filter(|(_, row)| is_long(*row));
    let mut found: Vec<usize> = found.map(|(index, _)| index).collect();
    let remarked: Vec<(usize, bool)> = found
        .iter()
        .filter_map(|index| {
            let surplus = behind.clone();
            let cells = surplus.filter_map(|c| sheet.cell(frame.data_start() + index, c));
            let remarks: Option<Vec<Remark>> = cells.map(Remark::of).collect();
            Some((*index, remarks?.contains(&Remark::Words)))
        })
        .collect();
    if !remarked.is_empty() {
        let in_place = shifted::in_place(sheet, frame, &remarked);
        found.retain(|index| in_place.binary_search(index).is_err());
    }
    found
}

/// Letters of a word: fewer are an abbreviation that may stand beside a value ("TN 15").
const WORD: usize = 3;

/// A surplus cell that is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remark {
    /// The mark of a footnote: `*`, `1)`, `¹`.
    Mark,
    /// Words, also some with a figure among them: "siehe Anmerkung", "s. Fußnote 3".
    Words,
}

impl Remark {
    /// None for a number, day, percentage, unit or word that says that a value is missing.
    fn of(text: &str) -> Option<Self> {
        let is_sign = |c: char| matches!(c, '*' | '†' | '‡' | '¹' | '²' | '³' | '⁴'..='⁹');
        let inner = text.strip_suffix(')').unwrap_or(text);
        let inner = inner.strip_prefix('(').unwrap_or(inner);
        let is_number = inner.bytes().all(|b| b.is_ascii_digit()) && inner.len() <= 2;
        let is_note = text.ends_with(')') && is_number;
        if !inner.is_empty() && (inner.chars().all(is_sign) || is_note) {
            return Some(Self::Mark);
        }
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let has_figure = text.contains(char::is_numeric);
        let is_value = text.contains('%')
            || value::unit_in_label(text).is_some()
            || NullWords::common().is_null(text)
            || (has_figure && !speaks_of_figure(text));
        (letters >= 2 && !is_value).then_some(Self::Words)
    }
}

/// Whether a text with a figure is a remark and no value: it begins with a letter, has a word that is no month, and none of its
/// figures is an amount.
fn speaks_of_figure(text: &str) -> bool {
    let is_word = |word: &str| {
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation());
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        letters >= WORD && letters == word.chars().count() && value::month_of(word).is_none()
    };
    let is_amount = |word: &str| !shifted::is_day(word) && shifted::is_money(word);
    let mut words = text.split_whitespace();
    text.starts_with(char::is_alphabetic) && words.clone().any(is_word) && !words.any(is_amount)
}

/// Cells of the header; the reader keeps a blank one apart from one that is not there.
fn width(sheet: &Sheet, frame: &Frame) -> usize {
    let is_there = |column: &usize| {
        let cells = sheet.cells(*column);
        cells.is_some_and(|cells| frame.header.clone().any(|row| cells.is_valid(row)))
    };
    let last = (0..sheet.info.width).rev().find(is_there);
    last.map_or(0, |last| last + 1)
}

/// Fails where most data rows are `long`: then it is the file that is wrong, and not a row of it.
pub(super) fn refuse(
    sheet: &Sheet,
    frame: &Frame,
    classes: &Classes,
    long: &[usize],
) -> Result<(), MapError> {
    let Some(first) = long.iter().find(|row| classes.is_data(**row)) else {
        return Ok(());
    };
    let data = (0..classes.rows()).filter(|row| classes.is_data(*row));
    let (rows, long) = (
        data.count(),
        long.iter().filter(|row| classes.is_data(**row)).count(),
    );
    if long * 2 <= rows {
        return Ok(());
    }
    Err(MapError::RowsLong {
        long,
        rows,
        labels: width(sheet, frame),
        place: Places::new(sheet, frame).of(frame.data_start() + first),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_are_no_values() {
        for (text, remark) in [
            ("*", Some(Remark::Mark)),
            ("**)", Some(Remark::Mark)),
            ("1)", Some(Remark::Mark)),
            ("(2)", Some(Remark::Mark)),
            ("¹", Some(Remark::Mark)),
            ("siehe Anmerkung", Some(Remark::Words)),
            ("siehe Anmerkung 2", Some(Remark::Words)),
            ("s. Fußnote 3", Some(Remark::Words)),
            ("Anm. 3", Some(Remark::Words)),
            ("Stand 2019", Some(Remark::Words)),
            ("Nachtrag vom 12.03.16", Some(Remark::Words)),
            ("Nachtrag vom März 2016", Some(Remark::Words)),
            ("März 2016", None),
            ("Dez. 2016 - März 2017", None),
            ("EUR 500", None),
            ("Zuschuss 500,08", None),
            ("ESF-2014-12", None),
            ("TN 15", None),
            ("2. Änderung", None),
            ("08", None),
            ("500,08", None),
            ("01.02.2016", None),
            ("50 %", None),
            ("T€", None),
            ("k.A.", None),
            ("-", None),
            ("x", None),
            (")", None),
        ] {
            assert_eq!(Remark::of(text), remark, "{text}");
        }
    }
}
