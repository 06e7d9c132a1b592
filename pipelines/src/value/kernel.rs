//! The readings over Arrow columns: one batch in, typed arrays and the misfits out.
//!
//! A value that cannot be read becomes null and is reported once, with its row in the batch. Kinds are those of the
//! readers' `k` columns; without them every cell is text.

use arrow::array::{Array, Date32Array, Decimal128Array, StringArray, StringBuilder, UInt8Array};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::DataType;

use super::amount::{Amount, parse_amount_in, parse_native_amount_in};
use super::code::{CodeLabel, parse_code};
use super::date::{DateValue, Edge, parse_date_at, parse_native_date};
use super::error::{Misfit, ValueDoubt, ValueError};
use super::footnote::footnote;
use super::number::{ThreeDecimals, is_two_faced};
use super::rate::{Rate, RateConvention, read_rate};
use super::text::{clean_text, is_clean};
use super::unit::{Currency, Unit};
use super::{DateConvention, NullWords, NumberConvention};

/// Money in tables.
pub const MONEY: DataType = DataType::Decimal128(18, 2);
/// Rates in tables: millionths.
pub const RATE: DataType = DataType::Decimal128(9, 6);

/// A reader's kind of cell: a number, as shortest exact decimal.
const NUMBER: u8 = 1;
/// A date, as ISO text.
const DATE: u8 = 2;
/// A boolean.
const BOOLEAN: u8 = 3;
/// An error value such as `#REF!`.
const ERROR: u8 = 4;

/// A column of amounts.
#[derive(Debug)]
pub struct Amounts {
    /// Decimal128(18,2).
    pub values: Decimal128Array,
    /// Currencies that the cells state (`EUR`, `SEK`), null where they do not; `None` if no cell does.
    pub currencies: Option<StringArray>,
    /// Precision of figures in thousands or millions, null elsewhere; `None` if there are none.
    pub precision_abs: Option<Decimal128Array>,
    /// Values that became null.
    pub misfits: Vec<Misfit>,
    /// Values that are doubtful, but kept.
    pub doubts: Vec<Misfit<ValueDoubt>>,
}

/// Reads a column of amounts. `unit` is what the column's label says of all its cells ("in Tsd. EUR"), if anything, and
/// `three_decimals` what all of them say of a text such as `12.000`. Typed numbers are never in doubt.
pub fn amounts(
    text: &StringArray,
    kinds: Option<&UInt8Array>,
    convention: NumberConvention,
    unit: Option<Unit>,
    three_decimals: ThreeDecimals,
    nulls: &NullWords,
) -> Amounts {
    let rows = text.len();
    let unit = unit.unwrap_or(Unit::NONE);
    let mut values: Vec<i128> = Vec::with_capacity(rows);
    let mut valid: Vec<bool> = Vec::with_capacity(rows);
    let mut currencies: Vec<Option<Currency>> = Vec::new();
    let mut precisions: Vec<Option<i128>> = Vec::new();
    let (mut misfits, mut doubts) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let mut is_marked = false;
        let read = present(text, row, nulls).map_or(Ok(None), |cell| match kind_of(kinds, row) {
            NUMBER => parse_native_amount_in(cell, unit),
            DATE => Err(ValueError::WrongKind {
                found: "date",
                expected: "an amount",
            }),
            BOOLEAN => Err(ValueError::WrongKind {
                found: "boolean",
                expected: "an amount",
            }),
            ERROR => Err(ValueError::ErrorCell),
            _ if three_decimals == ThreeDecimals::Open && is_two_faced(cell, convention) => {
                Err(ValueError::ThreeDecimals { convention })
            }
            _ => parse_amount_in(cell, convention, unit).or_else(|error| {
                let open = three_decimals == ThreeDecimals::Open;
                let without = footnote(cell).map(|(rest, _)| rest);
                let without = without.filter(|rest| !(open && is_two_faced(rest, convention)));
                let read = without.map(|rest| parse_amount_in(rest, convention, unit));
                is_marked = matches!(read, Some(Ok(Some(_))));
                read.filter(|_| is_marked).unwrap_or(Err(error))
            }),
        });
        let amount = settle(read, row, text, &mut misfits);
        values.push(amount.map_or(0, |a| a.value));
        valid.push(amount.is_some());
        let Some(Amount {
            currency,
            precision_abs,
            rounded,
            ..
        }) = amount
        else {
            continue;
        };
        if currency.is_some() {
            currencies.resize(row, None);
            currencies.push(currency);
        }
        if precision_abs.is_some() {
            precisions.resize(row, None);
            precisions.push(precision_abs);
        }
        let mut doubt = |error| {
            doubts.push(Misfit {
                row,
                text: text.value(row).to_owned(),
                error,
            });
        };
        if rounded {
            doubt(ValueDoubt::Rounded);
        }
        if is_marked {
            doubt(ValueDoubt::Footnote);
        }
    }
    let currencies = (!currencies.is_empty()).then(|| {
        currencies.resize(rows, None);
        currencies.iter().map(|c| c.map(Currency::code)).collect()
    });
    let precision_abs = (!precisions.is_empty()).then(|| {
        precisions.resize(rows, None);
        Decimal128Array::from(precisions).with_data_type(MONEY)
    });
    Amounts {
        values: decimals(values, valid, MONEY),
        currencies,
        precision_abs,
        misfits,
        doubts,
    }
}

