//! The way through the records of a table of figures: which of them are wanted, and what becomes of each.
//!
//! Owns the accounting of one file. Does not own what a record's texts mean in the core table (`draft`).

use std::collections::HashMap;

use esf_schemas::Table;
use jiff::civil::Date;

use super::bounds::Bounds;
use super::declaration::{self, Statistic};
use super::draft::Draft;
use super::error::StatisticError;
use super::grid::{self, FigureColumn, Frame, Grid};
use super::value::{Cell, read_cell};
use super::{Figure, Figures};
use crate::check::{Doubt, Severity};
use crate::map::MapError;

/// A file in the reading.
pub(super) struct Reader<'a> {
    pub(super) declared: &'a Statistic,
    pub(super) table: &'static Table,
    pub(super) public: bool,
    pub(super) grid: &'a Grid,
    pub(super) frame: &'a Frame,
}

impl Reader<'_> {
    /// All rows below the labels.
    pub(super) fn read(&self, out: &mut Figures) -> Result<(), MapError> {
        let column = self.table.column(&self.declared.value_column);
        let scale = column.and_then(declaration::scale).unwrap_or_default();
        let of_columns = self.of_columns()?;
        // A table whose figures are never unknown has no rows for cells without one.
        let keeps_empty = column.is_some_and(|c| c.nullable);
        let mut keys: HashMap<Vec<Option<String>>, Option<i128>> = HashMap::new();
        let mut bounds = Bounds::of(self.table, scale, self.frame.figures.len());
        let mut wanted = 0_u64;
        for row in self.frame.data..self.grid.len() {
            if self.grid.is_blank(row) {
                out.account.ignore("blank", 1);
                continue;
            }
            let Some(texts) = self.key_texts(row) else {
                out.account.ignore("legend", 1);
                continue;
            };
            if !self.is_wanted(&texts) {
                out.account.ignore("not_wanted", 1);
                continue;
            }
            wanted += 1;
            if self.is_short(row) {
                let message = "the row ends before the last label, so that its figures may stand under the labels beside their own";
                let mut doubt = self.doubt(row, "row_short", None, None, message);
                doubt.severity = Severity::Error;
                out.account.quarantined += 1;
                out.quarantine.push(doubt);
                continue;
            }
            let (before, mut rejected) = (out.figures.len(), None);
            match self.draft(&texts) {
                Ok(draft) => {
                    let columns = self.frame.figures.iter().zip(&of_columns);
                    for (at, (column, own)) in columns.enumerate() {
                        let read = read_cell(self.declared, self.grid.cell(row, column.at), scale);
                        if read.value.is_none() && read.doubt.is_none() && !keeps_empty {
                            continue;
                        }
                        let mut draft = draft.clone();
                        draft.over(own);
                        if let Err(fault) = self.complete(&mut draft) {
                            rejected = Some(fault);
                            continue;
                        }
                        if let Some((rule, message)) = &read.doubt {
                            out.account.amounts_unreadable += 1;
                            let value = self.grid.cell(row, column.at).map(String::from);
                            let doubt = self.doubt(row, rule, Some(&column.label), value, message);
                            out.findings.push(doubt);
                            if !keeps_empty {
                                continue;
                            }
                        }
                        let key = self.key(&draft);
                        if let Some(first) = keys.get(&key) {
                            self.repeated(row, column, *first, &read, out);
                            continue;
                        }
                        keys.insert(key, read.value);
                        let place = || self.grid.place(row);
                        if let Some(told) = bounds.judge(at, &draft.cells, read.value, place) {
                            let message = format!("{told}; the figure is kept as published");
                            let value = self.grid.cell(row, column.at).map(String::from);
                            let (rule, label) = ("implausible_figure", Some(column.label.as_str()));
                            let doubt = self.doubt(row, rule, label, value, &message);
                            out.findings.push(doubt);
                        }
                        out.figures.push(Figure {
                            row: self.grid.number(row),
                            location: format!(
                                "{}, column {:?}",
                                self.grid.place(row),
                                column.label
                            ),
                            cells: draft.cells,
                            region: draft.region,
                            cell: read,
                        });
                    }
                }
                Err(fault) => rejected = Some(fault),
            }
            let is_loaded = out.figures.len() > before;
            let doubt = rejected.map(|fault| {
                let column = fault.column.as_deref();
                self.doubt(row, fault.rule, column, fault.value, &fault.message)
            });
            match doubt {
                // Some figures of the record are lost, the others are not.
                Some(doubt) if is_loaded => {
                    out.account.loaded += 1;
                    out.findings.push(doubt);
                }
                None if is_loaded => out.account.loaded += 1,
                Some(mut doubt) => {
                    out.account.quarantined += 1;
                    doubt.severity = Severity::Error;
                    out.quarantine.push(doubt);
                }
                None => out.account.ignore("no_value", 1),
            }
        }
        if wanted == 0 {
            return Err(StatisticError::NoFigures.into());
        }
        self.refuse_implausible(&bounds)?;
        Ok(())
    }

    /// Notes a figure about what the file has said a figure of already. Where they differ nobody knows which is right.
    fn repeated(
        &self,
        row: usize,
        column: &FigureColumn,
        first: Option<i128>,
        read: &Cell,
        out: &mut Figures,
    ) {
        let differs = first != read.value;
        // A cell that cannot be read counts already.
        if differs && read.doubt.is_none() {
            out.account.amounts_unreadable += 1;
        }
        let message = if differs {
            "the file has another value for the same thing; the first one counts"
        } else {
            "the file says the same thing twice; it counts once"
        };
        let doubt = self.doubt(row, "repeated_key", Some(&column.label), None, message);
        out.findings.push(doubt);
    }

    /// Fails where most figures of a column are outside of what they can be: they are in another unit, or of something else.
    fn refuse_implausible(&self, bounds: &Bounds) -> Result<(), StatisticError> {
        let Some((at, tally)) = bounds.most_outside() else {
            return Ok(());
        };
        let column = self.frame.figures.get(at);
        let label = column.map(|c| grid::shown(self.declared, &c.label, c.at));
        let (told, place) = tally.first.clone().unwrap_or_default();
        Err(StatisticError::Implausible {
            label: label.unwrap_or_default(),
            outside: tally.outside,
            judged: tally.judged,
            told,
            place,
        })
    }

    /// What says what a row is about; nothing for a row that is none.
    fn key_texts(&self, row: usize) -> Option<Vec<(&str, &str)>> {
        if self.frame.across.is_some() {
            let parts: Vec<&str> = self.grid.cell(row, 0)?.split(',').collect();
            // A row with another number of dimensions is no row of this table.
            let fits = parts.len() == self.frame.keys.len();
            let names = self.frame.keys.iter().map(|(name, _)| name.as_str());
            return fits.then(|| names.zip(parts.into_iter().map(str::trim)).collect());
        }
        let texts: Vec<(&str, &str)> = self
            .frame
            .keys
            .iter()
            .map(|(name, at)| (name.as_str(), self.grid.cell(row, *at).unwrap_or_default()))
            .collect();
        let filled = |column: &FigureColumn| self.grid.cell(row, column.at).is_some();
        let figures = self.frame.figures.iter().any(filled);
        let keys = texts.iter().filter(|(_, text)| !text.is_empty()).count();
        // Notes below a table stand in its first column.
        (figures || keys > 1 || texts.len() == 1 && keys == 1).then_some(texts)
    }

    /// Whether a row lacks a cell: where a table has a word for figures that are missing, it has one in each cell, too.
    fn is_short(&self, row: usize) -> bool {
        let last = self.frame.figures.last();
        self.frame.across.is_some()
            && !self.declared.words.is_empty()
            && last.is_some_and(|column| self.grid.cell(row, column.at).is_none())
    }

    /// Text below the figures.
    pub(super) fn legend(&self) -> impl Iterator<Item = String> + '_ {
        let rows = self.frame.data..self.grid.len();
        rows.filter(|row| self.key_texts(*row).is_none())
            .map(|row| self.grid.text(row))
    }

    fn is_wanted(&self, texts: &[(&str, &str)]) -> bool {
        texts.iter().all(|(name, text)| {
            let patterns = self.declared.keep.get(*name);
            patterns.is_none_or(|patterns| {
                patterns
                    .iter()
                    .any(|pattern| match pattern.strip_suffix('*') {
                        Some(begin) => text.starts_with(begin),
                        None => pattern == text,
                    })
            })
        })
    }

    /// What holds for each column of figures.
    fn of_columns(&self) -> Result<Vec<Draft>, MapError> {
        let of_column = |column: &FigureColumn| {
            let mut draft = self.empty();
            let mut set = |target: &str, text: &str| {
                self.set(&mut draft, target, text)
                    .map_err(|_| StatisticError::UnknownColumn {
                        label: grid::shown(self.declared, &column.label, column.at),
                    })
            };
            let declared = column.declared.and_then(|at| self.declared.value.get(at));
            for (target, text) in declared.into_iter().flatten() {
                if target != "label" {
                    set(target, text)?;
                }
            }
            let across = self.frame.across.as_ref();
            if let Some(target) = across.and_then(|name| self.declared.columns.get(name)) {
                set(target, &column.label)?;
            }
            Ok(draft)
        };
        self.frame.figures.iter().map(of_column).collect()
    }

    fn doubt(
        &self,
        row: usize,
        rule: &'static str,
        column: Option<&str>,
        value: Option<String>,
        message: &str,
    ) -> Doubt {
        Doubt {
            row: Some(self.grid.number(row)),
            location: self.grid.place(row),
            column: column.map(String::from),
            value: value.filter(|_| self.public),
            ..Doubt::of_file(rule, Severity::Warning, message)
        }
    }

    /// The newest day of a table of days: such a file needs no other date.
    pub(super) fn newest_day(&self, figures: &[Figure]) -> Option<Date> {
        let at = self
            .table
            .columns
            .iter()
            .position(|c| c.name == "rate_date")?;
        let days = figures.iter().filter_map(|f| f.cells[at].as_deref());
        days.max()?.parse().ok()
    }
}
