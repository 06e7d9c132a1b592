//! Tables of counts: dimensions with their hierarchies, cells, and the additive relations between them.
//!
//! Owns the types at the border and their checks; decides nothing. Cells are kept by key, so that the order of input
//! never matters. A cell that is not in the table, or has no count, is unknown and not zero: what its siblings leave
//! of a published total is then a *remainder* that an attacker can subtract, and is protected like a cell.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use super::DisclosureError;

/// The codes of one cell, one for each dimension in the order of the table. Clones share them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey(Arc<[String]>);

impl CellKey {
    /// A key of these codes.
    pub fn new<S: Into<String>>(codes: impl IntoIterator<Item = S>) -> Self {
        Self(codes.into_iter().map(Into::into).collect())
    }

    /// The codes in the order of the dimensions.
    pub fn codes(&self) -> &[String] {
        &self.0
    }

    /// A key with another code in one place.
    pub(crate) fn with(&self, at: usize, code: &str) -> Self {
        let mut codes = self.0.to_vec();
        code.clone_into(&mut codes[at]);
        Self(codes.into())
    }
}

impl fmt::Display for CellKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({})", self.0.join(", "))
    }
}

/// A number of people (or of the smallest unit of money), 0 to 10^15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count(i64);

impl Count {
    /// The largest count that the audit's exact arithmetic takes.
    pub const MAX: i64 = 1_000_000_000_000_000;

    /// Fails for negative numbers and for those above [`Count::MAX`].
    pub fn new(value: i64) -> Result<Self, DisclosureError> {
        match value {
            ..0 => Err(DisclosureError::NegativeCount { value }),
            0..=Self::MAX => Ok(Self(value)),
            _ => Err(DisclosureError::CountTooLarge { value }),
        }
    }

    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

/// How a cell's magnitude is shared among the operations (units) behind it: the input of the dominance rules
/// (Hundepool et al., Handbook on Statistical Disclosure Control, 4.2.1, table of sensitivity rules).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contributions {
    pub(crate) units: u32,
    pub(crate) total: Count,
    pub(crate) first: Count,
    pub(crate) second: Count,
}

impl Contributions {
    /// `total` is the magnitude of the cell (money in cents, or people again), `first` and `second` its two largest
    /// contributions, `units` the number of contributors. Fails if they contradict each other.
    pub fn new(
        units: u32,
        total: Count,
        first: Count,
        second: Count,
    ) -> Result<Self, DisclosureError> {
        if first < second
            || first.0 + second.0 > total.0
            || (units < 2 && second.0 > 0)
            || (units == 0 && total.0 > 0)
        {
            return Err(DisclosureError::Contributions {
                first: first.0 as u64,
                second: second.0 as u64,
                total: total.0 as u64,
            });
        }
        Ok(Self {
            units,
            total,
            first,
            second,
        })
    }
}

/// One cell as counted, before any control: it belongs into the restricted store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// The number of people; none where the cell does not apply or was never counted.
    pub count: Option<Count>,
    /// The magnitude shown beside the count, if there is one.
    pub contributions: Option<Contributions>,
}

impl Cell {
    /// A cell with a count and no magnitude.
    pub fn counted(count: Count) -> Self {
        Self {
            count: Some(count),
            contributions: None,
        }
    }
}

/// One dimension: its hierarchies and whether its codes are a sensitive attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    pub(crate) name: String,
    pub(crate) hierarchies: Vec<BTreeMap<String, String>>,
    pub(crate) sensitive: bool,
}

