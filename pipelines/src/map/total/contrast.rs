//! What a row lacks beside the others of its table.
//!
//! Where nearly all rows have a name, days, a postcode and a code, one that has a name and amounts only is hardly an
//! operation. Nothing here looks at what the cells say.

use esf_schemas::{FieldKind, Vocabulary};

use crate::map::frame::{Column, Frame, Sheet};
use crate::map::header::Meaning;
use crate::map::plan::columns_of;

/// Rows that are whole before anything follows from what another one lacks.
const WHOLE: usize = 4;

/// Fields that say something of the amounts or the list, and not of the operation.
const BESIDE: [&str; 3] = ["row_number", "currency", "amount_kind"];

/// Whether so many of so many are nearly all.
fn nearly_all(some: usize, all: usize) -> bool {
    some * 20 >= all * 19
}

/// Whether so many of so many are so few that nearly all are others.
pub(super) fn hardly_any(some: usize, all: usize) -> bool {
    some * 20 <= all
}

/// The columns of a table that tell operations from other rows.
pub(super) struct Contrast<'a> {
    sheet: &'a Sheet,
    start: usize,
    /// All but amounts and what belongs to them.
    columns: Vec<usize>,
    /// Those that do not say the same in every row.
    telling: Vec<usize>,
    /// Those that nearly all whole rows have.
    usual: Vec<usize>,
    /// Those of ids, in their order, which a group of rows may have each for itself.
    ids: Vec<usize>,
}

impl<'a> Contrast<'a> {
    /// The columns of a table by its rows with an amount.
    pub(super) fn new(sheet: &'a Sheet, frame: &Frame, rows: &[usize]) -> Self {
        let start = frame.data_start();
        let of_operations = frame.columns.iter().filter(|column| says_more(column));
        let columns: Vec<usize> = of_operations.map(|column| column.index).collect();
        let varies = |column: &usize| {
            let mut cells = rows
                .iter()
                .filter_map(|row| sheet.cell(start + row, *column));
            let first = cells.next();
            cells.any(|cell| Some(cell) != first)
        };
        Self {
            telling: columns.iter().copied().filter(varies).collect(),
            ids: columns_of(frame, "natural_id"),
            usual: Vec::new(),
            columns,
            sheet,
            start,
        }
    }

    fn has(&self, row: usize, column: usize) -> bool {
        self.sheet.cell(self.start + row, column).is_some()
    }

    /// Whether a row has one cell beside its amounts, or none.
    pub(super) fn is_thin(&self, row: usize) -> bool {
        let mut filled = self.telling.iter().filter(|column| self.has(row, **column));
        filled.nth(1).is_none()
    }

    /// Learns from whole rows which cells a row has.
    pub(super) fn learn(&mut self, whole: &[usize]) {
        if whole.len() < WHOLE {
            return;
        }
        let columns = self.columns.iter().copied();
        let usual = columns.filter(|column| {
            let filled = whole.iter().filter(|row| self.has(**row, *column));
            nearly_all(filled.count(), whole.len())
        });
        self.usual = usual.collect();
    }

    /// How many cells nearly all whole rows have.
    pub(super) fn usual(&self) -> usize {
        self.usual.len()
    }

    /// How many of these a row lacks.
    pub(super) fn lacks(&self, row: usize) -> usize {
        let lacked = self.usual.iter().filter(|column| !self.has(row, **column));
        lacked.count()
    }

    /// Whether a thin row may go on with the operation above it: it lacks only what stands to the left of its cell, as where a
    /// beneficiary stands in the first row of a group only.
    pub(super) fn goes_on(&self, row: usize) -> bool {
        let Some(own) = self.telling.iter().find(|column| self.has(row, **column)) else {
            return false;
        };
        let mut lacked = self
            .usual
            .iter()
            .filter(|column| self.ids.binary_search(column).is_err() && !self.has(row, **column))
            .peekable();
        lacked.peek().is_some() && lacked.all(|column| column < own)
    }
}

/// Whether a column says something of the operation.
fn says_more(column: &Column) -> bool {
    let Meaning::Field {
        column: mapping, ..
    } = &column.meaning
    else {
        return true;
    };
    let kind = Vocabulary::standard()
        .field(&mapping.field)
        .map(|field| field.kind);
    kind != Some(FieldKind::Amount) && !BESIDE.contains(&mapping.field.as_str())
}
