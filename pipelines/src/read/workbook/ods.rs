//! OpenDocument spreadsheets (ODF 1.3 part 3, 9).
//!
//! A cell or row can say that it is repeated; files of every program end with a row repeated a million times. Empty
//! ones cost nothing here, filled ones count against the limits before they are made.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use super::super::ReadSummary;
use super::super::batch::CellKind;
use super::super::error::ReadError;
use super::super::format::{Format, Kind};
use super::super::grid::{Grid, Strings};
use super::super::limits::Limits;
use super::super::sink::{MergedRange, SheetInfo, Sink};
use super::choose;
use super::number_format::{NumberFormat, append_marked};
use super::package::Package;
use super::serial;
use super::xml::{Event, Tag, Xml, append_text};

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
        scaled_styles: HashMap::new(),
    };
    let (mut data_style, mut scaled_formats) = (String::new(), HashMap::new());
    let mut summary = ReadSummary::default();
    let (mut index, mut style) = (0, String::new());
    loop {
        match content.xml.next()? {
            Event::Start(e) => match e.name {
                b"number-style" | b"currency-style" | b"percentage-style" => {
                    data_style = e.text("name");
                }
                b"number" => {
                    let factor = e.attribute("display-factor").and_then(|f| f.parse().ok());
                    if let Some(scaled) = factor.and_then(power_of_ten) {
                        scaled_formats.insert(data_style.clone(), scaled);
                    }
                }
                b"style" => {
                    style = e.text("name");
                    let format = e.attribute("data-style-name");
                    if let Some(scaled) = format.and_then(|f| scaled_formats.get(&*f)) {
                        content.scaled_styles.insert(style.clone(), *scaled);
                    }
                }
                b"table-properties" if e.attribute("display").as_deref() == Some("false") => {
                    content.hidden_styles.insert(style.clone());
                }
                b"table" => {
                    let name = e.text("name");
                    let hidden = e
                        .attribute("style-name")
                        .is_some_and(|s| content.hidden_styles.contains(&*s));
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
                            summary.add_table(rows, cells);
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
    loop {
        match xml.next()? {
            Event::Start(e) if e.name == b"encryption-data" => {
                return Err(ReadError::Encrypted);
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Names of the sheets, so that a wrong declaration is told before anything is read.
fn names<R: Read>(mut xml: Xml<R>) -> Result<Vec<String>, ReadError> {
    let mut names = Vec::new();
    let (mut depth, mut ended) = (0, false);
    loop {
        match xml.next()? {
            Event::Start(e) if e.name == b"table" => {
                if depth == 0 {
                    names.push(e.text("name"));
                }
                depth += 1;
            }
            Event::End(b"table") => depth -= 1,
            Event::End(b"document-content") => ended = true,
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
    /// Cell styles that show numbers divided by a power of ten, and which.
    scaled_styles: HashMap<String, u32>,
}

/// A number of a cell and what is said about how it is shown.
struct Measured {
    number: f64,
    percent: bool,
    currency: String,
    style: Option<String>,
}

/// The cell being read.
struct Open {
    kind: CellKind,
    repeat: u32,
    /// Value from an attribute; text otherwise comes from paragraphs.
    value: Option<String>,
    /// Set where the value is a number.
    measured: Option<Measured>,
    paragraphs: u32,
}

impl<'a, R: Read> Content<'a, R> {
    /// A number with the unit that its cell shows.
    fn shown(&self, measured: &Measured, default_style: Option<&str>, text: &str) -> String {
        let style = measured.style.as_deref().or(default_style);
        let scaled = style.and_then(|style| self.scaled_styles.get(style));
        let format = NumberFormat::of_shown(
            text,
            measured.percent,
            &measured.currency,
            scaled.copied().unwrap_or(0),
        );
        let mut out = String::new();
        if let NumberFormat::Marked(sections) = format {
            append_marked(&sections, measured.number, &mut out);
        }
        out
    }

    /// Reads one table, up to its end.
    fn table(&mut self, name: &str) -> Result<(Grid<'a>, SheetInfo), ReadError> {
        let mut grid = Grid::new(Some(name), self.limits);
        let mut info = SheetInfo::default();
        let (mut row, mut row_repeat) = (1_u32, 1_u32);
        let (mut column, mut columns_described) = (0_usize, 0_usize);
        let mut column_styles: Vec<(usize, String)> = Vec::new();
        let mut cell: Option<Open> = None;
        let mut text = String::new();
        let mut skipped = 0; // depth inside a comment or a drawing, whose text is none of the cell
        loop {
            match self.xml.next()? {
                Event::Start(_) if skipped > 0 => skipped += 1,
                Event::End(_) if skipped > 0 => skipped -= 1,
                Event::Start(e) => match e.name {
                    b"table-column" => {
                        let repeat = number(&e, "number-columns-repeated") as usize;
                        let hidden = e.attribute("visibility").is_some_and(|v| v != "visible");
                        let end = columns_described.saturating_add(repeat);
                        if let Some(style) = e.attribute("default-cell-style-name") {
                            column_styles.push((end, style.into_owned()));
                        }
                        if hidden {
                            info.hidden_columns
                                .extend(columns_described..end.min(self.limits.max_columns));
                        }
                        columns_described = end;
                    }
                    b"table-row" => {
                        row_repeat = number(&e, "number-rows-repeated");
                        column = 0;
                        grid.begin_row(row, row, 0);
                    }
                    b"table-cell" | b"covered-table-cell" => {
                        text.clear();
                        info.merged.extend(merged_range(&e, row, column));
                        cell = Some(open_cell(&e));
                    }
                    b"p" | b"h" => {
                        if let Some(cell) = &mut cell {
                            if cell.paragraphs > 0 {
                                text.push('\n');
                            }
                            cell.paragraphs += 1;
                        }
                    }
                    b"s" => {
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
                    b"tab" => text.push('\t'),
                    b"line-break" => text.push('\n'),
                    b"annotation" | b"frame" | b"shapes" | b"table-source" | b"table" => {
                        skipped = 1;
                    }
                    _ => {}
                },
                Event::Text(t) if skipped == 0 && in_paragraph(cell.as_ref()) => {
                    append_text(t, &mut text);
                }
                Event::Plain(t) if skipped == 0 && in_paragraph(cell.as_ref()) => text.push_str(t),
                Event::End(name) => match name {
                    b"table-cell" | b"covered-table-cell" => {
                        if let Some(mut open) = cell.take() {
                            if let Some(measured) = &open.measured {
                                let default = default_style(&column_styles, column);
                                open.value = Some(self.shown(measured, default, &text));
                            }
                            let value = open.value.as_deref().unwrap_or(&text);
                            if !value.is_empty() {
                                for i in 0..open.repeat as usize {
                                    grid.push(column + i, open.kind, value)?;
                                }
                            }
                            column = column.saturating_add(open.repeat as usize);
                        }
                    }
                    b"table-row" => {
                        grid.end_row(row_repeat);
                        row = row.saturating_add(row_repeat);
                    }
                    b"table" => return Ok((grid, info)),
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

/// The style of a column's cells that say none; `styles` ends each with the first column after it.
fn default_style(styles: &[(usize, String)], column: usize) -> Option<&str> {
    let found = styles.iter().find(|(end, _)| column < *end);
    found.map(|(_, style)| style.as_str())
}

/// The exponent of a factor of thousands, millions or milliards.
fn power_of_ten(factor: f64) -> Option<u32> {
    [(1e3, 3), (1e6, 6), (1e9, 9)]
        .into_iter()
        .find_map(|(known, power): (f64, u32)| factor.total_cmp(&known).is_eq().then_some(power))
}

/// Text between paragraphs is indentation.
fn in_paragraph(cell: Option<&Open>) -> bool {
    cell.is_some_and(|cell| cell.paragraphs > 0)
}

/// A count of repetitions; one where nothing or nonsense is said.
fn number(element: &Tag<'_>, name: &str) -> u32 {
    element
        .attribute(name)
        .and_then(|n| n.parse().ok())
        .unwrap_or(1)
        .max(1)
}

fn open_cell(element: &Tag<'_>) -> Open {
    let repeat = number(element, "number-columns-repeated");
    let mut open = Open {
        kind: CellKind::Text,
        repeat,
        value: None,
        measured: None,
        paragraphs: 0,
    };
    let (mut error, mut percent) = (false, false);
    let (mut currency, mut style) = (String::new(), None);
    for (key, value) in element.attributes() {
        match key {
            b"calcext:value-type" => error = value == "error",
            b"office:currency" => value.clone_into(&mut currency),
            b"table:style-name" => style = Some(value.to_owned()),
            b"office:value-type" => {
                percent = value == "percentage";
                open.kind = match value {
                    "float" | "percentage" | "currency" => CellKind::Number,
                    "date" => CellKind::Date,
                    "boolean" => CellKind::Boolean,
                    _ => CellKind::Text,
                }
            }
            b"office:value" => {
                let mut text = String::new();
                if let Ok(number) = value.parse::<f64>() {
                    serial::append_number(number, &mut text);
                    open.value = Some(text);
                    open.measured = Some(Measured {
                        number,
                        percent: false,
                        currency: String::new(),
                        style: None,
                    });
                }
            }
            b"office:date-value" => {
                open.value = Some(value.trim_end_matches("T00:00:00").to_owned());
            }
            b"office:boolean-value" => open.value = Some(value.to_owned()),
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
    open.measured = open
        .measured
        .filter(|_| open.kind == CellKind::Number)
        .map(|measured| Measured {
            percent,
            currency,
            style,
            ..measured
        });
    open
}

fn merged_range(element: &Tag<'_>, row: u32, column: usize) -> Option<MergedRange> {
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
