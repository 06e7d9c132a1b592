//! The word lists and given names of this module, folded and ready for look-up.

use std::{collections::HashSet, sync::LazyLock};

use aho_corasick::AhoCorasick;
use datafusion::common::{HashMap, HashSet as FastSet};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::organisation::Ends;

/// How much a given name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// A name and hardly anything else.
    Strong,
    /// Also a word, a place or a frequent surname.
    Weak,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    stated: Vec<String>,
    owner_marks: Vec<String>,
    honorifics: Vec<String>,
    titles: Vec<String>,
    strong_titles: Vec<String>,
    professions: Vec<String>,
    trades: Vec<String>,
    bodies: Vec<String>,
    bodies_first: Vec<String>,
    body_ends: Vec<String>,
    eponym: Vec<String>,
    particles: Vec<String>,
    not_names: Vec<String>,
    not_name_ends: Vec<String>,
    saints: Vec<String>,
    towns: Vec<String>,
    surname_ends: Vec<String>,
    house_ends: Vec<String>,
    contact_labels: Vec<String>,
    person_labels: Vec<String>,
    responsible_labels: Vec<String>,
    participant_labels: Vec<String>,
    birth_labels: Vec<String>,
    number_labels: Vec<String>,
    address_labels: Vec<String>,
    roles: Vec<String>,
    phone_labels: Vec<String>,
    frau_not: Vec<String>,
    common_words: Vec<String>,
    word_leads: Vec<String>,
}

/// A set of words.
pub(super) type Words = FastSet<String>;

/// All lists.
pub(super) struct Lexicon {
    given: HashMap<String, Given>,
    pub(super) stated: AhoCorasick,
    pub(super) owner_marks: Words,
    pub(super) honorifics: Words,
    pub(super) titles: Words,
    pub(super) strong_titles: Words,
    pub(super) professions: Words,
    pub(super) trades: Words,
    pub(super) bodies: Words,
    pub(super) bodies_first: Words,
    body_ends: Ends,
    pub(super) eponym: Words,
    pub(super) particles: Words,
    pub(super) not_names: Words,
    not_name_ends: Ends,
    pub(super) saints: Words,
    pub(super) towns: Words,
    pub(super) house_ends: Ends,
    surnames: Words,
    surname_ends: Ends,
    pub(super) contact_labels: Words,
    pub(super) person_labels: Words,
    pub(super) responsible_labels: Words,
    pub(super) participant_labels: Words,
    pub(super) birth_labels: Words,
    pub(super) number_labels: Words,
    pub(super) address_labels: Words,
    pub(super) roles: Words,
    pub(super) role_ends: Ends,
    pub(super) phone_labels: Words,
    pub(super) frau_not: Words,
    pub(super) common_words: Words,
    pub(super) word_leads: Words,
}

/// The lists compiled into the program.
#[expect(
    clippy::expect_used,
    reason = "the files are compiled in, and a test reads them"
)]
pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    Lexicon::read(
        include_str!("words.toml"),
        include_str!("given_names.txt"),
        include_str!("surnames.txt"),
    )
    .expect("words.toml is read by a test")
});

/// Lower case, composed, ß as ss.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc()
        .flat_map(char::to_lowercase)
        .filter(|c| *c != '\u{307}')
        .collect::<String>()
        .replace('ß', "ss")
}

/// Labels with the endings of gender and number: "Fotografin" and "Kontaktperson" are a label, "Fototechnik" is none.
fn with_endings(labels: &[String]) -> Words {
    const ENDINGS: [&str; 16] = [
        "", "n", "in", "innen", "e", "en", "er", "erin", "ern", "erinnen", "ung", "s", "r", "nen",
        "andet", "ansvarig",
    ];
    labels
        .iter()
        .flat_map(|label| ENDINGS.iter().map(move |ending| fold(label) + ending))
        .collect()
}

/// The words of a list of names, comments left out.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
}

