//! Workbooks of Excel 97 to 2003 (MS-XLS, BIFF8).

use super::super::ReadSummary;
use super::super::batch::CellKind;
use super::super::error::ReadError;
use super::super::format::Format;
use super::super::grid::{Grid, Spent, Strings, Twice};
use super::super::limits::Limits;
use super::super::sink::{MergedRange, SheetInfo, Sink};
use super::biff::{Records, Segments, damaged, f64_at, id, rk};
use super::cfb::{CompoundFile, u16_at, u32_at};
use super::doubt::{Doubts, Oddity};
use super::hidden::HiddenColumns;
use super::styles::Styles;
use super::{Seen, check_sheets, choose, merge};

/// Version number of BIFF8.
const BIFF8: u16 = 0x0600;

/// Reads the declared sheet, or all of them but those that are ignored.
pub(super) fn read(
    bytes: &[u8],
    format: &Format,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    let stream = CompoundFile::open(bytes)?.stream("Workbook")?;
    let workbook = Workbook::read(&stream, limits)?;
    let names: Vec<&str> = workbook
        .sheets
        .iter()
        .map(|sheet| sheet.name.as_str())
        .collect();
    let mut summary = ReadSummary::default();
    let (mut spent, mut doubts) = (Spent::default(), Doubts::default());
    let mut seen = Seen::new();
    for index in choose(&names, format)? {
        let sheet = &workbook.sheets[index];
        // Charts and macros are no tables.
        if !sheet.is_worksheet {
            continue;
        }
        seen.note(sheet.offset, index)?;
        let grid = Grid::after(spent, Some(&sheet.name), limits);
        let (mut grid, info) = workbook.sheet(&stream, sheet, grid, limits, &mut doubts, sink)?;
        // Some programs write the texts of a row apart from its numbers.
        let twice = Twice {
            rows: None,
            ..grid.settle()
        };
        doubts.twice(twice, sink);
        summary.problems = doubts.found();
        spent = grid.spent();
        let emitted = grid.emit(info, &workbook.shared, sink)?;
        if summary.count(emitted).is_break() {
            break;
        }
    }
    Ok(summary)
}

struct Sheet {
    name: String,
    hidden: bool,
    is_worksheet: bool,
    offset: usize,
}

/// The part of the stream that comes before the sheets.
#[derive(Default)]
struct Workbook {
    sheets: Vec<Sheet>,
    shared: Strings,
    styles: Styles,
    is_1904: bool,
}

impl Workbook {
    fn read(stream: &[u8], limits: &Limits) -> Result<Self, ReadError> {
        let mut records = Records::new(stream, 0);
        expect_biff8(&mut records)?;
        let mut workbook = Self::default();
        loop {
            let at = records.offset();
            let (kind, data) = records.next()?;
            match kind {
                id::FILE_PASS => return Err(ReadError::Encrypted),
                id::DATE_1904 => workbook.is_1904 = u16_at(data, 0) == Some(1),
                id::FORMAT => {
                    let mut code = String::new();
                    records
                        .continued(data.get(2..).unwrap_or_default())?
                        .text(&mut code)?;
                    workbook
                        .styles
                        .define(u32::from(u16_at(data, 0).unwrap_or(0)), &code)?;
                }
                id::XF => workbook
                    .styles
                    .push(u32::from(u16_at(data, 2).unwrap_or(0)))?,
                id::BOUND_SHEET => {
                    check_sheets(workbook.sheets.len())?;
                    workbook.sheets.push(bound_sheet(data, at)?);
                }
                id::SST => workbook.read_shared(records.continued(data)?, limits)?,
                id::EOF => break,
                _ => {}
            }
        }
        if workbook.sheets.is_empty() {
            return Err(damaged(records.offset(), "no list of sheets"));
        }
        Ok(workbook)
    }

    /// Reads the shared texts; how many there are is seen, not believed.
    fn read_shared(&mut self, mut data: Segments<'_>, limits: &Limits) -> Result<(), ReadError> {
        data.skip(8)?;
        let mut text = String::new();
        while !data.at_end() {
            text.clear();
            data.rich_text(&mut text)?;
            self.shared.push(&text, limits)?;
        }
        Ok(())
    }

