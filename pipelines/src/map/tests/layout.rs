//! What surrounds and interrupts the rows of a list says what they mean: groups of columns, units and currencies above and
//! below, headers further down, lost cells.

use std::fmt::Write as _;

use super::*;

/// The findings of a rule, by their messages.
fn messages<'m>(mapped: &'m Mapped, rule: &str) -> Vec<&'m str> {
    let findings = mapped.findings.iter().filter(|f| f.rule == rule);
    findings.map(|f| f.message.as_str()).collect()
}

#[test]
fn the_unit_over_a_group_of_columns_holds_for_all_of_them() {
    let text = "Begünstigter;Vorhaben;Beginn;Finanzierung in TEUR;;Ort\n\
                ;;;Gesamtkosten;ESF-Mittel;\n\
                Verein 1 e.V.;Vorhaben 1;01.02.2016;1,5;0,75;Musterstadt\n\
                Verein 2 e.V.;Vorhaben 2;01.02.2016;2,25;1,5;Musterstadt\n";
    expect(text, 2, &[("total_cost", 375_000), ("eu", 225_000)]);
}

#[test]
fn a_declared_label_of_several_rows_comes_before_its_known_parts() {
    let text = "Begünstigter;Vorhaben;Finanzierung;;Ort\n\
                ;;Gesamtkosten;ESF-Mittel;\n\
                Verein 1 e.V.;Vorhaben 1;1,50;0,75;Musterstadt\n";
    let mut texts = ANY.texts.clone();
    let mapping = "[columns]\n\"Finanzierung Gesamtkosten\" = \"total_budget\"\n\"ESF-Mittel Finanzierung\" = \"granted\"\n";
    texts.insert("mapping.toml".to_owned(), mapping.to_owned());
    let source = Arc::new(Source::parse("made", texts).expect("a source"));
    let mapped = map_as(&source, text).expect("a list");
    let expected = [("granted".to_owned(), 75), ("total_budget".to_owned(), 150)];
    assert_eq!(sums(&mapped), (1, BTreeMap::from(expected)));
}

#[test]
fn words_below_a_group_of_columns_belong_to_its_label() {
    let text = "Begünstigter;Vorhaben;Laufzeit;;Zuwendung;;Ort\n\
                ;;von;bis;EUR;SEK;\n\
                Verein 1 e.V.;Vorhaben 1;01.02.2016;31.12.2016;1,50;16,00;Musterstadt\n\
                Verein 2 e.V.;Vorhaben 2;01.03.2016;31.01.2017;2,50;27,00;Musterstadt\n";
    let mapped = expect(text, 2, &[("granted", 4_700)]);
    let currencies: Vec<_> = mapped.amounts.iter().map(|a| a.currency.of(0)).collect();
    assert_eq!(currencies, [Some("EUR"), Some("SEK")]);
    for field in ["start_date", "end_date"] {
        let days = mapped.rows.column_by_name(field).expect(field);
        assert_eq!(days.null_count(), 0, "{field}");
    }
}

#[test]
fn a_later_header_of_the_same_meaning_is_no_operation() {
    let (some, sum) = rows(4);
    let other = "Zuwendungsempfänger;Projektname;Projektbeginn;Gesamtausgaben in EUR\n";
    let mapped = expect(
        &format!("{HEAD}{some}\n{other}{some}"),
        8,
        &[("total_cost", 2 * sum)],
    );
    assert_eq!(mapped.account.quarantined, 0);
    assert_eq!(mapped.account.ignored.get("header"), Some(&2));
}

#[test]
fn a_later_header_of_another_meaning_is_refused() {
    let (some, _) = rows(4);
    for other in [
        "Vorhaben;Begünstigter;Beginn;Gesamtkosten in EUR\n",
        "Begünstigter;Vorhaben;Ende;Gesamtkosten in EUR\n",
        "Begünstigter;Vorhaben;Beginn;Zuwendung in EUR\n",
        "Begünstigter;Vorhaben;Beginn;Gesamtkosten in TEUR\n",
    ] {
        let error = map(&format!("{HEAD}{some}{other}{some}")).unwrap_err();
        assert!(matches!(error, MapError::OtherHeader { .. }), "{error}");
        assert!(error.to_string().contains("line 6 "), "{error}");
    }
}

