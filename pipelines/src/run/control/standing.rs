//! Control of files that stand, where a run reads them again.
//!
//! Owns what is asked of such a file by itself: what could be loaded of it, and whether it adds up to what its publisher states.
//! It is compared with no file before it, for it is that file, and what other lists have of its bytes is said of their new
//! files. One that fails takes nothing away: its list stays as it was published.

use super::accepted::accept;
use super::compare::compare;
use super::finding::unknown_values;
use super::{ControlReport, is_controlled, report_of, wrong};
use crate::merge::ListOutput;
use crate::run::inputs::InputFile;

/// Why rows are left out of files that do not stand for their list: a newer file or a better rendition does.
const REPLACED: [&str; 2] = ["older_vintage", "other_rendition"];

/// Controls of a file that stands; none of one whose rows do not count.
pub(in crate::run) fn of_standing(file: &InputFile, output: &ListOutput) -> Vec<ControlReport> {
    let report = report_of(output, file).filter(|report| {
        let ignored = &report.account.ignored;
        !REPLACED.iter().any(|reason| ignored.contains_key(reason))
    });
    let Some(report) = report.filter(|_| is_controlled(&file.source)) else {
        return Vec::new();
    };
    let unknown = unknown_values(output, &file.sha256);
    let mut controls = compare(&file.source.toml.control, report, None, unknown);
    accept(&mut controls, file);
    controls
}

/// What does not pass of a file that stands, in one message.
pub(in crate::run) fn refusal_of_standing(
    source_id: &str,
    controls: &[ControlReport],
) -> Option<String> {
    let wrong = wrong(controls)?;
    Some(format!(
        "{wrong}. It was read again and does not pass, so its list stays as it was published: see whether [control] and the \
         mapping of {source_id} are right"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(passed: bool) -> ControlReport {
        ControlReport {
            passed,
            message: "it lacks rows".into(),
            ..ControlReport::new("rows", 1.0)
        }
    }

    #[test]
    fn nothing_is_to_be_taken_of_a_file_that_stands() {
        assert_eq!(refusal_of_standing("s", &[control(true)]), None);
        let told = refusal_of_standing("s", &[control(true), control(false)]).unwrap();
        assert!(
            told.starts_with("it lacks rows. It was read again and"),
            "{told}"
        );
        assert!(!told.contains("--accept"), "{told}");
    }
}
