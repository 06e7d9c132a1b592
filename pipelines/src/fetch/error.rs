//! Why a source could not be fetched. Each message names the source and its address, what happened, and what to do;
//! credentials are masked before they get here.

use std::io;
use std::time::Duration;

use esf_engine::store::StoreError;
use reqwest::Url;

use super::mask::masked;
use crate::read::ReadError;

/// A source that could not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("source {source_id}: {url}{}: {cause}", tried(*attempts))]
pub struct FetchError {
    /// The source.
    pub source_id: String,
    /// The address that failed, credentials masked. After a redirect it is another one than the declared.
    pub url: String,
    /// How often it was asked for.
    pub attempts: u32,
    /// What happened.
    pub cause: Box<Cause>,
}

/// What happened.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// No connection to the server, or none that can be trusted.
    #[error("no connection ({detail}); check the address, the network and HTTPS_PROXY")]
    Connect {
        /// What the system said.
        detail: String,
    },
    /// The server says by its certificate that it is another, or nobody who is trusted says who it is.
    #[error(
        "its certificate is not trusted ({detail}); check the address and the clock of this machine, or name a file with the authorities that are trusted in SSL_CERT_FILE"
    )]
    Certificate {
        /// What is wrong with it.
        detail: String,
    },
    /// Nothing arrived for too long.
    #[error("no answer in time; the next run asks again")]
    Timeout,
    /// The connection was lost, or the body is shorter than announced.
    #[error("the connection broke off ({detail}); the next run asks again")]
    Interrupted {
        /// What the client said.
        detail: String,
    },
    /// So little arrived that others would wait for nothing.
    #[error("fewer than {rate} bytes a second came; the next run asks again")]
    Slow {
        /// How many should have.
        rate: u64,
    },
    /// The server has told another request to wait for longer than any is waited.
    #[error("its server has asked to be left alone for {seconds} s more; the next run asks again")]
    LeftAlone {
        /// For how long.
        seconds: u64,
    },
    /// The server has no file for us.
    #[error("the server answered {status}{}; {}", wants(*retry_after), advice(*status))]
    Status {
        /// HTTP status.
        status: u16,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The request cannot be made.
    #[error(
        "no request can be made ({detail}); mend the address in [fetch], or the certificates of this machine"
    )]
    Request {
        /// What the client said.
        detail: String,
    },
    /// More arrived than allowed.
    #[error(
        "it has more than {limit} bytes; raise max_bytes in [fetch] if the file is meant to be so large"
    )]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// Packed in a way that was not asked for.
    #[error(
        "the server packed its answer as {coding:?} although only gzip was asked for; look for another address"
    )]
    Coding {
        /// What it says.
        coding: String,
    },
    /// A body that is no gzip although it says so.
    #[error("the answer is packed as gzip and damaged ({detail}); the next run asks again")]
    Packed {
        /// What is wrong.
        detail: String,
    },
    /// Redirects without end.
    #[error("more than {limit} redirects; open the address in a browser and declare where it ends")]
    Redirects {
        /// The limit.
        limit: usize,
    },
    /// A redirect or link that leads to where nothing may be fetched from.
    #[error(
        "it leads to {to}, and what begins with https is not fetched over anything less; declare another address"
    )]
    Insecure {
        /// Where it leads, masked.
        to: String,
    },
    /// A redirect or link that leads from somewhere else into the network of this machine.
    #[error(
        "it leads to {to}, which lies in the network of this machine, as the declared address does not; declare that address itself if it is meant"
    )]
    Inside {
        /// Where it leads, masked.
        to: String,
    },
    /// A redirect or link that is no address.
    #[error(
        "it leads to {to:?}, which is no web address; open it in a browser and declare where it ends"
    )]
    NoAddress {
        /// Where it leads, masked.
        to: String,
    },
    /// The landing page has no fitting link.
    #[error(
        "none of the {links} links of the page fits {pattern:?}; look how the page names its files now and mend link in [fetch]"
    )]
    NoLink {
        /// The declared pattern.
        pattern: String,
        /// Links of the page.
        links: usize,
    },
    /// Every fitting link of the landing page has a date that is none.
    #[error(
        "every link of the page that fits has a day that its month does not have, such as {stamp:?}; look whether the publisher has mended it, or mend link in [fetch]"
    )]
    NoDay {
        /// What stands in the first of them.
        stamp: String,
    },
    /// Every fitting link of the landing page is dated in the future.
    #[error(
        "every link of the page that fits is dated later than tomorrow, such as {stamp:?}; look whether the publisher has mended it, or mend link in [fetch]"
    )]
    TooLate {
        /// What stands in the first of them.
        stamp: String,
    },
    /// The landing page goes over the bounds of pages, or those of its reader.
    #[error(transparent)]
    Page(Box<ReadError>),
    /// The pattern for links cannot be searched for.
    #[error("{detail}; mend link in [fetch]")]
    Pattern {
        /// Which, and why.
        detail: String,
    },
    /// What arrived is not the declared format.
    #[error("{file_name}: {error}")]
    Content {
        /// Name of the file.
        file_name: String,
        /// What it is instead.
        error: Box<ReadError>,
    },
    /// What should be an archive is none, or damaged.
    #[error("expected a zip archive ({detail}); look at what the address delivers")]
    Archive {
        /// What is wrong.
        detail: String,
    },
    /// A member of an archive that needs a password.
    #[error(
        "{member:?} in the archive needs a password; ask the publisher for it without one, or unpack it into a folder of --mirror"
    )]
    Locked {
        /// The member.
        member: String,
    },
    /// A member of an archive that is packed in a way that is not read.
    #[error(
        "{member:?} in the archive is packed with {method}, and only Deflate is read; ask the publisher for that, or unpack it into a folder of --mirror"
    )]
    Method {
        /// The member.
        member: String,
        /// How it is packed.
        method: &'static str,
    },
    /// A member of an archive that unpacks to more than allowed.
    #[error(
        "{member:?} in the archive unpacks to more than {limit} bytes; this is how archive bombs look, ask the publisher"
    )]
    Bomb {
        /// The member.
        member: String,
        /// What it may unpack to.
        limit: u64,
    },
    /// No member fits.
    #[error("no file in the archive fits {pattern:?}; it has {available}; mend member in [fetch]")]
    NoMember {
        /// The declared pattern.
        pattern: String,
        /// Names that exist.
        available: String,
    },
    /// The object store has no file for us.
    #[error(transparent)]
    Store(Box<StoreError>),
    /// The file cannot be read.
    #[error("cannot be read ({0}); check the path and who may read it")]
    Unread(io::Error),
    /// What arrived cannot be kept.
    #[error("cannot write {path} ({cause}); check the space and the rights there")]
    Unwritten {
        /// The file.
        path: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The time for fetching was used up, with unpacking what arrived and looking at it.
    #[error("the time for fetching was used up{}; the next run asks again", before(last.as_deref()))]
    Budget {
        /// What happened before.
        last: Option<Box<Cause>>,
    },
    /// A worker died.
    #[error(
        "internal: a worker stopped while it unpacked the file; please report this with the address"
    )]
    Worker,
}

