//! What a night makes of files that come again, too early, too late or not at all.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::list::{
    COUNTS, TOTAL, declare, declare_undated, file, newest_document, night, night_ends, publish,
    publish_text, published, report, rows, spoil, status, stays,
};

#[test]
fn a_list_without_dates_that_goes_back_to_earlier_bytes_follows() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_undated(folder, "a");
    declare(folder, "b");
    publish(folder, "b", "2020-02-01", 40, 1000);
    for (euro, total) in [(1000, "80000"), (1100, "84000"), (1000, "80000")] {
        publish(folder, "a", "2020-01-01", 40, euro);
        let printed = night_ends(folder, &[], 0);
        assert!(printed.contains("published release"), "{printed}");
        assert_eq!(rows(folder, TOTAL), [total]);
    }
    let printed = night_ends(folder, &[], 0);
    assert!(
        printed.contains("nothing has changed since release 3"),
        "{printed}"
    );

    // A folder that keeps old files says nothing new with them.
    beside(folder, "2020-01-01", "old", 1100);
    let (_, printed) = night(folder, &[]);
    assert!(
        printed.contains("nothing has changed since release 3"),
        "{printed}"
    );

    // Dates order the files of the other list, whatever comes last.
    publish(folder, "b", "2020-03-01", 40, 1100);
    night(folder, &[]);
    publish(folder, "b", "2020-02-01", 40, 1000);
    let (_, printed) = night(folder, &[]);
    assert!(
        printed.contains("nothing has changed since release 4"),
        "{printed}"
    );
    assert_eq!(rows(folder, TOTAL), ["84000"]);
}

