//! What the files that are not read say of the operations of those that are: whether they have to be read for it, and what the
//! release knows of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Grown;
use crate::merge::Part;
use crate::merge::before::Before;
use crate::merge::change::amounts;
use crate::merge::identity::second;

impl Grown {
    /// The positions of vintages that are not read and have to be, for what the `new` files say of operations. `old` are the parts
    /// that were read, by position.
    pub(super) fn said(&self, old: &BTreeMap<usize, &Part>, new: &[&Part]) -> BTreeSet<usize> {
        let known: BTreeMap<usize, _> = (old.iter())
            .map(|(position, part)| (*position, amounts(&[*part])))
            .collect();
        // Operations with an amount that the part which says them now does not have: an earlier one may.
        let now = amounts(new);
        let more = now.keys().filter(|key| {
            let standing = self.standing.get(key.0);
            let known = standing.and_then(|standing| known.get(&standing.position));
            known.is_some_and(|known| !known.contains_key(*key))
        });
        let more: HashSet<&str> = more.map(|key| key.0).collect();
        // Many have the same answer.
        let mut asked: BTreeSet<(usize, Option<usize>, Option<i32>, bool)> = BTreeSet::new();
        for id in new.iter().flat_map(|part| part.ids.ids.iter().flatten()) {
            let Some(standing) = self.standing.get(id) else {
                continue;
            };
            // Of equal operations of a part it matters whether one is among them.
            let whole = more.contains(id) || self.standing.contains_key(&second(id));
            asked.insert((standing.position, standing.changed, standing.first, whole));
        }
        let mut said = BTreeSet::new();
        for (last, changed, first, whole) in asked {
            said.insert(last);
            // Whoever named it before has a row that is overridden. It is as it is since the first of those behind its last change.
            let before = self.overridden.range(..last).copied();
            said.extend(before.filter(|position| {
                let is_behind = changed.is_some_and(|changed| *position > changed);
                self.parts.days[*position] >= first && (whole || is_behind)
            }));
        }
        said.retain(|position| !self.parts.read.contains(position));
        said
    }

    /// What the vintages that are read need to know of the others.
    pub(super) fn before(&self, old: &BTreeMap<usize, &Part>, new: &[&Part]) -> Before {
        let mut before = Before {
            release: Some(self.release),
            ..Before::default()
        };
        for (id, standing) in &self.standing {
            if self.parts.read.contains(&standing.position) {
                before.firsts.insert(id.clone(), standing.first);
            } else {
                before.elsewhere.insert(id.clone());
            }
        }
        let named = new.iter().flat_map(|part| part.ids.ids.iter().flatten());
        let named: HashSet<&str> = named.collect();
        for (position, part) in old {
            for id in part.ids.ids.iter().flatten() {
                let Some(standing) = self.standing.get(id).filter(|_| named.contains(id)) else {
                    continue;
                };
                let since = match standing.changed {
                    None => Some(standing.first),
                    Some(changed) if changed < *position => Some(self.parts.days[*position]),
                    Some(_) => None,
                };
                // The oldest of them comes first.
                if let Some(since) = since {
                    before.since.entry(id.to_owned()).or_insert(since);
                }
                if standing.position == *position {
                    let file = &part.file;
                    let key = (file.source.source_id.clone(), file.sha256.clone());
                    before.stands.insert(id.to_owned(), key);
                }
            }
        }
        before
    }
}
