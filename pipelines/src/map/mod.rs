//! From staged rows to typed fields: where the table stands, what its columns mean, how its values are written, and
//! which of its rows are data.
//!
//! Owns one file at a time. Does not know other files, ids, organisations or regions: that is `merge`. Invariants:
//! every row of the sheet is loaded, quarantined or ignored with a reason; a value that does not fit the conventions of
//! its file is null and has a finding; control totals are taken over all data rows as published.

mod again;
mod amount;
mod classify;
mod continued;
mod convention;
mod damage;
mod explain;
mod frame;
mod function;
mod group;
mod header;
mod label;
mod lost;
mod midnight;
mod misfit;
mod nested;
mod outside;
mod outside_unit;
pub(crate) mod plan;
mod published;
mod sheet;
mod shifted;
mod target;
#[cfg(test)]
mod tests;
mod total;
mod unit_column;

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Int64Array, RecordBatch, StringBuilder, UInt32Array, UInt64Array,
};
use arrow::compute::{filter, filter_record_batch};
use bytes::Bytes;
use esf_schemas::Vocabulary;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use amount::{AmountColumn, CurrencyOf};
pub use convention::FileConventions;
pub use explain::{Explained, explain_row};
pub use frame::{Column, Frame, Sheet};
pub use function::functions;
pub use header::{How, Labels, Meaning};
pub use label::Label;
pub(crate) use outside::{days, published_in, published_in_name, with_column};
pub use plan::Step;
pub use sheet::{Table, choose_sheet};

use crate::check::{Account, ControlTotal, Doubt, PublishedTotal, Severity};
use crate::read::{Limits, ReadError};
use crate::source::Source;

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
        "the sheets {first:?} and {second:?} hold tables with the same header, and one source reads one sheet: declare a source for each, with [format].sheet and a list_id of its own"
    )]
    Sheets {
        /// The sheet with more rows.
        first: String,
        /// The other.
        second: String,
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
    /// Several files of one source and nothing that says which is the newest.
    #[error(
        "{files} are states of one list that came together, and nothing says which of them is the newest; keep only that one there, put the dates into the names, or give them one after the other with --from, the newest last (--published DATE says when it was published)"
    )]
    Rivals {
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
        let (named, more) = names.split_at(names.len().min(RIVALS_NAMED));
        let mut files = named.join(", ");
        if !more.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(files, " and {} more", more.len());
        }
        Self::Rivals { files }
    }
}

/// One published file, ready to be read.
#[derive(Debug, Clone)]
pub struct FileInput {
    /// The source it belongs to.
    pub source: Arc<Source>,
    /// Name, without folders.
    pub file_name: String,
    /// sha256 of its bytes, hex.
    pub sha256: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// Date of publication given from outside; the file's own is looked for where this is none.
    pub published: Option<Date>,
    /// Number of the release in which it was first seen.
    pub first_seen: u64,
    /// Earlier publications of the same bytes, the oldest first.
    pub earlier: Vec<Issue>,
}

/// A publication of bytes that were published again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// When it was published.
    pub published: Date,
    /// Number of the release in which it was first seen.
    pub first_seen: u64,
}

/// One file, mapped.
#[derive(Debug)]
pub struct Mapped {
    /// Data rows with typed columns by field name, besides `row`, `line` and `byte`.
    pub rows: RecordBatch,
    /// Place of each row in words.
    pub locations: ArrayRef,
    /// Number of each row in its file.
    pub row_numbers: ArrayRef,
    /// Amounts, in the order of the columns.
    pub amounts: Vec<AmountColumn>,
    /// Whether a row names people to talk to.
    pub contact_present: ArrayRef,
    /// Whether a row stands for many operations.
    pub is_aggregate: ArrayRef,
    /// Whether planned quantities were stated in a column or found in text.
    pub target_certainty: &'static str,
    /// What became of the rows.
    pub account: Account,
    /// Rows that were not loaded.
    pub quarantine: Vec<Doubt>,
    /// Doubts about the others.
    pub findings: Vec<Doubt>,
    /// Sums of all data rows.
    pub totals: Vec<ControlTotal>,
    /// Sums that the publisher states.
    pub published_totals: Vec<PublishedTotal>,
    /// Date of publication.
    pub published: Option<Date>,
    /// Name of the sheet.
    pub sheet: Option<String>,
    /// What the columns mean.
    pub frame: Frame,
    /// How values are written.
    pub conventions: FileConventions,
}

impl Mapped {
    /// Keeps some of the rows; accounting is the caller's.
    pub(crate) fn filter(&mut self, keep: &BooleanArray) -> Result<(), arrow::error::ArrowError> {
        self.rows = filter_record_batch(&self.rows, keep)?;
        for column in [
            &mut self.locations,
            &mut self.row_numbers,
            &mut self.contact_present,
            &mut self.is_aggregate,
        ] {
            *column = filter(column, keep)?;
        }
        for amount in &mut self.amounts {
            *amount = amount.filter(keep)?;
        }
        Ok(())
    }

