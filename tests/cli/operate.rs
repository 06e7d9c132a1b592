//! Operating a warehouse: its status, what it stands on, what it no longer needs, and going back.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::made::warehouse;
use super::{esf, files, run, seen};

/// Makes all files of a warehouse three days old.
fn age(warehouse: &Path) {
    let then = SystemTime::now() - Duration::from_hours(72);
    for file in files(warehouse) {
        let file = std::fs::File::open(file).unwrap();
        file.set_modified(then).unwrap();
    }
}

fn document(warehouse: &Path, number: u64) -> Value {
    let path = warehouse.join(format!("releases/{number:08}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn records(warehouse: &Path) -> Vec<PathBuf> {
    let mut records = files(&warehouse.join("runs"));
    records.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    records
}

#[test]
fn gc_shows_what_goes_and_removes_it_only_with_apply() {
    let (folder, path) = warehouse();
    let (code, out, _) = run(folder.path(), &["gc", "--keep", "1"]);
    assert_eq!(code, 0);
    assert!(
        out.contains("no release goes; nothing to remove"),
        "today's files stay: {out}"
    );

    age(&path);
    let before = files(&path).len();
    let (code, out, err) = run(folder.path(), &["gc", "--keep", "1", "--format", "csv"]);
    assert_eq!(code, 0);
    let shares: Vec<Vec<&str>> = out
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    let counts: Vec<(&str, &str)> = shares.iter().map(|share| (share[0], share[1])).collect();
    assert_eq!(counts, [("releases", "1"), ("data", "2")], "{out}");
    assert!(
        err.contains("1 release stays, release 1 goes; nothing was removed"),
        "{err}"
    );
    assert_eq!(files(&path).len(), before);

    let (code, out, err) = run(folder.path(), &["gc", "--keep", "1", "--apply"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("removed 3 files"), "{out}");
    assert_eq!(files(&path).len(), before - 3);
    assert_eq!(run(folder.path(), &["verify"]).0, 0);
    let (code, _, err) = run(folder.path(), &["verify", "--as-of", "1"]);
    assert_eq!(code, 2, "{err}");
    let (_, out, _) = run(folder.path(), &["gc", "--keep", "1", "--apply"]);
    assert!(out.contains("no release goes; removed 0 files"), "{out}");
}

#[test]
fn gc_keeps_at_least_one_release_and_needs_one() {
    let (folder, _) = warehouse();
    assert_eq!(run(folder.path(), &["gc", "--keep", "0"]).0, 2);
    let empty = tempfile::tempdir().unwrap();
    let (code, _, err) = run(empty.path(), &["gc"]);
    assert_eq!(code, 2);
    assert!(err.contains("run `esf nightly` first"), "{err}");
}

#[test]
fn rollback_publishes_an_earlier_state_and_records_why() {
    let (folder, path) = warehouse();
    let reason = "the list of May was cut off";
    let (code, out, err) = run(folder.path(), &["rollback", "1", "--reason", reason]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.contains("release 3 has the state of release 1; the next `esf nightly`"),
        "{out}"
    );
    let (first, third) = (document(&path, 1), document(&path, 3));
    assert_eq!(third["content_hash"], first["content_hash"]);
    assert_eq!(third["tables"], first["tables"]);
    assert_eq!(run(folder.path(), &["verify"]).0, 0);
    let (_, out, _) = run(folder.path(), &["sql", "SELECT count(*) FROM operation"]);
    assert_eq!(out, "count(*)\n3\n");

    let records = records(&path);
    let record: Value = serde_json::from_slice(&std::fs::read(&records[0]).unwrap()).unwrap();
    assert_eq!(record["reason"], reason);
    assert_eq!(record["run_id"], third["run_id"]);
    let (code, out, _) = run(folder.path(), &["rollback", "1"]);
    assert_eq!(code, 0);
    assert!(out.contains("release 3 holds that state already"), "{out}");
}

#[test]
fn rollback_refuses_the_newest_and_what_is_no_longer_whole() {
    let (folder, path) = warehouse();
    let (code, _, err) = run(folder.path(), &["rollback", "2"]);
    assert_eq!(code, 2);
    assert!(err.contains("release 2 is the newest already"), "{err}");
    assert_eq!(run(folder.path(), &["rollback", "9"]).0, 2);

    let first = document(&path, 1);
    let gone = first["tables"]["operation"]["files"][0]["path"]
        .as_str()
        .unwrap();
    std::fs::remove_file(path.join(gone)).unwrap();
    let (code, _, err) = run(folder.path(), &["rollback", "1"]);
    assert_eq!(code, 3);
    assert!(
        err.contains("1 of its files are gone") && err.contains(gone),
        "{err}"
    );
    assert!(!path.join("releases/00000003.json").exists());
}

#[test]
fn doctor_finds_nothing_wrong_and_leaves_nothing_behind() {
    let (folder, path) = warehouse();
    let before = files(&path);
    let (code, out, err) = run(folder.path(), &["doctor", "--format", "csv"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    for line in [
        "releases,ok,",
        "store,ok,",
        "\"store, create\",ok,",
        "time zones,ok,",
        "sources,ok,",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(
        out.contains("last run,warning,there is no record of one"),
        "{out}"
    );
    assert_eq!(files(&path), before);
}

#[test]
fn doctor_names_each_fault_with_what_to_do_and_ends_with_3() {
    let (folder, _) = warehouse();
    let broken = folder.path().join("sources/broken");
    std::fs::create_dir_all(&broken).unwrap();
    std::fs::write(broken.join("source.toml"), "title = 1").unwrap();
    let output = esf(folder.path())
        .args(["doctor", "--sources", "sources"])
        .env("ESF_MIRRORS", "nowhere")
        .output()
        .unwrap();
    let (code, out, err) = seen(&output);
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("nowhere cannot be read"), "{out}");
    assert!(out.contains("esf source check"), "{out}");
    assert!(err.contains("2 faults found"), "{err}");

    let wrong = "[nightly]\ntime_zone = 'Europe/Berlinn'\n";
    std::fs::write(folder.path().join("esf.toml"), wrong).unwrap();
    let (code, out, err) = run(folder.path(), &["doctor"]);
    assert_eq!(code, 3, "{out}");
    assert!(
        out.contains("there is no time zone \"Europe/Berlinn\""),
        "{out}"
    );
    assert!(err.contains("1 fault found"), "{err}");
    std::fs::remove_file(folder.path().join("esf.toml")).unwrap();

    let (code, out, _) = run(folder.path(), &["doctor", "--warehouse", "ftp://there"]);
    assert_eq!(code, 3);
    assert!(out.contains("cannot open the store"), "{out}");
}

#[test]
fn doctor_looks_at_the_hook_and_the_folder_of_the_report() {
    let (folder, _) = warehouse();
    let told = |report: &str| {
        let config = format!("[report]\n{report}\n");
        std::fs::write(folder.path().join("esf.toml"), config).unwrap();
        run(folder.path(), &["doctor", "--format", "csv"])
    };
    let (code, out, _) = told("hook = ['sh', '-c', 'true']\nfolder = 'new/report'");
    assert_eq!(code, 0, "{out}");
    for line in ["hook,ok,", "report folder,ok,new/report"] {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(!folder.path().join("new").exists());
    std::fs::write(folder.path().join("file"), "no program").unwrap();
    let (code, out, err) = told("hook = ['./file']\nfolder = 'file'");
    assert_eq!(code, 3, "{out}");
    for part in [
        "hook,fault,./file is no program",
        "report folder,fault,",
        "file cannot be written: ",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    assert!(err.contains("2 faults found"), "{err}");
}

#[test]
fn a_release_that_cannot_be_read_hides_none_of_the_others() {
    let (folder, path) = warehouse();
    std::fs::write(path.join("releases/00000001.json"), "{\"number\": 1, ").unwrap();
    let (code, out, err) = run(folder.path(), &["releases", "--format", "csv"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("\n2,"), "{out}");
    assert!(out.contains("release 1 before it cannot be read"), "{out}");
    assert!(
        err.contains("00000001.json is no release document: "),
        "{err}"
    );
    assert!(err.contains("[esf explain release-unreadable]"), "{err}");
    let (code, out, _) = run(folder.path(), &["doctor", "--format", "csv"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("earlier releases,warning,"), "{out}");
}

#[test]
fn status_tells_the_age_of_sources_and_the_last_run() {
    const SOURCE: &str = "de_be_senwi_esf_2014_2020";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("warehouse");
    let state = || {
        let (code, out, err) = run(folder.path(), &["status", "--format", "csv"]);
        assert_eq!(code, 0, "{err}");
        assert!(err.contains("last run: "), "{err}");
        let line = out.lines().find(|line| line.starts_with(SOURCE)).unwrap();
        let fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        // Release in which the newest file was first seen, state, age.
        (fields[3].clone(), fields[5].clone(), fields[7].clone())
    };
    let is = |release: &str, state: &str| (release.to_owned(), state.to_owned(), "0".to_owned());
    run(folder.path(), &["nightly"]);
    assert_eq!(state(), is("1", "loaded"));
    run(folder.path(), &["nightly"]);
    assert_eq!(records(&path).len(), 2, "a night without news is recorded");
    assert_eq!(state(), is("1", "unchanged"));
    assert_eq!(run(folder.path(), &["status", "--max-age", "1"]).0, 0);

    for record in records(&path) {
        let name = record.file_name().unwrap().to_str().unwrap();
        let earlier = format!("20200101{}", &name[8..]);
        std::fs::rename(&record, record.with_file_name(earlier)).unwrap();
    }
    let (code, _, err) = run(folder.path(), &["status", "--max-age", "1"]);
    assert_eq!(code, 4);
    assert!(err.contains("the last run was "), "{err}");
}

#[test]
fn status_of_an_empty_place_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(folder.path(), &["status"]);
    assert_eq!(code, 0);
    assert!(
        out.contains("nothing is published") && out.contains("no record of one"),
        "{out}"
    );
    assert_eq!(run(folder.path(), &["status", "--max-age", "1"]).0, 4);
}
