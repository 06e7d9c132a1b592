//! What is said of regions, of years and of the whole, over the made-up release with further operations.

use super::*;

/// The made-up release with further operations of 2016 that have a place of their own: id, fund, list, region and, where it
/// is above zero, total eligible expenditure.
async fn with_operations(further: &[(&str, &str, &str, &str, u32)]) -> SessionContext {
    let ctx = session().await.unwrap();
    for (id, fund, list, region, amount) in further {
        let mut statements = vec![
            format!(
                "INSERT INTO operation (operation_id, is_aggregate, country, period, fund, list_id, start_date, end_date)
                 VALUES ('{id}', false, 'DE', '2014-2020', '{fund}', '{list}', DATE '2016-01-01', DATE '2016-12-31')"
            ),
            format!(
                "INSERT INTO operation_region VALUES ('{id}', 'implementation', '{region}', '2024', 1, 'place')"
            ),
        ];
        if *amount > 0 {
            statements.push(format!(
                "INSERT INTO operation_amount VALUES ('{id}', 'total_eligible', 'unknown', {amount}.00, 'EUR', false, NULL)"
            ));
        }
        for sql in statements {
            ctx.sql(&sql).await.unwrap().collect().await.unwrap();
        }
    }
    ctx
}

async fn ask_of(ctx: &SessionContext, question: &Question) -> Result<Answer, CompareError> {
    compare(ctx, &Metrics::bundled()?, question).await
}

fn has_flag(row: &Row, flag: &str) -> bool {
    row.flags.iter().any(|found| found == flag)
}

#[tokio::test]
async fn a_list_without_the_number_is_none_of_the_region() {
    // List l4 is about Bremen and publishes no amount; l5, about Bayern, has one there.
    let further = [
        ("x", "ESF", "l4", "DE501", 0),
        ("y", "ESF", "l5", "DE501", 10),
        ("v", "ESF", "l5", "DE21H", 20),
        ("w", "ESF", "l5", "DE21H", 30),
    ];
    let ctx = with_operations(&further).await;
    for (metric, bremen) in [("funding_total_eligible", true), ("duration", false)] {
        for level in [Level::Comparable, Level::Nuts(3)] {
            let asked = Question {
                country: Some("DE".into()),
                level,
                ..question(metric, Dimension::Region)
            };
            let answer = ask_of(&ctx, &asked).await.unwrap();
            let is_flagged = |land: &str| {
                let mut rows = answer.comparison.rows.iter();
                let found = rows.find(|row| row.key.starts_with(land) && row.value.is_some());
                has_flag(found.unwrap(), "no_own_list")
            };
            assert_eq!(is_flagged("DE5"), bremen, "{metric} {level:?}");
            assert!(!is_flagged("DE2") && !is_flagged("DE3"), "{metric}");
        }
    }
    // Without the list of Bayern nothing is sure to be all of it.
    let asked = Question {
        country: Some("DE".into()),
        filter: Some("list <> 'l5'".into()),
        ..question("funding_total_eligible", Dimension::Region)
    };
    let answer = ask_of(&ctx, &asked).await.unwrap();
    assert!(has_flag(row(&answer, "DE2"), "no_own_list"));
}

#[tokio::test]
async fn a_second_fund_is_told() {
    let ctx = with_operations(&[("x", "ERDF", "l1", "DE300", 100)]).await;
    let asked = Question {
        country: Some("DE".into()),
        ..question("funding_total_eligible", Dimension::Region)
    };
    let answer = ask_of(&ctx, &asked).await.unwrap();
    assert!(has_flag(row(&answer, "DE3"), "several_funds"));
    assert!(!has_flag(row(&answer, "DE2"), "several_funds"));
    assert!(!has_flag(row(&answer, "DE3"), "several_periods"));
}

#[tokio::test]
async fn what_the_question_leaves_out_is_not_said_to_be_in_no_list() {
    // Only b has the field 103, in Berlin; Bayern has half of a, Bremen nothing at all.
    let asked = Question {
        country: Some("DE".into()),
        filter: Some("intervention = 'L 103'".into()),
        ..question("funding_total_eligible", Dimension::Region)
    };
    let answer = ask(&asked).await.unwrap();
    let reason = |key: &str| match &row(&answer, key).status {
        Status::Missing(reason) => reason.clone(),
        other => panic!("{key}: {other:?}"),
    };
    assert_eq!(row(&answer, "DE3").value, Some(300.0));
    assert_eq!(
        reason("DE2"),
        "no operation here is of the period, country and condition asked for"
    );
    assert_eq!(reason("DE5"), "no loaded list has operations here");
}

