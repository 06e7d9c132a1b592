//! Made-up persons and numbers only.

use arrow::array::{Array, StringArray};

use super::*;

fn cuts(text: &str, gone: &[&str]) {
    let result = scrub_detailed(text);
    assert!(result.removed.any(), "{text}");
    for part in gone {
        assert!(
            !result.text.contains(part),
            "{part} is left in {:?}",
            result.text
        );
    }
    assert_eq!(
        scrub(&result.text),
        result.text,
        "scrubbing twice changes nothing"
    );
}

fn keeps(text: &str) {
    assert_eq!(scrub(text), text);
}

#[test]
fn contact_blocks_lose_person_phone_and_address() {
    cuts(
        "Ansprechpartner:\nKilian Beispiel\nTel.: 01234/5678901\neMail: Kilian.Beispiel@example.org\n\nWeiteres",
        &["Kilian", "5678901", "example.org"],
    );
    cuts(
        "Kontaktperson:\nSanna Exempel\nE-post:\nsanna.exempel@example.se\nPostnr: 11122",
        &["Sanna", "Exempel", "example.se"],
    );
    cuts(
        "Ansprechpartnerin: Frau Dr. Beispiel, Telefon 0123 456789",
        &["Beispiel", "456789"],
    );
    cuts("Kontakt: Frau Muster", &["Muster"]);
    cuts(
        "Ansprechpartner/in: Anna Beispiel und Paul Muster",
        &["Anna", "Muster"],
    );
    cuts(
        "Schulung (Teilnehmer: Anna Beispiel, Xaverine Quillfeld)",
        &["Anna", "Quillfeld"],
    );
    cuts("Ansprechpartner(in): Xaverine Quillfeld", &["Quillfeld"]);
    cuts(
        "Projektledare: Åsa Exempel, 070-123 45 67",
        &["Åsa", "45 67"],
    );
    cuts(
        "Verein Muster e.V. c/o Herrn Paul Beispiel",
        &["Paul", "Beispiel"],
    );
    cuts("Stadt Muster, z. Hd. Frau Anna Beispiel", &["Anna"]);
    cuts(
        "so der Leiter der Agentur Matthias Beispiel.",
        &["Matthias", "Beispiel"],
    );
    cuts("Foto: Walter Muster", &["Muster"]);
    cuts(
        "Frau Dipl.-Geophys. Anna Beispiel leitet",
        &["Anna", "Beispiel"],
    );
    cuts(
        "abgestimmt mit dem Jobcenter, Frau Beispielhuber, und Herrn Muster",
        &["Beispielhuber", "Muster"],
    );
}

#[test]
fn addresses_also_when_hidden() {
    cuts("Post an info@example.org bitte", &["info", "example"]);
    cuts("anna.beispiel(at)example.org", &["anna", "example"]);
    cuts("anna [at] example [dot] org", &["anna", "example"]);
    cuts(
        "anna (at) example (punkt) de und mehr",
        &["anna", "example"],
    );
}

#[test]
fn phone_numbers_in_their_forms() {
    for text in [
        "Tel. 02361/306714",
        "Tel.: (0221) 123 45-67",
        "Telefon: +49 (0)30 123456",
        "Mobil 0171-1234567",
        "Fax: 030 / 1234567",
        "ring 070-123 45 67",
        "ring +46 70 123 45 67",
        "0046701234567",
        "Telefonnummer: 030 1234567",
        "(0221) 1234567",
    ] {
        cuts(text, &["306714", "45-67", "123456", "123 45", "4567"]);
    }
}

#[test]
fn numbers_names_and_words_that_are_no_contact_stay() {
    for text in [
        "ESF/14-WM-A32-0010",
        "ESF/14-WM-A32-0010/15-A01",
        "DE-XB4-76051-20-RP/207",
        "2020/00842",
        "23-017-S01",
        "20200940",
        "575160.34",
        "1.234.567,89 €",
        "22 399 883 SEK",
        "vom 01.02.2018 bis 31.12.2019",
        "2021-02-01 - 2022-12-31",
        "67547 Worms",
        "04600 Altenburg",
        "Garten- u. Landschaftsbau (05-09)",
        "Kurs (03/10)",
        "Examen 070-673 und 074-678",
        "net@work",
        "Päd@Quis GmbH",
        "Telefontraining für 12 Personen",
        "Mobil in die Zukunft",
        "Hotel Total",
        "Kontakte knüpfen",
        "Ansprechpartner für Betriebe sind vor Ort",
        "Kompetenzzentrum Frau und Beruf",
        "Kita Frau Holle",
        "Die Leitung der Maßnahme liegt beim Träger",
        "Kontakt: www.example.org",
        "Anne-Frank-Schule",
        "ISO 9001:2015 +5 Punkte",
        "Projektleiter/in in Teilzeit (2 Stellen)",
        "Fax: ja",
        "Telefon, Internet 2016",
        "Betrag 0049 123",
        "Tel Aviv 2019",
    ] {
        keeps(text);
    }
    assert!(matches!(scrub("nichts"), Cow::Borrowed(_)));
}

