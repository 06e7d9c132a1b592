//! Fetching: what the publishers have today, over HTTP, from a file or from an object store.
//!
//! Owns asking politely, asking again where that helps, asking only for what changed, unpacking archives, and refusing
//! what is not the declared format. Does not archive: the caller keeps the bytes and, after that, what is
//! [`Remembered`]. A source that fails never stops another.
//!
//! Invariants: no more than [`Settings::budget`] passes before [`fetch`] returns; nothing larger than a source's
//! `max_bytes` is held, packed or unpacked; credentials of addresses stand in no message and no document.

mod archive;
mod body;
mod content;
mod declaration;
mod error;
mod link;
mod mask;
mod name;
mod place;
mod polite;
mod remember;
mod retry;
mod settings;
#[cfg(test)]
mod tests;
mod web;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::Url;
use tokio::time::Instant;
use tracing::{Instrument, Span, field, info_span};

pub use declaration::{Address, Fetch};
pub use error::{Cause, FetchError};
pub(crate) use remember::raw_sizes;
pub use remember::{FETCHED, Remembered, RememberedFile, Validators};
pub use settings::Settings;

use crate::snapshot::{self, FoundFile, Origin};
use crate::source::Source;
use error::Trouble;
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
    bytes: Bytes,
}

/// Asks for all sources that have a `[fetch]` table, side by side, in the order given.
///
/// Never fails as a whole. `remembered` is only read: the caller updates it when the bytes are archived.
pub async fn fetch(
    sources: &[Arc<Source>],
    remembered: &Remembered,
    settings: &Settings,
) -> Vec<Fetched> {
    let declared: Vec<(&Arc<Source>, &Fetch)> = sources
        .iter()
        .filter_map(|source| Some((source, source.toml.fetch.as_ref()?)))
        .collect();
    if declared.is_empty() {
        return Vec::new();
    }
    let deadline = Instant::now() + settings.budget;
    let web = Web::new(settings, deadline);
    let asked = declared.into_iter().map(|(source, declared)| {
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
            Fetched {
                source: Arc::clone(source),
                outcome,
                doubts,
            }
        };
        asking.instrument(span)
    });
    futures::future::join_all(asked).await
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
        Address::Web(url) => web.get(url, asking, limit).await?,
        Address::Page { page, link } => {
            let url = web.find(page, link, doubts).await?;
            web.get(&url, asking, limit).await?
        }
        Address::File(url) => web.within(url, place::read_file(url, limit)).await?,
        Address::Object(url) => web.within(url, place::read_object(url, limit)).await?,
    };
    let arrived = match answer {
        Answer::Arrived(arrived) => arrived,
        Answer::NotModified(remember) => return Ok(Outcome::Unchanged { remember }),
    };
    let mut remember = Validators::new(source, &arrived);
    let url = arrived.url.clone();
    let work = {
        let (source, declared) = (Arc::clone(source), declared.clone());
        let folder = web.settings.folder.clone();
        move || unpack(&source, &declared, arrived, folder.as_deref())
    };
    let unpacked = tokio::task::spawn_blocking(work).await;
    let files = unpacked
        .unwrap_or(Err(Cause::Worker))
        .map_err(|cause| Trouble::at(&url, cause))?;
    if let Some(known) = known.filter(|known| known.are(&files)) {
        // The names stay as they were: some servers put the day of the download into them.
        remember.files.clone_from(&known.files);
        return Ok(Outcome::Unchanged { remember });
    }
    remember.files = files.iter().map(RememberedFile::of).collect();
    Ok(Outcome::New { files, remember })
}

/// From the bytes of an answer to files in the declared format.
fn unpack(
    source: &Arc<Source>,
    declared: &Fetch,
    arrived: Arrived,
    folder: Option<&Path>,
) -> Result<Vec<FoundFile>, Cause> {
    let named = if let Some(member) = &declared.member {
        archive::members(
            &arrived.bytes,
            &member.compile_matcher(),
            declared.max_bytes,
        )?
    } else {
        let name = declared.file_name.clone().or(arrived.file_name);
        let name = name.unwrap_or_else(|| name::of_source(source));
        vec![(name, arrived.bytes)]
    };
    let mut files = Vec::with_capacity(named.len());
    for (file_name, bytes) in named {
        content::check(source, &file_name, &bytes).map_err(|error| Cause::Content {
            file_name: file_name.clone(),
            error: Box::new(error),
        })?;
        files.push(keep(
            snapshot::in_memory(source, &file_name, bytes),
            folder,
        )?);
    }
    Ok(files)
}

/// Puts the bytes of a file into a folder, where there is one: then no more than a few files are in memory at a time.
fn keep(mut file: FoundFile, folder: Option<&Path>) -> Result<FoundFile, Cause> {
    if let (Some(folder), Origin::Memory(bytes)) = (folder, &file.origin) {
        let path = folder.join(&file.sha256);
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, bytes));
        written.map_err(|cause| Cause::Unwritten {
            path: path.display().to_string(),
            cause,
        })?;
        file.origin = Origin::Path(path);
    }
    Ok(file)
}