    /// Sums of the rows that are left, while `totals` are those of all data rows as published.
    pub(crate) fn totals_left(&self) -> Vec<ControlTotal> {
        amount::totals_of(&self.amounts, &self.frame, |_| true)
    }
}

/// Makes ready what the first file would otherwise wait for: the vocabulary and the session of the mapping plans.
pub(crate) fn warm_up() {
    Vocabulary::standard();
    std::sync::LazyLock::force(&plan::CONTEXT);
}

/// Reads and maps one file.
pub fn map_file(
    file: &FileInput,
    vocabulary: &Vocabulary,
    limits: &Limits,
) -> Result<Mapped, MapError> {
    let too_large = |what| MapError::Declared { what };
    file.source.check_patterns().map_err(too_large)?;
    let labels = Labels::new(&file.source, vocabulary);
    let source = &file.source.source_id;
    let reading = tracing::info_span!("read", source);
    let table = reading.in_scope(|| sheet::choose_sheet(file, &labels, limits))?;
    let _mapping = tracing::info_span!("map", source).entered();
    sheet::check_columns(file, &table.frame)?;
    let (sheet, frame) = (&table.sheet, &table.frame);
    let later_headers = again::later_headers(sheet, frame, &labels)?;
    let columns = amount::value_columns(frame, vocabulary);
    let conventions = FileConventions::of(&file.source, sheet, frame.data_start(), &columns)?;
    let steps = plan::steps(&file.source, sheet, frame, &conventions);
    let rows = plan::run(sheet, frame.data_start(), &steps)?;

    let outside = outside::Outside::new(file, sheet, frame);
    let mut amounts = amount::amount_columns(file, sheet, frame, &conventions, &rows);
    let nulls = conventions.nulls();
    let mut classes = classify::classify(sheet, frame, &rows, &amounts, &nulls, &later_headers);
    classes.reject(&shifted::rows(sheet, frame));
    let places = Places::new(sheet, frame);
    let mut account = Account {
        read: table.rows_read,
        ..Account::default()
    };
    account.ignore("preamble", frame.header.start as u64);
    account.ignore("header", frame.header.len() as u64);
    account.ignore("other_sheet", table.other_sheets);
    for (reason, n) in classes.ignored() {
        account.ignore(reason, n);
    }
    let quarantine = classes.quarantine(&places, frame);
    lost::refuse_without_operations(&classes, rows.num_rows(), quarantine.len())?;
    account.quarantined = quarantine.len() as u64;
    let totals = amount::control_totals(&amounts, &classes, frame);
    let published = file.published.or(outside.published);
    let published_totals =
        published::published_totals(file, published, &conventions, &amounts, &classes, &places);

    let keep = classes.kept();
    lost::refuse_without_amounts(sheet, frame, &amounts, &keep)?;
    let mut findings = table.findings;
    findings.extend(inferred_findings(&conventions, frame));
    findings.extend(sheet::columns_left_out(sheet, frame));
    findings.extend(midnight::told(sheet, frame, &places));
    findings.extend(damage::short_rows(sheet, frame, &keep, &places));
    findings.extend(damage::encoded_twice(sheet, frame, &keep, &places));
    findings.extend(continued::places_alone(sheet, frame, &classes, &places));
    findings.extend(continued::beneficiaries_blank(sheet, frame, &keep, &places));
    findings.extend(misfit::misfits(
        sheet,
        frame,
        &conventions,
        &rows,
        &amounts,
        &keep,
        &places,
    )?);
    findings.extend(misfit::contradictions(&rows, &amounts, &keep, &places));
    let row_positions: Vec<usize> = (0..rows.num_rows())
        .filter(|row| keep.value(*row))
        .collect();
    let mut rows = filter_record_batch(&rows, &keep)?;
    for amount in &mut amounts {
        *amount = amount.filter(&keep)?;
    }
    account.loaded = rows.num_rows() as u64;
    outside.fill_constants(file, &mut rows, &mut amounts)?;
    let (rows, is_aggregate) = classify::mark_aggregates(file, rows)?;
    let (rows, target_certainty) = amount::planned_participants(rows)?;
    let contact_present = rows.column_by_name("contact_present").map_or_else(
        || Arc::new(BooleanArray::from(vec![false; rows.num_rows()])) as ArrayRef,
        Arc::clone,
    );
    let mut locations = StringBuilder::with_capacity(row_positions.len(), row_positions.len() * 24);
    for row in &row_positions {
        // Writing to a builder cannot fail.
        let _ = places.write(frame.data_start() + row, &mut locations);
        locations.append_value("");
    }
    let numbers: Int64Array = row_positions
        .iter()
        .map(|row| Some(i64::from(places.number(frame.data_start() + row))))
        .collect();
    Ok(Mapped {
        locations: Arc::new(locations.finish()),
        row_numbers: Arc::new(numbers),
        contact_present,
        is_aggregate,
        target_certainty,
        rows,
        amounts,
        account,
        quarantine,
        findings,
        totals,
        published_totals,
        published,
        sheet: sheet.info.name.clone(),
        frame: table.frame,
        conventions,
    })
}

