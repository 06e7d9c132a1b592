//! The small made-up release of `testing/made_release.sql`, for the tests of this crate, and what holds for every answer over it.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, Float64Array, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::error::Result;
use datafusion::prelude::SessionContext;
use esf_engine::session::{Planned, plan_size, plan_statement};

use crate::compare::Answer;

/// A session over the made-up release, with the functions of the engine.
pub(crate) async fn session() -> Result<SessionContext> {
    let ctx = esf_engine::session::working_session(&esf_engine::session::SessionOptions::default())
        .map_err(|e| datafusion::error::DataFusionError::External(Box::new(e)))?;
    for statement in include_str!("../testing/made_release.sql").split(";\n") {
        if !statement.trim().is_empty() {
            ctx.sql(statement).await?.collect().await?;
        }
    }
    Ok(ctx)
}

/// Runs the statements of an answer as `esf sql` does, and asserts that they give what it says. Gives the sizes of their plans.
pub(crate) async fn assert_given(ctx: &SessionContext, answer: &Answer) -> Vec<usize> {
    let mut sizes = Vec::new();
    let mut given = Vec::new();
    for statement in &answer.statements {
        let planned = plan_statement(ctx, statement).await;
        match planned.unwrap_or_else(|error| panic!("{}", error.show(statement))) {
            Planned::Temporary(temporary) => {
                sizes.extend(temporary.plan().map(|plan| plan_size(plan, MOST)));
                temporary.create().await.unwrap();
            }
            Planned::Rows(rows) => {
                sizes.push(plan_size(rows.logical_plan(), MOST));
                given = rows.collect().await.unwrap();
            }
        }
    }
    assert_rows(answer, &given);
    sizes
}

/// Steps beyond these are not counted.
const MOST: usize = 1_000_000;

/// Numbers of a row: value, bounds, coverage, share of what no row could be given.
type Numbers = [Option<f64>; 5];

fn assert_rows(answer: &Answer, given: &[RecordBatch]) {
    let mut rows: BTreeMap<String, (Numbers, Option<f64>)> = BTreeMap::new();
    for batch in given {
        let column = |name: &str| {
            let column = batch.column_by_name(name).unwrap();
            let column = cast(column, &DataType::Float64).unwrap();
            column.as_primitive::<Float64Type>().clone()
        };
        let names = ["value", "lower", "upper", "coverage", "unallocated_share"];
        let (numbers, n) = (names.map(column), column("n"));
        let keys = cast(batch.column(0), &DataType::Utf8).unwrap();
        for row in 0..batch.num_rows() {
            let at = |column: &Float64Array| column.is_valid(row).then(|| column.value(row));
            let key = keys.as_string::<i32>().value(row).to_owned();
            let found = (numbers.each_ref().map(at), at(&n));
            assert_eq!(
                rows.insert(key.clone(), found),
                None,
                "{key} is there twice"
            );
        }
    }
    let about = &answer.comparison;
    let unallocated = about.unallocated_share;
    if let Some(overall) = about.overall {
        let (numbers, _) = rows.remove("*").expect("there is a value of all together");
        assert!(is_same(numbers[0], Some(overall)), "{numbers:?} {overall}");
    }
    for row in &about.rows {
        let Some(([value, lower, upper, coverage, share], n)) = rows.remove(&row.key) else {
            // A region that nothing is of.
            assert_eq!((row.value, row.n), (None, None), "{row:?}");
            continue;
        };
        let told = [value, value.and(lower), value.and(upper), coverage, share];
        let value = row.number();
        let expected = [
            value,
            value.and(row.lower),
            value.and(row.upper),
            row.covered(),
            unallocated,
        ];
        let same = told.iter().zip(&expected).all(|(a, b)| is_same(*a, *b));
        assert!(same, "{}: {told:?} {expected:?}", row.key);
        let cases = row.cases().unwrap_or_default();
        assert!(
            is_same(Some(n.unwrap_or_default()), Some(cases as f64)),
            "{row:?}"
        );
    }
    assert!(rows.is_empty(), "rows that the answer has not: {rows:?}");
}

/// Sums of doubles differ in their last digits with the order in which they are added up.
fn is_same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        (a, b) => a == b,
    }
}
