//! Sorting a small table whole, for callers whose rows do not come sorted.
//!
//! Most rows of a night are those of the night before, in the order in which they were written, with a few new ones behind
//! them. The sort of the standard library takes such stretches as they are and merges them: a night costs a pass or two over
//! what is kept, not the sort of all that there ever was.

use std::sync::Arc;

use arrow::{
    array::{RecordBatch, UInt64Array},
    compute::{
        LexicographicalComparator, SortColumn, SortOptions, concat_batches, take_record_batch,
    },
    error::ArrowError,
};

use super::TableSpec;

/// Most rows of a piece.
const PIECE: usize = 64 * 1024;

/// Rows in the order that the specification gives: ascending, nulls last; those that it does not tell apart stay as they came.
/// All of them are held in memory twice, if nobody else has the batches.
///
/// Without a batch there are no rows. Fails where the batches do not have the same columns.
pub fn sorted(spec: &TableSpec, batches: Vec<RecordBatch>) -> Result<RecordBatch, ArrowError> {
    let all = together(spec, &batches)?;
    drop(batches);
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
fn order(spec: &TableSpec, all: &RecordBatch) -> Result<Option<UInt64Array>, ArrowError> {
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
    let rows = LexicographicalComparator::try_new(&columns)?;
    let mut order: Vec<u64> = (0..all.num_rows() as u64).collect();
    order.sort_by(|one, other| rows.compare(*one as usize, *other as usize));
    Ok(Some(UInt64Array::from(order)))
}
