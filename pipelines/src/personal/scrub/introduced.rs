//! What introduces a person: a label, an honorific, a role, "c/o", a signature.

use std::ops::Range;

use super::super::lexicon::{Given, LEXICON};
use super::person::Reader;

impl Reader<'_> {
    /// Places of names that a label ("Ansprechpartner:"), an honorific ("Frau …") or a role ("der Leiter …") introduces.
    pub(super) fn introduced(&self) -> Vec<Range<usize>> {
        (0..self.words.len())
            .filter_map(|at| {
                self.labelled(at)
                    .or_else(|| self.honorific(at))
                    .or_else(|| self.care_of(at))
                    .or_else(|| self.signed(at))
                    .or_else(|| self.role(at))
            })
            .collect()
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
        let responsible = LEXICON.responsible_labels.contains(word);
        if !colon && !own_line {
            if !gap.trim().is_empty() {
                return None;
            }
            let known = self.given(last + 1) == Some(Given::Strong) || self.title(last + 1);
            let direct = if lone && known {
                self.person(last + 1, false)
            } else if responsible || LEXICON.participant_labels.contains(word) {
                self.full_name(last + 1)
            } else {
                None
            };
            return direct.map(|(from, to)| self.more(from, to));
        }
        self.person(last + 1, lone && colon)
            .or_else(|| {
                (responsible && colon)
                    .then(|| self.sure_person(last + 1))
                    .flatten()
            })
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
            let known = self.given(next).is_some() || self.title(next) || self.is_honorific(next);
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
            "Herr" | "Herrn" | "Frau" | "Fru" | "HERR" | "HERRN" | "FRAU"
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
            || (self.particle(name) && self.follows(name))
        {
            name += 1;
        }
        self.name_end(name, false).map(|end| self.span(name, end))
    }

    /// "c/o Anna Beispiel", "z. Hd. Frau Beispiel", "z. Hd. von Anna Beispiel".
    fn care_of(&self, at: usize) -> Option<Range<usize>> {
        let word = &self.words[at];
        let after = |first: &str| at > 0 && self.words[at - 1].lower == first;
        let care = (word.lower == "o" && after("c") && matches!(self.gap(at - 1), "/" | "\\"))
            || (word.lower == "hd" && after("z"))
            || word.lower == "händen";
        if !care {
            return None;
        }
        let von = self.words.get(at + 1).is_some_and(|w| w.lower == "von");
        let (from, to) = self.sure_person(at + 1 + usize::from(von))?;
        Some(self.span(from, to))
    }

    /// "i. A. Anna Beispiel", "i. V. A. Beispiel", "gez. Beispiel": who signs for a body.
    fn signed(&self, at: usize) -> Option<Range<usize>> {
        let word = &self.words[at];
        let sign = word.lower == "gez"
            || (matches!(word.text, "A" | "V")
                && at > 0
                && self.words[at - 1].text == "i"
                && self.gap(at - 1).trim() == ".");
        if !sign || self.gap(at).trim() != "." {
            return None;
        }
        let (from, to) = self.sure_person(at + 1)?;
        Some(self.span(from, to))
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
