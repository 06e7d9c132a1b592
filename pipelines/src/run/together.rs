//! Reference tables that came together: of several new files of one of them nothing says which is the newest.
//!
//! Of a reference one file counts, the last that came; its rows have no day of publication. Where several come in one
//! night, none of them is taken: the reference stays as it was, or is not there on a first night. Lists are looked at where
//! their files are put in order (`merge::vintage`).

use std::collections::{BTreeMap, BTreeSet};

use esf_engine::release::Release;

use super::again::Key;
use super::inputs::Found;
use super::report::{SourceReport, SourceState};
use crate::map::MapError;
use crate::redaction::Masks;
use crate::source::SourceKind;

/// Takes new reference tables that came together out of what was found; gives what is to be told of each.
pub(super) fn leave(
    found: &mut Vec<Found>,
    previous: Option<&Release>,
    masks: &Masks,
) -> Vec<SourceReport> {
    let mut new: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for one in found.iter() {
        let state = previous.and_then(|previous| previous.sources.get(one.source_id()));
        let is_known =
            state.is_some_and(|state| state.files.iter().any(|f| f.sha256 == one.sha256()));
        if one.source().toml.kind == SourceKind::Reference && !is_known {
            let of_source = new.entry(one.source_id().to_owned()).or_default();
            of_source.push((one.sha256().to_owned(), masks.masked(one.file_name())));
        }
    }
    new.retain(|_, files| files.len() > 1);
    let mut left: BTreeSet<Key> = BTreeSet::new();
    let mut told = Vec::new();
    for (source_id, files) in &new {
        let names: Vec<&str> = files.iter().map(|(_, name)| name.as_str()).collect();
        let message = MapError::rivals(&names).to_string();
        let stands = previous.is_some_and(|previous| previous.sources.contains_key(source_id));
        let state = if stands {
            SourceState::Held
        } else {
            SourceState::LeftOut
        };
        let first = found.iter().find(|one| one.source_id() == source_id);
        let list_id = first.map_or("", |one| one.source().list_id());
        for (sha256, name) in files {
            left.insert((source_id.clone(), sha256.clone()));
            told.push(SourceReport {
                message: Some(message.clone()),
                ..SourceReport::bare(source_id, list_id, name, state)
            });
        }
    }
    found.retain(|one| !left.contains(&(one.source_id().to_owned(), one.sha256().to_owned())));
    told
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
        let told = leave(&mut found, None, &Masks::default());
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
}
