//! Questions over the small made-up release, with answers that can be checked by hand.

mod label;
mod region;
mod script;

use super::*;
use crate::chart::{Row, Status};
use crate::testing::session;

fn question(metric: &str, by: Dimension) -> Question {
    Question {
        metric: metric.into(),
        by,
        level: Level::Comparable,
        country: None,
        period: None,
        filter: None,
        language: Language::En,
        citation: String::new(),
    }
}

async fn ask(question: &Question) -> Result<Answer, CompareError> {
    let ctx = session().await?;
    let metrics = Metrics::bundled()?;
    compare(&ctx, &metrics, question).await
}

fn row<'a>(answer: &'a Answer, key: &str) -> &'a Row {
    let found = answer.comparison.rows.iter().find(|row| row.key == key);
    found.unwrap_or_else(|| panic!("no row {key}: {:?}", answer.comparison.rows))
}

#[tokio::test]
async fn money_is_split_by_weight_and_the_rest_is_shown() {
    let asked = Question {
        country: Some("DE".into()),
        ..question("funding_total_eligible", Dimension::Region)
    };
    let answer = ask(&asked).await.unwrap();
    // Half of 100.50 in Bayern, the other half and 300.00 in Berlin, 99.50 in no Land.
    assert_eq!(row(&answer, "DE2").value, Some(50.25));
    assert_eq!(row(&answer, "DE3").value, Some(350.25));
    assert_eq!(answer.comparison.overall, Some(500.0));
    assert!(answer.comparison.adds_up);
    assert_eq!(answer.comparison.unallocated_share, Some(0.199));
    // Berlin has most operations of list l1, Bayern none of its own.
    assert!(
        row(&answer, "DE2")
            .flags
            .contains(&"no_own_list".to_owned())
    );
    assert!(
        !row(&answer, "DE3")
            .flags
            .contains(&"no_own_list".to_owned())
    );
    assert_eq!(row(&answer, "DE3").label, "Berlin");
    assert_eq!(
        (row(&answer, "DE3").n, row(&answer, "DE3").rank),
        (Some(2), Some((1, 1)))
    );
}

#[tokio::test]
async fn a_region_without_operations_is_missing_and_not_zero() {
    let asked = Question {
        country: Some("DE".into()),
        ..question("funding_total_eligible", Dimension::Region)
    };
    let answer = ask(&asked).await.unwrap();
    let bremen = row(&answer, "DE5");
    assert_eq!(bremen.value, None);
    assert!(matches!(&bremen.status, Status::Missing(reason) if reason.contains("no loaded list")));
}

#[tokio::test]
async fn a_ratio_is_one_of_sums_and_zero_denominators_give_nothing() {
    let answer = ask(&question(
        "cost_per_planned_participant",
        Dimension::Programme,
    ))
    .await
    .unwrap();
    // Operation b plans for nobody, so only a counts: 100.50 for 10 people.
    assert_eq!(row(&answer, "P1").value, Some(10.05));
    assert_eq!(
        (row(&answer, "P1").n, row(&answer, "P1").coverage),
        (Some(1), Some(0.5))
    );
    assert!(row(&answer, "P1").flags.contains(&"small_n".to_owned()));
    let none = row(&answer, "P2");
    assert_eq!(none.value, None);
    assert!(matches!(none.status, Status::Missing(_)));
}

#[tokio::test]
async fn what_cannot_be_compared_is_refused_with_what_can() {
    let refused = ask(&question("operations", Dimension::Region))
        .await
        .unwrap_err();
    let text = refused.to_string();
    assert!(matches!(
        refused,
        CompareError::Refused(Refusal::Incomparable { .. })
    ));
    assert!(
        text.contains("different quantities") && text.contains("--country SE"),
        "{text}"
    );
    let one = Question {
        country: Some("SE".into()),
        ..question("operations", Dimension::Region)
    };
    assert_eq!(row(&ask(&one).await.unwrap(), "SE11").value, Some(1.0));
}

#[tokio::test]
async fn a_country_that_nothing_is_of_is_refused_with_those_there_are() {
    for by in [Dimension::Region, Dimension::Programme, Dimension::Country] {
        let asked = Question {
            country: Some("FR".into()),
            ..question("funding_total_eligible", by)
        };
        let text = ask(&asked).await.unwrap_err().to_string();
        assert!(
            text.ends_with("this release has operations of DE, SE"),
            "{text}"
        );
        // Of a country that is there, what it has is named.
        let none = Question {
            country: Some("DE".into()),
            filter: Some("year = 1900\n".into()),
            ..asked
        };
        let text = ask(&none).await.unwrap_err().to_string();
        assert!(
            text.ends_with(
                "there is no number of the country DE and the condition year = 1900; there are numbers of the countries DE, of the periods 2014-2020, of the funds ESF"
            ),
            "{text}"
        );
    }
}

