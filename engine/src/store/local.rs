//! A store in a local folder, durable as the file system allows.
//!
//! Objects are written to `.tmp/` and renamed. Their fsync is put off to [`LocalStore::sync`], because a first run
//! writes hundreds of files and one fsync each would take longer than computing them; nothing refers to a file
//! before the sync that precedes publication. What a crash leaves in between is only ever overwritten or compared. The
//! root itself is durable from the moment it is made; one that was there before is somebody else's.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use jiff::Timestamp;
use object_store::{ObjectStore, local::LocalFileSystem};
use sha2::{Digest, Sha256};

use super::{
    Created, Entry, Result, StoreError, TemporaryFile,
    files::{Change, Files},
    hex, temporary,
};

/// Where unfinished files lie.
pub(crate) const TEMPORARY_FOLDER: &str = ".tmp";

/// How many files are synced at once: the file system commits concurrent requests together.
const SYNC_THREADS: usize = 8;

/// Bytes of a file, or of each of two files that are compared, that are read at once.
const COMPARED: usize = 256 * 1024;

/// What a [`Store`](super::Store) asks of a folder; the methods do what its methods of the same names say.
#[derive(Debug, Clone)]
pub(super) struct LocalStore {
    root: PathBuf,
    files: Files,
    /// Files and folders that a crash could still undo: [`LocalStore::sync`] makes them durable.
    unsynced: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl LocalStore {
    pub(super) fn new(root: PathBuf, files: Files) -> Self {
        Self {
            files: files.of(&root),
            root,
            unsynced: Arc::default(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn object_store(&self) -> Result<Arc<dyn ObjectStore>> {
        let store = LocalFileSystem::new_with_prefix(&self.root)
            .map_err(StoreError::remote("open", &self.root.display().to_string()))?;
        Ok(Arc::new(store))
    }

    pub(super) fn temporary(&self) -> Result<TemporaryFile> {
        TemporaryFile::create(&self.files, &self.root.join(TEMPORARY_FOLDER))
    }

    /// An empty file that stays where it is, for nobody but its owner; `None` in a store that nobody has written to.
    pub(super) fn private_file(&self) -> Option<Result<TemporaryFile>> {
        let folder = self.root.join(TEMPORARY_FOLDER);
        let is_there = folder.is_dir();
        is_there.then(|| TemporaryFile::create_private(&self.files, &folder))
    }

    pub(super) async fn get(&self, path: &str) -> Result<Option<Bytes>> {
        let file = self.root.join(path);
        blocking(move || match fs::read(&file) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(e) if is_absent(&e) => Ok(None),
            Err(e) => Err(StoreError::io("read", file)(e)),
        })
        .await
    }

    pub(super) async fn hash(&self, path: &str) -> Result<Option<String>> {
        let path = self.root.join(path);
        blocking(move || match hash_file(&path) {
            Ok(hash) => Ok(Some(hash)),
            Err(e) if is_absent(&e) => Ok(None),
            Err(e) => Err(StoreError::io("read", path)(e)),
        })
        .await
    }

    /// Whether a file holds bytes of this hash; then it has the time of now. One that cannot be read holds none.
    pub(super) async fn keeps(&self, path: &str, hash: &str) -> Result<bool> {
        let (this, hash) = (self.clone(), hash.to_owned());
        let target = self.root.join(path);
        blocking(move || {
            let is_same = hash_file(&target).is_ok_and(|found| found == hash);
            if !is_same || renew(&target).is_err() {
                return Ok(false);
            }
            // An earlier process may have been killed before its sync: it is asked for again.
            this.remember(target);
            Ok(true)
        })
        .await
    }

    pub(super) async fn size(&self, path: &str) -> Result<Option<u64>> {
        let file = self.root.join(path);
        blocking(move || match fs::metadata(&file) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
            Ok(_) => Ok(None),
            Err(e) if is_absent(&e) => Ok(None),
            Err(e) => Err(StoreError::io("look at", file)(e)),
        })
        .await
    }

    pub(super) async fn put(&self, path: &str, bytes: Bytes) -> Result<()> {
        let this = self.clone();
        let target = self.root.join(path);
        blocking(move || this.write(&target, &bytes)).await
    }

    /// Like `put`, but leaves a file that holds exactly these bytes as it is, with the time of now.
    pub(super) async fn put_same(&self, path: &str, bytes: Bytes) -> Result<()> {
        let this = self.clone();
        let target = self.root.join(path);
        blocking(move || {
            let size = fs::metadata(&target).map(|m| m.len()).ok();
            let is_same = size == Some(bytes.len() as u64) && holds(&target, &bytes);
            if is_same && renew(&target).is_ok() {
                // An earlier process may have been killed before its sync: it is asked for again.
                this.remember(target);
                return Ok(());
            }
            this.write(&target, &bytes)
        })
        .await
    }

    pub(super) async fn put_file(&self, path: &str, file: TemporaryFile) -> Result<()> {
        let this = self.clone();
        let target = self.root.join(path);
        blocking(move || {
            // A published release may stand on what is there, which is durable; a new file in its place would not be.
            if !(is_same(file.path(), &target) && renew(&target).is_ok()) {
                file.rename(&target)?;
            }
            this.remember(target);
            Ok(())
        })
        .await
    }

    pub(super) async fn create(&self, path: &str, bytes: Bytes) -> Result<Created> {
        let this = self.clone();
        let target = self.root.join(path);
        blocking(move || {
            let temporary = this.temporary()?;
            write_all(&temporary, &bytes)?;
            this.sync_path(temporary.path())?;
            let parent = target.parent().unwrap_or(&this.root);
            this.files
                .create_folders(parent)
                .map_err(StoreError::io("create the folder", parent))?;
            // A hard link is the one portable operation that fails, atomically, if the name is taken.
            match this.files.apply(Change::Link(temporary.path(), &target)) {
                Ok(()) => {}
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Ok(Created::Exists),
                Err(e) => return Err(StoreError::io("create", target)(e)),
            }
            // Whoever reads it back after an error here must sync it before saying that it is there.
            this.remember(target.clone());
            this.folders_of(&target)
                .iter()
                .try_for_each(|folder| this.sync_path(folder))?;
            this.forget(&target);
            Ok(Created::New)
        })
        .await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<()> {
        let this = self.clone();
        let target = self.root.join(path);
        blocking(move || {
            this.forget(&target);
            match this.files.apply(Change::Remove(&target)) {
                Ok(()) => {
                    // What was removed is gone for good once its folder is synced.
                    this.remember(target.parent().unwrap_or(&this.root).to_owned());
                    Ok(())
                }
                Err(e) if is_absent(&e) => Ok(()),
                Err(e) => Err(StoreError::io("remove", target)(e)),
            }
        })
        .await
    }

    pub(super) async fn list(&self, folder: &str) -> Result<Vec<Entry>> {
        let (folder, top) = (folder.to_owned(), self.root.join(folder));
        blocking(move || {
            let mut entries = Vec::new();
            walk(&top, &folder, &mut |found, path| {
                match found.metadata() {
                    Ok(metadata) => entries.push(Entry {
                        path,
                        bytes: metadata.len(),
                        modified: modified(&metadata),
                    }),
                    // Another process has moved or removed it since the folder was read.
                    Err(e) if is_absent(&e) => {}
                    Err(e) => return Err(StoreError::io("look at", found.path())(e)),
                }
                Ok(())
            })?;
            Ok(entries)
        })
        .await
    }

    pub(super) async fn paths(&self, folder: &str) -> Result<Vec<String>> {
        let (folder, top) = (folder.to_owned(), self.root.join(folder));
        blocking(move || {
            let mut paths = Vec::new();
            walk(&top, &folder, &mut |_, path| {
                paths.push(path);
                Ok(())
            })?;
            Ok(paths)
        })
        .await
    }

    pub(super) async fn sync(&self) -> Result<()> {
        let this = self.clone();
        blocking(move || {
            let files: Vec<PathBuf> =
                std::mem::take(&mut *this.unsynced.lock().unwrap_or_else(PoisonError::into_inner))
                    .into_iter()
                    .collect();
            let result = this.sync_files(&files).and_then(|()| {
                let folders: BTreeSet<PathBuf> = files
                    .iter()
                    .flat_map(|file| this.folders_of(file))
                    .collect();
                folders.iter().try_for_each(|folder| this.sync_path(folder))
            });
            if result.is_err() {
                for file in files {
                    this.remember(file);
                }
            }
            result
        })
        .await
    }

    pub(super) async fn sweep(&self, age: Duration) -> Result<usize> {
        let files = self.files.clone();
        let folder = self.root.join(TEMPORARY_FOLDER);
        blocking(move || {
            let Ok(entries) = fs::read_dir(&folder) else {
                return Ok(0);
            };
            let old = |path: &Path| {
                let modified = fs::metadata(path)
                    .and_then(|m| m.modified())
                    .unwrap_or(SystemTime::now());
                modified.elapsed().is_ok_and(|elapsed| elapsed > age)
            };
            let ours = |path: &Path| {
                path.file_name()
                    .and_then(|n| n.to_str())
                    .is_some_and(|n| n.starts_with(temporary::PREFIX))
            };
            let stale = entries
                .flatten()
                .map(|e| e.path())
                .filter(|path| ours(path) && old(path));
            Ok(stale
                .filter(|path| files.apply(Change::Remove(path)).is_ok())
                .count())
        })
        .await
    }

    fn write(&self, target: &Path, bytes: &[u8]) -> Result<()> {
        let temporary = self.temporary()?;
        write_all(&temporary, bytes)?;
        temporary.rename(target)?;
        self.remember(target.to_owned());
        Ok(())
    }

    fn remember(&self, file: PathBuf) {
        self.unsynced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(file);
    }

    fn forget(&self, file: &Path) {
        self.unsynced
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(file);
    }

    /// The folders whose entries lead from the root to a file.
    fn folders_of(&self, file: &Path) -> Vec<PathBuf> {
        file.ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(&self.root))
            .map(Path::to_owned)
            .collect()
    }

    fn sync_path(&self, path: &Path) -> Result<()> {
        self.files
            .apply(Change::Sync(path))
            .map_err(StoreError::io("sync", path))
    }

    fn sync_files(&self, files: &[PathBuf]) -> Result<()> {
        let share = files.len().div_ceil(SYNC_THREADS).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> = files
                .chunks(share)
                .map(|chunk| scope.spawn(|| chunk.iter().try_for_each(|file| self.sync_path(file))))
                .collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().unwrap_or(Err(StoreError::Interrupted)))
        })
    }
}

