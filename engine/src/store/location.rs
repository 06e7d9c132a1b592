//! From what a user names as a warehouse to a [`Store`].

use std::{path::PathBuf, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ObjectStore, RetryConfig, aws::AmazonS3Builder, azure::MicrosoftAzureBuilder,
    gcp::GoogleCloudStorageBuilder, path::Path, prefix::PrefixStore,
};
use url::Url;

use super::{Backend, Result, Store, StoreError, files::Files, local::LocalStore};

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
        "s3" | "s3a" => bucket(location, Vendor::Amazon),
        "az" | "azure" | "abfs" | "abfss" => bucket(location, Vendor::Azure),
        "gs" => bucket(location, Vendor::Google),
        other => Err(refuse(format!(
            "there is no {other}://; use a folder, file://, s3://, az:// or gs://"
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
        backend: Backend::Local(LocalStore::new(root, Files::default())),
        location: location.to_owned(),
    })
}

/// A bucket or container; credentials and endpoints come from the variables that the tools of its vendor use.
fn bucket(location: &str, vendor: Vendor) -> Result<Store> {
    let refuse = |reason: String| StoreError::Location {
        location: location.to_owned(),
        reason,
    };
    let url = Url::parse(location).map_err(|e| refuse(e.to_string()))?;
    if url.host_str().unwrap_or_default().is_empty() {
        let scheme = url.scheme();
        return Err(refuse(format!(
            "an address has the form {scheme}://bucket/prefix"
        )));
    }
    let bucket = vendor.build(location).map_err(|e| refuse(e.to_string()))?;
    let prefix = Path::from_url_path(url.path()).map_err(|e| refuse(e.to_string()))?;
    let inner: Arc<dyn ObjectStore> = if prefix.as_ref().is_empty() {
        bucket
    } else {
        Arc::new(PrefixStore::new(bucket, prefix))
    };
    Ok(Store::from_object_store(inner, location))
}

#[derive(Clone, Copy)]
enum Vendor {
    Amazon,
    Azure,
    Google,
}

impl Vendor {
    fn build(self, location: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
        // Who names an endpoint without TLS (a storage server of one's own) has made that choice there.
        let plain = |names: &[&str]| {
            names.iter().any(|name| {
                std::env::var(name).is_ok_and(|endpoint| endpoint.starts_with("http://"))
            })
        };
        Ok(match self {
            Self::Amazon => {
                let builder = AmazonS3Builder::from_env()
                    .with_url(location)
                    .with_retry(patience());
                let http = plain(&["AWS_ENDPOINT_URL", "AWS_ENDPOINT"]);
                Arc::new(
                    if http {
                        builder.with_allow_http(true)
                    } else {
                        builder
                    }
                    .build()?,
                )
            }
            Self::Azure => {
                let builder = MicrosoftAzureBuilder::from_env()
                    .with_url(location)
                    .with_retry(patience());
                let http = plain(&["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"]);
                Arc::new(
                    if http {
                        builder.with_allow_http(true)
                    } else {
                        builder
                    }
                    .build()?,
                )
            }
            Self::Google => Arc::new(
                GoogleCloudStorageBuilder::from_env()
                    .with_url(location)
                    .with_retry(patience())
                    .build()?,
            ),
        })
    }
}

/// How long a request is asked again: about twenty seconds, whatever happens in them.
///
/// The client's own default is ten times. Its pauses grow so slowly that they are over after two or three seconds, which
/// a storage that restarts or asks to be spared outlasts.
fn patience() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(3),
            base: 3.,
        },
        max_retries: 100,
        retry_timeout: Duration::from_secs(20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_bucket() {
        for scheme in ["s3", "az", "gs"] {
            let error = open(&format!("{scheme}:///warehouse"))
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(&format!("{scheme}://bucket/prefix")),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_no_storage_names_those_that_there_are() {
        let error = open("ftp://server/warehouse").unwrap_err().to_string();
        assert!(error.contains("gs://"), "{error}");
    }
}
