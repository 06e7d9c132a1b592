//! Files that came together, of which somebody said which one counts (`--accept SOURCE:FILE=REASON`).
//!
//! Of new files of one source with the same date of publication or none nothing says which is the newest (`merge::vintage`,
//! `together`). The one that is named counts. The others are passed over: no row of them is used, they are no earlier state
//! either, and as long as they lie there under names that they had, nobody looks at them again. What was passed over is kept with
//! the file that counts, like the reason, in every later release; who names one of them takes it as a newer file.
//!
//! Owns who counts and what is kept and told of it. Does not own that files came together. Of lists that grow nothing is chosen:
//! their files are parts, and what is passed over would be lacking.

use std::collections::BTreeMap;

use esf_engine::release::{Release, SourceFileState};
use serde::{Deserialize, Serialize};

use super::RunOptions;
use super::again::Key;
use super::inputs::{Found, InputFile, Inputs, ListInputs};
use super::report::{SourceReport, SourceState};
use super::together::Named;
use crate::merge::Failure;
use crate::redaction::Masks;
use crate::source::Vintage;

/// What was passed over, beside the file that counts in the document of a release.
pub(super) const IN_PLACE_OF: &str = "in_place_of";

/// A file in place of which another one counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PassedOver {
    /// Its hash.
    pub sha256: String,
    /// The names under which it lay there.
    pub names: Vec<String>,
}

impl PassedOver {
    /// A file with these names, of which redactions keep something out.
    pub(super) fn new<'n>(
        sha256: &str,
        names: impl Iterator<Item = &'n str>,
        masks: &Masks,
    ) -> Self {
        let mut names: Vec<String> = names.map(|name| masks.masked(name)).collect();
        names.sort();
        names.dedup();
        Self {
            sha256: sha256.to_owned(),
            names,
        }
    }

    fn is(&self, one: &Found, masks: &Masks) -> bool {
        let mut names = one.names().map(|name| masks.masked(name));
        self.sha256 == one.sha256() && names.all(|name| self.names.contains(&name))
    }
}

/// What a file of a release counts in place of.
pub(super) fn in_place_of(file: &SourceFileState) -> Vec<PassedOver> {
    let kept = file.extra.get(IN_PLACE_OF);
    let kept = kept.and_then(|kept| serde_json::from_value(kept.clone()).ok());
    kept.unwrap_or_default()
}

/// Takes the files that were passed over out of what was found. What somebody gives or names stays.
pub(super) fn leave(
    found: &mut Vec<Found>,
    previous: &Release,
    options: &RunOptions,
    masks: &Masks,
) {
    if options.from.is_some() {
        return;
    }
    found.retain(|one| {
        let Some(state) = previous.sources.get(one.source_id()) else {
            return true;
        };
        let is_known = state.files.iter().any(|f| f.sha256 == one.sha256());
        let mut over = state.files.iter().flat_map(in_place_of);
        let is_over = !is_known && over.any(|over| over.is(one, masks));
        !is_over
            || options
                .accepted_alone(one.source_id(), one.names())
                .is_some()
    });
}

/// That one of several files of a source counts.
pub(super) struct Choice {
    /// Its source.
    source_id: String,
    /// Its hash.
    sha256: String,
    /// Its name.
    file_name: String,
    /// Why, in the words of whoever said so.
    reason: String,
    /// The others, as they fail where it cannot be used either.
    others: Vec<Failure>,
}

impl Choice {
    /// What is told of a file that was passed over.
    pub(super) fn told(file_name: &str, reason: &str) -> String {
        format!(
            "{file_name} counts in its place ({reason}); it is passed over for as long as it lies there"
        )
    }

    /// What becomes of the others: told as passed over where the list uses the file, and else failed.
    pub(super) fn settle(
        self,
        used: &ListInputs,
        aside: &mut Vec<SourceReport>,
        failures: &mut Vec<Failure>,
    ) {
        let is_it = |file: &InputFile| {
            file.source.source_id == self.source_id
                && file.sha256 == self.sha256
                && !file.over.is_empty()
        };
        if !used.files.iter().any(is_it) {
            failures.extend(self.others);
            return;
        }
        let message = Self::told(&self.file_name, &self.reason);
        aside.extend(self.others.iter().map(|other| SourceReport {
            message: Some(message.clone()),
            ..SourceReport::bare(
                &self.source_id,
                &used.list_id,
                &other.file_name,
                SourceState::Older,
            )
        }));
    }
}

