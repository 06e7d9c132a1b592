//! Lists as they are published, with all that surrounds and interrupts their rows: text in, accounts and sums out.
//! All content is made up.

mod fuzz;
mod layout;
mod nested;
mod rate;
mod spanning;
mod sums;
mod unit;
mod unreadable;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use arrow::array::Array;
use bytes::Bytes;
use esf_schemas::Vocabulary;

use super::{FileInput, MapError, Mapped, map_file};
use crate::read::Limits;
use crate::source::{Catalogue, Source, SourceKind};

/// The source for lists of unknown publishers.
static ANY: LazyLock<Arc<Source>> = LazyLock::new(|| {
    let catalogue = Catalogue::embedded().expect("the bundled sources are sound");
    let mut generic = catalogue
        .iter()
        .filter(|source| source.is_generic() && source.toml.kind == SourceKind::Operations);
    Arc::clone(generic.next().expect("a source for unknown lists"))
});

/// Maps a text with the vocabulary alone.
pub(super) fn map(text: &str) -> Result<Mapped, MapError> {
    map_as(&ANY, text)
}

/// Maps a text as a file of a source.
fn map_as(source: &Arc<Source>, text: &str) -> Result<Mapped, MapError> {
    let file = FileInput {
        source: Arc::clone(source),
        file_name: "made.csv".into(),
        sha256: String::new(),
        content: Bytes::from(text.to_owned()).into(),
        published: None,
        first_seen: 1,
        earlier: Vec::new(),
    };
    map_file(&file, Vocabulary::standard(), &Limits::default())
}

/// Rows loaded, and the sum of each kind of amount in cents.
fn sums(mapped: &Mapped) -> (u64, BTreeMap<String, i128>) {
    let mut sums = BTreeMap::new();
    for amount in &mapped.amounts {
        for row in (0..amount.values.len()).filter(|row| amount.values.is_valid(*row)) {
            let kind = amount.kind_of(row).unwrap_or("unknown");
            *sums.entry(kind.to_owned()).or_default() += amount.values.value(row);
        }
    }
    (mapped.account.loaded, sums)
}

