//! The store: where the bytes of a warehouse lie, and the few ways they may be written.
//!
//! Owns: opening a location (a local folder, `file://`, `s3://`, `az://`, `gs://`, `memory://`), whole-object reads and writes,
//! the conditional create that publishing rests on, content-addressed raw bytes, and durability.
//! Does not own: what the objects mean (see [`crate::release`]) or how tables are encoded (see [`crate::write`]).
//!
//! Invariants:
//! - a path is relative, `/`-separated and made of plain characters, so that it names the same object everywhere;
//! - an object becomes visible whole or not at all (temporary file and rename locally, one put remotely);
//! - [`Store::create`] is durable when it returns; everything else is durable after [`Store::sync`]. Local files are
//!   written by this module and not by `object_store`, which never calls fsync;
//! - raw bytes are verified against their name on every read.

mod arrival;
mod error;
mod files;
mod local;
mod location;
mod overlay;
#[cfg(test)]
pub(crate) mod power;
mod remote;
mod temporary;
#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use jiff::{SignedDuration, Timestamp};
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};

pub use error::StoreError;
pub(crate) use files::PRIVATE;
pub(crate) use local::TEMPORARY_FOLDER;
pub(crate) use temporary::PREFIX as TEMPORARY_PREFIX;
pub use temporary::TemporaryFile;

use files::Files;
use local::{LocalStore, blocking};
use remote::RemoteStore;

/// Objects on object storage that are older than this are written again when they are kept again: half of the age below
/// which garbage collection leaves an object alone.
const RENEWED_AFTER: SignedDuration = SignedDuration::from_hours(12);

/// The result of the operations of a store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Whether a conditional create made the object or found one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// The object did not exist and now holds the given bytes.
    New,
    /// An object of that name was there already; it was left alone.
    Exists,
}

/// What became of a file whose bytes were to be kept.
#[derive(Debug)]
pub enum Copied {
    /// They are kept.
    Kept,
    /// They have another hash than was said; nothing of them is kept.
    Changed,
    /// The file cannot be read; nothing of it is kept.
    Unreadable(std::io::Error),
}

/// One object found by [`Store::list`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The path inside the store.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written, by the clock of the storage; the present, where the storage does not say.
    pub modified: Timestamp,
}

/// A place that holds the objects of a warehouse. Cheap to clone; clones share what still has to be synced.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Backend,
    location: String,
}

#[derive(Debug, Clone)]
enum Backend {
    Local(LocalStore),
    Remote(RemoteStore),
}

impl Store {
    /// Opens a location: a folder (made on the first write), `file://…`, `s3://bucket/prefix`,
    /// `az://container/prefix` or `gs://bucket/prefix` (credentials and endpoint from the usual `AWS_…`, `AZURE_…` and
    /// `GOOGLE_…` variables), or `memory://` for a store that lives as long as the process.
    ///
    /// Fails on a scheme this build does not support and on settings the storage client rejects; nothing is contacted.
    pub fn open(location: &str) -> Result<Self> {
        location::open(location)
    }

    /// A store in memory, for tests.
    pub fn memory() -> Self {
        Self::from_object_store(Arc::new(object_store::memory::InMemory::new()), "memory://")
    }

    /// A store over any `object_store` implementation, for example one that injects faults.
    pub fn from_object_store(inner: Arc<dyn ObjectStore>, location: &str) -> Self {
        Self {
            backend: Backend::Remote(RemoteStore::new(inner)),
            location: location.to_owned(),
        }
    }

    /// A store that reads this one and writes into a temporary folder, which is removed with the last clone of it.
    ///
    /// Fails where no temporary folder can be made.
    pub fn rehearsal(&self) -> Result<Self> {
        let exists = self.folder().is_none_or(Path::exists);
        let below = exists.then(|| self.object_store()).transpose()?;
        let overlay = overlay::Overlay::new(below)
            .map_err(StoreError::io("create a folder in", std::env::temp_dir()))?;
        Ok(Self::from_object_store(Arc::new(overlay), &self.location))
    }

    /// The location as the user named it.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The folder of a local store.
    pub fn folder(&self) -> Option<&Path> {
        match &self.backend {
            Backend::Local(local) => Some(local.root()),
            Backend::Remote(_) => None,
        }
    }

