//! Workbooks: Office Open XML (`.xlsx`), Excel 97 to 2003 (`.xls`), OpenDocument (`.ods`).
//!
//! Read here and not with a general library, because those believe a workbook: a 1.7 kB file that claims the range
//! A1:XFD1048576 costs them 17 billion cells. Here a cell exists when it stands in the file, the parts of an archive that are
//! needed are unpacked as a stream under one common limit and the others not at all, and chains of sectors are walked at most
//! once.
//!
//! Text is given as it is; a number as its shortest exact decimal, with the unit that its format shows (`12.5 Tsd €`,
//! `80%`); a number with a date format as ISO 8601; a formula
//! as the value that was saved with it. Cells without content and rows without cells are left out.

mod biff;
mod cfb;
mod doubt;
mod hidden;
mod number_format;
mod ods;
mod package;
mod serial;
mod strings;
mod styles;
mod xls;
mod xlsx;
mod xml;

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use memchr::memmem;

use super::error::ReadError;
use super::format::{Format, Kind};
use super::limits::Limits;
use super::sink::{MergedRange, Sink};
use super::{ReadSummary, sniff};
use crate::named;

/// First bytes of a compound file, in which `.xls` and encrypted workbooks come.
pub(super) const OLE2: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Sheets of a workbook. Programs bear more, but people who look for a list in them do not.
const MAX_SHEETS: usize = 1_000;

/// Merged ranges of a sheet: those of half a million rows of which every two are joined.
const MAX_MERGED: usize = 250_000;

/// Reads a workbook of the declared kind.
pub(super) fn read(
    bytes: &[u8],
    format: &Format,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    sniff::expect_kind(bytes, format.kind)?;
    let found = if bytes.starts_with(OLE2) {
        Some((sniff_ole2(bytes)?, "a binary workbook (xls)"))
    } else if bytes.starts_with(b"PK") {
        match zip_kind(bytes, format.kind)? {
            Kind::Ods => Some((Kind::Ods, "an OpenDocument spreadsheet (ods)")),
            kind => Some((kind, "an Office Open XML workbook (xlsx)")),
        }
    } else {
        None
    };
    match found {
        Some((kind, found)) if kind != format.kind => Err(ReadError::WrongKind {
            expected: format.kind,
            found,
        }),
        None => Err(ReadError::WrongKind {
            expected: format.kind,
            found: "neither a zip archive nor a compound file",
        }),
        Some((Kind::Xls, _)) => xls::read(bytes, format, limits, sink),
        Some((Kind::Ods, _)) => ods::read(bytes, format, limits, sink),
        Some(_) => xlsx::read(bytes, format, limits, sink),
    }
}

/// Which workbook a zip archive is.
pub(super) fn sniff_zip(bytes: &[u8]) -> Result<Kind, ReadError> {
    // An OpenDocument file begins with its type, unpacked, so that even half of one can be named.
    let head = &bytes[..bytes.len().min(256)];
    let named = memmem::find(head, b"application/vnd.oasis.opendocument");
    zip_kind(bytes, named.map_or(Kind::Xlsx, |_| Kind::Ods))
}

/// Which workbook a zip archive is; messages about a damaged one name the kind that was expected.
fn zip_kind(bytes: &[u8], expected: Kind) -> Result<Kind, ReadError> {
    let mut package = package::Package::open(bytes, expected, &Limits::default())?;
    if package.has("xl/workbook.xml") || package.has("_rels/.rels") && package.has("xl/styles.xml")
    {
        return Ok(Kind::Xlsx);
    }
    let mimetype = package.small_text("mimetype")?.unwrap_or_default();
    if mimetype.starts_with("application/vnd.oasis.opendocument.spreadsheet")
        || mimetype.is_empty() && package.has("content.xml")
    {
        return Ok(Kind::Ods);
    }
    let what = if package.has("xl/workbook.bin") {
        "a binary workbook of the xlsb kind"
    } else {
        "a zip archive without a workbook in it"
    };
    Err(ReadError::Unsupported {
        what: what.to_owned(),
        instead: "unpack it, or save it as xlsx",
    })
}

/// Which workbook a compound file is.
pub(super) fn sniff_ole2(bytes: &[u8]) -> Result<Kind, ReadError> {
    let file = cfb::CompoundFile::open(bytes)?;
    if file.has("EncryptedPackage") || file.has("EncryptionInfo") {
        return Err(ReadError::Encrypted);
    }
    if file.has("Workbook") {
        return Ok(Kind::Xls);
    }
    let what = if file.has("Book") {
        "a workbook of Excel 95 or older"
    } else {
        "an Office document that is no workbook"
    };
    Err(ReadError::Unsupported {
        what: what.to_owned(),
        instead: "save it as xlsx",
    })
}

/// Picks the declared sheet, or all of them but those that are ignored. A name is also found in other case and with blanks
/// around it.
fn choose(names: &[&str], format: &Format) -> Result<Vec<usize>, ReadError> {
    let plain = |name: &str| name.trim().to_lowercase();
    let find = |wanted: &str| {
        let exact = names.iter().position(|name| *name == wanted);
        exact.or_else(|| names.iter().position(|name| plain(name) == plain(wanted)))
    };
    let Some(wanted) = format.sheet.as_deref() else {
        let ignored = format.ignore_sheets.keys();
        let ignored: HashSet<usize> = ignored.filter_map(|name| find(name)).collect();
        let all = 0..names.len();
        return Ok(all.filter(|index| !ignored.contains(index)).collect());
    };
    if let Some(index) = find(wanted) {
        return Ok(vec![index]);
    }
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("'{}'", named::short(name)))
        .collect();
    Err(ReadError::NoSuchSheet {
        wanted: wanted.to_owned(),
        available: named::first(&names, named::OF_FILE),
    })
}

/// Refuses one sheet more than a workbook may have, which has `count` of them so far.
fn check_sheets(count: usize) -> Result<(), ReadError> {
    if count < MAX_SHEETS {
        return Ok(());
    }
    Err(ReadError::TooMany {
        what: "sheets",
        limit: MAX_SHEETS,
    })
}

/// Adds merged ranges to those of a sheet.
fn merge(
    merged: &mut Vec<MergedRange>,
    more: impl IntoIterator<Item = MergedRange>,
) -> Result<(), ReadError> {
    for range in more {
        if merged.len() == MAX_MERGED {
            return Err(ReadError::TooMany {
                what: "merged ranges in a sheet",
                limit: MAX_MERGED,
            });
        }
        merged.push(range);
    }
    Ok(())
}

/// Pieces of a workbook that have been read as sheets, and the numbers of these. A sheet costs a few bytes to name and
/// much to read, so each is a piece of its own.
struct Seen<K>(HashMap<K, usize>);

impl<K: Eq + Hash> Seen<K> {
    fn new() -> Self {
        Self(HashMap::new())
    }

    /// Notes that the sheet with this index is that piece. Fails if an earlier one is.
    fn note(&mut self, piece: K, index: usize) -> Result<(), ReadError> {
        match self.0.insert(piece, index) {
            None => Ok(()),
            Some(earlier) => Err(ReadError::SameSheet {
                first: earlier + 1,
                second: index + 1,
            }),
        }
    }
}

#[cfg(test)]
#[allow(clippy::format_collect)] // inputs are small texts
mod tests;

#[cfg(test)]
mod bounds_tests;

#[cfg(test)]
mod xls_tests;
