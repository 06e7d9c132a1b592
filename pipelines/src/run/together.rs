//! Reference tables that came together: of several new files of one of them nothing says which is the newest.
//!
//! Of a reference one file counts, the last that came; its rows have no day of publication. Where several come in one
//! night, none of them is taken, unless somebody says which one (`chosen`): the reference stays as it was, or is not there on a
//! first night. Lists are looked at where their files are put in order (`merge::vintage`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use esf_engine::release::Release;

use super::RunOptions;
use super::again::Key;
use super::alike::{place, told_apart};
use super::chosen::{Choice, PassedOver};
use super::inputs::Found;
use super::report::{SourceReport, SourceState};
use crate::map::MapError;
use crate::redaction::Masks;
use crate::source::SourceKind;

/// Reference tables that are not taken.
#[derive(Default)]
pub(super) struct Left {
    /// What is to be told of each in place of which nobody named another.
    pub told: Vec<SourceReport>,
    /// The files that somebody named, each with those that came together with it.
    pub chosen: BTreeMap<Key, Named>,
}

/// A file that somebody named. Whether it counts is known when it was tried.
pub(super) struct Named {
    /// Its name.
    file_name: String,
    /// Why it is to count.
    reason: String,
    /// What it is to count in place of.
    pub over: Vec<PassedOver>,
    /// What is told of each of these, but for the message, where it cannot be used.
    others: Vec<SourceReport>,
}

impl Named {
    /// What is told of the others: that they are passed over where the file that was named `counts`, and else that none counts.
    pub(super) fn settle(self, counts: bool) -> impl Iterator<Item = SourceReport> {
        let Self {
            file_name,
            reason,
            others,
            ..
        } = self;
        let told = Choice::told(&file_name, &reason);
        others.into_iter().map(move |other| {
            let source_id = &other.source_id;
            let (message, state) = if counts {
                (told.clone(), SourceState::Older)
            } else {
                let message = format!(
                    "{file_name} was named to count in its place ({reason}) and cannot be used, so neither of them counts; name another \
                     one with --accept {source_id}:FILE=REASON, or keep only the one that counts there"
                );
                (message, other.state)
            };
            SourceReport {
                message: Some(message),
                state,
                ..other
            }
        })
    }
}

/// Takes new reference tables that came together out of what was found, but for one that somebody said counts.
pub(super) fn leave(
    found: &mut Vec<Found>,
    previous: Option<&Release>,
    options: &RunOptions,
    masks: &Masks,
) -> Left {
    let mut new: BTreeMap<String, Vec<New>> = BTreeMap::new();
    for one in found.iter() {
        let state = previous.and_then(|previous| previous.sources.get(one.source_id()));
        let is_known =
            state.is_some_and(|state| state.files.iter().any(|f| f.sha256 == one.sha256()));
        if one.source().toml.kind == SourceKind::Reference && !is_known {
            let of_source = new.entry(one.source_id().to_owned()).or_default();
            let reason = options.accepted_alone(one.source_id(), one.names());
            of_source.push(New {
                over: PassedOver::new(one.sha256(), one.names(), masks),
                file_name: masks.masked(one.file_name()),
                place: match one {
                    Found::Here { file, .. } => place(file).map(Path::to_path_buf),
                    Found::Kept { .. } => None,
                },
                reason: reason.map(|reason| masks.masked(reason)),
            });
        }
    }
    new.retain(|_, files| files.len() > 1);
    let mut taken_out: BTreeSet<Key> = BTreeSet::new();
    let mut left = Left::default();
    for (source_id, files) in &new {
        let names: Vec<(&str, Option<&Path>)> = (files.iter())
            .map(|file| (file.file_name.as_str(), file.place.as_deref()))
            .collect();
        let named: Vec<(&New, &String)> = files
            .iter()
            .filter_map(|file| Some((file, file.reason.as_ref()?)))
            .collect();
        let chosen = match named.as_slice() {
            [one] => Some(*one),
            _ => None,
        };
        let stands = previous.is_some_and(|previous| previous.sources.contains_key(source_id));
        let state = if stands {
            SourceState::Held
        } else {
            SourceState::LeftOut
        };
        let first = found.iter().find(|one| one.source_id() == source_id);
        let list_id = first.map_or("", |one| one.source().list_id());
        let is_chosen =
            |file: &New| chosen.is_some_and(|(chosen, _)| chosen.over.sha256 == file.over.sha256);
        let others = || files.iter().filter(|file| !is_chosen(file));
        taken_out.extend(others().map(|file| (source_id.clone(), file.over.sha256.clone())));
        let bare = |file: &New| SourceReport::bare(source_id, list_id, &file.file_name, state);
        if let Some((chosen, reason)) = chosen {
            let key = (source_id.clone(), chosen.over.sha256.clone());
            let named = Named {
                file_name: chosen.file_name.clone(),
                reason: reason.clone(),
                over: others().map(|file| file.over.clone()).collect(),
                others: others().map(bare).collect(),
            };
            left.chosen.insert(key, named);
        } else {
            let names = told_apart(&names, masks);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let message = MapError::rivals(&names).to_string();
            left.told.extend(others().map(|file| SourceReport {
                message: Some(message.clone()),
                ..bare(file)
            }));
        }
    }
    found.retain(|one| {
        let key = (one.source_id().to_owned(), one.sha256().to_owned());
        !taken_out.contains(&key)
    });
    left
}

