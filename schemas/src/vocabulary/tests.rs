//! Published labels, and the field that each of them names.

use super::*;

fn found(label: &str) -> Found {
    Vocabulary::standard()
        .find(label)
        .unwrap_or_else(|| panic!("{label:?} is not found"))
}

fn names(cases: &[(&str, &str)]) {
    for (label, field) in cases {
        assert_eq!(found(label).field, *field, "{label:?}");
    }
}

#[test]
fn the_embedded_fields_are_valid_and_no_label_names_two() {
    let fields = field::load().expect("the fields are valid");
    Vocabulary::new(fields, &BTreeSet::new()).expect("no label names two fields");
}

#[test]
fn every_canonical_field_is_there() {
    let expected = "natural_id beneficiary_name beneficiary_id beneficiary_place beneficiary_postcode \
        beneficiary_country title title_translated summary summary_translated start_date end_date duration amount_date \
        total_eligible total_cost total_budget granted paid eu cofinancing amount amount_kind currency union_rate \
        postcode place municipality district municipality_code nuts_code country region intervention \
        intervention_label priority_axis objective_code support_scheme fund programme_code programme_name \
        funding_period role partner target_group planned_participants planned_jobs contact_name contact_phone \
        contact_email url source_url last_update status row_number";
    for name in expected.split_whitespace() {
        assert!(Vocabulary::standard().field(name).is_some(), "{name}");
    }
}

#[test]
fn swedish_labels_of_lists_that_follow_the_regulations() {
    names(&[
        ("Stödmottagarens namn", "beneficiary_name"),
        (
            "Namn på stödmottagaren eller uppdragstagaren",
            "beneficiary_name",
        ),
        ("Insatsens benämning", "title"),
        (
            "Insatsens syfte och dess förväntade eller faktiska resultat",
            "summary",
        ),
        ("Startdatum för insatsen", "start_date"),
        ("Slutdatum för insatsen", "end_date"),
        ("Förväntat eller faktiskt slutdatum", "end_date"),
        (
            "Förväntat eller faktiskt datum för slutförande av insatsen",
            "end_date",
        ),
        ("Insatsens totala kostnad (SEK)", "total_cost"),
        (
            "Sammanlagda stödberättigande utgifter som tilldelats insatsen",
            "total_eligible",
        ),
        ("Berörd fond", "fund"),
        ("Berört specifikt mål", "objective_code"),
        ("Unionens medfinansieringsgrad", "union_rate"),
        (
            "Lokaliseringsindikator eller geolokalisering för insatsen och det berörda landet",
            "place",
        ),
        (
            "Insatsens postnummer eller annan lämplig lokaliseringsindikator",
            "postcode",
        ),
        ("Berört land", "country"),
        (
            "Benämning på interventionskategori för insatsen",
            "intervention",
        ),
        (
            "Datum för senaste uppdatering av förteckningen över insatser",
            "last_update",
        ),
    ]);
}

