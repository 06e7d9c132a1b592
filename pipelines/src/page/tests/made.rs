//! Made-up pages as plain text.

use super::super::PageKind;
use super::{amounts, dates, names, operation, read, read_with_vocabulary, regions, rules_of};

#[test]
fn german_label_value_lines() {
    let page = "Neue Wege in Arbeit (NeWeA)\n\nTräger: Beispielwerk gGmbH\nLaufzeit: 1. Januar 2019 bis 30. Juni 2021\nFördersumme: 250.000,50 Euro\nFörderkennzeichen: 12-XY/34\nDurchführungsort: Worms\nProjektpartner: Muster e.V., Jobcenter Musterstadt\nAnsprechpartnerin: Wanda Beispielfrau, Tel. 06241/123456\n\nDas Projekt begleitet Menschen, die lange ohne Arbeit waren, auf dem Weg in eine Beschäftigung.\n";
    let reading = read(page.as_bytes());
    let found = operation(&reading);
    assert_eq!(
        (found.title.as_deref(), found.acronym.as_deref()),
        (Some("Neue Wege in Arbeit"), Some("NeWeA"))
    );
    assert_eq!(found.natural_id.as_deref(), Some("12-XY/34"));
    assert_eq!(
        dates(found),
        ("2019-01-01 day".into(), "2021-06-30 day".into())
    );
    assert_eq!(amounts(found), ["granted unknown 250000.50 EUR stated"]);
    assert_eq!(names(found, "beneficiary"), ["Beispielwerk gGmbH"]);
    assert_eq!(
        names(found, "partner"),
        ["Muster e.V.", "Jobcenter Musterstadt"]
    );
    assert_eq!(regions(found), [("implementation", Some("DEB39"))]);
    assert!(found.contact_present);
    assert!(
        !format!("{reading:?}").contains("Wanda") && !format!("{reading:?}").contains("123456")
    );
    assert_eq!(
        found.summary.as_deref(),
        Some(
            "Das Projekt begleitet Menschen, die lange ohne Arbeit waren, auf dem Weg in eine Beschäftigung."
        )
    );
}

#[test]
fn labels_without_colons_above_their_values() {
    let page = "2019/00001 - Vägen vidare\n\nDiarienummer\n2019/00001\nProjektnamn\nVägen vidare\nProjektägare\nExempelby kommun\nProjektperiod\n2019-09-01 – 2021-08-31\nBeviljat ESF-stöd\n4 500 000 kr\nKontaktperson\nExempla Påhittad\nE-post\nexempla@example.org\n\nProjektet riktar sig till 120 deltagare i Exempelby.\n";
    let reading = read(page.as_bytes());
    let found = operation(&reading);
    assert_eq!(
        (found.natural_id.as_deref(), found.title.as_deref()),
        (Some("2019/00001"), Some("Vägen vidare"))
    );
    assert_eq!(names(found, "beneficiary"), ["Exempelby kommun"]);
    assert_eq!(amounts(found), ["granted mixed 4500000.00 SEK stated"]);
    assert_eq!(
        (found.targets[0].measure.as_str(), found.targets[0].value),
        ("planned_participants", 120)
    );
    assert_eq!(found.fund.as_deref(), Some("ESF"));
    assert!(!format!("{reading:?}").contains("Påhittad"));
}

#[test]
fn esf_plus_identifier_gives_its_fund_and_programme() {
    let page = "Diarienummer: 23-001-S01\nNamn: Steget in\nProjektägare: Föreningen Steget\nProjektperiod: 2023-01-01 - 2025-12-31\nTotal projektbudget (SEK): 9 000 000\nEU-stöd: 3 600 000\nUnionens medfinansieringsgrad: 40%\n\nMålet är att fler ska komma i arbete och att vägen dit ska bli kortare.\n";
    let reading = read(page.as_bytes());
    let found = operation(&reading);
    assert_eq!(
        (
            found.fund.as_deref(),
            found.programme_id.as_deref(),
            found.period.as_deref()
        ),
        (Some("ESF+"), Some("2021SE05SFPR001"), Some("2021-2027"))
    );
    assert_eq!(
        amounts(found),
        [
            "total_budget unknown 9000000.00 SEK stated",
            "eu eu 3600000.00 SEK inferred"
        ]
    );
    assert!(!rules_of(&reading).contains(&"implied_eu_part"));
}

