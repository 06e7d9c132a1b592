//! Temporary files that results are streamed into before they get their final name.
//!
//! They have names of their own, by which a sweep knows what killed processes left behind: among the unfinished files of a
//! folder that is a store, and in the folder of the system for temporary files.

use std::{
    ffi::OsStr,
    fs::{self, File, Metadata},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
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
        Self::make(files, folder, false)
    }

    /// The same, for a file that nobody but its owner may read, whatever the folder.
    pub(super) fn create_private(files: &Files, folder: &Path) -> Result<Self> {
        Self::make(files, folder, true)
    }

    fn make(files: &Files, folder: &Path, is_private: bool) -> Result<Self> {
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
            let change = if is_private {
                Change::CreatePrivateFile(&path)
            } else {
                Change::CreateFile(&path)
            };
            match files.apply(change) {
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

/// Removes what killed processes of this user left in a folder that is no store, more than `age` ago; says how many files.
pub(super) fn sweep(folder: &Path, age: Duration) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let left = entries.map(|entry| entry.path()).filter(|path| {
        // Links are not followed: whoever may write there could lead anywhere by one.
        let found = fs::symlink_metadata(path).ok();
        path.file_name().is_some_and(is_name)
            && found.is_some_and(|found| is_own(&found) && is_old(&found, age))
    });
    left.filter(|path| fs::remove_file(path).is_ok()).count()
}

/// Whether a file has a name as [`TemporaryFile`] gives it.
fn is_name(name: &OsStr) -> bool {
    let parts = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    let parts: Vec<&str> = parts.into_iter().flat_map(|rest| rest.split('-')).collect();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_salt =
        |part: &str| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    matches!(parts.as_slice(), [process, count, salt] if is_number(process) && is_number(count) && is_salt(salt))
}

fn is_old(found: &Metadata, age: Duration) -> bool {
    let elapsed = found.modified().ok().map(|modified| modified.elapsed());
    found.is_file() && matches!(elapsed, Some(Ok(elapsed)) if elapsed > age)
}

#[cfg(unix)]
fn is_own(found: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_killed_processes_left_is_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let there = |name: &str| folder.path().join(name);
        let left = TemporaryFile::create_private(&Files::default(), folder.path()).unwrap();
        let path = left.path().to_owned();
        std::mem::forget(left);
        let others = ["esf-listen", "esf-1-2-3", "esf-1-2-0123456789abcdef.csv"];
        for other in others {
            fs::write(there(other), b"x").unwrap();
        }
        fs::create_dir(there("esf-1-2-0123456789abcdef")).unwrap();
        assert_eq!(sweep(folder.path(), Duration::from_hours(1)), 0);
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(sweep(folder.path(), Duration::from_millis(1)), 1);
        assert!(!path.exists());
        assert!(others.iter().all(|other| there(other).exists()));
        assert!(there("esf-1-2-0123456789abcdef").exists());
        assert_eq!(sweep(&there("nowhere"), Duration::ZERO), 0);
    }
}
