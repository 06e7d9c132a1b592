//! Readers: published bytes in; Arrow batches with the place of every row, and problems with their places, out.
//!
//! A reader knows formats and nothing else. Which rows are preamble, header, data or footer, what a column means and
//! how its numbers are written is found out later. Cells are published text; nothing is trimmed, converted or guessed,
//! except that binary numbers and dates of workbooks are written out (see [`CellKind`]).
//!
//! Invariants: what a file claims about itself is never allocated ([`Limits`]); a character is never replaced; every
//! row carries where it stands. The interface is narrow on purpose, so that readers run in a process of their own ([`Readers`]).
//!
//! ```
//! # use esf_pipelines::read::{Collected, Format, Kind, Limits, read};
//! let bytes = "Name;Betrag\nVerein A;1.234,56\n".into();
//! let format = Format { delimiter: Some(b';'), ..Format::new(Kind::Csv) };
//! let mut tables = Collected::default();
//! read(&bytes, &format, &Limits::default(), &mut tables)?;
//! assert_eq!(tables.rows(), 2); // which row is the header is not the reader's business
//! # Ok::<(), esf_pipelines::read::ReadError>(())
//! ```

mod apart;
mod arrival;
mod batch;
mod content;
mod delimited;
mod encoding;
mod error;
mod format;
#[cfg(test)]
mod fuzz;
mod grid;
mod json;
mod limits;
mod place;
mod sink;
mod sniff;
mod workbook;

use std::ops::ControlFlow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use self::arrival::Arrived;

pub use self::apart::{Readers, serve};
pub use self::batch::{BATCH_ROWS, CellKind};
pub use self::content::Content;
pub(crate) use self::delimited::FILE_CUT;
pub(crate) use self::encoding::{encoded_twice, has_right_letters, sound_utf16, twice_throughout};
pub use self::error::ReadError;
pub use self::format::{Encoding, Format, Kind};
pub(crate) use self::json::FILE_PARTIAL;
pub use self::limits::Limits;
pub use self::place::{Place, Problem, column_letters};
pub use self::sink::{Collected, MergedRange, SheetInfo, Sink};
pub use self::sniff::sniff;
pub(crate) use self::sniff::{DELIMITERS, expect_kind};

/// What a reader did with one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadSummary {
    /// Tables handed to the sink.
    pub tables: u64,
    /// Rows of all of them.
    pub rows: u64,
    /// Rows × width of all of them.
    pub cells: u64,
    /// Doubts found; not all of them may have been reported one by one.
    pub problems: u64,
    /// Whether the sink asked to stop.
    pub stopped: bool,
}

impl ReadSummary {
    /// Counts a table that the sink was given, with its rows and cells, or that it asked to stop.
    fn count(&mut self, emitted: ControlFlow<(), (u64, u64)>) -> ControlFlow<()> {
        match emitted {
            ControlFlow::Continue((rows, cells)) => {
                self.tables += 1;
                self.rows += rows;
                self.cells += cells;
                ControlFlow::Continue(())
            }
            ControlFlow::Break(()) => {
                self.stopped = true;
                ControlFlow::Break(())
            }
        }
    }
}

/// Reads a file of a declared format into a sink.
///
/// # Errors
/// When the file is not of that format, is damaged, goes over a limit, or holds no table. The sink may have received
/// tables before that; they are to be thrown away.
pub fn read(
    bytes: &Bytes,
    format: &Format,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    read_file(&bytes.clone().into(), "", Some(format), limits, sink)
}

/// Reads a file into a sink, wherever its bytes are: in the declared format, or in the one that its content and its name show.
///
/// # Errors
/// As [`read`] and [`sniff`](fn@sniff), and when the bytes cannot be read.
pub fn read_file(
    content: &Content,
    file_name: &str,
    declared: Option<&Format>,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    if content.size() > limits.max_bytes {
        return Err(ReadError::TooLarge {
            bytes: content.size(),
            limit: limits.max_bytes,
        });
    }
    if let Some(format) = declared.filter(|f| matches!(f.kind, Kind::Html | Kind::Text)) {
        return Err(arrival::page(format.kind));
    }
    match &limits.readers {
        Some(readers) => readers.read(content, file_name, declared, limits, sink),
        None => Arrived::of(content.bytes()?, declared).read(file_name, declared, limits, sink),
    }
}

#[cfg(test)]
#[allow(clippy::format_push_string)] // tables are shown as small texts
mod tests;
