//! `esf nightly`: find, ingest, check, publish, report.

use std::path::{Path, PathBuf};

use esf_engine::doctor::try_temporary;
use esf_engine::release::{AsOf, Warehouse};
use esf_pipelines::Catalogue;
use esf_pipelines::fetch::Settings;
use esf_pipelines::night::{Night, Past, date_in, date_of};
use esf_pipelines::read::{Limits, Readers};
use esf_pipelines::run::{self, RunOptions, RunReport};
use jiff::Timestamp;
use jiff::civil::Date;
use tracing::Instrument;

use super::{report, source};
use crate::args::{Nightly, RunFlags};
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::interrupt;
use crate::progress::Bar;
use crate::report::{self as telling, Ending};
use crate::running;

/// Runs the main job on all sources.
pub(super) async fn run(context: &Context, arguments: Nightly) -> Outcome {
    let options = options(context, &arguments.run);
    let run_id = options.run_id.clone().unwrap_or_default();
    running::within(&run_id, Box::pin(at_night(context, &arguments, options))).await
}

async fn at_night(context: &Context, arguments: &Nightly, mut options: RunOptions) -> Outcome {
    let warehouse = context.warehouse()?;
    let begun = Timestamp::now();
    if let Some(date) = arguments.date {
        // What was mistyped is no night, and is told to who typed it alone.
        check_date(context, &warehouse, date, begun).await?;
    }
    let work = async {
        options.night = Some(night(context, &warehouse, arguments.date, begun).await?);
        options.samples |= demonstrates(context, &warehouse, &options).await?;
        if options.samples {
            options.fetch = None;
        }
        ingest(context, &warehouse, &options).await
    };
    let done = match until_interrupted(Box::pin(work)).await {
        Ok(done) => done,
        Err(code) => {
            interrupt::telling();
            Err(cut_off(&warehouse, &options, code).await)
        }
    };
    tell(context, &warehouse, arguments, &options, begun, &done)
        .instrument(tracing::info_span!("report"))
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

/// Fails for a date that is in the future, or before the first release that is kept.
async fn check_date(
    context: &Context,
    warehouse: &Warehouse,
    date: Date,
    now: Timestamp,
) -> Result<(), Failure> {
    let zone = context.time_zone()?;
    let today = date_in(&zone, now);
    if date > today {
        let message = format!("--date {date} is in the future: it is {today} now");
        return Err(Failure::usage(message)
            .next("leave --date out for tonight")
            .explained());
    }
    let Some(number) = warehouse.numbers().await?.first().copied() else {
        return Ok(());
    };
    let first = warehouse.get(AsOf::Number(number)).await?;
    let published = date_in(&zone, first.created_at);
    // It may have made up for a night itself: then those after it can be made up for one by one.
    let night = date_of(warehouse, &first).await?;
    let first = night.map_or(published, |night| night.min(published));
    if date < first && date < today {
        let message =
            format!("--date {date} is before the first release that is kept, {number} of {first}");
        return Err(Failure::usage(message)
            .next("there is no night that could be made up for")
            .explained());
    }
    Ok(())
}

/// The night that a run is for: that of today, or one that is over and was asked for.
async fn night(
    context: &Context,
    warehouse: &Warehouse,
    asked: Option<Date>,
    now: Timestamp,
) -> Result<Night, Failure> {
    let zone = context.time_zone()?;
    let today = date_in(&zone, now);
    let date = asked.unwrap_or(today);
    let past = match Past::read(warehouse, date, now).await {
        Ok(past) => past,
        // What is not known of other nights is no reason to miss this one as well.
        Err(error) => {
            tracing::warn!("missed nights are not looked for: records of runs cannot be read");
            telling::warn(&error);
            Past::default()
        }
    };
    Ok(if date < today {
        Night::over(date, zone, &past)
    } else {
        Night::tonight(date, zone, &past)
    })
}

/// Does the work of a run, unless a signal interrupts it: then what it holds is given back, and its exit code told.
async fn until_interrupted<T>(work: impl Future<Output = T>) -> Result<T, u8> {
    tokio::select! {
        done = work => Ok(done),
        code = interrupt::interrupted() => Err(code),
    }
}

/// What is told of a run that a signal cut off. A release that it published before stands.
async fn cut_off(warehouse: &Warehouse, options: &RunOptions, code: u8) -> Failure {
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
            failed = failed_report(warehouse, options, begun, failure).await;
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

/// The report of a run that ended with an error. It is kept as the record of the run, unless that was a rehearsal.
async fn failed_report(
    warehouse: &Warehouse,
    options: &RunOptions,
    begun: Timestamp,
    failure: &Failure,
) -> RunReport {
    // Where no record can be read the run has ended for that, before it met a file.
    let masks = esf_pipelines::redaction::masks(warehouse).await;
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

/// Fails where the folder for temporary files cannot be written: what is sorted would go by it, and what is fetched waits
/// there.
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
