//! Sorting a small table whole, for callers whose rows do not come sorted.

use std::sync::Arc;

use arrow::{
    array::{RecordBatch, UInt32Array},
    compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch},
    error::ArrowError,
};

use super::TableSpec;

/// Most rows of a piece.
const PIECE: usize = 64 * 1024;

/// Rows in the order that the specification gives: ascending, nulls last. All of them are held in memory twice.
///
/// Without a batch there are no rows. Fails where the batches do not have the same columns.
pub fn sorted(spec: &TableSpec, batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    let all = together(spec, batches)?;
    match order(spec, &all)? {
        Some(order) => take_record_batch(&all, &order),
        None => Ok(all),
    }
}

/// The same rows piece by piece, for whoever needs them one after the other: all of them are held in memory once besides a piece.
/// Fails as [`sorted`] does.
pub fn sorted_pieces(
    spec: &TableSpec,
    batches: Vec<RecordBatch>,
) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<>, ArrowError> {
    let all = together(spec, &batches)?;
    drop(batches);
    let order = order(spec, &all)?;
    let pieces = (0..all.num_rows()).step_by(PIECE);
    Ok(pieces.map(move |from| {
        let rows = PIECE.min(all.num_rows() - from);
        match &order {
            Some(order) => take_record_batch(&all, &order.slice(from, rows)),
            None => Ok(all.slice(from, rows)),
        }
    }))
}

fn together(spec: &TableSpec, batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    match batches.first() {
        Some(first) => concat_batches(&first.schema(), batches),
        None => Ok(RecordBatch::new_empty(Arc::clone(&spec.schema))),
    }
}

/// The positions of rows in their order; nothing where the specification gives none.
fn order(spec: &TableSpec, all: &RecordBatch) -> Result<Option<UInt32Array>, ArrowError> {
    let options = Some(SortOptions {
        descending: false,
        nulls_first: false,
    });
    let columns: Vec<SortColumn> = spec
        .sort
        .iter()
        .filter_map(|name| {
            Some(SortColumn {
                values: Arc::clone(all.column_by_name(name)?),
                options,
            })
        })
        .collect();
    if columns.is_empty() || all.num_rows() == 0 {
        return Ok(None);
    }
    lexsort_to_indices(&columns, None).map(Some)
}
