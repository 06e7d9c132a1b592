//! Fetching: what the publishers have today, over HTTP, from a file or from an object store.
//!
//! Owns asking politely, asking again where that helps, asking only for what changed, unpacking archives, and refusing
//! what is not the declared format. Does not archive: the caller keeps the bytes and, after that, what is
//! [`Remembered`]. A source that fails never stops another, and one that is slow does not for long.
//!
//! Invariants: no more than [`Settings::budget`] passes before [`fetch`] returns, unpacking what arrived and looking at it
//! included; nothing larger than a source's `max_bytes` is held, packed or unpacked; what arrives goes to disk, where nobody else
//! may read it, and no more than one file is in memory at a time; credentials of addresses stand in no message and no document.

mod archive;
mod body;
mod content;
mod declaration;
mod error;
mod link;
mod mask;
mod name;
mod near;
mod place;
mod polite;
mod remember;
mod retry;
mod settings;
mod stamp;
#[cfg(test)]
mod tests;
mod waiting;
mod web;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use esf_engine::store::{Store, TemporaryFile};
use reqwest::Url;
use tokio::time::Instant;
use tracing::{Instrument, Span, field, info_span};

pub use declaration::{Address, Fetch};
pub use error::{Cause, FetchError};
pub(crate) use remember::raw_sizes;
pub use remember::{FETCHED, Remembered, RememberedFile, Validators};
pub use settings::Settings;

use crate::snapshot::FoundFile;
use crate::source::Source;
use error::Trouble;
use waiting::Waiting;
use web::{Answer, Web};

/// Bytes that a landing page may have: as many as any page that is read.
const PAGE_BYTES: u64 = 8 << 20;

/// What became of one source.
#[derive(Debug)]
pub struct Fetched {
    /// The source.
    pub source: Arc<Source>,
    /// What became of it.
    pub outcome: Outcome,
    /// What is doubtful about what the publisher gave, in words.
    pub doubts: Vec<String>,
}

/// What became of asking for a source.
#[derive(Debug)]
pub enum Outcome {
    /// The publisher has other bytes than the last time.
    New {
        /// The files: one, or the fitting members of an archive.
        files: Vec<FoundFile>,
        /// Where they wait to be archived: there for as long as this is.
        waiting: Vec<TemporaryFile>,
        /// What to ask with the next time.
        remember: Validators,
    },
    /// The publisher has what was fetched the last time.
    Unchanged {
        /// What to ask with the next time; its files are those of the last time.
        remember: Validators,
    },
    /// Nothing usable came; what was fetched the last time still counts.
    Failed(FetchError),
}

/// Bytes that arrived, with what was said about them.
struct Arrived {
    /// Their address after all redirects.
    url: Url,
    /// The name that their address or the server gives them.
    file_name: Option<String>,
    etag: Option<String>,
    last_modified: Option<String>,
    body: Waiting,
}

/// Asks for all sources that have a `[fetch]` table, side by side, beginning with other ones each time, so that none is always
/// the one for which no time is left; gives them in the order given.
///
/// Never fails as a whole. `remembered` is only read: the caller updates it when the bytes are archived, in `store` if that is
/// where. What arrives waits beside it.
pub async fn fetch(
    sources: &[Arc<Source>],
    remembered: &Remembered,
    settings: &Settings,
    store: &Store,
) -> Vec<Fetched> {
    let mut declared: Vec<(usize, &Arc<Source>, &Fetch)> = sources
        .iter()
        .enumerate()
        .filter_map(|(place, source)| Some((place, source, source.toml.fetch.as_ref()?)))
        .collect();
    if declared.is_empty() {
        return Vec::new();
    }
    let order = RandomState::new();
    declared.sort_by_cached_key(|(_, source, _)| order.hash_one(&source.source_id));
    let deadline = Instant::now() + settings.budget;
    let web = Web::new(settings, store, deadline);
    let asked = declared.into_iter().map(|(place, source, declared)| {
        let web = &web;
        let span = info_span!("fetch", source = source.source_id, outcome = field::Empty);
        let asking = async move {
            let known = remembered.get(&source.source_id);
            let mut doubts = Vec::new();
            let outcome = match ask(web, source, declared, known, &mut doubts).await {
                Ok(outcome) => outcome,
                Err(trouble) => Outcome::Failed(trouble.of(&source.source_id)),
            };
            tracing::debug!(
                source = source.source_id,
                outcome = outcome.name(),
                "fetched"
            );
            Span::current().record("outcome", outcome.name());
            let fetched = Fetched {
                source: Arc::clone(source),
                outcome,
                doubts,
            };
            (place, fetched)
        };
        asking.instrument(span)
    });
    let mut fetched = futures::future::join_all(asked).await;
    fetched.sort_by_key(|(place, _)| *place);
    fetched.into_iter().map(|(_, one)| one).collect()
}