/// Takes files of a list out of it that came together with one that somebody named, which counts. Gives what was chosen, and
/// what fails all the same. Only what `is_new` is passed over.
pub(super) fn choose(
    list: &mut ListInputs,
    failed: Vec<Failure>,
    options: &RunOptions,
    masks: &Masks,
    is_new: impl Fn(&InputFile) -> bool,
) -> (Vec<Choice>, Vec<Failure>) {
    let (tied, mut failing): (Vec<Failure>, Vec<Failure>) = failed
        .into_iter()
        .partition(|failure| failure.error.is_of_rivals());
    // Pages of one source can be rivals about several operations; each error names those that belong together.
    let mut of_ties: BTreeMap<(String, String), Vec<Failure>> = BTreeMap::new();
    for failure in tied {
        let tie = (failure.source_id.clone(), failure.error.to_string());
        of_ties.entry(tie).or_default().push(failure);
    }
    let mut choices = Vec::new();
    for ((source_id, _), tied) in of_ties {
        let is_tied = |file: &InputFile| {
            file.source.source_id == source_id && tied.iter().any(|f| f.sha256 == file.sha256)
        };
        let named: Vec<(String, &str)> = (list.files.iter())
            .filter(|file| is_tied(file) && file.source.toml.vintage == Vintage::Replace)
            .filter_map(|file| {
                let reason = options.accepted_alone(&source_id, file.names())?;
                Some((file.sha256.clone(), reason))
            })
            .collect();
        let [(sha256, reason)] = named.as_slice() else {
            failing.extend(tied);
            continue;
        };
        let is_other = |file: &InputFile| is_tied(file) && file.sha256 != *sha256;
        let others = || list.files.iter().filter(|file| is_other(file));
        if !others().all(&is_new) {
            failing.extend(tied);
            continue;
        }
        let over: Vec<PassedOver> = others()
            .map(|file| PassedOver::new(&file.sha256, file.names(), masks))
            .collect();
        list.files.retain(|file| !is_other(file));
        let reason = masks.masked(reason);
        let mut file_name = String::new();
        for file in list.files.iter_mut().filter(|file| is_tied(file)) {
            file.over.extend(over.iter().cloned());
            file.accepted = Some(reason.clone());
            file_name.clone_from(&file.file_name);
        }
        let others = tied.into_iter().filter(|other| other.sha256 != *sha256);
        choices.push(Choice {
            others: others.collect(),
            sha256: sha256.clone(),
            source_id,
            file_name,
            reason,
        });
    }
    (choices, failing)
}

impl Inputs {
    /// Keeps with references what they count in place of.
    pub(super) fn pass_over(&mut self, chosen: &BTreeMap<Key, Named>) {
        for file in &mut self.references {
            let key = (file.source.source_id.clone(), file.sha256.clone());
            let over = chosen.get(&key).into_iter().flat_map(|named| &named.over);
            file.over.extend(over.cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;

    use super::*;
    use crate::map::MapError;
    use crate::run::made;
    use crate::snapshot::in_memory;

    fn accepting(names: &[&str]) -> RunOptions {
        let accept = names.iter();
        let accept = accept.map(|name| (format!("made:{name}"), "told so".to_owned()));
        RunOptions {
            accept: accept.collect(),
            ..RunOptions::default()
        }
    }

    /// Three files that came together, and how they fail for that.
    fn tied(more: &str) -> (ListInputs, Vec<Failure>) {
        let declared = format!("kind = \"operations\"\nfiles = [\"*.csv\"]\n{more}");
        let source = Arc::new(made::source("made", &declared));
        let file = |name: &&str| {
            let found = Found::today(in_memory(
                &source,
                name,
                Bytes::copy_from_slice(name.as_bytes()),
            ));
            found.input(2, &RunOptions::default(), &Masks::default())
        };
        let names = ["a.csv", "b.csv", "c.csv"];
        let files: Vec<InputFile> = names.iter().map(file).collect();
        let failed = files.iter().map(|file| Failure {
            source_id: "made".to_owned(),
            file_name: file.file_name.clone(),
            sha256: file.sha256.clone(),
            error: MapError::rivals(&names),
        });
        let failed = failed.collect();
        let list = ListInputs {
            list_id: "made".to_owned(),
            files,
        };
        (list, failed)
    }

    fn chosen(
        more: &str,
        names: &[&str],
        is_new: impl Fn(&InputFile) -> bool,
    ) -> (ListInputs, Vec<Choice>, usize) {
        let (mut list, failed) = tied(more);
        let options = accepting(names);
        let (choices, failing) = choose(&mut list, failed, &options, &Masks::default(), is_new);
        (list, choices, failing.len())
    }

    #[test]
    fn the_file_that_is_named_is_left_with_what_it_counts_in_place_of() {
        let (list, choices, failing) = chosen("", &["b.csv"], |_| true);
        let [file] = list.files.as_slice() else {
            panic!("one is left");
        };
        assert_eq!((file.file_name.as_str(), failing), ("b.csv", 0));
        assert_eq!(file.accepted.as_deref(), Some("told so"));
        let over: Vec<&str> = (file.over.iter())
            .flat_map(|over| over.names.iter().map(String::as_str))
            .collect();
        assert_eq!(over, ["a.csv", "c.csv"]);

        // They are passed over where the list uses it, and else fail as it does.
        let empty = ListInputs {
            list_id: "made".to_owned(),
            files: Vec::new(),
        };
        let (_, unused, _) = chosen("", &["b.csv"], |_| true);
        for (used, choices, expected) in [(&list, choices, (2, 0)), (&empty, unused, (0, 2))] {
            let (mut aside, mut failures) = (Vec::new(), Vec::new());
            for choice in choices {
                choice.settle(used, &mut aside, &mut failures);
            }
            assert_eq!((aside.len(), failures.len()), expected);
        }
    }

    #[test]
    fn nothing_is_chosen_where_it_is_not_clear_or_something_would_be_lacking() {
        let grows = "vintage = \"extend\"\n";
        for (more, names, old) in [
            ("", &[][..], ""),
            ("", &["a.csv", "b.csv"][..], ""),
            ("", &["b.csv"][..], "c.csv"),
            (grows, &["b.csv"][..], ""),
        ] {
            let (list, choices, failing) = chosen(more, names, |file| file.file_name != old);
            assert_eq!(
                (list.files.len(), choices.len(), failing),
                (3, 0, 3),
                "{names:?}"
            );
        }
    }
}
