//! What a message means: by its code, by its exit code, by its words, and where it is met.

use super::run;

#[test]
fn all_messages_are_listed_with_their_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(folder.path(), &["explain"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out.lines().next(), Some("about,code,exit,title"));
    assert!(
        out.contains("runs,source-held,4,a source stays at its previous state\n"),
        "{out}"
    );
}

#[test]
fn a_message_has_cause_remedy_and_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(folder.path(), &["explain", "encrypted-file"]);
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "encrypted-file: the workbook is encrypted\n\n\
         means          The publisher set a password.\n\
         what to do     Ask for a file without one, or remove it in a spreadsheet program.\n\
         exit code      4\n"
    );
}

#[test]
fn an_exit_code_names_the_messages_that_end_so() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = run(folder.path(), &["explain", "75"]);
    assert_eq!(code, 0);
    assert!(
        out.starts_with("75: another run published first\n\nmeans "),
        "{out}"
    );
    let named = out.lines().find(|line| line.starts_with("messages "));
    assert!(
        named.is_some_and(|named| named.contains("run-overtaken")),
        "{out}"
    );
}

#[test]
fn a_copied_message_is_recognised_and_a_misspelt_code_has_a_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let copied = "made (held): list.csv: the file is empty; fetch it again, or look whether the publisher moved it";
    let (code, out, _) = run(folder.path(), &["explain", copied]);
    assert_eq!(code, 0);
    assert!(out.starts_with("file-empty: "), "{out}");
    // A line that says its code needs no words by which it is known.
    for line in [
        "made (held): what no message says [esf explain control-failed]",
        "  `esf explain control-failed` says more",
    ] {
        let (code, out, err) = run(folder.path(), &["explain", line]);
        assert_eq!(code, 0, "{err}");
        assert!(out.starts_with("control-failed: "), "{out}");
    }
    let (code, out, err) = run(folder.path(), &["explain", "sorce-held"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        err,
        "error: there is no message \"sorce-held\"\n  did you mean source-held?\n"
    );
}

#[test]
fn explaining_needs_no_valid_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("esf.toml"), "wrong = 1").unwrap();
    let (code, out, _) = run(folder.path(), &["explain", "configuration-wrong"]);
    assert_eq!(code, 0);
    assert!(out.contains("`esf.toml` cannot be used"), "{out}");
}

#[test]
fn a_run_names_the_code_behind_each_remark() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("list.xlsx"), b"PK\x03\x04 cut off").unwrap();
    let (code, out, err) = run(
        folder.path(),
        &[
            "ingest",
            "--from",
            "list.xlsx",
            "--as",
            "made_list",
            "--warehouse",
            "w",
        ],
    );
    let printed = out + &err;
    assert_eq!(code, 4, "{printed}");
    let is_explained = |of: &str| {
        let mut lines = printed.lines().filter(|line| line.contains(of));
        lines.any(|line| line.contains(" [esf explain ") && line.ends_with(']'))
    };
    assert!(is_explained("made_list (left out): "), "{printed}");
    assert!(is_explained("[esf explain nothing-usable]"), "{printed}");
}
