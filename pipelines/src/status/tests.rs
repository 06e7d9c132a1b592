//! The age of sources over some nights.

use esf_engine::release::{Publication, ReleaseDraft, SourceFileState};
use esf_engine::store::Store;
use jiff::SignedDuration;
use serde_json::json;

use super::*;

const FIRST_NIGHT: &str = "2026-01-01T02:00:00Z";

fn night(number: i64) -> Timestamp {
    let first: Timestamp = FIRST_NIGHT.parse().unwrap();
    first + SignedDuration::from_hours(24 * number)
}

fn run_id(number: i64) -> String {
    format!("{}000-7", night(number).strftime("%Y%m%dT%H%M%S"))
}

async fn record(warehouse: &Warehouse, number: i64, states: &[(&str, &str)]) {
    let sources: Vec<Value> = states
        .iter()
        .map(
            |(id, state)| json!({"source_id": id, "list_id": format!("list_{id}"), "state": state}),
        )
        .collect();
    let record = json!({"outcome": "published", "number": 1, "seconds": 1.5, "sources": sources});
    warehouse
        .record_run(&run_id(number), &record)
        .await
        .unwrap();
}

/// Publishes a release in which each source has one file, first seen in the release of that number.
async fn publish(warehouse: &Warehouse, number: i64, sources: &[(&str, u64)]) {
    let base = warehouse.latest().await.unwrap();
    let mut draft = ReleaseDraft::new(base.as_ref(), run_id(number), "test");
    draft.created_at = night(number);
    draft.steps.insert("night".to_owned(), number.to_string());
    for (id, first_seen) in sources {
        let mut file = SourceFileState {
            file_name: format!("{id}_{first_seen}.csv"),
            ..SourceFileState::default()
        };
        file.extra
            .insert("first_seen".to_owned(), Value::from(*first_seen));
        let state = SourceState {
            list_id: format!("list_{id}"),
            files: vec![file],
            ..SourceState::default()
        };
        draft.sources.insert((*id).to_owned(), state);
    }
    let publication = warehouse.publish(draft).await.unwrap();
    assert!(matches!(publication, Publication::Published(_)));
}

fn of<'a>(status: &'a Status, source_id: &str) -> &'a SourceStatus {
    let found = status.sources.iter().find(|one| one.source_id == source_id);
    found.unwrap_or_else(|| panic!("no {source_id}"))
}

#[tokio::test]
async fn sources_age_from_the_last_night_that_found_them_sound() {
    let warehouse = Warehouse::new(Store::memory());
    publish(&warehouse, 0, &[("closed", 1), ("broken", 1)]).await;
    publish(&warehouse, 1, &[("closed", 1), ("broken", 2)]).await;
    record(&warehouse, 0, &[("closed", "loaded"), ("broken", "loaded")]).await;
    record(
        &warehouse,
        1,
        &[("closed", "unchanged"), ("broken", "loaded")],
    )
    .await;
    for number in 2..10 {
        record(
            &warehouse,
            number,
            &[("closed", "unchanged"), ("broken", "held")],
        )
        .await;
    }
    let status = status(
        &warehouse,
        &Catalogue::default(),
        &Standing::default(),
        night(9),
    )
    .await
    .unwrap();
    let now = night(9);
    let closed = of(&status, "closed");
    assert_eq!(
        (closed.state.as_deref(), closed.age_days(now)),
        (Some("unchanged"), Some(0))
    );
    assert_eq!(
        (closed.first_release, closed.first_seen),
        (Some(1), Some(night(0)))
    );
    let broken = of(&status, "broken");
    assert_eq!(
        (broken.state.as_deref(), broken.age_days(now)),
        (Some("held"), Some(8))
    );
    assert_eq!(broken.newest_file.as_deref(), Some("broken_2.csv"));
    assert_eq!((broken.checked, broken.sound), (Some(now), Some(night(1))));
    assert_eq!(status.older_than(8, now), Vec::<String>::new());
    assert_eq!(status.older_than(7, now), ["broken is 8 days old"]);
    assert_eq!(
        status.older_than(7, night(18)).first().map(String::as_str),
        Some("the last run was 9 days ago")
    );
}

