//! Revisions: which cells must keep what an earlier release shows of them, so that no two releases can be subtracted.
//!
//! The difference between two releases is a table of counts too: of those who were added or taken out. It is put under
//! the same rules. A part of the table whose differences could not be published as they are seen is *held*: all its cells
//! stay as they were, until the differences have grown enough. Holding single cells instead would break the sums over
//! them; a part that is held as a whole still adds up and differs from no release by less than the minimum. Holding is
//! always safe: what is published is what was published before, so that no equation is new and those who came or went are
//! in none.
//!
//! A count that was shown last and would be hidden now for the sake of others alone counts as shown, so that it is held as
//! long as it has changed too little. Hidden it would be safe as well, but it would be gone because of one person more:
//! of 6 people none has an attribute whose minimum is 10, then 1 of 7 has. Both counts together would have to be
//! hidden, since of 7 people at most 7 have it; both stay at 6 and 0 until enough have come. A count that breaks a rule
//! itself is hidden at once, however little it changed: its value may not be shown, and it would hold all others for long.
//!
//! Invariants:
//! - a part holds everything that hangs together: by sums and pairs, and all cells that count the same people;
//! - a change that is shown, and every one that can be computed, is 0 or at least the minimum of its cell, against every
//!   earlier release and not only the last;
//! - a cell that an earlier release hid, or that is hidden now for itself, hides its difference. The attacker is granted
//!   that people are only added, or only taken out, where that is so. Where both happen, nothing small may have changed,
//!   hidden or not.
//!
//! That a part is held is not told: it would say that its counts changed, and by how little.
//!
//! Cost: one look at each cell of each release, and one pattern for each part and for each way in which it differs from
//! earlier releases. Most decisions repeat most counts, and releases that show a part alike are judged once.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    DisclosureError, History, Kind, Outcome, Policy, control_among,
    history::{Earlier, EarlierStatus},
    parts::{Part, group, parts},
    rule::Threshold,
    table::{Cell, CellKey, Count, Dimension, Relation, Rest, Table},
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
    let shown = shown_or_lagging(outcome, history);
    // What adds up in one of two releases only says nothing of their difference.
    let totals = |earlier: &Earlier| -> BTreeSet<CellKey> {
        let relations = earlier.table.relations.iter();
        relations.map(|relation| relation.total.clone()).collect()
    };
    let earlier: Vec<(&Earlier, BTreeSet<CellKey>)> = history
        .releases()
        .map(|earlier| (earlier, totals(earlier)))
        .collect();
    let mut held = BTreeSet::new();
    for part in parts(table, history, same_people) {
        let differences: BTreeSet<Difference<'_>> = earlier
            .iter()
            .map(|(earlier, totals)| Difference::new(table, &shown, earlier, totals, &part))
            .filter(|difference| difference.changes.values().any(|n| *n != 0))
            .collect();
        for difference in differences {
            if !difference.can_be_published(table, &part, policy, same_people)? {
                held.extend(part.cells);
                break;
            }
        }
    }
    Ok(held)
}

/// The cells that are shown, and those that were shown last and are hidden for the sake of others alone.
fn shown_or_lagging<'a>(outcome: &'a Outcome, history: &History) -> BTreeSet<&'a CellKey> {
    let statuses = outcome.statuses.iter();
    let shown = statuses.filter(|(key, status)| match status.kind() {
        Kind::Published => true,
        Kind::SuppressedSecondary => history.shown_last(key),
        Kind::SuppressedPrimary | Kind::NotApplicable => false,
    });
    shown.map(|(key, _)| key).collect()
}

/// By how much a cell changed; none where one of the tables has no count of it, which is unknown and not zero.
fn change(new: &Table, old: &Table, key: &CellKey) -> Option<i64> {
    Some(new.count(key)? - old.count(key)?)
}

/// How a part of a table differs from an earlier release. Releases that differ alike are one difference.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Difference<'a> {
    changes: BTreeMap<CellKey, i64>,
    /// The cells whose change nobody can compute from the two releases alone.
    hidden: BTreeSet<CellKey>,
    /// What adds up in both releases, beside the hierarchies.
    relations: Vec<&'a Relation>,
}

impl<'a> Difference<'a> {
    fn new(
        new: &Table,
        shown: &BTreeSet<&CellKey>,
        earlier: &Earlier,
        totals: &BTreeSet<CellKey>,
        part: &Part<'a>,
    ) -> Self {
        let changed = |key: &CellKey| Some((key.clone(), change(new, &earlier.table, key)?));
        let changes: BTreeMap<CellKey, i64> = part.cells.iter().filter_map(changed).collect();
        let is_shown = |key: &CellKey| {
            shown.contains(key) && earlier.statuses.get(key) == Some(&EarlierStatus::Published)
        };
        let hidden = changes.keys().filter(|key| !is_shown(key));
        let hidden = hidden.cloned().collect();
        let relations = part.relations.iter().copied();
        let relations = relations.filter(|relation| totals.contains(&relation.total));
        let relations = relations.collect();
        Self {
            changes,
            hidden,
            relations,
        }
    }