/// A column of dates.
#[derive(Debug)]
pub struct Dates {
    /// Days; of a month or year its first or last.
    pub days: Date32Array,
    /// `day`, `month` or `year`; null where the date is.
    pub precision: StringArray,
    /// Values that became null.
    pub misfits: Vec<Misfit>,
    /// Values that are doubtful, but kept.
    pub doubts: Vec<Misfit<ValueDoubt>>,
}

/// Reads a column of dates; `edge` says which day stands for a month or year.
pub fn dates(
    text: &StringArray,
    kinds: Option<&UInt8Array>,
    convention: DateConvention,
    edge: Edge,
    nulls: &NullWords,
) -> Dates {
    let rows = text.len();
    let mut days: Vec<i32> = Vec::with_capacity(rows);
    let mut valid: Vec<bool> = Vec::with_capacity(rows);
    let mut precision: Vec<u8> = Vec::with_capacity(rows * 3);
    let mut ends: Vec<i32> = Vec::with_capacity(rows + 1);
    ends.push(0);
    let (mut misfits, mut doubts) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let read = present(text, row, nulls).map_or(Ok(None), |cell| match kind_of(kinds, row) {
            NUMBER | DATE => parse_native_date(cell, edge),
            BOOLEAN => Err(ValueError::WrongKind {
                found: "boolean",
                expected: "a date",
            }),
            ERROR => Err(ValueError::ErrorCell),
            _ => parse_date_at(cell, convention, edge),
        });
        let date: Option<DateValue> = settle(read, row, text, &mut misfits);
        days.push(date.map_or(0, |d| d.days));
        valid.push(date.is_some());
        precision.extend_from_slice(date.map_or("", |d| d.precision.as_str()).as_bytes());
        ends.push(precision.len() as i32);
        if date.is_some_and(|d| d.implausible) {
            doubts.push(Misfit {
                row,
                text: text.value(row).to_owned(),
                error: ValueDoubt::ImplausibleDate,
            });
        }
    }
    let nulls = null_buffer(valid);
    let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
    Dates {
        days: Date32Array::new(ScalarBuffer::from(days), nulls.clone()),
        precision: StringArray::new(offsets, Buffer::from_vec(precision), nulls),
        misfits,
        doubts,
    }
}

/// A column of rates.
#[derive(Debug)]
pub struct Rates {
    /// Decimal128(9,6).
    pub values: Decimal128Array,
    /// Values that became null.
    pub misfits: Vec<Misfit>,
    /// Values that are doubtful, but kept.
    pub doubts: Vec<Misfit<ValueDoubt>>,
}

