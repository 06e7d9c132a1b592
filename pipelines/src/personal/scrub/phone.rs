//! Phone and fax numbers: after a label, in international or Swedish mobile form, and bare beside other contacts.

use std::ops::Range;

use super::super::lexicon::LEXICON;
use super::Word;

/// Numbers after "Tel.", "Mobil:" and the like, and numbers whose form leaves no doubt.
pub(super) fn find_labelled(text: &str, words: &[Word]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for word in words {
        // "Tel-Nr", "Telefonnummer", "E-Mail/Tel": the label is a word or the first part of one.
        let label = word.lower.split('-').next().unwrap_or_default();
        if !LEXICON.phone_labels.contains(label) {
            continue;
        }
        let after = &text[word.range.end..];
        // Between label and number stand only signs, blanks, line ends and "Nr.".
        let skipped = after
            .find(|c: char| c.is_ascii_digit() || c == '+')
            .unwrap_or(after.len());
        let between = after[..skipped].trim_end_matches(['(', '0']);
        let plain = between.chars().all(|c| {
            c.is_whitespace() || matches!(c, '.' | ':' | '-' | '–' | '(' | ')' | '/' | '=' | ',')
        }) || is_number_word(between);
        if !plain || between.len() > 16 {
            continue;
        }
        let mut start = word.range.end + between.len();
        // More than one number may follow: "/" and "oder" are read on by the number itself.
        if let Some((end, digits)) = number(text, start)
            && digits >= 5
        {
            start += text[start..end].len() - text[start..end].trim_start().len();
            found.push(start..end);
        }
    }
    found.extend(find_formed(text));
    found
}

fn is_number_word(between: &str) -> bool {
    let letters: String = between
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    matches!(letters.as_str(), "nr" | "nummer" | "no")
}

/// `+46 …`, `0049 …`, `070-123 45 67`, `(0221) 12345`.
fn find_formed(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in 0..bytes.len() {
        if at > 0
            && (bytes[at - 1].is_ascii_alphanumeric()
                || matches!(bytes[at - 1], b'/' | b'-' | b'.' | b',' | b'+'))
        {
            continue;
        }
        let rest = &bytes[at..];
        let digit = |place: usize| rest.get(place).is_some_and(u8::is_ascii_digit);
        let least = match rest[0] {
            b'+' if digit(1) && digit(2) => 9,
            b'0' if rest.starts_with(b"0046") || rest.starts_with(b"0049") => 11,
            b'0' if rest.get(1) == Some(&b'7')
                && digit(2)
                && matches!(rest.get(3), Some(b'-' | b' ')) =>
            {
                10
            }
            b'(' if rest.get(1) == Some(&b'0') && bracketed_code(rest) => 7,
            _ => continue,
        };
        if let Some((end, digits)) = number(text, at)
            && (least..=15).contains(&digits)
            && !found.iter().any(|range: &Range<usize>| range.contains(&at))
        {
            found.push(at..end);
        }
    }
    found
}

/// "(0221)", not "(03/10)" or "(01.05.2016 …)".
fn bracketed_code(rest: &[u8]) -> bool {
    let digits = rest[1..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (3..=6).contains(&digits) && rest.get(1 + digits) == Some(&b')')
}

/// Numbers with an area code, a mark and the rest, where a contact already stands in the text: `02361/306714`,
/// `018-123 45 67`.
pub(super) fn find_bare(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let begins = bytes[at] == b'0'
            && (at == 0
                || !(bytes[at - 1].is_ascii_alphanumeric()
                    || matches!(bytes[at - 1], b'/' | b'-' | b'.' | b',')));
        if !begins {
            at += 1;
            continue;
        }
        let code = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let mark = bytes.get(at + code).copied();
        match number(text, at) {
            Some((end, digits))
                if (2..=6).contains(&code)
                    && (8..=13).contains(&digits)
                    && matches!(mark, Some(b'/' | b'-' | b' '))
                    && !is_date(&text[at..end]) =>
            {
                found.push(at..end);
                at = end;
            }
            _ => at += code.max(1),
        }
    }
    found
}

/// `01-01-2014`, `01/06/2016`, `05 06 2016`.
fn is_date(text: &str) -> bool {
    let parts: Vec<usize> = text
        .split(['-', '/', ' ', '.'])
        .filter(|part| !part.is_empty())
        .map(str::len)
        .collect();
    matches!(parts.as_slice(), [1 | 2, 1 | 2, 2 | 4, ..] | [4, 2, 2])
}

/// Reads digits with single signs between them from `start`; returns the end behind the last digit, and how many.
fn number(text: &str, start: usize) -> Option<(usize, usize)> {
    let (mut digits, mut end, mut gap) = (0, start, 0);
    for (at, c) in text[start..].char_indices() {
        if c.is_ascii_digit() {
            digits += 1;
            gap = 0;
            end = start + at + 1;
        } else if matches!(
            c,
            ' ' | '\u{a0}' | '/' | '-' | '–' | '(' | ')' | '.' | '+' | '\u{202f}'
        ) {
            gap += 1;
            // Two signs in a row occur ("(0) ", " / ", ") "), three do not; before the first digit a few more.
            if gap > 3 {
                break;
            }
        } else if c.is_whitespace() && digits == 0 {
            // The number may stand on the line after its label.
        } else {
            break;
        }
    }
    (digits > 0).then_some((end, digits))
}
