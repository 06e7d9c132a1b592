//! The work of a run, which `nightly`, `ingest` and `quarantine replay` share.
//!
//! Owns the options that flags and configuration give it, and the records of nights that an error ends and of runs that a signal
//! does. Does not own the run itself (`esf_pipelines::run`), its span (`running`), or what is told of it.

use std::path::{Path, PathBuf};

use esf_engine::doctor::try_temporary;
use esf_engine::release::Warehouse;
use esf_pipelines::Catalogue;
use esf_pipelines::fetch::Settings;
use esf_pipelines::read::{Limits, Readers};
use esf_pipelines::run::{self, RunOptions, RunReport};
use jiff::Timestamp;

use super::source;
use crate::args::RunFlags;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::progress::Bar;
use crate::report as telling;

/// The options of a run that flags and configuration ask for.
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

/// Fails where the folder for temporary files cannot be written: what is sorted would go by it, and what is fetched waits
/// there unless the warehouse is a folder.
fn check_temporary() -> Result<(), Failure> {
    let folder = std::env::temp_dir();
    try_temporary(&folder).map_err(|error| {
        let message = format!(
            "the folder for temporary files cannot be written: {}: {error}; make it, or set TMPDIR to one that exists and that \
             the user of the run may write",
            folder.display()
        );
        Failure::new(Exit::Internal, message)
    })
}

/// Runs the pipelines with progress on a terminal; to be called within the run's span.
pub(super) async fn ingest(
    context: &Context,
    warehouse: &Warehouse,
    options: &RunOptions,
) -> Result<RunReport, Failure> {
    check_temporary()?;
    let mut catalogue: Catalogue = source::catalogue(context)?;
    let bar = Bar::new(context.quiet());
    let done = run::run(warehouse, &mut catalogue, options, &bar).await;
    drop(bar);
    done.map_err(|error| Failure::of(Exit::Code(error.exit_code()), &error))
}

/// Does the work of a run that is no night. If a signal cuts it off, it has a record all the same.
pub(super) async fn ingest_to_its_end(
    context: &Context,
    warehouse: &Warehouse,
    options: &RunOptions,
) -> Result<RunReport, Failure> {
    let begun = Timestamp::now();
    let work = ingest(context, warehouse, options);
    match until_interrupted(Box::pin(work)).await {
        Ok(done) => done,
        Err(code) => {
            interrupt::telling();
            let failure = cut_off(warehouse, options, code).await;
            failed_report(warehouse, options, begun, &failure).await;
            Err(failure)
        }
    }
}

/// Does the work of a run, unless a signal interrupts it: then what it holds is given back, and its exit code told.
pub(super) async fn until_interrupted<T>(work: impl Future<Output = T>) -> Result<T, u8> {
    tokio::select! {
        done = work => Ok(done),
        code = interrupt::interrupted() => Err(code),
    }
}

/// What is told of a run that a signal cut off. A release that it published before stands.
pub(super) async fn cut_off(warehouse: &Warehouse, options: &RunOptions, code: u8) -> Failure {
    let newest = warehouse.latest().await.ok().flatten();
    let own = newest.filter(|newest| Some(&newest.run_id) == options.run_id.as_ref());
    let message = match own {
        Some(own) => format!(
            "the run was interrupted by a signal; release {} was published before",
            own.number
        ),
        None => "the run was interrupted by a signal; the releases before it stand".to_owned(),
    };
    Failure::new(Exit::Code(code), message)
}

/// The report of a run that ended with an error. It is kept as the record of the run, unless that was a rehearsal.
pub(super) async fn failed_report(
    warehouse: &Warehouse,
    options: &RunOptions,
    begun: Timestamp,
    failure: &Failure,
) -> RunReport {
    // Where no record can be read the run has ended for that, before it met a file.
    let masks = esf_pipelines::redaction::masks(warehouse, None).await;
    let masks = masks.unwrap_or_default();
    let failed = RunReport {
        night: options.night.clone(),
        ..RunReport::failed(
            options.run_id.clone().unwrap_or_default(),
            begun,
            failure.exit().code(),
            masks.masked(failure.message()),
        )
    };
    if !options.dry_run
        && let Err(error) = telling::keep(warehouse, &failed).await
    {
        telling::warn(&error);
    }
    failed
}
