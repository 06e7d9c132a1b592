//! An attack that shares no code with the protection: it takes what was published in every release, writes down
//! every sum it finds in the hierarchies, and asks a linear program for the least and the greatest value of every
//! hidden cell. None may be narrower than its range.

use std::collections::{BTreeMap, HashMap};

use super::random::{Model, Seed};
use crate::disclosure::{
    CellKey, Finding, History, Kind, Measure, Outcome, Policy, Table, Threshold, control,
};
use microlp::{ComparisonOp, Error, OptimizationDirection, Problem};

/// As many as take a few seconds in this profile.
const TABLES: u64 = 60;

pub(super) struct Release {
    truth: BTreeMap<CellKey, (i64, i64)>,
    shown: BTreeMap<CellKey, bool>,
}

pub(super) fn release(table: &Table, outcome: &Outcome) -> Release {
    let truth = table
        .cells()
        .filter_map(|(key, cell)| Some((key.clone(), (cell.count?.get(), 0))))
        .collect();
    let shown = outcome
        .statuses
        .iter()
        .map(|(key, status)| (key.clone(), status.kind() == Kind::Published))
        .collect();
    Release { truth, shown }
}

/// The bounds of every value that no release shows.
#[allow(clippy::type_complexity)] // a row of numbers
pub(super) fn attack(
    model: &Model,
    releases: &[Release],
    floor: bool,
) -> Vec<(CellKey, i64, f64, f64, bool)> {
    let mut known: HashMap<(CellKey, i64), bool> = HashMap::new();
    for release in releases {
        for (key, (value, _)) in &release.truth {
            *known.entry((key.clone(), *value)).or_default() |= release.shown[key];
        }
    }
    let mut unknown: Vec<&(CellKey, i64)> = known
        .iter()
        .filter(|(_, shown)| !**shown)
        .map(|(one, _)| one)
        .collect();
    unknown.sort();
    let place: HashMap<&(CellKey, i64), usize> = unknown
        .iter()
        .enumerate()
        .map(|(at, one)| (*one, at))
        .collect();
    // Rows: coefficients of the unknowns, the constant, and what the parts leave of the total.
    let mut names = Vec::new();
    let mut rows: Vec<(Vec<(usize, f64)>, f64, i64)> = Vec::new();
    for release in releases {
        for (at, (_, pairs, _)) in model.trees.iter().enumerate() {
            for (total, (value, _)) in &release.truth {
                let children = pairs
                    .iter()
                    .filter(|(_, parent)| *parent == total.codes()[at]);
                let parts: Vec<(CellKey, i64)> = children
                    .filter_map(|(child, _)| {
                        let mut codes = total.codes().to_vec();
                        codes[at].clone_from(child);
                        let key = CellKey::new(codes);
                        let value = release.truth.get(&key)?.0;
                        Some((key, value))
                    })
                    .collect();
                if parts.is_empty() {
                    continue;
                }
                let open = *value - parts.iter().map(|(_, value)| value).sum::<i64>();
                let (mut row, mut constant) = (Vec::new(), 0.0);
                for (one, sign) in [((total.clone(), *value), 1.0)]
                    .into_iter()
                    .chain(parts.into_iter().map(|one| (one, -1.0)))
                {
                    match place.get(&one) {
                        Some(at) => row.push((*at, sign)),
                        None => constant -= sign * one.1 as f64,
                    }
                }
                if !row.is_empty() || open > 0 {
                    rows.push((row, constant, open));
                    names.push(total.clone());
                }
            }
        }
    }
    let solve = |target: usize, direction| {
        let mut problem = Problem::new(direction);
        let columns: Vec<_> = unknown
            .iter()
            .enumerate()
            .map(|(at, (_, value))| {
                let low = if floor && *value > 0 { 1.0 } else { 0.0 };
                problem.add_var(if at == target { 1.0 } else { 0.0 }, (low, f64::INFINITY))
            })
            .collect();
        for (at, (row, constant, open)) in rows.iter().enumerate() {
            let mut row: Vec<_> = row.iter().map(|(at, sign)| (columns[*at], *sign)).collect();
            if *open > 0 {
                let weight = if target == unknown.len() + at {
                    1.0
                } else {
                    0.0
                };
                row.push((problem.add_var(weight, (0.0, f64::INFINITY)), -1.0));
            }
            problem.add_constraint(row.as_slice(), ComparisonOp::Eq, *constant);
        }
        match problem.solve() {
            Ok(outcome) => outcome.into_solution().expect("no limit").objective(),
            Err(Error::Unbounded) => f64::INFINITY,
            Err(error) => panic!("{error}"),
        }
    };
    let bounds = |at| {
        (
            solve(at, OptimizationDirection::Minimize),
            solve(at, OptimizationDirection::Maximize),
        )
    };
    let cells = unknown
        .iter()
        .enumerate()
        .map(|(at, (key, value))| (key.clone(), *value, bounds(at), true));
    let left = rows
        .iter()
        .enumerate()
        .filter(|(_, (_, _, open))| *open > 0);
    let left = left
        .map(|(at, (_, _, open))| (names[at].clone(), *open, bounds(unknown.len() + at), false));
    // A remainder that is no small count needs no protection: only whole cells always do.
    cells
        .chain(left)
        .map(|(key, value, (low, high), is_cell)| (key, value, low, high, is_cell))
        .collect()
}

