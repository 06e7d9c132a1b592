//! What the command prints and how it exits, on a made-up warehouse.

mod abroad;
mod archive;
mod arrival;
mod compare;
mod config;
mod context;
mod control;
mod control_content;
mod control_files;
mod damaged;
mod explain;
mod formats;
mod generate;
mod help;
mod ingest;
mod interrupt;
mod list;
mod log;
mod made;
mod night_date;
mod nightly;
mod not_asked;
mod operate;
#[cfg(feature = "otel")]
mod otel;
mod page_states;
mod pages_twice;
mod personal;
mod pipe;
mod published_again;
mod rate;
mod redact;
mod redact_first;
mod redact_forgotten;
mod redact_reach;
mod reference;
mod releases;
mod rollback;
mod same_bytes;
mod sheets;
mod sql;
mod table;
mod told;
mod unread;
mod vintages;

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

/// The command in a folder, untouched by the settings of whoever runs the tests.
fn esf(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("esf").expect("the command is built with the tests");
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs the command and gives exit code, standard output and standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    seen(
        &esf(folder)
            .args(arguments)
            .output()
            .expect("the command starts"),
    )
}

/// Runs the command and gives exit code and all that it printed.
fn said(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let (code, out, err) = run(folder, arguments);
    (code, out + &err)
}

fn seen(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the command prints UTF-8");
    (
        output.status.code().expect("no signal ended it"),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// All files below a folder, in the order of their paths.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
