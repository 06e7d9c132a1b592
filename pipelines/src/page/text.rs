//! The characters of a page and where they stand: decoding (UTF-8, UTF-16 with a mark, a declared charset of single bytes, else
//! cp1252), offsets of the published bytes, and the one normal form in which every later step sees text.
//!
//! Invariant: an offset into [`Source::text`] can always be turned back into a byte offset and a 1-based line of the
//! published bytes. Replacement characters are never produced here; those already in the bytes are counted.

use unicode_normalization::UnicodeNormalization;

use super::error::PageError;
use crate::read::sound_utf16;

/// Pages larger than this are no pages; they are refused before anything is built from them.
const MAX_PAGE_BYTES: usize = 8 << 20;

/// Text that a page shows, in bytes. What it costs to look for names, labels and sentences grows with it; a page that
/// describes hundreds of projects has a fraction of it.
pub(super) const MAX_SHOWN_BYTES: usize = 2 << 20;

/// Offsets are noted at least so often, so that a page without line breaks is not counted from its beginning each time.
const MARK_EVERY: usize = 4 << 10;

/// Stands between two pieces of one line that the layout keeps apart (table cells, bold label and value, tab).
pub(super) const GAP: char = '\u{1f}';

/// Where a value was published.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// 1-based line of the published bytes.
    pub line: u32,
    /// Offset of the line's or value's first byte.
    pub byte: u64,
    /// The published label the value stands under, if it has one.
    pub label: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16,
    SingleByte,
}

/// The decoded page.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) text: String,
    encoding: Encoding,
    mark: usize,
    /// Offset in `text` and in the bytes of the start of every line.
    lines: Vec<(usize, u64)>,
    /// The same of places within long lines.
    marks: Vec<(usize, u64)>,
}

impl Source {
    /// Decodes a page.
    ///
    /// # Errors
    /// When the bytes are empty, too many, or no text at all.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, PageError> {
        if bytes.len() > MAX_PAGE_BYTES {
            return Err(PageError::TooLarge {
                bytes: bytes.len(),
                limit: MAX_PAGE_BYTES,
            });
        }
        let (text, encoding, mark) = if let Some((utf16, mark)) =
            encoding_rs::Encoding::for_bom(bytes)
                .filter(|(encoding, _)| *encoding != encoding_rs::UTF_8)
        {
            let (text, broken) = utf16.decode_without_bom_handling(&bytes[mark..]);
            if broken {
                let sound = sound_utf16(&bytes[mark..], utf16 == encoding_rs::UTF_16BE);
                return Err(PageError::Encoding {
                    encoding: utf16.name(),
                    byte: (mark + 2 * sound.encode_utf16().count()) as u64,
                });
            }
            (text.into_owned(), Encoding::Utf16, mark)
        } else {
            let mark = if bytes.starts_with(b"\xEF\xBB\xBF") {
                3
            } else {
                0
            };
            match std::str::from_utf8(&bytes[mark..]) {
                Ok(text) => (text.to_owned(), Encoding::Utf8, mark),
                // Declared UTF-8 that is not: the bytes are damaged, and reading them as cp1252 would hide it.
                Err(error) if mark > 0 || declares_utf8(bytes) => {
                    return Err(PageError::Encoding {
                        encoding: "UTF-8",
                        byte: (mark + error.valid_up_to()) as u64,
                    });
                }
                Err(_) => {
                    let encoding = declared(bytes).unwrap_or(encoding_rs::WINDOWS_1252);
                    (single_bytes(bytes, encoding)?, Encoding::SingleByte, 0)
                }
            }
        };
        if text.trim().is_empty() {
            return Err(PageError::Empty);
        }
        let mut source = Source {
            text,
            encoding,
            mark,
            lines: vec![(0, mark as u64)],
            marks: Vec::new(),
        };
        source.find_lines();
        match source.text.find('\0') {
            Some(at) => Err(PageError::Binary {
                byte: source.place(at).byte,
            }),
            None => Ok(source),
        }
    }

    fn find_lines(&mut self) {
        let mut byte = self.mark as u64;
        let mut lines = std::mem::take(&mut self.lines);
        let mut marks = Vec::new();
        let mut noted = 0;
        let mut chars = self.text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if at - noted >= MARK_EVERY {
                marks.push((at, byte));
                noted = at;
            }
            byte += self.width(c);
            let ends =
                c == '\n' || (c == '\r' && chars.peek().is_none_or(|(_, next)| *next != '\n'));
            if ends {
                lines.push((at + c.len_utf8(), byte));
            }
        }
        (self.lines, self.marks) = (lines, marks);
    }

    fn width(&self, c: char) -> u64 {
        match self.encoding {
            Encoding::Utf8 => c.len_utf8() as u64,
            Encoding::Utf16 => 2 * c.len_utf16() as u64,
            Encoding::SingleByte => 1,
        }
    }

    /// Line and byte of an offset in the decoded text.
    pub(super) fn place(&self, offset: usize) -> Place {
        let index = self
            .lines
            .partition_point(|(start, _)| *start <= offset)
            .saturating_sub(1);
        let line = self.lines.get(index).copied().unwrap_or((0, 0));
        let mark = self.marks.partition_point(|(start, _)| *start <= offset);
        let mark = mark.checked_sub(1).map_or((0, 0), |at| self.marks[at]);
        // Both count up, so that the later place is the nearer one.
        let (start, byte) = line.max(mark);
        let rest = self.text.get(start..offset).unwrap_or("");
        Place {
            line: index as u32 + 1,
            byte: byte + rest.chars().map(|c| self.width(c)).sum::<u64>(),
            label: None,
        }
    }

    /// True if markup begins a document and never ends it, though it ends what stands in it: the page may be cut off.
    pub(super) fn is_cut(&self) -> bool {
        let text = self.text.to_ascii_lowercase();
        text.contains("<html") && text.contains("</") && !text.contains("</html")
    }

    /// The place behind the last character.
    pub(super) fn end(&self) -> Place {
        self.place(self.text.len())
    }

    /// True if the page is markup rather than plain text.
    pub(super) fn is_html(&self) -> bool {
        let mut end = self.text.len().min(16_384);
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let head = self.text[..end].to_ascii_lowercase();
        [
            "<!doctype html",
            "<html",
            "<body",
            "<head",
            "<div",
            "<table",
            "<dl",
            "<p>",
            "<h1",
            "<article",
            "<main",
            "<section",
        ]
        .iter()
        .any(|tag| head.contains(tag))
    }
}

