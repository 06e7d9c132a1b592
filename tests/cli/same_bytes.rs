//! Files with the same bytes never count twice, and never in silence.

use std::fs;
use std::path::Path;

use super::list::{
    COUNTS, answer, declare, file, night, night_ends, publish, published, report, rows,
};

fn copy(folder: &Path, from: &str, to: &str) {
    let mirror = folder.join("mirror");
    fs::copy(mirror.join(from), mirror.join(to)).unwrap();
}

/// What operators see of this control, a line each.
fn controls(folder: &Path) -> Vec<String> {
    let query = "SELECT file_name, passed, message FROM run_control WHERE control = 'same_bytes' ORDER BY run_id";
    answer(folder, query, "operator")
}

#[test]
fn of_one_source_the_bytes_count_once_and_every_night_says_so() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    copy(folder, "a_2020-01-01.csv", "a_2020-02-01.csv");
    let told = "a_2020-02-01.csv has the bytes of a_2020-01-01.csv; their rows count once";
    for (number, ending) in [(1, "published release 1"), (2, "nothing has changed since")] {
        let printed = night_ends(folder, &["--report", "out"], 0);
        assert!(printed.contains(ending), "{printed}");
        assert!(
            printed.contains(&format!(
                "de_xx_a (repeated): {told} [esf explain file-repeated]"
            )),
            "{printed}"
        );
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
        let one = format!("a_2020-02-01.csv,true,{told}");
        assert_eq!(controls(folder), vec![one; number]);
        let report = report(folder);
        let states = report["sources"].as_array().unwrap().iter();
        let repeated = states.filter(|file| file["state"] == "repeated").count();
        assert_eq!(repeated, 1, "{report}");
        let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
        assert!(page.contains(told), "{page}");
    }
    // The file that the release has is gone, and its bytes are there under the other name.
    fs::remove_file(file(folder, "a", "2020-01-01")).unwrap();
    let printed = night_ends(folder, &[], 0);
    assert!(printed.contains(told), "{printed}");
}

#[test]
fn of_two_lists_the_new_file_is_held_until_somebody_takes_it() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    declare(folder, "b");
    night_ends(folder, &[], 0);
    copy(folder, "a_2020-01-01.csv", "b_2020-01-01.csv");
    let printed = night_ends(folder, &["--report", "out"], 4);
    let told = "its bytes are those of a_2020-01-01.csv of de_xx_a: the operations and the money of one list would \
                count twice";
    assert!(printed.contains(told), "{printed}");
    assert!(
        printed.contains("[esf explain bytes-of-another]"),
        "{printed}"
    );
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
    assert!(page.contains("What needs a look: 1"), "{page}");
    assert!(page.contains("nightly --accept de_xx_b=REASON"), "{page}");
    night_ends(folder, &["--accept", "de_xx_b=both publish it"], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,40"]);
    let found = controls(folder);
    let passed: Vec<bool> = found.iter().map(|line| line.contains(",true,")).collect();
    assert_eq!(passed, [false, true], "{found:?}");
    // What was taken with a reason is no news, and stays where everything is read again.
    for more in [&[][..], &["--full"][..]] {
        let (code, printed) = night(folder, more);
        assert_eq!(code, 0, "{more:?}: {printed}");
        assert!(!printed.contains("same bytes"), "{printed}");
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,40"]);
    }
}

#[test]
fn a_stray_copy_takes_no_list_away_where_everything_is_read_again() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    for (name, number) in [("a", 40), ("b", 41)] {
        declare(folder, name);
        publish(folder, name, "2020-01-01", number, 1000);
    }
    night_ends(folder, &[], 0);
    copy(folder, "a_2020-01-01.csv", "b_2020-02-01.csv");
    for more in [&["--full"][..], &[][..], &["--full"][..]] {
        let (code, printed) = night(folder, more);
        assert_eq!(code, 4, "{more:?}: {printed}");
        assert!(
            printed.contains("de_xx_b (held): b_2020-02-01.csv: its bytes are those of"),
            "{more:?}: {printed}"
        );
        assert!(!printed.contains("left out"), "{more:?}: {printed}");
        assert!(
            printed.contains("nothing has changed since release 1"),
            "{more:?}: {printed}"
        );
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,41"]);
    }
}

#[test]
fn of_two_new_files_nobody_can_say_which_is_right() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    for name in ["a", "b", "c"] {
        declare(folder, name);
    }
    publish(folder, "a", "2020-01-01", 40, 1000);
    publish(folder, "c", "2020-01-01", 41, 1000);
    copy(folder, "a_2020-01-01.csv", "b_2020-01-01.csv");
    let printed = night_ends(folder, &[], 4);
    for id in ["de_xx_a", "de_xx_b"] {
        assert!(
            printed.contains(&format!("{id} (left out): ")),
            "{id}: {printed}"
        );
    }
    assert_eq!(rows(folder, COUNTS), ["de_xx_c,41"]);
    fs::remove_file(file(folder, "b", "2020-01-01")).unwrap();
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_c,41"]);
}
