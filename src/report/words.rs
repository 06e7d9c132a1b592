//! What a run did, in words: the verdict, the remarks under it, and the three lines that a person must read.
//!
//! The terminal, the page and the hook use the same words. Lines may quote published names: whoever shows them makes
//! them harmless there, except [`three_lines`], which are single lines without control characters.

use esf_pipelines::night::is_done;
use esf_pipelines::run::{Outcome, RunReport, SourceReport, SourceState};
use jiff::civil::Date;

use crate::explain::code_of;
use crate::print::visible;

/// Most missed nights that are named one by one.
const NAMED: usize = 5;

/// Why a file is held that somebody who knows better can take with `--accept`.
const ACCEPTED: [&str; 2] = ["control-failed", "rows-outside-range"];

/// How much a remark matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// No remark, but said among them: how many files are as they were, which have the bytes of others, and which nights a run
    /// makes up for.
    Note,
    /// A source was loaded and has something to say.
    Message,
    /// Folders have no file of sources that the release has, or of none at all.
    Absent,
    /// The clock is wrong.
    Clock,
    /// The release has one list twice.
    Twice,
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

/// Sources with a message, unexpected quarantine, nights and clocks, checks that failed, in this order.
pub(crate) fn remarks(report: &RunReport) -> Vec<Remark<'_>> {
    let mut remarks = Vec::new();
    for source in &report.sources {
        remarks.extend(message(source));
        remarks.extend(quarantine(source));
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
            Some("folder-wrong") => Weight::Absent,
            Some("list-twice") => Weight::Twice,
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

/// What makes the exit code of a run other than 0, a line each, and last the code itself; nothing after a run that ended
/// with 0.
pub(crate) fn faults(report: &RunReport) -> Vec<String> {
    let code = report.exit_code();
    if code == 0 {
        return Vec::new();
    }
    let remarks = remarks(report).into_iter();
    let faults = remarks.filter(|remark| remark.weight >= Weight::Quarantine);
    faults
        .map(|remark| remark.line)
        .chain([
            verdict(report),
            format!("the run ended with {code}: `esf explain {code}` says what that means"),
        ])
        .collect()
}

/// What a file has to say.
pub(super) fn message(source: &SourceReport) -> Option<Remark<'_>> {
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

/// That more rows of a file were quarantined than expected.
pub(super) fn quarantine(source: &SourceReport) -> Option<Remark<'_>> {
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
        SourceState::Loaded
        | SourceState::Empty
        | SourceState::Older
        | SourceState::Later
        | SourceState::Repeated
        | SourceState::Unchanged
        | SourceState::Stale => None,
    }
}

/// What is to be said of other nights than the one that a run is for, or of that it is for one that is over.
fn nights(report: &RunReport) -> Vec<String> {
    let Some(night) = &report.night else {
        return Vec::new();
    };
    let mut lines: Vec<String> = made_up(report).into_iter().collect();
    if let Some(run) = &night.earlier_run {
        lines.push(format!(
            "the night of {} was done before, by run {run}",
            night.date
        ));
    }
    lines
}

/// The nights that a run makes up for, if there are any.
fn made_up(report: &RunReport) -> Option<String> {
    let night = report.night.as_ref()?;
    let done = is_done(report.exit_code()) && report.outcome != Outcome::DryRun;
    if night.caught_up {
        return done.then(|| format!("this run made up for the night of {}", night.date));
    }
    let missed = missed(&night.missed)?;
    let them = if night.missed.len() == 1 {
        "it"
    } else {
        "them"
    };
    Some(if done {
        format!("{missed}; this run made up for {them}")
    } else {
        format!("{missed}; the next run that ends well makes up for {them}")
    })
}

/// Nights that were missed, with their dates as far as they are few.
pub(crate) fn missed(dates: &[Date]) -> Option<String> {
    Some(match dates {
        [] => return None,
        [only] => format!("1 night was missed ({only})"),
        [first, .., last] if dates.len() > NAMED => {
            let n = dates.len();
            format!("{n} nights were missed (between {first} and {last})")
        }
        several => {
            let named: Vec<String> = several.iter().map(Date::to_string).collect();
            format!("{} nights were missed ({})", named.len(), named.join(", "))
        }
    })
}

/// The sources of which the folders have no file, if there are any.
fn absent(report: &RunReport) -> Option<String> {
    let (of, named) = match report.absent.as_slice() {
        [] => return None,
        [only] => ("1 source has".to_owned(), only.clone()),
        several => {
            let mut named = several[..several.len().min(NAMED)].join(", ");
            if several.len() > NAMED {
                named.push_str(" and more");
            }
            (format!("{} sources have", several.len()), named)
        }
    };
    let stay = if report.absent.len() == 1 {
        "it stays as it was"
    } else {
        "they stay as they were"
    };
    Some(format!("{of} no file in the folders: {named}; {stay}"))
}

