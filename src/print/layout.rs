//! How wide the columns of a table are, and cutting text to a width.
//!
//! Numbers and dates are never cut: half a number is another number. Text gives way, the longest first; when even that
//! does not fit, there is no layout and the rows are shown one column a line.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Blanks between two columns.
pub(crate) const GAP: usize = 2;
/// Text is not cut below this many places.
const LEAST_TEXT: usize = 12;

/// A column while its width is being found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// The widest of header and cells.
    pub(crate) natural: usize,
    /// The width of the header, which is not cut.
    pub(crate) header: usize,
    /// Whether cells may be cut.
    pub(crate) text: bool,
}

/// The widths of the columns within `available` places; `None` if they do not fit.
pub(crate) fn widths(needs: &[Need], available: Option<usize>) -> Option<Vec<usize>> {
    let mut widths: Vec<usize> = needs.iter().map(|need| need.natural).collect();
    let Some(available) = available else {
        return Some(widths);
    };
    let available = available.checked_sub(GAP * needs.len().saturating_sub(1))?;
    let least = |need: &Need| {
        if need.text {
            need.natural.min(LEAST_TEXT.max(need.header))
        } else {
            need.natural
        }
    };
    if needs.iter().map(least).sum::<usize>() > available {
        return None;
    }
    let mut excess = widths.iter().sum::<usize>().saturating_sub(available);
    while excess > 0 {
        let shrinkable = (0..needs.len()).filter(|&i| widths[i] > least(&needs[i]));
        let widest = shrinkable.max_by_key(|&i| (widths[i], std::cmp::Reverse(i)))?;
        widths[widest] -= 1;
        excess -= 1;
    }
    Some(widths)
}

/// Places that a text takes.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text, cut to `limit` places with an ellipsis.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        let places = c.width().unwrap_or(0);
        if used + places + 1 > limit {
            break;
        }
        used += places;
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    Cow::Owned(kept)
}

/// The text in lines of at most `limit` places, broken at blanks where there are any.
pub(crate) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word.to_owned();
        if !line.is_empty() && width(&line) + 1 + width(&word) > limit {
            lines.push(std::mem::take(&mut line));
        }
        while width(&word) > limit.max(1) {
            let (head, tail) = split_at_width(&word, limit.max(1));
            lines.push(head);
            word = tail;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines
}

fn split_at_width(word: &str, limit: usize) -> (String, String) {
    let mut used = 0;
    for (at, c) in word.char_indices() {
        used += c.width().unwrap_or(0);
        if used > limit && at > 0 {
            return (word[..at].to_owned(), word[at..].to_owned());
        }
    }
    (word.to_owned(), String::new())
}
