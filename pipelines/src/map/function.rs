//! The named functions that mapping plans consist of.
//!
//! Each takes published cells and the conventions of their file as text, so that a plan can be written down and read
//! again. A value that does not fit its convention becomes null here; [`super::misfit`] says why.

// The functions share one signature, so those that cannot fail return a `Result` too.
#![allow(clippy::unnecessary_wraps)]

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringArray, StringBuilder, UInt8Array,
};
use arrow::datatypes::{DataType, UInt8Type};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

use crate::personal::{is_natural_person, scrub, scrub_detailed, traced_rows};
use crate::region::parse_country;
use crate::value::{
    self, DateConvention, Edge, NullWords, NumberConvention, RateConvention, ThreeDecimals,
    clean_text, parse_code, strip_html,
};

/// Separates the words of a list that travels in one argument.
pub(super) const LIST: char = '\u{1f}';

type Body = fn(&[ArrayRef], &[String]) -> Result<ArrayRef>;

/// All functions of mapping plans.
pub fn functions() -> Vec<ScalarUDF> {
    use DataType::{Boolean, Date32, Int64, Utf8};
    vec![
        function("published_text", 1, false, 1, Utf8, text),
        function("published_prose", 1, false, 1, Utf8, prose),
        function("published_name", 1, false, 1, Utf8, name),
        function("names_contact", 1, false, 0, Boolean, names_contact),
        function("is_filled", 1, false, 1, Boolean, filled),
        function("published_amount", 1, true, 4, value::MONEY, amount),
        function("published_date", 1, true, 3, Date32, date),
        function("date_precision", 1, true, 2, Utf8, precision),
        function(
            "day_of_utc_midnight",
            1,
            false,
            0,
            Utf8,
            day_of_utc_midnight,
        ),
        function("period_date", 1, false, 3, Date32, period_date),
        function("period_precision", 1, false, 3, Utf8, period_precision),
        function("published_rate", 1, true, 2, value::RATE, rate),
        function("published_code", 1, false, 1, Utf8, code),
        function("published_count", 1, false, 1, Int64, count),
        function("country_code", 1, false, 0, Utf8, country),
        function("fund_code", 1, false, 1, Utf8, fund),
        function("amount_kind_code", 1, false, 1, Utf8, amount_kind),
        function("looked_up", 1, false, 1, Utf8, looked_up),
        function(
            "intervention_by_label",
            1,
            false,
            1,
            Utf8,
            intervention_by_label,
        ),
    ]
}

/// One function: columns of text, perhaps the kinds of the cells, then parameters that are the same for all rows.
fn function(
    name: &str,
    columns: usize,
    kinds: bool,
    parameters: usize,
    returns: DataType,
    body: Body,
) -> ScalarUDF {
    let mut types = vec![DataType::Utf8; columns];
    if kinds {
        types.push(DataType::UInt8);
    }
    let arrays = types.len();
    types.extend(vec![DataType::Utf8; parameters]);
    let call = move |arguments: &[ColumnarValue]| {
        let columns = ColumnarValue::values_to_arrays(&arguments[..arrays])?;
        let parameters = arguments[arrays..]
            .iter()
            .map(parameter)
            .collect::<Result<Vec<_>>>()?;
        body(&columns, &parameters).map(ColumnarValue::Array)
    };
    create_udf(name, types, returns, Volatility::Immutable, Arc::new(call))
}

fn parameter(value: &ColumnarValue) -> Result<String> {
    match value {
        ColumnarValue::Scalar(ScalarValue::Utf8(Some(text))) => Ok(text.clone()),
        other => Err(DataFusionError::Plan(format!(
            "conventions are constant text, not {other:?}"
        ))),
    }
}

fn strings(array: &ArrayRef) -> &StringArray {
    array.as_string::<i32>()
}

fn kinds(array: &ArrayRef) -> Option<&UInt8Array> {
    // A format without kinds passes nulls.
    Some(array.as_primitive::<UInt8Type>()).filter(|k| k.null_count() < k.len())
}

