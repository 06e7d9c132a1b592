//! A natural person's name in the other cells of the row: titles and summaries often repeat the beneficiary.

use std::borrow::Cow;

use super::{
    MARK,
    lexicon::{LEXICON, fold},
};

/// `text` without the name of the natural person who stands in the cell `name`: the whole cell, and each pair of its
/// neighbouring words of which one is a given name and the other may be a surname, in either order.
///
/// A lone surname stays, because it is also a word, a place or a firm's name as often as not.
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
        cut(&mut concealed, name);
    }
    for pair in words.windows(2) {
        let [first, second] = [fold(pair[0]), fold(pair[1])];
        let named = |given: &str, other: &str| {
            LEXICON.given(given).is_some() && LEXICON.could_be_surname(other)
        };
        if named(&first, &second) || named(&second, &first) {
            for (one, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
                cut(&mut concealed, &format!("{one} {other}"));
                cut(&mut concealed, &format!("{one}, {other}"));
            }
        }
    }
    concealed
}

/// Replaces every occurrence of `part` as whole words, as it is written.
fn cut(text: &mut Cow<'_, str>, part: &str) {
    let whole = |at: usize| {
        let before = text[..at].chars().next_back();
        let after = text[at + part.len()..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric()) && after.is_none_or(|c| !c.is_alphanumeric())
    };
    let places: Vec<usize> = text
        .match_indices(part)
        .map(|(at, _)| at)
        .filter(|at| whole(*at))
        .collect();
    if places.is_empty() {
        return;
    }
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for at in places {
        kept.push_str(&text[from..at]);
        kept.push_str(MARK);
        from = at + part.len();
    }
    kept.push_str(&text[from..]);
    *text = Cow::Owned(kept);
}