#[test]
fn labels_of_2014_2020_lists() {
    names(&[
        ("Name des Begünstigten/beneficiary name", "beneficiary_name"),
        ("Bezeichnung des Vorhabens/operation name", "title"),
        ("Zusammenfassung des Vorhabens/operation summary", "summary"),
        (
            "Datum des Beginns des Vorhabens/operation start date",
            "start_date",
        ),
        (
            "Datum des Endes des Vorhabens/operation end date",
            "end_date",
        ),
        (
            "Gesamtbetrag der förderfähigen Ausgaben des Vorhabens/total eligible expenditure allocated to the operation",
            "total_eligible",
        ),
        ("Postleitzahl des Vorhabens/operation postcode", "postcode"),
        ("Land/country", "country"),
        (
            "Bezeichnung der Interventionskategorie für das Vorhaben/name of category of intervention for the operation",
            "intervention",
        ),
        ("Spezifisches Ziel/specific objective", "objective_code"),
        (
            "Internet-Adresse des Vorhabens/website of the operation",
            "url",
        ),
        ("Gesamtbetrag förderfähiger \nAusgaben", "total_eligible"),
        ("Kofinanzierungssatz", "union_rate"),
        ("PLZ \nBegünstigter", "beneficiary_postcode"),
        ("Land", "country"),
        ("Themenfeld", "intervention"),
        (
            "Name des Begünstigten\n\n\n\n\nBeneficiary name",
            "beneficiary_name",
        ),
        (
            "Bezeichnung des Vorhabens\n\n\n\n\nOperation name\n",
            "title",
        ),
        (
            "Zusammenfassung des Vorhabens\n\n\n\nOperation summery",
            "summary",
        ),
        (
            "Unions-Kofinanzierungs-satz pro Prioritätsachse",
            "union_rate",
        ),
        ("Ort des Vorhabens\n\n\n\n\nOperation location", "place"),
        (
            "Bezeichnung der Interventions-kategorie für das Vorhaben*\nName of category intervention for the operation*",
            "intervention",
        ),
        ("Zusammenfassung des Vorhabens operation summery", "summary"),
        ("Ort des Vorhabens Operation Location", "place"),
        ("Name des Begünstigten beneficiary name", "beneficiary_name"),
        (
            "Gesamtbetrag der förderfähigen Ausgaben des Vorhabens total eligible expenditure allocated to the operation",
            "total_eligible",
        ),
        (
            "Gesamtbeitrag der förderfähigen Ausgaben des Vorhabens",
            "total_eligible",
        ),
        (
            "Gesamtbeitrag der förderfähigen Ausgaben des Vorhabens\n\nTotal eligible expenditure allocated to the operation",
            "total_eligible",
        ),
        (
            "Postleitzahl des Vorhabens oder andere angemessene Standortindikatoren\n\nOperation postcode;\nor other \
             appropriate location indicator",
            "postcode",
        ),
        (
            "Bezeichnung der Interventionskategorie für das Vorhaben gemäß Artikel 96 Absatz 2 Unterabsatz 1 Buchstabe b \
             Ziffer vi\n\nName of category of intervention for the operation in accordance with point (b) (vi)",
            "intervention",
        ),
    ]);
}

#[test]
fn labels_of_further_2014_2020_lists() {
    names(&[
        ("ANTRAGSNUMMER", "natural_id"),
        ("Interventionskategorie", "intervention"),
        ("PLZ", "postcode"),
        ("BEGINN", "start_date"),
        ("ENDE", "end_date"),
        ("ZUSAMMENFASSUNG", "summary"),
        ("BEZEICHNUNG", "title"),
        ("GESAMTBETRAG 1)", "total_eligible"),
        (
            "GESAMTBETRAG 1)\ntotal eligible expenditure allocated to the operation 1)",
            "total_eligible",
        ),
        ("ANTRAGSNUMMER\napplication number", "natural_id"),
        (
            "Name des Begünstigten\n(Nennung ausschließlich von juristischen, nicht von natürlichen Personen)",
            "beneficiary_name",
        ),
        ("Bezeichnung\ndes Vorhabens", "title"),
        (
            "Datum des Endes des Vorhabens\n(voraussichtliches Datum des Abschlusses der konkreten Arbeiten oder der \
             vollständigen Durchführung des Vorhabens)",
            "end_date",
        ),
        (
            "Unions-Kofinanzierungssatz\npro Prioritätsachse",
            "union_rate",
        ),
        (
            "Postleitzahl des Vorhabens\noder andere angemessene Standortindikatoren",
            "postcode",
        ),
        ("Ort\ndes Vorhabens", "place"),
        (
            "Bezeichnung der Interventionskategorie für das Vorhaben\ngem. Art. 96 Abs. 2 Unterabsatz 1 Buchstabe b Ziffer vi",
            "intervention",
        ),
        (
            "Union co-financing rate,\nas per priority axis",
            "union_rate",
        ),
        ("Operation city", "place"),
        (
            "Nom du bénéficiaire\n(pour les personnes morales uniquement)",
            "beneficiary_name",
        ),
        ("Nom de l'opération", "title"),
        (
            "Taux de cofinancement par l'Union\n(par axe prioritaire)",
            "union_rate",
        ),
        (
            "Code postal de l'opération;\nou tout autre indicateur d'emplacement approprié",
            "postcode",
        ),
        ("Pays", "country"),
        ("1. Name des Begünstigten", "beneficiary_name"),
        (
            "7. Unions-Kofinanzierungssatz pro Prioritätsachse",
            "union_rate",
        ),
        ("8. Durchführungsort des Vorhabens", "place"),
        (
            "9. Landkreis/Kreisfreie Gemeinde/ Große Kreisstädte",
            "district",
        ),
        ("12. Förderrichtlinie", "support_scheme"),
        ("13. Fördergegenstand", "support_scheme"),
        ("Beginn des Vor-habens ", "start_date"),
        ("Ende des Vor-habens ", "end_date"),
        (
            "Unions-Kofinan- zierungssatz  pro Prioritäts-achse  ",
            "union_rate",
        ),
        (
            "Unions-Kofinan- zierungssatz  pro Prioritäts-achse  \nUnion co-financing rate",
            "union_rate",
        ),
        ("Durchführungs-beginn", "start_date"),
        ("Durchführungs-ende", "end_date"),
        (
            "bewilligte förderfähige Gesamtinvestition",
            "total_eligible",
        ),
        ("Gebietskennziffer", "municipality_code"),
        ("EU-Interventions-kategorie", "intervention"),
        (
            "Bezeichnung der EU-Interventionskategorie",
            "intervention_label",
        ),
    ]);
}

