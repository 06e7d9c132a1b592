//! Rows of a metric that are about operations, with what they are compared by.

use super::{EXACT, Facts, Question, Table, condition, is_known};
use crate::dimension::Dimension;
use crate::metric::{Coverage, Metric, Value};

/// Parts of a ratio of published values, such as a rate times an amount times a weight, have more decimals than sums of money.
const FINE: &str = "DECIMAL(38, 16)";

pub(super) fn facts(metric: &Metric, question: &Question) -> Facts {
    let by_region = question.by == Dimension::Region;
    let chosen = format!(
        "    SELECT * FROM {} WHERE {}",
        if by_region {
            "operation_place"
        } else {
            "operation_dimension"
        },
        condition(question)
    );
    let rows = if by_region {
        self::by_region(metric, question)
    } else {
        let own = metric
            .definition
            .own
            .iter()
            .any(|d| d == question.by.name());
        let key = format!("{}.{}", if own { "m" } else { "c" }, question.by.name());
        rows(metric, &key, &Part::WHOLE)
    };
    Facts {
        before: vec![Table::new("chosen", chosen)],
        rows,
    }
}

/// What the lists of a question have, over `measured` and `chosen`: `list`, `period`, `operations`, `known` and `numbers`.
pub(super) fn lists(metric: &Metric, by: Dimension) -> String {
    let known = is_known(metric);
    let measured = if metric.definition.own.is_empty() {
        format!(
            "SELECT m.operation_id, m.numerator IS NOT NULL AS has_number, {known} AS is_known FROM measured AS m"
        )
    } else {
        format!(
            "SELECT m.operation_id, bool_or(m.numerator IS NOT NULL) AS has_number, bool_or({known}) AS is_known FROM measured AS m GROUP BY m.operation_id"
        )
    };
    // An operation of several regions is one of its list.
    let once = if by == Dimension::Region {
        "\nWHERE d.is_first"
    } else {
        ""
    };
    format!(
        "SELECT d.list, d.period, count(*) AS operations, count(*) FILTER (WHERE o.is_known) AS known,\n    count(*) FILTER (WHERE o.has_number) AS numbers\nFROM ({measured}) AS o\nJOIN chosen AS d ON d.operation_id = o.operation_id{once}\nGROUP BY d.list, d.period"
    )
}

/// Which part of an operation a row is about.
pub(super) struct Part {
    /// The condition on `chosen`.
    condition: &'static str,
    /// The share of the operation, as a double.
    share: &'static str,
    /// What takes the place of the numerator's share.
    divided: fn(&Metric) -> Option<String>,
    /// Whether numbers are shares.
    by_place: bool,
    /// Whether the row is the only one of its operation.
    is_only: bool,
}

impl Part {
    /// The condition on the place of a row.
    pub(super) fn condition(&self) -> &'static str {
        self.condition
    }

    /// Operations as wholes, whatever their regions.
    pub(super) const WHOLE: Self = Self {
        condition: "true",
        share: "CAST(1 AS DOUBLE)",
        divided: |_| None,
        by_place: false,
        is_only: true,
    };
    /// Operations of one region.
    pub(super) const ONE: Self = Self {
        condition: "c.weight = 1",
        share: "CAST(c.weight AS DOUBLE)",
        divided: |metric| metric.definition.cents.then(|| "m.numerator".to_owned()),
        by_place: true,
        is_only: true,
    };
    /// Each region of operations of several; money that is to add up to the cent is divided by largest remainder.
    pub(super) const DIVIDED: Self = Self {
        condition: "c.weight <> 1",
        share: "CAST(c.weight AS DOUBLE)",
        divided: |metric| {
            let mut of_one = vec!["m.operation_id".to_owned()];
            of_one.extend(metric.definition.own.iter().map(|own| format!("m.{own}")));
            let of_one = of_one.join(", ");
            metric.definition.cents.then(|| {
                format!(
                    "largest_remainder(m.numerator, c.weight) OVER (PARTITION BY {of_one} ORDER BY c.nuts_code)"
                )
            })
        },
        by_place: true,
        is_only: false,
    };
    /// Operations of several regions as wholes.
    pub(super) const WHOLE_OF_DIVIDED: Self = Self {
        condition: "c.weight <> 1 AND c.is_first",
        ..Self::WHOLE
    };
}