#[tokio::test]
async fn a_source_without_a_file_ages_and_stays_in_the_state_that_it_was_last_in() {
    let warehouse = Warehouse::new(Store::memory());
    publish(&warehouse, 0, &[("good", 1), ("broken", 1)]).await;
    record(&warehouse, 0, &[("good", "loaded"), ("broken", "loaded")]).await;
    record(&warehouse, 1, &[("good", "unchanged"), ("broken", "held")]).await;
    let unchanged = |more: Value| {
        let mut record =
            json!({"outcome": "unchanged", "number": 1, "unchanged": 2, "sources": []});
        for (field, value) in more.as_object().unwrap() {
            record[field.as_str()] = value.clone();
        }
        record
    };
    // A night whose folders lack one, and an ingest of the other alone.
    let nights = [
        unchanged(json!({"absent": ["broken"]})),
        unchanged(json!({"asked_for": ["good"]})),
    ];
    for (number, record) in (2..).zip(nights) {
        warehouse
            .record_run(&run_id(number), &record)
            .await
            .unwrap();
    }
    let status = status(
        &warehouse,
        &Catalogue::default(),
        &Standing::default(),
        night(3),
    )
    .await
    .unwrap();
    let now = night(3);
    let broken = of(&status, "broken");
    assert_eq!(
        (broken.state.as_deref(), broken.is_absent),
        (Some("held"), true)
    );
    assert_eq!(
        (broken.checked, broken.age_days(now)),
        (Some(night(1)), Some(3))
    );
    let good = of(&status, "good");
    assert_eq!((good.is_absent, good.age_days(now)), (false, Some(0)));
    assert_eq!(
        status.older_than(2, now),
        ["broken is 3 days old: the folders have no file of it"]
    );
}

#[tokio::test]
async fn a_source_that_nobody_looks_for_ages_in_the_state_that_it_was_last_in() {
    let warehouse = Warehouse::new(Store::memory());
    publish(&warehouse, 0, &[("asked", 1), ("left", 1)]).await;
    record(&warehouse, 0, &[("asked", "loaded"), ("left", "loaded")]).await;
    // One asks for one of them, the other for none.
    for (number, not_asked) in [(1, json!(["left"])), (2, json!(["asked", "left"]))] {
        let record = json!({"outcome": "unchanged", "number": 1, "unchanged": 2, "sources": [], "not_asked": not_asked});
        warehouse
            .record_run(&run_id(number), &record)
            .await
            .unwrap();
    }
    let seen = async || {
        status(
            &warehouse,
            &Catalogue::default(),
            &Standing::default(),
            night(3),
        )
        .await
        .unwrap()
    };
    let (before, now) = (seen().await, night(2));
    let shown = |source: &SourceStatus| {
        let days = source.age_days(now);
        (
            source.state.clone(),
            source.checked,
            source.is_not_asked,
            days,
        )
    };
    let (same, loaded) = (Some("unchanged".to_owned()), Some("loaded".to_owned()));
    let asked = shown(of(&before, "asked"));
    assert_eq!(asked, (same, Some(night(1)), true, Some(1)));
    let left = shown(of(&before, "left"));
    assert_eq!(left, (loaded, Some(night(0)), true, Some(2)));
    let told = ["left is 2 days old: nobody looked for it"];
    assert_eq!(before.older_than(1, now), told);
    // A file that is read again from the archive makes nothing younger.
    let replayed = json!({"outcome": "published", "number": 2, "asked_for": ["left"], "not_asked": ["left"],
        "sources": [{"source_id": "left", "list_id": "list_left", "state": "loaded"}]});
    let replay = run_id(3);
    warehouse.record_run(&replay, &replayed).await.unwrap();
    let after = seen().await;
    assert_eq!(of(&after, "left").age_days(now), Some(2));
    assert_eq!(after.older_than(1, now), told);
}

