//! Builds a [`Gazetteer`] from the bytes of the reference tables. Owns how the tables are joined: a place of the
//! GeoNames table lies in the Kreis of its municipality code, not in that of its postcode, because a postcode may
//! reach over a border and the postcode table names one Kreis only.
//!
//! Traps of the tables, met here: `state_code` is neither AGS nor län code and is not read; postcodes that the
//! official table does not know belong to single recipients of bulk mail, and what stands as their "place" is a firm.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::code::NutsCode;
use super::country::parse_country;
use super::gazetteer::{EntryKind, Gazetteer};
use super::normal::{Kind, Name, read_name};
use super::postcode::complete;
use super::table::each_row;

/// What keeps a gazetteer from being built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A column that the role needs is not in the header.
    #[error("table {table} has no column {column}; its header is: {header}")]
    NoColumn {
        /// Role of the table.
        table: &'static str,
        /// The column looked for.
        column: &'static str,
        /// What is there.
        header: String,
    },
    /// A reference table that is not UTF-8.
    #[error("table {table}, line {line}: not UTF-8; save the reference table as UTF-8")]
    NotUtf8 {
        /// Role of the table.
        table: &'static str,
        /// Line where the record begins.
        line: u64,
    },
    /// A table without a row.
    #[error("table {table} has no rows; the file was probably not fetched whole")]
    Empty {
        /// Role of the table.
        table: &'static str,
    },
    /// A role that no part of the gazetteer has.
    #[error(
        "unknown role {role} of a reference table; known are postcode_nuts, nuts, place_postcode, municipality, postal_municipality"
    )]
    UnknownRole {
        /// The role as declared.
        role: String,
    },
}

/// One row of a place table, kept until the NUTS names are known.
struct PlaceRow {
    country: &'static str,
    postcode: String,
    place: String,
    state: String,
    community: String,
    community_code: String,
}

/// Collects the reference tables; the order of the calls does not matter for the result, only for the hash.
#[derive(Default)]
pub struct GazetteerBuilder {
    hash: Sha256,
    nuts: BTreeMap<NutsCode, String>,
    postcodes: BTreeMap<(&'static str, String), NutsCode>,
    places: Vec<PlaceRow>,
    municipalities: Vec<[String; 6]>,
    postal: Vec<[String; 3]>,
}

/// The two countries whose codes are read; others' rows are left out.
fn known(country: &str) -> Option<&'static str> {
    ["DE", "SE"]
        .into_iter()
        .find(|c| c.eq_ignore_ascii_case(country.trim()))
}

