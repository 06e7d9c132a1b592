//! From an id to the texts that are meant by it, in any release that is kept.

use std::collections::BTreeSet;

use arrow::array::{Array, AsArray};
use arrow::datatypes::DataType;
use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::redact::MARK;
use esf_engine::release::{Release, Warehouse};
use esf_engine::session::{Access, SessionOptions, session};

use crate::personal::NATURAL_PERSON_LABEL;
use crate::run::RunError;

/// Tables with the texts of operations.
const OPERATIONS: [&str; 2] = ["operation", "operation_history"];

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

/// A text that is to go.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Meant {
    /// The text.
    pub text: String,
    /// Whose it is, where an id led to it.
    pub of: Option<Whose>,
}

/// An operation or organisation that a text belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whose {
    /// Its id.
    pub id: String,
    /// The sources that name it.
    pub sources: BTreeSet<String>,
}

/// Texts of one id, and the sources in whose rows the id stands.
#[derive(Default)]
struct Gathered {
    texts: BTreeSet<String>,
    sources: BTreeSet<String>,
}

impl Gathered {
    fn meant(self, id: &str) -> BTreeSet<Meant> {
        let whose = Whose {
            id: id.to_owned(),
            sources: self.sources,
        };
        // Of what was taken away only the mark is left.
        let left = self.texts.into_iter().filter(|text| text != MARK);
        left.map(|text| Meant {
            text,
            of: Some(whose.clone()),
        })
        .collect()
    }
}

/// The names of an organisation, in all its spellings. None for a natural person, whose name no table holds.
///
/// Fails if a release cannot be read.
pub async fn of_organisation(warehouse: &Warehouse, id: &str) -> Result<BTreeSet<Meant>, RunError> {
    let mut found = Gathered::default();
    for release in warehouse.list().await? {
        let session = open(warehouse, &release)?;
        for table in ["organisation", "organisation_name"] {
            let query = |column| (table, "organisation_id", column);
            let names = texts(&session, &release, query("name"), id).await?;
            found.texts.extend(names);
            let sources = texts(&session, &release, query("source_id"), id).await?;
            found.sources.extend(sources);
        }
    }
    found.texts.remove(NATURAL_PERSON_LABEL);
    Ok(found.meant(id))
}

/// Texts of an operation, in all releases and earlier states. Fails if a release cannot be read.
pub async fn of_operation(
    warehouse: &Warehouse,
    id: &str,
    column: Column,
) -> Result<BTreeSet<Meant>, RunError> {
    let mut found = Gathered::default();
    for release in warehouse.list().await? {
        let session = open(warehouse, &release)?;
        let (tables, column): (&[&str], &str) = match column {
            Column::Beneficiary => (&["operation_organisation"], "organisation_id"),
            Column::Title => (&OPERATIONS, "title"),
            Column::Summary => (&OPERATIONS, "summary"),
        };
        for table in tables {
            let query = |column| (*table, "operation_id", column);
            let of_column = texts(&session, &release, query(column), id).await?;
            found.texts.extend(of_column);
            let sources = texts(&session, &release, query("source_id"), id).await?;
            found.sources.extend(sources);
        }
    }
    if column != Column::Beneficiary {
        return Ok(found.meant(id));
    }
    let mut names = BTreeSet::new();
    for organisation in &found.texts {
        names.extend(of_organisation(warehouse, organisation).await?);
    }
    Ok(names)
}

/// Whether a release has an operation. Fails if a release cannot be read.
pub async fn has_operation(warehouse: &Warehouse, id: &str) -> Result<bool, RunError> {
    for release in warehouse.list().await? {
        let session = open(warehouse, &release)?;
        for table in OPERATIONS {
            let query = (table, "operation_id", "operation_id");
            if !texts(&session, &release, query, id).await?.is_empty() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A session over what of a release an operator may see. Fails if it cannot be opened.
pub(super) fn open(warehouse: &Warehouse, release: &Release) -> Result<SessionContext, RunError> {
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
