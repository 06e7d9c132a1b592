//! Amounts such as `12.000`: twelve with three decimals, or twelve thousand.
//!
//! By the convention of a file the mark says which. But a list in cents has no amount of three decimals, so where one stands
//! there, somebody wrote a number of thousands in the way of another country. Nothing is guessed: such a text is not read,
//! and a column of them refuses its file. Typed numbers are what they are.

use super::frame::{Column, Frame, Sheet};
use super::outside_unit::amount_columns;
use super::sheet::short;
use super::{MapError, Places};
use crate::read::{CellKind, column_letters};
use crate::value::{Decimals, NumberConvention, ThreeDecimals, is_two_faced, unit_in_label};

/// What three decimals mean in a column of amounts.
pub(super) fn three_decimals(
    sheet: &Sheet,
    frame: &Frame,
    column: &Column,
    numbers: NumberConvention,
) -> ThreeDecimals {
    let decimals = decimals(sheet, frame, column, numbers);
    // Mostly there are none, and the unit need not be looked for.
    if decimals.two_faced == 0 {
        return ThreeDecimals::Read;
    }
    let unit = unit_in_label(&frame.unit_label(column));
    decimals.three(unit.map_or(0, |unit| unit.scale))
}

/// Fails where most amounts of a column may be a thousand times what they are by the file's convention.
pub(super) fn refuse_thousandths(
    sheet: &Sheet,
    frame: &Frame,
    numbers: NumberConvention,
) -> Result<(), MapError> {
    for column in amount_columns(frame) {
        let of = decimals(sheet, frame, column, numbers);
        let most = of.two_faced * 2 > of.amounts;
        if !most || three_decimals(sheet, frame, column, numbers) == ThreeDecimals::Read {
            continue;
        }
        let mut rows = frame.data_start()..sheet.rows.num_rows();
        let first = rows.find(|row| {
            let text = text(sheet, column, *row);
            text.is_some_and(|text| is_two_faced(text, numbers))
        });
        let place = |row| Places::new(sheet, frame).cell(row, column.index);
        return Err(MapError::Thousandths {
            open: of.two_faced,
            amounts: of.amounts,
            column: column_letters(column.index as u32 + 1),
            label: short(&column.label),
            place: first.map(place).unwrap_or_default(),
            convention: numbers,
            other: if numbers.decimal() == Some('.') {
                "1.234,56"
            } else {
                "1,234.56"
            },
        });
    }
    Ok(())
}

/// The amounts of a column by their decimals. Cells without a digit are none.
fn decimals(sheet: &Sheet, frame: &Frame, column: &Column, numbers: NumberConvention) -> Decimals {
    let mut decimals = Decimals::default();
    for row in frame.data_start()..sheet.rows.num_rows() {
        match text(sheet, column, row) {
            Some(text) => decimals.count(text, numbers),
            None if is_number(sheet, column, row) => decimals.amounts += 1,
            None => {}
        }
    }
    decimals
}

/// A cell that is written as text and has a figure.
fn text<'s>(sheet: &'s Sheet, column: &Column, row: usize) -> Option<&'s str> {
    if sheet
        .kinds(column.index)
        .is_some_and(|kinds| kinds.value(row) != CellKind::Text as u8)
    {
        return None;
    }
    let cell = sheet.cell(row, column.index);
    cell.filter(|cell| cell.bytes().any(|b| b.is_ascii_digit()))
}

fn is_number(sheet: &Sheet, column: &Column, row: usize) -> bool {
    let kinds = sheet.kinds(column.index);
    kinds.is_some_and(|kinds| kinds.value(row) == CellKind::Number as u8)
        && sheet.cell(row, column.index).is_some()
}
