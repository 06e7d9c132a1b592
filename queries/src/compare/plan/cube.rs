//! The cube: what a release stores of metrics over operations, and how a question is answered from it.
//!
//! A value that follows from sums follows from the sums of parts. So the cube holds the sums of each metric by each
//! dimension but the beneficiary, with country and period beside it, which are what a question usually asks for, and the fund,
//! so that a value of several can be told. Regions of one operation are the exception: an operation of several regions is one case in each region that holds some of them, and
//! which those are depends on the level; so these have a row for each level.

use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;

use super::operation::{self, Part};
use super::value::{finished, sum_of};
use super::{
    EXACT, Statements, compared, condition, country_of, of_country, statistic_rows, years,
};
use crate::compare::Question;
use crate::compare::script::{Script, Step};
use crate::dimension::{Dimension, Level};
use crate::metric::{Coverage, Metric, Rows, Value};

/// The table.
pub(crate) const TABLE: &str = "comparison_cube";

/// What made the rows of a cube: metrics, views and code. Rows of another program may follow other definitions.
pub(crate) const PROGRAM: &str = env!("ESF_MART_FINGERPRINT");

/// The dimension of rows that hold the denominators of statistics: of countries at level 0, of regions at that of NUTS.
const STATISTIC: &str = "statistic";

/// The dimension of rows that name the years of a statistic which count in a country.
const STOCK_YEAR: &str = "stock_year";

/// Columns of operations that rows are grouped by.
pub(crate) const CODES: [&str; 8] = [
    "country",
    "period",
    "fund",
    "programme",
    "intervention",
    "instrument",
    "list",
    "year",
];

/// `operation_id` and `grain` of operations of one region, a grain being a number for a combination of level, region and
/// [`CODES`].
pub(crate) const OPERATION_GRAIN: &str = "operation_grain";

/// `operation_id`, `nuts_code`, `level` and `grain` of operations of several regions: for each of the regions, as part of the
/// whole operation at level 0 and of the region around it at each NUTS level.
pub(crate) const DIVIDED_GRAIN: &str = "divided_grain";

/// `grain` and `cell`: the rows of the cube that a grain is part of, one for each dimension.
pub(crate) const GRAIN_CELL: &str = "grain_cell";

/// `cell`, `dimension`, `key`, `level`, `country`, `period` and `fund` of the rows of the cube.
pub(crate) const CELL: &str = "cell";

/// Whether the values of a metric follow from sums.
pub(crate) fn holds(metric: &Metric) -> bool {
    let definition = &metric.definition;
    definition.rows == Rows::Operation
        // A ratio of published values has more decimals than the cube.
        && (definition.value == Value::Sum
            || definition.value == Value::Ratio && !definition.statistics.is_empty())
        && definition.interval.is_none()
        && definition.own.is_empty()
}

/// Whether a question can be asked of the cube.
pub(crate) fn answers(metric: &Metric, question: &Question) -> bool {
    holds(metric) && question.filter.is_none() && question.by != Dimension::Beneficiary
}

/// Whether a release has a cube with the columns that are read; that of an older program may have fewer.
pub(in crate::compare) async fn is_there(ctx: &SessionContext) -> Result<bool, DataFusionError> {
    if !ctx.table_exist(TABLE)? {
        return Ok(false);
    }
    let schema = ctx.table_provider(TABLE).await?.schema();
    Ok(schema.column_with_name("fund").is_some())
}

/// The sums of a row of the cube, from those of its parts.
const SUMS: &str = "sum(numerator) AS numerator, sum(denominator) AS denominator, sum(n) AS n, sum(numbers) AS numbers,
        sum(known_share) AS known_share, sum(share) AS share, sum(suppressed) AS suppressed";

