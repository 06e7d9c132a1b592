//! From published bytes to text, in the declared encoding and no other. A byte that the encoding does not have is an
//! error with its place; nothing is ever replaced.
//!
//! What is longer or shorter as text is decoded in pieces, for a decoder that is given all at once takes room for the longest
//! text that so many bytes can be, three times what they are. UTF-16 is decoded while it arrives ([`wide`]).

mod wide;

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;
use memchr::memmem;

pub(super) use self::wide::Wide;
use super::error::ReadError;
use super::format::Encoding;
use super::place::Place;

/// So many bytes show what kind of file it is, and whether it is UTF-16.
pub(super) const HEAD: usize = 4096;

/// Bytes that are decoded at once.
const PIECE: usize = 64 << 10;

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";
const UTF16LE_MARK: &[u8] = b"\xFF\xFE";
const UTF16BE_MARK: &[u8] = b"\xFE\xFF";
/// The first of them begins like the mark of UTF-16, but no text begins with a zero character.
const UTF32_MARKS: [&[u8]; 2] = [b"\xFF\xFE\0\0", b"\0\0\xFE\xFF"];

/// U+FFFD in UTF-8. In a windows-1252 file the same three bytes are just as surely the trace of a destroyed letter.
const REPLACEMENT: &[u8] = b"\xEF\xBF\xBD";

/// Bytes that windows-1252 leaves undefined. Browsers read them as control characters; a list has none.
const UNDEFINED_1252: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

/// Decoded text and how to get back from it to the published bytes.
#[derive(Debug)]
pub(super) struct Text<'a> {
    /// The text without a byte order mark.
    pub(super) content: Cow<'a, str>,
    /// The encoding it was decoded from.
    pub(super) encoding: Encoding,
    /// Bytes of the byte order mark.
    pub(super) mark: u64,
}

impl Text<'_> {
    /// Published bytes that a piece of the text took.
    pub(super) fn published_len(&self, piece: &str) -> u64 {
        match self.encoding {
            Encoding::Utf8 => piece.len() as u64,
            Encoding::Windows1252 => piece.chars().count() as u64,
            Encoding::Utf16Le | Encoding::Utf16Be => 2 * units(piece),
        }
    }

    /// The text, if it has no zero byte and no letter that was destroyed before publication.
    fn verified(self) -> Result<Self, ReadError> {
        let content: &str = &self.content;
        let published = |at: usize| self.mark + self.published_len(&content[..at]);
        if let Some(at) = memchr::memchr(0, content.as_bytes()) {
            let mut place = place_in_bytes(content.as_bytes(), at);
            place.byte = Some(published(at));
            return Err(ReadError::ZeroByte {
                place,
                encoding: self.encoding,
            });
        }
        // Blanks of UTF-16 are no blanks before they are decoded.
        if content.trim_start().is_empty() {
            return Err(ReadError::Empty);
        }
        refuse_destroyed(content.as_bytes(), published)?;
        refuse_encoded_twice(content, published)?;
        Ok(self)
    }
}

/// Units of UTF-16 that a text takes: one for each character, and a second one for those whose first byte in UTF-8 is 0xF0
/// or more.
fn units(text: &str) -> u64 {
    let of_byte = |byte: u8| u64::from(byte & 0xC0 != 0x80) + u64::from(byte >= 0xF0);
    text.bytes().map(of_byte).sum()
}

/// Decodes and verifies: no wrong byte, no zero byte, no letter destroyed before publication.
pub(super) fn decode(bytes: &[u8], declared: Encoding) -> Result<Text<'_>, ReadError> {
    if is_wide(declared) {
        return Wide::of(bytes, declared).into_text();
    }
    let (mark, body) = begin(bytes, declared)?;
    let content = if declared == Encoding::Utf8 {
        Cow::Borrowed(utf8(bytes, body)?)
    } else {
        refuse_destroyed(bytes, |at| at as u64)?;
        windows_1252(body)?
    };
    let text = Text {
        content,
        encoding: declared,
        mark,
    };
    text.verified()
}

/// Whether an encoding is one of UTF-16.
pub(super) fn is_wide(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be)
}

/// The length of the byte order mark and what follows it. Fails where the first bytes are those of another encoding.
fn begin(bytes: &[u8], declared: Encoding) -> Result<(u64, &[u8]), ReadError> {
    if UTF32_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(ReadError::Unsupported {
            what: "text in UTF-32".to_owned(),
            instead: "save it as UTF-8, or ask the publisher for that",
        });
    }
    strip_mark(bytes, declared)
}