#[test]
fn a_period_beside_a_day_of_its_own_is_read_for_the_other_day_only() {
    let text = "Begünstigter;Vorhaben;Laufzeit;Ende;Zuwendung in EUR\n\
                Verein 1 e.V.;Vorhaben 1;01.02.2016 - 30.11.2016;31.12.2016;1,50\n\
                Verein 2 e.V.;Vorhaben 2;01.03.2016 - 30.11.2016;31.12.2016;2,50\n";
    let mapped = expect(text, 2, &[("granted", 400)]);
    let day = |field: &str, row: usize| {
        let days = mapped.rows.column_by_name(field).expect("days");
        arrow::util::display::array_value_to_string(days, row).expect("a day")
    };
    assert_eq!(
        (day("start_date", 0), day("end_date", 0)),
        ("2016-02-01".into(), "2016-12-31".into())
    );
}

#[test]
fn units_and_currencies_stand_above_and_below_the_table() {
    let list = |label: &str| {
        let rows =
            "Verein 1 e.V.;Vorhaben 1;01.02.2016;1,5\nVerein 2 e.V.;Vorhaben 2;01.02.2016;2,25\n";
        format!("Begünstigter;Vorhaben;Beginn;{label}\n{rows}")
    };
    for (text, cents) in [
        (
            format!("{}* in 1.000 EUR\n", list("Gesamtkosten*")),
            375_000,
        ),
        (format!("{}1) in TEUR\n", list("Gesamtkosten 1)")), 375_000),
        (
            format!("Vorhaben, Kosten in TEUR\n{}", list("Gesamtkosten")),
            375_000,
        ),
        (format!("{}2) in TEUR\n", list("Gesamtkosten 1)")), 375),
        (
            format!("Kosten über 1 Mio. EUR\n{}", list("Gesamtkosten")),
            375,
        ),
    ] {
        expect(&text, 2, &[("total_cost", cents)]);
    }
    for (above, below, currency) in [
        ("Samtliga belopp anges i EUR\n", "", Some("EUR")),
        ("", "Alle Beträge in SEK\n", Some("SEK")),
        ("Alle Beträge in EUR\n", "Alle Beträge in SEK\n", None),
        ("", "", None),
    ] {
        let text = format!("{above}{}{below}", list("Gesamtkosten"));
        let mapped = expect(&text, 2, &[("total_cost", 375)]);
        assert_eq!(mapped.amounts[0].currency.of(0), currency, "{text}");
    }
}

/// A list of two operations in two kinds of amounts.
fn of_two_amounts(above: &str, below: &str) -> String {
    format!(
        "{above}Begünstigter;Vorhaben;Beginn;Gesamtkosten;ESF-Mittel\n\
         Verein 1 e.V.;Vorhaben 1;01.02.2016;1,5;0,75\n\
         Verein 2 e.V.;Vorhaben 2;01.02.2016;2,25;1,5\n{below}"
    )
}