impl Outcome {
    /// One word for logs and reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::New { .. } => "new",
            Self::Unchanged { .. } => "unchanged",
            Self::Failed(_) => "failed",
        }
    }
}

/// Asks for one source; what is doubtful about what it gave is put among the `doubts`.
async fn ask(
    web: &Web<'_>,
    source: &Arc<Source>,
    declared: &Fetch,
    known: Option<&Validators>,
    doubts: &mut Vec<String>,
) -> Result<Outcome, Trouble> {
    // Another declaration may take another member or refuse what was taken: then the bytes are needed.
    let asking = known.filter(|known| known.declaration == source.declaration_hash);
    let limit = declared.max_bytes;
    let answer = match &declared.address {
        Address::Web(url) => web.get(url, url, asking, limit).await?,
        Address::Page { page, link } => {
            let url = web.find(page, link, doubts).await?;
            web.get(page, &url, asking, limit).await?
        }
        Address::File(url) => {
            let reading = place::read_file(url, limit, web.store, web.deadline);
            web.within(url, reading).await?
        }
        Address::Object(url) => {
            let reading = place::read_object(url, limit, web.store);
            web.within(url, reading).await?
        }
    };
    let arrived = match answer {
        Answer::Arrived(arrived) => arrived,
        Answer::NotModified(remember) => return Ok(Outcome::Unchanged { remember }),
    };
    let mut remember = Validators::new(source, &arrived);
    let url = arrived.url.clone();
    let looked_at = web.in_time(look(web, source, declared, arrived)).await;
    let (files, waiting) = looked_at.map_err(|cause| Trouble::at(&url, cause))?;
    remember.files = files.iter().map(RememberedFile::of).collect();
    if let Some(known) = known.filter(|known| known.are(&files)) {
        // The names stay as they were, unless they are declared: some servers put the day of the download into them.
        if declared.file_name.is_none() {
            remember.files.clone_from(&known.files);
        }
        return Ok(Outcome::Unchanged { remember });
    }
    Ok(Outcome::New {
        files,
        waiting,
        remember,
    })
}

/// From the bytes of an answer to files in the declared format, and where they wait.
async fn look(
    web: &Web<'_>,
    source: &Arc<Source>,
    declared: &Fetch,
    arrived: Arrived,
) -> Result<(Vec<FoundFile>, Vec<TemporaryFile>), Cause> {
    let named = if let Some(member) = &declared.member {
        let (fitting, limit) = (member.compile_matcher(), declared.max_bytes);
        let (store, deadline) = (web.store.clone(), web.deadline);
        let unpack = move || archive::members(&arrived.body, &fitting, limit, &store, deadline);
        // From disk to disk: another archive may be unpacked beside one that takes long.
        web.giving_way(&web.unpacking, unpack).await?
    } else {
        let name = declared.file_name.clone().or(arrived.file_name);
        let name = name.unwrap_or_else(|| name::of_source(source));
        vec![(name, arrived.body)]
    };
    let source = Arc::clone(source);
    // The semaphore is never closed.
    let _turn = web.looking.acquire().await;
    let checked = tokio::task::spawn_blocking(move || check(&source, named)).await;
    checked.unwrap_or(Err(Cause::Worker))
}

/// Files by name as files of a source, and where they wait.
///
/// Fails on one that is not in the declared format.
fn check(
    source: &Arc<Source>,
    named: Vec<(String, Waiting)>,
) -> Result<(Vec<FoundFile>, Vec<TemporaryFile>), Cause> {
    let (mut files, mut waiting) = (Vec::new(), Vec::new());
    for (file_name, body) in named {
        content::check(source, &file_name, &body.content()).map_err(|error| Cause::Content {
            file_name: file_name.clone(),
            error: Box::new(error),
        })?;
        let (found, file) = body.found(source, file_name);
        files.push(found);
        waiting.push(file);
    }
    Ok((files, waiting))
}
