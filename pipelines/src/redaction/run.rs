//! Redactions as a run meets them: it completes those that were interrupted, and keeps out what all of them keep out.

use esf_engine::redact::{self, RedactError, apply, plan, redactions};
use esf_engine::release::Warehouse;

use super::Masks;

/// Completes redactions that were begun and not done, and removes published bytes that came back; gives the ids of those that
/// were completed. Costs one listing where there was never a redaction.
///
/// Fails where such a redaction cannot be completed: a run must not go on from what it was to take away.
pub async fn complete(warehouse: &Warehouse) -> Result<Vec<String>, RedactError> {
    let all = redactions(warehouse).await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let mut completed = Vec::new();
    for redaction in all.into_iter().filter(|one| !one.done) {
        let masks = Masks::of([&redaction]);
        let plan = plan(warehouse, &masks).await?;
        completed.push(redaction.id.clone());
        apply(warehouse, &plan, &masks, redaction).await?;
    }
    redact::sweep_raw(warehouse.store()).await?;
    Ok(completed)
}

/// What all redactions of a warehouse keep out.
///
/// A run asks for it after it has read the newest release: whoever stands on the release of a redaction then knows its record.
/// Fails where a record cannot be read.
pub async fn masks(warehouse: &Warehouse) -> Result<Masks, RedactError> {
    Ok(Masks::of(&redactions(warehouse).await?))
}
