//! What somebody should look at, one finding a row: where, what is wrong, what was expected, what was found, what to do.
//!
//! The words are those of the remarks ([`super::words`]); what a control compared stands beside them as numbers. Whoever
//! shows them makes published names harmless there.

use esf_pipelines::run::{ControlReport, RunReport, SourceReport};

use super::words::{Remark, Weight, explained, remarks, remedy};
use crate::print::grouped;

/// Controls whose numbers are shares.
const SHARES: [&str; 15] = [
    "region_coverage",
    "amount_coverage",
    "amounts_end",
    "date_coverage",
    "dates_end",
    "quarantined",
    "unknown_values",
    "repeated_rows",
    "identities",
    "gone",
    "region_moved",
    "region_inside",
    "scale",
    "moved",
    "exchanged",
];

/// Controls whose numbers are factors.
const FACTORS: [&str; 1] = ["values"];

/// Controls whose numbers are money.
const MONEY: [&str; 4] = ["total", "total_multiple", "published_total", "stated_total"];

/// One thing that somebody should look at.
#[derive(Debug)]
pub(crate) struct Finding {
    weight: Weight,
    /// The source, where it is about one.
    pub(crate) source_id: Option<String>,
    /// What is wrong.
    pub(crate) what: String,
    /// What passes, where something was counted.
    pub(crate) expected: Option<String>,
    /// What is there instead.
    pub(crate) found: Option<String>,
    /// What to do.
    pub(crate) remedy: String,
    /// How many it stands for: one, unless it counts others of its kind.
    pub(crate) stands_for: usize,
}

impl Finding {
    /// A remark without numbers.
    fn of(remark: &Remark<'_>, place: &str) -> Self {
        Self {
            weight: remark.weight,
            source_id: remark.source_id.map(str::to_owned),
            what: remark.line.clone(),
            expected: None,
            found: None,
            remedy: remedy(remark, place),
            stands_for: remark.stands_for,
        }
    }
}

/// Most controls of a file that are told one by one; a file with many amounts has one for each.
const CONTROLS: usize = 8;

/// What to look at, the worst first. `place` is the flag that reaches the same warehouse, with a blank before it, or empty.
pub(crate) fn findings(report: &RunReport, place: &str) -> Vec<Finding> {
    let worth_a_look = remarks(report, place)
        .into_iter()
        .filter(|remark| remark.weight > Weight::Note);
    let mut findings: Vec<Finding> = worth_a_look
        .flat_map(|remark| of_remark(&remark, place))
        .collect();
    // Sorting is stable: of equal weight the first stays first.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    findings
}

/// What a remark gives: rows or amounts that were rejected with their numbers, each control of a file that failed by itself, or
/// else what it says.
fn of_remark(remark: &Remark<'_>, place: &str) -> Vec<Finding> {
    match remark.files.as_slice() {
        files if remark.weight == Weight::Quarantine => {
            let counts = |file: &SourceReport| (file.quarantined, file.expected_quarantine);
            vec![rejected(remark, files, place, counts)]
        }
        files if remark.weight == Weight::Amounts => {
            let counts =
                |file: &SourceReport| (file.amounts_unreadable, file.expected_unreadable_amounts);
            vec![rejected(remark, files, place, counts)]
        }
        [file] if file.controls.iter().any(|control| !control.passed) => {
            controls(remark, file, place)
        }
        _ => vec![Finding::of(remark, place)],
    }
}

/// That rows or amounts were rejected, of one file or of several with the same bound each: `counts` has how many, and the bound.
fn rejected(
    remark: &Remark<'_>,
    files: &[&SourceReport],
    place: &str,
    counts: fn(&SourceReport) -> (u64, u64),
) -> Finding {
    let expected = files.first().map_or(0, |file| counts(file).1);
    let expected = grouped(&expected.to_string());
    let found: u64 = files.iter().map(|file| counts(file).0).sum();
    Finding {
        expected: Some(if files.len() > 1 {
            format!("{expected} each")
        } else {
            expected
        }),
        found: Some(grouped(&found.to_string())),
        ..Finding::of(remark, place)
    }
}

/// The controls of a file that failed, each by itself as far as they are few.
fn controls(remark: &Remark<'_>, file: &SourceReport, place: &str) -> Vec<Finding> {
    let failed = file.controls.iter().filter(|control| !control.passed);
    let failed: Vec<&ControlReport> = failed.collect();
    // One more takes no more room by itself.
    let most = if failed.len() == CONTROLS + 1 {
        CONTROLS + 1
    } else {
        CONTROLS
    };
    let (told, more) = failed.split_at(failed.len().min(most));
    let what = |what: &str| {
        let line = format!("{}: {what}", file.file_name);
        explained(line, Some("control-failed"))
    };
    let mut findings: Vec<Finding> = told
        .iter()
        .map(|control| Finding {
            what: what(&control.message),
            expected: bounds(control),
            found: Some(number(&control.control, control.found)),
            ..Finding::of(remark, place)
        })
        .collect();
    if !more.is_empty() {
        let n = more.len();
        findings.push(Finding {
            what: what(&format!(
                "{n} more controls do not pass; `--format json` has them all"
            )),
            stands_for: n,
            ..Finding::of(remark, place)
        });
    }
    findings
}

/// What passes a control, in words.
fn bounds(control: &ControlReport) -> Option<String> {
    let shown = |bound: Option<f64>| bound.map(|bound| number(&control.control, bound));
    match (shown(control.least), shown(control.most)) {
        (Some(least), Some(most)) if least == most => Some(least),
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (Some(least), None) => Some(format!("at least {least}")),
        (None, Some(most)) => Some(format!("at most {most}")),
        (None, None) => None,
    }
}

