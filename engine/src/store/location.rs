//! From what a user names as a warehouse to a [`Store`].

use std::{path::PathBuf, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ObjectStore, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    azure::{AzureConfigKey, MicrosoftAzureBuilder},
    gcp::GoogleCloudStorageBuilder,
    path::Path,
    prefix::PrefixStore,
};
use url::Url;

use super::{
    Backend, Result, Store, StoreError, arrival::Arriving, files::Files, local::LocalStore,
};

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

/// A bucket or container; credentials and endpoints come from the vendor's variables that the README names.
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
    // What follows them is no part of a prefix: two warehouses whose names differ there would be one.
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse(
            "what follows ? or # would be left out; write %3F or %23 where a prefix has that sign"
                .into(),
        ));
    }
    let bucket = vendor.build(location).map_err(|e| {
        let variables = vendor.variables();
        refuse(format!(
            "{e}; check the address and the variables that it is reached with, such as {variables}"
        ))
    })?;
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
    /// The variables without which mostly nothing goes.
    fn variables(self) -> &'static str {
        match self {
            Self::Amazon => "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION",
            Self::Azure => "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
            Self::Google => "GOOGLE_APPLICATION_CREDENTIALS",
        }
    }

    fn build(self, location: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
        Ok(match self {
            Self::Amazon => {
                let builder = AmazonS3Builder::from_env()
                    .with_url(location)
                    .with_http_connector(Arriving::default())
                    .with_retry(patience());
                Arc::new(amazon(builder).build()?)
            }
            Self::Azure => {
                let builder = MicrosoftAzureBuilder::from_env()
                    .with_url(location)
                    .with_http_connector(Arriving::default())
                    .with_retry(patience());
                Arc::new(azure(builder).build()?)
            }
            Self::Google => Arc::new(
                GoogleCloudStorageBuilder::from_env()
                    .with_url(location)
                    .with_http_connector(Arriving::default())
                    .with_retry(patience())
                    .build()?,
            ),
        })
    }
}

/// A client of S3 that goes where the variables say.
fn amazon(builder: AmazonS3Builder) -> AmazonS3Builder {
    let endpoint = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint]
        .iter()
        .find_map(|key| builder.get_config_value(key));
    if endpoint.is_some_and(|endpoint| is_plain(&endpoint)) {
        builder.with_allow_http(true)
    } else {
        builder
    }
}

/// A client of Azure's storage that goes where the variables say.
fn azure(builder: MicrosoftAzureBuilder) -> MicrosoftAzureBuilder {
    let Some(endpoint) = builder.get_config_value(&AzureConfigKey::Endpoint) else {
        return builder;
    };
    // A slash at its end would stand for a container without a name.
    let builder = builder.with_endpoint(endpoint.trim_end_matches('/').to_owned());
    if is_plain(&endpoint) {
        builder.with_allow_http(true)
    } else {
        builder
    }
}

/// Who names an endpoint without TLS (a storage server of one's own) has made that choice there.
fn is_plain(endpoint: &str) -> bool {
    endpoint.starts_with("http://")
}

/// How long a request is asked again: about twenty seconds, whatever happens in them. Before a storage has answered for the
/// first time it is less ([`super::arrival`]).
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
    fn an_address_is_used_whole_or_refused() {
        for scheme in ["s3", "az", "gs"] {
            for end in ["?", "?region=x", "#1"] {
                let error = open(&format!("{scheme}://bucket/warehouse{end}"))
                    .unwrap_err()
                    .to_string();
                assert!(error.contains("%3F or %23"), "{error}");
            }
        }
    }

    #[test]
    fn what_the_client_refuses_is_told_with_the_variables() {
        // No container has a point in its name, whatever is set.
        let error = open("az://ware.house/esf").unwrap_err().to_string();
        assert!(error.contains("AZURE_STORAGE_ACCOUNT_NAME"), "{error}");
    }

    #[test]
    fn an_endpoint_may_end_with_a_slash_and_have_no_tls() {
        let allow_http: AzureConfigKey = "azure_allow_http".parse().unwrap();
        let seen = |endpoint: &str| {
            let builder = azure(MicrosoftAzureBuilder::new().with_endpoint(endpoint.to_owned()));
            let value = |key: &AzureConfigKey| builder.get_config_value(key).unwrap();
            (value(&AzureConfigKey::Endpoint), value(&allow_http))
        };
        let expected = |endpoint: &str, http: &str| (endpoint.to_owned(), http.to_owned());
        assert_eq!(
            seen("http://127.0.0.1:10000/account/"),
            expected("http://127.0.0.1:10000/account", "true")
        );
        assert_eq!(
            seen("https://account.blob.core.windows.net"),
            expected("https://account.blob.core.windows.net", "false")
        );
    }

    #[test]
    fn what_is_no_storage_names_those_that_there_are() {
        let error = open("ftp://server/warehouse").unwrap_err().to_string();
        assert!(error.contains("gs://"), "{error}");
    }
}
