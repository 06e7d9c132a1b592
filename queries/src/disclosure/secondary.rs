//! Secondary suppression: the cheapest cells to hide so that every hidden cell can move far enough.
//!
//! A cell is protected by a *move*: another table that fits everything published. The cheapest product of steps
//! ([`Shape`]) is tried first; where none fits, or it would hide a total, a linear program looks for the cheapest move
//! ([`cheapest_move`](super::audit::cheapest_move)).
//!
//! Deterministic: cells in the order of required width and key, choices in the order of codes.

use std::collections::BTreeSet;

use super::{
    audit::cheapest_move,
    shape::Shape,
    system::{Move, System, Variable, times},
    table::{CellKey, Table},
};

/// What is nearest to a cell.
const NEAREST: Near = Near {
    variables: 250,
    each: 4,
    candidates: true,
};

/// What is near and hidden already.
const HIDDEN: Near = Near {
    variables: 250,
    each: usize::MAX,
    candidates: false,
};

/// How far a linear program looks around a cell if it has to be found whether anything fits.
static CHEAP: [Near; 2] = [HIDDEN, NEAREST];

/// Most values that [`prove`] solves linear programs for.
const PROGRAMS: usize = 50;

/// How far a linear program looks around a cell; the later ones only where nothing fits nearer.
static NEAR: [Near; 6] = [
    NEAREST,
    Near {
        variables: 8_000,
        each: usize::MAX,
        candidates: false,
    },
    Near {
        variables: 600,
        each: 8,
        candidates: true,
    },
    Near {
        variables: 1_200,
        each: 16,
        candidates: true,
    },
    Near {
        variables: 2_400,
        each: 24,
        candidates: true,
    },
    Near {
        variables: 8_000,
        each: usize::MAX,
        candidates: true,
    },
];

/// A part of the system around one variable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Near {
    /// Most variables in all.
    pub(crate) variables: usize,
    /// Most new variables from each relation, the cheapest first.
    pub(crate) each: usize,
    /// Whether cells that are not hidden yet may move.
    pub(crate) candidates: bool,
}

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Everything: what cannot be protected stops the release.
    All,
    /// What is near, up to the first value that cannot be protected: there is a safe pattern already.
    First,
}

impl Effort {
    fn reaches(self) -> &'static [Near] {
        match self {
            Self::All => &NEAR,
            Self::First => &CHEAP,
        }
    }
}

/// The result for one measure.
#[derive(Debug, Default)]
pub(crate) struct Protection {
    /// Cells that have to be hidden as well.
    pub(crate) suppressed: BTreeSet<CellKey>,
    /// Variables that cannot be protected.
    pub(crate) exposed: Vec<usize>,
}

/// Hides further cells until every hidden cell has its range or nothing is left to hide. None if the dimensions have
/// too many combinations of codes.
pub(crate) fn protect(table: &Table, system: &mut System, effort: Effort) -> Option<Protection> {
    let shape = Shape::of(table, system)?;
    let mut result = Protection::default();
    let mut order: Vec<usize> = (0..system.variables.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(system.variables[*at].range.width), *at));
    loop {
        let mut news = false;
        for at in order.iter().copied() {
            if system.variables[at].is_safe() || result.exposed.contains(&at) {
                continue;
            }
            while !system.variables[at].is_safe() {
                let before = (system.variables[at].up, system.variables[at].down);
                let hidden = improve(&shape, system, at, effort);
                news |= !hidden.is_empty();
                result.suppressed.extend(hidden);
                if before == (system.variables[at].up, system.variables[at].down) {
                    result.exposed.push(at);
                    if effort == Effort::First {
                        return Some(result);
                    }
                    break;
                }
            }
        }
        // Cells hidden on the way may stand earlier in the order and need protection themselves.
        if !news {
            break;
        }
    }
    result.exposed.retain(|at| !system.variables[*at].is_safe());
    result.exposed.sort_unstable();
    Some(result)
}

/// Lets every variable move as far as it needs to where that hides nothing. None if the dimensions have too many
/// combinations of codes; false if too many are left that only linear programs could find a move for.
pub(crate) fn prove(table: &Table, system: &mut System) -> Option<bool> {
    let shape = Shape::of(table, system)?;
    let mut left = Vec::new();
    for at in 0..system.variables.len() {
        if system.variables[at].is_safe() || system.touching[at].is_empty() {
            continue;
        }
        for plan in plans(&system.variables[at]) {
            let product = shape.product(system, at, plan);
            let hides = |by: &Move| by.keys().any(|at| !system.variables[*at].unknown);
            if let Some((_, _, by)) = product.filter(|(_, _, by)| !hides(by)) {
                record(system, &by, plan.0, plan.1);
                break;
            }
        }
        left.push(at);
    }
    left.retain(|at| !system.variables[*at].is_safe());
    if left.len() > PROGRAMS {
        return Some(false);
    }
    for at in left {
        if !system.variables[at].is_safe() {
            partial(system, at, &[HIDDEN]);
        }
    }
    Some(true)
}

