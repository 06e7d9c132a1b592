//! A column that says row by row in which unit the amounts of its row are: "T€" here, "€" there.
//!
//! It is known by its cells, whatever its label: all of them are units, and one of them is not 1. Its amounts are then
//! read as if they had the unit beside them. A row that has an amount and no unit leaves its amount open, so the file is
//! refused.

use arrow::array::StringArray;
use esf_schemas::{FieldKind, Vocabulary};

use super::frame::{Column, Frame, Sheet};
use super::header::Meaning;
use super::sheet::short;
use super::{MapError, Places};
use crate::check::{Doubt, Severity};
use crate::read::{CellKind, column_letters};
use crate::value::{Currency, Unit, unit_in_label, unit_of};

/// Words that may stand beside a unit: "in T€", "T EUR", "1.000 EUR".
const BESIDE: [&str; 8] = ["in", "i", "T", "x", "k", "1", "000", "1000"];

/// Cells of a row that is more than a sum or a remark.
const WHOLE: usize = 3;

/// The units of the rows of a table, from its first data row.
struct Units {
    /// Position of their column among those of the frame.
    at: usize,
    rows: Vec<Option<Unit>>,
}

/// Writes the unit of each row beside its amounts, where a column gives it.
pub(super) fn apply(sheet: &mut Sheet, frame: &mut Frame) -> Result<Vec<Doubt>, MapError> {
    let vocabulary = Vocabulary::standard();
    let is_amount = |field: &str| {
        let field = vocabulary.field(field);
        field.is_some_and(|field| field.kind == FieldKind::Amount)
    };
    let amounts: Vec<usize> = frame
        .mapped()
        .filter(|(_, mapping)| is_amount(&mapping.field))
        .map(|(column, _)| column.index)
        .collect();
    if amounts.is_empty() {
        return Ok(Vec::new());
    }
    let beside_amount: Vec<bool> = (frame.data_start()..sheet.rows.num_rows())
        .map(|row| amounts.iter().any(|c| has_figure(sheet, row, *c)))
        .collect();
    let mut columns: Vec<Units> = (0..frame.columns.len())
        .filter(|at| may_be_unit(&frame.columns[*at]))
        .filter_map(|at| units_of(sheet, frame, &beside_amount, at))
        .collect();
    let other = columns.len() > 1;
    let Some(units) = columns.pop() else {
        return Ok(Vec::new());
    };
    let column = &frame.columns[units.at];
    let start = frame.data_start();
    let refuse = |row: usize, why: &str| MapError::UnitOfRow {
        column: column_letters(column.index as u32 + 1),
        label: short(&column.label),
        why: why.to_owned(),
        place: Places::new(sheet, frame).of(start + row),
    };
    if other {
        return Err(refuse(0, "so does another column"));
    }
    let without = |row: &usize| {
        units.rows[*row].is_none()
            && beside_amount[*row]
            && sheet.filled(start + *row).count() >= WHOLE
    };
    if let Some(row) = (0..units.rows.len()).find(without) {
        return Err(refuse(row, "a row has an amount and no unit"));
    }
    let mut currencies: Vec<_> = units
        .rows
        .iter()
        .flatten()
        .filter_map(|u| u.currency)
        .collect();
    currencies.sort_unstable();
    currencies.dedup();
    let mut written: Vec<(usize, StringArray)> = Vec::new();
    let mut n = 0;
    for index in &amounts {
        let Some(cells) = sheet.cells(*index) else {
            continue;
        };
        let mut texts: Vec<Option<String>> =
            cells.iter().map(|cell| cell.map(str::to_owned)).collect();
        for (row, unit) in units.rows.iter().enumerate() {
            let Some(unit) = unit.filter(|_| has_figure(sheet, start + row, *index)) else {
                continue;
            };
            let text = sheet.cell(start + row, *index).unwrap_or_default();
            let number = CellKind::Number as u8;
            let with_unit = match sheet.kinds(*index) {
                Some(kinds) if kinds.value(start + row) == number && unit.scale >= 0 => {
                    if currencies.len() > 1 {
                        return Err(refuse(row, "its currencies differ"));
                    }
                    let Some(whole) = times(text, unit.scale) else {
                        return Err(refuse(row, "a number has an exponent"));
                    };
                    whole
                }
                _ => beside(text, unit),
            };
            texts[start + row] = Some(with_unit);
            n += 1;
        }
        written.push((*index, StringArray::from(texts)));
    }
    let doubt = Doubt {
        location: column.place(),
        column: Some(column.label.shown().into_owned()),
        ..Doubt::of_file(
            "unit_by_row",
            Severity::Info,
            format!("{n} amounts are read in the unit that this column gives them"),
        )
    };
    for (index, cells) in written {
        sheet.replace(index, cells)?;
    }
    let meaning = &mut frame.columns[units.at].meaning;
    if !matches!(meaning, Meaning::Field { .. }) {
        *meaning = Meaning::Ignored("gives the amounts of its row their unit".to_owned());
    }
    if let [currency] = currencies[..] {
        let of_amounts = frame.columns.iter_mut();
        for column in of_amounts.filter(|column| amounts.contains(&column.index)) {
            if let Meaning::Field {
                stated_currency, ..
            } = &mut column.meaning
            {
                stated_currency.get_or_insert_with(|| currency.code().to_owned());
            }
        }
    }
    Ok(vec![doubt])
}

