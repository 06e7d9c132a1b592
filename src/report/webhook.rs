//! The webhook: one POST of JSON that tells how a run ended: `run_id`, `exit_code`, `release`, `lines` and `text`,
//! which is the lines in one, as chat servers show it.
//!
//! Addresses of webhooks are secrets. Messages name the host only.

use std::time::Duration;

use reqwest::{Client, StatusCode, Url, redirect};
use serde_json::json;

use super::Ending;
use crate::config::Webhook;

/// How long one try may take.
const LIMIT: Duration = Duration::from_secs(10);

/// How long to wait before the second try.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a webhook was not told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookError {
    /// No connection could be prepared.
    #[error("the webhook cannot be called: {source}")]
    Client {
        /// Why.
        source: reqwest::Error,
    },
    /// It could not be reached.
    #[error(
        "the webhook at {host} could not be reached, see [report] webhook in esf.toml: {source}"
    )]
    Unreachable {
        /// Its host.
        host: String,
        /// Why.
        source: reqwest::Error,
    },
    /// It answered, but not with success.
    #[error("the webhook at {host} answered {status}; see [report] webhook in esf.toml")]
    Refused {
        /// Its host.
        host: String,
        /// Its answer.
        status: StatusCode,
    },
}

impl WebhookError {
    /// Whether a second try could help.
    fn may_pass(&self) -> bool {
        match self {
            Self::Client { .. } => false,
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
        }
    }
}

/// Tells a webhook how a run ended, with a second try where the first may have met a passing fault.
///
/// Fails if it is not reached within 10 s twice, or does not answer with success; redirects are no success.
pub(super) async fn post(address: &Webhook, ending: &Ending) -> Result<(), WebhookError> {
    let client = Client::builder()
        .timeout(LIMIT)
        // Followed, it would turn into a GET without the lines.
        .redirect(redirect::Policy::none())
        .user_agent(concat!("esf/", env!("CARGO_PKG_VERSION")))
        .build();
    let client = client.map_err(|error| WebhookError::Client {
        source: error.without_url(),
    })?;
    let body = json!({
        "run_id": ending.run_id,
        "exit_code": ending.exit_code,
        "release": ending.release,
        "lines": ending.lines,
        "text": ending.lines.join("\n"),
    })
    .to_string();
    match send(&client, &address.0, &body).await {
        Err(error) if error.may_pass() => {
            tokio::time::sleep(PAUSE).await;
            send(&client, &address.0, &body).await
        }
        done => done,
    }
}

async fn send(client: &Client, url: &Url, body: &str) -> Result<(), WebhookError> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let request = client
        .post(url.clone())
        .header("content-type", "application/json")
        .body(body.to_owned());
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(WebhookError::Refused {
            host,
            status: answer.status(),
        }),
        Err(error) => Err(WebhookError::Unreachable {
            host,
            source: error.without_url(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::JoinHandle;

    use super::*;
    use crate::report::testing::{HOSTILE, report};

    async fn listener() -> (TcpListener, Webhook) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/secret", listener.local_addr().unwrap());
        (listener, Webhook::try_from(address).unwrap())
    }

    /// A server that gives these answers, one a connection, and returns the requests.
    async fn server(answers: &'static [&'static str]) -> (Webhook, JoinHandle<Vec<String>>) {
        let (listener, address) = listener().await;
        let serving = tokio::spawn(async move {
            let mut requests = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                requests.push(request(&mut stream).await);
                let answer =
                    format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            requests
        });
        (address, serving)
    }

    /// A request with its body.
    async fn request(stream: &mut TcpStream) -> String {
        let mut request = Vec::new();
        while !is_whole(&request) {
            let mut piece = [0; 4096];
            let n = stream.read(&mut piece).await.unwrap();
            assert!(n > 0, "the request ends before its body");
            request.extend_from_slice(&piece[..n]);
        }
        String::from_utf8(request).unwrap()
    }

    fn is_whole(request: &[u8]) -> bool {
        let text = String::from_utf8_lossy(request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return false;
        };
        let head = head.to_ascii_lowercase();
        let mut lengths = head
            .lines()
            .filter_map(|line| line.strip_prefix("content-length: "));
        lengths.any(|length| body.len() >= length.parse::<usize>().unwrap())
    }

    #[tokio::test]
    async fn a_passing_fault_is_tried_once_more_and_the_lines_arrive() {
        let (address, serving) = server(&["503 Busy", "200 OK"]).await;
        let mut report = report();
        report.sources[0].message = Some(HOSTILE.to_owned());
        let ending = Ending::of(&report, "");
        post(&address, &ending).await.unwrap();
        let requests = serving.await.unwrap();
        assert_eq!(requests.len(), 2);
        let (head, body) = requests[1].split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /secret HTTP/1.1"), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["run_id"], report.run_id);
        assert_eq!(body["exit_code"], 0);
        assert_eq!(body["release"], 42);
        assert_eq!(body["lines"], json!(ending.lines));
    }

    #[tokio::test]
    async fn a_refusal_is_final_and_messages_keep_the_address_secret() {
        for answer in [&["404 Not Found"], &["302 Found"]] {
            let (address, serving) = server(answer).await;
            let told = post(&address, &Ending::of(&report(), "")).await;
            let error = told.unwrap_err().to_string();
            assert_eq!(serving.await.unwrap().len(), 1);
            assert!(error.contains("127.0.0.1 answered"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named_without_the_address() {
        let (listener, address) = listener().await;
        drop(listener);
        let told = post(&address, &Ending::of(&report(), "")).await;
        let error = told.unwrap_err().to_string();
        assert!(error.contains("127.0.0.1 could not be reached"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
