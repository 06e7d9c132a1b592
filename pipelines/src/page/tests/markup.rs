//! Made-up pages as HTML.

use super::super::{BlockKind, PageError, PageFinding, PageKind, PageReading};
use super::{amounts, dates, names, operation, read, regions, try_read};

const AROUND: (&str, &str) = (
    "<!DOCTYPE html><html lang=sv><head><meta charset=utf-8><title>X - Projektbanken</title><script>var Diarienummer = '2011/99999';</script><style>p{}</style></head><body><header><nav><ul><li>Start</li><li>Sök stöd</li><li>Utlysningar</li></ul></nav></header><div class=\"cookie-banner\"><table><tr><td>Namn</td><td>_ga</td></tr><tr><td>Laufzeit</td><td>2 Jahre</td></tr></table>Vi använder kakor</div>",
    "<aside class=\"share\">Dela på Facebook</aside><footer>Kontakt: Telefon 08-123 45 67 <p>Europeiska unionen</p></footer></body></html>",
);

fn page(content: &str) -> Vec<u8> {
    format!("{}<main>{content}</main>{}", AROUND.0, AROUND.1).into_bytes()
}

#[test]
fn swedish_definition_list() {
    let html = page(
        "<h1>Språkbron</h1><dl><dt>Diarienummer</dt><dd>2018/00077</dd><dt>Projektägare</dt><dd>Exempelby&nbsp;kommun</dd><dt>Region</dt><dd>ESF Nationellt</dd><dt>Projektperiod:</dt><dd>2018-03-01 &ndash; 2020-02-29</dd><dt>Total projektbudget</dt><dd>7&nbsp;250&nbsp;000 kr</dd><dt>Kontaktperson</dt><dd>Exempla Påhittad</dd><dt>Stödmottagare postnr</dt><dd>116 37</dd></dl><p>Projektet utvecklar metoder för att fler nyanlända ska få ett första arbete.</p>",
    );
    let reading = read(&html);
    let found = operation(&reading);
    assert_eq!(
        (found.natural_id.as_deref(), found.title.as_deref()),
        (Some("2018/00077"), Some("Språkbron"))
    );
    assert_eq!(
        dates(found),
        ("2018-03-01 day".into(), "2020-02-29 day".into())
    );
    assert_eq!(
        amounts(found),
        ["total_budget unknown 7250000.00 SEK stated"]
    );
    assert_eq!(names(found, "beneficiary"), ["Exempelby kommun"]);
    assert_eq!(
        regions(found),
        [("implementation", Some("SE")), ("seat", Some("SE110"))]
    );
    assert_eq!(
        found.summary.as_deref(),
        Some("Projektet utvecklar metoder för att fler nyanlända ska få ett första arbete.")
    );
    assert!(
        !format!("{reading:?}").contains("Påhittad") && !format!("{reading:?}").contains("123 45")
    );
    let value = reading.records[0]
        .values
        .iter()
        .find(|value| value.field == "natural_id")
        .unwrap();
    assert!(html[value.place.byte as usize..].starts_with(b"2018/00077"));
}

#[test]
fn german_table_of_two_columns() {
    let html = page(
        "<h1>Projekt „Zukunftswerkstatt“</h1><table><tr><th>Träger</th><td>Beispielwerk gGmbH</td></tr><tr><th>Laufzeit</th><td>01.02.2017 - 31.01.2020</td></tr><tr><th>Gesamtkosten</th><td><p>1.250.000,00&nbsp;€</p></td></tr><tr><th>Teilnehmerzahl</th><td>80</td></tr><tr><th>Finanzierung durch</th><td>Europäischer Sozialfonds Plus, Land Rheinland-Pfalz</td></tr></table>",
    );
    let reading = read(&html);
    let found = operation(&reading);
    assert_eq!(found.title.as_deref(), Some("Zukunftswerkstatt"));
    assert_eq!(amounts(found), ["total_cost unknown 1250000.00 EUR stated"]);
    assert_eq!(found.targets[0].value, 80);
    let funds: Vec<_> = found.funds.iter().map(|fund| fund.fund.as_str()).collect();
    assert_eq!(funds, ["ESF+", "LAND"]);
    assert_eq!(names(found, "funder"), ["Land Rheinland-Pfalz"]);
}

