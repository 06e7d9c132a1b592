//! The report of a run as metrics in Prometheus' text form, for the textfile collector of node_exporter.
//!
//! Times are seconds, timestamps seconds since 1970. Rows of a source whose file is as it was are those that the
//! release holds, so that an alert on them stays for as long as they are lacking; of files of people they are told when
//! the file is read alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use esf_pipelines::run::{RunReport, SourceReport};

use super::{History, release};

/// All metrics of a run.
pub(crate) fn metrics(report: &RunReport, history: &History) -> String {
    let mut text = String::new();
    let code = report.exit_code();
    let finished = report.started_at.as_millisecond() as f64 / 1000.0 + report.seconds;
    let one = |value: String| vec![(String::new(), value)];
    let mut add = |name, help, samples| family(&mut text, name, help, samples);
    add(
        "esf_run_success",
        "Whether the last run ended with exit code 0.",
        one(u8::from(code == 0).to_string()),
    );
    add(
        "esf_run_exit_code",
        "Exit code of the last run.",
        one(code.to_string()),
    );
    add(
        "esf_run_duration_seconds",
        "Time that the last run took.",
        one(format!("{:.3}", report.seconds)),
    );
    add(
        "esf_run_finished_timestamp_seconds",
        "When the last run ended.",
        one(format!("{finished:.3}")),
    );
    add(
        "esf_release_number",
        "Number of the release that the last run published or found unchanged.",
        release(report).map_or_else(Vec::new, |number| one(number.to_string())),
    );
    let read = rows_read(report);
    let missed = report.night.iter().map(|night| night.missed.len());
    add(
        "esf_missed_nights",
        "Nights before the last run of which none ended well; it made up for them if it ended well itself.",
        missed.map(|n| (String::new(), n.to_string())).collect(),
    );
    let counts = |count: fn(&Counts) -> u64| -> Samples {
        let of_sources = read.iter();
        of_sources
            .map(|(id, counts)| (label("source", id), count(counts).to_string()))
            .collect()
    };
    add(
        "esf_source_rows",
        "Rows of the source that the last run loaded or found in the release.",
        counts(|counts| counts.loaded),
    );
    add(
        "esf_source_quarantined_rows",
        "Rows of the source that could not be loaded, in the last run or when its file was read.",
        counts(|counts| counts.quarantined),
    );
    let sources = history.sources();
    let states = sources.iter().filter_map(|id| {
        let state = label("state", history.seen_tonight(id)?.name());
        Some((format!("{},{state}", label("source", id)), "1".to_owned()))
    });
    add(
        "esf_source_state",
        "State of the source in the last run: the label that is there is the state.",
        states.collect(),
    );
    let ages = sources
        .iter()
        .map(|id| (label("source", id), history.stale_nights(id).to_string()));
    add(
        "esf_source_stale_nights",
        "Days since the source was last found as its publisher has it, of the last 30.",
        ages.collect(),
    );
    // Checks of one name are one series, which passed if all of them did.
    let mut passed = BTreeMap::new();
    for check in &report.checks {
        *passed.entry(check.name.as_str()).or_insert(true) &= check.passed;
    }
    let passed = passed
        .into_iter()
        .map(|(name, passed)| (label("check", name), u8::from(passed).to_string()));
    add(
        "esf_check_passed",
        "Whether the check of the whole release passed in the last run.",
        passed.collect(),
    );
    text
}

/// Labels and value.
type Samples = Vec<(String, String)>;

/// Writes a metric with its samples; without any it is left out.
fn family(text: &mut String, name: &str, help: &str, samples: Samples) {
    if samples.is_empty() {
        return;
    }
    // Writing to a string cannot fail, here and below.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    for (labels, value) in samples {
        let _ = if labels.is_empty() {
            writeln!(text, "{name} {value}")
        } else {
            writeln!(text, "{name}{{{labels}}} {value}")
        };
    }
}

