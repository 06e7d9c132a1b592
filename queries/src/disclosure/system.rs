//! What an attacker knows, as a linear system: one unknown for every value that was never published.
//!
//! A variable is a cell with one true value. Releases that count the same value for a cell share its variable: the
//! attacker is granted to know what did not change between releases. Published values are constants, so that a
//! relation says that the *moves* of its unknowns away from the truth add up to zero. Everything is whole numbers: a
//! [`Move`] that passes [`System::accepts`] is another table of counts that fits all that was ever published.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    DisclosureError, Kind, Status,
    history::{EarlierStatus, History},
    rule::{Audience, Policy, Range, Threshold},
    table::{Additivity, Cell, CellKey, Rest, Table},
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

/// What the pairs of a table say of a cell.
#[derive(Debug, Clone, Copy)]
struct Told {
    /// Its value tells of every member of a group.
    is_group: bool,
    /// Its zeros are hidden as well.
    is_attribute: bool,
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
    /// Builds the system; fails if the parts of a total are more than the total.
    pub(crate) fn build(
        table: &Table,
        statuses: &BTreeMap<CellKey, Status>,
        policy: &Policy,
        history: &History,
        measure: Measure,
    ) -> Result<Self, DisclosureError> {
        let mut system = Self {
            variables: Vec::new(),
            relations: Vec::new(),
            touching: Vec::new(),
            remainder: Vec::new(),
            versions: HashMap::new(),
            current: BTreeMap::new(),
        };
        let mut by_value: HashMap<(CellKey, i64), usize> = HashMap::new();
        let mut seen = BTreeSet::new();
        let (groups, attributes) = (table.whole_groups(), table.attributes());
        for (key, cell) in &table.cells {
            let (Some(value), Some(status)) = (measure.of(cell), statuses.get(key)) else {
                continue;
            };
            let at = system.variables.len();
            let told = Told {
                is_group: groups.contains(key),
                is_attribute: attributes.contains(key),
            };
            system.variables.push(Self::cell(
                table, policy, history, measure, key, cell, value, *status, told,
            ));
            by_value.insert((key.clone(), value), at);
            system.current.insert(key.clone(), at);
            system.versions.entry(key.clone()).or_default().push(at);
        }
        let current = |key: &CellKey, system: &Self| system.current.get(key).copied();
        system.relate(table, policy, measure, &mut seen, current)?;
        for earlier in history.releases() {
            let mut index: HashMap<CellKey, usize> = HashMap::new();
            let groups = earlier.table.whole_groups();
            for (key, cell) in &earlier.table.cells {
                let (Some(value), Some(status)) = (measure.of(cell), earlier.statuses.get(key))
                else {
                    continue;
                };
                let at = *by_value
                    .entry((key.clone(), value))
                    .or_insert(system.variables.len());
                if at == system.variables.len() {
                    let mut variable = Self::cell(
                        table,
                        policy,
                        history,
                        measure,
                        key,
                        cell,
                        value,
                        status.as_status(),
                        Told {
                            is_group: groups.contains(key),
                            is_attribute: earlier.attributes.contains(key),
                        },
                    );
                    variable.release = Some(earlier.release);
                    variable.candidate = false;
                    system.variables.push(variable);
                    system.versions.entry(key.clone()).or_default().push(at);
                } else if measure == Measure::People && groups.contains(key) {
                    // It told of a whole group then, and the value is the same.
                    let threshold = policy.threshold(table, key);
                    let is_large = value == 0 || value >= threshold.get();
                    let variable = &mut system.variables[at];
                    let range = Range::of_count(value, threshold, is_large);
                    variable.range = variable.range.and(range);
                }
                if *status == EarlierStatus::Published {
                    let variable = &mut system.variables[at];
                    variable.unknown = false;
                    variable.candidate = false;
                }
                index.insert(key.clone(), at);
            }
            system.relate(&earlier.table, policy, measure, &mut seen, |key, _| {
                index.get(key).copied()
            })?;
        }
        system.touching = vec![Vec::new(); system.variables.len()];
        for (at, relation) in system.relations.iter().enumerate() {
            for (variable, _) in relation {
                system.touching[*variable].push(at);
            }
        }
        Ok(system)
    }

    #[allow(clippy::too_many_arguments)] // everything that a variable follows from, once
    fn cell(
        table: &Table,
        policy: &Policy,
        history: &History,
        measure: Measure,
        key: &CellKey,
        cell: &Cell,
        value: i64,
        status: Status,
        told: Told,
    ) -> Variable {
        let threshold = policy.threshold(table, key);
        let by_rule = matches!(
            status,
            Status::SuppressedPrimary(super::Rule::GroupAttribute)
        );
        // Of a small count it is known that it is at least 1, and its own range is as wide.
        let is_small = value > 0 && value < threshold.get();
        let group = by_rule || (told.is_group && !is_small);
        let (low, high) = match measure {
            Measure::Magnitude => (0, FREE),
            Measure::People => known_bounds(
                table,
                policy,
                history,
                key,
                status,
                value,
                told.is_attribute,
            ),
        };
        let mut range = match (measure, &cell.contributions) {
            (Measure::Magnitude, Some(contributions)) => Range::of_magnitude(
                policy,
                contributions,
                matches!(status, Status::SuppressedPrimary(_)),
            ),
            _ => Range::of_count(value, threshold, group),
        };
        range.width = range.width.min(high.saturating_sub(low));
        Variable {
            key: key.clone(),
            release: None,
            value,
            low,
            high,
            unknown: status.kind() != Kind::Published,
            candidate: status.kind() == Kind::Published && value > 0,
            is_remainder: false,
            range,
            up: 0,
            down: 0,
        }
    }

