//! From the rows of a question to its answer: names, ranks, doubts, and the rows that have no data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::prelude::SessionContext;

use super::plan::Plan;
use super::{CompareError, Question, query, rank, reason};
use crate::chart::{Comparison, Language, Row, Status};
use crate::dimension::Dimension;
use crate::metric::{Interval, Metric, Rows, Value};

/// Fewer operations than this make a value fragile.
const FEW: i64 = 5;
/// Below this share of operations a value is not that of the group.
const COVERED: f64 = 0.5;
/// A share nearer to 0 or 1 is that of nobody or everybody: one of 10^9 people is more.
const WHOLE: f64 = 1e-10;
/// The key of all rows together.
const ALL: &str = "*";

/// One row as the statement gives it.
struct Found {
    key: Option<String>,
    value: Option<f64>,
    bounds: Option<(f64, f64)>,
    n: i64,
    coverage: Option<f64>,
    weight: f64,
    periods: i64,
    suppressed: i64,
}

impl Found {
    /// Hides a share of people of 0 or 1: it tells of every member of the group that it has the attribute, or has it not
    /// (domain guide, section 7; [`crate::disclosure::rate`]). Smaller counts than the minimum are not among the parts.
    fn hide_groups(&mut self, metric: &Metric) {
        let is_whole = |share: f64| !(WHOLE..=1.0 - WHOLE).contains(&share);
        if metric.definition.interval == Some(Interval::Wilson) && self.value.is_some_and(is_whole)
        {
            (self.value, self.bounds) = (None, None);
            self.suppressed = self.suppressed.max(1);
        }
    }
}

