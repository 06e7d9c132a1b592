//! Sources of a release of which nothing is found tonight: they stay as they were, and somebody may have to know it.
//!
//! Of sources that come from folders these have no file: a folder that is not mounted looks like one in which nothing is new. Of
//! others nobody looked for a file: the run asks no publisher, or their declaration says no longer where the file is. Neither
//! is unchanged, since nothing is known of what is new.

use std::collections::BTreeSet;

use esf_engine::release::{Release, SourceState};

use super::RunOptions;
use super::unread::Unread;
use crate::source::Catalogue;

/// The sources with files in the release of which the folders have none, in order. `looked_for` are those that come from
/// folders alone: what was ingested under a name given by hand is looked for in none. `here` are the sources of which something
/// was found. Sources of which only older files lie there are found by `replaced`.
pub(super) fn absent(
    previous: &Release,
    looked_for: &BTreeSet<String>,
    here: &BTreeSet<String>,
    unread: &Unread,
    options: &RunOptions,
) -> Vec<String> {
    if !from_folders(options) {
        return Vec::new();
    }
    let absent = (behind(previous, options))
        .filter(|id| looked_for.contains(*id) && !here.contains(*id))
        // Of those it is told why there is nothing.
        .filter(|id| !unread.is_of(id));
    absent.cloned().collect()
}

/// The sources with files in the release that the run looks for neither in folders nor at their publishers, in order. What was
/// ingested by a generic source under a name given by hand is looked for by nobody, ever. `here` are the sources of which
/// something was found.
pub(super) fn not_asked(
    previous: &Release,
    catalogue: &Catalogue,
    looked_for: &BTreeSet<String>,
    here: &BTreeSet<String>,
    options: &RunOptions,
) -> Vec<String> {
    if options.samples || options.from.is_some() {
        return Vec::new();
    }
    let is_looked_for = |id: &String| {
        let source = catalogue.get(id);
        let is_asked = options.fetch.is_some()
            && (source.as_ref()).is_ok_and(|source| source.toml.fetch.is_some());
        let by_hand = source.is_ok_and(|source| source.is_generic());
        is_asked || by_hand || (from_folders(options) && looked_for.contains(id))
    };
    let not_asked =
        behind(previous, options).filter(|id| !here.contains(*id) && !is_looked_for(id));
    not_asked.cloned().collect()
}

/// Whether the run looks for files nowhere at all: no folder is named, and no wanted source says how its publisher is asked, or
/// nobody is to be asked.
pub(super) fn nowhere(catalogue: &Catalogue, options: &RunOptions) -> bool {
    let mut sources = catalogue.iter();
    let is_asked = options.fetch.is_some()
        && sources.any(|source| source.toml.fetch.is_some() && wanted(&source.source_id, options));
    !is_asked && options.mirrors.is_empty() && options.from.is_none() && !options.samples
}

/// What is to be said of a run that looks nowhere, though nothing says that this is meant.
pub(super) fn unnamed(looked_nowhere: bool, options: &RunOptions) -> Option<String> {
    let told = looked_nowhere && options.fetch.is_some();
    told.then(|| {
        "no folder of downloaded files is named, and no source has a publisher to ask; name the folders with `mirrors` in esf.toml, ESF_MIRRORS or --mirror, or say with --offline that nothing is to be looked for"
            .to_owned()
    })
}

fn wanted(source_id: &String, options: &RunOptions) -> bool {
    options.sources.is_empty() || options.sources.contains(source_id)
}

/// The wanted sources with files in the release.
fn behind<'r>(previous: &'r Release, options: &RunOptions) -> impl Iterator<Item = &'r String> {
    let has_files = |state: &SourceState| !state.files.is_empty();
    let behind = previous.sources.iter();
    behind
        .filter(move |(id, state)| has_files(state) && wanted(id, options))
        .map(|(id, _)| id)
}

/// What is to be said where folders are named and nothing that belongs to a source lies there, but only `others`, if anything.
/// Where something there cannot be read, that is said instead. Where publishers are asked as well, folders may be empty: unless
/// some sources of the release come from folders alone and are `absent`.
pub(super) fn wrong_folder(
    nothing_there: bool,
    others: &[String],
    unread: &Unread,
    absent: &[String],
    options: &RunOptions,
) -> Option<String> {
    let is_other = !options.sources.is_empty()
        || !unread.is_empty()
        || (options.fetch.is_some() && absent.is_empty());
    if !from_folders(options) || !nothing_there || is_other {
        return None;
    }
    let folders: Vec<String> = (options.mirrors.iter())
        .map(|folder| folder.display().to_string())
        .collect();
    let there = match others.len() {
        0 => "it is empty".to_owned(),
        1 => "1 file lies there".to_owned(),
        many => format!("{many} files lie there"),
    };
    Some(format!(
        "no file in {} belongs to any source; see whether it is the right folder, and mounted: {there}",
        folders.join(", ")
    ))
}