#[test]
fn german_running_text_alone() {
    let page = "Perspektive Musterstadt\n\nDas Projekt „Perspektive Musterstadt“ läuft vom 1. April 2016 bis zum 31. März 2019. Das Land fördert das Projekt mit rund 1,2 Millionen Euro. Im Rahmen des Projekts entstehen 64 Teilnehmerplätze.\n\nTräger des Projekts ist die Musterwerkstatt gGmbH.\n";
    let reading = read(page.as_bytes());
    let found = operation(&reading);
    assert_eq!(found.title.as_deref(), Some("Perspektive Musterstadt"));
    assert_eq!(
        dates(found),
        ("2016-04-01 day".into(), "2019-03-31 day".into())
    );
    assert_eq!(amounts(found), ["granted land 1200000.00 EUR stated"]);
    assert_eq!(found.amounts[0].precision_abs_cents, Some(5_000_000));
    assert_eq!(found.targets[0].value, 64);
    assert_eq!(names(found, "beneficiary"), ["Musterwerkstatt gGmbH"]);
    assert_eq!(found.fund.as_deref(), Some("LAND"));
}

#[test]
fn swedish_running_text_alone() {
    let page = "Språkbron\n\nProjektet pågår från januari 2019 till december 2021 och medfinansieras av Europeiska socialfonden. Projektet har beviljats 13,5 miljoner kronor från Svenska ESF-rådet. Projektet drivs av Exempelby kommun i samverkan med Påhittade Folkhögskolan.\n";
    let reading = read(page.as_bytes());
    let found = operation(&reading);
    assert_eq!(found.title.as_deref(), Some("Språkbron"));
    assert_eq!(
        dates(found),
        ("2019-01-01 month".into(), "2021-12-31 month".into())
    );
    assert_eq!(amounts(found), ["granted unknown 13500000.00 SEK stated"]);
    assert_eq!(
        (found.fund.as_deref(), found.funds[0].certainty.name()),
        (Some("ESF"), "stated")
    );
    assert_eq!(names(found, "implementer"), ["Exempelby kommun"]);
}

#[test]
fn calls_are_no_operations() {
    let swedish = "Utlysning: Kompetens för alla\n\nDiarienummer: 2018/00099\nSista ansökningsdag: 2018-09-30\nUtlysningsbudget: 40 000 000 kr\nProjektperiod: 2019-01-01 - 2021-12-31\n\nAnsökan ska lämnas i Projektrummet. I utlysningen kan projekt medfinansieras av Europeiska socialfonden.\n";
    let german = "Förderaufruf „Brücken in Arbeit“\n\nDas Land unterstützt Projekte mit bis zu 250.000 Euro. Antragsfrist ist der 31. Mai 2019. Das Projekt muss vom 1. Januar 2020 bis zum 31. Dezember 2021 laufen. Antragsberechtigt sind Kommunen.\n";
    let quiet = "Kompetens i vården\n\nDiarienummer: 2016/00100\nNamn: Kompetens i vården\nUtlysningen öppnar: 2016-01-15\nUtlysningen stänger: 2016-04-15\n\nNi kan söka medel för projekt inom vården.\n";
    for page in [swedish, german, quiet] {
        let reading = read(page.as_bytes());
        assert_eq!(reading.kind, PageKind::Nothing, "{:?}", reading.evidence);
    }
}

#[test]
fn a_project_that_names_its_call_stays_an_operation() {
    let page = "Diarienummer: 2017/00012\nProjektnamn: Mot målet\nProjektägare: Exempelby kommun\nUtlysning: Aktiv inkludering 2017\nProjektperiod: 2018-01-01 - 2020-06-30\n\nProjektet svarar mot utlysningen. Utlysningen riktar sig till kommuner.\n";
    assert_eq!(
        operation(&read(page.as_bytes())).title.as_deref(),
        Some("Mot målet")
    );
}