#[test]
fn labels_of_2007_2013_lists() {
    names(&[
        ("Name des Vorhabens/ operation name", "title"),
        ("Förderaktivität/ funding activity", "support_scheme"),
        ("Bewilligungsjahr/ Jahr der Restzahlung", "amount_date"),
        ("Gewährte Beträge", "granted"),
        ("Bei Abschluss des Vorhabens gezahlte Gesamtbeträge", "paid"),
        (
            "bei Abschluss des\nVorhabens\ngezahlte\nGesamtbeträge",
            "paid",
        ),
        ("Jahr der Bewilligung", "amount_date"),
        ("Sitz des Begünstigten", "beneficiary_place"),
        ("Zuwendungen des Landes NRW", "granted"),
        ("Zuwendungsempfänger", "beneficiary_name"),
        ("Projekt", "title"),
        ("bereitgestellte\nöffentliche Mittel", "granted"),
        ("davon bewilligter\nEU-Betrag", "eu"),
        ("Ort", "place"),
        ("Gewährte öffentliche Beträge in EUR", "granted"),
    ]);
}

#[test]
fn labels_of_2021_2027_lists() {
    names(&[
        (
            "Name des Begünstigten und, bei öffentlicher Auftragsvergabe, Name des Auftragnehmers",
            "beneficiary_name",
        ),
        ("Name des Begünstigten/Auftragnehmers", "beneficiary_name"),
        (
            "Zweck des Vorhabens und erwartete oder tatsächliche Errungenschaften",
            "summary",
        ),
        ("Gesamtkosten des Vorhabens", "total_cost"),
        ("Betroffener Fonds", "fund"),
        ("Spezifisches Ziel", "objective_code"),
        ("Kofinanzierungssatz der Union", "union_rate"),
        ("Betrag der Unionsunterstützung", "eu"),
        ("Standortindikator oder Geolokalisierung", "place"),
        ("Art der Intervention", "intervention"),
        ("Interventionsbereich", "intervention"),
        ("Förderfähige Gesamtausgaben", "total_eligible"),
        ("Datum der letzten Aktualisierung", "last_update"),
        (
            "Voraussichtliches oder tatsächliches Datum des Abschlusses des Vorhabens",
            "end_date",
        ),
        ("Zuwendungsempfänger/in", "beneficiary_name"),
        ("Zuwendungsempfänger:in", "beneficiary_name"),
        ("Begünstigte*r", "beneficiary_name"),
    ]);
}

