//! Made lists: the sources that declare them, the files that are published of them, and the nights that read those.
//!
//! Owns the set-up that tests of runs share. All of it lies in one folder: declarations in `sources`, downloaded files in
//! `mirror`, the warehouse in `w`, and the report of a night that is asked for one in `out`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::{run, said};

/// Operations by source.
pub(super) const COUNTS: &str = "SELECT source_id, count(*) FROM operation GROUP BY 1 ORDER BY 1";
/// All amounts together, in whole euro.
pub(super) const TOTAL: &str = "SELECT CAST(sum(amount) AS BIGINT) FROM operation_amount";

const SOURCE: &str = "title = \"Made list\"\npublisher = \"Musterministerium\"\nkind = \"operations\"\n\
    files = [\"NAME_*.csv\"]\nlist_id = \"NAME\"\ncountry = \"DE\"\nperiod = \"2014-2020\"\nfund = \"ESF\"\n\
    identity = [\"beneficiary_name\", \"title\", \"start_date\"]\n\
    [published_date]\nfile_name = '_(\\d{4}-\\d{2}-\\d{2})'\n\
    [format]\nkind = \"csv\"\nencoding = \"utf-8\"\ndelimiter = \";\"\n";
const MAPPING: &str = "[conventions]\nnumbers = \"1.234,56\"\ndates = [\"dd.mm.yyyy\"]\n";

/// Declares a list whose files say in their names when they were published.
pub(super) fn declare(folder: &Path, name: &str) {
    let source = declaration(folder, name, "source.toml");
    fs::create_dir_all(source.parent().unwrap()).unwrap();
    fs::write(source, SOURCE.replace("NAME", name)).unwrap();
    fs::write(declaration(folder, name, "mapping.toml"), MAPPING).unwrap();
}

/// Declares a list whose files do not say when they were published.
pub(super) fn declare_undated(folder: &Path, name: &str) {
    declare(folder, name);
    let dated = "[published_date]\nfile_name = '_(\\d{4}-\\d{2}-\\d{2})'\n";
    rewrite(&declaration(folder, name, "source.toml"), |declared| {
        assert!(declared.contains(dated), "{declared}");
        declared.replace(dated, "")
    });
}

/// A file of the declarations of a list.
pub(super) fn declaration(folder: &Path, name: &str, file: &str) -> PathBuf {
    folder.join(format!("sources/de_xx_{name}/{file}"))
}

/// The file of a list that was published on a day.
pub(super) fn file(folder: &Path, name: &str, day: &str) -> PathBuf {
    folder.join(format!("mirror/{name}_{day}.csv"))
}

/// Writes a file anew with what becomes of its text.
pub(super) fn rewrite(path: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, change(text)).unwrap();
}

/// Publishes a list as it is given, beside all others.
pub(super) fn publish_text(folder: &Path, name: &str, day: &str, text: &str) {
    fs::create_dir_all(folder.join("mirror")).unwrap();
    fs::write(file(folder, name, day), text).unwrap();
}

/// A list of so many rows with this amount each, in place of the one before. No two lists have a row in common.
pub(super) fn publish(folder: &Path, name: &str, day: &str, rows: usize, euro: usize) {
    let before = format!("{name}_");
    for entry in fs::read_dir(folder.join("mirror")).into_iter().flatten() {
        let path = entry.unwrap().path();
        let published = path.file_name().unwrap().to_string_lossy();
        if published.starts_with(&before) {
            fs::remove_file(&path).unwrap();
        }
    }
    let header = "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Gesamtausgaben in EUR";
    let mut lines = vec![header.to_owned()];
    for row in 0..rows {
        lines.push(format!(
            "Verein {row} e.V.;Vorhaben {name} {row};01.02.2016;31.12.2017;{euro},00"
        ));
    }
    publish_text(folder, name, day, &(lines.join("\n") + "\n"));
}

