//! How patiently and how politely publishers are asked.

use std::time::Duration;

use jiff::civil::Date;

use crate::read::Readers;

/// How patiently and how politely publishers are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The processes that landing pages are taken apart in; without any that is done in this one.
    pub readers: Option<Readers>,
    /// Time for all sources together, with unpacking what arrived and looking at it. What is not done by then has failed for this
    /// run.
    pub budget: Duration,
    /// Time to reach a server.
    pub connect_timeout: Duration,
    /// Time in which nothing may arrive before a connection is given up. A request that takes longer no longer counts among
    /// those that are made at once, and neither does unpacking an archive or taking a landing page apart.
    pub idle_timeout: Duration,
    /// Bytes a second that must arrive of a file, over as long as nothing may; of less the rest is not waited for.
    pub least_rate: u64,
    /// Requests for one address before it is given up, at least 1.
    pub attempts: u32,
    /// Pause before the second request for an address; it doubles with each further one.
    pub first_pause: Duration,
    /// Longest pause between two requests for an address. A server that asks for a longer one is not asked again by this run.
    pub longest_pause: Duration,
    /// Pause between the beginnings of two requests to one host.
    pub host_pause: Duration,
    /// Requests to one host at once, at least 1.
    pub per_host: usize,
    /// Requests at once, at least 1.
    pub at_once: usize,
    /// What the program calls itself, so that publishers know whom to ask.
    pub user_agent: String,
    /// The last day that a link of a landing page may be dated; any, where there is none.
    pub latest: Option<Date>,
    /// Passes by the proxies that `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` name.
    pub direct: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            readers: None,
            budget: Duration::from_mins(10),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            least_rate: 100,
            attempts: 5,
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(1),
            host_pause: Duration::from_millis(200),
            per_host: 2,
            at_once: 8,
            user_agent: concat!(
                "esf/",
                env!("CARGO_PKG_VERSION"),
                " (+a warehouse of labour-market programmes)"
            )
            .into(),
            latest: None,
            direct: false,
        }
    }
}