/// A column of another meaning gives no units, except one of currencies ("T€").
fn may_be_unit(column: &Column) -> bool {
    match &column.meaning {
        Meaning::Field { column, .. } => column.field == "currency",
        Meaning::Ignored(_) => true,
        Meaning::Unknown(_) => !column.label.is_empty(),
    }
}

/// The units in a column, if all its cells in rows beside amounts are units and one of them is not 1. Words that may be names
/// ("CENT", "CT") are units beside others only, or in a column of currencies.
fn units_of(sheet: &Sheet, frame: &Frame, beside_amount: &[bool], at: usize) -> Option<Units> {
    let (index, start) = (frame.columns[at].index, frame.data_start());
    let mut is_clear = matches!(frame.columns[at].meaning, Meaning::Field { .. });
    let mut scaled = false;
    let mut rows = Vec::new();
    for (row, beside_amount) in beside_amount.iter().enumerate() {
        let text = sheet.cell(start + row, index);
        let unit = text.and_then(unit_of_cell);
        if text.is_some() && unit.is_none() && *beside_amount {
            return None;
        }
        is_clear = is_clear || unit.and(text).and_then(unit_in_label).is_some();
        scaled |= *beside_amount && unit.is_some_and(|unit| unit.scale != 0);
        rows.push(unit);
    }
    (scaled && is_clear).then_some(Units { at, rows })
}

/// The unit that a cell is, if it is nothing else.
fn unit_of_cell(text: &str) -> Option<Unit> {
    let is_part = |c: char| c.is_alphanumeric() || c == '€';
    let words = text.split(|c| !is_part(c)).filter(|word| !word.is_empty());
    let known = |word: &str| unit_of(word).is_some() || BESIDE.contains(&word);
    let is_unit = words.clone().count() <= 4 && words.clone().all(known);
    let of_word = || {
        let mut words = words.clone();
        let only = words.next().filter(|_| words.next().is_none());
        only.and_then(unit_of)
    };
    // "CENT" is a unit where all others are.
    is_unit
        .then(|| unit_in_label(text).or_else(of_word))
        .flatten()
}

fn has_figure(sheet: &Sheet, row: usize, column: usize) -> bool {
    let cell = sheet.cell(row, column);
    cell.is_some_and(|cell| cell.bytes().any(|b| b.is_ascii_digit()))
}

/// A published amount with its unit beside it.
fn beside(text: &str, unit: Unit) -> String {
    let mut text = text.to_owned();
    text.push_str(match (unit.scale, unit.currency) {
        (-2, Some(Currency::Sek)) => " öre",
        (-2, _) => " Cent",
        (3, _) => " Tsd",
        (6, _) => " Mio",
        (9, _) => " Mrd",
        _ => "",
    });
    if let Some(currency) = unit.currency {
        text.push(' ');
        text.push_str(currency.code());
    }
    text
}

/// A plain decimal times a power of ten.
fn times(text: &str, scale: i32) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) {
        return None;
    }
    let scale = usize::try_from(scale).ok()?;
    let part = format!("{part:0<scale$}");
    let (moved, rest) = part.split_at(scale);
    let whole = format!("{whole}{moved}");
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    Some(if rest.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{rest}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_decimals_are_moved_exactly() {
        for (text, scale, moved) in [
            ("654", 3, Some("654000")),
            ("-0.5", 3, Some("-500")),
            ("1.23456", 3, Some("1234.56")),
            ("0", 6, Some("0")),
            ("12.5", 0, Some("12.5")),
            ("1e5", 3, None),
            ("1250", -2, None),
        ] {
            assert_eq!(times(text, scale).as_deref(), moved, "{text}");
        }
    }

    #[test]
    fn cells_that_are_a_unit_and_nothing_else() {
        for (text, scale) in [
            ("T€", Some(3)),
            ("in T€", Some(3)),
            ("Tsd. EUR", Some(3)),
            ("1.000 EUR", Some(3)),
            ("EUR", Some(0)),
            ("Mio.", Some(6)),
            ("Cent", Some(-2)),
            ("CENT", Some(-2)),
            ("in öre", Some(-2)),
            ("Euro und Cent", None),
            ("Vorhaben in T€", None),
            ("Abteilung 1", None),
        ] {
            assert_eq!(unit_of_cell(text).map(|unit| unit.scale), scale, "{text}");
        }
    }
}
