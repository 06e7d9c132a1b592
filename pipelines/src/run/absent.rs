//! Sources of a release of which the folders of downloaded files have nothing tonight: they stay as they were, and somebody
//! may have to know it. A folder that is not mounted looks like one in which nothing is new.

use std::collections::BTreeSet;

use esf_engine::release::Release;

use super::RunOptions;
use super::inputs::Found;

/// The sources with files in the release of which the folders have none, in order. `declared` are those that the run knows
/// a declaration of: what was ingested under a name given by hand is looked for in no folder. None where files do not come
/// from folders alone. Sources of which only older files lie there are found by `replaced`.
pub(super) fn absent(
    previous: &Release,
    declared: &BTreeSet<String>,
    found: &[Found],
    options: &RunOptions,
) -> Vec<String> {
    if !from_folders(options) {
        return Vec::new();
    }
    let here: BTreeSet<&str> = found.iter().map(Found::source_id).collect();
    let wanted = |id: &String| options.sources.is_empty() || options.sources.contains(id);
    let behind = previous.sources.iter();
    let behind = behind.filter(|(_, state)| !state.files.is_empty());
    let absent = behind
        .filter(|(id, _)| declared.contains(*id) && wanted(id) && !here.contains(id.as_str()));
    absent.map(|(id, _)| id.clone()).collect()
}

/// What is to be said where folders are named and none of the `others` in them, nor any other file, belongs to a source.
pub(super) fn wrong_folder(
    found: &[Found],
    others: &[String],
    options: &RunOptions,
) -> Option<String> {
    if !from_folders(options) || !found.is_empty() || !options.sources.is_empty() {
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
    !options.mirrors.is_empty()
        && options.from.is_none()
        && options.fetch.is_none()
        && !options.samples
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn folders_in_which_nothing_belongs_to_a_source_are_told_with_what_lies_there() {
        let mut options = RunOptions {
            mirrors: vec![PathBuf::from("here"), PathBuf::from("there")],
            ..RunOptions::default()
        };
        let others = ["a.txt".to_owned(), "b.txt".to_owned()];
        for (number, told) in [
            (0, "mounted: it is empty"),
            (1, "mounted: 1 file lies there"),
            (2, "mounted: 2 files lie there"),
        ] {
            let warning = wrong_folder(&[], &others[..number], &options).unwrap();
            assert!(
                warning.starts_with("no file in here, there belongs"),
                "{warning}"
            );
            assert!(warning.ends_with(told), "{warning}");
        }
        options.sources.push("one".to_owned());
        assert_eq!(wrong_folder(&[], &others, &options), None);
        let nowhere = RunOptions::default();
        assert_eq!(wrong_folder(&[], &[], &nowhere), None);
    }
}