#[test]
fn table_with_a_header_row_lists_operations() {
    let one = page(
        "<h1>Projektdetails</h1><table><tr><th>Projekttitel</th><th>Träger</th><th>Laufzeit</th></tr><tr><td>Alpha</td><td>Erste gGmbH</td><td>2015 - 2016</td></tr></table>",
    );
    assert_eq!(operation(&read(&one)).title.as_deref(), Some("Alpha"));
    let table = |more: &str| {
        page(&format!(
            "<table><tr><th>Projekttitel</th><th>Träger</th><th>Laufzeit</th></tr><tr><td>Alpha</td><td>Erste gGmbH</td><td>2015 - 2016</td></tr><tr><td>Beta</td><td>Zweite gGmbH</td><td>2016 - 2017</td></tr>{more}</table>"
        ))
    };
    let two = table("");
    let reading = read(&two);
    let titles: Vec<_> = reading
        .operations()
        .filter_map(|operation| operation.title.as_deref())
        .collect();
    assert_eq!(titles, ["Alpha", "Beta"]);
    let left_out = |reading: &PageReading| {
        let mut findings = reading.findings.iter();
        findings.any(|finding| finding.rule == "rows_left_out")
    };
    assert!(!left_out(&reading));
    // Nobody knows what a row with other cells than its header has under which label.
    for other in [
        "<tr><td>Gamma</td><td>2016 - 2017</td></tr>",
        "<tr><td>Gamma</td><td colspan=2>Dritte gGmbH</td></tr>",
        "<tr><td></td><td>Dritte gGmbH</td><td>2016 - 2017</td></tr>",
    ] {
        let reading = read(&table(other));
        assert!(left_out(&reading), "{other}");
        assert_eq!(reading.operations().count(), 2, "{other}");
    }
}

#[test]
fn labels_in_bold_and_in_spans() {
    let html = page(
        "<h1>Lernfabrik</h1><p><strong>Projektträger:</strong> Beispielwerk gGmbH<br><strong>Laufzeit</strong> 07/2016 – 06/2018<br><b>Fördersumme</b><br>330.000 Euro</p><div><span class=label>Projektnummer</span><span>AB-77/1</span></div>",
    );
    let found = read(&html);
    let found = operation(&found);
    assert_eq!(names(found, "beneficiary"), ["Beispielwerk gGmbH"]);
    assert_eq!(
        dates(found),
        ("2016-07-01 month".into(), "2018-06-30 month".into())
    );
    assert_eq!(amounts(found), ["granted unknown 330000.00 EUR stated"]);
    assert_eq!(found.natural_id.as_deref(), Some("AB-77/1"));
}

#[test]
fn a_label_and_its_value_in_elements_beside_each_other() {
    let row = |label: &str, value: &str| {
        format!("<div class=row>\n<div>{label}</div> <!-- -->\n<div>{value}</div></div>")
    };
    let rows = [
        row("Träger:", "<p>Beispielwerk gGmbH</p>"),
        row("Laufzeit", "07/2016 – 06/2018"),
        row("<span>Fördersumme</span>", "330.000 Euro"),
        row(
            "Kooperationspartner",
            "<div>Musterverein e.V.</div><div>Jobcenter Musterkreis</div>",
        ),
        row("Gesamtkosten pro Jahr", "200.000 €"),
    ];
    let reading = read(&page(&format!("<h1>Lernfabrik</h1>{}", rows.concat())));
    let found = operation(&reading);
    assert_eq!(names(found, "beneficiary"), ["Beispielwerk gGmbH"]);
    assert_eq!(
        dates(found),
        ("2016-07-01 month".into(), "2018-06-30 month".into())
    );
    assert_eq!(amounts(found), ["granted unknown 330000.00 EUR stated"]);
    assert_eq!(
        names(found, "partner"),
        ["Musterverein e.V.", "Jobcenter Musterkreis"]
    );
    let unread = told(&reading, "amounts_not_read")[0];
    assert!(unread.contains("Gesamtkosten pro Jahr"), "{unread}");
    // Of three beside each other nobody knows which belongs to which.
    let three = "<div><div>Träger</div><div>Beispielwerk gGmbH</div><div>Musterstadt</div></div>";
    let reading = read(&page(&format!("<h1>Lernfabrik</h1>{}{three}", rows[1])));
    assert_eq!(reading.operations().count(), 0, "{:?}", reading.evidence);
}

