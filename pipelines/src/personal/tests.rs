//! Made-up persons for every rule, bodies named after persons, and (when they are there) the shared lists and pages.

use super::*;

fn person(reason: Reason, names: &[&str]) {
    for name in names {
        assert_eq!(is_natural_person(name), Some(reason), "{name}");
    }
}

fn body(names: &[&str]) {
    for name in names {
        assert_eq!(is_natural_person(name), None, "{name}");
    }
}

#[test]
fn stated_persons() {
    person(
        Reason::Stated,
        &[
            "Natürliche Person",
            "natürliche Person",
            "Begünstigte oder Begünstigter im Sinne der Richtlinie",
            "Privatperson",
            "Einzelunternehmen Muster",
            "NATÜRLICHE PERSON",
            "privatperson",
            "Anna Beispiel enskild firma",
        ],
    );
    person(
        Reason::SoleMerchant,
        &[
            "Anna Beispiel e.K.",
            "Buchhandlung Beispiel e. K.",
            "Beispiel Handel e.Kfm.",
            "Muster eingetragene Kauffrau",
        ],
    );
}

#[test]
fn full_names_in_either_order() {
    person(
        Reason::FullName,
        &[
            "Anna Beispiel",
            "Beispiel, Anna",
            "Beispiel Anna",
            "ANNA BEISPIEL",
            "anna beispiel",
            "Karl-Heinz Beispiel",
            "Anna von Beispiel",
            "Anna K. Beispiel",
            "Anna Maria Beispiel-Muster",
            "Gerda und Rudolf Beispiel",
            "Åsa Exempel",
            "Ayşe Beispiel",
            "Bäckerei Anna Beispiel",
            "Anna Beispiel Dachdeckerei",
            "Fa. Anna Beispiel",
            "Praxis Anna Beispiel",
            "Friseursalon Anna Beispiel",
            "designflow anna beispiel",
            "Muster Design - Anna Beispiel",
            "Anna Beispiel - Institut für Bewegung",
            "Akademie für Stimme Anna Beispiel",
            "Beispiel, Anna Muster Personalentwicklung",
            "Thomas Köln",
            "Anna Design",
        ],
    );
    person(
        Reason::FullName,
        &[
            "Anna Beispiel und Paul Muster GbR",
            "Muster Küche GbR Anna Beispiel Paul Muster",
        ],
    );
}

#[test]
fn titles_owners_initials_and_trades() {
    person(
        Reason::Title,
        &[
            "Dr. Anna Beispiel",
            "Dr. med. dent. Beispiel",
            "Dipl.-Ing. Anna Beispiel",
            "Praxis Dr. Beispiel",
            "Rechtsanwalt Beispiel",
            "Steuerberater Paul Beispiel",
            "Rechtsanwälte Beispiel & Muster",
        ],
    );
    person(
        Reason::Honorific,
        &[
            "Herr Beispiel",
            "Herrn Paul Beispiel",
            "Frau Dr. Beispiel",
            "Frau Anna Beispiel Hotel am See",
            "Muster'sche Apotheke Frau Beispiel",
        ],
    );
    person(
        Reason::Owner,
        &[
            "Blumenhaus Muster Inh. Anna Beispiel",
            "Inh. Anna Beispiel",
            "Muster Inhaber: A. Beispiel",
            "Fachschule Muster, Inhaberin Anna Beispiel",
        ],
    );
    person(
        Reason::Initial,
        &[
            "A. Beispiel",
            "Gartenbau T. + A. Beispiel GbR",
            "Beispiel, A.",
        ],
    );
    person(
        Reason::TradeAndSurname,
        &[
            "Bäckerei Gschwandbeispiel",
            "Schreinerei Haas",
            "Beispielhuber Elektrotechnik",
            "Bäckerei-Konditorei Beispiel",
        ],
    );
    person(
        Reason::Partners,
        &["Beispiel & Muster GbR", "Beispiel und Muster GbR"],
    );
}

#[test]
fn bodies_named_after_persons() {
    body(&[
        "Robert Beispiel Stiftung",
        "Anne-Frank-Schule",
        "Friedrich-Ebert-Stiftung",
        "Max Muster GmbH & Co. KG",
        "Max Muster GmbH",
        "Anna Beispiel AG",
        "Anna Beispiel e.V.",
        "Haus Anna e.V.",
        "St. Johannes",
        "Kath. Kirchengemeinde St. Martin Freudenstadt",
        "Robert Beispiel Institut",
        "Beispiel-Universität",
        "Johann Wolfgang Beispiel-Universität",
        "Grundschule Anna Beispiel",
        "Thomas Beispiel Akademie",
        "Paul Muster KG",
        "Anna Beispiel OHG",
        "Anna-Beispiel-Haus",
        "Dr. Beispiel Kolleg",
    ]);
    body(&[
        "Stadt Muster",
        "Markt Oberbeispiel",
        "Landkreis Muster",
        "Universität Muster",
        "Handwerkskammer Muster",
        "Volkshochschule Muster",
        "IHK Muster",
        "Exempels kommun",
        "Region Exempel",
        "Exempel AB",
        "Länsstyrelsen i Exempel",
        "Hansestadt Muster",
        "Deutsche Gesellschaft für Muster",
        "Muster Consulting",
        "Institut für Beispiele",
        "Apotheke am Markt",
        "Fachschule für Technik \"Anna Beispiel\"",
        "Musikschule der Stadt Anna Beispiel",
        "Kompetenzzentrum Frau und Beruf",
        "Podologische Praxis",
        "Bonner Fahrschule",
        "Fahrschule Bonn",
        "Plan B",
        "net@work",
        "",
        "Muster & Partner PartG mbB",
        "CID Muster GbR",
    ]);
}

