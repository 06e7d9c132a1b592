//! The writer of one file.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, RecordBatch},
    compute::{CastOptions, cast_with_options},
    datatypes::{Field, Schema},
    error::ArrowError,
    util::display::FormatOptions,
};
use datafusion::execution::SendableRecordBatchStream;
use esf_schemas::Visibility;
use futures::StreamExt;
use parquet::{arrow::ArrowWriter, errors::ParquetError};

use super::{Result, TableSpec, WriteError, digest::Hashing, layout, recut::Recut, statistics};
use crate::{
    release::{DataFile, Warehouse},
    store::{Store, StoreError, TemporaryFile},
};

/// Values that do not fit are an error: they must never become null in silence.
const STRICT: CastOptions<'static> = CastOptions {
    safe: false,
    format_options: FormatOptions::new(),
};

/// The rows of a file of a restricted table take a multiple of so many bytes.
const PADDED: usize = 64 * 1024;

type Sink = ArrowWriter<Hashing<BufWriter<File>>>;

/// Writes the rows of one partition of a table, which must come in the table's order, to one file.
///
/// Works without a runtime: several writers may run on as many threads. Nothing is in the store before
/// [`FinishedFile::keep`].
#[derive(Debug)]
pub struct TableWriter {
    spec: Arc<TableSpec>,
    partition: String,
    store: Store,
    file: TemporaryFile,
    recut: Recut,
    /// Made when the first batch is there, which decides the layout.
    parquet: Option<Sink>,
    rows: u64,
}

/// A complete file that is not in the store yet.
#[derive(Debug)]
pub struct FinishedFile {
    data: DataFile,
    file: TemporaryFile,
    store: Store,
}

impl TableWriter {
    /// Begins a file. Fails if the specification contradicts itself or no temporary file can be made.
    pub fn create(warehouse: &Warehouse, spec: &Arc<TableSpec>, partition: &str) -> Result<Self> {
        spec.check()?;
        let store = warehouse.store_of(spec.visibility).clone();
        let file = store.temporary()?;
        // The metadata of the schema is that of the fields; it is written once, under keys of our own.
        let schema = Arc::new(Schema::new(spec.schema.fields().clone()));
        let recut = Recut::new(schema);
        Ok(Self {
            spec: Arc::clone(spec),
            partition: partition.to_owned(),
            store,
            file,
            recut,
            parquet: None,
            rows: 0,
        })
    }

