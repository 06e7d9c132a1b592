//! A JSON scanner that goes over the text without recursion and without building values, so that numbers stay as they
//! were published and depth costs nothing.

use memchr::{memchr, memchr2};

use super::super::error::ReadError;
use super::super::place::Place;

/// What is said of an escape that is none.
const MALFORMED_ESCAPE: &str = "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t, or \\u with four hexadecimal digits \
    that make a whole character other than zero";

/// Levels a value may be nested.
pub(super) const MAX_DEPTH: usize = 128;

/// Position in a JSON text.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

/// What begins at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Object,
    Array,
    Text,
    Number,
    True,
    False,
    Null,
}

impl Start {
    /// The name for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::True | Self::False => "a boolean",
            Self::Null => "null",
        }
    }
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// Place of the current position; counts lines from the beginning, so it is for messages only.
    pub(super) fn place(&self) -> Place {
        super::super::encoding::place_in_bytes(self.text.as_bytes(), self.at)
    }

    pub(super) fn error(&self, detail: &'static str) -> ReadError {
        ReadError::Json {
            place: self.place(),
            detail,
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest
            .iter()
            .position(|b| !matches!(b, b' ' | b'\n' | b'\r' | b'\t'))
            .unwrap_or(rest.len());
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips blanks and takes `byte` if it comes next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, byte: u8, detail: &'static str) -> Result<(), ReadError> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.error(detail))
        }
    }

    /// What value begins after the blanks.
    pub(super) fn start(&mut self) -> Result<Start, ReadError> {
        self.skip_blanks();
        match self.peek() {
            Some(b'{') => Ok(Start::Object),
            Some(b'[') => Ok(Start::Array),
            Some(b'"') => Ok(Start::Text),
            Some(b'-' | b'0'..=b'9') => Ok(Start::Number),
            Some(b't') => Ok(Start::True),
            Some(b'f') => Ok(Start::False),
            Some(b'n') => Ok(Start::Null),
            Some(_) => Err(self.error("expected a value")),
            None => Err(self.error("the text ends where a value should stand")),
        }
    }

    /// Takes a text; gives what stands between its quotes, and whether it holds escapes, which are sound then.
    pub(super) fn string(&mut self) -> Result<(&'t str, bool), ReadError> {
        let opening = self.at;
        self.expect(b'"', "expected a quote")?;
        let start = self.at;
        let mut escaped = false;
        let mut malformed = None;
        let bytes = self.text.as_bytes();
        loop {
            match memchr2(b'"', b'\\', &bytes[self.at.min(bytes.len())..]) {
                Some(n) if bytes[self.at + n] == b'"' => {
                    // A text that never ends is told as that, whatever is in it.
                    if let Some(at) = malformed {
                        self.at = at;
                        return Err(self.error(MALFORMED_ESCAPE));
                    }
                    let text = &self.text[start..self.at + n];
                    self.at += n + 1;
                    return Ok((text, escaped));
                }
                Some(n) => {
                    self.at += n;
                    escaped = true;
                    let sound = escape(&self.text[self.at..]);
                    if malformed.is_none() && sound.is_none() {
                        malformed = Some(self.at);
                    }
                    // The second half of a pair is no escape of its own.
                    self.at += sound.map_or(2, |(_, width)| width);
                }
                None => {
                    self.at = opening;
                    return Err(self.error("a text opens here and never ends"));
                }
            }
        }
    }

    /// Takes a number as it is written.
    pub(super) fn number(&mut self) -> Result<&'t str, ReadError> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let digits = |from: usize| {
            bytes[from..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count()
        };
        let mut at = start + usize::from(self.peek() == Some(b'-'));
        let whole = digits(at);
        if whole == 0 || (whole > 1 && bytes[at] == b'0') {
            return Err(self.error("malformed number"));
        }
        at += whole;
        if bytes.get(at) == Some(&b'.') {
            let n = digits(at + 1);
            if n == 0 {
                return Err(self.error("malformed number"));
            }
            at += 1 + n;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let n = digits((at + 1 + sign).min(bytes.len()));
            if n == 0 {
                return Err(self.error("malformed number"));
            }
            at += 1 + sign + n;
        }
        self.at = at;
        Ok(&self.text[start..at])
    }

    /// Takes `true`, `false` or `null`.
    pub(super) fn word(&mut self, word: &'static str) -> Result<(), ReadError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.error("expected true, false or null"))
        }
    }

    /// Goes over any value; writes it without blanks to `out`, if there is one.
    pub(super) fn value(&mut self, mut out: Option<&mut String>) -> Result<(), ReadError> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            let start = self.start()?;
            let from = self.at;
            match start {
                Start::Object | Start::Array => {
                    if open.len() == MAX_DEPTH {
                        return Err(ReadError::TooDeep {
                            place: self.place(),
                            limit: MAX_DEPTH,
                        });
                    }
                    let (bracket, close) = if start == Start::Object {
                        (b'{', b'}')
                    } else {
                        (b'[', b']')
                    };
                    self.at += 1;
                    write(&mut out, bracket);
                    if self.take(close) {
                        write(&mut out, close);
                    } else {
                        open.push(close);
                        if start == Start::Object {
                            self.key(&mut out)?;
                        }
                        continue;
                    }
                }
                Start::Text => drop(self.string()?),
                Start::Number => drop(self.number()?),
                Start::True => self.word("true")?,
                Start::False => self.word("false")?,
                Start::Null => self.word("null")?,
            }
            if let (Some(out), false) = (&mut out, matches!(start, Start::Object | Start::Array)) {
                out.push_str(&self.text[from..self.at]);
            }
            // A value has ended: close what ends with it, or go on to the next one beside it.
            loop {
                let Some(&close) = open.last() else {
                    return Ok(());
                };
                if self.take(close) {
                    write(&mut out, close);
                    open.pop();
                } else if self.take(b',') {
                    write(&mut out, b',');
                    if close == b'}' {
                        self.key(&mut out)?;
                    }
                    break;
                } else {
                    return Err(self.error("expected a comma or the end of the array or object"));
                }
            }
        }
    }

    fn key(&mut self, out: &mut Option<&mut String>) -> Result<(), ReadError> {
        self.skip_blanks();
        let (key, _) = self.string()?;
        if let Some(out) = out {
            out.push('"');
            out.push_str(key);
            out.push_str("\":");
        }
        self.expect(b':', "expected a colon after the key")
    }
}

