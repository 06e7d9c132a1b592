//! Regions over time: which codes a version of NUTS has, and which region of another version holds a region whole.
//!
//! Knows one published version and the declared changes (code list `nuts_change`); the other versions follow from them,
//! for the countries and versions that the code list `nuts_count` says are known. The changes name regions of level 3.
//! What happened to coarser regions follows from their parts; borders that moved between two parts of one coarser region
//! do not touch it. Nothing is shared out: a region that was divided has no counterpart, but a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use esf_schemas::code_list;

use super::code::NutsCode;
use super::normal::read_name;

/// The level at which changes are declared.
const FINEST: u8 = 3;

/// What became of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same region under another code.
    Recoded,
    /// The whole region became part of another.
    Merged,
    /// Its parts went to several regions.
    Split,
    /// Borders moved, or several regions may have taken it over.
    Boundary,
}

impl Relation {
    /// The word for it in declarations and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recoded => "recoded",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Boundary => "boundary",
        }
    }

    /// The relation of this name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Recoded, Self::Merged, Self::Split, Self::Boundary]
            .into_iter()
            .find(|relation| relation.name() == name)
    }
}

/// A change of one code from a version to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Number of the entry in its list.
    pub entry: i64,
    /// Code in the older version.
    pub from: NutsCode,
    /// Code in the newer version.
    pub to: NutsCode,
    /// The older version.
    pub from_version: String,
    /// The newer version.
    pub to_version: String,
    /// What became of the region.
    pub relation: Relation,
    /// Name of the older region.
    pub name: Option<String>,
    /// Kind of change in the words of its source.
    pub change: Option<String>,
    /// Whether it is confirmed.
    pub status: String,
    /// What else is known.
    pub note: Option<String>,
}

/// The declared changes, in the order of the list.
pub fn changes() -> &'static [Change] {
    static CHANGES: LazyLock<Vec<Change>> = LazyLock::new(|| {
        let entries = code_list("nuts_change").map_or(&[][..], |list| &list.entries);
        let text = |value: Option<&str>| value.map(String::from);
        let read = entries.iter().enumerate().filter_map(|(at, entry)| {
            Some(Change {
                entry: at as i64 + 1,
                from: NutsCode::parse(entry.get("from_code")?)?,
                to: NutsCode::parse(entry.get("to_code")?)?,
                from_version: entry.get("from_version")?.into(),
                to_version: entry.get("to_version")?.into(),
                relation: Relation::of(entry.get("relation")?)?,
                name: text(entry.get("name")),
                change: text(entry.get("change")),
                status: entry.status.clone(),
                note: text(entry.get("note")),
            })
        });
        read.collect()
    });
    &CHANGES
}

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

/// The codes that a code became, with the position of the change.
type Moves = BTreeMap<NutsCode, Vec<(NutsCode, usize)>>;

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

/// The changes between neighbours, by code and in both directions.
fn moves(order: &[String], changes: &[Change]) -> BTreeMap<(usize, usize), Moves> {
    let mut moves: BTreeMap<(usize, usize), Moves> = BTreeMap::new();
    let at = |version: &str| order.iter().position(|v| v == version);
    for (index, change) in changes.iter().enumerate() {
        let (Some(from), Some(to)) = (at(&change.from_version), at(&change.to_version)) else {
            continue;
        };
        for (key, old, new) in [
            ((from, to), change.from, change.to),
            ((to, from), change.to, change.from),
        ] {
            let of_code = moves.entry(key).or_default().entry(old).or_default();
            of_code.push((new, index));
        }
    }
    moves
}