#[tokio::test]
async fn years_are_in_their_order_with_and_without_a_value() {
    let ctx = session().await.unwrap();
    let sql = "INSERT INTO operation (operation_id, is_aggregate, country, list_id, start_date, end_date)
               VALUES ('x', false, 'DE', 'l1', DATE '2010-01-01', DATE '2010-12-31'), ('y', false, 'DE', 'l1', DATE '2018-01-01', DATE '2018-12-31')";
    ctx.sql(sql).await.unwrap().collect().await.unwrap();
    let asked = question("funding_total_eligible", Dimension::Year);
    let answer = ask_of(&ctx, &asked).await.unwrap();
    let rows = answer.comparison.rows.iter();
    let keys: Vec<&str> = rows.map(|row| row.key.as_str()).collect();
    assert_eq!(keys, ["2010", "2016", "2018", "2020"]);
    // That of operations is called what it is.
    assert_eq!(answer.comparison.by, "first_year");
    let of_money = ask_of(&ctx, &question("spending", Dimension::Year)).await;
    assert_eq!(of_money.unwrap().comparison.by, "year");
    assert_eq!(row(&answer, "2010").value, None);
}

#[tokio::test]
async fn a_condition_on_what_the_metric_has_of_its_own_is_refused() {
    let asked = Question {
        filter: Some("fund = 'ESF' AND year = '2020'".into()),
        ..question("spending", Dimension::Year)
    };
    let refused = ask(&asked).await.unwrap_err();
    assert!(
        matches!(&refused, CompareError::Refused(Refusal::Condition { column, .. }) if column == "year"),
        "{refused}"
    );
    assert!(refused.to_string().contains("--by year"), "{refused}");
    // Of another metric it is the year of the first day, and other conditions are no question of years.
    let asked = Question {
        filter: Some("year = '2020'".into()),
        ..question("funding_total_eligible", Dimension::Year)
    };
    assert_eq!(
        row(&ask(&asked).await.unwrap(), "2020").value,
        Some(65_800.0)
    );
    let asked = Question {
        filter: Some("fund = 'ESF'".into()),
        ..question("spending", Dimension::Year)
    };
    assert_eq!(
        row(&ask(&asked).await.unwrap(), "2020").value,
        Some(36_600.0)
    );
}

#[tokio::test]
async fn the_whole_is_that_of_the_country_at_every_level() {
    // Two operations of no Land make l1 a list of Germany: 400.50 and 100.00 of 2016 for 1,000 people.
    let further = [("x", "ESF", "l1", "DE", 60), ("y", "ESF", "l1", "DE", 40)];
    let ctx = with_operations(&further).await;
    let of = |by, level| Question {
        country: Some("DE".into()),
        level,
        ..question("funding_per_unemployed", by)
    };
    let mut questions = vec![of(Dimension::Country, Level::Comparable)];
    questions.extend([1, 2, 3].map(|level| of(Dimension::Region, Level::Nuts(level))));
    for asked in questions {
        let answer = ask_of(&ctx, &asked).await.unwrap();
        assert_eq!(answer.comparison.overall, Some(0.5005), "{asked:?}");
        let years = "Years of the statistic whose stocks count: 2016.";
        let caveats = &answer.comparison.caveats;
        assert_eq!(caveats.last().unwrap(), years);
    }
}

#[tokio::test]
async fn numbers_of_some_regions_are_not_divided_by_the_people_of_all() {
    // List l1 is about Berlin; of Bayern and Bremen there is none.
    for by in [Dimension::Region, Dimension::Country] {
        let asked = Question {
            country: Some("DE".into()),
            ..question("funding_per_unemployed", by)
        };
        let answer = ask(&asked).await.unwrap();
        assert_eq!(answer.comparison.overall, None);
        // The row of the country is such a whole.
        let mut rows = answer.comparison.rows.iter();
        let is_flagged = rows.any(|row| has_flag(row, "some_regions"));
        assert_eq!(is_flagged, by == Dimension::Country);
        let caveat = answer.comparison.caveats.last().unwrap();
        assert!(
            caveat.starts_with("2 of 3 regions have no list or count of their own"),
            "{caveat}"
        );
    }
}

#[tokio::test]
async fn lists_that_never_publish_the_number_are_told_apart_from_operations_without_it() {
    let further = [
        ("x", "ESF", "l4", "DE501", 0),
        ("y", "ESF", "l4", "DE300", 0),
        ("z", "ESF", "l1", "DE300", 0),
    ];
    let ctx = with_operations(&further).await;
    // One of two regions is one operation of its list.
    for sql in [
        "INSERT INTO operation (operation_id, is_aggregate, country, period, list_id) VALUES ('w', false, 'DE', '2007-2013', 'l4')",
        "INSERT INTO operation_region VALUES ('w', 'implementation', 'DE501', '2024', 0.5, 'equal'),
            ('w', 'implementation', 'DE502', '2024', 0.5, 'equal')",
    ] {
        ctx.sql(sql).await.unwrap().collect().await.unwrap();
    }
    // Of list l1 three of four have one, of l4 none of three.
    let told = "3 of 7 operations asked for are in lists that publish this number for none of them (funding period 2007-2013, 2014-2020); in the other lists 75% of the operations have it. Coverage counts both alike, as operations without it.";
    for by in [Dimension::Region, Dimension::Country] {
        let asked = Question {
            country: Some("DE".into()),
            ..question("funding_total_eligible", by)
        };
        let answer = ask_of(&ctx, &asked).await.unwrap();
        let caveats = &answer.comparison.caveats;
        assert!(caveats.iter().any(|caveat| caveat == told), "{caveats:?}");
        // Where every list has it, there is nothing to tell.
        let answer = ask(&asked).await.unwrap();
        let caveats = &answer.comparison.caveats;
        assert!(
            !caveats
                .iter()
                .any(|caveat| caveat.contains("for none of them"))
        );
    }
}

