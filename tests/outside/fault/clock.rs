//! Clocks: nights around both changes to and from daylight saving time, a clock that is behind the last release, and one
//! that jumps back within a night. Releases are in the order of their numbers, whatever the clock says.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jiff::civil::{Date, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use libtest_mimic::Trial;

use super::night::{FIRST, World};
use super::warehouse::{Warehouse, seen};
use super::{look, machine};
use crate::trial;

const ZONES: [&str; 2] = ["Europe/Berlin", "Europe/Stockholm"];

pub(super) fn trials() -> Vec<Trial> {
    let absent = machine::absent();
    let zones = ZONES.into_iter().map(|zone| {
        let name = format!("fault::clock_changes_in_{zone}");
        let test = trial(name, move || changes(zone));
        test.with_ignored_flag(absent)
    });
    let back = trial("fault::clock_goes_back", goes_back).with_ignored_flag(absent);
    zones.chain([back]).collect()
}

/// A warehouse whose nights are at times of the test's choosing.
struct Nights {
    made: World,
    warehouse: Warehouse,
    zone: String,
    /// The night last published.
    night: usize,
}

impl Nights {
    fn new(name: &str, zone: &str) -> Self {
        let made = World::new(name);
        Self {
            warehouse: Warehouse::copy_of(january(), &made.place("published")),
            made,
            zone: zone.to_owned(),
            night: 1,
        }
    }

    /// A night that begins then, on a clock that jumps after its first look at it. Gives what it said.
    fn at(&mut self, begin: Timestamp, jump: i64) -> String {
        self.night += 1;
        self.made.publish_figures(self.night);
        let mut command = self.made.night(&self.warehouse);
        command.env("TZ", &self.zone);
        let offset = begin.as_second() - Timestamp::now().as_second();
        machine::clock(&mut command, offset, jump);
        let done = seen(&command.output().expect("the command starts")).expect(0);
        let published = format!("published release {}", self.night);
        let said = done.all();
        assert!(said.contains(&published), "{begin}: {said}");
        said
    }

    /// What each run recorded of its night, in the order of the clock: its date, how many nights it found missed, and
    /// whether an earlier run was for the same date.
    fn dates(&self) -> Vec<(String, usize, bool)> {
        let runs = fs::read_dir(self.warehouse.path().join("runs")).unwrap();
        let mut runs: Vec<PathBuf> = runs.map(|run| run.unwrap().path()).collect();
        runs.sort();
        let record = |run: &PathBuf| {
            let record = fs::read(run).unwrap();
            let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
            let date = record["date"].as_str().unwrap().to_owned();
            let missed = record["missed"].as_array().unwrap().len();
            (date, missed, record["earlier_run"].is_string())
        };
        runs.iter().map(record).collect()
    }

    /// The night whose figures are read as of a release or date, which is also the number of its release.
    fn read(&self, as_of: &str) -> usize {
        let query = "SELECT CAST(max(value) AS BIGINT) FROM programme_absorption";
        let numbers = look::numbers(&self.warehouse, as_of, query).unwrap();
        numbers[0] - FIRST
    }

    /// When each release was published by its own account, in the order of `esf releases`.
    fn created(&self) -> Vec<Timestamp> {
        let listed = self
            .warehouse
            .esf(&["releases", "--format", "json"])
            .expect(0);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&listed.stdout).unwrap();
        for (row, number) in rows.iter().zip(1..) {
            assert_eq!(row["release"].as_u64(), Some(number), "{}", listed.stdout);
        }
        rows.iter()
            .map(|row| row["created"].as_str().unwrap().parse().unwrap())
            .collect()
    }

    /// What must hold after any nights: all of them are there, in order, sound, and each run under a name of its own.
    fn sound(&self) {
        assert_eq!(self.created().len(), self.night);
        assert_eq!(self.read("latest"), self.night);
        for number in 1..=self.night {
            assert_eq!(self.read(&number.to_string()), number);
        }
        let runs = fs::read_dir(self.warehouse.path().join("runs"))
            .unwrap()
            .count();
        assert_eq!(runs, self.night);
        self.warehouse.verify().unwrap();
    }
}

