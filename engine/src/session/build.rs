//! Building sessions.

use std::{path::PathBuf, sync::Arc};

use arrow::datatypes::{DataType, Fields, Schema, SchemaRef};
use datafusion::{
    catalog::{CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider},
    error::DataFusionError,
    execution::{
        SessionStateBuilder,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::{FairSpillPool, TrackConsumersPool},
        object_store::ObjectStoreUrl,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    prelude::{SessionConfig, SessionContext},
};
use esf_schemas::Visibility;

use super::{table::ReleaseTable, temporary::Room};
use crate::{
    functions::{self, FunctionSet},
    release::{Release, ReleaseError, TableState, Warehouse},
    store::StoreError,
};

/// The catalogue and schema of the tables of a release.
const CATALOGUE: &str = "esf";
const SCHEMA: &str = "public";

/// How many of the largest consumers an out-of-memory message names.
const CONSUMERS_NAMED: std::num::NonZeroUsize = std::num::NonZeroUsize::new(3).unwrap();

/// Up to this size on disk one thread reads the smaller side of a join for all of them.
const LARGEST_SHARED_SIDE: usize = 256 << 20;

/// What a row takes on disk, roughly.
const BYTES_OF_ROW: usize = 32;

/// Which tables a session sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// Public tables.
    #[default]
    Public,
    /// Public and operator tables.
    Operator,
    /// All tables; for those who hold the credentials of the restricted store.
    Restricted,
}

impl Access {
    /// Whether tables of a visibility are seen.
    pub fn sees(self, visibility: Visibility) -> bool {
        match visibility {
            Visibility::Public => true,
            Visibility::Operator => self != Self::Public,
            Visibility::Restricted => self == Self::Restricted,
        }
    }
}

/// What a session may use.
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// How many threads a query may use; all cores without a number.
    pub target_partitions: Option<usize>,
    /// How many bytes all queries of the session may hold; the rest is spilled. No limit without a number.
    pub memory_limit: Option<usize>,
    /// How many bytes the tables may take that statements keep, where there is no `memory_limit` that they count against; four
    /// fifths of the memory of the machine without a number.
    pub kept_limit: Option<usize>,
    /// Where to spill; the folder of the system for temporary files without one.
    pub spill_dir: Option<PathBuf>,
    /// Whether text comes as it is declared, for plans whose rows are taken apart; otherwise it comes as views, which
    /// are faster to filter, join and group.
    pub plain_text: bool,
    /// Functions of other crates.
    pub functions: Vec<Arc<dyn FunctionSet>>,
}

/// An error in building a session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The release cannot be used.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A description in the release document contradicts itself.
    #[error("table {table}: {source}; verify the release with `esf verify`")]
    Table {
        /// The table.
        table: String,
        /// What is wrong.
        source: DataFusionError,
    },
    /// The engine refuses its settings.
    #[error("cannot start the query engine: {0}; check the memory limit and the spill folder")]
    Engine(#[from] DataFusionError),
}

/// A session over the tables of a release that the access sees, as `esf.public.<table>`.
///
/// Reads no table file. Fails if the release describes a table in a way that this program does not understand.
pub fn session(
    warehouse: &Warehouse,
    release: &Release,
    access: Access,
    options: &SessionOptions,
) -> Result<SessionContext, SessionError> {
    let context = working_session(options)?;
    for (name, table) in release
        .tables
        .iter()
        .filter(|(_, table)| access.sees(table.visibility))
    {
        let schema = table.arrow_schema()?;
        let schema = if options.plain_text {
            schema
        } else {
            with_views(&schema)
        };
        register(&context, warehouse, name, table, schema)?;
    }
    Ok(context)
}

/// The same columns with text as views.
fn with_views(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
        _ => Arc::clone(field),
    });
    Arc::new(Schema::new_with_metadata(
        fields.collect::<Fields>(),
        schema.metadata().clone(),
    ))
}

