//! `esf quarantine`: rows that were not loaded, counted by source and rule or listed, and tried again.

use std::time::Instant;

use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::session::{Access, plan_query, session};

use super::{report, source, sql, work};
use crate::args::{Quarantine, QuarantineAction, RunFlags};
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::{running, sql_error};

/// Rows by source and rule.
const COUNTED: &str = "SELECT source_id, rule, count(*) AS rows, min(message) AS for_example \
                       FROM quarantine GROUP BY source_id, rule ORDER BY source_id, rule";

/// Lists quarantined rows, or replays a source.
pub(super) async fn run(context: &Context, arguments: Quarantine) -> Outcome {
    match arguments.action {
        Some(QuarantineAction::Replay { source, mirror }) => replay(context, source, mirror).await,
        None => {
            list(
                context,
                arguments.source.as_deref(),
                arguments.rule.as_deref(),
            )
            .await
        }
    }
}

async fn list(context: &Context, source: Option<&str>, rule: Option<&str>) -> Outcome {
    let conditions = [("source_id", source), ("rule", rule)];
    let conditions = conditions
        .into_iter()
        .filter_map(|(column, value)| Some((column, value?)));
    let conditions: Vec<_> = conditions
        .map(|(column, value)| format!("{column} = '{}'", value.replace('\'', "''")))
        .collect();
    let statement = if conditions.is_empty() {
        COUNTED.to_owned()
    } else {
        // One row each, with its place: what a mapping is mended by.
        format!(
            "SELECT * FROM quarantine WHERE {} ORDER BY source_id, source_file, source_row, rule",
            conditions.join(" AND ")
        )
    };
    let warehouse = context.warehouse()?;
    let release = context.release(&warehouse).await?;
    let session = session(
        &warehouse,
        &release,
        Access::Operator,
        &sql::options(context),
    )?;
    if let Some(source) = source {
        Box::pin(check_source(context, &session, source)).await?;
    }
    let start = Instant::now();
    let plan = plan_query(&session, &statement)
        .await
        .map_err(|error| sql_error::refused(&error, &statement))?;
    let rows = plan.execute_stream().await.map_err(sql_error::failure)?;
    context.printer.stream(rows, start).await?;
    Ok(Exit::Done)
}

/// Fails for a source that is neither declared nor in the release: of it nobody can say that no row was quarantined.
async fn check_source(
    context: &Context,
    session: &SessionContext,
    name: &str,
) -> Result<(), Failure> {
    let catalogue = source::catalogue(context)?;
    let Err(unknown) = catalogue.get(name) else {
        return Ok(());
    };
    // A file that nobody declared was given its name when it was ingested.
    for table in ["quarantine", "source_file"] {
        if session.table_exist(table).map_err(sql_error::failure)? {
            let rows = session.table(table).await.map_err(sql_error::failure)?;
            let of_source = rows.filter(col("source_id").eq(lit(name)));
            let of_source = of_source.map_err(sql_error::failure)?;
            if of_source.count().await.map_err(sql_error::failure)? > 0 {
                return Ok(());
            }
        }
    }
    Err(unknown.into())
}

async fn replay(context: &Context, source: String, mirror: Vec<std::path::PathBuf>) -> Outcome {
    let warehouse = context.warehouse()?;
    let mut options = work::options(
        context,
        &RunFlags {
            mirror,
            samples: false,
            fetch: false,
            offline: true,
            dry_run: false,
            // A mended mapping is a changed input: what it touches is redone, and nothing else.
            full: false,
            accept: Vec::new(),
        },
    );
    options.samples = options.mirrors.is_empty() && warehouse.demonstration().await? == Some(true);
    options.sources = vec![source];
    let run_id = options.run_id.clone().unwrap_or_default();
    let replaying = async {
        let done = work::ingest(context, &warehouse, &options).await?;
        if done.sources.is_empty() {
            return Err(
                Failure::usage("there is no file to replay this source from")
                    .next("name the folder of its files with --mirror DIR"),
            );
        }
        report::print(context, &done, "")
    };
    running::within(&run_id, Box::pin(replaying)).await
}
