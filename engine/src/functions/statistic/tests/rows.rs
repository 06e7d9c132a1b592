//! Functions of one row.

use super::{column, expect, refusal};

#[tokio::test]
async fn intervals_are_those_of_the_literature() {
    // Newcombe 1998, as printed in domain.md section 5.
    expect(
        &[
            ("wilson_lower(0, 10)", "0"),
            ("wilson_upper(0, 10)", "0.2775328"),
            ("wilson_lower(5, 10)", "0.2365931"),
            ("wilson_upper(5, 10)", "0.7634069"),
            ("wilson_lower(81, 263)", "0.2552885"),
            ("wilson_upper(81, 263)", "0.3662096"),
            ("wilson_lower(15, 148)", "0.0623864"),
            ("wilson_upper(15, 148)", "0.1604872"),
            ("wilson_lower(1, 29)", "0.0061132"),
            ("wilson_upper(1, 29)", "0.1717552"),
            ("newcombe_lower(56, 70, 48, 80)", "0.0524315"),
            ("newcombe_upper(56, 70, 48, 80)", "0.3338727"),
            // Garwood 1936; Breslow and Day 1987.
            ("poisson_lower(0)", "0"),
            ("poisson_upper(0)", "3.688879"),
            ("poisson_lower(1)", "0.025318"),
            ("poisson_upper(1)", "5.571643"),
            ("funnel_lower(0.5, 100)", "0.402"),
            ("funnel_upper(0.5, 100, 0.998)", "0.654512"),
            ("normal_quantile(0.975)", "1.959964"),
            ("normal_cdf(normal_quantile(0.1))", "0.1000000000000"),
            // S4 and S0 of domain.md section 8.
            ("duration_days(DATE '2021-02-01', DATE '2022-12-31')", "699"),
            ("duration_days('2005-07-01', '2008-03-31')", "1005"),
        ],
        "",
    )
    .await;
}

#[tokio::test]
async fn every_numeric_type_and_a_confidence_are_taken() {
    for n in [
        "263",
        "263.0",
        "CAST(263 AS DOUBLE)",
        "CAST(263 AS DECIMAL(18, 2))",
        "CAST(263 AS INT UNSIGNED)",
    ] {
        expect(&[(&format!("wilson_lower(81, {n})"), "0.2552885")], "").await;
    }
    let wide = column("SELECT wilson_upper(81, 263, 0.99) > wilson_upper(81, 263) AND wilson_upper(81, 263, 0.95) = wilson_upper(81, 263)").await;
    assert_eq!(wide, ["true"]);
}

#[tokio::test]
async fn what_has_no_value_is_null() {
    for expression in [
        "wilson_lower(0, 0)",
        "wilson_lower(3, 2)",
        "wilson_lower(-1, 2)",
        "wilson_lower(0.5, 2)",
        "wilson_lower(NULL, 2)",
        "wilson_lower(1, NULL)",
        "wilson_lower(1, 2, NULL)",
        "wilson_lower(1, 2, 1)",
        "wilson_lower(CAST('NaN' AS DOUBLE), 2)",
        "newcombe_lower(1, 2, 0, 0)",
        "poisson_upper(-1)",
        "funnel_lower(0.5, 0)",
        "funnel_upper(1, 10)",
        "normal_quantile(0)",
        "normal_quantile(1)",
        "normal_cdf(CAST('Infinity' AS DOUBLE))",
        "day_overlap('2021-01-02', '2021-01-01', '2021-01-01', '2021-01-01')",
        "duration_days(NULL, '2021-01-01')",
        "label('999', 'ESF_2014_20', 'de')",
        "label(NULL, 'ESF_2014_20', 'de')",
        "label('106', NULL, 'de')",
    ] {
        assert_eq!(
            column(&format!("SELECT {expression}")).await,
            ["null"],
            "{expression}"
        );
    }
}

#[tokio::test]
async fn columns_are_answered_row_by_row() {
    let sql = "SELECT round(wilson_lower(x, n), 4) FROM (VALUES (5, 10), (NULL, 10), (0, 0), (1, 29)) AS v(x, n)";
    assert_eq!(column(sql).await, ["0.2366", "null", "null", "0.0061"]);
    let sql = "SELECT day_overlap(a, b, DATE '2021-01-01', DATE '2021-12-31') \
        FROM (VALUES (DATE '2020-12-30', DATE '2021-01-02'), (DATE '2022-01-01', NULL), (DATE '2022-01-01', DATE '2022-01-01')) AS v(a, b)";
    assert_eq!(column(sql).await, ["2", "null", "0"]);
}

#[tokio::test]
async fn labels_come_from_the_code_lists() {
    let sql = "SELECT label(code, list, 'en') FROM (VALUES ('ESF', 'FUND'), ('ESF', 'fund'), ('ESF', 'NO_LIST'), (NULL, 'FUND')) AS v(code, list)";
    assert_eq!(
        column(sql).await,
        [
            "European Social Fund",
            "European Social Fund",
            "null",
            "null"
        ]
    );
    let number =
        column("SELECT label(106, 'esf_2014_20', 'de') = label('106', 'ESF_2014_20', 'de')").await;
    assert_eq!(number, ["true"]);
}

#[tokio::test]
async fn mistakes_are_explained() {
    for (sql, expected) in [
        (
            "SELECT normal_cdf()",
            "normal_cdf(z) takes 1 argument, not 0",
        ),
        (
            "SELECT wilson_lower(1)",
            "wilson_lower(successes, n [, confidence]) takes 2 to 3 arguments, not 1",
        ),
        (
            "SELECT wilson_lower('1', 2)",
            "argument successes of wilson_lower(successes, n [, confidence]) must be a number, it is Utf8",
        ),
        (
            "SELECT duration_days(1, 2)",
            "argument start of duration_days(start, end) must be a date, it is Int64",
        ),
        (
            "SELECT label('106', 'ESF_2014_21', 'de')",
            "there is no code list ESF_2014_21; did you mean ESF_2014_20?",
        ),
        (
            "SELECT label('106', 'zzz', 'de')",
            "there is no code list zzz; known are AMOUNT_KIND, ",
        ),
        (
            "SELECT label('106', 'ESF_2014_20', 'fr')",
            "there are no labels in the language fr; known are de, en, sv",
        ),
    ] {
        let said = refusal(sql).await;
        assert!(said.starts_with(expected), "{sql}: {said}");
    }
    let said = refusal("SELECT duration_days('yesterday', '2021-01-01')").await;
    assert!(said.contains("yesterday"), "{said}");
}
