//! Workbooks of changes between two versions of NUTS, as Eurostat publishes them: codes of both versions with labels,
//! and a sheet that says which new region is the sum of which old ones.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use bytes::Bytes;
use esf_schemas::code_list;

use super::code::NutsCode;
use super::version::{Change, Relation};
use crate::read::{Collected, Format, Kind, Limits, ReadError, read};

/// What a workbook says of the countries whose versions are known.
#[derive(Debug, Default)]
pub struct Workbook {
    /// The older and the newer version.
    pub versions: Option<(String, String)>,
    /// Labels by version and code.
    pub names: BTreeMap<(String, NutsCode), String>,
    /// Changes, in the order of the sheets.
    pub changes: Vec<Change>,
}

/// Columns of a sheet.
struct Header {
    old: usize,
    new: usize,
    labels: Vec<usize>,
    change: Option<usize>,
    explanation: Option<usize>,
}

/// Reads a workbook, in a process of its own if the limits name readers. Fails if it is none, goes over a limit, or no sheet
/// has columns of codes.
pub fn read_changes(bytes: &Bytes, limits: &Limits) -> Result<Workbook, ReadError> {
    let mut collected = Collected::default();
    read(bytes, &Format::new(Kind::Xlsx), limits, &mut collected)?;
    let mut book = Workbook::default();
    for (info, batches) in &collected.sheets {
        let rows: Vec<Vec<Option<String>>> =
            batches.iter().flat_map(|b| texts(b, info.width)).collect();
        book.add_sheet(&rows);
    }
    if book.versions.is_none() {
        return Err(ReadError::Unsupported {
            what: "a workbook without columns \"Code <year>\" of two versions of NUTS".into(),
            instead: "declare another role for it in source.toml",
        });
    }
    Ok(book)
}

fn texts(batch: &RecordBatch, width: usize) -> Vec<Vec<Option<String>>> {
    let cells: Vec<_> = (0..width)
        .filter_map(|at| {
            batch
                .column_by_name(&format!("c{at}"))?
                .as_string_opt::<i32>()
        })
        .collect();
    (0..batch.num_rows())
        .map(|row| {
            let text = |cells: &arrow::array::StringArray| {
                let text = cells.is_valid(row).then(|| cells.value(row).trim())?;
                (!text.is_empty()).then(|| text.to_owned())
            };
            cells.iter().map(|c| text(c)).collect()
        })
        .collect()
}

impl Workbook {
    fn add_sheet(&mut self, rows: &[Vec<Option<String>>]) {
        let mut top = rows.iter().take(20).enumerate();
        let Some((at, header)) = top.find_map(|(at, row)| Some((at, self.header(row)?))) else {
            return;
        };
        let Some((older, newer)) = self.versions.clone() else {
            return;
        };
        let known = |code: &NutsCode| {
            let counts = code_list("nuts_count").map_or(&[][..], |list| &list.entries);
            let country = code.at_level(0);
            counts
                .iter()
                .any(|e| e.get("country") == Some(country.as_str()))
        };
        for row in &rows[at + 1..] {
            let cell = |at: usize| row.get(at)?.as_deref();
            let code = |at: usize| cell(at).and_then(NutsCode::parse).filter(known);
            let (old, new) = (code(header.old), code(header.new));
            let label = header.labels.iter().find_map(|at| cell(*at));
            for (version, code) in [(&older, old), (&newer, new)] {
                if let (Some(code), Some(label)) = (code, label) {
                    let name = self.names.entry((version.clone(), code));
                    name.or_insert_with(|| label.to_owned());
                }
            }
            let change = header.change.and_then(cell);
            if let (Some(old), Some(new)) = (old, new)
                && let Some(relation) = relation(old, new, change)
            {
                self.add(old, new, relation, change, label);
            }
            let sum = header
                .explanation
                .and_then(cell)
                .and_then(|text| text.split_once('='));
            if let Some((new, olds)) = sum
                && let Some(new) = NutsCode::parse(new).filter(known)
            {
                let olds: Vec<NutsCode> = olds.split('+').filter_map(NutsCode::parse).collect();
                let relation = if olds.len() == 1 {
                    Relation::Recoded
                } else {
                    Relation::Merged
                };
                for old in olds {
                    let name = self.names.get(&(older.clone(), old)).cloned();
                    self.add(old, new, relation, change, name.as_deref());
                }
            }
        }
    }

    /// The header, if the row is one; the first one says which versions the workbook compares.
    fn header(&mut self, row: &[Option<String>]) -> Option<Header> {
        let year = |text: &Option<String>| {
            let year = text.as_deref()?.strip_prefix("Code ")?;
            (year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit())).then(|| year.to_owned())
        };
        let codes: Vec<(usize, String)> = row
            .iter()
            .enumerate()
            .filter_map(|(at, text)| Some((at, year(text)?)))
            .collect();
        let [(old, older), (new, newer)] = codes.as_slice() else {
            return None;
        };
        let versions = (older.clone(), newer.clone());
        if *self.versions.get_or_insert_with(|| versions.clone()) != versions {
            return None;
        }
        let begins = |names: &'static [&'static str]| {
            let named = row.iter().enumerate().filter(move |(_, text)| {
                let text = text.as_deref().unwrap_or_default().to_lowercase();
                names.iter().any(|name| text.starts_with(name))
            });
            named.map(|(at, _)| at)
        };
        Some(Header {
            old: *old,
            new: *new,
            labels: begins(&[
                "country",
                "nuts level 1",
                "nuts level 2",
                "nuts level 3",
                "label",
            ])
            .collect(),
            change: begins(&["change"]).next_back(),
            explanation: begins(&["explanation"]).next(),
        })
    }

    fn add(
        &mut self,
        from: NutsCode,
        to: NutsCode,
        relation: Relation,
        change: Option<&str>,
        name: Option<&str>,
    ) {
        let Some((older, newer)) = self.versions.clone() else {
            return;
        };
        if self.changes.iter().any(|c| c.from == from && c.to == to) {
            return;
        }
        self.changes.push(Change {
            entry: self.changes.len() as i64 + 1,
            from,
            to,
            from_version: older,
            to_version: newer,
            relation,
            name: name.map(String::from),
            change: change.map(String::from),
            status: "published".into(),
            note: None,
        });
    }
}

/// What a row with both codes says; nothing for a region that stayed as it was.
fn relation(old: NutsCode, new: NutsCode, change: Option<&str>) -> Option<Relation> {
    let change = change.unwrap_or_default().to_lowercase();
    let says = |word: &str| change.contains(word);
    if says("boundary") || says("shift") {
        Some(Relation::Boundary)
    } else if says("split") {
        Some(Relation::Split)
    } else if says("merge") {
        Some(Relation::Merged)
    } else {
        (old != new).then_some(Relation::Recoded)
    }
}
