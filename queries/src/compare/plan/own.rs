//! Rows of a metric that are no operations but carry what they are compared by themselves: published figures of countries
//! and funds.

use super::{EXACT, Facts, Question, Table, condition, is_known};
use crate::metric::Metric;

pub(super) fn facts(metric: &Metric, question: &Question) -> Facts {
    let chosen = format!(
        "    SELECT row_number() OVER () AS number, * FROM measured WHERE {}",
        condition(question)
    );
    let own = |column: &str| {
        if metric.definition.own.iter().any(|own| own == column) {
            format!("m.{column}")
        } else {
            "CAST(NULL AS VARCHAR)".to_owned()
        }
    };
    let rows = format!(
        "    SELECT m.{} AS key, CAST(NULL AS VARCHAR) AS unit, CAST(m.number AS VARCHAR) AS operation_id, {} AS period, {} AS fund,\n        CAST(m.numerator AS {EXACT}) AS numerator, CAST(m.denominator AS {EXACT}) AS denominator,\n        {} AS is_known, false AS is_suppressed, CAST(1 AS {EXACT}) AS share, false AS is_only\n    FROM chosen AS m",
        question.by.name(),
        own("period"),
        own("fund"),
        is_known(metric)
    );
    Facts {
        before: vec![Table::new("chosen", chosen)],
        rows,
    }
}