/// Completes the rows of a question.
pub(super) async fn read(
    ctx: &SessionContext,
    metric: &Metric,
    question: &Question,
    batches: &[RecordBatch],
    fact: &str,
) -> Result<Comparison, CompareError> {
    let mut found = Vec::new();
    for batch in batches {
        found.extend(rows(batch)?);
    }
    for row in &mut found {
        row.hide_groups(metric);
    }
    let all = found.iter().position(|row| row.key.as_deref() == Some(ALL));
    let all = all.map(|at| found.swap_remove(at));
    let left: Vec<Found> = found.extract_if(.., |row| row.key.is_none()).collect();
    let labels = labels(ctx, question).await?;
    let label = |key: &str| labels.get(key).cloned().unwrap_or_else(|| key.to_owned());
    let language = question.language;
    let mut rows: Vec<Row> = found
        .iter()
        .map(|row| shown(row, metric, language, &label))
        .collect();
    if question.by == Dimension::Region {
        let keys: BTreeSet<String> = rows.iter().map(|row| row.key.clone()).collect();
        rows.extend(without_data(metric, question, &keys, &labels));
    }
    if question.by == Dimension::Region && metric.definition.rows == Rows::Operation {
        let listed = listed(ctx, question).await?;
        for row in rows.iter_mut().filter(|row| row.value.is_some()) {
            if !listed.contains(&row.key) && !listed.contains(&row.key[..2]) {
                row.flags.push("no_own_list".to_owned());
            }
        }
    }
    let broken = broken(ctx, metric, question).await?;
    for row in rows.iter_mut().filter(|row| row.value.is_some()) {
        if broken.contains(&row.key) {
            row.flags.push("statistic_break".to_owned());
        }
    }
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
    let unallocated = left
        .first()
        .zip(all.as_ref())
        .and_then(|(left, all)| share(left, all, metric));
    Ok(Comparison {
        title: metric.title.of(question.language).to_owned(),
        reading: metric.reading.of(question.language).to_owned(),
        unit: metric.definition.unit.clone(),
        by: question.by.name().to_owned(),
        as_of: String::new(),
        citation: question.citation.clone(),
        interval: match metric.definition.interval {
            Some(Interval::Wilson) => "95 %, Wilson".into(),
            Some(Interval::Ratio) => match question.language {
                Language::De => "95 %, Delta-Methode; unter 30 Vorhaben die Spanne".into(),
                Language::Sv => "95 %, deltametoden; under 30 projekt spannvidden".into(),
                Language::En => "95 %, delta method; below 30 operations the range".into(),
            },
            None => String::new(),
        },
        overall: all.as_ref().and_then(|all| all.value),
        adds_up: metric.definition.value == Value::Sum,
        within_between: decomposed(ctx, metric, fact).await?,
        unallocated_share: unallocated,
        caveats: metric.definition.caveats.clone(),
        language: question.language,
        rows,
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

/// Which part of the whole no row could be given: of the sum, or of the operations.
fn share(left: &Found, all: &Found, metric: &Metric) -> Option<f64> {
    let (part, whole) = match metric.definition.value {
        Value::Sum => (left.value.unwrap_or(0.0), all.value?),
        _ => (left.weight, all.weight),
    };
    (whole > 0.0).then_some((part / whole).clamp(0.0, 1.0))
}

fn shown(row: &Found, metric: &Metric, language: Language, label: &impl Fn(&str) -> String) -> Row {
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
        if row.periods > 1 {
            flags.push("several_periods".to_owned());
            if !metric.comparability.periods {
                flags.push("definition_break".to_owned());
            }
        }
        if row.suppressed > 0 {
            flags.push("partly_suppressed".to_owned());
        }
    }
    let status = match row.value {
        Some(value) if value.is_finite() => Status::Shown,
        _ if row.suppressed > 0 => Status::Suppressed,
        _ if row.n == 0 => Status::Missing(reason::none(metric, language)),
        _ => Status::Missing(reason::nothing(metric, language).to_owned()),
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

/// Values from high to low, rows without one last; years and periods in their order.
fn sort(rows: &mut [Row], by: Dimension) {
    let in_order = matches!(by, Dimension::Year | Dimension::Period);
    rows.sort_by(|a, b| {
        let by_value = match (a.value, b.value) {
            (Some(a), Some(b)) if !in_order => b.total_cmp(&a),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            _ => std::cmp::Ordering::Equal,
        };
        by_value.then_with(|| a.key.cmp(&b.key))
    });
}

/// Regions that a loaded list is about: those that have at least half of its operations. A list without such a region is
/// about its country.
async fn listed(
    ctx: &SessionContext,
    question: &Question,
) -> Result<BTreeSet<String>, CompareError> {
    let key = question.level.sql("p.nuts_code");
    let sql = format!(
        "WITH placed AS (
             SELECT p.list, substr(p.nuts_code, 1, 2) AS country, {key} AS key, sum(p.n) AS n
             FROM list_place AS p
             GROUP BY 1, 2, 3
         ),
         shares AS (
             SELECT list, country, key, n, sum(n) OVER (PARTITION BY list) AS whole FROM placed
         )
         SELECT DISTINCT first_value(CASE WHEN key IS NOT NULL AND 2 * n >= whole THEN key ELSE country END)
             OVER (PARTITION BY list ORDER BY n DESC, key) AS about
         FROM shares"
    );
    crate::view::register_named(ctx, &sql).await?;
    let mut about = BTreeSet::new();
    for batch in query(ctx, &sql).await? {
        about.extend(text(&batch, 0)?.iter().flatten().map(str::to_owned));
    }
    Ok(about)
}

/// Rows whose denominator is a statistic with a break in its series, there or in a part of the region.
async fn broken(
    ctx: &SessionContext,
    metric: &Metric,
    question: &Question,
) -> Result<BTreeSet<String>, CompareError> {
    let key = match question.by {
        Dimension::Region => question.level.sql("c.to_code"),
        Dimension::Country => "substr(c.to_code, 1, 2)".to_owned(),
        _ => return Ok(BTreeSet::new()),
    };
    let statistics = &metric.definition.statistics;
    if statistics.is_empty() {
        return Ok(BTreeSet::new());
    }
    let names: Vec<String> = statistics
        .iter()
        .map(|name| format!("'{}'", name.replace('\'', "''")))
        .collect();
    let breaks = format!(
        "SELECT DISTINCT s.nuts_code, s.nuts_version
         FROM region_statistic AS s
         WHERE s.statistic IN ({}) AND s.value_status = 'break'
             AND s.sex = 'total' AND s.age_group = 'total' AND s.population_group = 'total'",
        names.join(", ")
    );
    // Most statistics have none, and are asked no further.
    if query(ctx, &breaks).await?.iter().all(|b| b.num_rows() == 0) {
        return Ok(BTreeSet::new());
    }
    let sql = format!(
        "SELECT DISTINCT {key} AS key
         FROM ({breaks}) AS s
         JOIN region_conversion AS c ON c.from_code = s.nuts_code AND c.from_version = s.nuts_version
         WHERE c.to_version = (SELECT max(to_version) FROM region_conversion)"
    );
    let mut broken = BTreeSet::new();
    for batch in query(ctx, &sql).await? {
        broken.extend(text(&batch, 0)?.iter().flatten().map(str::to_owned));
    }
    Ok(broken)
}

/// Regions of the level that no operation is in: shown, so that a gap in the data is seen as one.
fn without_data(
    metric: &Metric,
    question: &Question,
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
    let reason = reason::unlisted(metric, question.language);
    all.map(|(key, label)| Row::missing(key, label, reason))
        .collect()
}

/// Names of keys: from the tables of the release, or from code lists.
async fn labels(
    ctx: &SessionContext,
    question: &Question,
) -> Result<BTreeMap<String, String>, CompareError> {
    let mut labels = BTreeMap::new();
    if let Some(query) = question.by.labels() {
        for batch in ctx.sql(query).await?.collect().await? {
            let (keys, names) = (text(&batch, 0)?, text(&batch, 1)?);
            for (key, name) in keys.iter().zip(names.iter()) {
                if let (Some(key), Some(name)) = (key, name) {
                    labels.insert(key.to_owned(), name.to_owned());
                }
            }
        }
    }
    let language = match question.language {
        Language::De => "de",
        Language::Sv => "sv",
        Language::En => "en",
    };
    let lists = esf_schemas::code_lists().iter();
    match question.by {
        Dimension::Intervention => {
            for (list, entry) in lists.flat_map(|list| list.entries.iter().map(move |e| (list, e)))
            {
                if let Some(label) = entry.label(language) {
                    let key = format!("{} {}", list.id, entry.code);
                    labels.insert(key, format!("{} {label}", entry.code));
                }
            }
        }
        Dimension::Instrument => {
            let named = lists.filter(|list| list.table.as_deref() == Some("instrument"));
            for entry in named.flat_map(|list| &list.entries) {
                if let Some(label) = entry.label(language) {
                    // Each legal basis of an instrument is an entry; the newest names it.
                    labels.insert(entry.code.clone(), label.to_owned());
                }
            }
        }
        _ => {}
    }
    Ok(labels)
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
    let (coverage, weight) = (number("coverage")?, number("weight")?);
    let (n, periods, suppressed) = (count("n")?, count("periods")?, count("suppressed")?);
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
            weight: at(&weight, row).unwrap_or(0.0),
            periods: whole(&periods, row),
            suppressed: whole(&suppressed, row),
        })
        .collect())
}

