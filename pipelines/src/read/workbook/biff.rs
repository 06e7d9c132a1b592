//! Records of a binary workbook (MS-XLS) and the texts in them.

use super::super::error::ReadError;
use super::super::format::Kind;
use super::cfb::{u16_at, u32_at};

/// Numbers of the records that are read.
pub(super) mod id {
    pub(crate) const FORMULA: u16 = 0x0006;
    pub(crate) const EOF: u16 = 0x000A;
    pub(crate) const DATE_1904: u16 = 0x0022;
    pub(crate) const FILE_PASS: u16 = 0x002F;
    pub(crate) const CONTINUE: u16 = 0x003C;
    pub(crate) const COL_INFO: u16 = 0x007D;
    pub(crate) const BOUND_SHEET: u16 = 0x0085;
    pub(crate) const MUL_RK: u16 = 0x00BD;
    pub(crate) const R_STRING: u16 = 0x00D6;
    pub(crate) const XF: u16 = 0x00E0;
    pub(crate) const MERGE_CELLS: u16 = 0x00E5;
    pub(crate) const SST: u16 = 0x00FC;
    pub(crate) const LABEL_SST: u16 = 0x00FD;
    pub(crate) const NUMBER: u16 = 0x0203;
    pub(crate) const LABEL: u16 = 0x0204;
    pub(crate) const BOOL_ERR: u16 = 0x0205;
    pub(crate) const STRING: u16 = 0x0207;
    pub(crate) const RK: u16 = 0x027E;
    pub(crate) const FORMAT: u16 = 0x041E;
    pub(crate) const BOF: u16 = 0x0809;
}

/// Records of a stream from an offset on.
pub(super) struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

pub(super) fn damaged(at: usize, what: &str) -> ReadError {
    ReadError::Damaged {
        kind: Kind::Xls,
        detail: format!("{what} at byte {at} of the workbook stream"),
    }
}

impl<'a> Records<'a> {
    pub(super) fn new(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at }
    }

    /// Offset of the next record.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// The next record; a stream that ends without an EOF record is cut off.
    pub(super) fn next(&mut self) -> Result<(u16, &'a [u8]), ReadError> {
        let at = self.at;
        let (Some(kind), Some(len)) = (
            u16_at(self.stream, at),
            u16_at(self.stream, at.saturating_add(2)),
        ) else {
            return Err(damaged(at, "a record is missing"));
        };
        let data = self.stream.get(at + 4..at + 4 + usize::from(len));
        self.at = at + 4 + usize::from(len);
        data.map(|data| (kind, data))
            .ok_or_else(|| damaged(at, "a record is cut off"))
    }

    /// The CONTINUE records that follow.
    pub(super) fn continued(&mut self, first: &'a [u8]) -> Result<Segments<'a>, ReadError> {
        let at = self.at;
        let mut pieces = vec![first];
        while u16_at(self.stream, self.at) == Some(id::CONTINUE) {
            pieces.push(self.next()?.1);
        }
        Ok(Segments {
            pieces,
            piece: 0,
            pos: 0,
            at,
        })
    }
}

/// A record together with its continuations.
pub(super) struct Segments<'a> {
    pieces: Vec<&'a [u8]>,
    piece: usize,
    pos: usize,
    at: usize,
}

