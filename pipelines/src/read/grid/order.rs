//! Rows and cells in the order of their numbers. Programs write them in order; damaged files may not.

use super::super::place::Place;
use super::{Grid, Row};

/// What a table says more than once: where first, and how often.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Twice {
    /// Rows of one number.
    pub(in super::super) rows: Option<(Place, u64)>,
    /// Cells of one place.
    pub(in super::super) cells: Option<(Place, u64)>,
}

fn count(found: &mut Option<(Place, u64)>, place: impl FnOnce() -> Place) {
    found.get_or_insert_with(|| (place(), 0)).1 += 1;
}

impl Grid<'_> {
    /// Brings the table in order. What is said of one row in two places is put together; of two cells in one place the
    /// later one stays.
    pub(in super::super) fn settle(&mut self) -> Twice {
        let mut twice = Twice::default();
        if !self.rows_sorted {
            self.sort_rows(&mut twice);
            self.rows_sorted = true;
        }
        if !self.columns_sorted {
            self.sort_columns(&mut twice);
            self.columns_sorted = true;
        }
        twice
    }

    fn sort_rows(&mut self, twice: &mut Twice) {
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
                    count(&mut twice.rows, || Place {
                        column: None,
                        ..self.place_in(row, 0)
                    });
                }
                _ => rows.push(Row { first, end, ..*row }),
            }
        }
        (self.rows, self.cells) = (rows, cells);
    }

    fn sort_columns(&mut self, twice: &mut Twice) {
        for index in 0..self.rows.len() {
            let row = self.rows[index];
            let mut overwritten = Vec::new();
            let cells = &mut self.cells[row.first as usize..row.end as usize];
            cells.sort_by_key(|cell| cell.column);
            let mut kept = 0;
            for i in 0..cells.len() {
                if kept > 0 && cells[kept - 1].column == cells[i].column {
                    overwritten.push(cells[i].column);
                } else {
                    kept += 1;
                }
                cells[kept - 1] = cells[i];
            }
            self.rows[index].end = row.first + kept as u32;
            for column in overwritten {
                count(&mut twice.cells, || {
                    self.place_in(&row, usize::from(column))
                });
            }
        }
    }
}
