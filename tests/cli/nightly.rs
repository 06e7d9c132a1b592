//! The demonstration: what a newcomer sees first, and that what it proposes works.

use super::{esf, run, seen};

#[test]
fn the_demonstration_ends_with_three_commands_that_work() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(folder.path(), &["nightly"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("published release 1 in "), "{out}");
    let rendition = "not loaded: rendition of synthetic_de_bw_esf_2014-2020.xlsx";
    assert!(out.contains(rendition), "{out}");
    let (_, next) = out
        .split_once("Type next:\n")
        .expect("it says what to type next");
    assert_eq!(next.lines().count(), 3, "{next}");
    for line in next.lines() {
        let arguments = words(
            line.trim()
                .strip_prefix("esf ")
                .expect("it is a command of ours"),
        );
        let (code, out, err) = seen(&esf(folder.path()).args(&arguments).output().unwrap());
        assert_eq!((code, err.as_str()), (0, ""), "{line}");
        assert!(out.lines().count() > 1, "{line}: {out}");
    }
}

#[test]
fn a_second_run_says_that_nothing_changed_and_json_is_only_json() {
    let folder = tempfile::tempdir().unwrap();
    let (_, first, _) = run(folder.path(), &["nightly", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(report["outcome"], "published");
    let (_, again, _) = run(folder.path(), &["nightly"]);
    assert!(
        again.contains("nothing has changed since release 1"),
        "{again}"
    );
    let (_, releases, _) = run(folder.path(), &["releases"]);
    assert_eq!(releases.lines().count(), 2, "{releases}");
}

#[test]
fn a_night_is_told_in_a_folder_and_to_a_hook_whatever_the_hook_does() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "[report]\nfolder = 'out'\nwhen = 'always'\n\
                    hook = ['sh', '-c', 'cat > told; echo $ESF_RELEASE >> told; exit 9']\n";
    std::fs::write(folder.path().join("esf.toml"), settings).unwrap();
    let (code, out, err) = run(folder.path(), &["nightly"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("ended with exit status: 9"), "{err}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("told").starts_with("published release 1 in "));
    assert!(read("told").ends_with("\n1\n"));
    assert!(read("out/metrics.prom").contains("\nesf_release_number 1\n"));
    assert_eq!(read("out/lineage.ndjson").lines().count(), 2);
    assert!(read("out/report.html").contains("published release 1 in "));
    let first: serde_json::Value = serde_json::from_str(&read("out/report.json")).unwrap();
    // A night with nothing changed has a record too.
    run(folder.path(), &["nightly"]);
    let again: serde_json::Value = serde_json::from_str(&read("out/report.json")).unwrap();
    assert_eq!(again["outcome"], "unchanged");
    assert_ne!(again["run_id"], first["run_id"]);
    let records = std::fs::read_dir(folder.path().join("warehouse/runs")).unwrap();
    assert_eq!(records.count(), 2);
    // A rehearsal is told to nobody.
    std::fs::remove_file(folder.path().join("told")).unwrap();
    run(folder.path(), &["nightly", "--dry-run"]);
    assert!(!folder.path().join("told").exists());
    let same: serde_json::Value = serde_json::from_str(&read("out/report.json")).unwrap();
    assert_eq!(same["run_id"], again["run_id"]);
}

#[test]
fn a_run_that_ends_with_an_error_is_told_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["nightly"]);
    std::fs::create_dir(folder.path().join("mirror")).unwrap();
    std::fs::write(folder.path().join("mirror/other.csv"), "a,b\n1,2\n").unwrap();
    let arguments = ["nightly", "--mirror", "mirror", "--report", "out"];
    let (code, _, err) = run(folder.path(), &arguments);
    assert_eq!(code, 2, "{err}");
    let report = std::fs::read_to_string(folder.path().join("out/report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (report["outcome"].as_str(), report["exit_code"].as_u64()),
        (Some("failed"), Some(2))
    );
    let metrics = std::fs::read_to_string(folder.path().join("out/metrics.prom")).unwrap();
    assert!(metrics.contains("esf_run_success 0\n"), "{metrics}");
}

#[test]
fn a_folder_for_temporary_files_that_is_absent_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let with = |arguments: &[&str]| {
        let mut command = esf(folder.path());
        command.env("TMPDIR", folder.path().join("absent"));
        seen(&command.args(arguments).output().unwrap())
    };
    let (code, out, err) = with(&["nightly"]);
    assert_eq!(code, 1, "{out}{err}");
    for part in [
        "/absent: ",
        "set TMPDIR to ",
        "`esf explain temporary-folder`",
    ] {
        assert!(err.contains(part), "{part}: {err}");
    }
    let (code, out, err) = with(&["doctor", "--format", "csv"]);
    assert_eq!(code, 3, "{out}{err}");
    let line = out
        .lines()
        .find(|line| line.starts_with("temporary space,fault,"));
    assert!(
        line.is_some_and(|line| line.contains("set TMPDIR to ")),
        "{out}"
    );
}

#[test]
fn samples_never_join_real_data() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["nightly"]);
    std::fs::create_dir(folder.path().join("mirror")).unwrap();
    std::fs::write(folder.path().join("mirror/other.csv"), "a,b\n1,2\n").unwrap();
    let (code, _, err) = run(
        folder.path(),
        &["ingest", "--from", "mirror/other.csv", "--as", "made_list"],
    );
    assert_eq!(code, 2, "{err}");
}

/// The words of a command line, with double quotes as a shell reads them.
fn words(line: &str) -> Vec<String> {
    let pieces = line.split('"').enumerate();
    let words = pieces.flat_map(|(i, piece)| match i % 2 {
        0 => piece.split_whitespace().map(str::to_owned).collect(),
        _ => vec![piece.to_owned()],
    });
    words.collect()
}
