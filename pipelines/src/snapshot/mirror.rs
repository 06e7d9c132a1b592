//! Folders of downloaded files: what of them belongs to a declared source, and what of that cannot be read.
//!
//! Owns looking through the folders and hashing what a source takes. What cannot be read stops nothing else: a file is told with
//! its source, a folder for itself, since nobody knows whose files lie in it. What no source takes is not opened.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

use super::{FoundFile, Origin, SnapshotError, unreadable};
use crate::source::{Catalogue, Source, hex};

/// What folders of downloaded files hold.
#[derive(Debug, Default)]
pub struct Mirrored {
    /// Files of declared sources, in the order of source and hash.
    pub files: Vec<FoundFile>,
    /// Files of declared sources that cannot be read.
    pub unread: Vec<Unread>,
    /// Why folders cannot be read; what lies in them is not known.
    pub folders: Vec<SnapshotError>,
    /// Whether folders were named and none of them can be read.
    pub none_readable: bool,
    /// Paths, from their mirror on, of the files that belong to no source, in order.
    pub others: Vec<String>,
}

/// A file that a source takes and that cannot be read.
#[derive(Debug)]
pub struct Unread {
    /// The source it belongs to.
    pub source: Arc<Source>,
    /// Its name, without folders.
    pub file_name: String,
    /// Why.
    pub error: SnapshotError,
}

/// A file and the source that takes it.
struct Claimed {
    source: Arc<Source>,
    file_name: String,
    path: PathBuf,
}

/// Files of the declared sources below the mirror folders; equal files of a source count once, under the name that is found
/// first. Fails where two sources claim one file.
pub fn from_mirrors(catalogue: &Catalogue, mirrors: &[PathBuf]) -> Result<Mirrored, SnapshotError> {
    let mut mirrored = Mirrored::default();
    let (mut claimed, mut others) = (Vec::new(), BTreeSet::new());
    let mut lost = 0;
    for mirror in mirrors {
        let mut walked = Walked::default();
        lost += usize::from(!walked.mirror(mirror));
        for path in walked.files {
            if let Some(taken) = claim(catalogue, &path)? {
                claimed.push(taken);
            } else {
                others.insert(inside(mirror, &path));
            }
        }
        for (path, cause) in walked.unread_files {
            let taken = claim(catalogue, &path)?;
            let error = unreadable(&path, cause);
            mirrored
                .unread
                .extend(taken.map(|taken| Unread::new(taken, error)));
        }
        let folders = walked.unread_folders.into_iter();
        let folders = folders.map(|(path, cause)| unreadable(&path, cause));
        mirrored.folders.extend(folders);
    }
    mirrored.none_readable = lost > 0 && lost == mirrors.len();
    mirrored.others = others.into_iter().collect();
    let mut found: BTreeMap<(String, String), FoundFile> = BTreeMap::new();
    let hashed = hash_all(&claimed)?;
    for (taken, hashed) in claimed.into_iter().zip(hashed) {
        let (sha256, bytes) = match hashed {
            Ok(hashed) => hashed,
            Err(error) => {
                mirrored.unread.push(Unread::new(taken, error));
                continue;
            }
        };
        let key = (taken.source.source_id.clone(), sha256.clone());
        match found.entry(key) {
            Entry::Occupied(mut first) => first.get_mut().found_again(taken.file_name),
            Entry::Vacant(place) => {
                place.insert(FoundFile {
                    source: taken.source,
                    file_name: taken.file_name,
                    sha256,
                    bytes,
                    origin: Origin::Path(taken.path),
                    also: Vec::new(),
                });
            }
        }
    }
    mirrored.files = found.into_values().collect();
    Ok(mirrored)
}

impl Unread {
    fn new(taken: Claimed, error: SnapshotError) -> Self {
        Self {
            source: taken.source,
            file_name: taken.file_name,
            error,
        }
    }
}

/// The file with the source that takes it, if one does. The narrowest pattern wins, so that one file of a series can be
/// declared apart from it. Fails where two patterns are equally narrow.
fn claim(catalogue: &Catalogue, path: &Path) -> Result<Option<Claimed>, SnapshotError> {
    let Some(file_name) = path.file_name().map(|n| n.to_string_lossy().into_owned()) else {
        return Ok(None);
    };
    let mut takers: Vec<(usize, &Arc<Source>)> = catalogue
        .iter()
        .filter_map(|source| Some((source.claim(&file_name)?, source)))
        .collect();
    takers.sort_by_key(|(narrow, _)| std::cmp::Reverse(*narrow));
    let Some((narrow, source)) = takers.first() else {
        return Ok(None);
    };
    if let Some((_, second)) = takers.get(1).filter(|(other, _)| other == narrow) {
        return Err(SnapshotError::Claimed {
            file: path.display().to_string(),
            first: source.source_id.clone(),
            second: second.source_id.clone(),
        });
    }
    Ok(Some(Claimed {
        source: Arc::clone(source),
        file_name,
        path: path.to_path_buf(),
    }))
}