impl<'a> Segments<'a> {
    fn rest(&self) -> &'a [u8] {
        self.pieces
            .get(self.piece)
            .map_or(&[], |piece| &piece[self.pos.min(piece.len())..])
    }

    fn cut_off(&self) -> ReadError {
        damaged(self.at, "a text is cut off")
    }

    pub(super) fn at_end(&mut self) -> bool {
        while self.rest().is_empty() {
            if self.piece >= self.pieces.len() {
                return true;
            }
            self.piece += 1;
            self.pos = 0;
        }
        false
    }

    /// The next `n` bytes, over the borders of records.
    pub(super) fn skip(&mut self, mut n: usize) -> Result<(), ReadError> {
        while n > 0 {
            if self.at_end() {
                return Err(self.cut_off());
            }
            let step = n.min(self.rest().len());
            self.pos += step;
            n -= step;
        }
        Ok(())
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut out = [0; N];
        for byte in &mut out {
            if self.at_end() {
                return Err(self.cut_off());
            }
            *byte = self.rest()[0];
            self.pos += 1;
        }
        Ok(out)
    }

    /// A rich text with its length before it (XLUnicodeRichExtendedString). Formatting is skipped.
    pub(super) fn rich_text(&mut self, out: &mut String) -> Result<(), ReadError> {
        let [low, high, flags] = self.bytes::<3>()?;
        let characters = u16::from_le_bytes([low, high]);
        let runs = if flags & 8 == 0 {
            0
        } else {
            u16::from_le_bytes(self.bytes()?)
        };
        let extended = if flags & 4 == 0 {
            0
        } else {
            u32::from_le_bytes(self.bytes()?)
        };
        self.characters(usize::from(characters), flags, out)?;
        self.skip(usize::from(runs) * 4)?;
        self.skip(extended as usize)
    }

    /// A plain text with its length before it (XLUnicodeString).
    pub(super) fn text(&mut self, out: &mut String) -> Result<(), ReadError> {
        let [low, high, flags] = self.bytes::<3>()?;
        self.characters(usize::from(u16::from_le_bytes([low, high])), flags, out)
    }

    /// A plain text with a length of one byte (ShortXLUnicodeString).
    pub(super) fn short_text(&mut self, out: &mut String) -> Result<(), ReadError> {
        let [len, flags] = self.bytes::<2>()?;
        self.characters(usize::from(len), flags, out)
    }

    /// Characters of one or two bytes each; where a record ends inside a text, the next begins with flags of its own.
    fn characters(
        &mut self,
        mut n: usize,
        mut flags: u8,
        out: &mut String,
    ) -> Result<(), ReadError> {
        let mut units: Vec<u16> = Vec::new();
        while n > 0 {
            if self.rest().is_empty() {
                if self.at_end() {
                    return Err(self.cut_off());
                }
                flags = self.bytes::<1>()?[0];
            }
            let size = if flags & 1 == 0 { 1 } else { 2 };
            let take = n.min(self.rest().len() / size);
            if take == 0 {
                return Err(self.cut_off());
            }
            let piece = &self.rest()[..take * size];
            if size == 1 {
                units.extend(piece.iter().map(|b| from_compressed(*b)));
            } else {
                units.extend(
                    piece
                        .chunks_exact(2)
                        .map(|b| u16::from_le_bytes([b[0], b[1]])),
                );
            }
            self.pos += take * size;
            n -= take;
        }
        for c in char::decode_utf16(units) {
            out.push(c.map_err(|_| damaged(self.at, "a text with half a character"))?);
        }
        Ok(())
    }
}

/// A character of one byte. By the book it is the first half of Unicode's first page; the control characters there
/// never occur, but programs that write windows-1252 do.
fn from_compressed(byte: u8) -> u16 {
    if (0x80..0xA0).contains(&byte) {
        let (text, _) =
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(std::slice::from_ref(&byte));
        return text.encode_utf16().next().unwrap_or(u16::from(byte));
    }
    u16::from(byte)
}

/// A number in the short form (RkNumber): an integer or the upper half of a float, either of them perhaps times 100.
pub(super) fn rk(bits: u32) -> f64 {
    let number = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & 0xFFFF_FFFC) << 32)
    } else {
        f64::from(bits as i32 >> 2)
    };
    if bits & 1 == 0 {
        number
    } else {
        number / 100.0
    }
}

/// A float at an offset.
pub(super) fn f64_at(bytes: &[u8], at: usize) -> Option<f64> {
    let low = u64::from(u32_at(bytes, at)?);
    let high = u64::from(u32_at(bytes, at + 4)?);
    Some(f64::from_bits(high << 32 | low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers() {
        assert!((rk(0x3FF0_0000) - 1.0).abs() < f64::EPSILON);
        assert!((rk(0x3FF0_0001) - 0.01).abs() < f64::EPSILON);
        assert!((rk((1_234_u32 << 2) | 2) - 1_234.0).abs() < f64::EPSILON);
        assert!((rk((-5_i32 << 2) as u32 | 3) + 0.05).abs() < f64::EPSILON);
    }

    #[test]
    fn a_text_goes_on_in_the_next_record_with_its_own_width() {
        let mut stream = vec![0xFC, 0, 7, 0, 4, 0, 0, b'a', b'b', 0, 0];
        stream[2] = 5;
        stream.truncate(4 + 5);
        stream.extend([0x3C, 0, 5, 0, 1, 0x3A, 0x04, b'd', 0]);
        let mut records = Records::new(&stream, 0);
        let (kind, data) = records.next().expect("a record");
        assert_eq!(kind, id::SST);
        let mut out = String::new();
        records
            .continued(data)
            .expect("continued")
            .rich_text(&mut out)
            .expect("a text");
        assert_eq!(out, "ab\u{43A}d");
    }

    #[test]
    fn smart_quotes_in_short_characters() {
        assert_eq!(char::from_u32(u32::from(from_compressed(0x84))), Some('„'));
        assert_eq!(char::from_u32(u32::from(from_compressed(0xE4))), Some('ä'));
    }
}
