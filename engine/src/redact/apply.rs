//! Carrying out a redaction, step by step; every step gives the same when it is taken again.

use std::collections::{BTreeMap, BTreeSet};

use esf_schemas::Visibility;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    ChangedFile, ChangedRelease, Mask, Plan, RawTombstone, RedactError, Redaction, Result,
    document::{keep, redactions},
    file,
    late::find_late,
    plan::masked,
    raw::keep_out,
    text,
};
use crate::{
    collect::Folder,
    delta::{DeltaError, forget_logs},
    release::{
        DataFile, KEPT_OUT_BY, Publication, REDACTIONS, Release, ReleaseError, Warehouse,
        content_hash,
    },
    store::{Store, raw_path},
};

/// What a redaction did.
#[derive(Debug, Clone)]
pub struct Redacted {
    /// The newest release, whose Delta logs are still to be written; `None` where nothing was ever published.
    pub newest: Option<Release>,
    /// The redaction as its record has it.
    pub redaction: Redaction,
}

/// Does what a plan says, under the record of a redaction: a new one, one that was begun, or one that was done and of which whoever
/// published the newest release did not know.
///
/// Fails with [`RedactError::Overtaken`] if another run has published since the plan was made; no release is rewritten then.
/// After any failure the record may stand, begun: plan and apply again under it.
pub async fn apply(
    warehouse: &Warehouse,
    plan: &Plan,
    mask: &dyn Mask,
    mut redaction: Redaction,
) -> Result<Redacted> {
    let written = write_files(warehouse, plan, mask, &mut redaction).await?;
    redaction.raw.extend(plan.raw.iter().cloned());
    redaction.done = false;
    // Before the record, and durable with it: what it says of files is true.
    warehouse.sync().await?;
    keep(warehouse, &redaction).await?;
    if plan.releases.is_empty() {
        // There is nothing that could be published anew. A first run may be quicker than the record.
        if let Some(first) = warehouse.latest().await? {
            return Err(overtaken(first));
        }
    } else if !plan.named.contains(&redaction.id) {
        publish(warehouse, plan, &written, mask, &mut redaction).await?;
    }
    // Runs that began before are overtaken now; what they have archived since the plan was made is found here.
    let late = find_late(warehouse.store(), &plan.seen, mask).await?;
    redaction.raw.extend(late);
    let named = rewrite(warehouse, &written, mask, &mut redaction).await?;
    keep(warehouse, &redaction).await?;
    forget(warehouse, &redaction).await?;
    remove_raw(warehouse.store(), &redaction).await?;
    let old = redaction.files.keys().chain(&plan.unnamed);
    for path in old.filter(|path| !named.contains(*path)) {
        store_of(warehouse, path).delete(path).await?;
    }
    for path in &plan.documents {
        if let Some(bytes) = masked(warehouse.store(), path, mask).await? {
            warehouse.store().put(path, bytes.into()).await?;
        }
    }
    mask_reasons(warehouse, &redaction.id, mask).await?;
    warehouse.sync().await?;
    redaction.done = true;
    keep(warehouse, &redaction).await?;
    let newest = warehouse.latest().await?;
    Ok(Redacted { newest, redaction })
}

fn overtaken(by: Release) -> RedactError {
    RedactError::Overtaken {
        number: by.number,
        run_id: by.run_id,
    }
}

/// Masks the reasons of other redactions: whoever asked for one may be who this one is about.
async fn mask_reasons(warehouse: &Warehouse, id: &str, mask: &dyn Mask) -> Result<()> {
    for mut other in redactions(warehouse).await? {
        if let Some(reason) = mask.mask(&other.reason).filter(|_| other.id != id) {
            other.reason = reason;
            keep(warehouse, &other).await?;
        }
    }
    Ok(())
}

/// Writes new files beside the old ones; gives them by the old path.
async fn write_files(
    warehouse: &Warehouse,
    plan: &Plan,
    mask: &dyn Mask,
    redaction: &mut Redaction,
) -> Result<BTreeMap<String, DataFile>> {
    let mut written = BTreeMap::new();
    for hit in &plan.hits {
        let (table, state, old) = (&hit.table, &hit.state, &hit.file);
        let new = file::rewrite(warehouse, table, state, old, &hit.found, mask).await?;
        let changed = ChangedFile {
            table: table.clone(),
            old: old.sha256.clone(),
            new: new.sha256.clone(),
        };
        redaction.files.insert(old.path.clone(), changed);
        written.insert(old.path.clone(), new);
    }
    Ok(written)
}

/// Publishes what the newest release holds, without what must go, as the next one. It says which redaction it is of, so it is
/// another state even where nothing in the newest had to go, and overtakes every run that began before it. A redaction has
/// another such release where a later one turned out to be published without its record.
async fn publish(
    warehouse: &Warehouse,
    plan: &Plan,
    written: &BTreeMap<String, DataFile>,
    mask: &dyn Mask,
    redaction: &mut Redaction,
) -> Result<()> {
    let base = plan.releases.last().copied().unwrap_or_default();
    let mut document = warehouse.document(base).await?;
    let old = document["content_hash"].clone();
    change(&mut document, written, mask);
    let number = base + 1;
    document["number"] = Value::from(number);
    document["run_id"] = Value::from(redaction.id.as_str());
    document["created_at"] = Value::from(Timestamp::now().to_string());
    // Where nothing is carried on, the newest release is of an older program, and all documents are asked what they name.
    if let Some(carried) = document.get_mut(KEPT_OUT_BY).and_then(Value::as_array_mut) {
        carried.push(Value::from(redaction.id.as_str()));
    }
    seal(&mut document, &redaction.id, &old);
    let path = Release::path(number);
    let bytes = bytes_of(&path, &document)?;
    let release = Release::parse(&path, &bytes)?;
    match warehouse.commit(release, bytes.into()).await? {
        Publication::Published(release) | Publication::Unchanged(release) => {
            redaction.release = Some(release.number);
            carry_on(warehouse, base, release.number).await
        }
        Publication::Conflict(release) => Err(overtaken(release)),
    }
}

