//! A run that fails because of another says so.

use std::collections::BTreeSet;

use esf_engine::redact::{Redaction, keep};
use esf_engine::release::{Publication, ReleaseDraft, Warehouse};
use esf_engine::store::{Store, StoreError};

use super::{Run, RunError, RunOptions, Silent, after_all};
use crate::redaction;

fn lost() -> RunError {
    RunError::Store(StoreError::NotFound {
        path: "data/operation/gone.parquet".to_owned(),
        location: "the warehouse".to_owned(),
    })
}

#[tokio::test]
async fn a_run_that_fails_after_another_has_published_is_overtaken() {
    let warehouse = Warehouse::new(Store::memory());
    let draft = ReleaseDraft::new(None, "other", "test");
    let published = warehouse.publish(draft).await.unwrap();
    assert!(matches!(published, Publication::Published(_)));
    let error = after_all(&warehouse, 0, "mine", lost()).await;
    assert_eq!(error.exit_code(), 75, "{error}");
    assert!(error.to_string().contains("another run (other)"), "{error}");

    // It stands on the newest release; it published that itself; another has nothing to do with it.
    for (base, run_id, error) in [
        (1, "mine", lost()),
        (0, "other", lost()),
        (0, "mine", RunError::Worker("ended".to_owned())),
    ] {
        let error = after_all(&warehouse, base, run_id, error).await;
        assert_eq!(error.exit_code(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_run_on_a_release_that_came_without_a_record_is_overtaken() {
    let warehouse = Warehouse::new(Store::memory());
    let draft = ReleaseDraft::new(None, "other", "test");
    warehouse.publish(draft).await.unwrap();
    let previous = warehouse.latest().await.unwrap();
    let mut record = Redaction::new("redaction", "asked for", "salt", BTreeSet::new());
    let ends = async |record: &Redaction, dry_run: bool| {
        keep(&warehouse, record).await.unwrap();
        let masks = redaction::masks(&warehouse, previous.as_ref()).await;
        let options = RunOptions {
            dry_run,
            ..RunOptions::default()
        };
        let run = Run {
            warehouse: &warehouse,
            options: &options,
            progress: &Silent,
            id: "mine",
            previous: previous.as_ref(),
        };
        let end = run.check_redactions(&masks.unwrap()).await;
        end.err().map(|error| error.exit_code())
    };
    // One that is not done publishes before it is, and one of both is overtaken.
    assert_eq!(ends(&record, false).await, None);
    record.done = true;
    assert_eq!(ends(&record, false).await, Some(75));
    assert_eq!(ends(&record, true).await, None);
    record.through = Some(1);
    assert_eq!(ends(&record, false).await, None);
}
