//! Independent answers: the questions of `tests/differential` asked of `esf` and, in other words, of DuckDB over the Parquet
//! files of the same release (see `ask.py` there). A file there is a test for each world: the real lists, and made ones
//! that have what the real ones lack. What only the real lists can be asked stands in `lists/`. And the statements that `esf`
//! itself hands out, run by DuckDB (see `answer.py`).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use libtest_mimic::Trial;

use crate::command::{esf, program};
use crate::{python, shared, trial, world};

pub(crate) fn trials() -> Vec<Trial> {
    let no_duckdb = !python::has("duckdb");
    let no_lists = no_duckdb || shared::folder().is_none();
    let (both, only_lists) = (questions(""), questions("lists"));
    let of_lists = both
        .iter()
        .chain(&only_lists)
        .map(|question| test("lists", question, world::warehouse).with_ignored_flag(no_lists));
    let of_made = both
        .iter()
        .map(|question| test("made", question, made).with_ignored_flag(no_duckdb));
    of_lists
        .chain(of_made)
        .chain([
            trial("differential::a_cent_is_seen", a_cent_is_seen).with_ignored_flag(no_duckdb),
            trial("differential::made::statements_of_answers", || {
                statements_of_answers(made());
            })
            .with_ignored_flag(no_duckdb),
            trial("differential::lists::statements_of_answers", || {
                statements_of_answers(world::warehouse());
            })
            .with_ignored_flag(no_lists),
        ])
        .collect()
}

fn test(world: &str, question: &Path, warehouse: fn() -> &'static Path) -> Trial {
    let name = question.file_stem().unwrap().to_string_lossy();
    let question = question.to_owned();
    trial(format!("differential::{world}::{name}"), move || {
        let (output, said) = ask(warehouse(), &question, &[]);
        assert!(output.status.success(), "{said}");
    })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential")
}

/// The statements of a folder, in the order of their names.
fn questions(part: &str) -> Vec<PathBuf> {
    let mut questions: Vec<PathBuf> = std::fs::read_dir(folder().join(part))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    questions.sort();
    questions
}

/// A warehouse of the made lists, with the bundled part of NUTS that they need.
fn made() -> &'static Path {
    static WAREHOUSE: OnceLock<PathBuf> = OnceLock::new();
    WAREHOUSE.get_or_init(|| {
        let warehouse = world::folder("differential").join("warehouse");
        let lists = folder().join("made");
        let regions = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("pipelines/sources/eu_gisco_nuts_2024/sample");
        let mut arguments = vec!["nightly", "--sources", world::text(&lists)];
        for mirror in [&lists, &regions] {
            arguments.extend(["--mirror", world::text(mirror)]);
        }
        arguments.extend(["--accept", world::PART_OF_NUTS]);
        esf(&warehouse, arguments).expect(0);
        warehouse
    })
}

/// The answers of both sides, compared; with what was said about it.
fn ask(warehouse: &Path, question: &Path, options: &[&str]) -> (Output, String) {
    let output = Command::new(python::program("python3").expect("it is installed"))
        .arg(folder().join("ask.py"))
        .arg(program())
        .arg(warehouse)
        .arg(question)
        .args(options)
        .output()
        .expect("Python starts");
    let said = [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes))
        .concat();
    (output, said)
}

/// What `esf compare -o FILE.sql` writes gives in DuckDB what `esf compare` says.
fn statements_of_answers(warehouse: &Path) {
    let output = Command::new(python::program("python3").expect("it is installed"))
        .arg(folder().join("answer.py"))
        .arg(program())
        .arg(warehouse)
        .output()
        .expect("Python starts");
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{}", said.concat());
}

/// With one published amount changed by a cent on one side, the answers differ, and in nothing but that.
fn a_cent_is_seen() {
    let (output, said) = ask(made(), &folder().join("amount_eur.sql"), &["--cent"]);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("DuckDB").count(), 1, "{said}");
}
