//! Rows of a metric that are counts of people: an operation, its programme and the regions of both may each publish one.
//!
//! No two of them that hold the same people are added up. Of the levels of regions that one operation or programme
//! publishes, the coarsest that answers the question is used, since it holds also what its parts may not tell; of a
//! programme and its operations, the programme where it answers the question.
//!
//! A region that is one region of a finer level is one territory (view `only_subregion`). Its cell answers at each of its
//! levels under the code of that level: one cell, the same that is published, and the coarsest where several are.

use super::{Facts, Question, condition, is_known};
use crate::dimension::Dimension;
use crate::metric::Metric;

pub(super) fn facts(metric: &Metric, question: &Question) -> Facts {
    let condition = condition(question);
    let by_region = question.by == Dimension::Region;
    let keyed = if by_region {
        let (own, key) = (
            question.level.sql("d.nuts_code"),
            question.level.sql("d.finest"),
        );
        chosen("keyed", &key, Some(&own))
    } else {
        chosen("keyed", &format!("d.{}", question.by.name()), None)
    };
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
{keyed}"
    );
    // The whole is what no key divides.
    let before = format!("{before},\n{}", chosen("entire", "'*'", None));
    let own = rows(
        metric,
        "keyed",
        if by_region {
            "m.of_programme OR m.is_fitting"
        } else {
            "true"
        },
    );
    let placed = if by_region {
        // An operation that publishes no regions is where it takes place.
        let key = question.level.sql("p.nuts_code");
        let share = "CAST(p.weight AS DOUBLE)";
        format!(
            "\n    UNION ALL\n    SELECT {key}, CAST(NULL AS VARCHAR), m.subject, m.period, m.fund, m.numerator * {share}, m.denominator * {share}, {}, m.is_suppressed, {share}, false\n    FROM keyed AS m\n    JOIN operation_place AS p ON p.operation_id = m.subject\n    WHERE NOT m.of_programme AND NOT m.is_fitting",
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

/// The cells of which `chosen` chooses, as what stands behind FROM: `described` with `territory`, the finest region that the
/// region of the cell is as a whole, where there is one, and `finest`, that or its own.
const PLACED: &str = "(
        SELECT c.*, t.only_code AS territory,
            CASE WHEN t.only_code IS NULL THEN c.nuts_code ELSE t.only_code END AS finest
        FROM described AS c
        LEFT JOIN (
            SELECT nuts_code, max(only_code) AS only_code FROM only_subregion GROUP BY nuts_code
            UNION
            SELECT f.only_code AS nuts_code, f.only_code FROM (
                SELECT max(only_code) AS only_code FROM only_subregion GROUP BY nuts_code
            ) AS f
        ) AS t ON t.nuts_code = c.nuts_code
    )";

/// A table of this name: the cells that answer a question whose rows are `key`. Where these are regions, `own` is the key of a
/// cell by nothing but its own code.
fn chosen(name: &str, key: &str, own: Option<&str>) -> String {
    // Where regions are asked for, a cell that lies in none of them answers only for want of a better one.
    let (cells, own, fits, fits_as_whole) = match own {
        Some(own) => (PLACED, own, "s.own_key IS NOT NULL", "s.key IS NOT NULL"),
        None => (
            "(SELECT c.*, CAST(NULL AS VARCHAR) AS territory FROM described AS c)",
            key,
            "true",
            "true",
        ),
    };
    // Two window functions that say the same in other words, as these would where both keys are one constant, are more than the
    // planner can take.
    let answers_as_whole = if fits == fits_as_whole {
        "false"
    } else {
        "coalesce(bool_or(l.of_programme AND l.key IS NOT NULL) OVER (PARTITION BY l.programme), false)
        AND NOT coalesce(bool_or(l.of_programme AND l.key IS NULL) OVER (PARTITION BY l.programme), false)
        AND l.programme IS NOT NULL"
    };
    format!(
        "{name}_sized AS (
    SELECT d.subject, d.of_programme, d.programme, d.period, d.fund, d.numerator, d.denominator, d.is_suppressed,
        coalesce(length(d.nuts_code), 0) AS size, d.territory, {own} AS own_key, {key} AS key
    FROM {cells} AS d
),
{name}_levelled AS (
    SELECT s.*,
        min(CASE WHEN {fits} THEN s.size END) OVER (PARTITION BY s.of_programme, s.subject) AS fitting,
        min(CASE WHEN {fits_as_whole} THEN s.size END) OVER (PARTITION BY s.of_programme, s.subject) AS fitting_as_whole,
        max(s.size) OVER (PARTITION BY s.of_programme, s.subject) AS finest
    FROM {name}_sized AS s
),
{name}_nearest AS (
    SELECT l.*, coalesce(l.fitting, l.fitting_as_whole) IS NOT NULL AS is_fitting,
        coalesce(l.fitting, l.fitting_as_whole, l.finest) AS level,
        min(CASE WHEN l.size = coalesce(l.fitting, l.fitting_as_whole, l.finest) THEN 0 ELSE l.size END)
        OVER (PARTITION BY l.of_programme, l.subject, l.territory) AS nearest
    FROM {name}_levelled AS l
),
{name}_of AS (
    SELECT l.*,
        coalesce(bool_or(l.of_programme AND l.own_key IS NOT NULL) OVER (PARTITION BY l.programme), false)
        AND l.programme IS NOT NULL AS programme_answers,
        {answers_as_whole} AS programme_answers_as_whole,
        bool_or(NOT l.of_programme) OVER (PARTITION BY l.programme) AS has_operations
    FROM {name}_nearest AS l
    -- A territory without a cell of the level has its coarsest of another, which holds nobody of the others.
    WHERE l.size = l.level OR (l.territory IS NOT NULL AND l.key IS NOT NULL AND l.size = l.nearest)
),
{name} AS (
    SELECT o.subject, o.of_programme, o.period, o.fund, o.numerator, o.denominator, o.is_suppressed, o.key, o.is_fitting
    FROM {name}_of AS o
    WHERE CASE
        WHEN o.of_programme THEN o.programme_answers OR o.programme_answers_as_whole OR NOT o.has_operations
        ELSE NOT (o.programme_answers OR o.programme_answers_as_whole)
    END
)"
    )
}
