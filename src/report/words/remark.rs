//! What somebody should look at, a remark each, with its weight.
//!
//! Owns which of the things that a report tells are remarks, and how much each matters. Does not own what to do about one
//! (`remedy`), or the order in which they are shown.

use esf_pipelines::run::{RunReport, SourceReport, SourceState};

use super::missing::{absent, nights, unclaimed, unread};
use super::{explained, name};
use crate::explain::code_of;

/// How much a remark matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// No remark, but said among them: how many files are as they were, which have the bytes of others, which nights a run
    /// makes up for, and which redaction it follows.
    Note,
    /// Files in the folders belong to no source: worth a line, and never what matters most.
    Unclaimed,
    /// A source was loaded and has something to say.
    Message,
    /// Folders have no file of sources that the release has.
    Absent,
    /// The clock is wrong.
    Clock,
    /// The release has one list twice.
    Twice,
    /// More rows were quarantined than expected.
    Quarantine,
    /// A source could not be reached, or folders have no file of any.
    Stale,
    /// The newest file of a source cannot be used.
    Held,
    /// Folders of downloaded files cannot be read, so that nobody knows of which sources files lie there.
    Unread,
    /// A check of the whole release failed.
    Check,
}

/// What somebody should look at.
#[derive(Debug)]
pub(crate) struct Remark<'a> {
    /// How much it matters.
    pub(crate) weight: Weight,
    /// The source it is about.
    pub(crate) source_id: Option<&'a str>,
    /// What it says.
    pub(crate) line: String,
}

/// Folders that cannot be read, sources with a message, unexpected quarantine, nights and clocks, checks that failed, in this
/// order.
pub(crate) fn remarks(report: &RunReport) -> Vec<Remark<'_>> {
    let mut remarks: Vec<Remark<'_>> = (unread(report).into_iter())
        .map(|line| Remark {
            weight: Weight::Unread,
            source_id: None,
            line: explained(line, Some("input-unreadable")),
        })
        .collect();
    for source in &report.sources {
        remarks.extend(message(source));
        remarks.extend(quarantine(report, source));
    }
    let mut note = |line| {
        remarks.push(Remark {
            weight: Weight::Note,
            source_id: None,
            line,
        });
    };
    if report.unchanged > 0 {
        note(format!("{} files are as they were", report.unchanged));
    }
    for line in nights(report) {
        note(explained(line, None));
    }
    remarks.extend(report.warnings.iter().map(|warning| Remark {
        weight: match code_of(warning) {
            Some("folder-wrong") => Weight::Stale,
            Some("link-no-day") => Weight::Message,
            Some("list-twice") => Weight::Twice,
            Some("redaction-applied") => Weight::Note,
            _ => Weight::Clock,
        },
        source_id: None,
        line: explained(warning.clone(), None),
    }));
    remarks.extend(absent(report).map(|line| Remark {
        weight: Weight::Absent,
        source_id: None,
        line: explained(line, None),
    }));
    remarks.extend(unclaimed(report).map(|line| Remark {
        weight: Weight::Unclaimed,
        source_id: None,
        line: explained(line, None),
    }));
    let failed = report.checks.iter().filter(|check| !check.passed);
    remarks.extend(failed.map(|check| Remark {
        weight: Weight::Check,
        source_id: None,
        line: explained(
            format!("check {} failed: {}", check.name, check.message),
            Some("check-failed"),
        ),
    }));
    remarks
}

/// What a file has to say.
pub(in crate::report) fn message(source: &SourceReport) -> Option<Remark<'_>> {
    let id = &source.source_id;
    let weight = match source.state {
        SourceState::Later | SourceState::Repeated => Weight::Note,
        SourceState::Loaded | SourceState::Empty | SourceState::Older | SourceState::Unchanged => {
            Weight::Message
        }
        SourceState::Stale => Weight::Stale,
        SourceState::Held | SourceState::LeftOut => Weight::Held,
    };
    let text = match &source.message {
        Some(text) if text.contains(&source.file_name) => text.clone(),
        Some(text) => format!("{}: {text}", source.file_name),
        None if weight == Weight::Message => return None,
        None => source.file_name.clone(),
    };
    Some(Remark {
        weight,
        source_id: Some(id),
        line: explained(
            format!("{id} ({}): {text}", name(source.state)),
            unusable(source.state),
        ),
    })
}

/// That more rows of a file of a report were quarantined than expected.
pub(in crate::report) fn quarantine<'a>(
    report: &RunReport,
    source: &'a SourceReport,
) -> Option<Remark<'a>> {
    let id = &source.source_id;
    let (found, expected) = (source.quarantined, source.expected_quarantine);
    report.is_spoiled(source).then(|| Remark {
        weight: Weight::Quarantine,
        source_id: Some(id),
        line: explained(
            format!(
                "{id}: {found} rows quarantined, {expected} expected; see `esf quarantine --source {id}`"
            ),
            None,
        ),
    })
}

/// What is said of a source that cannot be used, where its message has no explanation of its own.
fn unusable(state: SourceState) -> Option<&'static str> {
    match state {
        SourceState::Held => Some("source-held"),
        SourceState::LeftOut => Some("source-left-out"),
        SourceState::Loaded
        | SourceState::Empty
        | SourceState::Older
        | SourceState::Later
        | SourceState::Repeated
        | SourceState::Unchanged
        | SourceState::Stale => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{report, source};
    use crate::report::words::three_lines;

    #[test]
    fn a_new_file_that_is_not_used_is_told_and_an_old_one_is_not() {
        let mut report = report();
        report.sources = vec![source("a_list", SourceState::Older)];
        let [_, worst, _] = three_lines(&report, "");
        assert_eq!(worst, "no source and no check needs a look");
        report.sources[0].message = Some("it is older than what stands; …".to_owned());
        let [_, worst, _] = three_lines(&report, "");
        assert!(
            worst.starts_with("a_list (older): a_list.csv: it is older"),
            "{worst}"
        );
        assert!(worst.ends_with("[esf explain file-older]"), "{worst}");
    }
}
