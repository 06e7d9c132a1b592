//! From tables and what was shown of them to the system: variables with their bounds and ranges, and the relations that every
//! reader of all releases can write down.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{FREE, Measure, System, Variable};
use crate::disclosure::{
    DisclosureError, Kind, Revisions, Rule, Status,
    history::{EarlierStatus, History},
    rule::{Audience, Policy, Range},
    table::{Additivity, Cell, CellKey, Rest, Table},
};

/// What the pairs of a table say of a cell.
#[derive(Debug, Clone, Copy)]
struct Told {
    /// Its value tells of every member of a group.
    is_group: bool,
    /// Its zeros are hidden as well.
    is_attribute: bool,
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
        let by_rule = matches!(status, Status::SuppressedPrimary(Rule::GroupAttribute));
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
        && policy.revisions == Revisions::Report;
    match status {
        Status::SuppressedPrimary(_) if only_small && value < threshold => (1, threshold - 1),
        Status::SuppressedPrimary(_) => (1, FREE),
        _ if value >= threshold => (threshold, FREE),
        _ => (0, FREE),
    }
}