impl Dimension {
    /// A dimension without totals, such as a period: nothing is added up along it.
    pub fn flat(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            hierarchies: Vec::new(),
            sensitive: false,
        }
    }

    /// Adds a hierarchy (code → parent). Several may stand beside each other when totals of both are published,
    /// such as regions by NUTS and by kind of area. Fails if a code is its own ancestor.
    pub fn hierarchy<S: Into<String>>(
        mut self,
        pairs: impl IntoIterator<Item = (S, S)>,
    ) -> Result<Self, DisclosureError> {
        let tree: BTreeMap<String, String> = pairs
            .into_iter()
            .map(|(code, parent)| (code.into(), parent.into()))
            .collect();
        for start in tree.keys() {
            let mut code = start;
            for _ in 0..=tree.len() {
                match tree.get(code) {
                    Some(parent) => code = parent,
                    None => break,
                }
            }
            if tree.contains_key(code) {
                return Err(DisclosureError::Cycle {
                    dimension: self.name,
                    code: start.clone(),
                });
            }
        }
        self.hierarchies.push(tree);
        Ok(self)
    }

    /// Declares the codes a sensitive attribute (Art. 9 GDPR, labour status): a group whose members all share one of
    /// them is a group disclosure, and then zeros are hidden too (domain guide, section 7).
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
}

/// Whether parts add up to totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Additivity {
    /// They do, up to what is not in the table.
    #[default]
    Exact,
    /// The producer has added noise to every value, totals too (SCB's Cell Key Method from 2025, scb.se/FAQ-CKM):
    /// parts need not add up, nothing can be subtracted exactly, and only the primary rules apply.
    Perturbed,
}

/// An additive relation that no hierarchy states: `total` = `parts` + what is not published. With one part it
/// declares a complement, such as participants = employed after leaving + the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation {
    /// The sum.
    pub total: CellKey,
    /// The summands; those not in the table are part of the remainder.
    pub parts: Vec<CellKey>,
}

/// What a [`Pair`] leaves: what its whole counts and its part does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rest {
    /// People: those of whom an attribute is known and not true. Few of them are protected like a small cell; and where
    /// there are none of them, or nobody else, the part tells of every member of the group and is hidden.
    People,
    /// No people: the second and later participations of a person. They are not protected.
    Repeats,
}

/// A count that is at most another one and nobody can tell what they have between them, unless both are shown: those of
/// whom something is true and those of whom it is known, persons and their participations.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The larger count.
    pub whole: CellKey,
    /// The smaller one.
    pub part: CellKey,
    /// What lies between them.
    pub rest: Rest,
}

/// A table of counts with everything that is additive in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) cells: BTreeMap<CellKey, Cell>,
    pub(crate) relations: BTreeSet<Relation>,
    pub(crate) pairs: BTreeSet<Pair>,
    pub(crate) additivity: Additivity,
}

impl Table {
    /// An empty table over these dimensions.
    pub fn new(dimensions: Vec<Dimension>) -> Self {
        Self {
            dimensions,
            cells: BTreeMap::new(),
            relations: BTreeSet::new(),
            pairs: BTreeSet::new(),
            additivity: Additivity::Exact,
        }
    }

    /// Declares whether parts add up.
    #[must_use]
    pub fn additivity(mut self, additivity: Additivity) -> Self {
        self.additivity = additivity;
        self
    }

    /// Adds a cell. Fails for a key of the wrong length and for a cell that is there already.
    pub fn insert(&mut self, key: CellKey, cell: Cell) -> Result<(), DisclosureError> {
        if key.0.len() != self.dimensions.len() {
            return Err(DisclosureError::Arity {
                key,
                expected: self.dimensions.len(),
            });
        }
        if self.cells.contains_key(&key) {
            return Err(DisclosureError::DuplicateCell { key });
        }
        self.cells.insert(key, cell);
        Ok(())
    }

    /// Adds a relation that no hierarchy states.
    pub fn relate(&mut self, mut relation: Relation) {
        relation.parts.sort();
        relation.parts.dedup();
        self.relations.insert(relation);
    }

    /// Adds a pair. One whose part is more than its whole says nothing.
    pub fn pair(&mut self, pair: Pair) {
        self.pairs.insert(pair);
    }

    /// The count of a cell, where it is there and has one.
    pub(crate) fn count(&self, key: &CellKey) -> Option<i64> {
        Some(self.cells.get(key)?.count?.get())
    }