#[test]
fn labels_of_swedish_publications() {
    names(&[
        ("Diarienummer / Operation ID", "natural_id"),
        ("Stödmottagare / Beneficiary", "beneficiary_name"),
        (
            "Projektägare organisationsnummer / Beneficiary ID",
            "beneficiary_id",
        ),
        ("Projektägare ort / Beneficiary city", "beneficiary_place"),
        (
            "Stödmottagarens land / Beneficiary country",
            "beneficiary_country",
        ),
        ("Namn på insatsen / Operation Name", "title"),
        ("Programområde / Priority", "priority_axis"),
        (
            "Specifikt mål / Specific objective concerned",
            "objective_code",
        ),
        ("Interventionsområde / Intervention field", "intervention"),
        ("Total projektbudget / Total budget SEK", "total_budget"),
        (
            "Unionens medfinansieringsgrad / Union co-financing rate",
            "union_rate",
        ),
        ("EU-stöd i SEK / EU contribution SEK", "eu"),
        ("Sammanfattning / Summary", "summary"),
        (
            "Sammanfattning engelsk / Summary in english",
            "summary_translated",
        ),
        ("Startdatum / Start date", "start_date"),
        ("Slutdatum / End date", "end_date"),
        ("EU-fond / EU fund", "fund"),
        ("Program CCI / Program CCI", "programme_code"),
        ("ärende-id", "natural_id"),
        ("stödmottagare", "beneficiary_name"),
        ("beviljat_belopp_sek", "granted"),
        ("beviljat_belopp_eur", "granted"),
        ("projektbeskrivning", "summary"),
        ("projekt_starttid", "start_date"),
        ("projekt_sluttid", "end_date"),
        ("projektledare", "contact_name"),
        ("telnr", "contact_phone"),
        ("e-post", "contact_email"),
        ("län", "district"),
        ("kommuner", "municipality"),
        ("uppdateringsdatum", "last_update"),
        ("område", "region"),
        ("insatsområde", "priority_axis"),
        ("tematiskt_mål", "objective_code"),
        ("_source", "source_url"),
        ("Vad beloppet avser", "amount_kind"),
        ("Belopp", "amount"),
        ("Valuta", "currency"),
        ("Dnr", "natural_id"),
        ("Total projektbudget SEK", "total_budget"),
        ("EU-stöd SEK", "eu"),
        ("EU-andel", "union_rate"),
        ("Beviljat ESF-stöd", "granted"),
        ("Stodmottagare", "beneficiary_name"),
    ]);
}

#[test]
fn columns_of_the_kohesio_export() {
    names(&[
        ("Operation_Local_Identifier", "natural_id"),
        ("Operation_Name_English", "title_translated"),
        ("Operation_Name_Programme_Language", "title"),
        ("Operation_Summary_Programme_Language", "summary"),
        ("Operation_Start_Date", "start_date"),
        ("Cofinancing_Rate", "union_rate"),
        ("Total_Eligible_Expenditure_amount", "total_eligible"),
        ("Total_Eligible_Expenditure_Currency", "currency"),
        ("Project_EU_Budget", "eu"),
        ("Beneficiary_Local_Identifier", "beneficiary_id"),
        ("Fund_Code", "fund"),
        ("Programme_Code", "programme_code"),
        ("Programming_Period", "funding_period"),
        ("Category_Of_Intervention", "intervention"),
        ("Category_Label", "intervention_label"),
    ]);
}

#[test]
fn how_a_label_was_found_is_told() {
    assert_eq!(found("Name des Begünstigten").how, How::Exact);
    assert_eq!(found("NAME DES BEGÜNSTIGTEN*").how, How::Exact);
    assert_eq!(
        found("Name des Begünstigten/beneficiary name").how,
        How::Part
    );
    assert_eq!(
        found("Gesamtbeitrag der förderfähigen Ausgaben").how,
        How::Near
    );
}