/// A line with what to type to learn its cause and remedy.
pub(crate) fn explained(line: String, otherwise: Option<&str>) -> String {
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

/// The three lines that matter: how the run ended, the worst of what somebody should look at, what to do next; before that,
/// which nights it made up for.
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

fn next(report: &RunReport, worst: Option<&Remark>, place: &str) -> String {
    if let Outcome::Failed { exit_code, .. } = report.outcome {
        return match exit_code {
            75 => {
                format!("nothing to do if the other run published: `esf{place} releases` shows it")
            }
            130 | 143 => format!("`esf{place} nightly` runs again; nothing needs repair"),
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
    remedy(worst, place)
}

/// What to do about a remark. `place` is the flag that reaches the same warehouse, with a blank before it, or empty.
pub(super) fn remedy(remark: &Remark, place: &str) -> String {
    let source = remark.source_id.filter(|id| is_plain(id));
    let source = source.unwrap_or("SOURCE");
    let code = code_of(&remark.line);
    match remark.weight {
        Weight::Absent => {
            "see whether the folders of --mirror are the right ones, and mounted".to_owned()
        }
        Weight::Clock => format!("`esf{place} doctor` looks at the clock"),
        Weight::Twice => format!(
            "take the file that is not of its source away, and go back with `esf{place} rollback` to the release before it \
             came"
        ),
        Weight::Check => format!("`esf{place} nightly --dry-run` tries again without publishing"),
        Weight::Held if code == Some("bytes-of-another") => format!(
            "take the file that is not of its source away; if both are right, `esf{place} nightly --accept {source}=REASON` \
             takes this one as well"
        ),
        // Nothing in the file by itself is wrong: only a person can say whether it is right.
        Weight::Held if code.is_some_and(|code| ACCEPTED.contains(&code)) => {
            format!(
                "look at the file beside the one before it; if it is right, `esf{place} nightly --accept \
                 {source}=REASON` takes it"
            )
        }
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
    use crate::report::testing::{HOSTILE, check, night, report, source};

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
        assert!(faults(&report).is_empty());
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
        let told = faults(&report);
        let starts = [
            "b_list: 3 rows quarantined, 0 expected; see ",
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
    fn a_file_that_differs_too_much_can_be_taken() {
        let mut report = report();
        report.sources = vec![SourceReport {
            message: Some(
                "it has 4 rows, a.csv before it had 40. Look at the file; if it is right, take it with --accept \
                 a_list=REASON"
                    .to_owned(),
            ),
            ..source("a_list", SourceState::Held)
        }];
        let [_, worst, next] = three_lines(&report, " --warehouse w");
        assert!(worst.ends_with("[esf explain control-failed]"), "{worst}");
        assert!(
            next.contains("`esf --warehouse w nightly --accept a_list=REASON`"),
            "{next}"
        );
        assert!(!next.contains("source check"), "{next}");
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
    fn nights_that_were_missed_stand_before_what_is_to_be_done() {
        let mut report = report();
        report.night = Some(night(&["2026-11-24", "2026-11-25"]));
        let [_, worst, next] = three_lines(&report, "");
        assert_eq!(worst, "no source and no check needs a look");
        assert_eq!(
            next,
            "2 nights were missed (2026-11-24, 2026-11-25); this run made up for them; \
             nothing to do; `esf diff 41 42` shows what changed"
        );
        let said = |report: &RunReport| -> Vec<String> {
            remarks(report).into_iter().map(|r| r.line).collect()
        };
        let told = said(&report).concat();
        assert!(told.ends_with("[esf explain night-missed]"), "{told}");

        report.outcome = Outcome::Failed {
            exit_code: 143,
            message: "the run was interrupted by a signal".to_owned(),
        };
        let [_, _, next] = three_lines(&report, " --warehouse w");
        assert!(
            next.contains("; the next run that ends well makes up for them; `esf --warehouse w nightly` runs again"),
            "{next}"
        );

        let mut again = night(&[]);
        again.earlier_run = Some("20261126T000000000-1".to_owned());
        report.night = Some(again);
        let told = said(&report).concat();
        assert!(
            told.contains("the night of 2026-11-26 was done before, by run 20261126T000000000-1"),
            "{told}"
        );
    }

    #[test]
    fn many_missed_nights_are_counted() {
        let dates: Vec<Date> = (1..=6).map(|n| jiff::civil::date(2026, 11, n)).collect();
        assert_eq!(
            missed(&dates).as_deref(),
            Some("6 nights were missed (between 2026-11-01 and 2026-11-06)")
        );
        assert_eq!(
            missed(&dates[..1]).as_deref(),
            Some("1 night was missed (2026-11-01)")
        );
        assert_eq!(missed(&[]), None);
    }

    #[test]
    fn sources_without_a_file_are_told_whatever_else_is() {
        let mut report = report();
        report.absent = vec!["a_list".to_owned(), "b_list".to_owned()];
        let line = "2 sources have no file in the folders: a_list, b_list; they stay as they were";
        let [_, worst, next] = three_lines(&report, "");
        assert_eq!(worst, format!("{line} [esf explain source-absent]"));
        assert!(next.starts_with("see whether the folders"), "{next}");

        report.sources = vec![source("c_list", SourceState::Held)];
        let [_, worst, next] = three_lines(&report, "");
        assert!(worst.starts_with("c_list (held)"), "{worst}");
        assert!(next.starts_with(&format!("{line}; `esf source")), "{next}");

        report.absent = (0..NAMED + 2).map(|n| format!("s{n}")).collect();
        let told = absent(&report).unwrap();
        assert!(
            told.contains(": s0, s1, s2, s3, s4 and more; they"),
            "{told}"
        );
        report.absent.truncate(1);
        let told = absent(&report).unwrap();
        assert_eq!(
            told,
            "1 source has no file in the folders: s0; it stays as it was"
        );
    }

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

    #[test]
    fn a_clock_that_is_behind_needs_a_look() {
        let mut report = report();
        let warning = "the clock stands 48h before release 41 of 2026-11-28T01:00:00Z";
        report.warnings = vec![warning.to_owned()];
        let [_, worst, next] = three_lines(&report, "");
        assert_eq!(worst, format!("{warning} [esf explain clock-wrong]"));
        assert_eq!(next, "`esf doctor` looks at the clock");
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
