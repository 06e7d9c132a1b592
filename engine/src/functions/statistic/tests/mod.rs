//! Statistics through a session, as their users call them.

mod documented;
mod groups;
mod lists;
mod partitions;
mod rows;
mod windows;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::SessionContext;

use crate::session::{SessionOptions, plan_query, working_session};

fn session(partitions: usize) -> SessionContext {
    working_session(&SessionOptions {
        target_partitions: Some(partitions),
        ..SessionOptions::default()
    })
    .unwrap()
}

/// The rows of an answer as text, nulls as "null"; or what the person who asked is told.
async fn answer(context: &SessionContext, sql: &str) -> Result<Vec<Vec<String>>, String> {
    let frame = plan_query(context, sql).await.map_err(|e| e.to_string())?;
    let batches = frame.collect().await.map_err(|e| e.to_string())?;
    let mut rows = Vec::new();
    for batch in batches {
        let options = FormatOptions::new().with_null("null");
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            rows.push(columns.iter().map(|c| c.value(row).to_string()).collect());
        }
    }
    Ok(rows)
}

/// The only column of an answer.
async fn column(sql: &str) -> Vec<String> {
    let rows = answer(&session(2), sql).await.unwrap();
    rows.into_iter().flatten().collect()
}

/// Asserts that each expression has the value printed, to its digits.
async fn expect(cases: &[(&str, &str)], from: &str) {
    for (expression, expected) in cases {
        let found = column(&format!("SELECT {expression} {from}")).await;
        assert!(
            printed(&found[0], expected),
            "{expression}: {found:?}, not {expected}"
        );
    }
}

/// Whether a number agrees with a printed one to its digits; other text is compared as it is.
fn printed(found: &str, expected: &str) -> bool {
    let places = expected
        .split_once('.')
        .map_or(0, |(_, digits)| digits.len());
    match (found.parse::<f64>(), expected.parse::<f64>()) {
        (Ok(found), Ok(_)) => format!("{found:.places$}") == expected,
        _ => found == expected,
    }
}

/// What is said about a statement that cannot run.
async fn refusal(sql: &str) -> String {
    answer(&session(2), sql).await.unwrap_err()
}