/// Rows of the cube for a metric whose query gave the table `measured`; `has_divided` says whether any operation has several
/// regions. The tables named above have to be there.
pub(crate) fn rows(metric: &Metric, measured: &str, has_divided: bool) -> String {
    // As in an answer: a part of a ratio counts only with the other, but where the denominator is a statistic.
    let part = |column: &str| {
        let counted = if metric.definition.statistics.is_empty() {
            format!("CASE WHEN is_known THEN {column} END")
        } else {
            column.to_owned()
        };
        format!("CAST({counted} AS {EXACT}) AS {column}")
    };
    let exact = format!(
        "{}, {}, is_known, numerator IS NOT NULL AS has_number, is_suppressed, CAST(share AS {EXACT}) AS share",
        part("numerator"),
        part("denominator"),
    );
    let mut tables = vec![
        format!("measured AS (SELECT * FROM {measured})"),
        format!(
            "one AS (
    SELECT g.grain, {}
    FROM measured AS m
    JOIN {OPERATION_GRAIN} AS g ON g.operation_id = m.operation_id
)",
            operation::numbers(metric, false, &Part::WHOLE)
        ),
    ];
    let mut parts = vec![format!("    SELECT grain, {exact} FROM one")];
    if has_divided {
        let (divided, of_divided) = of_divided(metric, &exact);
        tables.extend(divided);
        parts.extend(of_divided);
    }
    tables.push(format!("part AS (\n{}\n)", parts.join("\n    UNION ALL\n")));
    tables.push(format!(
        "of_grain AS (
    SELECT grain, sum(numerator) AS numerator, sum(denominator) AS denominator,
        count(*) FILTER (WHERE is_known) AS n, count(*) FILTER (WHERE has_number) AS numbers,
        sum(CASE WHEN is_known THEN share ELSE 0 END) AS known_share, sum(share) AS share,
        count(*) FILTER (WHERE is_suppressed) AS suppressed
    FROM part
    GROUP BY grain
),
of_cell AS (
    SELECT c.cell, {SUMS}
    FROM of_grain AS g
    JOIN {GRAIN_CELL} AS c ON c.grain = g.grain
    GROUP BY c.cell
)"
    ));
    let (name, tables) = (&metric.name, tables.join(",\n"));
    format!(
        "WITH {tables}
SELECT '{name}' AS metric, '{PROGRAM}' AS program, c.dimension, c.key, c.level, c.country, c.period, c.fund,
    s.numerator, s.denominator, s.n, s.numbers, s.known_share, s.share, s.suppressed
FROM of_cell AS s
JOIN {CELL} AS c ON c.cell = s.cell"
    )
}

/// Tables and parts of operations of several regions. Such an operation is one case in each region that holds some of its
/// places, and one as a whole.
fn of_divided(metric: &Metric, exact: &str) -> ([String; 2], [String; 2]) {
    let rows = |name: &str, part: &Part| {
        format!(
            "{name} AS (
    SELECT m.operation_id, c.nuts_code, {}
    FROM measured AS m
    JOIN operation_place AS c ON c.operation_id = m.operation_id
    WHERE {}
)",
            operation::numbers(metric, false, part),
            part.condition()
        )
    };
    let graded = |name: &str, level: &str| {
        format!(
            "SELECT g.grain, r.operation_id, {exact}
    FROM {name} AS r
    JOIN {DIVIDED_GRAIN} AS g ON g.operation_id = r.operation_id AND g.nuts_code = r.nuts_code
    WHERE g.level {level}"
        )
    };
    let whole = format!(
        "    SELECT grain, numerator, denominator, is_known, has_number, is_suppressed, share\n    FROM ({}) AS w",
        graded("whole", "= 0")
    );
    let several = format!(
        "    SELECT grain, sum(numerator), sum(denominator), bool_or(is_known), bool_or(has_number), bool_or(is_suppressed),
        sum(share)
    FROM ({}) AS s
    GROUP BY grain, operation_id",
        graded("several", "> 0")
    );
    let tables = [
        rows("several", &Part::DIVIDED),
        rows("whole", &Part::WHOLE_OF_DIVIDED),
    ];
    (tables, [whole, several])
}

