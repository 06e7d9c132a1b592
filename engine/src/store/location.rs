//! From what a user names as a warehouse to a [`Store`].

use std::{path::PathBuf, sync::Arc};

use object_store::{ObjectStore, aws::AmazonS3Builder, path::Path, prefix::PrefixStore};
use url::Url;

use super::{Backend, Result, Store, StoreError, local::LocalStore};

pub(super) fn open(location: &str) -> Result<Store> {
    let refuse = |reason: String| StoreError::Location {
        location: location.to_owned(),
        reason,
    };
    if location.trim().is_empty() {
        return Err(refuse(
            "it is empty; name a folder or an address such as s3://bucket/warehouse".into(),
        ));
    }
    let Some((scheme, _)) = location.split_once("://") else {
        return folder(location.into(), location);
    };
    match scheme {
        "memory" => Ok(Store::memory()),
        "file" => {
            let url = Url::parse(location).map_err(|e| refuse(e.to_string()))?;
            let path = url
                .to_file_path()
                .map_err(|()| refuse("a file address has the form file:///folder".into()))?;
            folder(path, location)
        }
        "s3" | "s3a" => s3(location),
        other => Err(refuse(format!(
            "this build has no {other}://; use a folder, file:// or s3://"
        ))),
    }
}

fn folder(path: PathBuf, location: &str) -> Result<Store> {
    let root = std::path::absolute(&path).map_err(StoreError::io("find", path))?;
    if root.is_file() {
        return Err(StoreError::Location {
            location: location.to_owned(),
            reason: "it is a file; name the folder of the warehouse".into(),
        });
    }
    Ok(Store {
        backend: Backend::Local(LocalStore::new(root)),
        location: location.to_owned(),
    })
}

fn s3(location: &str) -> Result<Store> {
    let refuse = |reason: String| StoreError::Location {
        location: location.to_owned(),
        reason,
    };
    let url = Url::parse(location).map_err(|e| refuse(e.to_string()))?;
    if url.host_str().unwrap_or_default().is_empty() {
        return Err(refuse("an address has the form s3://bucket/prefix".into()));
    }
    // Who names an endpoint without TLS (a storage server of one's own) has made that choice there.
    let plain = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT"]
        .iter()
        .any(|name| std::env::var(name).is_ok_and(|endpoint| endpoint.starts_with("http://")));
    let mut builder = AmazonS3Builder::from_env().with_url(location);
    if plain {
        builder = builder.with_allow_http(true);
    }
    let bucket = builder.build().map_err(|e| refuse(e.to_string()))?;
    let prefix = Path::from_url_path(url.path()).map_err(|e| refuse(e.to_string()))?;
    let inner: Arc<dyn ObjectStore> = if prefix.as_ref().is_empty() {
        Arc::new(bucket)
    } else {
        Arc::new(PrefixStore::new(bucket, prefix))
    };
    Ok(Store::from_object_store(inner, location))
}
