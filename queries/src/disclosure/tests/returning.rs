//! Counts that come back, small ones by hand and random ones under attack.

use std::collections::BTreeSet;

use super::attack::{attack, release};
use super::random::{Model, Seed};
use crate::disclosure::*;

/// As many as take a second or two in this profile.
const TABLES: u64 = 8;

fn three() -> Policy {
    Policy::minimum(Threshold::new(3).unwrap())
}

fn regions(counts: [i64; 4]) -> Table {
    let region = Dimension::flat("region").hierarchy([("DE1", "DE"), ("DE2", "DE"), ("DE3", "DE")]);
    let mut table = Table::new(vec![region.unwrap()]);
    for (code, n) in ["DE", "DE1", "DE2", "DE3"].into_iter().zip(counts) {
        let cell = Cell::counted(Count::new(n).unwrap());
        table.insert(CellKey::new([code]), cell).unwrap();
    }
    table
}

fn single(n: i64) -> Table {
    let mut table = Table::new(vec![Dimension::flat("region")]);
    let cell = Cell::counted(Count::new(n).unwrap());
    table.insert(CellKey::new(["DE1"]), cell).unwrap();
    table
}

/// Those whom something is true of, of those known.
fn attribute(known: i64, holds: i64) -> Table {
    let mut table = Table::new(vec![Dimension::flat("of")]);
    for (code, n) in [("known", known), ("true", holds)] {
        let cell = Cell::counted(Count::new(n).unwrap());
        table.insert(CellKey::new([code]), cell).unwrap();
    }
    table.pair(Pair {
        whole: CellKey::new(["known"]),
        part: CellKey::new(["true"]),
        rest: Rest::People,
    });
    table
}

/// What is decided about a table, with what comes back; nothing is held.
fn decide(table: &Table, history: &History) -> Outcome {
    let outcome = control(table, &three(), history).unwrap();
    assert!(outcome.is_safe(), "{:?}", outcome.findings);
    returned(table, outcome, history, &BTreeSet::new())
}

fn returned(
    table: &Table,
    outcome: Outcome,
    history: &History,
    kept: &BTreeSet<CellKey>,
) -> Outcome {
    let policy = three();
    let way_back = WayBack {
        table,
        policy: &policy,
        history,
        same_people: &[],
        kept,
    };
    way_back.returned(outcome).unwrap()
}

/// The cells hidden in the last of successive tables.
fn hidden(tables: &[Table]) -> Vec<String> {
    let mut history = History::new();
    let mut hidden = Vec::new();
    for (at, table) in tables.iter().enumerate() {
        let outcome = decide(table, &history);
        let statuses = outcome.statuses.iter();
        let suppressed = statuses.filter(|(_, status)| **status != Status::Published);
        hidden = suppressed
            .map(|(key, _)| key.codes()[0].clone())
            .collect::<Vec<_>>();
        history
            .add(at as u64 + 1, table.clone(), outcome.for_history())
            .unwrap();
    }
    hidden
}

#[test]
fn what_was_hidden_comes_back_when_nothing_follows_from_it() {
    let first = regions([42, 2, 10, 30]);
    assert_eq!(hidden(std::slice::from_ref(&first)), ["DE1", "DE2"]);
    // 10 is what it was: 42 - 30 - 10 would give the 2.
    let second = regions([45, 5, 10, 30]);
    assert_eq!(
        hidden(&[first.clone(), second.clone()]),
        ["DE1", "DE2"],
        "nothing else protects the 2"
    );
    let third = regions([60, 10, 20, 30]);
    assert_eq!(
        hidden(&[first.clone(), second.clone(), third.clone()]),
        [""; 0]
    );
    // What has come back is hidden again when it is small, with what it could be computed from.
    let fourth = regions([50, 2, 18, 30]);
    assert_eq!(hidden(&[first, second, third, fourth]), ["DE1", "DE2"]);
}

#[test]
fn a_return_does_not_tell_what_was_hidden() {
    // Three more than 1 are 4, and two more than 2: that 4 is shown or hidden must not depend on which of them it was.
    for before in [1, 2] {
        assert_eq!(hidden(&[single(before), single(4)]), ["DE1"]);
        assert_eq!(hidden(&[single(before), single(5)]), [""; 0]);
    }
    // Nobody is left: a zero that came back would tell that others who stay hidden are none.
    assert_eq!(hidden(&[single(2), single(0)]), ["DE1"]);
    // It is subtracted from what was shown before it was hidden as well.
    assert_eq!(hidden(&[single(20), single(2), single(21)]), ["DE1"]);
    assert_eq!(hidden(&[single(20), single(2), single(23)]), [""; 0]);
}

#[test]
fn a_part_of_a_group_comes_back_far_from_all_and_nobody() {
    let first = attribute(60, 60);
    assert_eq!(hidden(std::slice::from_ref(&first)), ["true"]);
    // 56 to 62 are less than three away from 58, 59 or 60, of which each would leave fewer than three of the 60.
    for holds in [60, 58, 56, 62] {
        let second = attribute(100, holds);
        assert_eq!(hidden(&[first.clone(), second]), ["true"], "{holds}");
    }
    assert_eq!(hidden(&[first.clone(), attribute(100, 63)]), [""; 0]);
    assert_eq!(hidden(&[attribute(60, 0), attribute(100, 35)]), [""; 0]);
}

#[test]
fn what_is_held_does_not_come_back() {
    let first = regions([42, 2, 10, 30]);
    let outcome = decide(&first, &History::new());
    let mut history = History::new();
    history.add(1, first, outcome.for_history()).unwrap();
    let second = regions([60, 10, 20, 30]);
    let outcome = control(&second, &three(), &history).unwrap();
    let all: BTreeSet<CellKey> = outcome.statuses.keys().cloned().collect();
    let kept = returned(&second, outcome.clone(), &history, &all);
    assert_eq!(kept, outcome);
    let back = returned(&second, outcome.clone(), &history, &BTreeSet::new());
    assert_ne!(back, outcome);
}

#[test]
fn what_comes_back_narrows_nothing_in_random_tables() {
    let (mut back, mut attacked) = (0, 0);
    for number in 0..TABLES {
        let seed = &mut Seed(4_000 + number);
        let mut model = Model::random(seed, 3 + number % 3, &[2], false, false);
        let (mut history, mut releases) = (History::new(), Vec::new());
        for of in 1..=3 {
            let table = model.table(seed, 0);
            let before = control(&table, &three(), &history).unwrap();
            let outcome = decide(&table, &history);
            let shown = |outcome: &Outcome| {
                let statuses = outcome.statuses.values();
                statuses.filter(|one| **one == Status::Published).count()
            };
            back += shown(&outcome) - shown(&before);
            releases.push(release(&table, &outcome));
            for (key, value, low, high, is_cell) in attack(&model, &releases, true) {
                let is_small = value > 0 && value < 3;
                let width = if is_small { 2 } else { i64::from(is_cell) };
                let (low, high) = ((low - 1e-6).ceil(), (high + 1e-6).floor());
                attacked += 1;
                assert!(
                    high - low >= width as f64,
                    "table {number}, release {of}: {key} = {value} is narrowed to {low}..{high}"
                );
            }
            history.add(of, table, outcome.for_history()).unwrap();
            for (count, _) in model.leaves.values_mut() {
                *count += 3 + seed.below(9) as i64;
            }
        }
    }
    assert!(back > 10 && attacked > 30, "{back} of {attacked}");
}
