//! What a run tells of many rows, entries or files: with the names of the files, and no longer than a person reads.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::list::{
    COUNTS, answer, declaration, declare, declare_undated, file, night_ends, publish, publish_text,
    published, report, rewrite, rows, spoil,
};
use super::{run, said};

/// A list whose files add to it.
fn declare_growing(folder: &Path, name: &str) {
    declare(folder, name);
    rewrite(&declaration(folder, name, "source.toml"), |declared| {
        format!("vintage = \"extend\"\n{declared}")
    });
}

/// A file of thirty rows that no other file has, of which the amounts of so many cannot be read.
fn part(folder: &Path, name: &str, day: usize, unreadable: usize) {
    let mut text =
        "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Gesamtausgaben in EUR\n".to_owned();
    for row in 0..30 {
        let amount = if row < unreadable {
            "1.000.00,0"
        } else {
            "1000,00"
        };
        let _ = writeln!(
            text,
            "Verein {day} {row} e.V.;Vorhaben {name} {day} {row};01.02.2016;31.12.2017;{amount}"
        );
    }
    publish_text(folder, name, &format!("2020-01-{day:02}"), &text);
}

/// What is said of the quarantined rows of each file.
fn rejected(report: &Value) -> Vec<&str> {
    let files = report["sources"].as_array().unwrap().iter();
    files
        .filter_map(|file| file["quarantine_message"].as_str())
        .collect()
}

#[test]
fn the_file_whose_rows_were_quarantined_is_named_in_every_form() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_growing(folder, "a");
    part(folder, "a", 1, 2);
    part(folder, "a", 2, 0);
    let message =
        "a_2020-01-01.csv: 2 rows quarantined, 0 expected; see `esf quarantine --source de_xx_a`";
    let line = format!("de_xx_a: {message} [esf explain rows-quarantined]");
    // On the night that publishes them, and on each after it.
    for told in ["published release 1", "nothing has changed since release 1"] {
        let printed = night_ends(folder, &["--report", "out"], 4);
        assert!(printed.contains(told), "{printed}");
        assert!(printed.lines().any(|printed| printed == line), "{printed}");
        assert_eq!(rejected(&report(folder)), [message]);
        let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
        assert!(page.contains(&line), "{page}");
        assert_eq!(
            page.matches(message).count(),
            3,
            "worst, finding and note: {page}"
        );
    }
    let printed = night_ends(folder, &["--quiet"], 4);
    assert!(printed.contains(&line), "{printed}");
}

#[test]
fn amounts_that_are_left_out_of_loaded_rows_are_told_every_night_until_somebody_takes_them() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare(folder, "a");
    let mut text = "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Gesamtausgaben in EUR;davon EU-Mittel in EUR\n".to_owned();
    for row in 0..30 {
        let eu = if row == 7 { "ca. 500,00" } else { "500,00" };
        let _ = writeln!(
            text,
            "Verein {row} e.V.;Vorhaben {row};01.02.2016;31.12.2017;1000,00;{eu}"
        );
    }
    publish_text(folder, "a", "2020-01-01", &text);
    let line = "de_xx_a: a_2020-01-01.csv: 1 amounts of loaded rows unreadable, 0 expected; `finding` has each with its place \
                [esf explain amounts-unreadable]";
    for told in ["published release 1", "nothing has changed since release 1"] {
        let printed = night_ends(folder, &["--report", "out"], 4);
        assert!(printed.contains(told), "{printed}");
        assert!(printed.lines().any(|printed| printed == line), "{printed}");
        let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
        assert!(page.contains(line), "{page}");
    }
    let query = "SELECT rows_loaded, rows_quarantined, amounts_unreadable FROM source_file";
    assert_eq!(rows(folder, query), ["30,0,1"]);
    night_ends(folder, &["--accept", "de_xx_a=asked by telephone"], 0);
    night_ends(folder, &[], 0);
}

