//! Published bytes that are gone from the archive, or damaged there: who is harmed by it, and how they come back.

use std::fs;
use std::path::{Path, PathBuf};

use super::list::{
    COUNTS, declaration, file, loaded, night_ends, publish, published, rewrite, rows, stays,
};
use super::{run, said};

/// Where a warehouse keeps these bytes.
pub(super) fn kept(folder: &Path, bytes: &[u8]) -> PathBuf {
    let raw = fs::read_dir(folder.join("w/raw")).unwrap();
    let mut raw = raw.map(|entry| entry.unwrap().path());
    let kept = raw.find(|path| fs::read(path).unwrap() == bytes);
    kept.expect("a night archives what it reads")
}

/// Changes a bit of a file, as a disk does.
pub(super) fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// That nothing which a release names is lost or damaged.
fn is_whole(folder: &Path) {
    let (code, out, err) = run(folder, &["verify", "--warehouse", "w"]);
    assert_eq!(code, 0, "{out}{err}");
}

const KEPT_AGAIN: &str = "published bytes that raw/ had lost or damaged are kept there again: a_2020-01-01.csv (de_xx_a)";

#[test]
fn a_file_that_is_still_in_the_folder_is_kept_again() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    let bytes = fs::read(file(folder, "a", "2020-01-01")).unwrap();
    let raw = kept(folder, &bytes);
    for half in [None, Some(&bytes[..100])] {
        fs::remove_file(&raw).unwrap();
        if let Some(half) = half {
            fs::write(&raw, half).unwrap();
        }
        // What is tried first changes nothing.
        stays(folder, &["--dry-run"], 1);
        assert!(fs::read(&raw).ok().as_deref() == half);
        let printed = stays(folder, &[], 1);
        assert!(printed.contains(KEPT_AGAIN), "{printed}");
        assert!(
            printed.contains("[esf explain object-kept-again]"),
            "{printed}"
        );
        assert!(fs::read(&raw).unwrap() == bytes);
        is_whole(folder);
        // That is told once.
        let printed = stays(folder, &[], 1);
        assert!(!printed.contains("kept there again"), "{printed}");
    }
}

#[test]
fn a_list_whose_archived_file_is_damaged_or_lost_stays_and_the_others_go_on() {
    let faults: [fn(&Path); 2] = [damage, |path| fs::remove_file(path).unwrap()];
    for fault in faults {
        let temporary = loaded(&["a", "b"]);
        let folder = temporary.path();
        let published = file(folder, "a", "2020-01-01");
        let bytes = fs::read(&published).unwrap();
        fs::remove_file(&published).unwrap();
        let raw = kept(folder, &bytes);
        fault(&raw);
        // Nobody reads it, and nothing is told of it.
        stays(folder, &[], 1);
        rewrite(&declaration(folder, "a", "source.toml"), |declared| {
            declared.replace("Made list", "List of another title")
        });
        publish(folder, "b", "2020-02-01", 41, 1000);
        for (more, release) in [
            (&[][..], "published release 2"),
            (&["--full"], "release 2 "),
        ] {
            let printed = night_ends(folder, more, 4);
            for part in [
                "de_xx_a (held): a_2020-01-01.csv: ",
                "[esf explain object-lost]",
                release,
            ] {
                assert!(printed.contains(part), "{part}: {printed}");
            }
            assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,41"]);
        }
        fs::write(&published, &bytes).unwrap();
        night_ends(folder, &[], 0);
        assert!(fs::read(&raw).unwrap() == bytes);
        is_whole(folder);
    }
}

/// A night that asks the publishers.
#[track_caller]
pub(super) fn asking(folder: &Path, more: &[&str], expected: i32) -> String {
    let all = ["nightly", "--warehouse", "w", "--sources", "sources"];
    let (code, printed) = said(folder, &[&all[..], more].concat());
    assert_eq!(code, expected, "{more:?}: {printed}");
    printed
}

#[test]
fn a_damaged_file_is_asked_for_as_a_whole_and_kept_again() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    let list = folder.join("list.csv");
    fs::rename(file(folder, "a", "2020-01-01"), &list).unwrap();
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        let address = list.display();
        format!("{declared}[fetch]\nurl = \"file://{address}\"\nfile_name = \"a_2020-01-01.csv\"\n")
    });
    asking(folder, &[], 0);
    let bytes = fs::read(&list).unwrap();
    let raw = kept(folder, &bytes);
    damage(&raw);
    // The publisher has what was fetched, and nobody reads it.
    let printed = asking(folder, &[], 0);
    assert!(!printed.contains("kept there again"), "{printed}");
    let printed = asking(folder, &["--full"], 4);
    assert!(printed.contains("[esf explain object-lost]"), "{printed}");
    let printed = asking(folder, &[], 0);
    assert!(printed.contains(KEPT_AGAIN), "{printed}");
    assert!(fs::read(&raw).unwrap() == bytes);
    is_whole(folder);
    let printed = asking(folder, &["--full"], 0);
    assert!(!printed.contains("kept there again"), "{printed}");
    // Lost, or with another size, it is asked for at once.
    fs::remove_file(&raw).unwrap();
    fs::write(&raw, &bytes[..9]).unwrap();
    let printed = asking(folder, &[], 0);
    assert!(printed.contains(KEPT_AGAIN), "{printed}");
    is_whole(folder);
}