#[tokio::test]
async fn a_source_of_which_no_record_tells_is_held_if_the_release_says_so() {
    let warehouse = Warehouse::new(Store::memory());
    let mut draft = ReleaseDraft::new(None, run_id(0), "test");
    let state = SourceState {
        held: true,
        ..SourceState::default()
    };
    draft.sources.insert("a".to_owned(), state);
    warehouse.publish(draft).await.unwrap();
    let status = status(
        &warehouse,
        &Catalogue::default(),
        &Standing::default(),
        night(0),
    )
    .await
    .unwrap();
    assert_eq!(of(&status, "a").state.as_deref(), Some("held"));
}

#[tokio::test]
async fn a_source_that_was_never_let_in_is_shown_and_counts_as_old() {
    let warehouse = Warehouse::new(Store::memory());
    publish(&warehouse, 0, &[("good", 1)]).await;
    record(&warehouse, 0, &[("good", "loaded"), ("new", "left_out")]).await;
    let status = status(
        &warehouse,
        &Catalogue::default(),
        &Standing::default(),
        night(0),
    )
    .await
    .unwrap();
    assert_eq!(of(&status, "new").list_id, "list_new");
    assert_eq!(
        status.older_than(7, night(0)),
        ["new was not sound in the last runs"]
    );
}

#[tokio::test]
async fn what_a_clock_that_was_ahead_recorded_hides_no_run() {
    let warehouse = Warehouse::new(Store::memory());
    // A night by a clock that was months ahead, and then nights by one that is right.
    publish(&warehouse, 200, &[("good", 1), ("broken", 1)]).await;
    record(&warehouse, 200, &[("good", "loaded"), ("broken", "loaded")]).await;
    record(&warehouse, 1, &[("good", "unchanged"), ("broken", "held")]).await;
    let seen = async |now| {
        status(&warehouse, &Catalogue::default(), &Standing::default(), now)
            .await
            .unwrap()
    };
    let now = night(5);
    let stands = seen(now).await;
    let last = stands.last_run.as_ref().unwrap();
    assert_eq!((last.begun, stands.ahead), (night(1), 1));
    let broken = of(&stands, "broken");
    assert_eq!(
        (broken.state.as_deref(), broken.age_days(now)),
        (Some("held"), None)
    );
    assert_eq!(of(&stands, "good").age_days(now), Some(4));
    assert_eq!(
        stands.older_than(3, now),
        [
            "the last run was 4 days ago",
            "broken was not sound in the last runs",
            "good is 4 days old"
        ]
    );
    // Once that time has come, they count.
    let then = seen(night(200)).await;
    assert_eq!((then.ahead, then.older_than(0, night(200))), (0, vec![]));
}

#[test]
fn a_time_that_is_still_to_come_is_told_as_such() {
    let now = night(9);
    assert_eq!(ago(night(7), now), "2 days ago");
    assert_eq!(ago(now, now), "0 days ago");
    assert!(ago(night(18), now).starts_with("216h ahead of the clock, "));
}

#[tokio::test]
async fn rollbacks_and_other_records_are_no_runs() {
    let warehouse = Warehouse::new(Store::memory());
    publish(&warehouse, 0, &[("good", 1)]).await;
    record(&warehouse, 0, &[("good", "loaded")]).await;
    let back = json!({"outcome": ROLLED_BACK, "number": 2});
    warehouse.record_run(&run_id(1), &back).await.unwrap();
    warehouse
        .record_run("made", &json!({"outcome": "published"}))
        .await
        .unwrap();
    let last = last_run(&warehouse).await.unwrap().unwrap();
    assert_eq!((last.begun, last.outcome.as_str()), (night(0), "published"));
    let status = status(
        &warehouse,
        &Catalogue::default(),
        &Standing::default(),
        night(1),
    )
    .await
    .unwrap();
    assert_eq!(status.last_run.unwrap().run_id, run_id(0));
}

