//! The name of a person as lists shorten it: initials in place of the given names, and the surname alone.

use std::collections::BTreeSet;

use super::word::Words;
use crate::personal::person_name;

/// The runs of folded words that a person's name is shortened to, in both orders: "K. Krüger" and "Krüger, K."; of several
/// given names all initials or the first. None for what is no person's name as far as the lists know.
pub(super) fn shortened(text: &str) -> BTreeSet<Vec<String>> {
    let Some(name) = person_name(text) else {
        return BTreeSet::new();
    };
    let letters: Vec<String> = name
        .given
        .iter()
        .flat_map(|given| given.split('-'))
        .filter_map(|given| given.chars().next())
        .flat_map(|letter| folded(&letter.to_string()))
        .collect();
    let surname: Vec<String> = name.surname.iter().flat_map(|word| folded(word)).collect();
    if letters.is_empty() || surname.is_empty() {
        return BTreeSet::new();
    }
    let mut runs = BTreeSet::new();
    let surname = surname.as_slice();
    for initials in [&letters[..], &letters[..1]] {
        runs.insert([initials, surname].concat());
        runs.insert([surname, initials].concat());
    }
    runs
}

/// The surname of a person's name, folded, where it is one word.
pub(super) fn surname(text: &str) -> Option<String> {
    let name = person_name(text)?;
    let mut words = name.surname.iter().flat_map(|word| folded(word));
    words.next().filter(|_| words.next().is_none())
}

/// The folded words of a text.
fn folded(text: &str) -> Vec<String> {
    let words = Words::of(text);
    (0..words.len())
        .map(|at| words.run(at, 1).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use esf_engine::redact::{Cell, Mask, Redaction};

    use super::super::{Masks, Meant, terms};

    fn masks(name: &str) -> Masks {
        Masks::of([&Redaction::new(
            "r",
            "asked for",
            "salt",
            terms(name, "salt"),
        )])
    }

    #[test]
    fn initials_in_place_of_given_names_are_the_same_name() {
        for name in ["Karla Krüger", "Krüger, Karla", "Frau Karla Krüger"] {
            for text in [
                "Förderung K. Krüger",
                "Förderung Krüger, K",
                "Förderung K.Krueger",
                "Förderung KRÜGER, Karla",
                "Förderung Karla  Krüger",
            ] {
                assert_eq!(
                    masks(name).masked(text),
                    "Förderung [redacted]",
                    "{text} of {name}"
                );
            }
        }
        let masks = masks("Anna-Lena von Müller");
        for text in ["A.-L. von Müller", "A. von Müller", "von Müller, A. L."] {
            assert!(masks.mask(text).is_some(), "{text}");
        }
        for text in ["L. von Müller", "A. Müller", "Müller", "Anna Müller"] {
            assert_eq!(masks.mask(text), None, "{text}");
        }
    }

    #[test]
    fn a_letter_of_another_column_is_no_initial() {
        let masks = masks("Karla Krüger");
        for bytes in [
            "1;K;Krüger;2",
            "K,Krüger",
            "K\tKrüger",
            "K\nKrüger",
            "K | Krüger",
            "\"K\", \"Krüger\"",
            "\"K\" ; \"Krüger\"",
        ] {
            assert!(!masks.holds(None, bytes.as_bytes()), "{bytes:?}");
        }
        assert!(masks.holds(None, "1;K. Krüger;2".as_bytes()));
        // The letter stands beside its own name; the surname may have a column of its own.
        let masks = self::masks("Karla B. Krüger");
        assert!(masks.holds(None, "1;Krüger;Karla B.;2".as_bytes()));
    }

    #[test]
    fn a_name_with_single_letters_is_found_as_it_is_published() {
        for name in [
            "A & B Muster GmbH",
            "A&B Muster GmbH",
            "C+D Muster GmbH",
            "A. & B. Muster",
            "Muster (M), Karla",
            "Musterhaus (MH) e.V.",
            "Musterverein e.V. (MV)",
            "Haus «Muster» e.V.",
            "Haus \"Muster\" e.V.",
            "Haus „Muster“ e. V.",
            "Muster e.V. / Beispiel",
            "R.+W. Muster GmbH",
            "Musterhaus(MH)e.V.",
            "(A)Muster GbR",
            "A·B Muster GbR",
            "Muster\u{2011}A e.V.",
            "A − B Muster GbR",
            "Muster *M* e.V.",
            "M@Muster e.V.",
        ] {
            let masks = masks(name);
            let masked = masks.mask(name).unwrap_or_default();
            assert!(masked.contains("[redacted]"), "{masked} of {name}");
            assert!(!masked.contains("uster"), "{masked} of {name}");
            let row = format!("1;{name};2");
            assert!(masks.holds(None, row.as_bytes()), "{name}");
        }
    }

    #[test]
    fn what_is_no_name_of_a_person_has_no_initials() {
        for (name, text) in [
            ("Stadt Muster", "S. Muster"),
            ("Muster Beratung GmbH", "M. Beratung"),
            ("Krüger", "K. Krüger"),
        ] {
            let found = masks(name).mask(text);
            let whole = name == "Krüger";
            assert_eq!(found.is_some(), whole, "{text} of {name}");
        }
    }

    #[test]
    fn where_the_surname_stands_alone_is_counted_and_it_stays() {
        let name = Meant {
            text: "Karla Krüger".to_owned(),
            of: None,
        };
        let masks = masks(&name.text).counting([&name]);
        let cell = |text| Cell {
            text,
            owners: [None, None],
        };
        for (text, is_alone) in [
            ("Krüger Bau GmbH", true),
            ("Karla Krüger, Krueger Bau", true),
            ("K. Krüger", false),
            ("Krügersdorf", false),
        ] {
            assert_eq!(masks.stands_alone(&cell(text)), is_alone, "{text}");
        }
        assert_eq!(masks.mask("Krüger Bau GmbH"), None);
    }
}
