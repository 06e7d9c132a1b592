//! Tables of figures: official statistics, exchange rates, absorption, counts of participants.
//!
//! Owns reading one file by its `statistic.toml`: where the table stands, what each dimension means, what a cell says.
//! Every cell with a figure, or with a word in place of one, is a [`Figure`]: a row of the declared core table. Which of
//! several files counts and which region a code stands for is the business of `merge`. Invariants: a cell without a
//! number has no value and says why; every record of the file is loaded, quarantined or ignored with a reason; nothing
//! of a restricted table stands in a doubt.

mod declaration;
mod error;
mod grid;
mod period;
mod rows;
#[cfg(test)]
mod tests;
mod value;

use std::collections::{BTreeMap, HashSet};

use esf_schemas::{ColumnType, Table};
use jiff::civil::Date;

pub use declaration::{FILE, Layout, Regions, Statistic};
pub use error::StatisticError;
pub(crate) use rows::figure_rows;
pub use value::{Cell, Flag, Status, read_cell};

use crate::check::{Account, Doubt, Severity};
use crate::map::{FileInput, MapError, published_in};
use crate::read::Limits;
use grid::{FigureColumn, Frame, Grid};
use period::period;

/// A row of a core table.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Number of the record in its file.
    pub row: i64,
    /// Where the cell stands.
    pub location: String,
    /// Texts by the position of the column in the table.
    pub cells: Vec<Option<String>>,
    /// The published code of the region, where the figure has one.
    pub region: Option<String>,
    /// The figure itself.
    pub cell: Cell,
}

/// What a file of figures holds.
#[derive(Debug)]
pub struct Figures {
    /// Rows of the core table, in the order of the file.
    pub figures: Vec<Figure>,
    /// What became of the records.
    pub account: Account,
    /// Records that were not loaded.
    pub quarantine: Vec<Doubt>,
    /// Doubts about the others.
    pub findings: Vec<Doubt>,
    /// Date of publication.
    pub published: Option<Date>,
}

/// Why a record cannot be loaded.
struct Rejected {
    rule: &'static str,
    column: Option<String>,
    value: Option<String>,
    message: String,
}

/// Reads a file of figures.
pub fn read_figures(file: &FileInput, limits: &Limits) -> Result<Figures, MapError> {
    let declared = file.source.statistic.clone();
    let declared = declared.ok_or(StatisticError::NotDeclared)?;
    let table = declared.core_table().ok_or(StatisticError::NotDeclared)?;
    let too_large = |what| MapError::Declared { what };
    file.source.check_patterns().map_err(too_large)?;
    let source = &file.source.source_id;
    let reading = tracing::info_span!("read", source);
    let grid = reading.in_scope(|| Grid::read(file, limits))?;
    let _mapping = tracing::info_span!("map", source).entered();
    let frame = Frame::find(&grid, &declared)?;
    let reader = Reader {
        declared: &declared,
        table,
        public: declared.is_public(),
        grid: &grid,
        frame: &frame,
    };
    let mut read = Figures {
        figures: Vec::new(),
        account: Account {
            read: grid.len() as u64 + grid.elsewhere,
            ..Account::default()
        },
        quarantine: Vec::new(),
        findings: Vec::new(),
        published: None,
    };
    read.account.ignore("preamble", frame.header as u64);
    read.account
        .ignore("header", (frame.data - frame.header) as u64);
    read.account.ignore("other_sheet", grid.elsewhere);
    reader.read(&mut read)?;
    let above = (0..frame.header).map(|row| grid.text(row));
    let text: Vec<String> = above.chain(reader.legend()).collect();
    read.published = file
        .published
        .or_else(|| published_in(file, &text.join("\n")))
        .or_else(|| reader.newest_day(&read.figures));
    Ok(read)
}

/// A file in the reading.
struct Reader<'a> {
    declared: &'a Statistic,
    table: &'static Table,
    public: bool,
    grid: &'a Grid,
    frame: &'a Frame,
}

/// What is set for a row so far.
#[derive(Clone)]
struct Draft {
    cells: Vec<Option<String>>,
    region: Option<String>,
}

