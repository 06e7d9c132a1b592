//! Regions: from published location text to NUTS codes. Owns the gazetteer (postcodes, names, municipality codes), the
//! rules of matching, and equal weights; not the reading of files, which the caller does, and not the tables of
//! findings, which it fills from [`ColumnOutcome`].
//!
//! An answer is a NUTS 3 code, or a coarser one where the list says no more. What is ambiguous, contradictory or
//! unknown gives no code but a reason: never a guess. Codes are of the edition [`Gazetteer::nuts_version`].

mod build;
mod code;
mod column;
mod country;
mod gazetteer;
mod join;
mod list;
mod normal;
mod place;
mod postcode;
mod query;
mod resolve;
mod table;
mod version;
mod weight;
mod workbook;

/// Role of reference tables that say how regions changed; the gazetteer does without them.
pub const CHANGES_ROLE: &str = "nuts_change";
/// Role of reference tables of regions.
pub const REGIONS_ROLE: &str = "nuts";

#[cfg(test)]
mod shared_tests;
#[cfg(test)]
mod tests;

pub use build::{BuildError, GazetteerBuilder};
pub use code::NutsCode;
pub use column::{ColumnOutcome, ColumnProblem, Columns, resolve_column, resolve_columns};
pub use country::{Country, parse_country};
pub use gazetteer::Gazetteer;
pub use list::{ListItem, ListOutcome, split_list};
pub use place::Field;
pub use postcode::{Location, normalise_postcode, split_location};
pub use query::{Decides, Query, Resolved, doubt_of};
pub(crate) use table::{Extent, each_record};
pub use version::{Change, Conversion, Known, Relation, Versions, changes};
pub use weight::{ONE, equal_weights};
pub use workbook::{Workbook, read_changes};
