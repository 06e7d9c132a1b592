//! Readers beside a writer: each sees every table of one release whole, whatever is published meanwhile.

use std::{
    thread,
    time::{Duration, Instant},
};

use arrow::{array::AsArray, datatypes::Int64Type};

use crate::{
    session::{Access, SessionOptions, session},
    write::TableSpec,
};

use super::*;

const RELEASES: i64 = 200;
const TABLES: [&str; 2] = ["one", "two"];

/// A reader that has not seen the last release by then never will.
const PATIENCE: Duration = Duration::from_mins(2);

fn spec(table: &str) -> Arc<TableSpec> {
    Arc::new(TableSpec {
        name: table.to_owned(),
        ..(*testing::spec(Visibility::Public)).clone()
    })
}

/// Publishes a release whose rows count on from its number, in all tables.
async fn publish(warehouse: &Warehouse, number: i64) {
    let base = warehouse.latest().await.unwrap();
    let mut draft = draft(base.as_ref(), &format!("run-{number}"), "a");
    for table in TABLES {
        let spec = spec(table);
        let rows = testing::rows(&spec, number, number + 1 + number % 7);
        let file = testing::write(warehouse, &spec, "00", &[rows]).await;
        draft.table(&spec, [file]);
    }
    published(warehouse.publish(draft).await.unwrap());
}

/// Reads all rows of all tables of the newest release; gives its number, 0 if there is none.
async fn read(warehouse: &Warehouse) -> u64 {
    let Some(release) = warehouse.latest().await.unwrap() else {
        return 0;
    };
    let options = SessionOptions {
        target_partitions: Some(1),
        ..SessionOptions::default()
    };
    let context = session(warehouse, &release, Access::Public, &options).unwrap();
    for table in TABLES {
        let rows = context.table(table).await.unwrap().collect().await.unwrap();
        let numbers: Vec<i64> = rows
            .iter()
            .flat_map(|batch| {
                batch["source_row"]
                    .as_primitive::<Int64Type>()
                    .values()
                    .iter()
            })
            .copied()
            .collect();
        let first = release.number.cast_signed();
        let count = release.tables[table].rows().cast_signed();
        let expected: Vec<i64> = (first..first + count).collect();
        assert_eq!(numbers, expected, "{table} of release {first}");
    }
    release.number
}

fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// Reads until the last release is there; gives the numbers of the releases that were seen.
async fn read_to_the_last(warehouse: &Warehouse) -> Vec<u64> {
    let begun = Instant::now();
    let mut seen = Vec::new();
    while seen.last() != Some(&RELEASES.unsigned_abs()) {
        assert!(begun.elapsed() < PATIENCE, "{:?} was the last", seen.last());
        seen.push(read(warehouse).await);
    }
    seen
}

#[test]
fn readers_see_releases_whole_while_hundreds_are_published() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Warehouse::open(folder.path().to_str().unwrap()).unwrap();
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| on_a_runtime(read_to_the_last(&open()))))
            .collect();
        on_a_runtime(async {
            let warehouse = open();
            for number in 1..=RELEASES {
                publish(&warehouse, number).await;
            }
        });
        for reader in readers {
            let mut seen = reader.join().expect("nothing half was read");
            assert!(seen.is_sorted(), "nobody goes back to an older release");
            seen.dedup();
            assert!(seen.len() > 3, "only {seen:?} were seen");
        }
    });
}
