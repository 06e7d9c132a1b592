//! Files of a list that stand, where it is derived again: do about as many of their operations have a region as in the release?
//!
//! A postcode table that lost its second half makes no list unreadable; it takes the regions away from lists that nobody touched.
//! Owns the numbers of both sides, a source at a time: pages have an operation each. Does not own the bounds (`run::control`).

use std::collections::BTreeSet;

use arrow::array::RecordBatch;

use super::Deriving;
use super::settled::{OPERATION, rows_of_files};
use crate::merge::ListOutput;
use crate::run::RunError;
use crate::run::carry::of_files;
use crate::run::control::{ControlReport, of_regions, with_region};
use crate::run::inputs::{InputFile, ListInputs};

/// What tells of an operation whether it has a region.
const COLUMNS: [&str; 3] = ["source_id", "source_file", "nuts_code"];

impl Deriving<'_> {
    /// Compares the files of a list that stand with what the release before has of them: of each source whose operations stand a
    /// control, with the newest of its files. Nothing is compared where the rows of that release are damaged and cannot be made
    /// again: deriving lists anew is what mends them. Fails where it cannot be read for another reason.
    pub(super) async fn control_regions<'f>(
        &self,
        list: &ListInputs,
        standing: &[&'f InputFile],
        output: &ListOutput,
    ) -> Result<Vec<(&'f InputFile, ControlReport)>, RunError> {
        let standing: Vec<(&InputFile, (u64, u64))> = (standing.iter())
            .filter_map(|file| Some((*file, regions_now(file, output)?)))
            .collect();
        let Some(release) = self.previous.filter(|_| !standing.is_empty()) else {
            return Ok(Vec::new());
        };
        let opening = self.bucket_of_list(release, list, [OPERATION].into_iter());
        let session = match opening.await {
            Ok(session) => session,
            Err(error @ (RunError::Store(_) | RunError::Release(_))) => {
                tracing::debug!(%error, list = list.list_id, "regions are not compared");
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let files: Vec<(&str, &str)> = (standing.iter())
            .map(|(file, _)| (file.source.source_id.as_str(), file.sha256.as_str()))
            .collect();
        let rows = rows_of_files(&session, OPERATION, &files, Some(&COLUMNS)).await?;
        let mut controls = Vec::new();
        let sources: BTreeSet<&str> = files.iter().map(|(source_id, _)| *source_id).collect();
        for source_id in sources {
            let is_of = |one: &&(&InputFile, (u64, u64))| one.0.source.source_id == source_id;
            let with: u64 = standing.iter().filter(is_of).map(|one| one.1.0).sum();
            let all: u64 = standing.iter().filter(is_of).map(|one| one.1.1).sum();
            let before = regions_before(&rows, source_id)?;
            let files = standing.iter().filter(is_of).map(|one| one.0);
            let newest = files.max_by_key(|file| (file.first_seen, file.sha256.clone()));
            let Some(file) = newest else {
                continue;
            };
            let declared = &file.source.toml.control;
            let accepted = self.regions_accepted(file);
            let control = of_regions(declared, (with, all), before, release.number, accepted);
            controls.extend(control.map(|control| (file, control)));
        }
        Ok(controls)
    }

    /// Why operations of a source may lose their region in this run: what was said of its file, or of one of the tables that it is
    /// read with.
    fn regions_accepted(&self, file: &InputFile) -> Option<String> {
        let mut asked = std::iter::once(file).chain(self.references);
        let reason =
            asked.find_map(|file| self.options.accepted(&file.source.source_id, file.names()))?;
        Some(self.masks.masked(reason))
    }
}

/// The operations of a file with a region, and all, as they are derived now; nothing of a file whose operations do not count.
fn regions_now(file: &InputFile, output: &ListOutput) -> Option<(u64, u64)> {
    let mut reports = output.reports.iter();
    let report = reports
        .find(|report| report.sha256 == file.sha256 && report.source_id == file.source.source_id)?;
    report.with_region.filter(|_| report.account.loaded > 0)
}

/// The same of the files of a source in the release before, of their rows there.
fn regions_before(rows: &[RecordBatch], source_id: &str) -> Result<(u64, u64), RunError> {
    let mut of_source = Vec::new();
    for batch in rows {
        of_source.extend(of_files(batch, |of, _| of == source_id)?);
    }
    Ok(with_region(&of_source))
}