/// The text of bytes that are a character each; fails at the first that the encoding does not have.
fn single_bytes(
    bytes: &[u8],
    encoding: &'static encoding_rs::Encoding,
) -> Result<String, PageError> {
    let decoded = |bytes| encoding.decode_without_bom_handling_and_without_replacement(bytes);
    if let Some(text) = decoded(bytes) {
        return Ok(text.into_owned());
    }
    let wrong = bytes.chunks(1).position(|byte| decoded(byte).is_none());
    Err(PageError::Encoding {
        encoding: encoding.name(),
        byte: wrong.unwrap_or(0) as u64,
    })
}

/// The encoding of single bytes that a page declares first.
fn declared(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = head(bytes);
    let (_, behind) = ["charset=", "encoding="]
        .into_iter()
        .find_map(|key| head.split_once(key))?;
    let name = behind.trim_start_matches(['"', '\'', ' ']);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    let name = name.split(|c: char| !is_name(c)).next()?;
    encoding_rs::Encoding::for_label(name.as_bytes()).filter(|found| found.is_single_byte())
}

/// Where a page declares its encoding.
fn head(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(2048)]).to_ascii_lowercase()
}

fn declares_utf8(bytes: &[u8]) -> bool {
    let head = head(bytes);
    head.contains("charset=utf-8")
        || head.contains("charset=\"utf-8\"")
        || head.contains("encoding=\"utf-8\"")
}

/// The normal form: NFC, every blank (no-break, thin, narrow) one ordinary blank, soft hyphens and zero-width
/// characters gone, blanks at the ends gone. Tabs and runs of three or more blanks become a [`GAP`].
pub(super) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blanks = 0_usize;
    let mut gap = false;
    for c in text.nfc() {
        match c {
            '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}' | '\u{2060}' => {}
            GAP | '\t' => gap = true,
            c if c.is_whitespace() => blanks += 1,
            c => {
                if !out.is_empty() {
                    if gap || blanks >= 3 {
                        out.push(GAP);
                    } else if blanks > 0 {
                        out.push(' ');
                    }
                }
                (blanks, gap) = (0, false);
                out.push(c);
            }
        }
    }
    out
}

