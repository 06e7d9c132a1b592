//! `esf`: a warehouse of labour-market programmes, from published lists to a queryable release.
//!
//! This package is the command: arguments, printing, exit codes. One short file a subcommand under [`command`]; what
//! they do is in the crates `esf-pipelines` (from published files to tables), `esf-engine` (store, releases, SQL),
//! `esf-queries` (answers) and `esf-schemas` (what the data means).

mod args;
mod command;
mod config;
mod context;
mod exit;
mod explain;
mod interrupt;
mod logging;
mod memory;
mod nearest;
mod otel;
mod print;
mod progress;
mod report;
mod running;
mod sample;
mod shell;
mod sql_error;

use std::io::{IsTerminal, Write};
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::exit::{Exit, Failure};

/// The first argument of a reader: this program as a run starts it to read files, which nobody types.
pub(crate) const READER: &str = "--reader";

/// Stack of the thread that plans statements: deep expressions are walked recursively.
const STACK: usize = 64 << 20;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(report_panic));
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == READER)
    {
        let served = esf_pipelines::read::serve(std::io::stdin().lock(), std::io::stdout().lock());
        return if served.is_ok() {
            Exit::Done
        } else {
            Exit::Internal
        }
        .into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output with code 0, the rest to standard error with code 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let run =
        || std::panic::catch_unwind(AssertUnwindSafe(|| start(cli))).unwrap_or(Exit::Internal);
    let exit = match std::thread::Builder::new()
        .name("esf".to_owned())
        .stack_size(STACK)
        .spawn(run)
    {
        Ok(thread) => thread.join().unwrap_or(Exit::Internal),
        Err(_) => Exit::Internal,
    };
    exit.into()
}

fn start(cli: Cli) -> Exit {
    let colour = context::colour(cli.global.color, std::io::stderr().is_terminal());
    // Traces are kept until all is done and said, in whichever way: dropped, they are sent.
    let (_traces, done) = match logging::start(&cli, colour) {
        Ok(traces) => (traces, command::run(cli)),
        Err(failure) => (None, Err(failure)),
    };
    match done {
        Ok(exit) => exit,
        Err(failure) if failure.is_closed_pipe() => Exit::Done,
        Err(failure) => {
            complain(&failure, colour);
            failure.exit()
        }
    }
}

/// Says on standard error what went wrong: as a line of the log, where that is JSON.
pub(crate) fn complain(failure: &Failure, colour: bool) {
    if logging::is_json() {
        failure.log();
        return;
    }
    // If even standard error is gone, the exit code is all that is left to say.
    let _ = std::io::stderr().write_all(failure.shown(colour).as_bytes());
}

/// Says something about what was done, on standard error: standard output is for data.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic
        .location()
        .map(|place| format!(" at {}:{}", place.file(), place.line()))
        .unwrap_or_default();
    let failure = Failure::new(Exit::Internal, format!("internal error: {message}{place}"))
        .next("nothing half was published; please report this with the command you typed");
    complain(&failure, false);
}