fn write(out: &mut Option<&mut String>, byte: u8) {
    if let Some(out) = out {
        out.push(char::from(byte));
    }
}

/// Resolves the escapes of a text that [`Scanner::string`] has taken.
pub(super) fn unescape(raw: &str, out: &mut String) {
    out.clear();
    let mut rest = raw;
    while let Some(n) = memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..n]);
        rest = &rest[n..];
        let Some((character, width)) = escape(rest) else {
            break;
        };
        out.push(character);
        rest = &rest[width..];
    }
    out.push_str(rest);
}

/// The character that an escape at the beginning of a text stands for, and the bytes that it takes. `None` if it is
/// malformed, is half a character, or stands for the zero character.
fn escape(text: &str) -> Option<(char, usize)> {
    let plain = match *text.as_bytes().get(1)? {
        escaped @ (b'"' | b'\\' | b'/') => char::from(escaped),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unit_escape(text),
        _ => return None,
    };
    Some((plain, 2))
}

/// As [`escape`], of one `\u…` or a pair of them.
fn unit_escape(text: &str) -> Option<(char, usize)> {
    let unit = hex(text, 2)?;
    if !(0xD800..0xDC00).contains(&unit) {
        let character = char::from_u32(u32::from(unit)).filter(|c| *c != '\0')?;
        return Some((character, 6));
    }
    let low = text
        .get(6..8)
        .filter(|begin| *begin == "\\u")
        .and_then(|_| hex(text, 8))?;
    let pair = char::decode_utf16([unit, low]).next()?.ok()?;
    Some((pair, 12))
}

fn hex(text: &str, from: usize) -> Option<u16> {
    let digits = text.get(from..from + 4)?;
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        u16::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}
