//! From the rows of a question to its answer: names, ranks, doubts, and the rows that have no data.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{
    Array, AsArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::prelude::SessionContext;

use super::known::Known;
use super::plan::{Plan, Statements};
use super::stock::Years;
use super::{CompareError, Question, doubt, label, place, query, rank, reason};
use crate::chart::{Comparison, Language, Row, Status};
use crate::dimension::Dimension;
use crate::metric::{Interval, Metric, Rows, Value};

/// Fewer operations than this make a value fragile.
const FEW: i64 = 5;
/// Below this share of operations a value is not that of the group.
const COVERED: f64 = 0.5;
/// The key of all rows together.
const ALL: &str = "*";

/// One row as the statement gives it.
struct Found {
    key: Option<String>,
    value: Option<f64>,
    bounds: Option<(f64, f64)>,
    n: i64,
    coverage: Option<f64>,
    /// What of the whole no row could be given; the same in all rows.
    unallocated: Option<f64>,
    suppressed: i64,
}

/// Completes the rows of a question.
pub(super) async fn read(
    ctx: &SessionContext,
    metric: &Metric,
    question: &Question,
    statements: &Statements,
) -> Result<Comparison, CompareError> {
    let mut found = Vec::new();
    for batch in &query(ctx, &statements.rows).await? {
        found.extend(rows(batch)?);
    }
    let all = found.iter().position(|row| row.key.as_deref() == Some(ALL));
    let all = all.map(|at| found.swap_remove(at));
    found.retain(|row| row.key.is_some());
    let labels = label::labels(ctx, question).await?;
    let known = Known::read(ctx, metric, question, statements).await?;
    let label = |key: &str| labels.get(key).cloned().unwrap_or_else(|| key.to_owned());
    let mut rows: Vec<Row> = found
        .iter()
        .map(|row| shown(row, metric, question, &known, &label))
        .collect();
    if question.by == Dimension::Region {
        let keys: BTreeSet<String> = rows.iter().map(|row| row.key.clone()).collect();
        rows.extend(without_data(metric, question, &known, &keys, &labels));
    }
    let uncovered = known.uncovered(metric, question, &rows, &labels);
    let of_countries = uncovered
        .as_ref()
        .filter(|_| question.by == Dimension::Country);
    let broken = doubt::broken(ctx, metric, question).await?;
    let of_regions = question.by == Dimension::Region && known.places.is_some();
    for row in rows.iter_mut().filter(|row| row.value.is_some()) {
        if of_regions && !place::is_listed(&known.about, &row.key) {
            row.flags.push("no_own_list".to_owned());
        }
        if broken.contains(&row.key) {
            row.flags.push("statistic_break".to_owned());
        }
        if of_countries.is_some_and(|uncovered| uncovered.countries.contains(&row.key)) {
            row.flags.push("some_regions".to_owned());
        }
    }
    known.counted.flag(&mut rows);
    sort(&mut rows, question.by);
    let intervals: Vec<Option<(f64, f64)>> = rows
        .iter()
        .map(|row| {
            let value = row.value?;
            Some((row.lower.unwrap_or(value), row.upper.unwrap_or(value)))
        })
        .collect();
    for (row, ranks) in rows.iter_mut().zip(rank::ranks(&intervals)) {
        row.rank = ranks;
    }
    let language = question.language;
    let declared = &metric.definition.caveats;
    let told = declared.iter().filter_map(|caveat| caveat.of(language));
    let mut caveats: Vec<String> = told.map(str::to_owned).collect();
    let untold = declared
        .iter()
        .filter(|caveat| caveat.of(language).is_none());
    let english_caveats = untold.map(|caveat| caveat.english().to_owned()).collect();
    caveats.extend(known.lists.note(metric, language));
    caveats.extend(known.counted.note(&rows, language));
    caveats.extend(
        known
            .years
            .as_ref()
            .and_then(|years| years.note(question.language)),
    );
    let is_exceeded = all
        .as_ref()
        .is_some_and(|all| doubt::is_exceeded(metric, &rows, all.n));
    caveats.extend(is_exceeded.then(|| reason::exceeded(language).to_owned()));
    caveats.extend(uncovered.as_ref().map(|uncovered| {
        let (regions, without) = (uncovered.regions, uncovered.without);
        reason::uncovered(regions, without, question.by, question.language)
    }));
    Ok(Comparison {
        title: metric.title.of(question.language).to_owned(),
        reading: metric.reading.of(question.language).to_owned(),
        unit: metric.definition.unit.clone(),
        by: label::rows(metric, question.by).to_owned(),
        as_of: String::new(),
        citation: question.citation.clone(),
        interval: match metric.definition.interval {
            Some(Interval::Wilson) => "95 %, Wilson".into(),
            Some(Interval::Ratio) => match question.language {
                Language::De => "95 %, Delta-Methode; unter 30 Vorhaben die Spanne".into(),
                Language::Sv => "95 %, deltametoden; under 30 projekt variationsvidden".into(),
                Language::En => "95 %, delta method; below 30 operations the range".into(),
            },
            None => String::new(),
        },
        overall: all
            .as_ref()
            .and_then(|all| all.value.filter(|_| uncovered.is_none() && !is_exceeded)),
        adds_up: metric.definition.value == Value::Sum,
        within_between: decomposed(ctx, metric, &statements.fact).await?,
        unallocated_share: all.as_ref().and_then(|all| all.unallocated),
        shared: metric.shared(),
        caveats,
        english_caveats,
        language: question.language,
        rows,
        ..Comparison::default()
    })
}

