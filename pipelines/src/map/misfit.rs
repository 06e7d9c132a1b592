//! Values that do not fit the conventions of their file: null in the table, and a finding that says why.

use arrow::array::{Array, BooleanArray, RecordBatch, UInt8Array};

use super::amount::AmountColumn;
use super::convention::FileConventions;
use super::frame::{Frame, Sheet};
use super::header::Meaning;
use super::plan::amount_name;
use super::{MapError, Places};
use crate::check::{Doubt, Severity};
use crate::value::{self, Edge, Misfit, NullWords};

/// At least so many values are needed before a column is judged as a whole.
const FEW: usize = 10;

/// Findings of all amounts, dates and rates of the kept rows; an error if most values of a column do not fit.
pub(crate) fn misfits(
    sheet: &Sheet,
    frame: &Frame,
    conventions: &FileConventions,
    rows: &RecordBatch,
    amounts: &[AmountColumn],
    keep: &BooleanArray,
    places: &Places<'_>,
) -> Result<Vec<Doubt>, MapError> {
    let nulls = conventions.nulls();
    let vocabulary = esf_schemas::Vocabulary::standard();
    let mut doubts = Vec::new();
    for column in &frame.columns {
        let Meaning::Field {
            column: mapping, ..
        } = &column.meaning
        else {
            continue;
        };
        let Some(kind) = vocabulary.field(&mapping.field).map(|f| f.kind.as_str()) else {
            continue;
        };
        let name = if kind == "amount" {
            amount_name(column.index)
        } else {
            mapping.field.clone()
        };
        let (Some(cells), Some(read)) = (sheet.cells(column.index), rows.column_by_name(&name))
        else {
            continue;
        };
        if !matches!(kind, "amount" | "date" | "rate") {
            continue;
        }
        let start = frame.data_start();
        let cells = cells.slice(start, rows.num_rows());
        let kinds: Option<UInt8Array> = sheet
            .kinds(column.index)
            .map(|k| k.slice(start, rows.num_rows()));
        let filled = filled(&cells, keep, &nulls);
        let (misfits, doubtful, convention): (Vec<Misfit>, Vec<(usize, String)>, String) =
            match kind {
                "amount" => {
                    let implausible = amounts
                        .iter()
                        .any(|a| a.column == column.index && a.values.null_count() > 0);
                    if !implausible && filled == read.len() - read.null_count() && kinds.is_none() {
                        continue;
                    }
                    let read = value::amounts(
                        &cells,
                        kinds.as_ref(),
                        conventions.numbers,
                        value::unit_in_label(&column.label),
                        &nulls,
                    );
                    let doubts = read
                        .doubts
                        .into_iter()
                        .map(|d| (d.row, d.error.to_string()))
                        .collect();
                    (read.misfits, doubts, conventions.numbers.to_string())
                }
                "date" => {
                    let Some(dates) = conventions.dates else {
                        continue;
                    };
                    let read = value::dates(&cells, kinds.as_ref(), dates, Edge::First, &nulls);
                    let doubts = read
                        .doubts
                        .into_iter()
                        .map(|d| (d.row, d.error.to_string()))
                        .collect();
                    (read.misfits, doubts, dates.patterns().join(" or "))
                }
                _ => {
                    let (_, misfits) =
                        value::rates(&cells, kinds.as_ref(), conventions.rates, &nulls);
                    (misfits, Vec::new(), "rates".to_string())
                }
            };
        let misfits: Vec<Misfit> = misfits.into_iter().filter(|m| keep.value(m.row)).collect();
        if filled >= FEW && misfits.len() * 2 > filled {
            return Err(MapError::Convention {
                misfits: misfits.len(),
                values: filled,
                label: column
                    .label
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" "),
                convention,
                place: places.cell(start + misfits[0].row, column.index),
            });
        }
        let doubt =
            |row: usize, rule: &'static str, value: Option<String>, message: String| Doubt {
                row: Some(i64::from(places.number(start + row))),
                location: places.cell(start + row, column.index),
                rule: rule.into(),
                column: Some(column.label.clone()),
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
    Ok(doubts)
}

/// Filled cells of the kept rows.
fn filled(cells: &arrow::array::StringArray, keep: &BooleanArray, nulls: &NullWords) -> usize {
    (0..cells.len())
        .filter(|row| keep.value(*row) && cells.is_valid(*row) && !nulls.is_null(cells.value(*row)))
        .count()
}
