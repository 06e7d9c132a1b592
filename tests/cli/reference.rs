//! Tables that lists are read with: a new one is looked at before any list is read with it.

use std::fs;
use std::path::Path;

use super::archive::{damage, kept};
use super::list::{
    COUNTS, answer, declaration, declare, file, newest_document, night_ends, publish, publish_text,
    report, rewrite, rows,
};
use super::run;

/// Operations with a region below the country.
const PLACED: &str = "SELECT count(*) FROM operation WHERE length(nuts_code) > 2";

/// Declares a table of postcodes of 30 to 50 rows.
fn declare_places(folder: &Path) {
    let path = declaration(folder, "places", "source.toml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let declared = "title = \"Made postcodes\"\npublisher = \"Musterministerium\"\nkind = \"reference\"\n\
                    role = \"postcode_nuts\"\nfiles = [\"places_*.csv\"]\nlist_id = \"places\"\ncountry = \"DE\"\n\
                    expected_rows = [30, 50]\n[format]\nkind = \"csv\"\nencoding = \"utf-8\"\ndelimiter = \",\"\n";
    fs::write(path, declared).unwrap();
}

/// The postcodes from 01001 on, so many of them, in place of the table before.
fn publish_places(folder: &Path, name: &str, rows: usize) {
    for old in ["1", "2", "3", "4"] {
        let _ = fs::remove_file(file(folder, "places", old));
    }
    let mut lines = vec!["alpha_2,zip,nuts_3".to_owned()];
    lines.extend((0..rows).map(|row| format!("DE,{:05},DED21", 1001 + row)));
    publish_text(folder, "places", name, &(lines.join("\n") + "\n"));
}

/// A list of 40 operations, one at each of 40 postcodes.
fn publish_placed(folder: &Path, name: &str) {
    declare(folder, name);
    publish(folder, name, "2020-01-01", 40, 1000);
    rewrite(&file(folder, name, "2020-01-01"), |text| {
        let lines = text.lines().enumerate().map(|(at, line)| match at {
            0 => format!("{line};PLZ"),
            at => format!("{line};{:05}", 1000 + at),
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    });
}

/// A folder in which a night has read a list with a table of 40 postcodes.
fn placed() -> tempfile::TempDir {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    publish_placed(folder, "a");
    declare_places(folder);
    publish_places(folder, "1", 40);
    night_ends(folder, &["--report", "out"], 0);
    assert_eq!(rows(folder, PLACED), ["40"]);
    temporary
}

/// The state of a reference in the report, with its rows.
fn reported(folder: &Path) -> Option<(String, u64)> {
    let report = report(folder);
    let mut sources = report["sources"].as_array().unwrap().iter();
    let of_places = sources.find(|one| one["source_id"] == "de_xx_places")?;
    let state = of_places["state"].as_str().unwrap().to_owned();
    Some((state, of_places["data_rows"].as_u64().unwrap()))
}

#[test]
fn status_tells_of_a_reference_table_that_the_folders_have_no_file_and_no_age() {
    let temporary = placed();
    let folder = temporary.path();
    let state = || {
        let asked = ["status", "--warehouse", "w", "--sources", "sources"];
        let (code, out, err) = run(folder, &[&asked[..], &["--format", "csv"]].concat());
        assert_eq!(code, 0, "{err}");
        let mut lines = out.lines();
        let line = lines.find(|line| line.starts_with("de_xx_places,"));
        let fields = line.unwrap().split(',').skip(5).map(str::to_owned);
        fields.collect::<Vec<String>>()
    };
    // State, last checked, age.
    let known = state();
    assert_eq!((known[0].as_str(), known[2].as_str()), ("reference", ""));
    assert!(!known[1].is_empty());
    fs::remove_file(file(folder, "places", "1")).unwrap();
    night_ends(folder, &[], 0);
    assert_eq!(state()[..3], ["reference (no file)", "", ""]);
}

#[test]
fn a_reference_table_that_is_cut_short_is_held_and_lists_keep_their_regions() {
    let temporary = placed();
    let folder = temporary.path();
    assert_eq!(reported(folder), Some(("loaded".to_owned(), 40)));
    let metrics = fs::read_to_string(folder.join("out/metrics.prom")).unwrap();
    let rows_told = "esf_source_rows{source=\"de_xx_places\"} 40\n";
    assert!(metrics.contains(rows_told), "{metrics}");
    publish_places(folder, "2", 21);
    rewrite(&file(folder, "places", "2"), |text| {
        text.strip_suffix("21\n").unwrap().to_owned()
    });
    // Also where everything is read again, and each night until the table is whole.
    for more in [&["--report", "out"][..], &["--full"], &[]] {
        let printed = night_ends(folder, more, 4);
        for part in [
            "de_xx_places (held): places_2.csv: 21 rows, where the source declares 30 to 50",
            "it ends inside of its last record",
            "--accept de_xx_places=REASON",
            "nothing has changed since release 1",
        ] {
            assert!(printed.contains(part), "{part}: {printed}");
        }
        assert_eq!(rows(folder, PLACED), ["40"]);
    }
    assert_eq!(reported(folder), Some(("held".to_owned(), 0)));
    // The other sources go on, with the table before.
    publish_placed(folder, "b");
    let printed = night_ends(folder, &[], 4);
    assert!(printed.contains("published release 2"), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,40"]);
    assert_eq!(rows(folder, PLACED), ["80"]);
    assert!(newest_document(folder).contains("places_1.csv"));
    publish_places(folder, "3", 41);
    let printed = night_ends(folder, &["--report", "out"], 0);
    assert!(printed.contains("published release 3"), "{printed}");
    assert_eq!(reported(folder), Some(("loaded".to_owned(), 41)));
}

#[test]
fn a_reference_table_that_somebody_takes_is_kept_with_the_reason() {
    let temporary = placed();
    let folder = temporary.path();
    publish_places(folder, "2", 25);
    night_ends(folder, &[], 4);
    let accepted = ["--accept", "de_xx_places=the others are gone"];
    let printed = night_ends(folder, &accepted, 0);
    let told = "it was accepted (the others are gone) though these controls failed: expected_rows";
    assert!(printed.contains(told), "{printed}");
    // The lists that lose regions by it are taken with it, and that is told.
    let told = "though these controls failed: region_coverage";
    assert!(printed.contains(told), "{printed}");
    assert_eq!(rows(folder, PLACED), ["25"]);
    let document = newest_document(folder);
    assert!(document.contains("the others are gone"), "{document}");
    let query = "SELECT source_id, control FROM run_control WHERE accepted = 'the others are gone' ORDER BY 1";
    let controls = answer(folder, query, "operator");
    assert_eq!(
        controls,
        ["de_xx_a,region_coverage", "de_xx_places,expected_rows"]
    );
    for more in [&[][..], &["--full"]] {
        let printed = night_ends(folder, more, 0);
        assert!(
            printed.contains("nothing has changed since release 2"),
            "{printed}"
        );
    }
}

#[test]
fn a_list_that_would_lose_its_regions_stays_until_somebody_takes_it() {
    let temporary = placed();
    let folder = temporary.path();
    // As many rows, but of other places.
    publish_places(folder, "2", 40);
    rewrite(&file(folder, "places", "2"), |text| {
        text.replace("DE,010", "DE,020")
    });
    // The next night still compares with what stands, whatever table it stands on.
    for release in ["release 1 ", "release 2 "] {
        let printed = night_ends(folder, &[], 4);
        let told = format!("0.0 % of its operations have a region, in {release}100.0 %");
        for part in [
            told.as_str(),
            "[esf explain regions-fewer]",
            "--accept de_xx_a=REASON",
        ] {
            assert!(printed.contains(part), "{part}: {printed}");
        }
        assert_eq!(rows(folder, PLACED), ["40"]);
    }
    night_ends(folder, &["--accept", "de_xx_a=they moved"], 0);
    assert_eq!(rows(folder, PLACED), ["0"]);
    night_ends(folder, &["--full"], 0);
}

#[test]
fn a_reference_table_with_another_header_is_held() {
    let temporary = placed();
    let folder = temporary.path();
    publish_places(folder, "2", 40);
    rewrite(&file(folder, "places", "2"), |text| {
        text.replace("alpha_2,zip", "Land,PLZ")
    });
    publish_placed(folder, "b");
    let printed = night_ends(folder, &[], 4);
    for part in [
        "de_xx_places (held): places_2.csv: table postcode_nuts has no column alpha_2",
        "[esf explain reference-broken]",
        "published release 2",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert_eq!(rows(folder, PLACED), ["80"]);
}

#[test]
fn without_a_table_to_go_back_to_nothing_is_published() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    publish_placed(folder, "a");
    declare_places(folder);
    publish_places(folder, "1", 29);
    let printed = night_ends(folder, &[], 1);
    for part in [
        "29 rows, where the source declares 30 to 50",
        "`esf explain reference-broken`",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert!(!folder.join("w/releases").exists());
    night_ends(folder, &["--accept", "de_xx_places=there are no more"], 0);
    assert_eq!(rows(folder, PLACED), ["29"]);
}

#[test]
fn a_broken_first_table_is_left_out_where_a_release_stands_without_it() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    publish_placed(folder, "a");
    night_ends(folder, &[], 0);
    declare_places(folder);
    publish_places(folder, "1", 29);
    for more in [&["--report", "out"][..], &["--dry-run"], &[]] {
        let printed = night_ends(folder, more, 4);
        for part in [
            "de_xx_places (left out): places_1.csv: 29 rows, where the source declares 30 to 50",
            "There is no earlier file of this reference table, so the run goes on without it",
            "--accept de_xx_places=REASON",
            "[esf explain rows-outside-range]",
            "nothing has changed since release 1",
        ] {
            assert!(printed.contains(part), "{part}: {printed}");
        }
    }
    assert_eq!(reported(folder), Some(("left_out".to_owned(), 0)));
    let asked = ["status", "--warehouse", "w", "--sources", "sources"];
    let (code, out, err) = run(folder, &[&asked[..], &["--format", "csv"]].concat());
    assert_eq!(code, 0, "{err}");
    let state = "de_xx_places,places,,,,reference (left out),";
    assert!(out.contains(state), "{out}");

    // The others go on, and what would be read with it says so.
    publish_placed(folder, "b");
    let printed = night_ends(folder, &["--report", "out"], 4);
    assert!(printed.contains("published release 2"), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,40"]);
    assert_eq!(rows(folder, PLACED), ["0"]);
    let told = "it is read without reference tables that cannot be used: places_1.csv; ";
    assert!(printed.contains(told), "{printed}");
    for (source, is_derived) in [("de_xx_a", false), ("de_xx_b", true)] {
        let report = report(folder);
        let mut sources = report["sources"].as_array().unwrap().iter();
        let of_list = sources.find(|one| one["source_id"] == source).unwrap();
        let message = of_list["message"].as_str().unwrap_or_default();
        assert_eq!(message.contains(told), is_derived, "{source}: {message}");
    }
    publish_places(folder, "2", 40);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, PLACED), ["80"]);
}

#[test]
fn a_broken_table_beside_one_of_its_kind_is_left_out() {
    let temporary = placed();
    let folder = temporary.path();
    let declared = fs::read_to_string(declaration(folder, "places", "source.toml")).unwrap();
    let other = declaration(folder, "more", "source.toml");
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    fs::write(other, declared.replace("places", "more")).unwrap();
    publish_text(folder, "more", "1", "Land,PLZ,nuts_3\nDE,01001,DED21\n");
    publish_placed(folder, "b");
    let printed = night_ends(folder, &[], 4);
    for part in [
        "de_xx_more (left out): more_1.csv: table postcode_nuts has no column alpha_2",
        "so the run goes on without it (of its kind there is places_1.csv)",
        "[esf explain reference-broken]",
        "published release 2",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert_eq!(rows(folder, PLACED), ["80"]);
}

#[test]
fn of_tables_that_came_together_none_is_passed_over_for_one_that_cannot_be_used() {
    let temporary = placed();
    let folder = temporary.path();
    publish_places(folder, "3", 41);
    let whole = fs::read_to_string(file(folder, "places", "3")).unwrap();
    publish_places(folder, "2", 40);
    rewrite(&file(folder, "places", "2"), |text| {
        text.replace("alpha_2,zip", "Land,PLZ")
    });
    publish_text(folder, "places", "3", &whole);
    let accepted = ["--accept", "de_xx_places:places_2.csv=told so"];
    let printed = night_ends(folder, &accepted, 4);
    for part in [
        "de_xx_places (held): places_2.csv: table postcode_nuts has no column alpha_2",
        "places_2.csv was named to count in its place (told so) and cannot be used",
        "[esf explain vintages-undated]",
        "nothing has changed since release 1",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert!(!printed.contains(" counts in its place "), "{printed}");
    let accepted = ["--accept", "de_xx_places:places_3.csv=told so"];
    let printed = night_ends(folder, &accepted, 0);
    let told = "de_xx_places (older): places_2.csv: places_3.csv counts in its place (told so); ";
    assert!(printed.contains(told), "{printed}");
    assert!(newest_document(folder).contains("places_3.csv"));
    // Nobody looks at the other any more.
    night_ends(folder, &[], 0);
}

/// Lets the table of postcodes be fetched from where it is moved to.
fn fetch_places(folder: &Path) {
    let table = folder.join("places.csv");
    fs::rename(file(folder, "places", "1"), &table).unwrap();
    let address = table.display();
    rewrite(&declaration(folder, "places", "source.toml"), |declared| {
        format!("{declared}[fetch]\nurl = \"file://{address}\"\nfile_name = \"places_1.csv\"\n")
    });
}

#[test]
fn a_first_table_that_is_damaged_in_the_archive_is_asked_for_as_a_whole() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_places(folder);
    publish_places(folder, "1", 40);
    fetch_places(folder);
    // No list can be read, and nothing is published.
    publish_placed(folder, "a");
    let list = fs::read(file(folder, "a", "2020-01-01")).unwrap();
    publish_text(folder, "a", "2020-01-01", "Wartung\n");
    night_ends(folder, &["--fetch"], 4);
    let table = fs::read(folder.join("places.csv")).unwrap();
    let raw = kept(folder, &table);
    damage(&raw);
    fs::write(file(folder, "a", "2020-01-01"), list).unwrap();
    let printed = night_ends(folder, &["--fetch"], 1);
    assert!(printed.contains("`esf explain object-lost`"), "{printed}");
    assert!(!folder.join("w/releases").exists());
    night_ends(folder, &["--fetch"], 0);
    assert!(fs::read(&raw).unwrap() == table);
    assert_eq!(rows(folder, PLACED), ["40"]);
}

#[test]
fn a_table_that_is_left_out_and_damaged_in_the_archive_is_asked_for_as_a_whole() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    publish_placed(folder, "a");
    night_ends(folder, &[], 0);
    declare_places(folder);
    publish_places(folder, "1", 29);
    fetch_places(folder);
    let rows_told = "de_xx_places (left out): places_1.csv: 29 rows";
    let printed = night_ends(folder, &["--fetch"], 4);
    assert!(printed.contains(rows_told), "{printed}");
    let table = fs::read(folder.join("places.csv")).unwrap();
    let raw = kept(folder, &table);
    damage(&raw);
    let printed = night_ends(folder, &["--fetch"], 4);
    for part in ["de_xx_places (left out): ", "[esf explain object-lost]"] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let printed = night_ends(folder, &["--fetch"], 4);
    assert!(printed.contains(rows_told), "{printed}");
    assert!(fs::read(&raw).unwrap() == table);
}

#[test]
fn a_table_that_is_left_out_and_taken_away_by_a_redaction_ends_no_night() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    publish_placed(folder, "a");
    night_ends(folder, &[], 0);
    declare_places(folder);
    publish_places(folder, "1", 28);
    rewrite(&file(folder, "places", "1"), |text| {
        text + "DE,09999,Quuxberg Muster\n"
    });
    fetch_places(folder);
    let rows_told = "de_xx_places (left out): places_1.csv: 29 rows";
    let printed = night_ends(folder, &["--fetch"], 4);
    assert!(printed.contains(rows_told), "{printed}");
    // No release has it, so that nobody knows what it is.
    let asked = ["redact", "--text", "Quuxberg Muster", "--reason", "asked"];
    let (code, out, err) = run(
        folder,
        &[&asked[..], &["--warehouse", "w", "--apply"]].concat(),
    );
    assert_eq!(code, 0, "{out}{err}");
    assert!((out + &err).contains("1 published files"), "{err}");
    // The publisher is asked for it again, on every night that has to be.
    for _ in 0..2 {
        let printed = night_ends(folder, &["--fetch"], 4);
        assert!(printed.contains(rows_told), "{printed}");
    }
}

#[test]
fn lists_stay_where_the_table_that_they_are_read_with_is_damaged() {
    let temporary = placed();
    let folder = temporary.path();
    let table = file(folder, "places", "1");
    let bytes = fs::read(&table).unwrap();
    fs::remove_file(&table).unwrap();
    let raw = fs::read_dir(folder.join("w/raw")).unwrap();
    let mut raw = raw.map(|entry| entry.unwrap().path());
    let kept = raw.find(|path| fs::read(path).unwrap() == bytes).unwrap();
    let mut damaged = bytes.clone();
    damaged[30] ^= 1;
    fs::remove_file(&kept).unwrap();
    fs::write(&kept, &damaged).unwrap();
    publish_placed(folder, "b");
    let printed = night_ends(folder, &[], 4);
    for part in [
        "de_xx_places (held): places_1.csv: raw/",
        "de_xx_b (left out): b_2020-01-01.csv: it is read with the reference table places_1.csv: ",
        "[esf explain object-lost]",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40"]);
    // Whoever has the table brings it back.
    fs::write(&table, &bytes).unwrap();
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, PLACED), ["80"]);
    assert!(fs::read(&kept).unwrap() == bytes);
}
