//! Whoever published first is named, whatever a redaction no longer found.

use esf_engine::release::{Publication, ReleaseDraft, Warehouse};
use esf_engine::store::Store;

use super::overtaken;
use crate::exit::{Exit, Failure};

#[tokio::test]
async fn a_run_that_published_meanwhile_is_named() {
    let warehouse = Warehouse::new(Store::memory());
    let draft = ReleaseDraft::new(None, "the-night", "test");
    let published = warehouse.publish(draft).await.unwrap();
    assert!(matches!(published, Publication::Published(_)));
    let gone = || {
        Failure::new(
            Exit::Internal,
            "there is no data/a; it was taken away, restore it from a backup",
        )
    };
    let failure = overtaken(&warehouse, 0, "own", gone()).await;
    assert_eq!(failure.exit().code(), 75);
    let shown = failure.shown(false);
    assert!(
        shown.contains("another run (the-night) published release 1"),
        "{shown}"
    );
    assert!(shown.contains("`esf explain redact-overtaken`"), "{shown}");
    for (base, id) in [(1, "own"), (0, "the-night")] {
        let failure = overtaken(&warehouse, base, id, gone()).await;
        assert_eq!(failure.exit().code(), 1, "nobody came first");
    }
    let mistyped = overtaken(&warehouse, 0, "own", Failure::usage("mistyped")).await;
    assert_eq!(mistyped.exit().code(), 2);
}
