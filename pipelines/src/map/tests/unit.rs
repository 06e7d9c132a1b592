//! Units and times that stand in the cells: a unit for each row, days as midnights in UTC.

use arrow::util::display::array_value_to_string;

use super::*;

const HEAD: &str = "Begünstigter;Vorhaben;Beginn;Gesamtkosten;Einheit;Ort\n";

#[test]
fn a_column_gives_the_amounts_of_its_row_their_unit() {
    let text = format!(
        "{HEAD}Verein 1 e.V.;Vorhaben 1;01.02.2016;654,5;T€;Musterstadt\n\
         Verein 2 e.V.;Vorhaben 2;01.02.2016;279.700,00;€;Musterstadt\n\
         Verein 3 e.V.;Vorhaben 3;01.02.2016;;;Musterstadt\n\
         Verein 4 e.V.;Vorhaben 4;01.02.2016;1,25;Mio. EUR;Musterstadt\n"
    );
    let mapped = expect(&text, 4, &[("total_cost", 218_420_000)]);
    assert_eq!(mapped.amounts[0].currency.of(0), Some("EUR"));
    let rules = rules(&mapped);
    assert!(
        rules.contains(&"unit_by_row") && !rules.contains(&"unknown_column"),
        "{rules:?}"
    );
    let text = format!(
        "{HEAD}Verein 1 e.V.;Vorhaben 1;01.02.2016;65450;Cent;Musterstadt\n\
         Verein 2 e.V.;Vorhaben 2;01.02.2016;279.700,00;€;Musterstadt\n"
    );
    expect(&text, 2, &[("total_cost", 28_035_450)]);
    let numbers = r#"[{"Begünstigter": "Verein 1", "Vorhaben": "A", "Gesamtkosten": 65450, "Einheit": "Cent"},
        {"Begünstigter": "Verein 2", "Vorhaben": "B", "Gesamtkosten": 2.25, "Einheit": "EUR"}]"#;
    expect(numbers, 2, &[("total_cost", 65_675)]);
    let numbers = r#"[{"Begünstigter": "Verein 1", "Vorhaben": "A", "Gesamtkosten": 654.5, "Einheit": "TEUR"},
        {"Begünstigter": "Verein 2", "Vorhaben": "B", "Gesamtkosten": 2.25, "Einheit": "EUR"}]"#;
    let mapped = expect(numbers, 2, &[("total_cost", 65_450_225)]);
    assert_eq!(mapped.amounts[0].currency.of(1), Some("EUR"));
}

#[test]
fn a_word_that_may_be_a_name_is_a_unit_beside_others_only() {
    for (first, second, sum) in [
        ("CENT", "€", 28_035_450),
        ("Cent", "CENT", 345_150),
        ("CENT", "CENT", 34_515_000),
        ("CT", "CT", 34_515_000),
    ] {
        let text = format!(
            "{HEAD}Verein 1 e.V.;Vorhaben 1;01.02.2016;65450;{first};Musterstadt\n\
             Verein 2 e.V.;Vorhaben 2;01.02.2016;279.700,00;{second};Musterstadt\n"
        );
        let mapped = expect(&text, 2, &[("total_cost", sum)]);
        let is_unknown = rules(&mapped).contains(&"unknown_column");
        assert_eq!(is_unknown, sum == 34_515_000, "{first} {second}");
    }
}

#[test]
fn an_amount_without_its_unit_refuses_the_file() {
    let row = |n: usize, unit: &str| {
        format!("Verein {n} e.V.;Vorhaben {n};01.02.2016;654,5;{unit};Musterstadt\n")
    };
    let text = format!("{HEAD}{}{}{}", row(1, "T€"), row(2, ""), row(3, "€"));
    let error = map(&text).unwrap_err();
    assert!(matches!(error, MapError::UnitOfRow { .. }), "{error}");
    assert!(error.to_string().contains("line 3 "), "{error}");
    // Other words in a column are no units, and a unit that all rows have says nothing of a scale.
    for units in [["T€", "Abteilung"], ["€", "€"]] {
        let text = format!("{HEAD}{}{}", row(1, units[0]), row(2, units[1]));
        let mapped = expect(&text, 2, &[("total_cost", 130_900)]);
        assert!(rules(&mapped).contains(&"unknown_column"), "{units:?}");
    }
}

#[test]
fn midnights_in_utc_are_the_days_that_begin() {
    let list = |first: &str, second: &str| {
        format!(
            "Begünstigter;Vorhaben;Beginn;Gesamtkosten in EUR\n\
             Verein 1 e.V.;Vorhaben 1;{first};1,50\nVerein 2 e.V.;Vorhaben 2;{second};2,50\n"
        )
    };
    let winter = "2015-12-31T23:00:00.000Z";
    for (second, days, rule) in [
        (
            "2016-06-30T22:00:00.000Z",
            ["2016-01-01", "2016-07-01"],
            "utc_midnights",
        ),
        (
            "2016-06-30T10:30:00.000Z",
            ["2015-12-31", "2016-06-30"],
            "utc_times",
        ),
    ] {
        let mapped = expect(&list(winter, second), 2, &[("total_cost", 400)]);
        let column = mapped.rows.column_by_name("start_date").expect("days");
        let day = |row| array_value_to_string(column, row).expect("a day");
        assert_eq!([day(0), day(1)], days, "{second}");
        assert!(rules(&mapped).contains(&rule), "{second}");
    }
    let mapped = map(&list("2016-01-01T00:00:00Z", "2016-07-01T00:00:00Z")).unwrap();
    assert!(!rules(&mapped).iter().any(|rule| rule.starts_with("utc_")));
}
