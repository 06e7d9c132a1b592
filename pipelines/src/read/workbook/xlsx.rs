//! Office Open XML workbooks (ECMA-376 part 1, 18).

use std::collections::HashMap;
use std::io::Read;

use super::super::batch::CellKind;
use super::super::error::ReadError;
use super::super::format::{Format, Kind};
use super::super::grid::{Grid, Strings};
use super::super::limits::Limits;
use super::super::place::Problem;
use super::super::sink::{MergedRange, SheetInfo, Sink};
use super::super::{ReadSummary, place::Place};
use super::number_format::NumberFormat;
use super::package::Package;
use super::styles::{self, Styles};
use super::xml::{Event, Tag, Xml, append_text};
use super::{choose, strings};

/// Reads the declared sheet or all of them.
pub(super) fn read(
    bytes: &[u8],
    format: &Format,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    let mut package = Package::open(bytes, Kind::Xlsx, limits)?;
    let workbook = workbook_part(&mut package)?;
    let (folder, file) = workbook.rsplit_once('/').unwrap_or(("", &workbook));
    let targets = relations(&mut package, &format!("{folder}/_rels/{file}.rels"), folder)?;
    let (sheets, is_1904) = sheets(package.required(&workbook)?)?;
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    let chosen = choose(&names, format.sheet.as_deref())?;
    let part = |kind: &str, usual: &str| {
        let found = targets.values().find(|target| target.kind.ends_with(kind));
        found.map_or_else(|| format!("{folder}/{usual}"), |target| target.part.clone())
    };
    let styles = match package.xml(&part("/styles", "styles.xml"))? {
        Some(xml) => styles::read(xml)?,
        None => Styles::default(),
    };
    let shared = match package.xml(&part("/sharedStrings", "sharedStrings.xml"))? {
        Some(xml) => strings::read(xml)?,
        None => Strings::default(),
    };
    let mut summary = ReadSummary::default();
    for index in chosen {
        let sheet = &sheets[index];
        let Some(target) = targets
            .get(&sheet.relation)
            .filter(|t| t.kind.ends_with("/worksheet"))
        else {
            continue;
        };
        let context = Context {
            name: &sheet.name,
            is_1904,
            styles: &styles,
            shared: &shared,
            limits,
        };
        let table = context.read(package.required(&target.part)?, sink)?;
        summary.problems += table.problems;
        let width = table.grid.width();
        let info = SheetInfo {
            name: Some(sheet.name.clone()),
            hidden: sheet.hidden,
            hidden_columns: table.hidden_columns(width),
            merged: table.merged,
            ..SheetInfo::default()
        };
        match table.grid.emit(info, &shared, sink)? {
            std::ops::ControlFlow::Continue((rows, cells)) => summary.add_table(rows, cells),
            std::ops::ControlFlow::Break(()) => {
                summary.stopped = true;
                break;
            }
        }
    }
    Ok(summary)
}

struct Target {
    kind: String,
    part: String,
}

struct Sheet {
    name: String,
    hidden: bool,
    relation: String,
}

/// The part that is the workbook; where the package does not say, the one every program uses.
fn workbook_part(package: &mut Package<'_>) -> Result<String, ReadError> {
    let relations = relations(package, "_rels/.rels", "")?;
    let found = relations
        .into_values()
        .find(|target| target.kind.ends_with("/officeDocument"));
    Ok(found
        .map(|target| target.part)
        .filter(|part| package.has(part))
        .unwrap_or_else(|| "xl/workbook.xml".to_owned()))
}

/// Relations of a part by their ids, with targets as names of parts.
fn relations(
    package: &mut Package<'_>,
    part: &str,
    folder: &str,
) -> Result<HashMap<String, Target>, ReadError> {
    let mut targets = HashMap::new();
    let Some(mut xml) = package.xml(part)? else {
        return Ok(targets);
    };
    loop {
        match xml.next()? {
            Event::Start(e) if e.name == b"Relationship" => {
                let target = e.text("Target");
                let (id, kind) = (e.text("Id"), e.text("Type"));
                targets.insert(
                    id,
                    Target {
                        kind,
                        part: join(folder, &target),
                    },
                );
            }
            Event::Eof => return Ok(targets),
            _ => {}
        }
    }
}

/// `worksheets/sheet1.xml` or `/xl/worksheets/sheet1.xml`, seen from `xl`, as the name of a part.
fn join(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for piece in target.split('/') {
        match piece {
            "." | "" => {}
            ".." => drop(parts.pop()),
            piece => parts.push(piece),
        }
    }
    parts.join("/")
}

