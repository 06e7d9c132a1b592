//! A natural person's name in the other cells of the row: titles and summaries often repeat the beneficiary.

use std::borrow::Cow;
use std::ops::Range;

use super::{
    MARK,
    cell::part_glued,
    lexicon::{LEXICON, fold},
    parts::{MOST_WORDS, Parts, Said, is_of, spelling},
    scrub::{Word, words},
};

/// `text` without the name of the natural person who stands in the cell `name`: the whole cell, and each pair of its
/// neighbouring words of which one is a given name and the other may be a surname, in either order.
///
/// A lone surname stays, because in most columns it is also a place or a word as often as not.
pub fn conceal<'a>(text: &'a str, name: &str) -> Cow<'a, str> {
    let name = name.trim();
    let words: Vec<&str> = name
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .filter(|word| word.chars().count() > 1)
        .collect();
    // Most texts say nothing of the person: without two of the name's words there is nothing to cut.
    let said = |word: &&&str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if words.iter().filter(said).count() < 2 && (words.len() > 1 || !text.contains(name)) {
        return Cow::Borrowed(text);
    }
    let mut concealed = Cow::Borrowed(text);
    if name.contains(' ') {
        cut(&mut concealed, name, true);
    }
    for pair in words.windows(2) {
        let [first, second] = [fold(pair[0]), fold(pair[1])];
        let named = |given: &str, other: &str| {
            LEXICON.given(given).is_some() && LEXICON.could_be_surname(other)
        };
        if named(&first, &second) || named(&second, &first) {
            for (one, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
                cut(&mut concealed, &format!("{one} {other}"), true);
                cut(&mut concealed, &format!("{one}, {other}"), true);
            }
        }
    }
    concealed
}

/// Like [`conceal`], and every part of the person's name goes that stands as a word of its own with a capital, in any
/// spelling, with its initials: for the title and the summary of the person's own operation.
///
/// A part that is an ordinary word as well ("Koch", "Winter") stays where the words beside it show that it is meant as
/// one ("zum Koch", "Koch/-in", "Koch-Lehrgang"). In doubt it goes: a word too many missing from a title is no leak.
pub fn conceal_all<'a>(text: &'a str, name: &str) -> Cow<'a, str> {
    let name = name.trim();
    let mut concealed = Cow::Borrowed(text);
    if name.contains(' ') {
        cut(&mut concealed, name, false);
    }
    if let Some(rest) = without_parts(&concealed, name) {
        concealed = Cow::Owned(rest);
    }
    match concealed {
        Cow::Borrowed(text) => conceal(text, name),
        Cow::Owned(text) => Cow::Owned(conceal(&text, name).into_owned()),
    }
}

