//! From an id to the texts that are meant by it, in any release that is kept.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::release::{Release, Warehouse};
use esf_engine::session::{Access, SessionOptions, session};

use crate::personal::NATURAL_PERSON_LABEL;
use crate::run::RunError;

/// What of an operation is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The names of the organisations that take part.
    Beneficiary,
    /// The title.
    Title,
    /// The summary.
    Summary,
}

/// The names of an organisation, in all its spellings. None for a natural person, whose name no table holds.
///
/// Fails if a release cannot be read.
pub async fn of_organisation(
    warehouse: &Warehouse,
    id: &str,
) -> Result<BTreeSet<String>, RunError> {
    let mut names = BTreeSet::new();
    for release in warehouse.list().await? {
        let session = open(warehouse, &release)?;
        for table in ["organisation", "organisation_name"] {
            let query = (table, "organisation_id", "name");
            names.extend(texts(&session, &release, query, id).await?);
        }
    }
    names.remove(NATURAL_PERSON_LABEL);
    Ok(names)
}

/// Texts of an operation, in all releases and earlier states. Fails if a release cannot be read.
pub async fn of_operation(
    warehouse: &Warehouse,
    id: &str,
    column: Column,
) -> Result<BTreeSet<String>, RunError> {
    let mut found = BTreeSet::new();
    for release in warehouse.list().await? {
        let session = open(warehouse, &release)?;
        let (tables, column): (&[&str], &str) = match column {
            Column::Beneficiary => (&["operation_organisation"], "organisation_id"),
            Column::Title => (&["operation", "operation_history"], "title"),
            Column::Summary => (&["operation", "operation_history"], "summary"),
        };
        for table in tables {
            let query = (*table, "operation_id", column);
            found.extend(texts(&session, &release, query, id).await?);
        }
    }
    if column != Column::Beneficiary {
        return Ok(found);
    }
    let mut names = BTreeSet::new();
    for organisation in &found {
        names.extend(of_organisation(warehouse, organisation).await?);
    }
    Ok(names)
}

fn open(warehouse: &Warehouse, release: &Release) -> Result<SessionContext, RunError> {
    let options = SessionOptions::default();
    Ok(session(warehouse, release, Access::Operator, &options)?)
}

/// The texts in a column of a table's rows with this id; none if the release lacks table or column.
async fn texts(
    session: &SessionContext,
    release: &Release,
    (table, key, column): (&str, &str, &str),
    id: &str,
) -> Result<BTreeSet<String>, RunError> {
    let has = |name: &str| {
        let state = release.table(table);
        state.is_some_and(|state| state.schema.iter().any(|column| column.name == name))
    };
    if !has(key) || !has(column) {
        return Ok(BTreeSet::new());
    }
    let rows = session.table(table).await?;
    let rows = rows
        .filter(col(key).eq(lit(id)))?
        .select_columns(&[column])?;
    let mut texts = BTreeSet::new();
    for batch in rows.collect().await? {
        // Files may come back with views or dictionaries.
        let column = arrow::compute::cast(batch.column(0), &DataType::Utf8)
            .map_err(|error| RunError::Plan(error.into()))?;
        let column = column.as_string::<i32>();
        let known = (0..column.len()).filter(|row| column.is_valid(*row));
        texts.extend(known.map(|row| column.value(row).to_owned()));
    }
    Ok(texts)
}