    /// Reads one sheet into a grid.
    fn sheet<'l>(
        &self,
        stream: &[u8],
        sheet: &Sheet,
        grid: Grid<'l>,
        limits: &Limits,
        doubts: &mut Doubts,
        sink: &mut dyn Sink,
    ) -> Result<(Grid<'l>, SheetInfo), ReadError> {
        let mut records = Records::new(stream, sheet.offset);
        expect_biff8(&mut records)?;
        let mut info = SheetInfo {
            name: Some(sheet.name.clone()),
            hidden: sheet.hidden,
            ..SheetInfo::default()
        };
        let mut cells = Cells {
            workbook: self,
            grid,
            row: None,
            text: String::new(),
            doubts,
            sink,
        };
        let mut hidden = HiddenColumns::new(limits.max_columns);
        let mut formula: Option<(usize, u16)> = None;
        let mut inner = 0; // depth of charts inside the sheet
        loop {
            let at = records.offset();
            let (kind, data) = records.next()?;
            match kind {
                id::BOF => inner += 1,
                id::EOF if inner > 0 => inner -= 1,
                id::EOF => break,
                _ if inner > 0 => {}
                id::MERGE_CELLS => merge(&mut info.merged, merged_ranges(data))?,
                id::COL_INFO if u16_at(data, 8).is_some_and(|flags| flags & 1 == 1) => {
                    let (first, last) =
                        (u16_at(data, 0).unwrap_or(0), u16_at(data, 2).unwrap_or(0));
                    hidden.hide(usize::from(first), usize::from(last.min(255)) + 1);
                }
                id::STRING => {
                    if let Some((column, row)) = formula.take() {
                        let mut text = String::new();
                        records.continued(data)?.text(&mut text)?;
                        cells.in_row(row)?;
                        cells.push(column, CellKind::Text, &text)?;
                    }
                }
                id::LABEL | id::R_STRING => {
                    let mut text = String::new();
                    let (row, column) = position(data, at)?;
                    records
                        .continued(data.get(6..).unwrap_or_default())?
                        .text(&mut text)?;
                    cells.in_row(row)?;
                    cells.push(column, CellKind::Text, &text)?;
                }
                id::LABEL_SST | id::NUMBER | id::RK | id::MUL_RK | id::BOOL_ERR | id::FORMULA => {
                    formula = cells.record(kind, data, at)?.or(formula);
                }
                _ => {}
            }
        }
        let mut grid = cells.grid;
        grid.end_row(1)?;
        info.hidden_columns = hidden.within(grid.width());
        Ok((grid, info))
    }
}

fn expect_biff8(records: &mut Records<'_>) -> Result<(), ReadError> {
    let at = records.offset();
    match records.next()? {
        (id::BOF, data) if u16_at(data, 0) == Some(BIFF8) => Ok(()),
        (id::BOF | 0x0009 | 0x0209 | 0x0409, _) => Err(ReadError::Unsupported {
            what: "a workbook of Excel 95 or older".to_owned(),
            instead: "save it as xlsx",
        }),
        _ => Err(damaged(at, "no beginning of a sheet")),
    }
}

fn bound_sheet(data: &[u8], at: usize) -> Result<Sheet, ReadError> {
    let (Some(offset), Some([state, kind])) = (u32_at(data, 0), data.get(4..6)) else {
        return Err(damaged(at, "a sheet without a place"));
    };
    let mut name = String::new();
    let rest = data.get(6..).unwrap_or_default();
    Records::new(&[], 0)
        .continued(rest)?
        .short_text(&mut name)?;
    Ok(Sheet {
        name,
        hidden: state & 3 != 0,
        is_worksheet: *kind == 0,
        offset: offset as usize,
    })
}

fn merged_ranges(data: &[u8]) -> impl Iterator<Item = MergedRange> + '_ {
    data.get(2..)
        .unwrap_or_default()
        .chunks_exact(8)
        .map(|range| {
            let at = |i| u16_at(range, i).map_or(1, |n| u32::from(n) + 1);
            MergedRange {
                first_row: at(0),
                last_row: at(2),
                first_column: at(4),
                last_column: at(6),
            }
        })
}

/// Row and column, both from 0.
fn position(data: &[u8], at: usize) -> Result<(u16, usize), ReadError> {
    match (u16_at(data, 0), u16_at(data, 2)) {
        (Some(row), Some(column)) => Ok((row, usize::from(column))),
        _ => Err(damaged(at, "a cell without a place")),
    }
}

