//! A table over exactly the files that a release names, with the statistics that it records.
//!
//! DataFusion's own listing table would list a folder and open every file before it plans. Here the plan is made from
//! the release document alone; a count of all rows, or the extremes of a sort column, need no file at all.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use arrow::datatypes::{Field, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::{ColumnStatistics, Result, ScalarValue, Statistics, stats::Precision},
    datasource::{
        TableType,
        listing::PartitionedFile,
        physical_plan::{
            FileGroup, FileScanConfigBuilder, ParquetSource,
            parquet::CachedParquetFileReaderFactory,
        },
        source::DataSourceExec,
    },
    execution::object_store::ObjectStoreUrl,
    logical_expr::Expr,
    physical_plan::{ExecutionPlan, empty::EmptyExec},
};

use crate::release::DataFile;

/// Read at first where a release does not say how long a file's metadata are.
const UNKNOWN_FOOTER: usize = 64 * 1024;

/// Up to here a footer is fetched together with the file's last bytes, in one request.
const LARGEST_FOOTER: u64 = 16 * 1024 * 1024;

/// The table.
#[derive(Debug)]
pub(super) struct ReleaseTable {
    schema: SchemaRef,
    files: Vec<DataFile>,
    url: ObjectStoreUrl,
    described: OnceLock<(Vec<PartitionedFile>, Statistics)>,
}

impl ReleaseTable {
    pub(super) fn new(schema: SchemaRef, files: &[DataFile], url: ObjectStoreUrl) -> Self {
        Self {
            schema,
            files: files.to_vec(),
            url,
            described: OnceLock::new(),
        }
    }

    /// The files as DataFusion wants them, and the statistics of all together; made when first asked for, because a
    /// query reads few of the tables of a release.
    fn described(&self) -> &(Vec<PartitionedFile>, Statistics) {
        self.described.get_or_init(|| {
            let statistics: Vec<Arc<Statistics>> = self
                .files
                .iter()
                .map(|file| Arc::new(self.statistics_of(file)))
                .collect();
            let all = Statistics::try_merge_iter(statistics.iter().map(Arc::as_ref), &self.schema)
                .unwrap_or_else(|_| Statistics::new_unknown(&self.schema));
            let files = self.files.iter().zip(statistics).map(|(file, statistics)| {
                let footer = match file.footer_bytes {
                    0 => UNKNOWN_FOOTER,
                    bytes => bytes.min(LARGEST_FOOTER) as usize,
                };
                PartitionedFile::new(file.path.clone(), file.bytes)
                    .with_metadata_size_hint(footer)
                    .with_arrow_schema(Arc::clone(&self.schema))
                    .with_statistics(statistics)
            });
            (files.collect(), all)
        })
    }

    fn statistics_of(&self, file: &DataFile) -> Statistics {
        let column = |field: &Arc<Field>| {
            let value = |values: &BTreeMap<String, String>| match values.get(field.name()) {
                Some(text) => ScalarValue::try_from_string(text.clone(), field.data_type())
                    .ok()
                    .filter(|value| !value.is_null())
                    .map_or(Precision::Absent, Precision::Exact),
                None => Precision::Absent,
            };
            let nulls = if field.is_nullable() {
                Precision::Absent
            } else {
                Precision::Exact(0)
            };
            ColumnStatistics::new_unknown()
                .with_min_value(value(&file.min))
                .with_max_value(value(&file.max))
                .with_null_count(nulls)
        };
        Statistics {
            num_rows: match file.rows {
                0 => Precision::Absent,
                rows => Precision::Exact(rows as usize),
            },
            // What the file takes on disk says little about what its rows take in memory.
            total_byte_size: Precision::Inexact(file.bytes as usize),
            column_statistics: self.schema.fields().iter().map(column).collect(),
        }
    }
}

#[async_trait]
impl TableProvider for ReleaseTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.described().1.clone())
    }

    // Filters stay above the scan; the physical optimizer hands them to the Parquet source for pruning.
    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if self.files.is_empty() {
            let schema = match projection {
                Some(columns) => Arc::new(self.schema.project(columns)?),
                None => Arc::clone(&self.schema),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let (files, statistics) = self.described();
        let store = state.runtime_env().object_store(&self.url)?;
        // Footers read once are kept for the next query of a shell or a server.
        let footers = state.runtime_env().cache_manager.get_file_metadata_cache();
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(state.default_table_options().parquet)
            .with_parquet_file_reader_factory(Arc::new(CachedParquetFileReaderFactory::new(
                store, footers,
            )));
        let groups = FileGroup::new(files.clone()).split_files(state.config().target_partitions());
        let scan = FileScanConfigBuilder::new(self.url.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics.clone())
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }
}