impl GazetteerBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table by its declared role, see [`Gazetteer::bundled`]. Fails for an unknown role and as the roles do.
    pub fn add(&mut self, role: &str, country: &str, bytes: &[u8]) -> Result<(), BuildError> {
        match role {
            "postcode_nuts" => self.add_postcodes(country, bytes),
            "nuts" => self.add_nuts(bytes),
            "place_postcode" => self.add_places(bytes),
            "municipality" => self.add_municipalities(bytes),
            "postal_municipality" => self.add_postal_municipalities(bytes),
            _ => Err(BuildError::UnknownRole {
                role: role.to_owned(),
            }),
        }
    }

    /// Adds a postcode table in TERCET form (`alpha_2,zip,nuts_3`); `country` stands for rows that name none.
    pub fn add_postcodes(&mut self, country: &str, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("postcode_nuts", country, bytes);
        let default = known(country);
        each_row(
            "postcode_nuts",
            bytes,
            ["alpha_2", "zip", "nuts_3"],
            |[land, zip, nuts]| {
                let digits: String = zip.chars().filter(char::is_ascii_digit).collect();
                let country = if land.is_empty() {
                    default
                } else {
                    known(land)
                };
                if let Some((country, code)) = country.zip(NutsCode::parse(nuts))
                    && let Some(zip) = complete(country, &digits)
                {
                    self.postcodes.insert((country, zip), code);
                }
            },
        )?;
        Ok(())
    }

    /// Adds codes and names (`NUTS_ID,NUTS_NAME`) of all levels.
    pub fn add_nuts(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("nuts", "", bytes);
        each_row("nuts", bytes, ["NUTS_ID", "NUTS_NAME"], |[code, name]| {
            if let Some(code) = NutsCode::parse(code)
                && known(code.at_level(0).as_str()).is_some()
            {
                self.nuts.insert(
                    code,
                    name.trim_matches(|c: char| c.is_whitespace()).to_owned(),
                );
            }
        })?;
        Ok(())
    }

    /// Adds places with their postcodes in GeoNames form.
    pub fn add_places(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("place_postcode", "", bytes);
        let columns = [
            "country_code",
            "zipcode",
            "place",
            "state",
            "community",
            "community_code",
        ];
        each_row(
            "place_postcode",
            bytes,
            columns,
            |[country, zip, place, state, community, community_code]| {
                let digits: String = zip.chars().filter(char::is_ascii_digit).collect();
                if let Some(country) = known(country)
                    && let Some(postcode) = complete(country, &digits)
                {
                    self.places.push(PlaceRow {
                        country,
                        postcode,
                        place: place.to_owned(),
                        state: state.to_owned(),
                        community: community.to_owned(),
                        community_code: community_code.to_owned(),
                    });
                }
            },
        )?;
        Ok(())
    }

    /// Adds Swedish municipalities and counties with codes, full and short names.
    pub fn add_municipalities(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("municipality", "SE", bytes);
        let columns = [
            "municipality_code",
            "municipality_name",
            "municipality_name_short",
            "county_code",
            "county_name",
            "county_name_short",
        ];
        each_row("municipality", bytes, columns, |row| {
            self.municipalities.push(row.map(str::to_owned))
        })?;
        Ok(())
    }

    /// Adds Swedish postcodes with their locality and municipality code.
    pub fn add_postal_municipalities(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("postal_municipality", "SE", bytes);
        let columns = ["postal_code", "locality", "municipality_code"];
        each_row("postal_municipality", bytes, columns, |row| {
            self.postal.push(row.map(str::to_owned))
        })?;
        Ok(())
    }

    fn digest(&mut self, role: &str, country: &str, bytes: &[u8]) {
        for part in [role.as_bytes(), country.as_bytes(), bytes] {
            self.hash.update((part.len() as u64).to_le_bytes());
            self.hash.update(part);
        }
    }

    /// Joins the tables. Never fails: what does not fit together is left out, and a lookup of it finds nothing.
    pub fn build(mut self) -> Gazetteer {
        let hash = self.hash.clone().finalize();
        let hash = hash
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                for half in [byte >> 4, byte & 15] {
                    text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
                }
                text
            });
        // A postcode table of another NUTS edition than the names must not give codes that the names do not have.
        if !self.nuts.is_empty() {
            let nuts = &self.nuts;
            self.postcodes.retain(|_, code| nuts.contains_key(code));
        }
        let mut gazetteer = Gazetteer {
            hash,
            nuts_version: edition(&self.nuts, &self.postcodes),
            ..Gazetteer::default()
        };
        for (code, name) in &self.nuts {
            add_region(&mut gazetteer, *code, name);
        }
        self.add_aliases(&mut gazetteer);
        add_foreign(&mut gazetteer);
        let kreise = self.join_kreise(&gazetteer);
        self.join_places(&mut gazetteer, &kreise);
        self.join_swedish(&mut gazetteer);
        for (code, nuts) in kreise {
            gazetteer.communities.insert(code, nuts);
        }
        add_coarse_communities(&mut gazetteer);
        add_former_communities(&mut gazetteer);
        for ((country, zip), nuts) in self.postcodes {
            gazetteer
                .postcodes
                .entry((country, zip))
                .or_default()
                .official = Some(nuts);
        }
        gazetteer.regions = self.nuts;
        gazetteer.settle();
        gazetteer
    }

    fn add_aliases(&self, gazetteer: &mut Gazetteer) {
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
    fn join_kreise(&self, gazetteer: &Gazetteer) -> BTreeMap<String, NutsCode> {
        let mut votes: BTreeMap<&str, BTreeMap<NutsCode, usize>> = BTreeMap::new();
        let mut labels: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in self
            .places
            .iter()
            .filter(|r| r.country == "DE" && r.community_code.len() == 5)
        {
            if let Some(code) = self.postcodes.get(&(row.country, row.postcode.clone())) {
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
    fn join_places(&self, gazetteer: &mut Gazetteer, kreise: &BTreeMap<String, NutsCode>) {
        for row in self.places.iter().filter(|r| r.country == "DE") {
            let official = self.postcodes.get(&("DE", row.postcode.clone())).copied();
            let Some(code) = kreise.get(&row.community_code).copied().or(official) else {
                continue;
            };
            gazetteer
                .postcodes
                .entry(("DE", row.postcode.clone()))
                .or_default()
                .add(code);
            // A postcode that the official table does not list is a bulk recipient's: the "place" is a firm.
            if official.is_some() && !is_firm(&row.place) {
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
    fn join_swedish(&self, gazetteer: &mut Gazetteer) {
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
        let seen =
            |gazetteer: &mut Gazetteer, zip: &str, place: &str, fallback: Option<NutsCode>| {
                let digits: String = zip.chars().filter(char::is_ascii_digit).collect();
                let official = self.postcodes.get(&("SE", digits.clone())).copied();
                let Some(code) = fallback.or(official) else {
                    return;
                };
                gazetteer
                    .postcodes
                    .entry(("SE", digits))
                    .or_default()
                    .add(code);
                if !is_firm(place) {
                    gazetteer.enter("SE", &read_name("SE", place), EntryKind::Place, code);
                }
            };
        for [zip, locality, kommun] in &self.postal {
            let code = kommun
                .get(..2)
                .and_then(|county| counties.get(county))
                .copied();
            seen(gazetteer, zip, locality, code);
        }
        for row in self.places.iter().filter(|r| r.country == "SE") {
            let code = gazetteer.county_named(&row.state);
            seen(gazetteer, &row.postcode, &row.place, code);
        }
    }
}

/// Enters a NUTS region under its name; the kind is what the name says.
fn add_region(gazetteer: &mut Gazetteer, code: NutsCode, official: &str) {
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
    if country == "SE" && kind == EntryKind::District {
        if let Some(short) = name.base.strip_suffix('s') {
            let short = Name {
                base: short.to_owned(),
                ..name.clone()
            };
            gazetteer.enter(country, &short, kind, code);
        }
    }
}

/// AGS of two and three digits (Land, Regierungsbezirk), where all Kreise below lie in one NUTS region of that level
/// and that region has no others.
fn add_coarse_communities(gazetteer: &mut Gazetteer) {
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
fn add_former_communities(gazetteer: &mut Gazetteer) {
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
            }
        },
    );
}

/// Large places abroad, which must not be taken for a village of the same name ("Linz", "Salzburg", "Rom").
fn add_foreign(gazetteer: &mut Gazetteer) {
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
fn edition(
    nuts: &BTreeMap<NutsCode, String>,
    postcodes: &BTreeMap<(&'static str, String), NutsCode>,
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
