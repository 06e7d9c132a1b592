//! Histories out of made records.

use esf_engine::store::Store;
use esf_pipelines::run::SourceState;
use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::report::testing::{night, report, source};

async fn kept(records: &[(&str, Value)]) -> Warehouse {
    let warehouse = Warehouse::new(Store::memory());
    for (id, record) in records {
        warehouse.record_run(id, record).await.unwrap();
    }
    warehouse
}

fn named(sources: &[(&str, &str)], unchanged: u64) -> Value {
    let sources: Vec<Value> = sources
        .iter()
        .map(|(id, state)| json!({"source_id": id, "state": state, "of_a_later_program": 1}))
        .collect();
    json!({"outcome": "published", "unchanged": unchanged, "sources": sources})
}

fn seen(history: &History, day: i8, source: &str) -> Option<Seen> {
    let night = history.nights.get(&date(2026, 11, day))?;
    night.sources.get(source).copied()
}

#[tokio::test]
async fn old_and_damaged_records_hide_nothing_else() {
    let state_of = |state: &str| json!({"sources": [{"source_id": "a_list", "state": state}]});
    let warehouse = kept(&[
        ("20260101T010000000-1", named(&[("a_list", "held")], 0)),
        ("20261123T010000000-1", state_of("loaded")),
        ("20261124T010000000-1", json!({"sources": "none"})),
        ("20261125T010000000-1", state_of("melted")),
        ("by-hand", json!({})),
    ])
    .await;
    let history = History::read(&warehouse, &report()).await.unwrap();
    assert_eq!(history.unreadable, 2);
    assert_eq!(history.nights.len(), 3);
    assert_eq!(seen(&history, 23, "a_list"), Some(Seen::Loaded));
    assert_eq!(seen(&history, 25, "a_list"), Some(Seen::Other));
    assert_eq!(seen(&history, 26, "a_list"), Some(Seen::Loaded));
    assert_eq!(history.days().count(), DAYS);
    assert_eq!(history.days().last(), Some(history.tonight));
}

#[tokio::test]
async fn what_a_night_does_not_name_is_as_it_was_if_it_was_there() {
    let failed = json!({"outcome": "failed", "exit_code": 1});
    let warehouse = kept(&[
        ("20261120T010000000-1", named(&[("new", "left_out")], 1)),
        ("20261121T010000000-1", named(&[], 1)),
        ("20261122T010000000-1", named(&[("new", "loaded")], 1)),
        ("20261123T010000000-1", named(&[], 2)),
        ("20261124T010000000-1", failed),
    ])
    .await;
    let mut tonight = report();
    tonight.sources = vec![source("old", SourceState::Unchanged)];
    tonight.unchanged = 1;
    let history = History::read(&warehouse, &tonight).await.unwrap();
    let states = |source: &str| -> Vec<Option<Seen>> {
        (20..=26).map(|day| seen(&history, day, source)).collect()
    };
    let (same, new) = (Some(Seen::Unchanged), Some(Seen::Loaded));
    let out = Some(Seen::LeftOut);
    assert_eq!(states("old"), [same, same, same, same, None, None, same]);
    assert_eq!(states("new"), [out, None, new, same, None, None, None]);
}

#[tokio::test]
async fn a_failed_try_does_not_stand_for_a_day_that_has_a_better_run() {
    let failed = json!({"outcome": "failed", "exit_code": 75});
    let warehouse = kept(&[
        ("20261124T010000000-1", named(&[("a_list", "loaded")], 0)),
        ("20261125T010000000-1", named(&[("a_list", "held")], 0)),
        ("20261125T010000001-2", failed),
    ])
    .await;
    let mut tonight = report();
    tonight.sources[0].state = SourceState::Held;
    let history = History::read(&warehouse, &tonight).await.unwrap();
    assert_eq!(seen(&history, 25, "a_list"), Some(Seen::Held));
    assert_eq!(history.stale_nights("a_list"), 2);
    assert_eq!(history.stale_nights("unheard of"), 0);
}

#[tokio::test]
async fn a_source_without_a_file_is_absent_and_grows_stale() {
    let mut gone = named(&[("held", "held")], 2);
    gone["absent"] = json!(["b_list", "held"]);
    let mut ingest = named(&[("a_list", "loaded")], 2);
    ingest["asked_for"] = json!(["a_list"]);
    let warehouse = kept(&[
        ("20261123T010000000-1", named(&[("b_list", "loaded")], 1)),
        ("20261124T010000000-1", gone),
        ("20261125T010000000-1", ingest),
    ])
    .await;
    let mut tonight = report();
    // The report tells what the release holds of it.
    tonight
        .sources
        .push(source("b_list", SourceState::Unchanged));
    tonight.absent = vec!["b_list".to_owned()];
    let history = History::read(&warehouse, &tonight).await.unwrap();
    let states: Vec<Option<Seen>> = (23..=26).map(|day| seen(&history, day, "b_list")).collect();
    let absent = Some(Seen::Absent);
    assert_eq!(states, [Some(Seen::Loaded), absent, None, absent]);
    assert_eq!(history.stale_nights("b_list"), 3);
    assert_eq!(history.stale_nights("a_list"), 0);
    assert_eq!(seen(&history, 24, "held"), Some(Seen::Held));
}

