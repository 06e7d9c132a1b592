//! Ids that are made from what is kept out: whoever guesses the name could make the id and look whether it is there.
//!
//! An organisation's id is made from its name, or from its number; that of an operation to which the publisher gives no id is
//! made from names, title and first day, and that of a natural person from the operation's. Ids that stand on the publisher's own
//! tell nothing and stay.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use esf_engine::redact::{Term, held_rows};
use esf_engine::release::Warehouse;
use futures::StreamExt;

use super::{Masks, first_byte, id_hash, lookup};
use crate::merge::identity::NATURAL;
use crate::merge::rows::Tables;
use crate::organisation::{id_text, short_id};
use crate::run::RunError;

/// Tables of names.
const NAMES: [&str; 2] = ["organisation_name", "organisation"];

/// The table that says who takes part in what.
const PARTS: &str = "operation_organisation";

/// Tables of operations, the one with all of them last.
const OPERATIONS: [&str; 2] = ["operation_history", "operation"];

/// Roles of those who take part: of pages the ids of persons are made from them as well.
const ROLES: [&str; 5] = [
    "beneficiary",
    "partner",
    "subcontractor",
    "funder",
    "implementer",
];

/// The hashes of ids, by which they are recognised.
pub fn id_terms(ids: &BTreeSet<String>, salt: &str) -> BTreeSet<Term> {
    let term = |id: &String| Term {
        words: 1,
        first: first_byte(salt, id),
        sha256: id_hash(salt, id),
        of: None,
    };
    ids.iter().map(term).collect()
}

/// The ids that are made from what is kept out, in all releases, and those of `operations`: where a list names a natural person,
/// no table tells which operations are theirs.
///
/// Fails if a release cannot be read.
pub async fn made_of(
    warehouse: &Warehouse,
    masks: &Masks,
    operations: &BTreeSet<String>,
) -> Result<BTreeSet<String>, RunError> {
    let mut made = Made::new(masks);
    made.operations.clone_from(operations);
    for release in warehouse.list().await? {
        let session = lookup::open(warehouse, &release)?;
        for table in tables() {
            let has_rows = release
                .table(table)
                .is_some_and(|state| !state.files.is_empty());
            if !has_rows {
                continue;
            }
            let mut rows = session.table(table).await?.execute_stream().await?;
            while let Some(batch) = rows.next().await {
                let taken = made.take(table, &batch?);
                taken.map_err(|error| RunError::Plan(error.into()))?;
            }
        }
    }
    Ok(made.ids())
}

/// The ids that are made from what is kept out, in the tables of a list. Fails where Arrow cannot take a column apart.
pub(super) fn of_tables(masks: &Masks, list: &Tables) -> Result<BTreeSet<String>, ArrowError> {
    let mut made = Made::new(masks);
    for table in tables() {
        for batch in list.get(table).into_iter().flatten() {
            made.take(table, batch)?;
        }
    }
    Ok(made.ids())
}

/// The tables that are looked at, in this order.
fn tables() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().chain([PARTS]).chain(OPERATIONS)
}

/// What was found so far.
struct Made<'a> {
    masks: &'a Masks,
    organisations: BTreeSet<String>,
    operations: BTreeSet<String>,
}

impl<'a> Made<'a> {
    fn new(masks: &'a Masks) -> Self {
        Self {
            masks,
            organisations: BTreeSet::new(),
            operations: BTreeSet::new(),
        }
    }

    /// Takes rows of one of the tables.
    fn take(&mut self, table: &str, batch: &RecordBatch) -> Result<(), ArrowError> {
        if NAMES.contains(&table) {
            let ids = texts(batch, "organisation_id")?;
            let held = held_rows(self.masks, batch)?;
            let held = (0..ids.len()).filter(|row| held[*row] && ids.is_valid(*row));
            self.organisations
                .extend(held.map(|row| ids.value(row).to_owned()));
        } else if table == PARTS {
            let (ids, bodies) = (
                texts(batch, "operation_id")?,
                texts(batch, "organisation_id")?,
            );
            let theirs = (0..ids.len()).filter(|row| {
                let is_known = ids.is_valid(*row) && bodies.is_valid(*row);
                is_known && self.organisations.contains(bodies.value(*row))
            });
            self.operations
                .extend(theirs.map(|row| ids.value(row).to_owned()));
        } else {
            self.take_operations(batch)?;
        }
        Ok(())
    }

    fn take_operations(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let ids = texts(batch, "operation_id")?;
        let held = held_rows(self.masks, batch)?;
        // Earlier states have no column for it, and count as the operation does.
        let basis = batch.column_by_name("id_basis");
        let basis = basis.map(|_| texts(batch, "id_basis")).transpose()?;
        for row in (0..ids.len()).filter(|row| ids.is_valid(*row)) {
            let is_natural = |basis: &StringArray| basis.value(row) == NATURAL;
            if basis.as_ref().is_some_and(is_natural) {
                self.operations.remove(ids.value(row));
            } else if held[row] {
                self.operations.insert(ids.value(row).to_owned());
            }
        }
        Ok(())
    }

    /// All ids, with those of the natural persons who take part in the operations.
    fn ids(self) -> BTreeSet<String> {
        let mut ids = self.organisations;
        ids.extend(self.operations.iter().flat_map(|id| persons(id)));
        ids.extend(self.operations);
        ids
    }
}

/// The ids that natural persons have who take part in an operation.
fn persons(operation: &str) -> Vec<String> {
    let of_list = short_id(&[b"person", operation.as_bytes()]);
    let of_page = |role: &str| short_id(&[b"person", operation.as_bytes(), role.as_bytes()]);
    let all = std::iter::once(of_list).chain(ROLES.into_iter().map(of_page));
    all.map(|id| id_text(&id).to_owned()).collect()
}

/// A column of a table as plain text. Fails where there is none.
fn texts(batch: &RecordBatch, column: &str) -> Result<StringArray, ArrowError> {
    let missing = || ArrowError::SchemaError(format!("there is no column {column}"));
    let column = batch.column_by_name(column).ok_or_else(missing)?;
    let plain = cast(column, &DataType::Utf8)?;
    Ok(plain.as_string::<i32>().clone())
}