#[test]
fn programmes_are_no_operations() {
    let german = "ESF-Programm „Chancen öffnen“\n\nFörderprogramm: Chancen öffnen\nLaufzeit: 2014 bis 2020\nVolumen: 50 Mio. Euro\n\nWas wird gefördert? Gefördert werden können Projekte, die Menschen in Arbeit bringen. Antragsberechtigt sind Träger der freien Wohlfahrtspflege. Das Programm wird aus Mitteln des Europäischen Sozialfonds finanziert.\n";
    let text = "Öffentlich geförderte Arbeit\n\nDas Landesprogramm fördert Beschäftigung. Das Land unterstützt fünf Modellprojekte mit 25 Mio. Euro. Im Rahmen des Programms werden 1.000 Teilnehmer erreicht. Die Förderperiode 2014 bis 2020 ist beendet.\n";
    let swedish = "Socialfondsprogrammet 2021–2027\n\nProgrammet omfattar 6,5 miljarder kronor. Inom programmet finansieras projekt som medfinansieras av Europeiska socialfonden. Vem kan söka? Offentliga och privata organisationer.\n";
    for page in [german, text, swedish] {
        let reading = read(page.as_bytes());
        assert_eq!(reading.kind, PageKind::Nothing, "{:?}", reading.evidence);
    }
}

#[test]
fn articles_are_no_operations() {
    let german = "Pressemitteilung\n\nMusterstadt, 12. März 2018. Die Ministerin besuchte ein Projekt. „Das ist gut“, sagte die Ministerin Ortrun Mustermann. Das Projekt wird vom Land mit 300.000 Euro gefördert.\n";
    let swedish = "Nyheter från förvaltningen\n\nMånga kom till invigningen. – Det känns bra, säger Exempla Påhittad, projektledare. Kaffe serverades till 120 deltagare.\n";
    for page in [german, swedish] {
        let reading = read(page.as_bytes());
        assert_eq!(reading.kind, PageKind::Nothing, "{:?}", reading.evidence);
        assert!(
            !format!("{reading:?}").contains("Mustermann")
                && !format!("{reading:?}").contains("Påhittad")
        );
    }
}

#[test]
fn a_renamed_instrument_needs_a_known_name() {
    let reading = read(
        "Neues aus Musterstadt\n\n\"Zusatzjobs\" werden ab 1. Juli 2011 zu \"Bürgerjobs\".\n"
            .as_bytes(),
    );
    let labels: Vec<_> = reading.instrument_labels().collect();
    assert_eq!(labels.len(), 2);
    assert_eq!(
        (
            labels[0].label.as_str(),
            labels[0].valid_to.unwrap().date.to_string().as_str()
        ),
        ("Zusatzjob", "2011-06-30")
    );
    assert_eq!(
        (
            labels[1].label.as_str(),
            labels[1].valid_from.unwrap().precision.as_str()
        ),
        ("Bürgerjob", "day")
    );
    assert_eq!(
        rules_of(&reading),
        ["label_region_unknown", "label_region_unknown"][..1]
    );
    assert_eq!(
        read("\"Raider\" wird ab 1991 zu \"Twix\".".as_bytes()).kind,
        PageKind::Nothing
    );
}

#[test]
fn values_that_do_not_fit_are_null_with_a_finding() {
    let page = "Projekttitel: Werkstatt\nTräger: Beispielwerk gGmbH\nLaufzeit: 2015-2017\nFördersumme: 1,234 Euro\n";
    let reading = read(page.as_bytes());
    assert!(operation(&reading).amounts.is_empty());
    assert_eq!(rules_of(&reading), ["unreadable_value"]);
    assert_eq!(reading.findings[0].place.line, 4);
}

#[test]
fn cp1252_and_places_of_values() {
    let page = b"Projekttitel: M\xfcnsterl\xe4nder Weg\r\nTr\xe4ger: Stadt Beispiel\r\nLaufzeit: 01/2015 \x96 12/2016\r\n";
    let reading = read(page);
    let found = operation(&reading);
    assert_eq!(found.title.as_deref(), Some("Münsterländer Weg"));
    assert_eq!(
        dates(found),
        ("2015-01-01 month".into(), "2016-12-31 month".into())
    );
    let value = reading.records[0]
        .values
        .iter()
        .find(|value| value.field == "duration")
        .unwrap();
    assert_eq!(
        (value.place.line, value.place.label.as_deref()),
        (3, Some("Laufzeit"))
    );
    assert!(page[value.place.byte as usize..].starts_with(b"Laufzeit"));
}

