//! The tables of the warehouse, read from `tables/<table>/table.toml` and checked when first used.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use arrow::datatypes::{Schema, SchemaRef};
use serde::Deserialize;

use crate::column::{Declared, Dictionary};
use crate::{Column, ColumnType, Declarations, SchemaError, declaration, unit, units};

/// Who may see a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody; the only tables in the public catalogue and in downloads.
    Public,
    /// Those who run the warehouse.
    Operator,
    /// Nobody without access to the restricted store.
    Restricted,
}

impl Visibility {
    /// The name used in declarations and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Operator => "operator",
            Self::Restricted => "restricted",
        }
    }

    /// The folder of a warehouse that holds the files of such tables.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Public => "data",
            Self::Operator => "operator",
            Self::Restricted => "restricted",
        }
    }
}

/// The layer that a table belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Published bytes.
    Raw,
    /// One file's rows in the shape of their source.
    Staged,
    /// The shared tables.
    Core,
    /// What metrics read.
    Mart,
    /// What runs did: read from their records, and in no release.
    Run,
}

impl Layer {
    /// The name used in declarations and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Staged => "staged",
            Self::Core => "core",
            Self::Mart => "mart",
            Self::Run => "run",
        }
    }
}

/// How closely the rows of a table say where they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Provenance {
    /// File, place in the file and record number.
    Row,
    /// File and place in the file.
    File,
    /// The table is not about published files.
    None,
}

impl Provenance {
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Row => &["source_id", "source_file", "source_location", "source_row?"],
            Self::File => &["source_id", "source_file", "source_location"],
            Self::None => &[],
        }
    }
}

/// A table: what a row is, its columns and how it is stored.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its layer.
    pub layer: Layer,
    /// Who may see it.
    pub visibility: Visibility,
    /// What one row stands for.
    pub grain: String,
    /// What the table is, for users.
    pub description: String,
    /// The columns that identify a row. Some may be null: null then counts as a value.
    pub key: Vec<String>,
    /// The order of rows in files: total, and with the rows of one source together.
    pub sort: Vec<String>,
    /// The columns that get a bloom filter.
    pub bloom: Vec<String>,
    /// Whether its rows only repeat what other tables say, arranged for questions; a comparison of releases leaves it out.
    pub repeats: bool,
    /// The columns, provenance last.
    pub columns: Vec<Column>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableFile {
    layer: Layer,
    visibility: Visibility,
    grain: String,
    description: String,
    key: Vec<String>,
    sort: Vec<String>,
    #[serde(default)]
    bloom: Vec<String>,
    #[serde(default)]
    repeats: bool,
    provenance: Provenance,
    columns: Vec<Declared>,
}

impl Table {
    /// The column of this name, if there is one.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The Arrow schema: descriptions and units stand in the metadata of the fields, what the table is in that of the
    /// schema (`table`, `description`, `grain`, `layer`, `visibility`, `key`).
    pub fn arrow_schema(&self) -> SchemaRef {
        let metadata = HashMap::from([
            ("table".to_owned(), self.name.clone()),
            ("description".to_owned(), self.description.clone()),
            ("grain".to_owned(), self.grain.clone()),
            ("layer".to_owned(), self.layer.name().to_owned()),
            ("visibility".to_owned(), self.visibility.name().to_owned()),
            ("key".to_owned(), self.key.join(",")),
        ]);
        let fields: Vec<_> = self.columns.iter().map(Column::arrow_field).collect();
        Arc::new(Schema::new_with_metadata(fields, metadata))
    }