/// A number of a control as people read it.
fn number(control: &str, value: f64) -> String {
    if SHARES.contains(&control) {
        format!("{:.1} %", value * 100.0)
    } else if MONEY.contains(&control) {
        grouped(&format!("{value:.2}"))
    } else if FACTORS.contains(&control) {
        format!("{value:.2}")
    } else {
        grouped(&format!("{value:.0}"))
    }
}

#[cfg(test)]
mod tests {
    use esf_pipelines::run::SourceState;

    use super::*;
    use crate::report::testing::{check, report, source};

    fn control(name: &str, found: f64, least: Option<f64>, most: Option<f64>) -> ControlReport {
        ControlReport {
            control: name.to_owned(),
            of: None,
            found,
            before: None,
            least,
            most,
            passed: false,
            accepted: None,
            message: format!("{name} is wrong"),
        }
    }

    fn shown(finding: &Finding) -> [&str; 3] {
        [
            finding.source_id.as_deref().unwrap_or_default(),
            finding.expected.as_deref().unwrap_or_default(),
            finding.found.as_deref().unwrap_or_default(),
        ]
    }

    #[test]
    fn each_control_that_failed_is_a_finding_with_its_numbers() {
        let mut report = report();
        report.sources = vec![
            SourceReport {
                quarantined: 12_345,
                expected_quarantine: 2,
                ..source("b_list", SourceState::Loaded)
            },
            SourceReport {
                message: Some(
                    "all of it; if it is right, take it with --accept a_list=REASON".to_owned(),
                ),
                controls: vec![
                    control("rows", 4.0, Some(20.0), Some(80.0)),
                    control("published_total", 41_000.0, Some(40_000.0), Some(40_000.0)),
                    control("region_coverage", 0.125, Some(0.5), None),
                    control("same_bytes", 1.0, None, Some(0.0)),
                    control("identities", 0.0, Some(0.2), None),
                    control("values", 0.01, Some(0.5), Some(2.0)),
                ],
                ..source("a_list", SourceState::Held)
            },
        ];
        let found = findings(&report, " --warehouse w");
        let numbers: Vec<[&str; 3]> = found.iter().map(shown).collect();
        let expected = [
            ["a_list", "20 to 80", "4"],
            ["a_list", "40 000.00", "41 000.00"],
            ["a_list", "at least 50.0 %", "12.5 %"],
            ["a_list", "at most 0", "1"],
            ["a_list", "at least 20.0 %", "0.0 %"],
            ["a_list", "0.50 to 2.00", "0.01"],
            ["b_list", "2", "12 345"],
        ];
        assert_eq!(numbers, expected);
        assert_eq!(
            found[0].what,
            "a_list.csv: rows is wrong [esf explain control-failed]"
        );
        let accept = "`esf --warehouse w nightly --accept a_list=REASON`";
        assert!(found[0].remedy.contains(accept), "{}", found[0].remedy);
    }

    #[test]
    fn of_many_controls_of_a_file_the_first_are_findings_and_the_others_counted() {
        let mut report = report();
        report.sources = vec![SourceReport {
            message: Some("all of it".to_owned()),
            controls: vec![control("total", 1.0, Some(2.0), Some(8.0)); CONTROLS + 40],
            ..source("a_list", SourceState::Held)
        }];
        let found = findings(&report, "");
        assert_eq!(found.len(), CONTROLS + 1);
        let last = &found[CONTROLS];
        assert_eq!(
            last.what,
            "a_list.csv: 40 more controls do not pass; `--format json` has them all [esf explain control-failed]"
        );
        assert_eq!((last.stands_for, &last.expected), (40, &None));
        report.sources[0].controls.truncate(CONTROLS + 1);
        let found = findings(&report, "");
        assert_eq!(found.len(), CONTROLS + 1);
        assert!(
            found
                .iter()
                .all(|one| one.stands_for == 1 && one.found.is_some())
        );
    }

    #[test]
    fn rows_that_were_rejected_of_several_files_are_one_finding_that_names_them() {
        let mut report = report();
        let file = |name: &str, quarantined: u64| SourceReport {
            file_name: name.to_owned(),
            quarantined,
            expected_quarantine: 2,
            ..source("b_list", SourceState::Loaded)
        };
        report.sources = vec![file("b_2020.csv", 3), file("b_2021.csv", 1_200)];
        let found = findings(&report, "");
        let [only] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(shown(only), ["b_list", "2 each", "1203"]);
        assert!(
            only.what.contains("b_2021.csv (1200), b_2020.csv (3);"),
            "{only:?}"
        );
        report.sources.pop();
        let found = findings(&report, "");
        assert_eq!(shown(&found[0]), ["b_list", "2", "3"]);
        assert!(
            found[0].what.starts_with("b_list: b_2020.csv: 3 rows"),
            "{found:?}"
        );
    }

    #[test]
    fn what_has_no_numbers_says_what_to_do_and_a_quiet_night_has_none() {
        let mut report = report();
        assert!(findings(&report, "").is_empty());
        report.sources = vec![
            SourceReport {
                message: Some("c.csv has the bytes of b.csv; their rows count once".to_owned()),
                ..source("b_list", SourceState::Repeated)
            },
            SourceReport {
                message: Some("the server is busy".to_owned()),
                ..source("c_list", SourceState::Stale)
            },
        ];
        report.checks = vec![check("keys", false)];
        report.absent = vec!["d_list".to_owned()];
        let found = findings(&report, "");
        let starts = [
            "check keys failed: ",
            "c_list (stale): ",
            "1 source has no current file",
        ];
        assert_eq!(found.len(), starts.len(), "{found:?}");
        for (finding, start) in found.iter().zip(starts) {
            assert!(finding.what.starts_with(start), "{finding:?}");
            assert!(!finding.remedy.is_empty(), "{finding:?}");
        }
    }
}