    /// Adds rows. Columns are matched by position and must have the names of the table; text, views and dictionaries
    /// are cast to the declared types. Fails on other columns, on values that do not fit and on unexpected nulls.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        let batch = self.conform(batch)?;
        self.recut.push(batch);
        while let Some(full) = self.recut.next_full().map_err(|e| self.arrow(e))? {
            self.encode(&full)?;
        }
        Ok(())
    }

    /// How many rows have been added.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the file; `None` if it had no rows, for which no file is kept.
    pub fn finish(mut self) -> Result<Option<FinishedFile>> {
        if let Some(rest) = self.recut.rest().map_err(|e| self.arrow(e))? {
            self.encode(&rest)?;
        }
        let Some(mut sink) = self.parquet.take() else {
            return Ok(None);
        };
        if self.spec.visibility == Visibility::Restricted {
            self.pad(&mut sink)?;
        }
        let metadata = sink.finish().map_err(|e| self.parquet(e))?;
        // Dropping the file would flush it too, but a full disk would go unnoticed.
        sink.inner_mut()
            .flush()
            .map_err(|e| self.parquet(e.into()))?;
        let (sha256, bytes) = sink.inner().digest();
        let (min, max) = statistics::extremes(&self.spec, &metadata);
        let data = DataFile {
            path: self.spec.path(&sha256),
            rows: self.rows,
            bytes,
            sha256,
            partition: self.partition,
            footer_bytes: statistics::footer_bytes(&metadata, bytes),
            min,
            max,
        };
        Ok(Some(FinishedFile {
            data,
            file: self.file,
            store: self.store,
        }))
    }

    /// Fills up behind the rows, where no reader looks: the size of the file stands in the document of its release, and must
    /// not tell how many people it is about.
    fn pad(&self, sink: &mut Sink) -> Result<()> {
        sink.flush().map_err(|e| self.parquet(e))?;
        let lacking = (PADDED - sink.bytes_written() % PADDED) % PADDED;
        sink.write_all(&vec![0_u8; lacking])
            .map_err(|e| self.parquet(e.into()))
    }

    fn encode(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut sink = match self.parquet.take() {
            Some(sink) => sink,
            None => self.begin(batch)?,
        };
        let written = sink.write(batch).map_err(|e| self.parquet(e));
        self.parquet = Some(sink);
        written
    }

    fn begin(&self, first: &RecordBatch) -> Result<Sink> {
        let layout =
            layout::properties(&self.spec, &self.partition, first).map_err(|e| self.arrow(e))?;
        let file = BufWriter::with_capacity(256 * 1024, self.file.open()?);
        ArrowWriter::try_new(Hashing::new(file), self.recut.schema(), Some(layout))
            .map_err(|e| self.parquet(e))
    }

    fn parquet(&self, source: ParquetError) -> WriteError {
        let source = match source {
            // A full disk is no fault of the table: what helps depends on the place.
            ParquetError::External(cause) => match cause.downcast::<io::Error>() {
                Ok(cause) => return StoreError::io("write", self.file.path())(*cause).into(),
                Err(cause) => ParquetError::External(cause),
            },
            other => other,
        };
        WriteError::Parquet {
            table: self.spec.name.clone(),
            source,
        }
    }

    fn arrow(&self, source: ArrowError) -> WriteError {
        self.parquet(source.into())
    }

    fn conform(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let found = batch.schema();
        let names = |fields: &arrow::datatypes::Fields| {
            fields
                .iter()
                .map(|f| f.name().as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (expected, found) = (self.spec.schema.fields(), found.fields());
        if expected.len() != found.len()
            || expected
                .iter()
                .zip(found)
                .any(|(e, f)| e.name() != f.name())
        {
            let table = self.spec.name.clone();
            return Err(WriteError::Columns {
                table,
                expected: names(expected),
                found: names(found),
            });
        }
        let columns = expected
            .iter()
            .zip(batch.columns())
            .map(|(field, column)| self.column(field, column));
        RecordBatch::try_new(self.recut.schema(), columns.collect::<Result<_>>()?)
            .map_err(|e| self.arrow(e))
    }

    fn column(&self, field: &Field, column: &ArrayRef) -> Result<ArrayRef> {
        let named = || (self.spec.name.clone(), field.name().clone());
        let column = if column.data_type() == field.data_type() {
            Arc::clone(column)
        } else {
            cast_with_options(column, field.data_type(), &STRICT).map_err(|source| {
                let (table, column) = named();
                WriteError::Value {
                    table,
                    column,
                    source,
                }
            })?
        };
        if !field.is_nullable() && column.null_count() > 0 {
            let (table, column) = named();
            return Err(WriteError::Null { table, column });
        }
        Ok(column)
    }
}

impl FinishedFile {
    /// What the file is.
    pub fn data(&self) -> &DataFile {
        &self.data
    }

    /// Moves the file into the store, where it is durable once a release is published.
    pub async fn keep(self) -> Result<DataFile> {
        self.store.put_file(&self.data.path, self.file).await?;
        Ok(self.data)
    }

    /// Moves the file into the store, in the place of one of its name that does not hold what was written under it.
    pub async fn replace(self) -> Result<DataFile> {
        self.store.replace_file(&self.data.path, self.file).await?;
        Ok(self.data)
    }
}

/// Writes a sorted stream as one partition of a table and keeps the file; `None` if there were no rows.
pub async fn write_stream(
    warehouse: &Warehouse,
    spec: &Arc<TableSpec>,
    partition: &str,
    mut rows: SendableRecordBatchStream,
) -> Result<Option<DataFile>> {
    let mut writer = TableWriter::create(warehouse, spec, partition)?;
    while let Some(batch) = rows.next().await {
        writer.write(&batch.map_err(|source| WriteError::Rows {
            table: spec.name.clone(),
            source,
        })?)?;
    }
    match writer.finish()? {
        Some(file) => file.keep().await.map(Some),
        None => Ok(None),
    }
}
