//! A warehouse under test, on disk or on object storage, and what the command says of it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use esf_engine::store::sha256;

use crate::command::{Seen, program};
use crate::world::text;

/// Number and content hash of every release.
pub(super) type Releases = Vec<(u64, String)>;

/// Where a warehouse is, and how it is reached.
#[derive(Clone)]
pub(super) struct Warehouse {
    pub(super) location: String,
    /// Where the command is run. One folder for each warehouse, so that its processes can be told by it.
    pub(super) folder: PathBuf,
    /// Variables of the storage.
    pub(super) settings: Vec<(&'static str, String)>,
}

impl Warehouse {
    /// The warehouse of this folder on disk: `warehouse` in it.
    pub(super) fn on_disk(folder: &Path) -> Self {
        Self {
            location: text(&folder.join("warehouse")).to_owned(),
            folder: folder.to_owned(),
            settings: Vec::new(),
        }
    }

    /// A copy of a warehouse on disk, in a new folder.
    pub(super) fn copy_of(base: &Path, folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let copied = Self::on_disk(folder);
        copy(base, Path::new(&copied.location));
        copied
    }

    /// The folder of a warehouse on disk.
    pub(super) fn path(&self) -> &Path {
        Path::new(&self.location)
    }

    /// The command on this warehouse, untouched by settings of who runs the test.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .args(arguments)
            .args(["--warehouse", &self.location]);
        command
    }

    /// Runs the command to its end.
    pub(super) fn esf(&self, arguments: &[&str]) -> Seen {
        seen(
            &self
                .command(arguments)
                .output()
                .expect("the command starts"),
        )
    }

    /// What `esf releases` says. Fails where it says nothing.
    pub(super) fn releases(&self) -> Result<Releases, String> {
        let listed = self.esf(&["releases", "--format", "json"]);
        if listed.code != Some(0) {
            return Err(format!("esf releases: {}", listed.all()));
        }
        let rows: Vec<serde_json::Value> =
            serde_json::from_str(&listed.stdout).map_err(|e| format!("{e}: {}", listed.stdout))?;
        let release = |row: &serde_json::Value| {
            let number = row["release"].as_u64()?;
            Some((number, row["content_hash"].as_str()?.to_owned()))
        };
        rows.iter()
            .map(|row| release(row).ok_or_else(|| format!("no release: {row}")))
            .collect()
    }

    /// Fails unless `esf verify` finds nothing.
    pub(super) fn verify(&self) -> Result<(), String> {
        let verified = self.esf(&["verify"]);
        if verified.code == Some(0) {
            Ok(())
        } else {
            Err(format!("esf verify: {}", verified.all()))
        }
    }

    /// The first row that a query gives, as text.
    pub(super) fn row(&self, query: &str) -> Result<Vec<String>, String> {
        let answer = self.esf(&["sql", query, "--format", "csv"]);
        match (answer.code, answer.stdout.lines().nth(1)) {
            (Some(0), Some(row)) => Ok(row.split(',').map(str::to_owned).collect()),
            _ => Err(format!("{query}: {}", answer.all())),
        }
    }

    /// The paths of all objects of a warehouse on disk but records of runs, whose names no two runs share.
    /// Names of tables and published bytes are hashes, so that equal paths are equal contents.
    pub(super) fn objects(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        below(self.path(), &mut |path| {
            let path = path.strip_prefix(self.path()).unwrap();
            if !path.starts_with("runs") && !path.starts_with(".tmp") {
                found.insert(path.to_owned());
            }
        });
        found
    }

    /// All that a night finds in a warehouse on disk, folders too: every object with its content. Documents and logs differ
    /// only in run and time where they have the same name and size; records of runs and unfinished files are not used.
    pub(super) fn state(&self) -> String {
        let mut state = String::new();
        everything(self.path(), &mut |path| {
            let place = path.strip_prefix(self.path()).unwrap();
            if place.starts_with("runs") || place.starts_with(".tmp") {
                return;
            }
            let is_document = path.extension().is_some_and(|ending| ending == "json");
            let content = if path.is_dir() {
                "folder".to_owned()
            } else if is_document {
                path.metadata().unwrap().len().to_string()
            } else {
                sha256(&fs::read(path).unwrap())
            };
            writeln!(state, "{} {content}", place.display()).unwrap();
        });
        state
    }

    /// Temporary files that lie in a warehouse on disk.
    pub(super) fn temporary(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        below(&self.path().join(".tmp"), &mut |path| {
            found.push(path.to_owned());
        });
        found
    }
}

/// What a command printed and how it ended; without a code if a signal ended it.
pub(super) fn seen(output: &Output) -> Seen {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Seen {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}

/// Lets another program start a command, with its arguments, folder and variables.
pub(super) fn started_by(mut outer: Command, inner: &Command) -> Command {
    outer.env_clear();
    for (name, value) in inner.get_envs() {
        outer.env(name, value.expect("variables are set, not removed"));
    }
    outer.current_dir(inner.get_current_dir().expect("it has a folder"));
    outer.arg(inner.get_program()).args(inner.get_args());
    outer
}

/// Visits every file below a folder, which may be absent.
pub(super) fn below(folder: &Path, visit: &mut impl FnMut(&Path)) {
    everything(folder, &mut |path| {
        if path.is_file() {
            visit(path);
        }
    });
}

/// Visits every file and folder below a folder, in the order of their names.
fn everything(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        visit(&path);
        if path.is_dir() {
            everything(&path, visit);
        }
    }
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    below(from, &mut |path| {
        let copied = to.join(path.strip_prefix(from).unwrap());
        fs::create_dir_all(copied.parent().unwrap()).unwrap();
        fs::copy(path, copied).unwrap();
    });
}
