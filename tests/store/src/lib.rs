//! An object store that fails where a test wants it to.
//!
//! Owns counting the operations that reach a store and what goes wrong at the n-th. Does not own what must hold then: that
//! is for the tests that use it. A crate of its own, because engine and whole-system tests both need it and no build that
//! people run shall contain it.
//!
//! Errors read like those of a storage client: they name the operation and the object. The parts of a large upload are not
//! counted, only its beginning.
//!
//! ```
//! # use std::sync::Arc;
//! # use esf_test_store::{Fault, Faulty};
//! # use object_store::{ObjectStoreExt, memory::InMemory, path::Path};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let store = Faulty::new(Arc::new(InMemory::new()), [(1, Fault::Fail)]);
//! assert!(store.put(&Path::from("a"), "1".into()).await.is_ok());
//! assert!(store.put(&Path::from("b"), "2".into()).await.is_err());
//! assert_eq!(store.struck()[0].path, "b");
//! # }
//! ```

mod fault;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result, path::Path,
};

pub use fault::{Fault, Operation, Struck};

/// A store in front of another one, which it hands everything to except where a fault strikes. Clones share what is
/// still to come.
#[derive(Debug, Clone)]
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Faults to come, each with the number of operations that it lets pass.
    waiting: Vec<(usize, Fault)>,
    struck: Vec<Struck>,
}

impl Faulty {
    /// Puts faults in front of a store: `(n, fault)` strikes the n-th operation, from 0, of those that the fault can
    /// strike, and once.
    pub fn new(
        inner: Arc<dyn ObjectStore>,
        faults: impl IntoIterator<Item = (usize, Fault)>,
    ) -> Self {
        let state = State {
            waiting: faults.into_iter().collect(),
            struck: Vec::new(),
        };
        Self {
            inner,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The operations that were struck, in their order.
    pub fn struck(&self) -> Vec<Struck> {
        self.state().struck.clone()
    }

    /// Counts an operation; gives the fault that strikes it.
    async fn strike(&self, operation: Operation, path: &Path) -> Option<Fault> {
        let fault = self.state().count(operation, path.as_ref());
        if let Some(Fault::Delay(time)) = fault {
            tokio::time::sleep(time).await;
            return None;
        }
        fault
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // A test that failed has left nothing half done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn delete_one(&self, path: Path) -> Result<Path> {
        let fault = self.strike(Operation::Delete, &path).await;
        if fault != Some(Fault::Fail) {
            self.inner.delete(&path).await?;
        }
        match fault {
            Some(_) => Err(broken(Operation::Delete, &path)),
            None => Ok(path),
        }
    }
}

impl State {
    fn count(&mut self, operation: Operation, path: &str) -> Option<Fault> {
        let mut strikes = None;
        self.waiting.retain_mut(|(left, fault)| {
            if !fault.can_strike(operation) {
                return true;
            }
            if *left > 0 {
                *left -= 1;
                return true;
            }
            if strikes.is_some() {
                return true;
            }
            strikes = Some(*fault);
            false
        });
        if strikes.is_some() {
            self.struck.push(Struck {
                operation,
                path: path.to_owned(),
            });
        }
        strikes
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with faults", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let operation = match options.mode {
            PutMode::Overwrite => Operation::Put,
            PutMode::Create | PutMode::Update(_) => Operation::Create,
        };
        match self.strike(operation, location).await {
            Some(Fault::Fail) => Err(broken(operation, location)),
            Some(Fault::Truncate) => {
                let half = half(&payload.into());
                self.inner.put_opts(location, half.into(), options).await?;
                Err(broken(operation, location))
            }
            Some(Fault::Repeat) => {
                self.inner.put_opts(location, payload, options).await?;
                Err(Error::AlreadyExists {
                    path: location.to_string(),
                    source: "a repeated request found what the first one had made".into(),
                })
            }
            Some(Fault::Lose) => {
                self.inner.put_opts(location, payload, options).await?;
                Err(broken(operation, location))
            }
            Some(Fault::Delay(_)) | None => self.inner.put_opts(location, payload, options).await,
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        match self.strike(Operation::Upload, location).await {
            Some(_) => Err(broken(Operation::Upload, location)),
            None => self.inner.put_multipart_opts(location, options).await,
        }
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let operation = if options.head {
            Operation::Head
        } else {
            Operation::Get
        };
        let is_part = options.range.is_some();
        match self.strike(operation, location).await {
            Some(Fault::Truncate) => {
                let found = self.inner.get_opts(location, options).await?;
                let error = is_part.then(|| broken(operation, location));
                cut_short(found, error).await
            }
            Some(_) => Err(broken(operation, location)),
            None => self.inner.get_opts(location, options).await,
        }
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let this = self.clone();
        locations
            .then(move |location| {
                let this = this.clone();
                async move { this.delete_one(location?).await }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (this, prefix) = (self.clone(), prefix.cloned());
        let begin = async move {
            let place = prefix.clone().unwrap_or_default();
            match this.strike(Operation::List, &place).await {
                Some(_) => stream::iter([Err(broken(Operation::List, &place))]).boxed(),
                None => this.inner.list(prefix.as_ref()),
            }
        };
        stream::once(begin).flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let place = prefix.cloned().unwrap_or_default();
        match self.strike(Operation::List, &place).await {
            Some(_) => Err(broken(Operation::List, &place)),
            None => self.inner.list_with_delimiter(prefix).await,
        }
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        match self.strike(Operation::Copy, to).await {
            Some(Fault::Lose) => {
                self.inner.copy_opts(from, to, options).await?;
                Err(broken(Operation::Copy, to))
            }
            Some(_) => Err(broken(Operation::Copy, to)),
            None => self.inner.copy_opts(from, to, options).await,
        }
    }
}

fn broken(operation: Operation, path: &Path) -> Error {
    Error::Generic {
        store: "faulty",
        source: format!("error performing {operation} {path}: connection reset").into(),
    }
}

fn half(bytes: &Bytes) -> Bytes {
    bytes.slice(..bytes.len() / 2)
}

/// The first half of a body, and then the error, if there is one.
async fn cut_short(found: GetResult, error: Option<Error>) -> Result<GetResult> {
    let (meta, range) = (found.meta.clone(), found.range.clone());
    let attributes = found.attributes.clone();
    let half = half(&found.bytes().await?);
    let body = std::iter::once(Ok(half)).chain(error.map(Err));
    Ok(GetResult {
        payload: GetResultPayload::Stream(stream::iter(body).boxed()),
        meta,
        range,
        attributes,
    })
}

#[cfg(test)]
mod tests;
