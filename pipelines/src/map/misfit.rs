//! Values that do not fit the conventions of their file: null in the table, and a finding that says why. Amounts among them
//! are counted, for an operation without one of its amounts is told as a row that was rejected is.

use std::collections::BTreeSet;

use arrow::array::{
    Array, AsArray, BooleanArray, Decimal128Array, RecordBatch, StringArray, UInt8Array,
};
use arrow::datatypes::{Date32Type, Decimal128Type};

use super::amount::{AmountColumn, Contradicted, as_published};
use super::convention::FileConventions;
use super::frame::{Column, Frame};
use super::plan::amount_name;
use super::{MapError, Places};
use crate::check::{Doubt, Severity};
use crate::source::Source;
use crate::value::{self, Edge, Misfit, NullWords, NumberConvention, ValueError, WHOLE_RATE};

/// At least so many values are needed before a column is judged as a whole.
const FEW: usize = 10;

/// What does not fit in the kept rows of a file.
#[derive(Default)]
pub(crate) struct Misfits {
    /// A finding for each value.
    pub(crate) doubts: Vec<Doubt>,
    /// Filled cells of amounts that cannot be read.
    pub(crate) amounts: u64,
}

/// Findings of all amounts, dates and rates of the kept rows; an error if most values of a column do not fit.
pub(crate) fn misfits(
    source: &Source,
    frame: &Frame,
    conventions: &FileConventions,
    rows: &RecordBatch,
    amounts: &[AmountColumn],
    keep: &BooleanArray,
    places: &Places<'_>,
) -> Result<Misfits, MapError> {
    let (nulls, of_amounts) = (conventions.nulls(), conventions.amount_nulls());
    let vocabulary = esf_schemas::Vocabulary::standard();
    let sheet = places.sheet;
    let mut found = Misfits::default();
    let doubts = &mut found.doubts;
    for (column, mapping) in frame.mapped() {
        let Some(kind) = vocabulary.field(&mapping.field).map(|f| f.kind.as_str()) else {
            continue;
        };
        let nulls = if kind == "amount" {
            &of_amounts
        } else {
            &nulls
        };
        let name = if kind == "amount" {
            amount_name(column.index)
        } else {
            mapping.field.clone()
        };
        // A period in one cell is judged by its first day.
        let name = if name == "duration" {
            "start_date".to_string()
        } else {
            name
        };
        let (Some(cells), Some(read)) = (sheet.cells(column.index), rows.column_by_name(&name))
        else {
            continue;
        };
        let start = frame.data_start();
        let cells = cells.slice(start, rows.num_rows());
        if !matches!(kind, "amount" | "date" | "rate") {
            if CODED.contains(&mapping.field.as_str()) {
                let unknown = unknown_values(&cells, read.as_ref(), keep, nulls, places, column);
                // The list of categories that an unknown publisher means is not known either: nothing is wrong with the file.
                let is_open = source.is_generic() && mapping.field == "intervention";
                doubts.extend(unknown.into_iter().map(|doubt| Doubt {
                    severity: if is_open {
                        Severity::Info
                    } else {
                        doubt.severity
                    },
                    ..doubt
                }));
            }
            continue;
        }
        let kinds: Option<UInt8Array> = sheet
            .kinds(column.index)
            .map(|k| k.slice(start, rows.num_rows()));
        let filled = filled(&cells, keep, nulls);
        let (misfits, doubtful, convention): (Vec<Misfit>, Vec<(usize, String)>, String) =
            match kind {
                "amount" => {
                    let implausible = amounts
                        .iter()
                        .any(|a| a.column == column.index && a.values.null_count() > 0);
                    if !implausible
                        && filled == read.len() - read.null_count()
                        && kinds.is_none()
                        && !finer_than_cents(&cells, conventions.numbers)
                        && !has_footnotes(&cells)
                    {
                        continue;
                    }
                    let n = rows.num_rows();
                    let Some(read) = as_published(sheet, frame, column, n, conventions, nulls)
                    else {
                        continue;
                    };
                    let vanished = vanished(&cells, &read.values);
                    let rounded = read
                        .doubts
                        .into_iter()
                        .map(|d| (d.row, d.error.to_string()));
                    let mut doubts: Vec<(usize, String)> = rounded
                        .filter(|(row, _)| vanished.binary_search(row).is_err())
                        .collect();
                    doubts.extend(vanished.into_iter().map(|row| (row, VANISHED.to_string())));
                    (read.misfits, doubts, conventions.numbers.to_string())
                }
                "date" => {
                    let Some(dates) = conventions.dates else {
                        continue;
                    };
                    if filled == read.len() - read.null_count() && plausible(read.as_ref()) {
                        continue;
                    }
                    let read = value::dates(&cells, kinds.as_ref(), dates, Edge::First, nulls);
                    let doubts = read
                        .doubts
                        .into_iter()
                        .map(|d| (d.row, d.error.to_string()))
                        .collect();
                    (read.misfits, doubts, dates.patterns().join(" or "))
                }
                _ if filled == read.len() - read.null_count() && !reaches_bound(read.as_ref()) => {
                    continue;
                }
                _ => {
                    let read = value::rates(&cells, kinds.as_ref(), conventions.rates, nulls);
                    // That nothing says what bare rates mean is told once, of the file.
                    let misfits = read.misfits.into_iter();
                    let misfits = misfits.filter(|m| m.error != ValueError::RateOpen);
                    let doubts = read.doubts.into_iter();
                    let doubts = doubts.map(|d| (d.row, d.error.to_string()));
                    (misfits.collect(), doubts.collect(), "rates".to_string())
                }
            };
        let misfits: Vec<Misfit> = misfits.into_iter().filter(|m| keep.value(m.row)).collect();
        if filled >= FEW && misfits.len() * 2 > filled {
            return Err(MapError::Convention {
                misfits: misfits.len(),
                values: filled,
                label: column.label.line(),
                convention,
                place: places.cell(start + misfits[0].row, column.index),
            });
        }
        if kind == "amount" {
            found.amounts += misfits.len() as u64;
        }
        let doubt =
            |row: usize, rule: &'static str, value: Option<String>, message: String| Doubt {
                row: Some(i64::from(places.number(start + row))),
                location: places.cell(start + row, column.index),
                rule: rule.into(),
                column: Some(column.label.shown().into_owned()),
                value,
                message,
                severity: Severity::Warning,
                operation_id: None,
            };
        doubts.extend(
            misfits
                .into_iter()
                .map(|m| doubt(m.row, "value_unreadable", Some(m.text), m.error.to_string())),
        );
        let doubtful = doubtful.into_iter().filter(|(row, _)| keep.value(*row));
        doubts.extend(doubtful.map(|(row, why)| {
            doubt(
                row,
                "value_doubtful",
                Some(cells.value(row).to_string()),
                why,
            )
        }));
    }
    Ok(found)
}

