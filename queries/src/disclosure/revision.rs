//! Revisions: which cells must keep what an earlier release shows of them, so that no two releases can be subtracted.
//!
//! The difference between two releases is a table of counts too: of those who were added or taken out. It is put under
//! the same rules. A part of the table whose differences could not be published as they are seen is *held*: all its cells
//! stay as they were, until the differences have grown enough. Holding single cells instead would break the sums over
//! them, and suppressing them would hide more with every release, since what was suppressed stays so; a part that is held
//! as a whole still adds up and differs from no release by less than the minimum.
//!
//! Invariants:
//! - a part holds everything that hangs together: by sums and pairs, and all cells that count the same people;
//! - a change that is shown, and every one that can be computed, is 0 or at least the minimum of its cell, against every
//!   earlier release and not only the last;
//! - a cell that is hidden in one of the two releases hides its difference. The attacker is granted that people are only
//!   added, or only taken out, where that is so. Where both happen, nothing small may have changed, hidden or not.
//!
//! That a part is held is not told: it would say that its counts changed, and by how little.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    DisclosureError, History, Kind, Outcome, Policy, Status, control_among,
    history::{Earlier, EarlierStatus},
    rule::Threshold,
    table::{Cell, CellKey, Count, Rest, Table},
};

/// The cells of this table and of earlier ones that have to stay as they were last shown. `same_people` names the
/// dimensions, by place, whose codes count the same people in different ways, such as indicators.
pub(crate) fn held(
    table: &Table,
    outcome: &Outcome,
    policy: &Policy,
    history: &History,
    same_people: &[usize],
) -> Result<BTreeSet<CellKey>, DisclosureError> {
    let mut held = BTreeSet::new();
    let moves =
        |earlier: &Earlier, key: &CellKey| change(table, &earlier.table, key).unwrap_or(0) != 0;
    for part in parts(table, history, same_people) {
        for earlier in history.releases() {
            let changed = part.iter().any(|key| moves(earlier, key));
            if changed
                && !Difference::new(table, outcome, earlier, &part).can_be_published(
                    table,
                    policy,
                    same_people,
                )?
            {
                held.extend(part);
                break;
            }
        }
    }
    Ok(held)
}

/// The cells of all releases by what hangs together.
fn parts(table: &Table, history: &History, same_people: &[usize]) -> Vec<BTreeSet<CellKey>> {
    let mut above: BTreeMap<CellKey, CellKey> = BTreeMap::new();
    let earlier = history.releases().map(|earlier| &earlier.table);
    let tables: Vec<&Table> = std::iter::once(table).chain(earlier).collect();
    for table in &tables {
        for key in table.cells.keys() {
            join(&mut above, key, &group(key, same_people));
        }
        for (_, relation) in table.all_relations() {
            for part in &relation.parts {
                join(&mut above, &relation.total, part);
            }
        }
        for (pair, ..) in table.all_pairs() {
            join(&mut above, &pair.whole, &pair.part);
        }
    }
    let mut parts: BTreeMap<CellKey, BTreeSet<CellKey>> = BTreeMap::new();
    for key in tables.iter().flat_map(|table| table.cells.keys()) {
        let part = parts.entry(root(&above, key)).or_default();
        part.insert(key.clone());
    }
    parts.into_values().collect()
}

/// The people that a cell is about, however they are counted. It is no key of a cell.
fn group(key: &CellKey, same_people: &[usize]) -> CellKey {
    let codes = key.codes().iter().enumerate();
    let codes = codes.filter(|(at, _)| !same_people.contains(at));
    CellKey::new(codes.map(|(_, code)| code.clone()))
}

fn root(above: &BTreeMap<CellKey, CellKey>, key: &CellKey) -> CellKey {
    let mut key = key;
    while let Some(next) = above.get(key) {
        key = next;
    }
    key.clone()
}

fn join(above: &mut BTreeMap<CellKey, CellKey>, one: &CellKey, other: &CellKey) {
    let (one_root, other_root) = (root(above, one), root(above, other));
    if one_root != other_root {
        above.insert(other_root.clone(), one_root.clone());
    }
    // Straight to the top, so that later ways are short.
    for key in [one, other] {
        if *key != one_root {
            above.insert(key.clone(), one_root.clone());
        }
    }
}

/// By how much a cell changed; none where one of the tables has no count of it, which is unknown and not zero.
fn change(new: &Table, old: &Table, key: &CellKey) -> Option<i64> {
    Some(new.count(key)? - old.count(key)?)
}

/// How a part of a table differs from an earlier release.
struct Difference {
    changes: BTreeMap<CellKey, i64>,
    /// The cells that one of the two releases hides.
    hidden: BTreeSet<CellKey>,
    /// What adds up, with counts of 0.
    frame: Table,
}