/// The made-up release in which P2 counts participants and women in these regions.
async fn with_counts(counts: &[(&str, u32, u32)]) -> SessionContext {
    let ctx = session().await.unwrap();
    for (region, all, women) in counts {
        for (sex, n) in [("total", all), ("f", women)] {
            let sql = format!(
                "INSERT INTO participation_cell VALUES ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P2', '{region}', '{sex}', {n},
                    'ok', 'persons', 'full', DATE '2022-01-01', DATE '2022-12-31', 'total', 'total', 'total')"
            );
            ctx.sql(&sql).await.unwrap().collect().await.unwrap();
        }
    }
    ctx
}

#[tokio::test]
async fn people_counted_in_an_undivided_region_are_one_count_at_every_level() {
    // Berlin as a Land, as its district or as both, beside Bayern as a Land: 20 women of 50, and half of the 30 of 50 of a.
    let bayern = ("DE2", 40, 10);
    for berlin in [
        &["DE3"][..],
        &["DE300"],
        &["DE3", "DE300"],
        &["DE30", "DE3"],
    ] {
        let mut counts = vec![bayern];
        counts.extend(berlin.iter().map(|region| (*region, 50, 20)));
        let ctx = with_counts(&counts).await;
        for (level, key) in [(1, "DE3"), (2, "DE30"), (3, "DE300")] {
            let asked = Question {
                country: Some("DE".into()),
                level: Level::Nuts(level),
                ..question("women_share", Dimension::Region)
            };
            let answer = ask_of(&ctx, &asked).await.unwrap();
            let found = row(&answer, key);
            assert_eq!(
                (found.value, found.n),
                (Some(35.0 / 75.0), Some(75)),
                "{berlin:?} {key}"
            );
            // Bayern is divided, and what is known of it alone is known of no part.
            let mut rows = answer.comparison.rows.iter();
            let has_all = |row: &Row| row.key.starts_with("DE2") && row.n == Some(65);
            assert_eq!(rows.any(has_all), level == 1, "{berlin:?} {key}");
        }
    }
}

#[tokio::test]
async fn people_of_a_region_of_which_one_part_is_known_are_not_those_of_the_part() {
    let asked = Question {
        country: Some("SE".into()),
        level: Level::Nuts(3),
        ..question("women_share", Dimension::Region)
    };
    let answer = ask(&asked).await.unwrap();
    // SE11 is SE110; SE12, whose count is hidden, has more parts than the one of this release.
    let stockholm = row(&answer, "SE110");
    assert_eq!((stockholm.value, stockholm.n), (Some(0.5), Some(90)));
    assert!(matches!(row(&answer, "SE121").status, Status::Missing(_)));
}

#[tokio::test]
async fn people_counted_for_other_years_are_added_to_those_of_the_country() {
    let ctx = session().await.unwrap();
    let asked = question("women_share", Dimension::Region);
    let answer = ask_of(&ctx, &asked).await.unwrap();
    assert_eq!(answer.comparison.overall, Some(155.0 / 260.0));
    // P3 counts 100 people in all of Sweden for 2022, and here 2,000 in Stockholm for 2023.
    for (sex, n) in [("total", 2_000), ("f", 1_100)] {
        let sql = format!(
            "INSERT INTO participation_cell VALUES ('INDICATOR_2021_27', 'EECO01', 'indicator', NULL, 'P3', 'SE11', '{sex}', {n}, 'ok',
                'persons', 'full', DATE '2023-01-01', DATE '2023-12-31', 'total', 'total', 'total')"
        );
        ctx.sql(&sql).await.unwrap().collect().await.unwrap();
    }
    let answer = ask_of(&ctx, &asked).await.unwrap();
    assert_eq!(row(&answer, "SE11").n, Some(2_090));
    assert_eq!(answer.comparison.overall, Some(1_255.0 / 2_260.0));
    let by_country = question("women_share", Dimension::Country);
    let answer = ask_of(&ctx, &by_country).await.unwrap();
    let sweden = row(&answer, "SE");
    assert_eq!(
        (sweden.value, sweden.n),
        (Some(1_155.0 / 2_100.0), Some(2_100))
    );
    // P1 counts the years 2014 to 2022: neither has all.
    assert!(has_flag(sweden, "some_years") && has_flag(row(&answer, "DE"), "some_years"));
    let told = "The rows count people of different years: 2014-2022 (Germany); 2022-2023 (Sweden).";
    let caveats = &answer.comparison.caveats;
    assert!(caveats.iter().any(|caveat| caveat == told), "{caveats:?}");
}