#[test]
fn a_sole_trader_loses_the_name_but_keeps_the_operation() {
    let page = "Projekttitel: Gründung\nZuwendungsempfänger: Sabine Erfundenheit\nLaufzeit: 2015-2017\nFördersumme: 5.000 Euro\n";
    let reading = read(page.as_bytes());
    let found = operation(&reading);
    assert!(found.organisations[0].natural_person && found.organisations[0].name.is_none());
    assert!(!format!("{reading:?}").contains("Erfundenheit"));
}

#[test]
fn units_in_the_label() {
    let page = "Projekttitel: Werkstatt\nTräger: Beispielwerk gGmbH\nLaufzeit: 2015-2017\nFördersumme (in T€): 1.250,5\n";
    let reading = read(page.as_bytes());
    assert_eq!(
        amounts(operation(&reading)),
        ["granted unknown 1250500.00 EUR stated"]
    );
}

#[test]
fn units_apart_from_the_amounts() {
    let page = |before: &str, amount: &str| {
        let html = format!(
            "<!DOCTYPE html><html lang=\"de\"><body><h1>Werkstatt</h1>{before}<table>\
             <tr><th>Träger</th><td>Beispielwerk gGmbH</td></tr>\
             <tr><th>Projektlaufzeit</th><td>2015-2017</td></tr>\
             <tr><th>{amount}</td></tr></table></body></html>"
        );
        let reading = read(html.as_bytes());
        let rules: Vec<String> = rules_of(&reading).into_iter().map(str::to_owned).collect();
        (amounts(operation(&reading)), rules)
    };
    let thousands = "<p>Alle Beträge in TEUR</p>";
    let read_as = |cents: &str| (vec![format!("granted unknown {cents} EUR stated")], vec![]);
    for (before, amount) in [
        (thousands, "Fördersumme</th><td>1.250"),
        (thousands, "Fördersumme</th><td>1.250 €"),
        (thousands, "Fördersumme (Mio. Euro)</th><td>1,25"),
        (thousands, "Fördersumme</th><td>1,25 Mio. Euro"),
        ("", "Fördersumme (Tausend EUR)</th><td>1.250"),
        ("", "Fördersumme</th><td>1.250.000,- €"),
        ("", "Fördersumme (in Cent)</th><td>125.000.000"),
        // A number in large letters, whose unit stands below it.
        (
            "<div>4,3</div><div>Mio. Euro</div>",
            "Fördersumme</th><td>1.250.000 €",
        ),
        (
            "<div>4,3</div><div>Mio. Euro</div><p>in Tausend</p>",
            "Fördersumme</th><td>1.250 €",
        ),
        (
            "<p>Alle Beträge in Cent</p>",
            "Fördersumme</th><td>125.000.000",
        ),
    ] {
        assert_eq!(
            page(before, amount),
            read_as("1250000.00"),
            "{before} {amount}"
        );
    }
    let unread = (Vec::new(), vec!["unreadable_value".to_owned()]);
    for (before, amount) in [
        (thousands, "Fördersumme (EUR)</th><td>1.250"),
        (
            "<div>4,3</div><div>Mio. Euro</div>",
            "Fördersumme</th><td>1.250",
        ),
        (
            "<p>Alle Beträge in TEUR</p><p>Angaben in Mio. Euro</p>",
            "Fördersumme</th><td>1.250",
        ),
        ("", "Fördersumme (in Stück)</th><td>125.000.000"),
        ("", "Fördersumme (TEUR)</th><td>1.250 SEK"),
    ] {
        assert_eq!(page(before, amount), unread, "{before} {amount}");
    }
}

#[test]
fn amounts_of_a_page_that_are_not_read_are_told_apart_from_other_doubts() {
    let page = "Projekttitel: Werkstatt\nTräger: Beispielwerk gGmbH\nLaufzeit: 36 Monate\nFördersumme: 1.250 Euro netto\nGesamtkosten: 5.000 Euro\nGesamtkosten: 6.000 Euro\n";
    let reading = read(page.as_bytes());
    let unread: Vec<_> = (reading.findings.iter())
        .filter(|finding| finding.is_amount_unread())
        .map(|finding| (finding.rule.as_str(), finding.field.as_deref()))
        .collect();
    assert_eq!(
        unread,
        [
            ("unreadable_value", Some("granted")),
            ("two_amounts", Some("total_cost"))
        ]
    );
    assert!(
        reading.findings.len() > unread.len(),
        "the period is told too"
    );
}

