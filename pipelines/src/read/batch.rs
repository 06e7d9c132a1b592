//! The shape of every batch: where a row stands, its cells as published text and, for typed formats, their kinds.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use super::error::ReadError;

/// Most rows of one batch.
pub const BATCH_ROWS: usize = 65_536;

/// A batch is cut before its text grows beyond this: it is there twice while it is handed on. Far from the 2 GiB that the
/// offsets of a column can address.
pub(super) const BATCH_TEXT: usize = 16 << 20;

/// A batch is cut before it has more cells than this, so that very wide tables stay cheap.
const BATCH_CELLS: usize = 1 << 20;

/// Kind of a cell in a typed format, as it stands in the columns `k0`, `k1`, ….
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum CellKind {
    /// Text; also the kind of a cell that is not there.
    Text = 0,
    /// A number, written as its shortest exact decimal.
    Number = 1,
    /// A date or time stamp, written as ISO 8601.
    Date = 2,
    /// `true` or `false`.
    Boolean = 3,
    /// An error value such as `#N/A`.
    Error = 4,
}

/// Rows that a batch of this width may have.
pub(super) fn rows_per_batch(width: usize) -> usize {
    (BATCH_CELLS / width.max(1)).clamp(1, BATCH_ROWS)
}

/// `row`, `line`, `byte`, `c0`…, and `k0`… where `kinds` is set.
pub(super) fn schema(width: usize, kinds: bool) -> SchemaRef {
    let mut fields = Vec::with_capacity(3 + 2 * width);
    fields.push(Field::new("row", DataType::UInt32, false));
    fields.push(Field::new("line", DataType::UInt32, false));
    fields.push(Field::new("byte", DataType::UInt64, false));
    fields.extend((0..width).map(|i| Field::new(format!("c{i}"), DataType::Utf8, true)));
    if kinds {
        fields.extend((0..width).map(|i| Field::new(format!("k{i}"), DataType::UInt8, false)));
    }
    Arc::new(Schema::new(fields))
}

/// Puts columns together; they come from builders of this module's readers and always fit the schema.
pub(super) fn assemble(
    schema: &SchemaRef,
    columns: Vec<ArrayRef>,
) -> Result<RecordBatch, ReadError> {
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(|e| ReadError::Unsupported {
        what: format!("a table whose columns do not fit together ({e})"),
        instead: "please report this as a defect of esf",
    })
}
