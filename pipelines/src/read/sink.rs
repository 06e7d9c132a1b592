//! Where batches go. A reader pushes; whoever receives them decides what to keep and when to stop.

use std::ops::ControlFlow;

use arrow::record_batch::RecordBatch;
use serde::{Deserialize, Serialize};

use super::format::Format;
use super::place::Problem;

/// Receiver of what a reader finds. `Break` ends the reading early: without an error, but for a reader in a process of its own,
/// which is lost with it.
pub trait Sink {
    /// One table begins: a sheet, a delimited file, a JSON array.
    fn sheet(&mut self, sheet: SheetInfo) -> ControlFlow<()>;
    /// The next rows of the table, at most [`super::BATCH_ROWS`] of them.
    fn batch(&mut self, batch: RecordBatch) -> ControlFlow<()>;
    /// A doubt; reading goes on.
    fn problem(&mut self, problem: Problem);
    /// What came so far is to be thrown away: the file is read once more.
    fn restart(&mut self);
}

/// Cells shown as one. Rows and columns count from 1, both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedRange {
    /// First row.
    pub first_row: u32,
    /// Last row.
    pub last_row: u32,
    /// First column.
    pub first_column: u32,
    /// Last column.
    pub last_column: u32,
}

/// What is known of a table before its first row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    /// Name of the sheet, in workbooks.
    pub name: Option<String>,
    /// Whether a reader of the workbook would not see the sheet.
    pub hidden: bool,
    /// Number of columns: the last one that holds anything. Every batch has this width.
    pub width: usize,
    /// Columns (from 0, as in `c0`) that a reader of the workbook would not see.
    pub hidden_columns: Vec<usize>,
    /// Merged cells.
    pub merged: Vec<MergedRange>,
    /// Names of the columns, where the format itself has names (JSON).
    pub keys: Option<Vec<String>>,
    /// Where keys of nested objects are columns (JSON): of each column the keys that lead to it, the outermost first.
    pub paths: Vec<Vec<String>>,
    /// Numbers beside the list of a document that are larger than that of the objects in it (JSON), the largest first, each with
    /// what it is called. Any may be that of all objects, or of something else.
    pub more: Vec<(String, u64)>,
    /// How the text was read, of delimited text.
    pub format: Option<Format>,
}

/// A sink that keeps everything; for small files, samples and tests.
#[derive(Debug, Default)]
pub struct Collected {
    /// Tables in the order of the file.
    pub sheets: Vec<(SheetInfo, Vec<RecordBatch>)>,
    /// Doubts in the order of the file.
    pub problems: Vec<Problem>,
}

impl Collected {
    /// Rows of all tables.
    pub fn rows(&self) -> usize {
        self.sheets
            .iter()
            .flat_map(|(_, batches)| batches)
            .map(RecordBatch::num_rows)
            .sum()
    }
}

impl Sink for Collected {
    fn sheet(&mut self, sheet: SheetInfo) -> ControlFlow<()> {
        self.sheets.push((sheet, Vec::new()));
        ControlFlow::Continue(())
    }

    fn batch(&mut self, batch: RecordBatch) -> ControlFlow<()> {
        if let Some((_, batches)) = self.sheets.last_mut() {
            batches.push(batch);
        }
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn restart(&mut self) {
        *self = Self::default();
    }
}