#[test]
fn what_is_nothing_but_a_unit_speaks_of_all_amounts() {
    let mut legend = String::new();
    for i in 1..=12 {
        let _ = writeln!(legend, "10{i};Erläuterung {i};;;");
    }
    let far_above = format!("Alle Beträge in Tsd. EUR;;;;\n{legend}");
    for (above, below) in [
        ("(in TEUR);;;;\n", ""),
        ("Einheit: TEUR\n", ""),
        ("Einheit;TEUR;;;\n", ""),
        (
            "Liste der Vorhaben;Stand: 31.12.2019;;;Angaben in TEUR\n",
            "",
        ),
        (";;;in Tausend Euro;in Tausend Euro\n", ""),
        ("Liste;;;Finanzierung in Tsd. EUR;\n", ""),
        ("Liste;Laufzeit ab;2016;Finanzierung in Tsd. EUR;\n", ""),
        ("", "in TEUR\n"),
        ("", far_above.as_str()),
    ] {
        let text = of_two_amounts(above, below);
        let mapped = expect(&text, 2, &[("total_cost", 375_000), ("eu", 225_000)]);
        assert_eq!(messages(&mapped, "unit_unclear").len(), 0, "{text}");
    }
    // Right above an amount it speaks of that, if there is no other.
    let text = ";;;in Tausend Euro\nBegünstigter;Vorhaben;Beginn;Gesamtkosten\n\
                Verein 1 e.V.;Vorhaben 1;01.02.2016;1,5\n";
    expect(text, 1, &[("total_cost", 150_000)]);
}

#[test]
fn a_unit_of_which_nothing_says_of_what_it_speaks_is_told() {
    for (above, below) in [
        // That of the last column, or of the table.
        (";;;;in Tausend Euro\n", ""),
        (";;in Tausend;;\n", ""),
        ("", "TEUR;Tausend Euro;;;\n"),
        ("", "2) in TEUR\n"),
    ] {
        let text = of_two_amounts(above, below);
        let mapped = expect(&text, 2, &[("total_cost", 375), ("eu", 225)]);
        let told = messages(&mapped, "unit_unclear");
        assert!(!told.is_empty(), "{text}");
    }
    // A label that names its currency says something else.
    let text = format!("(in TEUR)\n{HEAD}{}", rows(4).0);
    let mapped = expect(&text, 4, &[("total_cost", rows(4).1)]);
    assert_eq!(messages(&mapped, "unit_unclear").len(), 1);
    for (above, below) in [
        ("Vorhaben mit Kosten über 1 Mio. EUR\n", ""),
        ("Hilfe in Millionen Fällen;;;;\n", ""),
        ("", "Insgesamt stehen 4,3 Mio. Euro bereit;;;;\n"),
        ("", "1.000 EUR;;;;\n"),
    ] {
        let text = of_two_amounts(above, below);
        let mapped = expect(&text, 2, &[("total_cost", 375), ("eu", 225)]);
        assert_eq!(messages(&mapped, "unit_unclear").len(), 0, "{text}");
    }
}

#[test]
fn a_row_of_units_and_forms_below_the_labels_belongs_to_the_header() {
    let list = |below: &str| {
        format!(
            "Begünstigter;Vorhaben;Beginn;Ende;Gesamtkosten;Kofinanzierungssatz\n{below}\n\
             Verein 1 e.V.;Vorhaben 1;01.02.2016;31.12.2016;1,5;49,92%\n\
             Verein 2 e.V.;Vorhaben 2;01.02.2016;31.12.2016;2,25;49,92%\n"
        )
    };
    for below in [
        ";;;;T€;%",
        ";;;;TEUR;Prozent",
        ";;;;in T€;in %",
        ";;(Datum);(Datum);(T€);(%)",
        "Text;Text;Datum;Datum;T€;v. H.",
        "-;-;TT.MM.JJJJ;TT.MM.JJJJ;Angaben in Tsd. EUR;%",
    ] {
        let mapped = expect(&list(below), 2, &[("total_cost", 375_000)]);
        assert_eq!(mapped.account.quarantined, 0, "{below}");
        assert_eq!(messages(&mapped, "unit_unclear").len(), 0, "{below}");
    }
    let mapped = expect(&list(";;;;EUR;%"), 2, &[("total_cost", 375)]);
    assert_eq!(mapped.account.ignored.get("header"), Some(&2));
    // Neither a heading nor an operation is such a row.
    for below in ["Achse 1;;;;T€;%", "Verein X e.V.;Vorhaben X;;;T€;%"] {
        let mapped = map(&list(below)).unwrap();
        assert_eq!(sums(&mapped).1["total_cost"], 375, "{below}");
        assert_eq!(messages(&mapped, "unit_unclear").len(), 1, "{below}");
    }
}

