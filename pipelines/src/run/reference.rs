//! Reference tables of a run: the gazetteer.
//!
//! Owns building it, once, of the files that the run stands on. Does not own which files those are (`arrival`).

mod arrival;

use std::sync::Arc;

use esf_engine::release::Warehouse;
use tokio::sync::OnceCell;
use tracing::Instrument;

pub(super) use arrival::tell_left_out;
use arrival::without_role;

use super::RunError;
use super::inputs::{InputFile, Inputs};
use crate::read::{Content, Limits};
use crate::region::{CHANGES_ROLE, Gazetteer};
use crate::snapshot::SnapshotError;

/// Does work that may wait for a reader, where it holds up nobody.
pub(super) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RunError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| RunError::Worker(e.to_string()))
}

/// Reads all reference tables of the run.
pub(super) async fn gazetteer(
    warehouse: &Warehouse,
    inputs: &Inputs,
    archive: bool,
    limits: &Limits,
) -> Result<Gazetteer, RunError> {
    let mut loaded = Vec::new();
    for file in &inputs.references {
        let Some(role) = file.source.toml.role.clone() else {
            return Err(without_role(file));
        };
        // Also what the gazetteer does without is kept in the archive here, where all references are.
        if role == CHANGES_ROLE && file.found.is_none() {
            continue;
        }
        let loading = file.load(warehouse, archive, &inputs.masks, limits.max_bytes);
        let content = match loading.await {
            Ok(input) => input.content,
            Err(RunError::Snapshot(error @ SnapshotError::TooLarge { .. })) => {
                return Err(broken(file, &error.to_string()));
            }
            Err(error) => return Err(error),
        };
        if role != CHANGES_ROLE {
            let country = file.source.toml.country.clone().unwrap_or_default();
            loaded.push((role, country, content));
        }
    }
    let limits = limits.clone();
    let build = move || {
        let read = |content: &Content| content.bytes().map_err(|e| e.to_string());
        let bytes = loaded.iter().map(|(_, _, content)| read(content));
        let bytes = bytes.collect::<Result<Vec<_>, _>>()?;
        let tables: Vec<(&str, &str, &[u8])> = loaded
            .iter()
            .zip(&bytes)
            .map(|((role, country, _), bytes)| (role.as_str(), country.as_str(), bytes.as_ref()))
            .collect();
        Gazetteer::read(&tables, &limits).map_err(|e| e.to_string())
    };
    beside(build).await?.map_err(|cause| RunError::Reference {
        source_id: inputs
            .references
            .iter()
            .map(|f| f.source.source_id.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        file: inputs
            .references
            .iter()
            .map(|f| f.file_name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        cause,
    })
}

/// That a reference table is not what it should be.
pub(super) fn broken(file: &InputFile, cause: &str) -> RunError {
    RunError::Reference {
        source_id: file.source.source_id.clone(),
        file: file.file_name.clone(),
        cause: cause.to_string(),
    }
}

/// The gazetteer of a run, built once, while the first files are already being read.
pub(super) struct LazyGazetteer<'a> {
    warehouse: &'a Warehouse,
    inputs: &'a Inputs,
    archive: bool,
    limits: &'a Limits,
    built: OnceCell<Arc<Gazetteer>>,
}

impl<'a> LazyGazetteer<'a> {
    /// A gazetteer over the reference tables of these inputs, read within limits; `archive` keeps their bytes.
    pub(super) fn new(
        warehouse: &'a Warehouse,
        inputs: &'a Inputs,
        archive: bool,
        limits: &'a Limits,
    ) -> Self {
        Self {
            warehouse,
            inputs,
            archive,
            limits,
            built: OnceCell::new(),
        }
    }

    /// The gazetteer; the first to ask builds it, the others wait. The inner error says which of its tables is gone.
    pub(super) async fn get(&self) -> Result<Result<Arc<Gazetteer>, String>, RunError> {
        if let Some(lost) = self.inputs.lost_reference(|role| role != CHANGES_ROLE) {
            return Ok(Err(format!(
                "it is read with the reference table {}: {}",
                lost.file_name, lost.error
            )));
        }
        let build = || async {
            let built = gazetteer(self.warehouse, self.inputs, self.archive, self.limits)
                .instrument(tracing::info_span!("reference"))
                .await?;
            Ok::<_, RunError>(Arc::new(built))
        };
        let built = self.built.get_or_try_init(build).await?;
        Ok(Ok(Arc::clone(built)))
    }
}
