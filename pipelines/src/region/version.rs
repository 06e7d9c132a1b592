//! Regions over time: which codes a version of NUTS has, and which region of another version holds a region whole.
//!
//! Knows one published version and the declared changes (code list `nuts_change`); the other versions follow from them,
//! for the countries and versions that the code list `nuts_count` says are known. The changes name regions of level 3.
//! What happened to coarser regions follows from their parts; borders that moved between two parts of one coarser region
//! do not touch it. Nothing is shared out: a region that was divided has no counterpart, but a reason.

mod change;
mod convert;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use esf_schemas::code_list;

pub use change::{Change, Relation, changes};
pub use convert::Conversion;

use super::code::NutsCode;
use change::{Moves, moves};

/// The level at which changes are declared.
const FINEST: u8 = 3;

/// A region of a version.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Known {
    /// Its name, where it is known.
    pub name: Option<String>,
    /// The change that it was derived from, by its entry.
    pub entry: Option<i64>,
    /// Whether it stands in the published table of its own version.
    pub published: bool,
}

/// Codes and names of all versions that are known.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    /// From the oldest to the newest.
    order: Vec<String>,
    sets: BTreeMap<String, BTreeMap<NutsCode, Known>>,
    changes: Vec<Change>,
    /// What changed between two neighbours in `order`, in both directions.
    moves: BTreeMap<(usize, usize), Moves>,
}

impl Versions {
    /// Derives the other versions from a published one, by the declared changes.
    pub fn derive(version: &str, regions: &BTreeMap<NutsCode, String>) -> Self {
        Self::with(version, regions, changes())
    }

    /// The same by given changes.
    pub fn with(version: &str, regions: &BTreeMap<NutsCode, String>, changes: &[Change]) -> Self {
        let counts = code_list("nuts_count").map_or(&[][..], |list| &list.entries);
        let mut known: BTreeSet<(&str, &str)> = BTreeSet::new();
        known.extend(
            counts
                .iter()
                .filter_map(|e| Some((e.get("version")?, e.get("country")?))),
        );
        let mut order: BTreeSet<&str> = known.iter().map(|(v, _)| *v).collect();
        order.insert(version);
        let order: Vec<String> = order.into_iter().map(String::from).collect();
        let published = regions.iter().map(|(code, name)| {
            let known = Known {
                name: Some(name.clone()),
                entry: None,
                published: true,
            };
            (*code, known)
        });
        let mut versions = Self {
            sets: BTreeMap::from([(version.to_owned(), published.collect())]),
            moves: moves(&order, changes),
            changes: changes.to_vec(),
            order,
        };
        let Some(start) = versions.order.iter().position(|v| v == version) else {
            return versions;
        };
        let countries = |version: &str| -> BTreeSet<&str> {
            let of = known.iter().filter(|(v, _)| *v == version);
            of.map(|(_, country)| *country).collect()
        };
        for at in (0..start).rev() {
            versions.step_set(at + 1, at, &countries(&versions.order[at].clone()));
        }
        for at in start + 1..versions.order.len() {
            versions.step_set(at - 1, at, &countries(&versions.order[at].clone()));
        }
        versions
    }

    /// What a code became in the neighbouring version, by the changes that name it.
    fn moved(&self, code: NutsCode, here: usize, next: usize) -> &[(NutsCode, usize)] {
        let moves = self.moves.get(&(here, next));
        moves.and_then(|m| m.get(&code)).map_or(&[], Vec::as_slice)
    }

    /// Makes the set of a version from that of its neighbour.
    fn step_set(&mut self, here: usize, next: usize, countries: &BTreeSet<&str>) {
        let (from, to) = (self.order[here].as_str(), self.order[next].clone());
        let Some(neighbour) = self.sets.get(from) else {
            return;
        };
        let of_known = |code: &NutsCode| countries.contains(code.at_level(0).as_str());
        let mut set: BTreeMap<NutsCode, Known> = neighbour
            .iter()
            .filter(|(code, _)| of_known(code))
            .map(|(code, known)| {
                let known = Known {
                    published: false,
                    ..known.clone()
                };
                (*code, known)
            })
            .collect();
        let mut gone = BTreeSet::new();
        let mut come: BTreeMap<NutsCode, Known> = BTreeMap::new();
        for old in neighbour.keys() {
            for (new, at) in self.moved(*old, here, next) {
                let change = &self.changes[*at];
                if old == new {
                    continue;
                }
                gone.insert(*old);
                // The list names the older region only.
                let name = (change.to_version == from).then(|| change.name.clone());
                come.insert(
                    *new,
                    Known {
                        name: name.flatten(),
                        entry: Some(change.entry),
                        published: false,
                    },
                );
            }
        }
        let parents = |codes: &mut dyn Iterator<Item = NutsCode>| -> BTreeSet<NutsCode> {
            let up = |code: NutsCode| (1..FINEST).map(move |level| code.at_level(level));
            codes.flat_map(up).collect()
        };
        let had = parents(&mut gone.iter().copied());
        set.retain(|code, _| !gone.contains(code));
        set.extend(come.iter().map(|(code, known)| (*code, known.clone())));
        let finest = || set.keys().copied().filter(|code| code.level() == FINEST);
        let left = parents(&mut finest());
        for (code, known) in &come {
            for parent in parents(&mut std::iter::once(*code)) {
                set.entry(parent).or_insert(Known {
                    name: None,
                    ..known.clone()
                });
            }
        }
        set.retain(|code, _| code.level() >= FINEST || !had.contains(code) || left.contains(code));
        self.sets.insert(to, set);
    }

    /// The versions, from the oldest to the newest.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let known = self.order.iter().filter(|v| self.sets.contains_key(*v));
        known.map(String::as_str)
    }

    /// The regions of a version.
    pub fn regions(&self, version: &str) -> impl Iterator<Item = (&NutsCode, &Known)> {
        self.sets.get(version).into_iter().flatten()
    }

    /// Whether a version is known at all, and has this code.
    pub fn has(&self, version: &str, code: NutsCode) -> bool {
        self.sets
            .get(version)
            .is_some_and(|set| set.contains_key(&code))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.sets.values().all(BTreeMap::is_empty)
    }

    /// Gives regions that have no name one, by another list.
    pub fn name(&mut self, version: &str, code: NutsCode, name: &str) {
        let known = self.sets.get_mut(version).and_then(|s| s.get_mut(&code));
        if let Some(known) = known.filter(|known| known.name.is_none()) {
            known.name = Some(name.to_owned());
        }
    }
}
