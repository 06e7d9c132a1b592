//! The part of one sheet (ECMA-376 part 1, 18.3).

use std::io::Read;

use super::super::super::batch::CellKind;
use super::super::super::error::ReadError;
use super::super::super::grid::{Grid, Spent, Strings};
use super::super::super::limits::Limits;
use super::super::super::sink::{MergedRange, Sink};
use super::super::doubt::{Doubts, Oddity};
use super::super::hidden::HiddenColumns;
use super::super::number_format::NumberFormat;
use super::super::styles::Styles;
use super::super::xml::{Event, Tag, Xml, append_text};
use super::super::{merge, strings};

/// What the cells of a sheet refer to.
pub(super) struct Context<'a> {
    pub(super) name: &'a str,
    pub(super) is_1904: bool,
    pub(super) styles: &'a Styles,
    pub(super) shared: &'a Strings,
    pub(super) limits: &'a Limits,
    /// What the sheets before this one have taken.
    pub(super) before: Spent,
}

/// What has been read of a sheet.
pub(super) struct Table<'a> {
    pub(super) grid: Grid<'a>,
    pub(super) hidden: HiddenColumns,
    pub(super) merged: Vec<MergedRange>,
}

/// Type of a cell, its attribute `t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellType {
    Number,
    Shared,
    Text,
    Boolean,
    Error,
    Date,
}

/// The cell being read.
#[derive(Debug, Clone, Copy)]
struct Open {
    column: usize,
    style: usize,
    kind: CellType,
}

impl<'a> Context<'a> {
    /// Reads the part to its end. Fails when it is damaged or goes over a limit.
    pub(super) fn read<R: Read>(
        &self,
        mut xml: Xml<R>,
        doubts: &mut Doubts,
        sink: &mut dyn Sink,
    ) -> Result<Table<'a>, ReadError> {
        let mut table = Table {
            grid: Grid::after(self.before, Some(self.name), self.limits),
            hidden: HiddenColumns::new(self.limits.max_columns),
            merged: Vec::new(),
        };
        let (mut row, mut column) = (0_u32, 0_usize);
        let mut cell: Option<Open> = None;
        let (mut in_value, mut in_aid, mut has_data) = (false, false, false);
        let mut is_formula = false;
        let (mut value, mut scratch) = (String::new(), String::new());
        loop {
            match xml.next()? {
                Event::Start(e) => match e.name {
                    b"c" => {
                        let open = open_cell(&e, column);
                        table.grid.check_column(open.column)?;
                        column = open.column;
                        cell = Some(open);
                        value.clear();
                        is_formula = false;
                    }
                    b"f" => is_formula = true,
                    b"v" | b"t" => in_value = cell.is_some() && !in_aid,
                    b"rPh" => in_aid = true,
                    b"row" => {
                        let next = row.saturating_add(1);
                        row = e
                            .attribute("r")
                            .and_then(|r| r.parse().ok())
                            .unwrap_or(next);
                        column = 0;
                        table.grid.begin_row(row, row, 0);
                    }
                    b"col" if e.is_set("hidden") => {
                        let at = |name| e.attribute(name).and_then(|n| n.parse::<usize>().ok());
                        if let Some(first @ 1..) = at("min") {
                            let last = at("max").unwrap_or(first).max(first);
                            table.hidden.hide(first - 1, last);
                        }
                    }
                    b"mergeCell" => {
                        let range = e.attribute("ref").and_then(|range| merged_range(&range));
                        merge(&mut table.merged, range)?;
                    }
                    _ => {}
                },
                Event::Text(t) if in_value => {
                    append_text(t, &mut value);
                    table.grid.check_cell(column, value.len())?;
                }
                Event::Plain(t) if in_value => {
                    value.push_str(t);
                    table.grid.check_cell(column, value.len())?;
                }
                Event::End(name) => match name {
                    b"v" | b"t" => in_value = false,
                    b"rPh" => in_aid = false,
                    b"c" => {
                        if let Some(open) = cell.take() {
                            // A text of no letters is a value; a number of no digits is none.
                            let oddity = if value.is_empty() {
                                let is_number = open.kind == CellType::Number;
                                (is_formula && is_number).then_some(Oddity::Formula)
                            } else {
                                self.cell(&mut table.grid, open, &mut value, &mut scratch)?
                            };
                            if let Some(oddity) = oddity {
                                doubts.cell(oddity, table.grid.place(open.column), sink);
                            }
                        }
                        column += 1;
                    }
                    b"row" => table.grid.end_row(1)?,
                    b"sheetData" => has_data = true,
                    _ => {}
                },
                Event::Eof if has_data => return Ok(table),
                Event::Eof => return Err(xml.error("the sheet ends before its data do")),
                _ => {}
            }
        }
    }

    /// Stores a cell, and says what is odd about it: a number that is none or that nobody means is kept as the text that
    /// stands there, and a reference to a shared text that does not exist is no cell.
    fn cell(
        &self,
        grid: &mut Grid<'_>,
        open: Open,
        value: &mut String,
        scratch: &mut String,
    ) -> Result<Option<Oddity>, ReadError> {
        let Open {
            column,
            style,
            kind,
        } = open;
        match kind {
            CellType::Shared => {
                let text = value
                    .trim()
                    .parse::<u32>()
                    .ok()
                    .and_then(|i| Some((i, self.shared.get(i as usize)?)));
                let Some((index, text)) = text else {
                    return Ok(Some(Oddity::Type));
                };
                if !text.is_empty() {
                    grid.push_shared(column, index, text.len())?;
                }
            }
            CellType::Text => {
                strings::unescape(value);
                grid.push(column, CellKind::Text, value)?;
            }
            CellType::Boolean => {
                let text = if matches!(value.trim(), "1" | "true") {
                    "true"
                } else {
                    "false"
                };
                grid.push(column, CellKind::Boolean, text)?;
            }
            CellType::Error => grid.push(column, CellKind::Error, value)?,
            CellType::Date => grid.push(
                column,
                CellKind::Date,
                value
                    .trim()
                    .trim_end_matches('Z')
                    .trim_end_matches("T00:00:00"),
            )?,
            CellType::Number => {
                let text = value.trim();
                if self.styles.format(style) == &NumberFormat::Bare && is_plain_integer(text) {
                    grid.push(column, CellKind::Number, text)?;
                    return Ok(None);
                }
                let Ok(number) = text.parse::<f64>() else {
                    grid.push(column, CellKind::Text, value)?;
                    return Ok(Some(Oddity::Type));
                };
                scratch.clear();
                let Some(kind) = self.styles.append(style, number, self.is_1904, scratch) else {
                    grid.push(column, CellKind::Text, value)?;
                    return Ok(Some(Oddity::Number));
                };
                grid.push(column, kind, scratch)?;
            }
        }
        Ok(None)
    }
}

