//! The log on standard error. Data goes to standard output, so both can be told apart in a pipe.
//!
//! Where it is written as JSON, what a run found, how it ended and why a command failed are lines of it too, and no text stands
//! between them.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing_subscriber::filter::Directive;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::args::{Cli, Global, LogFormat};
use crate::exit::{Exit, Failure};
use crate::otel::{BoxedLayer, Traces};

/// Whether the log is written as JSON.
static AS_JSON: AtomicBool = AtomicBool::new(false);

/// Whether the log is written as JSON, so that no text may stand between its lines. Not before it was started.
pub(crate) fn is_json() -> bool {
    AS_JSON.load(Ordering::Relaxed)
}

/// Starts logging as `ESF_LOG`, `-q`, `-v` and `--log-format` say, and the traces of runs, which are to be kept until the
/// end. Fails if `ESF_LOG` is no filter.
pub(crate) fn start(cli: &Cli, colour: bool) -> Result<Option<Traces>, Failure> {
    let filter = filter(&cli.global)?;
    let log = fmt::layer::<Registry>()
        .with_writer(io::stderr)
        .with_ansi(colour);
    let log: BoxedLayer = match cli.global.log_format {
        LogFormat::Text => {
            let log = log.with_target(false).without_time();
            log.with_filter(filter).boxed()
        }
        LogFormat::Json => log.json().with_filter(filter).boxed(),
    };
    let traces = if cli.command.is_run() {
        Traces::from_environment()
    } else {
        None
    };
    let mut layers = vec![log];
    layers.extend(traces.as_ref().and_then(Traces::layer));
    match tracing_subscriber::registry().with(layers).try_init() {
        Ok(()) => {
            AS_JSON.store(cli.global.log_format == LogFormat::Json, Ordering::Relaxed);
            Ok(traces)
        }
        Err(error) => Err(Failure::new(Exit::Internal, error.to_string())),
    }
}

/// What is logged, and of which runs.
fn filter(global: &Global) -> Result<EnvFilter, Failure> {
    let own = match (global.quiet, global.verbose) {
        // What could not be told is said here: who reads nothing else of a night must not take that for silence.
        (true, _) => "error,esf::report=warn",
        // A machine that reads it is told also of what ended well.
        (false, 0) if global.log_format == LogFormat::Json => "warn,esf::report=info",
        (false, 0) => "warn",
        (false, 1) => "warn,esf=info,esf_engine=info,esf_pipelines=info,esf_queries=info",
        (false, _) => "info,esf=debug,esf_engine=debug,esf_pipelines=debug,esf_queries=debug",
    };
    let asked = std::env::var("ESF_LOG")
        .ok()
        .filter(|filter| !filter.is_empty());
    let filter = EnvFilter::try_new(asked.as_deref().unwrap_or(own)).map_err(|error| {
        Failure::usage(format!("ESF_LOG is no filter: {error}"))
            .next("write it as warn, or as esf_pipelines=debug")
    })?;
    // The parser of HTML warns of every doubtful tag: a page made to do so would fill the log.
    let is_asked = asked.is_some_and(|filter| filter.contains("html5ever"));
    let filter = match "html5ever=error".parse::<Directive>() {
        Ok(quiet) if !is_asked => filter.add_directive(quiet),
        _ => filter,
    };
    // Nor is a failure passed over, whatever is asked for.
    let filter = match "esf::failure=error".parse::<Directive>() {
        Ok(of_failures) => filter.add_directive(of_failures),
        Err(_) => filter,
    };
    // However little is asked for: the span around a run stays open, so that what is logged of it has its id.
    Ok(match "esf[run]=error".parse::<Directive>() {
        Ok(of_run) => filter.add_directive(of_run),
        Err(_) => filter,
    })
}
