//! The first answer of object storage: how long one is waited for that has never answered.
//!
//! A request that fails is asked again for as long as [`super::location`] says, which outlasts a storage that restarts. At
//! an address where nothing listens that patience would be spent again and again before anybody hears of it. So until a
//! storage has answered once, whatever it said, its silence is told after [`FIRST`], and for [`SPARED`] nobody asks again.

use std::{
    error::Error,
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
        HttpService, ReqwestConnector,
    },
};

/// How long a first answer is waited for.
const FIRST: Duration = Duration::from_secs(7);

/// How long a storage that was silent so long is not asked again: what a command tries after that fails at once.
const SPARED: Duration = Duration::from_secs(15);

/// Makes clients that wait for a first answer in this way, and are else those of the storage client.
#[derive(Debug, Default)]
pub(super) struct Arriving {
    inner: ReqwestConnector,
}

impl HttpConnector for Arriving {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = self.inner.connect(options)?;
        Ok(HttpClient::new(Arrival::new(client, FIRST)))
    }
}

/// A client of one server.
#[derive(Debug)]
struct Arrival {
    client: HttpClient,
    /// How long a first answer is waited for.
    first: Duration,
    /// Whether it has answered.
    answered: AtomicBool,
    silence: Mutex<Silence>,
}

/// How long a server has been silent that never answered.
#[derive(Debug, Default)]
struct Silence {
    /// When it was asked first.
    since: Option<Instant>,
    /// When it was given up, and what the last failure was.
    given_up: Option<(Instant, String)>,
}

impl Arrival {
    fn new(client: HttpClient, first: Duration) -> Self {
        Self {
            client,
            first,
            answered: AtomicBool::new(false),
            silence: Mutex::default(),
        }
    }

    /// Notes that a server is asked that has not answered yet. Fails where it was given up a moment ago.
    fn ask(&self) -> Result<(), HttpError> {
        let mut silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        silence.since.get_or_insert(now);
        match &silence.given_up {
            Some((at, failure)) if now.duration_since(*at) < SPARED => Err(Silent {
                text: format!("nothing answered a moment ago, so it is not asked again: {failure}"),
                cause: None,
            }
            .error()),
            _ => Ok(()),
        }
    }

    /// The failure of a request to a server that has not answered yet. After long enough it is of a kind that the storage
    /// client does not ask again after.
    fn failed(&self, failure: HttpError) -> HttpError {
        let mut silence = self.silence.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let waited = silence.since.map(|since| now.duration_since(since));
        let Some(waited) = waited.filter(|waited| *waited >= self.first) else {
            return failure;
        };
        silence.given_up = Some((now, told(&failure)));
        Silent {
            text: format!(
                "nothing has answered within {} s: {failure}",
                waited.as_secs()
            ),
            cause: Some(failure),
        }
        .error()
    }
}

#[async_trait]
impl HttpService for Arrival {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if self.answered.load(Ordering::Relaxed) {
            return self.client.execute(request).await;
        }
        self.ask()?;
        match self.client.execute(request).await {
            Ok(response) => {
                self.answered.store(true, Ordering::Relaxed);
                Ok(response)
            }
            Err(failure) => Err(self.failed(failure)),
        }
    }
}

/// Why a server that never answered is not asked any more.
#[derive(Debug)]
struct Silent {
    text: String,
    cause: Option<HttpError>,
}

impl Silent {
    fn error(self) -> HttpError {
        HttpError::new(HttpErrorKind::Unknown, self)
    }
}

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Silent {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let cause = self.cause.as_ref()?;
        Some(cause)
    }
}

/// A failure with the causes that its message does not repeat.
fn told(failure: &HttpError) -> String {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, atomic::AtomicUsize},
    };

    use bytes::Bytes;
    use object_store::client::HttpRequestBody;

    use super::*;

    /// A server that answers some requests, by their number.
    #[derive(Debug)]
    struct Server {
        asked: Arc<AtomicUsize>,
        answers: fn(usize) -> bool,
    }

    #[async_trait]
    impl HttpService for Server {
        async fn call(&self, _: HttpRequest) -> Result<HttpResponse, HttpError> {
            let number = self.asked.fetch_add(1, Ordering::Relaxed);
            if (self.answers)(number) {
                return Ok(HttpResponse::new(Bytes::new().into()));
            }
            let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
            Err(HttpError::new(HttpErrorKind::Connect, refused))
        }
    }

    fn to(answers: fn(usize) -> bool, first: Duration) -> (Arrival, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let server = Server {
            asked: Arc::clone(&asked),
            answers,
        };
        (Arrival::new(HttpClient::new(server), first), asked)
    }

    async fn ask(arrival: &Arrival) -> Result<(), HttpError> {
        let request = HttpRequest::new(HttpRequestBody::empty());
        arrival.call(request).await.map(|_| ())
    }

    #[tokio::test]
    async fn a_server_that_never_answers_is_given_up_and_then_spared() {
        let (arrival, asked) = to(|_| false, Duration::ZERO);
        for part in [
            "nothing has answered within ",
            "nothing answered a moment ago",
        ] {
            let error = ask(&arrival).await.unwrap_err();
            // The storage client asks again after all kinds of failures to connect.
            assert_eq!(error.kind(), HttpErrorKind::Unknown);
            let told = error.to_string();
            assert!(told.contains(part) && told.contains("refused"), "{told}");
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn one_that_has_answered_keeps_all_patience() {
        let (arrival, asked) = to(|number| number == 0, Duration::ZERO);
        ask(&arrival).await.unwrap();
        for _ in 0..3 {
            let error = ask(&arrival).await.unwrap_err();
            assert_eq!(error.kind(), HttpErrorKind::Connect);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 4);
    }

    #[tokio::test]
    async fn a_first_answer_may_take_several_tries() {
        let (arrival, _) = to(|number| number == 2, FIRST);
        for _ in 0..2 {
            let error = ask(&arrival).await.unwrap_err();
            assert_eq!(error.kind(), HttpErrorKind::Connect);
        }
        ask(&arrival).await.unwrap();
    }
}
