//! The zip archive around `.xlsx` and `.ods`, unpacked as streams under one common limit.
//!
//! Owns which parts may be unpacked: those that somebody needs, as long as what they say of themselves, and what really comes
//! out of them, stays within bounds. A part that nothing refers to is never unpacked, so it counts for nothing. The directory is
//! looked at as a whole: how many parts there are, whether one is encrypted, and whether two lie in the same place.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Cursor, Read};

use memchr::memmem;
use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::super::error::ReadError;
use super::super::format::Kind;
use super::super::limits::Limits;
use super::xml::Xml;

/// Parts a workbook may have. Excel writes a few dozen.
pub(super) const MAX_PARTS: usize = 10_000;

/// How the entry of a part in the archive's directory begins.
const ENTRY: &[u8] = b"PK\x01\x02";

/// What may unpack however well it is packed: less than any reader holds.
const BOMB_BYTES: u64 = 64 << 20;

/// A part that packs better than this and is larger than [`BOMB_BYTES`] is no sheet: those reach about 60.
const PART_RATIO: u64 = 400;

/// The same for all parts together that are needed, against all bytes of the file.
const FILE_RATIO: u64 = 100;

/// An opened archive.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    kind: Kind,
    allowance: Allowance,
    /// Parts that are needed, by their place in the directory.
    needed: HashSet<usize>,
    /// What these say that they unpack to.
    declared: u64,
    /// What may still come out of them.
    left: u64,
    max_cell_bytes: usize,
}

/// What may be unpacked, and what is wrong with a file that unpacks to more.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    bytes: u64,
    breach: Breach,
}

impl Allowance {
    fn of(packed: u64, limits: &Limits) -> Self {
        let by_ratio = packed.saturating_mul(FILE_RATIO).max(BOMB_BYTES);
        let limit = limits.max_inflated_bytes;
        if by_ratio < limit {
            Self {
                bytes: by_ratio,
                breach: Breach::Ratio,
            }
        } else {
            Self {
                bytes: limit,
                breach: Breach::Inflated { limit },
            }
        }
    }
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], kind: Kind, limits: &Limits) -> Result<Self, ReadError> {
        let damaged = |detail: String| ReadError::Damaged { kind, detail };
        // Asked before the directory is read: a million entries cost far more there than in the file.
        if memmem::find_iter(bytes, ENTRY).nth(MAX_PARTS).is_some() {
            return Err(ReadError::TooMany {
                what: "parts",
                limit: MAX_PARTS,
            });
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
            damaged(match e {
                ZipError::InvalidArchive(_) => {
                    "the directory at the end of the archive is missing or wrong".to_owned()
                }
                other => other.to_string(),
            })
        })?;
        for index in 0..archive.len() {
            let part = archive
                .by_index_data(index)
                .map_err(|e| damaged(e.to_string()))?;
            if part.encrypted() {
                return Err(ReadError::Encrypted);
            }
        }
        // One bomb in many entries costs the file little more than one, and no program writes a workbook like that.
        let overlaps = archive.has_overlapping_entries();
        if overlaps.map_err(|e| damaged(e.to_string()))? {
            return Err(ReadError::SamePlace);
        }
        let allowance = Allowance::of(bytes.len() as u64, limits);
        Ok(Self {
            archive,
            kind,
            allowance,
            needed: HashSet::new(),
            declared: 0,
            left: allowance.bytes,
            max_cell_bytes: limits.max_cell_bytes,
        })
    }

    /// Says that a part will be read, and whether it is there. Fails where it, or all that are needed together, would unpack to
    /// too much, so that this is known before any of them is unpacked.
    pub(super) fn need(&mut self, name: &str) -> Result<bool, ReadError> {
        let Some(index) = self.index(name) else {
            return Ok(false);
        };
        self.admit(index).map(|()| true)
    }

    /// Counts what a part says that it unpacks to, once.
    fn admit(&mut self, index: usize) -> Result<(), ReadError> {
        if !self.needed.insert(index) {
            return Ok(());
        }
        let kind = self.kind;
        let part = (self.archive.by_index_data(index)).map_err(|e| ReadError::Damaged {
            kind,
            detail: e.to_string(),
        })?;
        let name = || {
            let name = part.name();
            name.map_or_else(|_| String::new(), |name| clean(&name))
        };
        let ratio = part.size() / part.compressed_size().max(1);
        if part.size() > BOMB_BYTES && ratio > PART_RATIO {
            return Err(ReadError::PacksTooWell {
                what: format!("part '{}' of the workbook", name()),
                ratio: PART_RATIO,
            });
        }
        self.declared = self.declared.saturating_add(part.size());
        if self.declared > self.allowance.bytes {
            return Err(self.allowance.breach.in_part(name()));
        }
        Ok(())
    }

    /// Allows once more what may be unpacked, for a reader that goes over the same part a second time.
    pub(super) fn count_anew(&mut self) {
        self.left = self.allowance.bytes;
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
        self.admit(index)?;
        let (kind, breach) = (self.kind, self.allowance.breach);
        let guarded = Guarded {
            file: open_part(&mut self.archive, index, name, kind)?,
            left: &mut self.left,
            breach,
        };
        let xml = Xml::new(guarded, clean(name), kind, self.max_cell_bytes);
        Ok(Some(xml))
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
        self.admit(index)?;
        let kind = self.kind;
        let file = open_part(&mut self.archive, index, name, kind)?;
        let mut text = Vec::new();
        file.take(256)
            .read_to_end(&mut text)
            .map_err(|e| ReadError::Damaged {
                kind,
                detail: e.to_string(),
            })?;
        Ok(Some(String::from_utf8_lossy(&text).trim().to_owned()))
    }
}

fn open_part<'p, 'a>(
    archive: &'p mut ZipArchive<Cursor<&'a [u8]>>,
    index: usize,
    name: &str,
    kind: Kind,
) -> Result<ZipFile<'p, Cursor<&'a [u8]>>, ReadError> {
    let file = archive.by_index(index).map_err(|e| match e {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ReadError::Encrypted,
        ZipError::CompressionMethodNotSupported(_) => {
            ReadError::PackedOtherwise { part: clean(name) }
        }
        other => ReadError::Damaged {
            kind,
            detail: format!("part '{}': {other}", clean(name)),
        },
    })?;
    let method = file.compression();
    if method != CompressionMethod::Stored && method != CompressionMethod::Deflated {
        return Err(ReadError::PackedOtherwise { part: clean(name) });
    }
    Ok(file)
}

/// A name from the file, fit for a message.
fn clean(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// Why a guarded stream was broken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breach {
    /// The archive unpacks to more than the limit.
    Inflated { limit: u64 },
    /// The archive unpacks to more than a multiple of its size.
    Ratio,
}

impl Breach {
    /// The error for a file that goes too far in this part.
    pub(super) fn in_part(self, part: String) -> ReadError {
        match self {
            Self::Inflated { limit } => ReadError::Inflated { part, limit },
            Self::Ratio => ReadError::PacksTooWell {
                what: format!("the workbook (up to its part '{part}')"),
                ratio: FILE_RATIO,
            },
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unpacks to more than allowed")
    }
}

impl std::error::Error for Breach {}

/// The unpacked bytes of a part. Counts what really comes out, whatever the archive declared.
pub(super) struct Guarded<'p, 'a> {
    file: ZipFile<'p, Cursor<&'a [u8]>>,
    left: &'p mut u64,
    breach: Breach,
}

impl Read for Guarded<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        *self.left = self
            .left
            .checked_sub(n as u64)
            .ok_or_else(|| io::Error::other(self.breach))?;
        Ok(n)
    }
}
