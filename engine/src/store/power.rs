//! What a loss of power may leave of a local store, for tests.
//!
//! A [`Journal`] records the changes of the files of one store. [`Disk`] replays a part of it and tells apart what is
//! durable: the content of a file once it was synced, a name in a folder (made, moved, removed) once the folder was. All
//! else may be lost or not, each on its own: names by any part, content by all, half or nothing of it. That is worse than
//! what journalling file systems do, so a store that stands it stands those.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use super::{
    Backend, Store,
    files::{Change, Files},
    local::LocalStore,
};

/// A recorded change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    /// An empty file was made.
    CreateFile(PathBuf),
    /// A file was found to hold this.
    Write(PathBuf, Vec<u8>),
    /// A folder was made.
    CreateFolder(PathBuf),
    /// A file was moved.
    Rename(PathBuf, PathBuf),
    /// A file got a second name.
    Link(PathBuf, PathBuf),
    /// A name was removed.
    Remove(PathBuf),
    /// A file was synced.
    SyncFile(PathBuf),
    /// A folder was synced.
    SyncFolder(PathBuf),
}

/// The changes of the files of a store, in their order. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    ops: Vec<Op>,
    /// A path whose syncs fail, and how many of them still do.
    refused: Option<(PathBuf, usize)>,
}

impl Journal {
    /// What was recorded.
    pub(crate) fn ops(&self) -> Vec<Op> {
        self.locked().ops.clone()
    }

    /// Lets the next `times` syncs of a path fail.
    pub(crate) fn refuse_syncs(&self, path: &Path, times: usize) {
        self.locked().refused = Some((path.to_owned(), times));
    }

    /// Does a change and records it. Nothing is really synced: that would take time and change nothing that a test sees.
    pub(super) fn record(
        &self,
        change: Change<'_>,
        apply: fn(Change<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        // Held until the end, so that the record has the order of the changes.
        let mut record = self.locked();
        if let Change::Rename(path, _) | Change::Link(path, _) | Change::Sync(path) = change
            && path.is_file()
        {
            let content = std::fs::read(path)?;
            record.ops.push(Op::Write(path.to_owned(), content));
        }
        let op = match change {
            Change::CreateFile(path) | Change::CreatePrivateFile(path) => {
                Op::CreateFile(path.to_owned())
            }
            Change::CreateFolder(path) | Change::CreatePrivateFolder(path) => {
                Op::CreateFolder(path.to_owned())
            }
            Change::Rename(from, to) => Op::Rename(from.to_owned(), to.to_owned()),
            Change::Link(from, to) => Op::Link(from.to_owned(), to.to_owned()),
            Change::Remove(path) => Op::Remove(path.to_owned()),
            Change::Sync(path) => {
                record.refuse(path)?;
                if path.is_dir() {
                    Op::SyncFolder(path.to_owned())
                } else {
                    Op::SyncFile(path.to_owned())
                }
            }
        };
        if !matches!(change, Change::Sync(_)) {
            apply(change)?;
        }
        record.ops.push(op);
        Ok(())
    }

    fn locked(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap()
    }
}

impl Record {
    fn refuse(&mut self, path: &Path) -> io::Result<()> {
        match &mut self.refused {
            Some((refused, times)) if refused.as_path() == path && *times > 0 => {
                *times -= 1;
                Err(io::Error::other("the disk does not answer"))
            }
            _ => Ok(()),
        }
    }
}

impl Store {
    /// A store in a folder whose changes are recorded.
    pub(crate) fn recorded(root: &Path, journal: &Journal) -> Self {
        Self {
            backend: Backend::Local(LocalStore::new(root.to_owned(), Files::recorded(journal))),
            location: root.display().to_string(),
        }
    }
}

/// The files below a folder by path; `None` for a folder.
pub(crate) type Tree = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// What lies on a disk, and what of it is durable.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    base: PathBuf,
    files: Vec<Content>,
    folders: BTreeMap<PathBuf, Folder>,
    /// The file that each path names now.
    names: BTreeMap<PathBuf, usize>,
}

#[derive(Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    synced: bool,
}

#[derive(Debug, Default)]
struct Folder {
    durable: BTreeMap<OsString, Node>,
    /// Names that were made or (`None`) removed since the folder was synced.
    pending: Vec<(OsString, Option<Node>)>,
}

#[derive(Debug, Clone, Copy)]
enum Node {
    File(usize),
    Folder,
}

/// How much of a content that was not synced is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    Half,
    Whole,
}

