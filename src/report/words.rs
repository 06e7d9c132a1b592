//! What a run did, in words: the verdict, the remarks under it, and the three lines that a person must read.
//!
//! The terminal, the page and the hook use the same words. Lines may quote published names: whoever shows them makes
//! them harmless there, except [`three_lines`], which are single lines without control characters.

use esf_pipelines::run::{Outcome, RunReport, SourceReport, SourceState};

use crate::explain::code_of;
use crate::print::visible;

/// How much a remark matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// How many files are as they were: no remark, but said among them.
    Note,
    /// A source was loaded and has something to say.
    Message,
    /// More rows were quarantined than expected.
    Quarantine,
    /// A source could not be reached.
    Stale,
    /// The newest file of a source cannot be used.
    Held,
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

/// A state as people read it.
pub(crate) fn name(state: SourceState) -> &'static str {
    match state {
        SourceState::Loaded => "loaded",
        SourceState::Unchanged => "unchanged",
        SourceState::Stale => "stale",
        SourceState::Held => "held",
        SourceState::LeftOut => "left out",
    }
}

/// Sources with a message, unexpected quarantine, checks that failed, in this order.
pub(crate) fn remarks(report: &RunReport) -> Vec<Remark<'_>> {
    let mut remarks = Vec::new();
    for source in &report.sources {
        remarks.extend(message(source));
        remarks.extend(quarantine(source));
    }
    if report.unchanged > 0 {
        remarks.push(Remark {
            weight: Weight::Note,
            source_id: None,
            line: format!("{} files are as they were", report.unchanged),
        });
    }
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

fn message(source: &SourceReport) -> Option<Remark<'_>> {
    let id = &source.source_id;
    let weight = match source.state {
        SourceState::Loaded | SourceState::Unchanged => Weight::Message,
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

fn quarantine(source: &SourceReport) -> Option<Remark<'_>> {
    let id = &source.source_id;
    let (found, expected) = (source.quarantined, source.expected_quarantine);
    (found > expected).then(|| Remark {
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
        SourceState::Loaded | SourceState::Unchanged | SourceState::Stale => None,
    }
}

/// A line with what to type to learn its cause and remedy.
fn explained(line: String, otherwise: Option<&str>) -> String {
    match code_of(&line).or(otherwise) {
        Some(code) => format!("{line} [esf explain {code}]"),
        None => line,
    }
}

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

/// The three lines that matter: how the run ended, the worst of what somebody should look at, what to do next.
/// `place` is the flag that reaches the same warehouse, with a blank before it, or empty.
pub(crate) fn three_lines(report: &RunReport, place: &str) -> [String; 3] {
    let mut remarks = remarks(report);
    remarks.retain(|remark| remark.weight > Weight::Note);
    // Sorting is stable: of equal weight the first stays first.
    remarks.sort_by_key(|remark| std::cmp::Reverse(remark.weight));
    let worst = match remarks.as_slice() {
        [] => "no source and no check needs a look".to_owned(),
        [only] => only.line.clone(),
        [worst, others @ ..] => format!("{} (and {} more)", worst.line, others.len()),
    };
    let next = next(report, remarks.first(), place);
    [verdict(report), worst, next].map(|line| visible(&line).into_owned())
}

fn next(report: &RunReport, worst: Option<&Remark>, place: &str) -> String {
    if let Outcome::Failed { exit_code, .. } = report.outcome {
        return match exit_code {
            75 => {
                format!("nothing to do if the other run published: `esf{place} releases` shows it")
            }
            2 => format!("mend what the message names, then type `esf{place} nightly`"),
            _ => format!(
                "`esf{place} verify` says whether the last release is whole; then type `esf{place} nightly -v -v`"
            ),
        };
    }
    let Some(worst) = worst else {
        return match report.outcome {
            Outcome::Published { number, .. } if number > 1 => {
                let before = number - 1;
                format!("nothing to do; `esf{place} diff {before} {number}` shows what changed")
            }
            Outcome::Nothing => format!("`esf{place} nightly --mirror DIR` reads a folder"),
            _ => "nothing to do".to_owned(),
        };
    };
    let source = worst.source_id.filter(|id| is_plain(id));
    let source = source.unwrap_or("SOURCE");
    match worst.weight {
        Weight::Check => format!("`esf{place} nightly --dry-run` tries again without publishing"),
        Weight::Held => {
            format!("`esf source check {source} FILE` with that file says what does not fit")
        }
        Weight::Stale => {
            format!("nothing to do if it is reached tomorrow; `esf{place} nightly` tries again now")
        }
        Weight::Quarantine => format!("`esf{place} quarantine --source {source}` shows the rows"),
        Weight::Message | Weight::Note => {
            format!("`esf source show {source}` says what is expected of it")
        }
    }
}

/// Whether a name can be typed in a shell as it is: what is proposed to be typed must do nothing else.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && (name.chars()).all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
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
