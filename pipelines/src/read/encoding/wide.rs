//! UTF-16, decoded while it arrives: it is there as text and not as bytes too, which in a list are twice as many.
//!
//! Owns what the readers ask of the published bytes, since these are gone: how they begin, whether they are blanks, and where
//! they stop being characters. Does not own what is wrong with the text ([`Text`]). Invariant: a place in the published bytes
//! follows from one in the text, because every character has the width that it has.

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::super::error::ReadError;
use super::super::format::Encoding;
use super::super::sniff;
use super::{HEAD, PIECE, Text, begin, place_in_bytes, sound_utf16, units};

/// A file in UTF-16 as its text.
#[derive(Debug)]
pub(in super::super) struct Wide {
    encoding: Encoding,
    /// The first bytes, as published.
    head: Vec<u8>,
    /// Whether all bytes are those of blanks.
    is_blank: bool,
    /// The length of the byte order mark, or why there is no text.
    mark: Result<u64, ReadError>,
    text: String,
    /// The first byte behind the text, where that is no character.
    wrong: Option<u8>,
    /// Bytes that are not decoded yet.
    pending: Vec<u8>,
}

impl Wide {
    /// Begins a file of `size` bytes with the first of them: [`HEAD`], or all that there are.
    pub(in super::super) fn new(head: &[u8], size: u64, declared: Encoding) -> Self {
        let (mark, body) = match begin(head, declared) {
            Ok((mark, body)) => (Ok(mark), body),
            Err(error) => (Err(error), &[][..]),
        };
        // No text is longer than three bytes for each unit, and what is not written takes no memory: so it is never moved.
        let room = size.saturating_add(size / 2);
        let room = if mark.is_ok() { room } else { 0 };
        Self {
            encoding: declared,
            head: head.to_vec(),
            is_blank: sniff::is_blank(head),
            mark,
            text: String::with_capacity(usize::try_from(room).unwrap_or(0)),
            wrong: None,
            pending: body.to_vec(),
        }
    }

    /// A file whose bytes are at hand.
    pub(in super::super) fn of(bytes: &[u8], declared: Encoding) -> Self {
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD));
        let mut wide = Self::new(head, bytes.len() as u64, declared);
        for piece in rest.chunks(PIECE) {
            wide.push(piece);
        }
        wide.end();
        wide
    }

    /// Takes the bytes that come next.
    pub(in super::super) fn push(&mut self, piece: &[u8]) {
        self.is_blank = self.is_blank && piece.iter().all(u8::is_ascii_whitespace);
        if self.mark.is_err() || self.wrong.is_some() {
            return;
        }
        self.pending.extend_from_slice(piece);
        if self.pending.len() >= PIECE {
            self.decode(self.whole_characters());
        }
    }

    /// Says that all bytes have come.
    pub(in super::super) fn end(&mut self) {
        if self.mark.is_ok() && self.wrong.is_none() {
            self.decode(self.pending.len());
        }
        self.pending = Vec::new();
    }

    /// Pending bytes without the character at their end of which more may come.
    fn whole_characters(&self) -> usize {
        let whole = self.pending.len() & !1;
        match self.pending[..whole] {
            [.., a, b] if matches!(self.high_byte(a, b), 0xD8..=0xDB) => whole - 2,
            _ => whole,
        }
    }

    /// The byte of a unit that says whether it is the first of a pair.
    fn high_byte(&self, first: u8, second: u8) -> u8 {
        if self.is_big_end_first() {
            first
        } else {
            second
        }
    }

    fn is_big_end_first(&self) -> bool {
        self.encoding == Encoding::Utf16Be
    }

    /// Decodes so many of the pending bytes, or those before the first that is no character.
    fn decode(&mut self, bytes: usize) {
        let codec = if self.is_big_end_first() {
            UTF_16BE
        } else {
            UTF_16LE
        };
        let piece = &self.pending[..bytes];
        if let Some(text) = codec.decode_without_bom_handling_and_without_replacement(piece) {
            self.text.push_str(&text);
        } else {
            let sound = sound_utf16(piece, self.is_big_end_first());
            let wrong = usize::try_from(2 * units(&sound)).unwrap_or(usize::MAX);
            self.text.push_str(&sound);
            self.wrong = Some(piece.get(wrong).copied().unwrap_or_default());
        }
        self.pending.drain(..bytes);
    }

    /// The first bytes, as published.
    pub(in super::super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether all bytes are those of blanks.
    pub(in super::super) fn is_blank(&self) -> bool {
        self.is_blank
    }

    /// The text, verified as [`super::decode`] does.
    pub(in super::super) fn text(&self) -> Result<Text<'_>, ReadError> {
        self.verified(Cow::Borrowed(&self.text))
    }

    /// The text alone, verified.
    pub(super) fn into_text(mut self) -> Result<Text<'static>, ReadError> {
        let text = std::mem::take(&mut self.text);
        self.verified(Cow::Owned(text))
    }

    fn verified<'t>(&self, content: Cow<'t, str>) -> Result<Text<'t>, ReadError> {
        let text = Text {
            content,
            encoding: self.encoding,
            mark: self.mark.clone()?,
        };
        let Some(byte) = self.wrong else {
            return text.verified();
        };
        let mut place = place_in_bytes(text.content.as_bytes(), text.content.len());
        place.byte = Some(text.mark + text.published_len(&text.content));
        Err(ReadError::Encoding {
            encoding: self.encoding,
            byte,
            place,
            hint: "the file is cut off or damaged, or declare the encoding it really has",
        })
    }
}
