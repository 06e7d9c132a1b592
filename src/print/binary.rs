//! Parquet and Arrow IPC. View types become plain ones: not every reader knows them.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::writer::{FileWriter, StreamWriter};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::{PrintError, Writer};

type Out<'a> = &'a mut (dyn Write + Send);

/// Parquet, zstd.
pub(super) struct Parquet<'a> {
    out: ArrowWriter<Out<'a>>,
    schema: SchemaRef,
}

impl<'a> Parquet<'a> {
    pub(super) fn new(out: Out<'a>, schema: &SchemaRef) -> Result<Self, PrintError> {
        let schema = plain_schema(schema);
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("esf ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        Ok(Self {
            out: ArrowWriter::try_new(out, schema.clone(), Some(properties))?,
            schema,
        })
    }
}

impl Writer for Parquet<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        Ok(self.out.write(&plain_batch(batch, &self.schema)?)?)
    }

    fn finish(&mut self, _: Option<Duration>) -> Result<(), PrintError> {
        self.out.finish()?;
        Ok(())
    }
}

/// The Arrow IPC file format.
pub(super) struct ArrowFile<'a> {
    out: FileWriter<Out<'a>>,
    schema: SchemaRef,
}

impl<'a> ArrowFile<'a> {
    pub(super) fn new(out: Out<'a>, schema: &SchemaRef) -> Result<Self, PrintError> {
        let schema = plain_schema(schema);
        Ok(Self {
            out: FileWriter::try_new(out, &schema)?,
            schema,
        })
    }
}

impl Writer for ArrowFile<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        Ok(self.out.write(&plain_batch(batch, &self.schema)?)?)
    }

    fn finish(&mut self, _: Option<Duration>) -> Result<(), PrintError> {
        Ok(self.out.finish()?)
    }
}

/// The Arrow IPC stream format.
pub(super) struct ArrowStream<'a> {
    out: StreamWriter<Out<'a>>,
    schema: SchemaRef,
}

impl<'a> ArrowStream<'a> {
    pub(super) fn new(out: Out<'a>, schema: &SchemaRef) -> Result<Self, PrintError> {
        let schema = plain_schema(schema);
        Ok(Self {
            out: StreamWriter::try_new(out, &schema)?,
            schema,
        })
    }
}

impl Writer for ArrowStream<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        Ok(self.out.write(&plain_batch(batch, &self.schema)?)?)
    }

    fn finish(&mut self, _: Option<Duration>) -> Result<(), PrintError> {
        Ok(self.out.finish()?)
    }
}

fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::Utf8View | DataType::Null => DataType::Utf8,
        other => other.clone(),
    }
}

fn plain_schema(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        // A literal or a join may yield null where the plan says it cannot; files say "may be null" throughout.
        Field::new(field.name(), plain_type(field.data_type()), true)
            .with_metadata(field.metadata().clone())
    });
    Arc::new(Schema::new_with_metadata(
        fields.collect::<Vec<_>>(),
        schema.metadata().clone(),
    ))
}

fn plain_batch(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let plain = |(array, field): (&ArrayRef, &Arc<Field>)| {
        if array.data_type() == field.data_type() {
            Ok(array.clone())
        } else {
            cast(array, field.data_type())
        }
    };
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(plain)
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(schema.clone(), columns)
}
