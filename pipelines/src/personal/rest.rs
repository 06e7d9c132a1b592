//! The name of a body whose cell also named a contact: what is left when the cut person goes with everything that
//! introduced the person.

use std::borrow::Cow;

use super::{MARK, lexicon::LEXICON, lexicon::fold};

/// Phrases that introduce a person; words that do stand in the lists of the lexicon.
const PHRASES: [&str; 11] = [
    "z. hd.",
    "z.hd.",
    "z.hd",
    "zu händen",
    "zu handen",
    "c/o",
    "i. a.",
    "i.a.",
    "i. v.",
    "i.v.",
    "gez.",
];
const WORDS: [&str; 9] = [
    "mail", "e-mail", "email", "e-post", "epost", "nr", "att", "z", "hd",
];

/// What is left of the name of a body in whose cell a contact was cut; empty if the cell held nothing but the contact.
///
/// "Stadt Muster, Frau […]" and "Stadt Muster z. Hd. Herrn […], Tel. […]" are both "Stadt Muster".
pub(crate) fn without_contact(scrubbed: &str) -> Cow<'_, str> {
    if !scrubbed.contains(MARK) {
        return Cow::Borrowed(scrubbed);
    }
    let mut rest = String::with_capacity(scrubbed.len());
    let mut parts = scrubbed.split(MARK).peekable();
    let mut first = true;
    while let Some(part) = parts.next() {
        let part = if first { part } else { without_lead(part) };
        let part = if parts.peek().is_some() {
            without_introduction(part)
        } else {
            part.trim()
        };
        if !rest.is_empty() && !part.is_empty() {
            rest.push(' ');
        }
        rest.push_str(part);
        first = false;
    }
    // A bracket that lost its end with the contact.
    if rest.matches('(').count() > rest.matches(')').count() {
        rest.push(')');
    }
    if !rest.contains(char::is_alphanumeric) {
        rest.clear();
    }
    Cow::Owned(rest)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '–' | '—' | '/' | '|')
}

/// A part behind a contact, without the signs that closed the contact.
fn without_lead(part: &str) -> &str {
    part.trim_start_matches(|c| is_separator(c) || matches!(c, ')' | ']' | '.'))
}

/// A part before a contact, without the labels, honorifics, titles and signs that announced it.
fn without_introduction(part: &str) -> &str {
    let mut part = part;
    let mut introduced = false;
    loop {
        part = part.trim_end_matches(|c| is_separator(c) || matches!(c, '(' | '['));
        if let Some(shorter) = PHRASES.iter().find_map(|phrase| before(part, phrase)) {
            part = shorter;
            introduced = true;
            continue;
        }
        let stem = part.trim_end_matches('.');
        let start = stem
            .rfind(|c: char| !(c.is_alphanumeric() || c == '-'))
            .map_or(0, |at| {
                at + stem[at..].chars().next().map_or(1, char::len_utf8)
            });
        let word = fold(&stem[start..]);
        let dot = stem.len() < part.len();
        let introduces = LEXICON.honorifics.contains(&word)
            || LEXICON.titles.contains(&word) && word.len() > 1 && dot
            || LEXICON.contact_labels.contains(&word)
            || LEXICON.roles.contains(&word)
            || LEXICON.phone_labels.contains(&word)
            || WORDS.contains(&word.as_str());
        // "der Leiter Herr …", "z. Hd. von …": small words only where they stand between.
        let between = matches!(word.as_str(), "der" | "die" | "den" | "und" | "oder") && introduced
            || word == "von"
                && PHRASES
                    .iter()
                    .any(|p| before(stem[..start].trim_end(), p).is_some());
        if !(introduces || between) {
            return part;
        }
        introduced = true;
        part = &part[..start];
    }
}

/// The text before a phrase of ASCII or small letters at its end, if the phrase stands there as words of their own.
fn before<'a>(part: &'a str, phrase: &str) -> Option<&'a str> {
    let start = part.len().checked_sub(phrase.len())?;
    let (rest, end) = (part.get(..start)?, part.get(start..)?);
    let own = rest
        .chars()
        .next_back()
        .is_none_or(|c| !c.is_alphanumeric() && c != '.');
    (own && fold(end) == phrase).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_goes_with_what_introduced_it() {
        for (cut, rest) in [
            ("Stadt Muster, Frau […]", "Stadt Muster"),
            ("Stadt Muster, Herr Dr. […]", "Stadt Muster"),
            ("Stadt Muster (Frau […])", "Stadt Muster"),
            ("Stadt (Muster, Frau […])", "Stadt (Muster)"),
            (
                "Stadt Muster z. Hd. Herrn […], Tel. […], […]",
                "Stadt Muster",
            ),
            ("Stadt Muster z.Hd. von […]", "Stadt Muster"),
            ("Muster e.V. c/o Frau […]", "Muster e.V."),
            ("Muster e.V., […]", "Muster e.V."),
            ("Muster gGmbH, der Geschäftsführer Herr […]", "Muster gGmbH"),
            ("Frau […], Stadt Muster", "Stadt Muster"),
            (
                "Agentur der Leiter und der […]",
                "Agentur der Leiter und der",
            ),
            ("Frau […]", ""),
            ("E-Mail: […], Tel.: […]", ""),
            ("Stadt Muster", "Stadt Muster"),
        ] {
            assert_eq!(without_contact(cut), rest, "{cut}");
        }
    }
}