/// A session without tables: for the plans of a pipeline over batches.
pub fn working_session(options: &SessionOptions) -> Result<SessionContext, SessionError> {
    let catalogue = MemoryCatalogProvider::new();
    catalogue.register_schema(SCHEMA, Arc::new(MemorySchemaProvider::new()))?;
    let state = SessionStateBuilder::new()
        .with_config(config(options))
        .with_runtime_env(runtime(options)?)
        .with_default_features()
        // Without file formats and table factories there is no way to name a file in SQL.
        .with_file_formats(Vec::new())
        .with_table_factories(std::collections::HashMap::new())
        .with_physical_optimizer_rule(Arc::new(super::adjacent::SumAdjacent))
        .build();
    let context = SessionContext::new_with_state(state);
    context.register_catalog(CATALOGUE, Arc::new(catalogue));
    functions::register(&context);
    options
        .functions
        .iter()
        .for_each(|set| functions::register_set(&context, set.as_ref()));
    Ok(context)
}

/// Registers a table over exactly the files of its state, for example of a release that is being made.
pub fn register_files(
    context: &SessionContext,
    warehouse: &Warehouse,
    name: &str,
    table: &TableState,
) -> Result<(), SessionError> {
    register(context, warehouse, name, table, table.arrow_schema()?)
}

fn register(
    context: &SessionContext,
    warehouse: &Warehouse,
    name: &str,
    table: &TableState,
    schema: SchemaRef,
) -> Result<(), SessionError> {
    let url = connect(context, warehouse, table)?;
    let provider = ReleaseTable::new(schema, &table.files, url);
    let failed = |source| SessionError::Table {
        table: name.to_owned(),
        source,
    };
    context
        .register_table(name, Arc::new(provider))
        .map_err(failed)?;
    Ok(())
}

/// Makes the store of a table known to the session.
fn connect(
    context: &SessionContext,
    warehouse: &Warehouse,
    table: &TableState,
) -> Result<ObjectStoreUrl, SessionError> {
    let host = match table.visibility {
        Visibility::Restricted => "restricted",
        Visibility::Public | Visibility::Operator => "warehouse",
    };
    let url = ObjectStoreUrl::parse(format!("esf://{host}"))?;
    let known = context.runtime_env().object_store(&url).is_ok();
    if !known && !table.files.is_empty() {
        let store = warehouse.store_of(table.visibility).object_store()?;
        context.register_object_store(url.as_ref(), store);
    }
    Ok(url)
}

fn config(options: &SessionOptions) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_information_schema(true)
        .with_create_default_catalog_and_schema(false)
        .with_extension(Arc::new(Room::new(options.kept_limit)))
        .with_default_catalog_and_schema(CATALOGUE, SCHEMA);
    if let Some(partitions) = options.target_partitions {
        config = config.with_target_partitions(partitions.max(1));
    }
    let settings = config.options_mut();
    // Money is decimal: a literal such as 0.1 must not turn a sum into a float.
    settings.sql_parser.parse_float_as_decimal = true;
    settings.sql_parser.collect_spans = true;
    // Evaluating filters while decoding has been slower on these tables; pruning by statistics happens anyway.
    settings.execution.parquet.pushdown_filters = false;
    // The smaller side of a join is held once and read by all threads. Otherwise both sides would be dealt out to the
    // threads by key, which for a hundred million counts takes longer than the join.
    settings.optimizer.hash_join_single_partition_threshold = LARGEST_SHARED_SIDE;
    settings.optimizer.hash_join_single_partition_threshold_rows =
        LARGEST_SHARED_SIDE / BYTES_OF_ROW;
    config
}

fn runtime(options: &SessionOptions) -> Result<Arc<RuntimeEnv>, SessionError> {
    let mut builder = RuntimeEnvBuilder::new();
    if let Some(bytes) = options.memory_limit {
        let pool = TrackConsumersPool::new(FairSpillPool::new(bytes), CONSUMERS_NAMED);
        builder = builder.with_memory_pool(Arc::new(pool));
    }
    if let Some(folder) = &options.spill_dir {
        let mode = DiskManagerMode::Directories(vec![folder.clone()]);
        builder = builder.with_disk_manager_builder(DiskManagerBuilder::default().with_mode(mode));
    }
    let runtime = builder.build_arc()?;
    // DataFusion knows the local file system from the start; nothing here is read by its path.
    if let Ok(files) = url::Url::parse("file:///") {
        let _ = runtime.deregister_object_store(&files);
    }
    Ok(runtime)
}
