//! Amounts that stand in a file and cannot be read, or could be read only by guessing: none is left out in silence.

use std::fmt::Write as _;

use super::spanning::workbook_of;
use super::*;
use crate::map::explain_row;

const HEAD: &str = "Begünstigter;Vorhaben;Beginn;Gewährte Beträge (EUR);davon EU-Mittel (EUR)\n";

#[test]
fn an_amount_that_cannot_be_read_beside_one_that_can_is_counted() {
    let text = format!(
        "{HEAD}Muster gGmbH;Kurs A;01.02.2015;1.000,10;500,05\n\
         Beispiel e.V.;Kurs B;01.03.2015;ca. 2.000,20;1.000,10\n\
         Probe GmbH;Kurs C;01.04.2015;3.000,30;1.500,15\n\
         Test AG;Kurs D;01.05.2015;k.A.;2.000,20\n"
    );
    let mapped = expect(&text, 4, &[("granted", 400_040), ("eu", 500_050)]);
    // A word that says that there is no amount is none that cannot be read.
    let account = &mapped.account;
    assert_eq!((account.quarantined, account.amounts_unreadable), (0, 1));
    let mut unread = mapped.findings.iter();
    let unread = unread.find(|f| f.rule == "value_unreadable").unwrap();
    assert_eq!(
        (unread.row, unread.value.as_deref()),
        (Some(3), Some("ca. 2.000,20"))
    );
}

#[test]
fn the_mark_of_a_footnote_is_taken_off_and_told() {
    let text = format!(
        "{HEAD}Muster gGmbH;Kurs A;01.02.2015;1.000,10;500,05*\n\
         Beispiel e.V.;Kurs B;01.03.2015;2.000,20 *);1.000,10\n\
         Probe GmbH;Kurs C;01.04.2015;3.000,30¹;1.500,15\n\
         Test AG;Kurs D;01.05.2015;4.000,40 € 2);2.000,20\n"
    );
    let mapped = expect(&text, 4, &[("granted", 1_000_100), ("eu", 500_050)]);
    assert_eq!(mapped.account.amounts_unreadable, 0);
    let marked = (mapped.findings.iter()).filter(|f| f.rule == "value_doubtful");
    let told: Vec<(Option<i64>, Option<&str>)> =
        marked.map(|f| (f.row, f.value.as_deref())).collect();
    let expected = [
        (Some(3), Some("2.000,20 *)")),
        (Some(4), Some("3.000,30¹")),
        (Some(5), Some("4.000,40 € 2)")),
        (Some(2), Some("500,05*")),
    ];
    assert_eq!(told, expected);

    let file = FileInput {
        source: Arc::clone(&ANY),
        file_name: "made.csv".into(),
        sha256: String::new(),
        content: Bytes::from(text).into(),
        published: None,
        first_seen: 1,
        earlier: Vec::new(),
    };
    let steps = explain_row(&file, Vocabulary::standard(), &Limits::default(), 3).unwrap();
    let step = |field: &str| steps.iter().find(|step| step.field == field).unwrap();
    assert_eq!(step("granted").result.as_deref(), Some("2000.20"));
    let without = ", without the mark \"*)\" of a footnote";
    assert!(step("granted").transform.ends_with(without), "{steps:?}");
    assert!(!step("eu").transform.contains("footnote"), "{steps:?}");
}