    /// The same objects as DataFusion reads them.
    ///
    /// Fails for a local folder that does not exist yet.
    pub fn object_store(&self) -> Result<Arc<dyn ObjectStore>> {
        match &self.backend {
            Backend::Local(local) => local.object_store(),
            Backend::Remote(remote) => Ok(remote.object_store()),
        }
    }

    /// Reads an object whole. Fails with [`StoreError::NotFound`] if there is none.
    pub async fn get(&self, path: &str) -> Result<Bytes> {
        self.get_if_exists(path)
            .await?
            .ok_or_else(|| StoreError::NotFound {
                path: path.to_owned(),
                location: self.location.clone(),
            })
    }

    /// Reads an object whole, or `None` if there is none.
    pub async fn get_if_exists(&self, path: &str) -> Result<Option<Bytes>> {
        checked(path)?;
        match &self.backend {
            Backend::Local(local) => local.get(path).await,
            Backend::Remote(remote) => remote.get(path).await,
        }
    }

    /// The size of an object, and its bytes in pieces. Fails with [`StoreError::NotFound`] if there is none. Whether as many come as
    /// were promised is for the caller to count.
    pub async fn pieces(&self, path: &str) -> Result<(u64, BoxStream<'static, Result<Bytes>>)> {
        checked(path)?;
        let found = match self.object_store()?.get(&path.into()).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(StoreError::NotFound {
                    path: path.to_owned(),
                    location: self.location.clone(),
                });
            }
            Err(error) => return Err(StoreError::remote("read", path)(error)),
        };
        let (size, path) = (found.meta.size, path.to_owned());
        let pieces = found.into_stream();
        let pieces = pieces.map_err(move |error| StoreError::remote("read", &path)(error));
        Ok((size, pieces.boxed()))
    }

    /// The sha256 of an object in lower-case hexadecimal digits. It is read in pieces, so that it costs no memory however
    /// large it is. Fails with [`StoreError::NotFound`] if there is none.
    pub async fn hash(&self, path: &str) -> Result<String> {
        checked(path)?;
        let hash = match &self.backend {
            Backend::Local(local) => local.hash(path).await?,
            Backend::Remote(remote) => remote.hash(path).await?,
        };
        hash.ok_or_else(|| StoreError::NotFound {
            path: path.to_owned(),
            location: self.location.clone(),
        })
    }

    /// The size of an object, or `None` if there is none.
    pub async fn size(&self, path: &str) -> Result<Option<u64>> {
        checked(path)?;
        match &self.backend {
            Backend::Local(local) => local.size(path).await,
            Backend::Remote(remote) => remote.size(path).await,
        }
    }

    /// Writes an object, replacing one of that name. Durable after the next [`Store::sync`].
    pub async fn put(&self, path: &str, bytes: Bytes) -> Result<()> {
        checked(path)?;
        match &self.backend {
            Backend::Local(local) => local.put(path, bytes).await,
            Backend::Remote(remote) => remote.put(path, bytes).await,
        }
    }

    /// Creates an object unless one of that name exists: exactly one of any number of callers gets
    /// [`Created::New`]. Durable on return.
    ///
    /// On an error the object may or may not have been created (a lost answer); read it back to know.
    pub async fn create(&self, path: &str, bytes: Bytes) -> Result<Created> {
        checked(path)?;
        match &self.backend {
            Backend::Local(local) => local.create(path, bytes).await,
            Backend::Remote(remote) => remote.create(path, bytes).await,
        }
    }

    /// Moves a finished temporary file to a place that is named by its content. An object that is there already and holds
    /// the same (locally) or as much (remotely) is left as it is, because a published release may stand on it.
    /// Durable after the next [`Store::sync`].
    pub async fn put_file(&self, path: &str, file: TemporaryFile) -> Result<()> {
        checked(path)?;
        match &self.backend {
            Backend::Local(local) => local.put_file(path, file).await,
            Backend::Remote(remote) => remote.put_file(path, file).await,
        }
    }

    /// Moves a finished temporary file to a place that is named by its content, as [`Store::put_file`] does, whatever is there:
    /// an object that is as large may be damaged.
    pub async fn replace_file(&self, path: &str, file: TemporaryFile) -> Result<()> {
        checked(path)?;
        match &self.backend {
            // There the content is compared, and only what holds the same is left as it is.
            Backend::Local(local) => local.put_file(path, file).await,
            Backend::Remote(remote) => remote.replace_file(path, &file).await,
        }
    }

    /// Removes an object; removing one that does not exist is no error. Durable after the next [`Store::sync`].
    pub async fn delete(&self, path: &str) -> Result<()> {
        checked(path)?;
        match &self.backend {
            Backend::Local(local) => local.delete(path).await,
            Backend::Remote(remote) => remote.delete(path).await,
        }
    }

    /// All objects below a folder, sorted by path. A folder that does not exist is empty.
    pub async fn list(&self, folder: &str) -> Result<Vec<Entry>> {
        checked(folder)?;
        let mut entries = match &self.backend {
            Backend::Local(local) => local.list(folder).await?,
            Backend::Remote(remote) => remote.list(folder).await?,
        };
        entries.sort();
        Ok(entries)
    }

    /// The paths of all objects below a folder, sorted. Of a local file nothing but its name is looked at: folders that grow
    /// every night are listed in every night.
    pub async fn paths(&self, folder: &str) -> Result<Vec<String>> {
        checked(folder)?;
        let mut paths = match &self.backend {
            Backend::Local(local) => local.paths(folder).await?,
            Backend::Remote(remote) => {
                let entries = remote.list(folder).await?;
                entries.into_iter().map(|entry| entry.path).collect()
            }
        };
        paths.sort_unstable();
        Ok(paths)
    }

    /// Makes everything written so far survive a loss of power. Remote stores are durable at once.
    pub async fn sync(&self) -> Result<()> {
        match &self.backend {
            Backend::Local(local) => local.sync().await,
            Backend::Remote(_) => Ok(()),
        }
    }

    /// An empty file to stream into before [`Store::put_file`]. It is removed when dropped.
    pub fn temporary(&self) -> Result<TemporaryFile> {
        match &self.backend {
            Backend::Local(local) => local.temporary(),
            Backend::Remote(_) => in_system(),
        }
    }

    /// An empty file that nobody but its owner may read, for bytes of which it is not known yet whether they are kept. It lies
    /// among the unfinished files of a store that is a folder and was written to, and else in the folder of the system for
    /// temporary files: no store is made by it. It is removed when dropped, and not moved into the store.
    pub fn private_file(&self) -> Result<TemporaryFile> {
        let local = match &self.backend {
            Backend::Local(local) => local.private_file(),
            Backend::Remote(_) => None,
        };
        local.unwrap_or_else(in_system)
    }

    /// Removes temporary files that an interrupted process left behind in the store more than `age` ago; says how many.
    pub async fn sweep(&self, age: std::time::Duration) -> Result<usize> {
        match &self.backend {
            Backend::Local(local) => local.sweep(age).await,
            Backend::Remote(_) => Ok(0),
        }
    }

    /// Keeps published bytes (or a declaration) under the hash of their content and returns that hash.
    ///
    /// Bytes already kept are compared, not trusted: a file cut short by a crash is replaced. They count as written now,
    /// so that garbage collection leaves them to the run that is about to name them.
    pub async fn put_raw(&self, bytes: Bytes) -> Result<String> {
        let hash = sha256(&bytes);
        self.put_raw_as(&hash, bytes).await?;
        Ok(hash)
    }

    /// Like [`Store::put_raw`], for bytes whose hash the caller has just taken.
    pub async fn put_raw_as(&self, hash: &str, bytes: Bytes) -> Result<()> {
        let path = raw_path(hash);
        match &self.backend {
            Backend::Local(local) => local.put_same(&path, bytes).await?,
            Backend::Remote(remote) => {
                if !remote.keeps(&path, bytes.len() as u64).await? {
                    remote.put(&path, bytes).await?;
                }
            }
        }
        Ok(())
    }

    /// Like [`Store::put_raw_as`], for the bytes of a file, which are copied in pieces, so that they cost no memory however many
    /// they are, and hashed on the way. Bytes that a local store has already are not read again from the file.
    ///
    /// Fails where the store does; what is wrong with the file is in [`Copied`].
    pub async fn put_raw_file(&self, hash: &str, file: &Path) -> Result<Copied> {
        let path = raw_path(hash);
        let is_kept = match &self.backend {
            Backend::Local(local) => local.keeps(&path, hash).await?,
            Backend::Remote(remote) => match std::fs::metadata(file) {
                Ok(found) => remote.keeps(&path, found.len()).await?,
                Err(cause) => return Ok(Copied::Unreadable(cause)),
            },
        };
        if is_kept {
            return Ok(Copied::Kept);
        }
        let (copy, copied) = self.copy_of(hash, file).await?;
        if matches!(copied, Copied::Kept) {
            self.put_file(&path, copy).await?;
        }
        Ok(copied)
    }

    /// Like [`Store::put_raw_file`], whatever is kept under the hash: what is as large may be damaged.
    pub async fn replace_raw_file(&self, hash: &str, file: &Path) -> Result<Copied> {
        let (copy, copied) = self.copy_of(hash, file).await?;
        if matches!(copied, Copied::Kept) {
            self.replace_file(&raw_path(hash), copy).await?;
        }
        Ok(copied)
    }

    /// A copy of a file whose bytes should have this hash, and whether they have.
    async fn copy_of(&self, hash: &str, file: &Path) -> Result<(TemporaryFile, Copied)> {
        let (copy, file, expected) = (self.temporary()?, file.to_owned(), hash.to_owned());
        blocking(move || {
            let copied = copy.fill(&file, &expected)?;
            Ok((copy, copied))
        })
        .await
    }

    /// Verifies raw bytes without holding them, and gives their number. Fails as [`Store::get_raw`] does.
    pub async fn check_raw(&self, hash: &str) -> Result<u64> {
        let path = raw_path(hash);
        let found = self.hash(&path).await?;
        if found != hash {
            return Err(StoreError::Corrupt {
                path,
                expected: hash.to_owned(),
                found,
            });
        }
        let size = self.size(&path).await?;
        size.ok_or_else(|| StoreError::NotFound {
            path,
            location: self.location.clone(),
        })
    }

    /// Reads raw bytes and verifies them. Fails with [`StoreError::Corrupt`] if they no longer have their hash.
    pub async fn get_raw(&self, hash: &str) -> Result<Bytes> {
        let path = raw_path(hash);
        let bytes = self.get(&path).await?;
        let found = sha256(&bytes);
        if found == hash {
            Ok(bytes)
        } else {
            Err(StoreError::Corrupt {
                path,
                expected: hash.to_owned(),
                found,
            })
        }
    }

    /// Whether raw bytes of this hash are kept (their content is not read).
    pub async fn has_raw(&self, hash: &str) -> Result<bool> {
        Ok(self.size(&raw_path(hash)).await?.is_some())
    }
}

/// A temporary file outside of any store. It may hold rows that count people, so it is nobody else's to read.
fn in_system() -> Result<TemporaryFile> {
    TemporaryFile::create_private(&Files::default(), &std::env::temp_dir())
}

/// Removes what killed processes of this user left in the folder of the system for temporary files more than `age` ago, as
/// [`Store::sweep`] does in a store; says how many files.
pub async fn sweep_system(age: std::time::Duration) -> usize {
    let swept = blocking(move || Ok(temporary::sweep(&std::env::temp_dir(), age))).await;
    swept.unwrap_or(0)
}

/// The path of raw bytes.
pub fn raw_path(hash: &str) -> String {
    format!("raw/{hash}")
}

/// The sha256 of some bytes in lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal digits of a digest.
pub fn hex(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| DIGITS[digit as usize] as char)
        .collect()
}

/// Refuses paths that could leave the store or be spelled differently by two kinds of storage.
fn checked(path: &str) -> Result<()> {
    let plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+' | b'='))
    };
    if path.split('/').all(plain) {
        Ok(())
    } else {
        Err(StoreError::Path {
            path: path.to_owned(),
        })
    }
}
