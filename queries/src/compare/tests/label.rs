//! What rows and caveats are called, in each language.

use super::*;

#[tokio::test]
async fn codes_have_their_names_in_the_language_of_the_question() {
    let ctx = session().await.unwrap();
    let sql = "INSERT INTO operation (operation_id, is_aggregate, country, fund, intervention_list, intervention_code, list_id)
        VALUES ('x', false, 'DE', 'ESF', 'ESF_2014_20', '104', 'l1'), ('y', false, 'DE', 'ESF', 'ESF_2000_06', '21', 'l1')";
    ctx.sql(sql).await.unwrap().collect().await.unwrap();
    for (language, fund, business, market) in [
        (
            Language::De,
            "ESF Europäischer",
            "104 Selbst",
            "21 Arbeitsmarktpolitik",
        ),
        (
            Language::Sv,
            "ESF Europeiska",
            "104 Egen",
            "21 Arbetsmarknadspolitik",
        ),
        (
            Language::En,
            "ESF European",
            "104 Self",
            "21 Labour market policy",
        ),
    ] {
        let of = |by| Question {
            language,
            country: Some("DE".into()),
            ..question("operations", by)
        };
        let metrics = Metrics::bundled().unwrap();
        let by_fund = compare(&ctx, &metrics, &of(Dimension::Fund)).await.unwrap();
        assert!(row(&by_fund, "ESF").label.starts_with(fund), "{by_fund:?}");
        // The fields of each period are a list of their own.
        let by_field = compare(&ctx, &metrics, &of(Dimension::Intervention))
            .await
            .unwrap();
        assert!(
            row(&by_field, "ESF_2014_20 104")
                .label
                .starts_with(business)
        );
        assert_eq!(row(&by_field, "ESF_2000_06 21").label, market);
        // What no list names keeps its code.
        assert_eq!(row(&by_field, "L 102").label, "L 102");
        let caveat = by_fund.comparison.caveats.first().unwrap();
        let is_told = match language {
            Language::De => caveat.starts_with("Eine Liste"),
            Language::Sv => caveat.starts_with("En lista"),
            Language::En => caveat.starts_with("A list"),
        };
        assert!(is_told, "{caveat}");
    }
}

#[tokio::test]
async fn countries_and_persons_have_names_in_the_language_of_the_question() {
    let ctx = session().await.unwrap();
    for sql in [
        "INSERT INTO operation (operation_id, is_aggregate, country, list_id) VALUES ('x', false, 'DE', 'l1')",
        "INSERT INTO operation_organisation VALUES ('x', 'beneficiary', 'o9')",
        "INSERT INTO organisation VALUES ('o9', NULL)",
    ] {
        ctx.sql(sql).await.unwrap().collect().await.unwrap();
    }
    let metrics = Metrics::bundled().unwrap();
    for (language, country, person) in [
        (Language::De, "Deutschland", "natürliche Person"),
        (Language::Sv, "Tyskland", "fysisk person"),
        (Language::En, "Germany", "natural person"),
    ] {
        let of = |by| Question {
            language,
            country: Some("DE".into()),
            ..question("operations", by)
        };
        let by_country = compare(&ctx, &metrics, &of(Dimension::Country))
            .await
            .unwrap();
        assert_eq!(row(&by_country, "DE").label, country);
        let by_beneficiary = compare(&ctx, &metrics, &of(Dimension::Beneficiary))
            .await
            .unwrap();
        assert_eq!(row(&by_beneficiary, "o9").label, person);
        assert_eq!(row(&by_beneficiary, "o1").label, "Musterwerk gGmbH");
    }
}
