//! Tables and views of a session: `CREATE TEMP TABLE … AS` and `CREATE TEMP VIEW … AS`.
//!
//! They lie in the memory of the session and nowhere else, and are gone with it. Their names are their own: none hides or
//! replaces anything of the release. The rows of a table count as memory of the session for as long as it is there; where plans
//! may hold as much as they like, the tables have a bound of their own. A view is a part of every plan that reads it, and these
//! are bounded (`limits`). It goes on with the tables it was made over, also where one of them is replaced.

use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

use arrow::{
    array::RecordBatch,
    compute::BatchCoalescer,
    datatypes::{Field, Fields, Schema, SchemaRef},
};
use async_trait::async_trait;
use datafusion::{
    catalog::{MemTable, Session, TableProvider},
    common::{DataFusionError, Result, TableReference},
    dataframe::DataFrame,
    datasource::TableType,
    execution::{
        context::SessionContext,
        memory_pool::{
            GreedyMemoryPool, MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
            UnboundedMemoryPool,
        },
    },
    logical_expr::{Expr, LogicalPlan},
    physical_plan::ExecutionPlan,
    sql::{
        parser::Statement as Parsed,
        planner::object_name_to_table_reference,
        sqlparser::ast::{ObjectName, Query, Statement},
    },
};
use futures::StreamExt;

use super::{error::QueryError, statement::plan_rows};
use crate::doctor::{memory_there, size};

/// How many rows of a table are kept in one piece.
const ROWS: usize = 8192;

/// What a statement wants to keep.
pub(super) struct Wanted {
    is_table: bool,
    name: ObjectName,
    query: Box<Query>,
    or_replace: bool,
    if_not_exists: bool,
}

impl Wanted {
    /// What a statement wants to keep; `None` if it is no such statement. Fails if it says more than a name and a query: a clause
    /// that is passed over would promise what is not done.
    pub(super) fn of(statement: &Parsed) -> Result<Option<Self>, QueryError> {
        let Parsed::Statement(statement) = statement else {
            return Ok(None);
        };
        let (is_table, name, query, or_replace, if_not_exists) = match statement.as_ref() {
            Statement::CreateTable(table) if table.temporary => (
                true,
                &table.name,
                table.query.as_ref(),
                table.or_replace,
                table.if_not_exists,
            ),
            Statement::CreateView(view) if view.temporary => (
                false,
                &view.name,
                Some(&view.query),
                view.or_replace,
                view.if_not_exists,
            ),
            _ => return Ok(None),
        };
        let kind = if is_table { "TABLE" } else { "VIEW" };
        let refused = |reason: String| Err(refused(name, reason));
        let plain = query.filter(|query| {
            let replacing = if or_replace { "OR REPLACE " } else { "" };
            let unless = if if_not_exists { "IF NOT EXISTS " } else { "" };
            let plain = format!("CREATE {replacing}TEMPORARY {kind} {unless}{name} AS {query}");
            statement.to_string() == plain
        });
        let Some(query) = plain else {
            return refused(format!(
                "write it as CREATE TEMP {kind} name AS query, and nothing else"
            ));
        };
        if or_replace && if_not_exists {
            return refused("OR REPLACE and IF NOT EXISTS contradict each other".to_owned());
        }
        Ok(Some(Self {
            is_table,
            name: name.clone(),
            query: query.clone(),
            or_replace,
            if_not_exists,
        }))
    }

    /// Plans it. Fails if its name is that of something else, or its query cannot be understood.
    pub(super) async fn plan(
        self,
        context: &SessionContext,
        sql: &str,
    ) -> Result<Temporary, QueryError> {
        let refused = |reason: String| Err(refused(&self.name, reason));
        let Ok(name @ TableReference::Bare { .. }) =
            object_name_to_table_reference(self.name.clone(), true)
        else {
            return refused("its name stands alone, without a schema".to_owned());
        };
        let there = context.table_provider(name.clone()).await.ok();
        let rows = match there.map(|table| table.table_type()) {
            Some(_) if self.if_not_exists => None,
            Some(TableType::Temporary) if !self.or_replace => {
                return refused("there is one already, which OR REPLACE would replace".to_owned());
            }
            Some(TableType::Base | TableType::View) => {
                return refused("the release has something of this name".to_owned());
            }
            Some(TableType::Temporary) | None => {
                let query = Statement::Query(self.query.clone());
                let query = Parsed::Statement(Box::new(query));
                Some(plan_rows(context, query, sql).await?)
            }
        };
        let mut names = BTreeSet::new();
        let fields = rows.as_ref().map(|rows| rows.schema().fields());
        let mut fields = fields.into_iter().flatten();
        if let Some(twice) = fields.find(|field| !names.insert(field.name().clone())) {
            return refused(format!("two of its columns are called {}", twice.name()));
        }
        Ok(Temporary {
            context: context.clone(),
            name,
            is_table: self.is_table,
            rows,
        })
    }
}

fn refused(name: &ObjectName, reason: String) -> QueryError {
    QueryError::Temporary {
        name: name.to_string(),
        reason,
    }
}

/// A table or view that a statement keeps in its session.
pub struct Temporary {
    context: SessionContext,
    name: TableReference,
    is_table: bool,
    rows: Option<DataFrame>,
}

impl Temporary {
    /// Its name.
    pub fn name(&self) -> &str {
        self.name.table()
    }

    /// The plan of its rows; `None` where it is there already and stays as it is.
    pub fn plan(&self) -> Option<&LogicalPlan> {
        self.rows.as_ref().map(DataFrame::logical_plan)
    }