fn expect(text: &str, loaded: u64, cents: &[(&str, i128)]) -> Mapped {
    let mapped = map(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let expected = cents.iter().map(|(kind, sum)| ((*kind).to_owned(), *sum));
    assert_eq!(sums(&mapped), (loaded, expected.collect()), "{text}");
    mapped
}

fn rules(mapped: &Mapped) -> Vec<&str> {
    mapped.findings.iter().map(|f| f.rule.as_ref()).collect()
}

/// The rules by which rows were rejected.
fn quarantined(mapped: &Mapped) -> Vec<&str> {
    mapped.quarantine.iter().map(|f| f.rule.as_ref()).collect()
}

pub(super) const HEAD: &str = "Begünstigter;Vorhaben;Beginn;Gesamtkosten in EUR\n";

/// `n` rows of 100,50 and more, the sum of which is returned in cents.
pub(super) fn rows(n: usize) -> (String, i128) {
    let line = |i: usize| {
        format!(
            "Verein {i} e.V.;Vorhaben {i};0{}.02.2016;{}00,50\n",
            i % 9 + 1,
            i + 1
        )
    };
    let cents = (0..n).map(|i| (i as i128 + 1) * 10_000 + 50).sum();
    ((0..n).map(line).collect(), cents)
}

#[test]
fn a_header_repeated_on_later_pages_is_no_operation_and_hides_none() {
    let (some, sum) = rows(4);
    expect(
        &format!("{HEAD}{some}{HEAD}{some}{HEAD}{some}"),
        12,
        &[("total_cost", 3 * sum)],
    );
}

#[test]
fn a_word_in_place_of_a_figure_makes_no_header_of_the_rows_above_it() {
    let (some, sum) = rows(4);
    for (word, loaded) in [
        ("keine Angabe", 9),
        ("noch offen", 9),
        ("in Prüfung", 8),
        ("zurückgezogen", 8),
    ] {
        let text = format!("{HEAD}{some}Verein X e.V.;Vorhaben X;01.02.2016;{word}\n{some}");
        let mapped = expect(&text, loaded, &[("total_cost", 2 * sum)]);
        assert_eq!(mapped.account.quarantined, 9 - loaded, "{word}");
    }
}

#[test]
fn what_says_nothing_of_an_amount_is_no_amount_left_out() {
    let (some, sum) = rows(4);
    for cell in ["siehe Anlage", "???", "#REF!", "#NV", "EUR"] {
        let row = |i: usize| format!("Verein X{i} e.V.;Vorhaben X{i};01.02.2016;{cell}\n");
        let text = format!("{HEAD}{some}{}{some}{}{}", row(1), row(2), row(3));
        let mapped = expect(&text, 8, &[("total_cost", 2 * sum)]);
        assert_eq!(mapped.account.quarantined, 3, "{cell}");
        for doubt in &mapped.quarantine {
            let told = (doubt.rule.as_ref(), doubt.value.as_deref());
            assert_eq!(told, ("amount_unreadable", Some(cell)));
        }
        assert!(!rules(&mapped).contains(&"no_amount"), "{cell}");
    }
    // Blank cells and known words say that there is none.
    for word in [
        "",
        "-",
        "–",
        "k.A.",
        "N/A",
        "uppgift saknas",
        "ohne Angabe",
        "entfällt",
        "Entfällt",
        "noch offen",
        "Offen",
    ] {
        let row = format!("Verein X e.V.;Vorhaben X;01.02.2016;{word}\n");
        let mapped = expect(&format!("{HEAD}{some}{row}"), 5, &[("total_cost", sum)]);
        assert_eq!(mapped.account.quarantined, 0, "{word}");
        assert!(rules(&mapped).contains(&"no_amount"), "{word}");
    }
}

#[test]
fn an_amount_beside_one_that_can_be_read_is_null_and_told() {
    let head = "Begünstigter;Vorhaben;Beginn;Gesamtkosten in EUR;Zuwendung in EUR\n";
    let some: Vec<String> = (1..6)
        .map(|i| format!("Verein {i} e.V.;Vorhaben {i};0{i}.02.2016;{i}00,50;{i}0,25\n"))
        .collect();
    let some = some.concat();
    let row = "Verein X e.V.;Vorhaben X;01.02.2016;100,00;siehe Anlage\n";
    let amounts = [("granted", 15_125), ("total_cost", 160_250)];
    let mapped = expect(&format!("{head}{some}{row}"), 6, &amounts);
    assert_eq!(mapped.account.quarantined, 0);
    let unread: Vec<_> = mapped
        .findings
        .iter()
        .filter(|f| f.rule == "value_unreadable")
        .map(|f| (f.row, f.value.as_deref()))
        .collect();
    assert_eq!(unread, [(Some(7), Some("siehe Anlage"))]);
}

#[test]
fn words_that_an_amount_is_not_known_yet_are_no_amounts_and_elsewhere_texts() {
    let head = "Begünstigter;Vorhaben;Beginn;Gesamtkosten in EUR;Zuwendung in EUR\n";
    let (some, sum) = rows(4);
    let some = some.replace('\n', ";1,50\n");
    let row = "Verein X e.V.;offen;01.02.2016;100,00;offen\n\
               Verein Y e.V.;Vorhaben Y;01.02.2016;37,00;noch offen\n";
    let text = format!("{head}{some}{row}");
    let amounts = [("granted", 600), ("total_cost", sum + 13_700)];
    let mapped = expect(&text, 6, &amounts);
    assert_eq!(mapped.account.amounts_unreadable, 0);
    let titles = mapped.rows.column_by_name("title").expect("titles");
    let titles = arrow::array::AsArray::as_string::<i32>(titles);
    assert_eq!(titles.value(4), "offen");
    // A source that declares words of its own means no others.
    let mut texts = ANY.texts.clone();
    let mapping = "[conventions]\nnull_words = [\"k.A.\"]\n".to_owned();
    texts.insert("mapping.toml".to_owned(), mapping);
    let source = Arc::new(Source::parse("made", texts).expect("a source"));
    let mapped = map_as(&source, &text).expect("a list");
    assert_eq!(mapped.account.amounts_unreadable, 2);
}

#[test]
fn a_row_that_numbers_the_columns_belongs_to_the_header() {
    let (some, sum) = rows(3);
    for numbers in ["1;2;3;4", "(1);(2);(3);(4)"] {
        expect(
            &format!("{HEAD}{numbers}\n{some}"),
            3,
            &[("total_cost", sum)],
        );
    }
}

#[test]
fn a_row_of_units_below_the_labels_holds_for_its_column() {
    let text =
        "Begünstigter;Vorhaben;Gesamtkosten\n;;in Tsd. EUR\nVerein 1;V1;1,5\nVerein 2;V2;2\n";
    expect(text, 2, &[("total_cost", 350_000)]);
}

#[test]
fn sums_that_say_so_are_no_operations() {
    let (some, sum) = rows(3);
    let total = format!("{},{:02}", sum / 100, sum % 100);
    for label in [
        "Zwischensumme Programm 1",
        "Summe",
        "Gesamtergebnis",
        "Summa beviljat",
        "Grand total",
    ] {
        let text = format!("{HEAD}{some}{label};;;{total}\n");
        let mapped = expect(&text, 3, &[("total_cost", sum)]);
        assert_eq!(mapped.account.ignored["total"], 1, "{label}");
    }
}

#[test]
fn sums_that_only_add_up_are_no_operations() {
    let (some, sum) = rows(3);
    let total = format!("{},{:02}", sum / 100, sum % 100);
    // A heading of a group with the group's sum, and a sum behind each group.
    let headings = format!("{HEAD}Programm A;;;{total}\n{some}Programm B;;;{total}\n{some}");
    expect(&headings, 6, &[("total_cost", 2 * sum)]);
    let behind = format!("{HEAD}{some}Programm A;;;{total}\n{some}Programm B;;;{total}\n");
    expect(&behind, 6, &[("total_cost", 2 * sum)]);
    // One that does not add up is told, and is no operation either.
    let other = format!("{HEAD}{some}Programm A;;;1,00\n{some}");
    let mapped = expect(&other, 6, &[("total_cost", 2 * sum)]);
    assert_eq!(quarantined(&mapped), ["row_thin"]);
}

#[test]
fn operations_without_an_amount_are_loaded() {
    let text = "Begünstigter;Vorhaben;Zuwendung in EUR\nVerein 1;V1;\nVerein 2;V2;100,50\nVerein 3;V3;\nVerein 4;V4;\n";
    expect(text, 4, &[("granted", 10_050)]);
}

#[test]
fn periods_in_one_cell_are_read_in_every_spelling_of_dates() {
    for (period, start, end) in [
        ("02.01.2016 - 31.12.2018", 16_802, 17_896),
        ("02.01.2016 bis 31.12.2018", 16_802, 17_896),
        ("01/2016 - 12/2018", 16_801, 17_896),
        ("2016-2018", 16_801, 17_896),
    ] {
        let line = |i| format!("Verein {i};V{i};{period};{i}00,50\n");
        let text: String = (1..6).map(line).collect();
        let mapped = map(&format!(
            "Begünstigter;Vorhaben;Laufzeit;Zuwendung in EUR\n{text}"
        ));
        let mapped = mapped.expect("a list");
        let day = |name: &str| {
            let days = mapped.rows.column_by_name(name).expect(name);
            arrow::array::AsArray::as_primitive::<arrow::datatypes::Date32Type>(days).value(0)
        };
        assert_eq!(
            (day("start_date"), day("end_date")),
            (start, end),
            "{period}"
        );
    }
}

#[test]
fn amounts_of_no_known_kind_are_told() {
    let mapped = map("Begünstigter;Vorhaben;Betrag in EUR\nVerein 1;V1;100,50\nVerein 2;V2;7,00\n");
    let mapped = mapped.expect("a list");
    assert!(
        rules(&mapped).contains(&"amount_kind_unknown"),
        "{:?}",
        rules(&mapped)
    );
}

#[test]
fn a_column_of_kinds_gives_codes_only() {
    let text = "Begünstigter;Vorhaben;Art des Betrags;Betrag in EUR\nV 1;V1;Gesamtkosten;10,50\nV 2;V2;EU-Mittel;2,00\nV 3;V3;Wunsch;1,00\n";
    let mapped = expect(
        text,
        3,
        &[("eu", 200), ("total_cost", 1_050), ("unknown", 100)],
    );
    let rules = rules(&mapped);
    assert!(rules.contains(&"value_unknown") && rules.contains(&"amount_kind_unknown"));
}

#[test]
fn what_is_finer_than_a_cent_is_told() {
    let text = "Begünstigter;Vorhaben;Zuwendung in EUR\nV 1;V1;1234.567\nV 2;V2;7.12\n";
    let mapped = expect(text, 2, &[("granted", 124_169)]);
    assert!(rules(&mapped).contains(&"value_doubtful"));
}

#[test]
fn columns_that_are_left_out_are_told() {
    let text = "Begünstigter;Vorhaben;Beginn;Startdatum;Zuwendung in EUR;\nV 1;V1;01.02.2016;02.02.2016;1,50;7\nV 2;V2;01.02.2016;02.02.2016;2,50\n";
    let mapped = expect(text, 2, &[("granted", 400)]);
    let rules = rules(&mapped);
    assert!(
        rules.contains(&"field_twice") && rules.contains(&"cells_without_label"),
        "{rules:?}"
    );
}

#[test]
fn a_table_without_operations_is_refused() {
    let refused = map("Begünstigter;Vorhaben;Zuwendung in EUR\nStand: 2020;;\n");
    assert!(
        matches!(refused, Err(MapError::NoOperations { rows: 1, .. })),
        "{refused:?}"
    );
}

#[test]
fn a_header_and_nothing_below_it_is_told_as_that() {
    let refused = map("Begünstigter;Vorhaben;Zuwendung in EUR\n");
    assert!(matches!(refused, Err(MapError::NoRows)), "{refused:?}");
}

#[test]
fn columns_of_one_unknown_label_are_told_apart() {
    let text =
        "Begünstigter;Vorhaben;Zuwendung in EUR;Xyzzy;Xyzzy\nV 1;V1;1,50;a;b\nV 2;V2;2,50;a;b\n";
    let mapped = expect(text, 2, &[("granted", 400)]);
    let unknown = mapped
        .findings
        .iter()
        .filter(|f| f.rule == "unknown_column");
    let places: Vec<&str> = unknown.map(|f| f.location.as_str()).collect();
    assert_eq!(places, ["column D", "column E"]);
}

#[test]
fn a_list_that_lost_its_amounts_is_refused() {
    let some: Vec<String> = (1..6)
        .map(|i| format!("Verein {i} e.V.;Vorhaben {i};0{i}.02.2016;{i}00,50\n"))
        .collect();
    let some = some.concat();
    let longer = format!("Begünstigter;Vorhaben;Beginn;Xyzzy;Zuwendung in EUR\n{some}");
    let error = map(&longer).unwrap_err();
    assert!(matches!(error, MapError::AmountsGone { .. }), "{error}");
    let hint = "column E \"Zuwendung in EUR\", and no other column has amounts; the header has 5 cells and no row more than 4";
    assert!(error.to_string().contains(hint), "{error}");

    let damaged = format!("Begünstigter;Vorhaben;Beginn;Xyzzy in EUR\n{some}");
    let error = map(&damaged).unwrap_err();
    assert!(matches!(error, MapError::AmountsUnknown { .. }), "{error}");

    // A list that never spoke of amounts is one all the same.
    let without = some.replace(",50\n", "\n");
    expect(
        &format!("Begünstigter;Vorhaben;Beginn;Xyzzy\n{without}"),
        5,
        &[],
    );
}

#[test]
fn three_decimals_among_cents_are_not_read() {
    let declared = |numbers: &str| {
        let mut texts = ANY.texts.clone();
        let mapping = format!("[conventions]\nnumbers = \"{numbers}\"\n");
        texts.insert("mapping.toml".to_owned(), mapping);
        Arc::new(Source::parse("made", texts).expect("a source"))
    };
    let list = |amounts: &[&str]| {
        let rows = amounts.iter().enumerate();
        let rows = rows.map(|(i, amount)| format!("Verein {i} e.V.;Vorhaben {i};{amount}\n"));
        let rows: String = rows.collect();
        format!("Begünstigter;Vorhaben;Zuwendung in EUR\n{rows}")
    };
    for (numbers, amounts, cents) in [
        ("1,234.56", ["4,156.00", "12.000", "9.50"], 416_550),
        ("1.234,56", ["4.156,00", "-12,000 €", "9,5"], 416_550),
        ("1234.56", ["4156", "12.000", "9.25"], 416_525),
    ] {
        let mapped = map_as(&declared(numbers), &list(&amounts)).expect("a list");
        let granted = BTreeMap::from([("granted".to_owned(), cents)]);
        assert_eq!(sums(&mapped), (2, granted), "{numbers}");
        let told: Vec<_> = mapped
            .quarantine
            .iter()
            .map(|q| (q.rule.as_ref(), q.value.as_deref()))
            .collect();
        let expected = [("amount_unreadable", Some(amounts[1]))];
        assert_eq!(told, expected, "{numbers}");
    }
    // As many others that have three decimals for sure say that these are decimals, too, and so does a mark of thousands.
    for (numbers, amounts, cents) in [
        ("1234.56", ["1234.567", "12.050", "9.50"], 125_612),
        ("1.234,56", ["4.156,00", "12.000", "9,50"], 1_616_550),
        ("1234.56", ["0.125", "7.25", "0.500"], 787),
    ] {
        let mapped = map_as(&declared(numbers), &list(&amounts)).expect("a list");
        let granted = BTreeMap::from([("granted".to_owned(), cents)]);
        assert_eq!(sums(&mapped), (3, granted), "{numbers}");
    }
    // Where most are so, it is the convention that is wrong.
    let most = list(&["4.156", "12.000", "500"]);
    let error = map_as(&declared("1,234.56"), &most).unwrap_err();
    assert!(matches!(error, MapError::Thousandths { .. }), "{error}");
    let told =
        "2 of 3 amounts in column C \"Zuwendung in EUR\" have three decimals, first at line 2 ";
    assert!(error.to_string().starts_with(told), "{error}");
    assert!(
        error.to_string().contains("than written as 1.234,56."),
        "{error}"
    );
}

#[test]
fn three_decimals_of_thousands_and_of_typed_numbers_are_read() {
    let rows = "V 1;V1;627,374\nV 2;V2;12,5\nV 3;V3;80,125\n";
    let text = format!("Begünstigter;Vorhaben;Zuwendung in Tsd. EUR\n{rows}");
    expect(&text, 3, &[("granted", 71_999_900)]);
    let one = "V 1;V1;627,5\nV 2;V2;12,500\nV 3;V3;80,1\n";
    let text = format!("Begünstigter;Vorhaben;Zuwendung in Tsd. EUR\n{one}");
    let mapped = expect(&text, 2, &[("granted", 70_760_000)]);
    assert_eq!(mapped.account.quarantined, 1);
    let typed = r#"[{"Begünstigter": "V 1", "Vorhaben": "A", "Zuwendung": 12.125},
        {"Begünstigter": "V 2", "Vorhaben": "B", "Zuwendung": 80.5}]"#;
    expect(typed, 2, &[("granted", 9_262)]);
}

