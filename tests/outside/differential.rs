//! Independent answers: the questions of `tests/differential` asked of `esf` and, in other words, of DuckDB over the Parquet
//! files of the same release (see `ask.py` there). A file there is a test here.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Trial;

use crate::{python, shared, trial, world};

pub(crate) fn trials() -> Vec<Trial> {
    let absent = shared::folder().is_none() || !python::has("duckdb");
    let questions = questions().into_iter().map(|question| {
        let name = question.file_stem().unwrap().to_string_lossy().into_owned();
        trial(format!("differential::{name}"), move || agree(&question))
    });
    questions
        .chain([trial("differential::a_cent_is_seen", a_cent_is_seen)])
        .map(|trial| trial.with_ignored_flag(absent))
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential")
}

/// The statements, in the order of their names.
fn questions() -> Vec<PathBuf> {
    let mut questions: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    questions.sort();
    questions
}

fn ask(question: &Path, options: &[&str]) -> Output {
    Command::new(python::program("python3").expect("it is installed"))
        .arg(folder().join("ask.py"))
        .arg(env!("CARGO_BIN_EXE_esf"))
        .arg(world::warehouse())
        .arg(question)
        .args(options)
        .output()
        .expect("Python starts")
}

fn agree(question: &Path) {
    let output = ask(question, &[]);
    let said = String::from_utf8_lossy(&output.stdout);
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{fault}");
}

/// With one published amount changed by a cent on one side, the answers differ, and in nothing but that.
fn a_cent_is_seen() {
    let output = ask(&folder().join("amount_eur.sql"), &["--cent"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let fault = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}{fault}");
    assert_eq!(said.matches("DuckDB").count(), 1, "{said}");
}
