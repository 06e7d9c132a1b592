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

/// Operations by their places, each with its share. Money that is to add up to the cent is divided by largest remainder
/// where an operation has several places.
fn by_region(metric: &Metric, question: &Question) -> String {
    let key = question.level.sql("p.nuts_code");
    let share = "CAST(p.weight AS DOUBLE)";
    let join = "\n    JOIN operation_place AS p ON p.operation_id = c.operation_id";
    if !metric.definition.cents {
        return rows(metric, &key, share, join, None);
    }
    let one = format!("{join} AND p.weight = 1");
    let some = format!("{join} AND p.weight < 1");
    let divided = "largest_remainder(m.numerator, p.weight) OVER (PARTITION BY m.operation_id ORDER BY p.nuts_code)";
    format!(
        "{}\n    UNION ALL\n{}",
        rows(metric, &key, share, &one, Some("m.numerator")),
        rows(metric, &key, share, &some, Some(divided)),
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
        Coverage::Operations => share.to_owned(),
        Coverage::Money => format!("coalesce(CAST(m.numerator AS DOUBLE), 0) * {share}"),
    };
    let suppressed = if definition.suppressed {
        "m.is_suppressed"
    } else {
        "false"
    };
    format!(
        "    SELECT {key} AS key, {unit} AS unit, m.operation_id, c.period,\n        {numerator} AS numerator, {denominator} AS denominator,\n        {} AS is_known, {suppressed} AS is_suppressed, {covered} AS share\n    FROM measured AS m\n    JOIN chosen AS c ON c.operation_id = m.operation_id{join}",
        is_known(metric)
    )
}
