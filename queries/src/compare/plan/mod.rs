//! A question as one SQL statement: the metric's query, joined with what it is compared by, grouped.
//!
//! What is joined depends on what the metric's rows are about: `operation` for operations, `cell` for counts of people
//! that operations, their programmes and their regions may each publish, `own` for published figures of countries and funds.

mod cell;
mod operation;
mod own;

use super::Question;
use crate::dimension::Dimension;
use crate::metric::{Interval, Metric, Rows, Value};

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
/// `upper`, `n`, `coverage`, `weight`, `periods`, `suppressed`.
pub(super) fn statement(metric: &Metric, question: &Question) -> String {
    let facts = match metric.definition.rows {
        Rows::Operation => operation::facts(metric, question),
        Rows::Cell => cell::facts(metric, question),
        Rows::Own => own::facts(metric, question),
    };
    let statistics = if metric.definition.statistics.is_empty() {
        String::new()
    } else {
        statistic_rows(question)
    };
    let all = if metric.definition.rows == Rows::Cell {
        // Cells are chosen for what is asked: those of the rows need not be those of the whole.
        format!(",\nwhole AS (\n{}{statistics}\n)", cell::all(metric))
    } else {
        String::new()
    };
    let of_all = if all.is_empty() { "fact" } else { "whole" };
    format!(
        "WITH measured AS (\n{}\n),\n{},\nfact AS (\n{}{statistics}\n){all}\n{}\nUNION ALL\n{}",
        query(metric),
        facts.before,
        facts.rows,
        group(metric, "key", "fact"),
        group(metric, "'*'", of_all),
    )
}

/// Writes the statement that takes an index over units apart: what lies within the rows of the question, and what between.
pub(super) fn decomposition(metric: &Metric, question: &Question) -> String {
    let facts = operation::facts(metric, question);
    format!(
        "WITH measured AS (\n{}\n),\n{},\nfact AS (\n{}\n)\nSELECT theil_within(x, 1, key) AS within, theil_between(x, 1, key) AS between\nFROM (\n    SELECT key, CAST(sum(numerator) AS DOUBLE) AS x FROM fact\n    WHERE unit IS NOT NULL AND numerator IS NOT NULL AND key IS NOT NULL\n    GROUP BY key, unit\n) AS u",
        query(metric),
        facts.before,
        facts.rows,
    )
}

/// Writes the statement that gives the countries in which the metric has numbers for a question.
pub(super) fn countries(metric: &Metric, question: &Question) -> String {
    let compared: Vec<String> = crate::dimension::countries()
        .map(|country| format!("'{country}'"))
        .collect();
    let (facts, rows) = match metric.definition.rows {
        Rows::Operation => (
            operation::facts(metric, question),
            "measured AS m JOIN chosen AS d ON d.operation_id = m.operation_id WHERE m.numerator IS NOT NULL",
        ),
        Rows::Cell => (
            cell::facts(metric, question),
            "described AS d WHERE d.numerator IS NOT NULL",
        ),
        Rows::Own => (
            own::facts(metric, question),
            "chosen AS d WHERE d.numerator IS NOT NULL",
        ),
    };
    format!(
        "WITH measured AS (\n{}\n),\n{}\nSELECT DISTINCT d.country FROM {rows} AND d.country IN ({}) ORDER BY 1",
        query(metric),
        facts.before,
        compared.join(", "),
    )
}

/// The metric's query, as it can stand in brackets.
fn query(metric: &Metric) -> &str {
    metric.sql.trim().trim_end_matches(';')
}

/// Two parts of a statement: the tables that the rows of `fact` stand on, and these rows.
struct Facts {
    before: String,
    rows: String,
}

/// Whether a row of `measured` holds what the value needs.
fn is_known(metric: &Metric) -> &'static str {
    // The denominator of a statistic stands in rows of its own.
    if metric.definition.value == Value::Ratio && metric.definition.statistics.is_empty() {
        "m.numerator IS NOT NULL AND m.denominator IS NOT NULL"
    } else {
        "m.numerator IS NOT NULL"
    }
}

