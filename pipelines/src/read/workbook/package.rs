//! The zip archive around `.xlsx` and `.ods`, unpacked as streams under one common limit.

use std::fmt;
use std::io::{self, Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::super::error::ReadError;
use super::super::format::Kind;
use super::super::limits::Limits;
use super::xml::Xml;

/// Parts a workbook may have. Excel writes a few dozen.
const MAX_PARTS: usize = 10_000;

/// A part that packs better than this and is larger than [`BOMB_BYTES`] is no sheet: those reach about 60.
const BOMB_RATIO: u64 = 400;
const BOMB_BYTES: u64 = 64 << 20;

/// An opened archive.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    kind: Kind,
    limit: u64,
    left: u64,
    max_token: usize,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], kind: Kind, limits: &Limits) -> Result<Self, ReadError> {
        let damaged = |detail: String| ReadError::Damaged { kind, detail };
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
            damaged(match e {
                ZipError::InvalidArchive(_) => {
                    "the directory at the end of the archive is missing or wrong".to_owned()
                }
                other => other.to_string(),
            })
        })?;
        if archive.len() > MAX_PARTS {
            return Err(damaged(format!(
                "it has {} parts, a workbook has at most {MAX_PARTS}",
                archive.len()
            )));
        }
        let mut declared: u64 = 0;
        for index in 0..archive.len() {
            let part = archive
                .by_index_raw(index)
                .map_err(|e| damaged(e.to_string()))?;
            if part.encrypted() {
                return Err(ReadError::Encrypted);
            }
            declared = declared.saturating_add(part.size());
            let bomb = part.size() > BOMB_BYTES
                && part.size() / part.compressed_size().max(1) > BOMB_RATIO;
            if bomb || declared > limits.max_inflated_bytes {
                let limit = if bomb {
                    BOMB_BYTES
                } else {
                    limits.max_inflated_bytes
                };
                return Err(ReadError::Inflated {
                    part: part
                        .name()
                        .map_or_else(|_| String::new(), |name| clean(&name)),
                    limit,
                });
            }
        }
        let limit = limits.max_inflated_bytes;
        Ok(Self {
            archive,
            kind,
            limit,
            left: limit,
            max_token: limits.max_cell_bytes.saturating_mul(2),
        })
    }

    /// Index of a part. Names are compared as Windows does, since some programs write them that way.
    fn index(&self, name: &str) -> Option<usize> {
        self.archive.index_for_name(name).or_else(|| {
            (0..self.archive.len()).find(|i| {
                let found = self.archive.name_for_index(*i).and_then(Result::ok);
                found.is_some_and(|found| found.replace('\\', "/").eq_ignore_ascii_case(name))
            })
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.index(name).is_some()
    }

    /// Opens a part as XML; `None` if there is no such part.
    pub(super) fn xml(&mut self, name: &str) -> Result<Option<Xml<Guarded<'_, 'a>>>, ReadError> {
        let Some(index) = self.index(name) else {
            return Ok(None);
        };
        let (kind, limit, max_token) = (self.kind, self.limit, self.max_token);
        let file = self.archive.by_index(index).map_err(|e| match e {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ReadError::Encrypted,
            other => ReadError::Damaged {
                kind,
                detail: format!("part '{}': {other}", clean(name)),
            },
        })?;
        let guarded = Guarded {
            file,
            left: &mut self.left,
            since_tag: 0,
            max_token,
        };
        Ok(Some(Xml::new(guarded, clean(name), kind, limit, max_token)))
    }

    /// As [`Package::xml`], but the part has to be there.
    pub(super) fn required(&mut self, name: &str) -> Result<Xml<Guarded<'_, 'a>>, ReadError> {
        let missing = ReadError::Damaged {
            kind: self.kind,
            detail: format!("part '{}' is missing", clean(name)),
        };
        self.xml(name)?.ok_or(missing)
    }

    /// The beginning of a part as text.
    pub(super) fn small_text(&mut self, name: &str) -> Result<Option<String>, ReadError> {
        let Some(index) = self.index(name) else {
            return Ok(None);
        };
        let kind = self.kind;
        let damaged = |detail: String| ReadError::Damaged { kind, detail };
        let file = self
            .archive
            .by_index(index)
            .map_err(|e| damaged(e.to_string()))?;
        let mut text = Vec::new();
        file.take(256)
            .read_to_end(&mut text)
            .map_err(|e| damaged(e.to_string()))?;
        Ok(Some(String::from_utf8_lossy(&text).trim().to_owned()))
    }
}

/// A name from the file, fit for a message.
fn clean(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// Why a guarded stream was broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breach {
    /// The archive unpacks to more than allowed.
    Inflated,
    /// A piece of text between two tags is longer than any cell may be.
    Token,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inflated => "unpacks to more than allowed",
            Self::Token => "holds a text longer than allowed",
        })
    }
}

impl std::error::Error for Breach {}

/// The unpacked bytes of a part. Counts what really comes out, whatever the archive declared, and stops before an XML
/// parser could collect one endless text.
pub(super) struct Guarded<'p, 'a> {
    file: ZipFile<'p, Cursor<&'a [u8]>>,
    left: &'p mut u64,
    since_tag: usize,
    max_token: usize,
}

impl Read for Guarded<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        *self.left = self
            .left
            .checked_sub(n as u64)
            .ok_or_else(|| io::Error::other(Breach::Inflated))?;
        match memchr::memrchr(b'<', &buffer[..n]) {
            Some(at) => self.since_tag = n - at,
            None => self.since_tag += n,
        }
        if self.since_tag > self.max_token {
            return Err(io::Error::other(Breach::Token));
        }
        Ok(n)
    }
}
