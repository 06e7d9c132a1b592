//! Functions of a group.

use super::{answer, column, expect, refusal, session};

#[tokio::test]
async fn concentration_is_that_of_the_literature() {
    // domain.md section 5.
    for values in [
        "(1), (2), (3), (4)",
        "(1.00), (2.00), (3.00), (4.00)",
        "(CAST(1 AS DOUBLE)), (2), (3), (4)",
        "(1), (NULL), (2), (3), (4)",
    ] {
        expect(
            &[
                ("gini(x)", "0.25"),
                ("hhi(x)", "0.30"),
                ("theil(x)", "0.1064401"),
            ],
            &format!("FROM (VALUES {values}) AS v(x)"),
        )
        .await;
    }
}

#[tokio::test]
async fn theil_is_the_sum_of_its_parts() {
    let sql = "SELECT theil_within(x, w, r), theil_between(x, w, r), theil_weighted(x, w) \
        FROM (VALUES (1, 3, 'a'), (2.5, 1, 'a'), (7, 2, 'b'), (0, 2, 'c'), (9, 4, NULL)) AS v(x, w, r) WHERE r IS NOT NULL";
    let row: Vec<f64> = column(sql)
        .await
        .iter()
        .map(|v| v.parse().unwrap())
        .collect();
    assert!((row[0] + row[1] - row[2]).abs() < 1e-15, "{row:?}");
    // A row without a region is left out of the parts.
    let with_null = sql.replace(" WHERE r IS NOT NULL", "");
    assert_eq!(column(&with_null).await[..2], column(sql).await[..2]);
}

