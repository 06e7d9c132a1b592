//! Messages as they stand in the program's source, for the test that each of them is explained.

use std::fs;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

/// Stands for what a placeholder is filled with.
const FILLED: char = '…';

/// Folders of the program.
const FOLDERS: [&str; 5] = [
    "engine/src",
    "pipelines/src",
    "queries/src",
    "schemas/src",
    "src",
];

/// A file of the program.
pub(super) struct Source {
    /// Its path in the repository.
    pub(super) path: String,
    /// What stands in it.
    pub(super) text: String,
}

/// The folder of the repository.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the program but tests and this module.
pub(super) fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders: Vec<PathBuf> = FOLDERS.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let inside = path.strip_prefix(root()).unwrap();
            if name.ends_with("tests") || inside == Path::new("src/explain") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                sources.push(Source {
                    path: inside.to_string_lossy().into_owned(),
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

impl Source {
    /// The texts of its errors, each with `…` for what is filled in.
    pub(super) fn errors(&self) -> Vec<String> {
        let behind = self.text.split("#[error(").skip(1);
        let texts = behind.filter_map(|rest| {
            let mut characters = rest.trim_start().chars().peekable();
            // What is transparent speaks with the words of its cause.
            characters.next_if_eq(&'"')?;
            Some(literal(&mut characters))
        });
        texts.collect()
    }

    /// The texts of the failures that it makes, each with the steps that are proposed behind it.
    pub(super) fn failures(&self) -> Vec<Vec<String>> {
        let made = ["Failure::usage(", "Failure::new("];
        let behind = made
            .iter()
            .flat_map(|call| self.text.split(call).skip(1))
            .map(statement);
        behind.filter(|texts| !texts.is_empty()).collect()
    }

    /// Its text with the literals that go over several lines put together, as they are shown.
    pub(super) fn joined(&self) -> String {
        let mut lines = self.text.split("\\\n");
        let first = lines.next().unwrap_or_default().to_owned();
        let joined = lines.fold(first, |text, line| text + line.trim_start());
        joined.replace("\\\"", "\"")
    }
}

/// The texts up to the end of a statement or function.
fn statement(rest: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut characters = rest.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' => texts.push(literal(&mut characters)),
            ';' => break,
            '\n' if characters.peek() == Some(&'}') => break,
            _ => {}
        }
    }
    texts
}

/// The rest of a literal behind its opening quote.
fn literal(characters: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(c) = characters.next() {
        match c {
            '"' => break,
            '\\' => match characters.next() {
                Some('\n') => while characters.next_if(|c| c.is_whitespace()).is_some() {},
                Some('n') => text.push('\n'),
                other => text.extend(other),
            },
            '{' if characters.peek() != Some(&'{') => {
                let _ = characters.find(|c| *c == '}');
                text.push(FILLED);
            }
            '{' | '}' => {
                // Written twice, shown once.
                let _ = characters.next();
                text.push(c);
            }
            _ => text.push(c),
        }
    }
    text
}

#[test]
fn literals_are_read_as_they_are_shown() {
    let source = Source {
        path: String::new(),
        text: "#[error(\n    \"{{a}} of \\\"{b:?}\\\", \\\n       and {}\", c)]\n#[error(transparent)]".to_owned(),
    };
    assert_eq!(source.errors(), ["{a} of \"…\", and …"]);
    let source = Source {
        path: String::new(),
        text: "Failure::usage(format!(\"no {x}; a\")).next(\"b\");\nf(\"c\")".to_owned(),
    };
    assert_eq!(source.failures(), [["no …; a", "b"]]);
}
