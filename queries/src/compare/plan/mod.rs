//! A question as steps in SQL: the metric's query, joined with what it is compared by, grouped.
//!
//! What is joined depends on what the metric's rows are about: `operation` for operations, `cell` for counts of people
//! that operations, their programmes and their regions may each publish, `own` for published figures of countries and funds.

mod cell;
pub(crate) mod cube;
mod operation;
mod own;
mod span;
mod table;
mod value;

use super::Question;
use super::script::{Script, Step};
use crate::dimension::{Dimension, Level};
use crate::metric::{Metric, Rows, Value};
use table::with_tables;
pub(super) use table::{Table, groups};
use value::{cases, finished, group};

/// Sums are exact, so that they are the same in whatever order they are added up.
const EXACT: &str = "DECIMAL(38, 10)";

/// The condition that a question puts on operations, over the columns of `operation_dimension`.
pub(in crate::compare) fn condition(question: &Question) -> String {
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

/// The steps that answer a question, each over the tables of those before.
pub(super) struct Plan {
    /// `measured`: the metric's query.
    measured: String,
    /// Tables between `measured` and `fact`.
    pub(super) between: Vec<Table>,
    /// `fact`: rows with what they are compared by.
    fact: String,
    /// `whole`: the rows of all together, where these are others.
    whole: Option<String>,
    /// The rows of the answer.
    answer: String,
    /// Of which periods and funds each row is.
    parts: String,
    /// Where people are counted, where that is asked.
    pub(super) counted: Option<Counted>,
    /// Of which years people are counted.
    counted_years: Option<&'static str>,
}

/// What is asked for an answer when its steps are there.
pub(super) struct Statements {
    /// Rows of the answer: `key` (null for what no row could be given, `*` for all together), `value`, `lower`, `upper`, `n`,
    /// `coverage`, `unallocated_share` (the same in all rows), `suppressed`.
    pub(super) rows: String,
    /// `key`, `period`, `fund`, `n` and `amount`: cases and the size of what is added up.
    pub(super) parts: String,
    /// `list`, `period`, `operations`, and how many of these have a number (`numbers`) and all that the value needs (`known`),
    /// where rows are about operations.
    pub(super) lists: Option<String>,
    /// Regions of comparison in which people are counted, and countries that are counted whole, where counts of countries are
    /// set against a statistic.
    pub(super) counted: Option<String>,
    /// `key`, `first_year` and `last_year` of the counts of people that rows are made of.
    pub(super) counted_years: Option<String>,
    /// `country` and `year` of the stocks that count, where a statistic is the denominator.
    pub(super) years: Option<String>,
    /// The table of what the rows are made of.
    pub(super) fact: String,
}

/// Where people are counted that a country's stock of persons is set against.
pub(super) struct Counted {
    /// Tables between `measured` and the rows.
    pub(super) between: Vec<Table>,
    rows: String,
}

/// What stands behind WITH in the statements of a question: `measured` and the tables between it and `fact`, of which those
/// that are kept are tables of the session.
pub(super) struct With {
    pub(super) tables: String,
    /// The same for [`Counted`].
    pub(super) counted: Option<String>,
}

/// How the operations, cells or figures of a release answer a question.
pub(super) fn plan(metric: &Metric, question: &Question) -> Plan {
    let facts = match metric.definition.rows {
        Rows::Operation => operation::facts(metric, question),
        Rows::Cell => cell::facts(metric, question),
        Rows::Own => own::facts(metric, question),
    };
    // Cells are chosen for what is asked: those of the rows need not be those of the whole. And the regions of a level need
    // not hold all people of their country, whose own figure the whole is set against.
    let whole = match metric.definition.rows {
        Rows::Cell => Some(cell::all(metric)),
        _ if metric.definition.statistics.is_empty() => None,
        _ => Some("    SELECT f.* FROM fact AS f WHERE f.operation_id IS NOT NULL".to_owned()),
    };
    let whole = whole.map(|rows| rows + &statistics(metric, question, &country_of));
    let of_all = if whole.is_some() { "whole" } else { "fact" };
    let of_rows = match question.by {
        Dimension::Region => statistics(metric, question, &|code| question.level.sql(code)),
        _ => statistics(metric, question, &country_of),
    };
    Plan {
        measured: metric.statement().to_owned(),
        between: facts.before,
        fact: facts.rows + &of_rows,
        answer: finished(
            metric,
            &format!(
                "{}\nUNION ALL\n{}",
                group(metric, question.by, "key", "fact"),
                group(metric, question.by, "'*'", of_all)
            ),
        ),
        whole,
        counted: counted(metric, question),
        counted_years: (metric.definition.rows == Rows::Cell).then_some(cell::YEARS),
        parts: format!(
            "SELECT key, period, fund, {} AS n,\n    abs(CAST(sum(CASE WHEN is_known THEN numerator END) AS DOUBLE)) AS amount\nFROM fact\nWHERE key IS NOT NULL\nGROUP BY key, period, fund",
            cases(metric, question.by, true)
        ),
    }
}

fn counted(metric: &Metric, question: &Question) -> Option<Counted> {
    let is_asked = metric.definition.rows == Rows::Cell
        && question.by == Dimension::Country
        && !metric.definition.statistics.is_empty();
    is_asked.then(|| {
        let by_region = Question {
            by: Dimension::Region,
            level: Level::Comparable,
            ..question.clone()
        };
        let facts = cell::facts(metric, &by_region);
        Counted {
            between: facts.before,
            rows: format!(
                "SELECT DISTINCT f.key FROM (\n{}\n) AS f WHERE f.is_known OR f.is_suppressed\nUNION\nSELECT DISTINCT d.nuts_code FROM described AS d\nWHERE length(d.nuts_code) = 2 AND (d.numerator IS NOT NULL OR d.is_suppressed)",
                facts.rows
            ),
        }
    })
}

impl Plan {
    /// All steps, each as a statement of its own.
    pub(super) fn script(&self) -> Script {
        let (groups, rest) = groups(&self.between);
        let mut steps = vec![Step::new("measured", self.measured.clone())];
        let kept = groups.into_iter();
        steps.extend(
            kept.map(|(before, table)| Step::new(&table.name, with_tables(before, &table.rows))),
        );
        steps.push(Step::new("fact", with_tables(rest, &self.fact)));
        let whole = self.whole.iter();
        steps.extend(whole.map(|whole| Step::new("whole", with_tables(rest, whole))));
        Script::new(steps, &self.answer)
    }

    /// The first step.
    pub(super) fn measured(&self) -> &str {
        &self.measured
    }

    /// The rows of `fact`.
    pub(super) fn fact(&self, with: &With) -> String {
        over(&with.tables, &self.fact)
    }

    /// The rows of `whole`, where they are others, `fact` being a table of that name.
    pub(super) fn whole(&self, with: &With, fact: &str) -> Option<String> {
        let whole = self.whole.as_ref()?;
        Some(format!(
            "WITH {},\nfact AS (SELECT * FROM {fact})\n{whole}",
            with.tables
        ))
    }

    /// What is asked of the tables `fact` and `whole` of these names, and of those before them.
    pub(super) fn statements(
        &self,
        metric: &Metric,
        by: Dimension,
        with: &With,
        fact: &str,
        whole: Option<&str>,
    ) -> Statements {
        let of_fact = format!("WITH fact AS (SELECT * FROM {fact})");
        let whole = whole.map_or(String::new(), |whole| {
            format!(",\nwhole AS (SELECT * FROM {whole})")
        });
        let lists = (metric.definition.rows == Rows::Operation)
            .then(|| over(&with.tables, &operation::lists(metric, by)));
        let counted = self.counted.as_ref().zip(with.counted.as_ref());
        Statements {
            rows: format!("{of_fact}{whole}\n{}", self.answer),
            parts: format!("{of_fact}\n{}", self.parts),
            lists,
            counted: counted.map(|(counted, tables)| over(tables, &counted.rows)),
            counted_years: self
                .counted_years
                .map(|counted| format!("{of_fact}\n{counted}")),
            years: years(metric),
            fact: fact.to_owned(),
        }
    }

    /// What of an index over units lies within the rows of the question, and what between.
    pub(super) fn decomposition(fact: &str) -> String {
        format!(
            "SELECT theil_within(x, 1, key) AS within, theil_between(x, 1, key) AS between\nFROM (\n    SELECT key, CAST(sum(numerator) AS DOUBLE) AS x FROM {fact}\n    WHERE unit IS NOT NULL AND numerator IS NOT NULL AND key IS NOT NULL\n    GROUP BY key, unit\n) AS u"
        )
    }

    /// The countries in which the metric has numbers for the question, of those whose regions are compared.
    pub(super) fn countries(metric: &Metric, with: &With) -> String {
        let rows = match metric.definition.rows {
            Rows::Operation => {
                "measured AS m JOIN chosen AS d ON d.operation_id = m.operation_id WHERE m.numerator IS NOT NULL"
            }
            Rows::Cell => "described AS d WHERE d.numerator IS NOT NULL",
            Rows::Own => "chosen AS d WHERE d.numerator IS NOT NULL",
        };
        let rows = format!(
            "SELECT DISTINCT d.country FROM {rows} AND d.country IN ({}) ORDER BY 1",
            compared()
        );
        over(&with.tables, &rows)
    }
}

fn over(tables: &str, rows: &str) -> String {
    format!("WITH {tables}\n{rows}")
}

/// The countries whose regions are compared, as a list of texts.
fn compared() -> String {
    let quoted = crate::dimension::countries().map(|country| format!("'{country}'"));
    quoted.collect::<Vec<_>>().join(", ")
}

/// Two parts of a statement: the tables that the rows of `fact` stand on, and these rows.
struct Facts {
    before: Vec<Table>,
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

/// The countries, periods and funds of which a metric has numbers, whatever is asked.
pub(super) fn known(metric: &Metric) -> String {
    let (known, statement) = (is_known(metric), metric.statement());
    let of = |dimension: &str, on: &str| {
        format!(
            "SELECT d.country, d.period, d.fund FROM measured AS m JOIN {dimension} AS d ON {on} WHERE {known}"
        )
    };
    let of_operations = of("operation_dimension", "d.operation_id = m.operation_id");
    let rows = match metric.definition.rows {
        Rows::Operation => of_operations,
        Rows::Cell => format!(
            "{of_operations} UNION ALL {} AND m.operation_id IS NULL",
            of("programme_dimension", "d.programme = m.programme_id")
        ),
        Rows::Own => {
            let columns = ["country", "period", "fund"].map(|column| {
                if metric.definition.own.iter().any(|own| own == column) {
                    format!("m.{column}")
                } else {
                    format!("CAST(NULL AS VARCHAR) AS {column}")
                }
            });
            format!(
                "SELECT {} FROM measured AS m WHERE {known}",
                columns.join(", ")
            )
        }
    };
    format!(
        "WITH measured AS (\n{statement}\n)\nSELECT DISTINCT k.country, k.period, k.fund FROM ({rows}) AS k"
    )
}

/// The years that count of the statistics of a metric, in each country that has any.
pub(super) fn years(metric: &Metric) -> Option<String> {
    let statistics = metric.definition.statistics.iter();
    let names: Vec<String> = statistics
        .map(|name| format!("'{}'", name.replace('\'', "''")))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "SELECT DISTINCT country, CAST(year AS VARCHAR) AS year FROM stock_year WHERE statistic IN ({})",
            names.join(", ")
        )
    })
}

