//! The sparse store behind the typed formats: only cells that are there, row by row, and the batches made of them.
//!
//! A workbook says how wide a sheet is in its last row at the earliest, and JSON shows its last key in its last
//! element. So one pass collects cells (12 bytes each, text in few pieces), and batches are cut from them afterwards.
//! Nothing is allocated for cells that are only claimed, and limits are asked as the table grows.

mod batches;
mod order;
mod texts;

use super::batch::CellKind;
use super::error::ReadError;
use super::limits::Limits;
use super::place::Place;

pub(super) use self::order::Twice;
pub(super) use self::texts::Strings;
use self::texts::Texts;

#[derive(Debug, Clone, Copy)]
struct Cell {
    column: u16,
    /// None where nothing stands, whatever the row had in this column before.
    kind: Option<CellKind>,
    shared: bool,
    /// Address of the text, or number of the shared one.
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

/// What tables have taken of the limits of their file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spent {
    /// Rows × width.
    cells: u64,
    /// Bytes of text, as often as it is shown.
    text: u64,
    /// Rows that only repeat the one before.
    repeated: u64,
}

/// Cells of one table.
#[derive(Debug)]
pub(super) struct Grid<'a> {
    limits: &'a Limits,
    sheet: Option<String>,
    rows: Vec<Row>,
    cells: Vec<Cell>,
    texts: Texts,
    width: usize,
    /// By the tables before this one.
    before: Spent,
    /// By this table, but for its cells, which follow from rows and width.
    own: Spent,
    rows_sorted: bool,
    columns_sorted: bool,
}

impl<'a> Grid<'a> {
    /// An empty table; `sheet` names it in messages.
    pub(super) fn new(sheet: Option<&str>, limits: &'a Limits) -> Self {
        Self::after(Spent::default(), sheet, limits)
    }

    /// An empty table of a file whose earlier ones have taken so much of the limits.
    pub(super) fn after(before: Spent, sheet: Option<&str>, limits: &'a Limits) -> Self {
        Self {
            limits,
            sheet: sheet.map(str::to_owned),
            rows: Vec::new(),
            cells: Vec::new(),
            texts: Texts::default(),
            width: 0,
            before,
            own: Spent::default(),
            rows_sorted: true,
            columns_sorted: true,
        }
    }

    /// What this table and those before it have taken of the limits.
    pub(super) fn spent(&self) -> Spent {
        Spent {
            cells: self.before.cells.saturating_add(self.area()),
            text: self.before.text.saturating_add(self.own.text),
            repeated: self.before.repeated.saturating_add(self.own.repeated),
        }
    }

    fn area(&self) -> u64 {
        let rows = (self.rows.len() as u64).saturating_add(self.own.repeated);
        rows.saturating_mul(self.width as u64)
    }

