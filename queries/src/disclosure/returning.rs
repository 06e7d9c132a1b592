//! Counts that come back: what earlier releases hid is not hidden for good.
//!
//! A cell that was hidden stays so ([`History::suppressed_before`]) until its count is as far from everything that may have
//! been hidden that its return tells nothing of it, and until all that stays hidden keeps its range, in every release. The
//! condition looks at the new count and at what was published. It does not ask how far the count is from the one that was
//! hidden: "it differs enough from 2" would tell, with the first count that is shown, that it was 2.
//!
//! Invariants:
//! - a count that comes back is the minimum away from every count below the minimum, from all or nearly all of a group of
//!   which it may have been a part, and from every count of the cell that was ever shown; and it is none that was hidden;
//! - what was hidden of it keeps as many possible values as the minimum, and so does every small change of a hidden count,
//!   for an attacker who knows of all releases and which of two counts is the larger;
//! - nothing is hidden for the sake of a return, not even what came back earlier, and no part is held for it;
//! - a zero does not come back: a cell that stays hidden may be one, which [`System`] grants.
//!
//! Each part is tried by itself, and little is tried: where it would take many linear programs to prove that a return is
//! safe, all stays hidden, which is. Tables with sensitive dimensions or magnitudes keep everything hidden: what they hid
//! is not told apart by its size.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Cause, DisclosureError, Finding, Outcome, Policy, Status,
    history::{EarlierStatus, History},
    parts::{Part, parts},
    primary,
    revision::{held, is_enough},
    rule::Range,
    secondary::{self, Effort},
    system::{Measure, System},
    table::{CellKey, Rest, Table},
};

/// How often a part is tried, each time without the cell of which a value was exposed.
const TRIES: usize = 4;

/// What a return is judged by.
#[derive(Clone, Copy)]
pub(crate) struct WayBack<'a> {
    pub(crate) table: &'a Table,
    pub(crate) policy: &'a Policy,
    pub(crate) history: &'a History,
    /// The places of the dimensions whose codes count the same people, as for [`held`].
    pub(crate) same_people: &'a [usize],
    /// The cells that stay as they were last shown; [`held`] finds no more.
    pub(crate) kept: &'a BTreeSet<CellKey>,
}

