//! What somebody took though it did not pass.
//!
//! Owns what an acceptance covers: the files of its source, or the one that it names, that do not pass in the run in
//! which it is given, or of which more rows are quarantined, or more amounts unreadable, than expected, and the one that
//! counts of several that came together (`run::chosen`). Another file that passes keeps no reason, so that nothing is let
//! through later that nobody was shown.

use std::collections::BTreeMap;

use super::ControlReport;
use crate::merge::FileReport;
use crate::run::inputs::{InputFile, ListInputs};

/// Lets controls pass that somebody accepted with the file.
pub(super) fn accept(controls: &mut [ControlReport], file: &InputFile) {
    for control in controls.iter_mut().filter(|control| !control.passed) {
        if let Some(reason) = &file.accepted {
            control.passed = true;
            control.accepted = Some(reason.clone());
        }
    }
}

/// Forgets what was accepted of files that pass without it, of those that are `new`. What one run accepted holds in all
/// later ones.
pub(in crate::run) fn forget_needless(
    list: &mut ListInputs,
    reports: &[FileReport],
    controls: &BTreeMap<String, Vec<ControlReport>>,
    new: impl Fn(&InputFile) -> bool,
) {
    for file in list.files.iter_mut().filter(|file| file.accepted.is_some()) {
        if new(file) && !needs_acceptance(file, reports, controls) {
            file.accepted = None;
        }
    }
}

fn needs_acceptance(
    file: &InputFile,
    reports: &[FileReport],
    controls: &BTreeMap<String, Vec<ControlReport>>,
) -> bool {
    let mut of_file = controls.get(&file.sha256).into_iter().flatten();
    let mut of_source = (reports.iter())
        .filter(|r| r.sha256 == file.sha256 && r.source_id == file.source.source_id);
    let expected = file.source.toml.expected_rows;
    let is_unusual = |report: &FileReport| {
        let rows = report.account.data_rows();
        let is_outside = expected.is_some_and(|[least, most]| rows < least || rows > most);
        // Each night would tell of rows or amounts that are missing.
        is_outside
            || report.account.quarantined > report.expected_quarantine
            || report.account.amounts_unreadable > report.expected_unreadable_amounts
    };
    let is_chosen = !file.over.is_empty();
    is_chosen || of_file.any(|control| control.accepted.is_some()) || of_source.any(is_unusual)
}

/// That a file was taken though it did not pass, with the reason and what failed.
pub(in crate::run) fn told_accepted(controls: &[ControlReport]) -> Option<String> {
    let taken: Vec<&ControlReport> = (controls.iter())
        .filter(|control| control.accepted.is_some())
        .collect();
    let reason = taken.first()?.accepted.as_deref()?;
    let mut failed: Vec<&str> = taken.iter().map(|c| c.control.as_str()).collect();
    failed.dedup();
    Some(format!(
        "it was accepted ({reason}) though these controls failed: {}",
        failed.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(name: &str, accepted: Option<&str>) -> ControlReport {
        ControlReport {
            accepted: accepted.map(str::to_owned),
            ..ControlReport::new(name, 1.0)
        }
    }

    #[test]
    fn it_is_told_what_an_acceptance_let_through() {
        let controls = [
            control("quarantined", None),
            control("total", Some("seen")),
            control("total", Some("seen")),
            control("rows", Some("seen")),
        ];
        assert_eq!(
            told_accepted(&controls).unwrap(),
            "it was accepted (seen) though these controls failed: total, rows"
        );
        assert_eq!(told_accepted(&controls[..1]), None);
    }
}
