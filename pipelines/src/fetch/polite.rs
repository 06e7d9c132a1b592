//! Turns: how many requests are under way, at one host and altogether, and how soon they follow each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use super::Settings;
use super::error::Cause;

/// The hosts of a run.
pub(super) struct Hosts {
    at_once: Arc<Semaphore>,
    per_host: usize,
    pause: Duration,
    longest_wait: Duration,
    known: Mutex<BTreeMap<String, Host>>,
}

struct Host {
    turns: Arc<Semaphore>,
    /// When the next request may begin.
    next: Instant,
}

/// The right to one request, as long as it is held.
pub(super) struct Turn {
    _host: Option<OwnedSemaphorePermit>,
    altogether: Option<OwnedSemaphorePermit>,
    begun: Instant,
}

impl Turn {
    /// Lets another request begin, at another host, where this one takes longer than so much.
    pub(super) fn give_way(&mut self, after: Duration) {
        if self.begun.elapsed() >= after {
            drop(self.altogether.take());
        }
    }
}

impl Hosts {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(settings.at_once.max(1))),
            per_host: settings.per_host.max(1),
            pause: settings.host_pause,
            longest_wait: settings.longest_pause,
            known: Mutex::default(),
        }
    }

    /// Waits for a turn at the host of an address.
    ///
    /// Fails where the host has asked to be left alone for longer than is waited.
    pub(super) async fn turn(&self, url: &Url) -> Result<Turn, Cause> {
        let turns = self.with_host(url, |host| Arc::clone(&host.turns));
        // The semaphores are never closed, so there always is a permit. The host comes first: who waits for a slow host
        // does not keep others from theirs.
        let host = turns.acquire_owned().await.ok();
        while let Some(begin) = self.too_early(url) {
            let wait = begin.saturating_duration_since(Instant::now());
            if wait > self.longest_wait.max(self.pause) {
                let seconds = wait.as_secs();
                return Err(Cause::LeftAlone { seconds });
            }
            sleep_until(begin).await;
        }
        let altogether = Arc::clone(&self.at_once).acquire_owned().await.ok();
        Ok(Turn {
            _host: host,
            altogether,
            begun: Instant::now(),
        })
    }

    /// When the next request may begin, where that is not now; otherwise that is taken, and the pause begins.
    fn too_early(&self, url: &Url) -> Option<Instant> {
        let now = Instant::now();
        self.with_host(url, |host| {
            if host.next > now {
                return Some(host.next);
            }
            host.next = now + self.pause;
            None
        })
    }

    /// Lets no request to the host of an address begin before a time, because the host asked for that.
    pub(super) fn hold(&self, url: &Url, until: Instant) {
        self.with_host(url, |host| host.next = host.next.max(until));
    }

    fn with_host<T>(&self, url: &Url, work: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = url.host_str().unwrap_or_default().to_owned();
        let host = hosts.entry(name).or_insert_with(|| Host {
            turns: Arc::new(Semaphore::new(self.per_host)),
            next: Instant::now(),
        });
        work(host)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_host_gets_few_requests_at_once_and_with_pauses() {
        let settings = Settings {
            per_host: 2,
            host_pause: Duration::from_millis(10),
            ..Settings::default()
        };
        let hosts = Hosts::new(&settings);
        let url = Url::parse("https://example.org/a").unwrap();
        let (under_way, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let begun = Instant::now();
        let requests = (0..6).map(|_| async {
            let _turn = hosts.turn(&url).await.unwrap();
            let n = under_way.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(n, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(15)).await;
            under_way.fetch_sub(1, Ordering::SeqCst);
        });
        futures::future::join_all(requests).await;
        assert!(most.load(Ordering::SeqCst) <= 2);
        assert!(begun.elapsed() >= Duration::from_millis(50));
    }

    #[tokio::test]
    async fn a_host_that_asks_to_wait_is_left_alone_and_others_are_not() {
        let hosts = Hosts::new(&Settings {
            host_pause: Duration::ZERO,
            ..Settings::default()
        });
        let (busy, free) = (
            Url::parse("https://busy.example/").unwrap(),
            Url::parse("https://free.example/").unwrap(),
        );
        let begun = Instant::now();
        hosts.hold(&busy, begun + Duration::from_millis(80));
        drop(hosts.turn(&free).await.unwrap());
        assert!(begun.elapsed() < Duration::from_millis(80));
        drop(hosts.turn(&busy).await.unwrap());
        assert!(begun.elapsed() >= Duration::from_millis(80));
    }

    #[tokio::test]
    async fn for_a_host_that_asks_for_hours_nobody_waits() {
        let hosts = Hosts::new(&Settings::default());
        let busy = Url::parse("https://busy.example/").unwrap();
        hosts.hold(&busy, Instant::now() + Duration::from_hours(1));
        let refused = hosts.turn(&busy).await.err().unwrap();
        assert!(matches!(refused, Cause::LeftAlone { seconds } if seconds > 3500));
        // It has no turn that others could wait for.
        let held = hosts.with_host(&busy, |host| host.turns.available_permits());
        assert_eq!(held, Settings::default().per_host);
    }

    #[tokio::test]
    async fn who_takes_long_keeps_only_the_same_host_from_others() {
        let hosts = Hosts::new(&Settings {
            at_once: 1,
            per_host: 1,
            host_pause: Duration::ZERO,
            ..Settings::default()
        });
        let url = |host: &str| Url::parse(&format!("https://{host}.example/")).unwrap();
        let (slow, other) = (url("slow"), url("other"));
        let soon = Duration::from_millis(50);
        let mut turn = hosts.turn(&slow).await.unwrap();
        turn.give_way(Duration::from_hours(1));
        assert!(
            tokio::time::timeout(soon, hosts.turn(&other))
                .await
                .is_err()
        );
        turn.give_way(soon);
        drop(hosts.turn(&other).await.unwrap());
        assert!(tokio::time::timeout(soon, hosts.turn(&slow)).await.is_err());
    }
}
