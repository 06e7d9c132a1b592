//! Questions that must not be answered, because the answer would put different quantities side by side, or stand on
//! nothing.

use std::collections::BTreeSet;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::prelude::SessionContext;

use super::{CompareError, Question, plan, query, reason, texts};
use crate::chart::{Comparison, Language, Row, Status};
use crate::dimension::Dimension;
use crate::metric::{Metric, Rows};

/// What the declaration of the metric forbids.
pub(super) fn check_declared(metric: &Metric, question: &Question) -> Result<(), CompareError> {
    let definition = &metric.definition;
    let known = &definition.dimensions;
    let allowed = known.is_empty() || known.iter().any(|d| d == question.by.name());
    // An index over units has one value for each unit, which is no index.
    let over_itself = definition.per.as_deref() == Some(question.by.name());
    if allowed && !over_itself {
        return Ok(());
    }
    let names = if known.is_empty() {
        let all = Dimension::ALL.iter().map(|d| d.name());
        all.filter(|d| Some(*d) != definition.per.as_deref())
            .collect::<Vec<_>>()
            .join(", ")
    } else {
        known.join(", ")
    };
    Err(CompareError::Dimension {
        metric: metric.name.clone(),
        by: question.by,
        known: names,
    })
}

fn lacks(metric: &Metric, lacks: String) -> CompareError {
    CompareError::Lacks {
        metric: metric.name.clone(),
        lacks,
    }
}

/// Tables that the release does not hold.
pub(super) async fn check_tables(
    ctx: &SessionContext,
    metric: &Metric,
) -> Result<(), CompareError> {
    for need in &metric.definition.needs {
        let (table, column) = need.split_once('.').unwrap_or((need, "*"));
        let filled = ctx.table_exist(table)?
            && count(ctx, &format!("SELECT count({column}) FROM {table}")).await? > 0;
        if !filled {
            let what = if column == "*" {
                format!("rows in the table {table}")
            } else {
                format!("values of {column} in the table {table}")
            };
            return Err(lacks(
                metric,
                format!("{what}, and this release has none; load a source that publishes them"),
            ));
        }
    }
    Ok(())
}

/// Statistics that the release does not hold.
pub(super) async fn check_statistics(
    ctx: &SessionContext,
    metric: &Metric,
) -> Result<(), CompareError> {
    for statistic in &metric.definition.statistics {
        let sql = format!(
            "SELECT count(*) FROM region_statistic WHERE statistic = '{}' AND value_status = 'ok'",
            statistic.replace('\'', "''")
        );
        if count(ctx, &sql).await? == 0 {
            return Err(lacks(
                metric,
                format!(
                    "the statistic {statistic} in region_statistic; load a table of official statistics that has it"
                ),
            ));
        }
    }
    Ok(())
}

/// [`check_statistics`] where the rows of the metric in the cube, kept in a table of this name, have nothing of them.
pub(super) async fn check_cube(
    ctx: &SessionContext,
    metric: &Metric,
    kept: &str,
) -> Result<(), CompareError> {
    let has_statistics = metric.definition.statistics.is_empty()
        || count(ctx, &plan::cube::denominators(kept)).await? > 0;
    if has_statistics {
        return Ok(());
    }
    check_statistics(ctx, metric).await
}

/// Countries whose numbers mean different things; the statement gives those that have numbers.
pub(super) async fn check_countries(
    ctx: &SessionContext,
    metric: &Metric,
    question: &Question,
    countries: &str,
) -> Result<(), CompareError> {
    if metric.comparability.countries || question.country.is_some() {
        return Ok(());
    }
    let countries = names(ctx, countries).await?;
    if countries.len() < 2 {
        return Ok(());
    }
    let instead: Vec<String> = countries
        .iter()
        .map(|country| format!("--country {country}"))
        .collect();
    Err(CompareError::Incomparable {
        metric: metric.name.clone(),
        countries: countries.join(" and "),
        reason: metric.comparability.reason.clone().unwrap_or_default(),
        instead: instead.join(" or "),
    })
}

