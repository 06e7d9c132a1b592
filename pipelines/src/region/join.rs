//! How the reference tables are joined. A place of the GeoNames table lies in the Kreis of its municipality code, not
//! in that of its postcode, because a postcode may reach over a border and the postcode table names one Kreis only.
//!
//! Traps of the tables, met here: `state_code` is neither AGS nor län code and is not read; postcodes that the
//! official table does not know belong to single recipients of bulk mail, and what stands as their "place" is a firm.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::build::{GazetteerBuilder, known};
use super::code::NutsCode;
use super::country::parse_country;
use super::gazetteer::{EntryKind, Gazetteer};
use super::normal::{Kind, Name, read_name};
use super::postcode::zip_number;
use super::table::each_row;

impl GazetteerBuilder {
    pub(super) fn add_aliases(&self, gazetteer: &mut Gazetteer) {
        // The programme regions' own names; the file is part of the program and read like the others.
        let _ = each_row(
            "alias",
            include_bytes!("alias.csv"),
            ["country", "name", "nuts_code"],
            |[country, name, code]| {
                if let Some((country, code)) = known(country).zip(NutsCode::parse(code))
                    && self.nuts.contains_key(&code)
                {
                    let mut name = read_name(country, name);
                    name.quals.clear();
                    gazetteer.enter(country, &name, EntryKind::Alias, code);
                }
            },
        );
    }

    /// AGS of a Kreis -> NUTS 3: by the majority of its places' postcodes, corrected and confirmed by the names.
    pub(super) fn join_kreise(&self, gazetteer: &Gazetteer) -> BTreeMap<String, NutsCode> {
        let mut votes: BTreeMap<&str, BTreeMap<NutsCode, usize>> = BTreeMap::new();
        let mut labels: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in self
            .places
            .iter()
            .filter(|r| r.country == "DE" && r.community_code.len() == 5)
        {
            if let Some(code) = self.postcodes.get(&(row.country, row.postcode)) {
                *votes
                    .entry(&row.community_code)
                    .or_default()
                    .entry(*code)
                    .or_default() += 1;
                labels
                    .entry(&row.community_code)
                    .or_default()
                    .insert(&row.community);
            }
        }
        let mut out = BTreeMap::new();
        for (ags, votes) in votes {
            let total: usize = votes.values().sum();
            let Some((&most, &n)) = votes
                .iter()
                .max_by_key(|(code, n)| (**n, std::cmp::Reverse(**code)))
            else {
                continue;
            };
            // Regions of the names that the table gives to this Kreis, in the Land of the majority.
            let named: BTreeSet<NutsCode> = labels[ags]
                .iter()
                .flat_map(|label| gazetteer.kreis_named(&read_name("DE", label), most.at_level(1)))
                .collect();
            let code = match named.len() {
                1 if named.contains(&most) => Some(most),
                // "Kreisfreie Stadt X" whose few postcodes are counted to the Landkreis around it.
                1 => named
                    .first()
                    .copied()
                    .filter(|code| votes.contains_key(code)),
                _ => (n * 5 >= total * 3 && (named.is_empty() || named.contains(&most)))
                    .then_some(most),
            };
            if let Some(code) = code {
                out.insert(ags.to_owned(), code);
            }
        }
        out
    }

    /// Names of places and the Kreise over which postcodes reach.
    pub(super) fn join_places(
        &self,
        gazetteer: &mut Gazetteer,
        kreise: &BTreeMap<String, NutsCode>,
    ) {
        let mut entered: HashSet<(&str, NutsCode)> = HashSet::new();
        for row in self.places.iter().filter(|r| r.country == "DE") {
            let official = self.postcodes.get(&("DE", row.postcode)).copied();
            let Some(code) = kreise.get(&row.community_code).copied().or(official) else {
                continue;
            };
            gazetteer
                .postcodes
                .entry(("DE", row.postcode))
                .or_default()
                .add(code);
            // A postcode that the official table does not list is a bulk recipient's: the "place" is a firm.
            if official.is_some() && entered.insert((&row.place, code)) && !is_firm(&row.place) {
                let name = place_name(&row.place);
                gazetteer.enter("DE", &name, EntryKind::Place, code);
                // "Karlsdorf" may be short for Karlsdorf-Neuthard: a candidate, with the second half as its qualifier.
                if name.head > 0 && name.quals.is_empty() {
                    let (head, tail) = name.tokens.split_at(name.head);
                    let short = Name {
                        base: head.concat(),
                        quals: tail.to_vec(),
                        ..name.clone()
                    };
                    gazetteer.enter("DE", &short, EntryKind::Half, code);
                }
            }
        }
    }

