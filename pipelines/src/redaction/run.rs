//! Redactions as a run meets them: it completes those that were interrupted, takes out again what was published without their record,
//! and keeps out what all of them keep out.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use esf_engine::redact::{
    self, RedactError, Redaction, all_redactions, apply, keep, plan, redactions, redactions_of,
    sweep_late,
};
use esf_engine::release::{Release, Warehouse};
use esf_engine::store::raw_path;
use serde::Deserialize;

use super::{Masks, id_terms, made_of};
use crate::run::RunError;
use crate::source::SourceKind;

/// Completes redactions that were begun and not done, takes out again what was published without the record of one, and removes
/// published bytes that came back; gives the ids of those that had anything left, and `None` where none was open, so that `newest` is
/// the newest release still.
///
/// Costs two listings where there was never a redaction, and reads the newest published bytes of no release in the day after one. What
/// was published without a record is looked through once, all of it.
///
/// Fails where such a redaction cannot be completed, or the record of one is not there: a run must not go on from what it was to
/// take away.
pub async fn complete(
    warehouse: &Warehouse,
    newest: Option<&Release>,
) -> Result<Option<Vec<String>>, RunError> {
    let known = all_redactions(warehouse, newest);
    let mut open = known.await.map_err(Box::new)?;
    if open.is_empty() {
        return Ok(None);
    }
    open.retain(|one| !(one.done && one.swept && one.is_settled(newest)));
    if open.is_empty() {
        redact::sweep_raw(warehouse.store()).await?;
        return Ok(None);
    }
    let spared = references(warehouse).await.map_err(Box::new)?;
    let looking = look_through(warehouse, newest, &spared, &mut open);
    looking.await.map_err(Box::new)?;
    let mut completed = Vec::new();
    for redaction in open {
        let id = redaction.id.clone();
        if redaction.done && redaction.is_settled(newest) {
            let masks = Masks::of([&redaction]);
            let sweeping = sweep_late(warehouse, &masks, &spared, redaction);
            sweeping.await.map_err(Box::new)?;
            continue;
        }
        // Boxed: the futures of whole steps are large.
        if Box::pin(take_out(warehouse, &spared, redaction)).await? {
            completed.push(id);
        }
    }
    redact::sweep_raw(warehouse.store()).await?;
    Ok(Some(completed))
}

/// Takes out what a redaction left or what came back since; tells whether there was anything.
async fn take_out(
    warehouse: &Warehouse,
    spared: &BTreeSet<String>,
    mut redaction: Redaction,
) -> Result<bool, RunError> {
    if redaction.done {
        // Spellings that came since give ids that the record does not know.
        let masks = Masks::of([&redaction]);
        let made = made_of(warehouse, &masks, &BTreeSet::new()).await?;
        redaction.ids.extend(id_terms(&made, &redaction.salt));
    }
    let masks = Masks::of([&redaction]);
    let plan = plan(warehouse, &masks, spared).await.map_err(Box::new)?;
    if !redaction.done || !plan.is_empty() {
        let applying = apply(warehouse, &plan, &masks, redaction);
        applying.await.map_err(Box::new)?;
        return Ok(true);
    }
    redaction.through = plan.releases.last().copied();
    keep(warehouse, &redaction).await.map_err(Box::new)?;
    let sweeping = sweep_late(warehouse, &masks, spared, redaction);
    sweeping.await.map_err(Box::new)?;
    Ok(false)
}

/// Looks once for all redactions that whoever published the newest release did not know; where nothing holds what they keep out,
/// their records say so from then on.
async fn look_through(
    warehouse: &Warehouse,
    newest: Option<&Release>,
    spared: &BTreeSet<String>,
    open: &mut [Redaction],
) -> Result<(), RedactError> {
    // One alone is looked for right afterwards.
    if open.iter().filter(|one| is_unknown(one, newest)).count() < 2 {
        return Ok(());
    }
    let masks = Masks::of(open.iter().filter(|one| is_unknown(one, newest)));
    let plan = plan(warehouse, &masks, spared).await?;
    if !plan.is_empty() {
        return Ok(());
    }
    for redaction in open {
        if is_unknown(redaction, newest) {
            redaction.through = plan.releases.last().copied();
            keep(warehouse, redaction).await?;
        }
    }
    Ok(())
}

/// Whether a redaction was done and whoever published the newest release did not know it.
fn is_unknown(redaction: &Redaction, newest: Option<&Release>) -> bool {
    redaction.done && !redaction.is_settled(newest)
}

/// The redaction whose release this is; `None` for a release of any other kind. Fails where a record cannot be read.
pub async fn behind(
    warehouse: &Warehouse,
    release: &Release,
) -> Result<Option<Redaction>, RedactError> {
    let all = redactions(warehouse).await?;
    Ok(all.into_iter().find(|one| one.id == release.run_id))
}

/// What all redactions of a warehouse keep out.
///
/// A run asks for it after it has read the newest release: whoever stands on the release of a redaction then knows its record.
/// Fails where a record cannot be read, or that of a redaction which the release carries on is not there.
pub async fn masks(warehouse: &Warehouse, newest: Option<&Release>) -> Result<Masks, RedactError> {
    let all = redactions_of(warehouse, newest).await?;
    let mut masks = Masks::of(&all);
    for redaction in all {
        if redaction.is_settled(newest) {
            masks.settled.insert(redaction.id);
        } else if redaction.done {
            masks.is_behind = true;
        }
    }
    Ok(masks)
}

/// The sha256 of the reference tables of all releases: names in them are places or public figures, and without them no file
/// could be read any more, so that no redaction removes them.
///
/// Fails where a release or a declaration cannot be read.
pub async fn references(warehouse: &Warehouse) -> Result<BTreeSet<String>, RedactError> {
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    let mut references = BTreeSet::new();
    for release in warehouse.list().await? {
        for source in release.sources.into_values() {
            let Some(hash) = source.declarations.get("source.toml") else {
                continue;
            };
            let is_reference = if let Some(is_reference) = known.get(hash) {
                *is_reference
            } else {
                let declaration = warehouse.store().get_if_exists(&raw_path(hash)).await?;
                let is_reference = declaration.is_some_and(|bytes| declares_reference(&bytes));
                known.insert(hash.clone(), is_reference);
                is_reference
            };
            if is_reference {
                references.extend(source.files.into_iter().map(|file| file.sha256));
            }
        }
    }
    Ok(references)
}

/// What of a declaration says what a source is.
#[derive(Deserialize)]
struct Declared {
    kind: SourceKind,
}

fn declares_reference(declaration: &Bytes) -> bool {
    let text = String::from_utf8_lossy(declaration);
    toml::from_str::<Declared>(&text).is_ok_and(|one| one.kind == SourceKind::Reference)
}