/// Runs file operations where they do not hold up the network and the timers of the runtime.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(StoreError::Interrupted))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The sha256 of a file, read in pieces.
fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; COMPARED]);
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hex(&hasher.finalize())),
            Ok(read) => hasher.update(&piece[..read]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Whether both files hold the same; not where one of them cannot be read.
fn is_same(one: &Path, other: &Path) -> bool {
    let size = |path: &Path| fs::metadata(path).map(|metadata| metadata.len()).ok();
    size(other).is_some() && size(one) == size(other) && compare(one, other).unwrap_or(false)
}

fn compare(one: &Path, other: &Path) -> io::Result<bool> {
    let open = |path: &Path| File::open(path).map(|file| BufReader::with_capacity(COMPARED, file));
    are_same(open(one)?, open(other)?)
}

/// Whether a file holds these bytes; not where it cannot be read.
fn holds(file: &Path, bytes: &[u8]) -> bool {
    let opened = File::open(file).map(|file| BufReader::with_capacity(COMPARED, file));
    opened
        .and_then(|file| are_same(file, bytes))
        .unwrap_or(false)
}

fn are_same(mut one: impl BufRead, mut other: impl BufRead) -> io::Result<bool> {
    loop {
        let (left, right) = (one.fill_buf()?, other.fill_buf()?);
        let bytes = left.len().min(right.len());
        if bytes == 0 || left[..bytes] != right[..bytes] {
            return Ok(left.is_empty() && right.is_empty());
        }
        one.consume(bytes);
        other.consume(bytes);
    }
}

/// Gives a file that is kept again the time of now, so that nobody who removes what is old and unused takes it.
fn renew(file: &Path) -> io::Result<()> {
    File::open(file)?.set_modified(SystemTime::now())
}

fn write_all(temporary: &TemporaryFile, bytes: &[u8]) -> Result<()> {
    temporary
        .open()?
        .write_all(bytes)
        .map_err(StoreError::io("write", temporary.path()))
}

/// Calls `found` with each file below a folder and its path in the store.
fn walk(
    folder: &Path,
    name: &str,
    found: &mut impl FnMut(&fs::DirEntry, String) -> Result<()>,
) -> Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if is_absent(&e) => return Ok(()),
        Err(e) => return Err(StoreError::io("list", folder)(e)),
    };
    for entry in entries {
        let entry = entry.map_err(StoreError::io("list", folder))?;
        // Names that are no text were not made by this program.
        let Ok(file_name) = entry.file_name().into_string() else {
            continue;
        };
        let path = format!("{name}/{file_name}");
        // Most file systems say this with the name.
        let is_folder = match entry.file_type() {
            Ok(file_type) => file_type.is_dir(),
            // Another process has moved or removed it since the folder was read.
            Err(e) if is_absent(&e) => continue,
            Err(e) => return Err(StoreError::io("look at", entry.path())(e)),
        };
        if is_folder {
            walk(&entry.path(), &path, found)?;
        } else {
            found(&entry, path)?;
        }
    }
    Ok(())
}

fn modified(metadata: &fs::Metadata) -> Timestamp {
    let time = metadata.modified().ok();
    time.and_then(|time| Timestamp::try_from(time).ok())
        .unwrap_or_else(Timestamp::now)
}
