//! Rows of a metric that are about operations, with what they are compared by.

use super::{Facts, Question, condition, is_known};
use crate::dimension::Dimension;
use crate::metric::{Coverage, Metric, Value};

pub(super) fn facts(metric: &Metric, question: &Question) -> Facts {
    let before = format!(
        "chosen AS (\n    SELECT * FROM operation_dimension WHERE {}\n)",
        condition(question)
    );
    let rows = if question.by == Dimension::Region {
        by_region(metric, question)
    } else {
        let own = metric
            .definition
            .own
            .iter()
            .any(|d| d == question.by.name());
        let key = format!("{}.{}", if own { "m" } else { "c" }, question.by.name());
        rows(metric, &key, "CAST(1 AS DOUBLE)", "", None)
    };
    Facts { before, rows }
}

/// Operations by their places, each with its share. An operation of several places is one row in each region that holds some
/// of them, since it is one case there; money that is to add up to the cent is divided by largest remainder.
fn by_region(metric: &Metric, question: &Question) -> String {
    let key = question.level.sql("p.nuts_code");
    let share = "CAST(p.weight AS DOUBLE)";
    let join = |weight: &str| {
        format!(
            "\n    JOIN operation_place AS p ON p.operation_id = c.operation_id AND p.weight {weight}"
        )
    };
    let mut of_one = vec!["m.operation_id".to_owned()];
    of_one.extend(metric.definition.own.iter().map(|own| format!("m.{own}")));
    let of_one = of_one.join(", ");
    let divided = format!(
        "largest_remainder(m.numerator, p.weight) OVER (PARTITION BY {of_one} ORDER BY p.nuts_code)"
    );
    let cents = metric.definition.cents;
    format!(
        "{}\n    UNION ALL\n    SELECT s.key, s.unit, s.operation_id, s.period,\n        sum(s.numerator) AS numerator, sum(s.denominator) AS denominator,\n        bool_or(s.is_known) AS is_known, bool_or(s.is_suppressed) AS is_suppressed, sum(s.share) AS share, false AS is_only\n    FROM (\n{}\n    ) AS s\n    GROUP BY s.key, s.unit, s.operation_id, s.period",
        rows(
            metric,
            &key,
            share,
            &join("= 1"),
            cents.then_some("m.numerator")
        ),
        rows(metric, &key, share, &join("< 1"), cents.then_some(&divided)),
    )
}

/// `numerator` replaces the share of the numerator that falls on the row.
fn rows(metric: &Metric, key: &str, share: &str, join: &str, numerator: Option<&str>) -> String {
    let definition = &metric.definition;
    let unit = definition
        .per
        .as_ref()
        .map_or("CAST(NULL AS VARCHAR)".into(), |per| format!("c.{per}"));
    let by_place = !join.is_empty();
    let number = |column: &str| match (definition.value, by_place) {
        // Sums stay exact until they are added up.
        (Value::Sum, true) => format!("m.{column} * p.weight"),
        (Value::Sum, false) => format!("m.{column}"),
        (_, true) => format!("CAST(m.{column} AS DOUBLE) * {share}"),
        (_, false) => format!("CAST(m.{column} AS DOUBLE)"),
    };
    let denominator = if definition.value == Value::Ratio {
        number("denominator")
    } else {
        "CAST(NULL AS DOUBLE)".into()
    };
    let numerator = numerator.map_or_else(|| number("numerator"), str::to_owned);
    let covered = match definition.coverage {
        // An operation that has several rows of one key is one operation.
        Coverage::Operations if !definition.own.is_empty() && !key.starts_with("m.") => {
            format!("{share} / count(*) OVER (PARTITION BY m.operation_id)")
        }
        Coverage::Operations => share.to_owned(),
        // Corrections are money too.
        Coverage::Money => format!("abs(coalesce(CAST(m.numerator AS DOUBLE), 0)) * {share}"),
    };
    let suppressed = if definition.suppressed {
        "m.is_suppressed"
    } else {
        "false"
    };
    let known = match definition.per {
        // What an index cannot give to a unit does not count.
        Some(_) => format!("{} AND {unit} IS NOT NULL", is_known(metric)),
        None => is_known(metric).to_owned(),
    };
    // A row whose operation has no other needs no comparison of ids to be counted once.
    let only = match (definition.own.is_empty(), by_place) {
        (false, _) => "false",
        (true, true) => "p.weight = 1",
        (true, false) => "true",
    };
    format!(
        "    SELECT {key} AS key, {unit} AS unit, m.operation_id, c.period,\n        {numerator} AS numerator, {denominator} AS denominator,\n        {known} AS is_known, {suppressed} AS is_suppressed, {covered} AS share, {only} AS is_only\n    FROM measured AS m\n    JOIN chosen AS c ON c.operation_id = m.operation_id{join}"
    )
}