/// Rows that carry the denominator of a region: its own figure where one is published, which holds also what no part of it
/// may be told; else those of the finest level of its country, which add up to it.
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
        "\n    UNION ALL\n    SELECT {key}, CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS DOUBLE), s.denominator, false, false, CAST(0 AS DOUBLE)\n    FROM (\n        SELECT s.nuts_code, s.denominator,\n            max(length(s.nuts_code)) OVER (PARTITION BY substr(s.nuts_code, 1, 2)) AS finest,\n            bool_or(length(s.nuts_code) = length({key})) OVER (PARTITION BY {key}) AS has_own,\n            length(s.nuts_code) = length({key}) AS is_own\n        FROM measured AS s WHERE s.denominator IS NOT NULL\n    ) AS s\n    WHERE CASE WHEN s.has_own THEN s.is_own ELSE length(s.nuts_code) = s.finest END{country}"
    )
}

fn group(metric: &Metric, key: &str, fact: &str) -> String {
    let definition = &metric.definition;
    // A share of people stands on people, everything else on operations.
    let cases = match definition.interval {
        Some(Interval::Wilson) => "CAST(sum(CASE WHEN is_known THEN denominator END) AS BIGINT)",
        _ => "count(DISTINCT operation_id) FILTER (WHERE is_known)",
    };
    let about = format!(
        "{cases} AS n,\n    sum(CASE WHEN is_known THEN share ELSE 0 END) / nullif(sum(share), 0) AS coverage,\n    sum(CASE WHEN is_known THEN share ELSE 0 END) AS weight,\n    count(DISTINCT period) FILTER (WHERE is_known) AS periods,\n    count(*) FILTER (WHERE is_suppressed) AS suppressed"
    );
    let none = "CAST(NULL AS DOUBLE)";
    // A part of a ratio counts only with the other; the denominator of a statistic stands in rows of its own.
    let both = definition.statistics.is_empty();
    let part = |column: &str| match both {
        true => format!("CASE WHEN is_known THEN {column} END"),
        false => column.to_owned(),
    };
    let (numerator, denominator) = (part("numerator"), part("denominator"));
    // A zero denominator gives no value.
    let ratio =
        format!("CASE WHEN sum({denominator}) > 0 THEN sum({numerator}) / sum({denominator}) END");
    let bound = |function: &str| format!("{function}({numerator}, {denominator})");
    let share = |function: &str| {
        format!("{function}(CAST(sum({numerator}) AS BIGINT), CAST(sum({denominator}) AS BIGINT))")
    };
    let (value, lower, upper) = match (definition.value, definition.interval) {
        (Value::Sum, _) => (
            "CAST(sum(numerator) AS DOUBLE)".to_owned(),
            none.to_owned(),
            none.to_owned(),
        ),
        (Value::Ratio, None) => (ratio, none.to_owned(), none.to_owned()),
        (Value::Ratio, Some(Interval::Ratio)) => {
            (ratio, bound("ratio_lower"), bound("ratio_upper"))
        }
        (Value::Ratio, Some(Interval::Wilson)) => {
            (ratio, share("wilson_lower"), share("wilson_upper"))
        }
        (Value::Hhi, _) => return index(key, "hhi", &about),
        (Value::Gini, _) => return index(key, "gini", &about),
        (Value::Theil, _) => return index(key, "theil", &about),
    };
    let by = if key == "key" { "\nGROUP BY key" } else { "" };
    format!(
        "SELECT {key} AS key,\n    {value} AS value,\n    {lower} AS lower,\n    {upper} AS upper,\n    {about}\nFROM {fact}{by}"
    )
}

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
        "SELECT a.key, i.value, CAST(NULL AS DOUBLE) AS lower, CAST(NULL AS DOUBLE) AS upper, a.n, a.coverage, a.weight, a.periods, a.suppressed\nFROM (\n    SELECT {key} AS key,\n    {about}\n    FROM fact{}\n) AS a\nLEFT JOIN (\n    SELECT key, {function}(x) AS value FROM (\n        SELECT {key_of_unit}, sum(numerator) AS x FROM fact WHERE unit IS NOT NULL AND numerator IS NOT NULL{}\n    ) AS u GROUP BY key\n) AS i {join}",
        by(group_keys),
        by(unit_keys),
    )
}
