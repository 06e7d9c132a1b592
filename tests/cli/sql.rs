//! `esf sql`: what it answers and what it refuses.

use super::list::loaded;
use super::made::warehouse;
use super::{esf, run, seen};

#[test]
fn statements_come_from_the_line_a_file_or_a_pipe() {
    let (folder, _) = warehouse();
    std::fs::write(
        folder.path().join("q.sql"),
        "-- how many\nSELECT count(*) AS n FROM operation;\n",
    )
    .unwrap();
    assert_eq!(run(folder.path(), &["sql", "-f", "q.sql"]).1, "n\n2\n");
    let piped = esf(folder.path())
        .arg("sql")
        .write_stdin("SELECT 1 AS a; SELECT 2 AS b;")
        .output()
        .unwrap();
    assert_eq!(seen(&piped).1, "a\n1\nb\n2\n");
}

/// The shell opens a release as statements do.
#[test]
fn counts_of_people_before_disclosure_control_are_open_in_demonstrations_only() {
    let temporary = loaded(&["a"]);
    for query in ["SELECT 1", "SELECT count(*) FROM participation"] {
        let arguments = ["sql", query, "--access", "restricted", "--warehouse", "w"];
        let (code, out, err) = run(temporary.path(), &arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{query}: {err}");
        let told = "its counts of people are shown after disclosure control only";
        assert!(err.contains(told), "{err}");
    }
}

#[test]
fn an_unknown_column_is_shown_in_its_place_with_the_nearest_name() {
    let (folder, _) = warehouse();
    let (code, out, err) = run(
        folder.path(),
        &["sql", "SELECT country, perod FROM operation"],
    );
    assert_eq!((code, out.as_str()), (2, ""));
    insta::assert_snapshot!(err);
}

#[test]
fn an_unknown_table_is_shown_in_its_place_with_the_nearest_name() {
    let (folder, _) = warehouse();
    let (code, _, err) = run(folder.path(), &["sql", "SELECT *\nFROM opration"]);
    assert_eq!(code, 2);
    insta::assert_snapshot!(err);
}

#[test]
fn broken_syntax_is_shown_in_its_place() {
    let (folder, _) = warehouse();
    let (code, _, err) = run(folder.path(), &["sql", "SELECT FROM WHERE"]);
    assert_eq!(code, 2);
    insta::assert_snapshot!(err);
}

#[test]
fn writing_is_refused() {
    let (folder, _) = warehouse();
    for statement in [
        "DELETE FROM operation",
        "CREATE TABLE x AS SELECT 1",
        "COPY operation TO 'x.csv'",
        "SET x = 1",
    ] {
        let (code, out, err) = run(folder.path(), &["sql", statement]);
        assert_eq!((code, out.as_str()), (2, ""), "{statement}");
        assert!(err.contains("read-only"), "{statement}: {err}");
    }
}

#[test]
fn operator_tables_are_seen_only_when_asked_for() {
    let (folder, _) = warehouse();
    let query = "SELECT rule FROM quarantine";
    for query in [query, "SELECT * FROM run", "SELECT * FROM run_control"] {
        let (code, _, err) = run(folder.path(), &["sql", query]);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains("--access operator shows it"), "{err}");
    }
    let (_, _, err) = run(folder.path(), &["sql", "SELECT * FROM opration"]);
    assert!(!err.contains("--access"), "{err}");
    let (code, out, _) = run(folder.path(), &["sql", query, "--access", "operator"]);
    assert_eq!((code, out.as_str()), (0, "rule\namount_unreadable\n"));
}

#[test]
fn an_earlier_release_can_be_read_and_a_missing_one_cannot() {
    let (folder, _) = warehouse();
    let query = "SELECT count(*) AS n FROM operation";
    assert_eq!(
        run(folder.path(), &["sql", query, "--as-of", "1"]).1,
        "n\n3\n"
    );
    let (code, _, err) = run(folder.path(), &["sql", query, "--as-of", "9"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("there is no release 9 in ./warehouse; the newest is 2"),
        "{err}"
    );
    assert_eq!(
        run(folder.path(), &["sql", query, "--as-of", "yesterday"]).0,
        2
    );
}

#[test]
fn no_statement_is_usage() {
    let (folder, _) = warehouse();
    let (code, _, err) = run(folder.path(), &["sql", " ; "]);
    assert_eq!(
        (code, err.lines().next()),
        (2, Some("error: there is no statement"))
    );
}

#[test]
fn rows_are_kept_for_the_next_statements_and_no_longer() {
    let (folder, _) = warehouse();
    let ask = |arguments: &[&str]| run(folder.path(), arguments);
    let statements = "CREATE TEMP TABLE few AS SELECT operation_id FROM operation;
        CREATE TEMP VIEW fewer AS SELECT operation_id FROM few LIMIT 1;
        SELECT count(*) AS n FROM few; SELECT count(*) AS n FROM fewer";
    let (code, out, err) = ask(&["sql", statements]);
    assert_eq!((code, out.as_str()), (0, "n\n2\nn\n1\n"), "{err}");
    let (code, _, err) = ask(&["sql", "SELECT * FROM few"]);
    assert_eq!(code, 2);
    assert!(err.contains("there is no table few"), "{err}");

    // What is kept goes into no file, and is timed with nothing.
    let one = "CREATE TEMP TABLE one AS SELECT 1 AS n; SELECT o.n FROM one AS o";
    let (code, out, err) = ask(&["sql", one, "-o", "one.csv"]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    let written = std::fs::read_to_string(folder.path().join("one.csv")).unwrap();
    assert_eq!(written, "n\n1\n");
    let (code, out, err) = ask(&["sql", one, "--timed", "2"]);
    assert_eq!((code, out.as_str()), (0, "n\n1\n"), "{err}");
    assert_eq!(err.lines().count(), 2, "{err}");
    let (code, _, err) = ask(&["sql", &format!("{one}; SELECT 2 AS n"), "-o", "two.csv"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("the rows of 2 statements cannot go into one"),
        "{err}"
    );

    let (code, _, err) = ask(&[
        "sql",
        "CREATE OR REPLACE TEMP TABLE operation AS SELECT 1 AS n",
    ]);
    assert_eq!(code, 2);
    let taken =
        "there can be no temporary table or view operation: the release has something of this name";
    assert!(err.contains(taken), "{err}");
}
