//! Tables that lost what makes a list of operations of them: their rows, or the column of their amounts.
//!
//! Such a file is held. Loaded, it would say of every operation that nothing was granted. A list without any sign of
//! amounts stays a list; what is wrong with single rows is told elsewhere, but for cells that are formulas without a
//! value, which are blank here. A column that nobody understands and whose values are money is told, and its
//! amounts count as unreadable ones.

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
use crate::value::{self, Inference, NullWords, NumberConvention, infer_numbers};

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
/// label was damaged, or the labels stand over other columns than their values. So does one without any amount that can be read
/// and with a column of `money` that nobody understands.
pub(super) fn refuse_without_amounts(
    sheet: &Sheet,
    frame: &Frame,
    amounts: &[AmountColumn],
    keep: &BooleanArray,
    money: &[Doubt],
) -> Result<(), MapError> {
    // Items of JSON carry their own labels, so that nothing can be shifted there.
    let items = sheet.info.keys.is_some();
    let kept = || (0..keep.len()).filter(|row| keep.value(*row));
    let has_amount = |row: usize| amounts.iter().any(|a| a.values.is_valid(row));
    if keep.true_count() == 0 || kept().any(has_amount) {
        return Ok(());
    }
    let unread = || match money.first() {
        Some(unread) => Err(MapError::AmountsUnread {
            place: unread.location.clone(),
            label: unread.column.clone().unwrap_or_default(),
        }),
        None => Ok(()),
    };
    if items && !amounts.is_empty() {
        return unread();
    }
    let Some(first) = amounts.first() else {
        let mut columns = frame.columns.iter();
        if let Some(column) = columns.find(|column| !items && speaks_of_money(column)) {
            return Err(MapError::AmountsUnknown {
                column: column_letters(column.index as u32 + 1),
                label: short(&column.label),
            });
        }
        return unread();
    };
    let start = frame.data_start();
    let filled = |row: usize| {
        let mut columns = amounts.iter().map(|amount| amount.column);
        columns.any(|column| sheet.cell(start + row, column).is_some())
    };
    if kept().any(filled) {
        return unread();
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

/// An amount of up to this many cents may be a percentage, a number of hours or a share of a post.
pub(crate) const SMALL: i128 = 10_000;

/// What is money and not read.
#[derive(Debug, Default)]
pub(super) struct Unread {
    /// Each of its columns.
    pub(super) doubts: Vec<Doubt>,
    /// The amounts in them.
    pub(super) amounts: u64,
}

/// Columns that nobody understands, and most of whose filled cells are money, or that are money as a whole.
pub(super) fn money_unread(sheet: &Sheet, frame: &Frame, keep: &BooleanArray) -> Unread {
    let start = frame.data_start();
    let nulls = NullWords::common_of_amounts();
    let unknown = (frame.columns.iter())
        .filter(|column| matches!(column.meaning, Meaning::Unknown(_)) && !column.label.is_empty());
    let mut found = Unread::default();
    for column in unknown {
        let kinds = sheet.kinds(column.index);
        let kind = |row: usize| kinds.map_or(TEXT, |kinds| kinds.value(row));
        let rows = (0..keep.len()).filter(|row| keep.value(*row));
        let cells: Vec<(u8, &str)> = rows
            .filter_map(|row| Some((kind(start + row), sheet.cell(start + row, column.index)?)))
            .filter(|(_, text)| !nulls.is_null(text))
            .collect();
        if cells.len() < FEW || value::percent_in_label(&column.label.shown()) {
            continue;
        }
        let texts = cells.iter().filter(|(kind, _)| *kind == TEXT);
        let texts = texts.map(|(_, text)| before_odd_sign(text).unwrap_or(text));
        let written = match infer_numbers(texts).outcome {
            Inference::Certain(convention) => Some(convention),
            _ => None,
        };
        let is_labelled = speaks_of_money(column);
        let figure = |(kind, text): &(u8, &str)| {
            let convention = match *kind {
                TEXT => written,
                NUMBER => Some(NumberConvention::PLAIN),
                _ => None,
            };
            Figure::read(text, convention?, is_labelled)
        };
        let figures: Vec<Figure> = cells.iter().filter_map(figure).collect();
        let n = if figures.len() == cells.len() && is_money(&figures) {
            figures.len()
        } else {
            figures.iter().filter(|figure| figure.is_money()).count()
        };
        if n * 2 <= cells.len() {
            continue;
        }
        found.amounts += n as u64;
        found.doubts.push(Doubt {
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
        });
    }
    found
}

/// The rule of columns of money that nobody understands.
pub(crate) const UNREAD: &str = "amounts_not_read";

/// The readers' kinds of cells that are text, and that are numbers.
const TEXT: u8 = CellKind::Text as u8;
const NUMBER: u8 = CellKind::Number as u8;

/// A cell of an unknown column that is a number.
struct Figure {
    /// It or its label states a currency, or the place of its sign is damaged.
    is_stated: bool,
    /// In hundredths.
    value: i128,
    /// It has one or two decimals.
    has_cents: bool,
}

impl Figure {
    fn read(text: &str, convention: NumberConvention, is_labelled: bool) -> Option<Self> {
        let damaged = before_odd_sign(text);
        let number = damaged.unwrap_or(text);
        let amount = value::parse_amount(number, convention).ok()??;
        let mark = convention.decimal();
        let has_cents = mark.is_some() && matches!(super::published::decimals(number, mark), 1 | 2);
        // "15 ?" is a number of which somebody was not sure.
        let was_stated = damaged.is_some() && (has_cents || amount.value.abs() > SMALL);
        Some(Self {
            is_stated: is_labelled || was_stated || amount.currency.is_some(),
            value: amount.value,
            has_cents,
        })
    }

    /// Too large for most things that are not money.
    fn is_large(&self) -> bool {
        self.value.abs() > SMALL
    }

    /// Whether it is money by itself: in a currency, or with cents and too large for most other things.
    fn is_money(&self) -> bool {
        self.is_stated || (self.is_large() && self.has_cents)
    }
}

/// Of so many amounts at least one has cents.
const WITH_CENTS: usize = 10;

/// Whether the numbers of a column are money together: workbooks and JSON write whole amounts without cents, so that a few of them
/// show it. Postcodes, ids and years have none; zeros may stand for no amount.
fn is_money(figures: &[Figure]) -> bool {
    let with_cents = figures.iter().filter(|f| f.has_cents && f.is_large());
    with_cents.count() * WITH_CENTS >= figures.len()
        && figures
            .iter()
            .all(|f| f.value == 0 || f.value.abs() >= SMALL)
}

/// The number before a letter or sign that belongs to no currency: "1.000,10 Û" and "1.000,10 ?" are what other encodings make of "€".
fn before_odd_sign(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let sign = text.chars().next_back()?;
    let is_letter = sign.is_alphabetic() && !sign.is_ascii();
    let is_odd = is_letter || matches!(sign, '?' | '¤' | '\u{FFFD}' | '\u{80}'..='\u{9F}');
    let number = text[..text.len() - sign.len_utf8()].trim_end();
    (is_odd && number.ends_with(|c: char| c.is_ascii_digit())).then_some(number)
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
