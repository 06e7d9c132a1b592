//! Rows of delimited text that have more cells than the header: a value holds the delimiter without quotes (`1000,50` in a file
//! parted by commas), and all that follows stands under the labels to the right of its own.
//!
//! Only cells that are not blank count: many programs write delimiters behind the last column. A column without a label is no
//! such surplus, for the header has a cell there, too.

use arrow::array::Array;

use super::classify::Classes;
use super::frame::{Frame, Sheet};
use super::{MapError, Places};

/// The rows, from the first data row, that have a filled cell behind the last cell of the header.
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
    found.map(|(index, _)| index).collect()
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
