//! Redactions as a run meets them: it completes those that were interrupted, and keeps out what all of them keep out.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use esf_engine::redact::{
    self, RedactError, Redaction, all_redactions, apply, plan, redactions, sweep_late,
};
use esf_engine::release::{Release, Warehouse};
use esf_engine::store::raw_path;
use serde::Deserialize;

use super::Masks;
use crate::source::SourceKind;

/// Completes redactions that were begun and not done, and removes published bytes that came back; gives the ids of those that
/// were completed. Costs two listings where there was never a redaction, and reads the newest published bytes of no release in
/// the day after one.
///
/// Fails where such a redaction cannot be completed, or the record of one is not there: a run must not go on from what it was to
/// take away.
pub async fn complete(warehouse: &Warehouse) -> Result<Vec<String>, RedactError> {
    let all = all_redactions(warehouse).await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let mut completed = Vec::new();
    let open: Vec<_> = all
        .into_iter()
        .filter(|one| !one.done || !one.swept)
        .collect();
    let spared = if open.is_empty() {
        BTreeSet::new()
    } else {
        references(warehouse).await?
    };
    let is_published = !warehouse.numbers().await?.is_empty();
    for redaction in open {
        let masks = Masks::of([&redaction]);
        // Done where nothing was published yet: a first run that began before it may have published the name since.
        let was_first = redaction.release.is_none() && is_published;
        if redaction.done && !was_first {
            sweep_late(warehouse, &masks, &spared, redaction).await?;
            continue;
        }
        let plan = plan(warehouse, &masks, &spared).await?;
        if redaction.done && plan.is_empty() {
            sweep_late(warehouse, &masks, &spared, redaction).await?;
        } else {
            completed.push(redaction.id.clone());
            apply(warehouse, &plan, &masks, redaction).await?;
        }
    }
    redact::sweep_raw(warehouse.store()).await?;
    Ok(completed)
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
/// Fails where a record cannot be read.
pub async fn masks(warehouse: &Warehouse) -> Result<Masks, RedactError> {
    Ok(Masks::of(&redactions(warehouse).await?))
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