    /// What adds up, with counts of 0.
    fn frame(&self, new: &Table, part: &Part<'_>) -> Table {
        let dimensions = (0..new.dimensions.len()).map(|at| self.dimension(new, at));
        let mut frame = Table::new(dimensions.collect()).additivity(new.additivity);
        frame.pairs = part.pairs.iter().copied().cloned().collect();
        frame.relations = self.relations.iter().copied().cloned().collect();
        let zero = Cell {
            count: Count::new(0).ok(),
            contributions: None,
        };
        frame.cells = self.changes.keys().map(|key| (key.clone(), zero)).collect();
        frame
    }

    /// A dimension with what leads up from the codes that changed: there can be as many parts as codes.
    fn dimension(&self, new: &Table, at: usize) -> Dimension {
        let dimension = &new.dimensions[at];
        let codes = self.changes.keys().map(|key| key.codes()[at].as_str());
        let codes: BTreeSet<&str> = codes.collect();
        let upwards = |tree: &BTreeMap<String, String>| {
            let mut found = BTreeMap::new();
            for code in codes.iter().copied() {
                let mut code = code;
                while let Some((own, parent)) = tree.get_key_value(code) {
                    if found.insert(own.clone(), parent.clone()).is_some() {
                        break;
                    }
                    code = parent.as_str();
                }
            }
            found
        };
        Dimension {
            name: dimension.name.clone(),
            hierarchies: dimension.hierarchies.iter().map(upwards).collect(),
            sensitive: dimension.sensitive,
        }
    }

    /// Whether it could be published as far as both releases show it.
    fn can_be_published(
        &self,
        table: &Table,
        part: &Part<'_>,
        policy: &Policy,
        same_people: &[usize],
    ) -> Result<bool, DisclosureError> {
        if !self.is_wide_enough(table, policy, same_people) {
            return Ok(false);
        }
        let mut frame = self.frame(table, part);
        if self.tells_of_a_group(&frame) {
            return Ok(false);
        }
        let rests = self.rests(&frame);
        let all = self.changes.values().chain(rests.iter().map(|(_, n)| n));
        let (rises, falls) = all.fold((false, false), |(up, down), n| {
            (up || *n > 0, down || *n < 0)
        });
        if rises && falls {
            let enough = |key: &CellKey, n: i64| is_enough(n, policy.threshold(table, key));
            let mut all = self.changes.iter().map(|(key, n)| (key, *n));
            let mut rests = rests.iter().map(|(key, n)| (key, *n));
            return Ok(all.all(|(key, n)| enough(key, n)) && rests.all(|(key, n)| enough(key, n)));
        }
        for (key, n) in &self.changes {
            let cell = Cell::counted(Count::new(n.abs())?);
            frame.cells.insert(key.clone(), cell);
        }
        // It is safe if what has to be hidden of it is hidden already: by the pattern that it would have alone, or by one
        // in which everything that is hidden helps.
        let (nothing, no_release) = (BTreeSet::new(), History::new());
        for beside in [&nothing, &self.hidden] {
            let may_hide = Some(&self.hidden);
            let outcome = control_among(&frame, policy, &no_release, may_hide, beside)?;
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
    fn rests(&self, frame: &Table) -> Vec<(CellKey, i64)> {
        let relations = frame.all_relations().into_iter();
        let of_relations = relations.map(|(_, relation)| {
            let parts = relation.parts.iter().map(|part| self.changes[part]);
            let rest = self.changes[&relation.total] - parts.sum::<i64>();
            (relation.total, rest)
        });
        let pairs = frame.all_pairs().map(|(pair, ..)| pair);
        let of_people = pairs.filter(|pair| pair.rest == Rest::People);
        let of_pairs = of_people.map(|pair| {
            let rest = self.changes[&pair.whole] - self.changes[&pair.part];
            (pair.whole.clone(), rest)
        });
        of_relations.chain(of_pairs).collect()
    }

    /// Whether it is shown that all or none of those who came or went have an attribute.
    fn tells_of_a_group(&self, frame: &Table) -> bool {
        let pairs = frame.all_pairs().map(|(pair, ..)| pair);
        let mut of_people = pairs.filter(|pair| pair.rest == Rest::People);
        of_people.any(|pair| {
            let (whole, part) = (self.changes[&pair.whole], self.changes[&pair.part]);
            whole != 0 && (part == 0 || part == whole) && !self.hidden.contains(&pair.part)
        })
    }
}

/// Whether a change tells of nobody, or of as many as the minimum.
pub(super) fn is_enough(change: i64, threshold: Threshold) -> bool {
    change == 0 || change.abs() >= threshold.get()
}