#[test]
fn an_amount_that_is_lost_in_rounding_is_told() {
    let text = "Begünstigter;Vorhaben;Zuwendung in EUR\nV 1;V1;0,001\nV 2;V2;7,12\nV 3;V3;0,00\n";
    let mapped = expect(text, 3, &[("granted", 712)]);
    let doubtful = mapped
        .findings
        .iter()
        .filter(|f| f.rule == "value_doubtful");
    let told: Vec<(Option<i64>, &str)> = doubtful.map(|f| (f.row, f.message.as_str())).collect();
    let message = "the amount is not zero as published, and rounds to 0.00";
    assert_eq!(told, [(Some(2), message)]);
}

#[test]
fn what_is_no_list_is_told_for_what_it_is() {
    for (text, found) in [
        ("<html><title>404</title>Not found", "an HTML page"),
        (
            "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>",
            "an XML document",
        ),
        ("Not found\nThe file was moved\n", "one column only"),
    ] {
        let error = map(text).unwrap_err().to_string();
        assert!(error.contains(found), "{error}");
    }
}

#[test]
fn text_of_two_encodings_is_refused_with_the_place() {
    let mut bytes = format!("{HEAD}{}", rows(20).0.replace("Vorhaben", "Übergänge")).into_bytes();
    bytes.extend_from_slice(b"Tr\xE4ger;V;01.02.2016;1,00\n");
    let error = crate::read::sniff(&bytes, "made.csv")
        .and_then(|format| {
            let mut tables = crate::read::Collected::default();
            crate::read::read(
                &Bytes::from(bytes),
                &format,
                &Limits::default(),
                &mut tables,
            )
        })
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("line 22") && error.contains("0xe4"),
        "{error}"
    );
}
