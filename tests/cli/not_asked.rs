//! Sources that a night does not look for: they stay as they were, and are not unchanged.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::list::{
    declaration, declare, file, loaded, night_ends, publish, published, report, rewrite, status,
};
use super::said;

/// A night that is given no folder.
fn without_folders(folder: &Path, more: &[&str]) -> (i32, String) {
    let all = ["nightly", "--warehouse", "w", "--sources", "sources"];
    said(folder, &[&all[..], &["--report", "out"][..], more].concat())
}

/// Lets a list be fetched from where its publisher has this file.
fn fetch(folder: &Path, name: &str, from: &Path) {
    rewrite(&declaration(folder, name, "source.toml"), |declared| {
        format!("{declared}[fetch]\nurl = \"file://{}\"\n", from.display())
    });
}

#[test]
fn an_offline_night_without_folders_tells_what_it_did_not_look_for() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    let told = "2 sources were not looked for: de_xx_a, de_xx_b; they stay as they were, and age \
                [esf explain source-not-asked]";
    let unnamed = "no folder of downloaded files is named, and no source has a publisher to ask";
    // Where nothing says that it is meant, it is a fault.
    for (more, expected) in [(&["--offline"][..], 0), (&[][..], 5)] {
        let (code, printed) = without_folders(folder, more);
        assert_eq!(code, expected, "{printed}");
        assert!(printed.contains(told), "{printed}");
        assert_eq!(printed.contains(unnamed), expected == 5, "{printed}");
        let report = report(folder);
        assert_eq!(report["not_asked"], json!(["de_xx_a", "de_xx_b"]));
        assert_eq!(report["looked_nowhere"], true);
        let metrics = fs::read_to_string(folder.join("out/metrics.prom")).unwrap();
        let state = "esf_source_state{source=\"de_xx_a\",state=\"not_asked\"} 1";
        assert!(metrics.lines().any(|line| line == state), "{metrics}");
        let out = status(folder);
        assert_eq!(out.matches(",loaded (not asked),").count(), 2, "{out}");
    }
    // Where there is no release either, nothing is made.
    let (code, printed) = said(folder, &["nightly", "--warehouse", "other"]);
    assert_eq!(code, 5, "{printed}");
    assert!(printed.contains("there was nothing to read"), "{printed}");
    assert!(printed.contains(unnamed), "{printed}");
    assert!(!folder.join("other").exists());
    // Folders are looked at, whatever nobody is asked for.
    let printed = night_ends(folder, &["--offline"], 0);
    assert!(!printed.contains("looked for"), "{printed}");
    assert_eq!(status(folder).matches(",unchanged,").count(), 2);
}

#[test]
fn a_source_whose_declaration_is_taken_away_is_not_asked_any_more() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    fs::remove_dir_all(folder.join("sources/de_xx_b")).unwrap();
    let printed = night_ends(folder, &[], 0);
    let told = "1 source was not looked for: de_xx_b; it stays as it was, and ages";
    assert!(printed.contains(told), "{printed}");
    assert!(!printed.contains("no current file"), "{printed}");
    let out = status(folder);
    let of_b = out.lines().find(|line| line.starts_with("de_xx_b"));
    assert!(of_b.unwrap().contains(",loaded (not asked),"), "{out}");
}

#[test]
fn an_empty_folder_is_told_though_publishers_are_asked_if_a_source_comes_from_it() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    let from = folder.join("a_2020-01-01.csv");
    fs::rename(file(folder, "a", "2020-01-01"), &from).unwrap();
    fetch(folder, "a", &from);
    // Nothing is missed in a folder from which nothing comes.
    let printed = night_ends(folder, &["--fetch"], 0);
    assert!(printed.contains("published release 1"), "{printed}");
    night_ends(folder, &["--fetch"], 0);

    declare(folder, "b");
    publish(folder, "b", "2020-01-01", 40, 1000);
    night_ends(folder, &["--fetch"], 0);
    fs::remove_file(file(folder, "b", "2020-01-01")).unwrap();
    let printed = night_ends(folder, &["--fetch"], 5);
    for told in [
        "belongs to any source; see whether it is the right folder, and mounted: it is empty",
        "1 source has no current file in the folders: de_xx_b; it stays as it was",
    ] {
        assert!(printed.contains(told), "{printed}");
    }
    let out = status(folder);
    let state = |source: &str| out.lines().find(|line| line.starts_with(source)).unwrap();
    assert!(state("de_xx_a").contains(",unchanged,"), "{out}");
    assert!(state("de_xx_b").contains(",loaded (no file),"), "{out}");
}