/// A text without the parts of a name; `None` if it has none of them.
fn without_parts(text: &str, name: &str) -> Option<String> {
    let words = words(text);
    // Most texts say nothing of the person, and what of a name is a part of it is dearer to find out.
    let spaced = part_glued(name);
    let known: Vec<String> = spaced
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’' | '`' | '´')))
        .filter(|word| word.chars().count() > 1)
        .take(MOST_WORDS)
        .map(spelling)
        .collect();
    let is_said = |piece: &str| {
        let spelled = spelling(piece);
        known.iter().any(|word| is_of(&spelled, word))
    };
    if !words.iter().any(|word| word.text.split('-').any(is_said)) {
        return None;
    }
    let parts = Parts::of(name);
    let low = !text.chars().any(char::is_uppercase);
    let said = words
        .iter()
        .map(|word| parts.said_in(word.text, low))
        .collect();
    let text = Text {
        whole: text,
        words: &words,
        said,
        initials: known
            .iter()
            .filter_map(|word| word.chars().next())
            .collect(),
    };
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for range in (0..words.len()).filter_map(|at| text.named(at)) {
        match ranges.last_mut() {
            Some(last) if text.is_one(last.end, range.start) => last.end = last.end.max(range.end),
            _ => ranges.push(range),
        }
    }
    (!ranges.is_empty()).then(|| replaced(text.whole, ranges))
}

/// A text, its words, and what each of them has of a name.
struct Text<'a> {
    whole: &'a str,
    words: &'a [Word<'a>],
    said: Vec<Option<Said>>,
    /// First letters of the words of the name.
    initials: Vec<char>,
}

impl Text<'_> {
    /// What stands between word `at` and the next.
    fn gap(&self, at: usize) -> &str {
        match (self.words.get(at), self.words.get(at + 1)) {
            (Some(word), Some(next)) => &self.whole[word.range.end..next.range.start],
            (Some(word), None) => &self.whole[word.range.end..],
            _ => "",
        }
    }

    /// Whether what stands between two places parts no name.
    fn is_one(&self, from: usize, to: usize) -> bool {
        let between = self.whole.get(from..to).unwrap_or_default();
        between.trim_matches([' ', '\u{a0}', ',', '.']).is_empty()
    }

    /// What goes for word `at`: the part of the name with the initials beside it.
    fn named(&self, at: usize) -> Option<Range<usize>> {
        let said = self.said[at].as_ref()?;
        if self.is_saint(at) || said.is_common && self.is_ordinary(at, said) {
            return None;
        }
        let place = self.words[at].range.start;
        let mut range = place + said.range.start..place + said.range.end;
        if said.range.start == 0 {
            let mut first = at;
            while first > 0 && self.is_initial_before(first - 1) {
                first -= 1;
            }
            range.start = self.words[first].range.start;
        }
        // "Beispiel, A."
        let gap = self.gap(at);
        if let Some(next) = self.words.get(at + 1)
            && is_letter(next.text)
            && !gap.is_empty()
            && gap.trim_matches([' ', '\u{a0}', ',']).is_empty()
            && self.gap(at + 1).starts_with('.')
        {
            range.end = next.range.end + 1;
        }
        Some(range)
    }

    /// Whether word `at` is an initial of the name that follows.
    fn is_initial_before(&self, at: usize) -> bool {
        let (word, gap) = (self.words[at].text, self.gap(at));
        let is_dotted = gap.starts_with('.');
        let first = spelling(word).chars().next();
        let is_its = first.is_some_and(|first| self.initials.contains(&first));
        is_letter(word)
            && !gap.is_empty()
            && gap.trim_matches([' ', '\u{a0}', '.', '-']).is_empty()
            && (is_dotted || is_its)
    }

    /// Whether the word names a saint, and so mostly a house.
    fn is_saint(&self, at: usize) -> bool {
        at > 0
            && LEXICON.saints.contains(&self.words[at - 1].lower)
            && matches!(self.gap(at - 1).trim(), "" | ".")
    }

    /// Whether the words beside a part of the name that is an ordinary word show that it is meant as one.
    fn is_ordinary(&self, at: usize, said: &Said) -> bool {
        if said.is_joined {
            return true;
        }
        let is_near = |gap: &str| gap.trim_matches([' ', '\u{a0}', ',', '.']).is_empty();
        let before = at > 0 && self.said[at - 1].is_some() && is_near(self.gap(at - 1));
        let after = self.said.get(at + 1).is_some_and(Option::is_some) && is_near(self.gap(at));
        if before || after {
            return false;
        }
        let of_both = ["/in", "/-in", "(in", "*in", ":in", "_in"];
        let led = at > 0
            && self.gap(at - 1).trim().is_empty()
            && LEXICON.word_leads.contains(&self.words[at - 1].lower);
        let rest = &self.whole[self.words[at].range.end..];
        led || of_both.into_iter().any(|end| rest.starts_with(end))
    }
}

fn is_letter(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

/// The text without the words of a name; a value in doubt is short, and what it loses is no figure.
pub(crate) fn without_words_of(text: &str, name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() >= 3)
        .map(str::to_lowercase)
        .collect();
    let kept = text
        .split_inclusive(|c: char| !c.is_alphabetic())
        .map(|part| {
            let word = part.trim_end_matches(|c: char| !c.is_alphabetic());
            if !word.is_empty() && words.contains(&word.to_lowercase()) {
                format!("{MARK}{}", &part[word.len()..])
            } else {
                part.to_string()
            }
        });
    kept.collect()
}

/// The text with each range, in their order, replaced by the mark.
fn replaced(text: &str, ranges: Vec<Range<usize>>) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges {
        // An initial may belong to the name before it and to the one behind it.
        kept.push_str(text.get(from..range.start).unwrap_or_default());
        kept.push_str(MARK);
        from = range.end;
    }
    kept.push_str(&text[from..]);
    kept
}

/// Replaces every occurrence of `part` as whole words, as it is written. Words that a hyphen joins to it count as others only
/// where they `may_be_joined`.
fn cut(text: &mut Cow<'_, str>, part: &str, may_be_joined: bool) {
    let is_apart = |next: Option<char>, second: Option<char>| {
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !is_word(next) && (may_be_joined || next != Some('-') || !is_word(second))
    };
    let whole = |at: usize| {
        let mut before = text[..at].chars().rev();
        let mut after = text[at + part.len()..].chars();
        is_apart(before.next(), before.next()) && is_apart(after.next(), after.next())
    };
    let places: Vec<Range<usize>> = text
        .match_indices(part)
        .map(|(at, _)| at)
        .filter(|at| whole(*at))
        .map(|at| at..at + part.len())
        .collect();
    if !places.is_empty() {
        let kept = replaced(text, places);
        *text = Cow::Owned(kept);
    }
}
