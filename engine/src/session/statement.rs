//! The guard in front of statements: one at a time, nothing that writes but what the session keeps in its own memory, nothing
//! that could exhaust the stack.

use datafusion::{
    common::TableReference,
    dataframe::DataFrame,
    execution::{
        context::{SQLOptions, SessionContext},
        session_state::SessionState,
    },
    sql::{
        parser::{DFParserBuilder, Statement as Parsed},
        sqlparser::{ast::Statement, dialect::GenericDialect},
    },
};

use super::{
    error::{QueryError, find_word},
    limits,
    temporary::{Temporary, Wanted},
};
use crate::nearest::nearest;

/// What planner and executor may take between two places where they grow the stack.
const STACK_KEPT_FREE: usize = 1024 * 1024;

/// What a statement asks for.
pub enum Planned {
    /// Rows.
    Rows(DataFrame),
    /// A table or view of the session; it gives no rows.
    Temporary(Temporary),
}

/// Plans a statement that only reads: SELECT, WITH, VALUES, SHOW, DESCRIBE, EXPLAIN.
///
/// Fails on anything else, and on statements that cannot be understood, with their place and the nearest known name.
pub async fn plan_query(context: &SessionContext, sql: &str) -> Result<DataFrame, QueryError> {
    let statement = understand(sql)?;
    plan_rows(context, statement, sql).await
}

/// Plans a statement that reads, or that keeps rows or a query for as long as the session lasts: CREATE TEMP TABLE … AS and
/// CREATE TEMP VIEW … AS.
///
/// Fails as [`plan_query`] does, and where the name of what is to be kept is that of something else.
pub async fn plan_statement(context: &SessionContext, sql: &str) -> Result<Planned, QueryError> {
    let statement = understand(sql)?;
    match Wanted::of(&statement)? {
        Some(wanted) => Ok(Planned::Temporary(wanted.plan(context, sql).await?)),
        None => Ok(Planned::Rows(plan_rows(context, statement, sql).await?)),
    }
}

/// The one statement of a text.
fn understand(sql: &str) -> Result<Parsed, QueryError> {
    limits::check(sql)?;
    // DataFusion grows the stack where it recurses, but some of its steps take more than it keeps free for them.
    recursive::set_minimum_stack_size(STACK_KEPT_FREE);
    parse(sql)
}

/// Plans a statement that only reads, which `sql` is or holds.
pub(super) async fn plan_rows(
    context: &SessionContext,
    statement: Parsed,
    sql: &str,
) -> Result<DataFrame, QueryError> {
    check_kind(&statement)?;
    let state = context.state();
    let engine = |error| name_function(QueryError::from_engine(&error, sql), &state);
    for table in state.resolve_table_references(&statement).map_err(engine)? {
        check_table(context, &table, sql)?;
    }
    let plan = state.statement_to_plan(statement).await.map_err(engine)?;
    limits::check_plan(&plan)?;
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&plan)
        .map_err(|_| QueryError::ReadOnly {
            statement: "this statement".to_owned(),
        })?;
    Ok(DataFrame::new(state, plan))
}

fn parse(sql: &str) -> Result<Parsed, QueryError> {
    let mut statements = DFParserBuilder::new(sql)
        .with_dialect(&GenericDialect {})
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| QueryError::from_engine(&error, sql))?;
    let count = statements.len();
    match (statements.pop_front(), count) {
        (Some(statement), 1) => Ok(statement),
        (None, _) => Err(QueryError::Nothing),
        _ => Err(QueryError::Several { count }),
    }
}

fn check_kind(statement: &Parsed) -> Result<(), QueryError> {
    let refuse = |statement: String| Err(QueryError::ReadOnly { statement });
    match statement {
        Parsed::Explain(explain) => check_kind(&explain.statement),
        Parsed::Statement(statement) => match statement.as_ref() {
            Statement::Query(_)
            | Statement::ShowTables { .. }
            | Statement::ShowColumns { .. }
            | Statement::ShowVariable { .. }
            | Statement::ShowFunctions { .. }
            | Statement::ExplainTable { .. } => Ok(()),
            other => refuse(leading_words(&other.to_string())),
        },
        other => refuse(leading_words(&other.to_string())),
    }
}

/// The kind of a statement: its first one or two words, such as "CREATE TABLE".
fn leading_words(statement: &str) -> String {
    let words = statement
        .split_whitespace()
        .take_while(|word| word.chars().all(|c| c.is_ascii_uppercase()));
    let kind = words.take(2).collect::<Vec<_>>().join(" ");
    if kind.is_empty() {
        "this statement".to_owned()
    } else {
        kind
    }
}

/// Fails if a table does not exist, which the planner would say without its place.
fn check_table(
    context: &SessionContext,
    table: &TableReference,
    sql: &str,
) -> Result<(), QueryError> {
    // Table functions resolve to a table when they are planned.
    if context
        .state()
        .table_functions()
        .contains_key(table.table())
        || context.table_exist(table.clone()).unwrap_or(true)
    {
        return Ok(());
    }
    if table.schema() == Some("information_schema") {
        return Ok(());
    }
    let known = context
        .catalog(
            table
                .catalog()
                .unwrap_or(&context.state().config_options().catalog.default_catalog),
        )
        .and_then(|catalogue| {
            catalogue.schema(
                table
                    .schema()
                    .unwrap_or(&context.state().config_options().catalog.default_schema),
            )
        })
        .map(|schema| schema.table_names())
        .unwrap_or_default();
    Err(QueryError::UnknownTable {
        name: table.to_string(),
        nearest: nearest(table.table(), known.iter().map(String::as_str)).map(str::to_owned),
        place: find_word(sql, table.table()),
    })
}

/// The planner names the nearest function too, but counts two swapped letters as two slips and knows no aggregates.
fn name_function(error: QueryError, state: &SessionState) -> QueryError {
    let QueryError::Meaning { message, place } = &error else {
        return error;
    };
    let Some(name) = message
        .strip_prefix("invalid function '")
        .and_then(|rest| rest.split('\'').next())
    else {
        return error;
    };
    let scalar = state.scalar_functions().keys();
    let known = scalar
        .chain(state.aggregate_functions().keys())
        .chain(state.window_functions().keys());
    QueryError::UnknownFunction {
        name: name.to_owned(),
        nearest: nearest(name, known.map(String::as_str)).map(str::to_owned),
        place: *place,
    }
}