/// The path of a file from its mirror on; a mirror that is a file itself has its name.
fn inside(mirror: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(mirror).unwrap_or(path);
    let shown = if inside.as_os_str().is_empty() {
        path.file_name().unwrap_or_default()
    } else {
        inside.as_os_str()
    };
    shown.to_string_lossy().into_owned()
}

/// What lies below a folder, in the order of names.
#[derive(Default)]
struct Walked {
    files: Vec<PathBuf>,
    /// Entries that are no folders and of which nothing more can be known, such as links that lead nowhere.
    unread_files: Vec<(PathBuf, std::io::Error)>,
    unread_folders: Vec<(PathBuf, std::io::Error)>,
}

impl Walked {
    /// Looks through a mirror, which is a folder or a single file; gives whether it can be read.
    fn mirror(&mut self, mirror: &Path) -> bool {
        if mirror.is_file() {
            self.files.push(mirror.to_path_buf());
            return true;
        }
        self.folder(mirror)
    }

    fn folder(&mut self, folder: &Path) -> bool {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(cause) => {
                self.unread_folders.push((folder.to_path_buf(), cause));
                return false;
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            if !entry.file_name().to_string_lossy().starts_with('.') {
                self.entry(&entry);
            }
        }
        true
    }

    fn entry(&mut self, entry: &fs::DirEntry) {
        let path = entry.path();
        // A link to a folder is not followed: a link that leads upwards would never end.
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => {
                self.folder(&path);
            }
            Ok(_) => match fs::metadata(&path) {
                Ok(found) if found.is_file() => self.files.push(path),
                Ok(_) => {}
                Err(cause) => self.unread_files.push((path, cause)),
            },
            Err(cause) => self.unread_files.push((path, cause)),
        }
    }
}

/// Hash and size of a file.
pub(super) type Hashed = Result<(String, u64), SnapshotError>;

/// Hashes all files on as many threads as there are cores. Fails if one of these threads does.
fn hash_all(claimed: &[Claimed]) -> Result<Vec<Hashed>, SnapshotError> {
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
                        let Some(file) = claimed.get(index) else {
                            break done;
                        };
                        done.push((index, hash_file(&file.path)));
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
        return Err(unreadable(&lost.path, cause));
    }
    Ok(hashes.into_iter().map(|(_, hash)| hash).collect())
}

/// Hashes one file in pieces.
pub(super) fn hash_file(path: &Path) -> Hashed {
    let mut file = fs::File::open(path).map_err(|cause| unreadable(path, cause))?;
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
    use crate::read::ReadError;

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
        let mirrors = [folder.path().to_path_buf()];
        let found = from_mirrors(&catalogue, &mirrors).unwrap().files;
        assert_eq!(found[0].load().unwrap(), "a");
        assert!(found[0].check().is_ok());
        std::fs::write(&path, "half of the ne").unwrap();
        assert!(matches!(
            found[0].load(),
            Err(SnapshotError::Changed { .. })
        ));
        assert!(matches!(
            found[0].check(),
            Err(SnapshotError::Changed { .. })
        ));
        assert!(matches!(
            found[0].content().bytes(),
            Err(ReadError::Changed { .. })
        ));
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("liste.csv");
        std::fs::write(&path, "four").unwrap();
        let mut catalogue = Catalogue::default();
        catalogue.insert(source("one", "liste.csv"));
        let mirrors = [folder.path().to_path_buf()];
        let found = from_mirrors(&catalogue, &mirrors).unwrap().files;
        assert!(found[0].check_size(4).is_ok());
        std::fs::remove_file(&path).unwrap();
        let error = found[0].check_size(3).unwrap_err().to_string();
        assert!(
            error.contains("liste.csv has 4 bytes, the limit is 3"),
            "{error}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_read_stops_nothing_else() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("liste_1.csv"), "a").unwrap();
        symlink(at("nowhere"), at("liste_2.csv")).unwrap();
        symlink(at("liste_3.csv"), at("liste_3.csv")).unwrap();
        // What no source takes is nobody's business.
        symlink(at("nowhere"), at("other")).unwrap();
        let mut catalogue = Catalogue::default();
        catalogue.insert(source("series", "liste_*.csv"));
        let mirrors = [at("gone"), folder.path().to_path_buf()];
        let mirrored = from_mirrors(&catalogue, &mirrors).unwrap();
        let names: Vec<&str> = (mirrored.files.iter())
            .map(|file| file.file_name.as_str())
            .collect();
        assert_eq!(names, ["liste_1.csv"]);
        let unread: Vec<(&str, &str)> = (mirrored.unread.iter())
            .map(|file| (file.source.source_id.as_str(), file.file_name.as_str()))
            .collect();
        assert_eq!(
            unread,
            [("series", "liste_2.csv"), ("series", "liste_3.csv")]
        );
        assert_eq!(mirrored.folders.len(), 1, "{:?}", mirrored.folders);
        let told = mirrored.folders[0].to_string();
        assert!(told.contains("gone"), "{told}");
        assert!(!mirrored.none_readable);

        let mirrored = from_mirrors(&catalogue, &mirrors[..1]).unwrap();
        assert!(mirrored.none_readable && mirrored.files.is_empty());
        assert!(!from_mirrors(&catalogue, &[]).unwrap().none_readable);
    }
}
