//! The same rows give the same bits, whatever their order, the number of partitions and the memory.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray},
    datatypes::SchemaRef,
};
use datafusion::{catalog::MemTable, prelude::SessionContext};

use super::{answer, session};
use crate::session::{SessionOptions, working_session};

const GROUP: &str = "gini(x), hhi(x), theil(x), gini_weighted(x, w), theil_weighted(x, w), theil_within(x, w, region), \
    theil_between(x, w, region), weighted_percentile(money, w, 0.5), direct_rate(w, e, p), direct_rate_lower(w, e, p), \
    direct_rate_upper(w, e, p, 0.99), indirect_ratio(e, p, rate), indirect_ratio_lower(e, p, rate), \
    indirect_ratio_upper(e, p, rate, 0.9), ratio_lower(money, p), ratio_upper(money, p)";

const MEMBER: &str = "benjamini_hochberg(rate) OVER w, shrunk_rate(e, p) OVER w, shrunk_poisson(e, x) OVER w, \
    rank_best(rate, rate + x) OVER w, rank_worst(rate, rate + x) OVER w, largest_remainder(1000000, w) OVER o";

/// Row `i` of a made-up table with values of all magnitudes, some null.
fn rows(order: impl Iterator<Item = i64>) -> RecordBatch {
    let order: Vec<i64> = order.collect();
    let noise = |i: i64, salt: i64| {
        let mixed = ((i * 64 + salt) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64
            / (1_u64 << 53) as f64
    };
    let floats = |value: &dyn Fn(i64) -> f64| -> ArrayRef {
        Arc::new(
            order
                .iter()
                .map(|i| (i % 41 != 0).then(|| value(*i)))
                .collect::<Float64Array>(),
        )
    };
    let integers = |value: &dyn Fn(i64) -> i64| -> ArrayRef {
        Arc::new(
            order
                .iter()
                .map(|i| Some(value(*i)))
                .collect::<Int64Array>(),
        )
    };
    let persons = |i: i64| 2 + (noise(i, 1) * 500.0) as i64;
    let money: Decimal128Array = order
        .iter()
        .map(|i| Some((noise(*i, 2) * 1e10) as i128))
        .collect();
    let region: StringArray = order
        .iter()
        .map(|i| Some(format!("region {}", i % 5)))
        .collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i", integers(&|i| i)),
        ("g", integers(&|i| i % 17)),
        ("x", floats(&|i| (noise(i, 3) * 20.0 - 4.0).exp())),
        ("w", floats(&|i| noise(i, 4) * 9.0 + 0.1)),
        ("e", integers(&|i| (noise(i, 5) * persons(i) as f64) as i64)),
        ("p", integers(&persons)),
        ("rate", floats(&|i| noise(i, 6))),
        (
            "money",
            Arc::new(money.with_precision_and_scale(18, 2).unwrap()),
        ),
        ("region", Arc::new(region)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// A session in which the rows stand in some order, in some partitions of small batches.
fn filled(context: SessionContext, order: &[i64], partitions: usize) -> SessionContext {
    let parts: Vec<Vec<RecordBatch>> = order
        .chunks(order.len().div_ceil(partitions))
        .map(|part| {
            part.chunks(300)
                .map(|batch| rows(batch.iter().copied()))
                .collect()
        })
        .collect();
    let schema: SchemaRef = parts[0][0].schema();
    let table = MemTable::try_new(schema, parts).unwrap();
    context.register_table("t", Arc::new(table)).unwrap();
    context
}

#[tokio::test]
async fn neither_order_nor_partitions_change_a_bit() {
    const ROWS: i64 = 6000;
    let straight: Vec<i64> = (0..ROWS).collect();
    // 4391 and 6000 have no common factor, so every row comes once.
    let shuffled: Vec<i64> = (0..ROWS).map(|i| i * 4391 % ROWS).collect();
    let by_group = format!("SELECT g, {GROUP} FROM t GROUP BY g ORDER BY g");
    let whole = format!("SELECT {GROUP} FROM t");
    let members = format!(
        "SELECT i, {MEMBER} FROM t WINDOW w AS (PARTITION BY g), o AS (PARTITION BY g ORDER BY i) ORDER BY i"
    );
    let first = filled(session(1), &straight, 1);
    for sql in [by_group, whole, members] {
        let expected = answer(&first, &sql).await.unwrap();
        let filled_in = expected
            .iter()
            .flatten()
            .filter(|value| *value != "null")
            .count();
        let all: usize = expected.iter().map(Vec::len).sum();
        assert!(
            filled_in * 10 > all * 8,
            "{filled_in} of {all} have a value: {sql}"
        );
        for (partitions, order) in [(1, &shuffled), (8, &straight), (8, &shuffled)] {
            let other = filled(session(partitions), order, partitions);
            let found = answer(&other, &sql).await.unwrap();
            assert!(found == expected, "{partitions} partitions: {sql}");
        }
    }
}

#[tokio::test]
async fn little_memory_changes_no_bit() {
    let order: Vec<i64> = (0..120_000).collect();
    let sql = "SELECT i % 20000 AS g, gini(x), theil_within(x, w, region), direct_rate(w, e, p) FROM t GROUP BY 1";
    let mut expected = answer(&filled(session(2), &order, 2), sql).await.unwrap();
    expected.sort();
    let options = SessionOptions {
        target_partitions: Some(2),
        memory_limit: Some(20 * 1024 * 1024),
        ..SessionOptions::default()
    };
    let small = filled(working_session(&options).unwrap(), &order, 2);
    let mut found = answer(&small, sql).await.unwrap();
    found.sort();
    assert!(found == expected);
    let plan = answer(&small, &format!("EXPLAIN ANALYZE {sql}"))
        .await
        .unwrap();
    let plan = plan.concat().concat();
    let spilt = plan
        .split("spill_count=")
        .skip(1)
        .any(|rest| !rest.starts_with('0'));
    assert!(spilt, "it went by the disk: {plan}");
}