/// What of a Theil index over units and rows lies within the rows and what between them (domain guide, section 5).
async fn decomposed(
    ctx: &SessionContext,
    metric: &Metric,
    fact: &str,
) -> Result<Option<(f64, f64)>, CompareError> {
    if metric.definition.value != Value::Theil {
        return Ok(None);
    }
    let batches = query(ctx, &Plan::decomposition(fact)).await?;
    let Some(batch) = batches.first().filter(|batch| batch.num_rows() > 0) else {
        return Ok(None);
    };
    let part = |column: usize| -> Result<Option<f64>, ArrowError> {
        let values = cast(batch.column(column), &DataType::Float64)?;
        let values = values.as_primitive::<Float64Type>();
        Ok(values.is_valid(0).then(|| values.value(0)))
    };
    Ok(part(0)?.zip(part(1)?))
}

fn shown(
    row: &Found,
    metric: &Metric,
    question: &Question,
    known: &Known,
    label: &impl Fn(&str) -> String,
) -> Row {
    let key = row.key.clone().unwrap_or_default();
    let mut flags = Vec::new();
    if row.value.is_some() {
        let of_cases = metric.definition.rows == Rows::Operation
            || metric.definition.interval == Some(Interval::Wilson);
        if of_cases && row.n < FEW {
            flags.push("small_n".to_owned());
        }
        if row.coverage.is_some_and(|coverage| coverage < COVERED) {
            flags.push("low_coverage".to_owned());
        }
        if known.mixed.periods.contains(&key) {
            flags.push("several_periods".to_owned());
            if !metric.comparability.periods {
                flags.push("definition_break".to_owned());
            }
        }
        if known.mixed.funds.contains(&key) {
            flags.push("several_funds".to_owned());
        }
        if row.suppressed > 0 {
            flags.push("partly_suppressed".to_owned());
        }
    }
    let status = match row.value {
        Some(value) if value.is_finite() => Status::Shown,
        _ if row.suppressed > 0 => Status::Suppressed,
        _ => Status::Missing(missing(&key, Some(row), metric, question, known)),
    };
    Row {
        label: label(&key),
        key,
        value: row.value.filter(|v| v.is_finite()),
        lower: row.bounds.map(|b| b.0),
        upper: row.bounds.map(|b| b.1),
        n: Some(row.n),
        coverage: row.coverage,
        rank: None,
        status,
        flags,
    }
}