/// Text as a reader sees it: gaps become blanks.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let c = if c == GAP { ' ' } else { c };
        if !(c == ' ' && out.ends_with(' ')) {
            out.push(c);
        }
    }
    out.trim().to_owned()
}

/// For comparing names: lower case, letters and digits only, single blanks.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '+' {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_break_blanks_and_decomposed_letters_have_one_form() {
        assert_eq!(
            normal("Fo\u{308}rder\u{ad}richtlinie:\u{a0}X\u{202f}1"),
            "Förderrichtlinie: X 1"
        );
        assert_eq!(normal("a   b\tc"), format!("a{GAP}b{GAP}c"));
    }

    #[test]
    fn cp1252_is_read_with_the_offsets_of_its_bytes() {
        let source = Source::decode(b"Stra\xdfe \x96 A\nM\xfcnster").unwrap();
        assert_eq!(source.text, "Straße – A\nMünster");
        let place = source.place(source.text.find("Münster").unwrap());
        assert_eq!((place.line, place.byte), (2, 11));
    }

    #[test]
    fn a_declared_encoding_of_single_bytes_is_that_of_the_page() {
        let page = |charset: &str| {
            let head = format!("<html><head><meta charset=\"{charset}\">\n");
            [head.as_bytes(), b"F\xf6rdersumme 5 \xa4"].concat()
        };
        let line = |charset: &str| {
            let text = Source::decode(&page(charset)).unwrap().text;
            text.lines().last().unwrap().to_owned()
        };
        assert_eq!(line("iso-8859-15"), "Fördersumme 5 €");
        // Browsers read the first as the second; what is not known is read as that too.
        for charset in ["iso-8859-1", "windows-1252", "shift_jis", "none"] {
            assert_eq!(line(charset), "Fördersumme 5 ¤", "{charset}");
        }
        let source = Source::decode(&page("iso-8859-15")).unwrap();
        let at = source.place(source.text.find('€').unwrap()).byte as usize;
        assert_eq!(page("iso-8859-15")[at..], *b"\xa4");
        let error = Source::decode(b"<meta charset=iso-8859-7>\xff").unwrap_err();
        assert!(
            matches!(
                error,
                PageError::Encoding {
                    encoding: "ISO-8859-7",
                    byte: 25
                }
            ),
            "{error}"
        );
    }

    #[test]
    fn places_in_long_lines_are_counted_in_published_bytes() {
        let line = "ä€".repeat(10_000);
        let text = format!("{line}\n{line}Ziel");
        let of = |bytes: &[u8]| {
            let source = Source::decode(bytes).unwrap();
            let place = source.place(source.text.find("Ziel").unwrap());
            (place.line, place.byte as usize)
        };
        assert_eq!(of(text.as_bytes()), (2, text.len() - 4));
        let units: Vec<u16> = std::iter::once(0xFEFF).chain(text.encode_utf16()).collect();
        let wide: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        assert_eq!(of(&wide), (2, wide.len() - 8));
        let (single, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
        assert_eq!(of(&single), (2, single.len() - 4));
    }

    #[test]
    fn damaged_utf8_is_refused_at_its_byte() {
        let error = Source::decode(b"\xEF\xBB\xBFab\xff").unwrap_err();
        assert!(
            matches!(error, PageError::Encoding { byte: 5, .. }),
            "{error}"
        );
        // Half a pair before a letter, half a pair at the end, half a unit at the end.
        for (bytes, at) in [
            (&b"\xFF\xFEa\0\n\0\x3D\xD8b\0"[..], 6),
            (&b"\xFE\xFF\0a\xD8\x3D"[..], 4),
            (&b"\xFF\xFE\x3D\xD8\x00\xDEa"[..], 6),
        ] {
            let error = Source::decode(bytes).unwrap_err();
            assert!(
                matches!(error, PageError::Encoding { byte, .. } if byte == at),
                "{error}"
            );
        }
        assert!(matches!(Source::decode(b" \n"), Err(PageError::Empty)));
        for (bytes, at) in [
            (&b"PK\x03\x04\0\0"[..], 4),
            (&b"\xEF\xBB\xBF\xC3\xA4\0"[..], 5),
            (&b"\xFC\0"[..], 1),
            (&b"\xFF\xFEa\0\0\0"[..], 4),
        ] {
            let error = Source::decode(bytes).unwrap_err();
            assert!(
                matches!(error, PageError::Binary { byte } if byte == at),
                "{error}"
            );
        }
    }
}