/// Statements that give further rows of the cube for a metric with statistics: the denominators of regions of each level, and
/// the years that count.
pub(crate) fn statistics(metric: &Metric, measured: &str) -> Vec<String> {
    let Some(years) = years(metric) else {
        return Vec::new();
    };
    let rows = |dimension: &str, columns: [&str; 4], from: &str| {
        let [key, level, country, denominator] = columns;
        format!(
            "SELECT '{}' AS metric, '{PROGRAM}' AS program, '{dimension}' AS dimension, {key} AS key,
    {level} AS level, {country} AS country, CAST(NULL AS VARCHAR) AS period, CAST(NULL AS VARCHAR) AS fund,
    CAST(NULL AS {EXACT}) AS numerator, {denominator} AS denominator, 0 AS n, 0 AS numbers,
    CAST(0 AS {EXACT}) AS known_share, CAST(0 AS {EXACT}) AS share, 0 AS suppressed
FROM ({from}) AS f",
            metric.name
        )
    };
    let of_level = |level: usize| {
        let found = match level {
            0 => statistic_rows(&country_of, measured),
            _ => statistic_rows(&|code| Level::Nuts(level).sql(code), measured),
        };
        let denominator = format!("CAST(f.denominator AS {EXACT})");
        let number = format!("CAST({level} AS BIGINT)");
        rows(
            STATISTIC,
            ["f.key", &number, "CAST(NULL AS VARCHAR)", &denominator],
            &found,
        )
    };
    let nothing = format!("CAST(NULL AS {EXACT})");
    let of_years = rows(
        STOCK_YEAR,
        ["f.year", "CAST(NULL AS BIGINT)", "f.country", &nothing],
        &years,
    );
    (0..=3).map(of_level).chain([of_years]).collect()
}

/// The views that these statements name.
pub(crate) fn views_of_statistics(metric: &Metric) -> Option<String> {
    years(metric)
}

/// The steps that answer a question from the cube.
pub(in crate::compare) struct Plan {
    /// `fact`: rows of the cube with what they are compared by.
    pub(in crate::compare) fact: String,
    answer: String,
    lists: String,
    years: Option<String>,
}

impl Plan {
    /// What is asked of the table `fact` of that name, and of the cube.
    pub(in crate::compare) fn statements(&self, fact: &str) -> Statements {
        Statements {
            rows: self.over(&format!("SELECT * FROM {fact}")),
            parts: format!(
                "SELECT key, period, fund, sum(n) AS n, abs(CAST(sum(numerator) AS DOUBLE)) AS amount\nFROM {fact}\nWHERE n > 0 AND key IS NOT NULL\nGROUP BY key, period, fund"
            ),
            lists: Some(self.lists.clone()),
            counted: None,
            counted_years: None,
            years: self.years.clone(),
            fact: fact.to_owned(),
        }
    }

    /// All steps, each as a statement of its own.
    pub(in crate::compare) fn script(&self) -> Script {
        Script::new(vec![Step::new("fact", self.fact.clone())], &self.answer)
    }

    fn over(&self, fact: &str) -> String {
        format!("WITH fact AS (\n{fact}\n)\n{}", self.answer)
    }

    /// The countries in which the metric has numbers for the question, of those whose regions are compared.
    pub(in crate::compare) fn countries(fact: &str) -> String {
        format!(
            "SELECT DISTINCT country FROM {fact} WHERE numbers > 0 AND country IN ({}) ORDER BY 1",
            compared()
        )
    }
}

/// The rows of a metric, as they stand behind FROM.
pub(in crate::compare) fn of_metric(metric: &Metric) -> String {
    format!(
        "{TABLE} WHERE metric = '{}' AND program = '{PROGRAM}'",
        metric.name
    )
}

/// The rows of a metric that were kept as a table of this name.
pub(in crate::compare) fn kept(table: &str) -> String {
    format!("{table} WHERE true")
}

/// Whether the rows that were kept have people to divide by.
pub(in crate::compare) fn denominators(kept: &str) -> String {
    format!("SELECT count(*) FROM {kept} WHERE dimension = '{STATISTIC}' AND denominator > 0")
}

