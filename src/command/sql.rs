//! `esf sql`: statements from the command line, a file or standard input, or the interactive shell.

use std::io::{IsTerminal, Read};

use arrow::record_batch::RecordBatch;
use datafusion::physical_plan::common::collect;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::SessionContext;
use esf_engine::release::{Release, Warehouse};
use esf_engine::session::{Planned, SessionOptions, Temporary, plan_statement, session};
use esf_pipelines::status::run_tables;
use esf_queries::Metrics;

use super::block_on;
use crate::args::{Access, Sql};
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::memory::{Patience, keep_freed};
use crate::print::Printer;
use crate::shell::{Shell, gives_rows, statements};
use crate::sql_error;

/// Runs statements, or opens the shell.
pub(super) fn run(context: &Context, arguments: &Sql) -> Outcome {
    if let Some(text) = text(arguments)? {
        keep_freed(Patience::Always);
        return block_on(context, script(context, arguments, &text));
    }
    keep_freed(Patience::TenSeconds);
    let runtime = super::runtime(context)?;
    Shell::open(context, arguments, runtime)
        .and_then(Shell::run)
        .map(|()| Exit::Done)
}

/// The statements asked for; `None` where a person sits at a terminal.
fn text(arguments: &Sql) -> Result<Option<String>, Failure> {
    if let Some(query) = &arguments.query {
        return Ok(Some(query.clone()));
    }
    if let Some(path) = &arguments.file {
        return std::fs::read_to_string(path).map(Some).map_err(|error| {
            Failure::usage(format!("cannot read {}: {error}", path.display()))
                .next("give -f a file of SQL in UTF-8")
        });
    }
    if std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut text = String::new();
    match std::io::stdin().read_to_string(&mut text) {
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(
            Failure::usage(format!("cannot read standard input: {error}"))
                .next("it must be SQL in UTF-8"),
        ),
    }
}

async fn script(context: &Context, arguments: &Sql, text: &str) -> Outcome {
    let statements = statements(text);
    if statements.is_empty() {
        return Err(
            Failure::usage("there is no statement").next("type one as in `esf sql \"SELECT 1\"`")
        );
    }
    let answers = statements.iter().filter(|s| gives_rows(s)).count();
    if answers > 1 && context.printer.destination.is_file() {
        return Err(Failure::usage(format!(
            "the rows of {answers} statements cannot go into one --output file"
        ))
        .next("run them one by one"));
    }
    let Connection { session, .. } = connect(context, arguments).await?;
    esf_queries::register_named(&session, text)
        .await
        .map_err(sql_error::failure)?;
    // Reading the declarations would cost every short question some milliseconds.
    let metrics = if may_compare(text) {
        super::compare::metrics(context)?
    } else {
        Metrics::default()
    };
    for statement in statements {
        if let Some(runs) = arguments.timed {
            time(&session, &context.printer, &metrics, statement, runs).await?;
        } else {
            answer_comparisons(&session, &metrics, statement).await?;
            answer(&session, &context.printer, statement).await?;
        }
    }
    Ok(Exit::Done)
}

/// Runs one statement several times, from its text to the last of its rows with the comparisons that it calls for, and prints
/// the rows of the last run. Each run is a line on standard error: a process's start would hide what short statements take.
/// What the session is to keep is kept once.
async fn time(
    session: &SessionContext,
    printer: &Printer,
    metrics: &Metrics,
    statement: &str,
    runs: u32,
) -> Result<(), Failure> {
    for run in 1..=runs {
        let start = std::time::Instant::now();
        answer_comparisons(session, metrics, statement).await?;
        let plan = match plan(session, statement).await? {
            Planned::Rows(plan) => plan,
            Planned::Temporary(temporary) => return keep(printer, temporary).await,
        };
        let stream = plan.execute_stream().await.map_err(sql_error::failure)?;
        let schema = stream.schema();
        let rows = collect(stream).await.map_err(sql_error::failure)?;
        let seconds = start.elapsed().as_secs_f64();
        let n: usize = rows.iter().map(RecordBatch::num_rows).sum();
        crate::say(&serde_json::json!({"run": run, "seconds": seconds, "rows": n}).to_string());
        if run == runs {
            let rows = futures::stream::iter(rows.into_iter().map(Ok));
            let rows = Box::pin(RecordBatchStreamAdapter::new(schema, rows));
            printer.stream(rows, start).await?;
        }
    }
    Ok(())
}

