//! Text whose delimiter was taken for another one: remarks behind some rows, or decimal commas, and the comma cuts more of its
//! lines into as many cells as the semicolon does.
//!
//! The sniffer knows no labels. So where no header is found in a text that nobody declared, each other delimiter that stands
//! among its first rows is tried, and the one under which a header is understood best is taken. Each is one more reading
//! within the limits of the file, of which the first rows are kept only.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use arrow::array::{Array, StringArray};
use arrow::record_batch::RecordBatch;

use super::FileInput;
use super::frame::{Sheet, find_frame};
use super::header::Labels;
use crate::read::{Collected, DELIMITERS, Format, Limits, Problem, SheetInfo, Sink};

/// First rows of a table that are looked at: as many as a header is looked for in, and some behind them.
const FIRST: usize = 100;

/// Formats by which a text may be parted as well as by the one that was found out.
pub(super) fn others(read: &Collected) -> Vec<Format> {
    let Some((info, batches)) = read.sheets.first() else {
        return Vec::new();
    };
    let Some(found) = &info.format else {
        return Vec::new();
    };
    let others = DELIMITERS.iter().copied();
    let others = others.filter(|other| Some(*other) != found.delimiter);
    others
        .filter(|other| stands_in(char::from(*other), batches))
        .map(|other| Format {
            delimiter: Some(other),
            ..found.clone()
        })
        .collect()
}

/// Whether a character stands in a cell of the first rows.
fn stands_in(character: char, batches: &[RecordBatch]) -> bool {
    let mut left = FIRST;
    batches.iter().any(|batch| {
        let rows = batch.num_rows().min(left);
        left -= rows;
        let texts = batch.columns().iter();
        let mut texts = texts.filter_map(|column| column.as_any().downcast_ref::<StringArray>());
        texts.any(|texts| {
            let mut cells = texts.iter().take(rows).flatten();
            cells.any(|cell| cell.contains(character))
        })
    })
}

/// Of some formats the one under which most columns are understood, the first of equal ones; none where no header is found.
pub(super) fn understood(
    file: &FileInput,
    labels: &Labels<'_>,
    limits: &Limits,
    formats: Vec<Format>,
) -> Option<Format> {
    let fields = |format: &Format| {
        let mut head = Head::default();
        file.read_into(Some(format), limits, &mut head).ok()?;
        let (info, rows) = head.table?;
        let frame = find_frame(&Sheet::new(info, rows?), labels)?;
        Some(frame.fields())
    };
    let formats = formats.into_iter();
    let tried = formats.filter_map(|format| Some((fields(&format)?, format)));
    let best = tried.min_by_key(|(fields, _)| Reverse(*fields));
    best.map(|(_, format)| format)
}

/// Keeps the first rows of the one table of a text. The others are let go by, for a reader that is told to stop is lost.
#[derive(Default)]
struct Head {
    table: Option<(SheetInfo, Option<RecordBatch>)>,
}

impl Sink for Head {
    fn sheet(&mut self, sheet: SheetInfo) -> ControlFlow<()> {
        self.table = Some((sheet, None));
        ControlFlow::Continue(())
    }

    fn batch(&mut self, batch: RecordBatch) -> ControlFlow<()> {
        if let Some((_, rows @ None)) = &mut self.table {
            *rows = Some(batch.slice(0, batch.num_rows().min(FIRST)));
        }
        ControlFlow::Continue(())
    }

    fn problem(&mut self, _: Problem) {}

    fn restart(&mut self) {
        *self = Self::default();
    }
}
