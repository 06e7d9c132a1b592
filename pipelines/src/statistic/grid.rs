//! The cells of a published file, and where its table of figures stands in them.

use std::collections::HashSet;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::UInt32Type;

use super::declaration::{Layout, Statistic};
use super::error::StatisticError;
use crate::map::FileInput;
use crate::read::{Limits, Problem, ReadError};

/// Rows in which the labels are looked for.
const HEADER_SEARCH: usize = 100;
/// Columns of a batch before its cells: `row`, `line`, `byte`.
const PLACES: usize = 3;

/// The rows of one sheet.
pub(super) struct Grid {
    /// Number of columns.
    pub width: usize,
    /// Rows of other sheets.
    pub elsewhere: u64,
    /// Doubts of the reader of its format.
    pub problems: Vec<Problem>,
    rows: Vec<Row>,
}

struct Row {
    number: u32,
    line: u32,
    cells: Vec<Option<String>>,
}

impl Grid {
    /// Reads the declared sheet, or the one with most rows.
    pub(super) fn read(file: &FileInput, limits: &Limits) -> Result<Self, ReadError> {
        let declared = file.source.toml.format.as_ref();
        let collected = file.tables(limits)?;
        let all = collected.rows();
        let rows_of =
            |batches: &[RecordBatch]| -> usize { batches.iter().map(RecordBatch::num_rows).sum() };
        let of_sheet = declared.and_then(|format| format.sheet.as_ref());
        let wanted = |name: &Option<String>| of_sheet.is_none() || name.as_ref() == of_sheet;
        let sheets = collected
            .sheets
            .iter()
            .filter(|(info, _)| wanted(&info.name));
        let Some((info, batches)) = sheets.max_by_key(|(_, batches)| rows_of(batches)) else {
            return Ok(Self {
                width: 0,
                elsewhere: all as u64,
                problems: collected.problems,
                rows: Vec::new(),
            });
        };
        let mut rows = Vec::new();
        for batch in batches {
            let numbers = batch.column(0).as_primitive::<UInt32Type>();
            let lines = batch.column(1).as_primitive::<UInt32Type>();
            let columns: Vec<_> = (0..info.width)
                .filter_map(|at| batch.columns().get(PLACES + at)?.as_string_opt::<i32>())
                .collect();
            rows.extend((0..batch.num_rows()).map(|row| {
                Row {
                    number: numbers.value(row),
                    line: lines.value(row),
                    cells: columns
                        .iter()
                        .map(|c| c.is_valid(row).then(|| c.value(row).trim().to_owned()))
                        .collect(),
                }
            }));
        }
        Ok(Self {
            width: info.width,
            elsewhere: (all - rows_of(batches)) as u64,
            problems: collected.problems,
            rows,
        })
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// A cell that is not blank.
    pub(super) fn cell(&self, row: usize, column: usize) -> Option<&str> {
        let cell = self.rows.get(row)?.cells.get(column)?.as_deref();
        cell.filter(|text| !text.is_empty())
    }

    /// Number of a row in its file.
    pub(super) fn number(&self, row: usize) -> i64 {
        self.rows.get(row).map_or(0, |r| i64::from(r.number))
    }

    /// Where a row stands.
    pub(super) fn place(&self, row: usize) -> String {
        match self.rows.get(row) {
            Some(r) if r.line > 0 => format!("line {}", r.line),
            Some(r) => format!("row {}", r.number),
            None => "file".into(),
        }
    }

    /// All that stands in a row.
    pub(super) fn text(&self, row: usize) -> String {
        let cells = (0..self.width).filter_map(|at| self.cell(row, at));
        cells.collect::<Vec<_>>().join(" ")
    }

    /// Whether nothing stands in a row.
    pub(super) fn is_blank(&self, row: usize) -> bool {
        (0..self.width).all(|at| self.cell(row, at).is_none())
    }

    /// The labels of a column over some rows, joined by " / ".
    fn label(&self, rows: std::ops::Range<usize>, column: usize) -> String {
        let parts = rows.filter_map(|row| self.cell(row, column));
        let clean = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
        parts.map(clean).collect::<Vec<_>>().join(" / ")
    }
}

/// A column of figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FigureColumn {
    /// Its position.
    pub at: usize,
    /// Its label.
    pub label: String,
    /// The `[[value]]` that declares it, where the layout has such.
    pub declared: Option<usize>,
}

/// Where the table of a file stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// First row of labels.
    pub header: usize,
    /// First row of figures.
    pub data: usize,
    /// Dimensions or columns that say what a row is about: name, position, and position within the first column where
    /// that holds all of them.
    pub keys: Vec<(String, usize)>,
    /// Name of the dimension over the columns of figures.
    pub across: Option<String>,
    /// Columns of figures.
    pub figures: Vec<FigureColumn>,
}

impl Frame {
    /// Finds the table.
    pub(super) fn find(grid: &Grid, declared: &Statistic) -> Result<Self, StatisticError> {
        match declared.layout {
            Layout::Dimensions => Self::of_dimensions(grid, declared),
            Layout::Columns => Self::of_columns(grid, declared),
        }
    }

