//! Amounts: which kind, in which currency, how sure, and the sums as published. An amount whose currency is stated twice and
//! differently (by its label or sign, and by a column of currencies) is none.

use std::borrow::Cow;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, RecordBatch, StringArray,
};
use arrow::compute::filter;
use arrow::datatypes::Decimal128Type;
use esf_schemas::{FieldKind, Vocabulary};

use super::FileInput;
use super::classify::Classes;
use super::convention::{FileConventions, ValueColumns};
use super::decimals::three_decimals;
use super::frame::{Column, Frame, Sheet};
use super::header::Meaning;
use super::outside_unit::currency_outside;
use super::plan::{amount_name, columns_of};
use crate::check::{ControlTotal, Doubt, Severity};
use crate::value::{self, Amounts, NullWords};

/// The currency of a column of amounts.
#[derive(Debug, Clone)]
pub enum CurrencyOf {
    /// One currency for all rows, and how it is known: stated, declared or inferred.
    All(String, &'static str),
    /// Row by row, as published; rows that state none have the other one, and how that is known.
    Rows(StringArray, Option<(String, &'static str)>),
    /// Not known.
    Unknown,
}

impl CurrencyOf {
    /// Currency of a row.
    pub fn of(&self, row: usize) -> Option<&str> {
        match self {
            Self::All(code, _) => Some(code),
            Self::Rows(codes, _) if codes.is_valid(row) => Some(codes.value(row)),
            Self::Rows(_, other) => other.as_ref().map(|(code, _)| code.as_str()),
            Self::Unknown => None,
        }
    }

    /// How the currency of a row is known: stated, declared or inferred.
    pub fn certainty(&self, row: usize) -> &'static str {
        match self {
            Self::All(_, certainty) => certainty,
            Self::Rows(codes, Some((_, certainty))) if codes.is_null(row) => certainty,
            Self::Rows(..) | Self::Unknown => "stated",
        }
    }
}

/// A column of amounts of the mapped rows.
#[derive(Debug, Clone)]
pub struct AmountColumn {
    /// Kind of amount, where one kind holds for all rows.
    pub kind: String,
    /// Kind row by row, where another column says it.
    pub kinds: Option<StringArray>,
    /// Position in the sheet.
    pub column: usize,
    /// Values.
    pub values: Decimal128Array,
    /// How far they may be off, where the publication rounds.
    pub precision_abs: Option<Decimal128Array>,
    /// Currency.
    pub currency: CurrencyOf,
    /// Who pays.
    pub financing_source: String,
    /// Published zeros say "no figure".
    pub zero_is_filler: bool,
    /// Calculated by the publisher from other values.
    pub derived: bool,
}

impl AmountColumn {
    /// Kind of a row's amount.
    pub fn kind_of(&self, row: usize) -> Option<&str> {
        match &self.kinds {
            Some(kinds) => kinds.is_valid(row).then(|| kinds.value(row)),
            None => Some(&self.kind),
        }
    }

    /// The kept rows only.
    pub fn filter(&self, keep: &BooleanArray) -> Result<Self, arrow::error::ArrowError> {
        let text = |array: &StringArray| {
            Ok::<_, arrow::error::ArrowError>(filter(array, keep)?.as_string().clone())
        };
        let money = |array: &Decimal128Array| {
            Ok::<_, arrow::error::ArrowError>(
                filter(array, keep)?
                    .as_primitive::<Decimal128Type>()
                    .clone(),
            )
        };
        Ok(Self {
            kinds: self.kinds.as_ref().map(text).transpose()?,
            values: money(&self.values)?,
            precision_abs: self.precision_abs.as_ref().map(money).transpose()?,
            currency: match &self.currency {
                CurrencyOf::Rows(codes, other) => CurrencyOf::Rows(text(codes)?, other.clone()),
                other => other.clone(),
            },
            ..self.clone()
        })
    }
}

/// Columns of a frame whose values need conventions.
pub(super) fn value_columns(frame: &Frame, vocabulary: &Vocabulary) -> ValueColumns {
    let mut columns = ValueColumns::default();
    for (column, mapping) in frame.mapped() {
        match vocabulary.field(&mapping.field).map(|f| f.kind) {
            Some(FieldKind::Amount) => columns.amounts.push(column.index),
            Some(FieldKind::Date | FieldKind::Period) => columns.dates.push(column.index),
            // The others of a field are not read.
            Some(FieldKind::Rate)
                if columns_of(frame, &mapping.field).first() == Some(&column.index) =>
            {
                columns.rates.push(column.index);
                columns.rates_in_percent |= value::percent_in_label(&column.label.shown());
            }
            _ => {}
        }
    }
    // The date of an update is kept nowhere, so it says nothing about the file's convention.
    let update = columns_of(frame, "last_update");
    columns.dates.retain(|c| !update.contains(c));
    columns
}

/// The columns of amounts of a file, over all its rows after the header. An amount of whose currency two statements differ
/// is none; which these are stands in the second list.
pub(super) fn amount_columns(
    file: &FileInput,
    sheet: &Sheet,
    frame: &Frame,
    conventions: &FileConventions,
    rows: &RecordBatch,
) -> (Vec<AmountColumn>, Vec<Contradicted>) {
    let vocabulary = Vocabulary::standard();
    let nulls = conventions.amount_nulls();
    let outside = currency_outside(sheet, frame);
    let (of_rows, agree) = (currencies_of_rows(rows), labels_agree(frame, vocabulary));
    let (mut amounts, mut contradicted) = (Vec::new(), Vec::new());
    for column in &frame.columns {
        let Meaning::Field {
            column: mapping,
            stated_currency,
            ..
        } = &column.meaning
        else {
            continue;
        };
        if vocabulary
            .field(&mapping.field)
            .is_none_or(|f| f.kind != FieldKind::Amount)
        {
            continue;
        }
        let Some(values) = rows.column_by_name(&amount_name(column.index)) else {
            continue;
        };
        let mut values = values.as_primitive::<Decimal128Type>().clone();
        let (kind, kinds) = if mapping.field == "amount" {
            kinds(file, rows, values.len())
        } else {
            (mapping.field.clone(), None)
        };
        // Signs and words such as "Mio." stand in the cells; only then is the column read a second time.
        let signs = sheet
            .cells(column.index)
            .filter(|cells| has_words(cells, frame.data_start()))
            .and_then(|_| as_published(sheet, frame, column, values.len(), conventions, &nulls));
        let (stated, precision_abs) = match signs {
            Some(read) => (read.currencies, read.precision_abs),
            None => (None, None),
        };
        if mapping.currency.is_none()
            && (stated_currency.is_none() || agree)
            && let Some(of_rows) = &of_rows
        {
            let stated = (stated.as_ref(), stated_currency.as_deref());
            let rows = differing(&values, stated, of_rows);
            values = without(&values, &rows);
            let column = column.index;
            contradicted.extend(rows.into_iter().map(|row| Contradicted { row, column }));
        }
        amounts.push(AmountColumn {
            kind,
            kinds,
            column: column.index,
            precision_abs,
            currency: currency(
                file,
                rows,
                mapping.currency.as_deref(),
                stated_currency.as_deref(),
                stated,
                outside,
            ),
            financing_source: mapping
                .financing_source
                .clone()
                .or_else(|| {
                    file.source
                        .mapping
                        .constants
                        .get("financing_source")
                        .cloned()
                })
                .unwrap_or_else(|| {
                    if mapping.field == "eu" {
                        "eu".into()
                    } else {
                        "unknown".into()
                    }
                }),
            zero_is_filler: mapping.zero_is_filler,
            derived: mapping.derived,
            values,
        });
    }
    (amounts, contradicted)
}

/// An amount that is not read, because two statements of its currency differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contradicted {
    /// Row, from the first after the header.
    pub(super) row: usize,
    /// Position of its column in the sheet.
    pub(super) column: usize,
}

/// The currency that a column of its own gives each row.
fn currencies_of_rows(rows: &RecordBatch) -> Option<StringArray> {
    let codes = rows.column_by_name("currency")?.as_string_opt::<i32>()?;
    Some(codes.iter().map(|c| c.and_then(currency_code)).collect())
}

/// Whether all columns of amounts have one currency by their labels. Where one says none, or another one, a column of
/// currencies speaks of that one.
fn labels_agree(frame: &Frame, vocabulary: &Vocabulary) -> bool {
    let mut stated = frame.columns.iter().filter_map(|column| {
        let Meaning::Field {
            column: mapping,
            stated_currency,
            ..
        } = &column.meaning
        else {
            return None;
        };
        let field = vocabulary.field(&mapping.field)?;
        let currency = mapping.currency.as_ref().or(stated_currency.as_ref());
        (field.kind == FieldKind::Amount).then_some(currency)
    });
    let first = stated.next().flatten();
    first.is_some() && stated.all(|other| other == first)
}

/// Rows of which a sign in the cell or the label, in this order, states another currency than the column of currencies does.
fn differing(
    values: &Decimal128Array,
    (in_cells, in_label): (Option<&StringArray>, Option<&str>),
    of_rows: &StringArray,
) -> Vec<usize> {
    let differs = |row: &usize| {
        let in_cell = in_cells.filter(|codes| codes.is_valid(*row));
        let stated = in_cell.map(|codes| codes.value(*row)).or(in_label);
        let of_row = of_rows.is_valid(*row).then(|| of_rows.value(*row));
        stated
            .zip(of_row)
            .is_some_and(|(stated, of_row)| stated != of_row)
    };
    let rows = (0..values.len()).filter(|row| values.is_valid(*row));
    rows.filter(differs).collect()
}

/// Amounts without those of some rows, which are in their order.
fn without(values: &Decimal128Array, rows: &[usize]) -> Decimal128Array {
    if rows.is_empty() {
        return values.clone();
    }
    let kept =
        |(row, value): (usize, Option<i128>)| value.filter(|_| rows.binary_search(&row).is_err());
    let kept: Vec<Option<i128>> = values.iter().enumerate().map(kept).collect();
    Decimal128Array::from(kept).with_data_type(value::MONEY)
}

/// The amounts of a column as its cells say them, with their signs and words, in so many rows from the first data row on. `None`
/// where the sheet has no such column.
pub(super) fn as_published(
    sheet: &Sheet,
    frame: &Frame,
    column: &Column,
    rows: usize,
    conventions: &FileConventions,
    nulls: &NullWords,
) -> Option<Amounts> {
    let start = frame.data_start();
    let cells = sheet.cells(column.index)?.slice(start, rows);
    let kinds = sheet.kinds(column.index);
    let kinds = kinds.map(|kinds| kinds.slice(start, rows));
    Some(value::amounts(
        &cells,
        kinds.as_ref(),
        conventions.numbers,
        value::unit_in_label(&frame.unit_label(column)),
        three_decimals(sheet, frame, column, conventions.numbers),
        nulls,
    ))
}

/// Whether any cell holds more than digits and marks: a sign, a word, or a blank that is not ASCII.
fn has_words(cells: &StringArray, from: usize) -> bool {
    let offsets = cells.value_offsets();
    let (Some(first), Some(last)) = (offsets.get(from), offsets.last()) else {
        return false;
    };
    let bytes = &cells.value_data()[*first as usize..*last as usize];
    bytes
        .iter()
        .any(|b| b.is_ascii_alphabetic() || !b.is_ascii())
}

/// The kind of each row's amount, where a column of its own says it.
fn kinds(file: &FileInput, rows: &RecordBatch, n: usize) -> (String, Option<StringArray>) {
    match rows.column_by_name("amount_kind") {
        Some(kinds) => (String::new(), Some(kinds.as_string().clone())),
        None => match file.source.mapping.constants.get("amount_kind") {
            Some(kind) => (kind.clone(), None),
            None => (String::new(), Some(StringArray::new_null(n))),
        },
    }
}

/// In this order: a column of currencies, what the mapping says, signs in the cells, the label, what the mapping says of
/// the whole file, a line above or below the table, and last the country of the list.
fn currency(
    file: &FileInput,
    rows: &RecordBatch,
    declared: Option<&str>,
    in_label: Option<&str>,
    in_cells: Option<StringArray>,
    outside: Option<&'static str>,
) -> CurrencyOf {
    if let Some(code) = declared {
        return CurrencyOf::All(code.into(), "declared");
    }
    let one = |codes: &StringArray| -> Option<String> {
        let mut known = codes.iter().flatten();
        let first = known.next()?.to_string();
        (codes.null_count() == 0 && known.all(|c| c == first)).then_some(first)
    };
    if let Some(codes) = in_cells {
        // What stands in a column of its own holds for the cells without a sign, unless the label says it of all.
        let codes: StringArray = match currencies_of_rows(rows).filter(|_| in_label.is_none()) {
            Some(of_rows) => {
                let both = codes.iter().zip(of_rows.iter());
                both.map(|(sign, of_row)| sign.or(of_row)).collect()
            }
            None => codes,
        };
        return match one(&codes) {
            Some(code) => CurrencyOf::All(code, "stated"),
            None => match fallback(file, rows, in_label, outside) {
                // Signs in some cells only: the others follow the file.
                CurrencyOf::All(code, certainty) => {
                    CurrencyOf::Rows(codes, Some((code, certainty)))
                }
                _ => CurrencyOf::Rows(codes, None),
            },
        };
    }
    if in_label.is_none()
        && let Some(codes) = currencies_of_rows(rows)
    {
        return CurrencyOf::Rows(codes, None);
    }
    fallback(file, rows, in_label, outside)
}

fn fallback(
    file: &FileInput,
    rows: &RecordBatch,
    in_label: Option<&str>,
    outside: Option<&'static str>,
) -> CurrencyOf {
    if let Some(code) = in_label {
        return CurrencyOf::All(code.into(), "stated");
    }
    if let Some(code) = &file.source.mapping.conventions.currency {
        return CurrencyOf::All(code.clone(), "declared");
    }
    if let Some(code) = outside {
        return CurrencyOf::All(code.into(), "stated");
    }
    // Without a declared country, that of all operations of the file.
    let published = rows
        .column_by_name("country")
        .map(AsArray::as_string::<i32>);
    let country = file.source.toml.country.as_deref().or_else(|| {
        let mut known = published?.iter().flatten();
        let first = known.next()?;
        known.all(|c| c == first).then_some(first)
    });
    match country {
        Some("DE") => CurrencyOf::All("EUR".into(), "inferred"),
        Some("SE") => CurrencyOf::All("SEK".into(), "inferred"),
        _ => CurrencyOf::Unknown,
    }
}

fn currency_code(text: &str) -> Option<&'static str> {
    value::unit_of(text.trim())
        .filter(|unit| unit.scale >= 0)
        .and_then(|u| u.currency)
        .map(value::Currency::code)
}