fn sheets<R: Read>(mut xml: Xml<R>) -> Result<(Vec<Sheet>, bool), ReadError> {
    let (mut sheets, mut is_1904) = (Vec::new(), false);
    loop {
        match xml.next()? {
            Event::Start(e) => match e.name {
                b"workbookPr" => is_1904 = e.is_set("date1904"),
                b"sheet" => sheets.push(Sheet {
                    name: e.text("name"),
                    hidden: e.attribute("state").is_some_and(|state| state != "visible"),
                    relation: e.text("id"),
                }),
                _ => {}
            },
            Event::Eof if sheets.is_empty() => return Err(xml.error("expected a list of sheets")),
            Event::Eof => return Ok((sheets, is_1904)),
            _ => {}
        }
    }
}

/// What the cells of a sheet refer to.
struct Context<'a> {
    name: &'a str,
    is_1904: bool,
    styles: &'a Styles,
    shared: &'a Strings,
    limits: &'a Limits,
}

struct Table<'a> {
    grid: Grid<'a>,
    hidden: Vec<(usize, usize)>,
    merged: Vec<MergedRange>,
    problems: u64,
}

impl Table<'_> {
    fn hidden_columns(&self, width: usize) -> Vec<usize> {
        let mut columns: Vec<usize> = self
            .hidden
            .iter()
            .flat_map(|&(first, last)| first..last.saturating_add(1).min(width))
            .collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }
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
    fn read<R: Read>(&self, mut xml: Xml<R>, sink: &mut dyn Sink) -> Result<Table<'a>, ReadError> {
        let grid = Grid::new(Some(self.name), self.limits);
        let mut table = Table {
            grid,
            hidden: Vec::new(),
            merged: Vec::new(),
            problems: 0,
        };
        let (mut row, mut column) = (0_u32, 0_usize);
        let mut cell: Option<Open> = None;
        let (mut in_value, mut in_aid, mut has_data) = (false, false, false);
        let (mut value, mut scratch) = (String::new(), String::new());
        loop {
            match xml.next()? {
                Event::Start(e) => match e.name {
                    b"c" => {
                        let open = open_cell(&e, column);
                        column = open.column;
                        cell = Some(open);
                        value.clear();
                    }
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
                        let at = |name| {
                            e.attribute(name)
                                .and_then(|n| n.parse::<usize>().ok())
                                .unwrap_or(0)
                        };
                        if at("min") > 0 {
                            table
                                .hidden
                                .push((at("min") - 1, at("max").max(at("min")) - 1));
                        }
                    }
                    b"mergeCell" => table
                        .merged
                        .extend(e.attribute("ref").and_then(|range| merged_range(&range))),
                    _ => {}
                },
                Event::Text(t) if in_value => append_text(t, &mut value),
                Event::Plain(t) if in_value => value.push_str(t),
                Event::End(name) => match name {
                    b"v" | b"t" => in_value = false,
                    b"rPh" => in_aid = false,
                    b"c" => {
                        let open = cell.take().filter(|_| !value.is_empty());
                        if let Some(open) = open
                            && !self.cell(&mut table.grid, open, &mut value, &mut scratch)?
                        {
                            table.problems += 1;
                            sink.problem(self.odd_cell(row, open.column));
                        }
                        column += 1;
                    }
                    b"row" => table.grid.end_row(1),
                    b"sheetData" => has_data = true,
                    _ => {}
                },
                Event::Eof if has_data => return Ok(table),
                Event::Eof => return Err(xml.error("the sheet ends before its data do")),
                _ => {}
            }
        }
    }

    /// Stores a cell. `false` if its content does not fit its type: then a number is kept as the text that stands there,
    /// and a reference to a shared text that does not exist is no cell.
    fn cell(
        &self,
        grid: &mut Grid<'_>,
        open: Open,
        value: &mut String,
        scratch: &mut String,
    ) -> Result<bool, ReadError> {
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
                    return Ok(false);
                };
                if text.len() > self.limits.max_cell_bytes {
                    let limit = self.limits.max_cell_bytes;
                    return Err(ReadError::CellTooLarge {
                        place: grid.place(column),
                        limit,
                    });
                }
                if !text.is_empty() {
                    grid.push_shared(column, index, text.len())?;
                }
                return Ok(true);
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
                    return Ok(true);
                }
                let Ok(number) = text.parse::<f64>() else {
                    grid.push(column, CellKind::Text, value)?;
                    return Ok(false);
                };
                scratch.clear();
                let kind = self.styles.append(style, number, self.is_1904, scratch);
                grid.push(column, kind, scratch)?;
            }
        }
        Ok(true)
    }

    fn odd_cell(&self, row: u32, column: usize) -> Problem {
        Problem {
            place: Place::cell(self.name, row, column as u32 + 1),
            rule: "cell_type",
            message: "the content of this cell does not fit the type it is declared to have; the file may be damaged".to_owned(),
        }
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

/// Column (from 1) and the rest of a reference such as `AB12`.
fn column_of(reference: &str) -> Option<(u32, &str)> {
    let letters = reference
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .count();
    let column = reference.bytes().take(letters).try_fold(0_u32, |sum, b| {
        sum.checked_mul(26)?
            .checked_add(u32::from(b.to_ascii_uppercase() - b'A' + 1))
    })?;
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