    /// Begins a row; the cells pushed from now on are its.
    pub(super) fn begin_row(&mut self, number: u32, line: u32, byte: u64) {
        // An element of JSON counts even if it is empty; a row of a sheet that was never ended does not.
        if self.sheet.is_some() {
            self.forget_empty_row();
        }
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
    ///
    /// Fails when repetition takes the file over a limit.
    pub(super) fn end_row(&mut self, repeat: u32) -> Result<(), ReadError> {
        let is_empty = self.rows.last().is_some_and(|row| row.first == row.end);
        self.forget_empty_row();
        let Some(last) = self.rows.last_mut().filter(|_| repeat > 1 && !is_empty) else {
            return Ok(());
        };
        last.repeat = repeat;
        let row = *last;
        let more = u64::from(repeat - 1);
        let texts = self.cells_of(&row).iter().map(|cell| u64::from(cell.len));
        let text = texts.sum::<u64>().saturating_mul(more);
        self.own.text = self.own.text.saturating_add(text);
        self.own.repeated = self.own.repeated.saturating_add(more);
        let place = Place {
            column: None,
            ..self.place_in(&row, 0)
        };
        self.check_area(&place)?;
        self.check_text(&place)?;
        let limit = self.limits.max_repeated_rows;
        if self.spent().repeated > limit {
            return Err(ReadError::TooManyRepeats { place, limit });
        }
        Ok(())
    }

    fn forget_empty_row(&mut self) {
        if self.rows.last().is_some_and(|row| row.first == row.end) {
            self.rows.pop();
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
            column: Some(u32::try_from(column.saturating_add(1)).unwrap_or(u32::MAX)),
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
        self.check(column, text.len())?;
        let start = self
            .texts
            .push(text)
            .ok_or_else(|| self.too_much_text(self.place(column)))?;
        self.add(Cell {
            column: column as u16,
            kind: Some(kind),
            shared: false,
            start,
            len: text.len() as u32,
        });
        Ok(())
    }

    /// Says that nothing stands in a column of the current row, also if a cell of it was added before.
    pub(super) fn push_nothing(&mut self, column: usize) -> Result<(), ReadError> {
        self.check(column, 0)?;
        self.add(Cell {
            column: column as u16,
            kind: None,
            shared: false,
            start: 0,
            len: 0,
        });
        Ok(())
    }

    /// Adds a cell of the current row whose text is number `index` of the shared ones, `len` bytes long.
    pub(super) fn push_shared(
        &mut self,
        column: usize,
        index: u32,
        len: usize,
    ) -> Result<(), ReadError> {
        self.check(column, len)?;
        self.add(Cell {
            column: column as u16,
            kind: Some(CellKind::Text),
            shared: true,
            start: index,
            len: len as u32,
        });
        Ok(())
    }

    /// Asks every limit before a cell is kept.
    fn check(&mut self, column: usize, len: usize) -> Result<(), ReadError> {
        self.check_cell(column, len)?;
        self.know_column(column)?;
        // Cells of one place, of which the last stays, take no area.
        if self.cells.len() as u64 >= self.limits.max_cells.min(u64::from(u32::MAX)) {
            return Err(self.too_many_cells(self.place(column)));
        }
        self.own.text = self.own.text.saturating_add(len as u64);
        if self.spent().text > self.limits.max_text_bytes {
            return Err(self.too_much_text(self.place(column)));
        }
        Ok(())
    }

    /// Refuses a cell that is longer than allowed; asked while it grows.
    pub(super) fn check_cell(&self, column: usize, len: usize) -> Result<(), ReadError> {
        let limit = self.limits.max_cell_bytes;
        if len > limit {
            let place = self.place(column);
            return Err(ReadError::CellTooLarge { place, limit });
        }
        Ok(())
    }

    /// Refuses a column beyond those that a table may have.
    pub(super) fn check_column(&self, column: usize) -> Result<(), ReadError> {
        let limit = self.limits.max_columns.min(usize::from(u16::MAX));
        if column < limit {
            return Ok(());
        }
        Err(ReadError::TooManyColumns {
            place: self.place(column),
            columns: (column as u64).saturating_add(1),
            limit,
            hint: if self.sheet.is_some() {
                "delete what stands outside of the list"
            } else {
                "look whether its keys are names of columns or data"
            },
        })
    }

    /// Makes the table as wide as `column`, although no cell stands there.
    pub(super) fn know_column(&mut self, column: usize) -> Result<(), ReadError> {
        self.check_column(column)?;
        self.width = self.width.max(column + 1);
        if self.is_too_large() {
            return Err(self.too_many_cells(self.place(column)));
        }
        Ok(())
    }

    fn add(&mut self, cell: Cell) {
        let Some(row) = self.rows.last_mut() else {
            return;
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
    }

    fn is_too_large(&self) -> bool {
        self.spent().cells > self.limits.max_cells
    }

    fn check_area(&self, place: &Place) -> Result<(), ReadError> {
        if self.is_too_large() {
            return Err(self.too_many_cells(place.clone()));
        }
        Ok(())
    }

    fn check_text(&self, place: &Place) -> Result<(), ReadError> {
        if self.spent().text > self.limits.max_text_bytes {
            return Err(self.too_much_text(place.clone()));
        }
        Ok(())
    }

    fn too_many_cells(&self, place: Place) -> ReadError {
        ReadError::TooManyCells {
            place,
            limit: self.limits.max_cells,
        }
    }

    fn too_much_text(&self, place: Place) -> ReadError {
        ReadError::TooMuchText {
            place,
            limit: self.limits.max_text_bytes,
        }
    }

    /// Columns that hold anything, counted from the first.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    fn cells_of(&self, row: &Row) -> &[Cell] {
        &self.cells[row.first as usize..row.end as usize]
    }
}

#[cfg(test)]
mod tests;
