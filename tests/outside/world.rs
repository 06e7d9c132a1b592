//! One temporary folder for all tests, and in it the one ingest of everything.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use tempfile::TempDir;

use crate::command::{Seen, esf};
use crate::shared;

/// Taken away by [`remove`]; a static is never dropped.
static FOLDER: Mutex<Option<TempDir>> = Mutex::new(None);

/// A folder for one test, or for what several share; gone at the end of the whole run.
pub(crate) fn folder(name: &str) -> PathBuf {
    let mut held = FOLDER.lock().unwrap();
    let root = held.get_or_insert_with(|| tempfile::tempdir().expect("a temporary folder"));
    let path = root.path().join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Leaves nothing behind.
pub(crate) fn remove() {
    if let Some(folder) = FOLDER.lock().unwrap().take() {
        folder.close().expect("the temporary folder can be removed");
    }
}

/// A warehouse with everything of the shared data in it.
pub(crate) struct Everything {
    pub(crate) warehouse: PathBuf,
    pub(crate) seen: Seen,
}

/// The main job on the shared data, once, with two workers.
pub(crate) fn everything() -> &'static Everything {
    static EVERYTHING: OnceLock<Everything> = OnceLock::new();
    EVERYTHING.get_or_init(|| {
        let warehouse = folder("everything").join("warehouse");
        let data = shared::path("data");
        let seen = esf(
            &warehouse,
            ["nightly", "--mirror", text(&data), "--threads", "2"],
        );
        Everything { warehouse, seen }
    })
}

/// The warehouse of [`everything`], if its job went well.
pub(crate) fn warehouse() -> &'static Path {
    let everything = everything();
    assert_eq!(
        everything.seen.code,
        Some(0),
        "the main job failed: {}",
        everything.seen.all()
    );
    &everything.warehouse
}

/// Takes the bundled part of the regions, which has fewer rows than the table is declared to have.
pub(crate) const PART_OF_NUTS: &str = "eu_gisco_nuts_2024=a part is enough for made lists";

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("temporary and shared paths are UTF-8")
}
