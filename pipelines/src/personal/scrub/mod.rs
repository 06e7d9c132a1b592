//! Cuts contact persons, phone numbers, e-mail addresses, dates of birth and personal numbers out of any text.
//!
//! A guard (two bytes by memchr, a few dozen words by a packed search) lets text without any trace of a contact pass
//! untouched and unallocated; whole columns are guarded in one pass over their value buffer. Only text that holds a
//! trace is read word by word. What is cut leaves [`MARK`](super::MARK); labels stay, so that a reader sees what stood
//! there. Amounts, dates, postcodes and project numbers are not phone numbers: digits count as one only after a label,
//! in international or Swedish mobile form, or beside a contact that was already found.

mod birth;
mod email;
mod guard;
mod introduced;
mod person;
mod phone;

use std::{borrow::Cow, ops::Range};

use arrow::array::{Array, StringArray, StringBuilder};

use self::guard::{Traces, first_trace};
use super::{MARK, lexicon::LEXICON};

/// Which kinds of personal data were cut out of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// A person's name, date of birth or personal number.
    pub contact: bool,
    /// A phone or fax number.
    pub phone: bool,
    /// An e-mail address.
    pub email: bool,
}

impl Removed {
    /// Whether anything was cut.
    pub fn any(self) -> bool {
        self.contact || self.phone || self.email
    }
}

/// A text without personal data, and what was taken from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScrubResult<'a> {
    /// The text; borrowed if nothing was cut.
    pub text: Cow<'a, str>,
    /// What was cut.
    pub removed: Removed,
}

/// The text without contact persons, phone numbers, e-mail addresses, dates of birth and personal numbers.
pub fn scrub(text: &str) -> Cow<'_, str> {
    scrub_detailed(text).text
}

/// Like [`scrub`], and says what was cut.
pub fn scrub_detailed(text: &str) -> ScrubResult<'_> {
    if first_trace(text.as_bytes()).is_none() {
        return ScrubResult {
            text: Cow::Borrowed(text),
            removed: Removed::default(),
        };
    }
    cut(text)
}

/// For every row whether its text holds a trace of a contact; the others need not be read. The whole column is looked
/// through at once, because a search costs more to begin than to go through a short text.
pub fn traced_rows(column: &StringArray) -> Vec<bool> {
    let mut traced = vec![false; column.len()];
    let (offsets, bytes) = (column.value_offsets(), column.value_data());
    let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else {
        return traced;
    };
    let (mut position, end) = (*first as usize, *last as usize);
    let mut traces = Traces::new(&bytes[..end]);
    while let Some(hit) = traces.next_from(position) {
        // The row whose value holds the hit; a hit across two rows is one of the first, and costs a look only.
        let row = offsets.partition_point(|offset| *offset as usize <= hit) - 1;
        traced[row] = true;
        position = offsets[row + 1] as usize;
    }
    traced
}

/// Scrubs a column. Returns the column itself (shared, not copied) if nothing was cut, and the rows that were changed.
pub fn scrub_column(column: &StringArray) -> (StringArray, Vec<(usize, Removed)>) {
    let mut changed: Vec<(usize, Removed, String)> = Vec::new();
    let traced = traced_rows(column).into_iter().enumerate();
    for (row, _) in traced.filter(|(row, traced)| *traced && column.is_valid(*row)) {
        let result = cut(column.value(row));
        if result.removed.any() {
            changed.push((row, result.removed, result.text.into_owned()));
        }
    }
    if changed.is_empty() {
        return (column.clone(), Vec::new());
    }
    let mut builder = StringBuilder::with_capacity(column.len(), column.value_data().len());
    let mut next = changed.iter().peekable();
    for (row, value) in column.iter().enumerate() {
        match next.peek() {
            Some((at, _, text)) if *at == row => {
                builder.append_value(text);
                next.next();
            }
            _ => builder.append_option(value),
        }
    }
    (
        builder.finish(),
        changed
            .into_iter()
            .map(|(row, removed, _)| (row, removed))
            .collect(),
    )
}

/// Whether the label of a column says that its cells name people to talk to, their phones or their addresses.
pub fn names_contact(label: &str) -> bool {
    let words = words(label);
    words.iter().any(|word| {
        let contact = LEXICON.contact_labels.contains(&word.lower)
            && !LEXICON.participant_labels.contains(&word.lower);
        contact
            || LEXICON.roles.contains(&word.lower)
            || LEXICON.phone_labels.contains(&word.lower)
            || LEXICON.address_labels.contains(&word.lower)
    })
}

/// Finds and cuts, without the guard.
fn cut(text: &str) -> ScrubResult<'_> {
    let words = words(text);
    let emails = email::find(text);
    let mut phones = phone::find_labelled(text, &words);
    let reader = person::Reader::new(text, &words);
    let mut births = birth::dates(text, &words);
    births.extend(birth::personal_numbers(text, &words));
    let mut persons = reader.introduced();
    persons.extend(births.iter().filter_map(|range| reader.beside(range)));
    if !(persons.is_empty() && births.is_empty()) {
        persons.extend(reader.full_names());
    }
    if !(emails.is_empty() && persons.is_empty() && phones.is_empty()) {
        // Beside one contact stand others: bare numbers count here.
        phones.extend(phone::find_bare(text));
    }
    let removed = Removed {
        contact: !(persons.is_empty() && births.is_empty()),
        phone: !phones.is_empty(),
        email: !emails.is_empty(),
    };
    let mut ranges = emails;
    ranges.extend(births);
    ranges.extend(persons);
    ranges.extend(phones);
    if ranges.is_empty() {
        return ScrubResult {
            text: Cow::Borrowed(text),
            removed,
        };
    }
    ScrubResult {
        text: Cow::Owned(without(text, ranges)),
        removed,
    }
}

/// The text with each range (overlapping ones as one) replaced by the mark.
fn without(text: &str, mut ranges: Vec<Range<usize>>) -> String {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut scrubbed = String::with_capacity(text.len());
    let mut kept = 0;
    for range in ranges {
        if range.start >= kept {
            scrubbed.push_str(&text[kept..range.start]);
            scrubbed.push_str(MARK);
        }
        kept = kept.max(range.end);
    }
    scrubbed.push_str(&text[kept..]);
    scrubbed
}

/// A word of a text with its place.
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) lower: String,
    pub(super) range: Range<usize>,
}

/// Runs of letters, digits, hyphens and apostrophes.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let end_marker = std::iter::once((text.len(), ' '));
    for (at, c) in text.char_indices().chain(end_marker) {
        let inside = c.is_alphanumeric()
            || matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}')
            || (c == '-' && start.is_some());
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let word = text[from..at].trim_end_matches('-');
                words.push(Word {
                    text: word,
                    lower: super::lexicon::fold(word),
                    range: from..from + word.len(),
                });
                start = None;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests;
