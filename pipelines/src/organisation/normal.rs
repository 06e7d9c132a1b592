//! The key of a body: what is left of its name when everything that publishers vary is taken away.
//!
//! A key is `stem|form`. The stem is all words without anything between them, so that blanks, hyphens, line breaks
//! inside words ("Bil- dungswerk"), quotes and glued words of extracted tables cannot part one body in two; a blank
//! stays only between two numbers. The form is the class of the legal form wherever it stands in the name, because an
//! association and its company are two bodies; a name without a form is a body of its own for the same reason: nothing
//! in one cell says which of the two it means. Tax status, liquidation, "Firma", what follows "c/o", an abbreviation of
//! the name itself in brackets, and the organ that signs for a body ("Der Präsident") are left out. Abbreviated words
//! are not expanded and umlauts not transliterated: a key that misses a pair is mended by a number or a reviewed
//! match, a key that merges two bodies is not noticed.

use std::borrow::Cow;

use super::{
    form::FORMS,
    token::{Token, compose, fold, tokens},
};

/// The key under which all published spellings of one body meet. Empty only for a name without letter or digit.
pub fn normal_form(name: &str) -> String {
    let composed = compose(name);
    normal_form_of(&composed, None)
}

/// The key of a composed name whose words may be known already.
pub(super) fn normal_form_of(composed: &str, known: Option<&[Token]>) -> String {
    let named = without_abbreviation(without_care_of(composed));
    let made;
    let all = match known {
        Some(words) if *named == *composed => words,
        _ => {
            made = tokens(&named);
            &made
        }
    };
    let (stem, form) = parts(all);
    let mut key = squeeze(&stem);
    if key.is_empty() {
        // The name is nothing but a form or a title: keep it whole.
        return squeeze(&all.iter().collect::<Vec<_>>());
    }
    if let Some(form) = form {
        key.push('|');
        key.push_str(&form);
    }
    key
}

/// Words that name the body, and the class of its form.
fn parts(all: &[Token]) -> (Vec<&Token>, Option<String>) {
    let mut stem: Vec<&Token> = Vec::with_capacity(all.len());
    let mut classes: Vec<&str> = Vec::new();
    let mut at = 0;
    // A tax status counts as part of the form only directly before or after it.
    let mut after_form = false;
    while at < all.len() {
        let token = &all[at];
        if let Some((form, taken)) = FORMS.at(all, at) {
            if stem
                .last()
                .is_some_and(|last| FORMS.tax_status.contains(&last.lower))
            {
                stem.pop();
            }
            if !classes.contains(&form.class.as_str()) {
                classes.push(&form.class);
            }
            at += taken;
            after_form = true;
        } else if after_form && FORMS.tax_status.contains(&token.lower) {
            at += 1;
        } else if let Some(taken) = FORMS
            .liquidation
            .iter()
            .find_map(|phrase| starts(&all[at..], phrase))
            .filter(|taken| at > 0 && at + taken == all.len())
        {
            at += taken;
        } else {
            stem.push(token);
            after_form = false;
            at += 1;
        }
    }
    if stem.len() > 1 && FORMS.lead_words.contains(&stem[0].lower) {
        stem.remove(0);
    }
    if let Some(head) = FORMS
        .organ_heads
        .iter()
        .filter(|head| stem.len() > head.len() && matches(&stem[..head.len()], head))
        .max_by_key(|head| head.len())
    {
        stem.drain(..head.len());
    }
    if let Some(tail) = FORMS
        .organ_tails
        .iter()
        .find(|tail| stem.len() > tail.len() && matches(&stem[stem.len() - tail.len()..], tail))
    {
        stem.truncate(stem.len() - tail.len());
    }
    classes.sort_unstable();
    (stem, (!classes.is_empty()).then(|| classes.join("+")))
}

fn starts(tokens: &[Token], phrase: &[String]) -> Option<usize> {
    (tokens.len() >= phrase.len()
        && tokens
            .iter()
            .zip(phrase)
            .all(|(token, word)| token.lower == *word))
    .then_some(phrase.len())
}

fn matches(tokens: &[&Token], phrase: &[String]) -> bool {
    tokens
        .iter()
        .zip(phrase)
        .all(|(token, word)| token.lower == *word)
}

fn squeeze(words: &[&Token]) -> String {
    let mut key =
        String::with_capacity(words.iter().map(|word| word.lower.len()).sum::<usize>() + 10);
    for word in words {
        let number = key.ends_with(|c: char| c.is_ascii_digit())
            && word.lower.starts_with(|c: char| c.is_ascii_digit());
        if number {
            key.push(' ');
        }
        key.push_str(&word.lower);
    }
    key
}

/// The name before "c/o": what follows is where its post goes.
fn without_care_of(name: &str) -> &str {
    let bytes = name.as_bytes();
    let cut = bytes.windows(3).enumerate().position(|(at, window)| {
        at > 0
            && matches!(window[0], b'c' | b'C')
            && matches!(window[1], b'/' | b'\\')
            && matches!(window[2], b'o' | b'O' | b'0')
            && !bytes[at - 1].is_ascii_alphanumeric()
            && !bytes.get(at + 3).is_some_and(u8::is_ascii_alphanumeric)
    });
    match cut {
        // Both neighbours of the cut are ASCII, so it lies between characters.
        Some(at) => &name[..at],
        None => name,
    }
}

/// Takes out "(ABC)" if its letters stand, in this order, in the rest of the name and begin with the beginning of one
/// of its words: it is an abbreviation of the name and says nothing new.
fn without_abbreviation(name: &str) -> Cow<'_, str> {
    let Some((before, rest)) = name.split_once('(') else {
        return Cow::Borrowed(name);
    };
    let Some((inner, after)) = rest.split_once(')') else {
        return Cow::Borrowed(name);
    };
    let short = (2..=8).contains(&inner.chars().count()) && inner.chars().all(char::is_uppercase);
    if !short {
        return Cow::Borrowed(name);
    }
    let (short, others) = (fold(inner), format!("{before} {after}"));
    let full = fold(&others);
    let mut letters = full.chars();
    let ordered = short
        .chars()
        .all(|wanted| letters.any(|letter| letter == wanted));
    let begins = short.chars().next().is_some_and(|first| {
        full.split(|c: char| !c.is_alphanumeric())
            .any(|word| word.starts_with(first))
    });
    if ordered && begins {
        Cow::Owned(others)
    } else {
        Cow::Borrowed(name)
    }
}
