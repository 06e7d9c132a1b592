//! Files that need no publisher's server: on this machine, or in an object store.

use std::fs::File;
use std::io;

use esf_engine::store::{Store, StoreError};
use futures::TryStreamExt;
use reqwest::Url;
use tokio::time::Instant;

use super::error::Cause;
use super::waiting::{Draft, Waiting};
use super::{Arrived, name};

/// Copies a file of this machine to beside the store that it may be kept in.
///
/// Fails on a file that cannot be read, on more than `limit` bytes, and where the deadline comes first.
pub(super) async fn read_file(
    url: &Url,
    limit: u64,
    here: &Store,
    deadline: Instant,
) -> Result<Arrived, Cause> {
    let path = url
        .to_file_path()
        .map_err(|()| Cause::Unread(io::ErrorKind::InvalidInput.into()))?;
    let here = here.clone();
    let copy = move || {
        // What is no file, such as a pipe, may not be opened before the time is used up.
        let mut file = File::open(path).map_err(Cause::Unread)?;
        let mut draft = Draft::new(&here, limit)?.until(deadline);
        match io::copy(&mut file, &mut draft) {
            Ok(_) => Ok(draft.finish()),
            Err(error) => Err(draft.failed().unwrap_or(Cause::Unread(error))),
        }
    };
    let copied = tokio::task::spawn_blocking(copy).await;
    let body = copied.unwrap_or(Err(Cause::Worker))?;
    Ok(arrived(url, body))
}

/// Copies an object to beside the store that it may be kept in.
///
/// Fails where the store does, on an object that does not exist and on one of more than `limit` bytes.
pub(super) async fn read_object(url: &Url, limit: u64, here: &Store) -> Result<Arrived, Cause> {
    let failed = |error: StoreError| Cause::Store(Box::new(error));
    let (folder, object) = url.as_str().rsplit_once('/').unwrap_or_default();
    let store = Store::open(folder).map_err(failed)?;
    let (expected, mut pieces) = store.pieces(object).await.map_err(failed)?;
    if expected > limit {
        return Err(Cause::TooLarge { limit });
    }
    let mut draft = Draft::new(here, limit)?;
    while let Some(piece) = pieces.try_next().await.map_err(failed)? {
        draft = draft.take(piece).await?;
    }
    let body = draft.finish();
    if body.bytes == expected {
        return Ok(arrived(url, body));
    }
    // Not every client and every proxy counts.
    Err(failed(StoreError::CutShort {
        path: object.to_owned(),
        found: body.bytes,
        expected,
    }))
}

fn arrived(url: &Url, body: Waiting) -> Arrived {
    Arrived {
        url: url.clone(),
        file_name: name::of_url(url),
        etag: None,
        last_modified: None,
        body,
    }
}
