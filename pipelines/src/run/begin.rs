//! What a run begins with: a warehouse without what killed runs left behind, and the release that it stands on.

use std::time::Duration;

use esf_engine::release::{Release, Warehouse};
use esf_engine::store::sweep_system;

use super::{RunError, RunOptions};
use crate::generate::is_synthetic;
use crate::redaction;

/// Age of temporary files that no run can be at work with any more.
const ABANDONED: Duration = Duration::from_hours(24);

/// Tidies a warehouse, unless nothing is to be published there; gives the release that the run stands on, if there is one.
/// Fails where an interrupted redaction cannot be completed, or the warehouse is one of other data.
pub(super) async fn begin(
    warehouse: &Warehouse,
    options: &RunOptions,
) -> Result<Option<Release>, RunError> {
    if options.tries_samples() {
        return Ok(None);
    }
    let mut previous = warehouse.latest().await?;
    if !options.dry_run && tidy(warehouse, previous.as_ref()).await? {
        // What was completed, by this run or another beside it, has rewritten it and published another.
        previous = warehouse.latest().await?;
    }
    if let Some(previous) = &previous {
        check_kind(warehouse, previous, options)?;
    }
    Ok(previous)
}

/// Removes what killed runs left behind, and completes redactions that were interrupted, or of which whoever published the newest
/// release did not know. Tells whether one was open, so that it may be another by now.
async fn tidy(warehouse: &Warehouse, newest: Option<&Release>) -> Result<bool, RunError> {
    if let Err(error) = warehouse.sweep(ABANDONED).await {
        // They take room and do no harm.
        tracing::warn!(%error, "what killed runs left behind could not be removed");
    }
    let swept = sweep_system(ABANDONED).await;
    if swept > 0 {
        tracing::debug!(swept, "temporary files of killed runs are removed");
    }
    let completed = redaction::complete(warehouse, newest).await?;
    for id in completed.iter().flatten() {
        tracing::warn!(
            id,
            "a redaction is completed: it was interrupted, or a release came after it without its record"
        );
    }
    Ok(completed.is_some())
}

/// Fails where a release holds synthetic data, or samples that real data would go beside, or the other way round.
fn check_kind(
    warehouse: &Warehouse,
    previous: &Release,
    options: &RunOptions,
) -> Result<(), RunError> {
    let location = || warehouse.location().to_string();
    if is_synthetic(previous) {
        return Err(RunError::Synthetic {
            location: location(),
        });
    }
    if previous.demonstration != options.samples {
        return Err(RunError::Demonstration {
            location: location(),
            demonstration: previous.demonstration,
        });
    }
    Ok(())
}
