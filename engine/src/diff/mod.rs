//! What changed between two releases: rows added, gone, and changed field by field.
//!
//! Tables are compared by their declared key. Files that both releases share are not read, so comparing two nights
//! costs what changed and not what there is. The places of rows in published files are left out: a line that moved is
//! no change of an operation. Tables that only repeat others are left out.

mod error;
mod plan;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use arrow::{
    array::{RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use crate::{
    release::{DataFile, Release, TableState, Warehouse},
    session::{Access, SessionOptions},
};

pub use error::DiffError;

/// Where in its file a row was found: not compared.
const PLACES: [&str; 3] = ["source_file", "source_location", "source_row"];

/// The columns of a comparison: `table`, `key` (the key's values joined by `|`), `change` (`added`, `gone` or
/// `changed`), `column`, `old`, `new` (of changed rows, as text).
///
/// Without a key it is about the table, or, with a column, about a column of it. A table without a declared key is
/// `changed` as a whole.
pub fn schema() -> SchemaRef {
    let field = |name: &str, nullable| Field::new(name, DataType::Utf8, nullable);
    Arc::new(Schema::new(vec![
        field("table", false),
        field("key", true),
        field("change", false),
        field("column", true),
        field("old", true),
        field("new", true),
    ]))
}

/// Compares two releases of one warehouse, over the tables that the access sees; sorted by table, key and column.
pub async fn diff(
    warehouse: &Warehouse,
    old: &Release,
    new: &Release,
    access: Access,
    options: &SessionOptions,
) -> Result<Vec<RecordBatch>, DiffError> {
    let names: BTreeSet<&String> = old.tables.keys().chain(new.tables.keys()).collect();
    let mut batches = Vec::new();
    for name in names {
        if esf_schemas::table(name).is_some_and(|table| table.repeats) {
            continue;
        }
        let sees = |table: &&TableState| access.sees(table.visibility);
        match (
            old.tables.get(name).filter(sees),
            new.tables.get(name).filter(sees),
        ) {
            (None, None) => {}
            (None, Some(_)) => batches.push(about_table(name, "added", &[])?),
            (Some(_), None) => batches.push(about_table(name, "gone", &[])?),
            (Some(before), Some(after)) => {
                let compared = Compared::of(name, before, after);
                batches.extend(compared.columns_that_came_or_went()?);
                batches.extend(compared.rows(warehouse, options).await?);
            }
        }
    }
    Ok(batches)
}

/// The two states of one table.
struct Compared<'a> {
    name: &'a str,
    before: &'a TableState,
    after: &'a TableState,
}

impl<'a> Compared<'a> {
    fn of(name: &'a str, before: &'a TableState, after: &'a TableState) -> Self {
        Self {
            name,
            before,
            after,
        }
    }

    /// The states with only those files that the other one does not have.
    fn unshared(&self) -> (TableState, TableState) {
        let only = |table: &TableState, other: &TableState| {
            let shared: BTreeSet<&str> = other
                .files
                .iter()
                .map(|file| file.sha256.as_str())
                .collect();
            let files: Vec<DataFile> = table
                .files
                .iter()
                .filter(|file| !shared.contains(file.sha256.as_str()))
                .cloned()
                .collect();
            TableState {
                files,
                ..table.clone()
            }
        };
        (only(self.before, self.after), only(self.after, self.before))
    }

    fn columns_that_came_or_went(&self) -> Result<Vec<RecordBatch>, DiffError> {
        let missing = |table: &TableState, other: &TableState| -> Vec<String> {
            let has = |name: &str| other.schema.iter().any(|column| column.name == name);
            table
                .schema
                .iter()
                .map(|column| column.name.clone())
                .filter(|name| !has(name))
                .collect()
        };
        let (gone, added) = (
            missing(self.before, self.after),
            missing(self.after, self.before),
        );
        let mut batches = Vec::new();
        for (change, columns) in [("gone", gone), ("added", added)] {
            if !columns.is_empty() {
                batches.push(about_table(self.name, change, &columns)?);
            }
        }
        Ok(batches)
    }

    async fn rows(
        &self,
        warehouse: &Warehouse,
        options: &SessionOptions,
    ) -> Result<Vec<RecordBatch>, DiffError> {
        let (before, after) = self.unshared();
        if before.files.is_empty() && after.files.is_empty() {
            return Ok(Vec::new());
        }
        let has_key = |table: &TableState| {
            self.after
                .key
                .iter()
                .all(|key| table.schema.iter().any(|c| c.name == *key))
        };
        if self.after.key.is_empty() || !has_key(&before) {
            return Ok(vec![about_table(self.name, "changed", &[])?]);
        }
        plan::changes(warehouse, options, self.name, &before, &after).await
    }
}

/// Rows about a table as a whole, or about columns of it.
fn about_table(table: &str, change: &str, columns: &[String]) -> Result<RecordBatch, DiffError> {
    let rows = columns.len().max(1);
    let same = |text: &str| Arc::new(StringArray::from(vec![text; rows]));
    let none = Arc::new(StringArray::new_null(rows));
    let columns = if columns.is_empty() {
        none.clone()
    } else {
        Arc::new(StringArray::from_iter_values(columns))
    };
    let batch = RecordBatch::try_new(
        schema(),
        vec![
            same(table),
            none.clone(),
            same(change),
            columns,
            none.clone(),
            none,
        ],
    );
    batch.map_err(|source| DiffError::Compare {
        table: table.to_owned(),
        source: source.into(),
    })
}