#[test]
fn a_page_whose_letters_are_all_damaged_is_refused() {
    let html = "<!DOCTYPE html><html><body>\n<p>TrÃ¤ger: Beispielwerk gGmbH<br>\nLaufzeit: 2016 – 2018<br>\nFÃ¶rdersumme: 330.000 Euro</p></body></html>";
    let error = try_read(html.as_bytes()).unwrap_err();
    assert!(
        matches!(error, PageError::EncodedTwice { line: 2, count: 2 }),
        "{error}"
    );
    let destroyed = html.replace("Ã¤", "\u{fffd}").replace("Ã¶", "\u{fffd}");
    let error = try_read(destroyed.as_bytes()).unwrap_err();
    assert!(
        matches!(error, PageError::Destroyed { line: 2, count: 2 }),
        "{error}"
    );
    // Damage of a part leaves the others right.
    for one in [
        html.replace("Ã¶", "ö"),
        destroyed.replace("\u{fffd}r", "ör"),
    ] {
        assert!(try_read(one.as_bytes()).is_ok(), "{one}");
    }
}

#[test]
fn headings_with_lists_below() {
    let html = page(
        "<h1>Ankommen</h1><h2>Projektlaufzeit</h2><p>1. Mai 2015 bis 30. April 2018</p><h2>Träger</h2><p>Beispielwerk gGmbH</p><h3>Kooperationspartner</h3><ul><li>Musterverein e.V.</li><li>Jobcenter Musterkreis</li></ul><h3>Ansprechpartner</h3><p>Kunibert Beispiel<br>Tel. 06241 / 998877<br>k.beispiel@example.org</p><h2>Aktuelles</h2>",
    );
    let reading = read(&html);
    let found = operation(&reading);
    assert_eq!(
        names(found, "partner"),
        ["Musterverein e.V.", "Jobcenter Musterkreis"]
    );
    assert!(found.contact_present);
    let all = format!("{reading:?}");
    assert!(
        !all.contains("Kunibert") && !all.contains("998877") && !all.contains("k.beispiel"),
        "{all}"
    );
}

#[test]
fn html_call_article_and_programme_give_nothing() {
    let call = page(
        "<h1>Utlysning: Unga till arbete</h1><dl><dt>Diarienummer</dt><dd>2016/00300</dd><dt>Namn</dt><dd>Unga till arbete</dd><dt>Projektperiod</dt><dd>2017-01-01 - 2019-12-31</dd></dl>",
    );
    let article = page(
        "<h1>Aktuelles: Besuch in der Werkstatt</h1><p>Am Montag kamen 40 Teilnehmer in die Werkstatt. Das Projekt wird vom Europäischen Sozialfonds gefördert.</p>",
    );
    let programme = page(
        "<h1>Förderprogramm Wege</h1><p>Das Programm richtet sich an Kommunen. Was wird gefördert? Projekte von 2014 bis 2020.</p><table><tr><td>Laufzeit</td><td>2014 bis 2020</td></tr><tr><td>Fonds</td><td>ESF</td></tr></table>",
    );
    for html in [call, article, programme] {
        let reading = read(&html);
        assert_eq!(reading.kind, PageKind::Nothing, "{:?}", reading.evidence);
    }
}

