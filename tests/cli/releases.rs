//! State, change, integrity and rejected rows.

use super::made::warehouse;
use super::run;

#[test]
fn releases_say_what_changed() {
    let (folder, _) = warehouse();
    let (code, out, _) = run(folder.path(), &["releases", "--format", "table"]);
    assert_eq!(code, 0);
    let hash = out.split_whitespace().filter(|word| word.len() == 64);
    let masked = hash.fold(out.clone(), |text, hash| {
        text.replace(hash, &"#".repeat(64))
    });
    insta::assert_snapshot!(masked);
}

#[test]
fn an_empty_warehouse_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, err) = run(folder.path(), &["verify"]);
    assert_eq!(code, 2);
    assert!(err.contains("run `esf nightly` first"), "{err}");
}

#[test]
fn quarantine_counts_by_source_and_rule_and_lists_with_place() {
    let (folder, _) = warehouse();
    let (code, out, _) = run(folder.path(), &["quarantine"]);
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "source_id,rule,rows,for_example\nmade,amount_unreadable,1,no amount can be read\n"
    );
    let (_, out, _) = run(
        folder.path(),
        &["quarantine", "--source", "made", "--format", "ndjson"],
    );
    assert!(out.contains("\"value\":\"k. A.\""), "{out}");
    assert_eq!(
        run(
            folder.path(),
            &["quarantine", "--rule", "it's none", "--format", "ndjson"]
        )
        .1,
        ""
    );
    let of = |source: &str| run(folder.path(), &["quarantine", "--source", source]);
    assert_eq!(of("de_be_senwi_esf_2014_2020").0, 0);
    let (code, _, err) = of("de_be_senwi_esf_2014_2002");
    assert_eq!(code, 2, "{err}");
    assert!(
        err.contains("did you mean \"de_be_senwi_esf_2014_2020\"?"),
        "{err}"
    );
}

#[test]
fn a_whole_release_verifies_and_a_damaged_one_does_not() {
    let (folder, path) = warehouse();
    assert_eq!(run(folder.path(), &["verify"]).0, 0);
    let file = std::fs::read_dir(path.join("data/operation"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "parquet"))
        .unwrap();
    let mut permissions = file.metadata().unwrap().permissions();
    #[allow(clippy::permissions_set_readonly_false)] // the file is thrown away with its folder
    permissions.set_readonly(false);
    std::fs::set_permissions(&file, permissions).unwrap();
    std::fs::write(&file, b"PAR1").unwrap();
    let codes = ["1", "2"].map(|release| run(folder.path(), &["verify", "--as-of", release]).0);
    assert!(codes.contains(&3), "{codes:?}");
}

#[test]
fn diff_shows_operations_that_are_gone() {
    let (folder, _) = warehouse();
    let (code, out, err) = run(folder.path(), &["diff", "1", "2"]);
    assert_eq!((code, err.as_str()), (0, ""));
    insta::assert_snapshot!(out);
}
