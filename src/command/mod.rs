//! The subcommands, one file each, and the runtime each of them needs.

pub(crate) mod compare;
mod completions;
mod condition;
mod diff;
mod doctor;
mod explain;
mod fields;
mod gc;
mod generate;
mod ingest;
mod man;
mod metric;
mod nightly;
mod quarantine;
mod redact;
mod region;
mod releases;
mod report;
mod rollback;
mod shape;
mod source;
pub(crate) mod sql;
mod status;
pub(crate) mod table;
mod trace;
mod verify;
mod work;

use std::future::Future;
use std::time::Duration;

use crate::args::{Cli, Command};
use crate::context::{Context, printer};
use crate::exit::{Exit, Failure, Outcome};
use crate::interrupt;

/// How long a command that failed waits for what it has begun on other threads.
const LEAVING: Duration = Duration::from_secs(5);

/// Runs what was typed.
pub(crate) fn run(cli: Cli) -> Outcome {
    // These must work where esf.toml is broken.
    match &cli.command {
        Command::Completions(arguments) => return completions::run(arguments),
        Command::Man(arguments) => return man::run(arguments),
        Command::Explain(arguments) => return explain::run(&printer(&cli.global), arguments),
        _ => {}
    }
    let context = Context::new(cli.global)?;
    // Before anything is done that would then be told in the wrong form.
    context.check_output(match &cli.command {
        Command::Compare(_) => &compare::ENDINGS,
        _ => &[],
    })?;
    match cli.command {
        Command::Completions(_) | Command::Man(_) | Command::Explain(_) => Ok(Exit::Done),
        Command::Nightly(arguments) => to_its_end(&context, nightly::run(&context, arguments)),
        Command::Ingest(arguments) => to_its_end(&context, ingest::run(&context, arguments)),
        Command::Generate(arguments) => block_on(&context, generate::run(&context, arguments)),
        Command::Source(action) => source::run(&context, action),
        Command::Sql(arguments) => sql::run(&context, &arguments),
        Command::Compare(arguments) => block_on(&context, compare::run(&context, arguments)),
        Command::Metric(action) => metric::run(&context, &action),
        Command::Region(action) => block_on(&context, region::run(&context, action)),
        Command::Table(action) => table::run(&context, &action),
        Command::Releases => block_on(&context, releases::run(&context)),
        Command::Diff(arguments) => block_on(&context, diff::run(&context, &arguments)),
        Command::Verify => block_on(&context, verify::run(&context)),
        Command::Trace(arguments) => block_on(&context, trace::run(&context, &arguments)),
        Command::Quarantine(arguments) => block_on(&context, quarantine::run(&context, arguments)),
        Command::Status(arguments) => block_on(&context, status::run(&context, &arguments)),
        Command::Doctor => block_on(&context, doctor::run(&context)),
        Command::Gc(arguments) => block_on(&context, gc::run(&context, &arguments)),
        Command::Rollback(arguments) => block_on(&context, rollback::run(&context, &arguments)),
        Command::Redact(arguments) => block_on(&context, redact::run(&context, &arguments)),
    }
}

/// Runs a future to its end, or until the user interrupts.
pub(crate) fn block_on(context: &Context, command: impl Future<Output = Outcome>) -> Outcome {
    to_its_end(context, async {
        tokio::select! {
            outcome = command => outcome,
            code = interrupt::interrupted() => Ok(Exit::Code(code)),
        }
    })
}

/// Runs a future to its end: one that looks for interrupts itself, because it tells of them.
fn to_its_end(context: &Context, command: impl Future<Output = Outcome>) -> Outcome {
    let runtime = runtime(context)?;
    interrupt::watch();
    let outcome = runtime.block_on(command);
    match outcome {
        Ok(Exit::Done) => runtime.shutdown_background(),
        // Writers of what is not to be take their unfinished files away when they hear of it. Work that cannot be stopped must
        // not keep the process from ending.
        _ => runtime.shutdown_timeout(LEAVING),
    }
    outcome
}

/// The runtime of a command, with as many workers as it may use threads.
pub(crate) fn runtime(context: &Context) -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if context.threads() > 0 {
        builder.worker_threads(context.threads());
    }
    let runtime = builder.enable_all().thread_name("esf-worker").build();
    runtime.map_err(|error| {
        Failure::of(Exit::Internal, &error).next("the machine has no threads left; try again later")
    })
}
