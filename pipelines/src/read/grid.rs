//! The sparse store behind the typed formats: only cells that are there, row by row, and the batches made of them.
//!
//! A workbook says how wide a sheet is in its last row at the earliest, and JSON shows its last key in its last
//! element. So one pass collects cells (12 bytes each, text in one arena), and batches are cut from them afterwards.
//! Nothing is allocated for cells that are only claimed.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder, UInt8Array, UInt32Array, UInt64Array};
use memchr::memmem;

use super::batch::{BATCH_TEXT, CellKind, assemble, rows_per_batch, schema};
use super::error::ReadError;
use super::limits::Limits;
use super::place::Place;
use super::sink::{SheetInfo, Sink};

/// Texts that many cells share, in one piece of memory.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// Adds a text; `None` if all texts together outgrow 4 GiB.
    pub(super) fn push(&mut self, text: &str) -> Option<()> {
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).ok()?);
        Some(())
    }

    /// Text number `index`.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 {
            0
        } else {
            self.ends[index - 1] as usize
        };
        self.text.get(start..end)
    }
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    column: u16,
    kind: CellKind,
    shared: bool,
    start: u32,
    len: u32,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    number: u32,
    line: u32,
    byte: u64,
    repeat: u32,
    first: u32,
    end: u32,
}

/// Cells of one table.
#[derive(Debug)]
pub(super) struct Grid<'a> {
    limits: &'a Limits,
    sheet: Option<String>,
    rows: Vec<Row>,
    cells: Vec<Cell>,
    text: String,
    width: usize,
    text_total: u64,
    rows_sorted: bool,
    columns_sorted: bool,
}

impl<'a> Grid<'a> {
    /// An empty table; `sheet` names it in messages.
    pub(super) fn new(sheet: Option<&str>, limits: &'a Limits) -> Self {
        Self {
            limits,
            sheet: sheet.map(str::to_owned),
            rows: Vec::new(),
            cells: Vec::new(),
            text: String::new(),
            width: 0,
            text_total: 0,
            rows_sorted: true,
            columns_sorted: true,
        }
    }

    /// Begins a row; the cells pushed from now on are its.
    pub(super) fn begin_row(&mut self, number: u32, line: u32, byte: u64) {
        if self.rows.last().is_some_and(|last| last.number >= number) {
            self.rows_sorted = false;
        }
        let first = self.cells.len() as u32;
        self.rows.push(Row {
            number,
            line,
            byte,
            repeat: 1,
            first,
            end: first,
        });
    }

    /// Ends a row that stands `repeat` times from its number on. A row without cells is forgotten.
    pub(super) fn end_row(&mut self, repeat: u32) {
        if let Some(row) = self.rows.last_mut() {
            row.repeat = repeat;
            if row.first == row.end {
                self.rows.pop();
            }
        }
    }

    /// Place of a column (from 0) of the current row.
    pub(super) fn place(&self, column: usize) -> Place {
        match self.rows.last() {
            Some(row) => self.place_in(row, column),
            None => Place {
                sheet: self.sheet.clone(),
                ..Place::default()
            },
        }
    }

    fn place_in(&self, row: &Row, column: usize) -> Place {
        let in_text = self.sheet.is_none();
        Place {
            sheet: self.sheet.clone(),
            row: Some(row.number),
            column: Some(column as u32 + 1),
            line: in_text.then_some(row.line),
            byte: in_text.then_some(row.byte),
        }
    }

    /// Adds a cell of the current row.
    pub(super) fn push(
        &mut self,
        column: usize,
        kind: CellKind,
        text: &str,
    ) -> Result<(), ReadError> {
        if text.len() > self.limits.max_cell_bytes {
            return Err(ReadError::CellTooLarge {
                place: self.place(column),
                limit: self.limits.max_cell_bytes,
            });
        }
        let start = self.text.len() as u32;
        if self.text.len() + text.len() > u32::MAX as usize {
            return Err(self.too_much_text());
        }
        self.text.push_str(text);
        self.add(
            Cell {
                column: 0,
                kind,
                shared: false,
                start,
                len: text.len() as u32,
            },
            column,
            text.len(),
        )
    }

