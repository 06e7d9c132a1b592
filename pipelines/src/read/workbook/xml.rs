//! The XML of a part, event by event, with errors that name the part and the place.
//!
//! A scanner of its own, because sheets are nothing but millions of tiny elements: names and attributes are looked at
//! where they lie, and only text is decoded. It knows what workbooks use and refuses the rest: UTF-8 only, and no
//! document types, so no entities but the five of XML and no way to let one grow.

use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;

use memchr::memmem;

use super::super::error::ReadError;
use super::super::format::Kind;
use super::super::place::Place;
use super::package::Breach;

/// Bytes asked for at once.
const CHUNK: usize = 64 << 10;

/// How much longer than a cell its text may be where it is written: every letter as an entity would be longer still, but
/// nobody writes so.
const ESCAPED: usize = 2;

/// What comes next in a part. Empty elements come as a start and an end.
#[derive(Debug)]
pub(super) enum Event<'x> {
    Start(Tag<'x>),
    /// The local name of the element.
    End(&'x [u8]),
    /// Text with its entities as they are written; see [`append_text`].
    Text(&'x str),
    /// Text that has no entities.
    Plain(&'x str),
    Eof,
}

/// The start of an element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'x> {
    /// Local name.
    pub(super) name: &'x [u8],
    attributes: &'x [u8],
}

impl<'x> Tag<'x> {
    /// Attributes with their full names; values with entities as they are written.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'x [u8], &'x str)> + use<'x> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            loop {
                rest = rest.trim_ascii_start();
                let equals = memchr::memchr(b'=', rest)?;
                let key = rest[..equals].trim_ascii_end();
                let value = rest[equals + 1..].trim_ascii_start();
                let quote = *value.first().filter(|b| matches!(b, b'"' | b'\''))?;
                let end = memchr::memchr(quote, &value[1..])? + 1;
                rest = &value[end + 1..];
                // A value that is no UTF-8 is no value.
                if let Ok(value) = std::str::from_utf8(&value[1..end]) {
                    return Some((key, value));
                }
            }
        })
    }

    /// Value of an attribute by its local name.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'x, str>> {
        let value = self
            .attributes()
            .find(|(key, _)| local(key) == name.as_bytes())
            .map(|(_, value)| value)?;
        if !value.contains('&') {
            return Some(Cow::Borrowed(value));
        }
        let mut text = String::new();
        append_text(value, &mut text);
        Some(Cow::Owned(text))
    }

    /// Value of an attribute as a text of its own, empty where there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.attribute(name).unwrap_or_default().into_owned()
    }

    /// Whether an attribute of XML's boolean type is set.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.attribute(name)
            .is_some_and(|value| matches!(&*value, "1" | "true"))
    }
}

fn local(name: &[u8]) -> &[u8] {
    memchr::memchr(b':', name).map_or(name, |at| &name[at + 1..])
}

/// A part being read.
pub(super) struct Xml<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    /// Bytes of the part before the buffer.
    before: u64,
    ended: bool,
    /// Name of an empty element whose end has not been told yet.
    open: Option<Range<usize>>,
    part: String,
    kind: Kind,
    max_cell_bytes: usize,
}

impl<R: Read> Xml<R> {
    pub(super) fn new(source: R, part: String, kind: Kind, max_cell_bytes: usize) -> Self {
        let buffer = vec![0; CHUNK];
        Self {
            source,
            buffer,
            at: 0,
            end: 0,
            before: 0,
            ended: false,
            open: None,
            part,
            kind,
            max_cell_bytes,
        }
    }

