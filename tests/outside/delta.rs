//! The Delta logs of a warehouse, read by other engines: every public table of every release has the same rows, columns
//! and types there as in its Parquet files (see `delta.py`).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use crate::command::esf;
use crate::{python, trial, world};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("delta::every_release_is_read", every_release).with_ignored_flag(absent())]
}

/// Whether the other engines are not installed.
pub(crate) fn absent() -> bool {
    ["deltalake", "pyarrow", "duckdb"]
        .iter()
        .any(|package| !python::has(package))
}

/// Compares the logs at a place, if need be reached by these variables, with the files of a warehouse on disk.
pub(crate) fn compare(warehouse: &Path, place: &str, variables: &[(&str, String)]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/delta.py");
    let output = Command::new(python::program("python3").expect("it is installed"))
        .arg(script)
        .arg(warehouse)
        .arg(place)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("Python starts");
    let said = [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes))
        .concat();
    assert!(output.status.success(), "{said}");
}

/// A list, its correction, and another list beside it: a first release, one that overwrites and one that adds.
fn every_release() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = root.join("tests/differential/made");
    let regions = root.join("pipelines/sources/eu_gisco_nuts_2024/sample");
    let folder = world::folder("delta");
    let (mirror, warehouse) = (folder.join("mirror"), folder.join("warehouse"));
    fs::create_dir_all(&mirror).unwrap();
    let take = |file: &str| fs::copy(made.join(file), mirror.join(file)).unwrap();
    let publish = |expected: &str| {
        let mut arguments = vec!["nightly", "--sources", world::text(&made)];
        for mirror in [&mirror, &regions] {
            arguments.extend(["--mirror", world::text(mirror)]);
        }
        arguments.extend(["--accept", world::PART_OF_NUTS]);
        let seen = esf(&warehouse, arguments).expect(0).all();
        assert!(seen.contains(expected), "{seen}");
    };

    take("made_bank.csv");
    take("made_land.csv");
    publish("published release 1");
    let list = mirror.join("made_land.csv");
    let published = fs::read_to_string(&list).unwrap();
    let corrected = published.replacen(";100,01;", ";100,02;", 1);
    assert_ne!(corrected, published);
    fs::write(&list, corrected).unwrap();
    publish("published release 2");
    take("latest_SE_made.csv");
    publish("published release 3");
    let written = logs(&warehouse);
    publish("nothing has changed since release 3");
    assert_eq!(logs(&warehouse), written);

    compare(&warehouse, world::text(&warehouse), &[]);
    let unchanged = warehouse.join("data/code/_delta_log");
    assert_eq!(fs::read_dir(unchanged).unwrap().count(), 1);
}

/// Every commit of every log.
fn logs(warehouse: &Path) -> BTreeSet<PathBuf> {
    let inside = |folder: PathBuf| {
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.map(|entry| entry.unwrap().path())
    };
    inside(warehouse.join("data"))
        .flat_map(|table| inside(table.join("_delta_log")))
        .collect()
}