    /// Adds a cell of the current row whose text is number `index` of the shared ones, `len` bytes long.
    pub(super) fn push_shared(
        &mut self,
        column: usize,
        index: u32,
        len: usize,
    ) -> Result<(), ReadError> {
        self.add(
            Cell {
                column: 0,
                kind: CellKind::Text,
                shared: true,
                start: index,
                len: len as u32,
            },
            column,
            len,
        )
    }

    fn add(&mut self, mut cell: Cell, column: usize, len: usize) -> Result<(), ReadError> {
        let limits = self.limits;
        if column >= limits.max_columns.min(usize::from(u16::MAX)) {
            let (place, limit) = (self.place(column), limits.max_columns);
            return Err(ReadError::TooManyColumns {
                place,
                columns: column as u64 + 1,
                limit,
            });
        }
        if self.cells.len() as u64 >= limits.max_cells.min(u64::from(u32::MAX)) {
            return Err(ReadError::TooManyCells {
                place: self.place(column),
                limit: limits.max_cells,
            });
        }
        self.text_total += len as u64;
        if self.text_total > limits.max_inflated_bytes {
            return Err(self.too_much_text());
        }
        cell.column = column as u16;
        let Some(row) = self.rows.last_mut() else {
            return Ok(());
        };
        if row.end > row.first
            && self
                .cells
                .last()
                .is_some_and(|last| last.column >= cell.column)
        {
            self.columns_sorted = false;
        }
        self.cells.push(cell);
        row.end = self.cells.len() as u32;
        self.width = self.width.max(column + 1);
        Ok(())
    }

    /// Makes the table as wide as `column`, although no cell stands there.
    pub(super) fn know_column(&mut self, column: usize) -> Result<(), ReadError> {
        if column >= self.limits.max_columns {
            let (place, limit) = (self.place(column), self.limits.max_columns);
            return Err(ReadError::TooManyColumns {
                place,
                columns: column as u64 + 1,
                limit,
            });
        }
        self.width = self.width.max(column + 1);
        Ok(())
    }

    fn too_much_text(&self) -> ReadError {
        ReadError::Inflated {
            part: self.sheet.clone().unwrap_or_else(|| "the file".to_owned()),
            limit: self.limits.max_inflated_bytes,
        }
    }

