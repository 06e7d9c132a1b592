//! The changes of the file system that a local store stands on.
//!
//! Every change by `local` and `temporary` goes through here, so that tests can record them and make of the record any
//! state that a loss of power may leave (see `power`). Does not own their order, and what is written into an open file:
//! that is recorded with the change that follows.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

#[cfg(test)]
use super::power::Journal;

/// Folders of a store that nobody but its owner may enter: published bytes, what is unfinished of them, rows that were not
/// loaded or count people, and records of redactions, against which names can be tried. The others hold public tables.
pub(crate) const PRIVATE: [&str; 6] = [
    "raw",
    "staged",
    "operator",
    "restricted",
    "redactions",
    super::TEMPORARY_FOLDER,
];

/// A change of the file system.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change<'a> {
    /// Makes an empty file where nothing is.
    CreateFile(&'a Path),
    /// The same, for nobody but the owner, where the system knows that.
    CreatePrivateFile(&'a Path),
    /// Makes a folder in one that exists.
    CreateFolder(&'a Path),
    /// The same, for nobody but the owner, where the system knows that.
    CreatePrivateFolder(&'a Path),
    /// Moves a file, replacing what was there.
    Rename(&'a Path, &'a Path),
    /// Gives a file a second name, where nothing is.
    Link(&'a Path, &'a Path),
    /// Removes a name of a file.
    Remove(&'a Path),
    /// Makes durable what a file holds, or which names a folder holds; not the name of either.
    Sync(&'a Path),
}

/// Changes files. Cheap to clone; clones share the record, where there is one.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    /// The folders that only their owner may enter.
    private: Arc<[PathBuf]>,
    #[cfg(test)]
    journal: Option<Journal>,
}

impl Files {
    /// Files whose changes are recorded.
    #[cfg(test)]
    pub(super) fn recorded(journal: &Journal) -> Self {
        Self {
            journal: Some(journal.clone()),
            ..Self::default()
        }
    }

    /// Files of a store in this folder, which has private ones.
    pub(super) fn of(mut self, root: &Path) -> Self {
        self.private = PRIVATE.iter().map(|name| root.join(name)).collect();
        self
    }

    /// Does one change.
    // Outside of tests there is nobody to tell.
    #[cfg_attr(not(test), allow(clippy::unused_self))]
    pub(super) fn apply(&self, change: Change<'_>) -> io::Result<()> {
        #[cfg(test)]
        if let Some(journal) = &self.journal {
            return journal.record(change, apply);
        }
        apply(change)
    }

    /// Makes a folder, and those above it that are missing.
    pub(super) fn create_folders(&self, folder: &Path) -> io::Result<()> {
        missing(folder).try_for_each(|folder| self.create_folder(folder))
    }

    /// The same, each durable before the next is made.
    pub(super) fn create_durable_folders(&self, folder: &Path) -> io::Result<()> {
        missing(folder).try_for_each(|folder| {
            self.create_folder(folder)?;
            match folder.parent().filter(|parent| parent.is_dir()) {
                Some(parent) => self.apply(Change::Sync(parent)),
                None => Ok(()),
            }
        })
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        let is_private = self
            .private
            .iter()
            .any(|private| private.as_path() == folder);
        let change = if is_private {
            Change::CreatePrivateFolder(folder)
        } else {
            Change::CreateFolder(folder)
        };
        match self.apply(change) {
            // Another thread or process was quicker.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }
}

/// The folders of a path that do not exist, from the top.
fn missing(folder: &Path) -> impl Iterator<Item = &Path> {
    let missing: Vec<&Path> = folder
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
        .collect();
    missing.into_iter().rev()
}

fn apply(change: Change<'_>) -> io::Result<()> {
    match change {
        Change::CreateFile(path) => File::create_new(path).map(drop),
        Change::CreatePrivateFile(path) => create_private_file(path),
        Change::CreateFolder(path) => fs::create_dir(path),
        Change::CreatePrivateFolder(path) => create_private(path),
        Change::Rename(from, to) => fs::rename(from, to),
        Change::Link(from, to) => fs::hard_link(from, to),
        Change::Remove(path) => fs::remove_file(path),
        // A folder is opened and synced like a file; Windows has no such thing and needs none.
        Change::Sync(path) if cfg!(windows) && path.is_dir() => Ok(()),
        Change::Sync(path) => File::open(path)?.sync_all(),
    }
}

#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

#[cfg(unix)]
fn create_private_file(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).map(drop)
}

#[cfg(not(unix))]
fn create_private_file(path: &Path) -> io::Result<()> {
    File::create_new(path).map(drop)
}
