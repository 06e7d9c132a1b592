//! What holds for the repository as a whole: sources are complete, tables described, nothing of the shared files kept,
//! and the README names only commands that exist.

use std::collections::BTreeMap;
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
    let Ok(readme) = fs::read_to_string(root().join("README.md")) else {
        eprintln!("skipped: there is no README.md yet");
        return;
    };
    let mut named = 0;
    for line in readme.lines().filter_map(called) {
        let words: Vec<&str> = line
            .split_whitespace()
            .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
            .take_while(|word| !word.starts_with('-'))
            .take(2)
            .collect();
        let Some(command) = words.first() else {
            continue;
        };
        // A second word may be an argument; the first must be a command.
        named += 1;
        let output = Command::new(env!("CARGO_BIN_EXE_esf"))
            .args([command, "--help"])
            .output()
            .unwrap();
        assert!(output.status.success(), "the README names `esf {command}`");
        let flags = line
            .split_whitespace()
            .filter(|word| word.starts_with("--"));
        let help = Command::new(env!("CARGO_BIN_EXE_esf"))
            .args(
                &words[..if takes_another(command) {
                    words.len()
                } else {
                    1
                }],
            )
            .arg("--help")
            .output()
            .unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        for flag in flags {
            let flag: String = flag
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '-')
                .collect();
            if flag.len() > 2 {
                assert!(help.contains(&flag), "the README names `esf {line}`");
            }
        }
    }
    assert!(named >= 3, "the README shows commands");
}

/// What stands behind `esf` in a line of a code block.
fn called(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches("$ ");
    line.strip_prefix("esf ")
        .or_else(|| line.strip_prefix("cargo run --release -- "))
        .or_else(|| line.strip_prefix("cargo run -- "))
}

/// Commands with commands of their own.
fn takes_another(command: &str) -> bool {
    matches!(command, "source" | "table")
}
