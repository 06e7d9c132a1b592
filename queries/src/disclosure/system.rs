//! What an attacker knows, as a linear system: one unknown for every value that was never published.
//!
//! A variable is a cell with one true value. Releases that count the same value for a cell share its variable: the
//! attacker is granted to know what did not change between releases. Published values are constants, so that a
//! relation says that the *moves* of its unknowns away from the truth add up to zero. Everything is whole numbers: a
//! [`Move`] that passes [`System::accepts`] is another table of counts that fits all that was ever published.
//!
//! Owns the system and which moves fit it; it is made of tables in `build`.

mod build;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    rule::{Range, Threshold},
    table::{Cell, CellKey},
};

/// No bound.
pub(crate) const FREE: i64 = i64::MAX / 4;

/// How far each variable moves away from its true value.
pub(crate) type Move = BTreeMap<usize, i64>;

/// Which additive number of a cell is attacked. The pattern of suppression is the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// The count of people.
    People,
    /// The magnitude of the contributions.
    Magnitude,
}

impl Measure {
    pub(crate) fn of(self, cell: &Cell) -> Option<i64> {
        match self {
            Self::People => cell.count.map(super::Count::get),
            Self::Magnitude => cell
                .contributions
                .map(|contributions| contributions.total.get()),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Magnitude => "units of magnitude",
        }
    }
}

/// One value of one cell, or the remainder of a relation.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) key: CellKey,
    /// The earliest release it occurs in; none for the current one.
    pub(crate) release: Option<u64>,
    pub(crate) value: i64,
    pub(crate) low: i64,
    pub(crate) high: i64,
    /// Never published.
    pub(crate) unknown: bool,
    /// Published for the first time in the current release: it can still be suppressed.
    pub(crate) candidate: bool,
    pub(crate) is_remainder: bool,
    pub(crate) range: Range,
    /// How far it is proven to be able to move.
    pub(crate) up: i64,
    pub(crate) down: i64,
}

impl Variable {
    /// What a suppression costs: the people hidden, and something for every cell (Handbook, 4.3.1, cell costs).
    pub(crate) fn cost(&self) -> i64 {
        if self.unknown {
            0
        } else {
            self.value.saturating_add(16)
        }
    }

    pub(crate) fn is_safe(&self) -> bool {
        !self.unknown
            || (self.up >= self.range.up
                && self.down >= self.range.down
                && self.up.saturating_add(self.down) >= self.range.width)
    }

    fn takes(&self, by: i64) -> bool {
        by == 0
            || ((self.unknown || self.candidate)
                && by <= self.high.saturating_sub(self.value)
                && -by <= self.value - self.low)
    }
}

/// The system of one measure over all releases.
#[derive(Debug)]
pub(crate) struct System {
    pub(crate) variables: Vec<Variable>,
    /// Coefficients that add up to zero, the remainder last.
    pub(crate) relations: Vec<Vec<(usize, i64)>>,
    pub(crate) touching: Vec<Vec<usize>>,
    pub(crate) remainder: Vec<Option<usize>>,
    /// The variable of a cell in each release, the current one first.
    pub(crate) versions: HashMap<CellKey, Vec<usize>>,
    pub(crate) current: BTreeMap<CellKey, usize>,
}

impl System {
    /// Adds what the parts of a total leave of it, protected as a count below this threshold.
    fn add_remainder(&mut self, of: CellKey, value: i64, below: Option<Threshold>) -> usize {
        self.variables.push(Variable {
            key: of,
            release: None,
            value,
            low: 0,
            high: FREE,
            unknown: true,
            candidate: false,
            is_remainder: true,
            range: below.map_or_else(Range::default, |threshold| {
                Range::of_count(value, threshold, false)
            }),
            up: 0,
            down: 0,
        });
        self.variables.len() - 1
    }

    /// States that one variable is at least another, and protects what lies between them as a count below this threshold.
    pub(crate) fn order(&mut self, larger: usize, smaller: usize, below: Option<Threshold>) {
        let key = self.variables[larger].key.clone();
        let value = self.variables[larger].value - self.variables[smaller].value;
        let between = self.add_remainder(key, value, below);
        self.touching.push(Vec::new());
        for at in [larger, smaller, between] {
            self.touching[at].push(self.relations.len());
        }
        self.relations
            .push(vec![(larger, 1), (smaller, -1), (between, -1)]);
        self.remainder.push(Some(between));
    }

    /// Moves the versions of these cells alike, lets remainders take what is left, and returns the move of one unit if `up`
    /// times that and `down` times its opposite fit everything published; tries the current release alone first.
    pub(crate) fn complete(
        &self,
        cells: &[(CellKey, i64)],
        target: usize,
        (up, down): (i64, i64),
    ) -> Option<Move> {
        let start = |all: bool| {
            let mut by = Move::new();
            for (key, amount) in cells {
                let versions = self.versions.get(key).map_or(&[][..], Vec::as_slice);
                let wanted = versions
                    .iter()
                    .filter(|at| all || self.current.get(key) == Some(at));
                for at in wanted
                    .filter(|at| self.variables[**at].unknown || self.variables[**at].candidate)
                {
                    by.insert(*at, *amount);
                }
            }
            by
        };
        [false, true].into_iter().find_map(|all| {
            let mut by = start(all);
            let touched: BTreeSet<usize> = by
                .keys()
                .flat_map(|at| self.touching[*at].iter().copied())
                .collect();
            for relation in touched {
                if let Some(remainder) = self.remainder[relation].filter(|at| *at != target) {
                    let left = self.imbalance(relation, &by);
                    *by.entry(remainder).or_default() += left;
                }
            }
            by.retain(|_, amount| *amount != 0);
            let fits = |factor: i64| self.accepts(&times(&by, factor));
            (by.contains_key(&target) && fits(up) && fits(-down)).then_some(by)
        })
    }

    fn imbalance(&self, relation: usize, by: &Move) -> i64 {
        self.relations[relation]
            .iter()
            .map(|(at, coefficient)| coefficient * by.get(at).copied().unwrap_or(0))
            .sum()
    }

    /// Whether a move keeps every relation of every release and every bound, in whole numbers; candidates may move.
    pub(crate) fn accepts(&self, by: &Move) -> bool {
        by.iter()
            .all(|(at, amount)| self.variables[*at].takes(*amount))
            && by
                .keys()
                .flat_map(|at| &self.touching[*at])
                .all(|relation| self.imbalance(*relation, by) == 0)
    }

    /// Takes a move as proof for all variables it touches; its candidates become unknown and are returned.
    pub(crate) fn record(&mut self, by: &Move) -> Vec<CellKey> {
        debug_assert!(self.accepts(by), "a move was recorded that does not fit");
        let mut suppressed = Vec::new();
        for at in by.keys() {
            let variable = &mut self.variables[*at];
            if !variable.unknown {
                variable.unknown = true;
                variable.candidate = false;
                suppressed.push(variable.key.clone());
            }
        }
        let back = times(by, -1);
        for one in [by, &back] {
            if self.accepts(one) {
                for (at, amount) in one {
                    let variable = &mut self.variables[*at];
                    variable.up = variable.up.max(*amount);
                    variable.down = variable.down.max(-amount);
                }
            }
        }
        suppressed
    }
}

/// A move so many times over.
pub(crate) fn times(by: &Move, factor: i64) -> Move {
    by.iter()
        .map(|(at, amount)| (*at, amount * factor))
        .collect()
}