    /// Columns that hold anything, counted from the first.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Hands the table to the sink; `info.width` is filled in. Gives the number of rows, or `Break`.
    pub(super) fn emit(
        mut self,
        mut info: SheetInfo,
        shared: &Strings,
        sink: &mut dyn Sink,
    ) -> Result<ControlFlow<(), (u64, u64)>, ReadError> {
        self.sort();
        self.refuse_destroyed(shared)?;
        info.width = self.width;
        let total: u64 = self.rows.iter().map(|row| u64::from(row.repeat)).sum();
        let area = total.saturating_mul(self.width as u64);
        if area > self.limits.max_cells {
            let place = Place {
                sheet: self.sheet.clone(),
                ..Place::default()
            };
            return Err(ReadError::TooManyCells {
                place,
                limit: self.limits.max_cells,
            });
        }
        if sink.sheet(info).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let schema = schema(self.width, true);
        let most = rows_per_batch(self.width);
        let mut batch: Vec<(usize, u32)> = Vec::with_capacity(most); // index of the row, which of its repetitions
        let mut text = 0;
        for (index, row) in self.rows.iter().enumerate() {
            let bytes: usize = self
                .cells_of(row)
                .iter()
                .map(|cell| cell.len as usize)
                .sum();
            for repetition in 0..row.repeat {
                if batch.len() == most || (text + bytes > BATCH_TEXT && !batch.is_empty()) {
                    if sink
                        .batch(assemble(&schema, self.columns(&batch, shared))?)
                        .is_break()
                    {
                        return Ok(ControlFlow::Break(()));
                    }
                    batch.clear();
                    text = 0;
                }
                batch.push((index, repetition));
                text += bytes;
            }
        }
        if !batch.is_empty()
            && sink
                .batch(assemble(&schema, self.columns(&batch, shared))?)
                .is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue((total, area)))
    }

    /// Letters that were replaced by U+FFFD before publication stop the reading, as in text files.
    fn refuse_destroyed(&self, shared: &Strings) -> Result<(), ReadError> {
        let replacement = memmem::Finder::new("\u{FFFD}");
        if replacement.find(self.text.as_bytes()).is_none()
            && replacement.find(shared.text.as_bytes()).is_none()
        {
            return Ok(());
        }
        let mut first = None;
        let mut count = 0;
        for row in &self.rows {
            for cell in self.cells_of(row) {
                let found = replacement
                    .find_iter(self.text_of(cell, shared).as_bytes())
                    .count();
                if found > 0 && first.is_none() {
                    first = Some(self.place_in(row, usize::from(cell.column)));
                }
                count += found;
            }
        }
        first.map_or(Ok(()), |place| Err(ReadError::Destroyed { place, count }))
    }

    fn cells_of(&self, row: &Row) -> &[Cell] {
        &self.cells[row.first as usize..row.end as usize]
    }

    /// Brings rows and cells into the order of their numbers. Programs write them in order; damaged files may not. What
    /// is said of one row in two places is put together; of two cells in one place the later one stays.
    fn sort(&mut self) {
        if !self.rows_sorted {
            self.rows.sort_by_key(|row| row.number);
            let mut rows: Vec<Row> = Vec::with_capacity(self.rows.len());
            let mut cells = Vec::with_capacity(self.cells.len());
            for row in &self.rows {
                let first = cells.len() as u32;
                cells.extend_from_slice(self.cells_of(row));
                let end = cells.len() as u32;
                match rows.last_mut() {
                    Some(last) if last.number == row.number => {
                        last.end = end;
                        self.columns_sorted = false;
                    }
                    _ => rows.push(Row { first, end, ..*row }),
                }
            }
            (self.rows, self.cells) = (rows, cells);
        }
        if self.columns_sorted {
            return;
        }
        for row in &mut self.rows {
            let cells = &mut self.cells[row.first as usize..row.end as usize];
            cells.sort_by_key(|cell| cell.column);
            let mut kept = 0;
            for i in 0..cells.len() {
                kept += usize::from(kept == 0 || cells[kept - 1].column != cells[i].column);
                cells[kept - 1] = cells[i];
            }
            row.end = row.first + kept as u32;
        }
    }

    fn columns(&self, batch: &[(usize, u32)], shared: &Strings) -> Vec<ArrayRef> {
        let mut bytes = vec![0; self.width];
        for &(index, _) in batch {
            for cell in self.cells_of(&self.rows[index]) {
                bytes[usize::from(cell.column)] += cell.len as usize;
            }
        }
        let mut texts: Vec<_> = bytes
            .iter()
            .map(|&n| StringBuilder::with_capacity(batch.len(), n))
            .collect();
        let mut kinds: Vec<Vec<u8>> = (0..self.width)
            .map(|_| Vec::with_capacity(batch.len()))
            .collect();
        for &(index, _) in batch {
            let mut next = 0;
            for cell in self.cells_of(&self.rows[index]) {
                let column = usize::from(cell.column);
                for i in next..column {
                    texts[i].append_null();
                    kinds[i].push(CellKind::Text as u8);
                }
                texts[column].append_value(self.text_of(cell, shared));
                kinds[column].push(cell.kind as u8);
                next = column + 1;
            }
            for i in next..self.width {
                texts[i].append_null();
                kinds[i].push(CellKind::Text as u8);
            }
        }
        let rows = |f: &dyn Fn(&Row, u32) -> u32| -> ArrayRef {
            Arc::new(UInt32Array::from_iter_values(
                batch.iter().map(|&(i, n)| f(&self.rows[i], n)),
            ))
        };
        let mut columns = Vec::with_capacity(3 + 2 * self.width);
        columns.push(rows(&|row, n| row.number.saturating_add(n)));
        columns.push(rows(&|row, n| row.line.saturating_add(n)));
        columns.push(Arc::new(UInt64Array::from_iter_values(
            batch.iter().map(|&(i, _)| self.rows[i].byte),
        )));
        columns.extend(
            texts
                .iter_mut()
                .map(|text| Arc::new(text.finish()) as ArrayRef),
        );
        columns.extend(
            kinds
                .into_iter()
                .map(|kind| Arc::new(UInt8Array::from(kind)) as ArrayRef),
        );
        columns
    }

    fn text_of<'t>(&'t self, cell: &Cell, shared: &'t Strings) -> &'t str {
        if cell.shared {
            shared.get(cell.start as usize).unwrap_or_default()
        } else {
            let start = cell.start as usize;
            self.text
                .get(start..start + cell.len as usize)
                .unwrap_or_default()
        }
    }
}
