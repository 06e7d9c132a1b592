//! A question as one SQL statement: the metric's query, joined with what it is compared by, grouped.

use super::Question;
use crate::dimension::Dimension;
use crate::metric::{Interval, Metric, Value};

/// The condition that a question puts on operations, over the columns of `operation_dimension`.
pub(super) fn condition(question: &Question) -> String {
    let equals = |column: &str, value: &str| format!("{column} = '{}'", value.replace('\'', "''"));
    let mut conditions = Vec::new();
    conditions.extend(question.country.as_deref().map(|c| equals("country", c)));
    conditions.extend(question.period.as_ref().map(|p| equals("period", &p.0)));
    conditions.extend(question.filter.as_ref().map(|f| format!("({f})")));
    if conditions.is_empty() {
        "true".into()
    } else {
        conditions.join(" AND ")
    }
}

/// Writes the statement. Its rows: `key` (null for what no row could be given, `*` for all together), `value`, `lower`,
/// `upper`, `n`, `coverage`, `weight`, `periods`.
pub(super) fn statement(metric: &Metric, question: &Question) -> String {
    let definition = &metric.definition;
    let by_region = question.by == Dimension::Region;
    let key = match question.by {
        Dimension::Region => question.level.sql("p.nuts_code"),
        other => format!("c.{}", other.name()),
    };
    let unit = definition
        .per
        .as_ref()
        .map_or("CAST(NULL AS VARCHAR)".into(), |per| format!("c.{per}"));
    let has_denominator = definition.value == Value::Ratio;
    let number = |column: &str| match (definition.value, by_region) {
        // Money stays decimal until it is added up.
        (Value::Sum, true) => format!("m.{column} * p.weight"),
        (Value::Sum, false) => format!("m.{column}"),
        (_, true) => format!("CAST(m.{column} AS DOUBLE) * CAST(p.weight AS DOUBLE)"),
        (_, false) => format!("CAST(m.{column} AS DOUBLE)"),
    };
    let numerator = number("numerator");
    let denominator = if has_denominator {
        number("denominator")
    } else {
        "CAST(NULL AS DOUBLE)".into()
    };
    let of_statistics = !definition.statistics.is_empty();
    let known = if has_denominator && !of_statistics {
        "m.numerator IS NOT NULL AND m.denominator IS NOT NULL"
    } else {
        "m.numerator IS NOT NULL"
    };
    let (share, place) = if by_region {
        (
            "CAST(p.weight AS DOUBLE)",
            "\n    JOIN operation_place AS p ON p.operation_id = c.operation_id",
        )
    } else {
        ("CAST(1 AS DOUBLE)", "")
    };
    let mut fact = format!(
        "    SELECT {key} AS key, {unit} AS unit, m.operation_id, c.period,\n        {numerator} AS numerator, {denominator} AS denominator,\n        {known} AS is_known, {share} AS share\n    FROM measured AS m\n    JOIN chosen AS c ON c.operation_id = m.operation_id{place}"
    );
    if of_statistics {
        fact += &statistic_rows(question);
    }
    let grouped = |key: &str| group(metric, key);
    format!(
        "WITH measured AS (\n{}\n),\nchosen AS (\n    SELECT * FROM operation_dimension WHERE {}\n),\nfact AS (\n{fact}\n)\n{}\nUNION ALL\n{}",
        metric.sql.trim().trim_end_matches(';'),
        condition(question),
        grouped("key"),
        grouped("'*'"),
    )
}

/// Rows that carry the denominator of a region: those of the finest level of each country, which add up to the others.
fn statistic_rows(question: &Question) -> String {
    let key = match question.by {
        Dimension::Region => question.level.sql("s.nuts_code"),
        _ => "substr(s.nuts_code, 1, 2)".into(),
    };
    let country = question.country.as_ref().map_or(String::new(), |country| {
        format!(
            " AND substr(s.nuts_code, 1, 2) = '{}'",
            country.replace('\'', "''")
        )
    });
    format!(
        "\n    UNION ALL\n    SELECT {key}, CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS DOUBLE), s.denominator, false, CAST(0 AS DOUBLE)\n    FROM (\n        SELECT nuts_code, denominator,\n            max(length(nuts_code)) OVER (PARTITION BY substr(nuts_code, 1, 2)) AS finest\n        FROM measured WHERE operation_id IS NULL\n    ) AS s\n    WHERE length(s.nuts_code) = s.finest{country}"
    )
}

fn group(metric: &Metric, key: &str) -> String {
    let definition = &metric.definition;
    let about = "count(DISTINCT operation_id) FILTER (WHERE is_known) AS n,\n    sum(CASE WHEN is_known THEN share ELSE 0 END) / nullif(sum(share), 0) AS coverage,\n    sum(CASE WHEN is_known THEN share ELSE 0 END) AS weight,\n    count(DISTINCT period) FILTER (WHERE is_known) AS periods";
    let none = "CAST(NULL AS DOUBLE)";
    let (value, lower, upper) = match (definition.value, definition.interval) {
        (Value::Sum, _) => ("CAST(sum(numerator) AS DOUBLE)", none, none),
        (Value::Ratio, None) => (RATIO, none, none),
        (Value::Ratio, Some(Interval::Ratio)) => (
            RATIO,
            "ratio_lower(numerator, denominator)",
            "ratio_upper(numerator, denominator)",
        ),
        (Value::Ratio, Some(Interval::Wilson)) => (
            RATIO,
            "wilson_lower(CAST(sum(numerator) AS BIGINT), CAST(sum(denominator) AS BIGINT))",
            "wilson_upper(CAST(sum(numerator) AS BIGINT), CAST(sum(denominator) AS BIGINT))",
        ),
        (Value::Hhi, _) => return index(key, "hhi", about),
        (Value::Gini, _) => return index(key, "gini", about),
        (Value::Theil, _) => return index(key, "theil", about),
    };
    let by = if key == "key" { "\nGROUP BY key" } else { "" };
    format!(
        "SELECT {key} AS key,\n    {value} AS value,\n    {lower} AS lower,\n    {upper} AS upper,\n    {about}\nFROM fact{by}"
    )
}

/// A zero denominator gives no value.
const RATIO: &str = "CASE WHEN sum(denominator) > 0 THEN sum(numerator) / sum(denominator) END";

/// An index over units: first the sum of each unit, then the index of the sums.
fn index(key: &str, function: &str, about: &str) -> String {
    let by = |keys: &str| {
        if keys.is_empty() {
            String::new()
        } else {
            format!("\n    GROUP BY {keys}")
        }
    };
    let (unit_keys, group_keys, join) = if key == "key" {
        ("key, unit", "key", "ON i.key IS NOT DISTINCT FROM a.key")
    } else {
        ("unit", "", "ON true")
    };
    let key_of_unit = if key == "key" { "key" } else { "'*' AS key" };
    format!(
        "SELECT a.key, i.value, CAST(NULL AS DOUBLE) AS lower, CAST(NULL AS DOUBLE) AS upper, a.n, a.coverage, a.weight, a.periods\nFROM (\n    SELECT {key} AS key,\n    {about}\n    FROM fact{}\n) AS a\nLEFT JOIN (\n    SELECT key, {function}(x) AS value FROM (\n        SELECT {key_of_unit}, sum(numerator) AS x FROM fact WHERE unit IS NOT NULL AND numerator IS NOT NULL{}\n    ) AS u GROUP BY key\n) AS i {join}",
        by(group_keys),
        by(unit_keys),
    )
}
