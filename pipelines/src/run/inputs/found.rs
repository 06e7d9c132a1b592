//! Files that are there today, and the source that each belongs to.
//!
//! Owns looking for them: the file that somebody named, the samples, or the folders of downloaded files. Does not own
//! asking publishers (`run::fetching`).

use std::sync::Arc;

use jiff::civil::Date;

use super::file::InputFile;
use crate::fetch::RememberedFile;
use crate::read::{Kind, sniff};
use crate::redaction::Masks;
use crate::run::unread::Unread;
use crate::run::{FromFile, RunError, RunOptions};
use crate::snapshot::{self, FoundFile, Origin};
use crate::source::{Catalogue, Source, SourceKind};

/// A file of today.
pub(in crate::run) enum Found {
    /// Its bytes are at hand.
    Here {
        /// The file.
        file: FoundFile,
        /// When it was published, where somebody said so.
        published: Option<Date>,
    },
    /// Its publisher has what is in the archive already.
    Kept {
        /// Its source.
        source: Arc<Source>,
        /// The file.
        file: RememberedFile,
    },
}

impl Found {
    /// A file of which nothing more was said.
    pub(in crate::run) fn today(file: FoundFile) -> Self {
        Self::Here {
            file,
            published: None,
        }
    }

    /// A file that is in the archive.
    pub(in crate::run) fn kept(source: &Arc<Source>, file: RememberedFile) -> Self {
        Self::Kept {
            source: Arc::clone(source),
            file,
        }
    }

    /// When it was published, where somebody said so.
    pub(in crate::run) fn given(&self) -> Option<Date> {
        match self {
            Self::Here { published, .. } => *published,
            Self::Kept { .. } => None,
        }
    }

    /// The source that it belongs to.
    pub(in crate::run) fn source(&self) -> &Arc<Source> {
        match self {
            Self::Here { file, .. } => &file.source,
            Self::Kept { source, .. } => source,
        }
    }

    /// The id of its source.
    pub(in crate::run) fn source_id(&self) -> &str {
        &self.source().source_id
    }

    /// Its name.
    pub(in crate::run) fn file_name(&self) -> &str {
        match self {
            Self::Here { file, .. } => &file.file_name,
            Self::Kept { file, .. } => &file.file_name,
        }
    }

    /// All names under which its bytes lie there.
    pub(in crate::run) fn names(&self) -> impl Iterator<Item = &str> {
        let also: &[String] = match self {
            Self::Here { file, .. } => &file.also,
            Self::Kept { .. } => &[],
        };
        std::iter::once(self.file_name()).chain(also.iter().map(String::as_str))
    }

    /// The hash of its bytes.
    pub(in crate::run) fn sha256(&self) -> &str {
        match self {
            Self::Here { file, .. } => &file.sha256,
            Self::Kept { file, .. } => &file.sha256,
        }
    }

    /// As an input that is first seen in this release.
    pub(in crate::run) fn input(self, next: u64, options: &RunOptions, masks: &Masks) -> InputFile {
        let accepted = options.accepted(self.source_id(), self.names());
        InputFile {
            source: Arc::clone(self.source()),
            file_name: masks.masked(self.file_name()),
            sha256: self.sha256().to_owned(),
            bytes: self.bytes(),
            first_seen: next,
            published: self.given(),
            earlier: Vec::new(),
            formerly: None,
            accepted: accepted.map(|reason| masks.masked(reason)),
            over: Vec::new(),
            redacted: false,
            found: match self {
                Self::Here { file, .. } => Some(file),
                Self::Kept { .. } => None,
            },
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Here { file, .. } => file.bytes,
            Self::Kept { file, .. } => file.bytes,
        }
    }
}

/// What is there today.
pub(in crate::run) struct Today {
    /// Files of sources: a named one, the samples, or what the mirrors hold.
    pub found: Vec<Found>,
    /// Paths of files in the mirrors that belong to no source, where all sources are looked at.
    pub unclaimed: Vec<String>,
    /// What of the mirrors cannot be read.
    pub unread: Unread,
}