impl Disk {
    /// The disk after some changes below a folder, which was empty and durable.
    pub(crate) fn after(base: &Path, ops: &[Op]) -> Self {
        let mut disk = Self {
            base: base.to_owned(),
            ..Self::default()
        };
        for op in ops {
            disk.apply(op);
        }
        disk
    }

    /// The states that a loss of power may leave: everything or nothing lost, each thing lost alone, each kept alone.
    pub(crate) fn states(&self) -> Vec<Tree> {
        let pending: usize = self.folders.values().map(|f| f.pending.len()).sum();
        let mut states = vec![self.tree(&|_| false, &|_| Left::Nothing)];
        for left in [Left::Nothing, Left::Half, Left::Whole] {
            states.push(self.tree(&|_| true, &|_| left));
        }
        for one in 0..pending {
            states.push(self.tree(&|at| at != one, &|_| Left::Whole));
            states.push(self.tree(&|at| at == one, &|_| Left::Nothing));
        }
        for one in (0..self.files.len()).filter(|at| !self.files[*at].synced) {
            let all_but = |at: usize| {
                if at == one {
                    Left::Nothing
                } else {
                    Left::Whole
                }
            };
            states.push(self.tree(&|_| true, &all_but));
        }
        states
    }

    fn apply(&mut self, op: &Op) {
        match op {
            Op::CreateFile(path) => {
                self.files.push(Content::default());
                self.name(path, self.files.len() - 1);
            }
            Op::Write(path, bytes) => {
                let content = &mut self.files[self.names[path]];
                if content.bytes != *bytes {
                    *content = Content {
                        bytes: bytes.clone(),
                        synced: false,
                    };
                }
            }
            Op::CreateFolder(path) => {
                self.folders.entry(path.clone()).or_default();
                self.pend(path, Some(Node::Folder));
            }
            Op::Rename(from, to) => {
                let file = self.names[from];
                self.unname(from);
                self.name(to, file);
            }
            Op::Link(from, to) => self.name(to, self.names[from]),
            Op::Remove(path) => self.unname(path),
            Op::SyncFile(path) => self.files[self.names[path]].synced = true,
            Op::SyncFolder(path) => {
                let folder = self.folders.entry(path.clone()).or_default();
                for (name, node) in std::mem::take(&mut folder.pending) {
                    enter(&mut folder.durable, name, node);
                }
            }
        }
    }

    fn name(&mut self, path: &Path, file: usize) {
        self.names.insert(path.to_owned(), file);
        self.pend(path, Some(Node::File(file)));
    }

    fn unname(&mut self, path: &Path) {
        self.names.remove(path);
        self.pend(path, None);
    }

    fn pend(&mut self, path: &Path, node: Option<Node>) {
        let parent = path.parent().unwrap().to_owned();
        let name = path.file_name().unwrap().to_owned();
        let folder = self.folders.entry(parent).or_default();
        folder.pending.push((name, node));
    }

    /// One state: which pending names are kept, by their place among all, and what is left of contents.
    fn tree(&self, keep: &dyn Fn(usize) -> bool, left: &dyn Fn(usize) -> Left) -> Tree {
        let mut at = 0;
        let mut kept: BTreeMap<&Path, BTreeMap<OsString, Node>> = BTreeMap::new();
        for (path, folder) in &self.folders {
            let mut names = folder.durable.clone();
            for (name, node) in &folder.pending {
                if keep(at) {
                    enter(&mut names, name.clone(), *node);
                }
                at += 1;
            }
            kept.insert(path, names);
        }
        let mut tree = Tree::new();
        // A folder sorts before what is in it; what hangs on a lost one is lost with it.
        for (path, names) in &kept {
            let Ok(below) = path.strip_prefix(&self.base) else {
                continue;
            };
            if below != Path::new("") && !tree.contains_key(below) {
                continue;
            }
            for (name, node) in names {
                let content = match node {
                    Node::Folder => None,
                    Node::File(file) => Some(self.left(*file, left(*file))),
                };
                tree.insert(below.join(name), content);
            }
        }
        tree
    }

    fn left(&self, file: usize, left: Left) -> Vec<u8> {
        let content = &self.files[file];
        let bytes = match left {
            _ if content.synced => content.bytes.len(),
            Left::Nothing => 0,
            Left::Half => content.bytes.len() / 2,
            Left::Whole => content.bytes.len(),
        };
        content.bytes[..bytes].to_vec()
    }
}

fn enter(names: &mut BTreeMap<OsString, Node>, name: OsString, node: Option<Node>) {
    match node {
        Some(node) => names.insert(name, node),
        None => names.remove(&name),
    };
}
