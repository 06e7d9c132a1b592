//! A night reads what is new and what that takes the place of, however many vintages there were before; and its release is
//! the one that reading everything gives.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::list::{
    COUNTS, TOTAL, declaration, declare, declare_undated, file, night, night_ends, publish,
    publish_text, report, rewrite, rows, stays,
};

/// How many files of the last night were in each of these states.
fn states(folder: &Path) -> [usize; 3] {
    let report = report(folder);
    let files = report["sources"].as_array().unwrap();
    let of = |state: &str| files.iter().filter(|file| file["state"] == state).count();
    ["unchanged", "older", "loaded"].map(of)
}

/// Publishes a vintage, the next night takes it; gives how many files were not read, and which of the others.
fn follows(folder: &Path, day: usize, operations: usize, euro: usize) -> [usize; 3] {
    publish(folder, "a", &format!("2020-01-{day:02}"), operations, euro);
    let (code, printed) = night(folder, &["--report", "out"]);
    assert_eq!(code, 0, "day {day}: {printed}");
    let published = format!("published release {day} ");
    assert!(printed.contains(&published), "day {day}: {printed}");
    states(folder)
}

/// A night that reads everything finds nothing new.
fn is_as_if_all_were_read(folder: &Path, number: usize) {
    stays(folder, &["--full", "--report", "out"], number as u64);
    assert_eq!(states(folder), [0, number - 1, 1], "all files were read");
}

/// The published bytes of a vintage, where they are kept.
fn raw(folder: &Path, day: usize) -> PathBuf {
    let query =
        format!("SELECT source_file FROM source_file WHERE file_name = 'a_2020-01-{day:02}.csv'");
    let hashes = rows(folder, &query);
    assert_eq!(hashes.len(), 1, "{hashes:?}");
    folder.join("w/raw").join(&hashes[0])
}

#[test]
fn what_a_night_reads_does_not_grow_with_the_nights_before_it() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    for day in 1..7 {
        // Whoever reads the first vintage once more finds nothing.
        let aside = (day > 3).then(|| {
            let (path, aside) = (raw(folder, 1), folder.join("aside"));
            fs::rename(&path, &aside).unwrap();
            (path, aside)
        });
        let seen = follows(folder, day, 40 + day, 1000 + 10 * day);
        let expected = match day {
            1 => [0, 0, 1],
            _ => [day - 2, 1, 1],
        };
        assert_eq!(seen, expected, "day {day}");
        if let Some((path, aside)) = aside {
            fs::rename(aside, path).unwrap();
        }
    }
    let history = rows(
        folder,
        "SELECT published_from, published_to, count(*) FROM operation_history GROUP BY 1, 2 ORDER BY 1",
    );
    let each: Vec<String> = (1..6)
        .map(|day| format!("2020-01-0{day},2020-01-0{day},{}", 40 + day))
        .collect();
    assert_eq!(history, each);
    is_as_if_all_were_read(folder, 6);
}

#[test]
fn of_a_list_that_grows_the_last_part_and_what_is_said_again_are_read() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        format!("vintage = \"extend\"\n{declared}")
    });
    // Each part has operations of its own, and one of an earlier part with another amount.
    for (day, again, read) in [
        (1, None, 1),
        (2, None, 2),
        (3, None, 2),
        (4, Some((2, 1100)), 3),
        (5, None, 2),
        (6, Some((4, 1200)), 3),
        (7, Some((2, 1300)), 3),
    ] {
        let mut text =
            "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Gesamtausgaben in EUR\n".to_owned();
        let own = (0..20).map(|row| (day, row, 1000));
        for (of, row, euro) in own.chain(again.map(|(of, euro)| (of, 0, euro))) {
            let _ = writeln!(
                text,
                "Verein {of} {row} e.V.;Vorhaben {of} {row};01.02.2016;31.12.2017;{euro},00"
            );
        }
        if day > 1 {
            fs::remove_file(file(folder, "a", &format!("2020-01-{:02}", day - 1))).unwrap();
        }
        publish_text(folder, "a", &format!("2020-01-{day:02}"), &text);
        // Whoever reads the first part once more finds nothing.
        let aside = (day > 2).then(|| {
            let (path, aside) = (raw(folder, 1), folder.join("aside"));
            fs::rename(&path, &aside).unwrap();
            (path, aside)
        });
        night_ends(folder, &["--report", "out"], 0);
        assert_eq!(states(folder), [day - read, 0, read], "day {day}");
        if let Some((path, aside)) = aside {
            fs::rename(aside, path).unwrap();
        }
    }
    let history = rows(
        folder,
        "SELECT published_from, published_to, earlier_amounts FROM operation_history ORDER BY 1",
    );
    let expected = [
        "2020-01-02,2020-01-02",
        "2020-01-04,2020-01-04",
        "2020-01-04,2020-01-04",
    ];
    assert_eq!(history.len(), expected.len(), "{history:?}");
    for (row, days) in history.iter().zip(expected) {
        assert!(row.starts_with(days), "{history:?}");
    }
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,140"]);
    assert_eq!(rows(folder, TOTAL), ["140500"]);
    stays(folder, &["--full", "--report", "out"], 7);
    assert_eq!(states(folder), [0, 0, 7], "all files were read");
}

