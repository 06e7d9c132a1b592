//! Every function is documented, and its example gives what the documentation says.

use datafusion::{logical_expr::Documentation, prelude::SessionContext};

use super::{answer, printed, session};
use crate::functions::statistic::FUNCTIONS;

fn documentations() -> Vec<(String, Option<&'static Documentation>)> {
    let (scalar, aggregate, window) = &*FUNCTIONS;
    let scalar = scalar
        .iter()
        .map(|f| (f.name().to_owned(), f.documentation()));
    let aggregate = aggregate
        .iter()
        .map(|f| (f.name().to_owned(), f.documentation()));
    let window = window
        .iter()
        .map(|f| (f.name().to_owned(), f.documentation()));
    scalar.chain(aggregate).chain(window).collect()
}

#[tokio::test]
async fn every_example_is_right() {
    let context = session(2);
    for (name, documentation) in documentations() {
        let documentation = documentation.unwrap_or_else(|| panic!("{name} is not documented"));
        assert!(!documentation.description.is_empty(), "{name}");
        assert!(
            documentation
                .arguments
                .as_ref()
                .is_some_and(|a| !a.is_empty()),
            "{name}"
        );
        let example = documentation.sql_example.as_deref().unwrap();
        let (sql, expected) = example.split_once(" -- ").unwrap();
        assert!(sql.contains(&format!("{name}(")), "{name}: {sql}");
        let rows = answer(&context, sql).await.unwrap();
        assert!(
            printed(&rows[0][0], expected),
            "{sql}: {rows:?}, not {expected}"
        );
    }
}

#[tokio::test]
async fn a_session_lists_them_with_their_arguments() {
    let sql = "SELECT function_type, syntax_example FROM information_schema.routines \
        WHERE routine_name IN ('wilson_lower', 'theil_within', 'rank_best', 'label') ORDER BY syntax_example";
    let rows = answer(&session(2), sql).await.unwrap();
    assert_eq!(
        rows,
        [
            ["SCALAR", "label(code, list, language)"],
            ["WINDOW", "rank_best(lower, upper [, better]) OVER (…)"],
            ["AGGREGATE", "theil_within(x, heads, group_key)"],
            ["SCALAR", "wilson_lower(successes, n [, confidence])"],
        ]
    );
}

#[test]
fn there_is_one_of_each_name() {
    let mut names: Vec<String> = documentations().into_iter().map(|(name, _)| name).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

/// What the documentation of a function says.
async fn description(context: &SessionContext, name: &str) -> String {
    let sql = format!(
        "SELECT description FROM information_schema.routines WHERE routine_name = '{name}'"
    );
    let rows = answer(context, &sql).await.unwrap();
    rows[0][0].clone()
}

#[tokio::test]
async fn what_is_null_is_documented() {
    let context = session(2);
    for (call, said) in [
        ("wilson_lower(0.3, 1)", "no whole number"),
        ("wilson_upper(3, 10, 95)", "0.95, not 95"),
        ("wilson_lower(4, 3)", "exceed n"),
        ("newcombe_lower(0.5, 1, 1, 2)", "no whole number"),
        ("newcombe_upper(1, 2, 1, 2, 95)", "0.95, not 95"),
        ("poisson_lower(1.5)", "no whole number"),
        ("poisson_upper(1, 95)", "0.95, not 95"),
        ("funnel_lower(0.5, 1.5)", "no whole number"),
        ("funnel_upper(50, 100)", "target"),
        ("weighted_percentile(x, 1, 50)", "0.5, not 50"),
        ("weighted_percentile(x, -1, 0.5)", "negative"),
    ] {
        let sql = format!("SELECT {call} FROM (VALUES (1)) AS v(x)");
        assert_eq!(answer(&context, &sql).await.unwrap(), [["null"]], "{call}");
        let (name, _) = call.split_once('(').unwrap();
        let description = description(&context, name).await;
        assert!(description.contains("Null"), "{name}: {description}");
        assert!(description.contains(said), "{name}: {description}");
    }
}
