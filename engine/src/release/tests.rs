//! Publishing and reading releases.

mod power;
mod readers;

use std::sync::Arc;

use bytes::Bytes;
use esf_schemas::Visibility;
use esf_test_store::{Fault, Faulty};
use object_store::memory::InMemory;

use super::*;
use crate::{store::Store, testing};

fn draft(base: Option<&Release>, run: &str, step: &str) -> ReleaseDraft {
    let mut draft = ReleaseDraft::new(base, run, "test");
    draft.steps.insert("read".to_owned(), step.to_owned());
    draft
}

fn published(publication: Publication) -> Release {
    match publication {
        Publication::Published(release) => release,
        other => panic!("not published: {other:?}"),
    }
}

#[tokio::test]
async fn numbers_follow_each_other_and_equal_content_publishes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let warehouse = Warehouse::open(folder.path().join("w").to_str().unwrap()).unwrap();
    assert!(warehouse.latest().await.unwrap().is_none());
    assert!(matches!(
        warehouse.get(AsOf::Latest).await,
        Err(ReleaseError::Empty { .. })
    ));

    let first = published(warehouse.publish(draft(None, "run-1", "a")).await.unwrap());
    assert_eq!(first.number, 1);
    assert!(folder.path().join("w/releases/00000001.json").exists());

    let again = warehouse
        .publish(draft(Some(&first), "run-2", "a"))
        .await
        .unwrap();
    assert!(matches!(again, Publication::Unchanged(release) if release.number == 1));

    let second = published(
        warehouse
            .publish(draft(Some(&first), "run-3", "b"))
            .await
            .unwrap(),
    );
    assert_eq!(second.number, 2);
    assert_ne!(second.content_hash, first.content_hash);
    assert_eq!(warehouse.numbers().await.unwrap(), [1, 2]);
    assert_eq!(warehouse.list().await.unwrap().len(), 2);
}

/// A release with ten rows of a restricted table.
async fn of_people(demonstration: bool) -> (Warehouse, Release) {
    let warehouse = Warehouse::new(Store::memory());
    let spec = testing::spec(Visibility::Restricted);
    let rows = testing::rows(&spec, 0, 10);
    let file = testing::write(&warehouse, &spec, "", &[rows]).await;
    let mut draft = draft(None, "run-1", "a");
    draft.demonstration = demonstration;
    draft.table(&spec, [file]);
    let release = published(warehouse.publish(draft).await.unwrap());
    (warehouse, release)
}

#[tokio::test]
async fn the_document_of_a_release_does_not_count_people() {
    let (warehouse, release) = of_people(false).await;
    let document = warehouse.document(1).await.unwrap();
    let file = &document["tables"]["operation_amount"]["files"][0];
    assert!(file["path"].as_str().unwrap().starts_with("restricted/"));
    for told in ["rows", "footer_bytes"] {
        assert!(file.get(told).is_none(), "{told}: {file}");
    }
    for told in ["min", "max"] {
        assert_eq!(file[told], serde_json::json!({}), "{told}");
    }
    assert_eq!(release.tables["operation_amount"].rows(), 0);

    // Who may see them counts them in the file, and the release is sound.
    let access = crate::session::Access::Restricted;
    let context = crate::session::session(
        &warehouse,
        &warehouse.latest().await.unwrap().unwrap(),
        access,
        &crate::session::SessionOptions::default(),
    )
    .unwrap();
    let counted = context.sql("SELECT count(*), max(source_row) FROM operation_amount");
    let counted = counted.await.unwrap().collect().await.unwrap();
    let counted = arrow::util::pretty::pretty_format_batches(&counted).unwrap();
    let counted = counted.to_string();
    assert!(
        counted.contains("| 10") && counted.contains("| 9"),
        "{counted}"
    );
    let options = crate::verify::VerifyOptions {
        access,
        references: false,
        ..crate::verify::VerifyOptions::default()
    };
    let report = crate::verify::verify(&warehouse, &release, &options).await;
    assert_eq!(report.unwrap().faults, vec![]);

    // Nobody is protected by hiding what was made up.
    let (_, release) = of_people(true).await;
    let file = &release.tables["operation_amount"].files[0];
    assert_eq!((file.rows, file.max["source_row"].as_str()), (10, "9"));
}