#[test]
fn a_date_that_is_still_to_come_is_held_and_an_old_file_is_told() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    publish(folder, "a", "2020-02-01", 40, 1000);
    night_ends(folder, &[], 0);
    publish(folder, "a", "2099-02-01", 41, 1000);
    let printed = night_ends(folder, &[], 4);
    assert!(
        printed.contains("published on 2099-02-01, and today is "),
        "{printed}"
    );
    assert!(
        printed.contains("[esf explain published-in-future]"),
        "{printed}"
    );
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    publish(folder, "a", "2020-01-01", 42, 1000);
    let printed = night_ends(folder, &["--report", "out"], 0);
    let told =
        "(it was published on 2020-01-01, a_2020-02-01.csv on 2020-02-01); its rows are not used";
    assert!(printed.contains(told), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    let report = report(folder);
    let states = report["sources"].as_array().unwrap().iter();
    let states: Vec<&str> = states.map(|file| file["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["older", "loaded"]);
    // What came last is not what is newest.
    let out = status(folder);
    assert!(out.contains("de_xx_a,a,a_2020-02-01.csv,"), "{out}");
    publish(folder, "a", "2099-02-01", 41, 1000);
    night_ends(folder, &["--accept", "de_xx_a=it is the year"], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,41"]);
}

#[test]
fn what_is_not_there_and_what_is_lacking_is_told_every_night() {
    let temporary = published(&["a", "b"]);
    let folder = temporary.path();
    spoil(folder, "b", "2020-01-01");
    night_ends(folder, &[], 4);
    fs::remove_file(file(folder, "a", "2020-01-01")).unwrap();
    // What the release lacks is told as on the night that published it.
    let printed = night_ends(folder, &["--report", "out"], 4);
    let kept = report(folder);
    assert_eq!(
        (&kept["outcome"], &kept["exit_code"]),
        (&Value::from("unchanged"), &Value::from(4))
    );
    assert!(
        printed.contains("1 source has no current file in the folders: de_xx_a;"),
        "{printed}"
    );
    let told = "de_xx_b: b_2020-01-01.csv: 1 rows quarantined, 0 expected; see ";
    assert!(printed.contains(told), "{printed}");
    assert_eq!(report(folder)["absent"], serde_json::json!(["de_xx_a"]));
    let metrics = fs::read_to_string(folder.join("out/metrics.prom")).unwrap();
    for line in [
        "esf_source_rows{source=\"de_xx_a\"} 40",
        "esf_source_rows{source=\"de_xx_b\"} 39",
        "esf_source_quarantined_rows{source=\"de_xx_b\"} 1",
    ] {
        assert!(
            metrics.lines().any(|l| l == line),
            "{line} is not in\n{metrics}"
        );
    }
    let out = status(folder);
    let of_b = out
        .lines()
        .find(|line| line.starts_with("de_xx_b"))
        .unwrap();
    assert!(of_b.ends_with(",0,1"), "{out}");
    assert!(out.contains(",loaded (no file),"), "{out}");

    // A publisher who names a list otherwise is noticed by that.
    fs::write(folder.join("mirror/notes.txt"), "x").unwrap();
    let printed = night_ends(folder, &["--report", "out"], 4);
    let told =
        "1 file in the folders belongs to no source: notes.txt [esf explain files-unclaimed]";
    assert!(printed.contains(told), "{printed}");
    let json = report(folder);
    assert_eq!(json["unclaimed"], serde_json::json!(["notes.txt"]));
    assert_eq!(json["nothing_found"], false);

    // Until somebody takes the file as it is, with a reason that is kept.
    for (more, told) in [
        (
            &["--accept", "de_xx_b=asked by telephone"][..],
            "published release 2",
        ),
        (&[][..], "nothing has changed since release 2"),
    ] {
        let printed = night_ends(folder, more, 0);
        assert!(printed.contains(told), "{printed}");
        assert!(!printed.contains("rows quarantined"), "{printed}");
    }

    fs::remove_file(file(folder, "b", "2020-01-01")).unwrap();
    for (more, there) in [
        (&["--report", "out"][..], "1 file lies there"),
        (&["--quiet"][..], "it is empty"),
    ] {
        let printed = night_ends(folder, more, 5);
        let told =
            " belongs to any source; see whether it is the right folder, and mounted: ".to_owned();
        assert!(printed.contains(&(told + there)), "{printed}");
        // The sources keep what they have.
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,39"]);
        let _ = fs::remove_file(folder.join("mirror/notes.txt"));
    }
    let absent = serde_json::json!(["de_xx_a", "de_xx_b"]);
    assert_eq!(report(folder)["absent"], absent);
}

/// Puts a list with another amount beside the one of this name.
fn beside(folder: &Path, name: &str, other: &str, euro: usize) {
    let text = fs::read_to_string(file(folder, "a", name)).unwrap();
    let changed = text.replace("1000,00", &format!("{euro},00"));
    publish_text(folder, "a", other, &changed);
}

#[test]
fn of_several_undated_files_of_one_night_none_counts() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_undated(folder, "a");
    declare(folder, "b");
    publish(folder, "b", "2020-02-01", 40, 1000);
    publish(folder, "a", "one", 40, 1000);
    let held = |counts: &[&str]| {
        let printed = night_ends(folder, &[], 4);
        for part in [
            " are states of one list that came together, and nothing says which of them is the newest",
            "[esf explain vintages-undated]",
        ] {
            assert!(printed.contains(part), "{part}: {printed}");
        }
        assert_eq!(rows(folder, COUNTS), counts, "{printed}");
    };
    // An odd one is not left over.
    beside(folder, "one", "two", 1100);
    beside(folder, "one", "three", 1200);
    held(&["de_xx_b,40"]);
    held(&["de_xx_b,40"]);
    for name in ["two", "three"] {
        fs::remove_file(file(folder, "a", name)).unwrap();
    }
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, TOTAL), ["80000"]);
    // Where the others are known from earlier nights, the one that is new is the newest.
    beside(folder, "one", "two", 1100);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, TOTAL), ["84000"]);
    for (name, euro) in [("three", 1200), ("four", 1300), ("five", 1400)] {
        beside(folder, "one", name, euro);
    }
    held(&["de_xx_a,40", "de_xx_b,40"]);
    assert_eq!(rows(folder, TOTAL), ["84000"]);
}

