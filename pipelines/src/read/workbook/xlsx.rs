//! Office Open XML workbooks (ECMA-376 part 1, 18): the parts of a workbook and which of them are its sheets.

mod sheet;

use std::collections::HashMap;
use std::io::Read;

use self::sheet::Context;
use super::super::ReadSummary;
use super::super::error::ReadError;
use super::super::format::{Format, Kind};
use super::super::grid::{Spent, Strings};
use super::super::limits::Limits;
use super::super::sink::{SheetInfo, Sink};
use super::doubt::Doubts;
use super::package::{MAX_PARTS, Package};
use super::styles::{self, Styles};
use super::xml::{Event, Xml};
use super::{Seen, check_sheets, choose, strings};

/// Reads the declared sheet, or all of them but those that are ignored.
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
    let chosen = choose(&names, format)?;
    if chosen.is_empty() {
        return Ok(ReadSummary::default());
    }
    let part = |kind: &str, usual: &str| {
        let found = targets.values().find(|target| target.kind.ends_with(kind));
        found.map_or_else(|| format!("{folder}/{usual}"), |target| target.part.clone())
    };
    let (styles, shared) = (
        part("/styles", "styles.xml"),
        part("/sharedStrings", "sharedStrings.xml"),
    );
    let sheet_part = |index: usize| {
        let target = targets.get(&sheets[index].relation);
        target.filter(|target| target.kind.ends_with("/worksheet"))
    };
    package.need(&styles)?;
    package.need(&shared)?;
    for target in chosen.iter().filter_map(|index| sheet_part(*index)) {
        // Reading ends at a sheet that is not there.
        if !package.need(&target.part)? {
            break;
        }
    }
    let styles = match package.xml(&styles)? {
        Some(xml) => styles::read(xml)?,
        None => Styles::default(),
    };
    let shared = match package.xml(&shared)? {
        Some(xml) => strings::read(xml, limits)?,
        None => Strings::default(),
    };
    let mut summary = ReadSummary::default();
    let (mut spent, mut doubts) = (Spent::default(), Doubts::default());
    let mut seen = Seen::new();
    for index in chosen {
        let sheet = &sheets[index];
        let Some(target) = sheet_part(index) else {
            continue;
        };
        seen.note(target.part.to_ascii_lowercase(), index)?;
        let context = Context {
            name: &sheet.name,
            is_1904,
            styles: &styles,
            shared: &shared,
            limits,
            before: spent,
        };
        let mut table = context.read(package.required(&target.part)?, &mut doubts, sink)?;
        doubts.twice(table.grid.settle(), sink);
        summary.problems = doubts.found();
        spent = table.grid.spent();
        let info = SheetInfo {
            name: Some(sheet.name.clone()),
            hidden: sheet.hidden,
            hidden_columns: table.hidden.within(table.grid.width()),
            merged: table.merged,
            ..SheetInfo::default()
        };
        let emitted = table.grid.emit(info, &shared, sink)?;
        if summary.count(emitted).is_break() {
            break;
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
                // Parts of the archive or places outside of it; both are few in a workbook.
                if targets.len() > MAX_PARTS {
                    return Err(ReadError::TooMany {
                        what: "relations",
                        limit: MAX_PARTS,
                    });
                }
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
                b"sheet" => {
                    check_sheets(sheets.len())?;
                    sheets.push(Sheet {
                        name: e.text("name"),
                        hidden: e.attribute("state").is_some_and(|state| state != "visible"),
                        relation: e.text("id"),
                    });
                }
                _ => {}
            },
            Event::Eof if sheets.is_empty() => return Err(xml.error("expected a list of sheets")),
            Event::Eof => return Ok((sheets, is_1904)),
            _ => {}
        }
    }
}