#[tokio::test]
async fn a_run_that_was_overtaken_conflicts() {
    let warehouse = Warehouse::new(Store::memory());
    let first = published(warehouse.publish(draft(None, "run-1", "a")).await.unwrap());
    published(
        warehouse
            .publish(draft(Some(&first), "run-2", "b"))
            .await
            .unwrap(),
    );
    let late = warehouse
        .publish(draft(Some(&first), "run-3", "c"))
        .await
        .unwrap();
    assert!(matches!(late, Publication::Conflict(release) if release.number == 2));
    let never_started = warehouse.publish(draft(None, "run-4", "d")).await.unwrap();
    assert!(matches!(never_started, Publication::Conflict(_)));
}

#[tokio::test]
async fn of_many_runs_at_once_one_publishes() {
    let folder = tempfile::tempdir().unwrap();
    let warehouse = Warehouse::open(folder.path().to_str().unwrap()).unwrap();
    let runs = (0..8).map(|i| {
        let warehouse = warehouse.clone();
        tokio::spawn(async move {
            warehouse
                .publish(draft(None, &format!("run-{i}"), &i.to_string()))
                .await
                .unwrap()
        })
    });
    let ends = futures::future::join_all(runs).await;
    let won = ends
        .iter()
        .filter(|end| matches!(end, Ok(Publication::Published(_))))
        .count();
    assert_eq!((won, warehouse.numbers().await.unwrap()), (1, vec![1]));
}

#[tokio::test]
async fn samples_and_real_data_never_mix() {
    let warehouse = Warehouse::new(Store::memory());
    let mut samples = draft(None, "run-1", "a");
    samples.demonstration = true;
    let release = published(warehouse.publish(samples).await.unwrap());
    assert_eq!(warehouse.demonstration().await.unwrap(), Some(true));
    let mut real = draft(Some(&release), "run-2", "b");
    assert!(real.demonstration, "a draft inherits the mark");
    real.demonstration = false;
    let error = warehouse.publish(real).await.unwrap_err().to_string();
    assert!(error.contains("demonstration"), "{error}");
}

#[tokio::test]
async fn any_release_can_be_read_by_number_and_by_date() {
    let warehouse = Warehouse::new(Store::memory());
    let mut base: Option<Release> = None;
    for (i, time) in [
        "2026-01-05T10:00:00Z",
        "2026-01-05T23:59:59Z",
        "2026-03-01T00:00:00Z",
    ]
    .iter()
    .enumerate()
    {
        let mut draft = draft(base.as_ref(), &format!("run-{i}"), &i.to_string());
        draft.created_at = time.parse().unwrap();
        base = Some(published(warehouse.publish(draft).await.unwrap()));
    }
    let number = async |text: &str| {
        warehouse
            .get(text.parse().unwrap())
            .await
            .map(|release| release.number)
    };
    assert_eq!(number("latest").await.unwrap(), 3);
    assert_eq!(number("1").await.unwrap(), 1);
    assert_eq!(number("2026-01-05").await.unwrap(), 2);
    assert_eq!(number("2026-02-28").await.unwrap(), 2);
    assert_eq!(number("2026-03-01").await.unwrap(), 3);
    assert!(
        number("2026-01-04")
            .await
            .unwrap_err()
            .to_string()
            .contains("newest is 3")
    );
    assert!(
        number("9")
            .await
            .unwrap_err()
            .to_string()
            .contains("no release 9")
    );
    assert!("yesterday".parse::<AsOf>().is_err());
}