/// Splits off a byte order mark; one of another encoding than the declared one is an error.
fn strip_mark(bytes: &[u8], declared: Encoding) -> Result<(u64, &[u8]), ReadError> {
    let found = [
        (UTF8_MARK, Encoding::Utf8),
        (UTF16LE_MARK, Encoding::Utf16Le),
        (UTF16BE_MARK, Encoding::Utf16Be),
    ]
    .into_iter()
    .find(|(mark, _)| bytes.starts_with(mark));
    match found {
        Some((mark, encoding)) if encoding == declared => {
            Ok((mark.len() as u64, &bytes[mark.len()..]))
        }
        Some((_, encoding)) => Err(ReadError::Encoding {
            encoding: declared,
            byte: bytes[0],
            place: Place::text(1, 0),
            hint: match encoding {
                Encoding::Utf8 => {
                    "the file begins with the mark of utf-8, declare encoding = \"utf-8\""
                }
                Encoding::Utf16Le => {
                    "the file begins with the mark of UTF-16, declare encoding = \"utf-16le\""
                }
                _ => "the file begins with the mark of UTF-16, declare encoding = \"utf-16be\"",
            },
        }),
        None => Ok((0, bytes)),
    }
}

fn utf8<'a>(bytes: &[u8], body: &'a [u8]) -> Result<&'a str, ReadError> {
    std::str::from_utf8(body).map_err(|e| {
        let at = bytes.len() - body.len() + e.valid_up_to();
        let head = &bytes[..bytes.len().min(64)];
        let hint = if memchr::memchr_iter(0, head).count() * 4 > head.len() {
            "the zero bytes look like UTF-16, declare encoding = \"utf-16le\" or \"utf-16be\""
        } else if e.error_len().is_none() {
            "the file ends inside a character; it is cut off, fetch it again"
        } else if mostly_utf8(body) {
            "the rest of the file is utf-8, so this place is damaged or was written in another encoding; repair it or fetch the file again"
        } else if body.iter().any(|b| *b == 0 || UNDEFINED_1252.contains(b)) {
            "the file is damaged, or declare the encoding it really has"
        } else {
            "declare the encoding it really has (encoding = \"windows-1252\"?)"
        };
        ReadError::Encoding {
            encoding: Encoding::Utf8,
            byte: bytes[at],
            place: place_in_bytes(bytes, at),
            hint,
        }
    })
}

fn windows_1252(body: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    // Text with letters beyond ASCII that happens to be valid utf-8 is utf-8: read as windows-1252 it would give "Ã¼".
    let (at, hint) = if !body.is_ascii() && std::str::from_utf8(body).is_ok() {
        (
            body.iter().position(|b| !b.is_ascii()),
            "the whole file is valid utf-8, declare that",
        )
    } else if mostly_utf8(body) {
        (
            std::str::from_utf8(body).err().map(|e| e.valid_up_to()),
            "the rest of the file is utf-8, so this place is damaged or was written in another encoding; repair it or fetch the file again",
        )
    } else {
        (
            body.iter().position(|b| UNDEFINED_1252.contains(b)),
            "declare the encoding it really has",
        )
    };
    match at {
        Some(at) => Err(ReadError::Encoding {
            encoding: Encoding::Windows1252,
            byte: body[at],
            place: place_in_bytes(body, at),
            hint,
        }),
        None => Ok(match std::str::from_utf8(body) {
            Ok(ascii) => Cow::Borrowed(ascii),
            Err(_) => Cow::Owned(single_bytes(body)),
        }),
    }
}

/// Text of windows-1252, which few lists have so many letters beyond ASCII in that it becomes longer by more than an eighth.
fn single_bytes(body: &[u8]) -> String {
    let mut text = String::with_capacity(body.len() + body.len() / 8);
    for piece in body.chunks(PIECE) {
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(piece).0);
    }
    text
}

/// Whether more letters beyond ASCII are valid utf-8 than not. Text of a single-byte encoding has such pairs of bytes by
/// accident only.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut wrong) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        // Every byte of a character beyond ASCII but its first continues it.
        let continued = chunk.valid().bytes().filter(|b| b & 0xC0 == 0x80);
        valid += continued.count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    valid > 2 * wrong
}

/// Refuses text whose letters were encoded twice, so that every "ü" is "Ã¼". A list in which some letters are right has
/// such text in some of its cells, as published.
fn refuse_encoded_twice(content: &str, published: impl Fn(usize) -> u64) -> Result<(), ReadError> {
    let Some((first, count)) = twice_throughout(content) else {
        return Ok(());
    };
    let mut place = place_in_bytes(content.as_bytes(), first);
    place.byte = Some(published(first));
    Err(ReadError::EncodedTwice { place, count })
}

/// Where the first letter stands that was encoded twice, and how many there are, in a text that has no right ones.
pub(crate) fn twice_throughout(content: &str) -> Option<(usize, usize)> {
    let mut found = encoded_twice(content);
    let first = found.next()?;
    let count = 1 + found.count();
    (count >= 2 && !has_right_letters(content)).then_some((first, count))
}

/// Whether a text has a letter beyond ASCII that is as it was written.
pub(crate) fn has_right_letters(content: &str) -> bool {
    content.contains(['ä', 'ö', 'ü', 'ß', 'å', 'Ä', 'Ö', 'Ü', 'Å', 'é'])
}

