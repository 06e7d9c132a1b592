//! All declared sources together: those embedded in the binary and those of folders given at run time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;

use super::{Source, SourceError, nearest};

#[derive(RustEmbed)]
#[folder = "sources/"]
#[exclude = "*.md"]
struct Embedded;

/// A made file in the published format that ships with a source.
#[derive(Debug, Clone)]
pub struct Sample {
    /// File name.
    pub name: String,
    /// Its bytes.
    pub bytes: bytes::Bytes,
}

/// The declared sources by id, with their samples.
#[derive(Debug, Default)]
pub struct Catalogue {
    sources: BTreeMap<String, Arc<Source>>,
    samples: BTreeMap<String, Vec<Sample>>,
}

/// Texts and sample files of one folder, before parsing.
#[derive(Default)]
struct Folder {
    texts: BTreeMap<String, String>,
    samples: Vec<Sample>,
}

impl Catalogue {
    /// The sources compiled into the binary.
    pub fn embedded() -> Result<Self, SourceError> {
        let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
        for path in Embedded::iter() {
            let Some((source_id, rest)) = path.split_once('/') else {
                continue;
            };
            let Some(file) = Embedded::get(&path) else {
                continue;
            };
            let folder = folders.entry(source_id.to_string()).or_default();
            folder.add(source_id, rest, file.data.into_owned())?;
        }
        Self::from_folders(folders)
    }

    /// Adds the sources of a folder of folders; a name that is already there is an error, and so is the folder of a source itself.
    pub fn add_dir(&mut self, dir: &Path) -> Result<(), SourceError> {
        let unreadable =
            |source_id: &str, file: &Path, e: &std::io::Error| SourceError::Unreadable {
                source_id: source_id.into(),
                file: file.display().to_string(),
                cause: e.to_string(),
            };
        if dir.join("source.toml").exists() {
            // Its own folders would be looked through for sources, and none be found.
            let one =
                std::io::Error::other("it is the folder of one source; name the one that holds it");
            return Err(unreadable("--sources", dir, &one));
        }
        let mut folders: BTreeMap<String, Folder> = BTreeMap::new();
        let entries = std::fs::read_dir(dir).map_err(|e| unreadable("--sources", dir, &e))?;
        for entry in entries {
            let entry = entry.map_err(|e| unreadable("--sources", dir, &e))?;
            let path = entry.path();
            let source_id = entry.file_name().to_string_lossy().into_owned();
            if !path.is_dir() || !path.join("source.toml").exists() {
                continue;
            }
            let folder = folders.entry(source_id.clone()).or_default();
            for (sub, prefix) in [(path.clone(), ""), (path.join("sample"), "sample/")] {
                let Ok(files) = std::fs::read_dir(&sub) else {
                    continue;
                };
                for file in files {
                    let file = file.map_err(|e| unreadable(&source_id, &sub, &e))?.path();
                    let Some(name) = file.file_name().filter(|_| file.is_file()) else {
                        continue;
                    };
                    let bytes =
                        std::fs::read(&file).map_err(|e| unreadable(&source_id, &file, &e))?;
                    folder.add(
                        &source_id,
                        &format!("{prefix}{}", name.to_string_lossy()),
                        bytes,
                    )?;
                }
            }
        }
        let added = Self::from_folders(folders)?;
        for (source_id, source) in added.sources {
            if self.sources.insert(source_id.clone(), source).is_some() {
                return Err(SourceError::Twice { source_id });
            }
        }
        self.samples.extend(added.samples);
        Ok(())
    }

    fn from_folders(folders: BTreeMap<String, Folder>) -> Result<Self, SourceError> {
        let mut catalogue = Self::default();
        for (source_id, mut folder) in folders {
            folder.samples.sort_by(|a, b| a.name.cmp(&b.name));
            let mut source = Source::parse(&source_id, folder.texts)?;
            let published = folder.samples.iter().filter(|s| s.name != "expected.csv");
            source.samples = published.cloned().collect();
            catalogue
                .sources
                .insert(source_id.clone(), Arc::new(source));
            catalogue.samples.insert(source_id, folder.samples);
        }
        Ok(catalogue)
    }

    /// The source of this id; the error names the nearest one.
    pub fn get(&self, source_id: &str) -> Result<&Arc<Source>, SourceError> {
        self.sources
            .get(source_id)
            .ok_or_else(|| SourceError::Unknown {
                source_id: source_id.into(),
                hint: nearest(source_id, self.sources.keys().map(String::as_str))
                    .map(|n| format!("; did you mean {n:?}?"))
                    .unwrap_or_default(),
            })
    }

    /// All sources in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.sources.values()
    }

    /// The sample files of a source (`expected.csv` is not one of them).
    pub fn samples(&self, source_id: &str) -> impl Iterator<Item = &Sample> {
        self.samples
            .get(source_id)
            .into_iter()
            .flatten()
            .filter(|s| s.name != "expected.csv")
    }

    /// The rows that the sample of a source must become, as CSV.
    pub fn expected(&self, source_id: &str) -> Option<&Sample> {
        self.samples
            .get(source_id)?
            .iter()
            .find(|s| s.name == "expected.csv")
    }

    /// Adds or replaces one source.
    pub fn insert(&mut self, source: Source) {
        self.sources
            .insert(source.source_id.clone(), Arc::new(source));
    }
}

impl Folder {
    fn add(&mut self, source_id: &str, path: &str, bytes: Vec<u8>) -> Result<(), SourceError> {
        match path.strip_prefix("sample/") {
            Some(name) if !name.ends_with(".md") => {
                self.samples.push(Sample {
                    name: name.into(),
                    bytes: bytes.into(),
                });
            }
            None if path.ends_with(".toml") => {
                let text = String::from_utf8(bytes).map_err(|e| SourceError::Malformed {
                    source_id: source_id.into(),
                    file: path.into(),
                    cause: format!("not UTF-8 at byte {}", e.utf8_error().valid_up_to()),
                })?;
                self.texts.insert(path.into(), text);
            }
            Some(_) | None => {}
        }
        Ok(())
    }
}
