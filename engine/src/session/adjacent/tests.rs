//! The same sums with fewer rows to look up.

use std::sync::Arc;

use arrow::{
    array::{Int64Array, RecordBatch, StringArray, StringViewArray},
    util::pretty::pretty_format_batches,
};
use datafusion::{catalog::MemTable, execution::SessionStateBuilder, prelude::SessionContext};

use super::{SumAdjacent, exec::added_up};

fn batch(codes: &[&str], regions: &[Option<&str>], counts: &[Option<i64>]) -> RecordBatch {
    let codes = StringViewArray::from_iter_values(codes);
    let regions = StringArray::from(regions.to_vec());
    let counts = Int64Array::from(counts.to_vec());
    RecordBatch::try_from_iter_with_nullable([
        ("code", Arc::new(codes) as _, false),
        ("region", Arc::new(regions) as _, true),
        ("n", Arc::new(counts) as _, true),
    ])
    .unwrap()
}

#[test]
fn neighbours_that_agree_are_one_row_and_others_stay() {
    let long = "an operation with a long name";
    let codes = [long, long, long, "b", "b", "b", long];
    let regions = [Some("x"), Some("x"), None, None, None, Some("x"), Some("x")];
    let counts = [Some(1), Some(2), None, Some(4), None, Some(8), Some(16)];
    let rows = added_up(&batch(&codes, &regions, &counts), &[2]).unwrap();
    let expected = batch(
        &[long, long, "b", "b", long],
        &[Some("x"), None, None, Some("x"), Some("x")],
        &[Some(3), None, Some(4), Some(8), Some(16)],
    );
    assert_eq!(rows, expected);
}

#[test]
fn unknown_counts_together_are_unknown_and_large_ones_wrap_as_sum_does() {
    let counts = [None, None, Some(i64::MAX), Some(1)];
    let rows = batch(&["a", "a", "b", "b"], &[None; 4], &counts);
    let rows = added_up(&rows, &[2]).unwrap();
    let expected = Int64Array::from(vec![None, Some(i64::MIN)]);
    assert_eq!(rows.column(2).as_ref(), &expected);
}

/// A session over counts of operations; with the rule or without.
async fn session(with_rule: bool) -> SessionContext {
    let mut state = SessionStateBuilder::new().with_default_features();
    if with_rule {
        state = state.with_physical_optimizer_rule(Arc::new(SumAdjacent));
    }
    let context = SessionContext::new_with_state(state.build());
    // Runs of different lengths over several batches, some of their counts unknown.
    let cell = |row: i64| (row * row / 7 % 97 / 3, row % 5);
    let batches = (0..6).map(|part| {
        let rows = part * 1000..(part + 1) * 1000;
        let codes: Vec<String> = rows
            .clone()
            .map(|row| format!("operation {:04}", cell(row / 9).0))
            .collect();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let regions: Vec<_> = rows
            .clone()
            .map(|row| (row % 50 < 40).then_some("f"))
            .collect();
        let counts: Vec<_> = rows.map(|row| (cell(row).1 > 0).then_some(row)).collect();
        batch(&codes, &regions, &counts)
    });
    let batches: Vec<RecordBatch> = batches.collect();
    let counts = MemTable::try_new(batches[0].schema(), vec![batches]).unwrap();
    context.register_table("counts", Arc::new(counts)).unwrap();
    let operations = "CREATE TABLE operation AS SELECT concat('operation ', lpad(CAST(value AS VARCHAR), 4, '0')) AS code,
        concat('DE', CAST(value % 4 AS VARCHAR)) AS land FROM generate_series(0, 30)";
    context
        .sql(operations)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    context
}

/// The answer to a question, and whether rows were added up for it.
async fn asked(with_rule: bool, question: &str) -> (String, bool) {
    let context = session(with_rule).await;
    let rows = context.sql(question).await.unwrap();
    let plan = rows.clone().create_physical_plan().await.unwrap();
    let plan = datafusion::physical_plan::displayable(plan.as_ref())
        .indent(false)
        .to_string();
    let rows = rows.collect().await.unwrap();
    (
        pretty_format_batches(&rows).unwrap().to_string(),
        plan.contains("AdjacentSumExec"),
    )
}

#[tokio::test]
async fn sums_over_joins_are_as_without() {
    for question in [
        "SELECT land, sum(n) FROM counts JOIN operation USING (code) GROUP BY land ORDER BY 1",
        "SELECT land, sum(n) FILTER (WHERE region = 'f'), sum(n) FROM counts JOIN operation USING (code) GROUP BY land ORDER BY 1",
        "SELECT sum(c.n) FROM counts c JOIN operation o ON o.code = c.code WHERE c.region IS NULL",
        "SELECT land, region, sum(n) FROM counts c JOIN (SELECT code, land FROM operation UNION ALL SELECT code, 'DE9' FROM operation) o
            ON o.code = c.code GROUP BY 1, 2 ORDER BY 1, 2",
    ] {
        let (plain, is_added) = asked(false, question).await;
        assert!(!is_added);
        assert_eq!(asked(true, question).await, (plain, true), "{question}");
    }
}

#[tokio::test]
async fn rows_that_something_else_reads_stay_as_they_are() {
    for question in [
        "SELECT land, sum(n), count(n) FROM counts JOIN operation USING (code) GROUP BY land ORDER BY 1",
        "SELECT land, sum(DISTINCT n) FROM counts JOIN operation USING (code) GROUP BY land ORDER BY 1",
        "SELECT land, n, sum(n) FROM counts JOIN operation USING (code) GROUP BY land, n ORDER BY 1, 2",
        "SELECT land, sum(n) FILTER (WHERE n > 10) FROM counts JOIN operation USING (code) GROUP BY land ORDER BY 1",
        "SELECT land, sum(n * n) FROM counts JOIN operation USING (code) GROUP BY land ORDER BY 1",
        "SELECT region, sum(n) FROM counts GROUP BY region ORDER BY 1",
        "SELECT land, sum(n) FROM operation LEFT JOIN counts USING (code) GROUP BY land ORDER BY 1",
        "SELECT o.land, sum(n) FROM counts c JOIN operation o ON o.code = c.code AND c.n > length(o.land) GROUP BY 1 ORDER BY 1",
    ] {
        let (plain, _) = asked(false, question).await;
        assert_eq!(asked(true, question).await, (plain, false), "{question}");
    }
}
