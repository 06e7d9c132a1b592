//! Why a declaration is refused. Every variant names the file, so that it can be found and put right.

use thiserror::Error;

/// A fault in a declaration: where it is, what is wrong and what was expected.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// A declaration that should be there is not.
    #[error("{path}: no such declaration in the schemas crate")]
    Missing {
        /// The path inside the crate.
        path: String,
    },
    /// A declaration is not UTF-8 text.
    #[error("{path}: not UTF-8 text; save the file as UTF-8")]
    NotText {
        /// The path inside the crate.
        path: String,
    },
    /// A declaration is no valid TOML or has an unknown or missing key.
    #[error("{path}: {source}")]
    Toml {
        /// The path inside the crate.
        path: String,
        /// What the TOML reader says, with line and column.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A table names a column that neither the dictionary nor the table itself defines.
    #[error(
        "{path}: column `{column}` is not in columns.toml; add it there, or give `type` and `meaning` here"
    )]
    UnknownColumn {
        /// The path inside the crate.
        path: String,
        /// The column.
        column: String,
    },
    /// A column stands in a table twice.
    #[error("{path}: column `{column}` stands there twice")]
    DuplicateColumn {
        /// The path inside the crate.
        path: String,
        /// The column.
        column: String,
    },
    /// `key`, `sort` or `bloom` names a column that the table does not have.
    #[error("{path}: `{list}` names `{column}`, which is no column of the table")]
    NoSuchColumn {
        /// The path inside the crate.
        path: String,
        /// The list that names it.
        list: &'static str,
        /// The column.
        column: String,
    },
    /// The sort does not order the rows completely.
    #[error(
        "{path}: `sort` must contain the key column `{column}`, or equal inputs could give different files"
    )]
    OpenSort {
        /// The path inside the crate.
        path: String,
        /// The key column that is missing.
        column: String,
    },
    /// A table without a key, grain, description or columns.
    #[error("{path}: `{what}` is empty")]
    Empty {
        /// The path inside the crate.
        path: String,
        /// What is empty.
        what: &'static str,
    },
    /// A name that is not lower case with underscores.
    #[error("{path}: `{name}` is no name; use lower case letters, digits and underscores")]
    BadName {
        /// The path inside the crate.
        path: String,
        /// The name.
        name: String,
    },
    /// A unit that units.toml does not know.
    #[error(
        "{path}: column `{column}` has the unit `{unit}`, which is not in units.toml (known: {known})"
    )]
    UnknownUnit {
        /// The path inside the crate.
        path: String,
        /// The column.
        column: String,
        /// The unit.
        unit: String,
        /// All known units.
        known: String,
    },
    /// A numeric column without a unit, or a column of text, dates or yes/no with one.
    #[error("{path}: column `{column}` {expected}")]
    UnitMismatch {
        /// The path inside the crate.
        path: String,
        /// The column.
        column: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A field that is declared twice.
    #[error("{path}: field `{field}` is declared in another file of fields/ as well")]
    DuplicateField {
        /// The path inside the crate.
        path: String,
        /// The field.
        field: String,
    },
    /// A label template that cannot be written out.
    #[error("{path}: label `{label}`: {what}")]
    BadLabel {
        /// The path inside the crate.
        path: String,
        /// The template.
        label: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A label that would name two fields.
    #[error(
        "fields: `{label}` of `{field}` is the same label as `{other_label}` of `{other_field}`; a label names one field"
    )]
    AmbiguousLabel {
        /// The label.
        label: String,
        /// Its field.
        field: String,
        /// The equal label.
        other_label: String,
        /// The field of that one.
        other_field: String,
    },
    /// A code list that is no valid CSV.
    #[error("{path}: {source}")]
    Csv {
        /// The path inside the crate.
        path: String,
        /// What the CSV reader says, with the line.
        #[source]
        source: Box<csv::Error>,
    },
    /// An entry of a code list without code, status or source.
    #[error(
        "{path}: line {line}: `{column}` is empty; every entry needs a code, a status and a source"
    )]
    EmptyCell {
        /// The path inside the crate.
        path: String,
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
    },
}
