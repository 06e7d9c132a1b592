//! Dates of birth after their label, and Swedish personal numbers.
//!
//! A personal number is told from other numbers by its form (`YYMMDD-NNNN`, with the century `YYYYMMDD-NNNN`), the
//! date in it and its check digit; organisation numbers have 20 or more where the month would stand. Without its hyphen
//! it counts after its label only.

use std::ops::Range;

use super::super::lexicon::LEXICON;
use super::Word;
use crate::organisation::luhn;

/// The beginnings of the months' names, in German and Swedish.
const MONTHS: [&str; 15] = [
    "jan", "feb", "mär", "mar", "apr", "mai", "maj", "jun", "jul", "aug", "sep", "okt", "nov",
    "dez", "dec",
];

/// Dates after "Geburtsdatum", "geb. am", "född".
pub(super) fn dates(text: &str, words: &[Word]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let label = word.lower.split('-').next().unwrap_or_default();
        if !LEXICON.birth_labels.contains(label) {
            continue;
        }
        // "geb. am 12.03.1970", "Geb.-Datum: 12.03.1970".
        let mut next = at + 1;
        while words
            .get(next)
            .is_some_and(|word| matches!(word.lower.as_str(), "am" | "den" | "datum" | "nr"))
        {
            next += 1;
        }
        let (Some(first), Some(last)) = (words.get(next), words.get(next - 1)) else {
            continue;
        };
        let close = text[last.range.end..first.range.start]
            .chars()
            .all(|c| c.is_whitespace() || matches!(c, '.' | ':' | '-' | '(' | ')' | '*'));
        if close && let Some(end) = date_end(text, &words[next..]) {
            found.push(first.range.start..end);
        }
    }
    found
}

/// Where the date ends that the words begin with: `12.03.1970`, `12/3/70`, `1970-03-12`, `12. März 1970`.
fn date_end(text: &str, words: &[Word]) -> Option<usize> {
    let first = words.first()?;
    // With hyphens the whole date is one word.
    if let [year, month, day] = first.text.split('-').collect::<Vec<_>>()[..] {
        return (is_date(year, month, day) || is_date(day, month, year)).then_some(first.range.end);
    }
    let [day, month, year, ..] = words else {
        return None;
    };
    let gap = |one: &Word, other: &Word| text[one.range.end..other.range.start].trim().to_owned();
    let marks = [gap(day, month), gap(month, year)];
    let written = marks[0] == "."
        && marks[1].is_empty()
        && MONTHS.iter().any(|name| month.lower.starts_with(name))
        && is_date(year.text, "1", day.text);
    let figures = marks[0] == marks[1]
        && matches!(marks[0].as_str(), "." | "/")
        && is_date(year.text, month.text, day.text);
    (written || figures).then_some(year.range.end)
}

fn is_date(year: &str, month: &str, day: &str) -> bool {
    let number = |text: &str, most: usize| {
        (text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    let year = number(year, 4).filter(|year| year.checked_ilog10() != Some(2));
    year.is_some_and(|year| year < 100 || (1880..2100).contains(&year))
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

/// Swedish personal numbers.
pub(super) fn personal_numbers(text: &str, words: &[Word]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = text
        .match_indices(['-', '+'])
        .filter_map(|(at, _)| hyphenated(text.as_bytes(), at))
        .collect();
    for (at, word) in words.iter().enumerate() {
        let labelled = LEXICON.number_labels.contains(&word.lower);
        if labelled && let Some(number) = words.get(at + 1) {
            let digits: Vec<u8> = number.text.bytes().filter(u8::is_ascii_digit).collect();
            if digits.len() + 1 >= number.text.len() && is_born(&digits) {
                found.push(number.range.clone());
            }
        }
    }
    found
}

/// The personal number around the hyphen at byte `at`.
fn hyphenated(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let before = bytes[..at].iter().rev();
    let before = before.take_while(|byte| byte.is_ascii_digit()).count();
    let after = bytes[at + 1..].iter();
    let after = after.take_while(|byte| byte.is_ascii_digit()).count();
    let range = at.checked_sub(before)?..at + 5;
    // Part of a longer number or code: "DE-640823-3234", "640823-3234-01".
    let joined = |byte: Option<&u8>| {
        byte.is_some_and(|byte| {
            byte.is_ascii_alphanumeric()
                || *byte >= 0x80
                || matches!(byte, b'-' | b'+' | b'/' | b'_')
        })
    };
    let alone = !(joined(bytes[..range.start].last()) || joined(bytes.get(range.end)));
    let digits: Vec<u8> = bytes
        .get(range.clone())?
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .copied()
        .collect();
    let ten: Vec<u8> = digits
        .iter()
        .skip(digits.len().saturating_sub(10))
        .map(|digit| digit - b'0')
        .collect();
    (matches!(before, 6 | 8) && after == 4 && alone && is_born(&digits) && luhn(&ten))
        .then_some(range)
}

/// Whether ten digits, or twelve with the century, begin with the day of a birth; numbers given to people who are not
/// registered have 60 added to the day.
fn is_born(digits: &[u8]) -> bool {
    let two = |at: usize| u32::from(digits[at] - b'0') * 10 + u32::from(digits[at + 1] - b'0');
    let at = match digits.len() {
        10 => 0,
        // Small children stand in no list, but the dates of files and cases do.
        12 if two(0) == 19 || two(0) == 20 && two(2) <= 12 => 2,
        _ => return false,
    };
    let day = two(at + 4);
    (1..=12).contains(&two(at + 2)) && ((1..=31).contains(&day) || (61..=91).contains(&day))
}
