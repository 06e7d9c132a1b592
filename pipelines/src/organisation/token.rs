//! Words of a published name, as the rules of this module see them.
//!
//! Compatibility-composed (NFKC: ligatures of PDFs, no-break spaces, decomposed umlauts), soft hyphens and zero-width
//! characters gone, ß as ss. Letters of names are never transliterated: "ae" and "ä" stay different, because "Michael"
//! and "Israel" are no umlauts and two firms may differ in nothing else.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// One word: a run of letters and digits, or a conjunction sign.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Lower case, ß as ss; every "and" ("&", "+", "u.", "och") is `und`.
    pub(super) lower: String,
    /// As published (composed).
    pub(super) text: String,
    /// Whether a hyphen or slash stands between this word and the one before it.
    pub(super) joined: bool,
    /// Whether a dot follows directly.
    pub(super) dot: bool,
}

/// Legal forms that PDF extraction glues to their neighbours ("TechnikGmbH", "GbRAnna"): safe to cut off, because no
/// German word has these capitals inside.
const GLUED: [&str; 7] = ["gGmbH", "GmbH", "mbH", "GbR", "PartG", "OHG", "KGaA"];

/// Composes a name.
pub(super) fn compose(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    let composed: Cow<'_, str> = if is_nfkc_quick(name.chars()) == IsNormalized::Yes {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.nfkc().collect())
    };
    let is_invisible = |c: char| {
        matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
        )
    };
    if composed.contains(is_invisible) {
        return Cow::Owned(composed.replace(is_invisible, ""));
    }
    composed
}

/// The words of a composed name.
pub(super) fn tokens(name: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(8);
    let mut joined = false;
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        if in_word(c) {
            let end = end_of_word(rest);
            let (word, after) = rest.split_at(end);
            push_word(word, &mut joined, &mut tokens);
            rest = after;
            continue;
        }
        match c {
            '&' | '+' => {
                tokens.push(Token {
                    lower: "und".to_owned(),
                    text: c.to_string(),
                    joined: false,
                    dot: false,
                });
            }
            '.' => {
                if let Some(last) = tokens.last_mut() {
                    last.dot = true;
                }
            }
            '-' | '/' | '–' | '\\' => joined = true,
            _ => {}
        }
        rest = &rest[c.len_utf8()..];
    }
    for token in &mut tokens {
        if matches!(token.lower.as_str(), "och" | "and") || (token.lower == "u" && token.dot) {
            "und".clone_into(&mut token.lower);
        }
    }
    tokens
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '`' | '´')
}

/// Letters, digits, the dot that lower-casing İ leaves behind, and apostrophes, which are left out of their word:
/// "Anna's" and "Annas" are one spelling.
fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || (!c.is_ascii() && (c.is_alphanumeric() || c == '\u{307}'))
        || is_apostrophe(c)
}

fn end_of_word(text: &str) -> usize {
    let ascii = text
        .bytes()
        .position(|b| !b.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    ascii
        + text[ascii..]
            .find(|c| !in_word(c))
            .unwrap_or(text.len() - ascii)
}

fn push_word(word: &str, joined: &mut bool, tokens: &mut Vec<Token>) {
    let bare: Cow<'_, str> = if word.contains(is_apostrophe) {
        Cow::Owned(word.replace(is_apostrophe, ""))
    } else {
        Cow::Borrowed(word)
    };
    let mut push = |text: &str| {
        if text.is_empty() {
            return;
        }
        tokens.push(Token {
            lower: fold(text),
            text: text.to_owned(),
            joined: std::mem::take(joined),
            dot: false,
        });
    };
    match unglue(&bare) {
        Some(parts) => parts.into_iter().for_each(push),
        None => push(&bare),
    }
}

/// Lower case with ß as ss and without the dot that lower-casing İ leaves behind.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            '\u{307}' => {}
            _ => folded.push(c),
        }
    }
    folded
}

/// Cuts a glued legal form off its neighbours: what stands before it, the form, what stands behind it.
fn unglue(word: &str) -> Option<[&str; 3]> {
    // All forms have a capital behind their first letter, which hardly any word has.
    if !word.bytes().skip(1).any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    for form in GLUED {
        let Some(at) = memchr::memmem::find(word.as_bytes(), form.as_bytes()) else {
            continue;
        };
        let (before, after) = (&word[..at], &word[at + form.len()..]);
        let lower_before = before
            .chars()
            .next_back()
            .is_none_or(|c| c.is_lowercase() || c.is_ascii_digit());
        let upper_after = after.chars().next().is_none_or(char::is_uppercase);
        // "gGmbH" inside is "…g" + "GmbH" only if a word ends there: the longer form is tried first and wins.
        if lower_before && upper_after && !(before.is_empty() && after.is_empty()) {
            return Some([before, form, after]);
        }
    }
    None
}
