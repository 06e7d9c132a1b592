//! The words of a beneficiary's cell, and what each could be: given name, surname, initial, part of a house's name.
//!
//! These are the letters of the rules in `natural`; none of them alone decides anything.

use super::lexicon::{Given, Lexicon, fold};

/// One word of a name.
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) lower: String,
    /// A comma stands after it.
    pub(super) comma: bool,
    /// A dot stands after it.
    pub(super) dot: bool,
    /// Whether the lists allow it as a surname.
    could_be_surname: bool,
    /// Whether the lists know it as a given name.
    given: Option<Given>,
}

/// Puts a blank where extraction glued a word to the next ("AnnaBeispiel"); "McKenna" and "DeLuca" stay.
pub(super) fn part_glued(name: &str) -> String {
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

/// The words of a name. What the lists say of each is looked up once, here.
pub(super) fn words<'a>(lexicon: &Lexicon, name: &'a str) -> Vec<Word<'a>> {
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
            let lower = fold(text);
            words.push(Word {
                text,
                could_be_surname: lexicon.could_be_surname(&lower)
                    && !lexicon.titles.contains(&lower),
                given: lexicon.given(&lower),
                lower,
                comma: part.ends_with(','),
                dot: part.ends_with('.') || part.ends_with(".,"),
            });
        }
    }
    words
}

/// A beneficiary's cell.
pub(super) struct Cell<'a> {
    pub(super) lexicon: &'a Lexicon,
    pub(super) words: &'a [Word<'a>],
    /// The text the words are parts of.
    pub(super) text: &'a str,
    /// It has no small letter.
    pub(super) caps: bool,
    /// It has no capital.
    pub(super) low: bool,
}

impl Cell<'_> {
    /// Whether word `at` could be a surname.
    pub(super) fn surname(&self, at: usize) -> bool {
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
        letters >= 2 && plain && (upper || self.low) && !acronym && word.could_be_surname
    }

    pub(super) fn given(&self, at: usize) -> Option<Given> {
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
        word.given.or_else(|| {
            // "Achtsamkeit-Anna Beispiel": a dash without blanks before a name.
            let (_, last) = word.lower.rsplit_once('-')?;
            (self.lexicon.given(last) == Some(Given::Strong)).then_some(Given::Strong)
        })
    }

    pub(super) fn is_initial(&self, at: usize) -> bool {
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
    pub(super) fn surname_after(&self, at: usize) -> Option<usize> {
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
    pub(super) fn eponym(&self, end: usize) -> bool {
        let last = self.words[end].lower.rsplit('-').next().unwrap_or_default();
        let next = self.words.get(end + 1);
        // "Anna Beispiel - Institut für …" is a person with a firm: a dash or comma parts them.
        let direct = next.is_some_and(|word| self.lexicon.eponym.contains(&word.lower))
            && !self.words[end].comma
            && !self.parted(end);
        direct || self.lexicon.eponym.contains(last)
    }

    /// What stands between word `at` and the next.
    pub(super) fn gap(&self, at: usize) -> &str {
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
    pub(super) fn parted(&self, at: usize) -> bool {
        !self.gap(at).trim().is_empty()
    }

    /// A name in quotes beside a word for a house.
    pub(super) fn quoted_house(&self, at: usize) -> bool {
        at > 0
            && self.gap(at - 1).contains(['"', '„', '“', '”', '»', '«'])
            && self
                .words
                .iter()
                .any(|word| self.lexicon.house_ends.end(&word.lower, 0))
    }
}