/// Fields whose values are codes: a published value that gives none is told.
const CODED: [&str; 8] = [
    "duration",
    "fund",
    "country",
    "amount_kind",
    "intervention",
    "planned_participants",
    "planned_jobs",
    "currency",
];

/// Whether any cell has a third digit behind its decimal mark, so that reading it rounds.
fn finer_than_cents(cells: &StringArray, numbers: NumberConvention) -> bool {
    let Some(mark) = numbers.decimal() else {
        return false;
    };
    let mut cells = cells.iter().flatten();
    cells.any(|cell| super::published::decimals(cell, Some(mark)) > 2)
}

/// Said of an amount whose currency is stated twice and differently.
const CURRENCIES: &str = "the label or the sign of the amount states another currency than the column of currencies does, so that it is left empty; the publisher knows which is right";

/// Amounts of kept rows whose currency is stated twice and differently.
pub(super) fn currencies(
    contradicted: &[Contradicted],
    keep: &BooleanArray,
    places: &Places<'_>,
) -> Vec<Doubt> {
    let start = places.frame.data_start();
    let kept = contradicted.iter().filter(|at| keep.value(at.row));
    kept.map(|at| Doubt {
        row: Some(i64::from(places.number(start + at.row))),
        location: places.cell(start + at.row, at.column),
        column: places.label(at.column),
        value: (places.sheet.cell(start + at.row, at.column)).map(str::to_owned),
        ..Doubt::of_file("currency_contradicted", Severity::Warning, CURRENCIES)
    })
    .collect()
}