#[test]
fn a_period_whose_dates_are_not_all_used_is_null_and_told() {
    for line in [
        "1. Phase: 01.04.2016 - 31.12.2016, 2. Phase: 01.01.2017 - 31.12.2018",
        "25.11.0204 - 31.12.2018",
    ] {
        for label in ["Laufzeit: ", "Laufzeit\n"] {
            let page = format!("Werkstatt\n\nTräger: Beispielwerk gGmbH\n{label}{line}\n");
            let reading = read(page.as_bytes());
            let found = operation(&reading);
            assert_eq!(dates(found), ("-".into(), "-".into()), "{page}");
            assert_eq!(rules_of(&reading), ["unreadable_value"], "{page}");
        }
    }
}

#[test]
fn an_extended_period_has_its_new_end_and_says_so() {
    let page = "Werkstatt\n\nTräger: Beispielwerk gGmbH\nLaufzeit: 01.04.2016 - 31.12.2018 (verlängert bis 30.06.2019)\n";
    let reading = read(page.as_bytes());
    assert_eq!(
        dates(operation(&reading)),
        ("2016-04-01 day".into(), "2019-06-30 day".into())
    );
    assert_eq!(rules_of(&reading), ["period_extended"]);
    let message = &reading.findings[0].message;
    assert!(message.contains("2018-12-31"), "{message}");
}

#[test]
fn amounts_that_contradict_each_other_are_told() {
    let told = |lines: &str| {
        let page = format!(
            "Projekttitel: Werkstatt\nTräger: Beispielwerk gGmbH\nLaufzeit: 2015-2017\n{lines}\n"
        );
        let reading = read(page.as_bytes());
        let rules = rules_of(&reading).into_iter();
        let of_amounts = ["part_above_whole", "text_contradicts_label"];
        rules
            .filter(|rule| of_amounts.contains(rule))
            .map(str::to_owned)
            .collect::<Vec<String>>()
    };
    let land = |amount: &str| format!("Das Land unterstützt das Projekt mit {amount} Mio. Euro.");
    assert_eq!(
        told("Gesamtkosten: 1.000.000 €\ndavon ESF: 1.200.000 €"),
        ["part_above_whole"]
    );
    let granted = "Fördersumme: 1.200.000 €";
    assert_eq!(
        told(&format!("{granted}\n\n{}", land("1,3"))),
        ["text_contradicts_label"]
    );
    for lines in [
        "Gesamtkosten: 1.200.000 €\ndavon ESF: 600.000 €".to_owned(),
        // As exact as they are published, the one may be the other.
        "Gesamtkosten: 1,2 Mio. Euro\ndavon ESF: 1.234.000 €".to_owned(),
        format!("Fördersumme: 1.234.567 €\n\n{}", land("1,2")),
        // The part of one who pays.
        format!("{granted}\n\n{}", land("0,4")),
    ] {
        assert!(told(&lines).is_empty(), "{lines}");
    }
}

#[test]
fn amounts_under_labels_that_nobody_knows_are_told() {
    let page = |line: &str| {
        let page = format!(
            "Projekttitel: Werkstatt\nTräger: Beispielwerk gGmbH\nLaufzeit: 2015-2017\nFördersumme: 5.000 Euro\n{line}\n"
        );
        let reading = read(page.as_bytes());
        assert_eq!(
            amounts(operation(&reading))[0],
            "granted unknown 5000.00 EUR stated"
        );
        let mut findings = reading.findings.into_iter();
        findings.find(|finding| finding.rule == "amounts_not_read")
    };
    for line in [
        "Gesamtkosten pro Jahr: 100.000 €",
        "Beantragte Fördersumme (EUR): 7.000",
    ] {
        let told = page(line).unwrap();
        assert!(told.is_amount_unread(), "{line}");
        assert_eq!(told.place.line, 5);
        let label = line.split(':').next().unwrap();
        let start = format!("what stands under {label:?} looks like amounts and is not read");
        assert!(told.message.starts_with(&start), "{}", told.message);
    }
    for line in [
        "Teilnahmebeitrag: 50 €",
        "Rufnummer: 300.000",
        "Gesamtkosten: 9.000 €",
    ] {
        assert_eq!(page(line), None, "{line}");
    }
    // What several projects come to is none of theirs.
    let project = |n: u32| {
        format!("Träger: Musterverein {n} e.V.\nLaufzeit: 2015-2017\nFördersumme: {n}.000 Euro\n")
    };
    for (projects, told) in [
        (project(1), true),
        (format!("{}{}", project(1), project(2)), false),
    ] {
        let reading = read(format!("{projects}Summe: 3.000 Euro\n").as_bytes());
        assert!(reading.operations().next().is_some());
        let rules = rules_of(&reading);
        assert_eq!(rules.contains(&"amounts_not_read"), told, "{projects}");
    }
}

