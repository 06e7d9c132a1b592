//! What the publishers have today, as a run takes it: new files, files that are in the archive already, and sources that could
//! not be reached.
//!
//! Of a file that a redaction keeps out of the archive no more than of any other is asked for: whether it changed. Where its bytes
//! are to be read after all, the publisher is asked for them in the same run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use esf_engine::release::Warehouse;
use esf_engine::store::TemporaryFile;

use super::again::{Key, tomorrow};
use super::inputs::Found;
use super::report::{RunReport, SourceReport, SourceState};
use super::{RunError, RunOptions};
use crate::fetch::{Fetched, Outcome, Remembered, Settings, fetch};
use crate::redaction::Masks;
use crate::source::{Catalogue, Source, SourceKind};

/// What became of asking.
#[derive(Default)]
pub(super) struct Fetching {
    /// Files of today.
    pub found: Vec<Found>,
    /// Files that no list tells of: of sources that could not be reached, references that are left aside, what a rollback left
    /// behind, and other names of the same bytes.
    pub others: Vec<SourceReport>,
    /// The sources that the run was asked for; empty for all.
    pub asked_for: Vec<String>,
    /// Sources of the release before of which the named folders have no file, or not the newest.
    pub absent: Vec<String>,
    /// Sources of the release before that nobody looked for.
    pub not_asked: Vec<String>,
    /// Whether files were looked for nowhere.
    pub looked_nowhere: bool,
    /// Files in the named folders that belong to no source.
    pub unclaimed: Vec<String>,
    /// Whether folders are named and no source found a file there.
    pub nothing_found: bool,
    /// What is doubtful about what publishers gave.
    pub doubts: Vec<String>,
    /// Why folders of downloaded files cannot be read.
    pub unreadable: Vec<String>,
    remembered: Option<Remembered>,
    /// When the time for fetching is used up.
    until: Option<Instant>,
    /// What arrived, until it is archived: removed with this.
    waiting: Vec<TemporaryFile>,
}

/// Asks for the wanted sources of which no file was found otherwise.
pub(super) async fn ask(
    warehouse: &Warehouse,
    catalogue: &Catalogue,
    options: &RunOptions,
    found: &[Found],
) -> Result<Fetching, RunError> {
    let Some(settings) = &options.fetch else {
        return Ok(Fetching::default());
    };
    let here: BTreeSet<&str> = found.iter().map(Found::source_id).collect();
    let wanted: Vec<Arc<Source>> = catalogue
        .iter()
        .filter(|source| source.toml.fetch.is_some() && !here.contains(source.source_id.as_str()))
        .filter(|source| options.sources.is_empty() || options.sources.contains(&source.source_id))
        .cloned()
        .collect();
    if wanted.is_empty() {
        return Ok(Fetching::default());
    }
    let store = warehouse.store();
    let mut remembered = Remembered::load(store).await?;
    let is_reference = |source: &&Arc<Source>| source.toml.kind == SourceKind::Reference;
    let references = wanted.iter().filter(is_reference);
    let references: BTreeSet<&str> = references.map(|source| source.source_id.as_str()).collect();
    remembered.forget_lost(store, &references).await?;
    let mut fetching = Fetching {
        until: Instant::now().checked_add(settings.budget),
        ..Fetching::default()
    };
    let settings = settings_of(settings, options, settings.budget);
    let fetched = fetch(&wanted, &remembered, &settings, store).await;
    let before = remembered.clone();
    remembered.update(&fetched);
    for one in fetched {
        fetching.take(one, &before);
    }
    fetching.remembered = (remembered != before).then_some(remembered);
    Ok(fetching)
}

/// How publishers are asked by a run, within so much time.
fn settings_of(settings: &Settings, options: &RunOptions, budget: Duration) -> Settings {
    Settings {
        readers: options.limits.readers.clone(),
        latest: Some(tomorrow(options.night.as_ref())),
        budget,
        ..settings.clone()
    }
}

