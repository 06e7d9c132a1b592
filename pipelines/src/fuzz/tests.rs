//! The driver itself: what it makes, and what it says of an input that fails.

use std::collections::BTreeSet;
use std::panic::catch_unwind;

use proptest::prelude::*;

use super::mutate::{LONGEST, mutate};
use super::*;

fn seed(name: &str, text: &str) -> Seed {
    Seed {
        name: name.to_owned(),
        bytes: text.into(),
    }
}

fn seeds() -> [Seed; 2] {
    [seed("one", "Träger;1.234,56\n"), seed("two", "zwei\r\n")]
}

/// A target that tries its seeds and makes nothing of them.
fn target(name: &'static str) -> Target {
    Target {
        name,
        runs: 0,
        words: &[],
        check,
    }
}

#[test]
fn inputs_are_many_and_the_same_for_a_seed() {
    let made = |seed| {
        let mut random = Random::new(seed, 0, 0);
        (0..500)
            .map(|_| mutate(&mut random, &seeds(), &["\u{FEFF}", "€"]))
            .collect::<Vec<_>>()
    };
    let first = made(7);
    assert_eq!(first, made(7));
    assert_ne!(first, made(8));
    assert!(first.iter().all(|input| input.len() <= LONGEST));
    let different: BTreeSet<&Vec<u8>> = first.iter().collect();
    assert!(different.len() > 250, "{}", different.len());
    let whole = first
        .iter()
        .filter(|input| std::str::from_utf8(input).is_ok());
    assert!(whole.count() > 150, "many are text");
    // Of no seed but an empty one, and of no words.
    let empty = [seed("", "")];
    let mut random = Random::new(1, 0, 0);
    assert!((0..100).all(|_| mutate(&mut random, &empty, &[]).len() <= LONGEST));
}

/// Fails where a digit is followed by a blank; dies where a "q" stands.
fn check(input: &[u8]) -> Checked {
    assert!(!input.contains(&b'q'), "a q");
    let found = input
        .windows(2)
        .any(|pair| pair[0].is_ascii_digit() && pair[1] == b' ');
    prop_assert!(!found, "a digit before a blank");
    Ok(())
}

/// What the driver says, and the input that it wrote down.
fn told(name: &'static str, input: &str) -> (String, Vec<u8>) {
    let target = target(name);
    let mut running = Running::new(name);
    let fault = target
        .tried(input.as_bytes(), &mut running)
        .expect_err("it fails");
    let told = target.told(input.into(), fault, &mut running);
    let folder = output().join(name);
    let files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    let [file] = &files[..] else {
        panic!("{files:?}")
    };
    assert!(told.contains(&format!("cp {}", file.display())), "{told}");
    let written = fs::read(file).expect("the input");
    fs::remove_dir_all(folder).expect("the folder goes");
    (told, written)
}

#[test]
fn what_fails_is_made_small_written_down_and_told() {
    let (words, written) = told("driver_fails", "Name;Betrag\nVerein;12 345,00\nB;2\n");
    assert!(written.len() == 2 && written[0].is_ascii_digit() && written[1] == b' ');
    assert!(
        words.contains("a digit before a blank") && words.contains("fuzz_driver_fails"),
        "{words}"
    );
    let (words, written) = told("driver_panics", "eine quelle\n");
    assert_eq!(written, b"q");
    assert!(words.contains("it panicked: a q"), "{words}");
}

#[test]
fn a_seed_that_fails_ends_the_run() {
    let target = target("driver_seed");
    target.run_on(&[seed("sound", "1,0")]);
    let failed = catch_unwind(|| target.run_on(&[seed("sound", "1,0"), seed("odd", "1 0")]));
    let words = words_of(&*failed.expect_err("it fails"));
    assert!(words.contains("seed odd"), "{words}");
    assert!(!output().join("driver_seed.running").exists());
}

#[test]
fn every_corpus_has_a_target() {
    let mut folders: Vec<String> = fs::read_dir(folder())
        .expect("the corpora")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort_unstable();
    assert_eq!(
        folders,
        [
            "date",
            "delimited",
            "encoding",
            "json",
            "label",
            "list",
            "number",
            "page",
            "text"
        ]
    );
}
