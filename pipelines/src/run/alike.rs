//! Files of one name in several folders, which are to be told apart in what is said of them.

use std::path::Path;

use super::inputs::InputFile;
use crate::map::MapError;
use crate::merge::Failure;
use crate::redaction::Masks;
use crate::snapshot::{FoundFile, Origin};

/// Where a file was found, if that is in a folder.
pub(super) fn place(found: &FoundFile) -> Option<&Path> {
    match &found.origin {
        Origin::Path(path) => Some(path),
        Origin::Memory(_) => None,
    }
}

/// What files are called: their names, and of those that have one in common also the folders that they lie in.
pub(super) fn told_apart(files: &[(&str, Option<&Path>)], masks: &Masks) -> Vec<String> {
    let is_alike = |name: &str| files.iter().filter(|(other, _)| *other == name).count() > 1;
    let told = files.iter().map(|&(name, place)| {
        let place = place.filter(|_| is_alike(name));
        place.map_or_else(
            || name.to_owned(),
            |place| masks.masked(&place.display().to_string()),
        )
    });
    told.collect()
}

/// Names the folders in the failures of files that came together, of which several have one name. `files` are those of the list.
pub(super) fn tell_apart(failed: &mut [Failure], files: &[InputFile], masks: &Masks) {
    let is_rival = |failure: &&mut Failure| matches!(failure.error, MapError::Rivals { .. });
    let mut rivals: Vec<&mut Failure> = failed.iter_mut().filter(is_rival).collect();
    let place_of = |failure: &Failure| {
        let is_it = |file: &&InputFile| {
            file.sha256 == failure.sha256 && file.source.source_id == failure.source_id
        };
        let found = files.iter().find(is_it)?.found.as_ref();
        found.and_then(place)
    };
    let named: Vec<(&str, Option<&Path>)> = (rivals.iter())
        .map(|failure| (failure.file_name.as_str(), place_of(failure)))
        .collect();
    let told = told_apart(&named, masks);
    let is_same = named
        .iter()
        .zip(&told)
        .all(|((name, _), told)| name == told);
    if is_same {
        return;
    }
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    for failure in &mut rivals {
        failure.error = MapError::rivals(&told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_name_are_called_by_their_folders_and_others_by_their_names() {
        let told = told_apart(
            &[
                ("a.csv", Some(Path::new("x/a.csv"))),
                ("b.csv", Some(Path::new("x/b.csv"))),
                ("a.csv", Some(Path::new("y/a.csv"))),
                ("a.csv", None),
            ],
            &Masks::default(),
        );
        assert_eq!(told, ["x/a.csv", "b.csv", "y/a.csv", "a.csv"]);
    }
}
