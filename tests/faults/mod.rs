//! Damaged files: each is told by file, place and next step, costs nothing but its own source, and leaves what that
//! source published before.

mod damage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The source that is damaged, and the one beside it that is not, by their bundled folders.
const GOOD: &str = "de_he_hmsi_esf_2007_2013";
const CSV: &str = "de_be_senwi_esf_2014_2020";
const JSON: &str = "de_be_senwi_esf_2007_2013";
const XLSX: &str = "de_bw_sm_esf_2014_2020_xlsx";
const XLS: &str = "de_th_tmasgff_esf_2014_2020";

/// A temporary folder with sources made of bundled ones, a mirror and a warehouse.
struct Place {
    folder: TempDir,
    good: Sample,
    bad: Sample,
}

/// A sample of a bundled source under a name of its own: the bundled ranges of rows are those of real files.
struct Sample {
    source: String,
    file: String,
    bytes: Vec<u8>,
    rows: usize,
}

impl Sample {
    fn of(bundled: &str, sources: &Path) -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("pipelines/sources")
            .join(bundled);
        let source = format!("made_{bundled}");
        let folder = sources.join(&source);
        fs::create_dir_all(&folder).unwrap();
        let mapping = from.join("mapping.toml");
        if mapping.exists() {
            fs::copy(mapping, folder.join("mapping.toml")).unwrap();
        }
        let sample = fs::read_dir(from.join("sample"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| {
                path.file_name()
                    .unwrap()
                    .to_string_lossy()
                    .starts_with("synthetic")
            })
            .expect("the source has a sample");
        let ending = sample.extension().unwrap().to_string_lossy().into_owned();
        let file = format!("{source}.{ending}");
        let toml: String = fs::read_to_string(from.join("source.toml"))
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with("expected_rows"))
            .map(|line| {
                if line.starts_with("files") {
                    format!("files = [\"{source}*.{ending}\"]\n")
                } else if line.starts_with("list_id") {
                    format!("list_id = \"{source}\"\n")
                } else {
                    format!("{line}\n")
                }
            })
            .collect();
        fs::write(folder.join("source.toml"), toml).unwrap();
        Self {
            source,
            file,
            bytes: fs::read(sample).unwrap(),
            rows: 0,
        }
    }
}

impl Place {
    /// The good source, and a bad one whose file is not there yet.
    fn new(bundled: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sources = folder.path().join("sources");
        let (good, bad) = (Sample::of(GOOD, &sources), Sample::of(bundled, &sources));
        let mut place = Self { folder, good, bad };
        fs::create_dir_all(place.mirror()).unwrap();
        fs::write(place.mirror().join(&place.good.file), &place.good.bytes).unwrap();
        // What both give when nothing is wrong with them.
        place.put(&place.bad.bytes.clone());
        let (code, said) = place.ingest("whole");
        assert_eq!(code, 0, "{said}");
        place.good.rows = place.operations("whole", &place.good.source);
        place.bad.rows = place.operations("whole", &place.bad.source);
        assert!(place.good.rows > 0 && place.bad.rows > 0);
        place
    }

    fn mirror(&self) -> PathBuf {
        self.folder.path().join("mirror")
    }

    fn put(&self, bytes: &[u8]) {
        fs::write(self.mirror().join(&self.bad.file), bytes).unwrap();
    }

    fn esf(&self, warehouse: &str, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_esf"))
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("ESF_SOURCES", "sources")
            .args(arguments)
            .args(["--warehouse", warehouse])
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code().expect("no signal ended it"),
            String::from_utf8(said).expect("the command prints UTF-8"),
        )
    }

    fn ingest(&self, warehouse: &str) -> (i32, String) {
        self.esf(warehouse, &["ingest", "--mirror", "mirror"])
    }

    /// Operations of a source in the newest release.
    fn operations(&self, warehouse: &str, source: &str) -> usize {
        let sql = format!("SELECT count(*) FROM operation WHERE source_id = '{source}'");
        let (code, said) = self.esf(warehouse, &["sql", &sql, "--format", "csv"]);
        assert_eq!(code, 0, "{said}");
        said.lines().nth(1).unwrap().parse().unwrap()
    }

    /// Ingests damaged bytes into an empty warehouse and into one that holds the whole file.
    ///
    /// `expected` are the words of the message besides the file: what is wrong, where, and what to do.
    fn tells(&self, bytes: &[u8], expected: &[&str]) {
        assert!(bytes != self.bad.bytes, "the file is damaged");
        self.put(bytes);
        for warehouse in ["empty", "whole"] {
            let (code, said) = self.ingest(warehouse);
            assert_eq!(code, 4, "{warehouse}: {said}");
            for words in [self.bad.file.as_str()].iter().chain(expected) {
                assert!(
                    said.contains(words),
                    "{warehouse}: {words:?} is not in: {said}"
                );
            }
            assert!(
                said.len() < 5_000,
                "{warehouse}: a message is no dump of the file"
            );
            assert_eq!(
                self.operations(warehouse, &self.good.source),
                self.good.rows,
                "{warehouse}: the source beside it is loaded"
            );
        }
        assert_eq!(
            self.operations("empty", &self.bad.source),
            0,
            "nothing of a damaged file is loaded"
        );
        assert_eq!(
            self.operations("whole", &self.bad.source),
            self.bad.rows,
            "what was published before stays"
        );
    }

    fn text(&self) -> String {
        String::from_utf8(self.bad.bytes.clone()).unwrap()
    }
}

