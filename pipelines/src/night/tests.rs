//! The calendar of nights: both changes of daylight saving time, missed nights, and clocks that are wrong.

use esf_engine::release::Warehouse;
use esf_engine::store::Store;
use jiff::civil::date;
use serde_json::{Value, json};

use super::*;

const ZONES: [&str; 2] = ["Europe/Berlin", "Europe/Stockholm"];

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The id of a run that began then.
fn id(begun: &str) -> String {
    format!("{}000-7", moment(begun).strftime("%Y%m%dT%H%M%S"))
}

/// A warehouse with the records of runs that began then.
async fn kept(records: &[(&str, Value)]) -> Warehouse {
    let warehouse = Warehouse::new(Store::memory());
    for (begun, record) in records {
        warehouse.record_run(&id(begun), record).await.unwrap();
    }
    warehouse
}

fn ended(date: &str, exit_code: u8) -> Value {
    json!({"date": date, "exit_code": exit_code, "caught_up": false})
}

#[test]
fn an_hour_that_comes_twice_or_not_at_all_changes_no_date() {
    for name in ZONES {
        let zone = zone(name);
        let dates = |times: [&str; 3]| times.map(|time| date_in(&zone, moment(time)).to_string());
        // Summer time begins: two o'clock is three o'clock. One night each on the 28th, 29th and 30th.
        let spring = [
            "2026-03-28T01:00:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:00:00Z",
        ];
        assert_eq!(dates(spring), ["2026-03-28", "2026-03-29", "2026-03-30"]);
        // It ends: both two o'clocks are those of one night.
        let autumn = [
            "2026-10-25T00:00:00Z",
            "2026-10-25T01:00:00Z",
            "2026-10-26T01:00:00Z",
        ];
        assert_eq!(dates(autumn), ["2026-10-25", "2026-10-25", "2026-10-26"]);
    }
}

#[test]
fn a_night_ends_with_its_date_whatever_its_hours() {
    for name in ZONES {
        let end = |month, day| {
            let night = Night::over(date(2026, month, day), zone(name), &Past::default());
            night.end().to_string()
        };
        assert_eq!(end(3, 28), "2026-03-28T23:00:00Z");
        assert_eq!(end(3, 29), "2026-03-29T22:00:00Z", "23 hours");
        assert_eq!(end(10, 24), "2026-10-24T22:00:00Z");
        assert_eq!(end(10, 25), "2026-10-25T23:00:00Z", "25 hours");
    }
}

#[tokio::test]
async fn nights_are_missed_over_both_changes() {
    for (last, today, missed) in [
        ("2026-03-27", "2026-03-30", ["2026-03-28", "2026-03-29"]),
        ("2026-10-23", "2026-10-26", ["2026-10-24", "2026-10-25"]),
    ] {
        let begun = format!("{last}T01:00:00Z");
        let warehouse = kept(&[(begun.as_str(), ended(last, 0))]).await;
        for name in ZONES {
            let now = moment(&format!("{today}T01:00:00Z"));
            let today = date_in(&zone(name), now);
            let past = Past::read(&warehouse, today, now).await.unwrap();
            let night = Night::tonight(today, zone(name), &past);
            let told: Vec<String> = night.missed.iter().map(Date::to_string).collect();
            assert_eq!(told, missed, "{name}");
            assert_eq!(night.earlier_run, None);
        }
    }
}

#[tokio::test]
async fn a_second_run_for_a_date_knows_the_first() {
    let first = "2026-10-25T00:00:00Z";
    let warehouse = kept(&[
        ("2026-10-24T00:00:00Z", ended("2026-10-24", 0)),
        (first, ended("2026-10-25", 4)),
    ])
    .await;
    let now = moment("2026-10-25T01:00:00Z");
    let today = date_in(&zone("Europe/Berlin"), now);
    let past = Past::read(&warehouse, today, now).await.unwrap();
    let night = Night::tonight(today, zone("Europe/Berlin"), &past);
    assert_eq!(night.earlier_run, Some(id(first)));
    assert!(night.missed.is_empty());
}

