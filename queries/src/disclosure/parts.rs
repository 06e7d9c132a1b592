//! The parts of a table: cells that hang together by sums, by pairs, or because they count the same people.
//!
//! A part holds everything that can be computed from its cells, so that it can be decided about alone. Finding all parts
//! takes time in proportion to the cells and sums of all releases: sets of places that grow together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    history::History,
    table::{CellKey, Pair, Relation, Table},
};

/// A part of the current table and of all earlier ones.
#[derive(Debug, Default)]
pub(super) struct Part<'a> {
    pub(super) cells: BTreeSet<CellKey>,
    /// The relations of the current table whose totals are here.
    pub(super) relations: Vec<&'a Relation>,
    /// The pairs of the current table whose wholes are here.
    pub(super) pairs: Vec<&'a Pair>,
}

/// The cells of all releases by what hangs together, in the order of their first keys. `same_people` names the dimensions,
/// by place, whose codes count the same people in different ways.
pub(super) fn parts<'a>(
    table: &'a Table,
    history: &History,
    same_people: &[usize],
) -> Vec<Part<'a>> {
    let mut together = Together::default();
    let mut keys: BTreeSet<&CellKey> = BTreeSet::new();
    let earlier = history.releases().map(|earlier| &earlier.table);
    for table in std::iter::once(table).chain(earlier) {
        keys.extend(table.cells.keys());
        for key in table.cells.keys() {
            together.join(key, &group(key, same_people));
        }
        for (_, relation) in table.all_relations() {
            for part in &relation.parts {
                together.join(&relation.total, part);
            }
        }
        for (pair, ..) in table.all_pairs() {
            together.join(&pair.whole, &pair.part);
        }
    }
    let mut parts: Vec<Part<'a>> = Vec::new();
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    for key in keys {
        let at = *numbers.entry(together.root(key)).or_insert(parts.len());
        if at == parts.len() {
            parts.push(Part::default());
        }
        parts[at].cells.insert(key.clone());
    }
    for relation in &table.relations {
        if let Some(at) = numbers.get(&together.root(&relation.total)) {
            parts[*at].relations.push(relation);
        }
    }
    for pair in &table.pairs {
        if let Some(at) = numbers.get(&together.root(&pair.whole)) {
            parts[*at].pairs.push(pair);
        }
    }
    parts
}

/// The people that a cell is about, however they are counted. It is no key of a cell, unless no dimension counts the same
/// people.
pub(super) fn group(key: &CellKey, same_people: &[usize]) -> CellKey {
    let codes = key.codes().iter().enumerate();
    let codes = codes.filter(|(at, _)| !same_people.contains(at));
    CellKey::new(codes.map(|(_, code)| code.clone()))
}

/// Sets of keys that grow together: the smaller under the larger, and ways to the top halved at every look.
#[derive(Debug, Default)]
struct Together {
    places: HashMap<CellKey, usize>,
    above: Vec<usize>,
    sizes: Vec<usize>,
}

impl Together {
    /// The place that stands for the set of a key; a key that was not met before is a set of its own.
    fn root(&mut self, key: &CellKey) -> usize {
        let Some(mut at) = self.places.get(key).copied() else {
            let at = self.above.len();
            self.places.insert(key.clone(), at);
            self.above.push(at);
            self.sizes.push(1);
            return at;
        };
        while self.above[at] != at {
            self.above[at] = self.above[self.above[at]];
            at = self.above[at];
        }
        at
    }

    fn join(&mut self, one: &CellKey, other: &CellKey) {
        let (one, other) = (self.root(one), self.root(other));
        let (large, small) = if self.sizes[one] < self.sizes[other] {
            (other, one)
        } else {
            (one, other)
        };
        if large != small {
            self.above[small] = large;
            self.sizes[large] += self.sizes[small];
        }
    }
}
