//! Natural persons among beneficiaries: stated as such, or sole traders told by their name.
//!
//! The order of the rules is the order of their strength: what the publisher states; the legal form (a company or an
//! association is a body whatever it is called, a registered sole merchant is a person by law); an owner, an honorific;
//! a word that only bodies have; then names: title or profession with a surname, given name with surname in either
//! order, initial with surname, and a one-person trade with a surname. A name directly before "Schule", "Institut" or
//! the like is the name of a house, not of its owner.

use crate::organisation::{Bearer, Form, legal_form};

use super::{
    cell::{Cell, Word, part_glued, words},
    lexicon::{Given, LEXICON, Lexicon, fold},
};

/// Why a beneficiary is taken as a natural person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The publisher says so.
    Stated,
    /// A registered sole merchant, a natural person by law.
    SoleMerchant,
    /// The owner is named.
    Owner,
    /// Herr, Frau.
    Honorific,
    /// A title or profession with a surname.
    Title,
    /// Given name and surname.
    FullName,
    /// Initial and surname.
    Initial,
    /// A one-person trade and a surname.
    TradeAndSurname,
    /// A civil-law partnership that goes by surnames.
    Partners,
}

/// Whether the cell of a beneficiary names a natural person, and why.
pub fn is_natural_person(name: &str) -> Option<Reason> {
    is_natural_person_of_form(name, legal_form(name))
}

/// Like [`is_natural_person`], where the legal form that the name states is known already.
pub(crate) fn is_natural_person_of_form(name: &str, form: Option<&Form>) -> Option<Reason> {
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    let lexicon = &*LEXICON;
    let folded = fold(name);
    let form = form.map(|form| form.bearer);
    let body_form = form == Some(Bearer::Body);
    if !body_form && is_stated(lexicon, &folded) {
        return Some(Reason::Stated);
    }
    match form {
        Some(Bearer::Body) => return None,
        Some(Bearer::Person) => return Some(Reason::SoleMerchant),
        Some(Bearer::Persons) | None => {}
    }
    let spaced = part_glued(name);
    let words = words(lexicon, &spaced);
    if words
        .iter()
        .skip(1)
        .any(|word| lexicon.owner_marks.contains(&word.lower))
        || (words.len() > 1 && lexicon.owner_marks.contains(&words[0].lower))
    {
        return Some(Reason::Owner);
    }
    let caps = !name.chars().any(char::is_lowercase);
    let low = !name.chars().any(char::is_uppercase);
    let cell = Cell {
        lexicon,
        words: &words,
        text: &spaced,
        caps,
        low,
    };
    if cell.honorific(0) {
        return Some(Reason::Honorific);
    }
    if words.iter().any(|word| lexicon.is_body(&word.lower)) || cell.is_municipality() {
        return None;
    }
    (1..words.len())
        .any(|at| cell.honorific(at))
        .then_some(Reason::Honorific)
        .or_else(|| cell.titled())
        .or_else(|| cell.full_name())
        .or_else(|| cell.initial())
        .or_else(|| cell.known_surname())
        .or_else(|| {
            (form == Some(Bearer::Persons))
                .then(|| cell.partners())
                .flatten()
        })
        .or_else(|| form.is_none().then(|| cell.trade_and_surname()).flatten())
}

/// Whether a phrase by which publishers state a natural person stands in `text` as whole words.
pub(super) fn is_stated(lexicon: &Lexicon, text: &str) -> bool {
    lexicon.stated.find_overlapping_iter(text).any(|found| {
        let before = text[..found.start()]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric());
        let after = text[found.end()..]
            .chars()
            .next()
            .is_none_or(|c| !c.is_alphanumeric());
        before && after
    })
}