/// A label, its value escaped as the text form prescribes.
fn label(name: &str, value: &str) -> String {
    let mut text = format!("{name}=\"");
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// Rows of a source.
#[derive(Default)]
struct Counts {
    loaded: u64,
    quarantined: u64,
}

/// The rows of all files of each source of which files were read, or stand as they were.
fn rows_read(report: &RunReport) -> BTreeMap<&str, Counts> {
    let mut read: BTreeMap<&str, Counts> = BTreeMap::new();
    let is_read = |source: &&SourceReport| source.data_rows > 0;
    for source in report.sources.iter().filter(is_read) {
        let counts = read.entry(source.source_id.as_str()).or_default();
        counts.loaded += source.loaded;
        counts.quarantined += source.quarantined;
    }
    read
}

#[cfg(test)]
mod tests {
    use esf_pipelines::run::{Outcome, SourceState};

    use super::*;
    use crate::report::testing::{HOSTILE, check, night, report, source};

    fn shown(report: &RunReport) -> String {
        metrics(report, &History::of(report))
    }

    #[test]
    fn a_good_night_is_told_in_full() {
        let text = shown(&report());
        for line in [
            "# HELP esf_run_success Whether the last run ended with exit code 0.",
            "# TYPE esf_run_success gauge",
            "esf_run_success 1",
            "esf_run_exit_code 0",
            "esf_run_duration_seconds 2.750",
            "esf_run_finished_timestamp_seconds 1795654802.750",
            "esf_release_number 42",
            "esf_source_rows{source=\"a_list\"} 12344",
            "esf_source_quarantined_rows{source=\"a_list\"} 1",
            "esf_source_state{source=\"a_list\",state=\"loaded\"} 1",
            "esf_source_stale_nights{source=\"a_list\"} 0",
            "esf_check_passed{check=\"keys\"} 1",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn missed_nights_are_counted_for_nights_alone() {
        let mut report = report();
        assert!(!shown(&report).contains("esf_missed_nights"));
        for missed in [&["2026-11-24", "2026-11-25"][..], &[]] {
            report.night = Some(night(missed));
            let line = format!("\nesf_missed_nights {}\n", missed.len());
            let text = shown(&report);
            assert!(text.contains(&line), "{text}");
        }
    }

    #[test]
    fn rows_that_a_release_lacks_are_told_every_night() {
        let mut report = report();
        report.sources[0].state = SourceState::Unchanged;
        let text = shown(&report);
        for line in [
            "esf_source_rows{source=\"a_list\"} 12344",
            "esf_source_quarantined_rows{source=\"a_list\"} 1",
            "esf_source_state{source=\"a_list\",state=\"unchanged\"} 1",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_source_without_a_file_is_absent_whatever_the_release_holds() {
        let mut report = report();
        report.sources[0].state = SourceState::Unchanged;
        report.absent = vec!["a_list".to_owned()];
        let text = shown(&report);
        let line = "esf_source_state{source=\"a_list\",state=\"absent\"} 1";
        assert!(text.lines().any(|l| l == line), "{text}");
        assert!(!text.contains("state=\"unchanged\""), "{text}");
    }

    #[test]
    fn a_source_that_nobody_looked_for_is_not_unchanged() {
        let mut report = report();
        report.sources[0].state = SourceState::Unchanged;
        report.not_asked = vec!["a_list".to_owned()];
        let text = shown(&report);
        let line = "esf_source_state{source=\"a_list\",state=\"not_asked\"} 1";
        assert!(text.lines().any(|l| l == line), "{text}");
        assert!(!text.contains("state=\"unchanged\""), "{text}");
    }

    #[test]
    fn every_line_is_a_comment_or_a_sample_whatever_names_hold() {
        let mut report = report();
        report.sources = vec![source(HOSTILE, SourceState::LeftOut)];
        report.checks = vec![check(HOSTILE, false), check(HOSTILE, true)];
        let text = shown(&report);
        for line in text.split('\n').filter(|line| !line.is_empty()) {
            let is_comment = line.starts_with("# HELP esf_") || line.starts_with("# TYPE esf_");
            let value = line.rsplit_once(' ').map(|(_, value)| value.parse::<f64>());
            let is_sample = line.starts_with("esf_") && matches!(value, Some(Ok(_)));
            assert!(is_comment || is_sample, "{line:?}");
        }
        assert_eq!(text.matches("esf_check_passed{").count(), 1);
        assert!(text.contains(r#"\" onload=\"y\\ & {}\n# TYPE"#), "{text}");
    }

    #[test]
    fn a_failed_run_is_told_without_a_release() {
        let mut report = report();
        report.outcome = Outcome::Failed {
            exit_code: 75,
            message: String::new(),
        };
        let text = shown(&report);
        assert!(text.contains("\nesf_run_exit_code 75\n"), "{text}");
        assert!(text.contains("\nesf_run_success 0\n"), "{text}");
        assert!(!text.contains("esf_release_number"), "{text}");
    }
}
