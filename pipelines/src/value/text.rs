//! Published text without the traces of layout: blanks, line breaks, hyphenation at line ends, composed letters.
//!
//! Most cells are clean already; those are recognised in one vectorised pass and borrowed.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The text without blanks at its ends. As `str::trim`, but quicker for the many cells that have none.
#[inline]
pub(super) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(b'!'..=b'~'), Some(b'!'..=b'~')) => text,
        _ => text.trim(),
    }
}

/// Cleans a text; `None` if nothing is left.
///
/// - composed letters (NFC); no-break, thin and other blanks, tabs and line breaks become one blank, none at the ends
/// - soft hyphens, zero-width and control characters go
/// - a hyphen at a line end is undone before a lower-case letter (`Vor-⏎haben`), but kept in `Aus-⏎und Weiterbildung`,
///   `ESF-⏎Projekt`
///
/// Cleaning again changes nothing.
pub fn clean_text(text: &str) -> Option<Cow<'_, str>> {
    if text.is_empty() {
        return None;
    }
    if is_clean(text) {
        return Some(Cow::Borrowed(text));
    }
    let trimmed = text.trim();
    if trimmed.len() < text.len() && is_clean(trimmed) {
        return (!trimmed.is_empty()).then_some(Cow::Borrowed(trimmed));
    }
    let written = rewrite(trimmed);
    (!written.is_empty()).then_some(Cow::Owned(written))
}

/// Bytes looked at together.
const CHUNK: usize = 32;

/// Whether [`clean_text`] has nothing to do. May be wrong in one direction only: clean text taken for unclean.
pub(super) fn is_clean(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ') {
        return false;
    }
    let mut traces = 0;
    let mut start = 0;
    // Arrays of a known length are what compilers turn into vector instructions.
    while let (Some(first), Some(second), Some(third)) = (
        bytes[start..].first_chunk::<CHUNK>(),
        bytes[start..]
            .get(1..)
            .and_then(<[u8]>::first_chunk::<CHUNK>),
        bytes[start..]
            .get(2..)
            .and_then(<[u8]>::first_chunk::<CHUNK>),
    ) {
        for at in 0..CHUNK {
            traces |= traces_of(first[at], second[at], third[at]);
        }
        if traces & UNCLEAN != 0 {
            return false;
        }
        start += CHUNK;
    }
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    for at in start..bytes.len() {
        traces |= traces_of(byte(at), byte(at + 1), byte(at + 2));
    }
    match traces {
        0 => true,
        RARE => {
            is_nfc(text)
                && !text
                    .chars()
                    .any(|c| is_blank(c) && c != ' ' || is_dropped(c))
        }
        _ => false,
    }
}

/// Something that [`clean_text`] changes stands here.
const UNCLEAN: u8 = 1;
/// A script in which only the full tables tell.
const RARE: u8 = 2;

/// What a byte and the two behind it say. Without branches, so that many are looked at together.
#[inline]
fn traces_of(first: u8, second: u8, third: u8) -> u8 {
    let is = u8::from;
    let control = is(first < 0x20) | is(first == 0x7F);
    let double_blank = is(first == b' ') & is(second == b' ');
    // C1 controls, no-break blank, soft hyphen.
    let latin = is(first == 0xC2) & (is(second <= 0xA0) | is(second == 0xAD));
    // General punctuation: blanks and marks of direction, but dashes, quotes, bullets and the ellipsis are clean.
    let punctuation = is(first == 0xE2) & is(second == 0x80);
    let spacing = punctuation & (is(third & 0xF0 == 0x80) | is(third & 0xF8 == 0xA8));
    // Letters up to U+02FF are composed and harmless, and so are the euro sign and its neighbours.
    let harmless = punctuation | (is(first == 0xE2) & is(second == 0x82));
    let rare = is(first >= 0xCC) & (1 - harmless);
    control | double_blank | latin | spacing | rare << 1
}

/// Whether a byte may begin something that [`rewrite`] has to look at.
#[inline]
fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte >= 0xCC
}

fn is_blank(c: char) -> bool {
    c.is_whitespace()
}

fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Characters without a look of their own: controls, byte-order marks, marks of direction, zero-width blanks.
fn is_dropped(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

fn rewrite(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let plain = if c == ' ' && out.is_empty() {
            0
        } else {
            plain_run(rest.as_bytes())
        };
        if plain > 0 {
            out.push_str(&rest[..plain]);
            rest = &rest[plain..];
        } else if c == '\u{AD}' {
            rest = &rest[c.len_utf8()..];
            let gap = blanks(rest);
            // A soft hyphen at a line end is the line end's doing as well.
            if gap.line_ends > 0 {
                rest = &rest[gap.bytes..];
            }
        } else if is_dropped(c) {
            rest = &rest[c.len_utf8()..];
        } else if is_blank(c) {
            let gap = blanks(rest);
            rest = &rest[gap.bytes..];
            if !out.is_empty() && !rest.is_empty() {
                match if gap.line_ends == 1 {
                    hyphenation(&out, rest)
                } else {
                    Join::Blank
                } {
                    Join::Blank => out.push(' '),
                    Join::Keep => {}
                    Join::Undo => {
                        out.pop();
                    }
                }
            }
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    if out.ends_with(' ') {
        out.pop();
    }
    if is_clean(&out) || is_nfc(&out) {
        out
    } else {
        out.nfc().collect()
    }
}

/// How many bytes can be taken over as they are: words, and single blanks between them.
fn plain_run(bytes: &[u8]) -> usize {
    let next = bytes
        .iter()
        .skip(1)
        .map(|&b| b == b' ' || is_special(b))
        .chain([true]);
    let stops = |(&byte, next): (&u8, bool)| is_special(byte) || (byte == b' ' && next);
    bytes
        .iter()
        .zip(next)
        .position(stops)
        .unwrap_or(bytes.len())
}

/// A run of blanks and dropped characters.
struct Gap {
    bytes: usize,
    line_ends: usize,
}

fn blanks(text: &str) -> Gap {
    let mut gap = Gap {
        bytes: 0,
        line_ends: 0,
    };
    let mut after_return = false;
    for c in text.chars() {
        if !is_blank(c) && !is_dropped(c) {
            break;
        }
        // "\r\n" is one line end.
        gap.line_ends += usize::from(is_line_end(c) && !(after_return && c == '\n'));
        after_return = c == '\r';
        gap.bytes += c.len_utf8();
    }
    gap
}

/// What becomes of the hyphen before a line end.
enum Join {
    /// It is no hyphenation: the line end is a blank.
    Blank,
    /// The hyphen belongs to the word.
    Keep,
    /// The hyphen came with the line end.
    Undo,
}

fn hyphenation(before: &str, after: &str) -> Join {
    /// Words that follow a hyphen which stands for a word's missing part ("Aus- und Weiterbildung").
    const CONJUNCTIONS: [&str; 15] = [
        "und",
        "oder",
        "bzw",
        "beziehungsweise",
        "sowie",
        "bis",
        "u",
        "och",
        "eller",
        "samt",
        "resp",
        "respektive",
        "and",
        "or",
        "to",
    ];
    let Some(left) = before.strip_suffix(['-', '\u{2010}']) else {
        return Join::Blank;
    };
    let mut backwards = left.chars().rev();
    let (last, last_but_one) = (backwards.next(), backwards.next());
    let (Some(last), Some(next)) = (last, after.chars().next()) else {
        return Join::Blank;
    };
    if !last.is_alphanumeric() {
        return Join::Blank;
    }
    if !next.is_lowercase() {
        return if next.is_alphanumeric() {
            Join::Keep
        } else {
            Join::Blank
        };
    }
    let word = after
        .split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or_default();
    if CONJUNCTIONS.contains(&word) {
        return Join::Blank;
    }
    // "ESF-gefördert", "E-learning" and "2-jährig" are written with the hyphen, line end or not.
    let part_of_word = last.is_lowercase() && last_but_one.is_some_and(char::is_alphabetic);
    if part_of_word { Join::Undo } else { Join::Keep }
}
