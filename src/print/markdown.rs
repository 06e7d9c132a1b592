//! A table in Markdown, to be pasted into an issue or a report.

use std::io::Write;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use super::cell::{Cells, is_right_aligned, visible};
use super::{PrintError, Writer};

/// The table being written; the header goes out with the first rows.
pub(super) struct Markdown<'a> {
    out: &'a mut (dyn Write + Send),
    header: Option<String>,
}

impl<'a> Markdown<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send), schema: &SchemaRef) -> Self {
        let names: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| escaped(field.name()))
            .collect();
        let rules = schema.fields().iter().map(|f| {
            if is_right_aligned(f.data_type()) {
                "---:"
            } else {
                "---"
            }
        });
        let rules: Vec<_> = rules.collect();
        let header = format!("| {} |\n| {} |\n", names.join(" | "), rules.join(" | "));
        Self {
            out,
            header: Some(header),
        }
    }
}

impl Writer for Markdown<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        if let Some(header) = self.header.take() {
            self.out.write_all(header.as_bytes())?;
        }
        let cells = Cells::of(batch)?;
        for row in 0..batch.num_rows() {
            let texts: Vec<_> = cells
                .iter()
                .map(|column| escaped(&column.plain(row).unwrap_or_default()))
                .collect();
            writeln!(self.out, "| {} |", texts.join(" | "))?;
        }
        Ok(())
    }

    fn finish(&mut self, _: Option<Duration>) -> Result<(), PrintError> {
        match self.header.take() {
            Some(header) => Ok(self.out.write_all(header.as_bytes())?),
            None => Ok(()),
        }
    }
}

fn escaped(text: &str) -> String {
    visible(text)
        .replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "&lt;")
}