    /// Keeps it, in the place of what had its name, and gives the number of its rows; `None` for a view, and where nothing is to
    /// be done. Fails if the query does, or the session may not hold its rows.
    pub async fn create(self) -> Result<Option<usize>> {
        let Some(rows) = self.rows else {
            return Ok(None);
        };
        let (table, count) = if self.is_table {
            let (kept, count) = keep(&self.context, self.name.table(), rows).await?;
            let kept: Arc<dyn TableProvider> = Arc::new(kept);
            (kept, Some(count))
        } else {
            (rows.into_temporary_view(), None)
        };
        self.context.deregister_table(self.name.clone())?;
        self.context.register_table(self.name, table)?;
        Ok(count)
    }
}

/// The memory of the tables that a session keeps, where nobody says what it may hold: rows of a plan go when it is done, and could
/// go by the disk, but these stay.
#[derive(Debug)]
pub(super) struct Room {
    /// How much that is; four fifths of what there is without a number.
    most: Option<usize>,
    /// Made with the first table.
    pool: OnceLock<Arc<dyn MemoryPool>>,
}

impl Room {
    /// Room for so many bytes.
    pub(super) fn new(most: Option<usize>) -> Self {
        Self {
            most,
            pool: OnceLock::new(),
        }
    }

    /// What tables take their memory from. It has no bound where the system does not say how much memory there is.
    pub(super) fn pool(&self) -> Arc<dyn MemoryPool> {
        let pool = self.pool.get_or_init(|| -> Arc<dyn MemoryPool> {
            let there = || usize::try_from(memory_there()? / 5 * 4).ok();
            match self.most.or_else(there) {
                Some(most) => Arc::new(GreedyMemoryPool::new(most)),
                None => Arc::new(UnboundedMemoryPool::default()),
            }
        });
        Arc::clone(pool)
    }
}

/// The memory of one table.
struct Memory {
    reservation: MemoryReservation,
    /// What all tables of the session may take, where that is not what all of the session may.
    most: Option<usize>,
}

impl Memory {
    /// For a table of a session.
    fn of(context: &SessionContext, name: &str) -> Self {
        let of_session = Arc::clone(&context.runtime_env().memory_pool);
        let room = context.copied_config().get_extension::<Room>();
        let is_bounded = !matches!(of_session.memory_limit(), MemoryLimit::Infinite);
        let (pool, most) = match room.filter(|_| !is_bounded) {
            Some(room) => {
                let pool = room.pool();
                let most = match pool.memory_limit() {
                    MemoryLimit::Finite(most) => Some(most),
                    _ => None,
                };
                (pool, most)
            }
            None => (of_session, None),
        };
        let consumer = MemoryConsumer::new(format!("temporary table {name}"));
        Self {
            reservation: consumer.register(&pool),
            most,
        }
    }

    /// Takes more. Fails if there is not so much.
    fn grow(&self, bytes: usize) -> Result<()> {
        let grown = self.reservation.try_grow(bytes);
        grown.map_err(|error| match self.most {
            Some(most) => DataFusionError::ResourcesExhausted(format!(
                "the temporary tables of a session may take {} unless --memory says otherwise, and with these rows they would take \
                 more",
                size(most as u64)
            )),
            None => error,
        })
    }
}

/// Rows in the memory of a session.
#[derive(Debug)]
struct KeptRows {
    rows: MemTable,
    /// What they take; given back when they go.
    _memory: MemoryReservation,
}

#[async_trait]
impl TableProvider for KeptRows {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.rows.scan(state, projection, filters, limit).await
    }
}

/// Runs a plan and keeps its rows; says how many there are. They are copied into pieces of their own, since a batch may be a
/// small part of the memory that it holds.
async fn keep(context: &SessionContext, name: &str, rows: DataFrame) -> Result<(KeptRows, usize)> {
    let memory = Memory::of(context, name);
    let mut stream = rows.execute_stream().await?;
    let planned = stream.schema();
    let mut pieces: Option<BatchCoalescer> = None;
    let mut kept = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        let pieces = pieces.get_or_insert_with(|| {
            BatchCoalescer::new(kept_schema(planned.fields(), Some(&batch)), ROWS)
        });
        let batch = RecordBatch::try_new(pieces.schema(), batch.columns().to_vec())?;
        pieces.push_batch(batch)?;
        take(pieces, &memory, &mut kept)?;
    }
    let schema = match &mut pieces {
        Some(pieces) => {
            pieces.finish_buffered_batch()?;
            take(pieces, &memory, &mut kept)?;
            pieces.schema()
        }
        None => kept_schema(planned.fields(), None),
    };
    let count = kept.iter().map(RecordBatch::num_rows).sum();
    let table = KeptRows {
        rows: MemTable::try_new(schema, vec![kept])?,
        _memory: memory.reservation,
    };
    Ok((table, count))
}

/// Takes the pieces that are whole.
fn take(pieces: &mut BatchCoalescer, memory: &Memory, kept: &mut Vec<RecordBatch>) -> Result<()> {
    while let Some(piece) = pieces.next_completed_batch() {
        memory.grow(piece.get_array_memory_size())?;
        kept.push(piece);
    }
    Ok(())
}

/// The columns of rows that are kept. A plan is surer than its rows of what is never null, and may name another type than they
/// have.
pub fn kept_schema(planned: &Fields, found: Option<&RecordBatch>) -> SchemaRef {
    let found = found.map(RecordBatch::schema);
    let fields = found.as_ref().map_or(planned, |schema| schema.fields());
    let nullable = |field: &Arc<Field>| field.as_ref().clone().with_nullable(true);
    Arc::new(Schema::new(fields.iter().map(nullable).collect::<Fields>()))
}
