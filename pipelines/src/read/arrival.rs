//! A published file as a reader has it: its bytes, or, where it is UTF-16, the text that they became on their way.
//!
//! Owns what is done with a file by its kind. Does not own which process that is done in.

use std::io::{self, ErrorKind, Read};

use bytes::Bytes;

use super::encoding::{self, HEAD, Text, Wide};
use super::error::ReadError;
use super::format::{Encoding, Format, Kind};
use super::limits::Limits;
use super::sink::Sink;
use super::{ReadSummary, delimited, json, sniff, workbook};

/// Bytes of UTF-16 that are taken at once.
const PIECE: usize = 64 << 10;

/// A published file in the process that reads it.
#[derive(Debug)]
pub(super) enum Arrived {
    /// Its bytes.
    Bytes(Bytes),
    /// The text of UTF-16.
    Wide(Wide),
}

impl Arrived {
    /// A file whose bytes are at hand.
    pub(super) fn of(bytes: Bytes, declared: Option<&Format>) -> Self {
        let head = &bytes[..bytes.len().min(HEAD)];
        match wide(head, declared) {
            Some(encoding) => Self::Wide(Wide::of(&bytes, encoding)),
            None => Self::Bytes(bytes),
        }
    }

    /// Takes a file of `size` bytes to the end of the input.
    ///
    /// # Errors
    /// Where the input fails.
    pub(super) fn receive(
        input: &mut impl Read,
        size: u64,
        declared: Option<&Format>,
    ) -> io::Result<Self> {
        let mut head = Vec::with_capacity(HEAD);
        input.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        let Some(encoding) = wide(&head, declared) else {
            return whole(head, input, size).map(Self::Bytes);
        };
        let mut wide = Wide::new(&head, size, encoding);
        let mut piece = vec![0; PIECE];
        loop {
            match input.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => wide.push(&piece[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        wide.end();
        Ok(Self::Wide(wide))
    }

    /// Reads the file into a sink: in the declared format, or in the one that its content and its name show.
    pub(super) fn read(
        &self,
        file_name: &str,
        declared: Option<&Format>,
        limits: &Limits,
        sink: &mut dyn Sink,
    ) -> Result<ReadSummary, ReadError> {
        let (format, text) = match declared {
            Some(format) => (format.clone(), None),
            None => self.sniff(file_name)?,
        };
        match format.kind {
            Kind::Csv | Kind::Json | Kind::Ndjson => {
                self.expect_kind(format.kind)?;
                let text = match text {
                    Some(text) => text,
                    None => self.text(format.encoding.unwrap_or_default())?,
                };
                if format.kind == Kind::Csv {
                    delimited::read(&text, &format, limits, sink)
                } else {
                    json::read(&text, &format, limits, sink)
                }
            }
            Kind::Xlsx | Kind::Xls | Kind::Ods => match self {
                Self::Bytes(bytes) => workbook::read(bytes, &format, limits, sink),
                Self::Wide(_) => Err(ReadError::WrongKind {
                    expected: format.kind,
                    found: "text",
                }),
            },
            // What is named like a list and is markup came from a server that had something else to say.
            Kind::Html if declared.is_none() => {
                self.expect_kind(Kind::Csv)?;
                Err(page(format.kind))
            }
            Kind::Html | Kind::Text => Err(page(format.kind)),
        }
    }

    /// The format of a file that nobody declared, and its text, where it is one.
    fn sniff(&self, file_name: &str) -> Result<(Format, Option<Text<'_>>), ReadError> {
        match self {
            Self::Bytes(bytes) => sniff::found(bytes, file_name),
            Self::Wide(wide) if wide.is_blank() => Err(ReadError::Empty),
            Self::Wide(wide) => {
                let text = wide.text()?;
                Ok((sniff::of_text(&text, file_name), Some(text)))
            }
        }
    }

    /// Refuses a file whose first bytes show that it is something else.
    fn expect_kind(&self, expected: Kind) -> Result<(), ReadError> {
        match self {
            Self::Bytes(bytes) => sniff::expect_kind(bytes, expected),
            Self::Wide(wide) => sniff::expect_kind_of(wide.head(), wide.is_blank(), expected),
        }
    }

    /// The text in a declared encoding.
    fn text(&self, encoding: Encoding) -> Result<Text<'_>, ReadError> {
        match self {
            Self::Bytes(bytes) => encoding::decode(bytes, encoding),
            Self::Wide(wide) => wide.text(),
        }
    }
}

/// Says that a page is no list.
pub(super) fn page(kind: Kind) -> ReadError {
    ReadError::Unsupported {
        what: format!("a {kind} page"),
        instead: "declare kind = \"page\" in source.toml, pages have readers of their own",
    }
}

/// A file of `size` bytes, of which some have come.
pub(super) fn whole(mut bytes: Vec<u8>, rest: &mut impl Read, size: u64) -> io::Result<Bytes> {
    let more = usize::try_from(size)
        .unwrap_or(0)
        .saturating_sub(bytes.len());
    bytes.reserve_exact(more);
    rest.read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

/// The encoding of a file that begins so, where it is text in UTF-16.
fn wide(head: &[u8], declared: Option<&Format>) -> Option<Encoding> {
    let Some(format) = declared else {
        return sniff::wide(head);
    };
    let is_text = matches!(format.kind, Kind::Csv | Kind::Json | Kind::Ndjson);
    let encoding = format.encoding.unwrap_or_default();
    (is_text && encoding::is_wide(encoding)).then_some(encoding)
}
