//! What is known of names, postcodes and municipality codes, ready for lookup. Immutable once built; made by
//! [`GazetteerBuilder`](super::GazetteerBuilder). Does no file I/O: the caller gives bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::RwLock;

use super::build::{BuildError, GazetteerBuilder};
use super::code::NutsCode;
use super::country::lands_hinted;
use super::normal::{Kind, Name, read_name};
use super::query::Resolved;
use crate::read::Limits;

/// What an entry under a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EntryKind {
    /// Kreisfreie Stadt, Stadtkreis.
    City,
    /// NUTS 3 region whose name does not say what it is ("Unna", "Hamburg", "Erzgebirgskreis").
    Plain,
    /// Landkreis or län.
    District,
    /// Kommun.
    Municipality,
    /// Place of a postcode table.
    Place,
    /// First half of the double name of a place ("Karlsdorf" of Karlsdorf-Neuthard).
    Half,
    /// NUTS 2.
    Province,
    /// NUTS 1.
    Land,
    /// NUTS 0.
    Country,
    /// Another name of a region, used by programmes.
    Alias,
}

/// A region under a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) code: NutsCode,
    pub(super) kind: EntryKind,
    pub(super) quals: Vec<String>,
}

/// How a published name fits an entry of the same base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// Neither has a qualifier.
    Plain,
    /// Both have one, and they agree.
    Qualified,
    /// One of the two has a qualifier.
    Loose,
}

/// Where a postcode lies.
#[derive(Clone, Debug, Default)]
pub(super) struct Postcode {
    /// By the official table, which names one region for each.
    pub(super) official: Option<NutsCode>,
    /// By the places that have this postcode.
    pub(super) by_places: Vec<NutsCode>,
}

impl Postcode {
    pub(super) fn add(&mut self, code: NutsCode) {
        if !self.by_places.contains(&code) {
            self.by_places.push(code);
        }
    }
}