#[test]
fn several_files_with_quarantined_rows_are_named_with_their_counts() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_growing(folder, "a");
    for day in 1..=7 {
        part(folder, "a", day, day);
    }
    let printed = night_ends(folder, &["--report", "out"], 4);
    let line = "de_xx_a: 28 rows quarantined in 7 files, 0 expected in each: a_2020-01-07.csv (7), a_2020-01-06.csv (6), \
                a_2020-01-05.csv (5), a_2020-01-04.csv (4), a_2020-01-03.csv (3) and 2 more; see `esf quarantine --source \
                de_xx_a` [esf explain rows-quarantined]";
    assert!(printed.lines().any(|printed| printed == line), "{printed}");
    let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
    assert!(page.contains(line), "{page}");
    // The report and the warehouse have all of them.
    assert_eq!(rejected(&report(folder)).len(), 7);
    let query = "SELECT sum(rows_quarantined) FROM source_file";
    assert_eq!(rows(folder, query), ["28"]);
}

#[test]
fn of_many_files_that_cannot_be_used_the_first_are_told_and_all_can_be_asked_for() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_growing(folder, "a");
    declare(folder, "b");
    publish(folder, "b", "2020-01-01", 40, 1000);
    for day in 1..=12 {
        part(folder, "a", day, 0);
        rewrite(&file(folder, "a", &format!("2020-01-{day:02}")), |text| {
            let whole = format!("Vorhaben a {day} 7;");
            text.replace(&whole, &format!("Vorhaben\0 {day} 7;"))
        });
    }
    let printed = night_ends(folder, &["--report", "out"], 4);
    let of_a: Vec<&str> = printed
        .lines()
        .filter(|line| line.starts_with("de_xx_a (left out): "))
        .collect();
    assert_eq!(of_a.len(), 6, "{printed}");
    for (line, day) in of_a.iter().zip(1..=5) {
        let start = format!("de_xx_a (left out): a_2020-01-{day:02}.csv: ");
        assert!(line.starts_with(&start), "{line}");
        assert!(line.contains(": a zero byte in "), "{line}");
    }
    let named = "7 more of its files: a_2020-01-06.csv, a_2020-01-07.csv, a_2020-01-08.csv, a_2020-01-09.csv, \
                 a_2020-01-10.csv and 2 more; ";
    assert!(of_a[5].contains(named), "{}", of_a[5]);
    let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
    assert!(page.contains("<h2>What needs a look: 12</h2>"), "{page}");
    assert!(page.contains(named), "{page}");

    // As the message says it is typed.
    let begins = "`esf --warehouse w sql --access operator \"";
    let (_, typed) = of_a[5].split_once(begins).unwrap();
    let (query, _) = typed.split_once("\"`").unwrap();
    assert!(
        page.contains("`esf --warehouse w sql --access operator "),
        "{page}"
    );
    let seen = answer(folder, query, "operator");
    for day in 1..=12 {
        let start = format!("a_2020-01-{day:02}.csv,");
        let told = seen.iter().find(|row| row.starts_with(&start));
        assert!(
            told.is_some_and(|row| row.contains(": a zero byte in ")),
            "{seen:?}"
        );
    }
    assert_eq!(rows(folder, COUNTS), ["de_xx_b,40"]);

    // Into a warehouse whose name a shell would take for two words.
    let arguments = ["nightly", "--warehouse", "my lists", "--sources", "sources"];
    let arguments = [&arguments[..], &["--mirror", "mirror"]].concat();
    for more in [&[][..], &["--quiet"]] {
        let (code, printed) = said(folder, &[&arguments[..], more].concat());
        assert_eq!(code, 4, "{printed}");
        let told = printed.lines().find(|line| line.contains(named)).unwrap();
        assert!(
            told.contains("`esf --warehouse 'my lists' sql --access operator \"SELECT "),
            "{told}"
        );
    }
}

#[test]
fn files_of_one_name_are_told_with_their_folders() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    declare_undated(folder, "a");
    for (place, rows) in [("x", 40), ("y", 41)] {
        publish(folder, "a", "final", rows, 1000);
        fs::create_dir(folder.join("mirror").join(place)).unwrap();
        let there = folder.join("mirror").join(place).join("a_final.csv");
        fs::rename(file(folder, "a", "final"), there).unwrap();
    }
    let printed = night_ends(folder, &[], 4);
    let told = printed
        .lines()
        .find(|line| line.starts_with("de_xx_a (left out): "));
    for place in ["mirror/x/a_final.csv", "mirror/y/a_final.csv"] {
        assert!(told.is_some_and(|line| line.contains(place)), "{printed}");
    }
}

