//! Synthetic data of any size, for demonstrations and benchmarks: operations with their amounts, regions and
//! organisations, counts of participants, and the regions, statistics and rates that they are compared with.
//!
//! Everything is derived from a [`Recipe`]: the same recipe gives the same bytes, with any number of threads. It is
//! made in streams, so that memory does not grow with its size. Distributions are those of the comparative benchmark
//! (`benches/comparison.py`); no row was ever published by anybody, and each says so by its `source_id`.
//!
//! Synthetic data have a warehouse of their own: a release that holds them is a demonstration and holds nothing else. Their
//! counts are about nobody and do not go through disclosure control: the tables behind it are empty.

mod cell;
mod context;
mod operation;
pub(crate) mod random;
mod region;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use esf_engine::release::{
    DataFile, Publication, Release, ReleaseDraft, SourceFileState, SourceState, Warehouse,
};
use esf_engine::write::{FinishedFile, TableSpec, TableWriter};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::run::{FINGERPRINT, Progress, RunError, run_id, spec_of, sync_logs};
use cell::{Cells, INDICATORS, Plan};
use operation::{BLOCK, Operation};
use region::Regions;

/// What the ids of all synthetic sources begin with.
const SOURCE_PREFIX: &str = "synthetic_";

/// The source of all rows.
const SOURCE_ID: &str = "synthetic_operations";

/// The list of all operations, and that of the indicators.
const LIST_ID: &str = "synthetic";

/// Blocks of operations that share a file; a table has more files the larger it is.
const BLOCKS_OF_FILE: u64 = 64;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// How many operations.
    pub operations: u64,
    /// How many cells of participation; a few less where short operations have no room for theirs.
    pub participations: u64,
    /// What all random numbers depend on.
    pub seed: u64,
}

/// Where rows say that they come from.
#[derive(Debug)]
struct Origin {
    source_id: &'static str,
    /// Hash of the recipe, which is kept like a published file.
    source_file: String,
}

/// How making data ended.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The release that holds the data.
    pub release: Release,
    /// Whether it was published now; otherwise the same data were there.
    pub is_new: bool,
}

/// Whether a release holds synthetic data.
pub fn is_synthetic(release: &Release) -> bool {
    let mut sources = release.sources.keys();
    release.demonstration && sources.any(|source| source.starts_with(SOURCE_PREFIX))
}

