//! What the publishers' files are right now: found in mirrors, in a named file or among the samples, and hashed.
//!
//! Owns finding and hashing. Does not parse and does not archive: a [`Snapshot`] says which bytes belong to which
//! source, and gives them when asked, so that no more than a few files are in memory at a time.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use sha2::{Digest, Sha256};

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

impl FoundFile {
    /// The same bytes were found once more; a copy of the same name says nothing new.
    fn found_again(&mut self, file_name: String) {
        if file_name != self.file_name && !self.also.contains(&file_name) {
            self.also.push(file_name);
        }
    }

    /// The bytes. Their hash is that of the snapshot, or they are refused.
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

fn unreadable(path: &Path, cause: std::io::Error) -> SnapshotError {
    SnapshotError::Unreadable {
        path: path.display().to_string(),
        cause,
    }
}

/// What lies below the mirror folders.
#[derive(Debug, Default)]
pub struct Mirrored {
    /// Files of the declared sources, in the order of source and hash; equal files of a source count once, under the name that
    /// is found first.
    pub files: Vec<FoundFile>,
    /// Paths, from their mirror on, of the files that belong to no source, in order.
    pub others: Vec<String>,
}

/// Looks through the mirror folders. Fails where one of them, or a file of a source, cannot be read, and for a file of two
/// sources.
pub fn from_mirrors(catalogue: &Catalogue, mirrors: &[PathBuf]) -> Result<Mirrored, SnapshotError> {
    let (mut claimed, mut others) = (Vec::new(), BTreeSet::new());
    for mirror in mirrors {
        let mut paths = Vec::new();
        walk(mirror, &mut paths)?;
        for path in paths {
            let Some(name) = path.file_name().map(|n| n.to_string_lossy().into_owned()) else {
                continue;
            };
            // The narrowest pattern wins, so that one file of a series can be declared apart from it.
            let mut takers: Vec<(usize, &Arc<Source>)> = catalogue
                .iter()
                .filter_map(|source| Some((source.claim(&name)?, source)))
                .collect();
            takers.sort_by_key(|(narrow, _)| std::cmp::Reverse(*narrow));
            let Some((narrow, source)) = takers.first() else {
                let inside = path.strip_prefix(mirror).unwrap_or(&path);
                let inside = inside.to_string_lossy().into_owned();
                // A mirror may be a file itself.
                others.insert(if inside.is_empty() { name } else { inside });
                continue;
            };
            if let Some((_, second)) = takers.get(1).filter(|(other, _)| other == narrow) {
                return Err(SnapshotError::Claimed {
                    file: path.display().to_string(),
                    first: source.source_id.clone(),
                    second: second.source_id.clone(),
                });
            }
            claimed.push((Arc::clone(source), name, path));
        }
    }
    let hashed = hash_all(&claimed)?;
    let mut found: BTreeMap<(String, String), FoundFile> = BTreeMap::new();
    for ((source, file_name, path), (sha256, bytes)) in claimed.into_iter().zip(hashed) {
        let key = (source.source_id.clone(), sha256.clone());
        match found.entry(key) {
            Entry::Occupied(mut first) => first.get_mut().found_again(file_name),
            Entry::Vacant(place) => {
                place.insert(FoundFile {
                    source,
                    file_name,
                    sha256,
                    bytes,
                    origin: Origin::Path(path),
                    also: Vec::new(),
                });
            }
        }
    }
    Ok(Mirrored {
        files: found.into_values().collect(),
        others: others.into_iter().collect(),
    })
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

fn walk(dir: &Path, paths: &mut Vec<PathBuf>) -> Result<(), SnapshotError> {
    if dir.is_file() {
        paths.push(dir.to_path_buf());
        return Ok(());
    }
    let mut entries = std::fs::read_dir(dir)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| unreadable(dir, cause))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        // A link to a folder is not followed: a link that leads upwards would never end.
        let kind = entry
            .file_type()
            .map_err(|cause| unreadable(&path, cause))?;
        if kind.is_dir() {
            walk(&path, paths)?;
        } else if path.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

/// Hash and size of a file.
type Hashed = Result<(String, u64), SnapshotError>;

/// Hashes all files on as many threads as there are cores.
fn hash_all(
    claimed: &[(Arc<Source>, String, PathBuf)],
) -> Result<Vec<(String, u64)>, SnapshotError> {
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(claimed.len().max(1));
    let next = AtomicUsize::new(0);
    let mut hashes: Vec<(usize, Hashed)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some((_, _, path)) = claimed.get(index) else {
                            break done;
                        };
                        done.push((index, hash_file(path)));
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            // A thread that died took its files with it; the count below tells.
            .flat_map(|w| w.join().unwrap_or_default())
            .collect()
    });
    hashes.sort_by_key(|(index, _)| *index);
    if let Some(lost) = claimed.get(hashes.len()) {
        let cause = std::io::Error::other("a hashing thread stopped");
        return Err(unreadable(&lost.2, cause));
    }
    hashes.into_iter().map(|(_, hash)| hash).collect()
}

