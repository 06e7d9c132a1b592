//! The statistics in SQL against statsmodels, scipy and numpy on random input (see `reference_statistics.py`), to a
//! relative 1e-12.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libtest_mimic::Trial;
use serde::Deserialize;

use crate::command::esf;
use crate::world::{folder, text};
use crate::{python, trial};

const SEED: &str = "20240229";

const TOLERANCE: f64 = 1e-12;

const TOPICS: [&str; 12] = [
    "comparisons",
    "counts",
    "days",
    "funnel",
    "inequality",
    "intervals",
    "normal",
    "percentiles",
    "ratios",
    "remainders",
    "shrinkage",
    "standardisation",
];

pub(crate) fn trials() -> Vec<Trial> {
    let absent = ["scipy", "statsmodels"]
        .iter()
        .any(|name| !python::has(name));
    TOPICS
        .iter()
        .map(|topic| {
            trial(format!("statistics::{topic}"), || agree(topic)).with_ignored_flag(absent)
        })
        .collect()
}

/// A statement and the rows it must give: each number with the difference that is rounding, or null.
#[derive(Deserialize)]
struct Question {
    sql: String,
    wanted: Vec<Vec<Option<(f64, f64)>>>,
}

fn questions() -> &'static BTreeMap<String, Vec<Question>> {
    static QUESTIONS: OnceLock<BTreeMap<String, Vec<Question>>> = OnceLock::new();
    QUESTIONS.get_or_init(|| {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/reference_statistics.py");
        let output = Command::new(python::program("python3").expect("it is installed"))
            .arg(script)
            .arg(SEED)
            .output()
            .expect("Python starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let questions: BTreeMap<_, _> = serde_json::from_slice(&output.stdout).unwrap();
        assert!(questions.keys().eq(TOPICS), "every topic has a test");
        questions
    })
}

/// The bundled samples, because a session needs a release.
fn warehouse() -> &'static Path {
    static WAREHOUSE: OnceLock<PathBuf> = OnceLock::new();
    WAREHOUSE.get_or_init(|| {
        let warehouse = folder("statistics").join("warehouse");
        esf(&warehouse, ["nightly", "--samples"]).expect(0);
        warehouse
    })
}

fn agree(topic: &str) {
    for (place, question) in questions()[topic].iter().enumerate() {
        let file = folder("statistics").join(format!("{topic}_{place}.sql"));
        std::fs::write(&file, &question.sql).unwrap();
        let seen = esf(warehouse(), ["sql", "-f", text(&file), "--format", "csv"]).expect(0);
        let mut reader = csv::Reader::from_reader(seen.stdout.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), question.wanted.len(), "{}", question.sql);
        for (row, (found, wanted)) in rows.iter().zip(&question.wanted).enumerate() {
            assert_eq!(found.len(), wanted.len());
            for (column, (found, wanted)) in found.iter().zip(wanted).enumerate() {
                let same = match wanted {
                    None => found.is_empty(),
                    Some((wanted, floor)) => found
                        .parse::<f64>()
                        .is_ok_and(|found| close(found, *wanted, *floor)),
                };
                assert!(
                    same,
                    "{topic} {place}, row {row}, column {column}: {found:?}, not {wanted:?}"
                );
            }
        }
    }
}

fn close(found: f64, wanted: f64, floor: f64) -> bool {
    let distance = (found - wanted).abs();
    found.is_finite()
        && (distance <= floor || distance <= TOLERANCE * found.abs().max(wanted.abs()))
}
