//! What stands outside the table: the date of publication and values that hold for every row.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{Field, Schema};
use jiff::civil::Date;
use regex::Regex;

use super::amount::AmountColumn;
use super::frame::{Frame, Sheet, row_text};
use super::plan::columns_of;
use super::{FileInput, MapError};
use crate::source::{Pattern, Source};
use crate::value::{DateConvention, infer_rates, parse_date, parse_rate, rate_convention};

/// Rows at the end of a sheet in which a footer is looked for.
const FOOTER_SEARCH: usize = 40;

/// "Stand: 01.07.2016", "Datenstand 30.06.2016", "Erzeugt: 01.06.2016 2:04", "Date of last update", "Uppdaterad".
static PUBLISHED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:daten)?(?:stand|erzeugt|erstellt|aktualisierung|last update|uppdaterad|uppdateringsdatum)\b[^\d]{0,80}(\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2}\.\s?[A-Za-zäÄ]+\s\d{4})",
    )
    .ok()
});

/// What the first group of a pattern matches.
fn declared(pattern: &Pattern, text: &str) -> Option<String> {
    group(pattern.regex().ok()?, text)
}

fn group(pattern: &Regex, text: &str) -> Option<String> {
    let found = pattern.captures(text)?;
    Some(found.get(1)?.as_str().to_string())
}

/// The date of publication that the source declares, or that the text outside the table or the name of the file states.
pub(crate) fn published_in(file: &FileInput, text: &str) -> Option<Date> {
    let (in_text, in_name) = &file.source.published;
    let value = file.source.toml.published_date.value.clone();
    value
        .or_else(|| in_text.as_ref().and_then(|p| declared(p, text)))
        .or_else(|| in_name.as_ref().and_then(|p| declared(p, &file.file_name)))
        .or_else(|| PUBLISHED.as_ref().and_then(|p| group(p, text)))
        .and_then(|date| read_date(&date))
}

/// The date of publication that the name of a file states, where its source declares that names decide: what it declares
/// of the text in a file comes before them.
pub(crate) fn published_in_name(source: &Source, file_name: &str) -> Option<Date> {
    let (in_text, in_name) = &source.published;
    if source.toml.published_date.value.is_some() || in_text.is_some() {
        return None;
    }
    read_date(&declared(in_name.as_ref()?, file_name)?)
}

/// Text and values outside the table.
pub(super) struct Outside {
    /// Date of publication.
    pub published: Option<Date>,
    values: Vec<(String, String)>,
}

impl Outside {
    /// Looks at the rows above the header and at the end of the sheet.
    pub(super) fn new(file: &FileInput, sheet: &Sheet, frame: &Frame) -> Self {
        let rows = sheet.rows.num_rows();
        let above: Vec<String> = frame.preamble(sheet).collect();
        let end = rows.saturating_sub(FOOTER_SEARCH).max(frame.data_start());
        // A footer has few cells; a data row that speaks of a date is not one.
        let below: Vec<String> = (end..rows)
            .filter(|row| sheet.filled(*row).count() <= 3)
            .map(|row| row_text(sheet, row))
            .collect();
        let text = above
            .iter()
            .chain(&below)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n");
        let mut values: Vec<(String, String)> = Vec::new();
        for (field, pattern) in &file.source.preamble {
            values.extend(declared(pattern, &text).map(|value| (field.clone(), value)));
        }
        for (field, pattern) in &file.source.file_name {
            values.extend(declared(pattern, &file.file_name).map(|value| (field.clone(), value)));
        }
        values.extend(
            file.source
                .mapping
                .constants
                .iter()
                .map(|(field, value)| (field.clone(), value.clone())),
        );
        let published = published_in(file, &text).or_else(|| last_update(sheet, frame));
        Self { published, values }
    }

    /// Adds the values as columns where the table has none of that field.
    pub(super) fn fill_constants(
        &self,
        file: &FileInput,
        rows: &mut RecordBatch,
        amounts: &mut [AmountColumn],
    ) -> Result<(), MapError> {
        let n = rows.num_rows();
        for (field, value) in &self.values {
            if matches!(
                field.as_str(),
                "financing_source" | "currency" | "amount_kind"
            ) {
                continue;
            }
            let present = rows
                .column_by_name(field)
                .is_some_and(|c| c.null_count() < c.len());
            if present {
                continue;
            }
            let column: ArrayRef = match field.as_str() {
                "union_rate" => {
                    let rate = read_rate(value).ok_or_else(|| MapError::Declared {
                        what: format!(
                            "{field} = {value:?} is no rate, or one with two readings; expected a percentage with its sign, such as \"50 %\""
                        ),
                    })?;
                    let rates = arrow::array::Decimal128Array::from(vec![rate; n]);
                    Arc::new(rates.with_precision_and_scale(9, 6)?)
                }
                "start_date" | "end_date" | "amount_date" => {
                    let date = read_date(value);
                    let date = date.ok_or_else(|| MapError::Declared {
                        what: format!("{field} = {value:?} is no date"),
                    })?;
                    Arc::new(arrow::array::Date32Array::from(vec![days(date); n]))
                }
                _ => Arc::new(StringArray::from(vec![value.as_str(); n])),
            };
            *rows = with_column(rows, field, column)?;
        }
        let constants = &file.source.mapping.constants;
        for amount in amounts {
            if let Some(source) = constants.get("financing_source") {
                amount.financing_source.clone_from(source);
            }
        }
        Ok(())
    }
}

/// The newest date in the column that says when a row was last changed: the list is at least as new.
fn last_update(sheet: &Sheet, frame: &Frame) -> Option<Date> {
    let column = *columns_of(frame, "last_update").first()?;
    let rows = frame.data_start()..sheet.rows.num_rows();
    let mut texts: Vec<&str> = rows.filter_map(|row| sheet.cell(row, column)).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.into_iter().filter_map(read_date).max()
}

/// A rate that stands alone: a bare 1 is 1 % as well as 100 %, and none.
fn read_rate(text: &str) -> Option<i128> {
    let inferred = infer_rates(std::iter::once(text));
    let convention = rate_convention(&inferred.outcome, false);
    parse_rate(text, convention).ok().flatten()
}

/// Days since 1970.
pub(crate) fn days(date: Date) -> i32 {
    date.since(jiff::civil::date(1970, 1, 1))
        .map_or(0, |span| span.get_days())
}

/// A date of publication in any of the usual spellings.
fn read_date(text: &str) -> Option<Date> {
    let spellings = ["yyyy-mm-dd", "dd.mm.yyyy", "d month yyyy", "month yyyy"];
    let convention = DateConvention::from_patterns(&spellings).ok()?;
    let days = parse_date(text, convention).ok()??.days;
    jiff::civil::date(1970, 1, 1)
        .checked_add(jiff::Span::new().days(days))
        .ok()
}

/// The batch with a column added or replaced.
pub(crate) fn with_column(
    rows: &RecordBatch,
    name: &str,
    column: ArrayRef,
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let mut fields: Vec<_> = rows.schema().fields().iter().cloned().collect();
    let mut columns = rows.columns().to_vec();
    let field = Arc::new(Field::new(name, column.data_type().clone(), true));
    if let Ok(index) = rows.schema().index_of(name) {
        fields[index] = field;
        columns[index] = column;
    } else {
        fields.push(field);
        columns.push(column);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
