//! Cuts batches anew, to one fixed size: Parquet pages end where batches end, so equal rows would otherwise give
//! different bytes depending on how many threads produced them.

use std::{collections::VecDeque, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, RecordBatch,
        StringArray, downcast_primitive_array,
    },
    compute::concat_batches,
    datatypes::{DataType, SchemaRef},
    error::ArrowError,
};

/// The rows of every batch handed on but the last. A row group is a whole number of them.
pub(super) const ROWS: usize = 8 * 1024;

/// Rows waiting until there are enough of them for a batch.
#[derive(Debug)]
pub(super) struct Recut {
    schema: SchemaRef,
    waiting: VecDeque<RecordBatch>,
    rows: usize,
}

impl Recut {
    pub(super) fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            waiting: VecDeque::new(),
            rows: 0,
        }
    }

    /// The schema of the batches handed on.
    pub(super) fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    /// Takes rows.
    pub(super) fn push(&mut self, batch: RecordBatch) {
        self.rows += batch.num_rows();
        if batch.num_rows() > 0 {
            self.waiting.push_back(batch);
        }
    }

    /// The next batch of exactly [`ROWS`] rows, if there are so many. Rows inside one incoming batch are not copied.
    pub(super) fn next_full(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.rows < ROWS {
            Ok(None)
        } else {
            self.take(ROWS).map(Some)
        }
    }

    /// The rows left over at the end.
    pub(super) fn rest(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.rows == 0 {
            Ok(None)
        } else {
            self.take(self.rows).map(Some)
        }
    }

    fn take(&mut self, rows: usize) -> Result<RecordBatch, ArrowError> {
        self.rows -= rows;
        let mut parts = Vec::new();
        let mut missing = rows;
        while missing > 0 {
            let Some(batch) = self.waiting.pop_front() else {
                break;
            };
            if batch.num_rows() > missing {
                self.waiting
                    .push_front(batch.slice(missing, batch.num_rows() - missing));
                parts.push(batch.slice(0, missing));
                missing = 0;
            } else {
                missing -= batch.num_rows();
                parts.push(batch);
            }
        }
        let batch = match parts.len() {
            1 => parts.swap_remove(0),
            _ => concat_batches(&self.schema, &parts)?,
        };
        let columns = batch
            .columns()
            .iter()
            .map(without_idle_nulls)
            .collect::<Result<_, _>>()?;
        RecordBatch::try_new(SchemaRef::clone(&self.schema), columns)
    }
}

/// Drops a null bitmap that marks no null. Parquet's writer checks the size of a page after every 1024 values of a
/// column with a bitmap, but only once per batch without one: the same values would be cut into different pages.
fn without_idle_nulls(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if column.nulls().is_none_or(|nulls| nulls.null_count() > 0) {
        return Ok(Arc::clone(column));
    }
    let column = column.as_ref();
    Ok(downcast_primitive_array! {
        column => bare(column)?,
        DataType::Utf8 => {
            let (offsets, values, _) = column.as_string::<i32>().clone().into_parts();
            Arc::new(StringArray::try_new(offsets, values, None)?)
        },
        DataType::Boolean => Arc::new(BooleanArray::new(column.as_boolean().values().clone(), None)),
        other => return Err(ArrowError::NotYetImplemented(format!("columns of type {other} with nulls"))),
    })
}

fn bare<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>) -> Result<ArrayRef, ArrowError> {
    let values = PrimitiveArray::<T>::try_new(column.values().clone(), None)?;
    // The type of values with parameters (decimals, timestamps) is more than that of their representation.
    Ok(Arc::new(values.with_data_type(column.data_type().clone())))
}