#[tokio::test]
async fn a_night_counts_only_if_it_ended_well() {
    let warehouse = kept(&[
        ("2026-11-19T01:00:00Z", ended("2026-11-19", 5)),
        ("2026-11-20T01:00:00Z", ended("2026-11-20", 1)),
        ("2026-11-21T01:00:00Z", ended("2026-11-21", 130)),
        // None of its folders could be read.
        (
            "2026-11-22T01:00:00Z",
            json!({"date": "2026-11-22", "exit_code": 5, "outcome": "failed"}),
        ),
        // No night, and one that was made up for the day after.
        ("2026-11-22T09:00:00Z", json!({"exit_code": 0})),
        (
            "2026-11-23T09:00:00Z",
            json!({"date": "2026-11-21", "exit_code": 0, "caught_up": true}),
        ),
        ("2026-11-23T10:00:00Z", json!(["what"])),
    ])
    .await;
    let now = moment("2026-11-24T01:00:00Z");
    let past = Past::read(&warehouse, date(2026, 11, 24), now).await;
    let missed = past.unwrap().missed(date(2026, 11, 24));
    let expected = [20, 22, 23].map(|day| date(2026, 11, day));
    assert_eq!(missed, expected);
}

#[tokio::test]
async fn without_a_recorded_night_none_is_missed() {
    let runs = [("2026-11-01T01:00:00Z", json!({"exit_code": 0}))];
    let warehouse = kept(&runs).await;
    let now = moment("2026-11-24T01:00:00Z");
    let today = date(2026, 11, 24);
    let past = Past::read(&warehouse, today, now).await.unwrap();
    assert!(past.missed(today).is_empty());
    // A first night that failed is one that was due.
    let warehouse = kept(&[("2026-11-22T01:00:00Z", ended("2026-11-22", 3))]).await;
    let past = Past::read(&warehouse, today, now).await.unwrap();
    let expected = [22, 23].map(|day| date(2026, 11, day));
    assert_eq!(past.missed(today), expected);
}

#[tokio::test]
async fn what_a_clock_recorded_in_the_future_hides_nothing() {
    let warehouse = kept(&[
        ("2026-11-20T01:00:00Z", ended("2026-11-20", 0)),
        ("2030-01-01T01:00:00Z", ended("2030-01-01", 0)),
    ])
    .await;
    let now = moment("2026-11-22T01:00:00Z");
    let today = date(2026, 11, 22);
    let past = Past::read(&warehouse, today, now).await.unwrap();
    assert_eq!(past.missed(today), [date(2026, 11, 21)]);
    // A clock that is far ahead makes no list without end.
    let ahead = date(9999, 12, 31);
    let past = Past::read(&warehouse, ahead, Timestamp::MAX).await.unwrap();
    assert_eq!(past.missed(ahead).len(), 366);
}

#[tokio::test]
async fn a_date_that_is_over_is_looked_for_behind_later_nights() {
    let nights = ["2026-11-20", "2026-11-22", "2026-11-23"];
    let records: Vec<(String, Value)> = nights
        .iter()
        .map(|day| (format!("{day}T01:00:00Z"), ended(day, 0)))
        .collect();
    let records: Vec<(&str, Value)> = records
        .iter()
        .map(|(begun, record)| (begun.as_str(), record.clone()))
        .collect();
    let warehouse = kept(&records).await;
    let now = moment("2026-11-24T09:00:00Z");
    for (day, earlier) in [(20, Some(id("2026-11-20T01:00:00Z"))), (21, None)] {
        let asked = date(2026, 11, day);
        let past = Past::read(&warehouse, asked, now).await.unwrap();
        let night = Night::over(asked, zone("Europe/Berlin"), &past);
        assert_eq!((night.earlier_run, night.missed), (earlier, Vec::new()));
        assert!(night.caught_up);
    }
}

#[test]
fn a_night_is_told_with_the_name_of_its_zone() {
    let night = Night::over(
        date(2026, 11, 20),
        zone("Europe/Stockholm"),
        &Past::default(),
    );
    let expected = json!({"date": "2026-11-20", "time_zone": "Europe/Stockholm", "caught_up": true,
        "missed": [], "earlier_run": null});
    assert_eq!(serde_json::to_value(night).unwrap(), expected);
}