/// Names, postcodes and codes of the reference tables. Share it in an `Arc`.
#[derive(Debug, Default)]
pub struct Gazetteer {
    pub(super) hash: String,
    pub(super) nuts_version: &'static str,
    pub(super) regions: BTreeMap<NutsCode, String>,
    /// By country and number of the postcode.
    pub(super) postcodes: HashMap<(&'static str, u32), Postcode>,
    pub(super) communities: BTreeMap<String, NutsCode>,
    /// Codes of Kreise that are no more, which `communities` leads to the one that holds them.
    pub(super) former: BTreeSet<String>,
    /// By country and base of the name.
    pub(super) names: HashMap<&'static str, HashMap<String, Vec<Entry>>>,
    /// Outcomes by the cells of a row, see `column`: lists of one publisher name the same places.
    pub(super) remembered: RwLock<HashMap<Vec<u8>, Resolved>>,
    /// Large places abroad, by reading country and base.
    pub(super) foreign: HashMap<(&'static str, String), &'static str>,
}

impl Gazetteer {
    /// Builds a gazetteer from `(role, country, bytes)` of the declared reference tables; roles are `postcode_nuts`,
    /// `nuts`, `place_postcode`, `municipality` and `postal_municipality`. Fails if a role is unknown, a table lacks a
    /// column, has no rows or cannot be read.
    pub fn bundled(tables: &[(&str, &str, &[u8])]) -> Result<Self, BuildError> {
        Self::read(tables, &Limits::default())
    }

    /// As [`Gazetteer::bundled`], with tables that are read within limits and, if these name readers, in processes of their
    /// own.
    pub fn read(tables: &[(&str, &str, &[u8])], limits: &Limits) -> Result<Self, BuildError> {
        let mut builder = GazetteerBuilder::within(limits);
        for (role, country, bytes) in tables {
            builder.add(role, country, bytes)?;
        }
        Ok(builder.build())
    }

    /// Sha256 (hex) over roles and bytes of the tables, for the keys of steps that use this gazetteer.
    pub fn content_hash(&self) -> &str {
        &self.hash
    }

    /// Edition of NUTS that the answers are in, worked out from the codes; `unknown` if the tables are too small to tell.
    pub fn nuts_version(&self) -> &'static str {
        self.nuts_version
    }

    /// The official name of a code, if the tables have it.
    pub fn name_of(&self, code: &str) -> Option<&str> {
        self.regions
            .get(&NutsCode::parse(code)?)
            .map(String::as_str)
    }

    /// All codes with their official names.
    pub fn regions(&self) -> &BTreeMap<NutsCode, String> {
        &self.regions
    }

    /// The region that a national code of a Land, Regierungsbezirk or Kreis, län or kommun stands for or lies in, and
    /// whether that code is no more and its Kreis has become part of another.
    pub fn community(&self, code: &str) -> Option<(NutsCode, bool)> {
        let region = self.communities.get(code)?;
        Some((*region, self.former.contains(code)))
    }

    /// Number of regions, postcodes, municipality codes and names, in this order.
    pub fn size(&self) -> [usize; 4] {
        [
            self.regions.len(),
            self.postcodes.len(),
            self.communities.len(),
            self.names.values().map(HashMap::len).sum(),
        ]
    }

    pub(super) fn enter(
        &mut self,
        country: &'static str,
        name: &Name,
        kind: EntryKind,
        code: NutsCode,
    ) {
        if name.base.is_empty() {
            return;
        }
        let entry = Entry {
            code,
            kind,
            quals: name.quals.clone(),
        };
        // "Frankfurt Main": also under the name and its qualifier glued, as some lists leave the preposition out.
        if !name.quals.is_empty() && kind != EntryKind::Alias {
            let glued = format!("{}{}", name.base, name.quals.concat());
            let alias = Entry {
                quals: Vec::new(),
                ..entry.clone()
            };
            self.names
                .entry(country)
                .or_default()
                .entry(glued)
                .or_default()
                .push(alias);
        }
        self.names
            .entry(country)
            .or_default()
            .entry(name.base.clone())
            .or_default()
            .push(entry);
    }

    /// Sorts and thins the lists of entries, so that lookups do not depend on the order of the tables' rows.
    pub(super) fn settle(&mut self) {
        for entries in self.names.values_mut().flat_map(HashMap::values_mut) {
            entries.sort_unstable();
            entries.dedup();
        }
        for postcode in self.postcodes.values_mut() {
            postcode.by_places.sort_unstable();
        }
    }

    /// NUTS 3 regions of a Land that a Kreis label names, by name and, where it is stated, kind.
    pub(super) fn kreis_named(&self, name: &Name, land: NutsCode) -> Vec<NutsCode> {
        let entries = self
            .fitting("DE", name)
            .filter(|(e, _)| e.code.within(land));
        let fits = |kind: EntryKind| match name.kind {
            Kind::City | Kind::Town => kind == EntryKind::City || kind == EntryKind::Plain,
            Kind::District => matches!(kind, EntryKind::District | EntryKind::Plain),
            _ => matches!(
                kind,
                EntryKind::City | EntryKind::District | EntryKind::Plain
            ),
        };
        let mut found: Vec<(EntryKind, NutsCode)> = entries
            .filter(|(e, _)| fits(e.kind))
            .map(|(e, _)| (e.kind, e.code))
            .collect();
        if matches!(name.kind, Kind::City | Kind::Town)
            && found.iter().any(|(kind, _)| *kind == EntryKind::City)
        {
            found.retain(|(kind, _)| *kind == EntryKind::City);
        }
        found.into_iter().map(|(_, code)| code).collect()
    }

    /// The län of a full or short name.
    pub(super) fn county_named(&self, text: &str) -> Option<NutsCode> {
        let name = read_name("SE", text);
        let mut found = self
            .fitting("SE", &name)
            .filter(|(e, _)| e.code.level() == 3);
        let first = found.find(|(e, _)| {
            matches!(
                e.kind,
                EntryKind::District | EntryKind::Plain | EntryKind::Alias
            )
        });
        first.map(|(e, _)| e.code)
    }

    /// Entries of a name's base that its qualifiers do not exclude.
    pub(super) fn fitting<'a>(
        &'a self,
        country: &'static str,
        name: &'a Name,
    ) -> impl Iterator<Item = (&'a Entry, Fit)> + 'a {
        let entries = self
            .names
            .get(country)
            .and_then(|names| names.get(&name.base))
            .map(Vec::as_slice)
            .unwrap_or_default();
        entries
            .iter()
            .filter_map(move |entry| fit(name, entry).map(|fit| (entry, fit)))
    }

    /// The NUTS 3 regions known under a name just as it is written; of a kreisfreie Stadt and its namesakes the city.
    pub(super) fn known_under(&self, country: &'static str, text: &str) -> Vec<NutsCode> {
        let name = read_name(country, text);
        let hits = self
            .fitting(country, &name)
            .filter(|(e, fit)| e.code.level() == 3 && *fit != Fit::Loose);
        let hits: Vec<&Entry> = hits.map(|(e, _)| e).collect();
        let city = hits.iter().any(|e| e.kind == EntryKind::City);
        hits.iter()
            .filter(|e| !city || e.kind == EntryKind::City)
            .map(|e| e.code)
            .collect()
    }
}

/// Compares qualifiers: one is the beginning of the other ("m" of "main"), or one names the entry's Land ("thuer").
fn fit(name: &Name, entry: &Entry) -> Option<Fit> {
    match (name.quals.is_empty(), entry.quals.is_empty()) {
        (true, true) => Some(Fit::Plain),
        (true, false) => Some(Fit::Loose),
        (false, _) => {
            let agree =
                |a: &String, b: &String| a.starts_with(b.as_str()) || b.starts_with(a.as_str());
            let land = entry.code.at_level(1);
            if name.quals.iter().any(|a| {
                entry.quals.iter().any(|b| agree(a, b)) || lands_hinted(a).any(|l| l == land)
            }) {
                Some(Fit::Qualified)
            } else if entry.quals.is_empty() {
                Some(Fit::Loose)
            } else {
                None
            }
        }
    }
}
