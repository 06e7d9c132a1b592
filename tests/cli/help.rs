//! Help, completions and manual pages.

use super::{esf, run, seen};

#[test]
fn help_names_every_subcommand_and_the_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(folder.path(), &["--help"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(out);
}

#[test]
fn every_subcommand_has_help() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "nightly",
        "ingest",
        "source check",
        "sql",
        "diff",
        "trace",
        "quarantine",
    ] {
        let arguments: Vec<&str> = name.split(' ').chain(["--help"]).collect();
        let (code, out, _) = run(folder.path(), &arguments);
        assert_eq!(code, 0, "{name}");
        // The global options are the same everywhere and stand in the snapshot of the help of all.
        let own = out.split("Global options:").next().unwrap();
        insta::assert_snapshot!(name.replace(' ', "_"), own);
    }
}

#[test]
fn a_misspelt_subcommand_is_usage_with_the_nearest_name() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(folder.path(), &["nighly"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("a similar subcommand exists: 'nightly'"),
        "{err}"
    );
}

#[test]
fn nothing_typed_is_usage() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(folder.path(), &[]).0, 2);
}

#[test]
fn completions_and_manual_pages_need_no_valid_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("esf.toml"), "wrong = 1").unwrap();
    let (code, out, _) = run(folder.path(), &["completions", "bash"]);
    assert_eq!(code, 0);
    assert!(out.contains("nightly"), "{out}");
    let (code, _, err) = seen(&esf(folder.path()).args(["man", "pages"]).output().unwrap());
    assert_eq!(code, 0, "{err}");
    let page = std::fs::read_to_string(folder.path().join("pages/esf-sql.1")).unwrap();
    assert!(page.contains("esf"), "{page}");
}
