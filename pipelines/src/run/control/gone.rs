//! Control of operations that disappear: a list is published with what was in it before, so that one which lacks many of its
//! operations was mostly cut off at the end of a line, or is one part of several.

use super::ControlReport;
use crate::merge::{FileReport, Gone};
use crate::source::Control;

/// Least operations of the list before of which something follows: of a short list a few may end at once.
const LEAST: u64 = 30;

/// The control of a file that takes the place of another one. `others` are its controls so far: where they say already that it
/// has too few rows, or other operations, one cause is told once.
pub(super) fn control(
    declared: &Control,
    report: &FileReport,
    others: &[ControlReport],
) -> Option<ControlReport> {
    let has_fewer = |c: &ControlReport| c.before.is_some_and(|before| c.found < before);
    let mut failed = others.iter().filter(|control| !control.passed);
    if failed.any(|c| c.control == "identities" || (c.control == "rows" && has_fewer(c))) {
        return None;
    }
    let change = report.change.as_ref()?;
    of_gone(declared, &change.before, change.gone.as_ref()?)
}

fn of_gone(declared: &Control, before: &str, gone: &Gone) -> Option<ControlReport> {
    if gone.before < LEAST {
        return None;
    }
    let share = gone.gone as f64 / gone.before as f64;
    let control = ControlReport::new("gone", share).at_most(declared.gone);
    Some(control.or_say(|| {
        let at_end = if gone.at_end {
            ", and they are the last ones of that file"
        } else {
            ""
        };
        format!(
            "{} of the {} operations of {before} are not in it any more{at_end}: it may be cut off, or one part of several",
            gone.gone, gone.before
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(before: u64, gone: u64, at_end: bool) -> Option<ControlReport> {
        let gone = Gone {
            before,
            gone,
            at_end,
        };
        of_gone(&Control::default(), "old.csv", &gone)
    }

    #[test]
    fn a_list_that_lacks_many_of_its_operations_is_held() {
        for (before, gone, passes) in [(40, 8, true), (40, 9, false), (336, 111, false)] {
            let control = of(before, gone, false).expect("a list that is long enough");
            assert_eq!(control.passed, passes, "{control:?}");
            assert_eq!(control.message.is_empty(), passes, "{control:?}");
        }
        assert_eq!(of(29, 29, true), None);
    }

    #[test]
    fn it_is_said_where_they_stood_at_the_end() {
        let [end, amid] = [true, false].map(|at_end| of(336, 111, at_end).unwrap().message);
        let start = "111 of the 336 operations of old.csv are not in it any more";
        assert!(
            end.starts_with(&format!("{start}, and they are the last")),
            "{end}"
        );
        assert!(
            amid.starts_with(&format!("{start}: it may be cut off")),
            "{amid}"
        );
    }
}
