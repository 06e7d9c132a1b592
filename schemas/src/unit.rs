//! The units that columns may have, from `units.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::{SchemaError, declaration};

/// A unit and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The name used in declarations, e.g. `share`.
    pub name: String,
    /// What it means, for users.
    pub meaning: String,
}

/// All units, by name.
///
/// # Panics
/// If the embedded `units.toml` is broken, which a test of this crate excludes.
pub fn units() -> &'static [Unit] {
    static UNITS: LazyLock<Vec<Unit>> =
        LazyLock::new(|| load().unwrap_or_else(|error| panic!("{error}")));
    &UNITS
}

/// The unit of this name, if there is one.
pub fn unit(name: &str) -> Option<&'static Unit> {
    units().iter().find(|unit| unit.name == name)
}

fn load() -> Result<Vec<Unit>, SchemaError> {
    let path = "units.toml";
    let units: BTreeMap<String, String> =
        toml::from_str(&declaration(path)?).map_err(|source| SchemaError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
    Ok(units
        .into_iter()
        .map(|(name, meaning)| Unit { name, meaning })
        .collect())
}