struct Cells<'w, 'l, 's> {
    workbook: &'w Workbook,
    grid: Grid<'l>,
    row: Option<u16>,
    text: String,
    doubts: &'s mut Doubts,
    sink: &'s mut dyn Sink,
}

impl Cells<'_, '_, '_> {
    fn in_row(&mut self, row: u16) -> Result<(), ReadError> {
        if self.row != Some(row) {
            self.grid.end_row(1)?;
            self.grid
                .begin_row(u32::from(row) + 1, u32::from(row) + 1, 0);
            self.row = Some(row);
        }
        Ok(())
    }

    fn push(&mut self, column: usize, kind: CellKind, text: &str) -> Result<(), ReadError> {
        if text.is_empty() {
            Ok(())
        } else {
            self.grid.push(column, kind, text)
        }
    }

    /// Stores the cell or cells of a record. A formula whose text comes in the next record gives its place.
    fn record(
        &mut self,
        kind: u16,
        data: &[u8],
        at: usize,
    ) -> Result<Option<(usize, u16)>, ReadError> {
        let cut = || damaged(at, "a cell is cut off");
        let (row, column) = position(data, at)?;
        self.in_row(row)?;
        let style = u16_at(data, 4).ok_or_else(cut)?;
        match kind {
            id::LABEL_SST => {
                let index = u32_at(data, 6).ok_or_else(cut)?;
                let text = self.workbook.shared.get(index as usize);
                let len = text
                    .ok_or_else(|| damaged(at, "a cell refers to a text that is not there"))?
                    .len();
                if len > 0 {
                    self.grid.push_shared(column, index, len)?;
                }
            }
            id::NUMBER => self.number(column, style, f64_at(data, 6).ok_or_else(cut)?)?,
            id::RK => self.number(column, style, rk(u32_at(data, 6).ok_or_else(cut)?))?,
            id::MUL_RK => {
                let numbers = data.get(4..data.len().saturating_sub(2)).ok_or_else(cut)?;
                for (i, cell) in numbers.chunks_exact(6).enumerate() {
                    let (style, bits) = (
                        u16_at(cell, 0).ok_or_else(cut)?,
                        u32_at(cell, 2).ok_or_else(cut)?,
                    );
                    self.number(column + i, style, rk(bits))?;
                }
            }
            id::BOOL_ERR => {
                let value = data.get(6..8).ok_or_else(cut)?;
                self.truth_or_error(column, value[1] == 0, value[0])?;
            }
            _ => {
                let result = data.get(6..14).ok_or_else(cut)?;
                match (&result[6..8], result[0]) {
                    ([0xFF, 0xFF], 0) => return Ok(Some((column, row))),
                    ([0xFF, 0xFF], 1) => self.truth_or_error(column, true, result[2])?,
                    ([0xFF, 0xFF], 2) => self.truth_or_error(column, false, result[2])?,
                    ([0xFF, 0xFF], _) => {}
                    _ => self.number(column, style, f64_at(result, 0).ok_or_else(cut)?)?,
                }
            }
        }
        Ok(None)
    }

    /// Stores a number; one that no list means as a text, with a doubt about it.
    fn number(&mut self, column: usize, style: u16, number: f64) -> Result<(), ReadError> {
        self.text.clear();
        let (styles, is_1904) = (&self.workbook.styles, self.workbook.is_1904);
        let kind = styles.append(usize::from(style), number, is_1904, &mut self.text);
        if let Some(kind) = kind {
            return self.grid.push(column, kind, &self.text);
        }
        self.grid
            .push(column, CellKind::Text, &format!("{number:e}"))?;
        let place = self.grid.place(column);
        self.doubts.cell(Oddity::Number, place, self.sink);
        Ok(())
    }

    fn truth_or_error(&mut self, column: usize, truth: bool, value: u8) -> Result<(), ReadError> {
        if truth {
            return self.grid.push(
                column,
                CellKind::Boolean,
                if value == 0 { "false" } else { "true" },
            );
        }
        let error = match value {
            0x00 => "#NULL!",
            0x07 => "#DIV/0!",
            0x0F => "#VALUE!",
            0x17 => "#REF!",
            0x1D => "#NAME?",
            0x24 => "#NUM!",
            _ => "#N/A",
        };
        self.grid.push(column, CellKind::Error, error)
    }
}
