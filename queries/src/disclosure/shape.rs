//! Moves along the hierarchies of a table, in whole numbers and without a solver.
//!
//! The hypercube method (Repsilber 1999; Handbook 4.4) carried over to hierarchies: in each dimension a code and its
//! ancestors go up while another code and its ancestors go down, or nothing does and all totals move along. The
//! product of one such step for each dimension keeps every sum. The cheapest is found by descending along one
//! dimension after the other, in the order of codes, so that it is the same every time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    system::{Move, System},
    table::{CellKey, Table},
};

/// Up and down changes of the codes of one dimension.
type Step = Vec<(u64, i64)>;

/// The hierarchies of a table, ready for the search: codes as multiples of the stride of their dimension, so that a
/// cell is the sum of its codes.
pub(crate) struct Shape {
    /// For each dimension: its codes and all their ancestors, in order.
    codes: Vec<Vec<String>>,
    strides: Vec<u64>,
    /// For each dimension: every code with itself and its ancestors in all hierarchies.
    above: Vec<BTreeMap<u64, BTreeSet<u64>>>,
    /// For each dimension: the codes of the table with no code of the table below them.
    leaves: Vec<BTreeSet<u64>>,
    /// The variables of a cell: those of the current release first, and whether there is one.
    cells: HashMap<u64, (bool, Vec<usize>)>,
}

impl Shape {
    pub(crate) fn of(table: &Table, system: &System) -> Option<Self> {
        let (codes, strides, above, leaves) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut shape = Self {
            codes,
            strides,
            above,
            leaves,
            cells: HashMap::new(),
        };
        let mut stride = 1_u64;
        for (at, dimension) in table.dimensions.iter().enumerate() {
            let used: BTreeSet<&String> = table.cells.keys().map(|key| &key.codes()[at]).collect();
            let parents = dimension.hierarchies.iter().flat_map(BTreeMap::values);
            let codes: Vec<String> = used
                .iter()
                .copied()
                .chain(parents)
                .cloned()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            let number = |code: &String| {
                codes
                    .binary_search(code)
                    .map_or(0, |found| found as u64 * stride)
            };
            let mut above = BTreeMap::new();
            let mut inner = BTreeSet::new();
            for code in &used {
                let mut all = BTreeSet::from([number(code)]);
                for tree in &dimension.hierarchies {
                    let mut code: &String = code;
                    while let Some(parent) = tree.get(code) {
                        // Nothing is added up to a total that the table does not have.
                        if used.contains(parent) {
                            all.insert(number(parent));
                        }
                        code = parent;
                    }
                }
                inner.extend(all.iter().filter(|one| **one != number(code)).copied());
                above.insert(number(code), all);
            }
            shape.leaves.push(
                above
                    .keys()
                    .filter(|code| !inner.contains(code))
                    .copied()
                    .collect(),
            );
            shape.above.push(above);
            shape.strides.push(stride);
            stride = stride.checked_mul(codes.len().max(1) as u64)?;
            shape.codes.push(codes);
        }
        let numbered = system.versions.iter().filter_map(|(key, all)| {
            Some((
                shape.number(key)?.iter().sum(),
                (system.current.contains_key(key), all.clone()),
            ))
        });
        shape.cells = numbered.collect();
        Some(shape)
    }

    fn number(&self, key: &CellKey) -> Option<Vec<u64>> {
        let found = |(at, code): (usize, &String)| self.codes[at].binary_search(code).ok();
        key.codes()
            .iter()
            .enumerate()
            .map(|(at, code)| Some(found((at, code))? as u64 * self.strides[at]))
            .collect()
    }

    fn key(&self, cell: u64) -> CellKey {
        let code = |at: usize| {
            &self.codes[at][(cell / self.strides[at] % self.codes[at].len() as u64) as usize]
        };
        CellKey::new((0..self.codes.len()).map(code).cloned())
    }

    /// The steps of one dimension that move a code up by one.
    fn steps(&self, at: usize, code: u64) -> Vec<Step> {
        let above = &self.above[at];
        let Some(own) = above.get(&code) else {
            return vec![vec![(code, 1)]];
        };
        let mut steps = Vec::new();
        let holds = |leaf: &&u64| above[*leaf].contains(&code);
        for leaf in self.leaves[at].iter().filter(holds) {
            let up = &above[leaf];
            for other in self.leaves[at]
                .iter()
                .filter(|leaf| !holds(leaf) && !above[*leaf].is_disjoint(own))
            {
                let down = &above[other];
                let mut step: Step = up.difference(down).map(|code| (*code, 1)).collect();
                step.extend(down.difference(up).map(|code| (*code, -1)));
                steps.push(step);
            }
            steps.push(up.iter().map(|code| (*code, 1)).collect());
        }
        steps
    }

    /// The cheapest product of steps that moves the target `up` and `down`; with its cost and whether it hides a
    /// total. Looks first at the current release, then for a product that all releases take alike.
    pub(crate) fn product(
        &self,
        system: &System,
        target: usize,
        plan: (i64, i64),
    ) -> Option<(i64, bool, Move)> {
        if system.variables[target].is_remainder {
            return None;
        }
        let key = self.number(&system.variables[target].key)?;
        let all: Vec<Vec<Step>> = key
            .iter()
            .enumerate()
            .map(|(at, code)| self.steps(at, *code))
            .collect();
        [false, true]
            .into_iter()
            .find_map(|alike| self.descend(system, target, &key, &all, Plan { by: plan, alike }))
    }

