//! Folders and files that cannot be read: they stop nothing else, are told, and nothing is concluded from them.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use super::list::{
    COUNTS, TOTAL, declare_undated, file, loaded, night_ends, over, publish, published, report,
    rows, status,
};
use super::said;

#[test]
fn a_file_that_cannot_be_read_stops_no_other_and_its_source_is_not_fine() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    publish(folder, "b", "2020-02-01", 41, 1000);
    symlink("nowhere", folder.join("mirror/a_2020-02-01.csv")).unwrap();
    symlink("a_2020-03-01.csv", folder.join("mirror/a_2020-03-01.csv")).unwrap();
    // No source takes this one.
    symlink("nowhere", folder.join("mirror/other")).unwrap();
    let printed = night_ends(folder, &["--report", "out"], 5);
    for part in [
        "published release 2",
        "de_xx_a (stale): cannot read mirror/a_2020-02-01.csv: ",
        "(and 1 more of its files) [esf explain input-unreadable]",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,41"]);
    let metrics = fs::read_to_string(folder.join("out/metrics.prom")).unwrap();
    let state = "esf_source_state{source=\"de_xx_a\",state=\"stale\"} 1";
    assert!(metrics.contains(state), "{metrics}");
    let out = status(folder);
    let of_a = out.lines().find(|line| line.starts_with("de_xx_a,"));
    assert!(of_a.is_some_and(|line| line.contains(",stale,")), "{out}");
}

#[test]
fn a_folder_that_is_gone_leaves_the_others() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    // What lay in the folder that is gone now.
    fs::remove_file(file(folder, "a", "2020-01-01")).unwrap();
    publish(folder, "b", "2020-02-01", 41, 1000);
    let printed = night_ends(folder, &["--mirror", "gone", "--report", "out"], 5);
    assert!(printed.contains("published release 2"), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,41"]);
    let told = report(folder);
    assert_eq!(told["absent"], json!(["de_xx_a"]));
    let unreadable = told["unreadable"][0].as_str().unwrap();
    assert!(unreadable.starts_with("cannot read gone: "), "{unreadable}");
    let said = format!("{unreadable} [esf explain input-unreadable]");
    assert!(printed.contains(&said), "{printed}");
    let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
    assert!(page.contains("cannot read gone: "), "{page}");
}

#[test]
fn a_night_without_any_folder_is_none() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    assert_eq!(said(folder, &over("ingest", "mirror", &[])).0, 0);
    symlink("loop", folder.join("loop")).unwrap();
    let (code, printed) = said(folder, &over("nightly", "loop", &[]));
    assert_eq!(code, 5, "{printed}");
    for part in [
        "none of the folders of downloaded files can be read: cannot read loop: ",
        "`esf explain mirrors-unreadable` says more",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    // So it is not the second of this date.
    let printed = night_ends(folder, &[], 0);
    assert!(!printed.contains("was done before"), "{printed}");
}

#[test]
fn nobody_went_back_to_an_earlier_file_where_the_newest_cannot_be_read() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_undated(folder, "a");
    for euro in [1000, 1100] {
        publish(folder, "a", "2020-01-01", 40, euro);
        night_ends(folder, &[], 0);
    }
    publish(folder, "a", "2020-01-01", 40, 1000);
    symlink("nowhere", folder.join("mirror/a_new.csv")).unwrap();
    let printed = night_ends(folder, &[], 5);
    assert!(
        printed.contains("nothing has changed since release 2"),
        "{printed}"
    );
    assert_eq!(rows(folder, TOTAL), ["44000"]);
}
