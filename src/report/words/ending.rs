//! How a run ended: the verdict, what makes its exit code, and the three lines that a person must read.
//!
//! Owns which remark is told as the worst. Does not own what the exit code is (`RunReport::exit_code`).

use std::collections::BTreeSet;

use esf_pipelines::run::{Outcome, RunReport, SourceReport, SourceState};

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

/// What is to be known before all else of a run that ended with 4 or 5: of how many sources what is wrong, and which release
/// stands. Nothing of any other run, whose verdict says it.
pub(in crate::report) fn headline(report: &RunReport) -> Option<String> {
    if !matches!(report.exit_code(), 4 | 5) {
        return None;
    }
    let end = match report.outcome {
        Outcome::Published { number, .. } => format!("release {number} is published"),
        Outcome::Unchanged { number } => format!("release {number} stands"),
        Outcome::DryRun | Outcome::NoneUsable => "nothing was published".to_owned(),
        Outcome::Nothing | Outcome::CheckFailed | Outcome::Failed { .. } => return None,
    };
    let sources = |is: &dyn Fn(&SourceReport) -> bool| {
        let files = report.sources.iter().filter(|file| is(file));
        let ids: BTreeSet<&str> = files.map(|file| file.source_id.as_str()).collect();
        ids.len()
    };
    let of_state = |state: SourceState| sources(&|file| file.state == state);
    let of_sources = [
        (of_state(SourceState::Held), "held"),
        (of_state(SourceState::LeftOut), "left out"),
        (of_state(SourceState::Stale), "not reached"),
        (
            sources(&|file| report.is_spoiled(file)),
            "short of rows or amounts",
        ),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (n, what) in of_sources.into_iter().filter(|(n, _)| *n > 0) {
        let noun = match (parts.is_empty(), n) {
            (true, 1) => " source",
            (true, _) => " sources",
            (false, _) => "",
        };
        parts.push(format!("{n}{noun} {what}"));
    }
    match report.unreadable.len() {
        0 => {}
        1 => parts.push("1 folder cannot be read".to_owned()),
        n => parts.push(format!("{n} folders cannot be read")),
    }
    if report.nothing_found {
        parts.push("no file was found".to_owned());
    }
    Some(format!("{}; {end}", parts.join(", ")))
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
    fn the_headline_of_a_night_that_needs_a_look_says_of_how_many_sources() {
        let mut report = report();
        assert_eq!(headline(&report), None);
        report.outcome = Outcome::Unchanged { number: 1 };
        report.sources = vec![
            source("a_list", SourceState::Held),
            source("a_list", SourceState::Held),
        ];
        let told = "1 source held; release 1 stands";
        assert_eq!(headline(&report).as_deref(), Some(told));
        report.sources.extend([
            source("b_list", SourceState::Stale),
            source("c_list", SourceState::Held),
            SourceReport {
                quarantined: 3,
                ..source("d_list", SourceState::Loaded)
            },
        ]);
        let told = "2 sources held, 1 not reached, 1 short of rows or amounts; release 1 stands";
        assert_eq!(headline(&report).as_deref(), Some(told));
        report.sources.clear();
        report.nothing_found = true;
        report.unreadable = vec!["cannot read a folder".to_owned()];
        let told = "1 folder cannot be read, no file was found; release 1 stands";
        assert_eq!(headline(&report).as_deref(), Some(told));
        report.outcome = Outcome::CheckFailed;
        assert_eq!(headline(&report), None);
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