/// Those of the files of today that are kept out of the archive and were not sent, since they did not change.
pub(super) fn not_sent(found: &[Found], redacted: &BTreeSet<String>) -> BTreeSet<Key> {
    let kept = (found.iter()).filter(|one| matches!(one, Found::Kept { .. }));
    kept.filter(|one| redacted.contains(one.sha256()))
        .map(|one| (one.source_id().to_owned(), one.sha256().to_owned()))
        .collect()
}

impl Fetching {
    /// Asks for all of what publishers have of these sources, whatever is remembered of it, in what is left of the time. Gives
    /// what they sent; a source that cannot be reached is told.
    pub(super) async fn ask_whole(
        &mut self,
        warehouse: &Warehouse,
        catalogue: &Catalogue,
        options: &RunOptions,
        sources: &BTreeSet<String>,
    ) -> Result<Vec<Found>, RunError> {
        let Some(settings) = &options.fetch else {
            return Ok(Vec::new());
        };
        let wanted = catalogue.iter();
        let wanted: Vec<Arc<Source>> = wanted
            .filter(|source| sources.contains(&source.source_id))
            .cloned()
            .collect();
        let left = self.until.map_or(settings.budget, |until| {
            until.saturating_duration_since(Instant::now())
        });
        let settings = settings_of(settings, options, left);
        let store = warehouse.store();
        let before = Remembered::load(store).await?;
        let fetched = fetch(&wanted, &Remembered::default(), &settings, store).await;
        let found = std::mem::take(&mut self.found);
        for one in fetched {
            self.take(one, &before);
        }
        Ok(std::mem::replace(&mut self.found, found))
    }

    /// Takes what became of asking for one source. Where nothing came, the file that is told is the one remembered from `before`.
    fn take(&mut self, one: Fetched, before: &Remembered) {
        let source = &one.source;
        let source_id = &source.source_id;
        let doubts = one.doubts.iter();
        let doubts = doubts.map(|doubt| format!("{source_id}: {doubt}"));
        self.doubts.extend(doubts);
        match one.outcome {
            Outcome::New { files, waiting, .. } => {
                self.waiting.extend(waiting);
                self.found.extend(files.into_iter().map(Found::today));
            }
            Outcome::Unchanged { remember } => {
                let files = remember.files.into_iter();
                let files = files.map(|file| Found::kept(source, file));
                self.found.extend(files);
            }
            Outcome::Failed(error) => {
                let known = before.get(source_id);
                let name = known.and_then(|known| known.files.first());
                let name = name.map_or("", |file| file.file_name.as_str());
                self.others.push(SourceReport {
                    message: Some(error.to_string()),
                    ..SourceReport::bare(source_id, source.list_id(), name, SourceState::Stale)
                });
            }
        }
    }

    /// Masks what is told and remembered of files and of where they came from.
    pub(super) fn mask(&mut self, masks: &Masks) {
        masks.mask_reports(&mut self.others);
        let told = self.unclaimed.iter_mut().chain(&mut self.unreadable);
        for text in told.chain(&mut self.doubts) {
            *text = masks.masked(text);
        }
        if let Some(remembered) = &mut self.remembered {
            remembered.mask(|text| masks.masked(text));
        }
    }

    /// Forgets what is remembered of sources whose archived bytes are gone or damaged: their publishers are asked for all of it by
    /// the next run that asks.
    pub(super) async fn forget(
        &mut self,
        warehouse: &Warehouse,
        sources: &BTreeSet<String>,
    ) -> Result<(), RunError> {
        if sources.is_empty() {
            return Ok(());
        }
        let (mut remembered, is_new) = match self.remembered.take() {
            Some(remembered) => (remembered, true),
            None => (Remembered::load(warehouse.store()).await?, false),
        };
        let is_forgotten = remembered.forget(sources);
        self.remembered = (is_new || is_forgotten).then_some(remembered);
        Ok(())
    }

    /// Tells in the report what became of asking and looking.
    pub(super) fn tell(&self, report: &mut RunReport) {
        report.sources.extend(self.others.iter().cloned());
        report.absent.clone_from(&self.absent);
        report.not_asked.clone_from(&self.not_asked);
        report.looked_nowhere = self.looked_nowhere;
        report.unreadable.clone_from(&self.unreadable);
        report.asked_for.clone_from(&self.asked_for);
        report.unclaimed.clone_from(&self.unclaimed);
        report.nothing_found = self.nothing_found;
    }

