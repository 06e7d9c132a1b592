//! A name is taken out of a warehouse by the command, and later runs keep it out.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::util::pretty::pretty_format_batches;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use super::{files, list, run};

/// A word of the name that stands nowhere else.
const WORD: &str = "quuxberg";

pub(super) const HEADER: &str = "Begünstigter;Vorhaben;Gewährte Beträge in EUR\n";
pub(super) const NAMED: &str = "Quuxberg Muster GmbH;Beratung durch Quuxberg Muster;1.000,50\n";
pub(super) const OTHER: &str = "Muster e.V.;Beratung;2.000,50\n";

pub(super) fn ingest(folder: &Path, text: &str, published: &str) {
    let published = ["--published", published];
    let (code, printed) = list::ingest(folder, "list.csv", text.as_bytes(), &published);
    assert_eq!(code, 0, "{printed}");
}

pub(super) fn esf(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    run(folder, &[arguments, &["--warehouse", "w"][..]].concat())
}

/// The files of the warehouse that hold the word: their bytes, or the rows of tables.
pub(super) fn holding(folder: &Path) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        let mut text = String::from_utf8_lossy(&bytes).to_lowercase();
        if path.extension().is_some_and(|ending| ending == "parquet") {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap());
            let rows: Vec<_> = reader
                .unwrap()
                .build()
                .unwrap()
                .map(Result::unwrap)
                .collect();
            text += &pretty_format_batches(&rows)
                .unwrap()
                .to_string()
                .to_lowercase();
        }
        text.contains(WORD)
    };
    files(&folder.join("w")).into_iter().filter(holds).collect()
}

pub(super) fn nothing_holds_the_name(folder: &Path) {
    let held = holding(folder);
    assert!(held.is_empty(), "{held:?}");
}

pub(super) fn all_releases_are_whole(folder: &Path) {
    for number in 1..=files(&folder.join("w/releases")).len() {
        let (code, out, err) = esf(folder, &["verify", "--as-of", &number.to_string()]);
        assert_eq!(code, 0, "release {number}: {out}{err}");
    }
}

pub(super) fn is_kept_out(folder: &Path) {
    nothing_holds_the_name(folder);
    all_releases_are_whole(folder);
}

/// The record of the only redaction, with its path.
fn record(folder: &Path) -> (PathBuf, Value) {
    let records = files(&folder.join("w/redactions"));
    assert_eq!(records.len(), 1);
    let record = serde_json::from_slice(&fs::read(&records[0]).unwrap()).unwrap();
    (records[0].clone(), record)
}

