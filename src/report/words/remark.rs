//! What somebody should look at, a remark each, with its weight.
//!
//! Owns which of the things that a report tells are remarks, and how much each matters. Does not own what to do about one
//! (`remedy`), or the order in which they are shown.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use esf_pipelines::run::{RunReport, SourceReport, SourceState};

use super::fold::folded;
use super::missing::{absent, first, nights, not_asked, unclaimed, unread};
use super::{coded, name};
use crate::explain::code_of;

/// How much a remark matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// No remark, but said among them: how many files are as they were, which have the bytes of others, which sources nobody
    /// looked for, which nights a run makes up for, and which redaction it follows.
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
    /// More amounts were unreadable than expected.
    Amounts,
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
    /// The files of that source that it is about.
    pub(crate) files: Vec<&'a SourceReport>,
    /// The code under which it is explained.
    pub(crate) code: Option<&'static str>,
    /// What it says.
    pub(crate) line: String,
    /// How many remarks it stands for: one, unless it counts others of its kind.
    pub(crate) stands_for: usize,
}

/// Most characters of a remark: no message is a dump of its file.
const LONGEST: usize = 4_000;

impl<'a> Remark<'a> {
    /// A remark on files of a source, or on the run. `otherwise` is the code of one whose words have none.
    fn new(
        weight: Weight,
        files: Vec<&'a SourceReport>,
        line: String,
        otherwise: Option<&'static str>,
    ) -> Self {
        let code = code_of(&line).or(otherwise);
        let line = match line.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}… (cut off; `--format json` has all of it)", &line[..at]),
            None => line,
        };
        Self {
            weight,
            source_id: files.first().map(|file| file.source_id.as_str()),
            files,
            code,
            line: coded(line, code),
            stands_for: 1,
        }
    }

    /// A remark on the run as a whole.
    fn of_run(weight: Weight, line: String, otherwise: Option<&'static str>) -> Self {
        Self::new(weight, Vec::new(), line, otherwise)
    }
}

/// Folders that cannot be read, sources with a message, unexpected quarantine, nights and clocks, checks that failed, in this
/// order; of many of one kind the first, and how many others there are. `place` is the flag that reaches the same warehouse, with
/// a blank before it, or empty.
pub(crate) fn remarks<'a>(report: &'a RunReport, place: &str) -> Vec<Remark<'a>> {
    folded(report, all(report), place)
}

fn all(report: &RunReport) -> Vec<Remark<'_>> {
    let mut remarks: Vec<Remark<'_>> = (unread(report).into_iter())
        .map(|line| Remark::of_run(Weight::Unread, line, Some("input-unreadable")))
        .collect();
    let mut spoiled = BTreeSet::new();
    for file in &report.sources {
        remarks.extend(message(file));
        let source_id = file.source_id.as_str();
        if report.lacks_rows(file) && spoiled.insert((Weight::Quarantine, source_id)) {
            remarks.push(quarantine(report, source_id));
        }
        if report.lacks_amounts(file) && spoiled.insert((Weight::Amounts, source_id)) {
            remarks.push(amounts(report, source_id));
        }
    }
    if report.unchanged > 0 {
        let line = match report.unchanged {
            1 => "1 file is as it was".to_owned(),
            files => format!("{files} files are as they were"),
        };
        remarks.push(Remark::of_run(Weight::Note, line, None));
    }
    let of_run = |weight: Weight| move |line: String| Remark::of_run(weight, line, None);
    remarks.extend(not_asked(report).map(of_run(Weight::Note)));
    remarks.extend(nights(report).into_iter().map(of_run(Weight::Note)));
    remarks.extend(report.warnings.iter().map(|warning| {
        let weight = match code_of(warning) {
            Some("folder-wrong" | "folders-unnamed") => Weight::Stale,
            Some(
                "link-no-day" | "link-too-late" | "link-not-dated" | "link-ambiguous"
                | "data-made-again" | "object-kept-again" | "accept-unmatched",
            ) => Weight::Message,
            Some("list-twice") => Weight::Twice,
            Some("redaction-applied") => Weight::Note,
            _ => Weight::Clock,
        };
        Remark::of_run(weight, warning.clone(), None)
    }));
    remarks.extend(absent(report).map(of_run(Weight::Absent)));
    remarks.extend(unclaimed(report).map(of_run(Weight::Unclaimed)));
    let failed = report.checks.iter().filter(|check| !check.passed);
    remarks.extend(failed.map(|check| {
        let line = format!("check {} failed: {}", check.name, check.message);
        Remark::of_run(Weight::Check, line, Some("check-failed"))
    }));
    remarks
}

/// What a file has to say.
fn message(file: &SourceReport) -> Option<Remark<'_>> {
    let weight = match file.state {
        SourceState::Later | SourceState::Repeated => Weight::Note,
        SourceState::Loaded
        | SourceState::Empty
        | SourceState::Older
        | SourceState::Unchanged
        | SourceState::RolledBack => Weight::Message,
        SourceState::Stale => Weight::Stale,
        SourceState::Held | SourceState::LeftOut => Weight::Held,
    };
    let text = match &file.message {
        Some(text) if text.contains(&file.file_name) => text.clone(),
        Some(text) => format!("{}: {text}", file.file_name),
        None if weight == Weight::Message => return None,
        None => file.file_name.clone(),
    };
    let line = format!("{} ({}): {text}", file.source_id, name(file.state));
    Some(Remark::new(weight, vec![file], line, unusable(file.state)))
}

