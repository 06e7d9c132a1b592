//! Files that a rollback left behind: whoever went back from a release does not want what it brought in, and yet it lies in the
//! folder, or with the publisher, on every night that follows.
//!
//! Such a file is left aside, and told, until somebody takes it up again (`--accept`), gives it (`--from`), or goes back to a
//! release that has it. The others of its source are taken as on any night; where a newer one has come since, which stands for all
//! before it, nobody need be told any more. Which files they are stands in the release (`esf_engine::release::LeftBehind`) and goes
//! from each to the next; the reason stands in the record of the rollback. A declaration that led to it is not left behind.

use std::collections::{BTreeMap, BTreeSet};

use esf_engine::release::{LeftBehind, Release, ReleaseError, Warehouse};
use esf_engine::store::StoreError;

use super::inputs::{Found, first_seen};
use super::replaced::has_newest;
use super::report::{SourceReport, SourceState};
use super::{RunError, RunOptions};
use crate::redaction::Masks;

/// Takes the files that rollbacks left behind out of what was found; gives what is to be told of each. Fails if the record of a
/// rollback cannot be asked for.
pub(super) async fn leave(
    found: &mut Vec<Found>,
    warehouse: &Warehouse,
    previous: &Release,
    options: &RunOptions,
    masks: &Masks,
) -> Result<Vec<SourceReport>, RunError> {
    if options.from.is_some() || previous.left_behind.is_empty() {
        return Ok(Vec::new());
    }
    let new = new_of_sources(found, previous);
    let mut left: Vec<(Found, &LeftBehind)> = Vec::new();
    let mut told: Vec<SourceReport> = Vec::new();
    let mut reasons = Reasons::default();
    for one in std::mem::take(found) {
        match of(previous, &one).filter(|file| !is_taken_up(&one, file, previous, &new, options)) {
            Some(file) => left.push((one, file)),
            None => found.push(one),
        }
    }
    for (one, file) in left {
        if !is_overtaken(&one, file, previous, &new) {
            let reason = reasons.of(warehouse, file).await?;
            told.push(report(&one, file, reason.as_deref(), masks));
        }
    }
    Ok(told)
}

/// What is known of a file that was left behind.
fn of<'r>(previous: &'r Release, one: &Found) -> Option<&'r LeftBehind> {
    let files = previous.left_behind.get(one.source_id())?;
    files.iter().find(|file| file.sha256 == one.sha256())
}

/// The sources of which something was found that the release neither has nor left behind.
fn new_of_sources(found: &[Found], previous: &Release) -> BTreeSet<String> {
    let is_new = |one: &&Found| {
        of(previous, one).is_none() && !previous.has_source_file(one.source_id(), one.sha256())
    };
    let new = found.iter().filter(is_new);
    new.map(|one| one.source_id().to_owned()).collect()
}

/// Whether a newer file has come since the rollback, one that stands for all before it.
fn is_overtaken(
    one: &Found,
    file: &LeftBehind,
    previous: &Release,
    new: &BTreeSet<String>,
) -> bool {
    let state = previous.sources.get(one.source_id());
    let mut files = state.into_iter().flat_map(|state| &state.files);
    has_newest(one.source())
        && (new.contains(one.source_id()) || files.any(|other| first_seen(other) >= file.release))
}

/// Whether somebody takes it up again. What is said of all files of its source is meant for a newer one, where there is one.
fn is_taken_up(
    one: &Found,
    file: &LeftBehind,
    previous: &Release,
    new: &BTreeSet<String>,
    options: &RunOptions,
) -> bool {
    let source_id = one.source_id();
    options.accepted_alone(source_id, one.names()).is_some()
        || (options.accepted(source_id, one.names()).is_some()
            && !is_overtaken(one, file, previous, new))
}

fn report(one: &Found, file: &LeftBehind, reason: Option<&str>, masks: &Masks) -> SourceReport {
    let (source_id, file_name) = (one.source_id(), masks.masked(one.file_name()));
    let why = reason.map_or_else(String::new, |reason| format!(" ({})", masks.masked(reason)));
    SourceReport {
        message: Some(format!(
            "the rollback that made release {}{why} left it behind; it is not used until another file comes, or until somebody \
             takes it up again with --accept {source_id}=REASON",
            file.release
        )),
        ..SourceReport::bare(
            source_id,
            one.source().list_id(),
            &file_name,
            SourceState::RolledBack,
        )
    }
}

/// The reasons of rollbacks, by run.
#[derive(Default)]
struct Reasons(BTreeMap<String, Option<String>>);

