//! Texts inside of published bytes, whatever their format: good enough to find a name, not to read a table.
//!
//! Bytes are taken for UTF-8, and where they are none or have zero bytes for Windows-1252 and UTF-16 as well; workbooks in zip
//! archives are unpacked part by part, up to a bound, and the runs of a cell put together; of binary workbooks every string is
//! looked at. References of HTML and XML (also inside of tags, and one inside of another), escapes of JSON and those of
//! addresses (`%C3%BC`) are resolved. A name that a format cuts to pieces otherwise is not found here; rows that came out of it
//! are.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use zip::ZipArchive;

use crate::value::{decode_references, strip_html};

/// How a zip archive begins.
const ZIP: &[u8] = b"PK\x03\x04";

/// How a binary workbook begins.
const OLE2: &[u8] = b"\xd0\xcf\x11\xe0";

/// What of a part is looked through: more than any sheet that can be read holds.
const MOST_BYTES: u64 = 512 << 20;

/// Parts that are looked through.
const MOST_PARTS: usize = 10_000;

/// How often a byte of a binary workbook is taken for a letter.
const MOST_OVERLAID: usize = 16;

/// Whether a text for which `finds` holds is in the bytes.
pub(super) fn any_text(bytes: &[u8], finds: &dyn Fn(&str) -> bool) -> bool {
    if bytes.starts_with(OLE2) && finds(&binary_strings(bytes)) {
        return true;
    }
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
        finds(&joined(&String::from_utf8_lossy(&unpacked))) || decoded(&unpacked, finds)
    })
}

fn decoded(bytes: &[u8], finds: &dyn Fn(&str) -> bool) -> bool {
    let text = std::str::from_utf8(bytes);
    if let Ok(text) = text
        && resolved(text, finds)
    {
        return true;
    }
    // UTF-16 of nothing but ASCII is UTF-8 as well.
    if text.is_ok() && memchr::memchr(0, bytes).is_none() {
        return false;
    }
    let narrow = || WINDOWS_1252.decode_without_bom_handling(bytes).0;
    // Texts in binary files begin at any byte.
    let wide = |from: usize| {
        let bytes = bytes.get(from..).unwrap_or(&[]);
        [UTF_16LE, UTF_16BE].map(|form| form.decode_without_bom_handling(bytes).0)
    };
    resolved(&narrow(), finds)
        || resolved(&String::from_utf8_lossy(bytes), finds)
        || (0..2).any(|from| wide(from).iter().any(|text| resolved(text, finds)))
}

/// What is like a string of a binary workbook, one a line: its length, a byte of signs, then its letters of one or two bytes.
/// What stands before and behind it would otherwise be taken for letters of its first and last word.
fn binary_strings(bytes: &[u8]) -> String {
    const WIDE: u8 = 1;
    const EXTENDED: u8 = 4;
    const RICH: u8 = 8;
    let mut strings = String::new();
    // Strings of a true workbook lie side by side; one made to do harm has one inside of the other.
    let mut left = bytes.len().saturating_mul(MOST_OVERLAID);
    for (at, head) in bytes.windows(3).enumerate() {
        let length = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let signs = head[2];
        if length < super::term::LEAST_LETTERS || signs & !(WIDE | EXTENDED | RICH) != 0 {
            continue;
        }
        let has = |sign: u8| usize::from(signs & sign != 0);
        let from = at + head.len() + 2 * has(RICH) + 4 * has(EXTENDED);
        let letters = bytes.get(from..from + length * (1 + has(WIDE)));
        let begun = strings.len();
        let is_text = letters.is_some_and(|letters| {
            if has(WIDE) == 0 {
                letters
                    .iter()
                    .all(|byte| push_text(&mut strings, char::from(*byte)))
            } else {
                let pairs = letters.chunks_exact(2);
                let units = pairs.map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
                char::decode_utf16(units).all(|c| c.is_ok_and(|c| push_text(&mut strings, c)))
            }
        });
        let looked_at = strings.len() - begun;
        if is_text {
            strings.push('\n');
        } else {
            strings.truncate(begun);
        }
        left = left.saturating_sub(looked_at);
        if left == 0 {
            break;
        }
    }
    strings
}

/// Adds a character, unless no text holds it.
fn push_text(text: &mut String, c: char) -> bool {
    let is_text = !c.is_control() || c.is_whitespace();
    if is_text {
        text.push(c);
    }
    is_text
}

/// The text of a part of a workbook, a cell a line: what is between tags is one text up to the end of its cell or paragraph.
fn joined(part: &str) -> String {
    const APART: [&str; 9] = [
        "/si",
        "/is",
        "/c",
        "/v",
        "/row",
        "/text:p",
        "text:s",
        "text:tab",
        "text:line-break",
    ];
    let mut text = String::with_capacity(part.len() / 2);
    for piece in part.split('<') {
        // In front of the first tag nothing stands.
        let Some((tag, content)) = piece.split_once('>') else {
            continue;
        };
        let name = tag.split([' ', '/']).find(|name| !name.is_empty());
        let closes = tag.starts_with('/');
        let is_apart = |end: &&str| {
            let (of_end, name_of) = (end.starts_with('/'), end.trim_start_matches('/'));
            of_end == closes && name == Some(name_of)
        };
        if APART.iter().any(is_apart) {
            text.push('\n');
        }
        text.push_str(content);
    }
    without_controls(&strip_html(&text))
}

