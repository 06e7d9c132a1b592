//! Acceptances (`--accept`) that took nothing: whoever gave them thinks that something is settled.
//!
//! Owns what is told of them; it changes neither the run nor its exit code. Does not own what an acceptance covers (`control`,
//! `chosen`, `left_behind`).

use std::collections::BTreeSet;

use esf_engine::release::Release;

use super::RunOptions;
use super::inputs::Found;
use super::report::{RunReport, SourceReport, SourceState};
use crate::named;
use crate::source::nearest;

/// Most files of a source that are named where none is near.
const NAMED: usize = 5;

/// What is to be said of acceptances of single files (`SOURCE:FILE`) whose source has no file of this name: neither among those
/// that were `found` or cannot be had (`others`), nor in the release before.
pub(super) fn no_such_file(
    found: &[Found],
    others: &[SourceReport],
    previous: Option<&Release>,
    options: &RunOptions,
) -> Vec<String> {
    let of_files = options.accept.keys().filter_map(|key| key.split_once(':'));
    let told = of_files.filter_map(|(source_id, file_name)| {
        let here = found.iter().filter(|one| one.source_id() == source_id);
        let others = others.iter().filter(|file| file.source_id == source_id);
        let standing = previous.and_then(|previous| previous.sources.get(source_id));
        let standing = standing.into_iter().flat_map(|state| &state.files);
        let names: BTreeSet<&str> = here
            .flat_map(Found::names)
            .chain(others.map(|file| file.file_name.as_str()))
            .chain(standing.map(|file| file.file_name.as_str()))
            .collect();
        if names.contains(file_name) {
            return None;
        }
        let names: Vec<&str> = names.into_iter().collect();
        let hint = match nearest(file_name, names.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None if names.is_empty() => "it has none at all".to_owned(),
            None => format!("it has {}", named::first(&names, NAMED)),
        };
        Some(format!(
            "--accept {source_id}:{file_name} took nothing: the source has no file of this name; {hint}"
        ))
    });
    told.collect()
}

/// What is to be said of acceptances of whole sources of which nothing is new, and nothing stands or is held that had to be
/// accepted.
pub(super) fn nothing_to_take(report: &RunReport, options: &RunOptions) -> Vec<String> {
    let is_idle = |file: &SourceReport| {
        let is_old = matches!(file.state, SourceState::Unchanged | SourceState::Repeated);
        is_old && file.accepted.is_none()
    };
    let of_sources = options.accept.keys().filter(|key| !key.contains(':'));
    let idle = of_sources.filter(|source_id| {
        let mut files = report.sources.iter();
        files.all(|file| file.source_id != **source_id || is_idle(file))
    });
    idle.map(|source_id| {
        format!("--accept {source_id} took nothing: no file of the source is new, and none is held")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(states: &[SourceState]) -> RunReport {
        let files = states.iter();
        let files = files.map(|state| SourceReport::bare("a", "a_list", "a.csv", *state));
        RunReport::new("r".to_owned(), files.collect(), &[])
    }

    fn accepting(key: &str) -> RunOptions {
        RunOptions {
            accept: [(key.to_owned(), "seen".to_owned())].into(),
            ..RunOptions::default()
        }
    }

    #[test]
    fn a_source_of_which_nothing_is_new_or_held_has_nothing_to_take() {
        use SourceState::{Held, Loaded, Stale, Unchanged};
        let told = |report: &RunReport, key: &str| nothing_to_take(report, &accepting(key));
        let quiet = of(&[Unchanged, Unchanged]);
        let idle = told(&quiet, "a");
        assert_eq!(idle.len(), 1);
        assert!(idle[0].starts_with("--accept a took nothing: "), "{idle:?}");
        assert_eq!(told(&quiet, "b").len(), 1);
        for state in [Held, Loaded, Stale] {
            assert!(told(&of(&[Unchanged, state]), "a").is_empty(), "{state:?}");
        }
        let mut accepted = of(&[Unchanged]);
        accepted.sources[0].accepted = Some("seen".to_owned());
        assert!(told(&accepted, "a").is_empty());
    }

    #[test]
    fn a_file_that_no_source_has_is_told_with_the_nearest() {
        let others = [SourceReport::bare(
            "a",
            "a_list",
            "list_2020.csv",
            SourceState::Stale,
        )];
        let told = |key: &str| no_such_file(&[], &others, None, &accepting(key));
        assert!(told("a").is_empty());
        assert!(told("a:list_2020.csv").is_empty());
        let near = "--accept a:list_2021.csv took nothing: the source has no file of this name; did you mean list_2020.csv?";
        assert_eq!(told("a:list_2021.csv"), [near]);
        let far = told("a:x");
        assert!(far[0].ends_with("; it has list_2020.csv"), "{far:?}");
        let none = told("b:list_2020.csv");
        assert!(none[0].ends_with("; it has none at all"), "{none:?}");
    }
}