#[test]
fn an_amount_whose_currency_is_stated_twice_and_differently_is_not_read() {
    let label = "Name;Titel;Beginn;Gesamtkosten EUR;Währung\n\
                 A gGmbH;Kurs A;01.02.2015;1.000,10;EUR\n\
                 B gGmbH;Kurs B;01.03.2015;20.000,20;SEK\n\
                 C gGmbH;Kurs C;01.04.2015;3.000,30;EUR\n";
    let sign = "Name;Titel;Beginn;Gesamtkosten;Währung\n\
                A gGmbH;Kurs A;01.02.2015;1.000,10 €;EUR\n\
                B gGmbH;Kurs B;01.03.2015;20.000,20 €;SEK\n\
                C gGmbH;Kurs C;01.04.2015;3.000,30;EUR\n";
    for text in [label, sign] {
        let mapped = expect(text, 2, &[("total_cost", 400_040)]);
        assert_eq!(mapped.amounts[0].currency.of(1), Some("EUR"), "{text}");
        let [doubt] = mapped.quarantine.as_slice() else {
            panic!("{:?}", mapped.quarantine);
        };
        assert_eq!(doubt.value.as_deref().map(|v| &v[..9]), Some("20.000,20"));
        assert!(doubt.message.contains("another currency"), "{doubt:?}");
    }
    // A row that has another amount is loaded without this one.
    let beside = "Name;Titel;Beginn;Gesamtkosten;Zuwendung;Währung\n\
                  A gGmbH;Kurs A;01.02.2015;1.000,10;500,10;EUR\n\
                  B gGmbH;Kurs B;01.03.2015;20.000,20 €;900,10;SEK\n\
                  C gGmbH;Kurs C;01.04.2015;3.000,30;700,10;EUR\n";
    let mapped = expect(beside, 3, &[("total_cost", 400_040), ("granted", 210_030)]);
    assert_eq!(mapped.account.amounts_unreadable, 1);
    assert!(rules(&mapped).contains(&"currency_contradicted"));
    // Where a label says none, the column of currencies speaks of that amount alone.
    let other = "Name;Titel;Beginn;Zuwendung;EU-Mittel in EUR;Währung\n\
                 A AB;Kurs A;2015-02-01;1.000,10;500,10;SEK\n\
                 B AB;Kurs B;2015-03-01;2.000,10;900,10;SEK\n";
    let mapped = expect(other, 2, &[("granted", 300_020), ("eu", 140_020)]);
    let currencies: Vec<_> = mapped.amounts.iter().map(|a| a.currency.of(0)).collect();
    assert_eq!(currencies, [Some("SEK"), Some("EUR")]);
}

/// The cell of a row.
type Cell = fn(i32) -> String;

#[test]
fn a_column_of_money_that_nobody_understands_is_told() {
    let list = |label: &str, cell: Cell, granted: bool| {
        let (of_label, of_row) = if granted {
            (";Zuwendung in EUR", ";7,50")
        } else {
            ("", "")
        };
        let mut text = format!("Begünstigter;Vorhaben;Beginn;{label}{of_label}\n");
        for i in 1..6 {
            let cell = cell(i);
            let _ = writeln!(
                text,
                "Verein {i} e.V.;Vorhaben {i};0{i}.02.2016;{cell}{of_row}"
            );
        }
        text
    };
    let money: [(&str, Cell); 5] = [
        ("Xyzzy", |i| format!("{i}.000,10 €")),
        ("Xyzzy", |i| format!("{i}.000,10")),
        ("Xyzzy (EUR)", |i| format!("{i}7")),
        // Whole amounts beside one with cents, and what another encoding makes of the sign of the euro.
        ("Xyzzy", |i| {
            if i == 3 {
                "300,50".into()
            } else {
                format!("{i}000")
            }
        }),
        ("Xyzzy", |i| format!("{i},10 Û")),
    ];
    for (label, cell) in money {
        let mapped = map(&list(label, cell, true)).unwrap();
        let mut told = mapped.findings.iter();
        let told = told.find(|f| f.rule == "amounts_not_read").unwrap();
        assert_eq!(told.location, "column D", "{label}");
        assert!(told.message.contains("5 of its 5 cells"), "{told:?}");
        assert_eq!(mapped.account.amounts_unreadable, 5, "{label}");
        // Without other amounts it is held, also where their column says of each that there is none.
        let without = [
            list(label, cell, false),
            list(label, cell, true).replace(";7,50", ";k. A."),
        ];
        for text in without.iter().filter(|_| label == "Xyzzy") {
            let error = map(text).unwrap_err();
            assert!(matches!(error, MapError::AmountsUnread { .. }), "{error}");
        }
    }
    // Hours, percentages, numbers and words are no money.
    let others: [Cell; 7] = [
        |i| format!("{i}5 ?"),
        // Per cent of which most are all of it.
        |i| String::from(if i == 3 { "85,00" } else { "100,00" }),
        |i| {
            if i == 3 {
                "3,50".into()
            } else {
                format!("{i}000")
            }
        },
        |i| format!("{i},50"),
        |i| format!("{i}7,25 %"),
        |i| format!("{i}000"),
        |i| format!("Kurs {i}"),
    ];
    for cell in others {
        let mapped = map(&list("Xyzzy", cell, true)).unwrap();
        assert!(!rules(&mapped).contains(&"amounts_not_read"), "{}", cell(1));
        assert_eq!(mapped.account.amounts_unreadable, 0, "{}", cell(1));
    }
    // Cells that say in place of an amount that there is none are not counted.
    let some: Cell = |i| {
        if i < 3 {
            "offen".into()
        } else {
            format!("{i}.000,10")
        }
    };
    let mapped = map(&list("Xyzzy", some, true)).unwrap();
    let mut told = mapped.findings.iter();
    let told = told.find(|f| f.rule == "amounts_not_read").unwrap();
    assert!(told.message.contains("3 of its 3 cells"), "{told:?}");
}

