//! A web server of the tests' own: HTTP/1.1, one request a connection, answers as the test says.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// What was asked for, with its parameters.
    pub(super) path: String,
    /// The whole head in lower case.
    pub(super) head: String,
    /// How many times this was asked for before.
    pub(super) before: usize,
}

/// A running server; it ends with the test's runtime.
pub(super) struct Server {
    /// Its address, without a slash at the end.
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts a server that answers with the bytes it is given.
    pub(super) async fn start<F>(answer: F) -> Self
    where
        F: Fn(&Request) -> Vec<u8> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (seen_there, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            let mut asked: BTreeMap<String, usize> = BTreeMap::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(head) = head(&mut stream).await else {
                    continue;
                };
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let times = asked.entry(path.clone()).or_default();
                let request = Request {
                    path,
                    head: head.to_lowercase(),
                    before: *times,
                };
                *times += 1;
                seen_there.lock().unwrap().push(request.clone());
                let answer = answer(&request);
                tokio::spawn(async move {
                    // A client that has seen enough may be gone.
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { url, seen }
    }

    /// All requests so far.
    pub(super) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

/// The head of a request, as it comes.
pub(super) async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 1024];
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        let n = stream.read(&mut buffer).await.ok()?;
        if n == 0 {
            return None;
        }
        bytes.extend_from_slice(&buffer[..n]);
    }
    String::from_utf8(bytes).ok()
}

/// A whole answer with its length.
pub(super) fn response(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let length = format!("content-length: {}", body.len());
    head_of(status, &[headers, &[length.as_str()][..]].concat(), body)
}

/// An answer that announces more than it gives.
pub(super) fn short(announced: usize, body: &[u8]) -> Vec<u8> {
    head_of("200 OK", &[&format!("content-length: {announced}")], body)
}

fn head_of(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\n").into_bytes();
    for header in headers {
        answer.extend_from_slice(header.as_bytes());
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"\r\n");
    answer.extend_from_slice(body);
    answer
}
