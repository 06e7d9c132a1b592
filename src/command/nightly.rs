//! `esf nightly`: find, ingest, check, publish, report.

use std::path::{Path, PathBuf};

use esf_engine::release::Warehouse;
use esf_pipelines::Catalogue;
use esf_pipelines::fetch::Settings;
use esf_pipelines::read::{Limits, Readers};
use esf_pipelines::run::{self, RunOptions, RunReport};
use jiff::Timestamp;
use tracing::{Instrument, Span};

use super::{report, source};
use crate::args::{Nightly, RunFlags};
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::progress::Bar;
use crate::report::{self as telling, Ending};

/// Runs the main job on all sources.
pub(super) async fn run(context: &Context, arguments: Nightly) -> Outcome {
    let warehouse = context.warehouse()?;
    let mut options = options(context, &arguments.run);
    let begun = Timestamp::now();
    let done = async {
        options.samples |= demonstrates(context, &warehouse, &options).await?;
        if options.samples {
            options.fetch = None;
        }
        ingest(context, &warehouse, &options).await
    }
    .await;
    tell(context, &warehouse, &arguments, &options, begun, &done)
        .instrument(span(&options))
        .await;
    let done = done?;
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

/// Tells what the run did to whoever is to know besides the terminal. A rehearsal is told only to a folder named for it:
/// nobody is to be woken by one, and nothing is to be taken for the last night.
async fn tell(
    context: &Context,
    warehouse: &Warehouse,
    arguments: &Nightly,
    options: &RunOptions,
    begun: Timestamp,
    done: &Result<RunReport, Failure>,
) {
    let failed;
    let report = match done {
        Ok(report) => report,
        Err(failure) => {
            failed = RunReport::failed(
                options.run_id.clone().unwrap_or_default(),
                begun,
                failure.exit().code(),
                failure.message().to_owned(),
            );
            if !options.dry_run
                && let Err(error) = telling::keep(warehouse, &failed).await
            {
                telling::warn(&error);
            }
            &failed
        }
    };
    let hooks = &context.config.report;
    let named = arguments.report.as_deref();
    let configured = hooks.folder.as_deref().filter(|_| !options.dry_run);
    let ending = Ending::of(report, &context.warehouse_flag());
    if let Some(folder) = named.or(configured)
        && let Err(error) = telling::write(folder, warehouse, report, &ending).await
    {
        telling::warn(&error);
    }
    if !options.dry_run {
        telling::call(hooks, &ending).await;
    }
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
    let fetches = run.fetch || (mirrors.is_empty() && !run.samples && !run.offline);
    RunOptions {
        run_id: Some(run::run_id()),
        fetch: fetches.then(Settings::default),
        mirrors,
        samples: run.samples,
        dry_run: run.dry_run,
        full: run.full,
        accept: run.accept.iter().cloned().collect(),
        threads: context.threads(),
        memory_limit: context.memory(),
        limits: limits(),
        derivations: esf_queries::derivations(),
        ..RunOptions::default()
    }
}

/// Bounds on single files, each read in a process of its own.
pub(super) fn limits() -> Limits {
    // On Linux this names the running program even while a newer one takes its place on disk.
    let running = Path::new("/proc/self/exe");
    let program = if running.exists() {
        Some(running.to_path_buf())
    } else {
        std::env::current_exe().ok()
    };
    Limits {
        readers: program.map(|program| Readers::new(program, &[crate::READER])),
        ..Limits::default()
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
    let done = run::run(warehouse, &mut catalogue, options, &bar)
        .instrument(span(options))
        .await;
    drop(bar);
    done.map_err(|error| Failure::of(Exit::Code(error.exit_code()), &error))
}

/// What is open in the log while a run is at work. Of the highest level, so that no filter closes it.
fn span(options: &RunOptions) -> Span {
    let run_id = options.run_id.as_deref().unwrap_or_default();
    tracing::error_span!(target: "esf", "run", run_id)
}