/// The release asked for, opened for statements.
pub(crate) struct Connection {
    pub(crate) warehouse: Warehouse,
    pub(crate) release: Release,
    pub(crate) session: SessionContext,
}

/// Opens the release asked for, in every way that statements come. Counts of people are open in demonstrations only.
pub(crate) async fn connect(context: &Context, arguments: &Sql) -> Result<Connection, Failure> {
    let warehouse = context.warehouse()?;
    let release = context.release(&warehouse).await?;
    if arguments.access == Access::Restricted && !release.demonstration {
        let location = warehouse.location();
        return Err(Failure::usage(format!(
            "{location} holds real data: its counts of people are shown after disclosure control only"
        ))
        .next("--access restricted is for demonstrations, such as those of `esf generate`"));
    }
    let session = session(
        &warehouse,
        &release,
        arguments.access.into(),
        &options(context),
    )?;
    add_runs(&session, &warehouse, arguments.access).await?;
    Ok(Connection {
        warehouse,
        release,
        session,
    })
}

/// Adds what runs did, for those who run the warehouse.
async fn add_runs(
    session: &SessionContext,
    warehouse: &Warehouse,
    access: Access,
) -> Result<(), Failure> {
    if access == Access::Public {
        return Ok(());
    }
    let tables = run_tables(warehouse).await;
    for (name, rows) in tables.map_err(|error| Failure::of(Exit::Internal, &error))? {
        session
            .register_batch(name, rows)
            .map_err(sql_error::failure)?;
    }
    Ok(())
}

/// Whether a text may call for a comparison.
fn may_compare(text: &str) -> bool {
    text.to_ascii_lowercase().contains("compare")
}

/// Makes the comparisons that a statement calls for available to it.
pub(crate) async fn answer_comparisons(
    session: &SessionContext,
    metrics: &Metrics,
    statement: &str,
) -> Result<(), Failure> {
    if may_compare(statement) {
        esf_queries::register_comparisons(session, metrics, statement)
            .await
            .map_err(sql_error::failure)?;
    }
    Ok(())
}

/// What the flags allow a session.
pub(crate) fn options(context: &Context) -> SessionOptions {
    SessionOptions {
        target_partitions: (context.threads() > 0).then_some(context.threads()),
        memory_limit: context.memory(),
        ..SessionOptions::default()
    }
}

/// Plans one statement.
async fn plan(session: &SessionContext, statement: &str) -> Result<Planned, Failure> {
    plan_statement(session, statement)
        .await
        .map_err(|error| sql_error::refused(&error, statement))
}

/// Keeps a table or view in the session; on a terminal it is told.
async fn keep(printer: &Printer, temporary: Temporary) -> Result<(), Failure> {
    let name = temporary.name().to_owned();
    let rows = temporary.create().await.map_err(sql_error::failure)?;
    if let Some(rows) = rows.filter(|_| printer.timing) {
        let noun = if rows == 1 { "row" } else { "rows" };
        crate::say(&format!("{rows} {noun} kept as {name}"));
    }
    Ok(())
}

/// Runs one statement and prints its rows as they come, or keeps what it is to keep.
pub(crate) async fn answer(
    session: &SessionContext,
    printer: &Printer,
    statement: &str,
) -> Result<(), Failure> {
    let start = std::time::Instant::now();
    match plan(session, statement).await? {
        Planned::Rows(plan) => {
            let rows = plan.execute_stream().await.map_err(sql_error::failure)?;
            printer.stream(rows, start).await
        }
        Planned::Temporary(temporary) => keep(printer, temporary).await,
    }
}
