//! What arrived, on disk until it is archived or refused.
//!
//! Owns that bytes are hashed and counted on their way there, and that no more than allowed come. They may name persons: the
//! files are the user's of the run alone, and go with what holds them, also where a signal ends the run.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use esf_engine::store::{Store, StoreError, TemporaryFile, hex};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::error::Cause;
use crate::read::Content;
use crate::snapshot::{FoundFile, Origin};
use crate::source::Source;

/// Bytes on their way to disk.
#[derive(Debug)]
pub(super) struct Draft {
    file: TemporaryFile,
    to: File,
    hash: Sha256,
    bytes: u64,
    limit: u64,
    deadline: Option<Instant>,
    is_full: bool,
    is_late: bool,
    unwritten: Option<io::Error>,
}

/// Bytes on disk. Removed when dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    file: TemporaryFile,
    sha256: String,
    /// How many.
    pub(super) bytes: u64,
}

impl Draft {
    /// Takes up to `limit` bytes, beside the store that they may be kept in.
    ///
    /// Fails where no file can be made.
    pub(super) fn new(store: &Store, limit: u64) -> Result<Self, Cause> {
        let file = store.private_file().map_err(unwritten)?;
        let to = file.open().map_err(unwritten)?;
        Ok(Self {
            file,
            to,
            hash: Sha256::new(),
            bytes: 0,
            limit,
            deadline: None,
            is_full: false,
            is_late: false,
            unwritten: None,
        })
    }

    /// Takes nothing more from a time on: whoever writes may be waited for by nobody then.
    pub(super) fn until(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Takes a piece, where that holds up nothing else.
    ///
    /// Fails as writing does.
    pub(super) async fn take(mut self, piece: Bytes) -> Result<Self, Cause> {
        let work = move || match self.write_all(&piece) {
            Ok(()) => Ok(self),
            Err(error) => Err(self.failed().unwrap_or(Cause::Unread(error))),
        };
        let taken = tokio::task::spawn_blocking(work).await;
        taken.unwrap_or(Err(Cause::Worker))
    }

    /// Whether more came than is allowed.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Why nothing could be written, where that is so. Whatever else failed is the fault of what gave the bytes.
    pub(super) fn failed(&mut self) -> Option<Cause> {
        if self.is_full {
            return Some(Cause::TooLarge { limit: self.limit });
        }
        if self.is_late {
            return Some(Cause::Budget { last: None });
        }
        let cause = self.unwritten.take()?;
        Some(Cause::Unwritten {
            path: self.file.path().display().to_string(),
            cause,
        })
    }

    /// All bytes have come.
    pub(super) fn finish(self) -> Waiting {
        Waiting {
            file: self.file,
            sha256: hex(&self.hash.finalize()),
            bytes: self.bytes,
        }
    }
}

impl Write for Draft {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let bytes = self.bytes.saturating_add(part.len() as u64);
        if bytes > self.limit {
            self.is_full = true;
            return Err(io::Error::other("larger than allowed"));
        }
        if (self.deadline).is_some_and(|deadline| Instant::now() >= deadline) {
            self.is_late = true;
            return Err(io::Error::other("later than allowed"));
        }
        if let Err(cause) = self.to.write_all(part) {
            let told = cause.kind().into();
            self.unwritten = Some(cause);
            return Err(told);
        }
        self.hash.update(part);
        self.bytes = bytes;
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Waiting {
    /// Where they are.
    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Where they are read from.
    pub(super) fn content(&self) -> Content {
        Content::File {
            path: self.file.path().to_owned(),
            bytes: self.bytes,
            sha256: self.sha256.clone(),
        }
    }

    /// The bytes as a file of a source, which is there as long as the other is.
    pub(super) fn found(
        self,
        source: &Arc<Source>,
        file_name: String,
    ) -> (FoundFile, TemporaryFile) {
        let found = FoundFile {
            source: Arc::clone(source),
            file_name,
            sha256: self.sha256,
            bytes: self.bytes,
            origin: Origin::Path(self.file.path().to_owned()),
            also: Vec::new(),
        };
        (found, self.file)
    }
}

fn unwritten(error: StoreError) -> Cause {
    match error {
        StoreError::Io { path, source, .. } => Cause::Unwritten {
            path: path.display().to_string(),
            cause: source,
        },
        other => Cause::Store(Box::new(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_hashed_and_given_back() {
        let store = Store::memory();
        let mut draft = Draft::new(&store, 8).unwrap();
        draft.write_all(b"a;b\n").unwrap();
        draft.write_all(b"1;2\n").unwrap();
        let waiting = draft.finish();
        let path = waiting.path().to_owned();
        assert_eq!(waiting.bytes, 8);
        // Content is compared with its hash.
        assert_eq!(waiting.content().bytes().unwrap(), "a;b\n1;2\n");
        drop(waiting);
        assert!(!path.exists());
    }

    #[test]
    fn no_more_comes_than_is_allowed() {
        let store = Store::memory();
        let mut draft = Draft::new(&store, 7).unwrap();
        let path = draft.file.path().to_owned();
        draft.write_all(b"a;b\n").unwrap();
        draft.write_all(b"1;2\n").unwrap_err();
        assert!(draft.is_full());
        assert!(matches!(draft.failed(), Some(Cause::TooLarge { limit: 7 })));
        assert_eq!(std::fs::read(&path).unwrap(), b"a;b\n");
        drop(draft);
        assert!(!path.exists());
    }

    #[test]
    fn nothing_comes_later_than_is_allowed() {
        let store = Store::memory();
        let draft = Draft::new(&store, 8).unwrap();
        let soon = Instant::now() + std::time::Duration::from_hours(1);
        let mut draft = draft.until(soon);
        draft.write_all(b"a;b\n").unwrap();
        assert!(draft.failed().is_none());
        let mut draft = draft.until(Instant::now());
        draft.write_all(b"1;2\n").unwrap_err();
        assert!(matches!(draft.failed(), Some(Cause::Budget { last: None })));
    }
}