#[test]
fn chrome_is_marked_and_scripts_are_gone() {
    let reading = read(&page("<h1>Leer</h1><p>Text.</p>"));
    let all = format!("{reading:?}");
    assert!(!all.contains("2011/99999") && !all.contains("p{}"));
    assert!(
        reading
            .blocks
            .iter()
            .any(|block| block.kind == BlockKind::Chrome && block.text == "Utlysningar")
    );
    assert_eq!(reading.kind, PageKind::Nothing);
}

#[test]
fn the_mark_of_a_footnote_is_no_digit_of_an_amount() {
    let of = |amount: &str| {
        let html = page(&format!(
            "<h1>Språkbron</h1><dl><dt>Diarienummer</dt><dd>2018/00077</dd><dt>Projektägare</dt><dd>Exempelby kommun</dd>\
             <dt>Total projektbudget</dt><dd>{amount}</dd></dl>"
        ));
        let reading = read(&html);
        let mut findings = reading.findings.iter();
        let unread = findings.any(PageFinding::is_amount_unread);
        (amounts(operation(&reading)), unread)
    };
    for amount in [
        "1200000<sup>2</sup> kr",
        "950<sup><a href='#f1'>1</a></sup> kr",
        "<sup>1</sup>950 kr",
        "4,3<sup>1</sup> miljoner kronor",
    ] {
        assert_eq!(of(amount), (Vec::new(), true), "{amount}");
    }
    let read = vec!["total_budget unknown 950.00 SEK stated".to_owned()];
    assert_eq!(of("950 kr"), (read, false));
}

#[test]
fn a_deep_page_is_read_and_an_abyss_refused() {
    let html = |depth| {
        format!(
            "<html><body>\n{}<p>Diarienummer: 2015/00001<br>Projektägare: Exempelby kommun</p>",
            "<div>".repeat(depth)
        )
    };
    assert_eq!(
        operation(&read(html(500).as_bytes())).natural_id.as_deref(),
        Some("2015/00001")
    );
    let error = try_read(html(200_000).as_bytes()).unwrap_err();
    assert!(
        error.to_string().starts_with("line 2: elements nested"),
        "{error}"
    );
    // Elements that the next one closes do not nest.
    let flat = format!(
        "<html><body><ul>{}</ul><p>Text",
        "<li>a<p>b<br>".repeat(5_000)
    );
    assert!(try_read(flat.as_bytes()).is_ok());
}

/// A page with a table of these rows under a header.
fn list(rows: &str) -> Vec<u8> {
    page(&format!(
        "<table><thead><tr><th>Projekttitel</th><th>Träger</th><th>Laufzeit</th><th>Fördersumme</th></tr></thead>{rows}</table>"
    ))
}

const ALPHA: &str =
    "<tr><td>Alpha</td><td>Erste gGmbH</td><td>2015 - 2016</td><td>1.000 Euro</td></tr>";
const BETA: &str =
    "<tr><td>Beta</td><td>Zweite gGmbH</td><td>2016 - 2017</td><td>2.000 Euro</td></tr>";

/// Title, beneficiary and amounts of each operation.
fn listed(reading: &PageReading) -> Vec<(&str, String, String)> {
    let operations = reading.operations();
    operations
        .map(|found| {
            let title = found.title.as_deref().unwrap_or("-");
            let holders = names(found, "beneficiary").join(", ");
            let amounts: Vec<String> = found
                .amounts
                .iter()
                .map(|amount| (amount.cents / 100).to_string())
                .collect();
            (title, holders, amounts.join(", "))
        })
        .collect()
}

fn told<'r>(reading: &'r PageReading, rule: &str) -> Vec<&'r str> {
    let findings = reading.findings.iter();
    findings
        .filter(|finding| finding.rule == rule)
        .map(|finding| finding.message.as_str())
        .collect()
}