impl Cell<'_> {
    /// An honorific at word `at`, and a name after it.
    fn honorific(&self, at: usize) -> bool {
        let next = at + 1;
        let titled = self
            .words
            .get(next)
            .is_some_and(|word| self.lexicon.titles.contains(&word.lower));
        let named =
            self.surname(next) || self.given(next).is_some() || titled || self.is_initial(next);
        // "Fr." is also Friedrich and "Fam." a family's inn: inside a cell only the full words count.
        let word = &self.words[at].lower;
        let full = at == 0 || matches!(word.as_str(), "herr" | "herrn" | "frau" | "fru");
        let other = self
            .words
            .get(next)
            .is_some_and(|word| self.lexicon.frau_not.contains(&word.lower));
        self.lexicon.honorifics.contains(word) && full && named && !other
    }

    /// "Markt Beispiel" and "… der Stadt Beispiel", but not "Stadt Apotheke Anna Beispiel".
    fn is_municipality(&self) -> bool {
        let Some(first) = self.words.first() else {
            return false;
        };
        let town = self
            .words
            .windows(2)
            .any(|pair| pair[0].lower == "der" && pair[1].lower == "stadt");
        town || (self.lexicon.bodies_first.contains(&first.lower) && self.surname(1))
    }

    fn titled(&self) -> Option<Reason> {
        for at in 0..self.words.len() {
            let word = &self.words[at].lower;
            let strong =
                self.lexicon.strong_titles.contains(word) && (self.words[at].dot || word.len() > 3);
            let profession = self.lexicon.professions.contains(word);
            if !strong && !profession {
                continue;
            }
            let mut next = at + 1;
            while self.words.get(next).is_some_and(|word| {
                self.lexicon.titles.contains(&word.lower)
                    || self.lexicon.particles.contains(&word.lower)
                    || self.lexicon.honorifics.contains(&word.lower)
                    || (word.lower.starts_with('-') || word.lower == "und")
            }) || self.is_initial(next)
            {
                next += 1;
            }
            // A profession with a surname is one person; with more than a name behind it it is a description.
            let end = if self.given(next).is_some() {
                self.surname_after(next).unwrap_or(next)
            } else {
                next
            };
            if (self.surname(end) || self.given(end).is_some()) && !self.eponym(end) {
                return Some(Reason::Title);
            }
            if profession && at > 0 && self.surname(at - 1) {
                return Some(Reason::Title);
            }
        }
        None
    }

    fn full_name(&self) -> Option<Reason> {
        let only_names = self.words.len() <= 4
            && (0..self.words.len()).all(|at| {
                self.surname(at)
                    || self.given(at).is_some()
                    || self.is_initial(at)
                    || self.lexicon.titles.contains(&self.words[at].lower)
                    || self.lexicon.particles.contains(&self.words[at].lower)
            });
        // Two words, the first a given name: even an odd second one makes a firm of that person.
        let plain = |word: &Word| {
            word.text.chars().count() > 1
                && word.text.chars().all(|c| c.is_alphabetic() || c == '-')
                && word.text.starts_with(char::is_uppercase)
        };
        if let [_, second] = self.words
            && self.given(0) == Some(Given::Strong)
            && plain(second)
            && !self.lexicon.eponym.contains(&second.lower)
            && !self.eponym(1)
        {
            return Some(Reason::FullName);
        }
        for at in 0..self.words.len() {
            let Some(given) = self.given(at) else {
                continue;
            };
            let sure = given == Given::Strong
                || only_names
                || self
                    .words
                    .get(at + 1)
                    .is_some_and(|word| self.lexicon.known_surname(&word.lower));
            if !sure || self.quoted_house(at) {
                continue;
            }
            // "Beispiel, Anna" and, where nothing but two names stands, "Beispiel Anna".
            let before = at > 0 && self.surname(at - 1);
            if before
                && (self.words[at - 1].comma
                    || (only_names && at + 1 == self.words.len() && given == Given::Strong))
            {
                return Some(Reason::FullName);
            }
            if self.words[at].comma {
                continue;
            }
            if let Some(end) = self.surname_after(at)
                && !self.eponym(end)
            {
                return Some(Reason::FullName);
            }
        }
        None
    }

    /// Two words and nothing else: an unknown one, which is then taken as a given name, and a known surname.
    fn known_surname(&self) -> Option<Reason> {
        let [first, second] = self.words else {
            return None;
        };
        let known = self.lexicon.known_surname(&second.lower)
            || (first.comma && self.lexicon.known_surname(&first.lower));
        (known
            && self.surname(0)
            && self.surname(1)
            && !self.lexicon.towns.contains(&first.lower)
            && !self.eponym(1))
        .then_some(Reason::FullName)
    }

    fn initial(&self) -> Option<Reason> {
        for at in 0..self.words.len() {
            if !self.is_initial(at) {
                continue;
            }
            let (alone, trade) = (self.words.len() <= 3, self.has_trade());
            let joined = self
                .words
                .get(at + 1)
                .is_some_and(|word| matches!(word.text, "&" | "+" | "und" | "u"))
                && self.is_initial(at + 2);
            let end = if joined { at + 3 } else { at + 1 };
            let last = end + 1 == self.words.len();
            if self.surname(end)
                && !self.eponym(end)
                && (trade
                    || last
                    || (alone
                        && (0..self.words.len()).all(|word| {
                            self.is_initial(word)
                                || self.surname(word)
                                || self.words[word].text.len() == 1
                        })))
            {
                return Some(Reason::Initial);
            }
            // "Beispiel, A." and "Beispiel A."
            if alone
                && at > 0
                && at + 1 == self.words.len()
                && self.surname(at - 1)
                && self.words[at - 1].comma
            {
                return Some(Reason::Initial);
            }
        }
        None
    }

    fn has_trade(&self) -> bool {
        self.words.iter().any(|word| {
            self.lexicon.trades.contains(&word.lower)
                || self.lexicon.professions.contains(&word.lower)
        })
    }

    fn partners(&self) -> Option<Reason> {
        let is_and = |word: &Word| matches!(word.text, "&" | "+" | "und" | "u" | "u.");
        // The words of the legal form are no surnames: short and in capitals, or read by `surname` as an acronym.
        let names: Vec<&Word> = self
            .words
            .iter()
            .filter(|word| !is_and(word) && !matches!(word.lower.as_str(), "gbr" | "gdbr"))
            .collect();
        let ands = self.words.iter().filter(|word| is_and(word)).count();
        let all = (0..self.words.len()).all(|at| {
            is_and(&self.words[at])
                || matches!(self.words[at].lower.as_str(), "gbr" | "gdbr" | "partner")
                || self.surname(at)
        });
        (ands > 0 && names.len() >= 2 && all).then_some(Reason::Partners)
    }

    /// One trade and one word that is no other known word.
    fn trade_and_surname(&self) -> Option<Reason> {
        let trades = self
            .words
            .iter()
            .filter(|word| self.is_trade(&word.lower))
            .count();
        let surnames = (0..self.words.len())
            .filter(|at| {
                !self.is_trade(&self.words[*at].lower) && self.surname(*at) && !self.place_like(*at)
            })
            .count();
        (trades >= 1 && surnames == 1 && trades + surnames == self.words.len())
            .then_some(Reason::TradeAndSurname)
    }

    fn is_trade(&self, word: &str) -> bool {
        self.lexicon.trades.contains(word)
            || (word.contains('-')
                && word
                    .split('-')
                    .all(|part| self.lexicon.trades.contains(part)))
    }

    /// Towns, their adjectives ("Bonner Fahrschule") and words in capitals are no surnames beside a trade.
    fn place_like(&self, at: usize) -> bool {
        let word = &self.words[at];
        let towns = &self.lexicon.towns;
        let adjective = word.lower.strip_suffix("er").is_some_and(|town| {
            towns.contains(town)
                || ["en", "e"]
                    .iter()
                    .any(|end| towns.contains(&format!("{town}{end}")))
        });
        adjective
            || towns.contains(&word.lower)
            || (!self.caps && word.text.chars().all(char::is_uppercase))
    }
}
