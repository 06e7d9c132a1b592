//! Damaged files: each is told by file, place and next step, costs nothing but its own source, and leaves what that
//! source published before.
//!
//! All of them are damaged in the same runs, each the file of a source of its own: what holds of a file beside all others
//! that are damaged holds of it alone. One run is into an empty warehouse, one into a warehouse that holds the whole files.

mod damage;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Bundled sources whose samples are damaged, by their folders.
const CSV: &str = "de_be_senwi_esf_2014_2020";
const JSON: &str = "de_be_senwi_esf_2007_2013";
const XLSX: &str = "de_bw_sm_esf_2014_2020_xlsx";
const XLS: &str = "de_th_tmasgff_esf_2014_2020";

/// The source beside them whose file is whole, and the bundled source that it is made of.
const GOOD: &str = "made_good";
const GOOD_SAMPLE: &str = "de_he_hmsi_esf_2007_2013";

/// A source, the bundled one that it is made of, and what becomes of its file.
type Damage = (&'static str, &'static str, fn(&[u8]) -> Vec<u8>);

const DAMAGES: [Damage; 16] = [
    ("made_encrypted_xlsx", XLSX, |_| {
        damage::encrypted_workbook()
    }),
    ("made_encrypted_xls", XLS, |_| damage::encrypted_workbook()),
    ("made_truncated_xlsx", XLSX, |whole| part(whole, 2, 4)),
    ("made_truncated_xls", XLS, |whole| part(whole, 2, 4)),
    ("made_umlauts", CSV, |whole| {
        let text = text(whole).replace(['ä', 'ö', 'ü', 'ß'], "\u{FFFD}");
        text.into_bytes()
    }),
    ("made_error_page", CSV, |_| {
        b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>\
          <body><h1>Service Unavailable</h1></body></html>\n"
            .to_vec()
    }),
    ("made_no_data", JSON, |_| {
        br#"{"error": {"code": 429, "message": "Too many requests"}}"#.to_vec()
    }),
    ("made_truncated_json", JSON, |whole| part(whole, 3, 4)),
    ("made_empty_csv", CSV, |_| Vec::new()),
    ("made_empty_xlsx", XLSX, |_| Vec::new()),
    ("made_renamed_column", CSV, |whole| {
        let text = text(whole).replacen("Kofinanzierungssatz", "Quote der Beteiligung", 1);
        text.into_bytes()
    }),
    // Amounts are what the list is for.
    ("made_vanished_column", CSV, |whole| {
        damage::without_column(text(whole), 5).into_bytes()
    }),
    ("made_giant_cell", CSV, |whole| {
        let giant = "x".repeat(2 << 20);
        format!("{}\"{giant}\",\"a\"\n", text(whole)).into_bytes()
    }),
    ("made_open_quote", CSV, |whole| {
        format!("{}\"Muster gGmbH,Beruf\n", text(whole)).into_bytes()
    }),
    ("made_zero_byte", CSV, |whole| {
        let mut damaged = whole.to_vec();
        let middle = damaged.iter().rposition(|b| *b == b'.').unwrap();
        damaged[middle] = 0;
        damaged
    }),
    ("made_encoding", CSV, |whole| damage::latin(text(whole))),
];

/// Claims that cost nothing and harm nothing: what stands outside of the table is left out.
const CLAIMS: [Damage; 2] = [
    ("made_far_cell", XLSX, damage::far_cell),
    ("made_large_claim", XLSX, damage::large_claim),
];