#[test]
fn operations_that_stay_as_they_are_keep_since_when() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    for (day, operations, euro) in [
        (1, 40, 1000),
        (2, 41, 1000),
        (3, 42, 1000),
        (4, 42, 1100),
        (5, 41, 1100),
        (6, 41, 1200),
    ] {
        let seen = follows(folder, day, operations, euro);
        if day > 1 {
            assert_eq!(seen, [day - 2, 1, 1], "day {day}");
        }
    }
    let history = rows(
        folder,
        "SELECT published_from, published_to, count(*), count(*) FILTER (WHERE changed_columns = 'gone') \
         FROM operation_history GROUP BY 1, 2 ORDER BY 1, 2",
    );
    let expected = [
        "2020-01-01,2020-01-03,40,0",
        "2020-01-02,2020-01-03,1,0",
        "2020-01-03,2020-01-03,1,0",
        "2020-01-04,2020-01-04,1,1",
        "2020-01-04,2020-01-05,41,0",
    ];
    assert_eq!(history, expected);
    let spans =
        "SELECT first_published, last_published, count(*) FROM operation GROUP BY 1, 2 ORDER BY 1";
    let expected = ["2020-01-01,2020-01-06,40", "2020-01-02,2020-01-06,1"];
    assert_eq!(rows(folder, spans), expected);
    is_as_if_all_were_read(folder, 6);
}

#[test]
fn all_vintages_are_read_where_operations_come_back() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    for (day, operations, euro, read) in [
        (1, 42, 1000, 1),
        (2, 40, 1000, 2),
        (3, 40, 1100, 2),
        // Two were gone: when they were first published stands in the first file.
        (4, 42, 1100, 4),
        // And since when they are as they are, where that ends.
        (5, 42, 1200, 5),
        (6, 43, 1200, 2),
        (7, 43, 1300, 2),
    ] {
        let [unread, older, loaded] = follows(folder, day, operations, euro);
        assert_eq!(
            (unread + older + loaded, older + loaded),
            (day, read),
            "day {day}"
        );
    }
    is_as_if_all_were_read(folder, 7);
}

#[test]
fn a_list_that_is_held_is_not_read_as_a_whole() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    for day in 1..4 {
        follows(folder, day, 40 + day, 1000);
    }
    fs::remove_file(raw(folder, 1)).unwrap();
    publish(folder, "a", "2020-01-04", 4, 1000);
    for _ in 0..2 {
        let printed = night_ends(folder, &["--report", "out"], 4);
        assert!(printed.contains("de_xx_a (held): "), "{printed}");
        assert!(
            printed.contains("nothing has changed since release 3 "),
            "{printed}"
        );
        assert_eq!(states(folder), [3, 0, 0]);
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,43"]);
    }
}

#[test]
fn a_list_that_stays_because_of_its_declaration_is_not_read_as_a_whole() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    for day in 1..4 {
        follows(folder, day, 40 + day, 1000);
    }
    let (path, aside) = (raw(folder, 1), folder.join("aside"));
    fs::rename(&path, &aside).unwrap();
    let source = declaration(folder, "a", "source.toml");
    let (right, wrong) = ("delimiter = \";\"", "delimiter = \",\"");
    rewrite(&source, |declared| {
        assert!(declared.contains(right), "{declared}");
        declared.replace(right, wrong)
    });
    for _ in 0..2 {
        let printed = night_ends(folder, &[], 4);
        assert!(printed.contains("de_xx_a (held): "), "{printed}");
        assert!(
            printed.contains("nothing has changed since release 3 "),
            "{printed}"
        );
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,43"]);
    }
    fs::rename(aside, path).unwrap();
    // Another declaration that is right has all of them read.
    rewrite(&source, |declared| {
        declared.replace(wrong, right) + "# looked at\n"
    });
    night_ends(folder, &["--report", "out"], 0);
    assert_eq!(states(folder), [0, 2, 1]);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,43"]);
}

#[test]
fn vintages_without_dates_are_as_if_all_were_read() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_undated(folder, "a");
    for day in 1..6 {
        let seen = follows(folder, day, 40, 1000 + 10 * day);
        if day > 1 {
            assert_eq!(seen, [day - 2, 1, 1], "day {day}");
        }
    }
    is_as_if_all_were_read(folder, 5);
}