#[test]
fn a_unit_between_the_rows_is_told() {
    let list = |label: &str, between: &str| {
        let row = |i: usize| format!("Verein {i} e.V.;Vorhaben {i};01.02.2016;{i},50\n");
        let rows = |from: usize| (from..from + 3).map(row).collect::<String>();
        let head = format!("Begünstigter;Vorhaben;Beginn;{label}\n");
        format!("{head}{}{between}\n{}", rows(1), rows(4))
    };
    for between in ["Prioritätsachse A;;;in T€", "Prioritätsachse A (in T€);;;"] {
        let text = list("Gesamtkosten", between);
        let mapped = expect(&text, 6, &[("total_cost", 2_400)]);
        assert_eq!(messages(&mapped, "unit_unclear").len(), 1, "{between}");
        let read = expect(
            &list("Gesamtkosten in TEUR", between),
            6,
            &[("total_cost", 2_400_000)],
        );
        assert_eq!(messages(&read, "unit_unclear").len(), 0, "{between}");
    }
    for between in ["Prioritätsachse A;;;", "Tausend;;;", "Über 5 Mio. EUR;;;"] {
        let mapped = expect(&list("Gesamtkosten", between), 6, &[("total_cost", 2_400)]);
        assert_eq!(messages(&mapped, "unit_unclear").len(), 0, "{between}");
    }
}

#[test]
fn a_unit_that_is_said_again_is_told_once() {
    let rows = "Verein 1 e.V.;Kurs 1;01.02.2016;1,50\nVerein 2 e.V.;Kurs 2;01.02.2016;2,50\n";
    for (above, told) in [
        ("Blatt (TEUR);Blatt (TEUR);x;\n".repeat(3), 1),
        ("Blatt (TEUR);Blatt (Mio. EUR);x;\n".repeat(3), 2),
    ] {
        let text = format!("{above}Begünstigter;Vorhaben;Beginn;Gesamtkosten\n{rows}");
        let mapped = expect(&text, 2, &[("total_cost", 400)]);
        assert_eq!(messages(&mapped, "unit_unclear").len(), told, "{above}");
    }
}

#[test]
fn a_unit_in_the_label_that_is_not_known_is_told() {
    let list = |label: &str| format!("Begünstigter;Vorhaben;{label}\nV 1;V1;10050\nV 2;V2;200\n");
    for (label, told) in [
        ("Gesamtkosten (in Stück)", 1),
        ("Gesamtkosten in EUR (in Cent)", 1),
        ("Gesamtkosten (in Euro)", 0),
    ] {
        let mapped = expect(&list(label), 2, &[("total_cost", 1_025_000)]);
        assert_eq!(messages(&mapped, "unit_unknown").len(), told, "{label}");
    }
}

