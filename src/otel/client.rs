//! The HTTP client of the exporter, over the reqwest that the rest of the program has. The exporter's own would bring a
//! second one.

use std::mem::ManuallyDrop;
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, ResponseBodyTooLarge};
use reqwest::redirect;
use tokio::runtime::{Builder, Runtime};

/// Bytes that an answer may have; what a collector says fits into a few.
const ANSWER: usize = 64 << 10;

/// Sends one request at a time, on the thread that asks. That is a thread of the exporter, outside any runtime: within
/// one, waiting here would panic.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    /// Never dropped: that would wait for a name that is still being looked up, and the process ends anyway.
    runtime: ManuallyDrop<Runtime>,
}

impl Client {
    /// A client that gives up on an answer after `limit`. Fails if the system's certificates cannot be used or there is
    /// no room for a runtime.
    pub(super) fn new(limit: Duration) -> Result<Self, HttpError> {
        let http = reqwest::Client::builder()
            .timeout(limit)
            // Followed, it would turn into a GET without the spans.
            .redirect(redirect::Policy::none())
            // Between two requests nothing runs that would notice that a connection was closed.
            .pool_max_idle_per_host(0)
            .build()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self {
            http,
            runtime: ManuallyDrop::new(runtime),
        })
    }

    async fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        // Addresses may hold a password.
        let answer = self.http.execute(request).await;
        let mut answer = answer.map_err(reqwest::Error::without_url)?;
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            if body.len() + piece.len() > ANSWER {
                return Err(Box::new(ResponseBodyTooLarge::new()));
            }
            body.extend_from_slice(&piece);
        }
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.runtime.block_on(self.answer(request));
        if let Err(error) = &answer {
            // The exporter passes on that it failed, and not why.
            tracing::debug!(?error, "the collector of traces was not reached");
        }
        answer
    }
}
