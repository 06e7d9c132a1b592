//! The same recipe gives the same data, and only where nothing else lies.

use datafusion::arrow::util::pretty::pretty_format_batches;
use esf_engine::session::{Access, SessionOptions, session};
use esf_engine::store::Store;
use esf_engine::verify::{VerifyOptions, verify};
use esf_schemas::Visibility;

use super::*;
use crate::Catalogue;
use crate::run::{RunOptions, Silent, run};

/// Large enough for two files of a table.
const LARGE: Recipe = Recipe {
    operations: BLOCK * BLOCKS_OF_FILE + 1_000,
    participations: 1_000,
    seed: 7,
};

const SMALL: Recipe = Recipe {
    operations: 1_000,
    participations: 50_000,
    seed: 7,
};

async fn made(recipe: Recipe, threads: usize) -> (Warehouse, Release) {
    let warehouse = Warehouse::new(Store::memory());
    let made = generate(&warehouse, recipe, threads, &Silent)
        .await
        .unwrap();
    assert!(made.is_new);
    (warehouse, made.release)
}

async fn ask(warehouse: &Warehouse, release: &Release, sql: &str) -> String {
    let options = SessionOptions::default();
    let context = session(warehouse, release, Access::Restricted, &options).unwrap();
    let rows = context.sql(sql).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&rows).unwrap().to_string()
}

#[tokio::test]
async fn the_seed_alone_decides_and_the_number_of_threads_does_not() {
    for recipe in [SMALL, LARGE] {
        let hash = async |recipe, threads| made(recipe, threads).await.1.content_hash;
        let one = hash(recipe, 1).await;
        assert_eq!(one, hash(recipe, 3).await);
        let other = Recipe { seed: 8, ..recipe };
        assert_ne!(one, hash(other, 3).await);
    }
    assert_eq!(made(LARGE, 2).await.1.tables["operation"].files.len(), 2);
}

#[tokio::test]
async fn the_release_is_a_sound_demonstration_that_says_what_it_is() {
    let (warehouse, release) = made(SMALL, 2).await;
    assert!(release.demonstration && is_synthetic(&release));
    let rows = |table: &str| release.tables[table].rows();
    assert_eq!(
        ["operation", "operation_amount", "participation"].map(rows),
        [1_000, 3_000, 50_000]
    );
    assert_eq!(
        release.tables["participation"].visibility,
        Visibility::Restricted
    );
    let options = VerifyOptions {
        access: Access::Restricted,
        ..VerifyOptions::default()
    };
    let report = verify(&warehouse, &release, &options).await.unwrap();
    assert_eq!((report.faults, report.raw), (Vec::new(), 1));
    let mislabelled = "SELECT count(*) AS n FROM operation
        WHERE title NOT LIKE 'Synthetisch: %' OR source_id NOT LIKE 'synthetic\\_%'";
    assert!(
        ask(&warehouse, &release, mislabelled)
            .await
            .contains("| 0 |")
    );
}

#[tokio::test]
async fn rows_stand_in_the_order_of_their_table() {
    let (warehouse, release) = made(SMALL, 2).await;
    for (name, table) in release.tables.iter().filter(|(_, table)| table.rows() > 0) {
        // Each row against the one before it in the same file; ids of rows say which file it is.
        let order = table.sort.join(", ");
        let sql = format!(
            "SELECT count(*) AS n FROM (
                SELECT row_number() OVER (PARTITION BY source_id ORDER BY {order}) AS sorted,
                    row_number() OVER (PARTITION BY source_id ORDER BY {}) AS stored FROM {name})
            WHERE sorted <> stored",
            if name == "participation" {
                "indicator_code, source_row"
            } else {
                "source_row"
            }
        );
        if name != "source_file" && name != "operation_amount" {
            assert!(
                ask(&warehouse, &release, &sql).await.contains("| 0 |"),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn making_the_same_again_changes_nothing_and_another_seed_is_a_release_of_its_own() {
    let (warehouse, release) = made(SMALL, 2).await;
    let again = generate(&warehouse, SMALL, 1, &Silent).await.unwrap();
    assert_eq!((again.is_new, again.release.number), (false, 1));
    let other = Recipe { seed: 9, ..SMALL };
    let other = generate(&warehouse, other, 1, &Silent).await.unwrap();
    assert_eq!((other.is_new, other.release.number), (true, 2));
    assert_ne!(other.release.content_hash, release.content_hash);
}

#[tokio::test]
async fn nothing_is_made_where_other_data_lie_and_nothing_is_loaded_beside() {
    for demonstration in [true, false] {
        let warehouse = Warehouse::new(Store::memory());
        let mut draft = ReleaseDraft::new(None, "run", "test");
        draft.demonstration = demonstration;
        warehouse.publish(draft).await.unwrap();
        let refused = generate(&warehouse, SMALL, 1, &Silent).await.unwrap_err();
        assert!(
            matches!(refused, RunError::NotSynthetic { .. }),
            "{refused}"
        );
        assert_eq!(refused.exit_code(), 2);
        assert_eq!(warehouse.numbers().await.unwrap(), [1]);
    }
    let (warehouse, _) = made(SMALL, 1).await;
    for samples in [true, false] {
        let options = RunOptions {
            samples,
            ..RunOptions::default()
        };
        let mut catalogue = Catalogue::embedded().unwrap();
        let refused = run(&warehouse, &mut catalogue, &options, &Silent).await;
        assert!(matches!(refused, Err(RunError::Synthetic { .. })));
    }
}

#[tokio::test]
async fn no_participations_are_an_empty_table() {
    let recipe = Recipe {
        operations: 3,
        participations: 0,
        seed: 1,
    };
    let (_, release) = made(recipe, 1).await;
    assert_eq!(release.tables["participation"].rows(), 0);
    assert_eq!(release.tables["operation"].rows(), 3);
}
