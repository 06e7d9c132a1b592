//! `esf nightly`: find, ingest, check, publish, report.

use esf_engine::release::{AsOf, Warehouse};
use esf_pipelines::night::{Night, Past, date_in, date_of};
use esf_pipelines::run::{RunOptions, RunReport};
use jiff::Timestamp;
use jiff::civil::Date;
use tracing::Instrument;

use super::{report, work};
use crate::args::Nightly;
use crate::context::Context;
use crate::exit::{Failure, Outcome};
use crate::interrupt;
use crate::report::{self as telling, Ending};
use crate::running;

/// Runs the main job on all sources.
pub(super) async fn run(context: &Context, arguments: Nightly) -> Outcome {
    let options = work::options(context, &arguments.run);
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
    let ingesting = async {
        options.night = Some(night(context, &warehouse, arguments.date, begun).await?);
        options.samples |= demonstrates(context, &warehouse, &options).await?;
        if options.samples {
            options.fetch = None;
        }
        work::ingest(context, &warehouse, &options).await
    };
    let done = match work::until_interrupted(Box::pin(ingesting)).await {
        Ok(done) => done,
        Err(code) => {
            interrupt::telling();
            Err(work::cut_off(&warehouse, &options, code).await)
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
            failed = work::failed_report(warehouse, options, begun, failure).await;
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