fn from_folders(options: &RunOptions) -> bool {
    !options.mirrors.is_empty() && options.from.is_none() && !options.samples
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use esf_engine::release::{Publication, ReleaseDraft, SourceFileState, Warehouse};
    use esf_engine::store::Store;

    use super::*;
    use crate::fetch::Settings;
    use crate::run::made;
    use crate::run::options::FromFile;
    use crate::snapshot::SnapshotError;

    #[test]
    fn folders_in_which_nothing_belongs_to_a_source_are_told_with_what_lies_there() {
        let mut options = RunOptions {
            mirrors: vec![PathBuf::from("here"), PathBuf::from("there")],
            ..RunOptions::default()
        };
        let others = ["a.txt".to_owned(), "b.txt".to_owned()];
        let absent = ["one".to_owned()];
        let nothing = Unread::default();
        for (number, told) in [
            (0, "mounted: it is empty"),
            (1, "mounted: 1 file lies there"),
            (2, "mounted: 2 files lie there"),
        ] {
            let warning = wrong_folder(true, &others[..number], &nothing, &[], &options).unwrap();
            assert!(
                warning.starts_with("no file in here, there belongs"),
                "{warning}"
            );
            assert!(warning.ends_with(told), "{warning}");
        }
        let is_told = |nothing_there, unread: &Unread, absent: &[String], options: &RunOptions| {
            wrong_folder(nothing_there, &others, unread, absent, options).is_some()
        };
        assert!(!is_told(false, &nothing, &absent, &options));
        // Whose files lie in a folder that cannot be read is not known.
        let gone = SnapshotError::Changed {
            path: "there".to_owned(),
        };
        let unread = Unread::new(Vec::new(), &[gone], false);
        assert!(!is_told(true, &unread, &absent, &options));
        // Where publishers are asked, folders may be empty, unless something was to be there.
        options.fetch = Some(Settings::default());
        assert!(!is_told(true, &nothing, &[], &options));
        assert!(is_told(true, &nothing, &absent, &options));
        options.sources.push("one".to_owned());
        assert!(!is_told(true, &nothing, &absent, &options));
        assert!(!is_told(true, &nothing, &absent, &RunOptions::default()));
    }

    /// The absent sources, and those that nobody looked for, of a release of four: one that is fetched, one that comes from folders
    /// alone, one that was ingested under a name given by hand, and one that is declared no more.
    async fn missed(options: &RunOptions) -> (Vec<String>, Vec<String>) {
        let mut catalogue = Catalogue::default();
        let fetched = "kind = \"operations\"\n[fetch]\nurl = \"https://example.org/a.csv\"\n";
        catalogue.insert(made::source("fetched", fetched));
        catalogue.insert(made::source("folder", "kind = \"operations\"\n"));
        let looked_for: BTreeSet<String> = (catalogue.iter())
            .filter(|source| options.fetch.is_none() || source.toml.fetch.is_none())
            .map(|source| source.source_id.clone())
            .collect();
        // These are back from the archive.
        let by_hand = "kind = \"operations\"\ngeneric = true\n";
        catalogue.insert(made::source("by_hand", by_hand));
        catalogue.insert(made::source("removed", "kind = \"operations\"\n"));
        let mut draft = ReleaseDraft::new(None, "made", "test");
        for id in ["fetched", "folder", "by_hand", "removed"] {
            let state = SourceState {
                files: vec![SourceFileState::default()],
                ..SourceState::default()
            };
            draft.sources.insert(id.to_owned(), state);
        }
        let warehouse = Warehouse::new(Store::memory());
        let Publication::Published(release) = warehouse.publish(draft).await.unwrap() else {
            panic!("it is published");
        };
        let (here, unread) = (BTreeSet::new(), Unread::default());
        (
            absent(&release, &looked_for, &here, &unread, options),
            not_asked(&release, &catalogue, &looked_for, &here, options),
        )
    }

    #[tokio::test]
    async fn sources_that_nobody_looked_for_are_told_apart_from_those_without_a_file() {
        let fetches = RunOptions {
            fetch: Some(Settings::default()),
            ..RunOptions::default()
        };
        let folders = RunOptions {
            mirrors: vec![PathBuf::from("here")],
            ..RunOptions::default()
        };
        let both = RunOptions {
            fetch: fetches.fetch.clone(),
            ..folders.clone()
        };
        let offline = RunOptions::default();
        let one = RunOptions {
            sources: vec!["folder".to_owned()],
            ..RunOptions::default()
        };
        let from = RunOptions {
            from: Some(FromFile {
                path: PathBuf::from("a.csv"),
                name: None,
                published: None,
            }),
            ..RunOptions::default()
        };
        let none: &[&str] = &[];
        for (options, absent, not_asked) in [
            (&fetches, none, &["folder", "removed"][..]),
            (&folders, &["fetched", "folder"][..], &["removed"][..]),
            (&both, &["folder"][..], &["removed"][..]),
            (&offline, none, &["fetched", "folder", "removed"][..]),
            (&one, none, &["folder"][..]),
            (&from, none, none),
        ] {
            let found = missed(options).await;
            assert_eq!(found.0, absent, "{options:?}");
            assert_eq!(found.1, not_asked, "{options:?}");
        }
        let mut asked = Catalogue::default();
        asked.insert(made::source(
            "fetched",
            "kind = \"operations\"\n[fetch]\nurl = \"https://example.org/a.csv\"\n",
        ));
        let other = RunOptions {
            sources: vec!["folder".to_owned()],
            ..fetches.clone()
        };
        for (catalogue, options, is_nowhere, is_told) in [
            (&asked, &offline, true, false),
            (&asked, &one, true, false),
            (&asked, &fetches, false, false),
            (&asked, &other, true, true),
            (&Catalogue::default(), &fetches, true, true),
            (&asked, &folders, false, false),
            (&asked, &both, false, false),
            (&asked, &from, false, false),
        ] {
            let found = nowhere(catalogue, options);
            assert_eq!(found, is_nowhere, "{options:?}");
            assert_eq!(unnamed(found, options).is_some(), is_told, "{options:?}");
        }
    }
}
