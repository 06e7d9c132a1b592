//! How far a redaction reaches: single words, ids that are made from names, names of files and sources, code lists.

use std::fs;
use std::path::{Path, PathBuf};

use super::archive::asking;
use super::list::{
    COUNTS, declaration, file, loaded, newest_document, night_ends, publish, published, rewrite,
    rows,
};
use super::redact::{
    HEADER, NAMED, OTHER, all_releases_are_whole, esf, ingest, nothing_holds_the_name,
};
use super::{files, run};

/// Two operations of one title.
const ALIKE: &str = "Muster GmbH;Beratung;1.000,50\nMuster e.V.;Beratung;2.000,50\n";

fn one(folder: &Path, query: &str) -> String {
    let found = rows(folder, query);
    assert_eq!(found.len(), 1, "{query}: {found:?}");
    found[0].clone()
}

/// The command with these arguments, done; gives what it prints.
fn redact(folder: &Path, arguments: &[&str]) -> String {
    let asked = ["redact", "--reason", "asked"];
    let (code, out, err) = esf(folder, &[&asked[..], arguments].concat());
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}

/// Whether published bytes with this text are in the archive.
fn is_archived(folder: &Path, text: &str) -> bool {
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        String::from_utf8_lossy(&bytes).contains(text)
    };
    files(&folder.join("w/raw")).iter().any(holds)
}

#[test]
fn a_single_word_goes_everywhere_only_where_that_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ingest(folder, &format!("{HEADER}{ALIKE}"), "2020-01-01");
    let before = files(&folder.join("w"));

    let out = redact(folder, &["--text", "Beratung"]);
    assert!(out.contains("made_list: operation.title 2 (2)"), "{out}");
    assert!(out.contains("--apply --everywhere does it"), "{out}");
    let asked = [
        "redact", "--reason", "asked", "--text", "Beratung", "--apply",
    ];
    let (code, _, err) = esf(folder, &asked);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("`esf explain redact-everywhere`"), "{err}");
    assert_eq!(files(&folder.join("w")), before);

    let title = "SELECT DISTINCT title FROM operation";
    redact(folder, &["--text", "Beratung", "--apply", "--everywhere"]);
    assert_eq!(one(folder, title), "[redacted]");
}

#[test]
fn a_single_word_of_one_operation_stays_in_the_rows_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = format!("{HEADER}{ALIKE}");
    ingest(folder, &first, "2020-01-01");
    let id = one(
        folder,
        "SELECT p.operation_id FROM operation_organisation p JOIN organisation o USING (organisation_id) \
         WHERE o.name = 'Muster GmbH'",
    );
    let whose = ["--operation", id.as_str(), "--column", "title"];
    let out = redact(folder, &whose);
    assert!(out.contains("made_list: operation.title 1 (1)"), "{out}");
    let (_, spared) = out.split_once("keep it, also in later runs").unwrap();
    assert!(spared.contains("made_list: operation.title 1\n"), "{out}");
    redact(folder, &[&whose[..], &["--apply"][..]].concat());
    let titles = "SELECT title FROM operation ORDER BY 1";
    assert_eq!(rows(folder, titles), ["Beratung", "[redacted]"]);
    // Its id was made from the title.
    let with_id = "SELECT operation_id FROM operation WHERE title = '[redacted]'";
    let given = one(folder, with_id);
    assert_ne!(given, id);
    let amounts = "SELECT count(*) FROM operation_amount a JOIN operation o USING (operation_id)";
    assert_eq!(one(folder, amounts), "2");
    all_releases_are_whole(folder);

    // A newer file of the list is read so again, and not archived; that of another list is, with its own rows.
    ingest(folder, &first.replace("2.000", "3.000"), "2021-01-01");
    assert_eq!(rows(folder, titles), ["Beratung", "[redacted]"]);
    assert_eq!(one(folder, with_id), given);
    assert!(!is_archived(folder, "3.000,50"));
    fs::write(folder.join("other.csv"), first.replace("2.000", "4.000")).unwrap();
    let other = ["ingest", "--from", "other.csv", "--as", "other_list"];
    let (code, out, err) = esf(folder, &other);
    assert_eq!(code, 0, "{out}{err}");
    assert!(is_archived(folder, "4.000,50"));
    let of_other =
        "SELECT count(*) FROM operation WHERE source_id = 'other_list' AND title = 'Beratung'";
    assert_eq!(one(folder, of_other), "2");
}

#[test]
fn an_id_made_from_a_name_cannot_be_tried_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = format!("{HEADER}{NAMED}{OTHER}");
    ingest(folder, &first, "2020-01-01");
    let of_name = "SELECT organisation_id FROM organisation WHERE name LIKE ";
    let id = one(folder, &format!("{of_name}'Quux%'"));
    let out = redact(folder, &["--text", "Quuxberg Muster", "--apply"]);
    assert!(
        out.contains("2 ids of operations and organisations"),
        "{out}"
    );
    let given = one(folder, &format!("{of_name}'[redacted]%'"));
    assert_ne!(given, id);
    all_releases_are_whole(folder);

    // Another list that names it, in another spelling.
    fs::write(
        folder.join("other.csv"),
        format!("{HEADER}QUUXBERG MUSTER GmbH;Beratung;7.000,50\n"),
    )
    .unwrap();
    let other = ["ingest", "--from", "other.csv", "--as", "other_list"];
    let (code, out, err) = esf(folder, &other);
    assert_eq!(code, 0, "{out}{err}");
    ingest(folder, &first.replace("2.000", "3.000"), "2021-01-01");
    for (table, n) in [("organisation_name", "2"), ("operation_organisation", "2")] {
        for (id, n) in [(&given, n), (&id, "0")] {
            let count = format!("SELECT count(*) FROM {table} WHERE organisation_id = '{id}'");
            assert_eq!(one(folder, &count), n, "{count}");
        }
    }
    nothing_holds_the_name(folder);
}

