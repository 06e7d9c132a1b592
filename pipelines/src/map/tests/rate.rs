//! Rates: what a bare number means is said by its column, its label or a declaration, or it is null.

use arrow::array::AsArray;
use arrow::datatypes::Decimal128Type;

use super::*;

/// A list with these rates under a label.
fn list(label: &str, rates: &[&str]) -> String {
    let head = format!("Begünstigter;Vorhaben;Zuwendung in EUR;{label}\n");
    let rows = rates.iter().enumerate();
    let rows = rows.map(|(i, rate)| format!("Verein {i} e.V.;Vorhaben {i};{i}00,50;{rate}\n"));
    head + &rows.collect::<Vec<_>>().concat()
}

/// The source for unknown lists with declarations of its own.
fn declared(mapping: &str) -> Arc<Source> {
    let mut texts = ANY.texts.clone();
    texts.insert("mapping.toml".to_owned(), mapping.to_owned());
    Arc::new(Source::parse("made", texts).expect("a source"))
}

/// The rates in millionths.
fn rates(mapped: &Mapped) -> Vec<Option<i128>> {
    let rates = mapped.rows.column_by_name("union_rate").expect("rates");
    rates.as_primitive::<Decimal128Type>().iter().collect()
}

/// Whether a finding says that the bare rates of the file are left empty.
fn left_open(mapped: &Mapped) -> bool {
    mapped.findings.iter().any(|f| {
        f.rule == "inferred_convention"
            && f.message
                .starts_with("the bare rates of this file can be read in two ways")
    })
}

#[test]
fn a_bare_rate_is_what_its_column_or_its_label_says_or_null() {
    let plain = "Kofinanzierungssatz";
    for (label, published, expected, open) in [
        (plain, ["1", "1", "1"], [None; 3], true),
        (
            plain,
            ["1", "0,8", "0"],
            [Some(1_000_000), Some(800_000), Some(0)],
            false,
        ),
        (
            plain,
            ["1", "80", "0"],
            [Some(10_000), Some(800_000), Some(0)],
            false,
        ),
        (
            plain,
            ["1", "80 %", "0"],
            [None, Some(800_000), Some(0)],
            true,
        ),
        (
            plain,
            ["80", "0,5", "50 %"],
            [None, None, Some(500_000)],
            true,
        ),
        ("EU-Anteil in %", ["1", "1", "1"], [Some(10_000); 3], false),
        (
            "EU-Anteil in %",
            ["80", "0,5", "1"],
            [Some(800_000), Some(5_000), Some(10_000)],
            false,
        ),
        (
            "EU-Anteil in %",
            ["0,5", "1", "0"],
            [None, None, Some(0)],
            true,
        ),
    ] {
        let mapped = map(&list(label, &published)).expect("a list");
        let found = (rates(&mapped), left_open(&mapped));
        assert_eq!(found, (expected.to_vec(), open), "{label}: {published:?}");
        assert!(
            !rules(&mapped).contains(&"value_unreadable"),
            "{label}: {published:?}"
        );
    }
}

#[test]
fn a_list_whose_rates_are_open_is_loaded_all_the_same() {
    let mapped = map(&list("Kofinanzierungssatz", &["1"; 30])).expect("a list");
    assert_eq!(mapped.account.loaded, 30);
    assert_eq!(rates(&mapped), [None::<i128>; 30]);
    let told = rules(&mapped).into_iter();
    assert_eq!(
        told.filter(|rule| *rule == "inferred_convention").count(),
        2
    );
}

#[test]
fn a_declaration_decides_what_the_values_leave_open() {
    let text = list("Kofinanzierungssatz", &["1", "1"]);
    for (convention, rate) in [("percent", 10_000), ("fraction", 1_000_000)] {
        let source = declared(&format!("[conventions]\nrates = \"{convention}\"\n"));
        let mapped = map_as(&source, &text).expect("a list");
        assert_eq!(rates(&mapped), [Some(rate); 2], "{convention}");
        assert!(!left_open(&mapped), "{convention}");
    }
}

#[test]
fn a_rate_that_becomes_a_bound_by_rounding_is_told() {
    let published = ["99,99996 %", "50 %", "100 %", "0,00004 %", "0 %"];
    let mapped = map(&list("Kofinanzierungssatz", &published)).expect("a list");
    let expected = [1_000_000, 500_000, 1_000_000, 0, 0].map(Some);
    assert_eq!(rates(&mapped), expected);
    let doubts = mapped
        .findings
        .iter()
        .filter(|f| f.rule == "value_doubtful");
    let told: Vec<_> = doubts
        .map(|f| (f.value.as_deref(), f.message.as_str()))
        .collect();
    let message = "the rate is not 0 or 100 % as published, and rounds to it";
    assert_eq!(
        told,
        [(Some("99,99996 %"), message), (Some("0,00004 %"), message)]
    );
}

#[test]
fn a_rate_that_is_declared_for_all_rows_has_one_reading() {
    let text = "Begünstigter;Vorhaben;Zuwendung in EUR\nV 1;V1;1,50\nV 2;V2;2,50\n";
    for (declaration, rate) in [("50 %", 500_000), ("0.5", 500_000), ("80", 800_000)] {
        let source = declared(&format!("[constants]\nunion_rate = \"{declaration}\"\n"));
        let mapped = map_as(&source, text).expect("a list");
        assert_eq!(rates(&mapped), [Some(rate); 2], "{declaration}");
    }
    for declaration in ["1", "1.0", "150 %", "hälfte"] {
        let source = declared(&format!("[constants]\nunion_rate = \"{declaration}\"\n"));
        let error = map_as(&source, text).expect_err("no rate").to_string();
        assert!(error.contains("such as \"50 %\""), "{error}");
    }
}
