//! A redaction is not forgotten, neither where its record is not found nor where somebody published without it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::files;
use super::list::{newest_document, rows};
use super::redact::{HEADER, NAMED, OTHER, esf, holding, ingest, is_kept_out};
use super::redact_first::{ASKED, apply};

/// Files with their bytes.
type Kept = Vec<(PathBuf, Vec<u8>)>;

fn documents(folder: &Path) -> Vec<PathBuf> {
    files(&folder.join("w/releases"))
}

/// Files as they are.
fn kept(paths: &[PathBuf]) -> Kept {
    let paths = paths.iter();
    let kept = paths.map(|path| (path.clone(), fs::read(path).unwrap()));
    kept.collect()
}

fn put_back(kept: &[(PathBuf, Vec<u8>)]) {
    for (path, bytes) in kept {
        fs::write(path, bytes).unwrap();
    }
}

/// Puts the record aside, and what stands in place of published bytes: nothing but releases tells of the redaction then.
fn put_aside(folder: &Path) -> Kept {
    let tells = |path: &PathBuf| {
        path.starts_with(folder.join("w/redactions"))
            || path.to_string_lossy().ends_with(".redacted.json")
    };
    let paths: Vec<PathBuf> = files(&folder.join("w")).into_iter().filter(tells).collect();
    assert!(paths.len() > 1, "{paths:?}");
    let kept = kept(&paths);
    for path in paths {
        fs::remove_file(path).unwrap();
    }
    kept
}

/// Takes fields out of the documents of all releases: older programs write none that is carried on.
fn strip(folder: &Path, fields: &[&str]) {
    for path in documents(folder) {
        let document = fs::read(&path).unwrap();
        let mut document: Map<String, Value> = serde_json::from_slice(&document).unwrap();
        for field in fields {
            document.remove(*field);
        }
        fs::write(path, Value::Object(document).to_string()).unwrap();
    }
}

/// The record of the only redaction.
fn record(folder: &Path) -> Value {
    let records = files(&folder.join("w/redactions"));
    assert_eq!(records.len(), 1);
    serde_json::from_slice(&fs::read(&records[0]).unwrap()).unwrap()
}

/// Fails unless the newest release carries on the only redaction.
fn is_carried(folder: &Path) {
    let newest: Value = serde_json::from_str(&newest_document(folder)).unwrap();
    assert_eq!(newest["kept_out_by"], json!([record(folder)["id"]]));
}

/// Fails unless the command is refused for the record that is not there.
fn is_refused(folder: &Path, arguments: &[&str], ends: i32) {
    let (code, out, err) = esf(folder, arguments);
    assert_eq!(code, ends, "{arguments:?}: {out}{err}");
    let told = "which took something away here";
    assert!((out + &err).contains(told), "{arguments:?}: {err}");
}

fn night(folder: &Path) {
    let (code, out, err) = esf(folder, &["nightly", "--offline"]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn nothing_is_published_where_a_release_names_a_redaction_without_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = format!("{HEADER}{NAMED}{OTHER}");
    ingest(folder, &first, "2020-01-01");
    apply(folder);
    is_carried(folder);
    ingest(folder, &first.replace("2.000", "3.000"), "2021-01-01");
    is_carried(folder);

    let aside = put_aside(folder);
    let again = ["ingest", "--from", "list.csv", "--as", "made_list"];
    for (arguments, ends) in [
        (&["nightly", "--offline"][..], 1),
        (&["nightly", "--offline", "--dry-run"][..], 1),
        (&again[..], 1),
        (&["rollback", "1"][..], 1),
        (&ASKED[..], 1),
        (&["doctor"][..], 3),
    ] {
        is_refused(folder, arguments, ends);
    }
    assert_eq!(documents(folder).len(), 3);

    put_back(&aside);
    night(folder);
    let (code, out, err) = esf(folder, &["rollback", "1"]);
    assert_eq!(code, 0, "{out}{err}");
    is_carried(folder);
    is_kept_out(folder);
}

#[test]
fn releases_of_older_programs_are_understood_and_looked_through_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = format!("{HEADER}{NAMED}{OTHER}");
    ingest(folder, &first, "2020-01-01");
    apply(folder);
    ingest(folder, &first.replace("2.000", "3.000"), "2021-01-01");
    // Then only the documents that were rewritten name it, and the newest is none of them.
    strip(folder, &["kept_out_by"]);
    assert!(!newest_document(folder).contains("redactions"));
    let aside = put_aside(folder);
    is_refused(folder, &["nightly", "--offline"], 1);
    put_back(&aside);
    assert_eq!(record(folder)["through"], Value::Null);
    night(folder);
    assert_eq!(record(folder)["through"], 3);
    ingest(folder, &first.replace("2.000", "4.000"), "2022-01-01");
    is_carried(folder);
    is_kept_out(folder);
}

