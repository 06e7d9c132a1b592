//! One published file, before and after it is mapped.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::{FilterBuilder, filter};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::amount::{self, AmountColumn};
use super::convention::FileConventions;
use super::dated::Dated;
use super::frame::Frame;
use crate::check::{Account, ControlTotal, Doubt, PublishedTotal};
use crate::read::{Collected, Content, Format, Limits, ReadError, Sink, read_file};
use crate::source::Source;

/// One published file, ready to be read.
#[derive(Debug, Clone)]
pub struct FileInput {
    /// The source it belongs to.
    pub source: Arc<Source>,
    /// Name, without folders.
    pub file_name: String,
    /// sha256 of its bytes, hex.
    pub sha256: String,
    /// Its bytes, or where they are.
    pub content: Content,
    /// Date of publication given from outside; the file's own is looked for where this is none.
    pub published: Option<Date>,
    /// Number of the release in which it was first seen.
    pub first_seen: u64,
    /// Earlier publications of the same bytes, the oldest first.
    pub earlier: Vec<Issue>,
}

impl FileInput {
    /// All that stands in its tables. Fails as [`read_file`] does.
    pub(crate) fn tables(&self, limits: &Limits) -> Result<Collected, ReadError> {
        self.tables_as(self.source.toml.format.as_ref(), limits)
    }

    /// The same in a format, or in the one that its content and its name show.
    pub(crate) fn tables_as(
        &self,
        format: Option<&Format>,
        limits: &Limits,
    ) -> Result<Collected, ReadError> {
        let mut collected = Collected::default();
        self.read_into(format, limits, &mut collected)?;
        Ok(collected)
    }

    /// The same into a sink.
    pub(crate) fn read_into(
        &self,
        format: Option<&Format>,
        limits: &Limits,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        read_file(&self.content, &self.file_name, format, limits, sink).map(|_| ())
    }

    /// All that stands in the sheets beside the declared one, but for those that are ignored; none where no sheet is
    /// declared. Fails as [`read_file`] does.
    pub(crate) fn other_tables(&self, limits: &Limits) -> Option<Result<Collected, ReadError>> {
        let declared = self.source.toml.format.as_ref()?;
        let others = declared.of_other_sheets()?;
        Some(self.tables_as(Some(&others), limits))
    }
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
    /// Loaded rows behind the last one with an amount.
    pub behind_amounts: u64,
    /// Loaded rows with a start, and with an end.
    pub dated: [Dated; 2],
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
        let none = RecordBatch::new_empty(self.rows.schema());
        self.rows = kept(std::mem::replace(&mut self.rows, none), keep)?;
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

/// The rows that are kept. Column by column, so that a table without some of its rows is not there twice.
pub(super) fn kept(
    rows: RecordBatch,
    keep: &BooleanArray,
) -> Result<RecordBatch, arrow::error::ArrowError> {
    if keep.true_count() == rows.num_rows() {
        return Ok(rows);
    }
    let predicate = FilterBuilder::new(keep).optimize().build();
    let (schema, columns, _) = rows.into_parts();
    let columns = columns.into_iter().map(|column| predicate.filter(&column));
    RecordBatch::try_new(schema, columns.collect::<Result<_, _>>()?)
}