/// Sums of each kind and currency over all data rows, before any is ignored or rejected.
pub(super) fn control_totals(
    amounts: &[AmountColumn],
    classes: &Classes,
    frame: &Frame,
) -> Vec<ControlTotal> {
    totals_of(amounts, frame, |row| classes.is_data(row))
}

/// Sums of each kind and currency over the rows that count.
pub(super) fn totals_of(
    amounts: &[AmountColumn],
    frame: &Frame,
    counts: impl Fn(usize) -> bool,
) -> Vec<ControlTotal> {
    let mut totals: Vec<ControlTotal> = Vec::new();
    for amount in amounts {
        let label = frame
            .columns
            .iter()
            .find(|c| c.index == amount.column)
            .map_or(Cow::Borrowed(""), |c| c.label.shown());
        let location = format!(
            "column {} {:?}",
            crate::read::column_letters(amount.column as u32 + 1),
            label
        );
        let first = totals.len();
        for row in 0..amount.values.len() {
            if !amount.values.is_valid(row) || !counts(row) {
                continue;
            }
            let kind = amount.kind_of(row).unwrap_or("unknown");
            let currency = amount.currency.of(row);
            let fits =
                |t: &&mut ControlTotal| t.amount_kind == kind && t.currency.as_deref() == currency;
            match totals[first..].iter_mut().find(fits) {
                Some(total) => {
                    total.n += 1;
                    total.total += amount.values.value(row);
                }
                None => totals.push(ControlTotal {
                    amount_kind: kind.into(),
                    currency: currency.map(String::from),
                    location: location.clone(),
                    n: 1,
                    total: amount.values.value(row),
                }),
            }
        }
    }
    totals
}

