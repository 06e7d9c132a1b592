//! What is asked and what is answered: the cells of a row that say something about its place, and the outcome. Reads
//! the cells; looks nothing up.

use super::code::NutsCode;
use super::country::parse_country;
use super::place::Scope;
use super::postcode::{is_nothing, split_location};

/// Which of two contradicting witnesses a source is known to be right in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Decides {
    /// Neither: a contradiction gives no code.
    #[default]
    Neither,
    /// The place; for publishers that fill in one postcode per town from a table of their own.
    Place,
    /// The postcode.
    Postcode,
}

/// What a row says about where something is; the cells as published.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query<'a> {
    /// ISO code of the country that the list is about.
    pub country: &'a str,
    /// Land or NUTS region that the whole list is about, e.g. `DEA`; places elsewhere are still found.
    pub within: Option<&'a str>,
    /// Cell of the country column.
    pub country_text: Option<&'a str>,
    /// Cell of the postcode column; may hold the place as well.
    pub postcode: Option<&'a str>,
    /// Cell of the place column; may hold the postcode as well.
    pub place: Option<&'a str>,
    /// Kommun or Gemeinde.
    pub municipality: Option<&'a str>,
    /// Kreis or län.
    pub district: Option<&'a str>,
    /// AGS of 8 or 5 digits, ARS of 12, Swedish kommun or län code.
    pub municipality_code: Option<&'a str>,
    /// NUTS code.
    pub nuts_code: Option<&'a str>,
    /// Region of the programme.
    pub region: Option<&'a str>,
    /// Who is right where postcode and place contradict each other.
    pub decides: Decides,
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// In this region.
    Found {
        /// NUTS 3 code, or a coarser one where no more is said.
        nuts_code: String,
        /// The evidence that decided, see [`doubt_of`] for those with a doubt.
        method: &'static str,
    },
    /// In one of several regions.
    Ambiguous {
        /// Their codes.
        candidates: Vec<String>,
        /// What is ambiguous: `postcode`, `place`, `contradiction`, …
        why: &'static str,
    },
    /// In another country, whose regions are not kept.
    Foreign {
        /// ISO code.
        country: &'static str,
    },
    /// Something is published that no table knows.
    Unknown,
    /// Nothing is published.
    Absent,
}

/// The doubt that goes with a method as a finding, if there is one.
pub fn doubt_of(method: &str) -> Option<&'static str> {
    match method {
        "postcode_spanning" => {
            Some("the postcode reaches over several Kreise; the official table names this one")
        }
        "spelling" => Some(
            "the name is not known as it is written; the only one that differs by one letter is taken",
        ),
        "place_over_postcode" => {
            Some("postcode and place contradict each other; by declaration the place is taken")
        }
        "postcode_over_place" => {
            Some("postcode and place contradict each other; by declaration the postcode is taken")
        }
        _ => None,
    }
}

/// What a row says, read but not looked up.
pub(super) struct Row<'a> {
    pub(super) country: Option<&'static str>,
    pub(super) foreign: Option<&'static str>,
    pub(super) country_stated: bool,
    pub(super) scope: Scope,
    pub(super) postcode: Option<String>,
    pub(super) place: Option<String>,
    pub(super) in_one_cell: bool,
    pub(super) municipality: Option<&'a str>,
    pub(super) district: Option<&'a str>,
    pub(super) region: Option<&'a str>,
}

impl<'a> Row<'a> {
    pub(super) fn read(query: &Query<'a>) -> Self {
        let stated = some(query.country_text).and_then(parse_country);
        let listed = parse_country(query.country);
        let mut iso2 = stated.or(listed).map(|c| c.iso2);
        let mut code = some(query.postcode).map(split_location).unwrap_or_default();
        let mut place = some(query.place).map(split_location).unwrap_or_default();
        let in_one_cell =
            code.postcode.is_some() && code.place.is_some() || place.postcode.is_some();
        if code.postcode.is_none() {
            code.postcode = place.postcode.take();
        }
        // The sign before a code speaks for the row only if the country column does not.
        if let (None, Some(sign)) = (stated, code.country.or(place.country)) {
            iso2 = Some(sign);
        }
        Self {
            country: iso2.filter(|c| matches!(*c, "DE" | "SE")),
            foreign: iso2.filter(|c| !matches!(*c, "DE" | "SE")),
            country_stated: stated.is_some(),
            scope: Scope {
                stated: stated.and_then(|c| c.within),
                list: query
                    .within
                    .and_then(NutsCode::parse)
                    .filter(|w| iso2.is_some_and(|c| w.as_str().starts_with(c)) && w.level() > 0),
            },
            postcode: code.postcode,
            place: place.place.or(code.place),
            in_one_cell,
            municipality: some(query.municipality),
            district: some(query.district),
            region: some(query.region),
        }
    }
}

/// A cell that says something.
pub(super) fn some(text: Option<&str>) -> Option<&str> {
    text.map(str::trim)
        .filter(|text| !is_nothing(text) || text.bytes().any(|b| b.is_ascii_digit()))
}