fn open_cell(element: &Tag<'_>, next_column: usize) -> Open {
    let mut open = Open {
        column: next_column,
        style: 0,
        kind: CellType::Number,
    };
    for (key, value) in element.attributes() {
        match key {
            b"r" => {
                open.column =
                    column_of(value).map_or(next_column, |(column, _)| column as usize - 1);
            }
            b"s" => open.style = value.parse().unwrap_or(0),
            b"t" => {
                open.kind = match value {
                    "s" => CellType::Shared,
                    "str" | "inlineStr" => CellType::Text,
                    "b" => CellType::Boolean,
                    "e" => CellType::Error,
                    "d" => CellType::Date,
                    _ => CellType::Number,
                }
            }
            _ => {}
        }
    }
    open
}

/// Column (from 1) and the rest of a reference such as `AB12`. A column beyond all numbers is the last of them, so that
/// it is refused and not taken for none.
fn column_of(reference: &str) -> Option<(u32, &str)> {
    let letters = reference
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .count();
    let column = reference.bytes().take(letters).fold(0_u32, |sum, b| {
        let letter = u32::from(b.to_ascii_uppercase() - b'A' + 1);
        sum.saturating_mul(26).saturating_add(letter)
    });
    (column > 0).then_some((column, &reference[letters..]))
}

fn merged_range(reference: &str) -> Option<MergedRange> {
    let (from, to) = reference.split_once(':').unwrap_or((reference, reference));
    let (first_column, first_row) = column_of(from)?;
    let (last_column, last_row) = column_of(to)?;
    Some(MergedRange {
        first_row: first_row.parse().ok()?,
        last_row: last_row.parse().ok()?,
        first_column,
        last_column,
    })
}

/// An integer whose text is already the shortest decimal of its float.
fn is_plain_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let canonical =
        digits.len() == 1 && text.len() == 1 || digits.first().is_some_and(|b| *b != b'0');
    canonical && digits.len() <= 15 && digits.iter().all(u8::is_ascii_digit)
}
