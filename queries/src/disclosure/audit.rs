//! Linear programs over the attacker's system: cheapest moves, and the exact interval of a cell.
//!
//! Variables are moves away from the truth, so that "no move" always fits and the programs are small. A move counts
//! as a proof only after it was rounded and checked in whole numbers ([`System::accepts`]); the solver's tolerances
//! can make a cell look exposed, never look safe.

use std::collections::BTreeSet;

use microlp::{
    ComparisonOp, Error, OptimizationDirection, Problem, SolveOptions, Variable as Column,
};

use super::{
    secondary::{Near, near},
    system::{FREE, Move, System},
};

/// Branches of the whole-number search where a linear program ends between whole numbers.
const NODES: u64 = 200;

/// Most variables of a search in whole numbers.
const WHOLE_NUMBERS: usize = 100;

/// A cell's bounds as derived from everything published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The least value that fits.
    pub low: f64,
    /// The greatest value that fits; infinite where nothing bounds it.
    pub high: f64,
}

/// How a program ended.
enum Ended {
    /// With a move in whole numbers.
    Whole(Move),
    /// Between whole numbers; what moved.
    Between(BTreeSet<usize>),
    /// Without any move.
    Never,
}

/// The move of the target by `amount` that hides the least, over the nearest variables (Kelly, Golden and Assad 1992:
/// cells with a cost for each unit that they move). None if there is none in whole numbers.
pub(crate) fn cheapest_move(
    system: &System,
    target: usize,
    amount: i64,
    reach: Near,
) -> Option<(i64, Move)> {
    let by = match solve(
        system,
        target,
        amount,
        &near(system, &[target], reach),
        false,
    ) {
        Ended::Whole(by) => by,
        Ended::Never => return None,
        // Tables of three and more dimensions can end between whole numbers; then branches around what moved decide.
        Ended::Between(moved) => {
            let mut start = vec![target];
            start.extend(&moved);
            let around = Near {
                variables: moved.len() + WHOLE_NUMBERS,
                each: 4,
                ..reach
            };
            match solve(system, target, amount, &near(system, &start, around), true) {
                Ended::Whole(by) => by,
                Ended::Between(_) | Ended::Never => return None,
            }
        }
    };
    let cost = by
        .keys()
        .map(|at| system.variables[*at].cost())
        .fold(0, i64::saturating_add);
    Some((cost, by))
}

fn solve(
    system: &System,
    target: usize,
    amount: i64,
    places: &BTreeSet<usize>,
    whole: bool,
) -> Ended {
    let unit = if whole { 1.0 } else { amount.abs() as f64 };
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut columns: Vec<(usize, Column, Column)> = Vec::with_capacity(places.len());
    let bound = |room: i64| {
        if room >= FREE / 2 {
            f64::INFINITY
        } else {
            room.max(0) as f64 / unit
        }
    };
    for at in places {
        let variable = &system.variables[*at];
        // A little for what is hidden anyway keeps moves short.
        let cost = if variable.unknown {
            0.001
        } else {
            variable.cost() as f64
        };
        let (up, down) = (
            variable.high.saturating_sub(variable.value),
            variable.value - variable.low,
        );
        let fixed = |wanted: bool| {
            if wanted {
                (amount.abs() as f64 / unit, amount.abs() as f64 / unit)
            } else {
                (0.0, 0.0)
            }
        };
        let (up, down) = if *at == target {
            if amount > up || -amount > down {
                return Ended::Never;
            }
            (fixed(amount > 0), fixed(amount < 0))
        } else {
            ((0.0, bound(up)), (0.0, bound(down)))
        };
        let mut add = |(low, high): (f64, f64)| {
            if whole {
                let cap = 1_000_000_f64.min(high) as i32;
                problem.add_integer_var(cost, (low as i32, cap))
            } else {
                problem.add_var(cost, (low, high))
            }
        };
        columns.push((*at, add(up), add(down)));
    }
    let find = |at: usize| {
        columns
            .binary_search_by_key(&at, |column| column.0)
            .ok()
            .map(|found| &columns[found])
    };
    for relation in relations_of(system, places) {
        let mut row = Vec::new();
        for (at, coefficient) in &system.relations[relation] {
            if let Some((_, up, down)) = find(*at) {
                row.push((*up, *coefficient as f64));
                row.push((*down, -*coefficient as f64));
            }
        }
        problem.add_constraint(row.as_slice(), ComparisonOp::Eq, 0.0);
    }
    let mut options = SolveOptions::default();
    options.node_limit = Some(NODES);
    let Some(solution) = problem
        .solve_with(options)
        .ok()
        .and_then(|outcome| outcome.into_solution().ok())
    else {
        return Ended::Never;
    };
    let (mut by, mut moved) = (Move::new(), BTreeSet::new());
    for (at, up, down) in &columns {
        let amount = (solution.var_value(*up) - solution.var_value(*down)) * unit;
        if amount.abs() > 1e-6 {
            moved.insert(*at);
        }
        if amount.round() != 0.0 {
            by.insert(*at, amount.round() as i64);
        }
    }
    if by.contains_key(&target) && system.accepts(&by) {
        Ended::Whole(by)
    } else {
        Ended::Between(moved)
    }
}

/// The relations that touch any of these places, each once, in order.
fn relations_of<'a>(
    system: &System,
    places: impl IntoIterator<Item = &'a usize>,
) -> BTreeSet<usize> {
    let touching = places.into_iter().map(|at| &system.touching[*at]);
    touching.flatten().copied().collect()
}

/// The interval of an unknown over its whole component: the attacker's problem (Handbook 4.2.2, feasibility
/// interval; Fischetti and Salazar 2000). None if the solver gives up.
pub(crate) fn interval(system: &System, target: usize) -> Option<Interval> {
    let all = Near {
        variables: usize::MAX,
        each: usize::MAX,
        candidates: false,
    };
    let places = near(system, &[target], all);
    let bound = |direction: OptimizationDirection| {
        let mut problem = Problem::new(direction);
        let mut columns: Vec<(usize, Column)> = Vec::new();
        for at in &places {
            let variable = &system.variables[*at];
            let high = if variable.high >= FREE / 2 {
                f64::INFINITY
            } else {
                variable.high as f64
            };
            let weight = if *at == target { 1.0 } else { 0.0 };
            columns.push((*at, problem.add_var(weight, (variable.low as f64, high))));
        }
        for relation in relations_of(system, &places) {
            let (mut row, mut right) = (Vec::new(), 0.0);
            for (at, coefficient) in &system.relations[relation] {
                match columns.binary_search_by_key(at, |column| column.0) {
                    Ok(found) => row.push((columns[found].1, *coefficient as f64)),
                    Err(_) => right -= (*coefficient * system.variables[*at].value) as f64,
                }
            }
            problem.add_constraint(row.as_slice(), ComparisonOp::Eq, right);
        }
        match problem.solve() {
            Ok(outcome) => outcome
                .into_solution()
                .ok()
                .map(|solution| solution.objective()),
            Err(Error::Unbounded) => Some(f64::INFINITY),
            Err(_) => None,
        }
    };
    Some(Interval {
        low: bound(OptimizationDirection::Minimize)?,
        high: bound(OptimizationDirection::Maximize)?,
    })
}
