//! Made-up names only.

use arrow::array::{Array, StringArray};

use super::*;
use crate::personal::NATURAL_PERSON_LABEL;

fn same(names: &[&str]) {
    let first = normal_form(names[0]);
    assert!(!first.is_empty());
    for name in names {
        assert_eq!(normal_form(name), first, "{name} and {}", names[0]);
    }
}

fn differ(one: &str, other: &str) {
    assert_ne!(normal_form(one), normal_form(other), "{one} and {other}");
}

#[test]
fn case_blanks_quotes_and_hyphens_do_not_part_a_body() {
    same(&[
        "Bildungswerk Musterstadt e.V.",
        "BILDUNGSWERK  MUSTERSTADT e. V.",
        "Bildungs-\nwerk Musterstadt eV",
        "Bil- dungswerk Musterstadt e.V",
        "\"Bildungswerk Musterstadt\" e.V. ",
        "Bildungswerk\u{a0}Musterstadt eingetragener Verein",
        "e.V. Bildungswerk Musterstadt",
    ]);
    same(&[
        "Muster Produktionstechnik GmbH",
        "Muster Produktions-technik GmbH",
        "MusterProduktionstechnikGmbH",
        "Muster Produktions\u{ad}technik GmbH",
    ]);
    same(&[
        "Straßenbau Größe AG",
        "STRASSENBAU GRÖSSE AG",
        "Straßenbau Gro\u{308}ße AG",
    ]);
    same(&[
        "Muster & Sohn KG",
        "Muster und Sohn KG",
        "Muster + Sohn KG",
        "Muster u. Sohn KG",
    ]);
}

#[test]
fn a_legal_form_is_one_class_in_all_its_spellings() {
    same(&[
        "Beispiel GmbH",
        "Beispiel gGmbH",
        "Beispiel mbH",
        "Beispiel gemeinnützige GmbH",
        "Beispiel GmbH -gemeinnützig-",
        "Beispiel G.m.b.H.",
        "beispiel gmbh",
        "Beispiel GmbH i.L.",
        "Firma Beispiel GmbH",
        "Beispiel GmbH c/o Muster AG",
    ]);
    same(&[
        "Beispiel GmbH & Co. KG",
        "Beispiel GmbH & Co KG",
        "Beispiel GmbH u. Co. KG",
        "Beispiel GmbH & Co.KG",
        "beispiel gmbh + co kg",
    ]);
    same(&[
        "Beispiel UG (haftungsbeschränkt)",
        "Beispiel UG",
        "BeispielUG(haftungsbeschränkt)"
            .replace("lUG", "l UG")
            .as_str(),
        "Beispiel UGhaftungsbeschränkt",
    ]);
    same(&[
        "Kooperativet Exempel ek. för.",
        "Kooperativet Exempel ekonomisk förening",
        "Kooperativet Exempel ek",
        "Kooperativet Exempel Ekonomisk Fören",
    ]);
    same(&[
        "Exempel Utveckling AB",
        "Exempel Utveckling Aktiebolag",
        "EXEMPEL UTVECKLING AB",
    ]);
    same(&[
        "Kammer Muster KdöR",
        "Kammer Muster K. d. ö. R.",
        "Kammer Muster, Körperschaft des öffentlichen Rechts",
    ]);
}

#[test]
fn different_bodies_stay_apart() {
    differ("Beispiel e.V.", "Beispiel GmbH");
    differ("Beispiel", "Beispiel GmbH");
    differ("Beispiel GmbH", "Beispiel GmbH & Co. KG");
    differ("Haus 1 2", "Haus 12");
    differ("Mueller GmbH", "Müller GmbH");
    differ("AG Soziales Muster", "Soziales Muster AG");
    differ("Ev. Bildungsstätte Muster", "Bildungsstätte Muster e.V.");
    differ("Exempels kommun", "Exempel");
}

#[test]
fn the_organ_and_an_own_abbreviation_say_nothing() {
    same(&[
        "Technische Universität Muster",
        "Technische Universität Muster - Der Präsident -",
    ]);
    same(&["Magistrat der Stadt Muster", "Stadt Muster"]);
    same(&[
        "Gesellschaft für integrierte Zusammenarbeit (GIZ) e.V.",
        "Gesellschaft für integrierte Zusammenarbeit e.V.",
    ]);
    differ("Volkshochschule Muster (AWO)", "Volkshochschule Muster");
}

#[test]
fn a_name_of_nothing_but_a_form_keeps_itself() {
    assert_eq!(normal_form("GmbH"), "gmbh");
    assert_eq!(normal_form(" - "), "");
}