/// The warehouse of a first night in January, which is the longest one and serves all tests.
fn january() -> &'static Path {
    static JANUARY: OnceLock<PathBuf> = OnceLock::new();
    JANUARY.get_or_init(|| {
        let made = World::new("clock_january");
        let warehouse = Warehouse::on_disk(&made.place("published"));
        fs::create_dir_all(&warehouse.folder).unwrap();
        let mut command = made.night(&warehouse);
        command.env("TZ", "UTC");
        let begin: Timestamp = "2026-01-02T01:00:00Z".parse().unwrap();
        machine::clock(
            &mut command,
            begin.as_second() - Timestamp::now().as_second(),
            0,
        );
        seen(&command.output().expect("the command starts")).expect(0);
        warehouse.path().to_owned()
    })
}

/// Two in the morning local time, on the days around a change; an hour that comes twice is two nights, one that does not
/// come is the moment after it.
fn times(zone: &TimeZone, day: Date) -> Vec<Timestamp> {
    let two = day.at(2, 0, 0, 0);
    let ambiguous = zone.to_ambiguous_timestamp(two);
    match ambiguous.offset() {
        AmbiguousOffset::Fold { before, after } => [before, after]
            .map(|offset| offset.to_timestamp(two).unwrap())
            .into(),
        _ => vec![ambiguous.compatible().unwrap()],
    }
}

fn changes(zone: &str) {
    let local = TimeZone::get(zone).expect("the zones of the system");
    let mut nights = Nights::new(&format!("clock_{}", zone.replace('/', "_")), zone);
    let days = [date(2026, 3, 28), date(2026, 10, 24)]
        .into_iter()
        .flat_map(|first| (0..3_i64).map(move |n| first.checked_add(n.days()).unwrap()));
    let times: Vec<Timestamp> = days.flat_map(|day| times(&local, day)).collect();
    assert_eq!(times.len(), 7, "one hour comes twice");
    for time in &times {
        nights.at(*time, 0);
    }
    nights.sound();
    // A night takes less than two minutes here, so that its day is that of its beginning.
    for (created, begun) in nights.created().iter().skip(1).zip(&times) {
        let after = created.as_second() - begun.as_second();
        assert!((0..120).contains(&after), "{created} for {begun}");
    }
    // The hour that comes twice is two runs of one night; between the changes nobody ran it.
    let expected = [
        ("2026-01-02", 0, false),
        ("2026-03-28", 84, false),
        ("2026-03-29", 0, false),
        ("2026-03-30", 0, false),
        ("2026-10-24", 207, false),
        ("2026-10-25", 0, false),
        ("2026-10-25", 0, true),
        ("2026-10-26", 0, false),
    ];
    let expected = expected.map(|(date, missed, again)| (date.to_owned(), missed, again));
    assert_eq!(nights.dates(), expected);
    let days = [
        "2026-03-28",
        "2026-03-29",
        "2026-03-30",
        "2026-10-24",
        "2026-10-25",
        "2026-10-26",
    ];
    let read = days.map(|day| nights.read(day));
    assert_eq!(read, [2, 3, 4, 5, 7, 8]);
}

fn goes_back() {
    let mut nights = Nights::new("clock_back", "Europe/Berlin");
    let evening: Timestamp = "2026-11-10T01:00:00Z".parse().unwrap();
    let earlier = evening - 48.hours();
    nights.at(evening, 0);
    let said = nights.at(earlier, 0);
    for words in ["the clock stands ", " before release 2 of 2026-11-10"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    nights.at(evening + 24.hours(), -7200);
    nights.sound();
    // A date means the last number that says it was published by then; of the third night it depends on the moment at which
    // the clock went back.
    let created = nights.created();
    for day in ["2026-11-08", "2026-11-09", "2026-11-10", "2026-11-11"] {
        let by_then = |at: &Timestamp| at.to_string().as_str() < format!("{day}T24").as_str();
        let expected = created.iter().rposition(by_then).unwrap() + 1;
        assert_eq!(nights.read(day), expected, "{day}");
    }
    assert_eq!(nights.read("2026-11-07"), 1);
}