/// Says of rejected rows that the currency of their amounts is why.
pub(super) fn name_currencies(
    quarantine: &mut [Doubt],
    contradicted: &[Contradicted],
    places: &Places<'_>,
) {
    let start = places.frame.data_start();
    let number = |at: &Contradicted| i64::from(places.number(start + at.row));
    let rows: BTreeSet<i64> = contradicted.iter().map(number).collect();
    let of_amounts = quarantine.iter_mut();
    for doubt in of_amounts.filter(|doubt| doubt.rule == "amount_unreadable") {
        if doubt.row.is_some_and(|row| rows.contains(&row)) {
            doubt.message = CURRENCIES.into();
        }
    }
}

/// Whether the mark of a footnote stands behind any cell.
fn has_footnotes(cells: &StringArray) -> bool {
    let mut cells = cells.iter().flatten();
    cells.any(|cell| value::footnote(cell).is_some())
}

/// Said of an amount that is lost in rounding.
const VANISHED: &str = "the amount is not zero as published, and rounds to 0.00";

/// Rows whose amount is zero and is published as something else, in their order. Sums of floats leave such traces, so
/// that nobody can say which of them were meant to be zero.
fn vanished(cells: &StringArray, values: &Decimal128Array) -> Vec<usize> {
    let zero = |row: &usize| values.is_valid(*row) && values.value(*row) == 0;
    let rows = (0..values.len()).filter(zero);
    rows.filter(|row| cells.is_valid(*row) && has_figure(cells.value(*row)))
        .collect()
}

/// Whether a number has a digit other than 0 before its exponent, if it has one.
fn has_figure(number: &str) -> bool {
    let exponent = number.find(['e', 'E']).filter(|at| {
        let begins = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+');
        let behind_digit = number[..*at].ends_with(|c: char| c.is_ascii_digit());
        behind_digit && number[at + 1..].starts_with(begins)
    });
    let digits = &number[..exponent.unwrap_or(number.len())];
    digits.bytes().any(|b| matches!(b, b'1'..=b'9'))
}

/// Filled cells that gave no value.
fn unknown_values(
    cells: &StringArray,
    read: &dyn Array,
    keep: &BooleanArray,
    nulls: &NullWords,
    places: &Places<'_>,
    column: &Column,
) -> Vec<Doubt> {
    let start = places.frame.data_start();
    let unknown = (0..cells.len()).filter(|row| {
        let filled = keep.value(*row) && cells.is_valid(*row) && !nulls.is_null(cells.value(*row));
        filled && read.is_null(*row)
    });
    unknown
        .map(|row| Doubt {
            row: Some(i64::from(places.number(start + row))),
            location: places.cell(start + row, column.index),
            column: Some(column.label.shown().into_owned()),
            value: Some(cells.value(row).to_string()),
            ..Doubt::of_file(
                "value_unknown",
                Severity::Warning,
                "no known code or value stands for this text; it is left empty. Add it under [lookups] in mapping.toml",
            )
        })
        .collect()
}

/// Amounts whose kind nothing says: no table holds them, because kinds are never mixed.
fn of_no_kind(amount: &AmountColumn, keep: &BooleanArray, places: &Places<'_>) -> Option<Doubt> {
    let lost = (0..keep.len())
        .filter(|row| keep.value(*row) && amount.values.is_valid(*row))
        .filter(|row| amount.kind_of(*row).is_none())
        .count();
    let column = places
        .frame
        .columns
        .iter()
        .find(|c| c.index == amount.column);
    (lost > 0).then(|| Doubt {
        location: column.map_or_else(|| "file".into(), Column::place),
        column: places.label(amount.column),
        ..Doubt::of_file(
            "amount_kind_unknown",
            Severity::Warning,
            format!(
                "{lost} amounts are not kept, because nothing says whether they are granted, paid, total cost or another kind; map the column to its kind under [columns], or name amount_kind under [constants] in mapping.toml"
            ),
        )
    })
}

