//! Temporary files that results are streamed into before they get their final name.

use std::{
    fs::File,
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use sha2::{Digest, Sha256};

use super::{
    Copied, Result, StoreError,
    files::{Change, Files},
    hex,
};

/// Begins the names of temporary files, so that a sweep touches nothing else.
pub(crate) const PREFIX: &str = "esf-";

/// Bytes that are copied at once.
const PIECE: usize = 256 * 1024;

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A file without a name in the store yet. Removed when dropped, unless it was moved into the store.
#[derive(Debug)]
pub struct TemporaryFile {
    path: PathBuf,
    files: Files,
    moved: bool,
}

impl TemporaryFile {
    /// Makes an empty file in a folder that exists or can be made.
    pub(super) fn create(files: &Files, folder: &Path) -> Result<Self> {
        loop {
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            // The random part keeps two machines apart that write to one shared folder under equal process ids.
            let salt = {
                use std::hash::{BuildHasher, Hasher};
                std::hash::RandomState::new().build_hasher().finish()
            };
            let path = folder.join(format!(
                "{PREFIX}{}-{count}-{salt:016x}",
                std::process::id()
            ));
            match files.apply(Change::CreateFile(&path)) {
                Ok(()) => {
                    return Ok(Self {
                        path,
                        files: files.clone(),
                        moved: false,
                    });
                }
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                    // This also makes the root of a new store.
                    files
                        .create_durable_folders(folder)
                        .map_err(StoreError::io("create the folder", folder))?;
                }
                Err(e) => {
                    return Err(StoreError::Io {
                        action: "create",
                        path,
                        source: e,
                    });
                }
            }
        }
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file for writing from its beginning.
    pub fn open(&self) -> Result<File> {
        File::options()
            .write(true)
            .open(&self.path)
            .map_err(StoreError::io("open", &self.path))
    }

    /// Copies a file of this hash into this one, which is empty. Fails where this one cannot be written.
    pub(super) fn fill(&self, file: &Path, hash: &str) -> Result<Copied> {
        let mut from = match File::open(file) {
            Ok(from) => from,
            Err(cause) => return Ok(Copied::Unreadable(cause)),
        };
        let mut to = self.open()?;
        let (mut hasher, mut piece) = (Sha256::new(), vec![0; PIECE]);
        loop {
            match from.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => {
                    hasher.update(&piece[..read]);
                    to.write_all(&piece[..read])
                        .map_err(StoreError::io("write", &self.path))?;
                }
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) => return Ok(Copied::Unreadable(cause)),
            }
        }
        Ok(if hex(&hasher.finalize()) == hash {
            Copied::Kept
        } else {
            Copied::Changed
        })
    }

    /// Gives the file its final name.
    pub(super) fn rename(mut self, to: &Path) -> Result<()> {
        let rename = Change::Rename(&self.path, to);
        match self.files.apply(rename) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let parent = to.parent().unwrap_or(Path::new("."));
                self.files
                    .create_folders(parent)
                    .map_err(StoreError::io("create the folder", parent))?;
                self.files.apply(rename)
            }
            other => other,
        }
        .map_err(StoreError::io("write", to))?;
        self.moved = true;
        Ok(())
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.moved {
            // Nothing can be done about a failure here; a sweep finds the file later.
            let _ = self.files.apply(Change::Remove(&self.path));
        }
    }
}
