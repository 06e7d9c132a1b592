//! Words of a published name, as the rules of this module see them.
//!
//! Compatibility-composed (NFKC: ligatures of PDFs, no-break spaces, decomposed umlauts), soft hyphens and zero-width
//! characters gone, ß as ss. Letters of names are never transliterated: "ae" and "ä" stay different, because "Michael"
//! and "Israel" are no umlauts and two firms may differ in nothing else.

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

/// Composes a name. Borrowed text would save nothing: every caller lower-cases next.
pub(super) fn compose(name: &str) -> String {
    let composed: String = if name.is_ascii() || is_nfkc_quick(name.chars()) == IsNormalized::Yes {
        name.to_owned()
    } else {
        name.nfkc().collect()
    };
    if composed.is_ascii() {
        return composed;
    }
    composed
        .chars()
        .filter(|c| {
            !matches!(
                c,
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
            )
        })
        .collect()
}

/// The words of a composed name.
pub(super) fn tokens(name: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(8);
    let (mut word, mut joined) = (String::new(), false);
    let flush = |word: &mut String, joined: &mut bool, tokens: &mut Vec<Token>| {
        for (part, text) in unglue(word).into_iter().enumerate() {
            tokens.push(Token {
                lower: fold(text),
                text: text.to_owned(),
                joined: *joined && part == 0,
                dot: false,
            });
        }
        if !word.is_empty() {
            *joined = false;
        }
        word.clear();
    };
    for c in name.chars() {
        match c {
            _ if c.is_alphanumeric() || c == '\u{307}' => word.push(c),
            // An apostrophe is left out of its word: "Anna's" and "Annas" are one spelling.
            '\'' | '’' | '`' | '´' => {}
            '&' | '+' => {
                flush(&mut word, &mut joined, &mut tokens);
                tokens.push(Token {
                    lower: "und".to_owned(),
                    text: c.to_string(),
                    joined: false,
                    dot: false,
                });
            }
            _ => {
                flush(&mut word, &mut joined, &mut tokens);
                match c {
                    '.' => {
                        if let Some(last) = tokens.last_mut() {
                            last.dot = true;
                        }
                    }
                    '-' | '/' | '–' | '\\' => joined = true,
                    _ => {}
                }
            }
        }
    }
    flush(&mut word, &mut joined, &mut tokens);
    for token in &mut tokens {
        if matches!(token.lower.as_str(), "och" | "and") || (token.lower == "u" && token.dot) {
            "und".clone_into(&mut token.lower);
        }
    }
    tokens
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

/// Cuts a glued legal form off its neighbours.
fn unglue(word: &str) -> Vec<&str> {
    if word.is_empty() {
        return Vec::new();
    }
    for form in GLUED {
        let Some(at) = word.find(form) else { continue };
        let (before, after) = (&word[..at], &word[at + form.len()..]);
        let lower_before = before
            .chars()
            .next_back()
            .is_none_or(|c| c.is_lowercase() || c.is_ascii_digit());
        let upper_after = after.chars().next().is_none_or(char::is_uppercase);
        // "gGmbH" inside is "…g" + "GmbH" only if a word ends there: the longer form is tried first and wins.
        if lower_before && upper_after && !(before.is_empty() && after.is_empty()) {
            return [before, form, after]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
        }
    }
    vec![word]
}