/// SQL that gives the country of a region.
fn country_of(code: &str) -> String {
    format!("substr({code}, 1, 2)")
}

/// The condition that a region lies in the country that is asked for.
fn of_country(question: &Question, code: &str) -> String {
    let country = question.country.as_ref();
    country.map_or("true".into(), |country| {
        format!("{} = '{}'", country_of(code), country.replace('\'', "''"))
    })
}

/// The rows of [`statistic_rows`] behind others, where the metric has a statistic.
fn statistics(metric: &Metric, question: &Question, key: &dyn Fn(&str) -> String) -> String {
    if metric.definition.statistics.is_empty() {
        return String::new();
    }
    // Counts of people have periods, and their rows name them.
    let periods = match metric.definition.rows {
        Rows::Cell => ", CAST(NULL AS DATE) AS period_start, CAST(NULL AS DATE) AS period_end",
        _ => "",
    };
    format!(
        "\n    UNION ALL\n    SELECT t.*{periods} FROM (\n{}\n    ) AS t WHERE {}",
        statistic_rows(key, "measured"),
        of_country(question, "t.key")
    )
}

/// Rows that carry the denominator of a region: its own figure where one is published, which holds also what no part of it
/// may be told; else those of the finest level of its country, if every region of that level within it has one. `key` gives
/// the SQL for the region of the row in which a region lies.
fn statistic_rows(key: &dyn Fn(&str) -> String, measured: &str) -> String {
    let (of_statistic, of_region) = (key("s.nuts_code"), key("r.nuts_code"));
    format!(
        "    SELECT s.key, CAST(NULL AS VARCHAR) AS unit, CAST(NULL AS VARCHAR) AS operation_id, CAST(NULL AS VARCHAR) AS period,
        CAST(NULL AS VARCHAR) AS fund, CAST(NULL AS {EXACT}) AS numerator, CAST(s.denominator AS {EXACT}) AS denominator,
        false AS is_known, false AS is_suppressed, CAST(0 AS {EXACT}) AS share, false AS is_only
    FROM (
        SELECT l.*, count(*) OVER (PARTITION BY l.key, l.size) AS published
        FROM (
            SELECT s.nuts_code, s.denominator, {of_statistic} AS key, length(s.nuts_code) AS size,
                max(length(s.nuts_code)) OVER (PARTITION BY substr(s.nuts_code, 1, 2)) AS finest,
                bool_or(length(s.nuts_code) = length({of_statistic})) OVER (PARTITION BY {of_statistic}) AS has_own,
                length(s.nuts_code) = length({of_statistic}) AS is_own
            FROM {measured} AS s WHERE s.denominator IS NOT NULL
        ) AS l
    ) AS s
    LEFT JOIN (
        SELECT {of_region} AS key, length(r.nuts_code) AS size, count(*) AS n
        FROM region AS r
        WHERE r.nuts_version = (SELECT max(nuts_version) FROM region) AND substr(r.nuts_code, 3, 1) <> 'Z'
        GROUP BY {of_region}, length(r.nuts_code)
    ) AS parts ON parts.key = s.key AND parts.size = s.size
    WHERE CASE WHEN s.has_own THEN s.is_own ELSE s.size = s.finest AND s.published = parts.n END"
    )
}
