//! Finds out what a file is when nobody declared it: first from its content, then from its name.

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::encoding::{self, HEAD, Text};
use super::error::ReadError;
use super::format::{Encoding, Format, Kind};
use super::workbook;

/// Bytes of text that are looked at to find the delimiter.
const SAMPLE: usize = 256 << 10;

/// The characters that may part the cells of an unknown file.
pub(crate) const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// The format of an unknown file.
///
/// # Errors
/// An empty file, an encrypted workbook, a damaged archive, a binary file of no known kind, or text in no known
/// encoding.
pub fn sniff(bytes: &[u8], file_name: &str) -> Result<Format, ReadError> {
    found(bytes, file_name).map(|(format, _)| format)
}

/// The format of an unknown file, and its text, where it is one.
pub(super) fn found<'b>(
    bytes: &'b [u8],
    file_name: &str,
) -> Result<(Format, Option<Text<'b>>), ReadError> {
    if is_blank(bytes) {
        return Err(ReadError::Empty);
    }
    if is_archive(bytes) {
        return workbook::sniff_zip(bytes).map(|kind| (Format::new(kind), None));
    }
    if bytes.starts_with(workbook::OLE2) {
        return workbook::sniff_ole2(bytes).map(|kind| (Format::new(kind), None));
    }
    if let Some(what) = binary(bytes) {
        return Err(ReadError::Unsupported {
            what: what.to_owned(),
            instead: "look for the list as csv, xlsx, xls, ods or json",
        });
    }
    let Some(encoding) = encoding::detect(bytes) else {
        return Err(encoding::unknown(bytes));
    };
    let text = encoding::decode(bytes, encoding)?;
    Ok((of_text(&text, file_name), Some(text)))
}

/// The encoding of an unknown file whose first bytes are those of text in UTF-16.
pub(super) fn wide(head: &[u8]) -> Option<Encoding> {
    let is_other = is_archive(head) || head.starts_with(workbook::OLE2) || binary(head).is_some();
    if is_other {
        return None;
    }
    encoding::detect_wide(head)
}

/// The format of a file of which only the text and the name are known.
pub(super) fn of_text(text: &Text<'_>, file_name: &str) -> Format {
    let encoding = text.encoding;
    let extension = file_name
        .rsplit_once('.')
        .map(|(_, e)| e.to_ascii_lowercase())
        .unwrap_or_default();
    let text = text.content.trim_start();
    let in_encoding = |kind| Format {
        encoding: Some(encoding),
        ..Format::new(kind)
    };
    if let Some(kind) = json_kind(text) {
        return in_encoding(kind);
    }
    if markup(text).is_some() {
        return in_encoding(Kind::Html);
    }
    // JSON that is no list is told by its reader for what it is.
    let named = match extension.as_str() {
        "json" => Some(Kind::Json),
        "ndjson" | "jsonl" => Some(Kind::Ndjson),
        _ => None,
    };
    if let Some(kind) = named.filter(|_| text.starts_with(['[', '{'])) {
        return in_encoding(kind);
    }
    if let Some(delimiter) = delimiter(text, 2) {
        return Format::csv(encoding, delimiter);
    }
    let usual = match extension.as_str() {
        "csv" => b',',
        "tsv" | "tab" => b'\t',
        _ => return in_encoding(named.unwrap_or(Kind::Text)),
    };
    // A header stands alone, or what is below it does not end within the sample.
    let delimiter = delimiter(text, 1).unwrap_or(usual);
    Format::csv(encoding, delimiter)
}

/// Refuses a file whose first bytes show that it is something else than what was declared.
pub(crate) fn expect_kind(bytes: &[u8], expected: Kind) -> Result<(), ReadError> {
    expect_kind_of(&bytes[..bytes.len().min(HEAD)], is_blank(bytes), expected)
}

/// The same of a file that begins so, and is blank or not.
pub(super) fn expect_kind_of(head: &[u8], is_blank: bool, expected: Kind) -> Result<(), ReadError> {
    if is_blank {
        return Err(ReadError::Empty);
    }
    let is_zip = matches!(expected, Kind::Xlsx | Kind::Ods);
    let found = if head.starts_with(b"PK\x03\x04") && !is_zip {
        Some("a zip archive (xlsx and ods are such)")
    } else if head.starts_with(workbook::OLE2) && expected != Kind::Xls && !is_zip {
        Some("a binary Office file (xls is such)")
    } else if let Some(what) = binary(head) {
        Some(what)
    } else {
        let start = first_text(head);
        match markup(&start) {
            Some(what) => Some(what),
            None if expected == Kind::Csv && json_kind(&start).is_some() => Some("JSON"),
            None => None,
        }
    };
    match found {
        Some(found) => Err(ReadError::WrongKind { expected, found }),
        None => Ok(()),
    }
}

