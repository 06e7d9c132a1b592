//! Tables that lost what makes a list of operations of them: their rows, or the column of their amounts.
//!
//! Such a file is held. Loaded, it would say of every operation that nothing was granted. A list without any sign of
//! amounts stays a list; what is wrong with single rows is told elsewhere.

use arrow::array::BooleanArray;

use super::MapError;
use super::amount::AmountColumn;
use super::classify::Classes;
use super::frame::{Column, Frame, Sheet};
use super::header::Meaning;
use super::sheet::short;
use crate::read::column_letters;
use crate::value;

/// Fails for a table none of whose rows is an operation or was meant to be one.
pub(super) fn refuse_without_operations(
    classes: &Classes,
    rows: usize,
    quarantined: usize,
) -> Result<(), MapError> {
    if quarantined > 0 || classes.kept().true_count() > 0 {
        return Ok(());
    }
    if rows == 0 {
        return Err(MapError::NoRows);
    }
    let reasons = classes.ignored();
    let reasons = reasons.iter().map(|(reason, n)| format!("{n} {reason}"));
    Err(MapError::NoOperations {
        rows,
        reasons: reasons.collect::<Vec<_>>().join(", "),
    })
}

/// Fails for a table whose columns of amounts are blank in every kept row, or are there by their labels only: then a
/// label was damaged, or the labels stand over other columns than their values.
pub(super) fn refuse_without_amounts(
    sheet: &Sheet,
    frame: &Frame,
    amounts: &[AmountColumn],
    keep: &BooleanArray,
) -> Result<(), MapError> {
    // Items of JSON carry their own labels, so that nothing can be shifted there.
    if sheet.info.keys.is_some() || keep.true_count() == 0 {
        return Ok(());
    }
    let Some(first) = amounts.first() else {
        return match frame.columns.iter().find(|column| speaks_of_money(column)) {
            Some(column) => Err(MapError::AmountsUnknown {
                column: column_letters(column.index as u32 + 1),
                label: short(&column.label),
            }),
            None => Ok(()),
        };
    };
    let start = frame.data_start();
    let kept = || (0..keep.len()).filter(|row| keep.value(*row));
    let filled = |row: usize| {
        let mut columns = amounts.iter().map(|amount| amount.column);
        columns.any(|column| sheet.cell(start + row, column).is_some())
    };
    if kept().any(filled) {
        return Ok(());
    }
    let width = |row: usize| sheet.filled(row).last().map_or(0, |(column, _)| column + 1);
    let labels = frame.header.clone().map(width).max().unwrap_or(0);
    let cells = kept().map(|row| width(start + row)).max().unwrap_or(0);
    let column = frame.columns.iter().find(|c| c.index == first.column);
    Err(MapError::AmountsGone {
        column: column_letters(first.column as u32 + 1),
        label: column.map(|c| short(&c.label)).unwrap_or_default(),
        hint: if labels > cells {
            format!("; the header has {labels} cells and no row more than {cells}")
        } else {
            String::new()
        },
    })
}

/// Whether nobody knows what a column is, but its label names a currency.
fn speaks_of_money(column: &Column) -> bool {
    matches!(column.meaning, Meaning::Unknown(_))
        && value::unit_in_label(&column.label.shown()).is_some_and(|unit| unit.currency.is_some())
}