#[test]
fn a_column_without_traces_is_shared() {
    let plain = StringArray::from(vec![Some("eins"), None, Some("zwei")]);
    let (same, changed) = scrub_column(&plain);
    assert!(changed.is_empty());
    assert_eq!(same.value_data().as_ptr(), plain.value_data().as_ptr());
    let mixed = StringArray::from(vec![
        Some("Te"),
        Some("l. 030 1234567"),
        None,
        Some("Tel. 030 1234567"),
        Some("a@example.org"),
        Some("zwei"),
    ]);
    let (cut, changed) = scrub_column(&mixed.slice(1, 5));
    assert_eq!(cut.len(), 5);
    assert_eq!(
        changed.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
        [2, 3]
    );
    assert_eq!(
        (cut.value(2), cut.value(3), cut.value(4)),
        ("Tel. […]", "[…]", "zwei")
    );
    assert!(cut.is_null(1));
}

#[test]
fn a_column_is_traced_as_its_cells_are() {
    let cells = [
        Some("Verein Muster"),
        None,
        Some("muster@example.org"),
        Some(""),
        Some("Te"),
        Some("l. ist kein Zeichen"),
        Some("a+"),
        Some("1 Jahr (01/10)"),
        Some("(0221) 1234, Frau Muster"),
        Some("muster (at) example.org"),
        Some("Nr. 78"),
        Some("070-123 45 67"),
        Some("640823-3234"),
        Some("Fon 0511 123456"),
        Some("Fonds"),
        Some("Teilnehmer Anna Muster"),
    ];
    let column: StringArray = cells.into_iter().collect();
    // A slice has offsets that do not begin at zero.
    for column in [column.clone(), column.slice(2, 7)] {
        let traced = traced_rows(&column);
        for (row, cell) in column.iter().enumerate() {
            let alone = cell.is_some_and(|cell| first_trace(cell.as_bytes()).is_some());
            assert!(traced[row] || !alone, "row {row}: {cell:?}");
            // A trace over the border of two cells costs a look, and only that.
            let border = matches!(cell, Some("Te" | "a+"));
            assert!(!traced[row] || alone || border, "row {row}: {cell:?}");
        }
    }
}

#[test]
fn many_addresses_without_a_word_are_found_in_one_pass() {
    // Quadratic work over 40 MB would not end within the life of the test.
    let column: StringArray = (0..1_000_000)
        .map(|row| Some(format!("k{row}@muster.example")))
        .collect();
    assert!(traced_rows(&column).into_iter().all(|traced| traced));
}

#[test]
fn persons_without_a_label_of_their_own_are_cut() {
    for text in [
        "z. Hd. von Sabine Quillfeld",
        "z.Hd. Xaverine Lüders",
        "i.A. Sabine Quillfeld",
        "i. V. S. Quillfeld",
        "gez. Sabine Quillfeld",
        "verantwortlich: Lüders",
        "Leitung: Lüders, Projektbüro",
        "Teilnehmer Sabine Quillfeld (45 Jahre)",
        "Teilnehmerin Sabine Quillfeld",
        "Deltagare Åsa Quillfeld",
        "Frau von Quillfeld",
        "Fru Quillfeld svarar",
        "Projektleitung Sabine Quillfeld",
    ] {
        cuts(text, &["Sabine", "Åsa", "Xaverine", "Lüders", "Quillfeld"]);
    }
    cuts("Fon 0511-123456", &["0511", "123456"]);
}

#[test]
fn births_and_personal_numbers_are_cut() {
    for text in [
        "Geburtsdatum 12.03.1970 Sabine Quillfeld",
        "Sabine Quillfeld, geb. am 12.3.70",
        "geboren am 12. März 1970: Xaverine Lüders",
        "Geb.-Datum: 12.03.1970",
        "född 1970-03-12, Åsa Quillfeld",
    ] {
        cuts(text, &["12", "70", "Sabine", "Åsa", "Lüders", "Quillfeld"]);
    }
    // Numbers of the Swedish tax agency's examples, which are given to nobody.
    for text in [
        "Personnr 640823-3234 anges",
        "19640823-3234",
        "640823+3234",
        "samordningsnummer 701063-2391",
        "personnummer: 6408233234",
    ] {
        cuts(text, &["3234", "2391", "6408"]);
    }
}

#[test]
fn numbers_and_offices_that_look_like_births_and_persons_stay() {
    for text in [
        // Organisation numbers have 20 or more where the month would stand.
        "Org.nr 212000-3005",
        "556036-0793",
        // A wrong check digit, a wrong month, a longer code.
        "640823-3235",
        "641323-3234",
        "DE-640823-3234",
        "640823-3234-01",
        "20200823-3234",
        "6408233234",
        "gebunden am 12.03.2015",
        "Geburtsdatum unbekannt",
        "geb. Kosten 12",
        "Die Idee wurde 2015 geboren",
        "Europäischer Fonds 0511 2020",
        "Fonds für regionale Entwicklung",
        "verantwortlich: Projektträger",
        "verantwortlich: Jugendamt, Schulen",
        "Verantwortlich: Handwerkskammer Muster",
        "i.A. der Stadt Muster",
        "Stadt Muster i. A. des Landes",
        "Teilnehmer aus Muster",
        "Teilnehmer: Koch, Kellner",
        "Teilnehmer Anna Beispiel Schule",
        "Kontakt Anna Beispiel e.V.",
        "z. Hd. Personalabteilung",
        "Teilnehmer Beratung und Betreuung",
        "Projektleitung Stadt Köln",
        "född av en idé 2015",
    ] {
        keeps(text);
    }
}
