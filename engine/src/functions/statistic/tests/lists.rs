//! Functions of one row that take or give lists.

use super::{column, expect, refusal};

#[tokio::test]
async fn a_period_is_divided_into_its_years() {
    expect(
        &[
            // S0 and S4 of domain.md section 8.
            (
                "year_days('2005-07-01', '2008-03-31')",
                "[184, 365, 365, 91]",
            ),
            (
                "year_days(DATE '2021-02-01', DATE '2022-12-31')",
                "[334, 365]",
            ),
            ("year_days('2020-02-29', '2020-02-29')", "[1]"),
            ("year_days('2019-12-31', '2021-01-01')", "[1, 366, 1]"),
            ("year_days('1900-01-01', '1900-12-31')", "[365]"),
            ("year_days('2021-01-02', '2021-01-01')", "null"),
            ("year_days(NULL, '2021-01-01')", "null"),
            ("year_days('2021-01-01', NULL)", "null"),
            ("cardinality(year_days('1001-01-01', '2000-12-31'))", "1000"),
            ("year_days('1001-01-01', '2001-01-01')", "null"),
        ],
        "",
    )
    .await;
    let sql = "SELECT year_days(a, b) FROM (VALUES (DATE '2020-12-31', DATE '2021-01-02'), (DATE '2022-01-01', NULL), \
        (DATE '2022-01-01', DATE '2022-01-01')) AS v(a, b)";
    assert_eq!(column(sql).await, ["[1, 2]", "null", "[1]"]);
}

#[tokio::test]
async fn the_days_of_years_are_those_that_they_share_with_a_period() {
    // 5000 periods of up to seven years, against the days that each shares with the calendar year.
    let sql = "WITH period AS (SELECT i, CAST(CAST(i * 7 AS INT) AS DATE) AS a, CAST(CAST(i * 7 + i * 7919 % 2500 AS INT) AS DATE) AS b \
            FROM unnest(range(0, 5000)) AS r(i)), \
        yearly AS (SELECT a, b, unnest(range(CAST(date_part('year', a) AS BIGINT), CAST(date_part('year', b) AS BIGINT) + 1)) AS year, \
            unnest(year_days(a, b)) AS days FROM period) \
        SELECT count(*) > 5000 AND count(*) = count(days) AND count(*) = count(year), sum(CASE WHEN days = day_overlap(a, b, \
            make_date(CAST(year AS INT), 1, 1), make_date(CAST(year AS INT), 12, 31)) THEN 0 ELSE 1 END) FROM yearly";
    assert_eq!(
        super::answer(&super::session(2), sql).await.unwrap(),
        [["true", "0"]]
    );
}

#[tokio::test]
async fn a_total_is_divided_by_a_list_to_the_cent() {
    expect(
        &[
            // S4 of domain.md section 8.
            (
                "apportion(22399883.00, year_days('2021-02-01', '2022-12-31'))",
                "[10703234.51, 11696648.49]",
            ),
            // Of equal remainders the first has the cent, also of what is taken back.
            ("apportion(1, [1, 1, 1])", "[0.34, 0.33, 0.33]"),
            ("apportion(-1, [1, 1, 1])", "[-0.34, -0.33, -0.33]"),
            ("apportion(0.02, [1, 1, 0, 1])", "[0.01, 0.01, 0.00, 0.00]"),
            ("apportion(0, [1, 2])", "[0.00, 0.00]"),
            ("apportion(5, [9])", "[5.00]"),
            ("apportion(10, [1, NULL, 1])", "[5.00, null, 5.00]"),
        ],
        "",
    )
    .await;
    for (total, weight) in [
        ("100", "1"),
        ("CAST(100 AS DOUBLE)", "0.3"),
        ("CAST(100 AS DECIMAL(38, 4))", "CAST(0.1 AS DOUBLE)"),
        ("CAST(100 AS INT UNSIGNED)", "CAST(7 AS SMALLINT)"),
        ("CAST(100 AS DECIMAL(18, 2))", "CAST(0.1 AS DECIMAL(9, 8))"),
    ] {
        let sql = format!("SELECT apportion({total}, [{weight}, {weight}, {weight}])");
        assert_eq!(column(&sql).await, ["[33.34, 33.33, 33.33]"], "{sql}");
    }
}

#[tokio::test]
async fn lists_are_divided_as_windows_are() {
    // Totals from -10.01 to 10.01, some of fewer cents than weights.
    let sql = "WITH v AS (SELECT i / 7 AS g, i, i * 7919 % 1013 AS w, \
            CAST(CAST(i / 7 * 7919 % 2003 - 1001 AS DECIMAL(18, 2)) / 100 AS DECIMAL(18, 2)) AS total FROM unnest(range(0, 7000)) AS r(i)), \
        of_window AS (SELECT g, i, largest_remainder(total, w) OVER (PARTITION BY g ORDER BY i) AS part FROM v), \
        of_list AS (SELECT g, apportion(min(total), array_agg(w ORDER BY i)) AS parts FROM v GROUP BY g) \
        SELECT count(*), count(part), sum(CASE WHEN part = parts[i % 7 + 1] THEN 0 ELSE 1 END) \
        FROM of_window JOIN of_list ON of_list.g = of_window.g";
    assert_eq!(
        super::answer(&super::session(4), sql).await.unwrap(),
        [["7000", "7000", "0"]]
    );
}

#[tokio::test]
async fn what_cannot_be_divided_by_a_list_is_null_or_refused() {
    for call in [
        "apportion(NULL, [1, 2])",
        "apportion(1, NULL)",
        "apportion(1, [])",
        "apportion(1, [NULL])",
        "apportion(1, [0, 0])",
        "apportion(1, [1, -1])",
        "apportion(0.001, [1, 1])",
        "apportion(1, [1, CAST('NaN' AS DOUBLE)])",
        "apportion(CAST(10000000000000000 AS DECIMAL(20, 0)), [1])",
    ] {
        assert_eq!(column(&format!("SELECT {call}")).await, ["null"], "{call}");
    }
    for (call, expected) in [
        (
            "apportion(1)",
            "apportion(total, weights) takes 2 arguments, not 1",
        ),
        (
            "apportion('1', [1])",
            "argument total of apportion(total, weights) must be a number, it is Utf8",
        ),
        (
            "apportion(1, 2)",
            "argument weights of apportion(total, weights) must be a list of numbers, it is Int64",
        ),
        (
            "apportion(1, ['a'])",
            "argument weights of apportion(total, weights) must be a list of numbers, it is ",
        ),
        (
            "year_days(1, 2)",
            "argument start of year_days(start, end) must be a date, it is Int64",
        ),
    ] {
        let said = refusal(&format!("SELECT {call}")).await;
        assert!(said.starts_with(expected), "{call}: {said}");
    }
}