#[tokio::test]
async fn a_source_that_nobody_looked_for_grows_stale_unless_another_run_of_the_day_did() {
    let offline = || {
        let mut record = named(&[], 2);
        record["not_asked"] = json!(["a_list", "b_list"]);
        record
    };
    let both = named(&[("a_list", "loaded"), ("b_list", "held")], 0);
    let warehouse = kept(&[
        ("20261122T010000000-1", both),
        ("20261123T010000000-1", named(&[("b_list", "held")], 1)),
        ("20261123T090000000-1", offline()),
        ("20261124T010000000-1", offline()),
        ("20261125T010000000-1", offline()),
    ])
    .await;
    let mut tonight = report();
    tonight.sources[0].state = SourceState::Unchanged;
    tonight.not_asked = vec!["a_list".to_owned()];
    let history = History::read(&warehouse, &tonight).await.unwrap();
    let states = |source: &str| -> Vec<Option<Seen>> {
        (22..=26).map(|day| seen(&history, day, source)).collect()
    };
    let (loaded, same) = (Some(Seen::Loaded), Some(Seen::Unchanged));
    let (held, not) = (Some(Seen::Held), Some(Seen::NotAsked));
    assert_eq!(states("a_list"), [loaded, same, not, not, not]);
    assert_eq!(states("b_list"), [held, held, not, not, None]);
    assert_eq!(history.stale_nights("a_list"), 3);
}

#[tokio::test]
async fn a_run_that_looked_for_files_nowhere_has_done_no_night() {
    let mut nowhere = nightly("2026-11-25", 0);
    nowhere["looked_nowhere"] = true.into();
    let warehouse = kept(&[
        ("20261124T010000000-1", nightly("2026-11-24", 0)),
        ("20261125T010000000-1", nowhere),
    ])
    .await;
    let history = History::read(&warehouse, &report()).await.unwrap();
    let missed: Vec<String> = history.missed.iter().map(ToString::to_string).collect();
    assert_eq!(missed, ["2026-11-25"]);
}

#[tokio::test]
async fn a_run_for_one_source_leaves_what_the_night_found_of_others() {
    let ingest = |sources: &[(&str, &str)]| {
        let mut record = named(sources, 1);
        record["asked_for"] = json!(["a_list"]);
        record
    };
    let both = named(&[("a_list", "held"), ("b_list", "held")], 0);
    let warehouse = kept(&[
        ("20261124T010000000-1", both.clone()),
        ("20261124T090000000-1", ingest(&[])),
        ("20261125T010000000-1", both),
        ("20261125T090000000-1", ingest(&[("a_list", "loaded")])),
    ])
    .await;
    let history = History::read(&warehouse, &report()).await.unwrap();
    let held = Some(Seen::Held);
    assert_eq!([24, 25].map(|day| seen(&history, day, "b_list")), [held; 2]);
    assert_eq!(seen(&history, 24, "a_list"), Some(Seen::Unchanged));
    assert_eq!(seen(&history, 25, "a_list"), Some(Seen::Loaded));
}

#[test]
fn of_several_files_of_a_source_the_worst_tells() {
    let mut tonight = report();
    tonight.sources = vec![
        source("a_list", SourceState::Held),
        source("a_list", SourceState::Loaded),
    ];
    let history = History::of(&tonight);
    assert_eq!(history.seen_tonight("a_list"), Some(Seen::Held));
}

fn nightly(date: &str, exit_code: u8) -> Value {
    let outcome = if exit_code == 0 {
        "published"
    } else {
        "failed"
    };
    json!({"outcome": outcome, "date": date, "exit_code": exit_code, "unchanged": 1})
}

#[tokio::test]
async fn a_day_without_a_night_that_ended_well_is_missed_once_there_were_nights() {
    let mut made_up = nightly("2026-11-20", 0);
    made_up["caught_up"] = true.into();
    let warehouse = kept(&[
        ("20261116T010000000-1", json!({"outcome": "published"})),
        ("20261118T010000000-1", nightly("2026-11-18", 0)),
        ("20261119T010000000-1", nightly("2026-11-19", 1)),
        // Half past midnight in Berlin.
        ("20261121T233000000-1", nightly("2026-11-22", 0)),
        ("20261123T010000000-1", made_up),
    ])
    .await;
    let mut tonight = report();
    tonight.night = Some(night(&["2026-11-23", "2026-11-25", "2026-10-01"]));
    let history = History::read(&warehouse, &tonight).await.unwrap();
    let missed: Vec<i8> = history.missed.iter().map(|day| day.day()).collect();
    assert_eq!(missed, [19, 21, 23, 24, 25]);
    let days: Vec<i8> = history.nights.keys().map(|day| day.day()).collect();
    assert_eq!(days, [16, 18, 19, 20, 22, 26]);
}

#[tokio::test]
async fn a_night_that_is_made_up_for_stands_for_its_date_and_for_tonight() {
    let warehouse = kept(&[
        ("20261123T010000000-1", nightly("2026-11-23", 0)),
        ("20261124T010000000-1", nightly("2026-11-24", 1)),
    ])
    .await;
    let mut tonight = report();
    let mut over = night(&[]);
    (over.date, over.caught_up) = (date(2026, 11, 24), true);
    tonight.night = Some(over);
    let history = History::read(&warehouse, &tonight).await.unwrap();
    assert_eq!(seen(&history, 24, "a_list"), Some(Seen::Loaded));
    assert_eq!(history.seen_tonight("a_list"), Some(Seen::Loaded));
    assert_eq!(history.missed, BTreeSet::from([date(2026, 11, 25)]));
}