#[test]
fn a_name_is_taken_out_of_all_releases_and_later_runs_keep_it_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = format!("{HEADER}{NAMED}{OTHER}");
    ingest(folder, &first, "2020-01-01");
    ingest(folder, &first.replace("2.000", "3.000"), "2021-01-01");
    let before = files(&folder.join("w"));
    assert!(holding(folder).len() > 3);

    let asked = [
        "redact",
        "--text",
        "quuxberg MUSTER",
        "--reason",
        "Quuxberg Muster asked",
    ];
    let (code, out, err) = esf(folder, &asked);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.contains("nothing was changed, --apply does it"),
        "{out}"
    );
    assert!(
        out.contains("organisation_name") && !out.to_lowercase().contains(WORD),
        "{out}"
    );
    assert!(out.contains("made_list: list.csv"), "{out}");
    assert_eq!(files(&folder.join("w")), before);

    let (code, out, err) = esf(folder, &[&asked[..], &["--apply"][..]].concat());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.contains("release 3 and all before it are without it"),
        "{out}"
    );
    is_kept_out(folder);
    let (path, kept) = record(folder);
    assert_eq!(kept["reason"], "[redacted] asked");
    assert_eq!(kept["raw"].as_array().map(Vec::len), Some(2));
    let (_, out, _) = esf(
        folder,
        &[
            "sql",
            "SELECT title FROM operation ORDER BY 1",
            "--format",
            "csv",
        ],
    );
    assert_eq!(out, "title\nBeratung\nBeratung durch [redacted]\n");

    let query = "SELECT operation_id FROM operation WHERE title = 'Beratung'";
    let (_, out, _) = esf(folder, &["sql", query, "--format", "csv"]);
    let id = out.lines().nth(1).unwrap();
    let (code, _, err) = esf(folder, &["trace", id]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("taken away by a redaction"), "{err}");

    let (code, out, _) = esf(folder, &[&asked[..], &["--apply"][..]].concat());
    assert_eq!(code, 0);
    assert!(out.contains("later runs keep it out already"), "{out}");

    // The same file again, and one that names it anew; neither is archived, also where a run that was overtaken has done so.
    ingest(folder, &first, "2020-01-01");
    let newer = first.replace("2.000", "4.000");
    let left = esf_engine::store::sha256(newer.as_bytes());
    fs::write(folder.join("w/raw").join(&left), &newer).unwrap();
    ingest(folder, &newer, "2022-01-01");
    is_kept_out(folder);
    let (_, out, _) = esf(
        folder,
        &["sql", "SELECT count(*) FROM operation", "--format", "csv"],
    );
    assert_eq!(out, "count(*)\n2\n");
    // What only the archive could give again stays as it was published, whatever is redone.
    let (code, out, err) = esf(folder, &["nightly", "--full", "--offline"]);
    assert_eq!(code, 0, "{out}{err}");
    is_kept_out(folder);

    // What an overtaken run kept and no later one has met.
    let late = esf_engine::store::sha256(NAMED.as_bytes());
    fs::write(folder.join("w/raw").join(late), NAMED).unwrap();
    let (code, out, err) = esf(folder, &["nightly", "--offline"]);
    assert_eq!(code, 0, "{out}{err}");
    is_kept_out(folder);

    // A redaction that was cut off, and bytes that a run at work meanwhile has kept.
    let mut begun = kept;
    begun["done"] = Value::from(false);
    fs::write(&path, begun.to_string()).unwrap();
    let hash = begun["raw"][0].as_str().unwrap();
    fs::write(folder.join("w/raw").join(hash), NAMED).unwrap();
    let (code, out, err) = esf(folder, &["nightly", "--offline"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(record(folder).1["done"], true);
    is_kept_out(folder);
}

#[test]
fn an_organisation_is_found_by_its_id_and_what_is_too_short_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ingest(folder, &format!("{HEADER}{NAMED}{OTHER}"), "2020-01-01");
    let query = "SELECT organisation_id FROM organisation WHERE name LIKE 'Quux%'";
    let (_, out, _) = esf(folder, &["sql", query, "--format", "csv"]);
    let id = out.lines().nth(1).unwrap();
    let reason = ["--reason", "asked", "--apply"];
    let (code, out, err) = esf(
        folder,
        &[&["redact", "--organisation", id][..], &reason[..]].concat(),
    );
    assert_eq!(code, 0, "{out}{err}");
    let (_, out, _) = esf(
        folder,
        &[
            "sql",
            "SELECT name FROM organisation ORDER BY 1",
            "--format",
            "csv",
        ],
    );
    assert_eq!(out, "name\nMuster e.V.\n[redacted]\n");

    for wrong in [
        ["--text", "e.V."],
        ["--organisation", "nobody"],
        ["--operation", "none"],
    ] {
        let (code, _, err) = esf(folder, &[&["redact"][..], &wrong[..], &reason[..]].concat());
        assert_eq!(code, 2, "{wrong:?}: {err}");
    }
    assert_eq!(esf(folder, &["redact", "--reason", "nobody is named"]).0, 2);
    // The sign parts columns, so that the name would not be found where it stands.
    let (code, _, err) = esf(
        folder,
        &[&["redact", "--text", "X|yz Muster"][..], &reason[..]].concat(),
    );
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("would not be found again"), "{err}");

    // Nothing holds it: that is said, and that it is kept out nevertheless.
    let nowhere = ["redact", "--text", "Zyxtal Nobody", "--reason", "asked"];
    for (apply, end) in [
        (&[][..], "nothing was changed"),
        (&["--apply"][..], "keeps it out of later runs"),
    ] {
        let (code, out, err) = esf(folder, &[&nowhere[..], apply].concat());
        assert_eq!(code, 0, "{out}{err}");
        assert!(
            out.contains("it was found nowhere") && out.contains(end),
            "{out}"
        );
        assert!(!out.contains("are without it"), "{out}");
    }
}