/// A question of which nothing at all came out: no row has a value, a hidden one, or cases of which none follows.
pub(super) async fn check_rows(
    ctx: &SessionContext,
    metric: &Metric,
    question: &Question,
    found: &Comparison,
) -> Result<(), CompareError> {
    let is_empty = |row: &Row| {
        let is_missing = matches!(row.status, Status::Missing(_));
        is_missing
            && row.n.unwrap_or_default() == 0
            && row.coverage.is_none_or(|share| share <= 0.0)
    };
    if !found.rows.iter().all(is_empty) {
        return Ok(());
    }
    if let Some(country) = &question.country
        && metric.definition.rows != Rows::Own
    {
        check_country(ctx, metric, country).await?;
    }
    let known = texts(ctx, &plan::known(metric)).await?;
    if known.is_empty() {
        let none = reason::none(metric, Language::En);
        return Err(CompareError::Lacks {
            metric: metric.name.clone(),
            lacks: format!(
                "published numbers, and this release has {none}; load a source that publishes them"
            ),
        });
    }
    let has_others = found.unallocated_share.is_some_and(|share| share > 0.0);
    Err(CompareError::Nothing {
        metric: metric.name.clone(),
        lacks: if has_others {
            format!("what has a number has no {}", of_question(question))
        } else {
            format!("there is no number of {}", asked(question))
        },
        known: there_is(&known, question.country.as_deref()),
    })
}

/// What a question asks for, in words.
fn asked(question: &Question) -> String {
    let mut parts = Vec::new();
    let country = question.country.as_ref();
    parts.extend(country.map(|country| format!("the country {country}")));
    let period = question.period.as_ref();
    parts.extend(period.map(|period| format!("the period {}", period.0)));
    let filter = question.filter.as_ref();
    parts.extend(filter.map(|filter| format!("the condition {}", filter.trim())));
    if parts.is_empty() {
        return format!("a {}", of_question(question));
    }
    parts.join(" and ")
}

/// What a row is.
fn of_question(question: &Question) -> String {
    match question.by {
        Dimension::Region => "region of this level".to_owned(),
        by => by.to_string(),
    }
}

/// Countries, periods and funds of which there are numbers; periods and funds those of the country that is asked for, if it
/// has any.
fn there_is(known: &[Vec<Option<String>>], country: Option<&str>) -> String {
    let of_row = |row: &Vec<Option<String>>| row.first().cloned().flatten();
    let of_country: Vec<_> = known
        .iter()
        .filter(|row| country.is_some() && of_row(row).as_deref() == country)
        .collect();
    let rows = if of_country.is_empty() {
        known.iter().collect()
    } else {
        of_country
    };
    let mut parts = Vec::new();
    for (column, name) in ["countries", "periods", "funds"].into_iter().enumerate() {
        let values = rows.iter().filter_map(|row| row.get(column)?.as_deref());
        let values: BTreeSet<&str> = values.collect();
        if !values.is_empty() {
            let values: Vec<&str> = values.into_iter().collect();
            parts.push(format!("the {name} {}", values.join(", ")));
        }
    }
    if parts.is_empty() {
        return "what there is names no country, period or fund".to_owned();
    }
    format!("there are numbers of {}", parts.join(", of "))
}

/// A country that no operation is in.
async fn check_country(
    ctx: &SessionContext,
    metric: &Metric,
    country: &str,
) -> Result<(), CompareError> {
    let sql =
        "SELECT DISTINCT country FROM operation_dimension WHERE country IS NOT NULL ORDER BY 1";
    let known = names(ctx, sql).await?;
    if known.iter().any(|known| known == country) {
        return Ok(());
    }
    Err(CompareError::Country {
        metric: metric.name.clone(),
        country: country.to_owned(),
        known: if known.is_empty() {
            "no country".to_owned()
        } else {
            known.join(", ")
        },
    })
}

/// The first column of a statement over the views, without nulls.
async fn names(ctx: &SessionContext, sql: &str) -> Result<Vec<String>, CompareError> {
    let rows = texts(ctx, sql).await?;
    let first = rows.into_iter().filter_map(|row| row.into_iter().next());
    Ok(first.flatten().collect())
}

async fn count(ctx: &SessionContext, sql: &str) -> Result<i64, CompareError> {
    let rows = query(ctx, sql).await?;
    let first = rows
        .first()
        .and_then(|batch| batch.column(0).as_primitive_opt::<Int64Type>());
    Ok(first.map_or(0, |n| n.value(0)))
}
