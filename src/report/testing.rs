//! A made report for the tests of this folder.

use esf_pipelines::night::Night;
use esf_pipelines::run::{
    CheckReport, ControlReport, Outcome, RunReport, SourceReport, SourceState, Step, Total,
};
use jiff::tz::TimeZone;

/// What a publisher could call a file to break out of a page, a label or a line.
pub(super) const HOSTILE: &str =
    "</td><script>alert('x')</script>\" onload=\"y\\ & {}\n# TYPE\r\u{1b}[31m\u{202e}.csv";

/// A night that published release 42 from one list.
pub(super) fn report() -> RunReport {
    RunReport {
        schema_version: 2,
        run_id: "20261126T010000000-7".to_owned(),
        started_at: "2026-11-26T01:00:00Z".parse().unwrap(),
        night: None,
        outcome: Outcome::Published {
            number: 42,
            content_hash: "c0ffee".to_owned(),
        },
        steps: vec![
            step("files found", 0.0, 0.5),
            step("lists derived and written", 0.5, 2.0),
            step("published", 2.5, 0.25),
        ],
        sources: vec![SourceReport {
            data_rows: 12_345,
            loaded: 12_344,
            quarantined: 1,
            expected_quarantine: 1,
            ..source("a_list", SourceState::Loaded)
        }],
        unchanged: 0,
        absent: Vec::new(),
        not_asked: Vec::new(),
        looked_nowhere: false,
        unclaimed: Vec::new(),
        nothing_found: false,
        unreadable: Vec::new(),
        asked_for: Vec::new(),
        checks: vec![check("keys", true)],
        warnings: Vec::new(),
        seconds: 2.75,
    }
}

/// The night of that report in Berlin, before which these were missed.
pub(super) fn night(missed: &[&str]) -> Night {
    Night {
        date: "2026-11-26".parse().unwrap(),
        time_zone: TimeZone::get("Europe/Berlin").unwrap(),
        caught_up: false,
        missed: missed.iter().map(|date| date.parse().unwrap()).collect(),
        earlier_run: None,
    }
}

/// A source with one file.
pub(super) fn source(id: &str, state: SourceState) -> SourceReport {
    SourceReport {
        source_id: id.to_owned(),
        list_id: format!("list_of_{id}"),
        file_name: format!("{id}.csv"),
        state,
        rows_read: 0,
        data_rows: 0,
        loaded: 0,
        quarantined: 0,
        ignored: 0,
        repeated: 0,
        expected_quarantine: 0,
        amounts_unreadable: 0,
        expected_unreadable_amounts: 0,
        accepted: None,
        totals: vec![Total {
            amount_kind: "granted".to_owned(),
            currency: Some("EUR".to_owned()),
            n: 1,
            total_hundredths: 123,
        }],
        with_region: Some((1, 2)),
        findings: 0,
        controls: vec![ControlReport {
            control: "rows".to_owned(),
            of: None,
            found: 12.0,
            before: Some(11.0),
            least: Some(8.0),
            most: None,
            passed: true,
            accepted: None,
            message: String::new(),
        }],
        rendition_of: None,
        message: None,
        seconds: 0.5,
    }
}

/// A check of the whole release.
pub(super) fn check(name: &str, passed: bool) -> CheckReport {
    let message = if passed { "" } else { "3 rows, of 9" };
    CheckReport {
        name: name.to_owned(),
        passed,
        message: message.to_owned(),
    }
}

fn step(name: &str, seconds_from: f64, seconds: f64) -> Step {
    Step {
        name: name.to_owned(),
        seconds_from,
        seconds,
    }
}