#[test]
fn a_cell_stands_in_each_row_that_it_spans_and_an_amount_in_the_first() {
    let html = list(&format!(
        "{ALPHA}<tr><td rowspan=2>Gamma</td><td>Dritte gGmbH</td><td>2016 - 2017</td><td rowspan=2>5.000 Euro</td></tr>\n<tr><td>Vierte gGmbH</td><td>2017 - 2018</td></tr>{BETA}"
    ));
    let reading = read(&html);
    let of = |title, holder: &str, amount: &str| (title, holder.to_owned(), amount.to_owned());
    assert_eq!(
        listed(&reading),
        [
            of("Alpha", "Erste gGmbH", "1000"),
            of("Gamma", "Dritte gGmbH", "5000"),
            of("Gamma", "Vierte gGmbH", ""),
            of("Beta", "Zweite gGmbH", "2000"),
        ]
    );
    let amounts = told(&reading, "amount_merged");
    assert_eq!(amounts.len(), 1);
    assert!(amounts[0].starts_with("1 amounts"), "{}", amounts[0]);
    assert_eq!(told(&reading, "rows_left_out"), Vec::<&str>::new());
    // Each value has the place of the row in which it stands.
    let places = |field: &str| -> Vec<(u32, bool)> {
        let values = reading.records.iter().flat_map(|record| &record.values);
        values
            .filter(|value| value.field == field)
            .map(|value| {
                let begins = html[value.place.byte as usize..].starts_with(b"Gamma");
                (value.place.line, begins)
            })
            .collect()
    };
    let titles = [(1, false), (1, true), (1, true), (2, false)];
    assert_eq!(places("title"), titles);
    assert_eq!(
        places("duration"),
        [(1, false), (1, true), (2, false), (2, false)]
    );
}

#[test]
fn a_span_ends_with_its_group_of_rows() {
    for rows in ["0", "3", " +3 Zeilen", "65534", "99999999999999999999999"] {
        let reading = read(&list(&format!(
            "<tbody><tr><td rowspan='{rows}'>Gamma</td><td>Dritte gGmbH</td><td>2016 - 2017</td><td>1 Euro</td></tr><tr><td>Vierte gGmbH</td><td>2017 - 2018</td><td>2 Euro</td></tr><tr><td>Fünfte gGmbH</td><td>2018 - 2019</td><td>3 Euro</td></tr></tbody><tbody>{BETA}</tbody>"
        )));
        let titles: Vec<&str> = listed(&reading).iter().map(|(title, ..)| *title).collect();
        assert_eq!(titles, ["Gamma", "Gamma", "Gamma", "Beta"], "{rows}");
        assert_eq!(
            told(&reading, "rows_left_out"),
            Vec::<&str>::new(),
            "{rows}"
        );
    }
    // What is no number spans its own row.
    for rows in ["1", "-3", "zwei", ""] {
        let reading = read(&list(&format!(
            "{ALPHA}{BETA}<tr><td rowspan='{rows}'>Gamma</td><td>Dritte gGmbH</td><td>2016 - 2017</td><td>1 Euro</td></tr><tr><td>Vierte gGmbH</td><td>2017 - 2018</td><td>2 Euro</td></tr>"
        )));
        assert_eq!(listed(&reading).len(), 3, "{rows}");
        assert_eq!(told(&reading, "rows_left_out").len(), 1, "{rows}");
    }
}

