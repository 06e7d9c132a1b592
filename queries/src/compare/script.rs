//! An answer as statements: the tables of its steps, whose rows a session keeps, and a query over them. One statement of all
//! would hold each step as often as others read it, which is more than can be planned.
//!
//! They use what `esf sql` and DuckDB have in common. In front stand the views below them, which a session of `esf` has.

use crate::chart::Comparison;
use crate::view;

/// What stands above the statements.
const HEAD: &str = "\
-- `esf sql -f FILE` and its shell run these statements as they stand, and so does DuckDB where the tables of the release are views
-- over its Parquet files, but for functions that it lacks. The last gives a row for each key; the key * is all together.
";

/// A step: the name of a table, and the query that gives its rows from those before it.
pub(super) struct Step {
    name: String,
    rows: String,
}

impl Step {
    pub(super) fn new(name: &str, rows: String) -> Self {
        Self {
            name: name.to_owned(),
            rows,
        }
    }
}

/// The steps of an answer, and the query over them that gives its rows.
pub(super) struct Script {
    steps: Vec<Step>,
    answer: String,
}

impl Script {
    pub(super) fn new(steps: Vec<Step>, answer: &str) -> Self {
        Self {
            steps,
            answer: answer.to_owned(),
        }
    }

    /// All queries one after the other: what names the views that they stand on.
    pub(super) fn queries(&self) -> String {
        let steps = self.steps.iter().map(|step| step.rows.as_str());
        let queries: Vec<&str> = steps.chain([self.answer.as_str()]).collect();
        queries.join("\n")
    }

    /// The statements, in order; `has_whole` says whether the answer has a value of all together.
    pub(super) fn statements(&self, has_whole: bool) -> Vec<String> {
        let views = view::beneath(&self.queries()).into_iter().map(|view| {
            let query = view.sql.trim().trim_end_matches(';');
            format!("CREATE TEMP VIEW IF NOT EXISTS {} AS\n{query}", view.name)
        });
        let steps = self
            .steps
            .iter()
            .map(|Step { name, rows }| format!("CREATE OR REPLACE TEMP TABLE {name} AS\n{rows}"));
        views.chain(steps).chain([self.last(has_whole)]).collect()
    }

    /// The query that gives what is told: of a suppressed row neither cases nor coverage.
    fn last(&self, has_whole: bool) -> String {
        let of_rows = if has_whole { "" } else { " AND f.key <> '*'" };
        format!(
            "SELECT f.key, f.value, f.lower, f.upper,
    CASE WHEN f.value IS NULL AND f.suppressed > 0 THEN NULL ELSE f.n END AS n,
    CASE WHEN f.value IS NULL AND f.suppressed > 0 THEN NULL ELSE f.coverage END AS coverage,
    f.unallocated_share, f.suppressed
FROM (
{}
) AS f
WHERE f.key IS NOT NULL{of_rows}
ORDER BY f.value DESC NULLS LAST, f.key",
            self.answer
        )
    }
}

/// The statements of an answer as one text, with what it is about.
pub(super) fn text(about: &Comparison, statements: &[String]) -> String {
    let title = format!("{}, by {}: {}", about.title, about.by, about.citation);
    // It stays in its line, whatever it holds.
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text = format!("-- {title}\n");
    if about.demonstration {
        text.push_str("-- Demonstration: made-up data\n");
    }
    text.push_str(HEAD);
    for statement in statements {
        text.push('\n');
        text.push_str(statement);
        // A comment may be its last line.
        text.push_str("\n;\n");
    }
    text
}
