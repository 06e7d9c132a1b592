//! New files of reference tables, tried before anything is read with them, and standing ones whose bytes are gone.
//!
//! Owns which file of a reference a run stands on: a new one that can be read and passes its controls, or that somebody accepts;
//! otherwise the one of the release before. The new one is held then, kept in the archive and told every night, as a list's file is.
//! A reference without a file to go back to is left out, and the run goes on as if it were not there; that is told of it, and of
//! each list of its country that is derived. The first release is not made without a table that its lists are read with: the run
//! ends then. Does not own the controls (`run::control`), or what the tables mean (`region`). Samples are small on purpose, and
//! nobody tries them.

use std::collections::BTreeSet;

use super::{beside, broken};
use crate::named;
use crate::read::{Content, Limits};
use crate::region::{CHANGES_ROLE, Extent, GazetteerBuilder, REGIONS_ROLE, read_changes};
use crate::run::control::{self, ControlReport};
use crate::run::fetching::Fetching;
use crate::run::inputs::{InputFile, Inputs, is_behind};
use crate::run::region::read_regions;
use crate::run::report::{SourceReport, SourceState};
use crate::run::{Run, RunError};
use crate::source::{Catalogue, Source};

/// Most reference tables that are named.
const NAMED: usize = 5;

/// What came of trying a file.
enum Tried {
    /// It can be used.
    Passed(Extent, Vec<ControlReport>),
    /// It cannot, for what the error says; these of its controls are known.
    Failed(RunError, Vec<ControlReport>),
}

impl Run<'_> {
    /// Tries the new files of references, and goes back to those of the release before where they fail, or leaves the reference
    /// out; gives what is to be told of each. What is remembered of one whose archived bytes are gone is forgotten. Fails where
    /// nothing could be right without one that is left out, or the archive cannot be read or written.
    pub(in crate::run) async fn try_references(
        &self,
        inputs: &mut Inputs,
        fetching: &mut Fetching,
    ) -> Result<Vec<SourceReport>, RunError> {
        let (mut told, mut left) = (Vec::new(), Vec::new());
        if self.options.samples {
            return Ok(told);
        }
        let is_lost = |error: &RunError| matches!(error, RunError::Archived { .. });
        for mut file in std::mem::take(&mut inputs.references) {
            let mut stands = true;
            while stands && !is_behind(self.previous, &file) {
                let earlier = inputs.earlier_reference(&file.source.source_id);
                match self.try_reference(&file, earlier.as_ref(), inputs).await? {
                    Tried::Passed(extent, controls) => {
                        inputs.older_references.extend(earlier);
                        told.push(taken(&mut file, extent, controls));
                        break;
                    }
                    Tried::Failed(error, controls) => {
                        let source_id = file.source.source_id.clone();
                        if is_lost(&error) {
                            let lost = BTreeSet::from([source_id.clone()]);
                            fetching.forget(self.warehouse, &lost).await?;
                        }
                        if let Some(earlier) = earlier {
                            inputs.held_references.insert(source_id);
                            told.push(held(&file, &error, controls));
                            file = earlier;
                        } else {
                            left.push((file.clone(), error, controls));
                            stands = false;
                        }
                    }
                }
            }
            inputs.references.extend(stands.then_some(file));
        }
        let any_lost = left.iter().any(|(_, error, _)| is_lost(error));
        for (file, error, controls) in left {
            if self.needs(&file, inputs) {
                if any_lost && !self.options.dry_run {
                    // The run ends without a record, and the next one shall ask for all of what is damaged.
                    fetching.remember(self.warehouse).await?;
                }
                return Err(without_earlier(&file, error));
            }
            told.push(left_out(&file, &error, controls, &inputs.references));
            inputs.left_out_references.push(file);
        }
        inputs.key_references();
        inputs.masks.mask_reports(&mut told);
        Ok(told)
    }

    /// Whether nothing could be right without a reference: the first release, where lists are read with it or nothing else is there.
    fn needs(&self, file: &InputFile, inputs: &Inputs) -> bool {
        let is_read_with = !inputs.lists.is_empty() && is_of_lists(file);
        self.previous.is_none() && (is_read_with || inputs.is_empty())
    }

    /// Reads a new file of a reference, and compares it with what its source declares and with the earlier file.
    async fn try_reference(
        &self,
        file: &InputFile,
        earlier: Option<&InputFile>,
        inputs: &Inputs,
    ) -> Result<Tried, RunError> {
        let found = match self.extent(file, inputs).await? {
            Ok(found) => found,
            Err(error) => return Ok(Tried::Failed(error, Vec::new())),
        };
        let before = match earlier {
            // What is gone or can no longer be read is compared with nothing.
            Some(earlier) => {
                let extent = self.extent(earlier, inputs).await?;
                extent
                    .ok()
                    .map(|before| (earlier.file_name.as_str(), before))
            }
            None => None,
        };
        let controls = control::of_reference(file, found, before);
        Ok(match control::refusal(&file.source.source_id, &controls) {
            Some(message) => Tried::Failed(broken(file, &message), controls),
            None => Tried::Passed(found, controls),
        })
    }

    /// How much there is in a file of a reference. The inner error is one of the file, which fails as the role does.
    async fn extent(
        &self,
        file: &InputFile,
        inputs: &Inputs,
    ) -> Result<Result<Extent, RunError>, RunError> {
        let Some(role) = file.source.toml.role.clone() else {
            return Ok(Err(without_role(file)));
        };
        let limits = self.options.limits.clone();
        let archive = !self.options.dry_run;
        let loading = file.load(self.warehouse, archive, &inputs.masks, limits.max_bytes);
        let content = match loading.await {
            Ok(input) => input.content,
            Err(error @ (RunError::Snapshot(_) | RunError::Archived { .. })) => {
                return Ok(Err(error));
            }
            Err(error) => return Err(error),
        };
        let country = file.source.toml.country.clone().unwrap_or_default();
        let read = beside(move || read_extent(&role, &country, &content, &limits)).await?;
        Ok(read.map_err(|cause| broken(file, &cause)))
    }

    /// Notes the references whose bytes are needed now and are gone from the archive, or damaged there; gives what is to be told
    /// of each. Fails if the archive cannot be read.
    pub(in crate::run) async fn find_lost_references(
        &self,
        inputs: &mut Inputs,
    ) -> Result<Vec<SourceReport>, RunError> {
        let (mut lost, mut told) = (Vec::new(), Vec::new());
        // What lies there today is read from where it lies.
        for file in inputs.references.iter().filter(|file| file.found.is_none()) {
            let loading = file.load(self.warehouse, false, &inputs.masks, u64::MAX);
            match loading.await {
                Ok(_) => {}
                Err(RunError::Archived { cause, .. }) => {
                    lost.push(file.unread(&cause));
                    told.push(told_of(file, SourceState::Held, cause.to_string()));
                }
                Err(error) => return Err(error),
            }
        }
        inputs.lost_references = lost;
        Ok(told)
    }
}