#[tokio::test]
async fn what_nothing_is_of_is_refused_with_what_there_is() {
    let asked = Question {
        period: Some("2021-2027".parse().unwrap()),
        ..question("funding_total_eligible", Dimension::Region)
    };
    let text = ask(&asked).await.unwrap_err().to_string();
    let expected = "there is no number of the period 2021-2027; there are numbers of the countries DE, SE, of the periods 2014-2020, of the funds ESF";
    assert!(text.ends_with(expected), "{text}");
    // Numbers there are, and no operation names its instrument.
    let asked = question("funding_total_eligible", Dimension::Instrument);
    let text = ask(&asked).await.unwrap_err().to_string();
    assert!(
        text.contains("what has a number has no instrument;"),
        "{text}"
    );
    // No operation publishes such an amount.
    let lacks = ask(&question("funding_total_cost", Dimension::Region))
        .await
        .unwrap_err();
    assert!(
        matches!(lacks, CompareError::Refused(Refusal::Lacks { .. })),
        "{lacks}"
    );
    assert!(
        lacks.to_string().contains("no operation with this amount"),
        "{lacks}"
    );
}

#[tokio::test]
async fn operations_of_one_row_are_counted_without_comparing_their_ids() {
    let asked = Question {
        country: Some("DE".into()),
        ..question("funding_total_eligible", Dimension::Beneficiary)
    };
    let answer = ask(&asked).await.unwrap();
    assert_eq!(
        (row(&answer, "o1").value, row(&answer, "o1").n),
        (Some(400.5), Some(2))
    );
    assert!(
        !answer.sql().contains("DISTINCT operation_id"),
        "{}",
        answer.sql()
    );
    // Money of several years has several rows of an operation.
    let answer = ask(&question("spending", Dimension::Country))
        .await
        .unwrap();
    assert_eq!(row(&answer, "SE").n, Some(1));
}

#[tokio::test]
async fn a_country_is_known_in_small_letters() {
    let asked = Question {
        country: Some("de".into()),
        ..question("funding_total_eligible", Dimension::Country)
    };
    let answer = ask(&asked).await.unwrap();
    assert_eq!(row(&answer, "DE").value, Some(500.0));
    assert_eq!(answer.comparison.rows.len(), 1);
}

#[tokio::test]
async fn reasons_are_in_the_language_of_the_question() {
    let metric = "cost_per_planned_participant";
    for (language, reason) in [
        (
            Language::De,
            "kein Vorhaben mit beiden Teilen des Verhältnisses",
        ),
        (Language::Sv, "inget projekt med båda delarna av kvoten"),
        (Language::En, "no operation with both parts of the ratio"),
    ] {
        let asked = Question {
            language,
            ..question(metric, Dimension::Programme)
        };
        let status = &row(&ask(&asked).await.unwrap(), "P2").status.clone();
        assert_eq!(*status, Status::Missing(reason.into()));
    }
}

#[tokio::test]
async fn missing_data_are_named() {
    let lacks = ask(&question("instrument_mix", Dimension::Region))
        .await
        .unwrap_err();
    let wanted = "values of instrument_id in the table operation";
    assert!(lacks.to_string().contains(wanted), "{lacks}");
    let lacks = ask(&question(
        "funding_per_long_term_unemployed",
        Dimension::Region,
    ))
    .await
    .unwrap_err();
    assert!(
        lacks
            .to_string()
            .contains("the statistic registered_long_term_unemployed"),
        "{lacks}"
    );
}

#[tokio::test]
async fn a_statistic_is_the_denominator_of_its_region() {
    let asked = Question {
        country: Some("DE".into()),
        ..question("funding_per_unemployed", Dimension::Region)
    };
    let answer = ask(&asked).await.unwrap();
    // 350.25 in the year of the stock, for 200 people; Bayern's stock is blocked, so it has no value, and surely not zero.
    assert_eq!(row(&answer, "DE3").value, Some(1.751_25));
    assert_eq!(row(&answer, "DE2").value, None);
    // The country has a figure of its own, in which the blocked ones are counted too: 400.50 for 1,000 people. The third
    // operation has no dates, and so no year.
    let of_country = Question {
        country: Some("DE".into()),
        ..question("funding_per_unemployed", Dimension::Country)
    };
    let answer = ask(&of_country).await.unwrap();
    let germany = row(&answer, "DE");
    assert_eq!((germany.value, germany.n), (Some(0.4005), Some(2)));
    assert_eq!(germany.coverage, Some(2.0 / 3.0));
}

#[tokio::test]
async fn a_country_without_the_statistic_says_so() {
    for (language, reason) in [
        (
            Language::De,
            "die Statistik hat keine Bestände dieses Staates",
        ),
        (Language::Sv, "statistiken har inga antal för detta land"),
        (Language::En, "the statistic has no stocks of this country"),
    ] {
        let asked = Question {
            language,
            ..question("funding_per_unemployed", Dimension::Country)
        };
        let status = &row(&ask(&asked).await.unwrap(), "SE").status.clone();
        assert_eq!(*status, Status::Missing(reason.into()));
    }
}

