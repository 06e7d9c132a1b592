//! From record batches to what the user asked to see: seven formats behind one [`Writer`].
//!
//! Owns formats, layout and the destination (standard output or `--output FILE`). Does not own what is printed: every
//! subcommand that prints data hands over batches. Invariants: numbers keep all their digits in every format; a file
//! given with `--output` appears whole or not at all; nothing published reaches a terminal as a control sequence.

mod binary;
mod cell;
mod destination;
mod layout;
mod markdown;
mod record;
mod rows;
mod table;
mod text;

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use clap::ValueEnum;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

pub(crate) use cell::{grouped, visible};
pub(crate) use destination::Destination;
pub(crate) use layout::{cut, width};
pub(crate) use rows::Rows;

use crate::exit::Failure;

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns for people.
    Table,
    /// Comma-separated, with a header line.
    Csv,
    /// One array of objects.
    Json,
    /// One object a line.
    Ndjson,
    /// A table in Markdown.
    Markdown,
    /// Parquet, zstd.
    Parquet,
    /// Arrow IPC: the file format with --output, the stream format in a pipe.
    Arrow,
}

impl Format {
    /// The endings of files that ask for a format.
    pub(crate) const ENDINGS: [&str; 11] = [
        "txt", "csv", "json", "ndjson", "jsonl", "md", "markdown", "parquet", "arrow", "feather",
        "ipc",
    ];

    /// The format that a file name asks for, by its ending.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Table),
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "md" | "markdown" => Some(Self::Markdown),
            "parquet" => Some(Self::Parquet),
            "arrow" | "feather" | "ipc" => Some(Self::Arrow),
            _ => None,
        }
    }

    fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }
}

/// How a table looks where it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Columns of the terminal; absent where nothing is to be cut.
    pub(crate) width: Option<usize>,
    /// Whether to use colour and weight.
    pub(crate) colour: bool,
    /// One column a line, whatever the width.
    pub(crate) expanded: bool,
    /// Rows shown before the rest is only counted.
    pub(crate) max_rows: Option<usize>,
    /// Long text goes over several lines instead of being cut.
    pub(crate) wrap: bool,
}

/// One format being written.
trait Writer {
    /// Writes some rows.
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), PrintError>;
    /// Writes what must come last; `elapsed` asks for a line on rows and time.
    fn finish(&mut self, elapsed: Option<Duration>) -> Result<(), PrintError>;
}

/// Why something could not be printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrintError {
    /// The destination did not take it.
    #[error("cannot write the output: {0}")]
    Io(#[from] io::Error),
    /// The values cannot be shown in this format.
    #[error("cannot write the output: {0}")]
    Arrow(ArrowError),
    /// Parquet refused the rows.
    #[error("cannot write the output as parquet: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
}

impl From<ArrowError> for PrintError {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, source) => Self::Io(source),
            other => Self::Arrow(other),
        }
    }
}

impl PrintError {
    /// Whether the reader of a pipe has gone, which is no fault.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        let closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        match self {
            Self::Io(error) => closed(error),
            Self::Parquet(parquet::errors::ParquetError::External(source)) => {
                source.downcast_ref::<io::Error>().is_some_and(closed)
            }
            // Arrow's writers keep only the words of the system's error.
            Self::Arrow(error) => error.to_string().contains("Broken pipe"),
            Self::Parquet(_) => false,
        }
    }
}

/// What the flags say about printing.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    pub(crate) format: Format,
    pub(crate) style: Style,
    pub(crate) destination: Destination,
    /// Whether a table ends with a line on rows and time.
    pub(crate) timing: bool,
}

impl Printer {
    /// Prints a stream of batches as they come; times are counted from `start`.
    pub(crate) async fn stream(
        &self,
        mut batches: SendableRecordBatchStream,
        start: Instant,
    ) -> Result<(), Failure> {
        self.refuse_binary_on_terminal()?;
        let mut open = self.destination.open()?;
        {
            let mut writer = self.writer(&mut open, &batches.schema())?;
            while let Some(batch) = batches.next().await {
                writer.batch(&batch.map_err(crate::sql_error::failure)?)?;
            }
            writer.finish(self.timing.then(|| start.elapsed()))?;
        }
        Ok(open.commit()?)
    }

    /// Prints one batch.
    pub(crate) fn batch(&self, batch: &RecordBatch) -> Result<(), Failure> {
        self.framed("", batch, "")
    }

    /// Prints one batch of our own making, with text above and below it where people read. Its texts are not cut.
    pub(crate) fn framed(
        &self,
        above: &str,
        batch: &RecordBatch,
        below: &str,
    ) -> Result<(), Failure> {
        let style = Style {
            wrap: true,
            max_rows: None,
            ..self.style
        };
        let batches = std::slice::from_ref(batch);
        Self {
            style,
            ..self.clone()
        }
        .all(above, &batch.schema(), batches, below)
    }

    /// Prints batches that are there already, under some text where people read.
    pub(crate) fn batches(
        &self,
        above: &str,
        schema: &SchemaRef,
        batches: &[RecordBatch],
    ) -> Result<(), Failure> {
        self.all(above, schema, batches, "")
    }

    fn all(
        &self,
        above: &str,
        schema: &SchemaRef,
        batches: &[RecordBatch],
        below: &str,
    ) -> Result<(), Failure> {
        self.refuse_binary_on_terminal()?;
        let mut open = self.destination.open()?;
        if self.for_people() {
            open.write_all(above.as_bytes()).map_err(PrintError::Io)?;
        }
        {
            let mut writer = self.writer(&mut open, schema)?;
            for batch in batches {
                writer.batch(batch)?;
            }
            writer.finish(None)?;
        }
        if self.for_people() {
            open.write_all(below.as_bytes()).map_err(PrintError::Io)?;
        }
        Ok(open.commit()?)
    }

    /// Prints prose: only where people read, so never beside data in another format.
    pub(crate) fn prose(&self, text: &str) -> Result<(), Failure> {
        let mut open = self.destination.open()?;
        open.write_all(text.as_bytes()).map_err(PrintError::Io)?;
        Ok(open.commit()?)
    }

    /// Whether people read the output.
    pub(crate) fn for_people(&self) -> bool {
        self.format == Format::Table
    }

    fn refuse_binary_on_terminal(&self) -> Result<(), Failure> {
        if self.format.is_binary() && self.destination.is_terminal() {
            return Err(Failure::usage("this format is not for terminals")
                .next("give --output FILE, or send the output into a pipe"));
        }
        Ok(())
    }

    fn writer<'a>(
        &self,
        out: &'a mut (dyn Write + Send),
        schema: &SchemaRef,
    ) -> Result<Box<dyn Writer + Send + 'a>, PrintError> {
        Ok(match self.format {
            Format::Table => Box::new(table::Table::new(out, schema, self.style)),
            Format::Csv => Box::new(text::Csv::new(out, schema)),
            Format::Json => Box::new(text::Json::new(out)),
            Format::Ndjson => Box::new(text::Ndjson::new(out)),
            Format::Markdown => Box::new(markdown::Markdown::new(out, schema)),
            Format::Parquet => Box::new(binary::Parquet::new(out, schema)?),
            Format::Arrow if self.destination.is_file() => {
                Box::new(binary::ArrowFile::new(out, schema)?)
            }
            Format::Arrow => Box::new(binary::ArrowStream::new(out, schema)?),
        })
    }
}

#[cfg(test)]
mod tests;