#[test]
fn an_id_is_eighty_bits_of_the_hash() {
    // sha256("organisation" 0x1f "DE" 0x1f "muster|ev"), computed with another program.
    let id = organisation_id("DE", "muster|ev");
    assert_eq!(id_text(&id).len(), 16);
    assert!(
        id_text(&id)
            .bytes()
            .all(|c| c.is_ascii_lowercase() || (b'2'..=b'7').contains(&c))
    );
    assert_ne!(organisation_id("SE", "muster|ev"), id);
    assert_ne!(short_id(&[b"a", b"bc"]), short_id(&[b"ab", b"c"]));
    assert_eq!(id_text(&short_id(&[b"abc"])), "xj4bnp4pahh6uqkb");
}

#[test]
fn national_numbers_have_one_spelling() {
    let body = Some(NationalId::Body("212000-3005".to_owned()));
    for text in [
        "212000-3005",
        "2120003005",
        "16212000-3005",
        "162120003005",
        "SE212000300501",
        " 212000-3005 ",
    ] {
        assert_eq!(national_id(text), body, "{text}");
    }
    for text in [
        "212000-3006",
        "12345",
        "",
        "HRB 12345",
        "SE212000300502",
        "2120003005x",
    ] {
        assert_eq!(national_id(text), None, "{text}");
    }
    // A made-up personal number with a valid check digit: born in month 01, so a sole trader.
    assert_eq!(national_id("800101-0019"), Some(NationalId::NaturalPerson));
    assert_eq!(
        national_id("19800101-0019"),
        Some(NationalId::NaturalPerson)
    );
}

#[test]
fn kinds_follow_form_and_words() {
    for (name, wanted) in [
        ("Beispiel GmbH", Kind::Company),
        ("Förderverein Beispiel e.V.", Kind::Association),
        ("Muster Stiftung", Kind::Association),
        ("Landkreis Muster", Kind::PublicBody),
        ("Exempels kommun", Kind::PublicBody),
        ("Handwerkskammer Muster", Kind::PublicBody),
        ("Universität Muster", Kind::Education),
        ("Hochschule Muster gGmbH", Kind::Education),
        ("Volkshochschule Muster", Kind::Education),
        ("Ev. Kirchengemeinde Muster", Kind::Church),
        ("Muster e.K.", Kind::Person),
        ("Muster Xyz", Kind::Unknown),
    ] {
        assert_eq!(kind(name), wanted, "{name}");
    }
}

#[test]
fn a_column_is_normalised_with_memory() {
    let names = StringArray::from(vec![
        Some("Beispiel GmbH"),
        Some("BEISPIEL  gGmbH"),
        None,
        Some("Anna Beispiel"),
        Some(" "),
        Some("Muster e.V. c/o Frau Anna Beispiel"),
    ]);
    let numbers = StringArray::from(vec![None, Some("212000-3005"), None, None, None, None]);
    let plain = normalise_column(&names, "DE");
    assert_eq!(plain.ids.value(0), plain.ids.value(1));
    assert_eq!(plain.names.value(1), "BEISPIEL gGmbH");
    assert!(
        plain.ids.is_null(2)
            && plain.ids.is_null(3)
            && plain.ids.is_null(4)
            && plain.names.is_null(4)
    );
    assert_eq!(plain.names.value(3), NATURAL_PERSON_LABEL);
    assert!(plain.natural_person.value(3) && !plain.natural_person.value(0));
    assert!(!plain.names.value(5).contains("Anna") && plain.contact_removed.value(5));
    let numbered = Normaliser::new("SE").column(&names, Some(&numbers));
    assert_ne!(numbered.ids.value(0), numbered.ids.value(1));
}

#[test]
fn a_contact_in_the_cell_makes_no_second_body() {
    let names = StringArray::from(vec![
        "Stadt Muster",
        "Stadt Muster, Herr Paul Beispiel",
        "Stadt Muster, Frau Anna Beispiel",
        "Stadt Muster z. Hd. Frau Anna Beispiel, Tel. 0511 123456",
        // As the mapping leaves it.
        "Stadt Muster, Frau […]",
    ]);
    let found = normalise_column(&names, "DE");
    for row in 0..names.len() {
        assert_eq!(found.ids.value(row), found.ids.value(0), "row {row}");
        assert_eq!(found.names.value(row), "Stadt Muster");
        assert!(!found.natural_person.value(row));
        assert_eq!(found.contact_removed.value(row), row > 0);
    }
}

#[test]
fn persons_with_a_form_of_address_are_natural_persons() {
    let names = StringArray::from(vec![
        "Frau Elif Beispiel",
        "Herrn Jürgen Muster",
        "Herr Dr. Xaver Muster",
        "Frau Prof. Dr. Beispiel",
        "Fru Sanna Exempel",
        "Herr Exempel",
        "Frau […]",
    ]);
    let found = normalise_column(&names, "DE");
    for row in 0..names.len() {
        assert!(found.natural_person.value(row), "row {row}");
        assert!(found.ids.is_null(row));
        assert_eq!(found.names.value(row), NATURAL_PERSON_LABEL);
    }
}