#[test]
fn a_name_in_file_names_and_reasons_of_later_nights_is_masked() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    redact(folder, &["--text", "Quuxberg Muster", "--apply"]);
    publish(folder, "a", "quuxberg_muster_2020-02-01", 4, 1000);
    night_ends(folder, &[], 4);
    let accept = ["--accept", "de_xx_a=Quuxberg Muster confirmed it"];
    night_ends(folder, &accept, 0);
    let names = "SELECT file_name FROM source_file WHERE file_name LIKE '%2020-02%'";
    assert_eq!(one(folder, names), "a_[redacted]_2020-02-01.csv");
    nothing_holds_the_name(folder);
    let newest = newest_document(folder);
    assert!(newest.contains("[redacted] confirmed it"), "{newest}");
}

#[test]
fn a_fetched_file_that_is_kept_out_is_read_again_where_it_has_to_be() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    let list = folder.join("list.csv");
    fs::rename(file(folder, "a", "2020-01-01"), &list).unwrap();
    rewrite(&list, |text| {
        text.replace("Verein 7 e.V.", "Quuxberg Muster e.V.")
    });
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        let address = list.display();
        format!("{declared}[fetch]\nurl = \"file://{address}\"\nfile_name = \"a_2020-01-01.csv\"\n")
    });
    asking(folder, &[], 0);
    redact(folder, &["--text", "Quuxberg Muster", "--apply"]);
    // The night after it derives the list again, and the next ones have no need of the file.
    asking(folder, &[], 0);
    let printed = asking(folder, &[], 0);
    assert!(printed.contains("nothing has changed since"), "{printed}");
    let remembered = fs::read_to_string(folder.join("w/fetched.json")).unwrap();
    assert!(remembered.contains("de_xx_a"), "{remembered}");
    nothing_holds_the_name(folder);
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        declared.replace("2014-2020", "2007-2013")
    });
    asking(folder, &[], 0);
    let periods = "SELECT DISTINCT period FROM operation";
    assert_eq!(rows(folder, periods), ["2007-2013"]);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    nothing_holds_the_name(folder);
}

#[test]
fn what_is_declared_anew_counts_when_bytes_that_were_taken_away_are_there_again() {
    let temporary = published(&["a", "b"]);
    let folder = temporary.path();
    let list = file(folder, "a", "2020-01-01");
    rewrite(&list, |text| {
        text.replace("Verein 7 e.V.", "Quuxberg Muster e.V.")
    });
    night_ends(folder, &[], 0);
    redact(folder, &["--text", "Quuxberg Muster", "--apply"]);
    let aside = folder.join("aside.csv");
    fs::rename(&list, &aside).unwrap();
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        declared.replace("2014-2020", "2007-2013")
    });
    let periods = "SELECT DISTINCT period FROM operation WHERE source_id = 'de_xx_a'";
    for _ in 0..2 {
        night_ends(folder, &[], 0);
        assert_eq!(rows(folder, periods), ["2014-2020"]);
    }
    fs::rename(&aside, &list).unwrap();
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, periods), ["2007-2013"]);
    nothing_holds_the_name(folder);
}

#[test]
fn the_name_of_a_source_stays_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("list.csv"), format!("{HEADER}{NAMED}{OTHER}")).unwrap();
    let named = ["ingest", "--from", "list.csv", "--as", "quuxberg_muster"];
    let (code, out, err) = esf(folder, &named);
    assert_eq!(code, 0, "{out}{err}");
    let out = redact(folder, &["--text", "Quuxberg Muster", "--apply"]);
    let (_, stays) = out.split_once("names of sources or lists").unwrap();
    assert!(stays.contains("\n  [redacted]\n"), "{out}");
    assert!(!out.to_lowercase().contains("quuxberg"), "{out}");
    // Its rows are found by it, now and when they can no more be derived.
    let count = "SELECT count(*) FROM operation WHERE source_id = 'quuxberg_muster'";
    assert_eq!(one(folder, count), "2");
    let (code, out, err) = esf(folder, &["nightly", "--full", "--offline"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(one(folder, count), "2");
}

#[test]
fn tables_of_code_lists_are_masked_by_later_runs_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = format!("{HEADER}{OTHER}");
    ingest(folder, &first, "2020-01-01");
    let count = "SELECT count(*) FROM code WHERE label_en = 'Just Transition Fund'";
    assert_eq!(one(folder, count), "1");
    redact(folder, &["--text", "Just Transition Fund", "--apply"]);
    assert_eq!(one(folder, count), "0");
    ingest(folder, &first.replace("2.000", "3.000"), "2021-01-01");
    assert_eq!(one(folder, count), "0");
    let (code, _, err) = run(folder, &["verify", "--warehouse", "w"]);
    assert_eq!(code, 0, "{err}");
}