/// A file of a reference that the release before does not have.
struct New {
    /// Its hash and names.
    over: PassedOver,
    /// Its name.
    file_name: String,
    /// Where it lies, if that is in a folder.
    place: Option<PathBuf>,
    /// Why it counts, where somebody said so of it alone.
    reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;

    use super::*;
    use crate::run::made;
    use crate::snapshot::in_memory;
    use crate::source::Source;

    fn source(source_id: &str, kind: &str) -> Arc<Source> {
        let declared = format!("kind = \"{kind}\"\nfiles = [\"{source_id}*\"]\n");
        Arc::new(made::source(source_id, &declared))
    }

    #[test]
    fn several_new_tables_of_a_reference_are_all_left_and_told() {
        let (places, other, list) = (
            source("places", "reference"),
            source("other", "reference"),
            source("list", "operations"),
        );
        let file = |source: &Arc<Source>, name: &str| {
            let bytes = Bytes::copy_from_slice(name.as_bytes());
            Found::today(in_memory(source, name, bytes))
        };
        let mut found = vec![
            file(&places, "places_1.csv"),
            file(&places, "places_2.csv"),
            file(&places, "places_3.csv"),
            file(&other, "other.csv"),
            file(&list, "list_1.csv"),
            file(&list, "list_2.csv"),
        ];
        let options = RunOptions::default();
        let told = leave(&mut found, None, &options, &Masks::default()).told;
        let names: Vec<&str> = found.iter().map(Found::file_name).collect();
        assert_eq!(names, ["other.csv", "list_1.csv", "list_2.csv"]);
        assert_eq!(told.len(), 3);
        for report in &told {
            assert_eq!(report.state, SourceState::LeftOut);
            let message = report.message.as_deref().unwrap_or_default();
            let all = "places_1.csv, places_2.csv, places_3.csv are states of one list";
            assert!(message.starts_with(all), "{message}");
        }
    }

    #[test]
    fn a_table_that_somebody_named_is_taken_in_place_of_the_others() {
        let places = source("places", "reference");
        let file = |name: &&str| {
            let bytes = Bytes::copy_from_slice(name.as_bytes());
            Found::today(in_memory(&places, name, bytes))
        };
        let names = ["places_1.csv", "places_2.csv", "places_3.csv"];
        let accepting = |names: &[&str]| {
            let accept = names
                .iter()
                .map(|name| (format!("places:{name}"), "it is the newest".to_owned()));
            RunOptions {
                accept: accept.collect(),
                ..RunOptions::default()
            }
        };
        let mut found: Vec<Found> = names.iter().map(file).collect();
        let options = accepting(&["places_2.csv"]);
        let left = leave(&mut found, None, &options, &Masks::default());
        let taken: Vec<&str> = found.iter().map(Found::file_name).collect();
        assert_eq!(taken, ["places_2.csv"]);
        // That is said of the others when it is known.
        assert!(left.told.is_empty());
        let over: Vec<&str> = (left.chosen.values().flat_map(|named| &named.over))
            .flat_map(|over| over.names.iter().map(String::as_str))
            .collect();
        assert_eq!(over, ["places_1.csv", "places_3.csv"]);
        let told = |left: Left, counts: bool| -> Vec<SourceReport> {
            let named = left.chosen.into_values();
            named.flat_map(|named| named.settle(counts)).collect()
        };
        for (counts, state, begins) in [
            (
                true,
                SourceState::Older,
                "places_2.csv counts in its place (it is the newest); ",
            ),
            (
                false,
                SourceState::LeftOut,
                "places_2.csv was named to count in its place (it is the newest) and cannot be used, ",
            ),
        ] {
            let mut found: Vec<Found> = names.iter().map(file).collect();
            let left = leave(&mut found, None, &options, &Masks::default());
            let told = told(left, counts);
            assert_eq!(told.len(), 2);
            for report in told {
                assert_eq!(report.state, state);
                let message = report.message.unwrap_or_default();
                assert!(message.starts_with(begins), "{message}");
            }
        }

        // Who names two of them says no more than before.
        let mut found: Vec<Found> = names.iter().map(file).collect();
        let options = accepting(&["places_2.csv", "places_3.csv"]);
        let left = leave(&mut found, None, &options, &Masks::default());
        assert!(found.is_empty() && left.chosen.is_empty());
        assert_eq!(left.told.len(), 3);
    }
}