#[test]
fn an_acceptance_that_took_nothing_is_told_and_changes_no_exit_code() {
    let temporary = published(&["a"]);
    let folder = temporary.path();
    let printed = night_ends(folder, &["--accept", "de_xx_a:a_2020-01-02.csv=asked"], 0);
    let told = "--accept de_xx_a:a_2020-01-02.csv took nothing: the source has no file of this name; did you mean \
                a_2020-01-01.csv? [esf explain accept-unmatched]";
    assert!(printed.lines().any(|line| line == told), "{printed}");
    let printed = night_ends(folder, &["--accept", "de_xx_a=asked"], 0);
    let told = "--accept de_xx_a took nothing: no file of the source is new, and none is held [esf explain accept-unmatched]";
    assert!(printed.lines().any(|line| line == told), "{printed}");
    // One that took something is not told so, on the night that needed it and on the next.
    publish(folder, "a", "2020-02-01", 41, 1000);
    spoil(folder, "a", "2020-02-01");
    for accept in ["de_xx_a:a_2020-02-01.csv=asked", "de_xx_a=asked"] {
        let printed = night_ends(folder, &["--accept", accept], 0);
        assert!(!printed.contains("took nothing"), "{printed}");
    }
}

/// A page of so many projects in one line, each with an amount of its own, and the sum of these.
fn page(projects: usize) -> (String, usize) {
    let mut html =
        "<!doctype html><html lang='de'><head><title>Projekte</title></head><body><main>\
                    <h1>Geförderte Projekte</h1>"
            .to_owned();
    for n in 1..=projects {
        let _ = write!(
            html,
            "<h2>Brücke in Arbeit {n}</h2><dl><dt>Träger</dt><dd>Musterverein {n} e.V.</dd><dt>Laufzeit</dt>\
             <dd>01.01.2016 - 31.12.2018</dd><dt>Fördersumme</dt><dd>{},00 Euro</dd></dl>",
            1000 + n
        );
    }
    html.push_str("</main></body></html>");
    (html, (1..=projects).map(|n| 1000 + n).sum())
}

#[test]
fn a_page_of_many_projects_has_one_sum_and_the_warehouse_those_of_each_place() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let (html, sum) = page(400);
    fs::write(folder.join("p.html"), html).unwrap();
    let ingest = [
        "ingest",
        "--warehouse",
        "w",
        "--from",
        "p.html",
        "--as",
        "made",
    ];
    let (code, out, err) = run(folder, &ingest);
    assert_eq!(code, 0, "{out}{err}");
    let of_sums: Vec<&str> = out.lines().filter(|line| line.contains(" EUR ")).collect();
    let [line] = of_sums.as_slice() else {
        panic!("{out}");
    };
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    assert!(digits(line).contains(&format!("{sum}00")), "{line}");
    assert!(out.len() + err.len() < 2_000, "{out}{err}");
    // Each amount is there with its place.
    let query = "SELECT count(*), count(DISTINCT source_location), sum(n), CAST(sum(total) AS BIGINT) FROM control_total";
    assert_eq!(rows(folder, query), [format!("400,400,400,{sum}")]);

    let ingest = [
        "ingest",
        "--warehouse",
        "other",
        "--from",
        "p.html",
        "--as",
        "made",
        "--format",
        "json",
    ];
    let (code, out, err) = run(folder, &ingest);
    assert_eq!(code, 0, "{out}{err}");
    let json: Value = serde_json::from_str(&out).unwrap();
    let totals = json["sources"][0]["totals"].as_array().unwrap();
    assert_eq!(totals.len(), 1, "{totals:?}");
    assert_eq!(totals[0]["n"], 400);
    assert_eq!(totals[0]["total_hundredths"], format!("{sum}00"));
}