/// A list of five rows, the grants of which are formulas; so many of them have no value.
fn formulas(without: usize) -> FileInput {
    let text =
        |at: &str, text: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let labels = [
        "Begünstigter",
        "Vorhaben",
        "Gewährte Beträge (EUR)",
        "davon EU-Mittel (EUR)",
    ];
    let labels = ('A'..)
        .zip(labels)
        .map(|(letter, label)| text(&format!("{letter}1"), label));
    let mut rows = format!("<row r=\"1\">{}</row>", labels.collect::<String>());
    for row in 2..7 {
        let value = if row < 2 + without {
            ""
        } else {
            "<v>1000.5</v>"
        };
        let _ = write!(
            rows,
            "<row r=\"{row}\">{}{}<c r=\"C{row}\"><f>D{row}*2</f>{value}</c><c r=\"D{row}\"><v>500.25</v></c></row>",
            text(&format!("A{row}"), &format!("Verein {row} e.V.")),
            text(&format!("B{row}"), &format!("Vorhaben {row}")),
        );
    }
    workbook_of(&format!(
        "<worksheet><sheetData>{rows}</sheetData></worksheet>"
    ))
}

#[test]
fn formulas_without_a_value_are_amounts_that_cannot_be_read() {
    let read = |without| {
        map_file(
            &formulas(without),
            Vocabulary::standard(),
            &Limits::default(),
        )
    };
    let mapped = read(2).unwrap();
    let expected = [("granted", 300_150), ("eu", 250_125)];
    let expected = expected.map(|(kind, sum)| (kind.to_owned(), sum));
    assert_eq!(sums(&mapped), (5, expected.into_iter().collect()));
    assert_eq!(mapped.account.amounts_unreadable, 2);
    assert_eq!(read(0).unwrap().account.amounts_unreadable, 0);
    // Where most of a column is lost, the file is.
    let error = read(3).unwrap_err();
    assert!(matches!(error, MapError::AmountsUnvalued { .. }), "{error}");
}

#[test]
fn what_different_bodies_pay_stands_in_columns_of_one_kind() {
    let text = "Begünstigter;Vorhaben;Davon Landesmittel;Davon Bundesmittel;Davon kommunale Mittel\n\
                V 1;V1;1,50;2,50;3,50\nV 2;V2;4,50;5,50;6,50\n";
    let mapped = expect(text, 2, &[("cofinancing", 2_400)]);
    let payers: Vec<&str> = (mapped.amounts.iter())
        .map(|amount| amount.financing_source.as_str())
        .collect();
    assert_eq!(payers, ["land", "state", "municipal"]);
    // A part beside the whole, or one part twice, would count twice.
    for other in ["Kofinanzierung", "Landesmittel"] {
        for labels in [
            format!("{other};Davon Landesmittel"),
            format!("Davon Landesmittel;{other}"),
        ] {
            let text =
                format!("Begünstigter;Vorhaben;{labels}\nV 1;V1;1,50;2,50\nV 2;V2;1,50;2,50\n");
            let error = map(&text).unwrap_err();
            assert!(
                matches!(error, MapError::TwiceMeant { .. }),
                "{labels}: {error}"
            );
        }
    }
}