impl Difference {
    fn new(new: &Table, outcome: &Outcome, earlier: &Earlier, part: &BTreeSet<CellKey>) -> Self {
        let changes: BTreeMap<CellKey, i64> = part
            .iter()
            .filter_map(|key| Some((key.clone(), change(new, &earlier.table, key)?)))
            .collect();
        let is_shown = |key: &CellKey| {
            outcome.statuses.get(key) == Some(&Status::Published)
                && earlier.statuses.get(key) == Some(&EarlierStatus::Published)
        };
        let hidden = changes.keys().filter(|key| !is_shown(key));
        let hidden = hidden.cloned().collect();
        let mut frame = Table::new(new.dimensions.clone()).additivity(new.additivity);
        frame.pairs.clone_from(&new.pairs);
        // What added up in one of the two releases only says nothing of the difference.
        let old = &earlier.table.relations;
        let in_both = new
            .relations
            .iter()
            .filter(|one| old.iter().any(|other| other.total == one.total));
        frame.relations = in_both.cloned().collect();
        let mut difference = Self {
            changes,
            hidden,
            frame,
        };
        let zeros = difference.changes.keys().map(|key| {
            let zero = Count::new(0).ok();
            let cell = Cell {
                count: zero,
                contributions: None,
            };
            (key.clone(), cell)
        });
        difference.frame.cells = zeros.collect();
        difference
    }

    /// Whether it could be published as far as both releases show it.
    fn can_be_published(
        mut self,
        table: &Table,
        policy: &Policy,
        same_people: &[usize],
    ) -> Result<bool, DisclosureError> {
        if !self.is_wide_enough(table, policy, same_people) {
            return Ok(false);
        }
        let rests = self.rests();
        let all = self.changes.values().chain(rests.iter().map(|(_, n)| n));
        let (rises, falls) = all.fold((false, false), |(up, down), n| {
            (up || *n > 0, down || *n < 0)
        });
        if self.tells_of_a_group() {
            return Ok(false);
        }
        if rises && falls {
            let enough = |key: &CellKey, n: i64| is_enough(n, policy.threshold(table, key));
            let mut all = self.changes.iter().map(|(key, n)| (key, *n));
            let mut rests = rests.iter().map(|(key, n)| (key, *n));
            return Ok(all.all(|(key, n)| enough(key, n)) && rests.all(|(key, n)| enough(key, n)));
        }
        for (key, n) in &self.changes {
            let cell = Cell::counted(Count::new(n.abs())?);
            self.frame.cells.insert(key.clone(), cell);
        }
        // It is safe if what has to be hidden of it is hidden already: by the pattern that it would have alone, or by one
        // in which everything that is hidden helps.
        for beside in [&BTreeSet::new(), &self.hidden] {
            let (none, may_hide) = (History::new(), Some(&self.hidden));
            let outcome = control_among(&self.frame, policy, &none, may_hide, beside)?;
            let mut statuses = outcome.statuses.iter();
            let fits = statuses.all(|(key, status)| {
                matches!(status.kind(), Kind::Published | Kind::NotApplicable)
                    || self.hidden.contains(key)
            });
            if fits && outcome.is_safe() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether no change that is shown bounds a hidden one of the same people too narrowly: of three new participants at
    /// most three have an attribute whose minimum is 10.
    fn is_wide_enough(&self, table: &Table, policy: &Policy, same_people: &[usize]) -> bool {
        let mut needed: BTreeMap<CellKey, Threshold> = BTreeMap::new();
        for key in &self.hidden {
            let threshold = policy.threshold(table, key);
            if !is_enough(self.changes[key], threshold) {
                let most = needed.entry(group(key, same_people)).or_insert(threshold);
                *most = (*most).max(threshold);
            }
        }
        let mut shown = self
            .changes
            .iter()
            .filter(|(key, _)| !self.hidden.contains(*key));
        shown.all(|(key, n)| {
            let own = policy.threshold(table, key);
            let needed = needed.get(&group(key, same_people));
            is_enough(*n, needed.map_or(own, |needed| own.max(*needed)))
        })
    }

    /// What the changes of parts leave of the change of their total, and those whom an attribute is not true of.
    fn rests(&self) -> Vec<(CellKey, i64)> {
        let relations = self.frame.all_relations().into_iter();
        let of_relations = relations.map(|(_, relation)| {
            let parts = relation.parts.iter().map(|part| self.changes[part]);
            let rest = self.changes[&relation.total] - parts.sum::<i64>();
            (relation.total, rest)
        });
        let pairs = self.frame.all_pairs().map(|(pair, ..)| pair);
        let of_people = pairs.filter(|pair| pair.rest == Rest::People);
        let of_pairs = of_people.map(|pair| {
            let rest = self.changes[&pair.whole] - self.changes[&pair.part];
            (pair.whole.clone(), rest)
        });
        of_relations.chain(of_pairs).collect()
    }

    /// Whether it is shown that all or none of those who came or went have an attribute.
    fn tells_of_a_group(&self) -> bool {
        let pairs = self.frame.all_pairs().map(|(pair, ..)| pair);
        let mut of_people = pairs.filter(|pair| pair.rest == Rest::People);
        of_people.any(|pair| {
            let (whole, part) = (self.changes[&pair.whole], self.changes[&pair.part]);
            whole != 0 && (part == 0 || part == whole) && !self.hidden.contains(&pair.part)
        })
    }
}

/// Whether a change tells of nobody, or of as many as the minimum.
fn is_enough(change: i64, threshold: Threshold) -> bool {
    change == 0 || change.abs() >= threshold.get()
}