    /// Swedish counties, municipalities and localities.
    pub(super) fn join_swedish(&self, gazetteer: &mut Gazetteer) {
        let mut counties: HashMap<String, NutsCode> = HashMap::new();
        for [kommun, full, short, county, county_name, county_short] in &self.municipalities {
            let Some(code) = gazetteer.county_named(county_name) else {
                continue;
            };
            counties.insert(county.clone(), code);
            gazetteer.communities.insert(county.clone(), code);
            gazetteer.communities.insert(kommun.clone(), code);
            for name in [county_name, county_short] {
                gazetteer.enter(
                    "SE",
                    &Name {
                        kind: Kind::Unstated,
                        ..read_name("SE", name)
                    },
                    EntryKind::District,
                    code,
                );
            }
            for name in [full, short] {
                gazetteer.enter(
                    "SE",
                    &Name {
                        kind: Kind::Unstated,
                        ..read_name("SE", name)
                    },
                    EntryKind::Municipality,
                    code,
                );
            }
        }
        // Each locality has many postcodes; its name is read once.
        let mut entered: HashSet<(&str, NutsCode)> = HashSet::new();
        let mut enter = |gazetteer: &mut Gazetteer, zip: u32, place, stated: Option<NutsCode>| {
            let official = self.postcodes.get(&("SE", zip)).copied();
            let Some(code) = stated.or(official) else {
                return;
            };
            gazetteer
                .postcodes
                .entry(("SE", zip))
                .or_default()
                .add(code);
            if entered.insert((place, code)) && !is_firm(place) {
                gazetteer.enter("SE", &read_name("SE", place), EntryKind::Place, code);
            }
        };
        for [zip, locality, kommun] in &self.postal {
            let code = kommun
                .get(..2)
                .and_then(|county| counties.get(county))
                .copied();
            if let Some(zip) = zip_number("SE", zip) {
                enter(gazetteer, zip, locality.as_str(), code);
            }
        }
        let mut states: HashMap<&str, Option<NutsCode>> = HashMap::new();
        for row in self.places.iter().filter(|r| r.country == "SE") {
            let code = *states
                .entry(&row.state)
                .or_insert_with(|| gazetteer.county_named(&row.state));
            enter(gazetteer, row.postcode, row.place.as_str(), code);
        }
    }
}

/// Enters a NUTS region under its name; the kind is what the name says.
pub(super) fn add_region(gazetteer: &mut Gazetteer, code: NutsCode, official: &str) {
    let country = if code.as_str().starts_with("SE") {
        "SE"
    } else {
        "DE"
    };
    let mut name = read_name(country, official);
    let kind = match (code.level(), name.kind) {
        (3, Kind::City) => EntryKind::City,
        // Berlin and Hamburg: a Land that is one Kreis is a city.
        (3, _) if country == "DE" && code.as_str().ends_with("00") => EntryKind::City,
        (3, Kind::District) => EntryKind::District,
        (3, _) => EntryKind::Plain,
        (2, _) => EntryKind::Province,
        (1, _) => EntryKind::Land,
        _ => EntryKind::Country,
    };
    // "Friesland (DE)" is how the European table tells the German from the Dutch one.
    name.quals.retain(|q| q != "de" && q != "se");
    gazetteer.enter(country, &name, kind, code);
    // "Jönköpings län" is also called Jönköping; a name whose own end is an s ("Dalarnas") loses nothing by it.
    if country == "SE"
        && kind == EntryKind::District
        && let Some(short) = name.base.strip_suffix('s')
    {
        let short = Name {
            base: short.to_owned(),
            ..name.clone()
        };
        gazetteer.enter(country, &short, kind, code);
    }
}