#[tokio::test]
async fn later_formats_are_refused_and_unknown_fields_kept() {
    let warehouse = Warehouse::new(Store::memory());
    let put = async |document: serde_json::Value| {
        warehouse
            .store()
            .put(&Release::path(1), Bytes::from(document.to_string()))
            .await
            .unwrap();
    };
    put(serde_json::json!({"format_version": 99})).await;
    assert!(matches!(
        warehouse.latest().await,
        Err(ReleaseError::Newer { found: 99, .. })
    ));
    put(serde_json::json!({"something": "else"})).await;
    assert!(matches!(
        warehouse.latest().await,
        Err(ReleaseError::Unreadable { .. })
    ));

    let minimal = serde_json::json!({
        "format_version": 1, "number": 1, "run_id": "r", "created_at": "2020-01-01T00:00:00Z", "program": "old",
        "content_hash": "x", "tables": {"t": {"visibility": "public", "schema": [{"name": "a", "type": "Utf8"}], "later": 1}},
        "later": {"kept": true}
    });
    put(minimal).await;
    let release = warehouse.latest().await.unwrap().unwrap();
    assert_eq!(release.extra["later"]["kept"], true);
    assert_eq!(
        serde_json::to_value(&release).unwrap()["tables"]["t"]["later"],
        1
    );
}

#[tokio::test]
async fn the_stored_document_has_its_content_hash_and_its_schema_comes_back() {
    let warehouse = Warehouse::new(Store::memory());
    let spec = testing::spec(Visibility::Public);
    let file = testing::write(&warehouse, &spec, "00", &[testing::rows(&spec, 0, 10)]).await;
    let release = testing::publish(&warehouse, &spec, vec![file], "run-1").await;
    let document = warehouse.document(1).await.unwrap();
    assert_eq!(hash::content_hash(&document), release.content_hash);
    let schema = warehouse
        .latest()
        .await
        .unwrap()
        .unwrap()
        .table("operation_amount")
        .unwrap()
        .arrow_schema()
        .unwrap();
    assert_eq!(schema.fields(), spec.schema.fields());
}

#[tokio::test]
async fn documents_and_records_are_stored_without_blanks() {
    let warehouse = Warehouse::new(Store::memory());
    let first = published(warehouse.publish(draft(None, "run-1", "a")).await.unwrap());
    let second = draft(Some(&first), "run-2", "b");
    published(warehouse.publish(second).await.unwrap());
    published(warehouse.rollback(1, "run-3", &[]).await.unwrap());
    let record = serde_json::json!({"outcome": {"released": 3}});
    warehouse.record_run("run-3", &record).await.unwrap();
    let record = "runs/run-3.json".to_owned();
    for path in [Release::path(1), Release::path(3), record] {
        let stored = warehouse.store().get(&path).await.unwrap();
        let document: serde_json::Value = serde_json::from_slice(&stored).unwrap();
        assert_eq!(stored.len(), document.to_string().len(), "{path}");
    }
}

#[tokio::test]
async fn runs_are_recorded_also_without_a_release() {
    let warehouse = Warehouse::new(Store::memory());
    warehouse
        .record_run("20260101-abc", &serde_json::json!({"outcome": "failed"}))
        .await
        .unwrap();
    assert_eq!(warehouse.runs().await.unwrap(), ["20260101-abc"]);
    assert_eq!(
        warehouse.run("20260101-abc").await.unwrap()["outcome"],
        "failed"
    );
}

