//! Rows of a metric that are counts of people: an operation, its programme and the regions of both may each publish one,
//! for periods of their own.
//!
//! No two of them that hold the same people are added up. What is counted for days that no other count has is always used;
//! where periods overlap, one answers (`span` says which do). Of the levels of regions that one operation or programme
//! publishes, that is the coarsest that answers the question, since it holds also what its parts may not tell; of a
//! programme and its operations, the programme where it answers the question. But a finer one that lasts longer and counts
//! more people answers instead: a count of one year does not stand for those of several.
//!
//! A region that is one region of a finer level is one territory (view `only_subregion`). Its cell answers at each of its
//! levels under the code of that level: one cell, the same that is published, and the coarsest where several are.

use super::span::{lasting, spans};
use super::{EXACT, Facts, Question, Table, condition, is_known};
use crate::dimension::Dimension;
use crate::metric::Metric;

pub(super) fn facts(metric: &Metric, question: &Question) -> Facts {
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
    let mut before = described(metric, question);
    before.extend(keyed);
    // The whole is what no key divides.
    before.extend(chosen("entire", "'*'", None));
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
            "\n    UNION ALL\n    SELECT {key}, CAST(NULL AS VARCHAR), m.subject, m.period, m.fund, CAST(m.numerator * {share} AS {EXACT}),\n        CAST(m.denominator * {share} AS {EXACT}), {}, m.is_suppressed, CAST(m.part * {share} AS {EXACT}), false,\n        m.period_start, m.period_end\n    FROM keyed AS m\n    JOIN operation_place AS p ON p.operation_id = m.subject\n    WHERE NOT m.of_programme AND NOT m.is_fitting",
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

/// The years of which the rows of a question count people, over `fact`.
pub(super) const YEARS: &str = "SELECT DISTINCT f.key,
    CAST(date_part('year', f.period_start) AS BIGINT) AS first_year, CAST(date_part('year', f.period_end) AS BIGINT) AS last_year
FROM fact AS f
WHERE f.is_known AND f.key IS NOT NULL AND f.period_start IS NOT NULL AND f.period_end IS NOT NULL";

fn rows(metric: &Metric, table: &str, condition: &str) -> String {
    format!(
        "    SELECT m.key, CAST(NULL AS VARCHAR) AS unit, m.subject AS operation_id, m.period, m.fund,\n        CAST(m.numerator AS {EXACT}) AS numerator, CAST(m.denominator AS {EXACT}) AS denominator, {} AS is_known, m.is_suppressed,\n        CAST(m.part AS {EXACT}) AS share, false AS is_only, m.period_start, m.period_end\n    FROM {table} AS m\n    WHERE {condition}",
        is_known(metric)
    )
}

/// The table `described`: the cells of the question with what they are compared by, and those before it. Of the periods of
/// one region that overlap one is left, the longest of which there is a number or a hidden one.
fn described(metric: &Metric, question: &Question) -> Vec<Table> {
    let (condition, known) = (condition(question), is_known(metric));
    let cell = format!(
        "m.nuts_code, m.period_start, m.period_end, m.numerator, m.denominator, m.is_suppressed, {known} AS is_known,
        c.country, c.period, c.fund, c.programme, c.intervention, c.instrument, c.beneficiary, c.list, c.year"
    );
    let published = format!(
        "    SELECT m.operation_id AS subject, false AS of_programme, {cell}
    FROM measured AS m
    JOIN (SELECT * FROM operation_dimension WHERE {condition}) AS c ON c.operation_id = m.operation_id
    UNION ALL
    SELECT m.programme_id, true, {cell}
    FROM measured AS m
    JOIN (SELECT * FROM programme_dimension WHERE {condition}) AS c ON c.programme = m.programme_id
    WHERE m.operation_id IS NULL"
    );
    // A period that nobody names may be any.
    let dated = "    SELECT p.*, coalesce(p.nuts_code, '') AS place,
        coalesce(p.period_start - DATE '1970-01-01', -1000000) AS starts,
        coalesce(p.period_end - DATE '1970-01-01', 1000000) AS ends,
        CASE WHEN p.programme IS NULL THEN concat('operation ', p.subject) ELSE concat('programme ', p.programme) END AS family
    FROM published AS p";
    let preferred = "    SELECT d.*,
        row_number() OVER (
            PARTITION BY d.of_programme, d.subject, d.place
            ORDER BY CASE WHEN d.is_known OR d.is_suppressed THEN 0 ELSE 1 END, d.ends - d.starts DESC, d.starts DESC,
                d.numerator DESC
        ) AS preference
    FROM dated AS d";
    let apart = "    SELECT p.*
    FROM preferred AS p
    WHERE NOT EXISTS (
        SELECT 1 AS other
        FROM preferred AS o
        WHERE o.of_programme = p.of_programme AND o.subject = p.subject AND o.place = p.place
            AND o.preference < p.preference AND o.starts <= p.ends AND o.ends >= p.starts
    )";
    let described = "    SELECT a.*, s.span
    FROM apart AS a
    JOIN span_of AS s ON s.family = a.family AND s.starts = a.starts AND s.ends = a.ends";
    vec![
        Table::new("published", published),
        Table::new("dated", dated.to_owned()),
        Table::kept("preferred", preferred.to_owned()),
        Table::kept("apart", apart.to_owned()),
        Table::new("span_of", spans("family", "apart")),
        Table::kept("described", described.to_owned()),
    ]
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

/// A table of this name, and those before it: the cells that answer a question whose rows are `key`. Where these are regions,
/// `own` is the key of a cell by nothing but its own code. `part` is the share of a cell among those of its region, one for
/// each period.
fn chosen(name: &str, key: &str, own: Option<&str>) -> Vec<Table> {
    // Where regions are asked for, a cell that lies in none of them answers only for want of a better one.
    let (cells, own, fit) = match own {
        Some(own) => (
            PLACED,
            own,
            "CASE WHEN s.own_key IS NOT NULL THEN 0 WHEN s.key IS NOT NULL THEN 1 ELSE 2 END",
        ),
        None => (
            "(SELECT c.*, CAST(NULL AS VARCHAR) AS territory FROM described AS c)",
            key,
            "0",
        ),
    };
    let sized = format!(
        "    SELECT d.subject, d.of_programme, d.programme, d.span, d.starts, d.ends, d.period_start, d.period_end, d.place, d.period,
        d.fund, d.numerator, d.denominator, d.is_suppressed, length(d.place) AS size, d.territory,
        CASE WHEN d.is_known THEN coalesce(d.denominator, d.numerator) ELSE CAST(0 AS DOUBLE) END AS people,
        {own} AS own_key, {key} AS key
    FROM {cells} AS d"
    );
    let fitted = format!(
        "    SELECT s.*, {fit} AS fit, min({fit}) OVER (PARTITION BY s.of_programme, s.subject, s.span) AS best
    FROM {name}_sized AS s"
    );
    let of_level = lasting(
        "of_programme, subject, span, best, size",
        &format!("(SELECT f.* FROM {name}_fitted AS f WHERE f.fit = f.best) AS b"),
    );
    let levelled = format!(
        "    SELECT f.*, l.level, f.best < 2 AS is_fitting
    FROM {name}_fitted AS f
    JOIN (
        SELECT a.of_programme, a.subject, a.span,
            CASE WHEN min(a.best) < 2 THEN min(a.size) ELSE max(a.size) END AS level
        FROM {name}_level AS a
        WHERE NOT EXISTS (
            SELECT 1 AS other
            FROM {name}_level AS o
            WHERE o.of_programme = a.of_programme AND o.subject = a.subject AND o.span = a.span
                AND o.size > a.size AND o.days > a.days AND o.people > a.people
        )
        GROUP BY a.of_programme, a.subject, a.span
    ) AS l ON l.of_programme = f.of_programme AND l.subject = f.subject AND l.span = f.span"
    );
    let nearest = format!(
        "    SELECT l.*,
        min(CASE WHEN l.size = l.level THEN 0 ELSE l.size END)
        OVER (PARTITION BY l.of_programme, l.subject, l.span, l.territory) AS nearest
    FROM {name}_levelled AS l"
    );
    // A territory without a cell of the level has its coarsest of another, which holds nobody of the others.
    let used = format!(
        "    SELECT l.*
    FROM {name}_nearest AS l
    WHERE l.size = l.level OR (l.territory IS NOT NULL AND l.key IS NOT NULL AND l.size = l.nearest)"
    );
    let answer = lasting(
        "programme, span, of_programme",
        &format!(
            "(SELECT u.* FROM {name}_used AS u WHERE u.key IS NOT NULL AND u.programme IS NOT NULL) AS k"
        ),
    );
    let better = format!(
        "    SELECT o.programme, o.span, true AS is_better
    FROM {name}_answer AS o
    JOIN {name}_answer AS p ON p.programme = o.programme AND p.span = o.span
    WHERE p.of_programme AND NOT o.of_programme AND o.days > p.days AND o.people > p.people"
    );
    // What fits is aggregated: windows that say the same in other words, as these would where both keys are one constant, are more
    // than the planner can take.
    let fits = format!(
        "    SELECT u.programme, u.span, bool_or(NOT u.of_programme) AS has_operations,
        bool_or(u.of_programme AND u.own_key IS NOT NULL)
        OR bool_or(u.of_programme AND u.key IS NOT NULL) AND NOT bool_or(u.of_programme AND u.key IS NULL) AS programme_fits
    FROM {name}_used AS u
    WHERE u.programme IS NOT NULL
    GROUP BY u.programme, u.span"
    );
    let judged = format!(
        "    SELECT u.*, coalesce(o.has_operations, false) AS has_operations,
        coalesce(o.programme_fits, false) AND NOT coalesce(b.is_better, false) AS programme_answers
    FROM {name}_used AS u
    LEFT JOIN {name}_of AS o ON o.programme = u.programme AND o.span = u.span
    LEFT JOIN {name}_better AS b ON b.programme = u.programme AND b.span = u.span"
    );
    let rows = format!(
        "    SELECT o.subject, o.of_programme, o.period_start, o.period_end, o.period, o.fund, o.numerator, o.denominator,
        o.is_suppressed, o.key, o.is_fitting,
        CAST(1 AS DOUBLE) / count(*) OVER (PARTITION BY o.of_programme, o.subject, o.place) AS part
    FROM {name}_judged AS o
    WHERE CASE WHEN o.of_programme THEN o.programme_answers OR NOT o.has_operations ELSE NOT o.programme_answers END"
    );
    vec![
        Table::new(format!("{name}_sized"), sized),
        Table::kept(format!("{name}_fitted"), fitted),
        Table::kept(format!("{name}_level"), of_level),
        Table::new(format!("{name}_levelled"), levelled),
        Table::new(format!("{name}_nearest"), nearest),
        Table::kept(format!("{name}_used"), used),
        Table::kept(format!("{name}_answer"), answer),
        Table::new(format!("{name}_better"), better),
        Table::new(format!("{name}_of"), fits),
        Table::new(format!("{name}_judged"), judged),
        Table::kept(name, rows),
    ]
}
