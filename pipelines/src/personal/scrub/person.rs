//! Contact persons: after a label, an honorific or a role, and full names beside them.

use std::ops::Range;

use super::super::lexicon::{Given, LEXICON};
use super::Word;

/// Reads the words of one text.
pub(super) struct Reader<'a> {
    text: &'a str,
    words: &'a [Word<'a>],
}

impl<'a> Reader<'a> {
    /// A reader of `text`, whose words are `words`.
    pub(super) fn new(text: &'a str, words: &'a [Word<'a>]) -> Self {
        Self { text, words }
    }

    /// Places of names that a label ("Ansprechpartner:"), an honorific ("Frau …") or a role ("der Leiter …") introduces.
    pub(super) fn introduced(&self) -> Vec<Range<usize>> {
        (0..self.words.len())
            .filter_map(|at| {
                self.labelled(at)
                    .or_else(|| self.honorific(at))
                    .or_else(|| self.care_of(at))
                    .or_else(|| self.role(at))
            })
            .collect()
    }

    /// Places of all full names: a sure given name and a surname. Asked only where a contact was found.
    pub(super) fn full_names(&self) -> Vec<Range<usize>> {
        (0..self.words.len())
            .filter_map(|at| self.full_name(at))
            .map(|(from, to)| self.span(from, to))
            .collect()
    }

    fn span(&self, from: usize, to: usize) -> Range<usize> {
        self.words[from].range.start..self.words[to].range.end
    }

    /// What stands between word `at` and the next.
    fn gap(&self, at: usize) -> &str {
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

    fn title(&self, at: usize) -> bool {
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
    fn follows(&self, at: usize) -> bool {
        let gap = self.gap(at);
        at + 1 < self.words.len()
            && (gap.trim_matches([' ', '\u{a0}']).is_empty()
                || (gap.trim() == "."
                    && !gap.contains('\n')
                    && (self.title(at) || self.words[at].text.chars().count() == 1)))
    }

    fn given(&self, at: usize) -> Option<Given> {
        self.words
            .get(at)
            .filter(|_| self.upper(at))
            .and_then(|word| LEXICON.given(&word.lower))
    }

    /// A sure given name and a surname from word `at`: the words of the name.
    fn full_name(&self, at: usize) -> Option<(usize, usize)> {
        if self.given(at)? != Given::Strong {
            return None;
        }
        let to = self.name_end(at, true)?;
        (!self.is_house(to)).then_some((at, to))
    }

    /// The last word of the name that begins at word `at`; with `two` it must have two words or more.
    fn name_end(&self, at: usize, two: bool) -> Option<usize> {
        let initial = |at: usize| {
            self.upper(at)
                && self.words[at].text.chars().count() == 1
                && self.gap(at).starts_with('.')
        };
        if !(self.surname(at) || self.given(at).is_some() || initial(at)) {
            return None;
        }
        let mut end = at;
        let mut next = at;
        while end - at < 4 && self.follows(next) {
            next += 1;
            let particle = LEXICON.particles.contains(&self.words[next].lower) && !self.upper(next);
            if particle || initial(next) {
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
            || (self.follows(to)
                && self.words.get(to + 1).is_some_and(|word| {
                    house(&word.lower)
                        || crate::organisation::legal_form(&format!("x {}", word.text)).is_some()
                }))
    }

    /// A person from word `at`: honorifics and titles, then a name. Returns the words to cut.
    fn person(&self, at: usize, lone_surname: bool) -> Option<(usize, usize)> {
        let mut name = at;
        let mut introduced = false;
        while self
            .words
            .get(name)
            .is_some_and(|word| LEXICON.honorifics.contains(&word.lower))
            || self.title(name)
        {
            introduced = true;
            name += 1;
        }
        if introduced {
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

    fn labelled(&self, at: usize) -> Option<Range<usize>> {
        let word = &self.words[at].lower;
        if !LEXICON.contact_labels.contains(word) {
            return None;
        }
        // "Ansprechpartner/in:", "Ansprechpartner(in):", "Projektleiter/-in:" end in a word of their own.
        let mut last = at;
        if self
            .words
            .get(at + 1)
            .is_some_and(|next| matches!(next.lower.as_str(), "in" | "innen" | "nen"))
            && self
                .gap(at)
                .chars()
                .all(|c| matches!(c, '/' | '(' | '-' | '*' | '_' | ':'))
        {
            last = at + 1;
        }
        let gap = self.gap(last);
        let colon = gap.trim_matches([')', ' ', '\u{a0}', '\n', '\r', '\t', '-', '–']) == ":"
            || gap.trim_matches([' ', '\n', '\r', '\t']) == "):";
        let lone = LEXICON.person_labels.contains(word);
        // Without a colon only a known given name, an honorific or a line of its own tells a person.
        let own_line = gap.contains('\n') && gap.trim().is_empty();
        if !colon && !own_line {
            let direct = lone
                && gap.trim().is_empty()
                && (self.given(last + 1) == Some(Given::Strong) || self.title(last + 1));
            return direct
                .then(|| self.person(last + 1, false))
                .flatten()
                .map(|(from, to)| self.more(from, to));
        }
        self.person(last + 1, lone && colon)
            .map(|(from, to)| self.more(from, to))
    }

    /// Further persons after the first: ", …", "und …", "/ …". A comma is followed by another person even if
    /// the given name is not known.
    fn more(&self, from: usize, mut to: usize) -> Range<usize> {
        loop {
            let gap = self.gap(to).trim();
            let next = match gap {
                "," | "/" | "&" | ";" => to + 1,
                "" if self.words.get(to + 1).is_some_and(|word| {
                    matches!(word.lower.as_str(), "und" | "och" | "and" | "oder")
                }) =>
                {
                    to + 2
                }
                _ => break,
            };
            let known = self.given(next).is_some()
                || self.title(next)
                || self
                    .words
                    .get(next)
                    .is_some_and(|word| LEXICON.honorifics.contains(&word.lower));
            match self.person(next, false) {
                Some((_, end)) if known || gap == "," => to = end,
                _ => break,
            }
        }
        self.span(from, to)
    }

    fn honorific(&self, at: usize) -> Option<Range<usize>> {
        let word = &self.words[at];
        // "Fr." is also Friedrich: it counts after a label only.
        let honorific = matches!(
            word.text,
            "Herr" | "Herrn" | "Frau" | "HERR" | "HERRN" | "FRAU"
        );
        if !honorific
            || !self.gap(at).trim_matches([' ', '\u{a0}']).is_empty()
            || self
                .words
                .get(at + 1)
                .is_none_or(|next| LEXICON.frau_not.contains(&next.lower))
        {
            return None;
        }
        let mut name = at + 1;
        // "Frau Steuerberaterin Beispiel": a profession or title stands between.
        while self.title(name)
            || self
                .words
                .get(name)
                .is_some_and(|word| LEXICON.professions.contains(&word.lower))
        {
            name += 1;
        }
        self.name_end(name, false).map(|end| self.span(name, end))
    }

    /// "c/o Anna Beispiel", "z. Hd. Frau Beispiel".
    fn care_of(&self, at: usize) -> Option<Range<usize>> {
        let word = &self.words[at];
        let care = (word.lower == "o"
            && at > 0
            && self.words[at - 1].lower == "c"
            && matches!(self.gap(at - 1), "/" | "\\"))
            || (word.lower == "hd" && at > 0 && self.words[at - 1].lower == "z")
            || word.lower == "händen";
        if !care {
            return None;
        }
        let next = at + 1;
        let known = self.given(next) == Some(Given::Strong)
            || self.title(next)
            || self
                .words
                .get(next)
                .is_some_and(|word| LEXICON.honorifics.contains(&word.lower));
        known
            .then(|| self.person(next, false))
            .flatten()
            .map(|(from, to)| self.span(from, to))
    }

    fn role(&self, at: usize) -> Option<Range<usize>> {
        let word = &self.words[at].lower;
        if !(LEXICON.roles.contains(word) || LEXICON.role_ends.end(word, 0)) {
            return None;
        }
        // The name stands within a few words of the same sentence.
        for next in at + 1..(at + 6).min(self.words.len()) {
            let gap = self.gap(next - 1);
            if gap.contains(['\n', ';', ':', '(']) || (gap.contains('.') && !self.title(next - 1)) {
                break;
            }
            if let Some((from, to)) = self.full_name(next) {
                return Some(self.span(from, to));
            }
        }
        None
    }
}