/// The answer as a table.
pub(super) fn batch(comparison: &Comparison) -> Result<RecordBatch, ArrowError> {
    let rows = &comparison.rows;
    let texts = |get: fn(&Row) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(get).collect::<StringArray>())
    };
    let numbers = |get: fn(&Row) -> Option<f64>| -> ArrayRef {
        Arc::new(rows.iter().map(get).collect::<Float64Array>())
    };
    let counts = |get: fn(&Row) -> Option<i64>| -> ArrayRef {
        Arc::new(rows.iter().map(get).collect::<Int64Array>())
    };
    let unit: ArrayRef = Arc::new(StringArray::from(vec![
        comparison.unit.as_str();
        rows.len()
    ]));
    RecordBatch::try_from_iter_with_nullable([
        ("key", texts(|r| Some(r.key.clone())), false),
        ("label", texts(|r| Some(r.label.clone())), false),
        ("value", numbers(Row::number), true),
        ("lower", numbers(|r| r.number().and(r.lower)), true),
        ("upper", numbers(|r| r.number().and(r.upper)), true),
        ("n", counts(Row::cases), true),
        ("coverage", numbers(Row::covered), true),
        (
            "rank_best",
            counts(|r| r.ranks().map(|r| i64::from(r.0))),
            true,
        ),
        (
            "rank_worst",
            counts(|r| r.ranks().map(|r| i64::from(r.1))),
            true,
        ),
        (
            "status",
            texts(|r| {
                let status = match &r.status {
                    Status::Shown => "ok",
                    Status::Missing(_) => "missing",
                    Status::Suppressed => "suppressed",
                };
                Some(status.to_owned())
            }),
            false,
        ),
        (
            "reason",
            texts(|r| match &r.status {
                Status::Missing(reason) => Some(reason.clone()),
                _ => None,
            }),
            true,
        ),
        (
            "flags",
            texts(|r| (!r.flags.is_empty()).then(|| r.flags.join(","))),
            true,
        ),
        ("unit", unit, false),
    ])
}
