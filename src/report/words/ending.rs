//! How a run ended: the verdict, what makes its exit code, and the three lines that a person must read.
//!
//! Owns which remark is told as the worst. Does not own what the exit code is (`RunReport::exit_code`).

use esf_pipelines::run::{Outcome, RunReport};

use super::explained;
use super::missing::{absent, made_up};
use super::remark::{Weight, remarks};
use super::remedy::next;
use crate::print::visible;

/// How the run ended.
pub(crate) fn verdict(report: &RunReport) -> String {
    explained(ended(report), None)
}

fn ended(report: &RunReport) -> String {
    let seconds = format!("{:.2} s", report.seconds);
    match &report.outcome {
        Outcome::Published {
            number,
            content_hash,
        } => format!("published release {number} in {seconds}, {content_hash}"),
        Outcome::Unchanged { number } => {
            format!("nothing has changed since release {number} ({seconds})")
        }
        Outcome::DryRun => format!("dry run in {seconds}: nothing was published"),
        Outcome::NoneUsable => format!(
            "nothing was published: none of the files could be used ({seconds}); each says what is wrong with it"
        ),
        Outcome::CheckFailed => {
            format!("nothing was published: a check of the whole release failed ({seconds})")
        }
        Outcome::Failed { message, .. } => format!("the run failed after {seconds}: {message}"),
        Outcome::Nothing => {
            "there was nothing to read; name a folder of downloaded files with --mirror DIR, \
             a file with `esf ingest --from FILE`, or the bundled samples with --samples"
                .to_owned()
        }
    }
}

/// What makes the exit code of a run other than 0, a line each, and last the code itself; nothing after a run that ended
/// with 0. `place` is the flag that reaches the same warehouse, with a blank before it, or empty.
pub(crate) fn faults(report: &RunReport, place: &str) -> Vec<String> {
    let code = report.exit_code();
    if code == 0 {
        return Vec::new();
    }
    let remarks = remarks(report, place).into_iter();
    let faults = remarks.filter(|remark| remark.weight >= Weight::Amounts);
    faults
        .map(|remark| remark.line)
        .chain([
            verdict(report),
            format!("the run ended with {code}: `esf explain {code}` says what that means"),
        ])
        .collect()
}

/// The three lines that matter: how the run ended, the worst of what somebody should look at, what to do next; before that,
/// which nights it made up for.
/// `place` is the flag that reaches the same warehouse, with a blank before it, or empty.
pub(in crate::report) fn three_lines(report: &RunReport, place: &str) -> [String; 3] {
    let mut remarks = remarks(report, place);
    remarks.retain(|remark| remark.weight > Weight::Unclaimed);
    // Sorting is stable: of equal weight the first stays first.
    remarks.sort_by_key(|remark| std::cmp::Reverse(remark.weight));
    let worst = match remarks.as_slice() {
        [] => "no source and no check needs a look".to_owned(),
        [only] => only.line.clone(),
        [worst, others @ ..] => {
            let more: usize = others.iter().map(|other| other.stands_for).sum();
            format!("{} (and {more} more)", worst.line)
        }
    };
    let next = next(report, remarks.first(), place);
    // Where something is worse it is said all the same: a folder that is not mounted looks like a quiet night.
    let is_worst = (remarks.first()).is_some_and(|remark| remark.weight == Weight::Absent);
    let next = match absent(report).filter(|_| !is_worst) {
        Some(absent) => format!("{absent}; {next}"),
        None => next,
    };
    let next = match made_up(report) {
        Some(made_up) => format!("{made_up}; {next}"),
        None => next,
    };
    [verdict(report), worst, next].map(|line| visible(&line).into_owned())
}

#[cfg(test)]
mod tests {
    use esf_pipelines::run::{SourceReport, SourceState};

    use super::*;
    use crate::report::testing::{HOSTILE, check, report, source};

    #[test]
    fn the_worst_remark_is_told_and_the_others_are_counted() {
        let mut report = report();
        report.sources = vec![
            SourceReport {
                quarantined: 7,
                expected_quarantine: 2,
                ..source("a_list", SourceState::Loaded)
            },
            SourceReport {
                message: Some("no header in b.csv".to_owned()),
                file_name: "b.csv".to_owned(),
                ..source("b_list", SourceState::Held)
            },
        ];
        let [first, worst, next] = three_lines(&report, " --warehouse w");
        assert!(first.starts_with("published release 42 in "), "{first}");
        assert_eq!(
            worst,
            "b_list (held): no header in b.csv [esf explain source-held] (and 1 more)"
        );
        assert!(next.contains("esf source check b_list FILE"), "{next}");

        report.checks = vec![check("keys", false)];
        report.outcome = Outcome::CheckFailed;
        let [first, worst, next] = three_lines(&report, " --warehouse w");
        assert!(first.starts_with("nothing was published"), "{first}");
        assert!(worst.starts_with("check keys failed: "), "{worst}");
        assert!(
            next.contains("esf --warehouse w nightly --dry-run"),
            "{next}"
        );
    }

    #[test]
    fn what_makes_the_exit_code_is_told_and_nothing_else() {
        let mut report = report();
        report.warnings = vec!["the clock stands 48h before release 41".to_owned()];
        assert!(faults(&report, "").is_empty());
        report.sources = vec![
            SourceReport {
                message: Some("a remark".to_owned()),
                ..source("a_list", SourceState::Loaded)
            },
            SourceReport {
                quarantined: 3,
                ..source("b_list", SourceState::Loaded)
            },
            source("c_list", SourceState::Held),
        ];
        let told = faults(&report, "");
        let starts = [
            "b_list: b_list.csv: 3 rows quarantined, 0 expected; see ",
            "c_list (held): c_list.csv",
            "published release 42 in ",
            "the run ended with 4: `esf explain 4` ",
        ];
        assert_eq!(told.len(), starts.len(), "{told:?}");
        for (line, start) in told.iter().zip(starts) {
            assert!(line.starts_with(start), "{line}");
        }
    }

    #[test]
    fn a_quiet_night_needs_nothing() {
        let [_, worst, next] = three_lines(&report(), "");
        assert_eq!(worst, "no source and no check needs a look");
        assert_eq!(next, "nothing to do; `esf diff 41 42` shows what changed");
    }

    #[test]
    fn hostile_names_make_neither_lines_nor_commands() {
        let mut report = report();
        report.sources = vec![SourceReport {
            message: Some(HOSTILE.to_owned()),
            ..source("x; rm -rf ~", SourceState::Held)
        }];
        let lines = three_lines(&report, "");
        for line in &lines {
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        assert!(
            lines[2].contains("esf source check SOURCE FILE"),
            "{}",
            lines[2]
        );
    }

    #[test]
    fn an_error_is_told_with_its_message() {
        let mut report = report();
        report.outcome = Outcome::Failed {
            exit_code: 75,
            message: "another run holds the warehouse".to_owned(),
        };
        let [first, _, next] = three_lines(&report, "");
        assert!(
            first.ends_with(": another run holds the warehouse"),
            "{first}"
        );
        assert!(next.contains("esf releases"), "{next}");
    }
}