/// Why a row has no value; a region that no row was found for has none at all.
fn missing(
    key: &str,
    row: Option<&Found>,
    metric: &Metric,
    question: &Question,
    known: &Known,
) -> String {
    let language = question.language;
    // The denominator of a region makes a row without any operation.
    let found = row.filter(|row| known.years.is_none() || row.n > 0 || row.coverage.is_some());
    let Some(found) = found else {
        let is_chosen = question.period.is_some() || question.filter.is_some();
        return match &known.places {
            Some(places) if !places.has_any(key) => reason::unlisted(metric, language).to_owned(),
            Some(_) if !is_chosen && question.country.is_none() => reason::none(metric, language),
            None if !is_chosen => reason::unlisted(metric, language).to_owned(),
            _ => reason::unchosen(metric, language).to_owned(),
        };
    };
    let of_country = matches!(question.by, Dimension::Region | Dimension::Country);
    let country = key.get(..2).filter(|_| of_country);
    let lacks = |years: &Years| country.is_some_and(|country| !years.has(country));
    if known.years.as_ref().is_some_and(lacks) {
        return reason::no_statistic(language).to_owned();
    }
    if found.n == 0 {
        reason::none(metric, language)
    } else {
        reason::nothing(metric, language).to_owned()
    }
}

/// Values from high to low, rows without one last; years and periods in their order, whether they have one or not.
fn sort(rows: &mut [Row], by: Dimension) {
    let in_order = matches!(by, Dimension::Year | Dimension::Period);
    rows.sort_by(|a, b| {
        let by_value = match (a.value, b.value) {
            _ if in_order => std::cmp::Ordering::Equal,
            (Some(a), Some(b)) => b.total_cmp(&a),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => std::cmp::Ordering::Equal,
        };
        by_value.then_with(|| a.key.cmp(&b.key))
    });
}

/// Regions of the level that no operation is in: shown, so that a gap in the data is seen as one.
fn without_data(
    metric: &Metric,
    question: &Question,
    known: &Known,
    keys: &BTreeSet<String>,
    labels: &BTreeMap<String, String>,
) -> Vec<Row> {
    let mut countries: BTreeSet<&str> = keys.iter().filter_map(|key| key.get(..2)).collect();
    countries.extend(question.country.as_deref());
    let all = labels.iter().filter(|(key, _)| {
        let country = key.get(..2).unwrap_or_default();
        countries.contains(country)
            && question.level.in_country(country).map(|level| level + 2) == Some(key.len())
            && !keys.contains(*key)
            // Regions beyond the territory ("Extra-Regio") are none.
            && !key[2..].starts_with('Z')
    });
    all.map(|(key, label)| {
        let reason = missing(key, None, metric, question, known);
        Row::missing(key, label, &reason)
    })
    .collect()
}

fn text(batch: &RecordBatch, column: usize) -> Result<StringArray, ArrowError> {
    Ok(cast(batch.column(column), &DataType::Utf8)?
        .as_string()
        .clone())
}

fn rows(batch: &RecordBatch) -> Result<Vec<Found>, ArrowError> {
    let number = |name: &str| -> Result<Float64Array, ArrowError> {
        let column = batch.column_by_name(name).ok_or_else(|| {
            ArrowError::SchemaError(format!(
                "the statement of a comparison has no column {name}"
            ))
        })?;
        Ok(cast(column, &DataType::Float64)?
            .as_primitive::<Float64Type>()
            .clone())
    };
    let count = |name: &str| -> Result<Int64Array, ArrowError> {
        Ok(cast(&number(name)?, &DataType::Int64)?
            .as_primitive::<Int64Type>()
            .clone())
    };
    let keys = text(batch, 0)?;
    let (value, lower, upper) = (number("value")?, number("lower")?, number("upper")?);
    let (coverage, unallocated) = (number("coverage")?, number("unallocated_share")?);
    let (n, suppressed) = (count("n")?, count("suppressed")?);
    let whole = |array: &Int64Array, row: usize| {
        if array.is_valid(row) {
            array.value(row)
        } else {
            0
        }
    };
    let at = |array: &Float64Array, row: usize| {
        let value = array.is_valid(row).then(|| array.value(row));
        value.filter(|v| v.is_finite())
    };
    Ok((0..batch.num_rows())
        .map(|row| Found {
            key: keys.is_valid(row).then(|| keys.value(row).to_owned()),
            value: at(&value, row),
            bounds: at(&lower, row).zip(at(&upper, row)),
            n: whole(&n, row),
            coverage: at(&coverage, row),
            unallocated: at(&unallocated, row),
            suppressed: whole(&suppressed, row),
        })
        .collect())
}
