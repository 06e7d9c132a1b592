//! Programs from PyPI that stand in for the outside world. `.ci/run` installs them into `target/python`; elsewhere
//! `ESF_PYTHON` names a folder of programs that has them.

use std::path::{Path, PathBuf};

/// An installed program, such as `moto_server` or `python3`.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ESF_PYTHON").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin"),
        PathBuf::from,
    );
    let program = folder.join(name);
    program.is_file().then_some(program)
}

/// Whether a package is installed beside the programs.
pub(crate) fn has(package: &str) -> bool {
    let Some(lib) = program("python3").and_then(|p| Some(p.parent()?.parent()?.join("lib"))) else {
        return false;
    };
    let versions = std::fs::read_dir(lib).into_iter().flatten().flatten();
    versions
        .map(|version| version.path().join("site-packages").join(package))
        .any(|folder| folder.is_dir())
}
