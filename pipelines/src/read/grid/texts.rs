//! Texts of many cells in few pieces of memory. Pieces stay where they are: one text that grows would be copied again
//! and again, and would be there twice each time.

use super::super::error::ReadError;
use super::super::limits::Limits;
use super::super::place::Place;

/// How many bits of an address say where in its piece a text begins.
const PIECE_BITS: u32 = 20;
const PIECE: usize = 1 << PIECE_BITS;
const MAX_PIECES: usize = 1 << (u32::BITS - PIECE_BITS);

/// Texts by their addresses.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pieces: Vec<String>,
}

impl Texts {
    /// Keeps a text and gives its address; `None` when there is no address left.
    pub(super) fn push(&mut self, text: &str) -> Option<u32> {
        // A text as long as a piece has one of its own.
        let fits = |piece: &String| piece.len() + text.len() < PIECE;
        if !self.pieces.last().is_some_and(fits) {
            if self.pieces.len() == MAX_PIECES {
                return None;
            }
            self.pieces
                .push(String::with_capacity(text.len().max(PIECE)));
        }
        let number = self.pieces.len() - 1;
        let piece = self.pieces.last_mut()?;
        let start = piece.len();
        piece.push_str(text);
        u32::try_from(number * PIECE + start).ok()
    }

    /// The text at an address.
    pub(super) fn get(&self, address: u32, len: u32) -> Option<&str> {
        let (piece, start) = (address as usize / PIECE, address as usize % PIECE);
        self.pieces.get(piece)?.get(start..start + len as usize)
    }

    /// All texts, put together as they lie.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(String::as_str)
    }
}

/// Texts that many cells share, by number.
#[derive(Debug, Default)]
pub(in super::super) struct Strings {
    pub(super) texts: Texts,
    /// Address and length.
    places: Vec<(u32, u32)>,
    total: u64,
}

impl Strings {
    /// Adds a text. Fails when there are more texts than a file may have cells, or more text than these may show.
    pub(in super::super) fn push(&mut self, text: &str, limits: &Limits) -> Result<(), ReadError> {
        if self.places.len() as u64 >= limits.max_cells {
            return Err(ReadError::TooMany {
                what: "shared texts",
                limit: self.places.len(),
            });
        }
        let too_much = || ReadError::TooMuchText {
            place: Place::default(),
            limit: limits.max_text_bytes,
        };
        self.total += text.len() as u64;
        if self.total > limits.max_text_bytes {
            return Err(too_much());
        }
        let address = self.texts.push(text).ok_or_else(too_much)?;
        self.places.push((address, text.len() as u32));
        Ok(())
    }

    /// Text number `index`.
    pub(in super::super) fn get(&self, index: usize) -> Option<&str> {
        let (address, len) = *self.places.get(index)?;
        self.texts.get(address, len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_from_whichever_piece_they_are_in() {
        let long = "y".repeat(PIECE + 5);
        let half = "x".repeat(PIECE / 2);
        let kept = ["a", &half, "", &half, &long, "ä", ""];
        let mut texts = Texts::default();
        let addresses: Vec<u32> = kept.iter().map(|text| texts.push(text).unwrap()).collect();
        for (text, address) in kept.iter().zip(addresses) {
            assert_eq!(texts.get(address, text.len() as u32), Some(*text));
        }
        assert_eq!(texts.get(u32::MAX, 1), None);
    }

    #[test]
    fn shared_texts_are_counted() {
        let limits = Limits {
            max_text_bytes: 4,
            max_cells: 3,
            ..Limits::default()
        };
        let mut strings = Strings::default();
        strings.push("ab", &limits).unwrap();
        assert!(matches!(
            strings.push("cde", &limits),
            Err(ReadError::TooMuchText { .. })
        ));
        let mut strings = Strings::default();
        for _ in 0..3 {
            strings.push("", &limits).unwrap();
        }
        assert!(matches!(
            strings.push("", &limits),
            Err(ReadError::TooMany { limit: 3, .. })
        ));
        assert_eq!((strings.get(2), strings.get(3)), (Some(""), None));
    }
}