/// That more rows of files of a source were quarantined than expected: of which file, and of several how many of each, those with
/// the most first.
fn quarantine<'a>(report: &'a RunReport, source_id: &str) -> Remark<'a> {
    let of_source = |file: &&SourceReport| file.source_id == source_id && report.lacks_rows(file);
    let mut files: Vec<&SourceReport> = report.sources.iter().filter(of_source).collect();
    files.sort_by_key(|file| Reverse(file.quarantined));
    let line = match files.as_slice() {
        [file] => report.quarantine_message(file).unwrap_or_default(),
        several => {
            let rows: u64 = several.iter().map(|file| file.quarantined).sum();
            let expected = several.first().map_or(0, |file| file.expected_quarantine);
            let counts: Vec<String> = several
                .iter()
                .map(|file| format!("{} ({})", file.file_name, file.quarantined))
                .collect();
            format!(
                "{rows} rows quarantined in {} files, {expected} expected in each: {}; see `esf quarantine --source {source_id}`",
                several.len(),
                first(&counts)
            )
        }
    };
    let line = format!("{source_id}: {line}");
    Remark::new(Weight::Quarantine, files, line, Some("rows-quarantined"))
}

/// That more amounts of the loaded rows of files of a source are unreadable than expected: of which file, and of several how many
/// of each, those with the most first.
fn amounts<'a>(report: &'a RunReport, source_id: &str) -> Remark<'a> {
    let of_source =
        |file: &&SourceReport| file.source_id == source_id && report.lacks_amounts(file);
    let mut files: Vec<&SourceReport> = report.sources.iter().filter(of_source).collect();
    files.sort_by_key(|file| Reverse(file.amounts_unreadable));
    let line = match files.as_slice() {
        [file] => report.amounts_message(file).unwrap_or_default(),
        several => {
            let amounts: u64 = several.iter().map(|file| file.amounts_unreadable).sum();
            let expected = (several.first()).map_or(0, |file| file.expected_unreadable_amounts);
            let counts: Vec<String> = several
                .iter()
                .map(|file| format!("{} ({})", file.file_name, file.amounts_unreadable))
                .collect();
            format!(
                "{amounts} amounts of loaded rows unreadable in {} files, {expected} expected in each: {}; `finding` has each with its place",
                several.len(),
                first(&counts)
            )
        }
    };
    let line = format!("{source_id}: {line}");
    Remark::new(Weight::Amounts, files, line, Some("amounts-unreadable"))
}

/// The code of a source that cannot be used, where its message has none of its own.
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
        | SourceState::RolledBack
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

    fn spoiled(name: &str, quarantined: u64) -> SourceReport {
        SourceReport {
            file_name: name.to_owned(),
            quarantined,
            expected_quarantine: 2,
            loaded: 40,
            ..source("b_list", SourceState::Loaded)
        }
    }

    #[test]
    fn a_file_with_too_many_quarantined_rows_is_named() {
        let mut report = report();
        report.sources = vec![spoiled("b_2020.csv", 7), spoiled("b_2021.csv", 2)];
        let line = "b_list: b_2020.csv: 7 rows quarantined, 2 expected; see `esf quarantine --source b_list` \
                    [esf explain rows-quarantined]";
        let [_, worst, _] = three_lines(&report, "");
        assert_eq!(worst, line);
        // Also where nothing has changed.
        report.sources[0].state = SourceState::Unchanged;
        let [_, worst, _] = three_lines(&report, "");
        assert_eq!(worst, line);
    }

    #[test]
    fn a_file_with_unreadable_amounts_is_named_beside_its_quarantined_rows() {
        let mut report = report();
        report.sources = vec![SourceReport {
            amounts_unreadable: 3,
            ..spoiled("b_2020.csv", 7)
        }];
        let told = remarks(&report, "");
        let weights: Vec<Weight> = told.iter().map(|remark| remark.weight).collect();
        assert_eq!(weights, [Weight::Quarantine, Weight::Amounts]);
        assert_eq!(
            told[1].line,
            "b_list: b_2020.csv: 3 amounts of loaded rows unreadable, 0 expected; `finding` has each with its place \
             [esf explain amounts-unreadable]"
        );
        report.sources[0].expected_unreadable_amounts = 3;
        assert_eq!(remarks(&report, "").len(), 1);
    }

    #[test]
    fn several_files_with_too_many_quarantined_rows_share_a_line_with_their_counts() {
        let mut report = report();
        report.sources = (1..=7)
            .map(|n| spoiled(&format!("b_{n}.csv"), 2 + n))
            .collect();
        report.sources.push(spoiled("as_expected.csv", 2));
        let told = remarks(&report, "");
        let [only] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(
            only.line,
            "b_list: 42 rows quarantined in 7 files, 2 expected in each: b_7.csv (9), b_6.csv (8), b_5.csv (7), b_4.csv (6), \
             b_3.csv (5) and 2 more; see `esf quarantine --source b_list` [esf explain rows-quarantined]"
        );
        assert_eq!((only.weight, only.files.len()), (Weight::Quarantine, 7));
    }

    #[test]
    fn a_message_is_no_dump_of_its_file() {
        let mut report = report();
        report.sources = vec![SourceReport {
            message: Some("the column is gone: ".to_owned() + &"ä".repeat(100_000)),
            ..source("b_list", SourceState::Held)
        }];
        let told = remarks(&report, "");
        assert!(told[0].line.chars().count() < LONGEST + 200);
        let end = "ä… (cut off; `--format json` has all of it) [esf explain source-held]";
        assert!(told[0].line.ends_with(end), "{}", told[0].line);
    }
}