impl Today {
    /// Files that lie in no mirror.
    fn elsewhere(found: Vec<Found>) -> Self {
        Self {
            found,
            unclaimed: Vec::new(),
            unread: Unread::default(),
        }
    }
}

/// Looks for what is there today. Fails where a source is not known, the named file cannot be read, or two sources claim one
/// file.
pub(in crate::run) fn find(
    catalogue: &mut Catalogue,
    options: &RunOptions,
) -> Result<Today, RunError> {
    let named = options.sources.iter().map(String::as_str);
    for source_id in named.chain(options.accepted_sources()) {
        catalogue.get(source_id)?;
    }
    if let Some(from) = &options.from {
        let of_source = options.sources.first().map(String::as_str);
        let named = named_file(catalogue, from, of_source)?;
        return Ok(Today::elsewhere(vec![named]));
    }
    // What a generic source reads has no list of its own until somebody names it.
    let wanted = |source: &Source| {
        (options.sources.is_empty() || options.sources.contains(&source.source_id))
            && (!source.is_generic() || options.samples)
    };
    let today = |mut files: Vec<FoundFile>| -> Vec<Found> {
        files.retain(|file| wanted(&file.source));
        files.into_iter().map(Found::today).collect()
    };
    if options.samples {
        return Ok(Today::elsewhere(today(snapshot::from_samples(catalogue))));
    }
    let mut mirrored = snapshot::from_mirrors(catalogue, &options.mirrors)?;
    mirrored.unread.retain(|file| wanted(&file.source));
    let none_readable = mirrored.none_readable;
    Ok(Today {
        found: today(mirrored.files),
        unclaimed: if options.sources.is_empty() {
            mirrored.others
        } else {
            Vec::new()
        },
        unread: Unread::new(mirrored.unread, &mirrored.folders, none_readable),
    })
}

/// The file that somebody named, of the source that they named with it or of one that takes it. A name given to it makes a source
/// of its own, which the catalogue has from then on.
fn named_file(
    catalogue: &mut Catalogue,
    from: &FromFile,
    of_source: Option<&str>,
) -> Result<Found, RunError> {
    let origin = Origin::of(&from.path)?;
    let file_name = from
        .path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let source = match of_source {
        Some(source_id) => Arc::clone(catalogue.get(source_id)?),
        None => source_for(catalogue, &file_name, &origin, from.name.as_deref())?,
    };
    let source = match &from.name {
        Some(name) if *name != source.source_id => {
            check_name(name, catalogue, &file_name, &source)?;
            let renamed = source.renamed(name)?;
            catalogue.insert(renamed);
            Arc::clone(catalogue.get(name)?)
        }
        _ if source.is_generic() => {
            return Err(RunError::NeedsName {
                file: file_name,
                source_id: source.source_id.clone(),
            });
        }
        _ => source,
    };
    Ok(Found::Here {
        file: FoundFile::new(&source, &file_name, origin)?,
        published: from.published,
    })
}

/// Fails where a name that is given to a file is that of a declared source or of its list, for which the file would count as another
/// rendition, or of files that are read otherwise than the file would be by its source.
fn check_name(
    name: &str,
    catalogue: &Catalogue,
    file_name: &str,
    source: &Source,
) -> Result<(), RunError> {
    let mut declared = catalogue.iter().filter(|source| !source.is_generic());
    if declared.any(|source| source.source_id == name || source.list_id() == name) {
        return Err(RunError::NameTaken {
            name: name.to_owned(),
        });
    }
    if let Ok(taken) = catalogue.get(name)
        && taken.toml.kind != source.toml.kind
    {
        return Err(RunError::NameOfAnotherKind {
            name: name.to_owned(),
            stands: what(taken.toml.kind),
            file: file_name.to_owned(),
            came: what(source.toml.kind),
        });
    }
    Ok(())
}

