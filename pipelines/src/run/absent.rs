//! Sources of a release of which the folders of downloaded files have nothing tonight: they stay as they were, and somebody
//! may have to know it. A folder that is not mounted looks like one in which nothing is new.

use std::collections::BTreeSet;

use esf_engine::release::Release;

use super::RunOptions;
use super::inputs::Found;

/// The sources with files in the release of which the folders have none, in order. `declared` are those that the run knows
/// a declaration of: what was ingested under a name given by hand is looked for in no folder. None where files do not come
/// from folders alone.
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

/// What is to be said where folders are named and no file in them belongs to any source.
pub(super) fn wrong_folder(found: &[Found], options: &RunOptions) -> Option<String> {
    if !from_folders(options) || !found.is_empty() || !options.sources.is_empty() {
        return None;
    }
    let folders: Vec<String> = (options.mirrors.iter())
        .map(|folder| folder.display().to_string())
        .collect();
    Some(format!(
        "no file in {} belongs to any source; see whether it is the right folder, and mounted",
        folders.join(", ")
    ))
}

fn from_folders(options: &RunOptions) -> bool {
    !options.mirrors.is_empty()
        && options.from.is_none()
        && options.fetch.is_none()
        && !options.samples
}