/// Parts words where a workbook writes a control character, as `_x000D_`.
fn without_controls(text: &str) -> String {
    let mut parts = text.split("_x00");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..2).filter(|_| part[2..].starts_with('_'));
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if code.is_some_and(|code| code < b' ') {
            plain.push('\n');
            plain.push_str(&part[3..]);
        } else {
            plain.push_str("_x00");
            plain.push_str(part);
        }
    }
    plain
}

fn resolved(text: &str, finds: &dyn Fn(&str) -> bool) -> bool {
    if finds(text) || without_tags(text, finds) {
        return true;
    }
    let mut plain = Cow::Borrowed(text);
    for decode in FORMS {
        let Cow::Owned(decoded) = decode(&plain) else {
            continue;
        };
        plain = Cow::Owned(decoded);
    }
    let is_other = matches!(plain, Cow::Owned(_));
    is_other && (finds(&plain) || without_tags(&plain, finds))
}

/// What is resolved in a text, one after the other. What a list took from a page may have references in references.
const FORMS: [fn(&str) -> Cow<'_, str>; 4] =
    [unescape, decode_references, decode_references, unpercent];

fn without_tags(text: &str, finds: &dyn Fn(&str) -> bool) -> bool {
    match strip_html(text) {
        Cow::Owned(plain) => finds(&plain),
        Cow::Borrowed(_) => false,
    }
}

/// Resolves bytes as addresses have them, `%C3%BC` or, of old ones, `%FC`.
fn unpercent(text: &str) -> Cow<'_, str> {
    let (mut resolved, mut is_other) = (String::new(), false);
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'%', rest.as_bytes()) {
        let (before, run) = rest.split_at(at);
        let mut bytes = Vec::new();
        while let Some(byte) = percent_byte(&run[3 * bytes.len()..]) {
            bytes.push(byte);
        }
        resolved.push_str(before);
        if bytes.is_empty() {
            resolved.push('%');
            rest = &run[1..];
            continue;
        }
        is_other = true;
        rest = &run[3 * bytes.len()..];
        match std::str::from_utf8(&bytes) {
            Ok(letters) => resolved.push_str(letters),
            Err(_) => resolved.push_str(&WINDOWS_1252.decode_without_bom_handling(&bytes).0),
        }
    }
    if !is_other {
        return Cow::Borrowed(text);
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

/// The byte that `%` and two digits at the beginning of a text stand for.
fn percent_byte(text: &str) -> Option<u8> {
    let digits = text.strip_prefix('%')?.get(..2)?;
    // Signs are no digits.
    let is_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u8::from_str_radix(digits, 16).ok().filter(|_| is_digits)
}

/// Resolves escapes of JSON, such as `\u00e4` and `\n`; pairs of halves, which no name of ours needs, are left out.
fn unescape(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        resolved.push_str(before);
        let digits = after.strip_prefix('u').and_then(|hex| hex.get(..4));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (c, length) = match (code.and_then(char::from_u32), after.chars().next()) {
            (Some(c), _) => (c, 5),
            (None, Some('n' | 't' | 'r' | 'b' | 'f')) => ('\n', 1),
            (None, Some(c @ ('"' | '/' | '\\'))) => (c, 1),
            _ => ('\\', 0),
        };
        resolved.push(c);
        rest = &after[length..];
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_resolved_however_a_format_writes_them() {
        let finds = |text: &str| text.contains("Krüger, Karla") || text.contains("Karla Krüger");
        for bytes in [
            &b"<td>Kr&uuml;ger, Karla</td>"[..],
            b"<td>Kr&#252;ger, Karla</td>",
            b"<td>Kr&#xFC;ger, Karla</td>",
            b"<a title=\"Kr&uuml;ger, Karla\">1</a>",
            b"<!-- Kr&uuml;ger, Karla -->",
            b"<script>x = \"Kr\\u00fcger, Karla\"</script>",
            b"{\"name\": \"Kr\\u00fcger, Karla\"}",
            b"{\"name\": \"Kr&amp;uuml;ger, Karla\"}",
            b"<a href=\"?name=Karla%20Kr%C3%BCger\">1</a>",
            b"<a href=\"?name=Karla%20Kr%FCger\">1</a>",
            b"1;Kr\xfcger, Karla;2",
        ] {
            let shown = String::from_utf8_lossy(bytes);
            assert!(any_text(bytes, &finds), "{shown}");
        }
        for bytes in [&b"50% Kr%ger, Karla"[..], b"Kr&uml;ger, Karla", b"%"] {
            let shown = String::from_utf8_lossy(bytes);
            assert!(!any_text(bytes, &finds), "{shown}");
        }
    }
}
