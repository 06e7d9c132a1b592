//! The smallest and largest values of the sort columns, taken from the statistics that the file has anyway.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, ArrayRef, Scalar},
    compute::{cast, kernels::cmp},
    datatypes::{DataType, SchemaRef},
    util::display::{ArrayFormatter, FormatOptions},
};
use parquet::{
    arrow::arrow_reader::statistics::StatisticsConverter,
    file::metadata::{ParquetMetaData, RowGroupMetaData},
};

use super::TableSpec;

/// Text by column.
pub(super) type Values = BTreeMap<String, String>;

/// Smallest and largest value of each sort column, where every row group knows them exactly.
pub(super) fn extremes(spec: &TableSpec, metadata: &ParquetMetaData) -> (Values, Values) {
    let (mut min, mut max) = (Values::new(), Values::new());
    for column in &spec.sort {
        if let Some((smallest, largest)) = extremes_of(&spec.schema, column, metadata) {
            min.insert(column.clone(), smallest);
            max.insert(column.clone(), largest);
        }
    }
    (min, max)
}

/// The number of bytes from the first metadata after the rows to the end of the file.
pub(super) fn footer_bytes(metadata: &ParquetMetaData, file_bytes: u64) -> u64 {
    let columns = metadata
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns);
    let index_starts = columns
        .flat_map(|c| [c.column_index_offset(), c.offset_index_offset()])
        .flatten();
    match index_starts.min() {
        Some(start) => file_bytes.saturating_sub(start.unsigned_abs()),
        None => file_bytes,
    }
}

fn extremes_of(
    schema: &SchemaRef,
    column: &str,
    metadata: &ParquetMetaData,
) -> Option<(String, String)> {
    let groups = metadata.row_groups();
    let converter =
        StatisticsConverter::try_new(column, schema, metadata.file_metadata().schema_descr())
            .ok()?;
    let known = |exact: arrow::array::BooleanArray| exact.iter().all(|exact| exact == Some(true));
    let exact = known(converter.row_group_is_min_value_exact(groups).ok()?)
        && known(converter.row_group_is_max_value_exact(groups).ok()?);
    if groups.is_empty() || !exact {
        return None;
    }
    let smallest = pick(&converter.row_group_mins(groups).ok()?, |a, b| {
        cmp::lt(a, b)
    })?;
    let largest = pick(&converter.row_group_maxes(groups).ok()?, |a, b| {
        cmp::gt(a, b)
    })?;
    Some((smallest, largest))
}

type Compare = fn(
    &Scalar<ArrayRef>,
    &Scalar<ArrayRef>,
) -> Result<arrow::array::BooleanArray, arrow::error::ArrowError>;

/// The text of the value that comes before all others in the order of `before`.
fn pick(values: &ArrayRef, before: Compare) -> Option<String> {
    if values.null_count() > 0 {
        return None;
    }
    let value = |row: usize| Scalar::new(values.slice(row, 1));
    let mut best = 0;
    for row in 1..values.len() {
        if before(&value(row), &value(best)).ok()?.value(0) {
            best = row;
        }
    }
    text(&values.slice(best, 1))
}

/// A value as the text that Arrow casts back to it.
fn text(value: &ArrayRef) -> Option<String> {
    let value = match value.data_type() {
        DataType::Utf8View | DataType::LargeUtf8 => cast(value, &DataType::Utf8).ok()?,
        _ => ArrayRef::clone(value),
    };
    let options = FormatOptions::default();
    Some(
        ArrayFormatter::try_new(&value, &options)
            .ok()?
            .value(0)
            .to_string(),
    )
}