/// Where letters stand that were encoded twice: "Ã¼" for "ü".
pub(crate) fn encoded_twice(content: &str) -> impl Iterator<Item = usize> {
    let twice = move |at: &usize| {
        let next = content[*at..].chars().nth(1);
        next.is_some_and(|c| matches!(c, '\u{80}'..='\u{bf}' | 'Ÿ' | '„' | '–' | 'œ' | '…'))
    };
    memmem::find_iter(content.as_bytes(), "Ã".as_bytes()).filter(twice)
}

/// The text before the first unit of UTF-16 that lacks its pair, or before half a unit at the end.
pub(crate) fn sound_utf16(body: &[u8], big_end_first: bool) -> String {
    let unit = |pair: &[u8]| match *pair {
        [a, b] if big_end_first => u16::from_be_bytes([a, b]),
        [a, b] => u16::from_le_bytes([a, b]),
        _ => 0xD800, // half a unit is as wrong as half a pair
    };
    char::decode_utf16(body.chunks(2).map(unit))
        .map_while(Result::ok)
        .collect()
}

/// `published` turns an offset in what is searched into one in the published bytes.
fn refuse_destroyed(searched: &[u8], published: impl Fn(usize) -> u64) -> Result<(), ReadError> {
    let mut found = memmem::find_iter(searched, REPLACEMENT);
    let Some(first) = found.next() else {
        return Ok(());
    };
    let count = 1 + found.count();
    let mut place = place_in_bytes(searched, first);
    place.byte = Some(published(first));
    Err(ReadError::Destroyed { place, count })
}

/// Line and offset of a byte.
pub(super) fn place_in_bytes(bytes: &[u8], at: usize) -> Place {
    let before = &bytes[..at.min(bytes.len())];
    let feeds = memchr::memchr_iter(b'\n', before).count();
    let line = if feeds > 0 {
        feeds
    } else {
        memchr::memchr_iter(b'\r', before).count()
    };
    Place::text(line as u32 + 1, at as u64)
}

/// Why bytes of which [`detect`] makes nothing cannot be read: the first place that is no utf-8, where the rest looks
/// like text, else that they are none.
pub(super) fn unknown(bytes: &[u8]) -> ReadError {
    let controls = |b: &&u8| matches!(b, 0..=8 | 0x0E..=0x1F | 0x7F);
    let odd = bytes.iter().filter(controls).count();
    match decode(bytes, Encoding::Utf8) {
        Err(error @ ReadError::Unsupported { .. }) => error,
        // Damage of a few places leaves the rest as it was.
        Err(error) if odd.saturating_mul(20) <= bytes.len() => error,
        _ => ReadError::Unsupported {
            what: "text in an unknown encoding, or a binary file,".to_owned(),
            instead: "declare encoding in [format] if it is text",
        },
    }
}

/// Finds out the encoding of text nobody declared. `None` if it is none of the four.
pub(super) fn detect(bytes: &[u8]) -> Option<Encoding> {
    if bytes.starts_with(UTF8_MARK) {
        return Some(Encoding::Utf8);
    }
    if let Some(encoding) = detect_wide(bytes) {
        return Some(encoding);
    }
    // What is utf-8 but for a few places is read as that and refused there, not read as something else throughout.
    if std::str::from_utf8(bytes).is_ok() || mostly_utf8(bytes) {
        return Some(Encoding::Utf8);
    }
    let undefined = bytes.iter().any(|b| *b == 0 || UNDEFINED_1252.contains(b));
    (!undefined).then_some(Encoding::Windows1252)
}

/// Finds out whether text nobody declared is UTF-16; the first [`HEAD`] bytes say so.
pub(super) fn detect_wide(bytes: &[u8]) -> Option<Encoding> {
    if bytes.starts_with(UTF8_MARK) {
        return None;
    }
    if bytes.starts_with(UTF16LE_MARK) {
        return Some(Encoding::Utf16Le);
    }
    if bytes.starts_with(UTF16BE_MARK) {
        return Some(Encoding::Utf16Be);
    }
    // Without a mark: in European text nearly every second byte is zero, and always on the same side.
    let sample = &bytes[..bytes.len().min(HEAD) & !1];
    let zeros = |side| {
        sample
            .iter()
            .skip(side)
            .step_by(2)
            .filter(|&&b| b == 0)
            .count()
    };
    let (high_first, low_first) = (zeros(0), zeros(1));
    let many = sample.len() / 4;
    if sample.len() >= 4 && low_first > many && high_first * 8 < low_first {
        return Some(Encoding::Utf16Le);
    }
    if sample.len() >= 4 && high_first > many && low_first * 8 < high_first {
        return Some(Encoding::Utf16Be);
    }
    None
}

#[cfg(test)]
mod tests;
