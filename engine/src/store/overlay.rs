//! A store that reads another one and writes beside it: what a rehearsal writes goes to a temporary folder, and the
//! store below stays as it is.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use futures::{StreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    local::LocalFileSystem, path::Path,
};
use tempfile::TempDir;

/// Objects written here hide those of the same name below.
#[derive(Debug)]
pub(super) struct Overlay {
    above: LocalFileSystem,
    /// `None` where nothing exists yet that could be read.
    below: Option<Arc<dyn ObjectStore>>,
    /// Removed with its content when the last clone of the store is dropped.
    folder: TempDir,
}

impl Overlay {
    pub(super) fn new(below: Option<Arc<dyn ObjectStore>>) -> std::io::Result<Self> {
        let folder = TempDir::with_prefix("esf-dry-run-")?;
        let above = LocalFileSystem::new_with_prefix(folder.path())?;
        Ok(Self {
            above,
            below,
            folder,
        })
    }
}

impl fmt::Display for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.below {
            Some(below) => write!(f, "{} over {below}", self.folder.path().display()),
            None => write!(f, "{}", self.folder.path().display()),
        }
    }
}

#[async_trait]
impl ObjectStore for Overlay {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        if options.mode == PutMode::Create
            && let Some(below) = &self.below
        {
            let head = GetOptions::new().with_head(true);
            match below.get_opts(location, head).await {
                Err(Error::NotFound { .. }) => {}
                Err(other) => return Err(other),
                Ok(_) => {
                    return Err(Error::AlreadyExists {
                        path: location.to_string(),
                        source: "it exists below the overlay".into(),
                    });
                }
            }
        }
        self.above.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.above.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        match (
            self.above.get_opts(location, options.clone()).await,
            &self.below,
        ) {
            (Err(Error::NotFound { .. }), Some(below)) => below.get_opts(location, options).await,
            (other, _) => other,
        }
    }

    /// Removes what was written here. An object below stays: it is not this store's to remove.
    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.above.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let above = self.above.list(prefix);
        match &self.below {
            Some(below) => above.chain(below.list(prefix)).boxed(),
            None => above,
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let mut found = self.above.list_with_delimiter(prefix).await?;
        if let Some(below) = &self.below {
            let more = below.list_with_delimiter(prefix).await?;
            found.objects.extend(more.objects);
            found.common_prefixes.extend(more.common_prefixes);
            found.common_prefixes.sort();
            found.common_prefixes.dedup();
        }
        Ok(found)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.above.copy_opts(from, to, options).await
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;
    use object_store::{ObjectStoreExt, memory::InMemory};

    use super::*;

    #[tokio::test]
    async fn the_store_below_is_read_and_never_written() {
        let below: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let (old, new) = (Path::from("data/old"), Path::from("data/new"));
        below.put(&old, "old".into()).await.unwrap();
        let overlay = Overlay::new(Some(Arc::clone(&below))).unwrap();

        overlay.put(&new, "new".into()).await.unwrap();
        overlay.put(&old, "changed".into()).await.unwrap();
        let read = async |store: &dyn ObjectStore, path| {
            let found = store.get_opts(path, GetOptions::new()).await?;
            found.bytes().await
        };
        assert_eq!(read(&overlay, &old).await.unwrap(), "changed");
        assert_eq!(read(&overlay, &new).await.unwrap(), "new");
        assert_eq!(read(below.as_ref(), &old).await.unwrap(), "old");
        assert!(read(below.as_ref(), &new).await.is_err());

        let create = PutOptions::from(PutMode::Create);
        below
            .put(&Path::from("releases/1"), "1".into())
            .await
            .unwrap();
        let refused = overlay
            .put_opts(&Path::from("releases/1"), "2".into(), create)
            .await;
        assert!(matches!(refused, Err(Error::AlreadyExists { .. })));
        let names: Vec<ObjectMeta> = overlay
            .list(Some(&Path::from("data")))
            .try_collect()
            .await
            .unwrap();
        assert!(names.iter().any(|meta| meta.location == new));
    }
}