/// No operation is named in so many bytes; a quote or tag that never closes makes titles like that.
const LONGEST_TITLE: usize = 10_000;

/// Rows whose title holds much more than a title.
fn long_titles(rows: &RecordBatch, keep: &BooleanArray, places: &Places<'_>) -> Vec<Doubt> {
    let titles = rows.column_by_name("title");
    let Some(titles) = titles.and_then(|c| c.as_string_opt::<i32>()) else {
        return Vec::new();
    };
    let start = places.frame.data_start();
    let long = (0..titles.len()).filter(|row| {
        keep.value(*row) && titles.is_valid(*row) && titles.value(*row).len() > LONGEST_TITLE
    });
    let doubt = |row: usize| Doubt {
        row: Some(i64::from(places.number(start + row))),
        location: places.of(start + row),
        ..Doubt::of_file(
            "title_too_long",
            Severity::Warning,
            format!(
                "the title has {} bytes; a quote that is not closed may have swallowed what stands behind it",
                titles.value(row).len()
            ),
        )
    };
    long.map(doubt).collect()
}

/// Whether all dates lie between 1950 and 2100, as days since 1970.
fn plausible(dates: &dyn Array) -> bool {
    let Some(days) = dates.as_primitive_opt::<Date32Type>() else {
        return false;
    };
    let (least, most) = (arrow::compute::min(days), arrow::compute::max(days));
    least.is_none_or(|d| d >= -7305) && most.is_none_or(|d| d < 47_846)
}

/// Whether any rate is 0 or 100 %, perhaps by rounding.
fn reaches_bound(rates: &dyn Array) -> bool {
    let rates = rates.as_primitive_opt::<Decimal128Type>();
    let mut rates = rates.into_iter().flatten().flatten();
    rates.any(|rate| rate == 0 || rate == WHOLE_RATE)
}

/// Filled cells of the kept rows.
fn filled(cells: &StringArray, keep: &BooleanArray, nulls: &NullWords) -> usize {
    (0..cells.len())
        .filter(|row| keep.value(*row) && cells.is_valid(*row) && !nulls.is_null(cells.value(*row)))
        .count()
}

/// Rows that end before they begin, and how many rows have no amount at all.
pub(crate) fn contradictions(
    rows: &RecordBatch,
    amounts: &[AmountColumn],
    keep: &BooleanArray,
    places: &Places<'_>,
) -> Vec<Doubt> {
    let start = places.frame.data_start();
    let day = |name: &str| {
        rows.column_by_name(name)
            .and_then(|c| c.as_primitive_opt::<Date32Type>())
    };
    let mut doubts = Vec::new();
    if let (Some(first), Some(last)) = (day("start_date"), day("end_date")) {
        for row in (0..rows.num_rows()).filter(|row| keep.value(*row)) {
            if first.is_valid(row) && last.is_valid(row) && last.value(row) < first.value(row) {
                doubts.push(Doubt {
                    row: Some(i64::from(places.number(start + row))),
                    location: places.of(start + row),
                    ..Doubt::of_file(
                        "end_before_start",
                        Severity::Warning,
                        "the operation ends before it begins, as published",
                    )
                });
            }
        }
    }
    doubts.extend(
        amounts
            .iter()
            .filter_map(|amount| of_no_kind(amount, keep, places)),
    );
    doubts.extend(long_titles(rows, keep, places));
    let empty = (0..rows.num_rows())
        .filter(|row| keep.value(*row) && amounts.iter().all(|a| a.values.is_null(*row)))
        .count();
    if empty > 0 {
        doubts.push(Doubt::of_file(
            "no_amount",
            Severity::Warning,
            format!("{empty} of {} rows have no amount", keep.true_count()),
        ));
    }
    doubts
}
