//! The command, run as a person runs it but untouched by their settings.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the command printed and how it ended.
pub(crate) struct Seen {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Seen {
    /// Both outputs, for messages of tests and for searches.
    pub(crate) fn all(&self) -> String {
        format!("{}\n{}", self.stdout, self.stderr)
    }

    /// Fails the test unless the command ended with this code.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.all());
        self
    }
}

/// The program that is tried: the one built with these tests, or that of `ESF_PROGRAM`, such as an optimised build.
pub(crate) fn program() -> PathBuf {
    let built = || PathBuf::from(env!("CARGO_BIN_EXE_esf"));
    given().map_or_else(built, |given| {
        given
            .canonicalize()
            .unwrap_or_else(|error| panic!("ESF_PROGRAM {}: {error}", given.display()))
    })
}

/// Whether the program that is tried takes long for what an optimised one does at once.
pub(crate) fn is_slow() -> bool {
    cfg!(debug_assertions) && given().is_none()
}

fn given() -> Option<PathBuf> {
    std::env::var_os("ESF_PROGRAM").map(PathBuf::from)
}

/// Runs the command on a warehouse.
pub(crate) fn esf<S: AsRef<OsStr>>(
    warehouse: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Seen {
    let output = Command::new(program())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .current_dir(warehouse.parent().expect("a warehouse stands in a folder"))
        .args(arguments)
        .arg("--warehouse")
        .arg(warehouse)
        .output()
        .expect("the command starts");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the command prints UTF-8");
    Seen {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
    }
}
