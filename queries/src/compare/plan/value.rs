//! From the rows of a question to its numbers: value, bounds, cases and coverage of each group.

use crate::dimension::Dimension;
use crate::metric::{Interval, Metric, Rows, Value};

/// How many cases rows are. A share of people stands on people, everything else on operations. `of_key` says whether the rows
/// are those of one key, or of all together.
pub(super) fn cases(metric: &Metric, by: Dimension, of_key: bool) -> &'static str {
    let is_of_operations = metric.definition.rows == Rows::Operation;
    match metric.definition.interval {
        Some(Interval::Wilson) => {
            "CAST(round(CAST(sum(CASE WHEN is_known THEN denominator END) AS DOUBLE)) AS BIGINT)"
        }
        // An operation has one row of a key, and several keys only where they are regions. To compare ids in each of many
        // groups takes ten times as long as everything else.
        _ if is_of_operations
            && metric.definition.own.is_empty()
            && (of_key || by != Dimension::Region) =>
        {
            "count(*) FILTER (WHERE is_known)"
        }
        _ if is_of_operations => {
            "count(*) FILTER (WHERE is_known AND is_only) + count(DISTINCT operation_id) FILTER (WHERE is_known AND NOT is_only)"
        }
        _ => "count(DISTINCT operation_id) FILTER (WHERE is_known)",
    }
}

/// The rows of the answer with this key, from the table that `fact` names.
pub(super) fn group(metric: &Metric, by: Dimension, key: &str, fact: &str) -> String {
    let definition = &metric.definition;
    let about = format!(
        "{} AS n,\n    CAST(sum(CASE WHEN is_known THEN share ELSE 0 END) AS DOUBLE) / nullif(CAST(sum(share) AS DOUBLE), 0) AS coverage,\n    sum(CASE WHEN is_known THEN share ELSE 0 END) AS weight,\n    count(*) FILTER (WHERE is_suppressed) AS suppressed",
        cases(metric, by, key == "key")
    );
    let none = "CAST(NULL AS DOUBLE)";
    // A part of a ratio counts only with the other; the denominator of a statistic stands in rows of its own.
    let both = definition.statistics.is_empty();
    let part = |column: &str| {
        if both {
            format!("CASE WHEN is_known THEN {column} END")
        } else {
            column.to_owned()
        }
    };
    let (numerator, denominator) = (part("numerator"), part("denominator"));
    // A zero denominator gives no value.
    let ratio = format!(
        "CASE WHEN sum({denominator}) > 0 THEN CAST(sum({numerator}) AS DOUBLE) / CAST(sum({denominator}) AS DOUBLE) END"
    );
    let bound = |function: &str| {
        format!("{function}(CAST({numerator} AS DOUBLE), CAST({denominator} AS DOUBLE))")
    };
    let share = |function: &str| {
        // Parts of people, from operations of several regions, are rounded together.
        format!(
            "{function}(CAST(round(CAST(sum({numerator}) AS DOUBLE)) AS BIGINT), CAST(round(CAST(sum({denominator}) AS DOUBLE)) AS BIGINT))"
        )
    };
    let (value, lower, upper) = match (definition.value, definition.interval) {
        (Value::Sum, _) => (sum_of(metric).to_owned(), none.to_owned(), none.to_owned()),
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

/// A share of people that is neither that of nobody nor that of everybody: one of 10^9 people is more.
const TELLABLE: &str =
    "r.value BETWEEN CAST(0.0000000001 AS DOUBLE) AND CAST(0.9999999999 AS DOUBLE)";

/// The rows of an answer with nothing that may not be told, and with the share of the whole that no row could be given: of the
/// sum, or of what is covered.
///
/// A share of people of 0 or 1 is hidden: it tells of every member of the group that it has the attribute, or has it not
/// (domain guide, section 7; [`crate::disclosure::rate`]). Smaller counts than the minimum are not among the parts.
pub(super) fn finished(metric: &Metric, answer: &str) -> String {
    let is_of_people = metric.definition.interval == Some(Interval::Wilson);
    let told = |column: &str| {
        if is_of_people {
            format!("CASE WHEN {TELLABLE} THEN r.{column} END AS {column}")
        } else {
            format!("r.{column}")
        }
    };
    let suppressed = if is_of_people {
        format!(
            "CASE WHEN NOT ({TELLABLE}) AND r.suppressed = 0 THEN 1 ELSE r.suppressed END AS suppressed"
        )
    } else {
        "r.suppressed".to_owned()
    };
    let part = match metric.definition.value {
        Value::Sum => "r.value",
        _ => "CAST(r.weight AS DOUBLE)",
    };
    format!(
        "SELECT s.key, s.value, s.lower, s.upper, s.n, s.coverage,
    CASE WHEN s.whole > 0 THEN CASE WHEN s.rest < 0 THEN 0 WHEN s.rest > s.whole THEN 1 ELSE s.rest / s.whole END END
    AS unallocated_share,
    s.suppressed
FROM (
    SELECT r.key, {}, {}, {}, r.n, r.coverage, {suppressed},
        max(CASE WHEN r.key = '*' THEN {part} END) OVER () AS whole,
        coalesce(max(CASE WHEN r.key IS NULL THEN {part} END) OVER (), 0) AS rest
    FROM (
{answer}
    ) AS r
) AS s",
        told("value"),
        told("lower"),
        told("upper")
    )
}

/// SQL for the sum of numerators as a double.
pub(super) fn sum_of(metric: &Metric) -> &'static str {
    if metric.definition.cents {
        // Cents, so that the double is the one nearest to the sum.
        "CAST(CAST(sum(numerator) AS DECIMAL(38, 2)) AS DOUBLE)"
    } else {
        "CAST(sum(numerator) AS DOUBLE)"
    }
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
        "SELECT a.key, i.value, CAST(NULL AS DOUBLE) AS lower, CAST(NULL AS DOUBLE) AS upper, a.n, a.coverage, a.weight, a.suppressed\nFROM (\n    SELECT {key} AS key,\n    {about}\n    FROM fact{}\n) AS a\nLEFT JOIN (\n    SELECT key, {function}(x) AS value FROM (\n        SELECT {key_of_unit}, CAST(sum(numerator) AS DOUBLE) AS x FROM fact WHERE unit IS NOT NULL AND numerator IS NOT NULL{}\n    ) AS u GROUP BY key\n) AS i {join}",
        by(group_keys),
        by(unit_keys),
    )
}
