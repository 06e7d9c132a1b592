//! Rows of a metric that are counts of people: an operation, its programme and the regions of both may each publish one.
//!
//! No two of them that hold the same people are added up. Of the levels of regions that one operation or programme
//! publishes, the coarsest that answers the question is used, since it holds also what its parts may not tell; of a
//! programme and its operations, the programme where it answers the question.

use super::{Facts, Question, condition, is_known};
use crate::dimension::Dimension;
use crate::metric::Metric;

pub(super) fn facts(metric: &Metric, question: &Question) -> Facts {
    let condition = condition(question);
    let key = match question.by {
        Dimension::Region => question.level.sql("d.nuts_code"),
        other => format!("d.{}", other.name()),
    };
    let by_region = question.by == Dimension::Region;
    let dimensions = "c.country, c.period, c.fund, c.programme, c.intervention, c.instrument, c.beneficiary, c.list, c.year";
    let before = format!(
        "described AS (
    SELECT m.operation_id AS subject, false AS of_programme, m.nuts_code, m.numerator, m.denominator, m.is_suppressed,
        {dimensions}
    FROM measured AS m
    JOIN (SELECT * FROM operation_dimension WHERE {condition}) AS c ON c.operation_id = m.operation_id
    UNION ALL
    SELECT m.programme_id, true, m.nuts_code, m.numerator, m.denominator, m.is_suppressed,
        {dimensions}
    FROM measured AS m
    JOIN (SELECT * FROM programme_dimension WHERE {condition}) AS c ON c.programme = m.programme_id
    WHERE m.operation_id IS NULL
),
{}",
        chosen("keyed", &key, by_region)
    );
    // The whole is what no key divides.
    let before = format!("{before},\n{}", chosen("entire", "'*'", false));
    let own = rows(
        metric,
        "keyed",
        if by_region {
            "m.of_programme OR m.key IS NOT NULL"
        } else {
            "true"
        },
    );
    let placed = if by_region {
        // An operation that publishes no regions is where it takes place.
        let key = question.level.sql("p.nuts_code");
        let share = "CAST(p.weight AS DOUBLE)";
        format!(
            "\n    UNION ALL\n    SELECT {key}, CAST(NULL AS VARCHAR), m.subject, m.period, m.fund, m.numerator * {share}, m.denominator * {share}, {}, m.is_suppressed, {share}, false\n    FROM keyed AS m\n    JOIN operation_place AS p ON p.operation_id = m.subject\n    WHERE NOT m.of_programme AND m.key IS NULL",
            is_known(metric)
        )
    } else {
        String::new()
    };
    Facts {
        before,
        rows: own + &placed,
    }
}

/// The rows of all together.
pub(super) fn all(metric: &Metric) -> String {
    rows(metric, "entire", "true")
}

fn rows(metric: &Metric, table: &str, condition: &str) -> String {
    format!(
        "    SELECT m.key, CAST(NULL AS VARCHAR) AS unit, m.subject AS operation_id, m.period, m.fund,\n        m.numerator, m.denominator, {} AS is_known, m.is_suppressed, CAST(1 AS DOUBLE) AS share, false AS is_only\n    FROM {table} AS m\n    WHERE {condition}",
        is_known(metric)
    )
}

/// A table of this name: the cells that answer a question whose rows are `key`.
fn chosen(name: &str, key: &str, by_region: bool) -> String {
    // Where regions are asked for, a cell that lies in none of them answers only for want of a better one.
    let fits = if by_region {
        "s.key IS NOT NULL"
    } else {
        "true"
    };
    format!(
        "{name}_sized AS (
    SELECT d.subject, d.of_programme, d.programme, d.period, d.fund, d.numerator, d.denominator, d.is_suppressed,
        coalesce(length(d.nuts_code), 0) AS size, {key} AS key
    FROM described AS d
),
{name}_levelled AS (
    SELECT s.*,
        min(CASE WHEN {fits} THEN s.size END) OVER (PARTITION BY s.of_programme, s.subject) AS fitting,
        max(s.size) OVER (PARTITION BY s.of_programme, s.subject) AS finest
    FROM {name}_sized AS s
),
{name}_of AS (
    SELECT l.*,
        coalesce(bool_or(l.of_programme AND l.key IS NOT NULL) OVER (PARTITION BY l.programme), false)
        AND l.programme IS NOT NULL AS programme_answers,
        bool_or(NOT l.of_programme) OVER (PARTITION BY l.programme) AS has_operations
    FROM {name}_levelled AS l
    WHERE l.size = coalesce(l.fitting, l.finest)
),
{name} AS (
    SELECT o.subject, o.of_programme, o.period, o.fund, o.numerator, o.denominator, o.is_suppressed, o.key
    FROM {name}_of AS o
    WHERE CASE WHEN o.of_programme THEN o.programme_answers OR NOT o.has_operations ELSE NOT o.programme_answers END
)"
    )
}