#[tokio::test]
async fn references_do_not_age_and_a_collected_release_has_no_date() {
    let warehouse = Warehouse::new(Store::memory());
    let catalogue = Catalogue::embedded().unwrap();
    let reference = catalogue
        .iter()
        .find(|source| source.toml.kind == SourceKind::Reference)
        .unwrap();
    publish(
        &warehouse,
        0,
        &[(reference.source_id.as_str(), 1), ("list", 1)],
    )
    .await;
    publish(
        &warehouse,
        1,
        &[(reference.source_id.as_str(), 1), ("list", 1)],
    )
    .await;
    warehouse.store().delete(&Release::path(1)).await.unwrap();
    let states = [("list", "unchanged"), (&*reference.source_id, "held")];
    record(&warehouse, 1, &states).await;
    let status = status(&warehouse, &catalogue, &Standing::default(), night(1))
        .await
        .unwrap();
    assert_eq!(of(&status, "list").first_seen, None);
    let held = of(&status, &reference.source_id);
    assert_eq!(held.age_days(night(1)), None);
    assert_eq!(held.state.as_deref(), Some("held"));
    assert_eq!(status.older_than(3, night(1)), Vec::<String>::new());
}

#[tokio::test]
async fn a_reference_without_a_file_is_told_by_the_last_night_that_looked_for_one() {
    let warehouse = Warehouse::new(Store::memory());
    let catalogue = Catalogue::embedded().unwrap();
    let reference = catalogue
        .iter()
        .find(|source| source.toml.kind == SourceKind::Reference)
        .unwrap();
    let id = reference.source_id.as_str();
    publish(&warehouse, 0, &[(id, 1), ("list", 1)]).await;
    let seen = async |number: i64, more: Value| {
        let mut record =
            json!({"outcome": "unchanged", "number": 1, "unchanged": 0, "sources": []});
        for (field, value) in more.as_object().unwrap() {
            record[field.as_str()] = value.clone();
        }
        warehouse
            .record_run(&run_id(number), &record)
            .await
            .unwrap();
        let standing = Standing::default();
        let status = status(&warehouse, &catalogue, &standing, night(9));
        let status = status.await.unwrap();
        let reference = of(&status, id);
        (reference.is_absent, reference.checked)
    };
    assert_eq!(seen(1, json!({})).await, (false, Some(night(1))));
    assert_eq!(seen(2, json!({"absent": [id]})).await, (true, None));
    // One that was asked for another source, and one that failed, looked for none.
    assert_eq!(seen(3, json!({"asked_for": ["list"]})).await, (true, None));
    assert_eq!(seen(4, json!({"outcome": "failed"})).await, (true, None));
    assert_eq!(seen(5, json!({})).await, (false, Some(night(5))));
}

#[tokio::test]
async fn an_empty_warehouse_has_no_status() {
    let warehouse = Warehouse::new(Store::memory());
    let status = status(
        &warehouse,
        &Catalogue::default(),
        &Standing::default(),
        night(0),
    )
    .await
    .unwrap();
    assert!(status.release.is_none() && status.sources.is_empty());
    assert_eq!(
        status.older_than(1, night(0)),
        ["there is no record of a run"]
    );
}

#[tokio::test]
async fn the_newest_file_is_the_one_that_was_published_last_whenever_it_came() {
    let warehouse = Warehouse::new(Store::memory());
    let mut draft = ReleaseDraft::new(None, run_id(0), "test");
    let mut state = SourceState::default();
    for (first_seen, day) in [(1, "2020-02-01"), (2, "2020-03-01"), (3, "2020-01-01")] {
        let mut file = SourceFileState {
            file_name: format!("{day}.csv"),
            sha256: day.to_owned(),
            ..SourceFileState::default()
        };
        file.extra
            .insert("first_seen".to_owned(), Value::from(first_seen));
        file.extra.insert("published".to_owned(), Value::from(day));
        state.files.push(file);
    }
    draft.sources.insert("a".to_owned(), state);
    warehouse.publish(draft).await.unwrap();
    let status = status(
        &warehouse,
        &Catalogue::default(),
        &Standing::default(),
        night(0),
    )
    .await
    .unwrap();
    let newest = of(&status, "a");
    assert_eq!(newest.newest_file.as_deref(), Some("2020-03-01.csv"));
    assert_eq!(newest.first_release, Some(2));
}
