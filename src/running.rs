//! A run as logs and traces see it: one span from its first moment to its last, with its id and how it ended.

use std::future::Future;

use tracing::{Instrument, Span, field};

use crate::exit::{Exit, Outcome};
use crate::{interrupt, otel};

/// Does the work of a run within its span.
pub(crate) async fn within(run_id: &str, work: impl Future<Output = Outcome>) -> Outcome {
    let mut running = Running::new(run_id);
    let outcome = work.instrument(running.span.clone()).await;
    running.exit_code = Some(match &outcome {
        Ok(exit) => exit.code(),
        Err(failure) if failure.is_closed_pipe() => Exit::Done.code(),
        Err(failure) => failure.exit().code(),
    });
    outcome.map_err(|failure| failure.of_run(run_id))
}

/// A run at work. Dropped, it has ended, in whichever way.
struct Running {
    span: Span,
    exit_code: Option<u8>,
}

impl Running {
    fn new(run_id: &str) -> Self {
        // Of the highest level, so that no filter closes it.
        let span = tracing::error_span!(target: "esf", "run", run_id, exit_code = field::Empty);
        otel::adopt(&span);
        Self {
            span,
            exit_code: None,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Work that was not brought to its end was interrupted, or it panicked.
        let ended = self.exit_code.or_else(interrupt::received);
        let exit_code = ended.unwrap_or(Exit::Internal.code());
        self.span.record("exit_code", i64::from(exit_code));
        otel::end(&self.span, exit_code);
    }
}
