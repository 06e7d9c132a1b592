//! Functions of a member among all members of a window.

use super::{answer, column, refusal, session};

fn numbers(column: &[String]) -> Vec<f64> {
    column.iter().map(|v| v.parse().unwrap()).collect()
}

#[tokio::test]
async fn adjusted_p_values_are_those_by_hand() {
    // m p / rank: 0.04, 0.04, 0.04, 0.5; the null is no member of the family.
    let sql = "SELECT benjamini_hochberg(p) OVER () FROM (VALUES (0.01), (0.02), (0.03), (0.5), (NULL)) AS v(p) ORDER BY p NULLS LAST";
    let found = column(sql).await;
    assert_eq!(found[4], "null");
    for (found, expected) in numbers(&found[..4]).iter().zip([0.04, 0.04, 0.04, 0.5]) {
        assert!((found - expected).abs() < 1e-15, "{found}");
    }
    let wrong = "SELECT benjamini_hochberg(p) OVER () FROM (VALUES (0.01), (1.5)) AS v(p)";
    assert_eq!(column(wrong).await, ["null", "null"]);
}

#[tokio::test]
async fn rates_are_shrunk_within_their_partition() {
    let sql = "SELECT g, shrunk_rate(y, n) OVER (PARTITION BY g ORDER BY y) FROM (VALUES ('a', 5, 50), ('a', 45, 50), ('a', 0, 0), \
        ('a', NULL, 7), ('b', 1, 2)) AS v(g, y, n) ORDER BY g, y NULLS LAST";
    let rows = answer(&session(4), sql).await.unwrap();
    let found: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(found[0], "null", "without exposure there is no estimate");
    assert!(super::printed(found[1], "0.1125") && super::printed(found[2], "0.8875"));
    assert_eq!(
        found[3..],
        ["null", "null"],
        "a null, and the only member of b"
    );
    let sql = "SELECT shrunk_poisson(y, n) OVER () FROM (VALUES (5.0, 50), (45, 50)) AS v(y, n) ORDER BY y";
    assert!(super::printed(&column(sql).await[0], "0.125"));
}

#[tokio::test]
async fn ranks_follow_the_direction() {
    let ask = |end: &str, better: &str| {
        format!(
            "SELECT rank_{end}(l, u{better}) OVER () FROM (VALUES (0.1, 0.3), (0.2, 0.4), (0.5, 0.6), (NULL, 0.9)) AS v(l, u) ORDER BY l NULLS LAST"
        )
    };
    assert_eq!(column(&ask("best", "")).await, ["2", "2", "1", "null"]);
    assert_eq!(
        column(&ask("worst", ", 'higher'")).await,
        ["3", "3", "1", "null"]
    );
    assert_eq!(
        column(&ask("best", ", 'lower'")).await,
        ["1", "1", "3", "null"]
    );
    assert_eq!(
        column(&ask("worst", ", 'lower'")).await,
        ["2", "2", "3", "null"]
    );
    let said = refusal(&ask("best", ", 'up'")).await;
    assert!(
        said.contains(
            "argument better of rank_best(lower, upper [, better]) must be 'higher' or 'lower'"
        ),
        "{said}"
    );
    let said = refusal("SELECT rank_best() OVER ()").await;
    assert!(said.contains("takes 2 to 3 arguments, not 0"), "{said}");
    let one = "SELECT rank_best(0.1, 0.2) OVER (), rank_best(2, 1) OVER ()";
    assert_eq!(column(one).await, ["null", "null"]);
}

#[tokio::test]
async fn parts_add_up_to_the_cent() {
    // S4 of domain.md section 8: 22 399 883.00 over 334 days of 2021 and 365 of 2022.
    let sql = "SELECT largest_remainder(22399883.00, days) OVER (ORDER BY year) FROM (VALUES (2021, 334), (2022, 365)) AS v(year, days) ORDER BY year";
    assert_eq!(column(sql).await, ["10703234.51", "11696648.49"]);
    // Of equal remainders the first has the cent, by the order of the window.
    let ask = |order: &str| {
        format!(
            "SELECT largest_remainder(t, w) OVER (PARTITION BY g ORDER BY c {order}) FROM \
            (VALUES ('a', 1, 1.00, 1), ('a', 2, 1.00, 1), ('a', 3, 1.00, 1), ('b', 4, -1.00, 0.5)) AS v(g, c, t, w) ORDER BY c"
        )
    };
    assert_eq!(column(&ask("ASC")).await, ["0.34", "0.33", "0.33", "-1.00"]);
    assert_eq!(
        column(&ask("DESC")).await,
        ["0.33", "0.33", "0.34", "-1.00"]
    );
}

#[tokio::test]
async fn parts_of_many_operations_add_up() {
    let sql = "WITH v AS (SELECT i / 7 AS operation, i, CAST((i / 7) * 1234567 % 99999999 AS DECIMAL(18, 2)) / 100 AS total, i * 7919 % 1013 AS days \
            FROM unnest(range(0, 7000)) AS r(i)), \
        p AS (SELECT operation, total, largest_remainder(CAST(total AS DECIMAL(18, 2)), days) OVER (PARTITION BY operation ORDER BY i) AS part FROM v) \
        SELECT count(*), count(part), sum(CASE WHEN s = t THEN 0 ELSE 1 END) FROM \
            (SELECT operation, sum(part) AS s, CAST(max(total) AS DECIMAL(18, 2)) AS t, count(part) AS part FROM p GROUP BY operation)";
    assert_eq!(column(sql).await, ["1000", "1000", "0"]);
}

#[tokio::test]
async fn every_numeric_type_is_divided() {
    for (total, weight) in [
        ("100", "1"),
        ("CAST(100 AS DOUBLE)", "0.3"),
        ("CAST(100 AS DECIMAL(38, 4))", "CAST(0.1 AS DOUBLE)"),
        ("CAST(100 AS INT UNSIGNED)", "CAST(7 AS SMALLINT)"),
    ] {
        let sql = format!(
            "SELECT largest_remainder({total}, {weight}) OVER (ORDER BY c) FROM (VALUES (1), (2), (3)) AS v(c) ORDER BY c"
        );
        assert_eq!(column(&sql).await, ["33.34", "33.33", "33.33"], "{sql}");
    }
}

#[tokio::test]
async fn what_cannot_be_divided_is_null_or_refused() {
    for values in [
        "(10, 0), (10, 0)",
        "(10, 1), (10, -1)",
        "(NULL, 1), (NULL, 1)",
        "(0.001, 1), (0.001, 1)",
    ] {
        let sql =
            format!("SELECT largest_remainder(t, w) OVER () FROM (VALUES {values}) AS v(t, w)");
        assert_eq!(column(&sql).await, ["null", "null"], "{values}");
    }
    let one_null = "SELECT largest_remainder(t, w) OVER (ORDER BY c) FROM (VALUES (1, 10, 1), (2, 10, NULL), (3, 10, 1)) AS v(c, t, w) ORDER BY c";
    assert_eq!(column(one_null).await, ["5.00", "null", "5.00"]);
    let said =
        refusal("SELECT largest_remainder(t, 1) OVER () FROM (VALUES (1), (2)) AS v(t)").await;
    assert!(said.contains("it differs within a partition"), "{said}");
}
