//! Remarks of one kind that are many: the first are told one by one, the others in one line that counts them, names some of
//! their files and says where all of them stand.
//!
//! Of one kind are remarks of one weight and code about files of one source in one state, or about none. Nothing is lost by
//! it: the report as JSON, and the table `run_source` of a run that was recorded, have every file with all that is said of it.

use std::collections::BTreeMap;

use esf_pipelines::run::RunReport;

use super::missing::{NAMED, first};
use super::remark::{Remark, Weight};
use super::{coded, name};

/// What remarks of one kind have in common: weight, source, state of the files, code.
type Kind<'a> = (
    Weight,
    Option<&'a str>,
    Option<&'static str>,
    Option<&'static str>,
);

fn kind<'a>(remark: &Remark<'a>) -> Kind<'a> {
    let state = remark.files.first().map(|file| name(file.state));
    (remark.weight, remark.source_id, state, remark.code)
}

/// The remarks of a report, in their order, of each kind the first and how many others there are. `place` is the flag that reaches
/// the warehouse of the run, with a blank before it, or empty.
pub(super) fn folded<'a>(
    report: &RunReport,
    remarks: Vec<Remark<'a>>,
    place: &str,
) -> Vec<Remark<'a>> {
    let mut seen: BTreeMap<Kind<'a>, usize> = BTreeMap::new();
    // Where the others of a kind are told.
    let mut others: BTreeMap<Kind<'a>, usize> = BTreeMap::new();
    let mut told: Vec<Remark<'a>> = Vec::with_capacity(remarks.len());
    for remark in remarks {
        let kind = kind(&remark);
        let n = seen.entry(kind).or_default();
        *n += 1;
        if *n <= NAMED {
            told.push(remark);
        } else if let Some(at) = others.get(&kind) {
            told[*at].stands_for += remark.stands_for;
            told[*at].files.extend(remark.files);
        } else {
            others.insert(kind, told.len());
            told.push(remark);
        }
    }
    for at in others.into_values() {
        // One more takes no more room by itself.
        if told[at].stands_for > 1 {
            told[at].line = counted(report, &told[at], place);
        }
    }
    told
}

/// What is said of many remarks of one kind together.
fn counted(report: &RunReport, remark: &Remark<'_>, place: &str) -> String {
    let n = remark.stands_for;
    let line = if let Some(file) = remark.files.first() {
        let names: Vec<String> = (remark.files.iter())
            .map(|file| file.file_name.clone())
            .collect();
        format!(
            "{} ({}): {n} more of its files: {}; `esf{place} sql --access operator \"SELECT file_name, message FROM run_source WHERE \
             run_id = '{}'\"`, or `--format json`, shows what is said of each",
            file.source_id,
            name(file.state),
            first(&names),
            report.run_id
        )
    } else {
        format!("{n} more like these; `--format json` has them all")
    };
    coded(line, remark.code)
}

#[cfg(test)]
mod tests {
    use esf_pipelines::run::{SourceReport, SourceState};

    use super::*;
    use crate::report::testing::{report, source};
    use crate::report::words::{faults, remarks, three_lines};

    /// A report on so many files of a source, each held for the same reason at another place.
    fn held(files: usize) -> RunReport {
        let mut report = report();
        let file = |n: usize| SourceReport {
            file_name: format!("{n:03}.csv"),
            message: Some(format!("line {n}: a zero byte in UTF-8 text")),
            ..source("b_list", SourceState::Held)
        };
        report.sources = (1..=files).map(file).collect();
        report
    }

    fn lines(report: &RunReport) -> Vec<String> {
        remarks(report, "").into_iter().map(|r| r.line).collect()
    }

    #[test]
    fn the_first_files_are_told_with_their_places_and_the_others_counted() {
        let mut report = held(300);
        let told = lines(&report);
        assert_eq!(told.len(), NAMED + 1, "{told:#?}");
        assert!(
            told[NAMED - 1].starts_with("b_list (held): 005.csv: line 5: a zero byte"),
            "{told:#?}"
        );
        let last = &told[NAMED];
        let start = "b_list (held): 295 more of its files: 006.csv, 007.csv, 008.csv, 009.csv, 010.csv and 290 more; `esf";
        assert!(last.starts_with(start), "{last}");
        let query =
            "SELECT file_name, message FROM run_source WHERE run_id = '20261126T010000000-7'\"`";
        assert!(last.contains(query), "{last}");
        assert!(
            last.ends_with("shows what is said of each [esf explain encoding-wrong]"),
            "{last}"
        );
        assert!(told.concat().len() < 8_000);
        // They count as what they are, and the report keeps them all.
        let [_, worst, _] = three_lines(&report, "");
        assert!(
            worst.starts_with("b_list (held): 001.csv: line 1"),
            "{worst}"
        );
        assert!(worst.ends_with(" (and 299 more)"), "{worst}");
        assert_eq!(faults(&report, "").len(), NAMED + 3);
        let json = report.to_json();
        assert_eq!(json["sources"].as_array().map(Vec::len), Some(300));
        // What is wrong otherwise, or with another source, is told by itself.
        report.sources.push(source("c_list", SourceState::Held));
        report.sources.push(source("b_list", SourceState::Stale));
        assert_eq!(lines(&report).len(), NAMED + 3);
    }

    #[test]
    fn the_query_for_all_of_them_asks_the_warehouse_of_the_run() {
        let report = held(9);
        let told = remarks(&report, " --warehouse '/srv/my lists'");
        let last = &told[NAMED].line;
        let command = "`esf --warehouse '/srv/my lists' sql --access operator \"SELECT file_name, message FROM run_source WHERE \
                       run_id = '20261126T010000000-7'\"`";
        assert!(last.contains(command), "{last}");
        assert!(faults(&report, " --warehouse w")[NAMED].contains("`esf --warehouse w sql "));
    }

    #[test]
    fn a_few_files_are_all_told() {
        for files in [NAMED, NAMED + 1] {
            let report = held(files);
            let told = lines(&report);
            assert_eq!(told.len(), files, "{told:#?}");
            for (line, file) in told.iter().zip(&report.sources) {
                assert!(line.contains(&file.file_name), "{line}");
            }
        }
    }

    #[test]
    fn warnings_of_one_kind_are_counted_too() {
        let mut report = report();
        report.warnings = (0..40)
            .map(|n| format!("the clock stands {n}h before release 41"))
            .collect();
        let told = lines(&report);
        assert_eq!(told.len(), NAMED + 1, "{told:#?}");
        assert_eq!(
            told[NAMED],
            "35 more like these; `--format json` has them all [esf explain clock-wrong]"
        );
    }
}
