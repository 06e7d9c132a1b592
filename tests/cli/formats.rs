//! The same answer in every format.

use super::made::warehouse;
use super::run;

const QUERY: &str = "SELECT title, country, start_date, union_rate, amount, currency \
                     FROM operation JOIN operation_amount USING (operation_id) ORDER BY operation_id";

#[test]
fn text_formats() {
    let (folder, _) = warehouse();
    for format in ["table", "csv", "json", "ndjson", "markdown"] {
        let (code, out, err) = run(
            folder.path(),
            &["sql", QUERY, "--as-of", "1", "--format", format],
        );
        assert_eq!((code, err.as_str()), (0, ""), "{format}");
        insta::assert_snapshot!(format, out);
    }
}

#[test]
fn a_pipe_gets_csv() {
    let (folder, _) = warehouse();
    let (_, out, _) = run(
        folder.path(),
        &[
            "sql",
            "SELECT country, currency FROM operation JOIN operation_amount USING (operation_id) ORDER BY 1",
        ],
    );
    assert_eq!(out, "country,currency\nDE,EUR\nSE,SEK\n");
}

#[test]
fn a_file_is_written_in_the_format_of_its_name() {
    let (folder, _) = warehouse();
    let (code, out, err) = run(folder.path(), &["sql", QUERY, "--output", "answer.parquet"]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "", ""));
    assert!(
        std::fs::read(folder.path().join("answer.parquet"))
            .unwrap()
            .starts_with(b"PAR1")
    );
    run(folder.path(), &["sql", QUERY, "--output", "answer.arrow"]);
    assert!(
        std::fs::read(folder.path().join("answer.arrow"))
            .unwrap()
            .starts_with(b"ARROW1")
    );
}

#[test]
fn a_failed_query_leaves_no_file() {
    let (folder, _) = warehouse();
    let (code, _, _) = run(
        folder.path(),
        &[
            "sql",
            "SELECT 1 / (amount - amount) FROM operation_amount",
            "-o",
            "answer.csv",
        ],
    );
    assert_eq!(code, 2);
    assert!(!folder.path().join("answer.csv").exists());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_ending_that_names_no_format_is_refused_with_those_that_do() {
    let (folder, _) = warehouse();
    for (arguments, known) in [
        (&["sql", QUERY][..], "csv, json"),
        (&["compare", "completeness"], "ipc, svg, html"),
    ] {
        let with_file = [arguments, &["-o", "answer.pdf"]].concat();
        let (code, out, err) = run(folder.path(), &with_file);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(known), "{err}");
        assert!(!folder.path().join("answer.pdf").exists());
    }
    let asked = ["sql", QUERY, "-o", "answer.dat", "--format", "csv"];
    assert_eq!(run(folder.path(), &asked).0, 0);
    assert_eq!(run(folder.path(), &["sql", QUERY, "-o", "answer"]).0, 0);
}
