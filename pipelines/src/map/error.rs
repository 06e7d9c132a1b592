//! Why a file cannot be mapped, in words that say where it stands and what to do.

use crate::named;
use crate::read::ReadError;
use crate::value::NumberConvention;

/// Why a file cannot be mapped. The source is then held at its previous state.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// The bytes cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// No row looks like the header of a list of operations.
    #[error(
        "no header found: no row has two cells that name known fields; nearest: {nearest}. Look whether the publisher changed the file, or name its columns under [columns] in mapping.toml"
    )]
    NoHeader {
        /// What came nearest.
        nearest: String,
    },
    /// The declared sheet is not there.
    #[error(
        "there is no sheet {wanted:?}; the workbook has {found}. Change [format].sheet in source.toml"
    )]
    NoSheet {
        /// Declared name.
        wanted: String,
        /// Sheets of the workbook.
        found: String,
    },
    /// A list that goes on in a second sheet.
    #[error(
        "the sheets {first:?} and {second:?} hold tables whose columns mean the same, and one source reads one sheet: declare a source for each, with [format].sheet and a list_id of its own, or name those that it leaves out under [format.ignore_sheets], with the reason"
    )]
    Sheets {
        /// The sheet with more rows.
        first: String,
        /// The other.
        second: String,
    },
    /// A list that goes on in a second sheet without a header.
    #[error(
        "the sheet {second:?} has no header, and {rows} of its rows look like those of {first:?}: the list may go on there, and one source reads one sheet. Ask the publisher for one table, or name the sheet under [format.ignore_sheets], with the reason"
    )]
    SheetRows {
        /// The sheet that is read.
        first: String,
        /// The other.
        second: String,
        /// How many of its rows fit.
        rows: usize,
    },
    /// A column is neither mapped nor ignored.
    #[error(
        "column {column} {label:?} is not understood{hint}. Map it under [columns] or give a reason under [ignore] in mapping.toml"
    )]
    UnknownColumn {
        /// Position, as a person counts.
        column: String,
        /// Published label.
        label: String,
        /// Nearest known spelling, as a phrase.
        hint: String,
    },
    /// A column that the source is known to have is not there.
    #[error(
        "the column for {field} is gone{label}; the file has {found}. If the publisher renamed it, name it under [columns] in mapping.toml"
    )]
    MissingColumn {
        /// Field.
        field: String,
        /// Declared label, as a phrase.
        label: String,
        /// Labels that are there.
        found: String,
    },
    /// Two columns claim to be the same amount.
    #[error(
        "columns {first:?} and {second:?} both mean {field}; say under [columns] in mapping.toml which is which"
    )]
    TwiceMeant {
        /// Field.
        field: String,
        /// One label.
        first: String,
        /// The other.
        second: String,
    },
    /// Another table begins below the first one.
    #[error(
        "another header stands at {place}: there column {column} {label:?} means {field}, which {first:?} of the first header does not. Split the file where it stands, and give each part a source of its own"
    )]
    OtherHeader {
        /// Where it stands.
        place: String,
        /// Position of the column, as a person counts.
        column: String,
        /// Its label in the later header.
        label: String,
        /// The field that this means.
        field: String,
        /// Its label in the first header.
        first: String,
    },
    /// The unit of each amount stands in a column that leaves some of them open.
    #[error(
        "column {column} {label:?} gives amounts their unit row by row, and {why}, first at {place}. Ask the publisher for amounts in one unit, or write them in one before they are read"
    )]
    UnitOfRow {
        /// Position, as a person counts.
        column: String,
        /// Published label.
        label: String,
        /// What leaves them open.
        why: String,
        /// Where.
        place: String,
    },
    /// The values can be read in two ways.
    #[error(
        "the {what} of this file can be read as {readings}; declare `{key}` under [conventions] in mapping.toml"
    )]
    Ambiguous {
        /// Which values.
        what: &'static str,
        /// Key to declare.
        key: &'static str,
        /// The readings.
        readings: String,
    },
    /// The values are written in several ways that exclude each other.
    #[error(
        "no one spelling fits the {what} of this file; declare `{key}` under [conventions] in mapping.toml, then the values that do not fit are told one by one"
    )]
    Mixed {
        /// Which values.
        what: &'static str,
        /// Key to declare.
        key: &'static str,
    },
    /// A declaration cannot be used.
    #[error("mapping.toml: {what}")]
    Declared {
        /// What is wrong with it.
        what: String,
    },
    /// Most values do not fit what is declared.
    #[error(
        "{misfits} of {values} values in column {label:?} are not written as {convention}; first at {place}. If the publisher changed the spelling, change [conventions] in mapping.toml"
    )]
    Convention {
        /// Values that do not fit.
        misfits: usize,
        /// All values.
        values: usize,
        /// Published label.
        label: String,
        /// Declared convention.
        convention: String,
        /// Where the first one stands.
        place: String,
    },
    /// Most amounts of a column are a thousand times less by the convention of their file than by another one.
    #[error(
        "{open} of {amounts} amounts in column {column} {label:?} have three decimals, first at {place}: written as {convention}, as is declared or inferred, they are 1000 times smaller than written as {other}. Declare `numbers` under [conventions] in mapping.toml as this file writes them"
    )]
    Thousandths {
        /// Amounts of three decimals.
        open: usize,
        /// All amounts of the column.
        amounts: usize,
        /// Position of the column, as a person counts.
        column: String,
        /// Its published label.
        label: String,
        /// Where the first one stands.
        place: String,
        /// Convention of the file.
        convention: NumberConvention,
        /// The other one.
        other: &'static str,
    },
    /// Most rows have more cells than the header.
    #[error(
        "{long} of {rows} rows have more cells than the header, which has {labels}; first at {place}. Values hold the delimiter without quotes, such as decimal commas in a file parted by commas, and what follows them stands under other labels than its own: ask for a file with quotes or with another delimiter"
    )]
    RowsLong {
        /// Rows that have more.
        long: usize,
        /// All data rows.
        rows: usize,
        /// Cells of the header.
        labels: usize,
        /// Where the first one stands.
        place: String,
    },
    /// A header and nothing below it.
    #[error(
        "there is a header and no rows below it; look whether the file is cut short, or whether the list is empty for now"
    )]
    NoRows,
    /// A table without operations in it.
    #[error(
        "none of the {rows} rows below the header is an operation ({reasons}). Look whether the file is cut short, or whether its figures are formulas without values"
    )]
    NoOperations {
        /// Rows below the header.
        rows: usize,
        /// What they are, by number.
        reasons: String,
    },
    /// The only columns of amounts are blank throughout.
    #[error(
        "no row has anything in column {column} {label:?}, and no other column has amounts{hint}. Look whether the labels stand over other columns than their values, or whether the figures are formulas without values"
    )]
    AmountsGone {
        /// Position of the first of them, as a person counts.
        column: String,
        /// Its published label.
        label: String,
        /// Whether the header is longer than the rows, as a phrase.
        hint: String,
    },
    /// No column is known to hold amounts, and one looks as if it did.
    #[error(
        "no column is understood as an amount, and the label of column {column} {label:?} names a currency. Mend the label, or write a source that says what the column is (esf source new)"
    )]
    AmountsUnknown {
        /// Position, as a person counts.
        column: String,
        /// Published label.
        label: String,
    },
    /// No operation has an amount, and the values of a column that nobody understands are money.
    #[error(
        "no operation has an amount that can be read, and the values of {place} {label:?} are money. Mend the label, or write a source that says what the column is (esf source new)"
    )]
    AmountsUnread {
        /// Position, as a person counts.
        place: String,
        /// Published label.
        label: String,
    },
    /// The figures of a column are formulas whose values the file does not have.
    #[error(
        "{formulas} amounts in column {label:?} are formulas whose values the file does not have, more than it has amounts there. Open the file in a spreadsheet program, save it, and take that one"
    )]
    AmountsUnvalued {
        /// Formulas found; of very many the first.
        formulas: usize,
        /// Published label.
        label: String,
    },
    /// More or fewer rows than the source is known to have.
    #[error(
        "{rows} rows, where the source declares {least} to {most}: the file may be cut short or be another one. If it is right, take it with --accept SOURCE=REASON, or widen expected_rows in source.toml"
    )]
    RowRange {
        /// Data rows of the file.
        rows: u64,
        /// Fewest expected.
        least: u64,
        /// Most expected.
        most: u64,
    },
    /// Its published bytes are gone from the archive, or are not what was kept there.
    #[error("{0}")]
    Archived(String),
    /// Several files of one source and nothing that says which is the newest.
    #[error(
        "{files} are states of one list that came together, and nothing says which of them is the newest; keep only that one there, put the dates into the names, or give them one after the other with --from, the newest last (--published DATE says when it was published)"
    )]
    Rivals {
        /// Their names.
        files: String,
    },
    /// Several pages and nothing that says which of them is right about an operation.
    #[error(
        "{files} came together and say different things of one operation, and nothing says which of them is right; keep only that one there, or give them one after the other with --from, the newest last (--published DATE says when it was published)"
    )]
    Contradicting {
        /// Their names.
        files: String,
    },
    /// The file differs too much from the one before.
    #[error("{0}")]
    Control(String),
    /// The files are sound one by one, but not the list that they make.
    #[error("{0}")]
    List(String),
    /// Figures are not laid out as declared.
    #[error(transparent)]
    Statistic(#[from] crate::statistic::StatisticError),
    /// A page cannot be read, or its declarations cannot be used.
    #[error(transparent)]
    Page(Box<crate::page::PageError>),
    /// A fault of the program.
    #[error("internal: {0}")]
    Engine(#[from] datafusion::error::DataFusionError),
    /// A fault of the program.
    #[error("internal: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// A fault of the program.
    #[error(transparent)]
    Rows(#[from] crate::merge::rows::RowsError),
}

/// Most rival files that are named.
const RIVALS_NAMED: usize = 8;

impl MapError {
    /// Of several files of one source, of which nobody can say which is the newest.
    pub(crate) fn rivals(names: &[&str]) -> Self {
        Self::Rivals {
            files: named::first(names, RIVALS_NAMED),
        }
    }

    /// Of several pages that contradict each other, of which nobody can say which is the newest.
    pub(crate) fn contradicting(names: &[&str]) -> Self {
        Self::Contradicting {
            files: named::first(names, RIVALS_NAMED),
        }
    }

    /// Whether the file came together with others, of which one may be named that counts.
    pub(crate) fn is_of_rivals(&self) -> bool {
        matches!(self, Self::Rivals { .. } | Self::Contradicting { .. })
    }
}