#[tokio::test]
async fn every_group_has_its_own_answer() {
    let sql = "SELECT g, gini(x), hhi(x), weighted_percentile(x, w, 0.5), direct_rate(w, x, n), ratio_lower(x, w) \
        FROM (VALUES ('equal', 3, 1, 10), ('equal', 3, 1, 10), ('null', NULL, 1, 10), ('one', 5, 2, 10), ('zero', 0, 1, 10), \
        ('zero', 0, 0, 10), ('negative', -1, 1, 10), ('negative', 4, 1, 10)) AS v(g, x, w, n) GROUP BY g ORDER BY g";
    let rows = answer(&session(3), sql).await.unwrap();
    let expected = [
        ["equal", "0.0", "0.5", "3.0", "0.3", "3.0"],
        ["negative", "null", "null", "1.5", "null", "null"],
        ["null", "null", "null", "null", "null", "null"],
        ["one", "null", "1.0", "5.0", "0.5", "null"],
        ["zero", "null", "null", "0.0", "0.0", "null"],
    ];
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn nothing_gives_null() {
    for expression in [
        "gini(x)",
        "hhi(x)",
        "theil(x)",
        "gini_weighted(x, x)",
        "theil_weighted(x, x)",
        "theil_within(x, x, 'a')",
        "theil_between(x, x, 'a')",
        "weighted_percentile(x, x, 0.5)",
        "direct_rate(x, x, x)",
        "direct_rate_lower(x, x, x)",
        "direct_rate_upper(x, x, x, 0.9)",
        "indirect_ratio(x, x, x)",
        "indirect_ratio_lower(x, x, x, 0.9)",
        "indirect_ratio_upper(x, x, x)",
        "ratio_lower(x, x)",
        "ratio_upper(x, x)",
    ] {
        for from in [
            "(VALUES (1)) AS v(x) WHERE x > 1",
            "(VALUES (NULL)) AS v(x)",
            "(VALUES (CAST(NULL AS DOUBLE))) AS v(x)",
        ] {
            assert_eq!(
                column(&format!("SELECT {expression} FROM {from}")).await,
                ["null"],
                "{expression} {from}"
            );
        }
    }
}

#[tokio::test]
async fn what_has_no_value_is_null() {
    for (expression, values) in [
        ("gini(x)", "(CAST('NaN' AS DOUBLE), 1), (1, 1)"),
        ("gini_weighted(x, y)", "(1, 1), (2, 0)"),
        ("theil_within(x, 1, 'all')", "(1, 1), (2, 0)"),
        ("weighted_percentile(x, y, 0.5)", "(1, 0), (2, 0)"),
        ("weighted_percentile(x, y, 1.5)", "(1, 1), (2, 1)"),
        ("weighted_percentile(x, y, NULL)", "(1, 1), (2, 1)"),
        // A stratum with weight has no persons.
        ("direct_rate(1, x, y)", "(1, 10), (0, 0)"),
        ("direct_rate_lower(1, x, y)", "(0, 10), (0, 10)"),
        ("direct_rate(1, x, y)", "(0.5, 10), (1, 10)"),
        ("indirect_ratio(x, y, 0)", "(1, 10), (0, 10)"),
        ("ratio_lower(x, y)", "(1, 10), (1, 0)"),
        ("ratio_upper(x, y)", "(1, 10)"),
    ] {
        let sql = format!("SELECT {expression} FROM (VALUES {values}) AS v(x, y)");
        assert_eq!(column(&sql).await, ["null"], "{sql}");
    }
}

#[tokio::test]
async fn from_thirty_projects_on_a_ratio_has_an_interval() {
    let ends = |n| {
        format!(
            "SELECT ratio_lower(i * i, i), ratio_upper(i * i, i) FROM unnest(range(1, {n})) AS v(i)"
        )
    };
    assert_eq!(column(&ends(30)).await, ["1.0", "29.0"]);
    let interval: Vec<f64> = column(&ends(31))
        .await
        .iter()
        .map(|v| v.parse().unwrap())
        .collect();
    // 9455 / 465 = 20.33 by the delta method.
    assert!(
        interval[0] > 17.0 && interval[0] < 20.33 && interval[1] > 20.33 && interval[1] < 24.0,
        "{interval:?}"
    );
}

#[tokio::test]
async fn money_is_converted_to_the_nearest_float() {
    let sql = "SELECT weighted_percentile(x, 1, 0.5) = CAST('900719925474099.35' AS DOUBLE) \
        FROM (VALUES (CAST('900719925474099.35' AS DECIMAL(18, 2)))) AS v(x)";
    assert_eq!(column(sql).await, ["true"]);
}

#[tokio::test]
async fn filters_and_windows_work_as_with_any_aggregate() {
    let values =
        "FROM (VALUES ('a', 1), ('a', 2), ('a', 3), ('a', 4), ('a', 99), ('b', 5)) AS v(g, x)";
    let ordered = format!("SELECT gini(x ORDER BY x DESC) {values} WHERE x < 5");
    assert_eq!(column(&ordered).await, ["0.25"]);
    let filtered = format!("SELECT gini(x) FILTER (WHERE x < 5) {values} GROUP BY g ORDER BY g");
    assert_eq!(column(&filtered).await, ["0.25", "null"]);
    let whole =
        format!("SELECT DISTINCT hhi(x) OVER (PARTITION BY g) {values} WHERE x < 9 ORDER BY 1");
    assert_eq!(column(&whole).await, ["0.30000000000000004", "1.0"]);
    let growing = format!("SELECT gini(x) OVER (ORDER BY x) {values} WHERE x < 5 ORDER BY x");
    assert_eq!(column(&growing).await[0], "null");
    assert_eq!(column(&growing).await[3], "0.25");
}

#[tokio::test]
async fn mistakes_are_explained() {
    for (sql, expected) in [
        (
            "SELECT gini(x, x) FROM (VALUES (1)) AS v(x)",
            "gini(x) takes 1 argument, not 2",
        ),
        ("SELECT gini()", "gini(x) takes 1 argument, not 0"),
        (
            "SELECT gini(x) FROM (VALUES ('1')) AS v(x)",
            "argument x of gini(x) must be a number, it is Utf8",
        ),
        (
            "SELECT gini(DISTINCT x), hhi(x) FROM (VALUES (1)) AS v(x)",
            "gini(DISTINCT …) is not defined",
        ),
        (
            "SELECT weighted_percentile(x, x, x) FROM (VALUES (1)) AS v(x)",
            "argument share of weighted_percentile(x, weight, share) must be a constant",
        ),
    ] {
        let said = refusal(sql).await;
        assert!(said.contains(expected), "{sql}: {said}");
    }
}
