//! Natural persons among beneficiaries: stated as such, or sole traders told by their name.
//!
//! The order of the rules is the order of their strength: what the publisher states; the legal form (a company or an
//! association is a body whatever it is called, a registered sole merchant is a person by law); an owner, an honorific;
//! a word that only bodies have; then names: title or profession with a surname, given name with surname in either
//! order, initial with surname, and a one-person trade with a surname. A name directly before "Schule", "Institut" or
//! the like is the name of a house, not of its owner.

use crate::organisation::{Bearer, legal_form};

use super::lexicon::{Given, LEXICON, Lexicon, fold};

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

/// One word of a name.
struct Word<'a> {
    text: &'a str,
    lower: String,
    /// A comma stands after it.
    comma: bool,
    /// A dot stands after it.
    dot: bool,
}

/// Whether the cell of a beneficiary names a natural person, and why.
pub fn is_natural_person(name: &str) -> Option<Reason> {
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    let lexicon = &*LEXICON;
    let folded = fold(name);
    let form = legal_form(name).map(|form| form.bearer);
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
    let words = words(&spaced);
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
fn is_stated(lexicon: &Lexicon, text: &str) -> bool {
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

/// Puts a blank where extraction glued a word to the next ("AnnaBeispiel"); "McKenna" and "DeLuca" stay.
fn part_glued(name: &str) -> String {
    let mut parted = String::with_capacity(name.len() + 4);
    let (mut run, mut last_lower) = (0, false);
    for c in name.chars() {
        if c.is_uppercase() && last_lower && run >= 4 {
            parted.push(' ');
            run = 0;
        }
        run = if c.is_alphabetic() { run + 1 } else { 0 };
        last_lower = c.is_lowercase();
        parted.push(c);
    }
    parted
}

fn words(name: &str) -> Vec<Word<'_>> {
    let separators = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '(' | ')' | '"' | '„' | '“' | '”' | '/' | ';' | ':' | '|' | '\\' | '<' | '>'
            )
    };
    let mut words = Vec::with_capacity(6);
    for piece in name
        .split(separators)
        .flat_map(|piece| piece.split_inclusive(','))
    {
        // "Dr.Anna" and "K.Beispiel" are two words, "Dipl.-Ing." is one.
        for part in piece.split_inclusive('.') {
            let text = part.trim_matches(|c: char| !c.is_alphanumeric() && c != '&' && c != '+');
            if text.is_empty() {
                continue;
            }
            words.push(Word {
                text,
                lower: fold(text),
                comma: part.ends_with(','),
                dot: part.ends_with('.') || part.ends_with(".,"),
            });
        }
    }
    words
}

struct Cell<'a> {
    lexicon: &'a Lexicon,
    words: &'a [Word<'a>],
    /// The text the words are parts of.
    text: &'a str,
    caps: bool,
    low: bool,
}

impl Cell<'_> {
    /// Whether word `at` could be a surname.
    fn surname(&self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else {
            return false;
        };
        let letters = word.text.chars().filter(|c| c.is_alphabetic()).count();
        let plain = word
            .text
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’' | '`' | '´'));
        let upper = word.text.chars().next().is_some_and(char::is_uppercase);
        let acronym = !self.caps
            && letters <= 4
            && letters > 1
            && word.text.chars().all(|c| c.is_uppercase() || c == '-');
        letters >= 2
            && plain
            && (upper || self.low)
            && !acronym
            && !self.lexicon.titles.contains(&word.lower)
            && self.lexicon.could_be_surname(&word.lower)
    }

    fn given(&self, at: usize) -> Option<Given> {
        let word = self.words.get(at)?;
        let upper = word.text.chars().next().is_some_and(char::is_uppercase);
        let acronym = !self.caps
            && word.text.len() > 1
            && word.text.len() <= 3
            && word.text.chars().all(char::is_uppercase);
        let saint = at > 0 && self.lexicon.saints.contains(&self.words[at - 1].lower);
        if !(upper || self.low) || acronym || saint {
            return None;
        }
        self.lexicon.given(&word.lower).or_else(|| {
            // "Achtsamkeit-Anna Beispiel": a dash without blanks before a name.
            let (_, last) = word.lower.rsplit_once('-')?;
            (self.lexicon.given(last) == Some(Given::Strong)).then_some(Given::Strong)
        })
    }

    fn is_initial(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| {
            let mut parts = word.text.split('-');
            (word.dot || word.text.contains('-'))
                && parts.all(|part| {
                    part.trim_end_matches('.').chars().count() == 1
                        && part.starts_with(char::is_uppercase)
                })
        })
    }

    /// The surname that follows word `at`: behind further given names, initials and particles.
    fn surname_after(&self, at: usize) -> Option<usize> {
        let mut next = at + 1;
        while self
            .words
            .get(next)
            .is_some_and(|word| self.lexicon.particles.contains(&word.lower))
            || self.is_initial(next)
        {
            next += 1;
        }
        if !self.surname(next) {
            return None;
        }
        // "Anna Maria Beispiel": the last name-like word is the surname.
        while self.given(next).is_some() && self.surname(next + 1) && !self.words[next].comma {
            next += 1;
        }
        Some(next)
    }

    /// Whether a name that ends at word `end` names a house.
    fn eponym(&self, end: usize) -> bool {
        let last = self.words[end].lower.rsplit('-').next().unwrap_or_default();
        let next = self.words.get(end + 1);
        // "Anna Beispiel - Institut für …" is a person with a firm: a dash or comma parts them.
        let direct = next.is_some_and(|word| self.lexicon.eponym.contains(&word.lower))
            && !self.words[end].comma
            && !self.parted(end);
        direct || self.lexicon.eponym.contains(last)
    }

    /// What stands between word `at` and the next.
    fn gap(&self, at: usize) -> &str {
        let place = |word: &Word| word.text.as_ptr() as usize - self.text.as_ptr() as usize;
        match (self.words.get(at), self.words.get(at + 1)) {
            (Some(word), Some(next)) => self
                .text
                .get(place(word) + word.text.len()..place(next))
                .unwrap_or_default(),
            _ => "",
        }
    }

    /// Whether more than blanks stands after word `at`: a dash, a comma, a bracket.
    fn parted(&self, at: usize) -> bool {
        !self.gap(at).trim().is_empty()
    }

    /// A name in quotes beside a word for a house.
    fn quoted_house(&self, at: usize) -> bool {
        at > 0
            && self.gap(at - 1).contains(['"', '„', '“', '”', '»', '«'])
            && self
                .words
                .iter()
                .any(|word| self.lexicon.house_ends.end(&word.lower, 0))
    }

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
        let full = at == 0 || matches!(word.as_str(), "herr" | "herrn" | "frau");
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