impl Cause {
    /// Whether asking again may help.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Timeout
            | Self::Interrupted { .. }
            | Self::Packed { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }

    /// How long the server asks to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// What happened at an address, before it is known for which source.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) url: Url,
    pub(super) attempts: u32,
    pub(super) cause: Box<Cause>,
}

impl Trouble {
    /// At an address.
    pub(super) fn at(url: &Url, cause: Cause) -> Self {
        Self {
            url: url.clone(),
            attempts: 1,
            cause: Box::new(cause),
        }
    }

    pub(super) fn of(self, source_id: &str) -> FetchError {
        FetchError {
            source_id: source_id.into(),
            url: masked(&self.url),
            attempts: self.attempts,
            cause: self.cause,
        }
    }
}

fn wants(rest: Option<Duration>) -> String {
    rest.map(|rest| format!(" and asks to be left alone for {} s", rest.as_secs()))
        .unwrap_or_default()
}

fn advice(status: u16) -> &'static str {
    match status {
        401 | 403 | 407 | 451 => "open the address in a browser and ask the publisher for access",
        404 | 410 => "the publisher moved or removed the file, mend [fetch] in source.toml",
        408 | 425 | 429 | 500..=599 => "the next run asks again",
        _ => "open the address in a browser and mend [fetch] in source.toml",
    }
}

fn tried(attempts: u32) -> String {
    if attempts > 1 {
        format!(" (asked {attempts} times)")
    } else {
        String::new()
    }
}

fn before(last: Option<&Cause>) -> String {
    last.map(|cause| format!(" (before that: {cause})"))
        .unwrap_or_default()
}