fn hash_file(path: &Path) -> Result<(String, u64), SnapshotError> {
    let mut file = std::fs::File::open(path).map_err(|cause| unreadable(path, cause))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let n =
            std::io::Read::read(&mut file, &mut buffer).map_err(|cause| unreadable(path, cause))?;
        if n == 0 {
            return Ok((hex(&hash.finalize()), bytes));
        }
        hash.update(&buffer[..n]);
        bytes += n as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(id: &str, files: &str) -> Source {
        let toml = format!(
            "title = \"{id}\"\npublisher = \"Muster\"\nkind = \"operations\"\nfiles = [\"{files}\"]\n"
        );
        let texts = BTreeMap::from([
            ("source.toml".to_string(), toml),
            ("mapping.toml".to_string(), String::new()),
        ]);
        Source::parse(id, texts).unwrap()
    }

    #[test]
    fn the_narrowest_pattern_takes_a_file_and_equal_ones_are_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("liste_01.csv"), "a").unwrap();
        std::fs::write(folder.path().join("liste_02.csv"), "b").unwrap();
        std::fs::create_dir(folder.path().join("more")).unwrap();
        for name in ["more/listing.csv", "a.txt", ".hidden"] {
            std::fs::write(folder.path().join(name), "c").unwrap();
        }
        let mirrors = [folder.path().to_path_buf()];
        let mut catalogue = Catalogue::default();
        catalogue.insert(source("series", "liste_*.csv"));
        catalogue.insert(source("one", "liste_02.csv"));
        let found = from_mirrors(&catalogue, &mirrors).unwrap();
        assert_eq!(found.others, ["a.txt", "more/listing.csv"]);
        let takers: Vec<(&str, &str)> = (found.files.iter())
            .map(|f| (f.source.source_id.as_str(), f.file_name.as_str()))
            .collect();
        assert_eq!(
            takers,
            [("one", "liste_02.csv"), ("series", "liste_01.csv")]
        );
        catalogue.insert(source("twin", "liste_*.csv"));
        assert!(matches!(
            from_mirrors(&catalogue, &mirrors),
            Err(SnapshotError::Claimed { .. })
        ));
    }

    #[test]
    fn equal_files_of_a_source_are_one_that_knows_its_other_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("older")).unwrap();
        for name in [
            "liste_1.csv",
            "liste_2.csv",
            "liste_3.csv",
            "older/liste_1.csv",
        ] {
            let text = if name == "liste_2.csv" { "b" } else { "a" };
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut catalogue = Catalogue::default();
        catalogue.insert(source("series", "liste_*.csv"));
        // A folder that is named twice holds nothing twice.
        let mirrors = [folder.path().to_path_buf(), folder.path().to_path_buf()];
        let mut found = from_mirrors(&catalogue, &mirrors).unwrap().files;
        found.sort_by(|a, b| a.file_name.cmp(&b.file_name));
        let names: Vec<(&str, &[String])> = found
            .iter()
            .map(|f| (f.file_name.as_str(), f.also.as_slice()))
            .collect();
        let also = ["liste_3.csv".to_owned()];
        assert_eq!(
            names,
            [("liste_1.csv", &also[..]), ("liste_2.csv", &also[..0])]
        );
    }

    #[test]
    fn a_file_that_changes_under_the_run_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("liste.csv");
        std::fs::write(&path, "a").unwrap();
        let mut catalogue = Catalogue::default();
        catalogue.insert(source("one", "liste.csv"));
        let found = from_mirrors(&catalogue, &[folder.path().to_path_buf()]);
        let found = found.unwrap().files;
        assert_eq!(found[0].load().unwrap(), "a");
        std::fs::write(&path, "half of the ne").unwrap();
        assert!(matches!(
            found[0].load(),
            Err(SnapshotError::Changed { .. })
        ));
    }
}
