//! Requests over HTTP: one at a time along redirects, and again where that may help.
//!
//! Redirects are followed here and not by the client, so that every host on the way is asked politely, marks of the
//! last time go only to the address they came from, and nothing leads from https to less, or from elsewhere into the network of
//! this machine.

use std::time::Duration;

use esf_engine::store::Store;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_DISPOSITION, ETAG, HeaderMap, HeaderName, LAST_MODIFIED, LOCATION,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::error::{Cause, Trouble};
use super::polite::{Hosts, Turn};
use super::{Arrived, PAGE_BYTES, Settings, Validators, body, link, mask, name, near, retry};
use crate::source::Pattern;

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 10;

/// For how long a host is left alone at most, where it asks for more: longer than any run fetches.
const LEFT_ALONE: Duration = Duration::from_hours(24);

/// Landing pages that are taken apart at once.
const PAGES: usize = 2;

/// Archives that are unpacked at once.
const ARCHIVES: usize = 1;

/// All requests of a run.
pub(super) struct Web<'a> {
    pub(super) settings: &'a Settings,
    /// When the run's time for fetching is used up.
    pub(super) deadline: Instant,
    /// Where what is fetched may be kept.
    pub(super) store: &'a Store,
    /// The right to look at a file, for which all of it may have to be in memory.
    pub(super) looking: Semaphore,
    /// The right to unpack an archive.
    pub(super) unpacking: Semaphore,
    pages: Semaphore,
    client: Result<Client, String>,
    hosts: Hosts,
}

/// What a server said in the end.
pub(super) enum Answer {
    /// The file is as these say, the ones that were asked with.
    NotModified(Validators),
    Arrived(Arrived),
}

enum Hop {
    Answer(Box<Answer>),
    Redirect(String),
}

impl<'a> Web<'a> {
    pub(super) fn new(settings: &'a Settings, store: &'a Store, deadline: Instant) -> Self {
        Self {
            settings,
            deadline,
            store,
            looking: Semaphore::new(1),
            unpacking: Semaphore::new(ARCHIVES),
            pages: Semaphore::new(PAGES),
            client: client(settings).map_err(body::root),
            hosts: Hosts::new(settings),
        }
    }