#[tokio::test]
async fn an_index_is_one_over_units() {
    let asked = Question {
        country: Some("DE".into()),
        ..question("beneficiary_hhi", Dimension::Country)
    };
    let answer = ask(&asked).await.unwrap();
    // o1 has 400.50, o2 99.50 of 500.
    let expected = (400.5_f64 / 500.0).powi(2) + (99.5_f64 / 500.0).powi(2);
    let value = row(&answer, "DE").value.unwrap();
    assert!((value - expected).abs() < 1e-12, "{value}");
    let refused = ask(&question("beneficiary_hhi", Dimension::Beneficiary))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, CompareError::Refused(Refusal::Dimension { .. })),
        "{refused}"
    );
}

#[tokio::test]
async fn filters_narrow_the_question() {
    let asked = Question {
        filter: Some("programme = 'P2'".into()),
        country: Some("DE".into()),
        ..question("funding_total_eligible", Dimension::Programme)
    };
    let answer = ask(&asked).await.unwrap();
    assert_eq!(answer.comparison.rows.len(), 1);
    assert_eq!(row(&answer, "P2").label, "Programm Zwei");
    let wrong = Question {
        filter: Some("programm = 'P2'".into()),
        ..asked
    };
    assert!(matches!(ask(&wrong).await, Err(CompareError::Query(_))));
}

#[tokio::test]
async fn a_programme_answers_for_its_operations_and_regions_for_themselves() {
    // P1 counts 100 women and 60 men itself, which hold those of operation a; P3 55 of 100 in the whole of Sweden.
    let answer = ask(&question("women_share", Dimension::Country))
        .await
        .unwrap();
    let germany = row(&answer, "DE");
    assert_eq!((germany.value, germany.n), (Some(0.625), Some(160)));
    assert_eq!(row(&answer, "SE").value, Some(0.55));
    assert_eq!(answer.comparison.overall, Some(155.0 / 260.0));
    assert!(!answer.comparison.adds_up);
    // By region P1 has none of its own: there its operations answer, half of a in each of its two places.
    let answer = ask(&question("women_share", Dimension::Region))
        .await
        .unwrap();
    assert_eq!(row(&answer, "DE2").value, Some(0.6));
    assert_eq!(row(&answer, "SE11").value, Some(0.5));
    // The women of SE12 are hidden: no number, and not the reason that there is none.
    assert_eq!(row(&answer, "SE12").status, Status::Suppressed);
    // Berlin has the other half of a; those of b are hidden.
    let berlin = row(&answer, "DE3");
    assert_eq!(berlin.value, Some(0.6));
    assert!(berlin.flags.contains(&"partly_suppressed".to_owned()));
}

#[tokio::test]
async fn shares_of_people_have_bounds_of_people_and_need_both_counts() {
    let asked = Question {
        country: Some("DE".into()),
        ..question("employment_rate_on_leaving", Dimension::Programme)
    };
    let answer = ask(&asked).await.unwrap();
    let one = row(&answer, "P1");
    assert_eq!((one.value, one.n), (Some(0.25), Some(40)));
    assert!(one.lower.unwrap() > 0.14 && one.upper.unwrap() < 0.41);
    let asked = Question {
        country: Some("DE".into()),
        ..question("cost_per_participant", Dimension::Programme)
    };
    let answer = ask(&asked).await.unwrap();
    // 100.50 over 50 and 300.00 over 60; P2 publishes nobody.
    assert_eq!(row(&answer, "P1").value, Some(400.5 / 110.0));
    assert_eq!(row(&answer, "P2").value, None);
    assert_eq!(row(&answer, "P1").coverage, Some(1.0));
}

#[tokio::test]
async fn money_of_a_year_is_at_its_prices_and_parts_add_up_to_the_cent() {
    let asked = question("spending", Dimension::Year);
    let answer = ask(&asked).await.unwrap();
    // 366 of 731 days of 731,000 kronor at 10.0, the others at 12.5; the year of a and b is 2016.
    assert_eq!(row(&answer, "2020").value, Some(36_600.0));
    assert_eq!(row(&answer, "2021").value, Some(29_200.0));
    assert_eq!(row(&answer, "2016").value, Some(400.5));
    // The 99.50 of c have no year: they are in no row, and the sentence below the rows says so.
    assert_eq!(answer.comparison.overall, Some(66_300.0));
    let left = answer.comparison.unallocated_share.unwrap();
    assert!((left - 99.5 / 66_300.0).abs() < 1e-12, "{left}");
    let told = answer.comparison.left_over().unwrap();
    assert!(
        told.ends_with("of the money could not be given to any row."),
        "{told}"
    );
    let answer = ask(&question("funding_real", Dimension::Country))
        .await
        .unwrap();
    // Kronor of 2021 lose a sixth of their worth against 2020 before they are converted at the rate of 2020.
    assert_eq!(row(&answer, "SE").value, Some(67_016.67));
    assert_eq!(row(&answer, "DE").value, Some(440.55));
    assert_eq!(row(&answer, "DE").n, Some(2));
}

#[tokio::test]
async fn an_inequality_is_taken_apart() {
    let asked = question("beneficiary_theil", Dimension::Programme);
    let answer = ask(&asked).await.unwrap();
    let (within, between) = answer.comparison.within_between.unwrap();
    assert!(within.abs() < 1e-12 && between > 0.0, "{within} {between}");
}
