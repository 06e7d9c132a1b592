//! Published bytes that a run at work archived while a redaction was looking elsewhere.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Mask, Redaction, Result, apply::remove_raw, keep};
use crate::{collect::Folder, release::Warehouse, store::Store};

/// For how long a run that began before a redaction may be at work.
const AT_WORK: SignedDuration = SignedDuration::from_hours(24);

/// The hashes of published bytes that nobody has looked at, and that hold what must go.
pub(super) async fn find_late(
    store: &Store,
    seen: &BTreeSet<String>,
    mask: &dyn Mask,
) -> Result<BTreeSet<String>> {
    let mut late = BTreeSet::new();
    for entry in store.list(Folder::Raw.name()).await? {
        let Some(hash) = Folder::Raw
            .hash(&entry.path)
            .filter(|hash| !seen.contains(*hash))
        else {
            continue;
        };
        // Another may remove it meanwhile.
        let bytes = store.get_if_exists(&entry.path).await?;
        if bytes.is_some_and(|bytes| mask.holds(None, &bytes)) {
            late.insert(hash.to_owned());
        }
    }
    Ok(late)
}

/// Removes published bytes of no release that hold what a redaction keeps out: a run that it overtook kept them. Says how many.
/// `spared` stay whatever they hold. What releases name was looked at by the redaction, or by the run that published it.
///
/// Does nothing for a redaction after which a day has passed and that was looked after since. Fails if something cannot be
/// read or removed.
pub async fn sweep_late(
    warehouse: &Warehouse,
    mask: &dyn Mask,
    spared: &BTreeSet<String>,
    mut redaction: Redaction,
) -> Result<usize> {
    if redaction.swept {
        return Ok(0);
    }
    let ended = Timestamp::now().duration_since(redaction.created_at) > AT_WORK;
    let mut seen = spared.clone();
    for release in warehouse.list().await? {
        for source in release.sources.into_values() {
            seen.extend(source.files.into_iter().map(|file| file.sha256));
            seen.extend(source.declarations.into_values());
        }
    }
    let late = find_late(warehouse.store(), &seen, mask).await?;
    if late.is_empty() && !ended {
        return Ok(0);
    }
    let count = late.len();
    redaction.raw.extend(late);
    redaction.swept = ended;
    keep(warehouse, &redaction).await?;
    remove_raw(warehouse.store(), &redaction).await?;
    Ok(count)
}
