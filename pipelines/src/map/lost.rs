//! Tables that lost what makes a list of operations of them: their rows, or the column of their amounts.
//!
//! Such a file is held. Loaded, it would say of every operation that nothing was granted. A list without any sign of
//! amounts stays a list; what is wrong with single rows is told elsewhere, but for cells that are formulas without a
//! value, which are blank here. A column that nobody understands and whose values are money is told.

use std::collections::BTreeSet;

use arrow::array::{Array, BooleanArray};

use super::amount::AmountColumn;
use super::classify::Classes;
use super::frame::{Column, Frame, Sheet};
use super::header::Meaning;
use super::sheet::short;
use super::{MapError, Places};
use crate::check::{Doubt, Severity};
use crate::read::{CellKind, Place, column_letters};
use crate::value::{self, Inference, NumberConvention, infer_numbers};

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
    money: &[Doubt],
) -> Result<(), MapError> {
    // Items of JSON carry their own labels, so that nothing can be shifted there.
    let items = sheet.info.keys.is_some();
    if keep.true_count() == 0 || (items && !amounts.is_empty()) {
        return Ok(());
    }
    let Some(first) = amounts.first() else {
        let mut columns = frame.columns.iter();
        if let Some(column) = columns.find(|column| !items && speaks_of_money(column)) {
            return Err(MapError::AmountsUnknown {
                column: column_letters(column.index as u32 + 1),
                label: short(&column.label),
            });
        }
        return match money.first() {
            Some(unread) => Err(MapError::AmountsUnread {
                place: unread.location.clone(),
                label: unread.column.clone().unwrap_or_default(),
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

/// Rows behind the last one that has an amount; none where no row has one. A file that was cut, or whose last rows lost their
/// cells, has many of them.
pub(super) fn behind_amounts(amounts: &[AmountColumn]) -> u64 {
    let rows = amounts.first().map_or(0, |amount| amount.values.len());
    let has_amount = |row: usize| amounts.iter().any(|a| a.values.is_valid(row));
    let last = (0..rows).rposition(has_amount);
    last.map_or(0, |last| (rows - 1 - last) as u64)
}

/// At least so many cells are needed before a column is judged by them.
const FEW: usize = 3;

/// An amount of less than this many cents may be a percentage, a number of hours or a share of a post.
const SMALL: i128 = 10_000;

/// Columns that nobody understands, and most of whose filled cells are money.
pub(super) fn money_unread(sheet: &Sheet, frame: &Frame, keep: &BooleanArray) -> Vec<Doubt> {
    let start = frame.data_start();
    let unknown = (frame.columns.iter())
        .filter(|column| matches!(column.meaning, Meaning::Unknown(_)) && !column.label.is_empty());
    let told = unknown.filter_map(|column| {
        let kinds = sheet.kinds(column.index);
        let kind = |row: usize| kinds.map_or(TEXT, |kinds| kinds.value(row));
        let rows = (0..keep.len()).filter(|row| keep.value(*row));
        let cells: Vec<(u8, &str)> = rows
            .filter_map(|row| Some((kind(start + row), sheet.cell(start + row, column.index)?)))
            .collect();
        if cells.len() < FEW || value::percent_in_label(&column.label.shown()) {
            return None;
        }
        let texts = cells.iter().filter(|(kind, _)| *kind == TEXT);
        let written = match infer_numbers(texts.map(|(_, text)| *text)).outcome {
            Inference::Certain(convention) => Some(convention),
            _ => None,
        };
        let is_labelled = speaks_of_money(column);
        let counts = |(kind, text): &&(u8, &str)| {
            let convention = match *kind {
                TEXT => written,
                NUMBER => Some(NumberConvention::PLAIN),
                _ => None,
            };
            convention.is_some_and(|convention| is_money(text, convention, is_labelled))
        };
        let n = cells.iter().filter(counts).count();
        (n * 2 > cells.len()).then(|| Doubt {
            location: column.place(),
            column: Some(column.label.shown().into_owned()),
            ..Doubt::of_file(
                UNREAD,
                Severity::Warning,
                format!(
                    "{} {:?} looks like amounts and is not read: {n} of its {} cells are sums of money; say under [columns] or [ignore] in mapping.toml of a source of its own what it is (esf source new)",
                    column.place(),
                    short(&column.label),
                    cells.len()
                ),
            )
        })
    });
    told.collect()
}

/// The rule of columns of money that nobody understands.
pub(crate) const UNREAD: &str = "amounts_not_read";

/// The readers' kinds of cells that are text, and that are numbers.
const TEXT: u8 = CellKind::Text as u8;
const NUMBER: u8 = CellKind::Number as u8;

/// Whether a cell is a number in a currency that it or its label states, or one with cents that is too large for most other things.
fn is_money(text: &str, convention: NumberConvention, is_labelled: bool) -> bool {
    let Ok(Some(amount)) = value::parse_amount(text, convention) else {
        return false;
    };
    let cents = || {
        let mark = convention.decimal();
        mark.is_some() && matches!(super::published::decimals(text, mark), 1 | 2)
    };
    is_labelled || amount.currency.is_some() || (amount.value.abs() >= SMALL && cents())
}

/// Amounts of kept rows that are formulas without a value: how many there are. Fails where a column has more of them than
/// amounts that can be read, for then the figures are lost and not some of them.
pub(super) fn formulas_without_value(
    formulas: &[Place],
    amounts: &[AmountColumn],
    keep: &BooleanArray,
    places: &Places<'_>,
) -> Result<u64, MapError> {
    let (sheet, start) = (places.sheet, places.frame.data_start());
    let of_sheet = formulas.iter().filter(|at| at.sheet == sheet.info.name);
    let cells: BTreeSet<(u32, u32)> = of_sheet.filter_map(|at| at.column.zip(at.row)).collect();
    if cells.is_empty() {
        return Ok(0);
    }
    let mut all = 0;
    for amount in amounts {
        let position = amount.column as u32 + 1;
        let kept = || (0..keep.len()).filter(|row| keep.value(*row));
        let is_formula = |row: &usize| cells.contains(&(position, places.number(start + row)));
        let n = kept().filter(is_formula).count();
        let read = kept().filter(|row| amount.values.is_valid(*row)).count();
        if n >= FEW && n > read {
            return Err(MapError::AmountsUnvalued {
                formulas: n,
                label: places.label(amount.column).unwrap_or_default(),
            });
        }
        all += n as u64;
    }
    Ok(all)
}
