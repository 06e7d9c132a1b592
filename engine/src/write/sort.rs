//! Sorting a small table whole, for callers whose rows do not come sorted.

use std::sync::Arc;

use arrow::{
    array::RecordBatch,
    compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch},
    error::ArrowError,
};

use super::TableSpec;

/// Rows in the order that the specification gives: ascending, nulls last. All of them are held in memory twice.
///
/// Without a batch there are no rows. Fails where the batches do not have the same columns.
pub fn sorted(spec: &TableSpec, batches: &[RecordBatch]) -> Result<RecordBatch, ArrowError> {
    let Some(first) = batches.first() else {
        return Ok(RecordBatch::new_empty(Arc::clone(&spec.schema)));
    };
    let all = concat_batches(&first.schema(), batches)?;
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
    if columns.is_empty() {
        return Ok(all);
    }
    let order = lexsort_to_indices(&columns, None)?;
    take_record_batch(&all, &order)
}
