//! `esf generate` and the twelve comparative questions over what it makes.

use super::made::warehouse;
use super::run;

#[test]
fn every_comparative_question_has_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let at = ["--warehouse", "made"];
    let size = [
        "generate",
        "--operations",
        "3000",
        "--participations",
        "200000",
    ];
    let (code, out, err) = run(folder.path(), &[&size[..], &at].concat());
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("participation") && out.contains("synthetic data of seed 1"),
        "{out}"
    );
    let queries = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/comparison");
    let mut asked = 0;
    for entry in std::fs::read_dir(queries).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".duckdb.sql") {
            continue;
        }
        let file = path.to_string_lossy().into_owned();
        let ask = ["sql", "--access", "restricted", "-f", file.as_str()];
        let (code, out, err) = run(folder.path(), &[&ask[..], &at].concat());
        assert_eq!(code, 0, "{name}: {err}");
        assert!(out.lines().count() > 1, "{name}: {out}");
        asked += 1;
    }
    assert_eq!(asked, 12);
}

#[test]
fn counts_of_people_are_for_demonstrations_and_made_data_for_their_own_warehouse() {
    let (folder, _) = warehouse();
    let (code, _, err) = run(folder.path(), &["generate", "--operations", "5"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("holds bundled samples"), "{err}");
    let (code, _, err) = run(
        folder.path(),
        &["sql", "SELECT count(*) FROM participation"],
    );
    assert_eq!(code, 2, "{err}");
}

#[test]
fn timed_runs_are_told_apart_from_the_rows() {
    let (folder, _) = warehouse();
    let (code, out, err) = run(folder.path(), &["sql", "--timed", "3", "SELECT 1 AS a"]);
    assert_eq!((code, out.as_str()), (0, "a\n1\n"));
    assert_eq!(
        err.lines()
            .filter(|line| line.contains("\"seconds\":"))
            .count(),
        3
    );
}