/// Reads a column of rates. Typed numbers are read as bare numbers, which the convention explains.
pub fn rates(
    text: &StringArray,
    kinds: Option<&UInt8Array>,
    convention: RateConvention,
    nulls: &NullWords,
) -> Rates {
    let (mut misfits, mut doubts) = (Vec::new(), Vec::new());
    let (mut values, mut valid) = (
        Vec::with_capacity(text.len()),
        Vec::with_capacity(text.len()),
    );
    for row in 0..text.len() {
        let read = present(text, row, nulls).map_or(Ok(None), |cell| match kind_of(kinds, row) {
            DATE => Err(ValueError::WrongKind {
                found: "date",
                expected: "a rate",
            }),
            BOOLEAN => Err(ValueError::WrongKind {
                found: "boolean",
                expected: "a rate",
            }),
            ERROR => Err(ValueError::ErrorCell),
            _ => read_rate(cell, convention),
        });
        let rate: Option<Rate> = settle(read, row, text, &mut misfits);
        values.push(rate.map_or(0, |r| r.value));
        valid.push(rate.is_some());
        if rate.is_some_and(|r| r.rounded_to_bound) {
            doubts.push(Misfit {
                row,
                text: text.value(row).to_owned(),
                error: ValueDoubt::RoundedToBound,
            });
        }
    }
    Rates {
        values: decimals(values, valid, RATE),
        misfits,
        doubts,
    }
}

/// A column of codes.
#[derive(Debug)]
pub struct Codes {
    /// Codes as published, with leading zeros.
    pub code: StringArray,
    /// Labels.
    pub label: StringArray,
    /// Cells with several codes; their label is kept.
    pub misfits: Vec<Misfit>,
}

/// Reads a column of codes, labels, or both.
pub fn codes(text: &StringArray, nulls: &NullWords) -> Codes {
    let mut code = StringBuilder::with_capacity(text.len(), text.len() * 3);
    let mut label = StringBuilder::new();
    let mut misfits = Vec::new();
    for row in 0..text.len() {
        let empty = CodeLabel {
            code: None,
            label: None,
        };
        let found = present(text, row, nulls).map_or(empty, |cell| {
            parse_code(cell).unwrap_or_else(|error| {
                misfits.push(Misfit {
                    row,
                    text: cell.to_owned(),
                    error,
                });
                CodeLabel {
                    code: None,
                    label: Some(cell),
                }
            })
        });
        code.append_option(found.code);
        // A label is text like any other.
        label.append_option(found.label.and_then(clean_text));
    }
    Codes {
        code: code.finish(),
        label: label.finish(),
        misfits,
    }
}

/// Cleans a column of text; empty becomes null. A column without anything to clean is shared, not copied.
pub fn clean(text: &StringArray) -> StringArray {
    let untouched = |cell: &str| !cell.is_empty() && is_clean(cell);
    if text.iter().flatten().all(untouched) {
        return text.clone();
    }
    let mut out = StringBuilder::with_capacity(text.len(), text.value_data().len());
    for cell in text {
        out.append_option(cell.and_then(clean_text));
    }
    out.finish()
}

/// The cell, unless it is missing or says so.
#[inline]
fn present<'a>(text: &'a StringArray, row: usize, nulls: &NullWords) -> Option<&'a str> {
    if text.is_null(row) {
        return None;
    }
    let cell = text.value(row);
    (!nulls.is_null(cell)).then_some(cell)
}

#[inline]
fn kind_of(kinds: Option<&UInt8Array>, row: usize) -> u8 {
    kinds.map_or(0, |kinds| kinds.value(row))
}

#[inline]
fn settle<T>(
    read: Result<Option<T>, ValueError>,
    row: usize,
    text: &StringArray,
    misfits: &mut Vec<Misfit>,
) -> Option<T> {
    read.unwrap_or_else(|error| {
        misfits.push(Misfit {
            row,
            text: text.value(row).to_owned(),
            error,
        });
        None
    })
}

fn null_buffer(valid: Vec<bool>) -> Option<NullBuffer> {
    valid.contains(&false).then(|| NullBuffer::from(valid))
}

fn decimals(values: Vec<i128>, valid: Vec<bool>, data_type: DataType) -> Decimal128Array {
    Decimal128Array::new(ScalarBuffer::from(values), null_buffer(valid)).with_data_type(data_type)
}