#[test]
fn decoration_makes_no_difference() {
    let variants = [
        "Bezeichnung des Vorhabens",
        "2. Bezeichnung des Vorhabens",
        "b) Bezeichnung des Vorhabens",
        "(2) Bezeichnung des Vorhabens",
        "Bezeichnung des Vorhabens²",
        "Bezeichnung des Vorhabens (1)",
        "Bezeichnung\u{A0}des Vor\u{AD}habens",
        "Bezeich-\nnung des Vor-\r\nhabens",
        "  BEZEICHNUNG   DES VORHABENS  ",
        "Bezeichnung des Vorhabens:",
    ];
    for variant in variants {
        assert_eq!(
            normalise_label(variant),
            "bezeichnung des vorhabens",
            "{variant:?}"
        );
    }
    let decomposed = "Name des Begu\u{308}nstigten";
    assert_eq!(
        normalise_label(decomposed),
        normalise_label("Name des Begünstigten")
    );
    assert_eq!(
        normalise_label("Beguenstigter"),
        normalise_label("Begünstigter")
    );
    assert_eq!(
        normalise_label("Landes- und Bundesmittel"),
        "landes und bundesmittel"
    );
}

#[test]
fn units_in_labels_are_told() {
    let eur = found("Gesamtkosten in EUR");
    assert_eq!(
        (eur.field.as_str(), eur.currency.as_deref(), eur.scale),
        ("total_cost", Some("EUR"), 1)
    );
    assert_eq!(found("Gesamtkosten [€]").currency.as_deref(), Some("EUR"));
    assert_eq!(
        found("Gesamtkosten (in Euro)").currency.as_deref(),
        Some("EUR")
    );
    assert_eq!(
        found("EU-stöd i SEK / EU contribution SEK")
            .currency
            .as_deref(),
        Some("SEK")
    );
    assert_eq!(
        found("beviljat_belopp_eur").currency.as_deref(),
        Some("EUR")
    );
    assert_eq!(found("Gesamtkosten in T€").scale, 1000);
    assert_eq!(found("Total budget (tkr)").scale, 1000);
    assert_eq!(found("Gesamtkosten in Mio. Euro").scale, 1_000_000);
    assert_eq!(found("Gesamtkosten in Hundert EUR").scale, 100);
    assert_eq!(found("Gesamtkosten in 100 EUR").scale, 100);
    assert!(found("Kofinanzierungssatz in %").percent);
    assert_eq!(found("Gesamtkosten").currency, None);
    for (label, currency) in [
        ("Gesamtkosten in Cent", "EUR"),
        ("Gesamtkosten (in ct)", "EUR"),
        ("Gesamtkosten in Euro-Cent", "EUR"),
        ("Gesamtkosten in Euro Cent", "EUR"),
        ("Gesamtkosten in Cent / Total cost in cents", "EUR"),
        ("Total budget i öre", "SEK"),
    ] {
        let found = found(label);
        assert!(found.field.starts_with("total_"), "{label}: {found:?}");
        assert_eq!(found.currency.as_deref(), Some(currency), "{label}");
    }
    // Words that are not the unit stay part of the name.
    for label in ["Gesamtkosten Cent-Programm", "Gesamtkosten vom Hundert"] {
        let known = Vocabulary::standard().find_known(label);
        assert_eq!(known.and_then(|found| found.currency), None, "{label}");
    }
}

#[test]
fn a_share_is_no_amount() {
    assert_eq!(found("EU-Anteil").field, "eu");
    assert_eq!(found("EU-Anteil in %").field, "union_rate");
    assert!(Vocabulary::standard().find("Landesmittel in %").is_none());
}

#[test]
fn a_subtitle_that_contradicts_is_reported_and_does_not_win() {
    for label in [
        "Unions-Kofinanzierungs-satz pro Prioritätsachse\n\nTotal eligible expenditure allocated to the operation",
        "Unions-Kofinanzierungssatz pro Prioritätsachse/total eligible expenditure allocated to the operation",
        "Unions-Kofinanzierungssatz pro Prioritätsachse Total eligible expenditure allocated to the operation",
    ] {
        let found = found(label);
        assert_eq!(found.field, "union_rate", "{label:?}");
        assert_eq!(
            found.conflict.as_deref(),
            Some("total_eligible"),
            "{label:?}"
        );
    }
    assert_eq!(
        found("Name des Begünstigten/beneficiary name").conflict,
        None
    );
}