/// The first parts of some bytes.
fn part(whole: &[u8], parts: usize, of: usize) -> Vec<u8> {
    whole[..whole.len() * parts / of].to_vec()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Folders for sources, their files and warehouses.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mirror")).unwrap();
        Self { folder }
    }

    /// Makes a source of a bundled one under a name and a list of its own, without its range of rows, which is that of
    /// real files; gives the name of its file and the bytes of its sample.
    fn source(&self, source: &str, bundled: &str) -> (String, Vec<u8>) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("pipelines/sources")
            .join(bundled);
        let folder = self.folder.path().join("sources").join(source);
        fs::create_dir_all(&folder).unwrap();
        let mapping = from.join("mapping.toml");
        if mapping.exists() {
            fs::copy(mapping, folder.join("mapping.toml")).unwrap();
        }
        let sample = sample(&from);
        let ending = sample.extension().unwrap().to_string_lossy().into_owned();
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
        (format!("{source}.{ending}"), fs::read(sample).unwrap())
    }

    fn put(&self, file: &str, bytes: &[u8]) {
        fs::write(self.folder.path().join("mirror").join(file), bytes).unwrap();
    }

    /// The good source and its file.
    fn put_good(&self) {
        let (file, bytes) = self.source(GOOD, GOOD_SAMPLE);
        self.put(&file, &bytes);
    }

    /// The command in this folder, untouched by the settings of whoever runs the tests.
    fn command(&self, warehouse: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_esf"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .args(arguments)
            .args(["--warehouse", warehouse]);
        command
    }

    fn esf(&self, warehouse: &str, arguments: &[&str]) -> (i32, String) {
        let output = self
            .command(warehouse, arguments)
            .env("ESF_SOURCES", "sources")
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code().expect("no signal ended it"),
            String::from_utf8(said).expect("the command prints UTF-8"),
        )
    }

    /// Takes in all files.
    fn ingest(&self, warehouse: &str) -> Run {
        let (code, said) = self.esf(warehouse, &["ingest", "--mirror", "mirror"]);
        let operations = self.operations(warehouse);
        Run {
            code,
            said,
            operations,
        }
    }

    /// Operations in the newest release, by source.
    fn operations(&self, warehouse: &str) -> BTreeMap<String, usize> {
        let sql = "SELECT source_id, count(*) AS n FROM operation GROUP BY source_id";
        let (code, said) = self.esf(warehouse, &["sql", sql, "--format", "csv"]);
        assert_eq!(code, 0, "{said}");
        let rows = said.lines().skip(1);
        let row = |row: &str| {
            let (source, n) = row.split_once(',').expect("two columns");
            (source.to_owned(), n.parse().unwrap())
        };
        rows.map(row).collect()
    }
}

