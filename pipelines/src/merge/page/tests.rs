//! Pages under names, as files of several nights: which operations they give, and what is said of the others.

use std::sync::Arc;

use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use jiff::civil::date;
use sha2::{Digest, Sha256};

use super::*;
use crate::check::{Broken, integrity};
use crate::merge::made::{references, told};
use crate::merge::{Failure, Gone};
use crate::source::{Catalogue, Source, Vintage, hex};

/// A page as it was published: its name, its text, and the release in which it was first seen.
type Published<'a> = (&'a str, String, u64);

fn source(vintage: Vintage) -> Arc<Source> {
    let catalogue = Catalogue::embedded().unwrap();
    let mut source = catalogue.get("any_page").unwrap().renamed("made").unwrap();
    source.toml.vintage = vintage;
    Arc::new(source)
}

fn file(source: &Arc<Source>, (name, text, first_seen): &Published<'_>) -> FileInput {
    FileInput {
        source: Arc::clone(source),
        file_name: (*name).to_owned(),
        sha256: hex(&Sha256::digest(text.as_bytes())),
        content: Bytes::from(text.clone()).into(),
        published: None,
        first_seen: *first_seen,
        earlier: Vec::new(),
    }
}

/// A page of one project.
fn page(title: &str, holder: &str, start: &str, euro: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"de\"><head><meta charset=\"utf-8\"><title>Projekte</title></head><body>\
         <h1>{title}</h1><table><tr><th>Träger</th><td>{holder}</td></tr>\
         <tr><th>Projektlaufzeit</th><td>{start} - 31.12.2018</td></tr>\
         <tr><th>Fördersumme</th><td>{euro} €</td></tr></table></body></html>"
    )
}

fn bridge(title: &str, start: &str) -> String {
    page(title, "Beispielwerk gGmbH", start, "1.200.000")
}

const NOT_FOUND: &str = "<!DOCTYPE html><html lang=\"de\"><head><title>404</title></head><body>\
                         <h1>Seite nicht gefunden</h1></body></html>";

/// A list of projects as a table.
fn table(numbers: impl IntoIterator<Item = usize>) -> String {
    let rows = numbers.into_iter().map(|n| {
        format!(
            "<tr><td>Vorhaben {n}</td><td>Verein {n} e.V.</td><td>01.02.2016 - 31.12.2018</td><td>{n}00,00 €</td></tr>"
        )
    });
    let rows: String = rows.collect();
    format!(
        "<table><tr><th>Projekt</th><th>Träger</th><th>Laufzeit</th><th>Fördersumme</th></tr>{rows}</table>"
    )
}

fn document(body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"de\"><head><title>Projekte</title></head><body><h1>Projekte</h1>{body}</body></html>"
    )
}

