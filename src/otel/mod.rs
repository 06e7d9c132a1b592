//! Traces of runs for OpenTelemetry, in programs that are built with the feature `otel` and where the environment names a
//! collector: one trace a run, one span a step, as protobuf over HTTP.
//!
//! Only spans with their declared fields are sent; what is logged stays in the log. A collector that is slow, gone or
//! wrong costs a warning and a few seconds at most, never an exit code. Without the feature nothing is left of it but
//! the doors below.

#[cfg(feature = "otel")]
mod client;
#[cfg(feature = "otel")]
mod export;

use tracing::Span;
use tracing_subscriber::{Layer, Registry};

#[cfg(feature = "otel")]
pub(crate) use export::Traces;

/// One of those that are told of every span and every line of the log.
pub(crate) type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Without the feature there are none.
#[cfg(not(feature = "otel"))]
pub(crate) enum Traces {}

#[cfg(not(feature = "otel"))]
impl Traces {
    /// None.
    pub(crate) fn from_environment() -> Option<Self> {
        None
    }

    /// Never called, for want of traces.
    pub(crate) fn layer(&self) -> Option<BoxedLayer> {
        match *self {}
    }
}

/// Makes the span of a run a part of the trace that the caller names in `TRACEPARENT`, if it names one. To be called
/// before any other span is opened in it.
pub(crate) fn adopt(span: &Span) {
    #[cfg(feature = "otel")]
    export::adopt(span);
    #[cfg(not(feature = "otel"))]
    let _ = span;
}

/// Ends the span of a run in its trace, with the run's exit code, though a thread may still be busy within it.
pub(crate) fn end(span: &Span, exit_code: u8) {
    #[cfg(feature = "otel")]
    export::end(span, exit_code);
    #[cfg(not(feature = "otel"))]
    let _ = (span, exit_code);
}