/// Whether a file is an archive. A label may begin with these letters; in an archive, a control character follows them.
fn is_archive(bytes: &[u8]) -> bool {
    let in_archive = |next: &u8| next.is_ascii_control() && !next.is_ascii_whitespace();
    bytes.starts_with(b"PK") && bytes.get(2).is_none_or(in_archive)
}

/// Whether a file has no bytes but those of blanks, behind its mark.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let body = body
        .strip_prefix(b"\xFF\xFE")
        .or_else(|| body.strip_prefix(b"\xFE\xFF"))
        .unwrap_or(body);
    body.iter().all(u8::is_ascii_whitespace)
}

fn binary(bytes: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 6] = [
        (b"%PDF", "a PDF"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"\x89PNG", "an image"),
        (b"\xFF\xD8\xFF", "an image"),
        (b"PAR1", "a Parquet file"),
        (b"Rar!", "a rar archive"),
    ];
    KNOWN
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, what)| *what)
}

/// The beginning of the file as text, for a look only: the last character may be cut, and what does not decode is U+FFFD.
fn first_text(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(2048)];
    let encoding = match encoding::detect(head) {
        Some(Encoding::Utf8) => UTF_8,
        Some(Encoding::Utf16Le) => UTF_16LE,
        Some(Encoding::Utf16Be) => UTF_16BE,
        Some(Encoding::Windows1252) | None => WINDOWS_1252,
    };
    let (text, _, _) = encoding.decode(head);
    // Programs that join files leave marks behind each other.
    let blank = |c: char| c.is_whitespace() || c == '\u{FEFF}';
    text.trim_start_matches(blank).to_owned()
}

fn markup(text: &str) -> Option<&'static str> {
    let head: String = text
        .chars()
        .take(1024)
        .collect::<String>()
        .to_ascii_lowercase();
    let head = head.trim_start();
    if !head.starts_with('<') {
        return None;
    }
    let html = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<table",
        "<div",
        "<title",
        "<meta",
        "<script",
        "<h1",
        "<p>",
    ];
    if html.iter().any(|tag| head.contains(tag)) {
        return Some("an HTML page");
    }
    if head.starts_with("<?xml") || head.starts_with("<!") {
        return Some("an XML document");
    }
    None
}

fn json_kind(text: &str) -> Option<Kind> {
    let after = |open: char| {
        text.strip_prefix(open)
            .map(|rest| rest.trim_start().chars().next())
    };
    if let Some(next) = after('[') {
        return matches!(next, Some('{' | ']')).then_some(Kind::Json);
    }
    if !matches!(after('{')?, Some('"' | '}')) {
        return None;
    }
    // One object a line: the first line is an object of its own and another one follows.
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let closed = lines.next().is_some_and(|line| line.ends_with('}'));
    Some(
        if closed && lines.next().is_some_and(|line| line.starts_with('{')) {
            Kind::Ndjson
        } else {
            Kind::Json
        },
    )
}

/// The delimiter that cuts most records into the same number of cells, if there are at least so many records.
fn delimiter(text: &str, least: usize) -> Option<u8> {
    let mut end = text.len().min(SAMPLE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let whole = end == text.len();
    let mut best: Option<(f64, usize, u8)> = None;
    for candidate in DELIMITERS {
        let widths = super::delimited::widths(&text[..end], candidate, whole);
        let records = widths.iter().filter(|w| **w > 0).count();
        let Some((width, share)) = common_width(&widths) else {
            continue;
        };
        if width < 2 || share < 0.5 || records < least {
            continue;
        }
        // Where two are equally regular, the one with more columns is right; with as many columns the comma is not,
        // because it is also the decimal mark and stands in running text.
        let better =
            best.is_none_or(|(s, w, _)| (share > s + 0.2) || (share > s - 0.2 && width > w));
        if better {
            best = Some((share, width, candidate));
        }
    }
    best.map(|(_, _, candidate)| candidate)
}

/// The most frequent width and the share of records that have it.
fn common_width(widths: &[usize]) -> Option<(usize, f64)> {
    let mut counts = std::collections::BTreeMap::new();
    for width in widths {
        *counts.entry(*width).or_insert(0_usize) += 1;
    }
    let (width, n) = counts.into_iter().max_by_key(|(width, n)| (*n, *width))?;
    Some((width, n as f64 / widths.len() as f64))
}

#[cfg(test)]
mod tests;
