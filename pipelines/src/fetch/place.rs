//! Files that need no publisher's server: on this machine, or in an object store.

use std::fs::File;
use std::io::{self, Read};

use bytes::Bytes;
use esf_engine::store::{Store, StoreError};
use reqwest::Url;

use super::error::Cause;
use super::{Arrived, name};

/// Reads a file of this machine.
///
/// Fails on a file that cannot be read and on more than `limit` bytes.
pub(super) async fn read_file(url: &Url, limit: u64) -> Result<Arrived, Cause> {
    let path = url
        .to_file_path()
        .map_err(|()| Cause::Unread(io::ErrorKind::InvalidInput.into()))?;
    let read = move || {
        let mut bytes = Vec::new();
        let file = File::open(path)?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok::<_, io::Error>(bytes)
    };
    let read = tokio::task::spawn_blocking(read).await;
    let bytes = read.map_err(|_| Cause::Worker)?.map_err(Cause::Unread)?;
    if bytes.len() as u64 > limit {
        return Err(Cause::TooLarge { limit });
    }
    Ok(arrived(url, bytes.into()))
}

/// Reads an object.
///
/// Fails where the store does, on an object that does not exist and on one of more than `limit` bytes.
pub(super) async fn read_object(url: &Url, limit: u64) -> Result<Arrived, Cause> {
    let failed = |error: StoreError| Cause::Store(Box::new(error));
    let (folder, object) = url.as_str().rsplit_once('/').unwrap_or_default();
    let store = Store::open(folder).map_err(failed)?;
    if store
        .size(object)
        .await
        .map_err(failed)?
        .is_some_and(|bytes| bytes > limit)
    {
        return Err(Cause::TooLarge { limit });
    }
    let bytes = store.get(object).await.map_err(failed)?;
    Ok(arrived(url, bytes))
}

fn arrived(url: &Url, bytes: Bytes) -> Arrived {
    Arrived {
        url: url.clone(),
        file_name: name::of_url(url),
        etag: None,
        last_modified: None,
        bytes,
    }
}
