//! Counts that change between releases: what is held as it was, and until when.

use std::collections::BTreeSet;

use crate::disclosure::*;

/// Counts by what is counted and by region, DE the total of the others, where those known are a group around those whom
/// something is true of.
fn table(cells: &[(&str, &str, i64)]) -> Table {
    let region = Dimension::flat("region").hierarchy([("DE1", "DE"), ("DE2", "DE"), ("DE3", "DE")]);
    let mut table = Table::new(vec![Dimension::flat("count_of"), region.unwrap()]);
    for (count_of, region, n) in cells {
        let key = CellKey::new([*count_of, *region]);
        let cell = Cell::counted(Count::new(*n).unwrap());
        table.insert(key.clone(), cell).unwrap();
        if *count_of == "known" {
            table.pair(Pair {
                part: CellKey::new(["true", *region]),
                whole: key,
                rest: Rest::People,
            });
        }
    }
    table
}

fn regions(counts: [i64; 4]) -> Table {
    let codes = ["DE", "DE1", "DE2", "DE3"].into_iter().zip(counts);
    let cells: Vec<_> = codes.map(|(code, n)| ("true", code, n)).collect();
    table(&cells)
}

/// The regions that are held in the last of successive tables; those before are taken as they are.
fn found(tables: &[Table]) -> BTreeSet<String> {
    let policy = Policy::minimum(Threshold::new(3).unwrap());
    let (last, before) = tables.split_last().unwrap();
    let mut history = History::new();
    for (at, table) in before.iter().enumerate() {
        let outcome = control(table, &policy, &history).unwrap();
        assert!(outcome.is_safe());
        let release = at as u64 + 1;
        history
            .add(release, table.clone(), outcome.for_history())
            .unwrap();
    }
    let outcome = control(last, &policy, &history).unwrap();
    let held = held(last, &outcome, &policy, &history, &[0]).unwrap();
    held.iter().map(|key| key.codes()[1].clone()).collect()
}

fn is_held(tables: &[Table]) -> bool {
    !found(tables).is_empty()
}

#[test]
fn everything_that_adds_up_is_held_until_all_of_it_has_changed_enough() {
    let first = regions([60, 10, 20, 30]);
    assert!(!is_held(std::slice::from_ref(&first)));
    assert!(!is_held(&[first.clone(), first.clone()]));
    let one_more = found(&[first.clone(), regions([61, 11, 20, 30])]);
    assert_eq!(one_more.len(), 4, "{one_more:?}");
    assert!(!is_held(&[first.clone(), regions([63, 13, 20, 30])]));
    // Two and three more: the total may change by five, the region not by two.
    assert!(is_held(&[first.clone(), regions([65, 12, 23, 30])]));
    // Corrections downwards are the same.
    assert!(is_held(&[first.clone(), regions([59, 9, 20, 30])]));
    assert!(!is_held(&[first, regions([57, 7, 20, 30])]));
}

#[test]
fn what_would_be_hidden_for_others_only_is_held_instead() {
    // One of three is gone, and the total would have to be hidden with the two who are left.
    let first = regions([53, 3, 20, 30]);
    let one_less = regions([52, 2, 20, 30]);
    assert_eq!(found(&[first.clone(), one_less]).len(), 4);
    // Enough are gone: the total is hidden, and so it is when two of another region have gone with them or none.
    let second = regions([60, 10, 20, 30]);
    assert!(!is_held(&[second.clone(), regions([52, 2, 20, 30])]));
    assert!(!is_held(&[second.clone(), regions([49, 2, 17, 30])]));
    assert!(is_held(&[second, regions([50, 2, 18, 30])]));
    // What is small itself is hidden at once: nothing else would be.
    let [three, two] = [3, 2].map(|n| table(&[("true", "DE", n)]));
    assert!(!is_held(&[three, two]));
}

#[test]
fn a_release_that_is_repeated_changes_nothing() {
    let first = regions([60, 10, 20, 30]);
    let again = vec![first.clone(); 5];
    for (last, is_enough) in [([61, 11, 20, 30], false), ([63, 13, 20, 30], true)] {
        let tables = [&again[..], &[regions(last)]].concat();
        assert_eq!(is_held(&tables), !is_enough, "{last:?}");
    }
}

#[test]
fn people_who_move_are_not_followed() {
    let first = regions([60, 10, 20, 30]);
    assert!(is_held(&[first.clone(), regions([60, 11, 19, 30])]));
    assert!(!is_held(&[first, regions([60, 15, 15, 30])]));
}

#[test]
fn every_earlier_release_counts() {
    let [first, second, third] = [20, 30, 21].map(|n| table(&[("true", "DE", n)]));
    assert!(!is_held(&[first.clone(), second.clone()]));
    assert!(!is_held(&[second.clone(), third.clone()]));
    assert!(is_held(&[first, second, third]));
}

#[test]
fn a_hidden_change_keeps_its_range() {
    let first = regions([42, 2, 10, 30]);
    // Three people of whom somebody is in each of two hidden regions: one or two.
    assert!(is_held(&[first.clone(), regions([45, 3, 12, 30])]));
    assert!(!is_held(&[first, regions([52, 3, 19, 30])]));
}

#[test]
fn those_who_came_are_a_group_of_their_own() {
    let counts = |known, holds| table(&[("known", "DE", known), ("true", "DE", holds)]);
    let first = counts(50, 20);
    // All five have the attribute, none of them, all but two.
    for (known, holds) in [(55, 25), (55, 20), (55, 23)] {
        assert!(is_held(&[first.clone(), counts(known, holds)]), "{holds}");
    }
    assert!(!is_held(&[first, counts(60, 25)]));
}

#[test]
fn a_zero_that_becomes_a_few_is_held_with_those_who_bound_it() {
    let counts = |all, few| {
        let mut policy = Policy::minimum(Threshold::new(3).unwrap());
        policy.minimums.push(Minimum {
            scope: Scope::OneOf("count_of".to_owned(), vec!["few".to_owned()]),
            threshold: Threshold::new(10).unwrap(),
            origin: "made",
        });
        (policy, table(&[("all", "DE", all), ("few", "DE", few)]))
    };
    let (policy, first) = counts(20, 0);
    let outcome = control(&first, &policy, &History::new()).unwrap();
    let mut history = History::new();
    history.add(1, first, outcome.for_history()).unwrap();
    for (all, number) in [(21, 2), (23, 2), (30, 0)] {
        let (policy, second) = counts(all, 1);
        let outcome = control(&second, &policy, &history).unwrap();
        let held = held(&second, &outcome, &policy, &history, &[0]).unwrap();
        assert_eq!(held.len(), number, "{all}");
    }
}
