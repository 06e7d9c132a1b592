//! Where a region of one version lies in another: step by step through the versions between them.

use std::collections::BTreeSet;

use super::change::Relation;
use super::{FINEST, Versions};
use crate::region::code::NutsCode;
use crate::region::normal::read_name;

/// How a region is found in another version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// The same region.
    Same(NutsCode),
    /// A region that holds it whole.
    PartOf(NutsCode),
    /// No single region holds it.
    Divided(String),
}

impl Versions {
    /// Where a region of one version lies in another. None where the region or one of the versions is not known.
    pub fn convert(&self, code: NutsCode, from: &str, to: &str) -> Option<Conversion> {
        if !self.has(from, code) || !self.sets.contains_key(to) {
            return None;
        }
        let at = |version: &str| self.order.iter().position(|v| v == version);
        let (mut here, there) = (at(from)?, at(to)?);
        let (mut code, mut whole) = (code, true);
        while here != there {
            let next = if here < there { here + 1 } else { here - 1 };
            match self.step(code, here, next) {
                Conversion::Same(target) => code = target,
                Conversion::PartOf(target) => (code, whole) = (target, false),
                divided @ Conversion::Divided(_) => return Some(divided),
            }
            here = next;
        }
        Some(if whole {
            Conversion::Same(code)
        } else {
            Conversion::PartOf(code)
        })
    }

    /// One step between neighbouring versions.
    fn step(&self, code: NutsCode, here: usize, next: usize) -> Conversion {
        if code.level() < FINEST {
            return self.step_coarse(code, here, next);
        }
        match self.moved(code, here, next) {
            [] => self.stayed(code, next),
            [(new, at)] if self.changes[*at].relation == Relation::Recoded => {
                Conversion::Same(*new)
            }
            [(new, at)] if self.changes[*at].relation == Relation::Merged && here < next => {
                Conversion::PartOf(*new)
            }
            moved => Conversion::Divided(self.divided(code, here, next, moved)),
        }
    }

    /// A coarser region lies where all of its parts lie.
    fn step_coarse(&self, code: NutsCode, here: usize, next: usize) -> Conversion {
        let targets = self.coarse_targets(code, here, next);
        let mut found = targets.iter();
        match (found.next(), found.next()) {
            (None, _) => self.stayed(code, next),
            (Some(only), None) => {
                let back = self.coarse_targets(*only, next, here);
                if back.iter().all(|source| *source == code) {
                    Conversion::Same(*only)
                } else {
                    Conversion::PartOf(*only)
                }
            }
            _ => Conversion::Divided(format!(
                "the parts of {code} lie in several regions of NUTS {} level {}: {}",
                self.order[next],
                code.level(),
                listed(targets.iter().map(ToString::to_string))
            )),
        }
    }

    /// The regions of a coarse level in which the parts of a region lie in the neighbouring version.
    fn coarse_targets(&self, code: NutsCode, here: usize, next: usize) -> BTreeSet<NutsCode> {
        let parts = self.regions(&self.order[here]).map(|(part, _)| *part);
        let parts = parts.filter(|part| part.level() == FINEST && part.within(code));
        let mut targets = BTreeSet::new();
        for part in parts {
            let moved = self.moved(part, here, next);
            let up = |code: NutsCode, level| code.at_level(level);
            targets.extend(moved.iter().map(|(new, _)| up(*new, code.level())));
            if moved.is_empty() {
                targets.insert(up(part, code.level()));
            }
        }
        targets
    }

    fn stayed(&self, code: NutsCode, next: usize) -> Conversion {
        let to = &self.order[next];
        if self.has(to, code) {
            Conversion::Same(code)
        } else {
            Conversion::Divided(format!("NUTS {to} has no {code}, and no change says why"))
        }
    }

    /// Why a region that changed has no counterpart.
    fn divided(
        &self,
        code: NutsCode,
        here: usize,
        next: usize,
        moved: &[(NutsCode, usize)],
    ) -> String {
        let backward = next < here;
        let (from, to) = (&self.order[here], &self.order[next]);
        let changes = || moved.iter().map(|(_, at)| &self.changes[*at]);
        let others = listed(moved.iter().zip(changes()).map(
            |((new, _), change)| match &change.name {
                Some(name) if backward => format!("{new} {name}"),
                _ => new.to_string(),
            },
        ));
        if backward && changes().all(|c| c.relation == Relation::Merged) {
            return format!("{code} was put together of {others}; their shares are not known");
        }
        let note = changes().next().and_then(|change| change.note.as_deref());
        let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
        format!(
            "borders changed between {code} of NUTS {from} and {others} of NUTS {to}; shares are not known{note}"
        )
    }

    /// The regions of a version that a region of another version was made of or became, whether whole or in part.
    fn candidates(&self, code: NutsCode, from: &str, to: &str) -> BTreeSet<NutsCode> {
        let at = |version: &str| self.order.iter().position(|v| v == version);
        let (Some(mut here), Some(there)) = (at(from), at(to)) else {
            return BTreeSet::new();
        };
        let mut codes = BTreeSet::from([code]);
        while here != there {
            let next = if here < there { here + 1 } else { here - 1 };
            let mut found = BTreeSet::new();
            for code in codes {
                let moved = self.moved(code, here, next);
                found.extend(moved.iter().map(|(new, _)| *new));
                if moved.is_empty() && self.has(&self.order[next], code) {
                    found.insert(code);
                }
            }
            codes = found;
            here = next;
        }
        codes
    }

    /// The region of a version that a district of the same name is, of those that a region of another version goes back
    /// to. A district is a region of NUTS as long as both exist, so that borders need not be compared.
    pub fn namesake(&self, code: NutsCode, from: &str, to: &str, name: &str) -> Option<NutsCode> {
        let candidates = self.candidates(code, from, to);
        if let (1, Some(only)) = (candidates.len(), candidates.first()) {
            return Some(*only);
        }
        let country = if code.at_level(0).as_str() == "SE" {
            "SE"
        } else {
            "DE"
        };
        let wanted = read_name(country, name);
        let mut named = candidates.into_iter().filter(|code| {
            let known = self.sets.get(to).and_then(|set| set.get(code));
            let name = known.and_then(|known| known.name.as_deref());
            name.is_some_and(|name| read_name(country, name).base == wanted.base)
        });
        named.next().filter(|_| named.next().is_none())
    }
}

fn listed(codes: impl Iterator<Item = String>) -> String {
    codes.collect::<Vec<_>>().join(", ")
}
