//! One Parquet file of a table: what of it must go, and the file that takes its place.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{Array, AsArray, RecordBatch, StringArray},
    error::ArrowError,
};
use bytes::Bytes;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder},
    },
    errors::ParquetError,
    file::metadata::{ParquetMetaData, RowGroupMetaData},
};

use super::{
    Mask, RedactError, Result, RowMask,
    cell::{Owners, Replaced, is_spared, replaced, stands_alone},
};
use crate::{
    release::{DataFile, TableState, Warehouse},
    write::{TableSpec, TableWriter, sorted},
};

/// The column that names the source of a row.
const SOURCE_ID: &str = "source_id";

/// The column that names the published file of a row.
const SOURCE_FILE: &str = "source_file";

/// The metadata key of a table's description.
const DESCRIPTION: &str = "esf.description";

/// What of a file must go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// How many rows.
    pub(super) rows: u64,
    /// How many values, by column.
    pub(super) values: BTreeMap<String, u64>,
    /// The published files of the rows whose texts must go.
    pub(super) source_files: BTreeSet<String>,
    /// The ids that others take the place of.
    pub(super) ids: BTreeSet<String>,
    /// How many cells, by source and column.
    pub(super) cells: BTreeMap<(String, String), Counted>,
}

/// Cells of one column and source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// Those that hold what must go.
    pub(super) masked: u64,
    /// Those that stay though they hold a word that goes elsewhere.
    pub(super) spared: u64,
    /// Those that keep a surname.
    pub(super) alone: u64,
}

/// Searches the texts of a file. Fails if it is no Parquet file.
pub(super) fn search(path: &str, bytes: Bytes, mask: &dyn Mask) -> Result<Found> {
    search_texts(bytes, mask).map_err(unreadable(path))
}

fn search_texts(bytes: Bytes, mask: &dyn Mask) -> Result<Found, ArrowError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
    let texts: Vec<usize> = (builder.schema().fields().iter().enumerate())
        .filter(|(_, field)| field.data_type().is_string())
        .map(|(place, _)| place)
        .collect();
    let mut found = Found::default();
    if texts.is_empty() {
        return Ok(found);
    }
    let projection = ProjectionMask::roots(builder.parquet_schema(), texts);
    for batch in builder.with_projection(projection).build()? {
        found.search(&batch?, mask)?;
    }
    Ok(found)
}

impl Found {
    /// Searches the texts of some rows.
    fn search(&mut self, batch: &RecordBatch, mask: &dyn Mask) -> Result<(), ArrowError> {
        let owners = Owners::of(batch)?;
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let sources = column(SOURCE_ID);
        let mut has_text = vec![false; batch.num_rows()];
        let mut is_found = vec![false; batch.num_rows()];
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let Some(texts) = column.as_string_opt::<i32>() else {
                continue;
            };
            for (row, text) in texts.iter().enumerate() {
                let Some(text) = text else {
                    continue;
                };
                let cell = owners.cell(row, text);
                if stands_alone(mask, field.name(), &cell) {
                    self.count(sources, row, field.name()).alone += 1;
                }
                let becomes = replaced(mask, field.name(), &cell);
                is_found[row] |= becomes.is_some();
                match becomes {
                    Some(Replaced::Text(_)) => {
                        has_text[row] = true;
                        self.count(sources, row, field.name()).masked += 1;
                    }
                    Some(Replaced::Id(_)) => {
                        self.ids.insert(text.to_owned());
                    }
                    None => {
                        if is_spared(mask, field.name(), &cell) {
                            self.count(sources, row, field.name()).spared += 1;
                        }
                        continue;
                    }
                }
                *self.values.entry(field.name().clone()).or_default() += 1;
            }
        }
        self.rows += is_found.iter().filter(|found| **found).count() as u64;
        let files = column(SOURCE_FILE);
        for (row, _) in has_text.iter().enumerate().filter(|(_, has)| **has) {
            // Of nulls the text is empty, and names no file.
            let file = files
                .map(|files| files.value(row))
                .filter(|file| !file.is_empty());
            self.source_files.extend(file.map(str::to_owned));
        }
        Ok(())
    }

    /// The cells of a column among the rows of the source of this one.
    fn count(&mut self, sources: Option<&StringArray>, row: usize, column: &str) -> &mut Counted {
        let source = sources.filter(|ids| ids.is_valid(row));
        let source = source.map_or("", |ids| ids.value(row)).to_owned();
        self.cells.entry((source, column.to_owned())).or_default()
    }
}

/// Writes a file anew without what must go: the same layout, and statistics, bounds and name of its own.
///
/// Fails if the file cannot be read or the new one cannot be written. Durable after the next sync.
pub(super) async fn rewrite(
    warehouse: &Warehouse,
    name: &str,
    table: &TableState,
    old: &DataFile,
    found: &Found,
    mask: &dyn Mask,
) -> Result<DataFile> {
    let bytes = warehouse.store_of(table.visibility).get(&old.path).await?;
    let fail = |error: ParquetError| unreadable(&old.path)(error);
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(fail)?;
    let spec = spec(name, table, builder.metadata())?;
    let reader = builder.build().map_err(fail)?;
    let is_resorted = spec
        .sort
        .iter()
        .any(|column| found.values.contains_key(column));
    let spec = Arc::new(spec);
    let mut writer = TableWriter::create(warehouse, &spec, &old.partition)?;
    write(&mut writer, reader, &spec, is_resorted, mask, &old.path)?;
    match writer.finish()? {
        Some(file) => Ok(file.keep().await?),
        // Of rows that become equal one stays, so there is always one.
        None => Ok(old.clone()),
    }
}

fn write(
    writer: &mut TableWriter,
    reader: ParquetRecordBatchReader,
    spec: &TableSpec,
    is_resorted: bool,
    mask: &dyn Mask,
    path: &str,
) -> Result<()> {
    let mut rows = RowMask::new(mask, spec);
    let mut gathered = Vec::new();
    for batch in reader {
        let batch = batch.map_err(unreadable(path))?;
        let masked = rows.apply(&batch).map_err(unreadable(path))?.batch;
        if is_resorted {
            gathered.push(masked);
        } else {
            writer.write(&masked)?;
        }
    }
    if is_resorted {
        let all = sorted(spec, gathered).map_err(unreadable(path))?;
        writer.write(&all)?;
    }
    Ok(())
}

/// How the file was written, from its release and its own metadata.
fn spec(name: &str, table: &TableState, metadata: &ParquetMetaData) -> Result<TableSpec> {
    let mut schema = table.arrow_schema()?.as_ref().clone();
    let pairs = metadata.file_metadata().key_value_metadata();
    let description = (pairs.into_iter().flatten())
        .find(|pair| pair.key == DESCRIPTION)
        .and_then(|pair| pair.value.clone());
    if let Some(description) = description {
        schema
            .metadata
            .insert("description".to_owned(), description);
    }
    let bloom: BTreeSet<String> = (metadata.row_groups().iter())
        .flat_map(RowGroupMetaData::columns)
        .filter(|column| column.bloom_filter_offset().is_some())
        .map(|column| column.column_path().string())
        .collect();
    Ok(TableSpec {
        name: name.to_owned(),
        schema: Arc::new(schema),
        sort: table.sort.clone(),
        key: table.key.clone(),
        bloom: bloom.into_iter().collect(),
        visibility: table.visibility,
    })
}

fn unreadable<E: Into<ArrowError>>(path: &str) -> impl Fn(E) -> RedactError {
    let path = path.to_owned();
    move |error| RedactError::File {
        path: path.clone(),
        source: error.into(),
    }
}