#[test]
fn amounts_in_cents_and_in_hundreds_are_read_exactly() {
    let list = |title: &str, label: &str, foot: &str| {
        let rows = "Verein 1 e.V.;Kurs 1;01.02.2016;10050\nVerein 2 e.V.;Kurs 2;01.02.2016;201\n";
        format!("{title}Begünstigter;Vorhaben;Beginn;{label}\n{rows}{foot}")
    };
    for label in [
        "Gesamtkosten (in Cent)",
        "Gesamtkosten in ct",
        "Gesamtkosten in Eurocent",
        "Gesamtkosten in Euro-Cent",
    ] {
        let mapped = expect(&list("", label, ""), 2, &[("total_cost", 10_251)]);
        assert_eq!(mapped.amounts[0].currency.of(0), Some("EUR"), "{label}");
        assert_eq!(messages(&mapped, "unit_unknown").len(), 0, "{label}");
    }
    let mapped = expect(
        &list("", "Gesamtkosten in öre", ""),
        2,
        &[("total_cost", 10_251)],
    );
    assert_eq!(mapped.amounts[0].currency.of(0), Some("SEK"));
    for label in ["Gesamtkosten in Hundert EUR", "Gesamtkosten (Hundert EUR)"] {
        expect(&list("", label, ""), 2, &[("total_cost", 102_510_000)]);
    }
    // Above the table, in a row of units, and in a footnote.
    let plain = "Gesamtkosten";
    for text in [
        list("Alle Beträge in Cent\n\n", plain, ""),
        list("", "Gesamtkosten\n;;;Cent", ""),
        list("", "Gesamtkosten*", "* in Cent\n"),
    ] {
        expect(&text, 2, &[("total_cost", 10_251)]);
    }
    // These say nothing of a unit.
    for text in [
        list("Programm CENT\n\n", plain, ""),
        list("Programm;CENT\n\n", plain, ""),
        list("", plain, "Alle Beträge ohne Cent\n"),
    ] {
        let mapped = expect(&text, 2, &[("total_cost", 1_025_100)]);
        assert_eq!(messages(&mapped, "unit_unclear").len(), 0, "{text}");
    }
    // A part of a cent is none: these are in euro, whatever the label says.
    let text = list("", "Gesamtkosten in Cent", "").replace("10050", "100,50");
    let mapped = map(&text).unwrap();
    assert_eq!(quarantined(&mapped), ["amount_unreadable"]);
}

#[test]
fn rows_with_more_cells_than_the_header_are_rejected() {
    let head =
        "Zuwendungsempfänger,Projekt,Beginn,Ende,Gesamtkosten,ESF-Mittel,Kofinanzierungssatz\n";
    let row = |i: usize, total: &str, eu: &str| {
        format!("Verein {i} e.V.,Kurs {i},0{i}.02.2015,31.01.2016,{total},{eu},50\n")
    };
    let sound: Vec<String> = (1..4)
        .map(|i| row(i, "\"1000,16\"", "\"500,08\""))
        .collect();
    let sound = sound.concat();
    let long = row(5, "2000,24", "1000,12");
    let amounts = [("total_cost", 300_048), ("eu", 150_024)];
    let mapped = expect(&format!("{head}{sound}{long}"), 3, &amounts);
    let told: Vec<_> = mapped.quarantine.iter().map(|q| q.rule.as_ref()).collect();
    assert_eq!(told, ["row_long"]);
    assert!(mapped.quarantine[0].location.starts_with("line 5 "));
    // Delimiters behind the last cell are no cells.
    let padded = sound.replace('\n', ",,\n");
    expect(&format!("{head}{padded}"), 3, &amounts);

    let error = map(&format!("{head}{sound}{}", long.repeat(4))).unwrap_err();
    assert!(matches!(error, MapError::RowsLong { .. }), "{error}");
    let told = "4 of 7 rows have more cells than the header, which has 7; first at line 5 ";
    assert!(error.to_string().starts_with(told), "{error}");
}

