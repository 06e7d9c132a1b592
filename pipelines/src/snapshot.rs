//! What the publishers' files are right now: found in mirrors, in a named file or among the samples, and hashed.
//!
//! Owns finding and hashing; folders are looked through in `mirror`. Does not parse and does not archive: a [`FoundFile`] says
//! which bytes belong to which source and where they are; whoever needs them reads them from there, and most do so in pieces.

mod mirror;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};

pub use mirror::{Mirrored, Unread, from_mirrors};

use crate::read::Content;
use crate::source::{Catalogue, Source, hex};

/// Why files could not be found or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A mirror or file cannot be read.
    #[error("cannot read {path}: {cause}; look whether it is there and may be read")]
    Unreadable {
        /// The path.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// None of the mirrors can be read, and nothing came from elsewhere.
    #[error(
        "none of the folders of downloaded files can be read: {told}; see whether they are mounted"
    )]
    NoMirror {
        /// What is wrong with each.
        told: String,
    },
    /// The file has more bytes than any is read with.
    #[error(
        "{path} has {bytes} bytes, the limit is {limit}; no list is so large: look what was published"
    )]
    TooLarge {
        /// The path.
        path: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Somebody wrote the file while the run was at work.
    #[error("{path} changed while it was read; run again when its download is complete")]
    Changed {
        /// The path.
        path: String,
    },
    /// Two sources claim one file.
    #[error(
        "{file} belongs to two sources, {first} and {second}; make the patterns under `files` in their source.toml narrower"
    )]
    Claimed {
        /// The file.
        file: String,
        /// One source.
        first: String,
        /// The other.
        second: String,
    },
}

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
pub enum Origin {
    /// On disk.
    Path(PathBuf),
    /// In memory: a sample, or bytes fetched.
    Memory(Bytes),
}

/// One published file.
#[derive(Debug, Clone)]
pub struct FoundFile {
    /// The source it belongs to.
    pub source: Arc<Source>,
    /// Its name, without folders.
    pub file_name: String,
    /// sha256 of its bytes, hex.
    pub sha256: String,
    /// Number of bytes.
    pub bytes: u64,
    /// Where they are.
    pub origin: Origin,
    /// Other names under which the same bytes lie there for this source.
    pub also: Vec<String>,
}

impl Origin {
    /// Of a file that somebody named. What is no file, such as a pipe, can be read once and is in memory from then on.
    ///
    /// # Errors
    /// Where the system cannot read it.
    pub fn of(path: &Path) -> Result<Self, SnapshotError> {
        let found = std::fs::metadata(path).map_err(|cause| unreadable(path, cause))?;
        if found.is_file() {
            return Ok(Self::Path(path.to_path_buf()));
        }
        read_path(path).map(Self::Memory)
    }

    /// All bytes at once.
    ///
    /// # Errors
    /// Where the system cannot read them.
    pub fn bytes(&self) -> Result<Bytes, SnapshotError> {
        match self {
            Self::Path(path) => read_path(path),
            Self::Memory(bytes) => Ok(bytes.clone()),
        }
    }
}

impl FoundFile {
    /// A file of a source, hashed where it is.
    ///
    /// # Errors
    /// Where the system cannot read it.
    pub fn new(
        source: &Arc<Source>,
        file_name: &str,
        origin: Origin,
    ) -> Result<Self, SnapshotError> {
        let path = match origin {
            Origin::Memory(bytes) => return Ok(in_memory(source, file_name, bytes)),
            Origin::Path(path) => path,
        };
        let (sha256, bytes) = mirror::hash_file(&path)?;
        Ok(Self {
            source: Arc::clone(source),
            file_name: file_name.into(),
            sha256,
            bytes,
            origin: Origin::Path(path),
            also: Vec::new(),
        })
    }

    /// Where the bytes are read from; they are those of the snapshot, or refused.
    pub fn content(&self) -> Content {
        match &self.origin {
            Origin::Memory(bytes) => bytes.clone().into(),
            Origin::Path(path) => Content::File {
                path: path.clone(),
                bytes: self.bytes,
                sha256: self.sha256.clone(),
            },
        }
    }

    /// Fails if the bytes are no longer those of the snapshot, or cannot be read; they are hashed in pieces.
    pub fn check(&self) -> Result<(), SnapshotError> {
        let Origin::Path(path) = &self.origin else {
            return Ok(());
        };
        let (sha256, _) = mirror::hash_file(path)?;
        if sha256 == self.sha256 {
            return Ok(());
        }
        Err(SnapshotError::Changed {
            path: path.display().to_string(),
        })
    }

    /// The same bytes were found once more; a copy of the same name says nothing new.
    fn found_again(&mut self, file_name: String) {
        if file_name != self.file_name && !self.also.contains(&file_name) {
            self.also.push(file_name);
        }
    }

    /// Fails if it has more bytes than this; nothing of it is read for that.
    pub fn check_size(&self, limit: u64) -> Result<(), SnapshotError> {
        if self.bytes <= limit {
            return Ok(());
        }
        let path = match &self.origin {
            Origin::Path(path) => path.display().to_string(),
            Origin::Memory(_) => self.file_name.clone(),
        };
        Err(SnapshotError::TooLarge {
            path,
            bytes: self.bytes,
            limit,
        })
    }

    /// All bytes at once. Their hash is that of the snapshot, or they are refused.
    pub fn load(&self) -> Result<Bytes, SnapshotError> {
        let path = match &self.origin {
            Origin::Memory(bytes) => return Ok(bytes.clone()),
            Origin::Path(path) => path,
        };
        let bytes = read_path(path)?;
        if hex(&Sha256::digest(&bytes)) == self.sha256 {
            Ok(bytes)
        } else {
            Err(SnapshotError::Changed {
                path: path.display().to_string(),
            })
        }
    }
}

/// That the system does not let a file be read.
pub(crate) fn unreadable(path: &Path, cause: std::io::Error) -> SnapshotError {
    SnapshotError::Unreadable {
        path: path.display().to_string(),
        cause,
    }
}

/// The bytes of one named file.
pub fn read_path(path: &Path) -> Result<Bytes, SnapshotError> {
    std::fs::read(path)
        .map(Bytes::from)
        .map_err(|cause| unreadable(path, cause))
}

/// The bundled samples of all sources.
pub fn from_samples(catalogue: &Catalogue) -> Vec<FoundFile> {
    let mut found = Vec::new();
    for source in catalogue.iter() {
        for sample in catalogue.samples(&source.source_id) {
            found.push(in_memory(source, &sample.name, sample.bytes.clone()));
        }
    }
    found
}

/// Bytes at hand as a file of a source.
pub fn in_memory(source: &Arc<Source>, file_name: &str, bytes: Bytes) -> FoundFile {
    FoundFile {
        source: Arc::clone(source),
        file_name: file_name.into(),
        sha256: hex(&Sha256::digest(&bytes)),
        bytes: bytes.len() as u64,
        origin: Origin::Memory(bytes),
        also: Vec::new(),
    }
}
