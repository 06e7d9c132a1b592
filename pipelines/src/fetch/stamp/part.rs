//! The parts of a stamp: its numbers and words, whatever stands between them.
//!
//! Owns which words are names of months, tell of a quarter, or lead from a day to its time. Does not own what the parts say together
//! (`written`).

use percent_encoding::percent_decode_str;

use super::day::day_of;

/// A part of a stamp that can be one of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Digits.
    Number(String),
    /// The name of a month.
    Month(String),
    /// That the number beside it is one of a quarter.
    Quarter,
    /// Any other word.
    Word,
}

/// Words that lead from a day to its time.
const TIMES: [&str; 5] = ["t", "at", "kl", "uhr", "um"];

/// The numbers and words of a text, whatever stands between them.
pub(super) fn parts(text: &str) -> Vec<Part> {
    let text = percent_decode_str(text).decode_utf8_lossy();
    let mut parts = Vec::new();
    let mut rest: &str = &text;
    while let Some(first) = rest.chars().next() {
        let until = |is_of: fn(char) -> bool| rest.find(|c: char| !is_of(c)).unwrap_or(rest.len());
        let end = if first.is_ascii_digit() {
            let end = until(|c| c.is_ascii_digit());
            parts.extend(numbers(&rest[..end]));
            end
        } else if first.is_alphabetic() {
            let end = until(char::is_alphabetic);
            parts.extend(word(&rest[..end]));
            end
        } else {
            first.len_utf8()
        };
        rest = &rest[end..];
    }
    parts
}

/// Digits as one number; those of a day with its time behind it as two.
fn numbers(digits: &str) -> impl Iterator<Item = Part> {
    let day = if matches!(digits.len(), 12 | 14) {
        8
    } else {
        digits.len()
    };
    let (day, time) = digits.split_at(day);
    let both = [day, time].into_iter().filter(|part| !part.is_empty());
    both.map(|part| Part::Number(part.to_owned()))
}

fn word(word: &str) -> Option<Part> {
    let lower = word.to_lowercase();
    if TIMES.contains(&lower.as_str()) {
        return None;
    }
    let is_quarter = lower == "q" || lower.starts_with("quart") || lower.starts_with("kvart");
    let is_month = || day_of(&format!("{word} 2000")).is_ok_and(|day| day.is_some());
    Some(if is_quarter {
        Part::Quarter
    } else if is_month() {
        Part::Month(word.to_owned())
    } else {
        Part::Word
    })
}