fn derived(source: &Arc<Source>, pages: &[Published<'_>]) -> Result<ListOutput, Vec<Failure>> {
    let files: Vec<FileInput> = pages.iter().map(|page| file(source, page)).collect();
    let output = derive_pages(&files, &references());
    // Whatever order the files are given in.
    let turned: Vec<FileInput> = files.into_iter().rev().collect();
    if let (Ok(output), Ok(turned)) = (&output, derive_pages(&turned, &references())) {
        assert_eq!(told(&output.tables), told(&turned.tables));
        assert_eq!(integrity(&output.tables).unwrap(), Broken::new());
    }
    output
}

/// What a column says in each row of a table.
fn column(output: &ListOutput, table: &str, name: &str) -> Vec<String> {
    let options = FormatOptions::default();
    let mut said = Vec::new();
    for batch in output.tables.get(table).into_iter().flatten() {
        let column = batch.column_by_name(name).unwrap();
        let column = ArrayFormatter::try_new(column.as_ref(), &options).unwrap();
        said.extend((0..batch.num_rows()).map(|row| column.value(row).to_string()));
    }
    said.sort();
    said
}

fn of(pages: &[Published<'_>]) -> ListOutput {
    derived(&source(Vintage::Replace), pages).unwrap()
}

fn titles(output: &ListOutput) -> Vec<String> {
    column(output, "operation", "title")
}

#[test]
fn a_page_that_is_corrected_has_one_operation() {
    for later in [
        bridge("Wege in die Arbeit", "01.04.2016"),
        bridge("Wege in Arbeit", "01.05.2016"),
    ] {
        let first = bridge("Wege in Arbeit", "01.04.2016");
        let output = of(&[("p.html", first, 1), ("p.html", later, 2)]);
        assert_eq!(
            column(&output, "operation_amount", "amount"),
            ["1200000.00"]
        );
        let history = "operation_history";
        assert_eq!(column(&output, history, "changed_columns"), ["gone"]);
        assert_eq!(column(&output, history, "title"), ["Wege in Arbeit"]);
        let rules = column(&output, "finding", "rule");
        assert!(rules.contains(&"operations_gone".to_owned()), "{rules:?}");
    }
}

#[test]
fn pages_of_other_names_and_of_sources_that_add_take_nothing_away() {
    let first = || bridge("Wege in Arbeit", "01.04.2016");
    let other = || bridge("Neue Wege", "01.04.2016");
    let output = of(&[("p.html", first(), 1), ("q.html", other(), 2)]);
    assert_eq!(titles(&output), ["Neue Wege", "Wege in Arbeit"]);
    let pages = [("p.html", first(), 1), ("p.html", other(), 2)];
    let output = derived(&source(Vintage::Extend), &pages).unwrap();
    assert_eq!(titles(&output), ["Neue Wege", "Wege in Arbeit"]);
}

#[test]
fn a_page_that_tells_no_operation_takes_none_away() {
    let first = bridge("Wege in Arbeit", "01.04.2016");
    let nothing = NOT_FOUND.to_owned();
    let mut pages = vec![("p.html", first, 1), ("p.html", nothing, 2)];
    let output = of(&pages);
    assert_eq!(titles(&output), ["Wege in Arbeit"]);
    assert!(column(&output, "operation_history", "title").is_empty());
    let rules = column(&output, "finding", "rule");
    assert!(rules.contains(&"no_operation".to_owned()), "{rules:?}");
    // What comes behind it takes the place of what stood before it.
    pages.push(("p.html", bridge("Neue Wege", "01.04.2016"), 3));
    assert_eq!(titles(&of(&pages)), ["Neue Wege"]);
}

#[test]
fn an_operation_that_comes_back_was_gone_for_a_time() {
    let back = page(
        "Wege in Arbeit",
        "Beispielwerk gGmbH",
        "01.04.2016",
        "1.300.000",
    );
    let output = of(&[
        ("p.html", bridge("Wege in Arbeit", "01.04.2016"), 1),
        ("p.html", bridge("Neue Wege", "01.04.2016"), 2),
        ("p.html", back, 3),
    ]);
    assert_eq!(titles(&output), ["Wege in Arbeit"]);
    assert_eq!(
        column(&output, "operation_amount", "amount"),
        ["1300000.00"]
    );
    let history = column(&output, "operation_history", "changed_columns");
    assert_eq!(history, ["gone", "gone"]);
}

#[test]
fn an_operation_that_another_page_tells_is_as_that_one_says() {
    let euro = |euro: &str| page("Wege in Arbeit", "Beispielwerk gGmbH", "01.04.2016", euro);
    let output = of(&[
        ("list.html", euro("100.000"), 1),
        ("p.html", euro("200.000"), 2),
        ("p.html", bridge("Neue Wege", "01.04.2016"), 3),
    ]);
    assert_eq!(titles(&output), ["Neue Wege", "Wege in Arbeit"]);
    let amounts = column(&output, "operation_amount", "amount");
    assert_eq!(amounts, ["100000.00", "1200000.00"]);
    let changed = column(&output, "operation_history", "changed_columns");
    assert_eq!(changed, ["amount.granted.EUR"]);
}

#[test]
fn projects_of_one_name_and_several_bodies_are_several() {
    let of_body = |body: &str, euro: &str| page("Wege in Arbeit", body, "01.01.2016", euro);
    let output = of(&[
        ("p_0.html", of_body("Stadt Astadt", "100.000"), 1),
        ("p_1.html", of_body("Stadt Bestadt", "250.000"), 1),
        ("p_2.html", of_body("Stadt Cestadt", "400.000"), 1),
    ]);
    let amounts = column(&output, "operation_amount", "amount");
    assert_eq!(amounts, ["100000.00", "250000.00", "400000.00"]);
}

#[test]
fn pages_that_came_together_count_once_or_contradict_each_other() {
    let euro = |euro: &str| page("Wege in Arbeit", "Stadt Astadt", "01.01.2016", euro);
    let output = of(&[
        ("a.html", euro("100.000"), 1),
        ("b.html", euro("100.000,00"), 1),
    ]);
    assert_eq!(titles(&output), ["Wege in Arbeit"]);
    assert_eq!(column(&output, "ignored_rows", "reason"), [AGAIN]);
    assert!(column(&output, "operation_history", "title").is_empty());
    let rules = column(&output, "finding", "rule");
    assert!(
        rules.contains(&"operations_elsewhere".to_owned()),
        "{rules:?}"
    );
    let other = page("Neue Wege", "Stadt Astadt", "01.01.2016", "300.000");
    let pages = [
        ("a.html", euro("100.000"), 1),
        ("b.html", euro("200.000"), 1),
        ("c.html", other, 1),
    ];
    let failures = derived(&source(Vintage::Replace), &pages).unwrap_err();
    let failed: Vec<&str> = failures.iter().map(|f| f.file_name.as_str()).collect();
    assert_eq!(failed, ["a.html", "b.html"]);
    let message = failures[0].error.to_string();
    let said = "a.html, b.html came together and say different things of one operation";
    assert!(message.starts_with(said), "{message}");
    // Of earlier nights, before anybody looked for it, it is told.
    let output = of(&[
        ("a.html", euro("100.000"), 1),
        ("b.html", euro("200.000"), 1),
        ("c.html", bridge("Neue Wege", "01.04.2016"), 2),
    ]);
    let amounts = column(&output, "operation_amount", "amount");
    assert_eq!(amounts, ["100000.00", "1200000.00"]);
    let rules = column(&output, "finding", "rule");
    let told = "operations_contradicted".to_owned();
    assert!(rules.contains(&told), "{rules:?}");
    // What came later is the newer one.
    let output = of(&[
        ("a.html", euro("100.000"), 1),
        ("b.html", euro("200.000"), 2),
    ]);
    assert_eq!(column(&output, "operation_amount", "amount"), ["200000.00"]);
}

#[test]
fn a_name_that_several_pages_had_in_one_night_takes_nothing_away() {
    let output = of(&[
        ("index.html", bridge("Wege in Arbeit", "01.04.2016"), 1),
        ("index.html", bridge("Neue Wege", "01.04.2016"), 1),
        ("index.html", bridge("Dritte Wege", "01.04.2016"), 2),
    ]);
    assert_eq!(titles(&output).len(), 3);
    let rules = column(&output, "finding", "rule");
    let shared = rules.iter().filter(|rule| *rule == "page_name_shared");
    assert_eq!(shared.count(), 3, "{rules:?}");
}

#[test]
fn a_state_that_lost_its_date_is_not_older_than_the_one_before() {
    let source = source(Vintage::Replace);
    let later = bridge("Neue Wege", "01.04.2016");
    let first: Published<'_> = ("p.html", bridge("Wege in Arbeit", "01.04.2016"), 1);
    let dated = FileInput {
        published: Some(date(2020, 1, 1)),
        ..file(&source, &first)
    };
    let files = [dated, file(&source, &("p.html", later, 2))];
    let output = derive_pages(&files, &references()).unwrap();
    assert_eq!(titles(&output), ["Neue Wege"]);
}

#[test]
fn a_table_that_stands_on_a_page_twice_counts_once() {
    let text = document(&(table(1..4) + &table(1..4)));
    let output = of(&[("p.html", text, 1)]);
    assert_eq!(titles(&output).len(), 3);
    assert_eq!(column(&output, "ignored_rows", "reason"), [AGAIN]);
    assert_eq!(column(&output, "ignored_rows", "n"), ["3"]);
    let rules = column(&output, "finding", "rule");
    assert!(
        rules.contains(&"operations_repeated".to_owned()),
        "{rules:?}"
    );
    // Equal rows of one table are vouchers of their own, and so is what the second table has more of them.
    let vouchers = table([1, 1, 2, 3]);
    for body in [vouchers.clone(), table(1..4) + &vouchers] {
        let output = of(&[("p.html", document(&body), 1)]);
        assert_eq!(titles(&output).len(), 4, "{body}");
    }
}

#[test]
fn projects_of_one_body_under_headings_of_their_own_are_several() {
    let card = |heading: &str, start: &str, euro: &str| {
        format!(
            "{heading}<p><b>Träger:</b> Beispielwerk gGmbH</p><p><b>Laufzeit:</b> {start} - 31.12.2018</p>\
             <p><b>Fördersumme:</b> {euro} €</p>"
        )
    };
    let cards = card("<h2>Vorhaben Brücke</h2>", "01.01.2016", "100.000")
        + &card("<h2>Vorhaben Anker</h2>", "01.02.2016", "200.000")
        + &card("<h2>Vorhaben Kompass</h2>", "01.03.2016", "300.000");
    let output = of(&[("p.html", document(&cards), 1)]);
    let expected = ["Vorhaben Anker", "Vorhaben Brücke", "Vorhaben Kompass"];
    assert_eq!(titles(&output), expected);
    let amounts = column(&output, "operation_amount", "amount");
    assert_eq!(amounts, ["100000.00", "200000.00", "300000.00"]);
    // Under one heading it is one project, of which two amounts are told.
    let twice = card("<h2>Vorhaben Brücke</h2>", "01.01.2016", "100.000")
        + &card("", "01.01.2016", "200.000");
    let output = of(&[("p.html", document(&twice), 1)]);
    assert_eq!(titles(&output).len(), 1);
    let rules = column(&output, "finding", "rule");
    assert!(rules.contains(&"two_amounts".to_owned()), "{rules:?}");
}

#[test]
fn operations_that_go_with_a_state_are_counted_but_for_corrected_ones() {
    let corrected = table(1..30).replace("Vorhaben 7<", "Projekt 7<");
    let output = of(&[
        ("p.html", document(&table(1..41)), 1),
        ("p.html", document(&corrected), 2),
    ]);
    let changes: Vec<Gone> = (output.reports.iter())
        .filter_map(|report| report.change.as_ref()?.gone.clone())
        .collect();
    let expected = Gone {
        before: 40,
        gone: 11,
        at_end: true,
        lacking: None,
    };
    assert_eq!(changes, [expected]);
}

#[test]
fn signs_that_many_things_on_a_page_have_are_told_once() {
    let signs =
        |signs: &[&str]| -> Vec<String> { signs.iter().map(|sign| (*sign).to_owned()).collect() };
    let evidence = signs(&["labelled holder", "signs of a call"].repeat(2_480));
    assert_eq!(
        nothing_described(&evidence),
        "the page describes no operation: there is labelled holder (2480 times), signs of a call (2480 times)"
    );
    let once = signs(&["labelled name", "signs of an article"]);
    assert!(nothing_described(&once).ends_with("there is labelled name, signs of an article"));
    assert!(nothing_described(&[]).ends_with("nothing on it speaks of one"));
}