/// Tells of lists that were derived without references which had to be left out.
pub(in crate::run) fn tell_left_out(
    inputs: &Inputs,
    catalogue: &Catalogue,
    reports: &mut [SourceReport],
) {
    if inputs.left_out_references.is_empty() {
        return;
    }
    let derived = |report: &&mut SourceReport| report.state == SourceState::Loaded;
    for report in reports.iter_mut().filter(derived) {
        let Ok(source) = catalogue.get(&report.source_id) else {
            continue;
        };
        let left = inputs.left_out_references.iter();
        let lacking: Vec<&str> = left
            .filter(|file| is_of_lists(file) && is_of_country(file, source))
            .map(|file| file.file_name.as_str())
            .collect();
        if lacking.is_empty() {
            continue;
        }
        let told = format!(
            "it is read without reference tables that cannot be used: {}; places that only they know have no region",
            named::first(&lacking, NAMED)
        );
        report.message = Some(match report.message.take() {
            Some(message) => format!("{message}; {told}"),
            None => told,
        });
    }
}

/// Reads a table as its role wants it, and counts its rows; of a workbook of changes those are the changes that it tells. Fails, in
/// words, where it cannot be read so.
fn read_extent(
    role: &str,
    country: &str,
    content: &Content,
    limits: &Limits,
) -> Result<Extent, String> {
    let bytes = content.bytes().map_err(|e| e.to_string())?;
    if role == CHANGES_ROLE {
        let book = read_changes(&bytes, limits).map_err(|e| e.to_string())?;
        return Ok(Extent {
            rows: book.changes.len() as u64,
            is_cut: false,
        });
    }
    let mut builder = GazetteerBuilder::within(limits);
    let added = builder.add(role, country, &bytes);
    added.map_err(|e| e.to_string())?;
    if role == REGIONS_ROLE {
        read_regions(&bytes, limits)?;
    }
    Extent::of(&bytes, limits).map_err(|e| e.to_string())
}