#[tokio::test]
async fn a_number_whose_document_is_gone_is_given_to_the_same_content_alone() {
    let warehouse = Warehouse::new(Store::memory());
    let first = published(warehouse.publish(draft(None, "run-1", "a")).await.unwrap());
    let second = draft(Some(&first), "run-2", "b");
    let content_hash = second.content_hash().unwrap();
    let second = published(warehouse.publish(second).await.unwrap());
    assert_eq!(second.content_hash, content_hash);
    for (run, record) in [
        (
            "run-1",
            serde_json::json!({"number": 1, "content_hash": first.content_hash}),
        ),
        (
            "run-2",
            serde_json::json!({"number": 2, "content_hash": content_hash}),
        ),
        (
            "run-3",
            serde_json::json!({"number": 2, "outcome": "unchanged"}),
        ),
        ("run-4", serde_json::json!({"outcome": "failed"})),
        // It found nothing new when the document was gone already.
        (
            "run-5",
            serde_json::json!({"number": 1, "outcome": "unchanged"}),
        ),
    ] {
        warehouse.record_run(run, &record).await.unwrap();
    }
    // Where the document is there, publishing finds out.
    warehouse.check_number(2, "other").await.unwrap();
    warehouse.store().delete(&Release::path(2)).await.unwrap();
    let refused = warehouse.check_number(2, "other").await;
    let given =
        matches!(&refused, Err(ReleaseError::Given { number: 2, run_id, .. }) if run_id == "run-2");
    assert!(given, "{refused:?}");
    warehouse.check_number(2, &content_hash).await.unwrap();
    warehouse.check_number(3, "other").await.unwrap();
}

/// A warehouse in memory behind faults.
fn faulty(faults: &[(usize, Fault)]) -> Warehouse {
    let store = Faulty::new(Arc::new(InMemory::new()), faults.iter().copied());
    Warehouse::new(Store::from_object_store(Arc::new(store), "test://"))
}

#[tokio::test]
async fn a_lost_answer_is_resolved_by_reading_back() {
    for carried_out in [Fault::Lose, Fault::Repeat] {
        let warehouse = faulty(&[(0, carried_out)]);
        let end = warehouse.publish(draft(None, "run-1", "a")).await;
        assert_eq!(published(end.unwrap()).number, 1, "{carried_out:?}");
    }
    // One that did not arrive is asked for again. Before the create, the releases are listed.
    let warehouse = faulty(&[(1, Fault::Fail)]);
    let end = warehouse.publish(draft(None, "run-1", "a")).await;
    assert_eq!(published(end.unwrap()).number, 1);
    assert_eq!(warehouse.numbers().await.unwrap(), [1]);
}

#[tokio::test]
async fn a_create_that_never_arrives_publishes_nothing_and_says_so() {
    // Behind each create that fails stands a look at what is there.
    let warehouse = faulty(&[1, 3, 5, 7].map(|n| (n, Fault::Fail)));
    let end = warehouse.publish(draft(None, "run-1", "a")).await;
    assert!(matches!(end, Err(ReleaseError::Store(_))), "{end:?}");
    assert!(warehouse.numbers().await.unwrap().is_empty());
    let again = warehouse.publish(draft(None, "run-1", "a")).await;
    assert_eq!(published(again.unwrap()).number, 1);
}

#[tokio::test]
async fn where_reading_back_fails_too_nothing_is_claimed() {
    for carried_out in [Fault::Lose, Fault::Repeat] {
        let warehouse = faulty(&[(0, carried_out), (2, Fault::Fail)]);
        let end = warehouse.publish(draft(None, "run-1", "a")).await;
        let error = end.unwrap_err();
        assert!(
            matches!(error, ReleaseError::Unknown { number: 1, .. }),
            "{error}"
        );
        let again = warehouse.publish(draft(None, "run-2", "a")).await;
        assert!(matches!(again, Ok(Publication::Unchanged(release)) if release.number == 1));
    }
    // Nor where it did not arrive: nobody knows that.
    let warehouse = faulty(&[(1, Fault::Fail), (2, Fault::Fail)]);
    let end = warehouse.publish(draft(None, "run-1", "a")).await;
    assert!(
        matches!(end, Err(ReleaseError::Unknown { number: 1, .. })),
        "{end:?}"
    );
    let again = warehouse.publish(draft(None, "run-2", "a")).await;
    assert_eq!(published(again.unwrap()).number, 1);
}
