//! `esf nightly`: find, ingest, check, publish, report.

use std::path::PathBuf;

use esf_engine::release::Warehouse;
use esf_pipelines::Catalogue;
use esf_pipelines::run::{self, RunOptions, RunReport};

use super::{report, source};
use crate::args::{Nightly, RunFlags};
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::progress::Bar;

/// Runs the main job on all sources.
pub(super) async fn run(context: &Context, arguments: Nightly) -> Outcome {
    let warehouse = context.warehouse()?;
    let mut options = options(context, &arguments.run);
    options.samples |= demonstrates(context, &warehouse, &options).await?;
    let done = ingest(context, &warehouse, &options).await?;
    let is_demonstration = warehouse.demonstration().await? == Some(true);
    // What could be typed next is no reason to keep back what was done.
    let next = if is_demonstration {
        report::next_steps(context, &warehouse)
            .await
            .unwrap_or_default()
    } else {
        String::new()
    };
    report::print(context, &done, &next)
}

/// Whether the samples are to be used though nobody said so: in the demonstration, and where nothing is configured.
async fn demonstrates(
    context: &Context,
    warehouse: &Warehouse,
    options: &RunOptions,
) -> Result<bool, Failure> {
    if !options.mirrors.is_empty() {
        return Ok(false);
    }
    let published = warehouse.demonstration().await?;
    Ok(published.unwrap_or(!context.names_warehouse() && context.source_folders().is_empty()))
}

/// The options that `nightly` and `ingest` share.
pub(super) fn options(context: &Context, run: &RunFlags) -> RunOptions {
    let mirrors: Vec<PathBuf> = if run.samples {
        Vec::new()
    } else {
        context.mirrors(&run.mirror)
    };
    RunOptions {
        mirrors,
        samples: run.samples,
        dry_run: run.dry_run,
        full: run.full,
        threads: context.threads(),
        memory_limit: context.memory(),
        derivations: esf_queries::derivations(),
        ..RunOptions::default()
    }
}

/// Runs the pipelines with progress on a terminal.
pub(super) async fn ingest(
    context: &Context,
    warehouse: &Warehouse,
    options: &RunOptions,
) -> Result<RunReport, Failure> {
    let mut catalogue: Catalogue = source::catalogue(context)?;
    let bar = Bar::new(context.quiet());
    let done = run::run(warehouse, &mut catalogue, options, &bar).await;
    drop(bar);
    done.map_err(|error| Failure::of(Exit::Code(error.exit_code()), &error))
}