    /// Descends along one dimension after the other from two starts.
    fn descend(
        &self,
        system: &System,
        target: usize,
        key: &[u64],
        all: &[Vec<Step>],
        plan: Plan,
    ) -> Option<(i64, bool, Move)> {
        let mut best: Option<((usize, i64), Vec<usize>)> = None;
        for start in 0..3 {
            let choice = match start {
                0 => Some(vec![0; all.len()]),
                1 => Some(all.iter().map(|steps| steps.len() - 1).collect()),
                // A total whose only people sit in a few leaves: start from the largest of them.
                _ if best.as_ref().is_some_and(|((misfits, _), _)| *misfits > 0) => {
                    self.lift(system, key, all)
                }
                _ => None,
            };
            let Some(mut choice) = choice else { continue };
            let mut score = self.price(system, all, &choice, plan);
            loop {
                let before = score;
                for dimension in 0..all.len() {
                    for option in 0..all[dimension].len() {
                        let mut other = choice.clone();
                        other[dimension] = option;
                        let price = self.price(system, all, &other, plan);
                        if price < score {
                            (score, choice) = (price, other);
                        }
                    }
                }
                if score == before {
                    break;
                }
            }
            if best.as_ref().is_none_or(|(least, _)| score < *least) {
                best = Some((score, choice));
            }
        }
        let ((misfits, cost), choice) = best?;
        if misfits > 0 {
            return None;
        }
        let cells: Vec<_> = product(all, &choice)
            .into_iter()
            .map(|(cell, sign)| (self.key(cell), sign))
            .collect();
        let by = system.complete(&cells, target)?;
        let far = |factor: i64| -> Move {
            by.iter()
                .map(|(at, amount)| (*at, amount * factor))
                .collect()
        };
        if !system.accepts(&far(plan.by.0)) || !system.accepts(&far(-plan.by.1)) {
            return None;
        }
        let hides_total = by
            .keys()
            .filter(|at| !system.variables[**at].unknown)
            .any(|at| {
                let codes = self.number(&system.variables[*at].key).unwrap_or_default();
                codes
                    .iter()
                    .zip(key)
                    .enumerate()
                    .any(|(at, (code, own))| code != own && !self.leaves[at].contains(code))
            });
        Some((cost, hides_total, by))
    }

    /// The steps that lift the largest leaf cell below a cell with all its totals.
    fn lift(&self, system: &System, key: &[u64], all: &[Vec<Step>]) -> Option<Vec<usize>> {
        let codes_of = |cell: u64| {
            let one = move |(stride, codes): (&u64, &Vec<String>)| {
                cell / stride % codes.len() as u64 * stride
            };
            self.strides.iter().zip(&self.codes).map(one)
        };
        let below = |cell: u64| {
            codes_of(cell)
                .zip(key)
                .enumerate()
                .all(|(at, (code, own))| {
                    self.leaves[at].contains(&code)
                        && self.above[at]
                            .get(&code)
                            .is_some_and(|above| above.contains(own))
                })
        };
        let movable = self
            .cells
            .iter()
            .filter(|(_, (is_current, _))| *is_current)
            .filter_map(|(cell, (_, versions))| {
                let variable = &system.variables[*versions.first()?];
                ((variable.unknown || variable.candidate) && below(*cell))
                    .then_some((variable.value, *cell))
            });
        let (_, cell) = movable.max()?;
        let lift = |(code, steps): (u64, &Vec<Step>)| {
            let up = |step: &Step| {
                step.iter().all(|(_, sign)| *sign > 0) && step.iter().any(|(one, _)| *one == code)
            };
            steps.iter().position(up)
        };
        codes_of(cell).zip(all).map(lift).collect()
    }

    /// How many cells of a product cannot move, and what hiding the others costs.
    fn price(
        &self,
        system: &System,
        all: &[Vec<Step>],
        choice: &[usize],
        plan: Plan,
    ) -> (usize, i64) {
        let (mut misfits, mut cost) = (0, 0_i64);
        for (cell, sign) in product(all, choice) {
            let Some((is_current, versions)) = self.cells.get(&cell) else {
                continue;
            };
            let (more, less) = if sign > 0 {
                plan.by
            } else {
                (plan.by.1, plan.by.0)
            };
            let counted = if plan.alike {
                versions.len()
            } else {
                usize::from(*is_current)
            };
            for at in &versions[..counted] {
                let variable = &system.variables[*at];
                let fits = (variable.unknown || variable.candidate)
                    && more <= variable.high.saturating_sub(variable.value)
                    && less <= variable.value - variable.low;
                misfits += usize::from(!fits);
                cost = cost.saturating_add(variable.cost());
            }
        }
        (misfits, cost)
    }
}

/// What a product has to do.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// How far the target moves up, and down.
    by: (i64, i64),
    /// Whether every release has to take it.
    alike: bool,
}

/// The cells of a product of steps.
fn product(all: &[Vec<Step>], choice: &[usize]) -> Vec<(u64, i64)> {
    let mut cells: Vec<(u64, i64)> = vec![(0, 1)];
    for (steps, option) in all.iter().zip(choice) {
        let step = &steps[*option];
        let longer = |(cell, sign): &(u64, i64)| {
            let (cell, sign) = (*cell, *sign);
            step.iter()
                .map(move |(code, own)| (cell + code, sign * own))
        };
        cells = cells.iter().flat_map(longer).collect();
    }
    cells
}
