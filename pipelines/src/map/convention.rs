//! How one file writes its numbers, dates and rates: declared, or inferred from all its values together.
//!
//! A declaration is checked against the values; an inference that leaves two readings raises instead of choosing.

use std::collections::BTreeMap;

use super::MapError;
use super::frame::Sheet;
use crate::source::Source;
use crate::value::{
    DateConvention, Inference, NullWords, NumberConvention, RateConvention, footnote, infer_dates,
    infer_numbers, infer_rates, period_dates, rate_convention,
};

/// Columns of a sheet by what their values are.
#[derive(Debug, Default)]
pub struct ValueColumns {
    /// Columns of amounts.
    pub amounts: Vec<usize>,
    /// Columns of dates.
    pub dates: Vec<usize>,
    /// Columns of rates.
    pub rates: Vec<usize>,
    /// Whether the label over one of them says that its numbers are per cent.
    pub rates_in_percent: bool,
}

/// The conventions of one file, each with how it was come by.
#[derive(Debug, Clone)]
pub struct FileConventions {
    /// Numbers.
    pub numbers: NumberConvention,
    /// Dates; none if the file has dates that can be read in two ways.
    pub dates: Option<DateConvention>,
    /// Rates; open if the file has bare ones that can be read in two ways.
    pub rates: RateConvention,
    /// Texts that mean "not known".
    pub null_words: Vec<String>,
    /// Texts that mean in place of an amount that there is none.
    pub amount_null_words: Vec<String>,
    /// What was inferred, for findings: what, and the outcome.
    pub inferred: BTreeMap<&'static str, String>,
}

impl FileConventions {
    /// Declared conventions, completed by inference over the data rows of the sheet.
    pub fn of(
        source: &Source,
        sheet: &Sheet,
        data_start: usize,
        columns: &ValueColumns,
    ) -> Result<Self, MapError> {
        let declared = &source.mapping.conventions;
        let mut inferred = BTreeMap::new();
        let is_declared = !declared.null_words.is_empty();
        let null_words: Vec<String> = if is_declared {
            declared
                .null_words
                .iter()
                .cloned()
                .chain(["-".into(), "–".into()])
                .collect()
        } else {
            NullWords::COMMON.iter().map(ToString::to_string).collect()
        };
        let mut amount_null_words = null_words.clone();
        if !is_declared {
            amount_null_words.extend(NullWords::OF_AMOUNTS.iter().map(ToString::to_string));
        }
        let nulls = NullWords::new(&null_words);
        let values = |of: &[usize]| texts(sheet, data_start, of, &nulls);
        let wrong = |e: crate::value::ConventionError| MapError::Declared {
            what: e.to_string(),
        };

        let numbers = match &declared.numbers {
            Some(example) => NumberConvention::from_example(example).map_err(wrong)?,
            // What is read without the mark of a footnote takes part without it.
            None => match infer_numbers(
                (values(&columns.amounts).iter())
                    .map(|text| footnote(text).map_or(*text, |(rest, _)| rest)),
            )
            .outcome
            {
                Inference::Certain(convention) => {
                    inferred.insert("numbers", convention.to_string());
                    convention
                }
                Inference::Ambiguous(readings) => {
                    let readings: Vec<String> = readings
                        .iter()
                        .map(|r| format!("{:?}", r.to_string()))
                        .collect();
                    return Err(MapError::Ambiguous {
                        what: "amounts",
                        key: "numbers",
                        readings: readings.join(" or "),
                    });
                }
                Inference::None { .. } => {
                    return Err(MapError::Mixed {
                        what: "amounts",
                        key: "numbers",
                    });
                }
                // No amount is written as text: native cells need no convention.
                Inference::Empty => NumberConvention::PLAIN,
            },
        };
        let dates = if declared.dates.is_empty() {
            match infer_dates(
                values(&columns.dates)
                    .iter()
                    .flat_map(|text| period_dates(text)),
            )
            .outcome
            {
                Inference::Certain(convention) => {
                    inferred.insert("dates", convention.to_string());
                    Some(convention)
                }
                Inference::Ambiguous(_) | Inference::None { .. } => {
                    inferred.insert("dates", "ambiguous".into());
                    None
                }
                Inference::Empty => Some(DateConvention::ISO),
            }
        } else {
            Some(DateConvention::from_patterns(&declared.dates).map_err(wrong)?)
        };
        let rates = match declared.rates.as_deref() {
            Some("percent") => RateConvention::Percent,
            Some("fraction") => RateConvention::Fraction,
            Some(other) => {
                let what = format!(
                    "[conventions].rates = {other:?}; expected \"percent\" or \"fraction\""
                );
                return Err(MapError::Declared { what });
            }
            None => {
                let texts = rate_texts(sheet, data_start, &columns.rates);
                let outcome = infer_rates(texts.iter().copied()).outcome;
                let convention = rate_convention(&outcome, columns.rates_in_percent);
                let bare = |text: &&str| text.ends_with(|c: char| c.is_ascii_digit());
                if convention == RateConvention::Open {
                    inferred.insert("bare rates", "ambiguous".into());
                } else if matches!(outcome, Inference::Certain(_)) && texts.iter().any(bare) {
                    inferred.insert("rates", convention.to_string());
                }
                convention
            }
        };
        Ok(Self {
            numbers,
            dates,
            rates,
            null_words,
            amount_null_words,
            inferred,
        })
    }

    /// The null words, ready to test with.
    pub fn nulls(&self) -> NullWords {
        NullWords::new(&self.null_words)
    }

    /// The null words in place of amounts, ready to test with.
    pub fn amount_nulls(&self) -> NullWords {
        NullWords::new(&self.amount_null_words)
    }
}

/// Values written as text in some columns; cells that are numbers or dates by themselves need no convention.
fn texts<'a>(
    sheet: &'a Sheet,
    data_start: usize,
    columns: &[usize],
    nulls: &NullWords,
) -> Vec<&'a str> {
    let rows = sheet.rows.num_rows();
    let mut values = Vec::new();
    for column in columns {
        let Some(cells) = sheet.cells(*column) else {
            continue;
        };
        let kinds = sheet.kinds(*column);
        for row in data_start..rows {
            if arrow::array::Array::is_valid(cells, row) && kinds.is_none_or(|k| k.value(row) == 0)
            {
                let text = cells.value(row);
                if !nulls.is_null(text) {
                    values.push(text);
                }
            }
        }
    }
    values
}

/// Rates, native numbers included: whether 80 means percent is a question of the file, not of the cell.
fn rate_texts<'a>(sheet: &'a Sheet, data_start: usize, columns: &[usize]) -> Vec<&'a str> {
    let rows = data_start..sheet.rows.num_rows();
    columns
        .iter()
        .flat_map(|column| rows.clone().filter_map(|row| sheet.cell(row, *column)))
        .collect()
}
