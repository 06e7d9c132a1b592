//! A store on object storage: every put is atomic and durable when it is answered.

use std::{io::Read, sync::Arc};

use bytes::Bytes;
use futures::TryStreamExt;
use jiff::Timestamp;
use object_store::{
    ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutPayload, WriteMultipart, path::Path,
};
use sha2::{Digest, Sha256};

use super::{Created, Entry, RENEWED_AFTER, Result, StoreError, TemporaryFile, hex};

/// Files from this size on are sent in parts; also the size of a part.
const PART: usize = 8 * 1024 * 1024;

/// How many parts may be under way at once: what a file costs in memory.
const PARTS_UNDER_WAY: usize = 4;

#[derive(Debug, Clone)]
pub(super) struct RemoteStore {
    inner: Arc<dyn ObjectStore>,
}

impl RemoteStore {
    pub(super) fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner }
    }

    pub(super) fn object_store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.inner)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Option<Bytes>> {
        match self.inner.get(&Path::from(path)).await {
            Ok(found) => {
                let expected = found.meta.size;
                let bytes = found.bytes().await;
                let bytes = bytes.map_err(StoreError::remote("read", path))?;
                let found = bytes.len() as u64;
                if found == expected {
                    return Ok(Some(bytes));
                }
                // Not every client and every proxy counts.
                Err(StoreError::CutShort {
                    path: path.to_owned(),
                    found,
                    expected,
                })
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(StoreError::remote("read", path)(e)),
        }
    }

    pub(super) async fn hash(&self, path: &str) -> Result<Option<String>> {
        let found = match self.inner.get(&Path::from(path)).await {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(e) => return Err(StoreError::remote("read", path)(e)),
        };
        let expected = found.meta.size;
        let mut pieces = found.into_stream();
        let (mut hasher, mut bytes) = (Sha256::new(), 0);
        while let Some(piece) = pieces
            .try_next()
            .await
            .map_err(StoreError::remote("read", path))?
        {
            hasher.update(&piece);
            bytes += piece.len() as u64;
        }
        if bytes == expected {
            return Ok(Some(hex(&hasher.finalize())));
        }
        Err(StoreError::CutShort {
            path: path.to_owned(),
            found: bytes,
            expected,
        })
    }

    pub(super) async fn size(&self, path: &str) -> Result<Option<u64>> {
        Ok(self.entry(path).await?.map(|found| found.bytes))
    }

    pub(super) async fn entry(&self, path: &str) -> Result<Option<Entry>> {
        match self.inner.head(&Path::from(path)).await {
            Ok(found) => Ok(Some(entry(&found))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(StoreError::remote("look at", path)(e)),
        }
    }

    /// Whether an object of this size is there, so young that nobody removes it for not being used yet.
    pub(super) async fn keeps(&self, path: &str, bytes: u64) -> Result<bool> {
        let is_recent =
            |kept: &Entry| Timestamp::now().duration_since(kept.modified) < RENEWED_AFTER;
        let kept = self.entry(path).await?;
        Ok(kept.is_some_and(|kept| kept.bytes == bytes && is_recent(&kept)))
    }

    pub(super) async fn put(&self, path: &str, bytes: Bytes) -> Result<()> {
        self.inner
            .put(&Path::from(path), bytes.into())
            .await
            .map_err(StoreError::remote("write", path))?;
        Ok(())
    }

    pub(super) async fn create(&self, path: &str, bytes: Bytes) -> Result<Created> {
        match self
            .inner
            .put_opts(
                &Path::from(path),
                PutPayload::from(bytes),
                PutMode::Create.into(),
            )
            .await
        {
            Ok(_) => Ok(Created::New),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(Created::Exists),
            Err(e) => Err(StoreError::remote("create", path)(e)),
        }
    }

    pub(super) async fn put_file(&self, path: &str, file: TemporaryFile) -> Result<()> {
        // A published release may stand on what is there; half of it, from a store without atomic writes, is replaced.
        if self.keeps(path, size_of(&file)?).await? {
            return Ok(());
        }
        self.replace_file(path, &file).await
    }

    /// Writes a file, whatever is there.
    pub(super) async fn replace_file(&self, path: &str, file: &TemporaryFile) -> Result<()> {
        let source =
            std::fs::File::open(file.path()).map_err(StoreError::io("read", file.path()))?;
        let size = size_of(file)?;
        if size < PART as u64 {
            let bytes = std::fs::read(file.path()).map_err(StoreError::io("read", file.path()))?;
            return self.put(path, bytes.into()).await;
        }
        let upload = self
            .inner
            .put_multipart(&Path::from(path))
            .await
            .map_err(StoreError::remote("write", path))?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
        match send(&mut upload, source, file.path()).await {
            Ok(()) => upload
                .finish()
                .await
                .map(|_| ())
                .map_err(StoreError::remote("write", path)),
            Err(e) => {
                // Parts that stay behind cost money; the first error is the one worth telling.
                let _ = upload.abort().await;
                Err(e)
            }
        }
    }

    pub(super) async fn delete(&self, path: &str) -> Result<()> {
        match self.inner.delete(&Path::from(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(StoreError::remote("remove", path)(e)),
        }
    }

    pub(super) async fn list(&self, folder: &str) -> Result<Vec<Entry>> {
        let listed = match self.list_once(folder).await {
            // The client asks again where a request fails, but not where its answer is cut off.
            Err(_) => self.list_once(folder).await,
            listed => listed,
        };
        listed.map_err(StoreError::remote("list", folder))
    }

    async fn list_once(&self, folder: &str) -> object_store::Result<Vec<Entry>> {
        self.inner
            .list(Some(&Path::from(folder)))
            .map_ok(|found| entry(&found))
            .try_collect()
            .await
    }
}

/// The bytes of a file.
fn size_of(file: &TemporaryFile) -> Result<u64> {
    let found = std::fs::metadata(file.path());
    let found = found.map_err(StoreError::io("look at", file.path()))?;
    Ok(found.len())
}

fn entry(found: &ObjectMeta) -> Entry {
    let modified = Timestamp::from_millisecond(found.last_modified.timestamp_millis());
    Entry {
        path: found.location.to_string(),
        bytes: found.size,
        modified: modified.unwrap_or_else(|_| Timestamp::now()),
    }
}

async fn send(
    upload: &mut WriteMultipart,
    mut source: std::fs::File,
    file: &std::path::Path,
) -> Result<()> {
    let mut part = vec![0; PART];
    loop {
        let read = source
            .read(&mut part)
            .map_err(StoreError::io("read", file))?;
        if read == 0 {
            return Ok(());
        }
        upload
            .wait_for_capacity(PARTS_UNDER_WAY)
            .await
            .map_err(StoreError::remote("write", &file.display().to_string()))?;
        upload.write(&part[..read]);
    }
}
