//! OpenDocument spreadsheets (ODF 1.3 part 3, 9).
//!
//! A cell or row can say that it is repeated; files of every program end with a row repeated a million times. Empty
//! ones cost nothing here, filled ones count against the limits before they are made.

use std::collections::HashSet;
use std::io::BufRead;

use quick_xml::events::{BytesStart, Event};

use super::super::ReadSummary;
use super::super::batch::CellKind;
use super::super::error::ReadError;
use super::super::format::{Format, Kind};
use super::super::grid::{Grid, Strings};
use super::super::limits::Limits;
use super::super::sink::{MergedRange, SheetInfo, Sink};
use super::choose;
use super::package::Package;
use super::serial;
use super::xml::{Xml, attribute, resolve};

/// Reads the declared sheet or all of them.
pub(super) fn read(
    bytes: &[u8],
    format: &Format,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    let mut package = Package::open(bytes, Kind::Ods, limits)?;
    refuse_encrypted(&mut package)?;
    let names = names(package.required("content.xml")?)?;
    let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
    let chosen = choose(&borrowed, format.sheet.as_deref())?;
    let mut content = Content {
        xml: package.required("content.xml")?,
        limits,
        hidden_styles: HashSet::new(),
    };
    let mut summary = ReadSummary::default();
    let mut buffer = Vec::new();
    let (mut index, mut style) = (0, String::new());
    loop {
        match content.xml.next(&mut buffer)? {
            Event::Start(e) => match e.local_name().as_ref() {
                "style" => style = attribute(&e, "name").unwrap_or_default(),
                "table-properties" if attribute(&e, "display").as_deref() == Some("false") => {
                    content.hidden_styles.insert(style.clone());
                }
                "table" => {
                    let name = attribute(&e, "name").unwrap_or_default();
                    let hidden = attribute(&e, "style-name")
                        .is_some_and(|s| content.hidden_styles.contains(&s));
                    let (grid, mut info) = content.table(&name)?;
                    let wanted = chosen.contains(&index);
                    index += 1;
                    if !wanted {
                        continue;
                    }
                    info.hidden = hidden;
                    info.hidden_columns.retain(|column| *column < grid.width());
                    info.name = Some(name);
                    match grid.emit(info, &Strings::default(), sink)? {
                        std::ops::ControlFlow::Continue((rows, cells)) => {
                            summary.add_table(rows, cells)
                        }
                        std::ops::ControlFlow::Break(()) => {
                            summary.stopped = true;
                            return Ok(summary);
                        }
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok(summary),
            _ => {}
        }
    }
}

fn refuse_encrypted(package: &mut Package<'_>) -> Result<(), ReadError> {
    let Some(mut xml) = package.xml("META-INF/manifest.xml")? else {
        return Ok(());
    };
    let mut buffer = Vec::new();
    loop {
        match xml.next(&mut buffer)? {
            Event::Start(e) if e.local_name().as_ref() == "encryption-data" => {
                return Err(ReadError::Encrypted);
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Names of the sheets, so that a wrong declaration is told before anything is read.
fn names<R: BufRead>(mut xml: Xml<R>) -> Result<Vec<String>, ReadError> {
    let mut names = Vec::new();
    let (mut buffer, mut depth, mut ended) = (Vec::new(), 0, false);
    loop {
        match xml.next(&mut buffer)? {
            Event::Start(e) if e.local_name().as_ref() == "table" => {
                if depth == 0 {
                    names.push(attribute(&e, "name").unwrap_or_default());
                }
                depth += 1;
            }
            Event::End(e) if e.local_name().as_ref() == "table" => depth -= 1,
            Event::End(e) if e.local_name().as_ref() == "document-content" => ended = true,
            Event::Eof if ended => return Ok(names),
            Event::Eof => return Err(xml.error("the document ends before its content does")),
            _ => {}
        }
    }
}

struct Content<'a, R> {
    xml: Xml<R>,
    limits: &'a Limits,
    hidden_styles: HashSet<String>,
}

/// The cell being read.
struct Open {
    kind: CellKind,
    repeat: u32,
    /// Value from an attribute; text otherwise comes from paragraphs.
    value: Option<String>,
    paragraphs: u32,
}

impl<'a, R: BufRead> Content<'a, R> {
    /// Reads one table, up to its end.
    fn table(&mut self, name: &str) -> Result<(Grid<'a>, SheetInfo), ReadError> {
        let mut grid = Grid::new(Some(name), self.limits);
        let mut info = SheetInfo::default();
        let (mut row, mut row_repeat) = (1_u32, 1_u32);
        let (mut column, mut columns_described) = (0_usize, 0_usize);
        let mut cell: Option<Open> = None;
        let (mut text, mut buffer) = (String::new(), Vec::new());
        let mut skipped = 0; // depth inside a comment or a drawing, whose text is none of the cell
        loop {
            match self.xml.next(&mut buffer)? {
                Event::Start(_) if skipped > 0 => skipped += 1,
                Event::End(_) if skipped > 0 => skipped -= 1,
                Event::Start(e) => match e.local_name().as_ref() {
                    "table-column" => {
                        let repeat = number(&e, "number-columns-repeated") as usize;
                        let hidden = attribute(&e, "visibility").is_some_and(|v| v != "visible");
                        let end = columns_described.saturating_add(repeat);
                        if hidden {
                            info.hidden_columns
                                .extend(columns_described..end.min(self.limits.max_columns));
                        }
                        columns_described = end;
                    }
                    "table-row" => {
                        row_repeat = number(&e, "number-rows-repeated");
                        column = 0;
                        grid.begin_row(row, row, 0);
                    }
                    "table-cell" | "covered-table-cell" => {
                        text.clear();
                        info.merged.extend(merged_range(&e, row, column));
                        cell = Some(open_cell(&e));
                    }
                    "p" | "h" => {
                        if let Some(cell) = &mut cell {
                            if cell.paragraphs > 0 {
                                text.push('\n');
                            }
                            cell.paragraphs += 1;
                        }
                    }
                    "s" => {
                        let blanks = number(&e, "c") as usize;
                        text.extend(std::iter::repeat_n(
                            ' ',
                            blanks.min(self.limits.max_cell_bytes + 1),
                        ));
                        if text.len() > self.limits.max_cell_bytes {
                            let limit = self.limits.max_cell_bytes;
                            return Err(ReadError::CellTooLarge {
                                place: grid.place(column),
                                limit,
                            });
                        }
                    }
                    "tab" => text.push('\t'),
                    "line-break" => text.push('\n'),
                    "annotation" | "frame" | "shapes" | "table-source" | "table" => skipped = 1,
                    _ => {}
                },
                Event::Text(t)
                    if skipped == 0 && cell.as_ref().is_some_and(|c| c.paragraphs > 0) =>
                {
                    text.push_str(&t.xml10_content());
                }
                Event::CData(t)
                    if skipped == 0 && cell.as_ref().is_some_and(|c| c.paragraphs > 0) =>
                {
                    text.push_str(&t.xml10_content());
                }
                Event::GeneralRef(r) if skipped == 0 && cell.is_some() => resolve(&r, &mut text),
                Event::End(e) => match e.local_name().as_ref() {
                    "table-cell" | "covered-table-cell" => {
                        if let Some(open) = cell.take() {
                            let value = open.value.as_deref().unwrap_or(&text);
                            if !value.is_empty() {
                                for i in 0..open.repeat as usize {
                                    grid.push(column + i, open.kind, value)?;
                                }
                            }
                            column = column.saturating_add(open.repeat as usize);
                        }
                    }
                    "table-row" => {
                        grid.end_row(row_repeat);
                        row = row.saturating_add(row_repeat);
                    }
                    "table" => return Ok((grid, info)),
                    _ => {}
                },
                Event::Eof => {
                    return Err(self.xml.error("the table ends before its last row does"));
                }
                _ => {}
            }
        }
    }
}

/// A count of repetitions; one where nothing or nonsense is said.
fn number(element: &BytesStart<'_>, name: &str) -> u32 {
    attribute(element, name)
        .and_then(|n| n.parse().ok())
        .unwrap_or(1)
        .max(1)
}

fn open_cell(element: &BytesStart<'_>) -> Open {
    let repeat = number(element, "number-columns-repeated");
    let mut open = Open {
        kind: CellKind::Text,
        repeat,
        value: None,
        paragraphs: 0,
    };
    let mut error = false;
    for a in element
        .attributes()
        .with_checks(false)
        .filter_map(Result::ok)
    {
        let value: &str = &a.value;
        match a.key.as_ref() {
            "calcext:value-type" => error = value == "error",
            "office:value-type" => {
                open.kind = match value {
                    "float" | "percentage" | "currency" => CellKind::Number,
                    "date" => CellKind::Date,
                    "boolean" => CellKind::Boolean,
                    _ => CellKind::Text,
                }
            }
            "office:value" => {
                let mut text = String::new();
                if let Ok(number) = value.parse::<f64>() {
                    serial::append_number(number, &mut text);
                    open.value = Some(text);
                }
            }
            "office:date-value" => {
                open.value = Some(value.trim_end_matches("T00:00:00").to_owned())
            }
            "office:boolean-value" => open.value = Some(value.to_owned()),
            _ => {}
        }
    }
    if open.kind == CellKind::Text {
        // A string value repeats what its paragraphs show; the paragraphs keep its line breaks.
        open.value = None;
    } else if open.value.is_none() {
        open.kind = CellKind::Text;
    }
    if error {
        open.kind = CellKind::Error;
        open.value = None;
    }
    open
}

fn merged_range(element: &BytesStart<'_>, row: u32, column: usize) -> Option<MergedRange> {
    let (columns, rows) = (
        number(element, "number-columns-spanned"),
        number(element, "number-rows-spanned"),
    );
    let first_column = u32::try_from(column).ok()?.checked_add(1)?;
    (columns > 1 || rows > 1).then(|| MergedRange {
        first_row: row,
        last_row: row.saturating_add(rows - 1),
        first_column,
        last_column: first_column.saturating_add(columns - 1),
    })
}
