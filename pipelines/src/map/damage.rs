//! Traces of damage that no single value shows: rows that lost a cell, letters that were encoded twice.

use arrow::array::{Array, BooleanArray};

use super::Places;
use super::frame::{Column, Frame, Sheet};
use crate::check::{Doubt, Severity};

/// Kept rows in which letters were encoded twice. Where a whole file is so, it is refused; a part of another encoding, or a
/// name that was published so, leaves the others right.
pub(super) fn encoded_twice(
    sheet: &Sheet,
    frame: &Frame,
    keep: &BooleanArray,
    places: &Places<'_>,
) -> Option<Doubt> {
    let start = frame.data_start();
    let mut found: Vec<(usize, &Column)> = Vec::new();
    for (column, _) in frame.mapped() {
        let Some(cells) = sheet.cells(column.index) else {
            continue;
        };
        // Most columns have no such letter anywhere.
        if memchr::memmem::find(cells.value_data(), "Ã".as_bytes()).is_none() {
            continue;
        }
        let twice = |row: &usize| {
            let cell = sheet.cell(start + *row, column.index);
            cell.is_some_and(|cell| crate::read::encoded_twice(cell).next().is_some())
        };
        let rows = (0..keep.len()).filter(|row| keep.value(*row)).filter(twice);
        found.extend(rows.map(|row| (row, column)));
    }
    let (row, column) = *found.iter().min_by_key(|(row, _)| *row)?;
    Some(Doubt {
        location: places.cell(start + row, column.index),
        column: Some(column.label.shown().into_owned()),
        ..Doubt::of_file(
            "letters_doubtful",
            Severity::Warning,
            format!(
                "{} cells have letters that were encoded twice (\"Ã¼\" stands for \"ü\"), this one first; parts of the file may be in another encoding: ask for one that is whole, or mend it",
                found.len()
            ),
        )
    })
}

/// Kept rows of delimited text that have fewer cells than the header, though the last columns are filled elsewhere: where a
/// delimiter is lost, all values behind it stand under the labels to their left.
pub(super) fn short_rows(
    sheet: &Sheet,
    frame: &Frame,
    keep: &BooleanArray,
    places: &Places<'_>,
) -> Option<Doubt> {
    if sheet.info.name.is_some() || sheet.info.keys.is_some() {
        return None;
    }
    let last = frame.columns.iter().rfind(|c| !c.label.is_empty())?;
    let cells = sheet.cells(last.index)?;
    let start = frame.data_start();
    // The reader keeps a blank cell apart from one that is not there.
    let short = |row: &usize| keep.value(*row) && cells.is_null(start + *row);
    let rows: Vec<usize> = (0..keep.len()).filter(short).collect();
    let first = *rows.first()?;
    // Some programs leave out blank cells at the end of all rows.
    if rows.len() * 2 > keep.true_count() {
        return None;
    }
    Some(Doubt {
        location: places.of(start + first),
        ..Doubt::of_file(
            "cells_missing",
            Severity::Warning,
            format!(
                "{} rows have fewer cells than the header, this one first; where a delimiter is lost, what follows it stands under the wrong label",
                rows.len()
            ),
        )
    })
}
