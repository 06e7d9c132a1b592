//! Decoding in pieces: wherever they end, texts and places are those of the whole.

use encoding_rs::WINDOWS_1252;

use super::super::error::ReadError;
use super::super::format::Encoding;
use super::super::place::Place;
use super::{HEAD, PIECE, Wide, decode, single_bytes, units};

const SIZES: [usize; 6] = [1, 2, 3, HEAD, PIECE - 1, PIECE + 1];

/// Published bytes in UTF-16, little end first, with a mark.
fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

/// The text of a file that arrives in pieces of this size.
fn in_pieces(bytes: &[u8], size: usize, encoding: Encoding) -> Result<String, ReadError> {
    let (head, rest) = bytes.split_at(bytes.len().min(HEAD));
    let mut wide = Wide::new(head, bytes.len() as u64, encoding);
    for piece in rest.chunks(size) {
        wide.push(piece);
    }
    wide.end();
    wide.text().map(|text| text.content.into_owned())
}

#[test]
fn pieces_may_end_within_a_character() {
    // Five units, so that pieces end at every place of it in turn.
    let body = "aä€😀".repeat(PIECE / 4);
    for shift in 0..5 {
        let text = "x".repeat(shift) + &body;
        let little = utf16(&text);
        let big: Vec<u8> = little.chunks(2).flat_map(|b| [b[1], b[0]]).collect();
        for size in SIZES {
            assert!(
                in_pieces(&little, size, Encoding::Utf16Le).as_ref() == Ok(&text),
                "pieces of {size} bytes, shifted by {shift}"
            );
            assert!(
                in_pieces(&big, size, Encoding::Utf16Be).as_ref() == Ok(&text),
                "big end first, pieces of {size} bytes, shifted by {shift}"
            );
        }
    }
}

#[test]
fn what_is_no_character_is_told_where_it_stands_whatever_the_pieces() {
    let sound = "aä€\n".repeat(PIECE / 2);
    let before = utf16(&sound);
    let place = Place::text(PIECE as u32 / 2 + 1, before.len() as u64);
    for (wrong, first) in [
        // The first half of a pair before something else, at the end, and before half a unit; the second half; half a unit.
        (&[0x05, 0xD8, b'a', 0, b'b', 0][..], 0x05),
        (&[0x05, 0xD8][..], 0x05),
        (&[0x05, 0xD8, b'a'][..], 0x05),
        (&[0x06, 0xDC, b'a', 0][..], 0x06),
        (&b"a"[..], b'a'),
    ] {
        let bytes = [&before[..], wrong].concat();
        for size in SIZES {
            let error = in_pieces(&bytes, size, Encoding::Utf16Le).unwrap_err();
            let ReadError::Encoding {
                byte, place: told, ..
            } = &error
            else {
                panic!("{error}")
            };
            assert_eq!((*byte, told), (first, &place), "pieces of {size} bytes");
            let at_once = decode(&bytes, Encoding::Utf16Le).map(|text| text.content.len());
            assert_eq!(at_once, Err(error));
        }
    }
}

#[test]
fn the_bytes_of_blanks_are_known_though_they_are_gone() {
    let blank = |bytes: &[u8]| Wide::of(bytes, Encoding::Utf16Le).is_blank();
    // As bytes, the zero of a blank in UTF-16 is none; two blanks are a dagger.
    assert!(blank(b"\xFF\xFE"));
    assert!(blank(&b"  ".repeat(PIECE)));
    assert!(!blank(&utf16(" ")));
    assert!(!blank(&[&b"  ".repeat(PIECE)[..], b"a\0"].concat()));
}

#[test]
fn units_are_those_of_utf16() {
    for text in [
        "",
        "a",
        "ä",
        "€",
        "😀",
        "\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}",
        "aä€😀b",
    ] {
        assert_eq!(units(text), text.encode_utf16().count() as u64, "{text:?}");
    }
}

#[test]
fn single_bytes_in_pieces_are_those_of_the_whole() {
    let bytes: Vec<u8> = (0..=255).cycle().take(3 * PIECE + 1).collect();
    let whole = WINDOWS_1252.decode_without_bom_handling(&bytes).0;
    assert!(single_bytes(&bytes) == whole);
}
