//! A local store through a loss of power at every moment of two publications, whatever is lost that was not synced.

use std::collections::BTreeSet;

use crate::{
    session::Access,
    store::power::{Disk, Journal, Tree},
    verify::{VerifyOptions, verify},
};

use super::*;

/// The warehouse, in a folder that is made as well.
const ROOT: &str = "made/warehouse";

/// A night: published bytes, and a table of which one file is as before and one is new.
async fn night(warehouse: &Warehouse, number: i64) -> Release {
    let spec = testing::spec(Visibility::Public);
    let published = Bytes::from(format!("published {number}"));
    let bytes = published.len() as u64;
    let file = SourceFileState {
        sha256: warehouse.store().put_raw(published).await.unwrap(),
        file_name: "list.csv".to_owned(),
        bytes,
        ..SourceFileState::default()
    };
    let source = SourceState {
        files: vec![file],
        ..SourceState::default()
    };
    let (old, new) = (
        testing::rows(&spec, 0, 3),
        testing::rows(&spec, 10, 10 + number),
    );
    let files = [
        testing::write(warehouse, &spec, "00", &[old]).await,
        testing::write(warehouse, &spec, "01", &[new]).await,
    ];
    let base = warehouse.latest().await.unwrap();
    let mut draft = draft(base.as_ref(), &format!("run-{number}"), "a");
    draft.table(&spec, files);
    draft.sources.insert("xx_list".to_owned(), source);
    match warehouse.publish(draft).await.unwrap() {
        Publication::Published(release) | Publication::Unchanged(release) => release,
        other @ Publication::Conflict(_) => panic!("nobody else publishes here: {other:?}"),
    }
}

#[tokio::test]
async fn whatever_is_lost_one_whole_release_is_left_and_the_next_night_needs_no_repair() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::default();
    let warehouse = Warehouse::new(Store::recorded(&folder.path().join(ROOT), &journal));
    let (mut hashes, mut published_at) = (Vec::new(), Vec::new());
    for number in [1, 2] {
        hashes.push(night(&warehouse, number).await.content_hash);
        published_at.push(journal.ops().len());
    }
    let ops = journal.ops();
    let mut seen = BTreeSet::new();
    for end in 0..=ops.len() {
        let least = published_at.iter().filter(|at| **at <= end).count();
        for left in Disk::after(folder.path(), &ops[..end]).states() {
            if seen.insert((least, without_unfinished(&left))) {
                let found = recover(&left, &hashes).await;
                assert!(
                    found >= least,
                    "release {least} is gone after {:?}, change {end} of {}",
                    ops[..end].last(),
                    ops.len()
                );
            }
        }
    }
    assert!(seen.len() > 50, "{} different states", seen.len());
}

/// What anybody reads of a state: unfinished files are not looked at.
fn without_unfinished(state: &Tree) -> Tree {
    let is_unfinished = |path: &std::path::Path| path.iter().any(|part| part == ".tmp");
    let mut state = state.clone();
    state.retain(|path, _| !is_unfinished(path));
    state
}

/// Lays a state out, checks the release that is there, and does over the nights that it lacks and the newest that it has.
/// Gives the number of the release that was there.
async fn recover(state: &Tree, hashes: &[String]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in state {
        let path = folder.path().join(path);
        match content {
            Some(bytes) => std::fs::write(path, bytes).unwrap(),
            None => std::fs::create_dir(path).unwrap(),
        }
    }
    // Recorded for speed only: nothing is synced then.
    let store = Store::recorded(&folder.path().join(ROOT), &Journal::default());
    let warehouse = Warehouse::new(store);
    let found = match warehouse.latest().await.unwrap() {
        Some(release) => {
            let number = usize::try_from(release.number).unwrap();
            sound(&warehouse, &release, &hashes[number - 1]).await;
            number
        }
        None => 0,
    };
    for (number, hash) in (1_i64..).zip(hashes).skip(found.saturating_sub(1)) {
        let release = night(&warehouse, number).await;
        assert_eq!(release.number, number.unsigned_abs());
        sound(&warehouse, &release, hash).await;
    }
    found
}

async fn sound(warehouse: &Warehouse, release: &Release, hash: &str) {
    assert_eq!(release.content_hash, hash);
    let options = VerifyOptions {
        access: Access::Restricted,
        references: false,
        ..VerifyOptions::default()
    };
    let report = verify(warehouse, release, &options).await.unwrap();
    assert_eq!(report.faults, []);
    assert_eq!((report.files, report.raw), (2, 1));
}

#[tokio::test]
async fn a_release_that_could_be_lost_again_is_not_said_to_be_published() {
    for (refused, is_published) in [(1, true), (2, false)] {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::default();
        let warehouse = Warehouse::new(Store::recorded(folder.path(), &journal));
        // The folder of the document is synced by the create, and again by whoever finds the document there.
        let releases = folder.path().join("releases");
        journal.refuse_syncs(&releases, refused);
        let end = warehouse.publish(draft(None, "run-1", "a")).await;
        match end {
            Ok(Publication::Published(release)) => assert!(is_published && release.number == 1),
            Err(ReleaseError::Unknown { number: 1, .. }) => assert!(!is_published),
            other => panic!("{other:?}"),
        }
    }
}
