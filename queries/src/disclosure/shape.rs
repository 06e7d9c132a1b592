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

/// Up and down changes of the codes of one dimension: a leaf goes up with its ancestors while another goes down with its
/// own, or nothing does. What is above both stays where it is.
#[derive(Debug, Clone, Copy)]
struct Step {
    up: u64,
    down: Option<u64>,
}

/// How many cells cannot move, and what hiding the others costs.
type Price = (usize, i64);

/// The hierarchies of a table, ready for the search: codes as multiples of the stride of their dimension, so that a
/// cell is the sum of its codes.
pub(crate) struct Shape {
    /// For each dimension: its codes and all their ancestors, in order.
    codes: Vec<Vec<String>>,
    strides: Vec<u64>,
    /// For each dimension: every code with itself and its ancestors in all hierarchies, in order.
    above: Vec<BTreeMap<u64, Vec<u64>>>,
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
                above.insert(number(code), all.into_iter().collect());
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
            let (up, down) = (code, None);
            return vec![Step { up, down }];
        };
        let mut steps = Vec::new();
        let holds = |leaf: u64| above[&leaf].binary_search(&code).is_ok();
        let meets = |leaf: u64| {
            above[&leaf]
                .iter()
                .any(|one| own.binary_search(one).is_ok())
        };
        let leaves = || self.leaves[at].iter().copied();
        let others: Vec<u64> = leaves().filter(|one| !holds(*one) && meets(*one)).collect();
        for up in leaves().filter(|one| holds(*one)) {
            let down = others.iter().copied().map(Some).chain([None]);
            steps.extend(down.map(|down| Step { up, down }));
        }
        steps
    }

    /// The codes that a step moves, and the way they go.
    fn moved(&self, at: usize, step: Step) -> impl Iterator<Item = (u64, i64)> {
        const NONE: &[u64] = &[];
        let table = &self.above[at];
        let above = move |code: u64| table.get(&code).map(Vec::as_slice);
        // A code of an earlier release that this table has no more has nothing above it.
        let alone = above(step.up).is_none().then_some((step.up, 1));
        let up = above(step.up).unwrap_or(NONE);
        let down = step.down.and_then(above).unwrap_or(NONE);
        let rise = up
            .iter()
            .filter(move |code| down.binary_search(code).is_err());
        let fall = down
            .iter()
            .filter(move |code| up.binary_search(code).is_err());
        let both = rise
            .map(|code| (*code, 1))
            .chain(fall.map(|code| (*code, -1)));
        alone.into_iter().chain(both)
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
        let mut best: Option<(Price, Vec<usize>)> = None;
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
            // A dimension has to be looked at again only where another one has changed.
            let mut settled = 0;
            for dimension in (0..all.len()).cycle() {
                if settled == all.len() {
                    break;
                }
                if all[dimension].len() > 1 {
                    let (price, option) = self.cheapest(system, all, &choice, dimension, plan);
                    if price < score {
                        (score, choice[dimension]) = (price, option);
                        settled = 0;
                    }
                }
                settled += 1;
            }
            if best.as_ref().is_none_or(|(least, _)| score < *least) {
                best = Some((score, choice));
            }
        }
        let ((misfits, cost), choice) = best?;
        if misfits > 0 {
            return None;
        }
        let cells: Vec<_> = self
            .cells_of(all, &choice, None)
            .into_iter()
            .map(|(cell, sign)| (self.key(cell), sign))
            .collect();
        let by = system.complete(&cells, target, plan.by)?;
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
            // What goes up alone takes all that is above it.
            steps
                .iter()
                .position(|step| step.up == code && step.down.is_none())
        };
        codes_of(cell).zip(all).map(lift).collect()
    }

    /// The price of a product.
    fn price(&self, system: &System, all: &[Vec<Step>], choice: &[usize], plan: Plan) -> Price {
        let cells = self.cells_of(all, choice, None);
        add(cells
            .into_iter()
            .map(|(cell, sign)| self.price_of(system, cell, sign, plan)))
    }

    /// The cheapest step of one dimension beside those chosen for the others, the first of equals.
    ///
    /// The cells of a product are those of each code that the step moves, together with the steps of the other dimensions; so
    /// each code has a price, and a step costs what its codes do. There are as many codes as regions, and as many steps as
    /// pairs of them.
    fn cheapest(
        &self,
        system: &System,
        all: &[Vec<Step>],
        choice: &[usize],
        dimension: usize,
        plan: Plan,
    ) -> (Price, usize) {
        let others = self.cells_of(all, choice, Some(dimension));
        let mut known: Vec<[Option<Price>; 2]> = vec![[None; 2]; self.codes[dimension].len()];
        let mut price = |code: u64, own: i64| {
            let at = (code / self.strides[dimension]) as usize;
            *known[at][usize::from(own > 0)].get_or_insert_with(|| {
                add(others
                    .iter()
                    .map(|(cell, sign)| self.price_of(system, cell + code, sign * own, plan)))
            })
        };
        let mut best = ((usize::MAX, i64::MAX), 0);
        for (option, step) in all[dimension].iter().enumerate() {
            let moved = self.moved(dimension, *step);
            let of_step = add(moved.map(|(code, own)| price(code, own)));
            if of_step < best.0 {
                best = (of_step, option);
            }
        }
        best
    }

    /// The price of one cell that moves with the target or against it.
    fn price_of(&self, system: &System, cell: u64, sign: i64, plan: Plan) -> Price {
        let Some((is_current, versions)) = self.cells.get(&cell) else {
            return (0, 0);
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
        add(versions[..counted].iter().map(|at| {
            let variable = &system.variables[*at];
            let fits = (variable.unknown || variable.candidate)
                && more <= variable.high.saturating_sub(variable.value)
                && less <= variable.value - variable.low;
            (usize::from(!fits), variable.cost())
        }))
    }

    /// The cells of a product of steps, all dimensions or all but one.
    fn cells_of(
        &self,
        all: &[Vec<Step>],
        choice: &[usize],
        without: Option<usize>,
    ) -> Vec<(u64, i64)> {
        let mut cells: Vec<(u64, i64)> = vec![(0, 1)];
        for (at, (steps, option)) in all.iter().zip(choice).enumerate() {
            if Some(at) == without {
                continue;
            }
            let moved: Vec<(u64, i64)> = self.moved(at, steps[*option]).collect();
            let longer = |(cell, sign): &(u64, i64)| {
                let (cell, sign) = (*cell, *sign);
                moved
                    .iter()
                    .map(move |(code, own)| (cell + code, sign * own))
            };
            cells = cells.iter().flat_map(longer).collect();
        }
        cells
    }
}

/// What all together cost.
fn add(prices: impl Iterator<Item = Price>) -> Price {
    prices.fold((0, 0), |(misfits, cost), (own, of_own)| {
        (misfits + own, cost.saturating_add(of_own))
    })
}

/// What a product has to do.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// How far the target moves up, and down.
    by: (i64, i64),
    /// Whether every release has to take it.
    alike: bool,
}
