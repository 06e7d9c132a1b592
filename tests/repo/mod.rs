//! What holds for the repository as a whole: sources are complete, tables described, nothing of the shared files kept,
//! and the README names only commands that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use esf_pipelines::read::Limits;
use esf_pipelines::run::check_source;
use esf_pipelines::{Catalogue, SourceKind};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files of the repository, as far as git knows them; none outside a checkout.
fn tracked() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output();
    let Ok(output) = output else {
        return Vec::new();
    };
    output
        .stdout
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| root().join(std::str::from_utf8(name).unwrap()))
        .collect()
}

#[test]
fn every_source_is_whole_and_passes_on_its_sample() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut faults = Vec::new();
    for entry in fs::read_dir(root().join("pipelines/sources")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if !folder.join("source.toml").exists() {
            faults.push(format!("{name}: no source.toml"));
            continue;
        }
        let source = catalogue.get(&name).unwrap();
        // Any list has no form of its own that a sample could show.
        if source.is_generic() && source.toml.kind == SourceKind::Operations {
            continue;
        }
        if catalogue.samples(&name).next().is_none() {
            faults.push(format!("{name}: no sample"));
            continue;
        }
        let expected = folder.join("sample/expected.csv");
        if source.toml.kind != SourceKind::Reference && !expected.exists() {
            faults.push(format!("{name}: no sample/expected.csv"));
        }
        for check in check_source(&catalogue, &name, None, &Limits::default()).unwrap() {
            if !check.passed {
                faults.push(format!(
                    "{name} on {}: {:?}",
                    check.file_name, check.problems
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn samples_of_operations_say_that_they_are_made() {
    let catalogue = Catalogue::embedded().unwrap();
    for source in catalogue.iter() {
        if source.toml.kind == SourceKind::Reference {
            continue;
        }
        for sample in catalogue.samples(&source.source_id) {
            assert!(
                sample.name.starts_with("synthetic"),
                "{}: {}",
                source.source_id,
                sample.name
            );
        }
    }
}

#[test]
fn nothing_of_the_shared_files_is_kept() {
    let shared = std::env::var_os("ESF_SHARED")
        .map_or_else(|| root().join("../shared"), PathBuf::from)
        .join("data");
    if !shared.is_dir() {
        eprintln!("skipped: {} is not there; set ESF_SHARED", shared.display());
        return;
    }
    // Equal files have equal sizes, so only those are hashed.
    let mut by_size: BTreeMap<u64, Vec<PathBuf>> = BTreeMap::new();
    for folder in [shared.clone(), shared.join("../pages")] {
        for file in files(&folder) {
            let size = fs::metadata(&file).unwrap().len();
            by_size.entry(size).or_default().push(file);
        }
    }
    let tracked = tracked();
    assert!(tracked.len() > 100, "the repository is a checkout");
    let hash = |file: &Path| esf_engine::store::sha256(&fs::read(file).unwrap());
    for file in tracked.iter().filter(|file| file.is_file()) {
        let size = fs::metadata(file).unwrap().len();
        for other in by_size.get(&size).into_iter().flatten() {
            assert_ne!(
                hash(file),
                hash(other),
                "{} is a shared file",
                file.display()
            );
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn every_table_and_column_is_described() {
    let mut bare = Vec::new();
    for table in esf_schemas::tables() {
        if table.description.trim().is_empty() {
            bare.push(table.name.clone());
        }
        for column in &table.columns {
            if column.meaning.trim().is_empty() {
                bare.push(format!("{}.{}", table.name, column.name));
            }
        }
    }
    assert!(bare.is_empty(), "not described: {bare:?}");
}

#[test]
fn the_readme_names_commands_that_exist() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let mut helps: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    for line in shown(&readme) {
        let words = command_of(&line);
        if words.is_empty() {
            continue;
        }
        let known = helps.entry(words).or_insert_with_key(|words| {
            let output = Command::new(env!("CARGO_BIN_EXE_esf"))
                .args(words)
                .arg("--help")
                .output()
                .unwrap();
            assert!(output.status.success(), "the README names `esf {line}`");
            flags(&String::from_utf8(output.stdout).unwrap())
        });
        for flag in flags(&line) {
            assert!(
                known.contains(&flag),
                "{flag}: the README names `esf {line}`"
            );
        }
    }
    assert!(helps.len() >= 20, "the README shows commands: {helps:?}");
}

/// What stands behind `esf` in the lines of code blocks and in backticks.
fn shown(readme: &str) -> Vec<String> {
    let mut shown = Vec::new();
    for (number, part) in readme.split("```").enumerate() {
        if number % 2 == 1 {
            shown.extend(part.lines().filter_map(called).map(str::to_owned));
        } else {
            let quoted = part.split('`').skip(1).step_by(2);
            let lines = quoted.map(|words| words.replace('\n', " "));
            shown.extend(lines.filter_map(|line| Some(called(&line)?.to_owned())));
        }
    }
    shown
}

/// What stands behind `esf` in a line.
fn called(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches("$ ");
    line.strip_prefix("esf ")
        .or_else(|| line.strip_prefix("cargo run --release -- "))
        .or_else(|| line.strip_prefix("cargo run -- "))
}

/// The command, and the command of that one where it has any: what stands there otherwise is an argument.
fn command_of(line: &str) -> Vec<String> {
    let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
    let mut words = line.split_whitespace().take_while(is_word);
    let command = words.next();
    let another = words.next().filter(|_| command.is_some_and(takes_another));
    let words = command.into_iter().chain(another);
    words.map(str::to_owned).collect()
}

/// The flags in a text, whole: `--as` is none of `--as-of`.
fn flags(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
    let flags = parts.filter(|part| part.starts_with("--") && part.len() > 2);
    flags.map(str::to_owned).collect()
}

/// Commands with commands of their own.
fn takes_another(command: &str) -> bool {
    matches!(
        command,
        "metric" | "quarantine" | "region" | "source" | "table"
    )
}