/// A redaction, and a release after it by an older program that does not find its record; gives the id of the redaction.
fn forgotten(folder: &Path) -> String {
    let first = format!("{HEADER}{NAMED}{OTHER}");
    ingest(folder, &first, "2020-01-01");
    apply(folder);
    let id = record(folder)["id"].as_str().unwrap().to_owned();
    // It keeps the bytes again, and publishes the next file as it is.
    let before = kept(&documents(folder));
    let aside = put_aside(folder);
    strip(folder, &["kept_out_by", "redactions"]);
    let hash = esf_engine::store::sha256(first.as_bytes());
    fs::write(folder.join("w/raw").join(&hash), &first).unwrap();
    ingest(folder, &first.replace("2.000", "3.000"), "2021-01-01");
    put_back(&before);
    put_back(&aside);
    strip(folder, &["kept_out_by"]);
    assert!(holding(folder).len() > 3);
    id
}

#[test]
fn what_was_published_without_the_record_is_taken_out_before_going_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let id = forgotten(folder);
    let (code, out, err) = esf(folder, &["rollback", "2"]);
    assert_eq!(code, 0, "{out}{err}");
    // The release that was gone back to names the redaction, and the one that was left behind is without it all the same.
    assert!(newest_document(folder).contains(&id));
    is_kept_out(folder);
    night(folder);
    is_kept_out(folder);
}

#[test]
fn what_was_published_without_the_record_is_taken_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let id = forgotten(folder);
    let (_, out, err) = esf(folder, &["doctor"]);
    let told = format!("was published without the record of {id}");
    assert!(out.contains(&told), "{out}{err}");

    night(folder);
    is_kept_out(folder);
    assert!(newest_document(folder).contains(&id));
    let healed = documents(folder).len();
    assert!(healed > 3, "by a release of its own");
    let titles = "SELECT title FROM operation ORDER BY 1";
    assert_eq!(
        rows(folder, titles),
        ["Beratung", "Beratung durch [redacted]"]
    );
    night(folder);
    assert_eq!(documents(folder).len(), healed);
    is_carried(folder);
    let (code, out, err) = esf(folder, &ASKED);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("later runs keep it out already"), "{out}");
}

#[test]
fn bytes_that_something_stands_in_place_of_are_not_kept_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = format!("{HEADER}{NAMED}{OTHER}");
    let other = format!("{HEADER}{OTHER}");
    ingest(folder, &first, "2020-01-01");
    // It names no redaction, so that no record is missed.
    let raw = folder.join("w/raw");
    let path = |text: &str| raw.join(esf_engine::store::sha256(text.as_bytes()));
    for text in [&first, &other] {
        let told = format!("{}.redacted.json", path(text).display());
        fs::write(told, "{}").unwrap();
    }
    fs::remove_file(path(&first)).unwrap();
    ingest(folder, &first, "2020-01-01");
    assert!(!path(&first).exists());
    fs::write(folder.join("other.csv"), &other).unwrap();
    let ingested = ["ingest", "--from", "other.csv", "--as", "other_list"];
    let (code, out, err) = esf(folder, &ingested);
    assert_eq!(code, 0, "{out}{err}");
    assert!(!path(&other).exists());
    let count = "SELECT count(*) FROM operation WHERE source_id = 'other_list'";
    assert_eq!(rows(folder, count), ["1"]);
}
