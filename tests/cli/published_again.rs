//! A publisher goes back to earlier bytes under a name with a newer date.

use std::fs;
use std::path::Path;

use super::list::{
    TOTAL, declare, file, newest_document, night, night_ends, publish, published, rows, stays,
};
use super::run;

const FILES: &str = "SELECT file_name, published_date FROM source_file ORDER BY 2";
const SPANS: &str = "SELECT DISTINCT first_published, last_published FROM operation";
const HISTORY: &str =
    "SELECT published_from, published_to, count(*) FROM operation_history GROUP BY 1, 2 ORDER BY 1";

/// Publishes the list with this amount in each of its 40 operations; the next night takes it.
fn follows(folder: &Path, day: &str, euro: usize) {
    publish(folder, "a", day, 40, euro);
    let (code, printed) = night(folder, &[]);
    assert_eq!(code, 0, "{day}: {printed}");
    assert!(printed.contains("published release "), "{day}: {printed}");
    assert_eq!(rows(folder, TOTAL), [(40 * euro).to_string()], "{day}");
}

fn archived(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("w/raw")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn bytes_that_come_again_under_a_newer_date_are_the_newest_again() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    follows(folder, "2020-01-01", 1000);
    follows(folder, "2020-02-01", 1100);
    let before = archived(folder);

    publish(folder, "a", "2020-03-01", 40, 1000);
    let printed = night_ends(folder, &[], 0);
    let told = "de_xx_a (loaded): a_2020-03-01.csv: it has the bytes of a_2020-01-01.csv, which are published again: \
                the newer name counts [esf explain published-again]";
    assert!(printed.contains(told), "{printed}");
    assert!(!printed.contains("(repeated)"), "{printed}");
    assert_eq!(rows(folder, TOTAL), ["40000"]);
    let files = ["a_2020-02-01.csv,2020-02-01", "a_2020-03-01.csv,2020-03-01"];
    assert_eq!(rows(folder, FILES), files);
    assert_eq!(rows(folder, SPANS), ["2020-01-01,2020-03-01"]);
    assert_eq!(rows(folder, HISTORY), ["2020-02-01,2020-02-01,40"]);
    assert_eq!(archived(folder), before);

    assert!(!stays(folder, &[], 3).contains("published again"));
    stays(folder, &["--full"], 3);
    for (release, total) in [("1", "40000"), ("2", "44000"), ("3", "40000")] {
        let place = ["--warehouse", "w", "--format", "csv"];
        let mut arguments = vec!["sql", TOTAL, "--as-of", release];
        arguments.extend(place);
        let (code, out, err) = run(folder, &arguments);
        assert_eq!(code, 0, "{err}");
        assert_eq!(out.lines().nth(1), Some(total), "{release}");
    }
}

#[test]
fn what_follows_and_comes_again_once_more_is_in_the_order_of_its_dates() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    for (day, euro) in [
        ("2020-01-01", 1000),
        ("2020-02-01", 1100),
        ("2020-03-01", 1000),
        ("2020-04-01", 1200),
        ("2020-05-01", 1100),
    ] {
        follows(folder, day, euro);
    }
    let files = [
        "a_2020-03-01.csv,2020-03-01",
        "a_2020-04-01.csv,2020-04-01",
        "a_2020-05-01.csv,2020-05-01",
    ];
    assert_eq!(rows(folder, FILES), files);
    assert_eq!(rows(folder, SPANS), ["2020-01-01,2020-05-01"]);
    let states = ["2020-03-01,2020-03-01,40", "2020-04-01,2020-04-01,40"];
    assert_eq!(rows(folder, HISTORY), states);
}

#[test]
fn both_names_may_lie_there_and_either_be_taken_away() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    let named = |day: &str| file(folder, "a", &format!("2020-{day}"));
    let bytes = fs::read(named("01-01")).unwrap();
    publish(folder, "a", "2020-02-01", 40, 1100);
    for day in ["01-01", "03-01"] {
        fs::write(named(day), &bytes).unwrap();
    }
    let printed = night_ends(folder, &[], 0);
    let told = "a_2020-01-01.csv has the bytes of a_2020-03-01.csv; their rows count once";
    assert!(printed.contains(told), "{printed}");
    assert!(stays(folder, &[], 1).contains(told));
    fs::remove_file(named("01-01")).unwrap();
    assert!(!stays(folder, &[], 1).contains("(repeated)"));
    // What a release has under the newer name does not become older.
    fs::rename(named("03-01"), named("01-01")).unwrap();
    stays(folder, &[], 1);
    assert_eq!(rows(folder, TOTAL), ["40000"]);
    assert_eq!(rows(folder, SPANS), ["2020-01-01,2020-03-01"]);
}

#[test]
fn a_list_that_is_held_that_night_follows_when_it_can() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    follows(folder, "2020-01-01", 1000);
    follows(folder, "2020-02-01", 1100);
    publish(folder, "a", "2020-03-01", 40, 1000);
    let rival = file(folder, "a", "2020-03-01_b");
    let text = fs::read_to_string(file(folder, "a", "2020-03-01")).unwrap();
    fs::write(&rival, text.replace("1000,00", "1200,00")).unwrap();
    night_ends(folder, &[], 4);
    assert_eq!(rows(folder, TOTAL), ["44000"]);
    // Its files are as their rows are: under the names before.
    let document = newest_document(folder);
    assert!(document.contains("a_2020-01-01.csv"), "{document}");
    assert!(!document.contains("a_2020-03-01"), "{document}");
    fs::remove_file(rival).unwrap();
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, TOTAL), ["40000"]);
}