#[test]
fn cells_that_overlap_or_cannot_be_told_give_their_row_no_values() {
    for rows in [
        "<tr><td>Gamma</td><td rowspan=2>Dritte gGmbH</td><td>2016 - 2017</td><td>1 Euro</td></tr><tr><td colspan=2>Delta</td><td>2017 - 2018</td><td>2 Euro</td></tr>",
        "<tr><td rowspan=2>Gamma<table><tr><td>x</td></tr></table></td><td>Dritte gGmbH</td><td>2016 - 2017</td><td>1 Euro</td></tr><tr><td>Vierte gGmbH</td><td>2017 - 2018</td><td>2 Euro</td></tr>",
    ] {
        let reading = read(&list(&format!("{ALPHA}{BETA}{rows}")));
        let found = listed(&reading);
        let named = |name: &str| found.iter().any(|(title, ..)| *title == name);
        assert!(named("Alpha") && named("Beta"), "{found:?}");
        assert!(
            found
                .iter()
                .all(|(_, holder, amount)| !holder.contains("Vierte") && amount != "2"),
            "{found:?}"
        );
        assert_eq!(told(&reading, "rows_left_out").len(), 1, "{rows}");
    }
}

#[test]
fn a_label_over_several_columns_names_the_group_of_those_below_it() {
    let html = page(
        "<table><tr><th rowspan=2>Projekttitel</th><th rowspan=2>Träger</th><th colspan=2>Laufzeit</th></tr><tr><th>Beginn</th><th>Ende</th></tr><tr><td>Alpha</td><td>Erste gGmbH</td><td>01.02.2015</td><td>31.01.2016</td></tr><tr><td>Beta</td><td>Zweite gGmbH</td><td>01.03.2016</td><td>28.02.2017</td></tr></table>",
    );
    let reading = read(&html);
    let days: Vec<_> = reading.operations().map(dates).collect();
    let day = |from: &str, to: &str| (format!("{from} day"), format!("{to} day"));
    assert_eq!(
        days,
        [
            day("2015-02-01", "2016-01-31"),
            day("2016-03-01", "2017-02-28")
        ]
    );
}

#[test]
fn a_label_or_value_beside_several_rows_is_that_of_each() {
    let html = page(
        "<h1>Projekt „Zukunftswerkstatt“</h1><table><tr><th>Träger</th><td>Beispielwerk gGmbH</td></tr><tr><th>Laufzeit</th><td>01.02.2017 - 31.01.2020</td></tr><tr><th rowspan=2>Projektpartner</th><td>Musterverein e.V.</td></tr><tr><td>Jobcenter Musterkreis</td></tr><tr><th>Gesamtkosten</th><td rowspan=2>1.250.000,00&nbsp;€</td></tr><tr><th>Fördersumme</th></tr><tr><th rowspan=2>Ansprechpartner</th><td>Zwenta Blomquarz</td></tr><tr><td>Ralwin Tostermühl</td></tr></table>",
    );
    let reading = read(&html);
    let found = operation(&reading);
    assert_eq!(
        names(found, "partner"),
        ["Musterverein e.V.", "Jobcenter Musterkreis"]
    );
    // One sum for two labels is not two sums.
    assert_eq!(amounts(found), ["total_cost unknown 1250000.00 EUR stated"]);
    assert_eq!(told(&reading, "amount_merged").len(), 1);
    let all = format!("{reading:?}");
    assert!(found.contact_present && !all.contains("Blomquarz") && !all.contains("Tostermühl"));
}

#[test]
fn spans_that_would_fill_more_than_a_page_has_are_refused() {
    let many = format!(
        "<tr>{}</tr>{}",
        "<td rowspan=65534>x</td>".repeat(300),
        "<tr><td>y</td></tr>".repeat(1_000)
    );
    let error = try_read(&list(&many)).unwrap_err();
    assert!(matches!(error, PageError::TooManySpanned { .. }), "{error}");
    let long = format!(
        "<tr><td rowspan=65534>{}</td></tr>{}",
        "Projekt ".repeat(1_000),
        "<tr><td>y</td></tr>".repeat(1_000)
    );
    let error = try_read(&list(&long)).unwrap_err();
    assert!(matches!(error, PageError::TooMuchText { .. }), "{error}");
    // Columns are counted, not made.
    let wide = "<tr><td colspan=999999999 rowspan=65534>x</td></tr>".repeat(200);
    assert!(try_read(&list(&wide)).is_ok());
}