/// Operations by their places, each with its share. An operation of several places is one row in each region that holds some
/// of them, since it is one case there.
fn by_region(metric: &Metric, question: &Question) -> String {
    let key = question.level.sql("c.nuts_code");
    format!(
        "{}\n    UNION ALL\n    SELECT s.key, s.unit, s.operation_id, s.period, s.fund,\n        sum(s.numerator) AS numerator, sum(s.denominator) AS denominator,\n        bool_or(s.is_known) AS is_known, bool_or(s.is_suppressed) AS is_suppressed, sum(s.share) AS share, false AS is_only\n    FROM (\n{}\n    ) AS s\n    GROUP BY s.key, s.unit, s.operation_id, s.period, s.fund",
        rows(metric, &key, &Part::ONE),
        rows(metric, &key, &Part::DIVIDED),
    )
}

fn rows(metric: &Metric, key: &str, part: &Part) -> String {
    let of_row = numbers(metric, key.starts_with("m."), part);
    let unit = unit(metric);
    // A row whose operation has no other needs no comparison of ids to be counted once.
    let only = part.is_only && metric.definition.own.is_empty();
    format!(
        "    SELECT {key} AS key, {unit} AS unit, m.operation_id, c.period, c.fund,\n        {of_row}, {only} AS is_only\n    FROM measured AS m\n    JOIN chosen AS c ON c.operation_id = m.operation_id\n    WHERE {}",
        part.condition
    )
}

fn unit(metric: &Metric) -> String {
    let per = metric.definition.per.as_ref();
    per.map_or("CAST(NULL AS VARCHAR)".into(), |per| format!("c.{per}"))
}

/// `numerator`, `denominator`, `is_known`, `is_suppressed` and `share` of a row of `measured` (`m`) and `chosen` (`c`).
pub(super) fn numbers(metric: &Metric, by_own: bool, part: &Part) -> String {
    let definition = &metric.definition;
    let share = part.share;
    // Also shares of a double are exact before they are added up, in whatever order that is.
    let decimal = if definition.value == Value::Ratio && definition.statistics.is_empty() {
        FINE
    } else {
        EXACT
    };
    let exact = |number: String| format!("CAST({number} AS {decimal})");
    let number = |column: &str| match (definition.value, part.by_place) {
        (Value::Sum, true) => format!("m.{column} * c.weight"),
        (_, true) => format!("CAST(m.{column} AS DOUBLE) * {share}"),
        (_, false) => format!("m.{column}"),
    };
    let denominator = if definition.value == Value::Ratio {
        number("denominator")
    } else {
        "NULL".into()
    };
    let denominator = exact(denominator);
    let numerator = exact((part.divided)(metric).unwrap_or_else(|| number("numerator")));
    let covered = match definition.coverage {
        // An operation that has several rows of one key is one operation.
        Coverage::Operations if !definition.own.is_empty() && !by_own => {
            format!("{share} / count(*) OVER (PARTITION BY m.operation_id)")
        }
        Coverage::Operations => share.to_owned(),
        // Corrections are money too.
        Coverage::Money => format!("abs(coalesce(CAST(m.numerator AS DOUBLE), 0)) * {share}"),
    };
    let covered = exact(covered);
    let suppressed = if definition.suppressed {
        "m.is_suppressed"
    } else {
        "false"
    };
    let known = match definition.per {
        // What an index cannot give to a unit does not count.
        Some(_) => format!("{} AND {} IS NOT NULL", is_known(metric), unit(metric)),
        None => is_known(metric).to_owned(),
    };
    format!(
        "{numerator} AS numerator, {denominator} AS denominator,\n        {known} AS is_known, {suppressed} AS is_suppressed, {covered} AS share"
    )
}