impl Lexicon {
    /// Reads the lists. Fails if the TOML is malformed or holds an unknown key, or if the phrases make no automaton.
    fn read(words: &str, names: &str, surnames: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let declared: Declared = toml::from_str(words)?;
        let set = |list: Vec<String>| list.iter().map(|word| fold(word)).collect::<Words>();
        let list = |list: Vec<String>| {
            list.iter()
                .map(|word| fold(word))
                .collect::<HashSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        };
        let mut given = HashMap::new();
        for name in lines(names) {
            match name.strip_prefix('~') {
                Some(weak) => given.insert(fold(weak), Given::Weak),
                None => given.insert(fold(name), Given::Strong),
            };
        }
        Ok(Self {
            given,
            stated: AhoCorasick::new(list(declared.stated))?,
            owner_marks: set(declared.owner_marks),
            honorifics: set(declared.honorifics),
            titles: set(declared.titles),
            strong_titles: set(declared.strong_titles),
            professions: set(declared.professions),
            trades: set(declared.trades),
            bodies: set(declared.bodies),
            bodies_first: set(declared.bodies_first),
            body_ends: Ends::new(&declared.body_ends, fold),
            eponym: set(declared.eponym),
            particles: set(declared.particles),
            not_names: set(declared.not_names),
            not_name_ends: Ends::new(&declared.not_name_ends, fold),
            saints: set(declared.saints),
            towns: set(declared.towns),
            house_ends: Ends::new(&declared.house_ends, fold),
            surnames: lines(surnames).map(fold).collect(),
            surname_ends: Ends::new(&declared.surname_ends, fold),
            contact_labels: with_endings(&declared.contact_labels),
            person_labels: with_endings(&declared.person_labels),
            responsible_labels: with_endings(&declared.responsible_labels),
            participant_labels: with_endings(&declared.participant_labels),
            birth_labels: set(declared.birth_labels),
            number_labels: set(declared.number_labels),
            address_labels: set(declared.address_labels),
            role_ends: Ends::new(
                &declared
                    .roles
                    .iter()
                    .filter(|role| role.len() > 6)
                    .cloned()
                    .collect::<Vec<_>>(),
                fold,
            ),
            roles: set(declared.roles),
            phone_labels: set(declared.phone_labels),
            frau_not: set(declared.frau_not),
            common_words: set(declared.common_words),
            word_leads: set(declared.word_leads),
        })
    }

    /// Whether a folded word is a given name; a hyphenated one is if all its parts are ("Karl-Heinz").
    pub(super) fn given(&self, word: &str) -> Option<Given> {
        if let Some(given) = self.given.get(word) {
            return Some(*given);
        }
        if !word.contains('-') {
            return None;
        }
        word.split('-')
            .try_fold(Given::Weak, |sum, part| match self.given.get(part)? {
                Given::Strong => Some(Given::Strong),
                Given::Weak => Some(sum),
            })
    }

    /// Whether a folded word can be part of a surname, as far as the lists know.
    pub(super) fn could_be_surname(&self, word: &str) -> bool {
        word.split('-').all(|part| {
            !self.not_names.contains(part)
                && !self.bodies.contains(part)
                && !self.trades.contains(part)
                && !self.eponym.contains(part)
                && !self.professions.contains(part)
                // A surname may end like a word ("Buchmarkt" is rare, "Stark" is not): only long ends count.
                && !self.not_name_ends.end(part, 1)
        }) && !self.trades.contains(word)
    }

    /// Whether a folded word is a frequent surname, or ends as only surnames do.
    pub(super) fn known_surname(&self, word: &str) -> bool {
        word.split('-')
            .any(|part| self.surnames.contains(part) || self.surname_ends.end(part, 2))
    }

    /// Whether a folded word names a body by itself.
    pub(super) fn is_body(&self, word: &str) -> bool {
        // "Goethe-Universität" and "Caritas-Sozialstation" name a body in one of their parts.
        self.bodies.contains(word)
            || word
                .split('-')
                .any(|part| self.bodies.contains(part) || self.body_ends.end(part, 0))
    }
}
