//! OpenDocument spreadsheets (ODF 1.3 part 3, 9).
//!
//! A cell or row can say that it is repeated; files of every program end with a row repeated a million times. Empty
//! ones cost nothing here, filled ones count against the limits before they are made.

mod cell;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use self::cell::{Measured, Open, Scales, in_paragraph, merged_range, number, open_cell};
use super::super::ReadSummary;
use super::super::error::ReadError;
use super::super::format::{Format, Kind};
use super::super::grid::{Grid, Spent, Strings};
use super::super::limits::Limits;
use super::super::sink::{SheetInfo, Sink};
use super::doubt::Doubts;
use super::hidden::HiddenColumns;
use super::number_format::{NumberFormat, append_marked};
use super::package::Package;
use super::xml::{Event, Xml, append_text};
use super::{check_sheets, choose, merge};

/// Reads the declared sheet, or all of them but those that are ignored.
pub(super) fn read(
    bytes: &[u8],
    format: &Format,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    let mut package = Package::open(bytes, Kind::Ods, limits)?;
    for part in ["META-INF/manifest.xml", "content.xml"] {
        package.need(part)?;
    }
    refuse_encrypted(&mut package)?;
    let names = names(package.required("content.xml")?)?;
    let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
    let chosen = choose(&borrowed, format)?;
    package.count_anew();
    let mut content = Content {
        xml: package.required("content.xml")?,
        limits,
        hidden_styles: HashSet::new(),
        scaled_styles: HashMap::new(),
        doubts: Doubts::default(),
    };
    let (mut data_style, mut scaled_formats) = (String::new(), HashMap::new());
    let mut summary = ReadSummary::default();
    let mut spent = Spent::default();
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
                    let wanted = chosen.binary_search(&index).is_ok();
                    index += 1;
                    if !wanted {
                        content.skip_table()?;
                        continue;
                    }
                    let (mut grid, mut info) = content.table(&name, spent, sink)?;
                    content.doubts.twice(grid.settle(), sink);
                    spent = grid.spent();
                    summary.problems = content.doubts.found();
                    info.hidden = hidden;
                    info.name = Some(name);
                    let emitted = grid.emit(info, &Strings::default(), sink)?;
                    if summary.count(emitted).is_break() {
                        return Ok(summary);
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
    // Since ODF 1.3 a document can be encrypted as a whole.
    if package.has("encrypted-package") {
        return Err(ReadError::Encrypted);
    }
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
                    check_sheets(names.len())?;
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
    doubts: Doubts,
}

impl<'a, R: Read> Content<'a, R> {
    /// A number with the unit that its cell shows.
    fn shown(&self, measured: &Measured, scale_of_column: u32, text: &str) -> String {
        let scaled = match &measured.style {
            Some(style) => self.scale(style),
            None => scale_of_column,
        };
        let format = NumberFormat::of_shown(text, measured.percent, &measured.currency, scaled);
        let mut out = String::new();
        if let NumberFormat::Marked(sections) = format {
            append_marked(&sections, measured.number, &mut out);
        }
        out
    }

    /// By which power of ten a cell style divides what it shows.
    fn scale(&self, style: &str) -> u32 {
        self.scaled_styles.get(style).copied().unwrap_or(0)
    }

    /// Goes to the end of a table that nobody wants.
    fn skip_table(&mut self) -> Result<(), ReadError> {
        let mut depth = 1_u64;
        while depth > 0 {
            match self.xml.next()? {
                Event::Start(e) if e.name == b"table" => depth += 1,
                Event::End(b"table") => depth -= 1,
                Event::Eof => return Err(self.cut()),
                _ => {}
            }
        }
        Ok(())
    }

    fn cut(&self) -> ReadError {
        self.xml.error("the table ends before its last row does")
    }

    /// Reads one table, up to its end. `before` is what earlier ones have taken.
    fn table(
        &mut self,
        name: &str,
        before: Spent,
        sink: &mut dyn Sink,
    ) -> Result<(Grid<'a>, SheetInfo), ReadError> {
        let mut grid = Grid::after(before, Some(name), self.limits);
        let mut info = SheetInfo::default();
        let mut hidden_columns = HiddenColumns::new(self.limits.max_columns);
        let (mut row, mut row_repeat) = (1_u32, 1_u32);
        let (mut column, mut columns_described) = (0_usize, 0_usize);
        let mut scales = Scales::default();
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
                        let style = e.attribute("default-cell-style-name");
                        let scale = style.and_then(|style| self.scaled_styles.get(&*style));
                        if columns_described < self.limits.max_columns {
                            scales.push(end, scale.copied().unwrap_or(0));
                        }
                        if hidden {
                            hidden_columns.hide(columns_described, end);
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
                        merge(&mut info.merged, merged_range(&e, row, column))?;
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
                                open.value = Some(self.shown(measured, scales.of(column), &text));
                            }
                            if let Some(oddity) = open.oddity {
                                self.doubts.cell(oddity, grid.place(column), sink);
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
                        grid.end_row(row_repeat)?;
                        row = row.saturating_add(row_repeat);
                    }
                    b"table" => {
                        info.hidden_columns = hidden_columns.within(grid.width());
                        return Ok((grid, info));
                    }
                    _ => {}
                },
                Event::Eof => return Err(self.cut()),
                _ => {}
            }
            grid.check_cell(column, text.len())?;
        }
    }
}

/// The exponent of a factor of thousands, millions or milliards.
fn power_of_ten(factor: f64) -> Option<u32> {
    [(1e3, 3), (1e6, 6), (1e9, 9)]
        .into_iter()
        .find_map(|(known, power): (f64, u32)| factor.total_cmp(&known).is_eq().then_some(power))
}