/// Makes data and publishes them. Fails in a warehouse that holds anything but synthetic data.
pub async fn generate(
    warehouse: &Warehouse,
    recipe: Recipe,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Generated, RunError> {
    let previous = warehouse.latest().await?;
    if let Some(previous) = previous.as_ref().filter(|release| !is_synthetic(release)) {
        return Err(RunError::NotSynthetic {
            location: warehouse.location().to_owned(),
            demonstration: previous.demonstration,
        });
    }
    let text = serde_json::json!({"made by": "esf generate", "synthetic": recipe}).to_string();
    let bytes = text.len();
    let origin = Origin {
        source_id: SOURCE_ID,
        source_file: warehouse.store().put_raw(text.into()).await?,
    };
    let maker = Arc::new(Maker {
        warehouse: warehouse.clone(),
        regions: Regions::new(recipe.seed),
        plan: Plan::new(&recipe),
        origin,
        bytes,
        recipe,
    });
    let files = files(&maker, threads, progress).await?;
    let draft = draft(&maker, previous.as_ref(), files)?;
    let (release, is_new) = match warehouse.publish(draft).await? {
        Publication::Published(release) => (release, true),
        Publication::Unchanged(release) => (release, false),
        Publication::Conflict(release) => {
            return Err(RunError::Overtaken {
                number: release.number,
                run_id: release.run_id,
            });
        }
    };
    sync_logs(warehouse, &release).await;
    Ok(Generated { release, is_new })
}

/// Makes the files of all tables, as many at once as there are threads.
async fn files(
    maker: &Arc<Maker>,
    threads: usize,
    progress: &dyn Progress,
) -> Result<BTreeMap<String, Vec<DataFile>>, RunError> {
    let jobs = maker.jobs();
    let all = jobs.len();
    let mut made = stream::iter(jobs)
        .map(|job| {
            let maker = Arc::clone(maker);
            async move {
                let made = tokio::task::spawn_blocking(move || maker.make(&job)).await;
                made.map_err(|error| RunError::Worker(error.to_string()))?
            }
        })
        .buffer_unordered(threads.max(1));
    let mut files: BTreeMap<String, Vec<DataFile>> = BTreeMap::new();
    let mut done = 0;
    while let Some(finished) = made.try_next().await? {
        for (table, file) in finished {
            files.entry(table).or_default().push(file.keep().await?);
        }
        done += 1;
        progress.step("synthetic data made", done, all);
    }
    Ok(files)
}

/// The release of these files; all other tables are empty.
fn draft(
    maker: &Maker,
    previous: Option<&Release>,
    mut files: BTreeMap<String, Vec<DataFile>>,
) -> Result<ReleaseDraft, RunError> {
    let mut draft = ReleaseDraft::new(previous, run_id(), FINGERPRINT);
    draft.demonstration = true;
    for table in esf_schemas::tables() {
        // Without the mart a question reads the core tables.
        if table.layer != esf_schemas::Layer::Run && !table.repeats {
            let of_table = files.remove(&table.name).unwrap_or_default();
            draft.table(&spec_of(&table.name)?, of_table);
        }
    }
    let recipe = SourceFileState {
        sha256: maker.origin.source_file.clone(),
        file_name: "recipe.json".to_owned(),
        bytes: maker.bytes as u64,
        ..SourceFileState::default()
    };
    let source = SourceState {
        list_id: LIST_ID.to_owned(),
        files: vec![recipe],
        ..SourceState::default()
    };
    draft.sources.insert(SOURCE_ID.to_owned(), source);
    Ok(draft)
}

/// What one thread makes in one go.
#[derive(Debug, Clone)]
enum Job {
    /// Regions, statistics, rates, programmes and the recipe.
    Context,
    /// All organisations.
    Organisations,
    /// The operations of some blocks, with amounts, regions and beneficiaries.
    Operations(Range<u64>),
    /// The cells of one indicator of the operations of some blocks.
    Cells(usize, Range<u64>),
}

#[derive(Debug)]
struct Maker {
    warehouse: Warehouse,
    recipe: Recipe,
    origin: Origin,
    bytes: usize,
    regions: Regions,
    plan: Plan,
}

/// Files with their tables.
type Finished = Vec<(String, FinishedFile)>;

impl Maker {
    /// All there is to do, the longest first.
    fn jobs(&self) -> Vec<Job> {
        let blocks = self.recipe.operations.div_ceil(BLOCK);
        let ranges = || {
            let begins = (0..blocks).step_by(BLOCKS_OF_FILE as usize);
            begins.map(|begin| begin..(begin + BLOCKS_OF_FILE).min(blocks))
        };
        let mut jobs: Vec<Job> = Vec::new();
        if self.recipe.participations > 0 {
            for indicator in 0..INDICATORS.len() {
                jobs.extend(ranges().map(|blocks| Job::Cells(indicator, blocks)));
            }
        }
        jobs.extend(ranges().map(Job::Operations));
        jobs.extend([Job::Organisations, Job::Context]);
        jobs
    }

    fn make(&self, job: &Job) -> Result<Finished, RunError> {
        match job {
            Job::Context => self.make_context(),
            Job::Organisations => self.make_organisations(),
            Job::Operations(blocks) => self.make_operations(blocks.clone()),
            Job::Cells(indicator, blocks) => self.make_cells(*indicator, blocks.clone()),
        }
    }

    fn writer(&self, table: &str, partition: &str) -> Result<TableWriter, RunError> {
        let spec: Arc<TableSpec> = Arc::new(spec_of(table)?);
        Ok(TableWriter::create(&self.warehouse, &spec, partition)?)
    }

    fn block(&self, block: u64) -> Vec<Operation> {
        operation::block(&self.recipe, &self.regions, block)
    }

    fn make_context(&self) -> Result<Finished, RunError> {
        let (origin, recipe) = (&self.origin, &self.recipe);
        let tables = [
            ("region", context::regions(origin)?),
            (
                "region_statistic",
                context::statistics(origin, recipe, &self.regions)?,
            ),
            ("exchange_rate", context::rates(origin)?),
            ("programme", context::programmes(origin)?),
            (
                "source_file",
                context::source_file(origin, recipe, self.bytes)?,
            ),
        ];
        let mut finished = Vec::new();
        for (table, rows) in tables {
            let mut writer = self.writer(table, LIST_ID)?;
            writer.write(&rows)?;
            finish(writer, table, &mut finished)?;
        }
        Ok(finished)
    }

    fn make_organisations(&self) -> Result<Finished, RunError> {
        let mut writer = self.writer("organisation", LIST_ID)?;
        let end = operation::organisations(&self.recipe) + 1;
        for begin in (1..end).step_by(BLOCK as usize) {
            let numbers = begin..(begin + BLOCK).min(end);
            writer.write(&rows::organisations(&self.origin, numbers)?)?;
        }
        let mut finished = Vec::new();
        finish(writer, "organisation", &mut finished)?;
        Ok(finished)
    }

    fn make_operations(&self, blocks: Range<u64>) -> Result<Finished, RunError> {
        type Rows = fn(&Origin, &[Operation]) -> Result<RecordBatch, crate::merge::rows::RowsError>;
        let tables: [(&str, Rows); 4] = [
            ("operation", rows::operations),
            ("operation_amount", rows::amounts),
            ("operation_region", rows::regions),
            ("operation_organisation", rows::roles),
        ];
        let partition = format!("{:08}", blocks.start / BLOCKS_OF_FILE);
        let mut writers = Vec::new();
        for (table, _) in tables {
            writers.push(self.writer(table, &partition)?);
        }
        for block in blocks {
            let operations = self.block(block);
            for ((_, rows), writer) in tables.iter().zip(&mut writers) {
                writer.write(&rows(&self.origin, &operations)?)?;
            }
        }
        let mut finished = Vec::new();
        for ((table, _), writer) in tables.iter().zip(writers) {
            finish(writer, table, &mut finished)?;
        }
        Ok(finished)
    }

    fn make_cells(&self, indicator: usize, blocks: Range<u64>) -> Result<Finished, RunError> {
        let partition = format!(
            "{}-{:08}",
            INDICATORS[indicator].0,
            blocks.start / BLOCKS_OF_FILE
        );
        let mut writer = self.writer("participation", &partition)?;
        let mut rows = rows::CellRows::new(&self.origin, indicator);
        for block in blocks {
            let mut cells = Cells::new(&self.recipe, &self.regions, indicator, block);
            let shares = self.plan.shares(&self.recipe, block);
            for (operation, share) in self.block(block).iter().zip(shares) {
                let id = operation.id();
                let (first, of_operation) = cells.of(operation, share);
                for (number, cell) in (first..).zip(of_operation) {
                    if let Some(batch) = rows.push(&id, operation.region, number, cell)? {
                        writer.write(&batch)?;
                    }
                }
            }
        }
        writer.write(&rows.batch()?)?;
        let mut finished = Vec::new();
        finish(writer, "participation", &mut finished)?;
        Ok(finished)
    }
}

fn finish(writer: TableWriter, table: &str, finished: &mut Finished) -> Result<(), RunError> {
    if let Some(file) = writer.finish()? {
        finished.push((table.to_owned(), file));
    }
    Ok(())
}