    /// The pairs of cells that have counts, with these.
    pub(crate) fn all_pairs(&self) -> impl Iterator<Item = (&Pair, i64, i64)> {
        self.pairs.iter().filter_map(move |pair| {
            let (whole, part) = (self.count(&pair.whole)?, self.count(&pair.part)?);
            (part <= whole).then_some((pair, whole, part))
        })
    }

    /// The parts whose zeros are hidden as well, so that nobody knows of a hidden one that it is at least 1.
    pub(crate) fn attributes(&self) -> BTreeSet<CellKey> {
        let of_people =
            |(pair, whole, _): &(&Pair, i64, i64)| pair.rest == Rest::People && *whole > 0;
        let parts = self.all_pairs().filter(of_people);
        parts.map(|(pair, ..)| pair.part.clone()).collect()
    }

    /// The parts that tell of every member of their group: that all of them have an attribute, or none. With a zero goes
    /// every zero that holds it, from which it would follow.
    pub(crate) fn whole_groups(&self) -> BTreeSet<CellKey> {
        let of_people = self.all_pairs().filter(|(pair, whole, part)| {
            pair.rest == Rest::People && *whole > 0 && (*part == 0 || part == whole)
        });
        let mut found: BTreeSet<CellKey> = of_people.map(|(pair, ..)| pair.part.clone()).collect();
        if found.is_empty() {
            return found;
        }
        let mut above: BTreeMap<CellKey, Vec<CellKey>> = BTreeMap::new();
        let mut holds = |part: CellKey, total: &CellKey| {
            if self.count(total) == Some(0) {
                above.entry(part).or_default().push(total.clone());
            }
        };
        for (_, relation) in self.all_relations() {
            for part in relation.parts {
                holds(part, &relation.total);
            }
        }
        for (pair, ..) in self.all_pairs() {
            holds(pair.part.clone(), &pair.whole);
        }
        let mut open: Vec<CellKey> = found.iter().cloned().collect();
        while let Some(key) = open.pop() {
            let totals = above.get(&key).into_iter().flatten();
            open.extend(
                totals
                    .filter(|total| found.insert((*total).clone()))
                    .cloned(),
            );
        }
        found
    }

    /// The cells in the order of their keys.
    pub fn cells(&self) -> impl Iterator<Item = (&CellKey, &Cell)> {
        self.cells.iter()
    }

    /// All relations between cells that have a count: those of every hierarchy and those added. A part that is
    /// missing is replaced by the nearest descendants that are there.
    pub(crate) fn all_relations(&self) -> Vec<(Option<usize>, Relation)> {
        let there = |key: &CellKey| self.count(key).is_some();
        // The key as the table holds it: there are as many parts as cells in each dimension, and they share its codes.
        let held = |key: &CellKey| {
            let (held, cell) = self.cells.get_key_value(key)?;
            cell.count.map(|_| held.clone())
        };
        let mut all = Vec::new();
        for (at, dimension) in self.dimensions.iter().enumerate() {
            for tree in &dimension.hierarchies {
                let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
                for (code, parent) in tree {
                    children.entry(parent).or_default().push(code);
                }
                for key in self.cells.keys().filter(|key| there(key)) {
                    let mut parts = Vec::new();
                    let mut open: Vec<&str> = children
                        .get(key.0[at].as_str())
                        .cloned()
                        .unwrap_or_default();
                    while let Some(code) = open.pop() {
                        if let Some(part) = held(&key.with(at, code)) {
                            parts.push(part);
                        } else if let Some(below) = children.get(code) {
                            open.extend(below);
                        }
                    }
                    if !parts.is_empty() {
                        parts.sort();
                        all.push((
                            Some(at),
                            Relation {
                                total: key.clone(),
                                parts,
                            },
                        ));
                    }
                }
            }
        }
        for relation in &self.relations {
            let parts: Vec<_> = relation.parts.iter().filter_map(held).collect();
            if there(&relation.total) && !parts.is_empty() {
                all.push((
                    None,
                    Relation {
                        total: relation.total.clone(),
                        parts,
                    },
                ));
            }
        }
        all
    }
}