impl Reader<'_> {
    /// All rows below the labels.
    fn read(&self, out: &mut Figures) -> Result<(), MapError> {
        let column = self.table.column(&self.declared.value_column);
        let scale = column.and_then(declaration::scale).unwrap_or_default();
        let of_columns = self.of_columns()?;
        // A table whose figures are never unknown has no rows for cells without one.
        let keeps_empty = column.is_some_and(|c| c.nullable);
        let mut keys: HashSet<Vec<Option<String>>> = HashSet::new();
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
            let (before, mut rejected) = (out.figures.len(), None);
            match self.draft(&texts) {
                Ok(draft) => {
                    for (column, own) in self.frame.figures.iter().zip(&of_columns) {
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
                            let value = self.grid.cell(row, column.at).map(String::from);
                            let doubt = self.doubt(row, rule, Some(&column.label), value, message);
                            out.findings.push(doubt);
                            if !keeps_empty {
                                continue;
                            }
                        }
                        if !keys.insert(self.key(&draft)) {
                            let message = "the file has another value for the same thing; the first one counts";
                            let doubt =
                                self.doubt(row, "repeated_key", Some(&column.label), None, message);
                            out.findings.push(doubt);
                            continue;
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
        Ok(())
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

    /// Text below the figures.
    fn legend(&self) -> impl Iterator<Item = String> + '_ {
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

    fn empty(&self) -> Draft {
        Draft {
            cells: vec![None; self.table.columns.len()],
            region: None,
        }
    }

    /// What holds for all figures of a row.
    fn draft(&self, texts: &[(&str, &str)]) -> Result<Draft, Rejected> {
        let mut draft = self.empty();
        for (target, text) in &self.declared.constants {
            self.put(&mut draft, target, text);
        }
        for (name, text) in texts {
            let Some(target) = self.declared.columns.get(*name) else {
                continue;
            };
            self.set(&mut draft, target, text)
                .map_err(|fault| Rejected {
                    column: Some((*name).to_owned()),
                    ..fault
                })?;
        }
        Ok(draft)
    }

    /// Sets a column of the table, or what `time` and `region` stand for, to a published text.
    fn set(&self, draft: &mut Draft, target: &str, text: &str) -> Result<(), Rejected> {
        let rejected = |rule, message: String| Rejected {
            rule,
            column: None,
            value: Some(text.to_owned()).filter(|_| self.public),
            message,
        };
        if text.is_empty() {
            return Ok(());
        }
        let text = match self.declared.lookups.get(target) {
            Some(known) => known.get(text).ok_or_else(|| {
                let known = known.keys().cloned().collect::<Vec<_>>().join(", ");
                rejected(
                    "unknown_code",
                    format!("none of the declared values: {known}"),
                )
            })?,
            None => text,
        };
        match target {
            "time" => {
                let (first, last) = period(text).ok_or_else(|| {
                    rejected(
                        "period",
                        "not a period such as 2013, 2013-Q1, 2013-02 or a day".into(),
                    )
                })?;
                self.put(draft, "period_start", &first.to_string());
                self.put(draft, "period_end", &last.to_string());
            }
            "region" => {
                self.put(draft, "region_code", text);
                draft.region = Some(text.to_owned());
            }
            column => {
                let text = self.typed(column, text).map_err(|()| {
                    rejected("not_of_type", format!("not what the column {column} holds"))
                })?;
                if let Some(text) = text {
                    self.put(draft, column, &text);
                }
            }
        }
        Ok(())
    }

    /// A text as its column stores it; nothing for a word that stands for no value. Fails for what is not of its type.
    fn typed(&self, column: &str, text: &str) -> Result<Option<String>, ()> {
        let declared = self.table.column(column).ok_or(())?;
        match declared.column_type {
            ColumnType::Text => Ok(Some(text.to_owned())),
            ColumnType::Date => {
                let day: Date = text.parse().map_err(|_| ())?;
                Ok(Some(day.to_string()))
            }
            ColumnType::Bool if matches!(text, "true" | "false") => Ok(Some(text.to_owned())),
            ColumnType::Bool => Err(()),
            _ => {
                let scale = declaration::scale(declared).ok_or(())?;
                let cell = read_cell(self.declared, Some(text), scale);
                match cell.doubt {
                    None => Ok(cell.value.map(|v| v.to_string())),
                    Some(_) => Err(()),
                }
            }
        }
    }

    fn put(&self, draft: &mut Draft, column: &str, text: &str) {
        if let Some(at) = self.table.columns.iter().position(|c| c.name == column) {
            draft.cells[at] = Some(text.to_owned());
        }
    }

    fn get<'d>(&self, draft: &'d Draft, column: &str) -> Option<&'d str> {
        let at = self.table.columns.iter().position(|c| c.name == column)?;
        draft.cells[at].as_deref()
    }

    /// Fills what follows from the other columns, and refuses rows that name what does not exist or lack what they need.
    fn complete(&self, draft: &mut Draft) -> Result<(), Rejected> {
        let rejected = |rule, column: &str, message: String| Rejected {
            rule,
            column: Some(column.to_owned()),
            value: None,
            message,
        };
        let has = |column: &str| self.table.column(column).is_some();
        if let Some(code) = self.get(draft, "indicator_code") {
            let lists = esf_schemas::code_lists().iter();
            let mut lists = lists.filter(|l| l.id.starts_with("INDICATOR_") && l.table.is_none());
            let list = lists.find(|list| list.by_code(code).is_some());
            let list = list.ok_or_else(|| {
                rejected(
                    "unknown_indicator",
                    "indicator_code",
                    "no common indicator of 2014-2020 or 2021-2027 has this code".into(),
                )
            })?;
            self.put(draft, "indicator_list", &list.id);
        }
        if let Some(programme) = self.get(draft, "programme_id") {
            let known = esf_schemas::code_list("PROGRAMME");
            if known.is_some_and(|list| list.by_code(programme).is_none()) {
                let message = "no programme of the code list PROGRAMME has this code";
                return Err(rejected(
                    "unknown_programme",
                    "programme_id",
                    message.into(),
                ));
            }
        }
        if has("is_total") && self.get(draft, "is_total").is_none() {
            let groups = ["sex", "age_group", "education", "labour_status"];
            let total = groups.iter().all(|g| self.get(draft, g) == Some("total"));
            self.put(draft, "is_total", if total { "true" } else { "false" });
        }
        if has("operation_id") && has("programme_id") {
            let ids = ["operation_id", "programme_id"].map(|id| self.get(draft, id).is_some());
            if ids[0] == ids[1] {
                let message =
                    "a count is about one operation or one programme: give one of the two ids";
                return Err(rejected("one_id", "operation_id", message.into()));
            }
        }
        let filled = |name: &str| {
            name == self.declared.value_column
                || matches!(name, "value_status" | "nuts_code")
                || name.starts_with("source_")
        };
        let columns = self.table.columns.iter().zip(&draft.cells);
        let mut lacking =
            columns.filter(|(c, cell)| !c.nullable && cell.is_none() && !filled(&c.name));
        match lacking.next() {
            Some((column, _)) => Err(rejected(
                "missing_value",
                &column.name,
                format!("nothing stands where {} is expected", column.name),
            )),
            None => Ok(()),
        }
    }

    /// What tells a row from all others of the file.
    fn key(&self, draft: &Draft) -> Vec<Option<String>> {
        let cells = self.table.columns.iter().zip(&draft.cells);
        let mut key: Vec<Option<String>> = cells
            .filter(|(column, _)| self.table.key.contains(&column.name))
            .map(|(_, cell)| cell.clone())
            .collect();
        key.push(draft.region.clone());
        key
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
    fn newest_day(&self, figures: &[Figure]) -> Option<Date> {
        let at = self
            .table
            .columns
            .iter()
            .position(|c| c.name == "rate_date")?;
        let days = figures.iter().filter_map(|f| f.cells[at].as_deref());
        days.max()?.parse().ok()
    }
}

impl Draft {
    /// Takes over what another one has.
    fn over(&mut self, other: &Self) {
        for (cell, own) in self.cells.iter_mut().zip(&other.cells) {
            if own.is_some() {
                cell.clone_from(own);
            }
        }
        if other.region.is_some() {
            self.region.clone_from(&other.region);
        }
    }
}

/// Names of the columns of a core table, by their position in [`Figure::cells`].
pub(crate) fn positions(table: &Table) -> BTreeMap<&str, usize> {
    let names = table.columns.iter().enumerate();
    names
        .map(|(at, column)| (column.name.as_str(), at))
        .collect()
}
