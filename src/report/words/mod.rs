//! What a run did, in words: the verdict, the remarks under it, and the three lines that a person must read.
//!
//! The terminal, the page and the hook use the same words. Lines may quote published names: whoever shows them makes
//! them harmless there, except [`three_lines`], which are single lines without control characters.
//!
//! Owns the words that all of them share. What somebody should look at is a `remark`, `fold` counts those of one kind that are
//! many, `missing` says which nights and files were not there, `ending` how the run ended, and `remedy` what to do next.

mod ending;
mod fold;
mod missing;
mod remark;
mod remedy;

use esf_pipelines::run::{ControlReport, SourceReport, SourceState};

pub(crate) use ending::{faults, verdict};
pub(super) use ending::{headline, three_lines};
pub(crate) use missing::missed;
pub(crate) use remark::remarks;
pub(super) use remark::{Remark, Weight};
pub(super) use remedy::remedy;

use crate::explain::code_of;
use crate::print::grouped;

/// A state as people read it.
pub(crate) fn name(state: SourceState) -> &'static str {
    match state {
        SourceState::Loaded => "loaded",
        SourceState::Empty => "empty",
        SourceState::Older => "older",
        SourceState::Later => "left aside",
        SourceState::Repeated => "repeated",
        SourceState::Unchanged => "unchanged",
        SourceState::RolledBack => "rolled back",
        SourceState::Stale => "stale",
        SourceState::Held => "held",
        SourceState::LeftOut => "left out",
    }
}

/// What is said of a file whose rows are not loaded because those of a better rendition are.
pub(crate) fn rendition(source: &SourceReport) -> Option<String> {
    let is_read = matches!(source.state, SourceState::Loaded | SourceState::Unchanged);
    let better = source.rendition_of.as_ref().filter(|_| is_read)?;
    Some(format!("not loaded: rendition of {better}"))
}

/// A change of rows or of a sum by more than this share is told where the file is named.
const MUCH: f64 = 0.1;

/// Sums of a file whose change is told in one line; `--format json` has all.
const SUMS: usize = 3;

/// What of a file that was loaded is much more or less than the file before had, both beside each other: its rows and sums.
pub(crate) fn changed(source: &SourceReport) -> Option<String> {
    if source.state != SourceState::Loaded {
        return None;
    }
    let much = |control: &&ControlReport| {
        let before = control.before.filter(|before| *before > 0.0);
        before.is_some_and(|before| (control.found / before - 1.0).abs() > MUCH)
    };
    let of = |name: &'static str| {
        let controls = source.controls.iter();
        controls.filter(move |c| c.control == name).filter(much)
    };
    let both = |what: &str, control: &ControlReport| {
        let number = |number: f64| grouped(&format!("{number:.0}"));
        let before = number(control.before.unwrap_or_default());
        format!("{what} {before} → {}", number(control.found))
    };
    let rows = of("rows").map(|control| both("rows", control));
    let sums = of("total").map(|control| both(control.of.as_deref().unwrap_or_default(), control));
    let changed: Vec<String> = rows.chain(sums.take(SUMS)).collect();
    (!changed.is_empty()).then(|| changed.join(", "))
}

/// A line with what to type to learn its cause and remedy.
pub(crate) fn explained(line: String, otherwise: Option<&str>) -> String {
    let code = code_of(&line).or(otherwise);
    coded(line, code)
}

/// A line with the code under which it is explained, if there is one.
fn coded(line: String, code: Option<&str>) -> String {
    match code {
        Some(code) => format!("{line} [esf explain {code}]"),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::source;

    #[test]
    fn what_is_much_more_or_less_than_before_is_told_with_both_numbers() {
        let control = |name: &str, of: Option<&str>, before: f64, found: f64| ControlReport {
            control: name.to_owned(),
            of: of.map(str::to_owned),
            found,
            before: Some(before),
            ..source("a_list", SourceState::Loaded).controls.remove(0)
        };
        let mut file = source("a_list", SourceState::Loaded);
        // Eleven and twelve rows.
        assert_eq!(changed(&file), None);
        file.controls = vec![
            control("rows", None, 336.0, 225.0),
            control("total", Some("total_cost EUR"), 84_009_108.53, 49_312_345.5),
            control("total", Some("eu EUR"), 1000.0, 1090.0),
            control("total", Some("paid EUR"), 0.0, 1090.0),
            control("region_coverage", None, 0.9, 0.5),
        ];
        let told = "rows 336 → 225, total_cost EUR 84 009 109 → 49 312 346";
        assert_eq!(changed(&file).as_deref(), Some(told));
        file.state = SourceState::Held;
        assert_eq!(changed(&file), None);
    }
}
