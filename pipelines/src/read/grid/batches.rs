//! The batches of a table that has been collected.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder, UInt8Array, UInt32Array, UInt64Array};
use memchr::memmem;

use super::super::batch::{BATCH_TEXT, CellKind, assemble, rows_per_batch, schema};
use super::super::error::ReadError;
use super::super::place::Place;
use super::super::sink::{SheetInfo, Sink};
use super::{Cell, Grid, Row, Strings};

impl Grid<'_> {
    /// Hands the table to the sink; `info.width` is filled in. Gives the numbers of rows and cells, or `Break`.
    pub(in super::super) fn emit(
        mut self,
        mut info: SheetInfo,
        shared: &Strings,
        sink: &mut dyn Sink,
    ) -> Result<ControlFlow<(), (u64, u64)>, ReadError> {
        self.settle();
        self.refuse_destroyed(shared)?;
        info.width = self.width;
        let total: u64 = self.rows.iter().map(|row| u64::from(row.repeat)).sum();
        let area = total.saturating_mul(self.width as u64);
        // Rows without any cell have not been asked for when they were added.
        if self.before.cells.saturating_add(area) > self.limits.max_cells {
            return Err(self.too_many_cells(Place {
                sheet: self.sheet.clone(),
                ..Place::default()
            }));
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
        let mut pieces = self.texts.pieces().chain(shared.texts.pieces());
        if !pieces.any(|piece| replacement.find(piece.as_bytes()).is_some()) {
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
                let Some(kind) = cell.kind else {
                    continue;
                };
                let column = usize::from(cell.column);
                for i in next..column {
                    texts[i].append_null();
                    kinds[i].push(CellKind::Text as u8);
                }
                texts[column].append_value(self.text_of(cell, shared));
                kinds[column].push(kind as u8);
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
            self.texts.get(cell.start, cell.len).unwrap_or_default()
        }
    }
}
