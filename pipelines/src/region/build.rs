//! Takes the reference tables and builds a [`Gazetteer`] of them; how they are joined stands in `join`.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::code::NutsCode;
use super::gazetteer::Gazetteer;
use super::join::{
    add_coarse_communities, add_foreign, add_former_communities, add_region, edition,
};
use super::postcode::zip_number;
use super::table::each_record;
use crate::read::{Limits, ReadError};

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
    /// A reference table that is no table in UTF-8, or goes over a limit.
    #[error("table {table}: {cause}")]
    Unreadable {
        /// Role of the table.
        table: &'static str,
        /// Why.
        cause: ReadError,
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
pub(super) struct PlaceRow {
    pub(super) country: &'static str,
    pub(super) postcode: u32,
    pub(super) place: String,
    pub(super) state: String,
    pub(super) community: String,
    pub(super) community_code: String,
}

/// Collects the reference tables; the order of the calls does not matter for the result, only for the hash.
#[derive(Default)]
pub struct GazetteerBuilder {
    hash: Sha256,
    limits: Limits,
    pub(super) nuts: BTreeMap<NutsCode, String>,
    pub(super) postcodes: HashMap<(&'static str, u32), NutsCode>,
    pub(super) places: Vec<PlaceRow>,
    pub(super) municipalities: Vec<[String; 6]>,
    pub(super) postal: Vec<[String; 3]>,
}

/// The two countries whose codes are read; others' rows are left out.
pub(super) fn known(country: &str) -> Option<&'static str> {
    ["DE", "SE"]
        .into_iter()
        .find(|c| c.eq_ignore_ascii_case(country.trim()))
}

impl GazetteerBuilder {
    /// An empty builder.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty builder that reads its tables within limits and, if these name readers, in processes of their own.
    pub fn within(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            ..Self::default()
        }
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
    fn add_postcodes(&mut self, country: &str, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("postcode_nuts", country, bytes);
        let default = known(country);
        each_record(
            "postcode_nuts",
            bytes,
            ["alpha_2", "zip", "nuts_3"],
            &self.limits,
            |_, [land, zip, nuts]| {
                let country = if land.is_empty() {
                    default
                } else {
                    known(land)
                };
                if let Some((country, code)) = country.zip(NutsCode::parse(nuts))
                    && let Some(zip) = zip_number(country, zip)
                {
                    self.postcodes.insert((country, zip), code);
                }
            },
        )?;
        Ok(())
    }

    /// Adds codes and names (`NUTS_ID,NUTS_NAME`) of all levels.
    fn add_nuts(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("nuts", "", bytes);
        let columns = ["NUTS_ID", "NUTS_NAME"];
        each_record("nuts", bytes, columns, &self.limits, |_, [code, name]| {
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
    fn add_places(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("place_postcode", "", bytes);
        let columns = [
            "country_code",
            "zipcode",
            "place",
            "state",
            "community",
            "community_code",
        ];
        each_record(
            "place_postcode",
            bytes,
            columns,
            &self.limits,
            |_, [country, zip, place, state, community, community_code]| {
                if let Some(country) = known(country)
                    && let Some(postcode) = zip_number(country, zip)
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
    fn add_municipalities(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("municipality", "SE", bytes);
        let columns = [
            "municipality_code",
            "municipality_name",
            "municipality_name_short",
            "county_code",
            "county_name",
            "county_name_short",
        ];
        each_record("municipality", bytes, columns, &self.limits, |_, row| {
            self.municipalities.push(row.map(str::to_owned));
        })?;
        Ok(())
    }

    /// Adds Swedish postcodes with their locality and municipality code.
    fn add_postal_municipalities(&mut self, bytes: &[u8]) -> Result<(), BuildError> {
        self.digest("postal_municipality", "SE", bytes);
        let columns = ["postal_code", "locality", "municipality_code"];
        each_record(
            "postal_municipality",
            bytes,
            columns,
            &self.limits,
            |_, row| {
                self.postal.push(row.map(str::to_owned));
            },
        )?;
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
}
