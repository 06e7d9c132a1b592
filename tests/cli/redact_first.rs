//! Redactions beside first runs, of persons and of runs that come after.

use std::fs;
use std::path::Path;

use super::list::rows;
use super::redact::{HEADER, NAMED, OTHER, esf, holding, ingest, is_kept_out};

pub(super) const ASKED: [&str; 5] = ["redact", "--text", "Quuxberg Muster", "--reason", "asked"];

/// The redaction, done; gives what it prints.
pub(super) fn apply(folder: &Path) -> String {
    let (code, out, err) = esf(folder, &[&ASKED[..], &["--apply"][..]].concat());
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}

#[test]
fn what_was_kept_before_a_first_release_is_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (code, _, _) = esf(folder, &ASKED);
    assert_eq!(code, 2, "there is no warehouse");
    // A first night that published nothing, and one that was killed.
    let raw = folder.join("w/raw");
    fs::create_dir_all(&raw).unwrap();
    fs::create_dir(folder.join("w/.tmp")).unwrap();
    let hash = esf_engine::store::sha256(NAMED.as_bytes());
    fs::write(raw.join(&hash), NAMED).unwrap();
    fs::write(folder.join("w/.tmp/esf-1-2-3"), NAMED).unwrap();

    let (code, out, err) = esf(folder, &ASKED);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains(&format!("raw/{hash}")), "{out}");
    assert_eq!(holding(folder).len(), 2);
    let out = apply(folder);
    assert!(out.contains("nothing was published yet"), "{out}");
    is_kept_out(folder);
    assert!(raw.join(format!("{hash}.redacted.json")).exists());
    let (code, out, _) = esf(folder, &[&ASKED[..], &["--apply"][..]].concat());
    assert_eq!(code, 0);
    assert!(out.contains("later runs keep it out already"), "{out}");

    // A first run that did not know the record yet publishes the name; the next takes it out.
    let (records, aside) = (folder.join("w/redactions"), folder.join("aside"));
    fs::rename(&records, &aside).unwrap();
    let (told, told_aside) = (
        raw.join(format!("{hash}.redacted.json")),
        folder.join("told"),
    );
    fs::rename(&told, &told_aside).unwrap();
    ingest(folder, &format!("{HEADER}{NAMED}{OTHER}"), "2020-01-01");
    fs::rename(&aside, &records).unwrap();
    fs::rename(&told_aside, &told).unwrap();
    assert!(!holding(folder).is_empty());
    let (code, out, err) = esf(folder, &["nightly", "--offline"]);
    assert_eq!(code, 0, "{out}{err}");
    is_kept_out(folder);
}

#[test]
fn no_run_goes_on_without_the_record_of_what_was_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let list = format!("{HEADER}{NAMED}{OTHER}");
    ingest(folder, &list, "2020-01-01");
    apply(folder);
    // As where the restricted store that has it is not named.
    let (records, aside) = (folder.join("w/redactions"), folder.join("aside"));
    fs::rename(&records, &aside).unwrap();
    fs::write(folder.join("list.csv"), &list).unwrap();
    let again = [
        "ingest",
        "--from",
        "list.csv",
        "--as",
        "made_list",
        "--published",
        "2021-01-01",
    ];
    for (arguments, ends) in [
        (&again[..], 1),
        (&["nightly", "--offline"][..], 1),
        (&ASKED[..], 1),
        (&["doctor"][..], 3),
    ] {
        let (code, out, err) = esf(folder, arguments);
        assert_eq!(code, ends, "{arguments:?}: {out}{err}");
        let told = "which took something away here";
        assert!((out + &err).contains(told), "{arguments:?}: {err}");
    }
    fs::remove_file(folder.join("list.csv")).unwrap();
    is_kept_out(folder);
    fs::rename(&aside, &records).unwrap();
    let (code, out, err) = esf(folder, &["nightly", "--offline"]);
    assert_eq!(code, 0, "{out}{err}");
    is_kept_out(folder);
}

#[test]
fn the_run_after_a_redaction_says_why_its_release_differs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = format!("{HEADER}{NAMED}{OTHER}");
    ingest(folder, &first, "2020-01-01");
    apply(folder);
    fs::write(folder.join("list.csv"), first.replace("2.000", "3.000")).unwrap();
    let later = ["ingest", "--from", "list.csv", "--as", "made_list"];
    let told = |published: &str| {
        let (code, out, err) = esf(
            folder,
            &[&later[..], &["--published", published][..]].concat(),
        );
        assert_eq!(code, 0, "{out}{err}");
        (out + &err).contains("made release 2: lists are derived again without")
    };
    assert!(told("2021-01-01"));
    fs::write(folder.join("list.csv"), first.replace("2.000", "4.000")).unwrap();
    assert!(!told("2022-01-01"), "it is the release of a run now");
}

#[test]
fn a_name_with_initials_goes_and_where_the_surname_stands_alone_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let list = format!(
        "{HEADER}Muster e.V.;Beratung K. Zyxtal;1.000,50\nBeispiel e.V.;Beratung Zyxtal;2.000,50\n\
         Verein e.V.;\"Zyxtal, Karla\";3.000,50\n"
    );
    ingest(folder, &list, "2020-01-01");
    let asked = ["redact", "--text", "Karla Zyxtal", "--reason", "asked"];
    let (code, out, err) = esf(folder, &asked);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("made_list: operation.title 2 (2)"), "{out}");
    assert!(out.contains("takes it from all): 1\n"), "{out}");
    assert!(!out.contains("Zyxtal"), "{out}");
    let (code, out, err) = esf(folder, &[&asked[..], &["--apply"][..]].concat());
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let titles = rows(folder, "SELECT title FROM operation ORDER BY 1");
    assert_eq!(
        titles,
        ["Beratung Zyxtal", "Beratung [redacted]", "[redacted]"]
    );
}
