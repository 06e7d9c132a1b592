//! What is damaged on the way or on the disk does not become a number that counts as sound.

use std::fs;
use std::path::{Path, PathBuf};

use super::list::{COUNTS, file, loaded, night_ends, publish, published, rewrite, rows};
use super::run;

#[test]
fn the_number_of_a_lost_release_is_given_to_the_same_content_and_to_no_other() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 41, 1000);
    night_ends(folder, &[], 0);
    let document = folder.join("w/releases/00000002.json");
    let hash = || {
        let text = fs::read_to_string(&document).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        json["content_hash"].as_str().unwrap().to_owned()
    };
    let first = hash();
    fs::remove_file(&document).unwrap();
    let (code, out, _) = run(folder, &["doctor", "--warehouse", "w", "--format", "csv"]);
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("release numbers,fault,"), "{out}");
    let printed = night_ends(folder, &[], 0);
    assert!(printed.contains("published release 2 "), "{printed}");
    assert_eq!(hash(), first);

    fs::remove_file(&document).unwrap();
    publish(folder, "a", "2020-02-01", 42, 1000);
    let printed = night_ends(folder, &[], 1);
    assert!(printed.contains(&first), "{printed}");
    assert!(
        printed.contains("`esf explain release-number-given`"),
        "{printed}"
    );
    assert!(!document.exists());
    // Whoever says that it is lost for good.
    for record in fs::read_dir(folder.join("w/runs")).unwrap() {
        let path = record.unwrap().path();
        if fs::read_to_string(&path).unwrap().contains(&first) {
            fs::remove_file(path).unwrap();
        }
    }
    night_ends(folder, &[], 0);
    assert_ne!(hash(), first);
}

/// The files of amounts that everybody may read.
fn amounts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("w/data/operation_amount")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "parquet"))
        .collect()
}

/// Changes a bit of the only file of amounts, as a disk does. Gives its path and what was written.
fn damage(folder: &Path) -> (PathBuf, Vec<u8>) {
    let files = amounts(folder);
    assert_eq!(files.len(), 1, "{files:?}");
    let written = fs::read(&files[0]).unwrap();
    let mut bytes = written.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::remove_file(&files[0]).unwrap();
    fs::write(&files[0], bytes).unwrap();
    (files[0].clone(), written)
}

/// Takes the published bytes of a list away, from the folder and from the archive; gives them with their place there.
fn lose(folder: &Path, name: &str, day: &str) -> (PathBuf, Vec<u8>) {
    let published = file(folder, name, day);
    let bytes = fs::read(&published).unwrap();
    fs::remove_file(&published).unwrap();
    let entries = fs::read_dir(folder.join("w/raw")).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    let raw = paths.find(|path| fs::read(path).unwrap() == bytes);
    let raw = raw.expect("a night archives what it reads");
    fs::remove_file(&raw).unwrap();
    (raw, bytes)
}

/// That nothing which a release names is damaged.
fn is_whole(folder: &Path) {
    let (code, out, err) = run(folder, &["verify", "--warehouse", "w"]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn a_damaged_file_whose_rows_go_on_is_made_again_from_the_published_bytes() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    let (path, written) = damage(folder);
    let (code, out, err) = run(folder, &["verify", "--warehouse", "w"]);
    assert_eq!(code, 3, "{out}{err}");
    publish(folder, "b", "2020-02-01", 41, 1000);
    // What is tried first changes nothing.
    let printed = night_ends(folder, &["--dry-run"], 0);
    assert!(
        printed.contains("damaged files of release 1 can be made again "),
        "{printed}"
    );
    assert!(fs::read(&path).unwrap() != written);

    let printed = night_ends(folder, &[], 0);
    let name = path.file_name().unwrap().to_string_lossy();
    let told: Vec<&str> = printed
        .lines()
        .filter(|line| line.contains(&*name))
        .collect();
    assert_eq!(told.len(), 1, "{printed}");
    assert!(
        told[0].contains("damaged files of release 1 were made again "),
        "{printed}"
    );
    assert!(told[0].contains("esf explain data-made-again"), "{printed}");
    assert!(fs::read(&path).unwrap() == written);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,41"]);
    is_whole(folder);
}

#[test]
fn a_damaged_file_of_a_list_that_is_held_is_made_again() {
    for lists in [&["a"][..], &["a", "b"]] {
        let temporary = loaded(lists);
        let folder = temporary.path();
        let (path, written) = damage(folder);
        publish_cut(folder, "2020-02-01", 41);
        let printed = night_ends(folder, &[], 4);
        assert!(printed.contains("esf explain data-made-again"), "{printed}");
        assert!(printed.contains("esf explain file-cut-off"), "{printed}");
        // What stands is what stood.
        assert!(fs::read(&path).unwrap() == written);
        assert_eq!(amounts(folder), [path]);
        assert_eq!(rows(folder, COUNTS)[0], "de_xx_a,40");
        is_whole(folder);
        let printed = night_ends(folder, &[], 4);
        assert!(!printed.contains("data-made-again"), "{printed}");
    }
}

#[test]
fn rows_of_a_damaged_file_do_not_go_into_the_next_release() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    let (path, written) = damage(folder);
    let (raw, bytes) = lose(folder, "a", "2020-01-01");
    publish(folder, "b", "2020-02-01", 41, 1000);
    let printed = night_ends(folder, &[], 1);
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        printed.contains(&format!("{name} is damaged: ")),
        "{printed}"
    );
    assert!(printed.contains("esf explain data-damaged"), "{printed}");
    assert!(fs::read(&path).unwrap() != written);
    assert_eq!(amounts(folder), [path]);
    // From the published bytes everything is derived again.
    fs::write(raw, bytes).unwrap();
    night_ends(folder, &["--full"], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,41"]);
    is_whole(folder);
}

/// A list whose last amount is 10 and not 1000,00: the end was lost.
fn publish_cut(folder: &Path, day: &str, rows: usize) {
    publish(folder, "a", day, rows, 1000);
    rewrite(&file(folder, "a", day), |text| {
        text.strip_suffix("00,00\n").unwrap().to_owned()
    });
}

#[test]
fn a_list_that_was_cut_off_is_held_until_somebody_takes_it() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    publish_cut(folder, "2020-02-01", 41);
    let printed = night_ends(folder, &[], 4);
    assert!(
        printed.contains("it ends inside of its last record"),
        "{printed}"
    );
    assert!(printed.contains("esf explain file-cut-off"), "{printed}");
    assert!(printed.contains("--accept de_xx_a=REASON"), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    night_ends(folder, &["--accept", "de_xx_a=it ends like that"], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,41"]);
    // Now it is known how this publisher's files end, also where all of it is derived again.
    publish_cut(folder, "2020-03-01", 42);
    for more in [&[][..], &["--full"]] {
        night_ends(folder, more, 0);
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,42"]);
    }
}

#[test]
fn the_first_list_of_a_source_is_held_as_well_if_it_was_cut_off() {
    let temporary = published(&["a", "b"]);
    let folder = temporary.path();
    publish_cut(folder, "2020-01-01", 40);
    let printed = night_ends(folder, &[], 4);
    assert!(printed.contains("esf explain file-cut-off"), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_b,40"]);
}
