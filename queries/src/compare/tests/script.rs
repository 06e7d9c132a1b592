//! Every metric is answered, and the statements of each answer give what it says, from plans that can be planned.

use super::*;
use crate::testing::assert_given;

/// The most steps of the plan of a statement, and of all plans of an answer. With every step in one plan, counts of people have ten to
/// thirty times as many.
const LARGEST: usize = 800;
const TOGETHER: usize = 1_200;

/// The made-up release in which P2 counts women alone in Bremen, which is told of nobody, with a second statistic.
async fn release() -> SessionContext {
    let ctx = session().await.unwrap();
    let counts = ["total", "f"].map(|sex| {
        format!(
            "INSERT INTO participation_cell VALUES ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P2', 'DE5', '{sex}', 40,
                'ok', 'persons', 'full', DATE '2022-01-01', DATE '2022-12-31', 'total', 'total', 'total')"
        )
    });
    let long_term = "INSERT INTO region_statistic VALUES
        ('made', 'registered_long_term_unemployed', 'DE300', '2021', 'DE300', 'x', DATE '2016-01-01', DATE '2016-12-31', 'total',
            'total', 'total', CAST(100 AS DECIMAL(18, 4)), 'ok', 'persons', NULL, 'f', 'l'),
        ('made', 'registered_long_term_unemployed', 'DE', '2021', 'DE', 'x', DATE '2016-01-01', DATE '2016-12-31', 'total',
            'total', 'total', CAST(400 AS DECIMAL(18, 4)), 'ok', 'persons', NULL, 'f', 'l')";
    for sql in counts.iter().map(String::as_str).chain([long_term]) {
        ctx.sql(sql).await.unwrap().collect().await.unwrap();
    }
    ctx
}

#[tokio::test]
async fn every_metric_with_data_is_answered_by_region_and_by_codes() {
    let ctx = release().await;
    let metrics = Metrics::bundled().unwrap();
    let dimensions = [
        Dimension::Region,
        Dimension::Country,
        Dimension::Programme,
        Dimension::Year,
    ];
    let (mut answered, mut hidden) = (0, 0);
    for metric in metrics.iter() {
        for by in dimensions {
            let asked = Question {
                country: Some("DE".into()),
                ..question(&metric.name, by)
            };
            let answer = match compare(&ctx, &metrics, &asked).await {
                Ok(answer) => answer,
                Err(CompareError::Refused(
                    Refusal::Lacks { .. } | Refusal::Dimension { .. } | Refusal::Nothing { .. },
                )) => continue,
                Err(other) => panic!("{} by {by}: {other}", metric.name),
            };
            answered += 1;
            let table = answer.batch().unwrap();
            assert_eq!(table.num_rows(), answer.comparison.rows.len());
            for row in &answer.comparison.rows {
                assert_eq!(row.value.is_some(), row.status == Status::Shown, "{row:?}");
                hidden += usize::from(row.status == Status::Suppressed);
            }
            let sizes = assert_given(&ctx, &answer).await;
            let (largest, together) = (sizes.iter().max(), sizes.iter().sum::<usize>());
            assert!(
                largest.is_some_and(|size| *size <= LARGEST) && together <= TOGETHER,
                "{} by {by}: {sizes:?}",
                metric.name
            );
        }
    }
    assert!(answered > 75 && hidden > 1, "{answered} {hidden}");
}

#[tokio::test]
async fn a_share_of_everybody_is_in_no_statement_either() {
    let ctx = release().await;
    let asked = question("women_share", Dimension::Programme);
    let answer = compare(&ctx, &Metrics::bundled().unwrap(), &asked)
        .await
        .unwrap();
    assert_eq!(row(&answer, "P2").status, Status::Suppressed);
    assert_given(&ctx, &answer).await;
}

#[tokio::test]
async fn statements_are_one_text_that_says_what_it_is_about() {
    let ctx = release().await;
    let asked = Question {
        filter: Some("fund = 'ESF' -- alone\n".into()),
        citation: "release 7,\n; DROP".into(),
        ..question("women_share", Dimension::Country)
    };
    let answer = compare(&ctx, &Metrics::bundled().unwrap(), &asked)
        .await
        .unwrap();
    let text = answer.sql();
    let first = "-- Share of women among participants, by country: release 7, ; DROP\n-- ";
    assert!(text.starts_with(first), "{text}");
    assert_eq!(text.matches("\n;\n").count(), answer.statements.len());
    let kept = answer.statements.split_last().unwrap().1;
    assert!(
        kept.iter().all(
            |statement| statement.starts_with("CREATE TEMP VIEW IF NOT EXISTS ")
                || statement.starts_with("CREATE OR REPLACE TEMP TABLE ")
        ),
        "{text}"
    );
    assert_given(&ctx, &answer).await;
}

#[tokio::test]
async fn where_there_is_no_overall_value_the_statements_have_none() {
    // List l1 is about Berlin; of Bayern and Bremen there is none.
    let ctx = release().await;
    let asked = Question {
        country: Some("DE".into()),
        ..question("funding_per_unemployed", Dimension::Region)
    };
    let answer = compare(&ctx, &Metrics::bundled().unwrap(), &asked)
        .await
        .unwrap();
    assert_eq!(answer.comparison.overall, None);
    // It fails where a row of all together is left.
    assert_given(&ctx, &answer).await;
}