/// How the cube answers a question, from [`of_metric`] or what was [`kept`] of it.
pub(in crate::compare) fn plan(metric: &Metric, question: &Question, of_metric: &str) -> Plan {
    let by_region = question.by == Dimension::Region;
    let level = level_of(question.level, "key");
    let (key, of_level) = if by_region {
        let condition = format!(" AND (level IS NULL OR level = {level})");
        (question.level.sql("key"), condition)
    } else {
        ("key".to_owned(), String::new())
    };
    let asked = condition(question);
    let mut fact = vec![format!(
        "    SELECT {key} AS key, country, period, fund, numerator, denominator, n, numbers,\n        known_share, share, suppressed, true AS is_of_row, true AS is_of_all\n    FROM {of_metric} AND dimension = '{}'{of_level} AND {asked}",
        question.by.name(),
    )];
    if !metric.definition.statistics.is_empty() {
        let denominators = |level: &str, of: &str| {
            format!(
                "    SELECT key, country, period, fund, numerator, denominator, n, numbers,\n        known_share, share, suppressed, {of}\n    FROM {of_metric} AND dimension = '{STATISTIC}' AND level = {level} AND {}",
                of_country(question, "key")
            )
        };
        if by_region {
            // The regions of a level need not hold all people of their country.
            fact.push(denominators(
                &level,
                "true AS is_of_row, false AS is_of_all",
            ));
            fact.push(denominators("0", "false AS is_of_row, true AS is_of_all"));
        } else {
            fact.push(denominators("0", "true AS is_of_row, true AS is_of_all"));
        }
    }
    let group = |key: &str| {
        let value = match metric.definition.value {
            Value::Ratio => {
                "CASE WHEN sum(denominator) > 0 THEN CAST(sum(numerator) AS DOUBLE) / CAST(sum(denominator) AS DOUBLE) END"
            }
            _ => sum_of(metric),
        };
        let rows = if key == "key" {
            "WHERE is_of_row\nGROUP BY key"
        } else {
            "WHERE is_of_all"
        };
        format!(
            "SELECT {key} AS key,\n    {value} AS value,\n    CAST(NULL AS DOUBLE) AS lower,\n    CAST(NULL AS DOUBLE) AS upper,\n    sum(n) AS n,\n    CAST(sum(known_share) AS DOUBLE) / nullif(CAST(sum(share) AS DOUBLE), 0) AS coverage,\n    sum(known_share) AS weight,\n    sum(suppressed) AS suppressed\nFROM fact\n{rows}"
        )
    };
    // Where coverage is one of operations, each has a share of 1; of money the cube does not tell how many there are.
    let operations = match metric.definition.coverage {
        Coverage::Operations => "sum(share)",
        Coverage::Money => "CAST(NULL AS DOUBLE)",
    };
    Plan {
        fact: fact.join("\n    UNION ALL\n"),
        answer: finished(
            metric,
            &format!("{}\nUNION ALL\n{}", group("key"), group("'*'")),
        ),
        lists: format!(
            "SELECT key AS list, period, {operations} AS operations, sum(n) AS known, sum(numbers) AS numbers\nFROM {of_metric} AND dimension = '{}' AND {asked}\nGROUP BY key, period",
            Dimension::List.name()
        ),
        years: years(metric).map(|_| {
            format!("SELECT country, key AS year FROM {of_metric} AND dimension = '{STOCK_YEAR}'")
        }),
    }
}

/// SQL that gives the level at which the places of operations of several regions are read.
fn level_of(level: Level, code: &str) -> String {
    let cases: Vec<String> = crate::dimension::countries()
        .filter_map(|country| Some((country, level.in_country(country)?)))
        .map(|(country, level)| format!(" WHEN '{country}' THEN {level}"))
        .collect();
    // Regions of other countries are not compared; their places are one row.
    format!("CASE substr({code}, 1, 2){} ELSE 1 END", cases.concat())
}