/// What files of a kind are, for messages.
fn what(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Operations => "a list of operations",
        SourceKind::Page => "a page",
        SourceKind::Reference => "a reference table",
        SourceKind::Statistics => "a table of figures",
    }
}

/// The source for a file of which only the path is known: a declared one that takes the name, else a generic one of the
/// fitting kind.
fn source_for(
    catalogue: &Catalogue,
    file_name: &str,
    origin: &Origin,
    name: Option<&str>,
) -> Result<Arc<Source>, RunError> {
    if name.is_none()
        && let Some(source) = catalogue
            .iter()
            .filter(|s| !s.is_generic())
            .filter_map(|s| Some((s.claim(file_name)?, s)))
            .max_by_key(|(narrow, _)| *narrow)
            .map(|(_, source)| source)
    {
        return Ok(Arc::clone(source));
    }
    // What is named like data is read as data, so that an error page saved as .csv is told for what it is.
    let data = [
        ".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".xlsx", ".xls", ".ods",
    ];
    let named_data = data
        .iter()
        .any(|end| file_name.to_lowercase().ends_with(end));
    let page = !named_data
        && sniff(&origin.bytes()?, file_name)
            .is_ok_and(|format| matches!(format.kind, Kind::Html | Kind::Text));
    let kind = if page {
        SourceKind::Page
    } else {
        SourceKind::Operations
    };
    let generic = catalogue.iter();
    let generic = generic.filter(|s| s.is_generic() && s.toml.kind == kind);
    // What was given a name in an earlier release has a list of its own, and is none to begin from.
    let generic = generic.min_by_key(|s| s.toml.list_id.is_some());
    generic.map(Arc::clone).ok_or_else(|| RunError::NeedsName {
        file: file_name.into(),
        source_id: "none".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::made;

    #[test]
    fn a_name_is_no_declared_one_and_for_files_of_one_kind() {
        let folder = tempfile::tempdir().unwrap();
        let mut catalogue = Catalogue::default();
        for (name, kind) in [
            ("any_list", "operations"),
            ("any_page", "page"),
            ("a_list", "operations"),
            ("my_page", "page"),
        ] {
            let list_id = if name.starts_with("any") {
                String::new()
            } else {
                format!("list_id = \"{name}\"\n")
            };
            let declared = format!("kind = \"{kind}\"\ngeneric = true\n{list_id}");
            catalogue.insert(made::source(name, &declared));
        }
        let mut named = |file: &str, name: &str| {
            let path = folder.path().join(file);
            std::fs::write(&path, "<html><body><p>Projekt</p></body></html>").unwrap();
            let from = FromFile {
                path,
                name: Some(name.to_owned()),
                published: None,
            };
            let found = named_file(&mut catalogue, &from, None);
            found.map(|found| found.source_id().to_owned())
        };
        // What is named like data is read as data.
        for (file, name) in [("a.csv", "a_list"), ("a.html", "my_page"), ("a.html", "b")] {
            assert_eq!(named(file, name).unwrap(), name, "{file}");
        }
        for (file, name, told) in [
            (
                "a.html",
                "a_list",
                "a.html is read as a page, and what stands under that name is a list of operations;",
            ),
            (
                "a.csv",
                "my_page",
                "a.csv is read as a list of operations, and what stands under that name is a page;",
            ),
        ] {
            let error = named(file, name).unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
            assert_eq!(error.exit_code(), 2, "{error}");
        }
        let declared = "kind = \"operations\"\nlist_id = \"de_xx_esf\"\n";
        catalogue.insert(made::source("de_xx_csv", declared));
        for name in ["de_xx_csv", "de_xx_esf"] {
            let from = FromFile {
                path: folder.path().join("a.csv"),
                name: Some(name.to_owned()),
                published: None,
            };
            let error = named_file(&mut catalogue, &from, None).err().unwrap();
            assert!(matches!(error, RunError::NameTaken { .. }), "{error}");
        }
    }
}