    /// Reads one `table.toml` and checks it.
    ///
    /// # Errors
    /// If it is no valid TOML, names unknown columns or units, or if key, sort and columns do not fit together.
    pub(crate) fn parse(
        name: &str,
        path: &str,
        text: &str,
        dictionary: &Dictionary,
    ) -> Result<Self, SchemaError> {
        let file: TableFile = toml::from_str(text).map_err(|source| SchemaError::Toml {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let mut columns = Vec::with_capacity(file.columns.len() + 4);
        for declared in file.columns {
            columns.push(dictionary.resolve(path, declared)?);
        }
        for provenance in file.provenance.columns() {
            columns.push(dictionary.resolve(path, Declared::Named((*provenance).to_owned()))?);
        }
        let table = Self {
            name: name.to_owned(),
            layer: file.layer,
            visibility: file.visibility,
            grain: file.grain,
            description: file.description,
            key: file.key,
            sort: file.sort,
            bloom: file.bloom,
            repeats: file.repeats,
            columns,
        };
        table.check(path)?;
        Ok(table)
    }

    fn check(&self, path: &str) -> Result<(), SchemaError> {
        let path = || path.to_owned();
        let empty = [
            ("grain", self.grain.trim().is_empty()),
            ("description", self.description.trim().is_empty()),
            ("key", self.key.is_empty()),
            ("columns", self.columns.is_empty()),
        ];
        if let Some((what, _)) = empty.into_iter().find(|(_, empty)| *empty) {
            return Err(SchemaError::Empty { path: path(), what });
        }
        for name in std::iter::once(&self.name).chain(self.columns.iter().map(|c| &c.name)) {
            if !is_name(name) {
                return Err(SchemaError::BadName {
                    path: path(),
                    name: name.clone(),
                });
            }
        }
        for (i, column) in self.columns.iter().enumerate() {
            if self.columns[..i]
                .iter()
                .any(|other| other.name == column.name)
            {
                return Err(SchemaError::DuplicateColumn {
                    path: path(),
                    column: column.name.clone(),
                });
            }
            check_unit(&path(), column)?;
        }
        for (list, names) in [
            ("key", &self.key),
            ("sort", &self.sort),
            ("bloom", &self.bloom),
        ] {
            if let Some(column) = names.iter().find(|name| self.column(name).is_none()) {
                return Err(SchemaError::NoSuchColumn {
                    path: path(),
                    list,
                    column: column.clone(),
                });
            }
        }
        match self.key.iter().find(|column| !self.sort.contains(column)) {
            Some(column) => Err(SchemaError::OpenSort {
                path: path(),
                column: column.clone(),
            }),
            None => Ok(()),
        }
    }
}

/// All tables, by name.
///
/// # Panics
/// If an embedded declaration is broken, which a test of this crate excludes.
pub fn tables() -> &'static [Table] {
    static TABLES: LazyLock<Vec<Table>> =
        LazyLock::new(|| load().unwrap_or_else(|error| panic!("{error}")));
    &TABLES
}

/// The table of this name, if there is one.
pub fn table(name: &str) -> Option<&'static Table> {
    tables().iter().find(|table| table.name == name)
}

fn load() -> Result<Vec<Table>, SchemaError> {
    let dictionary = Dictionary::load()?;
    let mut tables = BTreeMap::new();
    for path in Declarations::iter() {
        let Some(name) = path
            .strip_prefix("tables/")
            .and_then(|rest| rest.strip_suffix("/table.toml"))
        else {
            continue;
        };
        let table = Table::parse(name, &path, &declaration(&path)?, &dictionary)?;
        tables.insert(name.to_owned(), table);
    }
    Ok(tables.into_values().collect())
}

fn check_unit(path: &str, column: &Column) -> Result<(), SchemaError> {
    let mismatch = |expected| {
        Err(SchemaError::UnitMismatch {
            path: path.to_owned(),
            column: column.name.clone(),
            expected,
        })
    };
    match &column.unit {
        None if column.column_type.is_numeric() => mismatch("is numeric and needs a `unit`"),
        Some(_) if !column.column_type.is_numeric() => {
            mismatch("is not numeric and can have no `unit`")
        }
        Some(name)
            if column.column_type == ColumnType::Money
                && !matches!(name.as_str(), "currency" | "EUR" | "SEK") =>
        {
            mismatch("is money; its unit must be `currency` or a currency code")
        }
        Some(name) if unit(name).is_none() => Err(SchemaError::UnknownUnit {
            path: path.to_owned(),
            column: column.name.clone(),
            unit: name.clone(),
            known: units()
                .iter()
                .map(|unit| unit.name.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        }),
        _ => Ok(()),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests;