fn sample(bundled: &Path) -> PathBuf {
    let is_made = |path: &PathBuf| {
        let name = path.file_name().unwrap();
        name.to_string_lossy().starts_with("synthetic")
    };
    fs::read_dir(bundled.join("sample"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(is_made)
        .expect("the source has a sample")
}

/// What a run said, and the operations that the newest release then has, by source.
struct Run {
    code: i32,
    said: String,
    operations: BTreeMap<String, usize>,
}

impl Run {
    /// The line about a source in this state.
    fn line(&self, source: &str, state: &str) -> &str {
        let begin = format!("{source} ({state}): ");
        let mut lines = self.said.lines();
        lines
            .find(|line| line.starts_with(&begin))
            .unwrap_or_else(|| panic!("no line begins with {begin:?}: {}", self.said))
    }
}

/// What became of all damaged files.
struct Damaged {
    /// The run before it, with whole files.
    whole: Run,
    /// The damaged files into an empty warehouse.
    first: Run,
    /// The damaged files into the warehouse with the whole ones.
    later: Run,
}

static DAMAGED: LazyLock<Damaged> = LazyLock::new(|| {
    let place = Place::new();
    place.put_good();
    let mut number = 0;
    let files = DAMAGES.map(|(source, bundled, damage)| {
        let (file, sample) = place.source(source, bundled);
        number += 1;
        let whole = damage::numbered(&sample, number);
        place.put(&file, &whole);
        let damaged = damage(&whole);
        assert!(damaged != whole, "{source} is damaged");
        (file, damaged)
    });
    let whole = place.ingest("kept");
    assert_eq!(whole.code, 0, "{}", whole.said);
    for (file, damaged) in files {
        place.put(&file, &damaged);
    }
    thread::scope(|scope| {
        let first = scope.spawn(|| place.ingest("empty"));
        let later = place.ingest("kept");
        let first = first.join().expect("it tells of no damage");
        Damaged {
            whole,
            first,
            later,
        }
    })
});

/// What became of the files that claim too much.
static CLAIMED: LazyLock<(Run, Duration)> = LazyLock::new(|| {
    let place = Place::new();
    place.put_good();
    for (source, bundled, claim) in CLAIMS {
        let (file, whole) = place.source(source, bundled);
        place.put(&file, &claim(&whole));
    }
    let begun = Instant::now();
    let run = place.ingest("claimed");
    (run, begun.elapsed())
});

/// `expected` are the words of the message besides the file: what is wrong, where, and what to do.
fn tells(source: &str, expected: &[&str]) {
    let Damaged {
        whole,
        first,
        later,
    } = &*DAMAGED;
    for (run, state) in [(first, "left out"), (later, "held")] {
        assert_eq!(run.code, 4, "{}", run.said);
        let line = run.line(source, state);
        for words in [&*format!("{source}.")].iter().chain(expected) {
            assert!(line.contains(words), "{words:?} is not in: {line}");
        }
        assert!(line.len() < 5_000, "a message is no dump of the file");
        assert_eq!(
            run.operations[GOOD], whole.operations[GOOD],
            "the source beside it is loaded"
        );
    }
    assert!(
        !first.operations.contains_key(source),
        "nothing of a damaged file is loaded"
    );
    assert_eq!(
        later.operations[source], whole.operations[source],
        "what was published before stays"
    );
}

#[test]
fn sources_by_flag() {
    // The tests below name their folder of sources in the environment; the flag means the same.
    let place = Place::new();
    place.put_good();
    let arguments = ["ingest", "--mirror", "mirror", "--sources", "sources"];
    let output = place.command("flagged", &arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let operations = place.operations("flagged");
    assert_eq!(operations[GOOD], DAMAGED.whole.operations[GOOD]);
}

#[test]
fn every_damage_is_told() {
    let Damaged {
        whole,
        first,
        later,
    } = &*DAMAGED;
    assert!(whole.operations.values().all(|n| *n > 0));
    assert_eq!(whole.operations.len(), 1 + DAMAGES.len());
    assert_eq!(later.operations, whole.operations);
    assert_eq!(first.operations.len(), 1);
}

#[test]
fn encrypted_workbook() {
    tells("made_encrypted_xlsx", &["encrypted", "ask the publisher"]);
}

#[test]
fn encrypted_workbook_named_xls() {
    tells("made_encrypted_xls", &["encrypted", "ask the publisher"]);
}

#[test]
fn truncated_workbook() {
    tells("made_truncated_xlsx", &["truncated", "fetch it again"]);
}

#[test]
fn truncated_binary_workbook() {
    tells("made_truncated_xls", &["truncated", "fetch it again"]);
}

#[test]
fn destroyed_umlauts() {
    tells("made_umlauts", &["line ", "destroyed", "U+FFFD", "ask for"]);
}

#[test]
fn error_page_saved_as_csv() {
    tells(
        "made_error_page",
        &["HTML", "look at what the address delivers"],
    );
}

#[test]
fn json_that_is_not_data() {
    tells(
        "made_no_data",
        &[
            "expected an array of objects",
            "look at what the address delivers",
        ],
    );
}

#[test]
fn json_cut_off() {
    tells(
        "made_truncated_json",
        &["no JSON", "byte ", "fetch it again"],
    );
}

#[test]
fn empty_file() {
    tells("made_empty_csv", &["empty", "fetch it again"]);
}

#[test]
fn empty_workbook() {
    tells("made_empty_xlsx", &["empty", "fetch it again"]);
}

#[test]
fn renamed_column() {
    tells(
        "made_renamed_column",
        &["Quote der Beteiligung", "[columns]", "mapping.toml"],
    );
}

#[test]
fn vanished_column() {
    tells("made_vanished_column", &["is gone", "mapping.toml"]);
}

/// A claim costs nothing and harms nothing.
fn only_claimed(source: &str) {
    let (run, took) = &*CLAIMED;
    assert_eq!(run.code, 0, "{}", run.said);
    assert!(*took < Duration::from_secs(30), "it took {took:?}");
    // Its rows are those of the sample that others damage.
    let whole = DAMAGED.whole.operations["made_empty_xlsx"];
    assert_eq!(run.operations[source], whole);
}

#[test]
fn workbook_with_a_cell_in_its_farthest_corner() {
    only_claimed("made_far_cell");
}

#[test]
fn workbook_that_says_it_holds_seventeen_billion_cells() {
    only_claimed("made_large_claim");
}

#[test]
fn giant_cell() {
    tells(
        "made_giant_cell",
        &["line ", "more than 1048576 bytes", "unclosed quote or tag"],
    );
}

#[test]
fn quote_that_is_never_closed() {
    tells(
        "made_open_quote",
        &["line ", "never closed", "mend the quotes"],
    );
}

#[test]
fn zero_byte() {
    tells(
        "made_zero_byte",
        &["line ", "zero byte", "declare encoding"],
    );
}

#[test]
fn wrong_encoding() {
    tells("made_encoding", &["line ", "is no utf-8", "encoding"]);
}
