//! What comes in is compared with what it takes the place of, before it is published.

use std::path::Path;

use super::list::{
    COUNTS, TOTAL, answer, check, declaration, declare, file, loaded, newest_document, night,
    night_ends, over, publish, published, rewrite, rows, status,
};
use super::run;

#[test]
fn a_quiet_night_tells_what_is_wrong_and_nothing_else() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    let settings = "[report]\nhook = ['./no such program']\nwhen = 'failure'\n";
    std::fs::write(folder.join("esf.toml"), settings).unwrap();
    assert_eq!(night(folder, &["--quiet"]), (0, String::new()));
    publish(folder, "a", "2020-02-01", 4, 1000);
    let printed = night_ends(folder, &["--quiet"], 4);
    let told = |part: &str| printed.lines().any(|line| line.contains(part));
    assert!(told("de_xx_a (held): "), "{printed}");
    assert!(told("could not be started"), "{printed}");
    assert!(told("esf explain hook-failed"), "{printed}");
    let last = printed.lines().last().unwrap_or_default();
    assert!(last.contains("`esf explain 4`"), "{printed}");
    let (code, out, err) = run(folder, &over("ingest", "mirror", &["--quiet"]));
    assert_eq!((code, out.as_str()), (4, ""), "{err}");
    assert!(err.contains("de_xx_a (held): "), "{err}");
}

#[test]
fn a_list_that_shrank_is_held_until_somebody_takes_it() {
    let temporary = loaded(&["a", "b"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 4, 1000);
    publish(folder, "b", "2020-02-01", 41, 1000);
    let printed = night_ends(folder, &[], 4);
    assert!(
        printed.contains("it has 4 rows, a_2020-01-01.csv before it had 40"),
        "{printed}"
    );
    assert!(printed.contains("--accept de_xx_a=REASON"), "{printed}");
    // The other source went on.
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,41"]);
    night_ends(folder, &["--accept", "de_xx_a=the programme ended"], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,4", "de_xx_b,41"]);
    // Operators see in SQL what was compared, and why the file was taken.
    let query = "SELECT before, found, accepted FROM run_control WHERE control = 'rows' AND source_id = 'de_xx_a' \
                 AND accepted IS NOT NULL";
    let accepted = answer(folder, query, "operator");
    let row = "40.0000000000,4.0000000000,the programme ended";
    assert!(accepted.iter().any(|found| found == row), "{accepted:?}");
    // The reason is kept, and a night that redoes everything gives the same.
    assert!(newest_document(folder).contains("the programme ended"));
    let printed = night_ends(folder, &["--full"], 0);
    assert!(
        printed.contains("nothing has changed since release 3"),
        "{printed}"
    );
}

/// Adds a row that sums a published list up.
fn sum_up(folder: &Path, name: &str, day: &str, euro: usize) {
    rewrite(&file(folder, name, day), |list| {
        format!("{list}Summe;;;;{euro},00\n")
    });
}

#[test]
fn a_list_that_does_not_add_up_to_its_own_total_is_held() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    sum_up(folder, "a", "2020-01-01", 40_000);
    night_ends(folder, &[], 0);
    // A row more, and the total that there was before.
    publish(folder, "a", "2020-02-01", 41, 1000);
    sum_up(folder, "a", "2020-02-01", 40_000);
    let printed = night_ends(folder, &[], 4);
    for part in [
        "its own total at line 43 ",
        " says 40000.00 ",
        "its 41 rows add up to 41000.00, 1000.00 more",
        "--accept de_xx_a=REASON",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    night_ends(folder, &["--accept", "de_xx_a=the sum is old"], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,41"]);
    let query = "SELECT found, least, accepted FROM run_control WHERE control = 'published_total' ORDER BY run_id";
    let controls = answer(folder, query, "operator");
    assert_eq!(controls.len(), 3, "{controls:?}");
    assert!(controls[0].starts_with("40000."), "{controls:?}");
    assert!(
        controls[2].starts_with("41000.") && controls[2].ends_with("the sum is old"),
        "{controls:?}"
    );
}

#[test]
fn a_file_that_is_tried_is_compared_with_its_own_total_as_at_night() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    let tried = |day: &str| check(folder, "a", day);
    sum_up(folder, "a", "2020-01-01", 40_000);
    let (code, printed) = tried("2020-01-01");
    assert_eq!(code, 0, "{printed}");
    assert!(
        printed.contains("published total of total_cost EUR: the rows add up to what is stated"),
        "{printed}"
    );
    publish(folder, "a", "2020-02-01", 41, 1000);
    sum_up(folder, "a", "2020-02-01", 40_000);
    let (code, printed) = tried("2020-02-01");
    assert_eq!(code, 3, "{printed}");
    for part in [
        "its own total at line 43 ",
        "its 41 rows add up to 41000.00, 1000.00 more",
        "take it with --accept de_xx_a=REASON",
        "`esf explain control-failed`",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }

    // What source.toml states is compared too, of files of that day.
    let stated =
        "[[control.stated]]\npublished = \"2020-03-01\"\ntotals = { total_cost = \"39000.00\" }\n";
    rewrite(&declaration(folder, "a", "source.toml"), |declared| {
        declared + stated
    });
    publish(folder, "a", "2020-03-01", 40, 1000);
    let (code, printed) = tried("2020-03-01");
    assert_eq!(code, 3, "{printed}");
    let part = "[[control.stated]] in source.toml says 39000.00 total_cost EUR, and its 40 rows add up to 40000.00";
    assert!(printed.contains(part), "{printed}");
    publish(folder, "a", "2020-04-01", 40, 1000);
    let (code, printed) = tried("2020-04-01");
    assert_eq!(code, 0, "{printed}");
}

#[test]
fn a_held_source_alone_makes_no_release_and_is_held_until_a_file_is_sound() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    publish(folder, "a", "2020-02-01", 4, 1000);
    for _ in 0..2 {
        let printed = night_ends(folder, &[], 4);
        assert!(printed.contains("de_xx_a (held): "), "{printed}");
        assert!(
            printed.contains("nothing has changed since release 1"),
            "{printed}"
        );
    }
    let state = || {
        let out = status(folder);
        let line = out.lines().find(|line| line.starts_with("de_xx_a,"));
        let fields = line.unwrap_or_default().split(',');
        fields.skip(5).take(1).collect::<String>()
    };
    assert_eq!(state(), "held");
    // Without any file nobody knows better; that the folder is empty is told as well.
    std::fs::remove_file(file(folder, "a", "2020-02-01")).unwrap();
    night_ends(folder, &[], 5);
    assert_eq!(state(), "held (no file)");
    publish(folder, "a", "2020-03-01", 41, 1000);
    let printed = night_ends(folder, &[], 0);
    assert!(printed.contains("published release 2"), "{printed}");
    assert_eq!(state(), "loaded");
}

#[test]
fn what_is_held_stays_held_where_everything_is_read_again() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    let fails: [(usize, usize, &str); 2] = [
        (4, 1000, "it has 4 rows, a_2020-01-01.csv before it had 40"),
        (
            40,
            100_000,
            "add up to 4000000.00, those of a_2020-01-01.csv",
        ),
    ];
    for (number, euro, told) in fails {
        publish(folder, "a", "2020-02-01", number, euro);
        // Whether a night has held it before or not.
        for more in [&["--full"][..], &[][..], &["--full"][..]] {
            let (code, printed) = night(folder, more);
            assert_eq!(code, 4, "{more:?}: {printed}");
            assert!(printed.contains("de_xx_a (held): "), "{more:?}: {printed}");
            assert!(printed.contains(told), "{more:?}: {printed}");
            assert!(
                printed.contains("nothing has changed since release 1"),
                "{more:?}: {printed}"
            );
            assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
        }
    }
    night_ends(folder, &["--full", "--accept", "de_xx_a=seen"], 0);
    assert_eq!(rows(folder, TOTAL), ["4000000"]);
}

