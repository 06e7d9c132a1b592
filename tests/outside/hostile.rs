//! Files that are made to hurt (see `hostile.py`), each told by name at a bounded cost, and never at the cost of another
//! source.
//!
//! `alone` gives each file a process of its own and holds it to its time and memory; `night` puts a whole family into
//! one mirror beside two sound sources, as a publisher's bad day does. A build without optimisation takes seconds for a
//! sound file, so there only the nights are run. Linux only: memory is read from `/proc`.

mod process;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use libtest_mimic::Trial;
use serde::Deserialize;

use self::process::{Ended, run};
use crate::command::{esf, is_slow};
use crate::world::{folder, text};
use crate::{python, trial};

/// Families made one by one, and those of sound files with damage, of which there are hundreds.
const MADE: [&str; 9] = [
    "xlsx",
    "ods",
    "xls",
    "zip",
    "delimited",
    "json",
    "html",
    "encrypted",
    "disguise",
];
const DAMAGE: [&str; 2] = ["truncated", "damaged"];

const SEED: &str = "4";

/// What a file may cost.
const TIME: Duration = Duration::from_secs(10);
const MEMORY: u64 = 512 << 20;

/// A night reads so many files at once, and holds each so many times: in its reader, not on the way and not in our process. Of
/// small files that is nothing, of the largest ones here it is most of what a night takes.
const AT_ONCE: u64 = 2;
const COPIES: u64 = 1;

/// A run that takes longer is ended. A night may take as long as all its files may together, but no longer than this.
const LONGEST: Duration = Duration::from_mins(1);
const LONGEST_NIGHT: Duration = Duration::from_mins(15);

/// A message is no dump of the file.
const LONGEST_MESSAGE: usize = 8_000;

pub(crate) fn trials() -> Vec<Trial> {
    let absent = python::program("python3").is_none() || !cfg!(target_os = "linux");
    let slow = is_slow();
    let alone = MADE.into_iter().map(move |family| {
        trial(format!("hostile::alone::{family}"), move || alone(family))
            .with_ignored_flag(absent || slow)
    });
    let nights = MADE.into_iter().chain(DAMAGE).map(move |family| {
        // Its files of 200 MB take minutes in a build without optimisation.
        let too_long = slow && family == "delimited";
        trial(format!("hostile::night::{family}"), move || night(family))
            .with_ignored_flag(absent || too_long)
    });
    let earlier = trial(
        "hostile::what_was_published_stays",
        what_was_published_stays,
    )
    .with_ignored_flag(absent);
    alone.chain(nights).chain([earlier]).collect()
}

/// A file of the manifest.
#[derive(Deserialize)]
struct Bad {
    file: String,
    wrong: String,
    answer: Answer,
    /// Operations of the file, where it is loaded.
    rows: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Refused,
    LoadedWithFindings,
    Either,
}

impl Bad {
    /// The name without its folder.
    fn name(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or(&self.file)
    }
}

/// The files of one family, gone with this value: some families take a GB.
struct Corpus {
    folder: PathBuf,
    files: Vec<Bad>,
}