#[test]
fn of_several_undated_files_of_one_night_the_one_that_is_named_counts_and_goes_on_to() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_undated(folder, "a");
    publish(folder, "a", "one", 40, 1000);
    night_ends(folder, &[], 0);
    for (name, euro) in [("two", 1100), ("three", 1200), ("four", 1300)] {
        beside(folder, "one", name, euro);
    }
    // Of the whole source, or of two of them, says nothing.
    let (two, three) = ("de_xx_a:a_two.csv=a draft", "de_xx_a:a_three.csv=told so");
    for accepted in [
        &["--accept", "de_xx_a=any of them"][..],
        &["--accept", two, "--accept", three],
    ] {
        let printed = night_ends(folder, accepted, 4);
        let told = "[esf explain vintages-undated]";
        assert!(printed.contains(told), "{printed}");
        assert_eq!(rows(folder, TOTAL), ["40000"]);
    }
    let printed = night_ends(folder, &["--accept", three], 0);
    for name in ["a_two.csv", "a_four.csv"] {
        let line = format!("de_xx_a (older): {name}: a_three.csv counts in its place (told so)");
        assert!(printed.contains(&line), "{line}: {printed}");
    }
    assert!(
        printed.contains("[esf explain file-passed-over]"),
        "{printed}"
    );
    assert_eq!(rows(folder, TOTAL), ["48000"]);
    // What was passed over is no state of the list.
    let states = "SELECT file_name FROM source_file ORDER BY 1";
    assert_eq!(rows(folder, states), ["a_one.csv", "a_three.csv"]);
    let document = newest_document(folder);
    assert!(document.contains("told so"), "{document}");
    assert!(document.contains("a_four.csv"), "{document}");

    // On later nights it is the newest, and nobody looks at the others.
    for more in [&[][..], &["--full"]] {
        let printed = stays(folder, more, 2);
        assert!(!printed.contains("a_two.csv"), "{printed}");
        assert_eq!(rows(folder, TOTAL), ["48000"]);
    }
    let text = fs::read_to_string(file(folder, "a", "three")).unwrap();
    for name in ["one", "three"] {
        fs::remove_file(file(folder, "a", name)).unwrap();
    }
    let told = "1 source has no current file in the folders: de_xx_a; it stays as it was";
    assert!(stays(folder, &[], 2).contains(told));
    publish_text(folder, "a", "three", &text);
    let newer = text.replace("1200,00", "1250,00");
    publish_text(folder, "a", "five", &newer);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, TOTAL), ["50000"]);
    // Who names one of them after all takes it as the newest.
    let four = "de_xx_a:a_four.csv=they called again";
    night_ends(folder, &["--accept", four], 0);
    assert_eq!(rows(folder, TOTAL), ["52000"]);
    stays(folder, &["--full"], 4);
    let all = ["a_five.csv", "a_four.csv", "a_one.csv", "a_three.csv"];
    assert_eq!(rows(folder, states), all);
}

#[test]
fn a_newest_file_that_is_gone_for_a_night_takes_nothing_back() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_undated(folder, "a");
    publish(folder, "a", "old", 40, 1000);
    night_ends(folder, &[], 0);
    beside(folder, "old", "new", 1100);
    night_ends(folder, &[], 0);
    let newest = file(folder, "a", "new");
    let bytes = fs::read(&newest).unwrap();
    fs::remove_file(&newest).unwrap();
    let printed = stays(folder, &["--report", "out"], 2);
    let told = "1 source has no current file in the folders: de_xx_a; it stays as it was";
    assert!(printed.contains(told), "{printed}");
    assert_eq!(report(folder)["absent"], serde_json::json!(["de_xx_a"]));
    assert_eq!(rows(folder, TOTAL), ["44000"]);
    fs::write(&newest, bytes).unwrap();
    assert!(!stays(folder, &[], 2).contains("no current file"));
    assert_eq!(rows(folder, TOTAL), ["44000"]);
}

#[test]
fn a_correction_of_the_same_date_that_is_taken_back_is_gone() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    for (euro, total) in [(1000, "40000"), (1100, "44000"), (1000, "40000")] {
        publish(folder, "a", "2020-01-01", 40, euro);
        let printed = night_ends(folder, &[], 0);
        assert!(printed.contains("published release"), "{printed}");
        assert_eq!(rows(folder, TOTAL), [total]);
    }
    stays(folder, &[], 3);
}

#[test]
fn files_that_newer_ones_have_taken_the_place_of_share_a_line() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    for (day, told) in [(1, 0), (2, 1), (3, 1)] {
        publish(folder, "a", &format!("2020-01-0{day}"), 40 + day, 1000);
        let printed = night_ends(folder, &["--report", "out"], 0);
        let lines = printed.lines().filter(|line| line.contains("older: "));
        assert_eq!(lines.count(), told, "{printed}");
        // What was older before was not read again, and is no news.
        assert!(!printed.contains("older: 2 files"), "{printed}");
        // The report has each of them.
        assert_eq!(
            report(folder)["sources"].as_array().map(Vec::len),
            Some(day)
        );
    }
    let printed = night_ends(folder, &["--full"], 0);
    let lines = printed.lines().filter(|line| line.contains("older: "));
    assert_eq!(lines.count(), 1, "{printed}");
    assert!(
        printed.contains("older: 2 files that are kept"),
        "{printed}"
    );
}