impl WayBack<'_> {
    /// The outcome with all cells shown that may come back.
    pub(crate) fn returned(self, mut outcome: Outcome) -> Result<Outcome, DisclosureError> {
        if !outcome.is_safe() {
            return Ok(outcome);
        }
        let far = self.may_return(&outcome);
        if far.is_empty() {
            return Ok(outcome);
        }
        for part in parts(self.table, self.history, self.same_people) {
            let here: BTreeSet<CellKey> = far.intersection(&part.cells).cloned().collect();
            // What has come back before goes first: none of it is hidden again for another return.
            let (last, later): (BTreeSet<CellKey>, BTreeSet<CellKey>) = here
                .into_iter()
                .partition(|key| self.history.shown_last(key));
            let mut settled = BTreeSet::new();
            for returning in [last, later] {
                if let Some(next) = self.bring_back(&part, &outcome, &settled, returning)? {
                    let is_shown = |key: &&CellKey| next.statuses[*key] == Status::Published;
                    settled.extend(far.intersection(&part.cells).filter(is_shown).cloned());
                    outcome = next;
                }
            }
        }
        Ok(outcome)
    }

    /// The outcome in which as many of these cells of a part come back as may together; none if none does.
    fn bring_back(
        self,
        part: &Part<'_>,
        outcome: &Outcome,
        settled: &BTreeSet<CellKey>,
        mut returning: BTreeSet<CellKey>,
    ) -> Result<Option<Outcome>, DisclosureError> {
        for _ in 0..TRIES {
            if returning.is_empty() {
                break;
            }
            match self.attempt(part, outcome, settled, &returning)? {
                Attempt::Safe(next) => {
                    let comes_back = |key: &CellKey| next.statuses[key] == Status::Published;
                    let held = held(
                        self.table,
                        &next,
                        self.policy,
                        self.history,
                        self.same_people,
                    )?;
                    let is_new = returning.iter().any(comes_back) && held.is_subset(self.kept);
                    return Ok(is_new.then_some(next));
                }
                Attempt::Exposes(key) => {
                    if !returning.remove(&key) {
                        break;
                    }
                }
                Attempt::TooCostly => break,
            }
        }
        Ok(None)
    }

    /// Looks for a pattern in which these cells are shown, or hidden again where others need them.
    fn attempt(
        self,
        part: &Part<'_>,
        outcome: &Outcome,
        settled: &BTreeSet<CellKey>,
        returning: &BTreeSet<CellKey>,
    ) -> Result<Attempt, DisclosureError> {
        let (table, policy, history) = (self.table, self.policy, self.history);
        let shown: BTreeSet<CellKey> = returning.union(settled).cloned().collect();
        let statuses = primary(table, policy, history, &shown, &mut Vec::new());
        let mut system = System::build(table, &statuses, policy, history, Measure::People)?;
        grant_order(table, policy, &mut system);
        let protects = Status::SuppressedSecondary(Cause::Protects);
        for variable in &mut system.variables {
            let may_be_hidden = returning.contains(&variable.key)
                || outcome.statuses.get(&variable.key) == Some(&protects);
            variable.candidate &= may_be_hidden;
            // What is in other parts does not suffer.
            if !part.cells.contains(&variable.key) {
                variable.range = Range::default();
            } else if variable.unknown && !variable.is_remainder {
                if variable.value > 0 {
                    variable.low = variable.low.max(1);
                }
                if variable.release.is_some() && shown.contains(&variable.key) {
                    let needed = policy.threshold(table, &variable.key).get() - 1;
                    let room = variable.high.saturating_sub(variable.low);
                    variable.range.width = variable.range.width.max(needed.min(room));
                }
            }
        }
        let too_many = || DisclosureError::TooManyCodes;
        // The cheapest proof could hide a cell that need not be.
        if !secondary::prove(table, &mut system).ok_or_else(too_many)? {
            return Ok(Attempt::TooCostly);
        }
        let protection =
            secondary::protect(table, &mut system, Effort::First).ok_or_else(too_many)?;
        if let Some(at) = protection.exposed.first() {
            return Ok(Attempt::Exposes(system.variables[*at].key.clone()));
        }
        let mut next = outcome.clone();
        for key in &part.cells {
            let (Some(status), Some(new)) = (next.statuses.get_mut(key), statuses.get(key)) else {
                continue;
            };
            // What has to stay hidden for others has the cause that it had.
            if !protection.suppressed.contains(key) {
                *status = *new;
            }
        }
        let statuses = &next.statuses;
        next.findings.retain(|finding| match finding {
            Finding::AlreadyPublished { key, .. } => statuses[key] != Status::Published,
            Finding::Exposed { .. } | Finding::SmallRevision { .. } => true,
        });
        Ok(Attempt::Safe(next))
    }

    /// The cells that only earlier releases hide and whose counts are far from what may have been hidden.
    fn may_return(self, outcome: &Outcome) -> BTreeSet<CellKey> {
        let (table, policy) = (self.table, self.policy);
        let has_magnitude = |table: &Table| {
            let mut cells = table.cells.values();
            cells.any(|cell| cell.contributions.is_some())
        };
        let is_sensitive = table.dimensions.iter().any(|dimension| dimension.sensitive);
        if is_sensitive || has_magnitude(table) {
            return BTreeSet::new();
        }
        let minimum = |key: &CellKey| policy.threshold(table, key).get();
        let before = Status::SuppressedSecondary(Cause::SuppressedBefore);
        let hidden = outcome.statuses.iter().filter(|(key, status)| {
            let is_large = table.count(key).is_some_and(|n| n > 2 * (minimum(key) - 1));
            **status == before && is_large && !self.kept.contains(*key)
        });
        let mut found: BTreeSet<CellKey> = hidden.map(|(key, _)| key.clone()).collect();
        for earlier in self.history.releases() {
            found.retain(|key| {
                let change = table.count(key).zip(earlier.table.count(key));
                let was_shown = earlier.statuses.get(key) == Some(&EarlierStatus::Published);
                change.is_none_or(|(now, then)| {
                    if was_shown {
                        is_enough(now - then, policy.threshold(table, key))
                    } else {
                        now != then
                    }
                })
            });
            let groups = earlier.table.all_pairs();
            for (pair, whole, _) in groups.filter(|(pair, ..)| pair.rest == Rest::People) {
                let was_hidden =
                    earlier.statuses.get(&pair.part) != Some(&EarlierStatus::Published);
                let minimum = minimum(&pair.part);
                // As near as the minimum to one of the counts that leave fewer than the minimum of the group.
                let is_near = |n: i64| n < whole + minimum && n > whole - 2 * minimum + 1;
                if was_hidden && table.count(&pair.part).is_some_and(is_near) {
                    found.remove(&pair.part);
                }
            }
        }
        found
    }
}

/// How a pattern in which cells come back turned out.
enum Attempt {
    /// Everything keeps its range.
    Safe(Outcome),
    /// A hidden value of this cell does not.
    Exposes(CellKey),
    /// It is not known.
    TooCostly,
}

/// Grants which of two counts of a cell is the larger, and which of two remainders of a sum: that follows where people only
/// come, or only go. A small change of a cell needs the range of a small count.
fn grant_order(table: &Table, policy: &Policy, system: &mut System) {
    let mut series: BTreeMap<(CellKey, Vec<CellKey>), Vec<usize>> = BTreeMap::new();
    for (key, versions) in &system.versions {
        series.insert((key.clone(), Vec::new()), versions.clone());
    }
    for (relation, remainder) in system.relations.iter().zip(&system.remainder) {
        let Some(remainder) = remainder else { continue };
        let cells = relation.iter().filter(|(at, _)| at != remainder);
        let mut keys = cells.map(|(at, _)| system.variables[*at].key.clone());
        let Some(total) = keys.next() else { continue };
        let mut parts: Vec<CellKey> = keys.collect();
        parts.sort();
        series.entry((total, parts)).or_default().push(*remainder);
    }
    for ((key, parts), mut versions) in series {
        let threshold = policy.threshold(table, &key);
        versions.sort_by_key(|at| (system.variables[*at].value, *at));
        for pair in versions.windows(2) {
            let change = system.variables[pair[1]].value - system.variables[pair[0]].value;
            let is_small = parts.is_empty() && change < threshold.get();
            system.order(pair[1], pair[0], is_small.then_some(threshold));
        }
    }
}
