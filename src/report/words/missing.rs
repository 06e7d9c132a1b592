//! What was not there: nights without a run that ended well, folders that cannot be read, and sources of which the folders have
//! no file or that nobody looked for; and what lies in the folders for no source.
//!
//! Owns how many of them are named. Does not own which nights were missed (`esf_pipelines::night`) or which sources are
//! absent or not asked (`esf_pipelines::run`).

use esf_pipelines::night::is_done;
use esf_pipelines::run::{Outcome, RunReport};
use jiff::civil::Date;

/// Most missed nights, folders, absent sources or files that are named one by one.
pub(super) const NAMED: usize = 5;

/// What is to be said of other nights than the one that a run is for, or of that it is for one that is over.
pub(super) fn nights(report: &RunReport) -> Vec<String> {
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
pub(super) fn made_up(report: &RunReport) -> Option<String> {
    let night = report.night.as_ref()?;
    let failed = matches!(report.outcome, Outcome::Failed { .. });
    let done = is_done(report.exit_code(), failed, report.looked_nowhere)
        && report.outcome != Outcome::DryRun;
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
    } else if report.looked_nowhere {
        format!("{missed}; the next run that looks for files makes up for {them}")
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

/// Why folders cannot be read, a line each as far as they are few.
pub(super) fn unread(report: &RunReport) -> Vec<String> {
    let (named, more) = report
        .unreadable
        .split_at(report.unreadable.len().min(NAMED));
    let mut lines = named.to_vec();
    if !more.is_empty() {
        lines.push(format!("{} more folders cannot be read", more.len()));
    }
    lines
}

/// The sources of which the folders have no file, or not the newest, if there are any.
pub(super) fn absent(report: &RunReport) -> Option<String> {
    let (of, named) = match report.absent.as_slice() {
        [] => return None,
        [only] => ("1 source has".to_owned(), only.clone()),
        several => (format!("{} sources have", several.len()), first(several)),
    };
    let stay = if report.absent.len() == 1 {
        "it stays as it was"
    } else {
        "they stay as they were"
    };
    Some(format!(
        "{of} no current file in the folders: {named}; {stay}"
    ))
}

/// The sources that nobody looked for, if there are any.
pub(super) fn not_asked(report: &RunReport) -> Option<String> {
    match report.not_asked.as_slice() {
        [] => None,
        [only] => Some(format!(
            "1 source was not looked for: {only}; it stays as it was, and ages"
        )),
        several => Some(format!(
            "{} sources were not looked for: {}; they stay as they were, and age",
            several.len(),
            first(several)
        )),
    }
}

/// The files in the folders that belong to no source, if there are any.
pub(super) fn unclaimed(report: &RunReport) -> Option<String> {
    let named = first(&report.unclaimed);
    match report.unclaimed.len() {
        0 => None,
        1 => Some(format!(
            "1 file in the folders belongs to no source: {named}"
        )),
        many => Some(format!(
            "{many} files in the folders belong to no source: {named}"
        )),
    }
}

/// The first of several names, and how many more there are.
pub(super) fn first(names: &[String]) -> String {
    let (named, more) = names.split_at(names.len().min(NAMED));
    let named = named.join(", ");
    if more.is_empty() {
        named
    } else {
        format!("{named} and {} more", more.len())
    }
}

#[cfg(test)]
mod tests {
    use esf_pipelines::run::SourceState;

    use super::*;
    use crate::report::testing::{night, report, source};
    use crate::report::words::{faults, remarks, three_lines};

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
            remarks(report, "").into_iter().map(|r| r.line).collect()
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
    fn folders_that_cannot_be_read_come_first() {
        let mut report = report();
        let why = |n| format!("cannot read f{n}: gone; look whether it is there and may be read");
        report.unreadable = (0..NAMED + 2).map(why).collect();
        report.sources = vec![source("c_list", SourceState::Held)];
        let told: Vec<String> = remarks(&report, "").into_iter().map(|r| r.line).collect();
        let first = format!("{} [esf explain input-unreadable]", why(0));
        assert_eq!(told[0], first);
        assert_eq!(
            told[NAMED],
            "2 more folders cannot be read [esf explain input-unreadable]"
        );
        let [_, worst, next] = three_lines(&report, "");
        assert!(worst.starts_with(&first), "{worst}");
        assert!(next.starts_with("see that the folder is mounted"), "{next}");
        assert_eq!(report.exit_code(), 5);
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
        let line =
            "2 sources have no current file in the folders: a_list, b_list; they stay as they were";
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
            told.contains(": s0, s1, s2, s3, s4 and 2 more; they"),
            "{told}"
        );
        report.absent.truncate(1);
        let told = absent(&report).unwrap();
        assert_eq!(
            told,
            "1 source has no current file in the folders: s0; it stays as it was"
        );
    }

    #[test]
    fn sources_that_nobody_looked_for_are_told_and_make_up_for_no_night() {
        let mut report = report();
        report.not_asked = vec!["a_list".to_owned(), "b_list".to_owned()];
        report.looked_nowhere = true;
        report.night = Some(night(&["2026-11-25"]));
        let told: Vec<String> = remarks(&report, "").into_iter().map(|r| r.line).collect();
        let line = "2 sources were not looked for: a_list, b_list; they stay as they were, and age \
                    [esf explain source-not-asked]";
        assert!(told.iter().any(|told| told == line), "{told:?}");
        let [_, worst, next] = three_lines(&report, "");
        assert_eq!(worst, "no source and no check needs a look");
        let missed =
            "1 night was missed (2026-11-25); the next run that looks for files makes up for it; ";
        assert!(next.starts_with(missed), "{next}");
        report.looked_nowhere = false;
        report.not_asked.truncate(1);
        let told = not_asked(&report);
        let one = "1 source was not looked for: a_list; it stays as it was, and ages";
        assert_eq!(told.as_deref(), Some(one));
        let [_, _, next] = three_lines(&report, "");
        assert!(next.contains("; this run made up for it; "), "{next}");
    }

    #[test]
    fn files_of_no_source_are_one_line_and_not_what_matters_most() {
        let mut report = report();
        report.unclaimed = (0..NAMED + 2).map(|n| format!("f{n}.csv")).collect();
        let line = "7 files in the folders belong to no source: f0.csv, f1.csv, f2.csv, f3.csv, f4.csv and 2 more \
                    [esf explain files-unclaimed]";
        let lines: Vec<String> = remarks(&report, "").into_iter().map(|r| r.line).collect();
        assert!(lines.iter().any(|told| told == line), "{lines:?}");
        let [_, worst, _] = three_lines(&report, "");
        assert_eq!(worst, "no source and no check needs a look");
        report.unclaimed.truncate(1);
        let told = unclaimed(&report);
        let one = "1 file in the folders belongs to no source: f0.csv";
        assert_eq!(told.as_deref(), Some(one));
    }

    #[test]
    fn folders_in_which_nothing_was_found_are_told_first() {
        let mut report = report();
        report.absent = vec!["a_list".to_owned()];
        report.nothing_found = true;
        let warning = "no file in m belongs to any source; see whether it is the right folder, and mounted: it is empty";
        report.warnings = vec![warning.to_owned()];
        let [_, worst, next] = three_lines(&report, "");
        assert!(
            worst.starts_with(&format!("{warning} [esf explain folder-wrong]")),
            "{worst}"
        );
        assert!(
            next.ends_with("see whether the folders of --mirror are the right ones, and mounted"),
            "{next}"
        );
        assert!(
            faults(&report, "")
                .iter()
                .any(|line| line.contains(warning))
        );
    }
}
