//! What the writer has to know of a table.

use arrow::datatypes::SchemaRef;
use esf_schemas::Visibility;

use super::{Result, WriteError};

/// A table as it is written.
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// Its name: a folder of the store.
    pub name: String,
    /// Its columns; `description` and `unit` in the metadata of the fields end up in the file.
    pub schema: SchemaRef,
    /// The columns that the rows come sorted by, ascending, nulls last.
    pub sort: Vec<String>,
    /// The columns that identify a row; empty where nothing does.
    pub key: Vec<String>,
    /// Id columns that are looked up one by one: they get a bloom filter and no dictionary.
    pub bloom: Vec<String>,
    /// Who may see it, which decides the folder and the store.
    pub visibility: Visibility,
}

impl TableSpec {
    /// Fails if `sort`, `key` or `bloom` name a column that is not there.
    pub(super) fn check(&self) -> Result<()> {
        for (list, columns) in [
            ("sort", &self.sort),
            ("key", &self.key),
            ("bloom", &self.bloom),
        ] {
            if let Some(column) = columns
                .iter()
                .find(|name| self.schema.column_with_name(name).is_none())
            {
                return Err(WriteError::Spec {
                    table: self.name.clone(),
                    list,
                    column: column.clone(),
                });
            }
        }
        Ok(())
    }

    /// The path of the file with this hash.
    pub(super) fn path(&self, sha256: &str) -> String {
        format!(
            "{}/{}/{sha256}.parquet",
            self.visibility.folder(),
            self.name
        )
    }
}

impl From<&esf_schemas::Table> for TableSpec {
    fn from(table: &esf_schemas::Table) -> Self {
        Self {
            name: table.name.clone(),
            schema: table.arrow_schema(),
            sort: table.sort.clone(),
            key: table.key.clone(),
            bloom: table.bloom.clone(),
            visibility: table.visibility,
        }
    }
}