    /// Asks for an address, which is the declared one or was found there, until it answers, fails for good, or the time is used
    /// up.
    pub(super) async fn get(
        &self,
        declared: &Url,
        url: &Url,
        known: Option<&Validators>,
        limit: u64,
    ) -> Result<Answer, Trouble> {
        let mut attempts = 1;
        let mut last = None;
        loop {
            let asked = timeout_at(self.deadline, self.follow(declared, url, known, limit)).await;
            let mut trouble = match asked {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(trouble)) => trouble,
                Err(_) => Trouble::at(url, Cause::Budget { last: last.take() }),
            };
            trouble.attempts = attempts;
            if !trouble.cause.may_pass() {
                return Err(trouble);
            }
            let asked_for = trouble.cause.retry_after();
            if let Some(rest) = asked_for.filter(|rest| *rest > self.settings.longest_pause) {
                let until = Instant::now() + rest.min(LEFT_ALONE);
                self.hosts.hold(&trouble.url, until);
                return Err(trouble);
            }
            if attempts >= self.settings.attempts {
                return Err(trouble);
            }
            let pause = retry::pause(self.settings, attempts, asked_for, retry::jitter());
            let again = Instant::now() + pause;
            if asked_for.is_some() {
                self.hosts.hold(&trouble.url, again);
            }
            tracing::debug!(url = mask::masked(url), cause = %trouble.cause, ?pause, "asking again");
            if again >= self.deadline {
                let last = Some(trouble.cause);
                trouble.cause = Box::new(Cause::Budget { last });
                return Err(trouble);
            }
            sleep(pause).await;
            last = Some(trouble.cause);
            attempts += 1;
        }
    }

    /// The address behind the newest fitting link of a page; what is doubtful about its links is put among the `doubts`.
    pub(super) async fn find(
        &self,
        page: &Url,
        pattern: &Pattern,
        doubts: &mut Vec<String>,
    ) -> Result<Url, Trouble> {
        let here = |cause| Trouble::at(page, cause);
        let pattern = pattern.regex();
        let pattern = pattern.map_err(|detail| here(Cause::Pattern { detail }))?;
        match self.get(page, page, None, PAGE_BYTES).await? {
            Answer::Arrived(Arrived { url, body, .. }) => {
                // Parsing takes as long as the bounds of pages allow: other requests shall not wait for it.
                let readers = self.settings.readers.clone();
                let read = move || {
                    let bytes = body.content().bytes();
                    let links = bytes.and_then(|bytes| link::of_page(&bytes, readers.as_ref()));
                    links.map_err(|error| Cause::Page(Box::new(error)))
                };
                let reading = self.in_time(self.giving_way(&self.pages, read));
                let links = reading.await.map_err(here)?;
                let latest = self.settings.latest;
                link::newest(&url, &links, pattern, latest, doubts).map_err(here)
            }
            Answer::NotModified(_) => Err(here(status(StatusCode::NOT_MODIFIED, None))),
        }
    }

    /// What is read without HTTP, within the same time.
    pub(super) async fn within(
        &self,
        url: &Url,
        reading: impl Future<Output = Result<Arrived, Cause>>,
    ) -> Result<Answer, Trouble> {
        let read = self.in_time(reading).await;
        read.map(Answer::Arrived)
            .map_err(|cause| Trouble::at(url, cause))
    }

    /// What comes of work within the time that is left.
    ///
    /// Fails as the work does, and where the time is used up before.
    pub(super) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, Cause>>,
    ) -> Result<T, Cause> {
        let done = timeout_at(self.deadline, work).await;
        done.unwrap_or(Err(Cause::Budget { last: None }))
    }

    /// Works where that holds up nothing else, when it is its turn. Work that takes longer than a silent server is waited for gives
    /// way: the next one then begins beside it.
    pub(super) async fn giving_way<T: Send + 'static>(
        &self,
        turns: &Semaphore,
        work: impl FnOnce() -> Result<T, Cause> + Send + 'static,
    ) -> Result<T, Cause> {
        // The semaphores are never closed.
        let turn = turns.acquire().await;
        let mut working = tokio::task::spawn_blocking(work);
        let done = if let Ok(done) = timeout(self.settings.idle_timeout, &mut working).await {
            done
        } else {
            drop(turn);
            working.await
        };
        done.unwrap_or(Err(Cause::Worker))
    }

    async fn follow(
        &self,
        declared: &Url,
        url: &Url,
        known: Option<&Validators>,
        limit: u64,
    ) -> Result<Answer, Trouble> {
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            if near::leads_inside(declared, &url, self.settings.connect_timeout).await {
                let to = mask::masked(&url);
                return Err(Trouble::at(declared, Cause::Inside { to }));
            }
            let here = |cause| Trouble::at(&url, cause);
            let known = known.filter(|known| known.is_from(&url));
            let next = match self.hop(&url, known, limit).await.map_err(here)? {
                Hop::Answer(answer) => return Ok(*answer),
                Hop::Redirect(to) => step(&url, &url, &to).map_err(here)?,
            };
            url = next;
        }
        let limit = MAX_REDIRECTS;
        Err(Trouble::at(&url, Cause::Redirects { limit }))
    }

    async fn hop(&self, url: &Url, known: Option<&Validators>, limit: u64) -> Result<Hop, Cause> {
        let client = self.client.as_ref().map_err(|detail| Cause::Request {
            detail: detail.clone(),
        })?;
        let mut turn = self.hosts.turn(url).await?;
        let mut request = client.get(url.clone()).header(ACCEPT_ENCODING, "gzip");
        for (name, value) in known.into_iter().flat_map(Validators::conditions) {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(body::cause)?;
        let headers = response.headers();
        match (response.status(), known) {
            (StatusCode::NOT_MODIFIED, Some(known)) => {
                let answer = Answer::NotModified(known.clone());
                Ok(Hop::Answer(Box::new(answer)))
            }
            (StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION, _) => {
                let arrived = self.arrive(url, response, limit, &mut turn).await?;
                Ok(Hop::Answer(Box::new(Answer::Arrived(arrived))))
            }
            (code, _) => match headers.get(LOCATION) {
                Some(to) if is_redirect(code) => Ok(Hop::Redirect(name::text(to.as_bytes()))),
                _ => Err(status(code, retry::retry_after(headers))),
            },
        }
    }

    async fn arrive(
        &self,
        url: &Url,
        response: Response,
        limit: u64,
        turn: &mut Turn,
    ) -> Result<Arrived, Cause> {
        let headers = response.headers();
        let disposition = headers.get(CONTENT_DISPOSITION);
        let named =
            disposition.and_then(|value| name::of_disposition(&name::text(value.as_bytes())));
        let (etag, last_modified) = (text(headers, ETAG), text(headers, LAST_MODIFIED));
        let body = body::read(response, limit, self.store, self.settings, turn).await?;
        Ok(Arrived {
            url: url.clone(),
            file_name: named.or_else(|| name::of_url(url)),
            etag,
            last_modified,
            body,
        })
    }
}

/// Where a redirect or a link leads, seen from the address it was found at.
///
/// Fails where that is no web address, or less safe than the address it was found at.
pub(super) fn step(from: &Url, base: &Url, to: &str) -> Result<Url, Cause> {
    let next = base.join(to).map_err(|_| Cause::NoAddress {
        to: mask::masked_text(to),
    })?;
    match (from.scheme(), next.scheme()) {
        (_, "https") | ("http", "http") => Ok(next),
        (_, "http") => Err(Cause::Insecure {
            to: mask::masked(&next),
        }),
        _ => Err(Cause::NoAddress {
            to: mask::masked(&next),
        }),
    }
}

fn client(settings: &Settings) -> reqwest::Result<Client> {
    let builder = Client::builder()
        .user_agent(settings.user_agent.as_str())
        .redirect(Policy::none())
        .referer(false)
        .no_gzip()
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.idle_timeout);
    if settings.direct {
        builder.no_proxy().build()
    } else {
        builder.build()
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn is_redirect(code: StatusCode) -> bool {
    matches!(code.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn status(code: StatusCode, retry_after: Option<Duration>) -> Cause {
    Cause::Status {
        status: code.as_u16(),
        retry_after,
    }
}