#[test]
fn a_concealed_person_is_gone_from_the_other_cells() {
    let cell = "Malerbetrieb Anna Beispiel";
    assert_eq!(
        conceal("Weiterbildung Anna Beispiel in Muster", cell),
        "Weiterbildung […] in Muster"
    );
    assert_eq!(
        conceal("Malerbetrieb Anna Beispiel, Beispiel Anna", cell),
        "[…], […]"
    );
    assert_eq!(conceal("Ein gutes Beispiel", cell), "Ein gutes Beispiel");
}

/// Of each text what is left where the beneficiary is this person.
fn concealed(cell: &str, texts: &[(&str, &str)]) {
    for (text, left) in texts {
        assert_eq!(conceal_all(text, cell), *left, "{text:?} of {cell:?}");
    }
}

#[test]
fn every_part_of_a_name_goes_from_the_title_of_its_own_operation() {
    let titles = [
        ("Förderung K. Krüger", "Förderung […]"),
        ("Förderung Krüger, K. (2016)", "Förderung […] (2016)"),
        ("Existenzgründung Krüger", "Existenzgründung […]"),
        ("Gründung Frau Krüger", "Gründung Frau […]"),
        ("Coaching für Karla Krüger-Muster", "Coaching für […]"),
        ("Coaching für Karla  Krüger", "Coaching für […]"),
        ("KRÜGERS IMBISS", "[…] IMBISS"),
        ("Krueger’s Imbiss", "[…] Imbiss"),
        ("Kru\u{308}ger-Coaching", "[…]-Coaching"),
        ("existenzgründung krüger", "existenzgründung […]"),
        ("Gründung durch Karla", "Gründung durch […]"),
        ("Krügerhof in Krügersdorf", "Krügerhof in Krügersdorf"),
        ("Projekt K. und Krug", "Projekt K. und Krug"),
    ];
    for cell in ["Krüger, Karla", "Karla Krüger", "Imbiss Karla Krüger"] {
        concealed(cell, &titles);
    }
    concealed("Fahrdienst K. Krüger", &titles[..3]);
    concealed("Praxis Dr. Krüger", &titles[2..4]);
    concealed("Malerbetrieb Krüger", &titles[2..4]);
    concealed(
        "Rechtsanwälte Krüger & Zyxtal",
        &[("Ausbildung Zyxtal", "Ausbildung […]")],
    );
}

#[test]
fn a_word_that_is_also_a_surname_stays_where_it_is_meant_as_one() {
    concealed(
        "Koch, Karla",
        &[
            ("Ausbildung zum Koch", "Ausbildung zum Koch"),
            ("Koch/-in gesucht", "Koch/-in gesucht"),
            ("Koch-Ausbildung", "Koch-Ausbildung"),
            ("Koch-Lehrgang", "Koch-Lehrgang"),
            ("Gründung Koch", "Gründung […]"),
            (
                "Ausbildung zum Koch bei Frau Koch",
                "Ausbildung zum Koch bei Frau […]",
            ),
            ("Coaching im Betrieb Karla Koch", "Coaching im Betrieb […]"),
        ],
    );
    concealed(
        "Thomas Köln",
        &[
            ("Beratung in Köln", "Beratung in Köln"),
            ("Gründung Köln", "Gründung […]"),
        ],
    );
    concealed(
        "Martin Beispiel",
        &[("Anbau an St. Martin", "Anbau an St. Martin")],
    );
}

#[test]
fn what_only_says_that_it_is_a_person_takes_no_word_away() {
    let title = "Eine Person in Ausbildung, Begünstigte nach Richtlinie";
    for cell in [
        "Natürliche Person",
        "Begünstigte oder Begünstigter im Sinne der Richtlinie",
        "Privatperson",
    ] {
        concealed(cell, &[(title, title)]);
    }
    concealed(
        "Friseursalon Anna Beispiel",
        &[("Salon und Friseur", "Salon und Friseur")],
    );
}

#[path = "shared_tests.rs"]
mod shared;
