//! What the publishers have today, as a run takes it: new files, files that are in the archive already, and sources that could
//! not be reached.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use esf_engine::release::Warehouse;

use super::inputs::Found;
use super::report::{SourceReport, SourceState};
use super::{RunError, RunOptions};
use crate::fetch::{Outcome, Remembered, fetch};
use crate::source::{Catalogue, Source};

/// What became of asking.
#[derive(Default)]
pub(super) struct Fetching {
    /// Files of today.
    pub found: Vec<Found>,
    /// Files that no list tells of: of sources that could not be reached, and references that are left aside.
    pub others: Vec<SourceReport>,
    /// Sources of the release before of which the named folders have no file.
    pub absent: Vec<String>,
    remembered: Option<Remembered>,
    /// Removed when what arrived is archived.
    _waiting: Option<Waiting>,
}

/// A folder in which what arrived waits to be archived.
struct Waiting(PathBuf);

impl Drop for Waiting {
    fn drop(&mut self) {
        // It is in the folder of the system for temporary files, which cleans up what is left behind.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Asks for the wanted sources of which no file was found otherwise.
pub(super) async fn ask(
    warehouse: &Warehouse,
    catalogue: &Catalogue,
    options: &RunOptions,
    run_id: &str,
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
    remembered.forget_lost(store).await?;
    let folder = std::env::temp_dir().join(format!("esf-{run_id}"));
    let mut settings = settings.clone();
    settings.folder = Some(folder.clone());
    let fetched = fetch(&wanted, &remembered, &settings).await;
    let mut fetching = Fetching {
        _waiting: Some(Waiting(folder)),
        ..Fetching::default()
    };
    let before = remembered.clone();
    remembered.update(&fetched);
    for one in fetched {
        match one.outcome {
            Outcome::New { files, .. } => {
                fetching.found.extend(files.into_iter().map(Found::today));
            }
            Outcome::Unchanged { remember } => {
                let files = remember.files.into_iter();
                fetching
                    .found
                    .extend(files.map(|file| Found::kept(&one.source, file)));
            }
            Outcome::Failed(error) => {
                let source = &one.source;
                let name = before
                    .get(&source.source_id)
                    .and_then(|known| known.files.first());
                let mut report = SourceReport::bare(
                    &source.source_id,
                    source.list_id(),
                    name.map_or("", |file| file.file_name.as_str()),
                    SourceState::Stale,
                );
                report.message = Some(error.to_string());
                fetching.others.push(report);
            }
        }
    }
    fetching.remembered = (remembered != before).then_some(remembered);
    Ok(fetching)
}

impl Fetching {
    /// Remembers what was fetched, now that it is in the archive.
    pub(super) async fn remember(&self, warehouse: &Warehouse) -> Result<(), RunError> {
        if let Some(remembered) = &self.remembered {
            remembered.save(warehouse.store()).await?;
        }
        Ok(())
    }
}