fn nulls(words: &str) -> NullWords {
    NullWords::new(words.split(LIST))
}

fn wrong(e: impl std::fmt::Display) -> DataFusionError {
    DataFusionError::Plan(e.to_string())
}

/// Applies a function from text to text; what it leaves empty is null.
fn each(cells: &StringArray, mut body: impl FnMut(&str, &mut StringBuilder)) -> ArrayRef {
    let mut out = StringBuilder::with_capacity(cells.len(), cells.value_data().len());
    for cell in cells {
        match cell {
            Some(cell) => body(cell, &mut out),
            None => out.append_null(),
        }
    }
    Arc::new(out.finish())
}

fn text(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let nulls = nulls(&parameters[0]);
    Ok(each(strings(&columns[0]), |cell, out| {
        match clean_text(cell) {
            Some(clean) if !nulls.is_null(&clean) => out.append_value(clean),
            _ => out.append_null(),
        }
    }))
}

/// Running text: HTML is taken out, and so are contact persons, phone numbers and e-mail addresses.
fn prose(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    without_contacts(columns, parameters, scrub)
}

/// Names of beneficiaries: as running text, but natural persons keep their name until their operation has its id. Cut
/// here, two persons of whom only the form of address is left would be one body.
fn name(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    without_contacts(columns, parameters, |name| {
        if is_natural_person(name).is_some() {
            Cow::Borrowed(name)
        } else {
            scrub(name)
        }
    })
}