fn listed(codes: impl Iterator<Item = String>) -> String {
    codes.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> NutsCode {
        NutsCode::parse(text).unwrap()
    }

    /// A few regions of 2024 that went through every kind of change.
    fn versions() -> Versions {
        let regions = [
            "DE", "DE4", "DE40", "DE401", "DE8", "DE80", "DE80J", "DE80N", "DE80K", "DE9", "DE91",
            "DE91C", "DEB", "DEB1", "DEB1C", "DED", "DED4", "DED43", "DED45", "DED5", "DED52",
            "DEG", "DEG0", "DEG0R", "DEG0S", "DEA", "DEA1", "DEA16", "SE", "SE1", "SE11", "SE110",
        ];
        let regions = regions
            .iter()
            .map(|c| (code(c), format!("Name of {c}")))
            .collect();
        Versions::derive("2024", &regions)
    }

    fn converted(code_: &str, from: &str, to: &str) -> Conversion {
        versions().convert(code(code_), from, to).unwrap()
    }

    #[test]
    fn every_declared_change_can_be_read() {
        let declared = code_list("nuts_change").unwrap().entries.len();
        assert_eq!(changes().len(), declared);
    }

    #[test]
    fn versions_follow_from_the_changes() {
        let versions = versions();
        assert_eq!(
            versions.names().collect::<Vec<_>>(),
            ["2006", "2010", "2013", "2016", "2021", "2024"]
        );
        for (version, has, not) in [
            ("2021", "DEG0N", "DEG0R"),
            ("2013", "DE915", "DE91C"),
            ("2010", "DE808", "DE80J"),
            ("2006", "DE421", "DE401"),
        ] {
            assert!(versions.has(version, code(has)), "{version} {has}");
            assert!(!versions.has(version, code(not)), "{version} {not}");
        }
        assert!(versions.has("2006", code("DE42")) && !versions.has("2006", code("DE40")));
        assert_eq!(
            versions.sets["2010"][&code("DE808")].name.as_deref(),
            Some("Demmin")
        );
    }

    #[test]
    fn what_is_exact_is_converted() {
        assert_eq!(
            converted("DEA16", "2006", "2024"),
            Conversion::Same(code("DEA16"))
        );
        assert_eq!(
            converted("SE110", "2024", "2010"),
            Conversion::Same(code("SE110"))
        );
        assert_eq!(
            converted("DE421", "2006", "2024"),
            Conversion::Same(code("DE401"))
        );
        assert_eq!(
            converted("DE401", "2024", "2006"),
            Conversion::Same(code("DE421"))
        );
        assert_eq!(
            converted("DE915", "2013", "2024"),
            Conversion::PartOf(code("DE91C"))
        );
        assert_eq!(
            converted("DEG0N", "2010", "2024"),
            Conversion::PartOf(code("DEG0R"))
        );
    }

    #[test]
    fn what_is_not_exact_has_a_reason() {
        for (from_code, from, to, reason) in [
            (
                "DE91C",
                "2024",
                "2013",
                "was put together of DE915 Göttingen, DE919 Osterode am Harz",
            ),
            ("DE808", "2010", "2013", "former Demmin split between both"),
            ("DEB16", "2013", "2016", "borders changed"),
            ("DEG04", "2021", "2024", "borders changed"),
        ] {
            let Conversion::Divided(why) = converted(from_code, from, to) else {
                panic!("{from_code}");
            };
            assert!(why.contains(reason), "{why}");
        }
        assert_eq!(versions().convert(code("DEZZZ"), "2024", "2021"), None);
        assert_eq!(versions().convert(code("DEA16"), "2024", "1999"), None);
    }

    #[test]
    fn coarser_regions_follow_their_parts() {
        // Borders that moved within a region do not touch it.
        assert_eq!(
            converted("DE80", "2010", "2024"),
            Conversion::Same(code("DE80"))
        );
        assert_eq!(
            converted("DEG0", "2021", "2024"),
            Conversion::Same(code("DEG0"))
        );
        assert_eq!(
            converted("DE42", "2006", "2010"),
            Conversion::Same(code("DE40"))
        );
        // Döbeln went from the region of Leipzig to that of Chemnitz.
        assert!(matches!(
            converted("DED3", "2006", "2010"),
            Conversion::Divided(_)
        ));
        assert_eq!(
            converted("DED1", "2006", "2010"),
            Conversion::PartOf(code("DED4"))
        );
        assert_eq!(
            converted("DED", "2006", "2024"),
            Conversion::Same(code("DED"))
        );
    }

    #[test]
    fn a_district_is_found_by_its_name_among_the_regions_it_became() {
        let versions = versions();
        let named = |name: &str| versions.namesake(code("DEG0R"), "2024", "2021", name);
        assert_eq!(named("Eisenach, kreisfreie Stadt"), Some(code("DEG0N")));
        assert_eq!(named("Wartburgkreis"), Some(code("DEG0P")));
        assert_eq!(named("Suhl"), None);
        let suhl = versions.namesake(code("DEG0S"), "2024", "2021", "Suhl, kreisfreie Stadt");
        assert_eq!(suhl, Some(code("DEG04")));
    }
}