/// Says of a list that nothing tells the currency of any of its amounts, neither the file nor its source nor its country.
pub(super) fn without_currency(amounts: &[AmountColumn]) -> Option<Doubt> {
    let mut n: u64 = 0;
    for amount in amounts {
        for row in (0..amount.values.len()).filter(|row| amount.values.is_valid(*row)) {
            if amount.currency.of(row).is_some() {
                return None;
            }
            n += 1;
        }
    }
    let message = format!(
        "nothing says in which currency its {n} amounts are, so that they count in no sum of euro: say currency under \
         [conventions] in mapping.toml of a source of its own (esf source new)"
    );
    (n > 0).then(|| Doubt::of_file(CURRENCY_UNKNOWN, Severity::Warning, message))
}

/// The rule of lists none of whose amounts has a currency.
pub(crate) const CURRENCY_UNKNOWN: &str = "currency_unknown";

/// Planned participants: the published column, else what a summary says about them in so many words. What the summary of a row
/// above says, whose cell spans the row, is said of both together, and counts there.
pub(super) fn planned_participants(
    rows: RecordBatch,
    says_its_own: impl Fn(usize) -> bool,
) -> Result<(RecordBatch, &'static str), arrow::error::ArrowError> {
    if rows.column_by_name("planned_participants").is_some() {
        return Ok((rows, "stated"));
    }
    let Some(summary) = rows.column_by_name("summary") else {
        return Ok((rows, "stated"));
    };
    let counts: arrow::array::Int64Array = summary
        .as_string::<i32>()
        .iter()
        .enumerate()
        .map(|(row, text)| {
            let text = text.filter(|_| says_its_own(row));
            text.and_then(super::target::participants)
        })
        .collect();
    if counts.null_count() == counts.len() {
        return Ok((rows, "stated"));
    }
    let counts: ArrayRef = std::sync::Arc::new(counts);
    Ok((
        super::outside::with_column(&rows, "planned_participants", counts)?,
        "inferred",
    ))
}