#[test]
fn a_list_that_stands_stays_where_it_does_not_add_up_to_what_is_stated_now() {
    let temporary = loaded(&["a"]);
    let folder = temporary.path();
    let path = declaration(folder, "a", "source.toml");
    let declared = std::fs::read_to_string(&path).unwrap();
    let state = |euro: usize| {
        let stated = format!("[[control.stated]]\ntotals = {{ total_cost = \"{euro}.00\" }}\n");
        std::fs::write(&path, declared.clone() + &stated).unwrap();
    };
    state(39_000);
    // Every night that finds the declaration so, and not only one that is told to read everything again.
    for more in [&[][..], &["--full"][..], &[][..]] {
        let printed = night_ends(folder, more, 4);
        for part in [
            "de_xx_a (held): ",
            "nothing has changed since release 1",
            "says 39000.00 total_cost EUR, and its 40 rows add up to 40000.00",
            "[esf explain control-standing]",
        ] {
            assert!(printed.contains(part), "{part}: {printed}");
        }
        assert!(!printed.contains("--accept"), "{printed}");
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    }
    // An older file need not add up to a total of the newest: its rows do not count.
    publish(folder, "a", "2020-02-01", 41, 1000);
    state(41_000);
    for more in [&[][..], &["--full"][..]] {
        night_ends(folder, more, 0);
        assert_eq!(rows(folder, COUNTS), ["de_xx_a,41"]);
    }
}

#[test]
fn an_accepted_source_must_be_one_and_have_a_reason() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    let printed = night_ends(folder, &["--accept", "de_xx_b=seen"], 2);
    assert!(printed.contains("did you mean"), "{printed}");
    let printed = night_ends(folder, &["--accept", "de_xx_a="], 2);
    assert!(printed.contains("SOURCE=REASON"), "{printed}");
}

#[test]
fn what_has_not_changed_is_taken_over_as_it_was() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let names: Vec<String> = (0..30).map(|number| format!("l{number:02}")).collect();
    for (number, name) in names.iter().enumerate() {
        declare(folder, name);
        publish(folder, name, "2020-01-01", 20 + number, 1000);
    }
    night_ends(folder, &[], 0);
    let before = rows(folder, COUNTS);
    // One changes, one is new, and the middle one is mended.
    publish(folder, "l07", "2020-02-01", 30, 1100);
    declare(folder, "l15x");
    publish(folder, "l15x", "2020-02-01", 25, 900);
    rewrite(&declaration(folder, "l20", "mapping.toml"), |mapping| {
        mapping + "# mended\n"
    });
    night_ends(folder, &[], 0);
    let mut expected = before;
    expected[7] = "de_xx_l07,30".into();
    expected.insert(16, "de_xx_l15x,25".into());
    assert_eq!(rows(folder, COUNTS), expected);
    // The same bytes as when everything is made again.
    let printed = night_ends(folder, &["--full"], 0);
    assert!(
        printed.contains("nothing has changed since release 2"),
        "{printed}"
    );
}
