//! Questions that must not be answered, because the answer would put different quantities side by side, or stand on
//! nothing.

use std::collections::BTreeSet;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::prelude::SessionContext;

use super::refusal::{Asked, Known, Lacking, Refusal};
use super::{CompareError, Question, plan, query, reason, texts};
use crate::chart::{Comparison, Language, Row, Status};
use crate::dimension::Dimension;
use crate::metric::{Metric, Rows};
use crate::wording::Text;

/// What the declaration of the metric forbids.
pub(super) fn forbidden(metric: &Metric, question: &Question) -> Option<Refusal> {
    let definition = &metric.definition;
    let known = &definition.dimensions;
    let allowed = known.is_empty() || known.iter().any(|d| d == question.by.name());
    // An index over units has one value for each unit, which is no index.
    let over_itself = definition.per.as_deref() == Some(question.by.name());
    if allowed && !over_itself {
        return None;
    }
    let names = if known.is_empty() {
        let all = Dimension::ALL.iter().map(|d| d.name());
        all.filter(|d| Some(*d) != definition.per.as_deref())
            .map(str::to_owned)
            .collect()
    } else {
        known.clone()
    };
    Some(Refusal::Dimension {
        metric: metric.name.clone(),
        by: question.by,
        known: names,
    })
}

fn lacks(metric: &Metric, lacks: Lacking) -> CompareError {
    Refusal::Lacks {
        metric: metric.name.clone(),
        lacks,
    }
    .into()
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
            let table = table.to_owned();
            let what = if column == "*" {
                Lacking::Rows { table }
            } else {
                let column = column.to_owned();
                Lacking::Values { column, table }
            };
            return Err(lacks(metric, what));
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
            let statistic = statistic.clone();
            return Err(lacks(metric, Lacking::Statistic { statistic }));
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
    Err(Refusal::Incomparable {
        metric: metric.name.clone(),
        countries,
        reason: metric.comparability.reason.clone(),
    }
    .into())
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
        let none = Text {
            en: reason::none(metric, Language::En),
            de: reason::none(metric, Language::De),
            sv: reason::none(metric, Language::Sv),
        };
        return Err(lacks(metric, Lacking::Numbers { none }));
    }
    Err(Refusal::Nothing {
        metric: metric.name.clone(),
        asked: Asked {
            by: question.by,
            country: question.country.clone(),
            period: question.period.as_ref().map(ToString::to_string),
            filter: question.filter.as_ref().map(|f| f.trim().to_owned()),
            has_others: found.unallocated_share.is_some_and(|share| share > 0.0),
        },
        known: there_is(&known, question.country.as_deref()),
    }
    .into())
}

/// Countries, periods and funds of which there are numbers; periods and funds those of the country that is asked for, if it
/// has any.
fn there_is(known: &[Vec<Option<String>>], country: Option<&str>) -> Known {
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
    let column = |column: usize| -> Vec<String> {
        let values = rows.iter().filter_map(|row| row.get(column)?.as_deref());
        let values: BTreeSet<&str> = values.collect();
        values.into_iter().map(str::to_owned).collect()
    };
    Known {
        countries: column(0),
        periods: column(1),
        funds: column(2),
    }
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
    Err(Refusal::Country {
        metric: metric.name.clone(),
        country: country.to_owned(),
        known,
    }
    .into())
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
