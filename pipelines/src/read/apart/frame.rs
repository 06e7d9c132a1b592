//! Frames between a run and its readers: a tag, a length, a payload.

use std::io::{self, Read, Write};

/// What a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// A table begins (JSON).
    Sheet,
    /// Rows (an Arrow IPC stream).
    Batch,
    /// A doubt (JSON).
    Problem,
    /// The file has been read: what is known of the whole, or where a page leads (JSON).
    Done,
    /// The file cannot be read (text).
    Refused,
}

impl Tag {
    const ALL: [Self; 5] = [
        Self::Sheet,
        Self::Batch,
        Self::Problem,
        Self::Done,
        Self::Refused,
    ];

    fn byte(self) -> u8 {
        match self {
            Self::Sheet => b'S',
            Self::Batch => b'B',
            Self::Problem => b'P',
            Self::Done => b'D',
            Self::Refused => b'R',
        }
    }
}

/// One frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) tag: Tag,
    pub(super) payload: Vec<u8>,
}

/// Most bytes of one frame: a batch of text with its offsets stays far below.
const LARGEST: u64 = 1 << 30;

/// Writes one frame.
pub(super) fn write(to: &mut impl Write, tag: Tag, payload: &[u8]) -> io::Result<()> {
    let mut head = [0; 9];
    head[0] = tag.byte();
    head[1..].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    to.write_all(&head)?;
    to.write_all(payload)
}

/// Reads one frame; `None` at the end. Fails on a tag that there is not, and on a frame that is cut off or too large.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Frame>> {
    let mut head = [0; 9];
    if from.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut head[1..])?;
    let tag = Tag::ALL.into_iter().find(|tag| tag.byte() == head[0]);
    let mut length = [0; 8];
    length.copy_from_slice(&head[1..]);
    let length = u64::from_le_bytes(length);
    let Some(tag) = tag.filter(|_| length <= LARGEST) else {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    };
    let mut payload = Vec::new();
    from.take(length).read_to_end(&mut payload)?;
    if payload.len() as u64 != length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    }
    Ok(Some(Frame { tag, payload }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were_written() {
        let mut wire = Vec::new();
        write(&mut wire, Tag::Batch, b"rows").unwrap();
        write(&mut wire, Tag::Done, b"").unwrap();
        let mut from = wire.as_slice();
        let first = read(&mut from).unwrap().unwrap();
        assert_eq!(
            (first.tag, first.payload.as_slice()),
            (Tag::Batch, &b"rows"[..])
        );
        assert_eq!(read(&mut from).unwrap().unwrap().tag, Tag::Done);
        assert_eq!(read(&mut from).unwrap(), None);
        assert!(read(&mut &wire[..11]).is_err());
    }

    #[test]
    fn what_is_no_frame_is_refused_and_not_allocated() {
        let mut wire = vec![b'B'];
        wire.extend(u64::MAX.to_le_bytes());
        assert!(read(&mut wire.as_slice()).is_err());
        assert!(read(&mut &b"thread 'main' panicked"[..]).is_err());
    }
}
