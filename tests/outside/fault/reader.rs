//! Readers, while one release after the other is published by processes: each answer is that of one release, and never an
//! older one than was there when it was asked for. One reader is the command, the other asks here, and so more often.
//!
//! Hundreds of releases, published faster, are read in the tests of the engine, and here with `ESF_FAULTS=all`.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use libtest_mimic::Trial;

use super::night::{FIGURES_SOURCE, FIRST, World, prepared, rows};
use super::warehouse::Warehouse;
use super::{all, look, none};
use crate::trial;

/// How many nights there are where not all are.
const NIGHTS: usize = 25;

/// Asks a warehouse, and gives the numbers of the answer.
type Ask = fn(&Warehouse, &str) -> Result<Vec<usize>, String>;

pub(super) fn trials() -> Vec<Trial> {
    vec![trial("fault::readers_while_releases_are_published", read)]
}

fn read() {
    let nights = if all() { 200 } else { NIGHTS };
    let made = World::new("readers");
    let warehouse = Warehouse::copy_of(&prepared().base, &made.place("published"));
    let (published, done) = (AtomicUsize::new(1), AtomicBool::new(false));
    let wrong = thread::scope(|scope| {
        let reader = |ask: Ask| {
            let mut wrong = Vec::new();
            let mut answers = 0;
            while !done.load(Ordering::Acquire) && wrong.is_empty() {
                let before = published.load(Ordering::Acquire);
                wrong.extend(one_release(&warehouse, ask, before).err());
                answers += 1;
                // The nights need the processors as well.
                thread::sleep(Duration::from_millis(100));
            }
            if answers < nights / 4 {
                wrong.push(format!("only {answers} answers in {nights} nights"));
            }
            wrong
        };
        let readers = [told, seen].map(|ask: Ask| scope.spawn(move || reader(ask)));
        let mut wrong = Vec::new();
        for night in 2..=nights {
            made.publish_figures(night);
            wrong.extend(made.undisturbed(&warehouse).err());
            published.store(night, Ordering::Release);
        }
        done.store(true, Ordering::Release);
        wrong.extend(
            readers
                .into_iter()
                .flat_map(|reader| reader.join().unwrap()),
        );
        wrong
    });
    none(&wrong);
    let numbers: Vec<u64> = (warehouse.releases().unwrap().iter())
        .map(|(number, _)| *number)
        .collect();
    let expected: Vec<u64> = (1..=nights as u64).collect();
    assert_eq!(numbers, expected);
    warehouse.verify().unwrap();
}

fn told(warehouse: &Warehouse, query: &str) -> Result<Vec<usize>, String> {
    let row = warehouse.row(query)?;
    Ok(row.iter().filter_map(|cell| cell.parse().ok()).collect())
}

fn seen(warehouse: &Warehouse, query: &str) -> Result<Vec<usize>, String> {
    look::numbers(warehouse, "latest", query)
}

/// Asks two tables at once. The figures of a night are equal and tell it, and their count follows from it.
fn one_release(warehouse: &Warehouse, ask: Ask, before: usize) -> Result<(), String> {
    let query = format!(
        "SELECT count(*), CAST(min(value) AS BIGINT), CAST(max(value) AS BIGINT), (SELECT CAST(sum(rows_loaded) AS BIGINT) \
         FROM source_file WHERE source_id = '{FIGURES_SOURCE}') FROM programme_absorption"
    );
    let numbers = ask(warehouse, &query)?;
    let [count, low, high, loaded] = numbers[..] else {
        return Err(format!("no row of four numbers: {numbers:?}"));
    };
    let night = low.saturating_sub(FIRST);
    if low == high && night >= before && count == rows(night) && loaded == count {
        Ok(())
    } else {
        Err(format!(
            "of more than one release, or older than {before}: {numbers:?}"
        ))
    }
}
