//! Cells of a table: whose row a cell is in, and what becomes of it.
//!
//! Names that the operator gave ([`DECLARED`]) stay in tables as they stay in documents: rows are found by them. Ids that the
//! program made from published texts ([`MADE`]) are replaced as a whole, by the same id in all tables.

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringArray},
    compute::cast,
    datatypes::DataType,
    error::ArrowError,
};

use super::Mask;

/// Columns of names that the operator gave.
const DECLARED: [&str; 2] = ["source_id", "list_id"];

/// Columns of ids that say whose row it is.
const OWNERS: [&str; 2] = ["operation_id", "organisation_id"];

/// Columns of ids that are made from published texts.
const MADE: [&str; 3] = ["operation_id", "organisation_id", "other_operation_id"];

/// A text of a table.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// The text.
    pub text: &'a str,
    /// The ids of the operation and of the organisation that its row is about, where the table has them.
    pub owners: [Option<&'a str>; 2],
}

/// What stands in place of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Replaced {
    /// Another id in place of one that was made from what must go.
    Id(String),
    /// What is left of the text.
    Text(String),
}

impl Replaced {
    /// What stands there.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Id(text) | Self::Text(text) => text,
        }
    }
}

/// What stands in place of a cell; `None` if it stays.
pub(super) fn replaced(mask: &dyn Mask, column: &str, cell: &Cell<'_>) -> Option<Replaced> {
    if DECLARED.contains(&column) {
        return None;
    }
    if MADE.contains(&column)
        && let Some(id) = mask.id(cell.text)
    {
        return Some(Replaced::Id(id));
    }
    mask.cell(cell).map(Replaced::Text)
}

/// Whether a cell stays though it holds a word that is kept out of the rows of others.
pub(super) fn is_spared(mask: &dyn Mask, column: &str, cell: &Cell<'_>) -> bool {
    !DECLARED.contains(&column) && mask.spares(cell)
}

/// Whether a cell keeps a surname that is counted.
pub(super) fn stands_alone(mask: &dyn Mask, column: &str, cell: &Cell<'_>) -> bool {
    !DECLARED.contains(&column) && mask.stands_alone(cell)
}

/// Of each row of a batch whether a text in it must go, whatever becomes of its ids. Fails where Arrow cannot take a column
/// apart.
pub fn held_rows(mask: &dyn Mask, batch: &RecordBatch) -> Result<Vec<bool>, ArrowError> {
    let owners = Owners::of(batch)?;
    let mut held = vec![false; batch.num_rows()];
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let Some(texts) = texts(column)? else {
            continue;
        };
        for (row, text) in texts.iter().enumerate() {
            let Some(text) = text.filter(|_| !held[row]) else {
                continue;
            };
            let cell = owners.cell(row, text);
            let becomes = replaced(mask, field.name(), &cell);
            held[row] = matches!(becomes, Some(Replaced::Text(_)));
        }
    }
    Ok(held)
}

/// Of each row of a batch, whose it is.
pub(super) struct Owners([Option<StringArray>; 2]);

impl Owners {
    /// Fails where Arrow cannot take a column apart.
    pub(super) fn of(batch: &RecordBatch) -> Result<Self, ArrowError> {
        let mut columns = [None, None];
        for (place, name) in columns.iter_mut().zip(OWNERS) {
            if let Some(column) = batch.column_by_name(name) {
                *place = texts(column)?;
            }
        }
        Ok(Self(columns))
    }

    /// A text of a row.
    pub(super) fn cell<'a>(&'a self, row: usize, text: &'a str) -> Cell<'a> {
        let owners = self.0.each_ref().map(|ids| {
            let ids = ids.as_ref()?;
            ids.is_valid(row).then(|| ids.value(row))
        });
        Cell { text, owners }
    }
}

/// A column as plain text; `None` if it holds none.
pub(super) fn texts(column: &ArrayRef) -> Result<Option<StringArray>, ArrowError> {
    let holds_text = match column.data_type() {
        DataType::Dictionary(_, value) => value.is_string(),
        other => other.is_string(),
    };
    if !holds_text {
        return Ok(None);
    }
    let plain = cast(column, &DataType::Utf8)?;
    Ok(Some(plain.as_string::<i32>().clone()))
}
