//! Trying a store: an object is written, read, found and removed, and another is created twice.
//!
//! The objects lie among the unfinished files, so that one that a killed process leaves behind is swept like those.

use bytes::Bytes;
use jiff::Timestamp;

use super::Diagnosis;
use crate::store::{Created, Result, Store, TEMPORARY_FOLDER, TEMPORARY_PREFIX};

/// What trying a store showed.
pub(super) struct Probed {
    /// What was found.
    pub(super) diagnoses: Vec<Diagnosis>,
    /// The time that the store gave the object.
    pub(super) written: Option<Timestamp>,
}

/// Tries a store; `subject` names it.
pub(super) async fn probe(store: &Store, subject: &'static str) -> Probed {
    let create = match subject {
        "store" => "store, create",
        _ => "restricted store, create",
    };
    let mark = Timestamp::now().as_millisecond();
    let path = |which| {
        let process = std::process::id();
        format!("{TEMPORARY_FOLDER}/{TEMPORARY_PREFIX}probe-{process}-{mark}-{which}")
    };
    let (plain, exclusive) = (path("a"), path("b"));
    let written = write(store, &plain).await;
    let created = create_twice(store, &exclusive).await;
    let mut removed = Ok(());
    for path in [&plain, &exclusive] {
        removed = removed.and(remove(store, path).await);
    }
    let rights = "give the user that runs esf the right to read, write, list and remove there";
    let place = store.location();
    let first = match (&written, &removed) {
        (Ok(_), Ok(())) => Diagnosis::sound(
            subject,
            format!("{place} can be written, read, listed and cleared"),
        ),
        (Err(found), _) | (_, Err(found)) => Diagnosis::fault(subject, found, rights),
    };
    let second = match created {
        Ok(()) => Diagnosis::sound(create, "what exists is never created again"),
        // Where nothing can be written, that says nothing of creating.
        Err(found) if written.is_err() => Diagnosis::fault(create, found, rights),
        Err(found) => Diagnosis::fault(
            create,
            found,
            "two runs could publish one number: use a store with conditional create (S3's If-None-Match, hard links)",
        ),
    };
    Probed {
        diagnoses: vec![first, second],
        written: written.ok(),
    }
}

/// Writes, reads and lists an object; gives its time.
async fn write(store: &Store, path: &str) -> Result<Timestamp, String> {
    let content = Bytes::from_static(b"esf doctor");
    let text = |error: crate::store::StoreError| error.to_string();
    store.put(path, content.clone()).await.map_err(text)?;
    if store.get(path).await.map_err(text)? != content {
        return Err(format!("{path} was read otherwise than it was written"));
    }
    let entries = store.list(TEMPORARY_FOLDER).await.map_err(text)?;
    let found = entries.iter().find(|entry| entry.path == path);
    found
        .map(|entry| entry.modified)
        .ok_or_else(|| format!("{path} was written and is not listed"))
}

/// Creates an object twice: the second time must be refused and change nothing.
async fn create_twice(store: &Store, path: &str) -> Result<(), String> {
    let text = |error: crate::store::StoreError| error.to_string();
    let (first, second) = (Bytes::from_static(b"first"), Bytes::from_static(b"second"));
    match store.create(path, first.clone()).await.map_err(text)? {
        Created::New => {}
        Created::Exists => return Err(format!("{path} is said to exist before it was created")),
    }
    let again = store.create(path, second).await.map_err(text)?;
    let kept = store.get(path).await.map_err(text)?;
    if again == Created::Exists && kept == first {
        Ok(())
    } else {
        Err(format!("{path} was created twice"))
    }
}

/// Removes an object, and looks whether it is gone.
async fn remove(store: &Store, path: &str) -> Result<(), String> {
    let text = |error: crate::store::StoreError| error.to_string();
    store.delete(path).await.map_err(text)?;
    match store.size(path).await.map_err(text)? {
        None => Ok(()),
        Some(_) => Err(format!("{path} cannot be removed")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use futures::stream::BoxStream;
    use object_store::{
        CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
        PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, memory::InMemory,
        path::Path,
    };

    use super::super::Health;
    use super::*;

    /// A store that takes a conditional create for a plain one.
    #[derive(Debug)]
    struct Careless(InMemory);

    impl std::fmt::Display for Careless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("careless")
        }
    }

    #[async_trait]
    impl ObjectStore for Careless {
        async fn put_opts(
            &self,
            path: &Path,
            payload: PutPayload,
            options: PutOptions,
        ) -> object_store::Result<PutResult> {
            let options = PutOptions {
                mode: PutMode::Overwrite,
                ..options
            };
            self.0.put_opts(path, payload, options).await
        }

        async fn put_multipart_opts(
            &self,
            path: &Path,
            options: PutMultipartOptions,
        ) -> object_store::Result<Box<dyn MultipartUpload>> {
            self.0.put_multipart_opts(path, options).await
        }

        async fn get_opts(
            &self,
            path: &Path,
            options: GetOptions,
        ) -> object_store::Result<GetResult> {
            self.0.get_opts(path, options).await
        }

        fn delete_stream(
            &self,
            paths: BoxStream<'static, object_store::Result<Path>>,
        ) -> BoxStream<'static, object_store::Result<Path>> {
            self.0.delete_stream(paths)
        }

        fn list(
            &self,
            prefix: Option<&Path>,
        ) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
            self.0.list(prefix)
        }

        async fn list_with_delimiter(
            &self,
            prefix: Option<&Path>,
        ) -> object_store::Result<ListResult> {
            self.0.list_with_delimiter(prefix).await
        }

        async fn copy_opts(
            &self,
            from: &Path,
            to: &Path,
            options: CopyOptions,
        ) -> object_store::Result<()> {
            self.0.copy_opts(from, to, options).await
        }
    }

    #[tokio::test]
    async fn a_store_without_conditional_create_is_a_fault_and_left_clean() {
        let careless = Arc::new(Careless(InMemory::new()));
        let store = Store::from_object_store(careless, "careless://");
        let probed = probe(&store, "store").await;
        let health: Vec<Health> = probed.diagnoses.iter().map(|one| one.health).collect();
        assert_eq!(health, [Health::Sound, Health::Fault]);
        assert_eq!(store.list(TEMPORARY_FOLDER).await.unwrap(), []);
    }

    #[tokio::test]
    async fn of_a_store_that_cannot_be_written_nothing_is_said_of_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(TEMPORARY_FOLDER), "no folder").unwrap();
        let store = Store::open(folder.path().to_str().unwrap()).unwrap();
        let probed = probe(&store, "store").await;
        for one in &probed.diagnoses {
            assert_eq!(one.health, Health::Fault, "{one:?}");
            let advice = one.advice.as_deref().unwrap();
            assert!(
                advice.starts_with("give the user that runs esf"),
                "{advice}"
            );
        }
        assert_eq!(probed.diagnoses.len(), 2);
    }

    #[tokio::test]
    async fn a_sound_store_gives_the_time_of_a_new_file() {
        let probed = probe(&Store::memory(), "store").await;
        let written = probed.written.unwrap();
        assert!(Timestamp::now().duration_since(written).abs().as_secs() < 60);
    }
}
