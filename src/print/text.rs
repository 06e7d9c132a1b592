//! CSV and JSON: for programs, so every digit as it is, no grouping, and null told apart where the format can.

use std::io::Write;
use std::time::Duration;

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::csv::{Writer as CsvRows, WriterBuilder as CsvBuilder};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::json::writer::{JsonArray, JsonFormat, LineDelimited};
use arrow::json::{Writer as JsonRows, WriterBuilder as JsonBuilder};
use arrow::record_batch::RecordBatch;
use arrow::util::display::ArrayFormatter;

use super::cell::OPTIONS;
use super::{PrintError, Writer};

/// CSV with a header line; null is an empty field.
pub(super) struct Csv<'a> {
    out: CsvRows<&'a mut (dyn Write + Send)>,
    /// The header is written with the first rows; an empty result gets it from here.
    empty: Option<RecordBatch>,
}

impl<'a> Csv<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send), schema: &SchemaRef) -> Self {
        Self {
            out: CsvBuilder::new().with_header(true).build(out),
            empty: Some(RecordBatch::new_empty(schema.clone())),
        }
    }
}

impl Writer for Csv<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        self.empty = None;
        Ok(self.out.write(&flat(batch)?)?)
    }

    fn finish(&mut self, _: Option<Duration>) -> Result<(), PrintError> {
        match self.empty.take() {
            Some(empty) => self.batch(&empty),
            None => Ok(()),
        }
    }
}

/// Nested values as text: a CSV field holds no list.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let flat_column = |array: &ArrayRef| -> Result<ArrayRef, ArrowError> {
        if !array.data_type().is_nested() {
            return Ok(array.clone());
        }
        let formatter = ArrayFormatter::try_new(array.as_ref(), &OPTIONS)?;
        let text = (0..array.len()).map(|row| {
            array
                .is_valid(row)
                .then(|| formatter.value(row).to_string())
        });
        Ok(std::sync::Arc::new(
            text.collect::<arrow::array::StringArray>(),
        ))
    };
    with_columns(batch, flat_column)
}

/// A batch whose columns are changed one by one.
fn with_columns(
    batch: &RecordBatch,
    change: impl Fn(&ArrayRef) -> Result<ArrayRef, ArrowError>,
) -> Result<RecordBatch, ArrowError> {
    let columns = batch
        .columns()
        .iter()
        .map(change)
        .collect::<Result<Vec<_>, _>>()?;
    let names = batch.schema();
    RecordBatch::try_from_iter_with_nullable(
        names
            .fields()
            .iter()
            .zip(columns)
            .map(|(field, column)| (field.name().as_str(), column, true)),
    )
}

/// Objects as JSON: in one array, or one a line.
pub(super) struct Objects<'a, F: JsonFormat> {
    out: JsonRows<&'a mut (dyn Write + Send), F>,
}

/// One array of objects, an object a line.
pub(super) type Json<'a> = Objects<'a, JsonLines>;

/// One object a line.
pub(super) type Ndjson<'a> = Objects<'a, LineDelimited>;

impl<'a, F: JsonFormat> Objects<'a, F> {
    pub(super) fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self {
            out: JsonBuilder::new().with_explicit_nulls(true).build(out),
        }
    }
}

impl<F: JsonFormat> Writer for Objects<'_, F> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        Ok(self.out.write(&json_ready(batch)?)?)
    }

    fn finish(&mut self, _: Option<Duration>) -> Result<(), PrintError> {
        Ok(self.out.finish()?)
    }
}

/// [`JsonArray`] with an object a line: as much JSON, but a person can read it and `diff` can compare it.
#[derive(Debug, Default)]
pub(super) struct JsonLines(JsonArray);

impl JsonFormat for JsonLines {
    fn start_stream<W: Write>(&self, out: &mut W) -> Result<(), ArrowError> {
        self.0.start_stream(out)
    }

    fn start_row<W: Write>(&self, out: &mut W, is_first_row: bool) -> Result<(), ArrowError> {
        Ok(out.write_all(if is_first_row { b"\n" } else { b",\n" })?)
    }

    fn end_stream<W: Write>(&self, out: &mut W) -> Result<(), ArrowError> {
        Ok(out.write_all(b"\n]\n")?)
    }
}

/// Types that the JSON writer does not know, as text.
fn json_ready(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let ready = |array: &ArrayRef| match array.data_type() {
        DataType::Interval(_) | DataType::Duration(_) => cast(array, &DataType::Utf8),
        _ => Ok(array.clone()),
    };
    with_columns(batch, ready)
}