    /// `unit,age,sex,geo\time` in the first cell, periods in the others.
    fn of_dimensions(grid: &Grid, declared: &Statistic) -> Result<Self, StatisticError> {
        let begins = |row: &usize| grid.cell(*row, 0).is_some_and(|text| text.contains('\\'));
        let header = (0..grid.len().min(HEADER_SEARCH)).find(begins);
        let header = header.ok_or(StatisticError::NoDimensions)?;
        let corner = grid.cell(header, 0).unwrap_or_default();
        let (rows, across) = corner.split_once('\\').unwrap_or((corner, ""));
        let keys: Vec<(String, usize)> = rows
            .split(',')
            .enumerate()
            .map(|(at, name)| (name.trim().to_owned(), at))
            .collect();
        let figures: Vec<FigureColumn> = (1..grid.width)
            .filter_map(|at| {
                Some(FigureColumn {
                    at,
                    label: grid.cell(header, at)?.to_owned(),
                    declared: None,
                })
            })
            .collect();
        // Where a label is missing or stands there twice, those behind it may stand above the figures beside their own.
        let is_filled =
            |at: usize| (header + 1..grid.len()).any(|row| grid.cell(row, at).is_some());
        let unlabelled = |at: &usize| grid.cell(header, *at).is_none() && is_filled(*at);
        if let Some(at) = (1..grid.width).find(unlabelled) {
            return Err(StatisticError::NoLabel { column: at + 1 });
        }
        let mut labels = HashSet::new();
        if let Some(column) = figures.iter().find(|c| !labels.insert(c.label.as_str())) {
            return Err(StatisticError::LabelTwice {
                label: shown(declared, &column.label, column.at),
            });
        }
        let across = across.trim().to_owned();
        let names = || keys.iter().map(|(name, _)| name).chain([&across]);
        let is_unknown =
            |n: &String| !declared.columns.contains_key(n) && !declared.ignore.contains_key(n);
        if let Some((at, name)) = names().enumerate().find(|(_, n)| is_unknown(n)) {
            return Err(StatisticError::UnknownColumn {
                label: shown(declared, name, at),
            });
        }
        if let Some(name) = declared.columns.keys().find(|d| names().all(|n| n != *d)) {
            return Err(StatisticError::MissingColumn {
                label: name.clone(),
                found: told(declared, names().map(String::as_str)),
            });
        }
        Ok(Self {
            header,
            data: header + 1,
            keys,
            across: Some(across),
            figures,
        })
    }

    /// The first rows that hold all declared labels.
    fn of_columns(grid: &Grid, declared: &Statistic) -> Result<Self, StatisticError> {
        let depth = declared.header_rows.max(1);
        let labels_at = |row: usize| -> Vec<String> {
            let label = |at| grid.label(row..row + depth, at);
            (0..grid.width).map(label).collect()
        };
        let by_label = declared.columns.keys().filter(|k| !k.starts_with('#'));
        let of_values = declared.value.iter().filter_map(|v| v.get("label"));
        let wanted: Vec<&String> = by_label.chain(of_values).collect();
        let missing = |labels: &[String]| wanted.iter().filter(|w| !labels.contains(**w)).count();
        let last = grid.len().saturating_sub(depth).min(HEADER_SEARCH);
        let best = (0..=last)
            .map(|row| (missing(&labels_at(row)), row))
            .min()
            .filter(|_| grid.len() >= depth);
        let Some((lacking, header)) = best else {
            return Err(StatisticError::NoDimensions);
        };
        let labels = labels_at(header);
        if lacking > 0 {
            let gone = wanted.iter().find(|w| !labels.contains(**w));
            let found = labels.iter().map(String::as_str).filter(|l| !l.is_empty());
            return Err(StatisticError::MissingColumn {
                label: gone.map(|l| (*l).clone()).unwrap_or_default(),
                found: told(declared, found),
            });
        }
        let mut frame = Self {
            header,
            data: header + depth,
            keys: Vec::new(),
            across: None,
            figures: Vec::new(),
        };
        for (at, label) in labels.into_iter().enumerate() {
            let position = format!("#{}", at + 1);
            let value = declared
                .value
                .iter()
                .position(|v| v.get("label") == Some(&label));
            if declared.columns.contains_key(&position) {
                frame.keys.push((position, at));
            } else if declared.columns.contains_key(&label) {
                frame.keys.push((label, at));
            } else if value.is_some() {
                frame.figures.push(FigureColumn {
                    at,
                    label,
                    declared: value,
                });
            } else {
                let ignored = declared.ignore.contains_key(&label)
                    || declared.ignore.contains_key(&position)
                    || declared.rest.is_some();
                let empty = (header..grid.len()).all(|row| grid.cell(row, at).is_none());
                if !ignored && !empty {
                    return Err(StatisticError::UnknownColumn {
                        label: shown(declared, &label, at),
                    });
                }
            }
        }
        Ok(frame)
    }
}

/// A label as a message may name it: by its place where the file is one of people, for what stands there may be a record.
pub(super) fn shown(declared: &Statistic, label: &str, at: usize) -> String {
    if declared.is_public() {
        label.to_owned()
    } else {
        format!("#{}", at + 1)
    }
}

/// The labels of a file as a message may tell them: how many there are where the file is one of people, whose first record
/// stands in their place if they are gone.
fn told<'a>(declared: &Statistic, labels: impl Iterator<Item = &'a str>) -> String {
    if declared.is_public() {
        return labels.collect::<Vec<_>>().join(", ");
    }
    let of_values = || declared.value.iter().filter_map(|v| v.get("label"));
    let is_declared = |label: &&str| {
        declared.columns.contains_key(*label) || of_values().any(|value| value == *label)
    };
    let labels: Vec<&str> = labels.collect();
    let known = labels.iter().copied().filter(|l| is_declared(l)).count();
    format!("{} labels, of which {known} are declared", labels.len())
}
