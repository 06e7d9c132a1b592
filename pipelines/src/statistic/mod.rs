//! Tables of figures: official statistics, exchange rates, absorption, counts of participants.
//!
//! Owns reading one file by its `statistic.toml`: where the table stands, what each dimension means, what a cell says.
//! Every cell with a figure, or with a word in place of one, is a [`Figure`]: a row of the declared core table. Which of
//! several files counts and which region a code stands for is the business of `merge`. Invariants: a cell without a
//! number has no value and says why; every record of the file is loaded, quarantined or ignored with a reason; nothing
//! of a restricted table stands in a doubt; a figure outside of what it can be (`bounds`) is loaded with a doubt, and a file
//! most of whose figures in a column are so is refused.

mod bounds;
mod declaration;
mod draft;
mod error;
mod grid;
mod period;
mod reader;
mod rows;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;

use esf_schemas::Table;
use jiff::civil::Date;

pub use declaration::{FILE, Layout, Regions, Statistic};
pub use error::StatisticError;
pub(crate) use rows::figure_rows;
pub use value::{Cell, Flag, Status, read_cell};

use crate::check::{Account, Doubt, Severity};
use crate::map::{FileInput, MapError, published_in};
use crate::read::Limits;
use grid::{Frame, Grid};
use reader::Reader;

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
        findings: (grid.problems.iter())
            .map(|problem| Doubt {
                location: problem.place.to_string(),
                ..Doubt::named(&problem.rule, Severity::Warning, problem.message.clone())
            })
            .collect(),
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

/// Names of the columns of a core table, by their position in [`Figure::cells`].
pub(crate) fn positions(table: &Table) -> BTreeMap<&str, usize> {
    let names = table.columns.iter().enumerate();
    names
        .map(|(at, column)| (column.name.as_str(), at))
        .collect()
}
