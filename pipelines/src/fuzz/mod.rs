//! Fuzz targets: a check of invariants, a corpus of seeds, and inputs made of them by chance.
//!
//! A target stands beside the reader that it checks, as a test named `fuzz_…`; its seeds stand in `fuzz/<target>/`, and
//! so does every input that once failed. A run tries the seeds as they are and then a fixed number of mutations of
//! them, the same ones each time. Two variables make it another run: `ESF_FUZZ`, the seconds that each target takes
//! instead, from a seed that is told; `ESF_FUZZ_SEED`, that seed, to take the same way again.
//!
//! An input that fails is made smaller, written to `target/fuzz/<target>/`, and told with the command that tries it
//! again. The input at work is in `target/fuzz/<target>.running`, which is there after the process died of it.

mod mutate;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use esf_engine::store::sha256;
use proptest::test_runner::TestCaseError;

use self::mutate::mutate;
use crate::generate::random::Random;

/// What a check says of one input. Made by `prop_assert!` and its like.
pub(crate) type Checked = Result<(), TestCaseError>;

/// Most inputs that are tried to make one that fails smaller.
const MOST_TRIES: usize = 300;

/// What is fuzzed.
pub(crate) struct Target {
    /// Name of the folder with the seeds; the test is called `fuzz_<name>`.
    pub(crate) name: &'static str,
    /// Mutations that a run tries where nobody says how long it may take.
    pub(crate) runs: u64,
    /// Pieces of text that mean something to the reader.
    pub(crate) words: &'static [&'static str],
    /// The invariants.
    pub(crate) check: fn(&[u8]) -> Checked,
}

/// A named input.
pub(crate) struct Seed {
    /// Name of its file.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

impl Target {
    /// Tries the seeds and what is made of them.
    pub(crate) fn run(&self) {
        self.run_on(&self.corpus());
    }

    fn run_on(&self, seeds: &[Seed]) {
        let mut running = Running::new(self.name);
        for seed in seeds {
            if let Err(fault) = self.tried(&seed.bytes, &mut running) {
                panic!("fuzz target {}, seed {}: {fault}", self.name, seed.name);
            }
        }
        let (seed, end) = (random_seed(), end());
        // Each target goes a way of its own.
        let purpose = self.name.bytes().fold(0, |sum: u64, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        let mut random = Random::new(seed, purpose, 0);
        let mut run = 0;
        while end.map_or(run < self.runs, |end| Instant::now() < end) {
            let input = mutate(&mut random, seeds, self.words);
            if let Err(fault) = self.tried(&input, &mut running) {
                let told = self.told(input, fault, &mut running);
                panic!("{told}\n(run {run} of ESF_FUZZ_SEED={seed})");
            }
            run += 1;
        }
        if end.is_some() {
            eprintln!("{}: {run} inputs of ESF_FUZZ_SEED={seed}", self.name);
        }
    }

    /// The seeds in the order of their names.
    fn corpus(&self) -> Vec<Seed> {
        let folder = folder().join(self.name);
        let entries = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.expect("an entry").path());
        let mut seeds: Vec<Seed> = entries
            .map(|path| Seed {
                name: path
                    .file_name()
                    .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
                bytes: fs::read(&path).expect("a seed"),
            })
            .collect();
        seeds.sort_by(|a, b| a.name.cmp(&b.name));
        assert!(!seeds.is_empty(), "{} has no seeds", folder.display());
        seeds
    }

    fn tried(&self, input: &[u8], running: &mut Running) -> Result<(), String> {
        running.note(input);
        match catch_unwind(AssertUnwindSafe(|| (self.check)(input))) {
            Ok(Ok(()) | Err(TestCaseError::Reject(_))) => Ok(()),
            Ok(Err(fault)) => Err(fault.to_string()),
            Err(panic) => Err(words_of(&*panic)),
        }
    }

    /// Writes down an input that fails, and says how to try it again.
    fn told(&self, input: Vec<u8>, fault: String, running: &mut Running) -> String {
        let input = self.smaller(input, running);
        let fault = self.tried(&input, running).err().unwrap_or(fault);
        let name = self.name;
        let folder = output().join(name);
        fs::create_dir_all(&folder).expect("a folder for what fails");
        let path = folder.join(&sha256(&input)[..16]);
        fs::write(&path, &input).expect("a file for what fails");
        format!(
            "fuzz target {name}: {fault}\ninput: \"{}\"\nto try it again, and to keep it:\n  cp {} {}/\n  cargo test fuzz_{name}",
            input.escape_ascii(),
            path.display(),
            folder_of(name).display(),
        )
    }

    /// Leaves out pieces of an input, ever shorter ones, as long as it fails without them.
    fn smaller(&self, mut input: Vec<u8>, running: &mut Running) -> Vec<u8> {
        let mut tries = 0;
        let mut piece = input.len() / 2;
        while piece > 0 {
            let mut at = 0;
            while at < input.len() {
                if tries == MOST_TRIES {
                    return input;
                }
                tries += 1;
                let end = (at + piece).min(input.len());
                let shorter = [&input[..at], &input[end..]].concat();
                if self.tried(&shorter, running).is_err() {
                    input = shorter;
                } else {
                    at = end;
                }
            }
            piece /= 2;
        }
        input
    }
}

/// The folder of the corpora.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn folder_of(target: &str) -> PathBuf {
    folder().join(target)
}

/// Where inputs that fail are written.
fn output() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fuzz")
}

fn number_in(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    let number = value.trim().parse::<u64>();
    Some(number.unwrap_or_else(|_| panic!("{variable}={value}: expected a whole number")))
}

/// When a run ends that is bounded by time.
fn end() -> Option<Instant> {
    number_in("ESF_FUZZ").map(|seconds| Instant::now() + Duration::from_secs(seconds))
}

/// The seed that was asked for; one of now for runs that are bounded by time; else always the same.
fn random_seed() -> u64 {
    let now = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(1, |now| now.as_nanos() as u64)
    };
    number_in("ESF_FUZZ_SEED").unwrap_or_else(|| {
        if number_in("ESF_FUZZ").is_some() {
            now()
        } else {
            1
        }
    })
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("it panicked: {}", text.unwrap_or("without a word"))
}

/// The file with the input at work; a process that dies of one leaves it behind.
struct Running {
    path: PathBuf,
    file: File,
}

impl Running {
    fn new(target: &str) -> Self {
        fs::create_dir_all(output()).expect("a folder for the input at work");
        let path = output().join(format!("{target}.running"));
        let file = File::create(&path).expect("a file for the input at work");
        Self { path, file }
    }

    fn note(&mut self, input: &[u8]) {
        self.file.rewind().expect("the beginning of the file");
        self.file.write_all(input).expect("the input at work");
        self.file
            .set_len(input.len() as u64)
            .expect("the length of the input");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already where the same target runs twice at once.
        let _ = fs::remove_file(&self.path);
    }
}