#[test]
fn a_remark_behind_a_row_whose_cells_are_in_their_places_is_told() {
    let head = "Zuwendungsempfänger;Projekt;Beginn;Gesamtkosten;ESF-Mittel\n";
    let row = |i: usize| format!("Verein {i} e.V.;Kurs {i};0{i}.02.2015;1000.16;500.08\n");
    let sound: String = (1..10).map(row).collect();
    for cells in [
        "500.08;*",
        "500.08;1)",
        "500.08;siehe Anmerkung",
        "500.08;s. Fußnote 3",
        "500.08;Stand 2019",
    ] {
        let remarked = format!("Verein X e.V.;Kurs X;01.02.2015;1000.16;{cells}\n");
        // However many rows have one.
        let text = format!("{head}{sound}{}", remarked.repeat(10));
        let mapped = map(&text).unwrap();
        let account = (mapped.account.loaded, mapped.account.quarantined);
        assert_eq!(account, (19, 0), "{cells}");
        assert_eq!(messages(&mapped, "cells_without_label").len(), 1, "{cells}");
    }
    for odd in [
        // A number, a day, a share, a unit, or a word in place of a value.
        "Kurs X;01.02.2015;1000.16;500.08;7",
        "Kurs X;01.02.2015;1000.16;500.08;01.02.2016",
        "Kurs X;01.02.2015;1000.16;500.08;50 %",
        "Kurs X;01.02.2015;1000.16;500.08;T€",
        "Kurs X;01.02.2015;1000.16;500.08;k.A.",
        "Kurs X;01.02.2015;1000.16;500.08;März 2016",
        // A remark beside a number.
        "Kurs X;01.02.2015;1000.16;500.08;7;Stand 2019",
        // Words where others belong, or behind an amount that may be a part of one.
        "Kurs X;Teil 2;01.02.2015;1000.16;siehe Anmerkung",
        "Kurs X;Teil 2;01.02.2015;1000.16;s. Fußnote 3",
        "Kurs X;01.02.2015;1;000.16;laufend",
        "Kurs X;01.02.2015;1000.16;;laufend",
    ] {
        let mapped = map(&format!("{head}{sound}Verein X e.V.;{odd}\n")).unwrap();
        assert_eq!(mapped.account.loaded, 9, "{odd}");
        assert_eq!(quarantined(&mapped).len(), 1, "{odd}");
    }
    // Behind words, words may be the rest of a text.
    let place = "Zuwendungsempfänger;Projekt;Beginn;Gesamtkosten;Ort\n";
    let sound = sound.replace("500.08", "Musterstadt");
    let cut = "Verein X e.V.;Kurs X;01.02.2015;1000.16;Frankfurt;Main\n";
    let mapped = map(&format!("{place}{sound}{cut}")).unwrap();
    assert_eq!(quarantined(&mapped), ["row_long"]);
}

#[test]
fn text_is_parted_by_the_delimiter_under_which_its_header_is_known() {
    let head = "Zuwendungsempfänger;Projekt;Beginn;Ende;Gesamtkosten in EUR\n";
    let row = |i: usize| {
        let remark = if i.is_multiple_of(3) {
            ";Nachtrag vom 12.03.2016"
        } else {
            ""
        };
        format!("Verein {i} e.V.;Kurs {i};01.02.2015;31.01.2016;1.{i:03},50{remark}\n")
    };
    let rows: String = (0..15).map(row).collect();
    // Under another delimiter there is a header, too, of which less is understood.
    for above in ["", "Begünstigter|Vorhaben\n"] {
        let text = format!("{above}{head}{rows}");
        let found = crate::read::sniff(text.as_bytes(), "made.csv").unwrap();
        assert_eq!(found.delimiter, Some(b','), "decimal commas are steadier");
        let mapped = expect(&text, 15, &[("total_cost", 15 * 100_050 + 105 * 100)]);
        assert_eq!(mapped.account.quarantined, 0);
        assert_eq!(messages(&mapped, "cells_without_label").len(), 1);
    }
    // Where none has one, it is refused as before.
    let error = map(&rows).unwrap_err();
    assert!(matches!(error, MapError::NoHeader { .. }), "{error}");
    // What is declared is read as it is declared.
    let mut texts = ANY.texts.clone();
    let declared = format!(
        "{}\n[format]\nkind = \"csv\"\ndelimiter = \",\"\n",
        texts["source.toml"]
    );
    texts.insert("source.toml".to_owned(), declared);
    let source = Arc::new(Source::parse("made", texts).expect("a source"));
    let error = map_as(&source, &format!("{head}{rows}")).unwrap_err();
    assert!(matches!(error, MapError::NoHeader { .. }), "{error}");
}