/// A new file that is used. A reason that was not needed is forgotten.
fn taken(file: &mut InputFile, extent: Extent, controls: Vec<ControlReport>) -> SourceReport {
    let message = control::told_accepted(&controls);
    if message.is_none() && file.over.is_empty() {
        file.accepted = None;
    }
    SourceReport {
        rows_read: extent.rows,
        data_rows: extent.rows,
        loaded: extent.rows,
        accepted: file.accepted.clone(),
        controls,
        message,
        ..bare(file, SourceState::Loaded)
    }
}

/// A new file that is not used, for the reason of an error.
fn held(file: &InputFile, error: &RunError, controls: Vec<ControlReport>) -> SourceReport {
    let message = match error {
        RunError::Reference { cause, .. } => cause.clone(),
        error => error.to_string(),
    };
    SourceReport {
        controls,
        ..told_of(file, SourceState::Held, message)
    }
}

/// A new file that is not used, for the reason of an error, of a reference that has no other; these `stand` of others.
fn left_out(
    file: &InputFile,
    error: &RunError,
    controls: Vec<ControlReport>,
    stand: &[InputFile],
) -> SourceReport {
    let kind = |file: &InputFile| {
        let declared = &file.source.toml;
        (declared.role.clone(), declared.country.clone())
    };
    let alike = stand.iter().filter(|other| kind(other) == kind(file));
    let alike: Vec<&str> = alike.map(|other| other.file_name.as_str()).collect();
    let report = held(file, error, controls);
    let message = report.message.unwrap_or_default();
    let instead = if alike.is_empty() {
        String::new()
    } else {
        let alike = named::first(&alike, NAMED);
        format!(" (of its kind there is {alike})")
    };
    SourceReport {
        state: SourceState::LeftOut,
        message: Some(format!(
            "{message}. There is no earlier file of this reference table, so the run goes on without it{instead}"
        )),
        ..report
    }
}

/// Whether lists are read with a reference.
fn is_of_lists(file: &InputFile) -> bool {
    file.source.toml.role.as_deref() != Some(CHANGES_ROLE)
}

/// Whether a source may have places in the country of a reference.
fn is_of_country(file: &InputFile, source: &Source) -> bool {
    let country = file.source.toml.country.as_deref();
    let of_source = source.toml.country.as_deref();
    country
        .zip(of_source)
        .is_none_or(|(one, other)| one == other)
}

fn told_of(file: &InputFile, state: SourceState, message: String) -> SourceReport {
    SourceReport {
        message: Some(message),
        ..bare(file, state)
    }
}

fn bare(file: &InputFile, state: SourceState) -> SourceReport {
    let source = &file.source;
    SourceReport::bare(&source.source_id, source.list_id(), &file.file_name, state)
}

/// The error of a first file. That of one that cannot be read now stays what it is: another run may read it.
fn without_earlier(file: &InputFile, error: RunError) -> RunError {
    match error {
        RunError::Reference { cause, .. } => broken(
            file,
            &format!(
                "{cause}. There is no earlier file of this reference table that could stand in its place, and nothing is read without it"
            ),
        ),
        error => error,
    }
}

/// That a reference does not say what it is for.
pub(super) fn without_role(file: &InputFile) -> RunError {
    broken(
        file,
        "source.toml says no `role`, such as \"postcode_nuts\"",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(role: &str, table: &'static [u8]) -> Result<Extent, String> {
        let content = Content::from(bytes::Bytes::from_static(table));
        read_extent(role, "DE", &content, &Limits::default())
    }

    #[test]
    fn a_table_is_read_as_its_role_wants_it() {
        let places = b"alpha_2,zip,nuts_3\nDE,01067,DED21\nDE,04103,DED51\n";
        let whole = Extent {
            rows: 2,
            is_cut: false,
        };
        assert_eq!(read("postcode_nuts", places), Ok(whole));
        let nuts = b"NUTS_ID,CNTR_CODE,NUTS_NAME\nDED21,DE,Dresden\nDED51,DE,Leip";
        let cut = Extent {
            rows: 2,
            is_cut: true,
        };
        assert_eq!(read("nuts", nuts), Ok(cut));
        for (role, table, told) in [
            ("nuts", &places[..], "; its header is: alpha_2, zip, nuts_3"),
            (
                "nuts",
                &b"NUTS_ID,CNTR_CODE,NUTS_NAME\n?,DE,Dresden\n"[..],
                "NUTS_ID is no NUTS code",
            ),
            (
                "postcode_nuts",
                &b"alpha_2,zip,nuts_3\n"[..],
                " has no rows",
            ),
            ("weather", &places[..], " of a reference table; known are "),
            ("nuts_change", &places[..], ""),
        ] {
            let error = read(role, table).unwrap_err();
            assert!(error.contains(told), "{role}: {error}");
        }
    }
}
