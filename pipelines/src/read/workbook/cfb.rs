//! Compound files (MS-CFB): the small file system inside `.xls` and encrypted workbooks.
//!
//! Every number in it is checked against the file itself: a sector has to lie in the file, a chain cannot have more
//! sectors than the file, a stream cannot be longer than the file.

use super::super::error::ReadError;
use super::super::format::Kind;

const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;
const ENTRY: usize = 128;
const MINI_SECTOR: usize = 64;
const MINI_STREAM_BELOW: u64 = 4096;

#[derive(Debug)]
struct Entry {
    name: String,
    start: u32,
    len: u64,
}

/// An opened compound file.
#[derive(Debug)]
pub(super) struct CompoundFile<'a> {
    bytes: &'a [u8],
    sector: usize,
    table: Vec<u32>,
    mini_table: Vec<u32>,
    entries: Vec<Entry>,
}

fn damaged(detail: &str) -> ReadError {
    ReadError::Damaged {
        kind: Kind::Xls,
        detail: detail.to_owned(),
    }
}

/// Little-endian numbers; zero beyond the end, which no caller takes for a valid sector chain.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..at + 2)
        .map(|b| u16::from_le_bytes([b[0], b[1]]))
}

/// See [`u16_at`].
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..at + 4)
        .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

impl<'a> CompoundFile<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let short = || damaged("it ends inside its header");
        let sector = match u16_at(bytes, 30).ok_or_else(short)? {
            9 => 512,
            12 => 4096,
            _ => return Err(damaged("its sectors have an impossible size")),
        };
        let header = bytes.get(..512).ok_or_else(short)?;
        let field = |at| u32_at(header, at).unwrap_or(FREE);
        let mut file = Self {
            bytes,
            sector,
            table: Vec::new(),
            mini_table: Vec::new(),
            entries: Vec::new(),
        };
        for id in file.table_sectors(header)? {
            let part = numbers(file.sector(id)?);
            file.table.extend(part);
        }
        let directory = file.chain(field(48), u64::MAX)?;
        file.entries = directory
            .chunks_exact(ENTRY)
            .filter_map(|entry| parse_entry(entry, sector))
            .collect();
        if field(60) < END_OF_CHAIN {
            file.mini_table = numbers(&file.chain(field(60), u64::MAX)?).collect();
        }
        if file.entries.is_empty() {
            return Err(damaged("its directory is empty"));
        }
        Ok(file)
    }

    /// Sectors of the allocation table: 109 in the header, more in a chain of their own.
    fn table_sectors(&self, header: &[u8]) -> Result<Vec<u32>, ReadError> {
        let mut ids: Vec<u32> = numbers(&header[76..])
            .filter(|id| *id < END_OF_CHAIN - 2)
            .collect();
        let mut next = u32_at(header, 68).unwrap_or(FREE);
        let most = self.bytes.len() / self.sector;
        let mut steps = 0;
        while next < END_OF_CHAIN - 2 {
            steps += 1;
            if steps > most {
                return Err(damaged("its allocation table runs in a circle"));
            }
            let part: Vec<u32> = numbers(self.sector(next)?).collect();
            let Some((last, entries)) = part.split_last() else {
                break;
            };
            ids.extend(entries.iter().filter(|id| **id < END_OF_CHAIN - 2));
            next = *last;
        }
        if ids.len() > most {
            return Err(damaged("its allocation table is larger than the file"));
        }
        Ok(ids)
    }

    /// A sector; the last one of the file may be short.
    fn sector(&self, id: u32) -> Result<&'a [u8], ReadError> {
        let start = (id as usize)
            .checked_add(1)
            .and_then(|n| n.checked_mul(self.sector));
        start
            .filter(|start| *start < self.bytes.len())
            .map(|start| &self.bytes[start..(start + self.sector).min(self.bytes.len())])
            .ok_or_else(|| damaged("it refers to a sector beyond its end"))
    }

    fn chain(&self, start: u32, len: u64) -> Result<Vec<u8>, ReadError> {
        let most = self.bytes.len() / self.sector + 1;
        let mut out = Vec::new();
        let (mut id, mut steps) = (start, 0);
        while id != END_OF_CHAIN && (out.len() as u64) < len {
            steps += 1;
            if steps > most {
                return Err(damaged("a chain of sectors runs in a circle"));
            }
            out.extend_from_slice(self.sector(id)?);
            id = *self
                .table
                .get(id as usize)
                .ok_or_else(|| damaged("a chain of sectors leaves the allocation table"))?;
        }
        out.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Ok(out)
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The bytes of a stream.
    pub(super) fn stream(&self, name: &str) -> Result<Vec<u8>, ReadError> {
        let entry = self
            .find(name)
            .ok_or_else(|| damaged("it holds no workbook"))?;
        if entry.len > self.bytes.len() as u64 {
            return Err(damaged("its workbook is longer than the file"));
        }
        let stream = if entry.len < MINI_STREAM_BELOW {
            let root = self
                .entries
                .first()
                .ok_or_else(|| damaged("its directory is empty"))?;
            self.mini_chain(&self.chain(root.start, root.len)?, entry)?
        } else {
            self.chain(entry.start, entry.len)?
        };
        if (stream.len() as u64) < entry.len {
            return Err(damaged("it ends inside its workbook"));
        }
        Ok(stream)
    }

    fn mini_chain(&self, mini: &[u8], entry: &Entry) -> Result<Vec<u8>, ReadError> {
        let mut out = Vec::new();
        let (mut id, mut steps) = (entry.start, 0);
        while id != END_OF_CHAIN && (out.len() as u64) < entry.len {
            steps += 1;
            if steps > MINI_STREAM_BELOW / MINI_SECTOR as u64 {
                return Err(damaged("a chain of small sectors runs in a circle"));
            }
            let start = id as usize * MINI_SECTOR;
            let piece = mini.get(start..start + MINI_SECTOR);
            out.extend_from_slice(
                piece.ok_or_else(|| damaged("it refers to a small sector beyond its end"))?,
            );
            let next = self.mini_table.get(id as usize);
            id = *next.ok_or_else(|| damaged("a chain of small sectors leaves its table"))?;
        }
        out.truncate(entry.len as usize);
        Ok(out)
    }
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes
        .chunks_exact(4)
        .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn parse_entry(bytes: &[u8], sector: usize) -> Option<Entry> {
    let units = bytes[..64]
        .chunks_exact(2)
        .map(|b| u16::from_le_bytes([b[0], b[1]]))
        .take_while(|unit| *unit != 0);
    let name: String = char::decode_utf16(units).filter_map(Result::ok).collect();
    let (start, low, high) = (
        u32_at(bytes, 116)?,
        u32_at(bytes, 120)?,
        u32_at(bytes, 124)?,
    );
    // In files with small sectors the upper half of the length may hold rubbish.
    let len = if sector == 512 {
        u64::from(low)
    } else {
        u64::from(high) << 32 | u64::from(low)
    };
    (bytes[66] != 0).then_some(Entry { name, start, len })
}
