//! Files of a list that stand, where it is derived again: do about as many of their operations have a region as in the release?
//!
//! A postcode table that lost its second half makes no list unreadable; it takes the regions away from lists that nobody touched.
//! Owns the numbers of both sides, a source at a time: pages have an operation each. Does not own the bounds (`run::control`).

use std::collections::{BTreeSet, HashSet};

use arrow::array::RecordBatch;
use esf_engine::release::ReleaseError;
use esf_engine::store::StoreError;

use super::Deriving;
use super::settled::{OPERATION, rows_of_files};
use crate::merge::{FileReport, ListOutput};
use crate::run::RunError;
use crate::run::carry::of_files;
use crate::run::control::{ControlReport, of_regions, with_region};
use crate::run::inputs::{InputFile, ListInputs};

/// What tells of an operation whether it has a region.
const COLUMNS: [&str; 3] = ["source_id", "source_file", "nuts_code"];

impl Deriving<'_> {
    /// Compares the files of a list that stand with what the release before has of them: of each source whose operations stand a
    /// control, with the newest of its files. Nothing is compared where the rows of that release are gone, or damaged and cannot be
    /// made again: deriving lists anew is what mends them. Fails where it cannot be read for another reason.
    pub(super) async fn control_regions<'f>(
        &self,
        list: &ListInputs,
        standing: &[&'f InputFile],
        output: &ListOutput,
    ) -> Result<Vec<(&'f InputFile, ControlReport)>, RunError> {
        // What need not be read again has the regions that it had.
        let unread = standing
            .iter()
            .filter(|file| report_of(file, output).is_none());
        let unread: HashSet<(&str, &str)> = unread.map(|file| key(file)).collect();
        let standing: Vec<(&InputFile, (u64, u64))> = (standing.iter())
            .filter_map(|file| Some((*file, regions_now(file, output)?)))
            .collect();
        let Some(release) = self.previous.filter(|_| !standing.is_empty()) else {
            return Ok(Vec::new());
        };
        let opening = self.bucket_of_list(release, list, [OPERATION].into_iter());
        let session = match opening.await {
            Ok(session) => session,
            Err(error) if is_of_file(&error) => {
                tracing::debug!(%error, list = list.list_id, "regions are not compared");
                return Ok(Vec::new());
            }
            Err(error) => return Err(error),
        };
        let sources: BTreeSet<&str> = standing.iter().map(|(file, _)| key(file).0).collect();
        let read = standing.iter().map(|(file, _)| key(file));
        let files: Vec<(&str, &str)> = read.chain(unread.iter().copied()).collect();
        let rows = rows_of_files(&session, OPERATION, &files, Some(&COLUMNS)).await?;
        let mut controls = Vec::new();
        for source_id in sources {
            let is_of = |one: &&(&InputFile, (u64, u64))| one.0.source.source_id == source_id;
            let is_unread =
                |of: &str, sha256: &str| of == source_id && unread.contains(&(of, sha256));
            let (mut with, mut all) = regions_before(&rows, is_unread)?;
            for (_, (with_region, operations)) in standing.iter().filter(is_of) {
                with += with_region;
                all += operations;
            }
            let before = regions_before(&rows, |of, _| of == source_id)?;
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

/// Whether a file of the release is damaged or gone. A store that does not answer says nothing about its files: lists would be
/// published for it that nobody compared.
fn is_of_file(error: &RunError) -> bool {
    match error {
        RunError::Store(error) | RunError::Release(ReleaseError::Store(error)) => {
            error.is_of_object() || matches!(error, StoreError::Damaged { .. })
        }
        _ => false,
    }
}

/// The operations of a file with a region, and all, as they are derived now; nothing of a file whose operations do not count.
fn regions_now(file: &InputFile, output: &ListOutput) -> Option<(u64, u64)> {
    let report = report_of(file, output)?;
    report.with_region.filter(|_| report.account.loaded > 0)
}

/// What came of a file; nothing where it was not read.
fn report_of<'o>(file: &InputFile, output: &'o ListOutput) -> Option<&'o FileReport> {
    let mut reports = output.reports.iter();
    reports.find(|report| report.sha256 == file.sha256 && report.source_id == file.source.source_id)
}

/// Source and hash of a file.
fn key(file: &InputFile) -> (&str, &str) {
    (&file.source.source_id, &file.sha256)
}

/// The same of files in the release before, of their rows there.
fn regions_before(
    rows: &[RecordBatch],
    is_one: impl Fn(&str, &str) -> bool,
) -> Result<(u64, u64), RunError> {
    let mut of_files = Vec::new();
    for batch in rows {
        of_files.extend(self::of_files(batch, &is_one)?);
    }
    Ok(with_region(&of_files))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_damaged_file_is_told_from_a_store_that_does_not_answer() {
        let damaged = || StoreError::Damaged {
            path: "operation/a.parquet".to_owned(),
            expected: "a".to_owned(),
            found: "b".to_owned(),
        };
        let gone = || StoreError::NotFound {
            path: "operation/a.parquet".to_owned(),
            location: "s3://made".to_owned(),
        };
        let refused = || StoreError::Io {
            action: "list",
            path: "operation".into(),
            source: io::ErrorKind::PermissionDenied.into(),
        };
        let short = || StoreError::CutShort {
            path: "operation/a.parquet".to_owned(),
            found: 1,
            expected: 2,
        };
        let both = |error: &dyn Fn() -> StoreError| {
            let of_release = RunError::Release(ReleaseError::Store(error()));
            [
                is_of_file(&RunError::Store(error())),
                is_of_file(&of_release),
            ]
        };
        assert_eq!([both(&damaged), both(&gone)], [[true; 2]; 2]);
        assert_eq!([both(&refused), both(&short)], [[false; 2]; 2]);
        assert!(!is_of_file(&RunError::Worker("gone".to_owned())));
    }
}
