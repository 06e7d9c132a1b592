//! What makes the value of a row doubtful: periods and funds that it mixes, and breaks in the series of a statistic.

use std::collections::{BTreeMap, BTreeSet};

use datafusion::prelude::SessionContext;

use super::{CompareError, Question, texts};
use crate::chart::Row;
use crate::dimension::Dimension;
use crate::metric::{Interval, Metric, Rows};

/// What a second period or fund has at least where a row is one of several: of the cases, or of what is added up.
const MIXED: f64 = 0.01;

/// By how much the people of the rows may exceed those of the whole: some are counted in two regions, and official counts may
/// carry noise.
const EXCESS: f64 = 0.01;

/// Rows of several periods, and of several funds, by key.
#[derive(Debug, Default)]
pub(super) struct Mixed {
    pub(super) periods: BTreeSet<String>,
    pub(super) funds: BTreeSet<String>,
}

/// Cases and amounts by period or fund.
type Parts = BTreeMap<String, (f64, f64)>;

/// The rows that mix periods or funds, by a statement that gives `key`, `period`, `fund`, `n` and `amount`. What names none
/// is of no other.
pub(super) async fn mixed(ctx: &SessionContext, statement: &str) -> Result<Mixed, CompareError> {
    let (mut periods, mut funds) = (BTreeMap::new(), BTreeMap::new());
    for row in texts(ctx, statement).await? {
        let [Some(key), period, fund, Some(n), amount] = row.as_slice() else {
            continue;
        };
        let number = |text: &str| text.parse::<f64>().unwrap_or_default();
        let part = (number(n), amount.as_deref().map_or(0.0, number));
        add(&mut periods, key, period.as_deref(), part);
        add(&mut funds, key, fund.as_deref(), part);
    }
    let several = |rows: BTreeMap<String, Parts>| -> BTreeSet<String> {
        let mixed = rows.into_iter().filter(|(_, parts)| is_mixed(parts));
        mixed.map(|(key, _)| key).collect()
    };
    Ok(Mixed {
        periods: several(periods),
        funds: several(funds),
    })
}

fn add(rows: &mut BTreeMap<String, Parts>, key: &str, of: Option<&str>, (n, amount): (f64, f64)) {
    if let Some(of) = of.filter(|_| n > 0.0) {
        let parts = rows.entry(key.to_owned()).or_default();
        let sums = parts.entry(of.to_owned()).or_default();
        *sums = (sums.0 + n, sums.1 + amount);
    }
}

/// Whether what is not of the largest part is enough to be told.
fn is_mixed(parts: &Parts) -> bool {
    let exceeds = |size: fn(&(f64, f64)) -> f64| {
        let whole: f64 = parts.values().map(size).sum();
        let largest = parts.values().map(size).fold(0.0, f64::max);
        whole > 0.0 && whole - largest >= MIXED * whole
    };
    parts.len() > 1 && (exceeds(|part| part.0) || exceeds(|part| part.1))
}

/// Whether the rows count more people than all together, so that what answers for the whole does not hold those of its parts.
pub(super) fn is_exceeded(metric: &Metric, rows: &[Row], whole: i64) -> bool {
    let definition = &metric.definition;
    if definition.rows != Rows::Cell || definition.interval != Some(Interval::Wilson) {
        return false;
    }
    let people: i64 = rows.iter().filter_map(Row::cases).sum();
    // Each row is rounded to whole people.
    people as f64 > whole as f64 * (1.0 + EXCESS) + rows.len() as f64
}

/// Rows whose denominator is a statistic with a break in its series, there or in a part of the region.
pub(super) async fn broken(
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
    if texts(ctx, &breaks).await?.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sql = format!(
        "SELECT DISTINCT {key} AS key
         FROM ({breaks}) AS s
         JOIN region_conversion AS c ON c.from_code = s.nuts_code AND c.from_version = s.nuts_version
         WHERE c.to_version = (SELECT max(to_version) FROM region_conversion)"
    );
    let rows = texts(ctx, &sql).await?;
    Ok(rows.into_iter().flatten().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Metrics;

    #[test]
    fn rows_that_count_more_people_than_the_whole_are_told() {
        let metrics = Metrics::bundled().unwrap();
        let of = |metric: &str, people: [i64; 2], whole| {
            let rows = people.map(|n| Row {
                n: Some(n),
                ..Row::shown("DE1", "A", 0.5)
            });
            is_exceeded(metrics.get(metric).unwrap(), &rows, whole)
        };
        assert!(of("women_share", [600, 500], 900));
        // Rounded, and counted twice in one case of a hundred.
        assert!(!of("women_share", [600, 500], 1_088));
        assert!(!of("women_share", [600, 500], 2_000));
        // Cases that are no people, and operations of several regions.
        assert!(!of("reach", [600, 500], 900));
        assert!(!of("duration", [600, 500], 900));
    }

    fn parts(sizes: &[(f64, f64)]) -> Parts {
        let named = sizes.iter().enumerate();
        named.map(|(i, size)| (i.to_string(), *size)).collect()
    }

    #[test]
    fn a_hundredth_of_cases_or_of_the_amount_is_told() {
        assert!(is_mixed(&parts(&[(99.0, 999.0), (1.0, 1.0)])));
        assert!(is_mixed(&parts(&[(2800.0, 99.0), (1.0, 1.0)])));
        assert!(!is_mixed(&parts(&[(2800.0, 999.0), (1.0, 1.0)])));
        // Two small ones together.
        assert!(is_mixed(&parts(&[(990.0, 0.0), (5.0, 0.0), (5.0, 0.0)])));
        assert!(!is_mixed(&parts(&[(5.0, 5.0)])));
    }

    #[test]
    fn what_names_no_fund_and_what_has_no_case_is_no_part() {
        let mut rows = BTreeMap::new();
        add(&mut rows, "DE3", Some("ESF"), (1.0, 10.0));
        add(&mut rows, "DE3", None, (5.0, 50.0));
        add(&mut rows, "DE3", Some("ERDF"), (0.0, 0.0));
        add(&mut rows, "DE3", Some("ESF"), (2.0, 5.0));
        let parts = Parts::from([("ESF".to_owned(), (3.0, 15.0))]);
        assert_eq!(rows, BTreeMap::from([("DE3".to_owned(), parts)]));
    }
}