#[test]
fn a_labelled_description_is_searched_too() {
    let page = "Projekttitel: Werkstatt\nTräger: Beispielwerk gGmbH\n\nProjektbeschreibung:\nDas Projekt läuft vom 1. Mai 2015 bis zum 30. April 2017. Das Land unterstützt das Projekt mit 0,5 Mio. Euro. Es gibt 24 Teilnehmerplätze.\n";
    let reading = read(page.as_bytes());
    let found = operation(&reading);
    assert_eq!(
        dates(found),
        ("2015-05-01 day".into(), "2017-04-30 day".into())
    );
    assert_eq!(
        (amounts(found), found.targets[0].value),
        (vec!["granted land 500000.00 EUR stated".to_owned()], 24)
    );
    assert!(
        found
            .summary
            .as_deref()
            .unwrap()
            .starts_with("Das Projekt läuft")
    );
}

#[test]
fn the_bundled_samples_give_their_rows() {
    let german = read(include_bytes!(
        "../../../sources/any_page/sample/synthetic_projekt.html"
    ));
    let found = operation(&german);
    assert_eq!(
        (found.title.as_deref(), found.acronym.as_deref()),
        (Some("Werkstatt für neue Wege"), Some("WerkNeu"))
    );
    assert_eq!(
        dates(found),
        ("2016-04-01 day".into(), "2018-12-31 day".into())
    );
    assert_eq!(amounts(found), ["granted land 1200000.00 EUR stated"]);
    assert_eq!(
        (names(found, "beneficiary"), names(found, "partner").len()),
        (vec!["Beispielwerk Musterstadt gGmbH"], 2)
    );
    assert_eq!(
        (found.targets[0].measure.as_str(), found.targets[0].value),
        ("planned_jobs", 48)
    );
    let swedish = read(include_bytes!(
        "../../../sources/any_page/sample/synthetic_projekt.txt"
    ));
    let found = operation(&swedish);
    assert_eq!(
        (found.natural_id.as_deref(), found.fund.as_deref()),
        (Some("2019/00000"), Some("ESF"))
    );
    assert_eq!(
        amounts(found),
        [
            "total_budget unknown 6400000.00 SEK inferred",
            "granted mixed 4800000.00 SEK inferred"
        ]
    );
    assert_eq!(
        read(include_bytes!(
            "../../../sources/any_page/sample/synthetic_utlysning.txt"
        ))
        .kind,
        PageKind::Nothing
    );
}

