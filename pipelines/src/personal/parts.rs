//! The parts of a natural person's name in the cell of a beneficiary, and what of them a word of another cell has.
//!
//! Spellings meet: case, umlauts ("ü", "ue"), accents and the genitive do not count. Words of a firm beside the name are no
//! parts of it.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{
    cell::{Cell, part_glued, words},
    lexicon::{Given, LEXICON, fold},
    natural::is_stated,
};

/// Fewest letters of a part of a hyphenated name that counts by itself.
const LEAST_LETTERS: usize = 3;

/// Words of a cell that are looked at: a name has a few of them, and a cell made to do harm many.
pub(super) const MOST_WORDS: usize = 64;

/// A word in the form in which spellings meet.
pub(super) fn spelling(word: &str) -> String {
    if word.is_ascii() {
        let letters = word.chars().filter(|c| !is_apostrophe(*c));
        return letters.map(|c| c.to_ascii_lowercase()).collect();
    }
    let mut spelled = String::with_capacity(word.len() + 2);
    for c in fold(word).chars() {
        match c {
            'ä' | 'æ' => spelled.push_str("ae"),
            'ö' => spelled.push_str("oe"),
            'ü' => spelled.push_str("ue"),
            'ø' => spelled.push('o'),
            'ł' => spelled.push('l'),
            c if is_apostrophe(c) => {}
            c => {
                let letters = std::iter::once(c).nfd();
                spelled.extend(letters.filter(|part| !is_combining_mark(*part)));
            }
        }
    }
    spelled
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '`' | '´')
}

/// Whether a spelling is that of a word, or of its genitive.
pub(super) fn is_of(spelled: &str, word: &str) -> bool {
    spelled == word || spelled.strip_suffix('s') == Some(word)
}

/// A part of a name.
struct Part {
    spelling: String,
    /// It is an ordinary word, a town or a month as well.
    is_common: bool,
}

/// The parts of a name.
pub(super) struct Parts(Vec<Part>);

/// What a word of a text has of a name.
pub(super) struct Said {
    /// Where in the word.
    pub(super) range: Range<usize>,
    /// The part is an ordinary word as well.
    pub(super) is_common: bool,
    /// It is joined by a hyphen to a word that is no name ("Müller-Ausbildung").
    pub(super) is_joined: bool,
}

impl Parts {
    /// The parts of the name in a cell that names a natural person.
    pub(super) fn of(name: &str) -> Self {
        let name = name.trim();
        let lexicon = &*LEXICON;
        let spaced = part_glued(name);
        let mut words = words(lexicon, &spaced);
        words.truncate(MOST_WORDS);
        let cell = Cell {
            lexicon,
            words: &words,
            text: &spaced,
            caps: !name.chars().any(char::is_lowercase),
            low: !name.chars().any(char::is_uppercase),
        };
        let mut parts = Self(Vec::new());
        for at in cell.named(is_stated(lexicon, &fold(name))) {
            parts.add(words[at].text);
        }
        parts
    }

    fn add(&mut self, word: &str) {
        let pieces = word.split('-').filter(|_| word.contains('-'));
        let pieces = pieces.filter(|piece| piece.chars().count() >= LEAST_LETTERS);
        for one in std::iter::once(word).chain(pieces) {
            self.0.push(Part {
                spelling: spelling(one),
                is_common: is_common(&fold(one)),
            });
        }
    }

    fn part(&self, word: &str) -> Option<&Part> {
        let spelled = spelling(word);
        self.0.iter().find(|part| is_of(&spelled, &part.spelling))
    }

    /// What a word of a text has of the name. `low` says that the text has no capital at all: else a name has one.
    pub(super) fn said_in(&self, word: &str, low: bool) -> Option<Said> {
        let stem = word.trim_end_matches(is_apostrophe);
        let is_capital = |piece: &str| low || piece.starts_with(char::is_uppercase);
        let part = |piece: &str| self.part(piece).filter(|_| is_capital(piece));
        if let Some(part) = part(stem) {
            return Some(Said {
                range: 0..stem.len(),
                is_common: part.is_common,
                is_joined: false,
            });
        }
        if !stem.contains('-') {
            return None;
        }
        let mut found: Option<Range<usize>> = None;
        let (mut is_common, mut is_name, mut at) = (true, true, 0);
        for piece in stem.split('-') {
            let place = at..at + piece.len();
            at = place.end + 1;
            if let Some(part) = part(piece) {
                is_common &= part.is_common;
                let from = found.map_or(place.start, |found| found.start);
                found = Some(from..place.end);
            } else {
                is_name &= is_capital(piece) && may_be_name(&fold(piece));
            }
        }
        let found = found?;
        // "Koch-Lehrgang": beside an ordinary word only what is known to be a name makes one.
        if is_common {
            is_name = stem.split('-').all(|piece| {
                let lower = fold(piece);
                self.part(piece).is_some()
                    || LEXICON.given(&lower).is_some()
                    || LEXICON.known_surname(&lower)
            });
        }
        Some(Said {
            range: if is_name { 0..stem.len() } else { found },
            is_common,
            is_joined: !is_name,
        })
    }
}

