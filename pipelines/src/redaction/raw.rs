//! Texts inside of published bytes, whatever their format: good enough to find a name, not to read a table.
//!
//! Bytes are taken for UTF-8, and where they are none for Windows-1252 and UTF-16 as well; workbooks in zip archives are
//! unpacked part by part, up to a bound. References of HTML and XML and escapes of JSON are resolved. A name that a format
//! cuts to pieces is not found here; rows that came out of it are.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use encoding_rs::{UTF_16LE, WINDOWS_1252};
use memchr::memmem;
use zip::ZipArchive;

use crate::value::strip_html;

/// How a zip archive begins.
const ZIP: &[u8] = b"PK\x03\x04";

/// What of a part is looked through: more than any sheet that can be read holds.
const MOST_BYTES: u64 = 512 << 20;

/// Parts that are looked through.
const MOST_PARTS: usize = 10_000;

/// Whether a text for which `finds` holds is in the bytes.
pub(super) fn any_text(bytes: &[u8], finds: &dyn Fn(&str) -> bool) -> bool {
    if !bytes.starts_with(ZIP) {
        return decoded(bytes, finds);
    }
    // An archive that is damaged was never read, and what is no archive is looked through as it is.
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return decoded(bytes, finds);
    };
    (0..archive.len().min(MOST_PARTS)).any(|index| {
        let Ok(part) = archive.by_index(index) else {
            return false;
        };
        let mut unpacked = Vec::new();
        // What comes before the damage counts.
        let _ = part.take(MOST_BYTES).read_to_end(&mut unpacked);
        decoded(&unpacked, finds)
    })
}

fn decoded(bytes: &[u8], finds: &dyn Fn(&str) -> bool) -> bool {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return resolved(text, finds);
    }
    let narrow = WINDOWS_1252.decode_without_bom_handling(bytes).0;
    let lossy = String::from_utf8_lossy(bytes);
    // Texts in binary workbooks begin at any byte.
    let wide = |from: usize| {
        UTF_16LE
            .decode_without_bom_handling(bytes.get(from..).unwrap_or(&[]))
            .0
    };
    resolved(&narrow, finds) || resolved(&lossy, finds) || finds(&wide(0)) || finds(&wide(1))
}

fn resolved(text: &str, finds: &dyn Fn(&str) -> bool) -> bool {
    let plain = strip_html(text);
    let escaped = unescape(text);
    let is_other = |other: &Cow<'_, str>| matches!(other, Cow::Owned(_));
    finds(text) || (is_other(&plain) && finds(&plain)) || (is_other(&escaped) && finds(&escaped))
}

/// Resolves escapes such as `\u00e4`; pairs of halves, which no name of ours needs, are left out.
fn unescape(text: &str) -> Cow<'_, str> {
    if memmem::find(text.as_bytes(), b"\\u").is_none() {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split("\\u");
    let mut resolved = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..4);
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if let Some(character) = code.and_then(char::from_u32) {
            resolved.push(character);
            resolved.push_str(&part[4..]);
        } else {
            resolved.push_str("\\u");
            resolved.push_str(part);
        }
    }
    Cow::Owned(resolved)
}
