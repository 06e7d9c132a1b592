//! Columns and their types, and the data dictionary `columns.toml`.

use std::collections::{BTreeMap, HashMap};

use arrow::datatypes::{DataType, Field};
use serde::Deserialize;

use crate::{SchemaError, declaration};

/// The type of a column, by the name used in declarations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Text, ids and codes.
    Text,
    /// A count or an ordinal.
    Int,
    /// An amount of money, to the cent.
    Money,
    /// A rate or share, six decimals.
    Rate,
    /// A weight of a bridge table, eight decimals.
    Weight,
    /// A measured number that is no money, six decimals.
    Number,
    /// A sum of parts of amounts or numbers, ten decimals; wide enough for whatever is added up.
    Sum,
    /// A calendar date.
    Date,
    /// Yes or no.
    Bool,
}

impl ColumnType {
    /// The Arrow type that stores it.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Int => DataType::Int64,
            Self::Money => DataType::Decimal128(18, 2),
            Self::Rate => DataType::Decimal128(9, 6),
            Self::Weight => DataType::Decimal128(9, 8),
            Self::Number => DataType::Decimal128(18, 6),
            Self::Sum => DataType::Decimal128(38, 10),
            Self::Date => DataType::Date32,
            Self::Bool => DataType::Boolean,
        }
    }

    /// The name used in declarations.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "int",
            Self::Money => "money",
            Self::Rate => "rate",
            Self::Weight => "weight",
            Self::Number => "number",
            Self::Sum => "sum",
            Self::Date => "date",
            Self::Bool => "bool",
        }
    }

    /// Whether values are measured in a unit.
    pub(crate) fn is_numeric(self) -> bool {
        !matches!(self, Self::Text | Self::Date | Self::Bool)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// Its unit, if it is numeric.
    pub unit: Option<String>,
    /// What it means, for users.
    pub meaning: String,
    /// Whether it may be unknown.
    pub nullable: bool,
}

impl Column {
    /// The Arrow field, with `description`, `unit` and `esf.type` in its metadata.
    pub fn arrow_field(&self) -> Field {
        let mut metadata = HashMap::from([
            ("description".to_owned(), self.meaning.clone()),
            ("esf.type".to_owned(), self.column_type.name().to_owned()),
        ]);
        if let Some(unit) = &self.unit {
            metadata.insert("unit".to_owned(), unit.clone());
        }
        Field::new(&self.name, self.column_type.arrow(), self.nullable).with_metadata(metadata)
    }
}

/// A column as the dictionary defines it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    #[serde(rename = "type")]
    pub(crate) column_type: ColumnType,
    pub(crate) unit: Option<String>,
    pub(crate) meaning: String,
}

/// A column as a table declares it: a name of the dictionary (`"title"`, or `"title?"` where it may be unknown), or a
/// definition of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Declared {
    Named(String),
    Defined(Own),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Own {
    name: String,
    #[serde(rename = "type")]
    column_type: Option<ColumnType>,
    unit: Option<String>,
    meaning: Option<String>,
    #[serde(default)]
    nullable: bool,
}

/// The dictionary of shared columns.
pub(crate) struct Dictionary(BTreeMap<String, Definition>);

impl Dictionary {
    /// Reads `columns.toml`.
    pub(crate) fn load() -> Result<Self, SchemaError> {
        let path = "columns.toml";
        toml::from_str(&declaration(path)?)
            .map(Self)
            .map_err(|source| SchemaError::Toml {
                path: path.to_owned(),
                source: Box::new(source),
            })
    }

    /// The column that a table declares. What the table says itself wins over the dictionary.
    pub(crate) fn resolve(&self, path: &str, declared: Declared) -> Result<Column, SchemaError> {
        let own = match declared {
            Declared::Defined(own) => own,
            Declared::Named(text) => {
                let name = text.strip_suffix('?').unwrap_or(&text).to_owned();
                Own {
                    nullable: text.ends_with('?'),
                    name,
                    column_type: None,
                    unit: None,
                    meaning: None,
                }
            }
        };
        let shared = self.0.get(&own.name);
        let unknown = || SchemaError::UnknownColumn {
            path: path.to_owned(),
            column: own.name.clone(),
        };
        Ok(Column {
            column_type: own
                .column_type
                .or(shared.map(|s| s.column_type))
                .ok_or_else(unknown)?,
            unit: match own.column_type {
                Some(_) => own.unit,
                None => own.unit.or_else(|| shared.and_then(|s| s.unit.clone())),
            },
            meaning: own
                .meaning
                .or_else(|| shared.map(|s| s.meaning.clone()))
                .ok_or_else(unknown)?,
            nullable: own.nullable,
            name: own.name,
        })
    }
}
