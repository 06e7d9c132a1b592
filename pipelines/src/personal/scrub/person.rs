//! Names of persons in running text: where one begins and ends, and what tells it from the name of a house.

use std::ops::Range;

use super::super::lexicon::{Given, LEXICON};
use super::Word;

/// Reads the words of one text.
pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) words: &'a [Word<'a>],
}

impl<'a> Reader<'a> {
    /// A reader of `text`, whose words are `words`.
    pub(super) fn new(text: &'a str, words: &'a [Word<'a>]) -> Self {
        Self { text, words }
    }

    /// Places of all full names: a sure given name and a surname. Asked only where a contact was found.
    pub(super) fn full_names(&self) -> Vec<Range<usize>> {
        (0..self.words.len())
            .filter_map(|at| self.full_name(at))
            .map(|(from, to)| self.span(from, to))
            .collect()
    }

    pub(super) fn span(&self, from: usize, to: usize) -> Range<usize> {
        self.words[from].range.start..self.words[to].range.end
    }

    /// What stands between word `at` and the next.
    pub(super) fn gap(&self, at: usize) -> &str {
        match (self.words.get(at), self.words.get(at + 1)) {
            (Some(word), Some(next)) => &self.text[word.range.end..next.range.start],
            (Some(word), None) => &self.text[word.range.end..],
            _ => "",
        }
    }

    fn upper(&self, at: usize) -> bool {
        self.words
            .get(at)
            .is_some_and(|word| word.text.starts_with(char::is_uppercase))
    }

    pub(super) fn title(&self, at: usize) -> bool {
        // "Dipl.-Chem.": whatever is joined to a title by a hyphen is part of it.
        let joined = at > 0 && self.gap(at - 1) == ".-" && self.gap(at).starts_with('.');
        joined
            || self.words.get(at).is_some_and(|word| {
                LEXICON.titles.contains(&word.lower)
                    && (self.gap(at).starts_with('.') || word.lower.len() > 3)
            })
    }

    fn surname(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| {
            self.upper(at)
                && word.text.chars().count() > 1
                && !word.text.contains(|c: char| c.is_ascii_digit())
                && LEXICON.could_be_surname(&word.lower)
                && !LEXICON.is_body(&word.lower)
        })
    }

    /// Whether word `at + 1` follows word `at` in one phrase: blanks, or the dot of a title or initial.
    pub(super) fn follows(&self, at: usize) -> bool {
        let gap = self.gap(at);
        at + 1 < self.words.len()
            && (gap.trim_matches([' ', '\u{a0}']).is_empty()
                || (gap.trim() == "."
                    && !gap.contains('\n')
                    && (self.title(at) || self.words[at].text.chars().count() == 1)))
    }

    pub(super) fn given(&self, at: usize) -> Option<Given> {
        self.words
            .get(at)
            .filter(|_| self.upper(at))
            .and_then(|word| LEXICON.given(&word.lower))
    }

    /// A sure given name and a surname from word `at`: the words of the name.
    pub(super) fn full_name(&self, at: usize) -> Option<(usize, usize)> {
        if self.given(at)? != Given::Strong {
            return None;
        }
        let to = self.name_end(at, true)?;
        (!self.is_house(to)).then_some((at, to))
    }

    /// The last word of the name that begins at word `at`; with `two` it must have two words or more.
    pub(super) fn name_end(&self, at: usize, two: bool) -> Option<usize> {
        if !(self.surname(at) || self.given(at).is_some() || self.initial(at)) {
            return None;
        }
        let mut end = at;
        let mut next = at;
        while end - at < 4 && self.follows(next) {
            next += 1;
            if self.particle(next) || self.initial(next) {
                continue;
            }
            if !self.surname(next) && self.given(next).is_none() {
                break;
            }
            end = next;
        }
        (!two || end > at).then_some(end)
    }

    /// "Anna Beispiel Stiftung", "Anna-Beispiel-Schule".
    fn is_house(&self, to: usize) -> bool {
        let house = |lower: &str| LEXICON.eponym.contains(lower) || LEXICON.is_body(lower);
        let last = self.words[to].lower.rsplit('-').next().unwrap_or_default();
        house(last)
            || self.registered(to)
            || (self.follows(to)
                && self.words.get(to + 1).is_some_and(|word| {
                    house(&word.lower)
                        || crate::organisation::legal_form(&format!("x {}", word.text)).is_some()
                }))
    }

    /// "Anna Beispiel e.V.", "Anna Beispiel eG".
    fn registered(&self, to: usize) -> bool {
        let after = self.text[self.words[to].range.end..].trim_start_matches([' ', '\u{a0}']);
        ["e.V", "e. V", "e.G", "eG"]
            .iter()
            .any(|form| after.starts_with(form))
    }

    /// "Frau von Beispiel": a particle in small letters.
    pub(super) fn particle(&self, at: usize) -> bool {
        self.words
            .get(at)
            .is_some_and(|word| LEXICON.particles.contains(&word.lower) && !self.upper(at))
    }

    pub(super) fn is_honorific(&self, at: usize) -> bool {
        self.words
            .get(at)
            .is_some_and(|word| LEXICON.honorifics.contains(&word.lower))
    }

    fn initial(&self, at: usize) -> bool {
        self.upper(at) && self.words[at].text.chars().count() == 1 && self.gap(at).starts_with('.')
    }

    /// A person from word `at` where any word could stand: an honorific, a title, a known given name, an initial, or
    /// a frequent surname at the end of the phrase tells one.
    pub(super) fn sure_person(&self, at: usize) -> Option<(usize, usize)> {
        if self.is_honorific(at) || self.title(at) || self.given(at).is_some() {
            return self.person(at, false);
        }
        let end = self.name_end(at, self.initial(at))?;
        let known = self.initial(at) || LEXICON.known_surname(&self.words[end].lower);
        let over = !(self.follows(end) && self.upper(end + 1));
        (known && over && !self.is_house(end)).then_some((at, end))
    }

    /// The person who stands directly behind a date of birth or a personal number.
    pub(super) fn beside(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let last = self
            .words
            .iter()
            .position(|word| word.range.end == range.end)?;
        let close = self
            .gap(last)
            .chars()
            .all(|c| c.is_whitespace() || matches!(c, ',' | ')' | ':' | ';'));
        let (from, to) = close.then(|| self.sure_person(last + 1)).flatten()?;
        Some(self.span(from, to))
    }

    /// A person from word `at`: honorifics and titles, then a name. Returns the words to cut.
    pub(super) fn person(&self, at: usize, lone_surname: bool) -> Option<(usize, usize)> {
        let mut name = at;
        let mut introduced = false;
        while self.is_honorific(name) || self.title(name) {
            introduced = true;
            name += 1;
        }
        if introduced {
            while self.particle(name) && self.follows(name) {
                name += 1;
            }
            return self.name_end(name, false).map(|end| (name, end));
        }
        if self.given(name).is_some()
            && let Some(end) = self.name_end(name, true)
            && !self.is_house(end)
        {
            return Some((name, end));
        }
        // "Beispiel, Anna"
        if self.surname(name) && self.gap(name).trim() == "," && self.given(name + 1).is_some() {
            return Some((name, name + 1));
        }
        // An unknown given name: two or three name-like words alone on their line; or a lone surname.
        let end = self.name_end(name, !lone_surname)?;
        let after = self.gap(end);
        let alone = after
            .trim_start_matches([' ', '\u{a0}'])
            .starts_with(['\n', '\r', ',', ';', '(', '|'])
            || end + 1 == self.words.len();
        (alone && end - name < 3 && !self.is_house(end)).then_some((name, end))
    }
}
