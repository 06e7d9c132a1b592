//! Questions that must not be answered, because the answer would put different quantities side by side, or stand on
//! nothing.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::prelude::SessionContext;

use super::{CompareError, Question, query};
use crate::chart::Comparison;
use crate::metric::Metric;

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
        let all = crate::dimension::Dimension::ALL.iter().map(|d| d.name());
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

/// Tables and statistics that the release does not hold.
pub(super) async fn check_data(ctx: &SessionContext, metric: &Metric) -> Result<(), CompareError> {
    let lacks = |lacks: String| CompareError::Lacks {
        metric: metric.name.clone(),
        lacks,
    };
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
            return Err(lacks(format!(
                "{what}, and this release has none; load a source that publishes them"
            )));
        }
    }
    for statistic in &metric.definition.statistics {
        let sql = format!(
            "SELECT count(*) FROM region_statistic WHERE statistic = '{}' AND value_status = 'ok'",
            statistic.replace('\'', "''")
        );
        if count(ctx, &sql).await? == 0 {
            return Err(lacks(format!(
                "the statistic {statistic} in region_statistic; load a table of official statistics that has it"
            )));
        }
    }
    Ok(())
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

/// A country of which nothing at all came out, because no operation is in it. Nothing of a country that has operations is
/// an answer.
pub(super) async fn check_rows(
    ctx: &SessionContext,
    metric: &Metric,
    question: &Question,
    found: &Comparison,
) -> Result<(), CompareError> {
    let Some(country) = question.country.as_ref().filter(|_| found.rows.is_empty()) else {
        return Ok(());
    };
    let sql =
        "SELECT DISTINCT country FROM operation_dimension WHERE country IS NOT NULL ORDER BY 1";
    let known = names(ctx, sql).await?;
    if known.contains(country) {
        return Ok(());
    }
    Err(CompareError::Country {
        metric: metric.name.clone(),
        country: country.clone(),
        known: if known.is_empty() {
            "no country".to_owned()
        } else {
            known.join(", ")
        },
    })
}

/// The first column of a statement over the views, without nulls.
async fn names(ctx: &SessionContext, sql: &str) -> Result<Vec<String>, CompareError> {
    crate::view::register_named(ctx, sql).await?;
    let mut names = Vec::new();
    for batch in &query(ctx, sql).await? {
        let column = cast(batch.column(0), &DataType::Utf8)?;
        let column = column.as_string::<i32>();
        names.extend(column.iter().flatten().map(str::to_owned));
    }
    Ok(names)
}

async fn count(ctx: &SessionContext, sql: &str) -> Result<i64, CompareError> {
    let rows = query(ctx, sql).await?;
    let first = rows
        .first()
        .and_then(|batch| batch.column(0).as_primitive_opt::<Int64Type>());
    Ok(first.map_or(0, |n| n.value(0)))
}
