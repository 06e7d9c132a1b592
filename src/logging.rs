//! The log on standard error. Data goes to standard output, so both can be told apart in a pipe.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::{Global, LogFormat};
use crate::exit::Failure;

/// Starts logging as `ESF_LOG`, `-q`, `-v` and `--log-format` say; fails if `ESF_LOG` is no filter.
pub(crate) fn start(global: &Global, colour: bool) -> Result<(), Failure> {
    let own = match (global.quiet, global.verbose) {
        (true, _) => "error",
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
    // However little is asked for: the span around a run stays open, so that what is logged of it has its id.
    let filter = match "esf[run]=error".parse::<Directive>() {
        Ok(of_run) => filter.add_directive(of_run),
        Err(_) => filter,
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(colour);
    let started = match global.log_format {
        LogFormat::Text => builder
            .with_target(false)
            .without_time()
            .finish()
            .try_init(),
        LogFormat::Json => builder.json().finish().try_init(),
    };
    started.map_err(|error| Failure::new(crate::exit::Exit::Internal, error.to_string()))
}