/// AGS of two and three digits (Land, Regierungsbezirk), where all Kreise below lie in one NUTS region of that level
/// and that region has no others.
pub(super) fn add_coarse_communities(gazetteer: &mut Gazetteer) {
    for (digits, level) in [(3, 2), (2, 1)] {
        let mut regions: BTreeMap<String, BTreeSet<NutsCode>> = BTreeMap::new();
        for (ags, code) in gazetteer
            .communities
            .iter()
            .filter(|(ags, _)| ags.len() == 5)
        {
            regions
                .entry(ags[..digits].to_owned())
                .or_default()
                .insert(code.at_level(level));
        }
        let mut owners: BTreeMap<NutsCode, usize> = BTreeMap::new();
        for code in regions.values().flatten() {
            *owners.entry(*code).or_default() += 1;
        }
        for (ags, codes) in regions {
            if let Some(code) = codes.first()
                && codes.len() == 1
                && owners[code] == 1
            {
                gazetteer.communities.insert(ags, *code);
            }
        }
    }
}

/// Codes of Kreise that have since become part of another as a whole (Aachen 2009, Göttingen 2016, Eisenach 2021).
pub(super) fn add_former_communities(gazetteer: &mut Gazetteer) {
    let _ = each_row(
        "former",
        include_bytes!("former.csv"),
        ["former", "code"],
        |[former, code]| {
            if let Some(nuts) = gazetteer.communities.get(code).copied() {
                gazetteer
                    .communities
                    .entry(former.to_owned())
                    .or_insert(nuts);
                gazetteer.former.insert(former.to_owned());
            }
        },
    );
}

/// Large places abroad, which must not be taken for a village of the same name ("Linz", "Salzburg", "Rom").
pub(super) fn add_foreign(gazetteer: &mut Gazetteer) {
    let _ = each_row(
        "foreign",
        include_bytes!("foreign.csv"),
        ["country", "name"],
        |[country, name]| {
            if let Some(country) = parse_country(country) {
                for reader in ["DE", "SE"] {
                    gazetteer
                        .foreign
                        .insert((reader, read_name(reader, name).base), country.iso2);
                }
            }
        },
    );
}

/// The edition that a set of codes belongs to, by codes that only one edition has (domain.md section 3); Swedish codes
/// have not changed since 2008.
pub(super) fn edition(
    nuts: &BTreeMap<NutsCode, String>,
    postcodes: &HashMap<(&'static str, u32), NutsCode>,
) -> &'static str {
    let has = |text: &str| {
        NutsCode::parse(text).is_some_and(|c| {
            nuts.contains_key(&c) || nuts.is_empty() && postcodes.values().any(|p| *p == c)
        })
    };
    if has("DEG0R") {
        "2024"
    } else if has("DEG0N") {
        // 2016 and 2021 have the same German and Swedish codes.
        "2021"
    } else if has("DE915") {
        "2013"
    } else {
        "unknown"
    }
}

/// Names of places may carry a district: "Jessen (Elster) Rade", "Dresden Gompitz, Zöllmen".
fn place_name(place: &str) -> Name {
    let cut = place.find(") ").map_or(place, |at| &place[..=at]);
    read_name("DE", cut)
}

/// Whether what stands as a place is a firm or an office.
fn is_firm(place: &str) -> bool {
    let mut words = place
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty());
    place.contains('&')
        || place.contains("e.V.")
        || words.any(|w| {
            matches!(
                w,
                "GmbH"
                    | "AG"
                    | "KG"
                    | "OHG"
                    | "mbH"
                    | "SE"
                    | "AB"
                    | "Co"
                    | "Sparkasse"
                    | "Bezirksamt"
                    | "Finanzamt"
            ) || w.starts_with("Universität")
        })
}