#[test]
fn sources_by_flag() {
    // The tests below name their folder of sources in the environment; the flag means the same.
    let place = Place::new(CSV);
    let arguments = ["ingest", "--mirror", "mirror", "--sources", "sources"];
    let output = Command::new(env!("CARGO_BIN_EXE_esf"))
        .current_dir(place.folder.path())
        .env_clear()
        .args(arguments)
        .args(["--warehouse", "flagged"])
        .output()
        .unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        place.operations("flagged", &place.bad.source),
        place.bad.rows
    );
}

#[test]
fn encrypted_workbook() {
    Place::new(XLSX).tells(
        &damage::encrypted_workbook(),
        &["encrypted", "ask the publisher"],
    );
}

#[test]
fn encrypted_workbook_named_xls() {
    Place::new(XLS).tells(
        &damage::encrypted_workbook(),
        &["encrypted", "ask the publisher"],
    );
}

#[test]
fn truncated_workbook() {
    let place = Place::new(XLSX);
    let half = place.bad.bytes.len() / 2;
    place.tells(&place.bad.bytes[..half], &["truncated", "fetch it again"]);
}

#[test]
fn truncated_binary_workbook() {
    let place = Place::new(XLS);
    let half = place.bad.bytes.len() / 2;
    place.tells(&place.bad.bytes[..half], &["truncated", "fetch it again"]);
}

#[test]
fn destroyed_umlauts() {
    let place = Place::new(CSV);
    let damaged = place.text().replace(['ä', 'ö', 'ü', 'ß'], "\u{FFFD}");
    place.tells(
        damaged.as_bytes(),
        &["line ", "destroyed", "U+FFFD", "ask for"],
    );
}

#[test]
fn error_page_saved_as_csv() {
    let page = "<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>\
                <body><h1>Service Unavailable</h1></body></html>\n";
    Place::new(CSV).tells(
        page.as_bytes(),
        &["HTML", "look at what the address delivers"],
    );
}

#[test]
fn json_that_is_not_data() {
    Place::new(JSON).tells(
        br#"{"error": {"code": 429, "message": "Too many requests"}}"#,
        &[
            "expected an array of objects",
            "look at what the address delivers",
        ],
    );
}

#[test]
fn json_cut_off() {
    let place = Place::new(JSON);
    let most = place.bad.bytes.len() * 3 / 4;
    place.tells(
        &place.bad.bytes[..most],
        &["no JSON", "byte ", "fetch it again"],
    );
}

#[test]
fn empty_file() {
    Place::new(CSV).tells(b"", &["empty", "fetch it again"]);
}

#[test]
fn empty_workbook() {
    Place::new(XLSX).tells(b"", &["empty", "fetch it again"]);
}

#[test]
fn renamed_column() {
    let place = Place::new(CSV);
    let damaged = place
        .text()
        .replacen("Kofinanzierungssatz", "Quote der Beteiligung", 1);
    place.tells(
        damaged.as_bytes(),
        &["Quote der Beteiligung", "[columns]", "mapping.toml"],
    );
}

#[test]
fn vanished_column() {
    let place = Place::new(CSV);
    // Amounts are what the list is for.
    let damaged = damage::without_column(&place.text(), 5);
    place.tells(damaged.as_bytes(), &["is gone", "mapping.toml"]);
}

/// A claim costs nothing and harms nothing: what stands outside of the table is left out.
fn only_claimed(damage: impl Fn(&[u8]) -> Vec<u8>) {
    let place = Place::new(XLSX);
    place.put(&damage(&place.bad.bytes));
    let begun = Instant::now();
    let (code, said) = place.ingest("claimed");
    assert_eq!(code, 0, "{said}");
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(30), "it took {took:?}");
    assert_eq!(
        place.operations("claimed", &place.bad.source),
        place.bad.rows
    );
}

#[test]
fn workbook_with_a_cell_in_its_farthest_corner() {
    only_claimed(damage::far_cell);
}

#[test]
fn workbook_that_says_it_holds_seventeen_billion_cells() {
    only_claimed(damage::large_claim);
}

#[test]
fn giant_cell() {
    let place = Place::new(CSV);
    let giant = "x".repeat(2 << 20);
    let damaged = format!("{}\"{giant}\",\"a\"\n", place.text());
    place.tells(
        damaged.as_bytes(),
        &["line ", "more than 1048576 bytes", "limits.max_cell_bytes"],
    );
}

#[test]
fn quote_that_is_never_closed() {
    let place = Place::new(CSV);
    let damaged = format!("{}\"Muster gGmbH,Beruf\n", place.text());
    place.tells(
        damaged.as_bytes(),
        &["line ", "never closed", "mend the quotes"],
    );
}

#[test]
fn zero_byte() {
    let place = Place::new(CSV);
    let mut damaged = place.bad.bytes.clone();
    let middle = damaged.iter().rposition(|b| *b == b'.').unwrap();
    damaged[middle] = 0;
    place.tells(&damaged, &["line ", "zero byte", "declare encoding"]);
}

#[test]
fn wrong_encoding() {
    let place = Place::new(CSV);
    let damaged = damage::latin(&place.text());
    place.tells(&damaged, &["line ", "is no utf-8", "encoding"]);
}
