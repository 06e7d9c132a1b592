//! Control of files that stand, where a run reads them again.
//!
//! Owns what is asked of such a file by itself: what could be loaded of it, and whether it adds up to what its publisher states;
//! and what is asked of all files of a source that stand: that about as many of their operations have a region as in the release,
//! whatever reference tables, declarations or program they are read with now. It is compared with no file before it, for it is
//! that file, and what other lists have of its bytes is said of their new files. One that fails takes nothing away: its list stays
//! as it was published.

use super::accepted::accept;
use super::compare::{REGION_COVERAGE, compare, coverage};
use super::finding::unknown_values;
use super::{ControlReport, is_controlled, report_of, wrong};
use crate::merge::ListOutput;
use crate::run::inputs::InputFile;
use crate::source::Control;

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
    let mut controls = compare(&file.source.toml.control, report, None, unknown.n);
    unknown.explain(&mut controls);
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

/// The control of the operations with a region of all files of a source that stand, beside the release of this number: of each side
/// those with one, and all. Nothing where one side has no operations. It passes where somebody accepts it, with the reason.
pub(in crate::run) fn of_regions(
    declared: &Control,
    found: (u64, u64),
    before: (u64, u64),
    number: u64,
    accepted: Option<String>,
) -> Option<ControlReport> {
    let control = coverage(declared, found, before, |found, old| {
        format!("{found:.1} % of its operations have a region, in release {number} {old:.1} %")
    })?;
    if control.passed || accepted.is_none() {
        return Some(control);
    }
    Some(ControlReport {
        passed: true,
        accepted,
        ..control
    })
}

/// What is said of operations that lost their region, where the control does not pass.
pub(in crate::run) fn refusal_of_regions(
    source_id: &str,
    control: &ControlReport,
) -> Option<String> {
    let wrong = wrong(std::slice::from_ref(control))?;
    Some(format!(
        "{wrong}. Its files were read again with other reference tables or declarations, or by another program, and its list stays \
         as it was published: see whether the newest reference tables are whole; if the list is right, take it with --accept \
         {source_id}=REASON"
    ))
}

/// Whether operations that lost their region were taken all the same.
pub(in crate::run) fn regions_accepted(controls: &[ControlReport]) -> bool {
    let mut controls = controls.iter();
    controls.any(|control| control.control == REGION_COVERAGE && control.accepted.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_that_lost_their_region_hold_a_list_that_stands_until_somebody_takes_it() {
        let of = |found: (u64, u64), accepted: Option<&str>| {
            let accepted = accepted.map(str::to_owned);
            of_regions(&Control::default(), found, (90, 100), 7, accepted).unwrap()
        };
        let told = |control: &ControlReport| refusal_of_regions("s", control);
        assert_eq!(told(&of((71, 100), None)), None);
        let fewer = of((69, 100), None);
        let message = told(&fewer).unwrap();
        let begin = "69.0 % of its operations have a region, in release 7 90.0 %. ";
        assert!(message.starts_with(begin), "{message}");
        assert!(message.ends_with("--accept s=REASON"), "{message}");
        let taken = of((69, 100), Some("seen"));
        assert_eq!(told(&taken), None);
        assert!(regions_accepted(&[taken]));
        // What passes needs no reason.
        assert!(!regions_accepted(&[of((71, 100), Some("seen")), fewer]));
        let none = of_regions(&Control::default(), (0, 0), (90, 100), 7, None);
        assert_eq!(none, None);
    }

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