#[test]
fn unlike_labels_stay_apart() {
    let unknown = [
        "",
        "  ",
        "1)",
        "Datum",
        "date",
        "Kosten",
        "English",
        "Français",
        "Förderung",
        "Name",
        "Anteil X / Land",
        "Nicht förderfähige Ausgaben",
        "Nicht förderfähige Kosten",
        "Startjahrgang",
        "Beginn der Antragsphase",
        "Postleitzahl Rechnungsempfänger",
        "A 5.1",
        "71296",
        "Deutschland, Nordrhein-Westfalen",
        "€",
        "in EUR",
        "Muster Bildungsverein e. V.",
        "Förderfähige Kosten nach Abzug der Einnahmen laut Prüfbericht vom",
    ];
    for label in unknown {
        assert_eq!(Vocabulary::standard().find(label), None, "{label:?}");
    }
    assert_ne!(
        found("Gewährte Beträge").field,
        found("Bei Abschluss des Vorhabens gezahlte Gesamtbeträge").field
    );
}

#[test]
fn near_is_for_typing_errors_only() {
    names(&[
        ("Operation summery", "summary"),
        ("Zusamenfassung des Vorhabens", "summary"),
        ("Name des Begünstigen", "beneficiary_name"),
        ("Gesamtbetrag der förderfähgen Ausgaben", "total_eligible"),
    ]);
    for label in [
        "NUTS-4-Code",
        "Ore",
        "Lind",
        "unförderfähige Kosten",
        "Programmpunkt",
    ] {
        assert_eq!(Vocabulary::standard().find(label), None, "{label:?}");
    }
}

#[test]
fn a_masked_label_is_unknown_and_its_neighbour_is_named() {
    let masked = Vocabulary::without(&["Zuwendungsempfänger", "Gewährte Beträge"]);
    assert!(
        masked
            .find("Zuwendungsempfänger")
            .is_none_or(|found| found.how != How::Exact)
    );
    let masked = Vocabulary::without(&["Durchführungsbeginn"]);
    let near = masked
        .nearest("Durchführungs-beginn")
        .expect("something is near");
    assert!(near.similarity > 0.5, "{near:?}");
    assert!(
        Vocabulary::standard()
            .find("Durchführungs-beginn")
            .is_some()
    );
}

#[test]
fn a_name_may_say_who_pays() {
    for (label, payer) in [
        ("davon Landesmittel in EUR", Some("land")),
        ("Bundesmittel", Some("state")),
        ("Statlig medfinansiering", Some("state")),
        ("davon kommunale Mittel", Some("municipal")),
        ("Private co-financing", Some("private")),
        ("Kofinanzierung", None),
        ("EU-Mittel", None),
    ] {
        assert_eq!(found(label).financing_source.as_deref(), payer, "{label}");
    }
}

#[test]
fn names_that_say_who_pays_are_names_of_their_field() {
    let fields = field::load().expect("the fields are valid");
    let cofinancing = &fields["cofinancing"];
    let known: BTreeSet<&str> = (cofinancing.labels.iter())
        .filter_map(|label| cofinancing.financing_source(&label.text))
        .collect();
    let known: Vec<&str> = known.into_iter().collect();
    assert_eq!(known, ["land", "municipal", "private", "state"]);
    for name in cofinancing.names_of_payers() {
        let mut labels = cofinancing.labels.iter();
        assert!(
            labels.any(|label| normalise_label(&label.text) == name),
            "{name}"
        );
    }
}

#[test]
fn nearest_names_a_sensible_spelling() {
    let near = Vocabulary::standard()
        .nearest("Gesamtsumme der förderfähigen Projektausgaben")
        .expect("near");
    assert_eq!(near.field, "total_eligible");
}

#[test]
fn long_and_hostile_labels_cost_little() {
    let long = "a/(b)\n\n".repeat(20_000);
    assert_eq!(Vocabulary::standard().find(&long), None);
    assert!(
        Vocabulary::standard()
            .find(&"Land/".repeat(5_000))
            .is_none_or(|found| found.field == "country")
    );
}
