//! Control of operations and figures that disappear: a list is published with what was in it before, so that one which lacks many
//! of its operations was mostly cut off at the end of a line, or is one part of several, and so was a page that tells many; and a
//! table of figures lacks years or regions.

use super::ControlReport;
use crate::merge::{FileReport, Gone};
use crate::source::{Source, SourceKind};

/// Least operations or figures before of which something follows: of a short list a few may end at once.
const LEAST: u64 = 30;

/// The control of a file that takes the place of another one. `others` are its controls so far: where they say already that it
/// has too few rows, or other operations, one cause is told once.
pub(super) fn control(
    source: &Source,
    report: &FileReport,
    others: &[ControlReport],
) -> Option<ControlReport> {
    let has_fewer = |c: &ControlReport| c.before.is_some_and(|before| c.found < before);
    let mut failed = others.iter().filter(|control| !control.passed);
    if failed.any(|c| c.control == "identities" || (c.control == "rows" && has_fewer(c))) {
        return None;
    }
    let change = report.change.as_ref()?;
    let what = if source.toml.kind == SourceKind::Statistics {
        "figures"
    } else {
        "operations"
    };
    let told = Told {
        what,
        before: &change.before,
        is_public: source.is_public(),
    };
    of_gone(source.toml.control.gone, &told, change.gone.as_ref()?)
}

/// What a message says of things that are gone.
struct Told<'a> {
    /// What they are.
    what: &'a str,
    /// The file that had them.
    before: &'a str,
    /// Whether anybody may know how many there are, and of what.
    is_public: bool,
}

fn of_gone(most: f64, told: &Told<'_>, gone: &Gone) -> Option<ControlReport> {
    if gone.before < LEAST {
        return None;
    }
    let share = gone.gone as f64 / gone.before as f64;
    let control = ControlReport::new("gone", share).at_most(most);
    Some(control.or_say(|| {
        let Told {
            what,
            before,
            is_public,
        } = told;
        let at_end = if gone.at_end {
            ", and they are the last ones of that file"
        } else {
            ""
        };
        let lacking = gone.lacking.as_ref().filter(|_| *is_public);
        let lacking = lacking.map(|of| format!(", such as all of {of}"));
        let these = if *is_public {
            format!("{} of the {} {what}", gone.gone, gone.before)
        } else {
            format!("more {what} than pass")
        };
        format!(
            "{these} of {before} are not in it any more{at_end}{}: it may be cut off, or one part of several",
            lacking.unwrap_or_default()
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Control;

    const OPERATIONS: Told<'_> = Told {
        what: "operations",
        before: "old.csv",
        is_public: true,
    };

    fn of(before: u64, gone: u64, at_end: bool) -> Option<ControlReport> {
        let gone = Gone {
            before,
            gone,
            at_end,
            lacking: None,
        };
        of_gone(Control::default().gone, &OPERATIONS, &gone)
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

    #[test]
    fn of_figures_it_is_said_what_is_lacking_and_of_people_not_how_many_are() {
        let gone = Gone {
            before: 41,
            gone: 17,
            at_end: false,
            lacking: Some("period_start 2019-01-01".into()),
        };
        let told = |is_public| {
            let told = Told {
                what: "figures",
                is_public,
                ..OPERATIONS
            };
            of_gone(0.2, &told, &gone).unwrap().message
        };
        assert_eq!(
            told(true),
            "17 of the 41 figures of old.csv are not in it any more, such as all of period_start 2019-01-01: it may be cut off, \
             or one part of several"
        );
        let hidden = told(false);
        assert!(
            hidden.starts_with("more figures than pass of old.csv"),
            "{hidden}"
        );
        assert!(
            !hidden.contains("17") && !hidden.contains("2019"),
            "{hidden}"
        );
    }
}
