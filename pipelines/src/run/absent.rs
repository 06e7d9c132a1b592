//! Sources of a release of which the folders of downloaded files have nothing tonight: they stay as they were, and somebody
//! may have to know it. A folder that is not mounted looks like one in which nothing is new.

use std::collections::BTreeSet;

use esf_engine::release::Release;

use super::RunOptions;
use super::inputs::Found;
use super::unread::Unread;

/// The sources with files in the release of which the folders have none, in order. `looked_for` are those that come from
/// folders alone: what was ingested under a name given by hand is looked for in none. None where publishers are asked as
/// well, unless folders cannot be read: then nobody knows what these sources have. Sources of which only older files lie there
/// are found by `replaced`.
pub(super) fn absent(
    previous: &Release,
    looked_for: &BTreeSet<String>,
    found: &[Found],
    unread: &Unread,
    options: &RunOptions,
) -> Vec<String> {
    let is_asked = options.fetch.is_some() && unread.folders().is_empty();
    if !from_folders(options) || is_asked {
        return Vec::new();
    }
    let here: BTreeSet<&str> = found.iter().map(Found::source_id).collect();
    let wanted = |id: &String| options.sources.is_empty() || options.sources.contains(id);
    let behind = previous.sources.iter();
    let behind = behind.filter(|(_, state)| !state.files.is_empty());
    let absent = behind
        .filter(|(id, _)| looked_for.contains(*id) && wanted(id) && !here.contains(id.as_str()))
        // Of those it is told why there is nothing.
        .filter(|(id, _)| !unread.is_of(id));
    absent.map(|(id, _)| id.clone()).collect()
}

/// What is to be said where folders are named and none of the `others` in them, nor any other file, belongs to a source.
/// Where something there cannot be read, that is said instead.
pub(super) fn wrong_folder(
    found: &[Found],
    others: &[String],
    unread: &Unread,
    options: &RunOptions,
) -> Option<String> {
    let is_other = options.fetch.is_some() || !options.sources.is_empty() || !unread.is_empty();
    if !from_folders(options) || !found.is_empty() || is_other {
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

    use super::*;
    use crate::snapshot::SnapshotError;

    #[test]
    fn folders_in_which_nothing_belongs_to_a_source_are_told_with_what_lies_there() {
        let mut options = RunOptions {
            mirrors: vec![PathBuf::from("here"), PathBuf::from("there")],
            ..RunOptions::default()
        };
        let others = ["a.txt".to_owned(), "b.txt".to_owned()];
        let nothing = Unread::default();
        for (number, told) in [
            (0, "mounted: it is empty"),
            (1, "mounted: 1 file lies there"),
            (2, "mounted: 2 files lie there"),
        ] {
            let warning = wrong_folder(&[], &others[..number], &nothing, &options).unwrap();
            assert!(
                warning.starts_with("no file in here, there belongs"),
                "{warning}"
            );
            assert!(warning.ends_with(told), "{warning}");
        }
        // Whose files lie in a folder that cannot be read is not known.
        let gone = SnapshotError::Changed {
            path: "there".to_owned(),
        };
        let unread = Unread::new(Vec::new(), &[gone], false);
        assert_eq!(wrong_folder(&[], &others, &unread, &options), None);
        options.sources.push("one".to_owned());
        assert_eq!(wrong_folder(&[], &others, &nothing, &options), None);
        let nowhere = RunOptions::default();
        assert_eq!(wrong_folder(&[], &[], &nothing, &nowhere), None);
    }
}
