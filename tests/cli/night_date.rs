//! Nights by date: missed, noticed, told and made up for; and what `--date` takes.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use tempfile::TempDir;

use super::list::{
    self, COUNTS, declare, declare_undated, file, night, night_ends, publish, published, rows,
};
use super::{esf, run, seen};

/// Settings by which dates are those of UTC.
fn in_utc(folder: &Path) {
    let settings = "[nightly]\ntime_zone = 'UTC'\n";
    fs::write(folder.join("esf.toml"), settings).unwrap();
}

/// A warehouse whose first night, with two lists, was three days ago; gives the date of that night.
fn three_days_ago() -> (TempDir, Date) {
    let temporary = published(&["a", "b"]);
    let folder = temporary.path();
    in_utc(folder);
    night_ends(folder, &[], 0);
    let first = set_back(folder);
    (temporary, first)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn records(folder: &Path) -> Vec<PathBuf> {
    let runs = fs::read_dir(folder.join("w/runs")).unwrap();
    let mut runs: Vec<PathBuf> = runs.map(|run| run.unwrap().path()).collect();
    runs.sort();
    runs
}

fn date(record: &Value) -> Date {
    record["date"].as_str().unwrap().parse().unwrap()
}

/// Makes the first run and its release three days older.
fn set_back(folder: &Path) -> Date {
    let path = records(folder).pop().unwrap();
    let mut record = read(&path);
    let then = date(&record).checked_sub(3.days()).unwrap();
    record["date"] = then.to_string().into();
    let name = path.file_name().unwrap().to_str().unwrap();
    let earlier = format!("{}{}", then.strftime("%Y%m%d"), &name[8..]);
    fs::write(path.with_file_name(earlier), record.to_string()).unwrap();
    fs::remove_file(&path).unwrap();
    let release = folder.join("w/releases/00000001.json");
    let mut document = read(&release);
    document["created_at"] = format!("{then}T02:00:00Z").into();
    fs::write(release, document.to_string()).unwrap();
    then
}

/// The dates between two, as text.
fn between(first: Date, last: Date) -> Vec<String> {
    let dates = first.series(1.day()).skip(1);
    let dates = dates.take_while(|date| *date < last);
    dates.map(|date| date.to_string()).collect()
}

#[test]
fn missed_nights_are_noticed_told_and_made_up_for() {
    let (temporary, first) = three_days_ago();
    let folder = temporary.path();
    let status = || {
        let (code, out, err) = run(folder, &["status", "--warehouse", "w"]);
        assert_eq!(code, 0, "{err}");
        out
    };
    assert!(status().contains(" nights were missed ("), "{}", status());

    let printed = night_ends(folder, &["--report", "out"], 0);
    let report = list::report(folder);
    // Two of them, or three where midnight was passed meanwhile.
    let missed = between(first, date(&report));
    assert_eq!(report["missed"], Value::from(missed.clone()));
    let told = format!(
        "{} nights were missed ({}); this run made up for them",
        missed.len(),
        missed.join(", ")
    );
    assert!(printed.contains(&told), "{printed}");
    let text = |name: &str| fs::read_to_string(folder.join("out").join(name)).unwrap();
    let metrics = format!("\nesf_missed_nights {}\n", missed.len());
    assert!(text("metrics.prom").contains(&metrics));
    assert!(text("report.html").contains(&told));
    assert!(text("report.html").contains(&format!(">{}</span>", "m".repeat(missed.len()))));
    assert!(!status().contains("missed"), "{}", status());

    // One more for the same date says which was first.
    let (_, printed) = night(folder, &["--report", "out"]);
    let again = list::report(folder);
    if again["date"] == report["date"] {
        assert_eq!(again["earlier_run"], report["run_id"]);
        assert!(printed.contains(" was done before, by run "), "{printed}");
    }
    // Operators see dates in SQL.
    let query = "SELECT count(night_date) FROM run";
    let arguments = ["sql", query, "--access", "operator", "--warehouse", "w"];
    let (code, out, err) = run(folder, &arguments);
    assert_eq!(code, 0, "{err}");
    assert!(out.ends_with("\n3\n"), "{out}");
}

#[test]
fn a_night_that_is_made_up_for_takes_nothing_that_was_published_later() {
    let (temporary, first) = three_days_ago();
    let folder = temporary.path();
    let over = first.tomorrow().unwrap();
    let day = over.to_string();
    let later = over.tomorrow().unwrap().to_string();
    publish(folder, "a", &later, 41, 1000);
    publish(folder, "b", &day, 42, 1000);
    let printed = night_ends(folder, &["--date", &day, "--report", "out"], 0);
    let aside = format!("published on {later}, after the night of {day}");
    assert!(printed.contains(&aside), "{printed}");
    assert!(printed.contains("published release 2"), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,40", "de_xx_b,42"]);
    let report = list::report(folder);
    assert_eq!((date(&report), &report["caught_up"]), (over, &true.into()));
    let states = report["sources"].as_array().unwrap().iter();
    let left = states.filter(|source| source["state"] == "later").count();
    assert_eq!(left, 1);

    // The next run takes it; the night that was made up for is not missed any more.
    night_ends(folder, &["--report", "out"], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,41", "de_xx_b,42"]);
    let report = list::report(folder);
    let missed = between(over, date(&report));
    assert_eq!(report["missed"], Value::from(missed));

    // What is newer stays, whatever is made up for afterwards.
    publish(folder, "a", &day, 39, 1000);
    let printed = night_ends(folder, &["--date", &day], 0);
    assert!(printed.contains(" was done before, by run "), "{printed}");
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,41", "de_xx_b,42"]);
}

#[test]
fn a_night_that_is_made_up_for_takes_bytes_again_by_the_date_of_their_name() {
    let (temporary, first) = three_days_ago();
    let folder = temporary.path();
    let over = first.tomorrow().unwrap();
    publish(folder, "a", "2020-02-01", 41, 1000);
    night_ends(folder, &[], 0);
    assert_eq!(rows(folder, COUNTS), ["de_xx_a,41", "de_xx_b,40"]);
    // The bytes of the first night.
    for (day, count) in [(over.tomorrow().unwrap(), 41), (over, 40)] {
        publish(folder, "a", &day.to_string(), 40, 1000);
        let (code, printed) = night(folder, &["--date", &over.to_string()]);
        assert_eq!(code, 0, "{day}: {printed}");
        let expected = [format!("de_xx_a,{count}"), "de_xx_b,40".to_owned()];
        assert_eq!(rows(folder, COUNTS), expected, "{day}");
    }
}

#[test]
fn a_source_without_a_file_grows_stale_and_is_shown_as_absent() {
    let (temporary, first) = three_days_ago();
    let folder = temporary.path();
    fs::remove_file(file(folder, "a", "2020-01-01")).unwrap();
    night_ends(folder, &["--report", "out"], 0);
    let report = list::report(folder);
    let tonight = date(&report);
    let days = between(first, tonight).len() + 1;
    let metrics = fs::read_to_string(folder.join("out/metrics.prom")).unwrap();
    for line in [
        format!("esf_source_stale_nights{{source=\"de_xx_a\"}} {days}"),
        "esf_source_state{source=\"de_xx_a\",state=\"absent\"} 1".to_owned(),
        "esf_source_stale_nights{source=\"de_xx_b\"} 0".to_owned(),
        "esf_source_state{source=\"de_xx_b\",state=\"unchanged\"} 1".to_owned(),
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line}: {metrics}");
    }
    let page = fs::read_to_string(folder.join("out/report.html")).unwrap();
    let shown = format!("title=\"{tonight}: absent: the folders have no file of it\"");
    assert!(page.contains(&shown), "{page}");
}

#[test]
fn a_warehouse_that_begins_in_the_past_is_brought_on_night_by_night() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    in_utc(folder);
    declare(folder, "a");
    declare_undated(folder, "b");
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let first = today.checked_sub(4.days()).unwrap();
    let nights = first.series(1.day()).take(3);
    for (number, night_of) in (1..).zip(nights) {
        let day = night_of.to_string();
        publish(folder, "a", &day, 40 + number, 1000);
        publish(folder, "b", &day, 50 + number, 1000);
        let (code, printed) = night(folder, &["--date", &day]);
        assert_eq!(code, 0, "{day}: {printed}");
        let published = format!("published release {number} ");
        assert!(printed.contains(&published), "{day}: {printed}");
        let expected = [
            format!("de_xx_a,{}", 40 + number),
            format!("de_xx_b,{}", 50 + number),
        ];
        assert_eq!(rows(folder, COUNTS), expected, "{day}");
    }
    // Before the first of them there was nothing, and a file without a date that comes late is left aside.
    let before = first.yesterday().unwrap().to_string();
    night_ends(folder, &["--date", &before], 2);
    publish(folder, "b", "late", 54, 1000);
    let second = first.tomorrow().unwrap().to_string();
    let printed = night_ends(folder, &["--date", &second], 0);
    let aside = format!("release 3 has a file from after the night of {second}");
    assert!(printed.contains(&aside), "{printed}");
}

#[test]
fn a_date_without_a_night_is_usage() {
    let (temporary, first) = three_days_ago();
    let folder = temporary.path();
    let before = first.yesterday().unwrap().to_string();
    for (day, words) in [
        ("2999-01-01", "is in the future"),
        (before.as_str(), "is before the first release"),
        ("2026-02-30", "2026-02-30"),
    ] {
        let (code, printed) = night(folder, &["--date", day]);
        assert_eq!(code, 2, "{day}: {printed}");
        assert!(printed.contains(words), "{printed}");
    }
    assert_eq!(records(folder).len(), 1, "nothing was done");
    let mut command = esf(folder);
    command.args(["status", "--warehouse", "w"]);
    command.env("ESF_TIME_ZONE", "Europe/Nowhere");
    let (code, _, err) = seen(&command.output().unwrap());
    assert_eq!(code, 2, "{err}");
    assert!(
        err.contains("there is no time zone \"Europe/Nowhere\""),
        "{err}"
    );
}