/// Writes down of other redactions that were looked for up to the release before: this one holds no more than that. Where nothing is
/// carried on, nobody would know, and the run that completes this one would end.
async fn carry_on(warehouse: &Warehouse, base: u64, number: u64) -> Result<()> {
    for mut other in redactions(warehouse).await? {
        if other.through.is_some_and(|through| through >= base) {
            other.through = Some(number);
            keep(warehouse, &other).await?;
        }
    }
    Ok(())
}

/// Rewrites the documents that name old files or repeat what must go; gives the files that all documents name then.
async fn rewrite(
    warehouse: &Warehouse,
    written: &BTreeMap<String, DataFile>,
    mask: &dyn Mask,
    redaction: &mut Redaction,
) -> Result<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    for number in warehouse.numbers().await? {
        let mut document = warehouse.document(number).await?;
        let old = document["content_hash"].clone();
        if document["run_id"] == redaction.id.as_str() {
            redaction.release = Some(number);
        }
        let path = Release::path(number);
        if change(&mut document, written, mask) {
            seal(&mut document, &redaction.id, &old);
            let bytes = bytes_of(&path, &document)?;
            warehouse.store().put(&path, bytes.into()).await?;
        }
        let entries = document.get(REDACTIONS).and_then(Value::as_array);
        let ours = |entry: &&Value| entry["id"] == redaction.id.as_str();
        if let Some(entry) = entries.and_then(|all| all.iter().find(ours))
            && redaction.release != Some(number)
        {
            // An earlier attempt may have rewritten it and not lived to write that down.
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let changed = ChangedRelease {
                old: text(&entry["content_hash"]),
                new: text(&document["content_hash"]),
            };
            redaction.releases.insert(number, changed);
        }
        let release = Release::parse(&path, &bytes_of(&path, &document)?)?;
        named.extend(release.files().map(|(_, _, file)| file.path.clone()));
    }
    // Nothing is removed while a document that names it could come back after a loss of power.
    warehouse.sync().await?;
    Ok(named)
}

/// Puts new files in the place of old ones and masks texts; says whether anything was changed.
fn change(document: &mut Value, written: &BTreeMap<String, DataFile>, mask: &dyn Mask) -> bool {
    let mut changed = text::mask_release(document, mask);
    let tables = document.get_mut("tables").and_then(Value::as_object_mut);
    for table in tables.into_iter().flat_map(Map::values_mut) {
        let Some(files) = table.get_mut("files").and_then(Value::as_array_mut) else {
            continue;
        };
        let mut is_other = false;
        for file in files.iter_mut() {
            let new = file["path"].as_str().and_then(|path| written.get(path));
            if let Some(new) = new {
                // A struct of texts and numbers under text keys is JSON always.
                *file = serde_json::to_value(new).unwrap_or_default();
                is_other = true;
            }
        }
        if is_other {
            let place = |file: &Value| {
                let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
                (text("partition"), text("path"))
            };
            files.sort_by_key(place);
            changed = true;
        }
    }
    changed
}

/// Says which redaction changed a document and what its content hash was before, and takes the new one. What files were called
/// before stands in the record only: a collection of garbage keeps what a document names.
fn seal(document: &mut Value, id: &str, old: &Value) {
    let entry = json!({"id": id, "content_hash": old});
    match document.get_mut(REDACTIONS).and_then(Value::as_array_mut) {
        Some(entries) => entries.push(entry),
        None => document[REDACTIONS] = json!([entry]),
    }
    document["content_hash"] = Value::from(content_hash(document));
}

fn bytes_of(path: &str, document: &Value) -> Result<Vec<u8>> {
    let bytes = serde_json::to_vec(document).map_err(|error| ReleaseError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(bytes)
}

/// Removes the Delta logs of the public tables that were changed: they name the old files and bounds of their values.
async fn forget(warehouse: &Warehouse, redaction: &Redaction) -> Result<()> {
    let is_public = |path: &str| path.starts_with(Visibility::Public.folder());
    let tables: BTreeSet<&str> = (redaction.files.iter())
        .filter(|(path, _)| is_public(path))
        .map(|(_, file)| file.table.as_str())
        .collect();
    if tables.is_empty() {
        return Ok(());
    }
    let tables: Vec<&str> = tables.into_iter().collect();
    match forget_logs(warehouse, &tables).await {
        Err(DeltaError::Store(error)) => Err(error.into()),
        Err(DeltaError::Release(error)) => Err(error.into()),
        // Removing reads no log, so that nothing else can be wrong with one.
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes published bytes, each after what stands in its place is durable.
pub(super) async fn remove_raw(store: &Store, redaction: &Redaction) -> Result<()> {
    let tombstone = RawTombstone {
        redaction: redaction.id.clone(),
        redacted_at: redaction.created_at,
        reason: redaction.reason.clone(),
    };
    for hash in &redaction.raw {
        keep_out(store, hash, &tombstone).await?;
    }
    store.sync().await?;
    for hash in &redaction.raw {
        store.delete(&raw_path(hash)).await?;
    }
    Ok(())
}

/// The store that a file lies in, by its folder.
fn store_of<'a>(warehouse: &'a Warehouse, path: &str) -> &'a Store {
    let folder = path.split('/').next().unwrap_or_default();
    if folder == Folder::Restricted.name() {
        warehouse.store_of(Visibility::Restricted)
    } else {
        warehouse.store()
    }
}