impl Reasons {
    /// Why a file was left behind, where somebody said so and the record of that is there.
    async fn of(
        &mut self,
        warehouse: &Warehouse,
        file: &LeftBehind,
    ) -> Result<Option<String>, RunError> {
        if let Some(known) = self.0.get(&file.run_id) {
            return Ok(known.clone());
        }
        let reason = match warehouse.run(&file.run_id).await {
            Ok(record) => record["reason"].as_str().map(str::to_owned),
            Err(
                ReleaseError::Store(StoreError::NotFound { .. }) | ReleaseError::Unreadable { .. },
            ) => None,
            Err(error) => return Err(error.into()),
        };
        self.0.insert(file.run_id.clone(), reason.clone());
        Ok(reason)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use esf_engine::release::{Publication, ReleaseDraft, SourceFileState, SourceState as State};
    use esf_engine::store::{Store, sha256};
    use serde_json::{Value, json};

    use super::*;
    use crate::run::made;
    use crate::snapshot::in_memory;

    const LIST: &str = "kind = \"operations\"\nfiles = [\"*.csv\"]\n";

    /// A release whose source has these files, each first seen in the release of that number, and which left `b` behind.
    async fn release(warehouse: &Warehouse, files: &[(&str, u64)]) -> Release {
        let mut draft = ReleaseDraft::new(None, "made", "test");
        let file = |(bytes, number): &(&str, u64)| {
            let mut file = SourceFileState {
                sha256: sha256(bytes.as_bytes()),
                ..SourceFileState::default()
            };
            file.extra.insert("first_seen".into(), Value::from(*number));
            file
        };
        let state = State {
            files: files.iter().map(file).collect(),
            ..State::default()
        };
        draft.sources.insert("made".to_owned(), state);
        let left = LeftBehind {
            sha256: sha256(b"b"),
            release: 3,
            run_id: "back".to_owned(),
        };
        draft.left_behind.insert("made".to_owned(), vec![left]);
        let Publication::Published(release) = warehouse.publish(draft).await.unwrap() else {
            panic!("it is published");
        };
        release
    }

    /// What is taken, and what is told, of files of today, each named by its bytes.
    async fn left(
        declared: &str,
        files: &[(&str, u64)],
        today: &[&'static str],
        accept: &[&str],
    ) -> (Vec<String>, Vec<String>) {
        let warehouse = Warehouse::new(Store::memory());
        let previous = release(&warehouse, files).await;
        let reason = json!({"outcome": "rolled_back", "reason": "the list was cut off"});
        warehouse.record_run("back", &reason).await.unwrap();
        let source = Arc::new(made::source("made", declared));
        let file = |bytes: &&'static str| {
            let name = format!("{bytes}.csv");
            Found::today(in_memory(
                &source,
                &name,
                Bytes::from_static(bytes.as_bytes()),
            ))
        };
        let mut found: Vec<Found> = today.iter().map(file).collect();
        let accept = accept.iter();
        let accept = accept.map(|what| ((*what).to_owned(), "it is right".to_owned()));
        let options = RunOptions {
            accept: accept.collect(),
            ..RunOptions::default()
        };
        let masks = Masks::default();
        let told = leave(&mut found, &warehouse, &previous, &options, &masks)
            .await
            .unwrap();
        let taken = found.iter().map(|one| one.file_name().to_owned());
        let told = told
            .into_iter()
            .map(|report| report.message.unwrap_or_default());
        (taken.collect(), told.collect())
    }

    #[tokio::test]
    async fn a_file_that_was_left_behind_waits_for_somebody_who_takes_it_up_again() {
        let (taken, told) = left(LIST, &[("a", 1)], &["a", "b"], &[]).await;
        assert_eq!(taken, ["a.csv"]);
        let [told] = told.as_slice() else {
            panic!("{told:?}");
        };
        let expected = "the rollback that made release 3 (the list was cut off) left it behind; ";
        assert!(told.starts_with(expected), "{told}");
        assert!(told.ends_with("--accept made=REASON"), "{told}");
        for accept in ["made", "made:b.csv"] {
            let (taken, told) = left(LIST, &[("a", 1)], &["b"], &[accept]).await;
            assert_eq!((taken, told.len()), (vec!["b.csv".to_owned()], 0));
        }
        let (taken, told) = left(LIST, &[("a", 1)], &["b"], &["made:a.csv"]).await;
        assert_eq!((taken.len(), told.len()), (0, 1));
    }

    #[tokio::test]
    async fn nobody_is_told_of_it_once_a_newer_file_has_come() {
        for (files, today) in [
            (&[("a", 1)][..], &["b", "c"][..]),
            (&[("a", 1), ("c", 3)][..], &["b", "c"][..]),
            (&[("a", 1), ("c", 3)][..], &["b"][..]),
        ] {
            // What is accepted of the whole source is meant for the newer one.
            for accept in [&[][..], &["made"][..]] {
                let (taken, told) = left(LIST, files, today, accept).await;
                assert!(!taken.contains(&"b.csv".to_owned()), "{today:?}");
                assert_eq!((taken.len(), told.len()), (today.len() - 1, 0));
            }
            let (taken, _) = left(LIST, files, today, &["made:b.csv"]).await;
            assert_eq!(taken.len(), today.len());
        }
        // Parts of a list that grows are not in each other's place.
        let grows = format!("{LIST}vintage = \"extend\"\n");
        let (taken, told) = left(&grows, &[("a", 1)], &["b", "c"], &[]).await;
        assert_eq!((taken, told.len()), (vec!["c.csv".to_owned()], 1));
    }
}
