//! Rows of a table with what must go replaced in every text.
//!
//! What two rows differ in may be just that: two spellings of one name. Where a masked column is part of the table's key, of
//! rows that have become equal in it the first stays. In restricted tables, whose rows are people and counts of them, none may
//! become equal: what was masked in a key has a token behind it, the same in all files.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, BooleanArray, RecordBatch, StringBuilder},
    compute::{cast, filter_record_batch},
    error::ArrowError,
    util::display::{ArrayFormatter, FormatOptions},
};
use esf_schemas::Visibility;

use super::{
    MARK, Mask,
    cell::{Cell, Owners, Replaced, replaced, texts},
};
use crate::write::{TableSpec, sorted};

/// Parts the values of a key: no published text holds it.
const APART: char = '\u{1f}';

/// Masks the rows of one table, batch by batch.
pub struct RowMask<'a> {
    mask: &'a dyn Mask,
    spec: &'a TableSpec,
    /// Keys with a mark that were met.
    met: HashSet<String>,
    /// How many values were masked in each column.
    values: BTreeMap<String, u64>,
    rows: u64,
}

/// Rows after masking.
#[derive(Debug, Clone)]
pub struct MaskedRows {
    /// The rows.
    pub batch: RecordBatch,
    /// Whether anything was masked or left out in them.
    pub changed: bool,
}

impl std::fmt::Debug for RowMask<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowMask")
            .field("table", &self.spec.name)
            .field("values", &self.values)
            .finish_non_exhaustive()
    }
}

impl<'a> RowMask<'a> {
    /// Begins with the first rows of a table.
    pub fn new(mask: &'a dyn Mask, spec: &'a TableSpec) -> Self {
        Self {
            mask,
            spec,
            met: HashSet::new(),
            values: BTreeMap::new(),
            rows: 0,
        }
    }

    /// The next rows, masked. Fails where Arrow cannot take a column apart.
    pub fn apply(&mut self, batch: &RecordBatch) -> Result<MaskedRows, ArrowError> {
        let owners = Owners::of(batch)?;
        let mut columns = batch.columns().to_vec();
        let mut is_changed = vec![false; batch.num_rows()];
        for (field, column) in batch.schema_ref().fields().iter().zip(&mut columns) {
            let is_apart = self.spec.visibility == Visibility::Restricted
                && self.spec.key.contains(field.name());
            let masks = ColumnMask {
                mask: self.mask,
                owners: &owners,
                name: field.name(),
                is_apart,
            };
            let Some((masked, rows)) = masks.apply(column)? else {
                continue;
            };
            *column = masked;
            *self.values.entry(field.name().clone()).or_default() += rows.len() as u64;
            for row in rows {
                is_changed[row] = true;
            }
        }
        let changed = is_changed.iter().filter(|changed| **changed).count();
        self.rows += changed as u64;
        let masked = RecordBatch::try_new(batch.schema(), columns)?;
        let kept = self.without_repeated(masked)?;
        Ok(MaskedRows {
            changed: changed > 0 || kept.num_rows() < batch.num_rows(),
            batch: kept,
        })
    }

    /// How many values were masked, by column.
    pub fn values(&self) -> &BTreeMap<String, u64> {
        &self.values
    }

    /// How many rows had such a value.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether a column was masked that the table is sorted by, so that its order may no longer hold.
    fn is_unsorted(&self) -> bool {
        (self.spec.sort.iter()).any(|column| self.values.contains_key(column))
    }

    /// All rows of a table that is at hand, in its order; `None` if nothing in them must go.
    pub fn all(
        mask: &'a dyn Mask,
        spec: &'a TableSpec,
        batches: &[RecordBatch],
    ) -> Result<Option<Vec<RecordBatch>>, ArrowError> {
        let mut rows = Self::new(mask, spec);
        let mut masked = Vec::with_capacity(batches.len());
        let mut changed = false;
        for batch in batches {
            let next = rows.apply(batch)?;
            changed |= next.changed;
            masked.push(next.batch);
        }
        if !changed {
            return Ok(None);
        }
        if rows.is_unsorted() {
            masked = vec![sorted(spec, masked)?];
        }
        Ok(Some(masked))
    }

    /// Leaves out rows whose key was met, of those with a mark in it.
    fn without_repeated(&mut self, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        let key: Option<Vec<&ArrayRef>> = (self.spec.key.iter())
            .map(|column| batch.column_by_name(column))
            .collect();
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            return Ok(batch);
        };
        let mut marked = vec![false; batch.num_rows()];
        for column in key.iter().filter_map(|column| texts(column).transpose()) {
            for (row, text) in column?.iter().enumerate() {
                marked[row] |= text.is_some_and(|text| text.contains(MARK));
            }
        }
        if !marked.contains(&true) {
            return Ok(batch);
        }
        let options = FormatOptions::new();
        let formats: Vec<ArrayFormatter<'_>> = key
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<_, _>>()?;
        let mut kept = vec![true; batch.num_rows()];
        for (row, _) in marked.iter().enumerate().filter(|(_, marked)| **marked) {
            let mut key = String::new();
            for format in &formats {
                key.push_str(&format.value(row).to_string());
                key.push(APART);
            }
            kept[row] = self.met.insert(key);
        }
        filter_record_batch(&batch, &BooleanArray::from(kept))
    }
}

/// Masks one column of a batch.
struct ColumnMask<'a> {
    mask: &'a dyn Mask,
    owners: &'a Owners,
    name: &'a str,
    /// Whether others must stay apart from what is masked.
    is_apart: bool,
}

impl ColumnMask<'_> {
    /// The column with its texts masked, and the rows that were; `None` if none was.
    fn apply(&self, column: &ArrayRef) -> Result<Option<(ArrayRef, Vec<usize>)>, ArrowError> {
        let Some(texts) = texts(column)? else {
            return Ok(None);
        };
        let found: Vec<(usize, String)> = texts
            .iter()
            .enumerate()
            .filter_map(|(row, text)| Some((row, self.masked(&self.owners.cell(row, text?))?)))
            .collect();
        if found.is_empty() {
            return Ok(None);
        }
        let mut builder = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
        let mut next = found.iter().peekable();
        for (row, text) in texts.iter().enumerate() {
            match next.next_if(|(at, _)| *at == row) {
                Some((_, masked)) => builder.append_value(masked),
                None => builder.append_option(text),
            }
        }
        let masked: ArrayRef = Arc::new(builder.finish());
        let rows = found.into_iter().map(|(row, _)| row).collect();
        Ok(Some((cast(&masked, column.data_type())?, rows)))
    }

    /// What stands in place of a cell; `None` if it stays. Where others must stay apart from it, it has a token.
    fn masked(&self, cell: &Cell<'_>) -> Option<String> {
        match replaced(self.mask, self.name, cell)? {
            Replaced::Text(text) if self.is_apart => {
                let token = self.mask.token(cell.text);
                Some(text.replace(MARK, &format!("{MARK}-{token}")))
            }
            other => Some(other.into_text()),
        }
    }
}