/// Whether a folded word that is part of a name is an ordinary word as well.
fn is_common(word: &str) -> bool {
    LEXICON.common_words.contains(word)
        || LEXICON.towns.contains(word)
        || LEXICON.given(word) == Some(Given::Weak)
        || !LEXICON.could_be_surname(word)
}

/// Whether a folded word beside a part of a name may be another part of it.
fn may_be_name(word: &str) -> bool {
    LEXICON.given(word).is_some() || LEXICON.could_be_surname(word) && !LEXICON.is_body(word)
}

impl Cell<'_> {
    /// The places of the words that are parts of a person's name: given names with the surname beside them; without a given
    /// name, what stands behind an initial, honorific, title or profession; without these, every word that may be a
    /// surname. Where a publisher only says that it is a person, nothing but known surnames.
    fn named(&self, is_stated: bool) -> BTreeSet<usize> {
        let mut named = BTreeSet::new();
        let all = 0..self.words.len();
        for at in all.clone().filter(|at| self.given(*at).is_some()) {
            // "Beispiel, Anna" and, where nothing but two names stands, "Beispiel Anna".
            let follows = at > 0
                && self.surname(at - 1)
                && (self.words[at - 1].comma || self.words.len() == 2);
            if follows {
                named.extend([at - 1, at]);
            }
            let after = self.surname_after(at).filter(|end| {
                let known = !follows || self.lexicon.known_surname(&self.words[*end].lower);
                known && !self.words[at].comma && !self.eponym(*end)
            });
            if let Some(end) = after {
                named.extend((at..=end).filter(|part| self.is_part(*part)));
            }
        }
        if !named.is_empty() {
            // "Gerda und Rudolf Beispiel".
            let given = |at: &usize| self.given(*at) == Some(Given::Strong);
            named.extend(all.filter(given));
            return named;
        }
        named.extend(all.clone().filter_map(|at| self.announced(at)).flatten());
        if named.is_empty() {
            let known = |at: usize| !is_stated || self.lexicon.known_surname(&self.words[at].lower);
            let is_town = |at: usize| self.lexicon.towns.contains(&self.words[at].lower);
            named.extend(all.filter(|at| self.is_part(*at) && known(*at) && !is_town(*at)));
        } else {
            // "Rechtsanwälte Beispiel & Muster".
            let is_joined = |at: usize| {
                let before = at.checked_sub(1).map(|before| self.words[before].text);
                before.is_some_and(|word| matches!(word, "&" | "+" | "und" | "u"))
            };
            named.extend(all.filter(|at| is_joined(*at) && self.is_part(*at)));
        }
        named
    }

    /// Whether a word is a given name or may be a surname.
    fn is_part(&self, at: usize) -> bool {
        let lower = &self.words[at].lower;
        let lists = [
            &self.lexicon.honorifics,
            &self.lexicon.titles,
            &self.lexicon.owner_marks,
            &self.lexicon.particles,
        ];
        (self.given(at).is_some() || self.surname(at))
            && !self.is_initial(at)
            && !lists.iter().any(|list| list.contains(lower))
    }

    /// The names that an initial, honorific, title or profession at a word announces, or that an initial follows.
    fn announced(&self, at: usize) -> Option<Range<usize>> {
        let announces = |at: usize| {
            self.words.get(at).is_some_and(|word| {
                let lower = &word.lower;
                self.is_initial(at)
                    || self.lexicon.honorifics.contains(lower)
                    || self.lexicon.titles.contains(lower)
                    || self.lexicon.owner_marks.contains(lower)
                    || self.lexicon.professions.contains(lower)
            })
        };
        if !announces(at) {
            return None;
        }
        if self.is_initial(at) && at > 0 && self.words[at - 1].comma && self.is_part(at - 1) {
            return Some(at - 1..at);
        }
        let is_particle =
            |word: &super::cell::Word<'_>| self.lexicon.particles.contains(&word.lower);
        let mut next = at + 1;
        while announces(next) || self.words.get(next).is_some_and(is_particle) {
            next += 1;
        }
        let is_more = |end: usize| end < self.words.len() && self.is_part(end);
        if !is_more(next) {
            return None;
        }
        let mut end = next + 1;
        while is_more(end) && !self.parted(end - 1) {
            end += 1;
        }
        Some(next..end)
    }
}