fn without_contacts(
    columns: &[ArrayRef],
    parameters: &[String],
    cut: impl Fn(&str) -> Cow<'_, str>,
) -> Result<ArrayRef> {
    let nulls = nulls(&parameters[0]);
    let cells = strings(&columns[0]);
    let traced = traced_rows(cells);
    let mut out = StringBuilder::with_capacity(cells.len(), cells.value_data().len());
    for (row, cell) in cells.iter().enumerate() {
        let Some(cell) = cell else {
            out.append_null();
            continue;
        };
        let plain = if looks_like_html(cell) {
            strip_html(cell)
        } else {
            cell.into()
        };
        match clean_text(&plain) {
            // As published, where no trace of a contact was seen.
            Some(Cow::Borrowed(clean))
                if !traced[row] && matches!(plain, Cow::Borrowed(_)) && !nulls.is_null(clean) =>
            {
                out.append_value(clean);
            }
            Some(clean) if !nulls.is_null(&clean) => match cut(&clean).trim() {
                "" => out.append_null(),
                kept => out.append_value(kept),
            },
            _ => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}

fn looks_like_html(cell: &str) -> bool {
    memchr::memchr(b'<', cell.as_bytes()).is_some_and(|at| cell[at..].contains('>'))
        || memchr::memmem::find(cell.as_bytes(), b"&#").is_some()
}

fn names_contact(columns: &[ArrayRef], _: &[String]) -> Result<ArrayRef> {
    let cells = strings(&columns[0]);
    let traced = traced_rows(cells);
    Ok(Arc::new(
        cells
            .iter()
            .zip(traced)
            .map(|(cell, traced)| {
                Some(traced && cell.is_some_and(|c| scrub_detailed(c).removed.any()))
            })
            .collect::<BooleanArray>(),
    ))
}

fn filled(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let nulls = nulls(&parameters[0]);
    let cells = strings(&columns[0]);
    Ok(Arc::new(
        cells
            .iter()
            .map(|cell| Some(cell.is_some_and(|c| !nulls.is_null(c))))
            .collect::<BooleanArray>(),
    ))
}

fn amount(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let convention = NumberConvention::from_example(&parameters[0]).map_err(wrong)?;
    let read = value::amounts(
        strings(&columns[0]),
        kinds(&columns[1]),
        convention,
        value::unit_in_label(&parameters[2]),
        ThreeDecimals::named(&parameters[3]),
        &nulls(&parameters[1]),
    );
    Ok(Arc::new(read.values))
}

fn edge(name: &str) -> Edge {
    if name == "last" {
        Edge::Last
    } else {
        Edge::First
    }
}

fn dates_convention(patterns: &str) -> Result<DateConvention> {
    let patterns: Vec<&str> = patterns.split(LIST).collect();
    DateConvention::from_patterns(&patterns).map_err(wrong)
}

fn dates(columns: &[ArrayRef], parameters: &[String], edge: Edge) -> Result<value::Dates> {
    let convention = dates_convention(&parameters[0])?;
    let nulls = nulls(&parameters[1]);
    let (cells, kinds) = (strings(&columns[0]), kinds(&columns[1]));
    Ok(value::dates(cells, kinds, convention, edge, &nulls))
}

fn date(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let read = dates(columns, parameters, edge(&parameters[2]))?;
    Ok(Arc::new(read.days))
}

/// The day that begins with a midnight written in UTC; other text stays.
fn day_of_utc_midnight(columns: &[ArrayRef], _: &[String]) -> Result<ArrayRef> {
    Ok(each(
        strings(&columns[0]),
        |cell, out| match super::midnight::day_of_midnight(cell) {
            Some(day) => out.append_value(day),
            None => out.append_value(cell),
        },
    ))
}

fn precision(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let read = dates(columns, parameters, Edge::First)?;
    Ok(Arc::new(read.precision))
}

/// Start or end of a period that stands in one cell.
fn periods(columns: &[ArrayRef], parameters: &[String]) -> Result<Vec<Option<value::DateValue>>> {
    let convention = dates_convention(&parameters[0])?;
    let nulls = nulls(&parameters[1]);
    let last = edge(&parameters[2]) == Edge::Last;
    Ok(strings(&columns[0])
        .iter()
        .map(|cell| {
            let cell = cell.filter(|c| !nulls.is_null(c))?;
            let period = value::parse_period(cell, convention).ok()??;
            if last { period.end } else { Some(period.start) }
        })
        .collect())
}

fn period_date(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let days = periods(columns, parameters)?
        .into_iter()
        .map(|d| d.map(|d| d.days));
    Ok(Arc::new(days.collect::<arrow::array::Date32Array>()))
}

fn period_precision(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let precision = periods(columns, parameters)?
        .into_iter()
        .map(|d| d.map(|d| d.precision.as_str()));
    Ok(Arc::new(precision.collect::<StringArray>()))
}

fn rate(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let convention = match parameters[0].as_str() {
        "percent" => RateConvention::Percent,
        "fraction" => RateConvention::Fraction,
        _ => RateConvention::Open,
    };
    let read = value::rates(
        strings(&columns[0]),
        kinds(&columns[1]),
        convention,
        &nulls(&parameters[1]),
    );
    Ok(Arc::new(read.values))
}

/// The code of a cell that holds a code, a code and a label, or a label alone (which gives null).
fn code(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let nulls = nulls(&parameters[0]);
    Ok(each(strings(&columns[0]), |cell, out| {
        let code = if nulls.is_null(cell) {
            None
        } else {
            parse_code(cell).ok().and_then(|c| c.code)
        };
        out.append_option(code);
    }))
}

/// A whole number of people or jobs, perhaps with a unit behind it.
fn count(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let nulls = nulls(&parameters[0]);
    let number = |cell: &str| -> Option<i64> {
        let first = cell.split_whitespace().next()?;
        first.strip_suffix(".0").unwrap_or(first).parse().ok()
    };
    let cells = strings(&columns[0]);
    Ok(Arc::new(
        cells
            .iter()
            .map(|c| c.filter(|c| !nulls.is_null(c)).and_then(number))
            .collect::<Int64Array>(),
    ))
}

fn country(columns: &[ArrayRef], _: &[String]) -> Result<ArrayRef> {
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    Ok(each(strings(&columns[0]), |cell, out| {
        if let Some(code) = known.get(cell) {
            return out.append_option(code.as_deref());
        }
        let code = parse_country(cell).map(|c| c.iso2.to_string());
        out.append_option(code.as_deref());
        known.insert(cell.to_string(), code);
    }))
}

/// Replaces published values by those of a lookup; a key ending in `*` matches the beginning of a value. Values that
/// the lookup does not know become null, so that an unknown category is never taken for a known one.
fn looked_up(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let table: Vec<(String, String)> = serde_json::from_str(&parameters[0]).map_err(wrong)?;
    let exact: HashMap<String, &str> = table
        .iter()
        .map(|(key, to)| (fold(key), to.as_str()))
        .collect();
    let mut prefixes: Vec<(String, &str)> = table
        .iter()
        .filter_map(|(key, to)| Some((fold(key.strip_suffix('*')?), to.as_str())))
        .collect();
    prefixes.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    Ok(each(strings(&columns[0]), |cell, out| {
        let found = known.entry(cell.to_string()).or_insert_with(|| {
            let key = fold(cell);
            let value = exact.get(&key).copied();
            value
                .or_else(|| {
                    prefixes
                        .iter()
                        .find(|(p, _)| key.starts_with(p))
                        .map(|p| p.1)
                })
                .map(str::to_string)
        });
        out.append_option(found.as_deref());
    }))
}

fn fold(text: &str) -> String {
    clean_text(text)
        .map(|t| t.to_lowercase())
        .unwrap_or_default()
}

/// The code of an intervention label in the code list of the parameter.
fn intervention_by_label(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let list = esf_schemas::code_list(&parameters[0].to_lowercase());
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    Ok(each(strings(&columns[0]), |cell, out| {
        let found = known.entry(cell.to_string()).or_insert_with(|| {
            let clean = clean_text(cell)?;
            list?.by_label(&clean).map(|entry| entry.code.clone())
        });
        out.append_option(found.as_deref());
    }))
}

/// The EU fund that a text names, by the code list of funds: the longest code or name that stands in it as a word.
/// The kind of amount that a cell names: by its code, or by a label under which lists publish it in a column.
fn amount_kind(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let nulls = nulls(&parameters[0]);
    let vocabulary = esf_schemas::Vocabulary::standard();
    let codes = esf_schemas::code_list("amount_kind");
    let known = |code: &str| codes.is_some_and(|list| list.by_code(code).is_some());
    let mut kinds: HashMap<String, Option<String>> = HashMap::new();
    Ok(each(strings(&columns[0]), |cell, out| {
        let found = kinds.entry(cell.to_string()).or_insert_with(|| {
            let text = clean_text(cell).filter(|c| !nulls.is_null(c))?.into_owned();
            let named = known(&text).then(|| text.clone());
            named
                .or_else(|| vocabulary.find_known(&text).map(|found| found.field))
                .filter(|kind| known(kind))
        });
        out.append_option(found.as_deref());
    }))
}

fn fund(columns: &[ArrayRef], parameters: &[String]) -> Result<ArrayRef> {
    let nulls = nulls(&parameters[0]);
    let mut names: Vec<(String, &str)> = Vec::new();
    for entry in esf_schemas::code_list("fund")
        .map(|list| list.entries.as_slice())
        .unwrap_or_default()
    {
        let aliases = entry.get("alias").into_iter().flat_map(|a| a.split('|'));
        let all = aliases
            .chain([entry.code.as_str()])
            .chain(entry.labels.values().map(String::as_str));
        names.extend(
            all.filter(|name| !name.is_empty())
                .map(|name| (name.to_lowercase(), entry.code.as_str())),
        );
    }
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    Ok(each(strings(&columns[0]), |cell, out| {
        let found = known.entry(cell.to_string()).or_insert_with(|| {
            let text = clean_text(cell)
                .filter(|c| !nulls.is_null(c))?
                .to_lowercase();
            names
                .iter()
                .find(|(name, _)| has_word(&text, name))
                .map(|(_, code)| (*code).to_string())
        });
        out.append_option(found.as_deref());
    }))
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric())
            && after.is_none_or(|c| !c.is_alphanumeric() && c != '+')
    })
}
