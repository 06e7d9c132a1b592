//! Lists with sums in them, right and wrong. All content is made up.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use esf_schemas::Vocabulary;

use crate::check::{Comparison, PublishedTotal, StatedIn};
use crate::map::tests::{HEAD, map, rows};
use crate::map::{FileInput, Mapped, map_file};
use crate::read::Limits;
use crate::source::Source;

fn euro(cents: i128) -> String {
    format!("{},{:02}", cents / 100, cents % 100)
}

fn mapped(text: &str) -> Mapped {
    map(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Of each sum in a text whether it agrees with its rows; none where it was not compared.
fn verdicts(text: &str) -> Vec<Option<bool>> {
    let mapped = mapped(text);
    let totals = mapped.published_totals.iter();
    totals.map(PublishedTotal::agrees).collect()
}

fn why(total: &PublishedTotal) -> &str {
    match &total.comparison {
        Comparison::None(why) => why,
        compared @ Comparison::Rows { .. } => panic!("{compared:?}"),
    }
}

#[test]
fn the_sum_of_a_list_is_that_of_its_rows_to_the_cent() {
    let (some, sum) = rows(4);
    for (stated, agrees) in [(sum, true), (sum + 1, false), (sum - 1, false)] {
        let total = euro(stated);
        let behind = format!("{HEAD}{some}Summe;;;{total}\n");
        let before = format!("{HEAD}Gesamtsumme;;;{total}\n{some}");
        for text in [behind, before] {
            assert_eq!(verdicts(&text), [Some(agrees)], "{text}");
        }
    }
    let wrong = mapped(&format!("{HEAD}{some}Gesamt;;;{}\n", euro(sum - 1)));
    let [total] = wrong.published_totals.as_slice() else {
        panic!("{:?}", wrong.published_totals);
    };
    assert_eq!(
        (total.amount_kind.as_str(), total.currency.as_deref()),
        ("total_cost", Some("EUR"))
    );
    assert_eq!(total.stated, sum - 1);
    let StatedIn::List(place) = &total.stated_in else {
        panic!("{total:?}");
    };
    assert!(
        place.starts_with("line 6 ") && place.ends_with(" column 4"),
        "{place}"
    );
    let compared = Comparison::Rows {
        rows: 4,
        sum,
        rounding: 0,
    };
    assert_eq!(total.comparison, compared);
}

#[test]
fn the_word_may_stand_under_a_column_of_numbers() {
    let head = "Lfd. Nr.;Begünstigter;Vorhaben;Beginn;Gesamtkosten in EUR\n";
    let line = |i: usize| format!("{i};Verein {i};Vorhaben {i};01.0{i}.2016;{i}00,50\n");
    let some: String = (1..5).map(line).collect();
    let mapped = mapped(&format!("{head}{some}Summe;;;;1002,01\n"));
    assert_eq!(mapped.account.ignored["total"], 1);
    assert_eq!(mapped.published_totals[0].agrees(), Some(false));
}

#[test]
fn what_was_rounded_may_differ_by_half_of_its_last_digit() {
    // Rows to the cent, the sum in whole euro.
    let (some, sum) = rows(3);
    assert_eq!(sum, 60_150);
    for (total, agrees) in [("601", true), ("602", true), ("600", false), ("603", false)] {
        let text = format!("{HEAD}{some}Summe;;;{total}\n");
        assert_eq!(verdicts(&text), [Some(agrees)], "{total}");
    }
    // Rows in whole euro: each may be off by half of one, and so may the sum.
    let whole = some.replace(",50", "");
    for (total, agrees) in [
        ("600", true),
        ("602", true),
        ("603", false),
        ("601,50", true),
        ("601,51", false),
    ] {
        let text = format!("{HEAD}{whole}Summe;;;{total}\n");
        assert_eq!(verdicts(&text), [Some(agrees)], "{total}");
    }
    // Rows that were rounded to the cent when they were read.
    let finer = some.replace(",50", ",333333");
    for (total, agrees) in [("600,98", true), ("601,00", true), ("601,01", false)] {
        let text = format!("{HEAD}{finer}Summe;;;{total}\n");
        assert_eq!(verdicts(&text), [Some(agrees)], "{total}");
    }
}

#[test]
fn sums_of_parts_are_compared_where_most_show_what_they_stand_for() {
    let (some, sum) = rows(3);
    let part = |cents: i128| format!("{some}Zwischensumme;;;{}\n", euro(cents));
    let right = part(sum);
    assert_eq!(verdicts(&format!("{HEAD}{right}{right}")), [Some(true); 2]);
    let wrong = part(sum - 1);
    let text = format!("{HEAD}{right}{wrong}{right}");
    let all = [Some(true), Some(false), Some(true)];
    assert_eq!(verdicts(&text), all);
    // Headings of groups that say whose sum they have.
    let group = |cents: i128| format!("Summe Programm A;;;{}\n{some}", euro(cents));
    let text = format!("{HEAD}{}{}{}", group(sum), group(sum), group(sum + 1));
    assert_eq!(verdicts(&text), [Some(true), Some(true), Some(false)]);
    // Sums of all rows so far.
    let running = |n: i128| part(n * sum);
    let text = format!("{HEAD}{}{}{}", running(1), running(2), running(3));
    assert_eq!(verdicts(&text), [Some(true); 3]);
}

#[test]
fn where_it_is_not_clear_what_is_summed_up_nothing_is_compared() {
    let (some, sum) = rows(3);
    let total = |label: &str, cents: i128| format!("{label};;;{}\n", euro(cents));
    for text in [
        // One of two parts, or a part that stands alone.
        format!("{HEAD}{some}{}", total("Zwischensumme", 100)),
        format!("{HEAD}{some}{}", total("Summe Programm A", 100)),
        // A firm of that name, and a sum amid the rows.
        format!("{HEAD}{some}{}{some}", total("Summe", 100)),
        format!("{HEAD}{some}{}", total("Summen Mustertechnik", 100)),
        format!("{HEAD}{some}{}", total("Übertrag", sum)),
    ] {
        assert_eq!(verdicts(&text), [None], "{text}");
    }
    // Every group ends with a sum of the same name.
    let two = format!("{some}{}", total("Summe", 100));
    assert_eq!(verdicts(&format!("{HEAD}{two}{two}")), [None, None]);
    // The list is whole, so a part was put together in another way.
    let part = format!("{some}{}", total("Zwischensumme", sum));
    let other = format!("{some}{}", total("Zwischensumme", 100));
    let whole = total("Gesamtsumme", 3 * sum);
    let text = format!("{HEAD}{part}{other}{part}{whole}");
    assert_eq!(verdicts(&text), [Some(true), None, Some(true), Some(true)]);
}

#[test]
fn a_list_with_amounts_that_cannot_be_read_is_not_compared() {
    let (some, sum) = rows(12);
    let unread = "Verein X e.V.;Vorhaben X;01.02.2016;in Prüfung\n";
    let text = format!("{HEAD}{some}{unread}Summe;;;{}\n", euro(sum + 500));
    let found = mapped(&text);
    assert_eq!(
        why(&found.published_totals[0]),
        "1 of the amounts that it stands for cannot be read"
    );
}

#[test]
fn amounts_of_several_kinds_have_no_sum() {
    let text = "Begünstigter;Vorhaben;Art des Betrags;Betrag in EUR\nV 1;V1;Gesamtkosten;10,50\nV 2;V2;EU-Mittel;2,00\nV 3;V3;EU-Mittel;1,00\nSumme;;;13,51\n";
    let found = mapped(text);
    assert!(why(&found.published_totals[0]).contains("several kinds"));
}

/// Maps a list of a source that declares totals.
fn declared(totals: &str, text: &str) -> Vec<PublishedTotal> {
    let toml = format!(
        "title = \"Made\"\npublisher = \"Made\"\nkind = \"operations\"\ngeneric = true\ncountry = \"DE\"\n{totals}\n"
    );
    let texts = BTreeMap::from([("source.toml".to_owned(), toml)]);
    let source = Source::parse("made", texts).unwrap();
    let file = FileInput {
        source: Arc::new(source),
        file_name: "made.csv".into(),
        sha256: String::new(),
        content: Bytes::from(text.to_owned()).into(),
        published: Some(jiff::civil::date(2016, 6, 30)),
        first_seen: 1,
        earlier: Vec::new(),
    };
    let mapped = map_file(&file, Vocabulary::standard(), &Limits::default());
    mapped.unwrap().published_totals
}

#[test]
fn a_declared_total_holds_for_the_file_of_its_day() {
    let (some, _) = rows(3);
    let text = format!("{HEAD}{some}");
    for (totals, expected) in [
        ("totals = { total_cost = \"601.50\" }", vec![Some(true)]),
        ("totals = { total_cost = \"601.51\" }", vec![Some(false)]),
        (
            "totals = { \"total_cost EUR\" = \"602\" }",
            vec![Some(true)],
        ),
        (
            "totals = { \"total_cost SEK\" = \"602\" }",
            vec![Some(false)],
        ),
        ("totals = { granted = \"1.00\" }", vec![Some(false)]),
        (
            "published = \"2016-06-30\"\ntotals = { total_cost = \"1\" }",
            vec![Some(false)],
        ),
        (
            "published = \"2016-07-31\"\ntotals = { total_cost = \"1\" }",
            vec![],
        ),
    ] {
        let found = declared(&format!("[[control.stated]]\n{totals}"), &text);
        let found: Vec<Option<bool>> = found.iter().map(PublishedTotal::agrees).collect();
        assert_eq!(found, expected, "{totals}");
    }
    let doubled =
        "pages_published_twice = true\n[[control.stated]]\ntotals = { total_cost = \"1\" }";
    assert_eq!(
        why(&declared(doubled, &text)[0]),
        "its pages were published twice"
    );
}
