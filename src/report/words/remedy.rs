//! What to do next: about a remark, or where there is none.
//!
//! Owns that nothing is proposed to be typed that holds a published name as it is.

use esf_pipelines::run::{Outcome, RunReport};

use super::remark::{Remark, Weight};
use crate::explain::code_of;

/// Why a file is held that somebody who knows better can take with `--accept`.
const ACCEPTED: [&str; 10] = [
    "amounts-exchanged",
    "amounts-slipped",
    "control-failed",
    "identities-changed",
    "list-doubled",
    "operations-gone",
    "regions-moved",
    "rows-outside-range",
    "unit-unclear",
    "values-scaled",
];

/// What is doubtful about the links of a publisher's page.
const LINKS: [&str; 4] = [
    "link-ambiguous",
    "link-no-day",
    "link-not-dated",
    "link-too-late",
];

/// What to do after a run, with `worst` the remark that matters most.
pub(super) fn next(report: &RunReport, worst: Option<&Remark>, place: &str) -> String {
    if let Outcome::Failed { exit_code, message } = &report.outcome {
        return match *exit_code {
            1 if code_of(message) == Some("release-unreadable") => format!(
                "restore the document that the message names from a backup, or if there is none move it out of the folder; then \
                 type `esf{place} nightly`"
            ),
            1 if code_of(message) == Some("release-number-given") => format!(
                "restore the document that the message names from a backup, then type `esf{place} nightly`"
            ),
            75 => {
                format!("nothing to do if the other run published: `esf{place} releases` shows it")
            }
            130 | 143 => format!("`esf{place} nightly` runs again; nothing needs repair"),
            2 => format!("mend what the message names, then type `esf{place} nightly`"),
            5 => format!(
                "see that the folders are mounted and may be read by the user of the run, then type `esf{place} nightly`"
            ),
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
pub(in crate::report) fn remedy(remark: &Remark, place: &str) -> String {
    let source = remark.source_id.filter(|id| is_plain(id));
    let source = source.unwrap_or("SOURCE");
    let code = remark.code;
    match remark.weight {
        Weight::Stale if code == Some("folder-wrong") => folders(),
        Weight::Stale if code == Some("folders-unnamed") => {
            "see that the run finds its esf.toml, and that `mirrors` in it, ESF_MIRRORS or --mirror names the folders".to_owned()
        }
        Weight::Absent => folders(),
        Weight::Unclaimed => {
            "see whether a publisher names its files otherwise now: `esf source show SOURCE` tells the names that fit".to_owned()
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
        Weight::Held if code == Some("vintages-undated") => format!(
            "keep only the file that counts in the folder, or, unless the list grows, take it with \
             `esf{place} nightly --accept {source}:FILE=REASON`"
        ),
        Weight::Held if code == Some("regions-fewer") => format!(
            "see whether the newest reference tables are whole; if the list is right, `esf{place} nightly --accept {source}=REASON` \
             takes it"
        ),
        Weight::Held if code == Some("reference-broken") => {
            "fetch the table again; if its header changed, mend its `source.toml`".to_owned()
        }
        Weight::Held if code == Some("object-lost") => format!(
            "restore the file from a backup, or put the publisher's into a folder of --mirror; `esf{place} verify` says what else \
             is lost"
        ),
        Weight::Held => {
            format!("`esf source check {source} FILE` with that file says what does not fit")
        }
        Weight::Unread => format!(
            "see that the folder is mounted and may be read by the user of the run, then type `esf{place} nightly`"
        ),
        Weight::Stale if code == Some("input-unreadable") => format!(
            "see that the file is there and may be read by the user of the run, then type `esf{place} nightly`"
        ),
        Weight::Stale => {
            format!("nothing to do if it is reached tomorrow; `esf{place} nightly` tries again now")
        }
        Weight::Quarantine => format!(
            "`esf{place} quarantine --source {source}` shows the rows; what cannot be mended is taken by \
             `esf{place} nightly --accept {source}=REASON`"
        ),
        Weight::Amounts => format!(
            "`esf{place} sql \"SELECT * FROM finding WHERE source_id = '{source}'\"` shows them; what cannot be mended is \
             taken by `esf{place} nightly --accept {source}=REASON`"
        ),
        Weight::Message if matches!(code, Some("data-made-again" | "object-kept-again")) => {
            format!("see to the disk; `esf{place} verify` says whether other files are damaged")
        }
        Weight::Message if code == Some("accept-unmatched") => {
            "nothing to do if nothing is held; otherwise give --accept again with the source or file that is meant".to_owned()
        }
        Weight::Message if code == Some("file-passed-over") => format!(
            "nothing to do if that is right; `esf{place} nightly --accept {source}:FILE=REASON` takes another one"
        ),
        Weight::Message if code == Some("file-left-behind") => format!(
            "nothing to do if it is not wanted; `esf{place} nightly --accept {source}=REASON` takes it up again"
        ),
        Weight::Message if code.is_some_and(|code| LINKS.contains(&code)) => {
            "open the page in a browser; mend link under [fetch] where it takes the wrong one".to_owned()
        }
        Weight::Message | Weight::Note => {
            format!("`esf source show {source}` says what is expected of it")
        }
    }
}

fn folders() -> String {
    "see whether the folders of --mirror are the right ones, and mounted".to_owned()
}

/// Whether a name can be typed in a shell as it is: what is proposed to be typed must do nothing else.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && (name.chars()).all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

#[cfg(test)]
mod tests {
    use esf_pipelines::run::{Outcome, SourceReport, SourceState};

    use crate::report::testing::{report, source};
    use crate::report::words::three_lines;

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
    fn of_files_that_came_together_one_can_be_named() {
        let mut report = report();
        let rivals = "a.csv, b.csv are states of one list that came together, and nothing says which of them is the newest; …";
        report.sources = vec![SourceReport {
            message: Some(rivals.to_owned()),
            ..source("a_list", SourceState::Held)
        }];
        let [_, _, next] = three_lines(&report, " --warehouse w");
        let command = "`esf --warehouse w nightly --accept a_list:FILE=REASON`";
        assert!(next.ends_with(&format!("take it with {command}")), "{next}");
        report.sources = vec![SourceReport {
            message: Some("b.csv counts in its place (by telephone); …".to_owned()),
            ..source("a_list", SourceState::Older)
        }];
        let [_, worst, next] = three_lines(&report, " --warehouse w");
        assert!(worst.ends_with("[esf explain file-passed-over]"), "{worst}");
        assert!(next.contains(command), "{next}");
    }

    #[test]
    fn what_a_rollback_left_behind_can_be_taken_up_again() {
        let mut report = report();
        report.sources = vec![SourceReport {
            message: Some(
                "the rollback that made release 3 (cut off) left it behind; …".to_owned(),
            ),
            ..source("a_list", SourceState::RolledBack)
        }];
        let [_, worst, next] = three_lines(&report, " --warehouse w");
        assert!(
            worst.starts_with("a_list (rolled back): a_list.csv: "),
            "{worst}"
        );
        assert!(worst.ends_with("[esf explain file-left-behind]"), "{worst}");
        let command = "`esf --warehouse w nightly --accept a_list=REASON`";
        assert!(next.contains(command), "{next}");
        assert_eq!(report.exit_code(), 0);
    }

    #[test]
    fn a_doubt_about_links_leads_to_the_page() {
        let mut report = report();
        let doubt = "a_list: a link of https://example.org/ is dated \"31.02.2025\", which is no day of the calendar, and is \
                     passed over";
        report.warnings = vec![doubt.to_owned()];
        let [_, worst, next] = three_lines(&report, "");
        assert_eq!(worst, format!("{doubt} [esf explain link-no-day]"));
        assert!(next.starts_with("open the page in a browser; "), "{next}");
    }

    #[test]
    fn a_damaged_file_that_was_made_again_says_something_about_the_disk() {
        let mut report = report();
        let warning = "damaged files of release 41 were made again from the bytes in raw/, as the release names them: \
                       data/operation/c0ffee.parquet; see to the disk";
        report.warnings = vec![warning.to_owned()];
        let [_, worst, next] = three_lines(&report, " --warehouse w");
        assert_eq!(worst, format!("{warning} [esf explain data-made-again]"));
        assert_eq!(
            next,
            "see to the disk; `esf --warehouse w verify` says whether other files are damaged"
        );
    }

    #[test]
    fn bytes_that_are_lost_or_were_kept_again_say_something_about_the_archive() {
        let mut report = report();
        let warning = "published bytes that raw/ had lost or damaged are kept there again: a.csv (a_list); see to the disk";
        report.warnings = vec![warning.to_owned()];
        let [_, worst, next] = three_lines(&report, "");
        assert_eq!(worst, format!("{warning} [esf explain object-kept-again]"));
        assert!(next.starts_with("see to the disk; "), "{next}");
        report.warnings.clear();
        report.sources = vec![SourceReport {
            message: Some(
                "raw/00 is damaged: its content has sha256 01 instead of 00; restore the file from a backup"
                    .to_owned(),
            ),
            ..source("b_list", SourceState::Held)
        }];
        let [_, worst, next] = three_lines(&report, "");
        assert!(worst.starts_with("b_list (held): "), "{worst}");
        assert!(worst.ends_with("[esf explain object-lost]"), "{worst}");
        assert!(next.contains("a folder of --mirror"), "{next}");
    }

    #[test]
    fn a_damaged_newest_release_is_to_be_restored_or_moved_away() {
        let mut report = report();
        report.outcome = Outcome::Failed {
            exit_code: 1,
            message: "releases/00000002.json is no release document: EOF".to_owned(),
        };
        let [_, _, next] = three_lines(&report, " --warehouse w");
        assert!(next.starts_with("restore the document"), "{next}");
        assert!(next.ends_with("`esf --warehouse w nightly`"), "{next}");
        assert!(!next.contains("verify"), "{next}");
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
}
