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

use esf_pipelines::run::{SourceReport, SourceState};

pub(super) use ending::three_lines;
pub(crate) use ending::{faults, verdict};
pub(crate) use missing::missed;
pub(crate) use remark::remarks;
pub(super) use remark::{Remark, Weight};
pub(super) use remedy::remedy;

use crate::explain::code_of;

/// A state as people read it.
pub(crate) fn name(state: SourceState) -> &'static str {
    match state {
        SourceState::Loaded => "loaded",
        SourceState::Empty => "empty",
        SourceState::Older => "older",
        SourceState::Later => "left aside",
        SourceState::Repeated => "repeated",
        SourceState::Unchanged => "unchanged",
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
