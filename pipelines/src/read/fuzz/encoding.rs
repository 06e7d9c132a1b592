//! One text in every encoding: the same table, or the same error, and each place where that encoding has it.

use std::mem::discriminant;

use proptest::prelude::*;

use super::super::{Encoding, Format, Kind, Limits, Place, ReadError};
use super::{Table, encoded, place_of, table};
use crate::fuzz::{Checked, Target};

#[test]
fn fuzz_encoding() {
    Target {
        name: "encoding",
        runs: 1_500,
        words: &[
            "\0", "ä", "Å", "é", "€", "–", "„", "“", "ß", "😀", "\u{A0}", "\u{85}", "\u{FFFD}",
            "Ã¼", "Ã¤Ã¶", "\r\n", "\r", "\"", ";", "[{\"", "\":", "}]", "\\u00e4", "\u{2028}",
        ],
        check,
    }
    .run();
}

fn check(input: &[u8]) -> Checked {
    let text = String::from_utf8_lossy(input);
    let text = text.trim_start_matches('\u{FEFF}');
    cut_off(text, Encoding::Utf16Le, b"\xFF\xFE")?;
    cut_off(text, Encoding::Utf16Be, b"\xFE\xFF")?;
    for kind in [Kind::Csv, Kind::Json] {
        let format = |encoding| Format {
            kind,
            ..Format::csv(encoding, b';')
        };
        let plain = table(text.as_bytes(), &format(Encoding::Utf8), &Limits::default());
        for (encoding, mark) in [
            (Encoding::Utf8, &b"\xEF\xBB\xBF"[..]),
            (Encoding::Windows1252, &b""[..]),
            (Encoding::Utf16Le, &b""[..]),
            (Encoding::Utf16Le, &b"\xFF\xFE"[..]),
            (Encoding::Utf16Be, &b""[..]),
            (Encoding::Utf16Be, &b"\xFE\xFF"[..]),
        ] {
            // Bytes that mean destroyed letters in this encoding alone.
            let destroyed = encoding == Encoding::Windows1252 && text.contains("ï¿½");
            let Some(body) = encoded(text, encoding).filter(|_| !destroyed) else {
                continue;
            };
            let other = table(
                &[mark, &body].concat(),
                &format(encoding),
                &Limits::default(),
            );
            if looked_at(&plain) && looked_at(&other) {
                same(text, encoding, mark.len(), &plain, &other)?;
            }
        }
    }
    Ok(())
}

/// UTF-16 without its last byte is told where its last character begins.
fn cut_off(text: &str, encoding: Encoding, mark: &[u8]) -> Checked {
    let Some((last, _)) = text.char_indices().last() else {
        return Ok(());
    };
    let sound = &text[..last];
    let (Some(whole), Some(before)) = (encoded(text, encoding), encoded(sound, encoding)) else {
        return Ok(());
    };
    let bytes = [mark, &whole[..whole.len() - 1]].concat();
    let read = table(&bytes, &Format::csv(encoding, b';'), &Limits::default());
    match &read {
        Err(ReadError::Encoding { place, .. }) => {
            let ends = |end: char| sound.matches(end).count();
            let lines = if ends('\n') > 0 {
                ends('\n')
            } else {
                ends('\r')
            };
            let expected = Place::text(lines as u32 + 1, (mark.len() + before.len()) as u64);
            prop_assert_eq!(place, &expected, "in {}", encoding);
        }
        // The half of a line end is a blank.
        Err(ReadError::Empty) => {}
        _ => prop_assert!(!looked_at(&read), "it was read, although it is cut off"),
    }
    Ok(())
}

/// Whether the text itself was read; how the first bytes look, and whether they may be another encoding, is asked
/// before.
fn looked_at(read: &Result<Table, ReadError>) -> bool {
    !matches!(
        read,
        Err(ReadError::WrongKind { .. }
            | ReadError::Unsupported { .. }
            | ReadError::Encoding { .. })
    )
}

fn same(
    text: &str,
    encoding: Encoding,
    mark: usize,
    plain: &Result<Table, ReadError>,
    other: &Result<Table, ReadError>,
) -> Checked {
    let published = |byte: u64| -> Option<u64> {
        let before = encoded(text.get(..byte as usize)?, encoding)?;
        Some((mark + before.len()) as u64)
    };
    match (plain, other) {
        (Ok(plain), Ok(other)) => {
            prop_assert_eq!(plain.rows.len(), other.rows.len());
            for (row, there) in plain.rows.iter().zip(&other.rows) {
                prop_assert_eq!((row.number, row.line), (there.number, there.line));
                prop_assert_eq!(&row.cells, &there.cells);
                prop_assert_eq!(published(row.byte), Some(there.byte), "in {}", encoding);
            }
            prop_assert_eq!(&plain.keys, &other.keys);
            prop_assert_eq!(&plain.summary, &other.summary);
            for ((rule, place), (_, there)) in plain.problems.iter().zip(&other.problems) {
                let byte = place.byte.and_then(published);
                let place = Place {
                    byte,
                    ..place.clone()
                };
                prop_assert_eq!(&place, there, "{} in {}", rule, encoding);
            }
        }
        (Err(plain), Err(other)) => {
            prop_assert!(
                discriminant(plain) == discriminant(other),
                "{plain}, and in {encoding} {other}"
            );
            let expected = place_of(plain).map(|place| Place {
                byte: place.byte.and_then(published),
                ..place.clone()
            });
            let told = place_of(other).cloned();
            prop_assert_eq!(expected, told, "{} in {}", other, encoding);
        }
        (Ok(_), Err(error)) => prop_assert!(false, "read as utf-8, but in {encoding}: {error}"),
        (Err(error), Ok(_)) => prop_assert!(false, "read in {encoding}, but as utf-8: {error}"),
    }
    Ok(())
}
