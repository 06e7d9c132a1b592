//! What a run did as lines of the log, for whoever collects those and reads neither tables nor pages: one for each remark, and
//! one at the end.
//!
//! Owns which level a remark has. Does not own the line of a run that failed, which is that of the failure
//! ([`crate::exit::Failure::log`]).

use esf_pipelines::run::RunReport;
use tracing::Level;

use super::release;
use super::words::{Weight, remarks, verdict};
use crate::print::visible;

/// Writes the remarks on a run into the log, and how it ended. Whoever wants quiet is told only what makes its exit code other
/// than 0. `place` is the flag that reaches the same warehouse, with a blank before it, or empty.
pub(crate) fn log(report: &RunReport, place: &str, quiet: bool) {
    for remark in remarks(report, place) {
        let weight = remark.weight;
        if quiet && weight < Weight::Amounts {
            continue;
        }
        let (source, code) = (remark.source_id, remark.code);
        let line = visible(&remark.line);
        match level(weight) {
            Level::ERROR => tracing::error!(source, code, "{line}"),
            Level::WARN => tracing::warn!(source, code, "{line}"),
            _ => tracing::info!(source, code, "{line}"),
        }
    }
    end(report);
}

/// How loudly a remark is told: what somebody should look at is a warning, what kept the run from publishing an error.
fn level(weight: Weight) -> Level {
    match weight {
        Weight::Note | Weight::Unclaimed | Weight::Message => Level::INFO,
        Weight::Absent
        | Weight::Clock
        | Weight::Twice
        | Weight::Amounts
        | Weight::Quarantine
        | Weight::Stale
        | Weight::Held
        | Weight::Unread => Level::WARN,
        Weight::Check => Level::ERROR,
    }
}

/// How the run ended, with the release that stands where the run knows it.
fn end(report: &RunReport) {
    let exit_code = report.exit_code();
    let run_id = report.run_id.as_str();
    // Text and numbers, which JSON can always hold.
    let outcome = serde_json::to_value(&report.outcome).unwrap_or_default();
    let outcome = outcome["outcome"].as_str();
    let release = release(report);
    let line = verdict(report);
    let line = visible(&line);
    match exit_code {
        0 => tracing::info!(exit_code, outcome, release, run_id, "{line}"),
        4 | 5 => tracing::warn!(exit_code, outcome, release, run_id, "{line}"),
        _ => tracing::error!(exit_code, outcome, release, run_id, "{line}"),
    }
}
