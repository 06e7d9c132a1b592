//! The physical layout of a table's files.
//!
//! Row groups of 128k rows: larger ones leave cores idle when a file is read and cost memory when it is written. Zstd
//! at level 1, because half of the time of a first run is spent here and higher levels save little on dictionary pages.
//!
//! Whether a column gets a dictionary is decided by a sample of the file's first batch. The batch is always cut in the
//! same place, so the decision depends on the rows alone.

use std::collections::HashSet;

use arrow::{
    array::{Array, ArrayRef, RecordBatch, UInt32Array},
    compute::take,
    datatypes::DataType,
    error::ArrowError,
    row::{RowConverter, SortField},
};
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    file::{
        metadata::{KeyValue, SortingColumn},
        properties::{EnabledStatistics, WriterProperties},
    },
    schema::types::ColumnPath,
};
use serde_json::{Map, Value, json};

use super::{TableSpec, recut};

/// The rows of a row group.
const ROW_GROUP_ROWS: usize = 16 * recut::ROWS;

/// Stands in the files instead of the library's version, so that their bytes change only when their layout does.
const CREATED_BY: &str = "esf table layout 1";

/// The share of ids that are looked for in vain although they are not in a row group.
const BLOOM_FALSE_POSITIVES: f64 = 0.01;

/// A dictionary larger than this saves less than it costs; the writer then goes on without.
const DICTIONARY_BYTES: usize = 512 * 1024;

/// How many values of a column are looked at to learn whether they repeat.
const SAMPLE: usize = 512;

/// Files with fewer rows get dictionaries without looking.
const FEWEST_SAMPLED: usize = 8 * SAMPLE;

/// The layout of a file whose first batch is this one.
pub(super) fn properties(
    spec: &TableSpec,
    partition: &str,
    first: &RecordBatch,
) -> Result<WriterProperties, ArrowError> {
    let mut builder = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_dictionary_page_size_limit(DICTIONARY_BYTES)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(sorting(spec))
        .set_key_value_metadata(Some(metadata(spec, partition)));
    for name in &spec.bloom {
        let column = ColumnPath::from(name.as_str());
        builder = builder
            .set_column_bloom_filter_enabled(column.clone(), true)
            .set_column_bloom_filter_fpp(column.clone(), BLOOM_FALSE_POSITIVES)
            .set_column_bloom_filter_max_ndv(column, ROW_GROUP_ROWS as u64);
    }
    for (field, values) in spec.schema.fields().iter().zip(first.columns()) {
        let column = ColumnPath::from(field.name().as_str());
        match field.data_type() {
            // Ids that are nearly all different: a dictionary would only repeat them. Where many rows share one, a reader
            // takes each apart once.
            DataType::Utf8
                if spec.bloom.contains(field.name())
                    && (values.len() < FEWEST_SAMPLED || is_varied(values)?) =>
            {
                builder = builder
                    .set_column_dictionary_enabled(column.clone(), false)
                    .set_column_encoding(column, Encoding::DELTA_BYTE_ARRAY);
            }
            // Row numbers and other counters mostly go up by one.
            DataType::Int64 | DataType::Int32 if spec.sort.contains(field.name()) => {
                builder = builder
                    .set_column_dictionary_enabled(column.clone(), false)
                    .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
            }
            data_type if is_varied(values)? => {
                builder = builder.set_column_dictionary_enabled(column.clone(), false);
                if *data_type == DataType::Utf8 {
                    // Lengths apart from letters compress better, and cost no more.
                    builder =
                        builder.set_column_encoding(column, Encoding::DELTA_LENGTH_BYTE_ARRAY);
                }
            }
            _ => {}
        }
    }
    Ok(builder.build())
}

/// Whether nearly all values of a column differ, so that a dictionary would hold them all: 95 % of the sample, which
/// corresponds to some thousands of different values in the file.
fn is_varied(values: &ArrayRef) -> Result<bool, ArrowError> {
    let rows = values.len();
    if rows < FEWEST_SAMPLED
        || values.null_count() > rows / 2
        || *values.data_type() == DataType::Boolean
    {
        return Ok(false);
    }
    let step = rows / SAMPLE;
    let places = UInt32Array::from_iter_values((0..SAMPLE).map(|i| (i * step) as u32));
    let sample = take(values, &places, None)?;
    let present = SAMPLE - sample.null_count();
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
    let sample = converter.convert_columns(&[sample])?;
    // All nulls together are one value of the set; that does not matter here.
    let different: HashSet<&[u8]> = sample.iter().map(|row| row.data()).collect();
    Ok(different.len() * 100 > present * 95)
}

fn sorting(spec: &TableSpec) -> Option<Vec<SortingColumn>> {
    let index = |name: &String| spec.schema.index_of(name).ok().map(|i| i as i32);
    let columns: Option<Vec<i32>> = spec.sort.iter().map(index).collect();
    let columns = columns.filter(|columns| !columns.is_empty())?;
    Some(
        columns
            .into_iter()
            .map(|column_idx| SortingColumn {
                column_idx,
                descending: false,
                nulls_first: false,
            })
            .collect(),
    )
}

/// What a person who finds the file alone needs to know.
fn metadata(spec: &TableSpec, partition: &str) -> Vec<KeyValue> {
    let columns: Map<String, Value> = (spec.schema.fields().iter())
        .map(|field| {
            let value = |key: &str| field.metadata().get(key).cloned();
            (
                field.name().clone(),
                json!({"description": value("description"), "unit": value("unit")}),
            )
        })
        .collect();
    let mut pairs = vec![
        ("esf.table", spec.name.clone()),
        ("esf.partition", partition.to_owned()),
        ("esf.sort", spec.sort.join(",")),
        ("esf.columns", Value::Object(columns).to_string()),
    ];
    if let Some(description) = spec.schema.metadata().get("description") {
        pairs.push(("esf.description", description.clone()));
    }
    pairs
        .into_iter()
        .map(|(key, value)| KeyValue::new(key.to_owned(), value))
        .collect()
}
