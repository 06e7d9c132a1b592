//! What operations can be compared by, and the levels of regions.

use std::fmt;
use std::str::FromStr;

/// What the rows of a comparison are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// Regions of implementation.
    Region,
    /// Countries.
    Country,
    /// Programmes.
    Programme,
    /// Fields of intervention.
    Intervention,
    /// Instruments.
    Instrument,
    /// Beneficiaries.
    Beneficiary,
    /// Funding periods.
    Period,
    /// Funds.
    Fund,
    /// Published lists.
    List,
    /// Years of the first day.
    Year,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Region,
        Self::Country,
        Self::Programme,
        Self::Intervention,
        Self::Instrument,
        Self::Beneficiary,
        Self::Period,
        Self::Fund,
        Self::List,
        Self::Year,
    ];

    /// Its name, which is also its column in the view `operation_dimension`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Country => "country",
            Self::Programme => "programme",
            Self::Intervention => "intervention",
            Self::Instrument => "instrument",
            Self::Beneficiary => "beneficiary",
            Self::Period => "period",
            Self::Fund => "fund",
            Self::List => "list",
            Self::Year => "year",
        }
    }

    /// A query of key and label for its values; `None` where keys are their own labels.
    pub(crate) fn labels(self) -> Option<&'static str> {
        match self {
            Self::Region | Self::Country => Some(
                "SELECT nuts_code AS key, min(name) AS label FROM region
                 WHERE nuts_version = (SELECT max(nuts_version) FROM region) GROUP BY nuts_code",
            ),
            Self::Programme => Some(
                "SELECT programme_id AS key, min(name) AS label FROM programme GROUP BY programme_id",
            ),
            Self::Beneficiary => Some(
                "SELECT organisation_id AS key, min(name) AS label FROM organisation GROUP BY organisation_id",
            ),
            _ => None,
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dimension {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|d| d.name() == text)
            .ok_or_else(|| {
                let names: Vec<&str> = Self::ALL.iter().map(|d| d.name()).collect();
                format!(
                    "{text:?} is nothing to compare by; there are {}",
                    names.join(", ")
                )
            })
    }
}

/// How large the regions of a comparison are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// In each country the level that the code list COMPARISON_LEVEL declares, with the reason.
    #[default]
    Comparable,
    /// The same NUTS level everywhere: 1, 2 or 3.
    Nuts(usize),
}

/// Countries whose regions are compared, each with its default level.
fn levels() -> impl Iterator<Item = (&'static str, usize)> {
    let list = esf_schemas::code_list("comparison_level");
    let entries = list.map_or(&[][..], |list| &list.entries);
    entries.iter().filter_map(|entry| {
        let (country, level) = entry.code.split_once('/')?;
        Some((country, level.parse().ok()?))
    })
}

/// Countries whose regions are compared.
pub(crate) fn countries() -> impl Iterator<Item = &'static str> {
    levels().map(|(country, _)| country)
}

impl Level {
    /// The NUTS level in a country; `None` for a country whose regions are not compared.
    pub fn in_country(self, country: &str) -> Option<usize> {
        let (_, default) = levels().find(|(known, _)| *known == country)?;
        match self {
            Self::Comparable => Some(default),
            Self::Nuts(level) => Some(level),
        }
    }

    /// SQL that gives the region of this level in which a region lies; null for one that is larger, or in a country whose
    /// regions are not compared. The regions of one version of NUTS are nested, and a code begins with that of the region
    /// around it.
    pub(crate) fn sql(self, code: &str) -> String {
        let cases = countries().filter_map(|country| {
            let length = 2 + self.in_country(country)?;
            Some(format!(
                " WHEN '{country}' THEN CASE WHEN length({code}) >= {length} THEN substr({code}, 1, {length}) END"
            ))
        });
        format!("CASE substr({code}, 1, 2){} END", cases.collect::<String>())
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "comparable" => Ok(Self::Comparable),
            "nuts1" | "1" => Ok(Self::Nuts(1)),
            "nuts2" | "2" => Ok(Self::Nuts(2)),
            "nuts3" | "3" => Ok(Self::Nuts(3)),
            _ => Err(format!(
                "{text:?} is no level; there are comparable (Länder with Swedish NUTS 2), nuts1, nuts2, nuts3"
            )),
        }
    }
}