/// Pages of other layouts, read with the shared vocabulary: kind, and name of the operation.
#[test]
fn other_layouts() {
    let pages = [
        (
            "sv-text",
            "Hem / Projektbanken / Nya vägar\nNya vägar till jobb\n\nFakta\nDiarienummer: 2016/00123\nProjektägare: Region Exempel, Utvecklingsavdelningen\nLän: Stockholms län\nKommuner: Exempelby, Stockholm\nBeviljat ESF-stöd: 12 345 678 kr\nProjektperiod: 2016-10-03 – 2019-09-30\nAntal deltagare: 450\n\nSammanfattning\nNya vägar till jobb riktar sig till långtidsarbetslösa i regionen och ska förkorta vägen till arbete. Projektet genomförs i samverkan med Arbetsförmedlingen och Exempelby kommun.\n",
        ),
        (
            "de-steckbrief",
            "Projektsteckbrief\n\nProjekttitel\nStark im Beruf\n\nProjektträger\nVolkshochschule Musterstadt\n\nLaufzeit\n01.01.2015 – 31.12.2018\n\nFörderung\nDas Projekt wird aus Mitteln des Europäischen Sozialfonds und des Landes Rheinland-Pfalz gefördert.\n\nZielgruppe\nMütter mit Migrationshintergrund\n",
        ),
        (
            "de-prose-esf",
            "Das Projekt „Brücke“\n\nDas Projekt „Brücke“ wird im Rahmen des Programms „rückenwind“ durch das Bundesministerium für Arbeit und Soziales und den Europäischen Sozialfonds gefördert. Es begann am 1. März 2012 und endet am 28. Februar 2015.\n",
        ),
        (
            "de-overview",
            "Unsere Projekte\n\nWir führen viele Projekte durch. Einige Projekte werden vom Europäischen Sozialfonds gefördert.\n\nProjekt A\nEin Projekt für Jugendliche.\n\nProjekt B\nEin Projekt für Ältere.\n",
        ),
        (
            "sv-article",
            "Så blev projektet en succé\n\nPublicerad 2019-05-02\n\n– Vi är jättenöjda, säger Exempla Påhittad. Projektet har fått 5 miljoner kronor och når 100 personer, berättar hon.\n",
        ),
        (
            "de-programme",
            "Das ESF-Bundesprogramm für Langzeitarbeitslose\n\nMit dem ESF-Bundesprogramm werden Arbeitgeber unterstützt. Das Programm läuft vom 1. Mai 2015 bis zum 31. Dezember 2020 und hat ein Volumen von 885 Mio. Euro. Rund 33.000 Langzeitarbeitslose sollen erreicht werden.\n",
        ),
        (
            "de-call",
            "Aufruf zur Einreichung von Projektvorschlägen\n\nDas Ministerium ruft zur Einreichung von Konzepten auf. Die Projekte können vom 1.1.2020 bis 31.12.2022 gefördert werden. Frist: 30.09.2019. Fördersumme: bis zu 300.000 Euro je Projekt.\n",
        ),
        (
            "sv-erdf",
            "Projektnamn: Tillväxt i norr\nÄrende-ID: 20201234\nStödmottagare: Exempelby kommun\nBeviljat EU-stöd: 3 456 789 SEK\nTotal budget: 7 000 000 SEK\nStartdatum: 2017-01-01\nSlutdatum: 2019-12-31\nInsatsområde: Små och medelstora företag\n",
        ),
    ];
    let names = [
        Some("Nya vägar till jobb"),
        Some("Stark im Beruf"),
        Some("Brücke"),
        None,
        None,
        None,
        None,
        Some("Tillväxt i norr"),
    ];
    for ((name, page), title) in pages.into_iter().zip(names) {
        let reading = read_with_vocabulary(page.as_bytes());
        let found: Vec<_> = reading
            .operations()
            .map(|operation| operation.title.as_deref())
            .collect();
        let expected: Vec<_> = title.map(Some).into_iter().collect();
        assert_eq!(found, expected, "{name}: {:?}", reading.evidence);
    }
}

#[test]
fn a_rate_with_two_readings_is_null_and_told() {
    let page = |line: &str| {
        format!(
            "Diarienummer: 2015/00001\nNamn: Steget in\nProjektägare: Exempelby kommun\nProjektperiod: 2015-01-01 - 2016-12-31\n{line}\n"
        )
    };
    for (line, rate) in [
        ("Unionens medfinansieringsgrad: 1", None),
        ("Unionens medfinansieringsgrad: 1 %", Some(10_000)),
        ("Unionens medfinansieringsgrad: 100", Some(1_000_000)),
        ("Unionens medfinansieringsgrad: 0,5", Some(500_000)),
        ("Unionens medfinansieringsgrad: 49,92", Some(499_200)),
    ] {
        let reading = read(page(line).as_bytes());
        assert_eq!(operation(&reading).union_rate_millionths, rate, "{line}");
        let told = rules_of(&reading).contains(&"unreadable_value");
        assert_eq!(told, rate.is_none(), "{line}");
    }
}

#[test]
fn an_amount_beyond_all_money_is_a_finding_and_overflows_nothing() {
    let page = "Diarienummer: 2015/00001\nProjektägare: Exempelby kommun\nBeviljat ESF-stöd: 100000000000000000000000000000000000 kr\nUnionens medfinansieringsgrad: 50%\n";
    let reading = read(page.as_bytes());
    assert!(operation(&reading).amounts.is_empty());
    assert!(rules_of(&reading).contains(&"unreadable_value"));
}
