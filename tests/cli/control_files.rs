//! Several files of one list: what is held leaves no trace, formats that contradict each other are told, and what is accepted.

use std::fs;
use std::path::Path;

use super::list::{
    COUNTS, declaration, declare, file, loaded, newest_document, night_ends, publish, publish_text,
    published, rewrite, rows, spoil,
};

/// Publishes a list beside one that is there already.
fn publish_beside(folder: &Path, earlier: &str, day: &str, rows: usize) {
    let path = file(folder, "a", earlier);
    let kept = fs::read(&path).unwrap();
    publish(folder, "a", day, rows, 1000);
    fs::write(path, kept).unwrap();
}

#[test]
fn a_held_file_leaves_no_trace_once_a_newer_one_stands() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 4, 1000);
    night_ends(folder, &[], 4);
    publish_beside(folder, "2020-02-01", "2020-03-01", 41);
    for _ in 0..3 {
        let printed = night_ends(folder, &[], 4);
        let told = "it has 4 rows, a_2020-01-01.csv before it had 40";
        assert!(printed.contains(told), "{printed}");
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,41"]);
        // The operations of January all stand in March.
        for (table, n) in [("operation_history", "0"), ("control_total", "2")] {
            let count = format!("SELECT count(*) FROM {table}");
            assert_eq!(rows(folder, &count), [n], "{table}");
        }
    }
}

#[test]
fn two_formats_of_a_list_that_contradict_each_other_are_told() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    declare(folder, "b");
    let worse = "list_id = \"a\"\nrendition_rank = 2";
    rewrite(&declaration(folder, "b", "source.toml"), |declared| {
        declared.replace("list_id = \"b\"", worse)
    });
    let better = fs::read_to_string(file(folder, "a", "2020-01-01")).unwrap();
    let lines = better.split_inclusive('\n').take(40);
    let other: String = lines.collect();
    publish_text(folder, "b", "2020-01-01", &other);
    let printed = night_ends(folder, &[], 0);
    let told = "it contradicts a_2020-01-01.csv, the better rendition, whose rows count: 39 rows here and 40 there; \
                total_cost EUR 39000.00 here and 40000.00 there [esf explain renditions-contradict]";
    assert!(printed.contains(told), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    // Nothing of it is new in the next night.
    let printed = night_ends(folder, &["--full"], 0);
    assert!(!printed.contains("contradicts"), "{printed}");
    // Neither is there anything to tell where they agree.
    publish_text(folder, "b", "2020-02-01", &better);
    publish_text(folder, "a", "2020-02-01", &(better + "\n"));
    let printed = night_ends(folder, &[], 0);
    assert!(!printed.contains("contradicts"), "{printed}");
}

#[test]
fn what_is_accepted_is_the_file_that_is_named_and_nothing_that_passes() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 4, 1000);
    publish_beside(folder, "2020-02-01", "2020-03-01", 5);
    let printed = night_ends(folder, &["--accept", "de_xx_a:a_2020-03-01.csv=seen"], 4);
    for part in [
        "it has 4 rows, a_2020-01-01.csv before it had 40",
        "a_2020-03-01.csv: it was accepted (seen) though these controls failed: rows, total",
        "[esf explain file-accepted]",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,5"]);

    publish(folder, "a", "2020-04-01", 6, 1000);
    let printed = night_ends(folder, &["--accept", "de_xx_a=in advance"], 0);
    assert!(!printed.contains("it was accepted"), "{printed}");
    let last = newest_document(folder);
    assert!(last.contains("\"seen\""), "{last}");
    assert!(!last.contains("in advance"), "{last}");
}

#[test]
fn rows_beyond_expectation_are_accepted_with_a_new_file_and_with_the_one_that_stands() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    spoil(folder, "a", "2020-01-01");
    night_ends(folder, &["--accept", "de_xx_a=seen"], 0);
    night_ends(folder, &[], 0);
    publish(folder, "a", "2020-02-01", 41, 1000);
    spoil(folder, "a", "2020-02-01");
    night_ends(folder, &[], 4);
    // That was another file.
    night_ends(folder, &["--accept", "de_xx_a:a_2020-01-01.csv=seen"], 4);
    night_ends(folder, &["--accept", "de_xx_a:a_2020-02-01.csv=seen"], 0);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
}