impl Corpus {
    fn make(use_of_it: &str, family: &str) -> Self {
        let folder = folder(&format!("hostile_{use_of_it}_{family}"));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/hostile.py");
        let out = folder.join("corpus");
        let output = Command::new(python::program("python3").expect("it is installed"))
            .arg(script)
            .arg(&out)
            .args(["--seed", SEED, "--family", family])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .expect("Python starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let manifest = std::fs::read(out.join("manifest.json")).unwrap();
        let files: Vec<Bad> = serde_json::from_slice(&manifest).unwrap();
        assert!(!files.is_empty(), "{family} has files");
        Self { folder, files }
    }

    fn path(&self, bad: &Bad) -> PathBuf {
        self.folder.join("corpus").join(&bad.file)
    }
}

impl Drop for Corpus {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What is wrong with how a run ended, whatever the file.
fn faults(ended: &Ended, memory: u64) -> Vec<String> {
    let mut faults = Vec::new();
    if !matches!(ended.code, Some(0 | 4)) {
        faults.push(format!("it ended with {:?}", ended.code));
    }
    if ended.said.contains("panicked") || ended.said.contains("internal error") {
        faults.push("it panicked".to_owned());
    }
    let order = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if let Some(c) = ended.said.chars().find(|c| order(*c)) {
        faults.push(format!("it printed {c:?}, an order to the terminal"));
    }
    if ended.memory > memory {
        faults.push(format!("it took {} MiB", ended.memory >> 20));
    }
    faults
}

/// Each file of a family in a process of its own.
fn alone(family: &str) {
    let corpus = Corpus::make("alone", family);
    let mut wrong = String::new();
    for bad in &corpus.files {
        let warehouse = corpus.folder.join("warehouse");
        let path = corpus.path(bad);
        let arguments = ["ingest", "--from", text(&path), "--as", "hostile_x"];
        let ended = run(&warehouse, &arguments, LONGEST);
        let mut faults = faults(&ended, MEMORY);
        if ended.took > TIME {
            faults.push(format!("it took {:.1} s", ended.took.as_secs_f64()));
        }
        if ended.said.len() > LONGEST_MESSAGE {
            faults.push(format!("it printed {} bytes", ended.said.len()));
        }
        // Rows that cannot be read end a run with 4 as well, and the others are loaded.
        let is_loaded = ended.said.contains("published release ");
        match (ended.code, bad.answer) {
            (Some(0 | 4), Answer::Refused) if is_loaded => faults.push("it was loaded".to_owned()),
            (Some(4), Answer::LoadedWithFindings) if !is_loaded => {
                faults.push("it was not loaded".to_owned());
            }
            _ => {}
        }
        if ended.code == Some(4) && !ended.said.contains(bad.name()) {
            faults.push("no message names it".to_owned());
        }
        if let (Some(0), Some(rows)) = (ended.code, bad.rows) {
            let loaded = operations(&warehouse).values().sum::<u64>();
            if loaded != rows {
                faults.push(format!("{loaded} of {rows} operations were loaded"));
            }
        }
        if !faults.is_empty() {
            let said: String = ended.said.chars().take(500).collect();
            let (file, what) = (&bad.file, &bad.wrong);
            let _ = writeln!(wrong, "{file}, which {what}: {}\n{said}", faults.join(", "));
        }
        let _ = std::fs::remove_dir_all(&warehouse);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A mirror with declared sources, two of them sound.
struct Mirror {
    folder: PathBuf,
}

const SOUND: [&str; 2] = ["a_sound", "z_sound"];
const SOUND_ROWS: u64 = 3;

impl Mirror {
    fn new(folder: PathBuf) -> Self {
        let mirror = Self { folder };
        for source in SOUND {
            mirror.declare(source, &format!("{source}.csv"), "operations");
            std::fs::write(mirror.file(&format!("{source}.csv")), list(source)).unwrap();
        }
        mirror
    }

    fn file(&self, name: &str) -> PathBuf {
        let mirror = self.folder.join("mirror");
        std::fs::create_dir_all(&mirror).unwrap();
        mirror.join(name)
    }

    fn declare(&self, source: &str, file: &str, kind: &str) {
        let folder = self.folder.join("sources").join(source);
        std::fs::create_dir_all(&folder).unwrap();
        let toml = format!(
            "title = \"Made\"\npublisher = \"Made\"\nkind = \"{kind}\"\nfiles = [\"{file}\"]\nlist_id = \"{source}\"\ncountry = \"DE\"\n"
        );
        std::fs::write(folder.join("source.toml"), toml).unwrap();
    }

    fn warehouse(&self) -> PathBuf {
        self.folder.join("warehouse")
    }

    fn ingest(&self) -> Ended {
        let arguments = [
            "ingest",
            "--sources",
            "sources",
            "--mirror",
            "mirror",
            "--threads",
            "2",
        ];
        run(&self.warehouse(), &arguments, LONGEST_NIGHT)
    }

    fn sound_ones_are_loaded(&self, said: &str) {
        let operations = operations(&self.warehouse());
        for source in SOUND {
            assert_eq!(
                operations.get(source),
                Some(&SOUND_ROWS),
                "{source}: {said}"
            );
        }
    }
}

/// A sound list of three operations.
fn list(word: &str) -> String {
    let rows = (1..=SOUND_ROWS)
        .map(|n| format!("Verein {word} {n} e.V.;Vorhaben {word} {n};0{n}.02.2016;{n}00,50\n"));
    format!(
        "Begünstigter;Vorhaben;Beginn;Zuwendung in EUR\n{}",
        rows.collect::<String>()
    )
}

/// Operations of each source in the newest release; none where nothing was published.
fn operations(warehouse: &Path) -> BTreeMap<String, u64> {
    let query = "SELECT source_id, count(*) FROM operation GROUP BY source_id";
    counts(warehouse, query)
}

/// Rows of each source that could not be loaded, in the newest release.
fn quarantined(warehouse: &Path) -> BTreeMap<String, u64> {
    let query = "SELECT source_id, sum(rows_quarantined) FROM source_file GROUP BY source_id";
    counts(warehouse, query)
}

/// Numbers by source.
fn counts(warehouse: &Path, query: &str) -> BTreeMap<String, u64> {
    let seen = esf(warehouse, ["sql", query, "--format", "csv"]);
    let rows = seen.stdout.lines().skip(1);
    rows.filter_map(|row| {
        let (source, n) = row.split_once(',')?;
        Some((source.to_owned(), n.parse().ok()?))
    })
    .collect()
}

/// A family in one mirror: the release is published with the sound sources, and every file that is not in it, or not with all
/// of its rows, is named.
fn night(family: &str) {
    let corpus = Corpus::make("night", family);
    let mirror = Mirror::new(corpus.folder.join("night"));
    let mut sources = Vec::new();
    let mut largest = 0;
    for (n, bad) in corpus.files.iter().enumerate() {
        let source = format!("m_{n:04}");
        let name = format!("{source}_{}", bad.name());
        let page = bad.name().ends_with(".html");
        mirror.declare(&source, &name, if page { "page" } else { "operations" });
        largest = largest.max(std::fs::metadata(corpus.path(bad)).unwrap().len());
        std::fs::rename(corpus.path(bad), mirror.file(&name)).unwrap();
        sources.push((source, name, bad));
    }
    let ended = mirror.ingest();
    let faults = faults(&ended, MEMORY + AT_ONCE * COPIES * largest);
    assert!(faults.is_empty(), "{}\n{}", faults.join(", "), ended.said);
    mirror.sound_ones_are_loaded(&ended.said);
    let loaded = operations(&mirror.warehouse());
    let rejected = quarantined(&mirror.warehouse());
    for (source, name, bad) in &sources {
        let n = loaded.get(source).copied().unwrap_or(0);
        assert!(
            n == 0 || bad.answer != Answer::Refused,
            "{name}: {n} operations"
        );
        let lost = rejected.get(source).copied().unwrap_or(0);
        assert!(
            lost == 0 || ended.said.contains(name.as_str()),
            "no message names {name}, of which {lost} rows were quarantined"
        );
        // A page that describes no project is loaded and gives none.
        let silent = name.ends_with(".html") || bad.rows == Some(0);
        assert!(
            n > 0 || silent || ended.said.contains(name.as_str()),
            "no message names {name}"
        );
    }
}

/// A source whose newest file is hostile keeps what it had, and the sources beside it go on.
fn what_was_published_stays() {
    let corpus = Corpus::make("earlier", "xlsx");
    let mirror = Mirror::new(corpus.folder.join("earlier"));
    mirror.declare("made", "made*", "operations");
    std::fs::write(mirror.file("made.csv"), list("before")).unwrap();
    let ended = mirror.ingest();
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    let before = operations(&mirror.warehouse());
    assert_eq!(before.get("made"), Some(&SOUND_ROWS));

    let bombs = corpus
        .files
        .iter()
        .filter(|bad| bad.answer == Answer::Refused);
    std::fs::remove_file(mirror.file("made.csv")).unwrap();
    // A sound source has news in the same night.
    let news = list("a_sound").replace("00,50", "10,75");
    std::fs::write(mirror.file("a_sound.csv"), news).unwrap();
    for bad in bombs.take(3) {
        std::fs::copy(corpus.path(bad), mirror.file("made.xlsx")).unwrap();
        let ended = mirror.ingest();
        assert_eq!(ended.code, Some(4), "{}: {}", bad.file, ended.said);
        assert!(ended.said.contains("made.xlsx"), "{}", ended.said);
        assert_eq!(operations(&mirror.warehouse()), before, "{}", bad.file);
        let query = "SELECT count(*) FROM operation_amount WHERE source_id = 'a_sound' AND CAST(amount AS VARCHAR) LIKE '%.75'";
        let seen = esf(&mirror.warehouse(), ["sql", query, "--format", "csv"]).expect(0);
        assert_eq!(seen.stdout.lines().nth(1), Some("3"), "{}", bad.file);
    }
    esf(&mirror.warehouse(), ["verify"]).expect(0);
}