/// Where rows and cells of a sheet stand, in words.
pub(crate) struct Places<'a> {
    pub(crate) sheet: &'a Sheet,
    pub(crate) frame: &'a Frame,
    rows: Option<&'a UInt32Array>,
    lines: Option<&'a UInt32Array>,
    bytes: Option<&'a UInt64Array>,
}

impl<'a> Places<'a> {
    /// The places of a sheet; readers give every row its number, line and byte.
    pub(crate) fn new(sheet: &'a Sheet, frame: &'a Frame) -> Self {
        let column = |name: &str| sheet.rows.column_by_name(name).map(|c| c.as_any());
        Self {
            sheet,
            frame,
            rows: column("row").and_then(|c| c.downcast_ref()),
            lines: column("line").and_then(|c| c.downcast_ref()),
            bytes: column("byte").and_then(|c| c.downcast_ref()),
        }
    }

    fn numbers(&self, row: usize) -> (u32, u32, u64) {
        (
            self.rows.map_or(0, |r| r.value(row)),
            self.lines.map_or(0, |l| l.value(row)),
            self.bytes.map_or(0, |b| b.value(row)),
        )
    }

    /// Number of the record.
    pub(crate) fn number(&self, row: usize) -> u32 {
        self.numbers(row).0
    }

    /// A row: sheet and row, item of a JSON list, or line and byte.
    pub(crate) fn of(&self, row: usize) -> String {
        let mut place = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(row, &mut place);
        place
    }

    fn write(&self, row: usize, out: &mut impl Write) -> std::fmt::Result {
        let (number, line, byte) = self.numbers(row);
        match (&self.sheet.info.name, &self.sheet.info.keys) {
            (Some(name), _) => write!(out, "{name}!{number}"),
            (None, Some(_)) => write!(out, "item {number} byte {byte}"),
            (None, None) => write!(out, "line {line} byte {byte}"),
        }
    }

    /// A cell: as the row, with its column.
    pub(crate) fn cell(&self, row: usize, column: usize) -> String {
        let (number, _, _) = self.numbers(row);
        match (&self.sheet.info.name, &self.sheet.info.keys) {
            (Some(name), _) => format!(
                "{name}!{}{number}",
                crate::read::column_letters(column as u32 + 1)
            ),
            _ => format!("{} column {}", self.of(row), column + 1),
        }
    }

    /// Published label of a column, contacts cut out.
    pub(crate) fn label(&self, column: usize) -> Option<String> {
        self.frame
            .columns
            .iter()
            .find(|c| c.index == column)
            .map(|c| c.label.shown().into_owned())
    }
}

fn inferred_findings(conventions: &FileConventions, frame: &Frame) -> Vec<Doubt> {
    let mut findings: Vec<Doubt> = conventions
        .inferred
        .iter()
        .map(|(what, outcome)| {
            let severity = if outcome == "ambiguous" { Severity::Warning } else { Severity::Info };
            let message = if outcome == "ambiguous" {
                format!("the {what} of this file can be read in two ways, so they are left empty; declare them in mapping.toml")
            } else {
                format!("{what} are written as {outcome:?}: inferred from all values of the file together")
            };
            Doubt::of_file("inferred_convention", severity, message)
        })
        .collect();
    for column in &frame.columns {
        match &column.meaning {
            Meaning::Field {
                column: mapping,
                how: How::Near,
                ..
            } => findings.push(Doubt {
                location: column.place(),
                column: Some(column.label.shown().into_owned()),
                ..Doubt::of_file(
                    "near_label",
                    Severity::Info,
                    format!(
                        "taken as {}, by a label that is nearly the same",
                        mapping.field
                    ),
                )
            }),
            Meaning::Field {
                column: mapping,
                how: How::Nested,
                ..
            } => findings.push(Doubt {
                location: column.place(),
                column: Some(column.label.shown().into_owned()),
                ..Doubt::of_file(
                    "nested_label",
                    Severity::Info,
                    format!(
                        "taken as {}, by a part of its label; say under [columns] in mapping.toml if it is another field",
                        mapping.field
                    ),
                )
            }),
            Meaning::Field {
                column: mapping,
                conflict: Some(other),
                ..
            } => findings.push(Doubt {
                location: column.place(),
                column: Some(column.label.shown().into_owned()),
                ..Doubt::of_file(
                    "label_conflict",
                    Severity::Info,
                    format!(
                        "taken as {}; another language of the label says {other}",
                        mapping.field
                    ),
                )
            }),
            Meaning::Unknown(nearest) if !column.label.is_empty() => {
                let hint = nearest
                    .as_ref()
                    .map(|n| format!("; the nearest known label is {n:?}"))
                    .unwrap_or_default();
                findings.push(Doubt {
                    location: column.place(),
                    column: Some(column.label.shown().into_owned()),
                    ..Doubt::of_file(
                        "unknown_column",
                        Severity::Warning,
                        format!("not understood and not kept{hint}"),
                    )
                });
            }
            _ => {}
        }
    }
    findings
}