    /// Adds the relations of one release; `seen` keeps those that another release has stated.
    fn relate(
        &mut self,
        table: &Table,
        policy: &Policy,
        measure: Measure,
        seen: &mut BTreeSet<(usize, Vec<usize>)>,
        index: impl Fn(&CellKey, &Self) -> Option<usize>,
    ) -> Result<(), DisclosureError> {
        if table.additivity == Additivity::Perturbed {
            return Ok(());
        }
        for (_, relation) in table.all_relations() {
            let Some(total) = index(&relation.total, self) else {
                continue;
            };
            let mut parts: Vec<usize> = relation
                .parts
                .iter()
                .filter_map(|key| index(key, self))
                .collect();
            parts.sort_unstable();
            if parts.is_empty() || !seen.insert((total, parts.clone())) {
                continue;
            }
            let value = self.variables[total].value;
            let sum: i64 = parts
                .iter()
                .map(|part| self.variables[*part].value)
                .fold(0, i64::saturating_add);
            // Its cells are hidden (`Rule::NotAdditive`), and it says nothing about them.
            if sum > value && measure == Measure::People {
                continue;
            }
            if sum > value {
                let (total, measure) = (relation.total, measure.name());
                return Err(DisclosureError::PartsExceedTotal {
                    total,
                    measure,
                    value,
                    parts: sum,
                });
            }
            let mut row = vec![(total, 1)];
            row.extend(parts.iter().map(|part| (*part, -1)));
            let rest = value - sum;
            // Nobody shows a remainder, so it needs protection only where it is small itself.
            let remainder = (rest > 0).then(|| {
                let threshold = policy.threshold(table, &relation.total);
                let small = measure == Measure::People && rest < threshold.get();
                self.add_remainder(relation.total, rest, small.then_some(threshold))
            });
            row.extend(remainder.map(|at| (at, -1)));
            self.remainder.push(remainder);
            self.relations.push(row);
        }
        if measure == Measure::People {
            self.relate_pairs(table, policy, seen, index);
        }
        Ok(())
    }

    /// Adds the pairs of one release. That nothing lies between two counts is known to nobody.
    fn relate_pairs(
        &mut self,
        table: &Table,
        policy: &Policy,
        seen: &mut BTreeSet<(usize, Vec<usize>)>,
        index: impl Fn(&CellKey, &Self) -> Option<usize>,
    ) {
        for (pair, of_whole, of_part) in table.all_pairs() {
            let (Some(whole), Some(part)) = (index(&pair.whole, self), index(&pair.part, self))
            else {
                continue;
            };
            if !seen.insert((whole, vec![part])) {
                continue;
            }
            let (rest, threshold) = (of_whole - of_part, policy.threshold(table, &pair.whole));
            let small = pair.rest == Rest::People && rest > 0 && rest < threshold.get();
            let at = self.add_remainder(pair.whole.clone(), rest, small.then_some(threshold));
            self.remainder.push(Some(at));
            self.relations.push(vec![(whole, 1), (part, -1), (at, -1)]);
        }
    }

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

/// What a suppressed value is known to lie between, from the rules alone. Zeros are shown, so that a suppressed cell
/// is at least 1, unless groups are protected or the zeros of its attribute are hidden too. A cell that stays
/// suppressed tells only what it told the first time.
fn known_bounds(
    table: &Table,
    policy: &Policy,
    history: &History,
    key: &CellKey,
    status: Status,
    value: i64,
    is_attribute: bool,
) -> (i64, i64) {
    let first = history.first_suppressed(key);
    let hides_zeros = table.dimensions.iter().any(|dimension| dimension.sensitive)
        || first.map_or(is_attribute, |(.., then)| then);
    if hides_zeros || value == 0 || first.is_some_and(|(_, then, _)| then != value) {
        return (0, FREE);
    }
    let status = first.map_or(status, |(status, ..)| status.as_status());
    if policy.audience == Audience::SeesSuppressed {
        return (1, FREE);
    }
    let threshold = policy.threshold(table, key).get();
    let only_small = table
        .cells
        .values()
        .all(|cell| cell.contributions.is_none())
        && policy.revisions == super::Revisions::Report;
    match status {
        Status::SuppressedPrimary(_) if only_small && value < threshold => (1, threshold - 1),
        Status::SuppressedPrimary(_) => (1, FREE),
        _ if value >= threshold => (threshold, FREE),
        _ => (0, FREE),
    }
}
