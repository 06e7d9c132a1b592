//! A run that fails because of another says so.

use esf_engine::release::{Publication, ReleaseDraft, Warehouse};
use esf_engine::store::{Store, StoreError};

use super::{RunError, after_all};

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
