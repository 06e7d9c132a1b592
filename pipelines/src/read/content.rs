//! The bytes of a published file: at hand, or in a file on disk that is read in pieces when somebody needs them.
//!
//! Owns that whoever reads them gets the bytes that were found, or an error: what lies on disk may change between two looks.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use esf_engine::store::hex;
use sha2::{Digest, Sha256};

use super::error::ReadError;

/// Bytes that are read at once.
const PIECE: usize = 256 << 10;

/// The bytes of a published file, or where they are. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Content {
    /// At hand: a sample, or what object storage gave.
    Memory(Bytes),
    /// On disk.
    File {
        /// Where.
        path: PathBuf,
        /// How many.
        bytes: u64,
        /// Their sha256, hex.
        sha256: String,
    },
}

impl Content {
    /// Number of bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { bytes, .. } => *bytes,
        }
    }

    /// All bytes at once.
    ///
    /// # Errors
    /// Where the file cannot be read, or is no longer the one that was found.
    pub fn bytes(&self) -> Result<Bytes, ReadError> {
        if let Self::Memory(bytes) = self {
            return Ok(bytes.clone());
        }
        let mut all = Vec::with_capacity(usize::try_from(self.size()).unwrap_or(0));
        // Writing into memory cannot fail.
        let _ = self.write_to(&mut all)?;
        Ok(all.into())
    }

    /// The first bytes, or all that there are. Of what lies on disk nothing more is read, so they are not compared with its hash.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub(crate) fn head(&self, bytes: usize) -> Result<Bytes, ReadError> {
        match self {
            Self::Memory(all) => Ok(all.slice(..bytes.min(all.len()))),
            Self::File { path, .. } => {
                let mut head = Vec::with_capacity(bytes);
                let read = File::open(path)
                    .and_then(|file| file.take(bytes as u64).read_to_end(&mut head));
                read.map_err(|cause| unreadable(path, &cause))?;
                Ok(head.into())
            }
        }
    }

    /// Writes the bytes piece by piece, so that they need no memory. What the other side says is the inner result.
    ///
    /// # Errors
    /// Where the file cannot be read, or is no longer the one that was found. Bytes have been written then.
    pub(super) fn write_to(&self, to: &mut impl Write) -> Result<io::Result<()>, ReadError> {
        match self {
            Self::Memory(bytes) => Ok(to.write_all(bytes)),
            Self::File {
                path,
                bytes,
                sha256,
            } => copy(path, *bytes, sha256, to),
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Memory(bytes)
    }
}

fn copy(
    path: &Path,
    bytes: u64,
    sha256: &str,
    to: &mut impl Write,
) -> Result<io::Result<()>, ReadError> {
    let mut from = File::open(path).map_err(|e| unreadable(path, &e))?;
    let (mut hash, mut piece, mut copied) = (Sha256::new(), vec![0; PIECE], 0);
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(unreadable(path, &e)),
        };
        copied += read as u64;
        // Nobody gets more bytes than were promised.
        if copied > bytes {
            break;
        }
        hash.update(&piece[..read]);
        if let Err(gone) = to.write_all(&piece[..read]) {
            return Ok(Err(gone));
        }
    }
    if copied == bytes && hex(&hash.finalize()) == sha256 {
        return Ok(Ok(()));
    }
    Err(ReadError::Changed {
        path: path.display().to_string(),
    })
}

fn unreadable(path: &Path, cause: &io::Error) -> ReadError {
    ReadError::Unreadable {
        path: path.display().to_string(),
        cause: cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(path: &Path, bytes: &[u8]) -> Content {
        Content::File {
            path: path.to_owned(),
            bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
        }
    }

    #[test]
    fn a_file_gives_the_bytes_that_were_found_or_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("liste.csv");
        // More than is read at once, and no whole number of pieces.
        let found = b"Verein;1\n".repeat(PIECE / 4);
        let content = content(&path, &found);
        assert!(matches!(content.bytes(), Err(ReadError::Unreadable { .. })));
        std::fs::write(&path, &found).unwrap();
        assert_eq!(content.size(), found.len() as u64);
        assert_eq!(content.bytes().unwrap(), found);
        assert_eq!(content.head(11).unwrap(), found[..11]);
        assert_eq!(content.head(found.len() + 1).unwrap(), found);
        // Another byte, a byte too few, a row too many.
        let mut other = found.clone();
        other[PIECE] = b'X';
        let longer = b"Verein;1\n".repeat(PIECE / 4 + 1);
        for changed in [&other[..], &found[1..], &longer[..]] {
            std::fs::write(&path, changed).unwrap();
            let error = content.bytes().unwrap_err();
            assert!(matches!(error, ReadError::Changed { .. }), "{error}");
        }
    }

    /// Takes a few bytes and no more.
    struct Gone(usize);

    impl Write for Gone {
        fn write(&mut self, some: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(ErrorKind::BrokenPipe.into());
            }
            let taken = some.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn that_nobody_takes_the_bytes_is_no_fault_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("liste.csv");
        std::fs::write(&path, b"Verein;1\n").unwrap();
        let on_disk = content(&path, b"Verein;1\n");
        let at_hand = Content::from(Bytes::from_static(b"Verein;1\n"));
        for content in [on_disk, at_hand] {
            let written = content.write_to(&mut Gone(4)).unwrap();
            assert_eq!(written.unwrap_err().kind(), ErrorKind::BrokenPipe);
        }
    }
}