    /// Remembers what was fetched, now that it is in the archive.
    pub(super) async fn remember(&self, warehouse: &Warehouse) -> Result<(), RunError> {
        if let Some(remembered) = &self.remembered {
            remembered.save(warehouse.store()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use esf_engine::redact::{RawTombstone, keep_out};
    use esf_engine::store::Store;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::read::{Limits, Readers};
    use crate::run::made;

    #[tokio::test]
    async fn landing_pages_go_to_the_readers_of_the_run() {
        const ANSWER: &[u8] =
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 14\r\n\r\n<a href=a.csv>";
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let page = format!("http://{}/esf", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(ANSWER).await;
        });
        let declared =
            format!("kind = \"operations\"\n[fetch]\npage = \"{page}\"\nlink = 'csv$'\n");
        let mut catalogue = Catalogue::default();
        catalogue.insert(made::source("one", &declared));
        let options = RunOptions {
            fetch: Some(Settings {
                direct: true,
                ..Settings::default()
            }),
            limits: Limits {
                readers: Some(Readers::new("there/is/no/such/program", &[])),
                ..Limits::default()
            },
            ..RunOptions::default()
        };
        let warehouse = Warehouse::new(Store::memory());
        let asked = ask(&warehouse, &catalogue, &options, &[]).await;
        let others = asked.unwrap().others;
        let message = others[0].message.as_deref().unwrap_or_default();
        assert!(message.contains("it could not be started"), "{message}");
    }

    #[tokio::test]
    async fn what_is_kept_out_is_sent_only_where_it_changed_or_is_to_be_read() {
        const LIST: &str = "Name;Betrag\nVerein A;1,00\nVerein B;2,00\n";
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/a.csv", listener.local_addr().unwrap());
        let conditions = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&conditions);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let read = stream.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..read]).to_lowercase();
                let is_known = head.contains("if-none-match: \"v1\"");
                seen.lock().unwrap().push(is_known);
                let (status, body) = if is_known {
                    ("304 Not Modified", "")
                } else {
                    ("200 OK", LIST)
                };
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\nconnection: close\r\netag: \"v1\"\r\ncontent-length: {length}\r\n\r\n{body}"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        let declared = format!(
            "kind = \"operations\"\n[format]\nkind = \"csv\"\ndelimiter = \";\"\n[fetch]\nurl = \"{url}\"\n"
        );
        let mut catalogue = Catalogue::default();
        catalogue.insert(made::source("one", &declared));
        let options = RunOptions {
            fetch: Some(Settings {
                direct: true,
                ..Settings::default()
            }),
            ..RunOptions::default()
        };
        let warehouse = Warehouse::new(Store::memory());
        let first = ask(&warehouse, &catalogue, &options, &[]).await.unwrap();
        first.remember(&warehouse).await.unwrap();
        let sha256 = first.found[0].sha256().to_owned();
        let tombstone = RawTombstone::default();
        let keeping_out = keep_out(warehouse.store(), &sha256, &tombstone);
        keeping_out.await.unwrap();

        let mut again = ask(&warehouse, &catalogue, &options, &[]).await.unwrap();
        let redacted = BTreeSet::from([sha256.clone()]);
        let not_sent = not_sent(&again.found, &redacted);
        let expected = BTreeSet::from([("one".to_owned(), sha256.clone())]);
        assert_eq!(not_sent, expected);
        let sources = BTreeSet::from(["one".to_owned()]);
        let asking = again.ask_whole(&warehouse, &catalogue, &options, &sources);
        let sent = asking.await.unwrap();
        assert!(matches!(sent.as_slice(), [Found::Here { file, .. }] if file.sha256 == sha256));
        assert_eq!(again.found.len(), 1, "what was found stays");
        assert_eq!(*conditions.lock().unwrap(), [false, true, false]);
    }
}
