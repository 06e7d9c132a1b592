//! The given names and the surname in a text that is the name of a person and nothing else.

use super::lexicon::{LEXICON, fold};
use crate::organisation::legal_form;

/// Words of a name: more are a sentence.
const WORDS: std::ops::RangeInclusive<usize> = 2..=5;

/// The name of a person, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PersonName<'a> {
    /// Given names, or their initials.
    pub(crate) given: Vec<&'a str>,
    /// The surname with its particles.
    pub(crate) surname: Vec<&'a str>,
}

/// Takes a name apart: "Karla von Krüger", "Krüger, Dr. Karla". `None` where a word shows that it is no name, or where
/// there is no given name.
pub(crate) fn person_name(text: &str) -> Option<PersonName<'_>> {
    let (before, after) = text.split_once(',').unwrap_or((text, ""));
    let (mut given, mut surname) = (words(after), words(before));
    if given.is_empty() {
        let is_particle = |word: &&str| LEXICON.particles.contains(&fold(word));
        let mut from = surname.len().checked_sub(1)?;
        while from > 1 && is_particle(&surname[from - 1]) {
            from -= 1;
        }
        let last = surname.split_off(from);
        given = std::mem::replace(&mut surname, last);
    }
    let all = || given.iter().chain(&surname);
    let is_name = WORDS.contains(&all().count())
        && all().all(|word| may_be_name(word))
        && legal_form(text).is_none();
    (is_name && !given.is_empty() && !surname.is_empty()).then_some(PersonName { given, surname })
}

/// The words of a part of a name, without titles and honorifics.
fn words(text: &str) -> Vec<&str> {
    let is_title = |word: &&str| {
        let bare = word.trim_end_matches('.');
        let lower = fold(bare);
        let is_short = bare.len() == word.len() && lower.len() <= 3 && lower != "dr";
        LEXICON.honorifics.contains(&lower)
            || LEXICON.titles.contains(&lower) && lower.chars().count() > 1 && !is_short
    };
    let words = text.split_whitespace().map(|word| word.trim_matches(','));
    words
        .filter(|word| !word.is_empty() && !is_title(word))
        .collect()
}

fn may_be_name(word: &str) -> bool {
    let bare = word.trim_end_matches('.');
    let lower = fold(bare);
    let is_plain = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '.');
    let is_known = LEXICON.given(&lower).is_some()
        || LEXICON.particles.contains(&lower)
        || lower.chars().count() == 1
        || LEXICON.could_be_surname(&lower) && !LEXICON.is_body(&lower);
    !bare.is_empty() && bare.chars().all(is_plain) && is_known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart_and_what_is_none_is_not() {
        for (text, given, surname) in [
            ("Karla Krüger", "Karla", "Krüger"),
            ("Krüger, Dr. Karla", "Karla", "Krüger"),
            (
                "Frau Anna-Lena von der Krüger",
                "Anna-Lena",
                "von der Krüger",
            ),
            ("K. M. Krüger", "K. M.", "Krüger"),
            ("quux ZYXTAL", "quux", "ZYXTAL"),
        ] {
            let found = person_name(text).unwrap();
            assert_eq!(found.given.join(" "), given, "{text}");
            assert_eq!(found.surname.join(" "), surname, "{text}");
        }
        for text in [
            "Krüger",
            "Dr. Krüger",
            "Muster GmbH",
            "Stadt Muster",
            "Beratung Krüger",
            "Projekt 7",
            ", Karla",
            "",
        ] {
            assert_eq!(person_name(text), None, "{text}");
        }
    }
}