/// How far up and down a variable has to move: up alone, as far down as possible, beside what is proven already.
fn plans(variable: &Variable) -> Vec<(i64, i64)> {
    let room = (variable.value - variable.low).min(variable.range.width);
    let wanted = |down: i64| {
        let down = down.max(variable.range.down);
        let up = (variable.range.width - down.max(variable.down))
            .max(variable.range.up)
            .max(0);
        (up, down)
    };
    let mut plans = vec![wanted(0), wanted(room), wanted(room / 2)];
    plans.dedup();
    plans.retain(|(up, down)| *up > 0 || *down > 0);
    plans
}

/// Finds the cheapest way to let one variable move further; returns what it hides.
fn improve(shape: &Shape, system: &mut System, target: usize, effort: Effort) -> Vec<CellKey> {
    let plans = plans(&system.variables[target]);
    if system.touching[target].is_empty() {
        let unit = Move::from([(target, 1)]);
        let (up, down) = plans.first().copied().unwrap_or_default();
        return record(system, &unit, up, down);
    }
    let mut best: Option<(i64, bool, Move, (i64, i64))> = None;
    for plan in plans {
        if let Some((cost, total, by)) = shape.product(system, target, plan)
            && best.as_ref().is_none_or(|(least, ..)| cost < *least)
        {
            best = Some((cost, total, by, plan));
        }
    }
    if let Some((cost, total, by, (up, down))) = &best
        && !(*total && *cost > 0)
    {
        return record(system, by, *up, *down);
    }
    let least = best.as_ref().map_or(i64::MAX, |(cost, ..)| *cost);
    // One way that is far enough alone, beside what is proven already.
    let variable = &system.variables[target];
    let upward = (variable.range.width - variable.down).max(variable.range.up);
    let downward = (variable.range.width - variable.up).max(variable.range.down);
    let amounts = [(upward, variable.up), (-downward, -variable.down)];
    // Where it has to move down, no way up can take the place of that.
    let must_fall = variable.range.down > variable.down;
    let amounts: Vec<i64> = amounts
        .into_iter()
        .filter(|(wanted, proven)| wanted.abs() > proven.abs() && (*wanted < 0 || !must_fall))
        .map(|(wanted, _)| wanted)
        .collect();
    let limits = if best.is_some() {
        &NEAR[..1]
    } else {
        effort.reaches()
    };
    for limit in limits {
        for amount in amounts.iter().copied() {
            if let Some((cost, by)) = cheapest_move(system, target, amount, *limit)
                && cost < least
            {
                return system.record(&by);
            }
        }
    }
    match best {
        Some((_, _, by, (up, down))) => record(system, &by, up, down),
        None => partial(system, target, effort.reaches()),
    }
}

/// Lets the target move both ways, by less than wanted each, where it cannot move far enough one way.
fn partial(system: &mut System, target: usize, reaches: &[Near]) -> Vec<CellKey> {
    let mut hidden = Vec::new();
    let mut step = system.variables[target].range.width;
    while step > 0 {
        for reach in reaches {
            for up in [true, false] {
                let variable = &system.variables[target];
                if variable.is_safe() {
                    return hidden;
                }
                // Further than it has to, it would move for ever.
                let is_narrow = variable.up.saturating_add(variable.down) < variable.range.width;
                let lacks = if up {
                    variable.up < variable.range.up
                } else {
                    variable.down < variable.range.down
                };
                if !is_narrow && !lacks {
                    continue;
                }
                let amount = if up {
                    variable.up + step
                } else {
                    -(variable.down + step)
                };
                if let Some((_, by)) = cheapest_move(system, target, amount, *reach) {
                    hidden.extend(system.record(&by));
                }
            }
        }
        step /= 2;
    }
    hidden
}

/// Records a unit move times `up`, and against its direction times `down`.
fn record(system: &mut System, unit: &Move, up: i64, down: i64) -> Vec<CellKey> {
    let mut hidden = Vec::new();
    for factor in [up, -down].into_iter().filter(|factor| *factor != 0) {
        hidden.extend(system.record(&times(unit, factor)));
    }
    hidden
}

/// The variables near one, layer by layer over shared relations. Whatever is left out stays at the truth, so that a
/// move found in a part is a move of the whole.
pub(crate) fn near(system: &System, start: &[usize], reach: Near) -> BTreeSet<usize> {
    let mut found: BTreeSet<usize> = start.iter().copied().collect();
    let mut seen = BTreeSet::new();
    let mut queue = start.to_vec();
    let mut next = 0;
    while next < queue.len() && found.len() < reach.variables {
        for relation in system.touching[queue[next]]
            .iter()
            .filter(|at| seen.insert(**at))
        {
            let moves = |at: &usize| {
                let variable = &system.variables[*at];
                variable.unknown || (reach.candidates && variable.candidate)
            };
            let row = system.relations[*relation].iter().map(|(at, _)| *at);
            let mut new: Vec<usize> = row.filter(|at| moves(at) && !found.contains(at)).collect();
            new.sort_by_key(|at| (system.variables[*at].cost(), *at));
            new.truncate(
                reach
                    .each
                    .min(reach.variables - found.len().min(reach.variables)),
            );
            found.extend(&new);
            queue.extend(new);
        }
        next += 1;
    }
    found
}