/// Makes the amount of the first row of a list unreadable.
pub(super) fn spoil(folder: &Path, name: &str, day: &str) {
    rewrite(&file(folder, name, day), |text| {
        text.replacen("1000,00", "1.000.00,0", 1)
    });
}

/// A folder in which each of these lists is published for the first time.
pub(super) fn published(names: &[&str]) -> TempDir {
    let temporary = tempfile::tempdir().unwrap();
    for name in names {
        declare(temporary.path(), name);
        publish(temporary.path(), name, "2020-01-01", 40, 1000);
    }
    temporary
}

/// A folder in which each of these lists is published for the first time, and a night has read them.
pub(super) fn loaded(names: &[&str]) -> TempDir {
    let temporary = published(names);
    night_ends(temporary.path(), &[], 0);
    temporary
}

/// A command over the declared sources and a folder of downloaded files.
pub(super) fn over<'a>(command: &'a str, mirror: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let all = [
        command,
        "--warehouse",
        "w",
        "--sources",
        "sources",
        "--mirror",
        mirror,
    ];
    [&all[..], more].concat()
}

/// A night; gives its exit code and what it printed.
pub(super) fn night(folder: &Path, more: &[&str]) -> (i32, String) {
    said(folder, &over("nightly", "mirror", more))
}

/// A night that is to end with this exit code; gives what it printed.
#[track_caller]
pub(super) fn night_ends(folder: &Path, more: &[&str], expected: i32) -> String {
    let (code, printed) = night(folder, more);
    assert_eq!(code, expected, "{more:?}: {printed}");
    printed
}

/// A night with nothing new since this release; gives what it printed.
#[track_caller]
pub(super) fn stays(folder: &Path, more: &[&str], release: u64) -> String {
    let printed = night_ends(folder, more, 0);
    let same = format!("nothing has changed since release {release} ");
    assert!(printed.contains(&same), "{printed}");
    printed
}

/// Tries a source on one of its files, as somebody does before a night.
pub(super) fn check(folder: &Path, name: &str, day: &str) -> (i32, String) {
    let source = format!("de_xx_{name}");
    let file = format!("mirror/{name}_{day}.csv");
    said(
        folder,
        &["source", "check", &source, &file, "--sources", "sources"],
    )
}

/// Ingests a file that nobody declared, as the list `made_list`.
pub(super) fn ingest(folder: &Path, file: &str, bytes: &[u8], more: &[&str]) -> (i32, String) {
    fs::write(folder.join(file), bytes).unwrap();
    let all = [
        "ingest",
        "--warehouse",
        "w",
        "--from",
        file,
        "--as",
        "made_list",
    ];
    said(folder, &[&all[..], more].concat())
}

/// The rows of an answer that everybody may have, a line each.
pub(super) fn rows(folder: &Path, query: &str) -> Vec<String> {
    answer(folder, query, "public")
}

/// The rows of an answer as CSV, without its header.
pub(super) fn answer(folder: &Path, query: &str, access: &str) -> Vec<String> {
    let arguments = [
        "sql",
        query,
        "--access",
        access,
        "--warehouse",
        "w",
        "--format",
        "csv",
    ];
    let (code, out, err) = run(folder, &arguments);
    assert_eq!(code, 0, "{query}: {err}");
    out.lines().skip(1).map(str::to_owned).collect()
}

/// What `esf status` says of the sources, as CSV.
pub(super) fn status(folder: &Path) -> String {
    let (code, out, err) = run(folder, &["status", "--warehouse", "w", "--format", "csv"]);
    assert_eq!(code, 0, "{err}");
    out
}

/// The report of the night that was asked for one.
pub(super) fn report(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("out/report.json")).unwrap()).unwrap()
}

/// The document of the newest release.
pub(super) fn newest_document(folder: &Path) -> String {
    let documents = fs::read_dir(folder.join("w/releases")).unwrap();
    let newest = documents.map(|entry| entry.unwrap().path()).max();
    fs::read_to_string(newest.unwrap()).unwrap()
}
