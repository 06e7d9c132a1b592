//! What became of the files of each list: one report for each of them, what of the list was used, which sources are held.
//!
//! Owns the words about a new file whose rows are not used. Does not own the form of a report (`run::report`) or the
//! decision which files are used (`list`).

use esf_engine::release::Release;

use super::{Derived, Packed};
use crate::map::MapError;
use crate::merge::FileReport;
use crate::run::again;
use crate::run::control::{regions_accepted, told_accepted};
use crate::run::inputs::{InputFile, Inputs, ListInputs, is_behind, step_name};
use crate::run::report::{SourceReport, SourceState};
use crate::run::standing::Standing;

impl Packed {
    /// Adds what a list gave to the reports, the steps and the sources that are held; `all` are its files, also those that are not
    /// used.
    pub(super) fn take_report(
        &mut self,
        derived: &Derived,
        inputs: &Inputs,
        previous: Option<&Release>,
        all: Option<&ListInputs>,
    ) {
        if derived.reused {
            let lists = all.into_iter();
            self.reports
                .extend(lists.flat_map(|list| unchanged(list, &inputs.standing)));
            return;
        }
        for file in &derived.output.reports {
            self.reports.push(of_read(file, derived, previous, all));
        }
        for file in &derived.settled {
            let report = all.map(|list| SourceReport::unchanged(list, file, &inputs.standing));
            self.reports.extend(report);
        }
        self.reports.extend(derived.aside.iter().cloned());
        self.take_failures(derived);
        self.take_used(derived, inputs, previous);
    }

    /// Adds the files that cannot be used. A source of which others are used stays at its earlier state.
    fn take_failures(&mut self, derived: &Derived) {
        let used = || derived.used.iter().flat_map(|list| &list.files);
        for failure in &derived.failures {
            if matches!(failure.error, MapError::Archived(_)) {
                self.lost.insert(failure.source_id.clone());
            }
            let is_held = used().any(|file| file.source.source_id == failure.source_id);
            let state = if is_held {
                self.held.insert(failure.source_id.clone());
                SourceState::Held
            } else {
                SourceState::LeftOut
            };
            let controls = derived.controls.get(&failure.sha256);
            self.reports.push(SourceReport {
                message: Some(failure.error.to_string()),
                controls: controls.cloned().unwrap_or_default(),
                ..SourceReport::bare(
                    &failure.source_id,
                    &derived.list_id,
                    &failure.file_name,
                    state,
                )
            });
        }
    }

    /// Adds the files that are used, with the key of the step that they give.
    fn take_used(&mut self, derived: &Derived, inputs: &Inputs, previous: Option<&Release>) {
        let list_id = &derived.list_id;
        let step = step_name(list_id);
        let Some(used) = &derived.used else {
            self.unusable += 1;
            let none = ListInputs {
                list_id: list_id.clone(),
                files: Vec::new(),
            };
            self.used.insert(list_id.clone(), none);
            self.steps.remove(&step);
            return;
        };
        self.used.insert(list_id.clone(), used.clone());
        // Rows that stay have the key that they were made with: the next run tries again, and tells what is wrong again.
        let before = previous.and_then(|previous| previous.steps.get(&step));
        let key = match before.filter(|_| derived.stays) {
            Some(before) => before.clone(),
            None => used.key(&inputs.references_key),
        };
        self.steps.insert(step, key);
        if derived.stays {
            self.stay.insert(list_id.clone());
        }
    }
}

/// What is told of a file that was read.
fn of_read(
    file: &FileReport,
    derived: &Derived,
    previous: Option<&Release>,
    all: Option<&ListInputs>,
) -> SourceReport {
    let mut report = SourceReport::loaded(file, derived.seconds);
    let controls = derived.controls.get(&file.sha256);
    report.controls = controls.cloned().unwrap_or_default();
    // A reason that was not needed is forgotten with what is used.
    let used = derived.used.as_ref();
    let used = used.and_then(|list| input_of(list, file));
    report.accepted = used.and_then(|used| used.accepted.clone());
    let input = all.and_then(|list| input_of(list, file));
    // Old files are read with every change of their list; only of a new one somebody may expect to see its rows.
    let is_new = input.is_some_and(|input| !is_behind(previous, input));
    if let Some(formerly) = input.and_then(|input| input.formerly.as_deref()) {
        report.message = Some(again::told(formerly));
    } else if is_new && report.state == SourceState::Older {
        report.message = Some(not_used(file, &derived.output.reports));
    } else if let Some(contradiction) = contradiction(file, previous, all) {
        report.message = Some(contradiction);
    } else if is_new || regions_accepted(&report.controls) {
        report.message = told_accepted(&report.controls).or(report.message);
    }
    report
}

/// The file of a list that a report is about.
fn input_of<'l>(list: &'l ListInputs, report: &FileReport) -> Option<&'l InputFile> {
    let is_it =
        |f: &&InputFile| f.sha256 == report.sha256 && f.source.source_id == report.source_id;
    list.files.iter().find(is_it)
}

/// Reports of the files of a list that is as before.
pub(super) fn unchanged(
    list: &ListInputs,
    standing: &Standing,
) -> impl Iterator<Item = SourceReport> {
    let files = list.files.iter();
    files.map(|file| SourceReport::unchanged(list, file, standing))
}

/// In what a file contradicts the better rendition of its list, where one of them is new.
fn contradiction(
    file: &FileReport,
    previous: Option<&Release>,
    all: Option<&ListInputs>,
) -> Option<String> {
    let contradiction = file.contradiction.as_ref()?;
    let better = file.rendition_of.as_ref()?;
    let mut both = all?.files.iter().filter(|input| {
        let is_own = input.sha256 == file.sha256 && input.source.source_id == file.source_id;
        is_own || input.file_name == *better
    });
    both.any(|input| !is_behind(previous, input))
        .then(|| contradiction.clone())
}

/// What is to be said of a new file whose rows are not used, since a file of its list was published after it.
fn not_used(file: &FileReport, all: &[FileReport]) -> String {
    let newer = (all.iter()).filter(|other| other.account.loaded > 0);
    let newer = newer.max_by_key(|other| other.published);
    let dates = match (file.published, newer.and_then(|newer| newer.published)) {
        (Some(own), Some(newest)) => {
            let name = newer.map_or("", |newer| newer.file_name.as_str());
            format!(" (it was published on {own}, {name} on {newest})")
        }
        _ => String::new(),
    };
    format!("it is older than what stands{dates}; its rows are not used")
}