#[test]
fn a_number_beside_a_list_of_json_is_no_count_where_its_amounts_add_up_to_it() {
    let object = |n: usize| {
        format!(
            "{{\"Begünstigter\": \"Verein {n}\", \"Vorhaben\": \"Kurs {n}\", \"Gesamtkosten in EUR\": {}.15}}",
            n * 1000
        )
    };
    let list = (1..=4).map(object).collect::<Vec<_>>().join(", ");
    let told = |beside: &str| {
        let mapped = map(&format!("{{{beside}, \"d\": [{list}]}}")).unwrap();
        assert_eq!(mapped.account.loaded, 4, "{beside}");
        messages(&mapped, "file_partial")
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    // 10,000.60, cut or rounded, and more than a file may have cells.
    for sum in ["10000", "10001", "31308530800"] {
        assert!(told(&format!("\"total\": {sum}")).is_empty(), "{sum}");
    }
    for count in ["5", "336", "9999", "10002"] {
        let expected = format!(
            "4 objects stand in it, and it says beside them (total) that there are {count}"
        );
        assert_eq!(told(&format!("\"total\": {count}")), [expected]);
    }
    for sums in [
        "\"total\": 10001",
        "\"gesamt\": 31308530800, \"total\": 10000",
    ] {
        let of_count = told(&format!("{sums}, \"count\": 336"));
        let expected = "4 objects stand in it, and it says beside them (count) that there are 336";
        assert_eq!(of_count, [expected], "a sum hides no number of objects");
    }
    let both = told("\"total\": 10001, \"next\": \"?page=2\"");
    assert_eq!(
        both,
        ["4 objects stand in it, and it names a page behind them (next)"]
    );
}

#[test]
fn rows_that_lost_a_cell_are_told() {
    let head = "Begünstigter;Vorhaben;Gesamtkosten in EUR;ESF-Mittel in EUR;Ort\n";
    let whole = "Verein 1 e.V.;Vorhaben 1;10,50;5,25;\n";
    let short = "Verein 2 e.V.;Vorhaben 2;5,25;12345\n";
    let damaged = map(&format!("{head}{whole}{whole}{short}{whole}")).unwrap();
    let told = messages(&damaged, "cells_missing");
    assert!(told.len() == 1 && told[0].starts_with("1 rows have fewer cells"));
    let sound = map(&format!("{head}{whole}{whole}")).unwrap();
    assert_eq!(messages(&sound, "cells_missing"), Vec::<&str>::new());
}

#[test]
fn rows_whose_values_stand_under_the_labels_beside_their_own_are_rejected() {
    let head = "Begünstigter;Vorhaben;Beginn;Gesamtkosten in EUR;ESF-Mittel in EUR;PLZ;Ort\n";
    let row = |i: usize| {
        format!("Verein {i} e.V.;Vorhaben {i};01.02.2016;10,50;5,25;0106{i};Musterstadt\n")
    };
    let whole: String = (0..9).map(row).collect();
    for moved in [
        "Verein X e.V.;Vorhaben X;01.02.2016;;10,50;5,25;01069\n",
        "Verein X e.V.;Vorhaben X;01.02.2016;5,25;01069;Musterstadt;\n",
        "Verein X e.V.;Vorhaben X;Vorhaben X;01.02.2016;10,50;5,25;01069\n",
    ] {
        let mapped = map(&format!("{head}{whole}{moved}{}", row(9))).unwrap();
        assert_eq!(
            (mapped.account.loaded, mapped.account.quarantined),
            (10, 1),
            "{moved}"
        );
        assert_eq!(mapped.quarantine[0].rule, "row_shifted", "{moved}");
        assert!(
            mapped.quarantine[0].location.starts_with("line 11 "),
            "{moved}"
        );
    }
    // One strange cell is no moved row, and neither is one that lacks cells.
    for strange in [
        "Verein X e.V.;Vorhaben X;01.02.2016;10,50;5,25;10,50;Musterstadt\n",
        "Verein X e.V.;Vorhaben X;;12,75;;;\n",
    ] {
        let mapped = map(&format!("{head}{whole}{strange}{}", row(9))).unwrap();
        assert_eq!(
            (mapped.account.loaded, mapped.account.quarantined),
            (11, 0),
            "{strange}"
        );
    }
}

#[test]
fn a_moved_row_of_few_cells_is_rejected() {
    let head = "Zuwendungsempfänger;Projekt;Beginn;Ende;Zuwendung;ESF-Mittel;bei Abschluss gezahlte Gesamtbeträge\n";
    let granted = |name: char| {
        format!("Verein {name} e.V.;Kurs {name};01.02.2015;31.01.2016;1.000,16;500,08;\n")
    };
    let paid =
        |name: char| format!("Verein {name} e.V.;Kurs {name};01.02.2015;31.01.2016;;;900,00\n");
    let moved = |name: char| format!("Kurs {name};01.02.2015;31.01.2016;;;900,00;\n");
    let some: String = ('A'..='D')
        .map(granted)
        .chain(('E'..='H').map(paid))
        .collect();
    let cut = format!("{head}{some}{}{}", moved('I'), moved('J'));
    let mapped = map(&cut).unwrap();
    assert_eq!((mapped.account.loaded, mapped.account.quarantined), (8, 2));
    for doubt in &mapped.quarantine {
        assert_eq!(doubt.rule, "row_shifted");
    }
    // Also where it was as many rows as are sound: a label says what belongs into its column.
    let half: String = ('I'..='P').map(moved).collect();
    let mapped = map(&format!("{head}{some}{half}")).unwrap();
    assert_eq!((mapped.account.loaded, mapped.account.quarantined), (8, 8));
    // Odd values of a row that is where it belongs.
    for odd in [
        "Verein X e.V.;Kurs X;laufend;offen;;;900,00\n",
        "Verein X e.V.;01.02.2015;01.02.2015;31.01.2016;1.000,16;500,08;\n",
        "Verein X e.V.;Kurs X;01.02.2015;;12345;;\n",
    ] {
        let mapped = map(&format!("{head}{some}{odd}")).unwrap();
        let account = (mapped.account.loaded, mapped.account.quarantined);
        assert_eq!(account, (9, 0), "{odd}");
    }
}

#[test]
fn what_a_row_leaves_to_the_row_above_is_told() {
    let head = "Begünstigter;Vorhaben;Beginn;Gesamtkosten in EUR;PLZ;Ort\n";
    let row = |name: &str, i: usize| {
        format!("{name};Vorhaben {i};0{i}.02.2016;{i}0,50;01067;Musterstadt\n")
    };
    let (one, two, three) = (row("Verein 1 e.V.", 1), row("", 2), row("Verein 3 e.V.", 3));
    let places = ";;;;80331;Musterdorf\n;;;;;Musterheim\n";
    let mapped = expect(
        &format!("{head}{one}{places}{two}{three}"),
        3,
        &[("total_cost", 6_150)],
    );
    let told = messages(&mapped, "place_continued");
    assert!(told.len() == 1 && told[0].starts_with("2 rows"), "{told:?}");
    let told = messages(&mapped, "beneficiary_blank");
    assert!(
        told.len() == 1 && told[0].starts_with("1 of 3 rows"),
        "{told:?}"
    );
    let sound = expect(&format!("{head}{one}{three}"), 2, &[("total_cost", 4_100)]);
    for rule in ["place_continued", "beneficiary_blank"] {
        assert_eq!(messages(&sound, rule), Vec::<&str>::new(), "{rule}");
    }
}

#[test]
fn letters_that_were_encoded_twice_in_a_part_of_the_file_are_told() {
    let text = format!("{HEAD}Träger 1;Küche;01.02.2016;1,50\nTrÃ¤ger 2;KÃ¼che;01.02.2016;2,50\n");
    let mapped = expect(&text, 2, &[("total_cost", 400)]);
    let told = messages(&mapped, "letters_doubtful");
    assert!(
        told.len() == 1 && told[0].starts_with("2 cells"),
        "{told:?}"
    );
}