#[test]
fn no_hidden_cell_of_random_tables_can_be_narrowed() {
    let (mut attacked, mut hidden, mut cells, mut exposed_cells) = (0, 0, 0, 0);
    for number in 0..TABLES {
        let seed = &mut Seed(number);
        let classes: &[u64] = [&[2][..], &[3], &[2, 3], &[4]][seed.below(4) as usize];
        let regions = 3 + seed.below(7);
        let sensitive = number % 5 == 4;
        let mut model = Model::random(seed, regions, classes, sensitive, false);
        let t = [3, 5, 3, 10][seed.below(4) as usize];
        let policy = Policy::minimum(Threshold::new(t).unwrap());
        let drop = if number % 4 == 3 { 9 } else { 0 };
        let (mut history, mut releases) = (History::new(), Vec::new());
        for of in 0..=number % 3 {
            let table = model.table(seed, drop);
            let outcome = control(&table, &policy, &history).unwrap();
            cells += outcome.statuses.len();
            hidden += outcome
                .statuses
                .values()
                .filter(|one| one.kind() != Kind::Published)
                .count();
            releases.push(release(&table, &outcome));
            let exposed: Vec<(&CellKey, Option<u64>)> = outcome
                .findings
                .iter()
                .filter_map(|finding| match finding {
                    Finding::Exposed {
                        key,
                        release,
                        measure: Measure::People,
                        ..
                    } => Some((key, *release)),
                    _ => None,
                })
                .collect();
            assert!(
                of > 0 || exposed.is_empty(),
                "table {number}: {exposed:?} in a first release"
            );
            exposed_cells += exposed.len();
            for (key, value, low, high, is_cell) in attack(&model, &releases, !sensitive) {
                let small = value > 0 && value < i64::from(t);
                let width = if small {
                    i64::from(t) - 1
                } else {
                    i64::from(is_cell)
                };
                let (low, high) = ((low - 1e-6).ceil(), (high + 1e-6).floor());
                attacked += 1;
                assert!(
                    low <= value as f64 && value as f64 <= high,
                    "table {number}: {key} {low} {value} {high}"
                );
                assert!(
                    high - low >= width as f64 || exposed.iter().any(|(one, _)| **one == key),
                    "table {number}, release {of}: {key} = {value} is narrowed to {low}..{high}, needs {width}"
                );
            }
            history.add(of, table, outcome.for_history()).unwrap();
            if !exposed.is_empty() {
                break;
            }
            model.revise(seed);
        }
    }
    println!(
        "{cells} cells, {hidden} hidden, {attacked} attacked, {exposed_cells} reported as exposed"
    );
}

#[test]
fn the_attack_finds_what_is_not_protected() {
    let mut found = 0;
    for number in 0..20 {
        let seed = &mut Seed(1_000 + number);
        let model = Model::random(seed, 6, &[3], false, false);
        let table = model.table(seed, 0);
        let policy = Policy::minimum(Threshold::new(3).unwrap());
        let outcome = control(&table, &policy, &History::new()).unwrap();
        let mut naive = release(&table, &outcome);
        // Primary suppression alone: whatever protects others is shown.
        for (key, status) in &outcome.statuses {
            naive
                .shown
                .insert(key.clone(), status.kind() != Kind::SuppressedPrimary);
        }
        let primary = outcome
            .statuses
            .values()
            .any(|status| status.kind() == Kind::SuppressedPrimary);
        let narrow = attack(&model, &[naive], true)
            .iter()
            .any(|(_, value, low, high, _)| *value < 3 && high - low < 2.0);
        assert_eq!(primary, narrow, "table {number}");
        found += u32::from(narrow);
    }
    assert!(found > 10, "{found}");
}

#[test]
fn money_keeps_its_range_under_the_same_pattern() {
    let mut attacked = 0;
    for number in 0..12 {
        let seed = &mut Seed(2_000 + number);
        let model = Model::random(seed, 4 + number % 5, &[3], false, true);
        let table = model.table(seed, 0);
        let policy = Policy::minimum(Threshold::new(3).unwrap());
        let outcome = control(&table, &policy, &History::new()).unwrap();
        assert!(outcome.is_safe(), "table {number}: {:?}", outcome.findings);
        for measure in [Measure::People, Measure::Magnitude] {
            for (key, range, interval) in
                crate::disclosure::attack(&table, &policy, &History::new(), &outcome, measure)
                    .unwrap()
            {
                let interval = interval.unwrap();
                attacked += 1;
                assert!(
                    interval.high - interval.low + 1e-4 >= range.width as f64,
                    "table {number}: {measure:?} of {key} {interval:?} {range:?}"
                );
            }
        }
    }
    println!("{attacked} attacked");
}

#[test]
fn who_sees_the_kind_learns_no_more_than_the_rule_or_it_is_reported() {
    for number in 0..16 {
        let seed = &mut Seed(3_000 + number);
        let model = Model::random(seed, 4 + number % 5, &[3], false, false);
        let table = model.table(seed, 0);
        let t = Threshold::new([3, 5][(number % 2) as usize]).unwrap();
        let policy = Policy {
            audience: crate::disclosure::Audience::SeesKind,
            ..Policy::minimum(t)
        };
        let outcome = control(&table, &policy, &History::new()).unwrap();
        let attacked =
            crate::disclosure::attack(&table, &policy, &History::new(), &outcome, Measure::People)
                .unwrap();
        for (key, range, interval) in attacked {
            let exposed = outcome
                .findings
                .iter()
                .any(|one| matches!(one, Finding::Exposed { key: of, .. } if *of == key));
            let interval = interval.unwrap();
            assert!(
                exposed || interval.high - interval.low + 1e-4 >= range.width as f64,
                "table {number}: {key} {interval:?} {range:?}"
            );
        }
    }
}