    /// The next event.
    pub(super) fn next(&mut self) -> Result<Event<'_>, ReadError> {
        if let Some(name) = self.open.take() {
            return Ok(Event::End(&self.buffer[name]));
        }
        loop {
            if self.at == self.end && !self.fill()? {
                return Ok(Event::Eof);
            }
            if self.buffer[self.at] != b'<' {
                let found = self.find(0, b"<")?;
                let text = self.at..found.map_or(self.end, |n| self.at + n);
                self.at = text.end;
                return self.text(text).map(Event::Text);
            }
            // The longest opening that decides what this is has nine bytes.
            while self.end - self.at < 9 && self.fill()? {}
            let head = &self.buffer[self.at..self.end];
            if head.starts_with(b"<!--") {
                self.skip_comment()?;
            } else if head.starts_with(b"<![CDATA[") {
                let n = self
                    .find(9, b"]]>")?
                    .ok_or_else(|| self.error("it ends inside a text"))?;
                let text = self.at + 9..self.at + n;
                self.at += n + 3;
                return self.text(text).map(Event::Plain);
            } else if head.starts_with(b"<?") {
                self.declaration()?;
            } else if head.starts_with(b"<!") {
                return Err(self.error("it has a document type, which workbooks do not have"));
            } else {
                return self.tag();
            }
        }
    }

    fn tag(&mut self) -> Result<Event<'_>, ReadError> {
        let n = self.end_of_tag()?;
        let start = self.at;
        self.at += n + 1;
        let inside = &self.buffer[start + 1..start + n];
        if let Some(name) = inside.strip_prefix(b"/") {
            return Ok(Event::End(local(name.trim_ascii_end())));
        }
        let (inside, empty) = inside
            .strip_suffix(b"/")
            .map_or((inside, false), |inside| (inside, true));
        let name = inside
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(inside.len());
        let (full, attributes) = inside.split_at(name);
        let name = local(full);
        if empty {
            let end = start + 1 + full.len();
            self.open = Some(end - name.len()..end);
        }
        Ok(Event::Start(Tag { name, attributes }))
    }

    /// Distance from the beginning of a tag to the `>` that ends it, which one inside a quoted value does not.
    fn end_of_tag(&mut self) -> Result<usize, ReadError> {
        let mut n = 1;
        let mut open: Option<u8> = None;
        loop {
            let seen = &self.buffer[self.at + n..self.end];
            let found = match open {
                Some(quote) => memchr::memchr(quote, seen),
                None => memchr::memchr3(b'>', b'"', b'\'', seen),
            };
            let Some(found) = found else {
                n = self.end - self.at;
                if self.fill()? {
                    continue;
                }
                return Err(self.error("it ends inside a tag"));
            };
            open = match (open, seen[found]) {
                (None, b'>') => return Ok(n + found),
                (None, quote) => Some(quote),
                (Some(_), _) => None,
            };
            n += found + 1;
        }
    }

    fn text(&self, range: Range<usize>) -> Result<&str, ReadError> {
        std::str::from_utf8(&self.buffer[range]).map_err(|_| self.error("a text that is no UTF-8"))
    }

    fn declaration(&mut self) -> Result<(), ReadError> {
        let n = self
            .find(2, b"?>")?
            .ok_or_else(|| self.error("it ends inside a declaration"))?;
        let declaration = self.buffer[self.at..self.at + n].to_ascii_lowercase();
        self.at += n + 2;
        let encoding = Tag {
            name: b"xml",
            attributes: declaration.get(6..).unwrap_or_default(),
        };
        let encoding = if declaration.starts_with(b"<?xml ") {
            encoding.attribute("encoding")
        } else {
            None
        };
        match encoding.as_deref() {
            None | Some("utf-8" | "utf8" | "us-ascii") => Ok(()),
            Some(_) => Err(self.not_utf8()),
        }
    }

    /// Goes to the end of a comment, of which nothing is kept: it may be as long as it likes.
    fn skip_comment(&mut self) -> Result<(), ReadError> {
        const END: &[u8] = b"-->";
        self.at += b"<!--".len();
        loop {
            if let Some(n) = memmem::find(&self.buffer[self.at..self.end], END) {
                self.at += n + END.len();
                return Ok(());
            }
            self.at = self.at.max(self.end.saturating_sub(END.len() - 1));
            if !self.fill()? {
                return Err(self.error("it ends inside a comment"));
            }
        }
    }

    /// Distance from the current position to `wanted`, at least `from`, reading on as far as needed.
    fn find(&mut self, from: usize, wanted: &[u8]) -> Result<Option<usize>, ReadError> {
        let mut from = from;
        loop {
            let seen = &self.buffer[(self.at + from).min(self.end)..self.end];
            let found = match wanted {
                [byte] => memchr::memchr(*byte, seen),
                _ => memmem::find(seen, wanted),
            };
            if let Some(n) = found {
                return Ok(Some(from + n));
            }
            from = (self.end - self.at)
                .saturating_sub(wanted.len() - 1)
                .max(from);
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Reads on, keeping what has not been told yet. `false` at the end of the part.
    ///
    /// Fails when what is kept is longer than any cell may be: one tag or one text without an end.
    fn fill(&mut self) -> Result<bool, ReadError> {
        if self.ended {
            return Ok(false);
        }
        if self.end - self.at > self.max_cell_bytes.saturating_mul(ESCAPED) {
            return Err(self.too_long());
        }
        if self.at > 0 {
            self.buffer.copy_within(self.at..self.end, 0);
            self.before += self.at as u64;
            (self.at, self.end) = (0, self.end - self.at);
        }
        if self.buffer.len() - self.end < CHUNK / 2 {
            self.buffer.resize(self.end + CHUNK, 0);
        }
        let n = loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.broken(&error)),
                Ok(n) => break n,
            }
        };
        if self.before == 0
            && self.end == 0
            && matches!(&self.buffer[..n.min(2)], b"\xFF\xFE" | b"\xFE\xFF")
        {
            return Err(self.not_utf8());
        }
        self.end += n;
        self.ended = n == 0;
        Ok(n > 0)
    }

    fn broken(&self, error: &io::Error) -> ReadError {
        let part = self.part.clone();
        match error.get_ref().and_then(|e| e.downcast_ref::<Breach>()) {
            Some(breach) => breach.in_part(part),
            None => ReadError::Damaged {
                kind: self.kind,
                detail: format!("part '{part}' cannot be unpacked: {error}"),
            },
        }
    }

    fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// The error for a text that is longer than a cell may be.
    pub(super) fn too_long(&self) -> ReadError {
        ReadError::CellTooLarge {
            place: Place {
                sheet: Some(self.part.clone()),
                byte: Some(self.position()),
                ..Place::default()
            },
            limit: self.max_cell_bytes,
        }
    }

    fn not_utf8(&self) -> ReadError {
        ReadError::NotUtf8 {
            part: self.part.clone(),
        }
    }

    /// The error for a part that is not as it has to be.
    pub(super) fn error(&self, detail: &str) -> ReadError {
        ReadError::Xml {
            part: self.part.clone(),
            byte: self.position(),
            detail: detail.to_owned(),
        }
    }
}

/// Appends a text with its entities resolved and its line ends made one kind, as XML prescribes.
pub(super) fn append_text(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'&', b'\r', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('\r') {
            out.push('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        let name = rest[1..]
            .split_once(';')
            .map(|(name, _)| name)
            .filter(|name| name.len() <= 10);
        if let Some((name, c)) = name.and_then(|name| Some((name, entity(name)?))) {
            out.push(c);
            rest = &rest[name.len() + 2..];
        } else {
            // No entity: keep what was written rather than lose it.
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let code = name.strip_prefix('#')?;
            let code = match code.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => code.parse().ok()?,
            };
            char::from_u32(code).filter(|c| *c != '\0')
        }
    }
}

#[cfg(test)]
mod tests;
