//! The report of a run as one HTML page: verdict, the three lines that matter, all that needs a look with what was expected
//! and found, what took how long, the health of every source over the last 30 days, the checks.
//!
//! Like the page of a comparison it asks nothing of the network and runs no script, and a content policy holds browsers
//! to both; it prints, follows a dark screen and can be read aloud. Colour only repeats what a sign and a word say.
//! Everything published is escaped.

mod health;
mod timeline;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use esf_pipelines::night::Night;
use esf_pipelines::run::{CheckReport, RunReport};
use esf_queries::chart::escape;

use super::finding::Finding;
use super::words::{headline, name};
use super::{Ending, History};
use crate::print::grouped;

const STYLE: &str = include_str!("page.css");

/// The page of a run with its ending.
pub(crate) fn page(report: &RunReport, history: &History, ending: &Ending) -> String {
    let [verdict, worst, next] = ending.lines.each_ref().map(|line| escape(line));
    let (headline, verdict) = match headline(report) {
        Some(headline) => {
            let verdict = format!("<p class=\"line\">{verdict}</p>\n");
            (escape(&headline), verdict)
        }
        None => (verdict, String::new()),
    };
    let code = report.exit_code();
    let (class, sign) = if code == 0 {
        ("good", "✓")
    } else {
        ("bad", "✗")
    };
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>esf: {headline}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1 class=\"{class}\"><span aria-hidden=\"true\">{sign}</span> {headline}</h1>\n{verdict}\
         <p class=\"line\">{worst}</p>\n<p class=\"line\"><strong>Next:</strong> {next}</p>\n{}\
         <dl>\n{}<dt>Files</dt><dd>{}</dd>\n<dt>Run</dt><dd>{}</dd>\n<dt>Began</dt><dd>{:.0}</dd>\n<dt>Took</dt><dd>{:.2} s</dd>\n\
         <dt>Exit code</dt><dd>{code}: {}</dd>\n</dl>\n",
        findings(&ending.findings),
        report.night.as_ref().map_or_else(String::new, night),
        files(report),
        escape(&report.run_id),
        report.started_at,
        report.seconds,
        meaning(code),
    );
    section(&mut html, "What took how long", &timeline::timeline(report));
    section(
        &mut html,
        "Sources over the last 30 days",
        &health::health(report, history),
    );
    section(
        &mut html,
        "Checks of the whole release",
        &checks(&report.checks),
    );
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

/// The date of the night, and where it is that on the wall.
fn night(night: &Night) -> String {
    let zone = night.time_zone.iana_name().unwrap_or("local time");
    let late = if night.caught_up { ", made up for" } else { "" };
    format!(
        "<dt>Night</dt><dd>{} ({}){late}</dd>\n",
        night.date,
        escape(zone)
    )
}

/// How many files are in which state.
fn files(report: &RunReport) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &report.sources {
        *counts.entry(name(file.state)).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(state, n)| format!("{} {state}", grouped(&n.to_string())))
        .collect();
    if counts.is_empty() {
        "none".to_owned()
    } else {
        counts.join(", ")
    }
}

/// All that needs a look, as a table; nothing where there is nothing.
fn findings(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut table = String::from(
        "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Source</th><th scope=\"col\">What was found</th>\
         <th scope=\"col\" class=\"num\">Expected</th><th scope=\"col\" class=\"num\">Found</th>\
         <th scope=\"col\">What to do</th></tr></thead>\n<tbody>\n",
    );
    let text = |text: Option<&str>| text.map_or_else(|| "–".to_owned(), escape);
    for finding in findings {
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "<tr><th scope=\"row\">{}</th><td class=\"note bad\">{}</td><td class=\"num\">{}</td>\
             <td class=\"num\">{}</td><td class=\"note\">{}</td></tr>",
            text(finding.source_id.as_deref()),
            escape(&finding.what),
            text(finding.expected.as_deref()),
            text(finding.found.as_deref()),
            escape(&finding.remedy),
        );
    }
    table.push_str("</tbody>\n</table></div>\n");
    let all: usize = findings.iter().map(|finding| finding.stands_for).sum();
    let title = format!("What needs a look: {}", grouped(&all.to_string()));
    let mut html = String::new();
    section(&mut html, &title, &table);
    html
}

/// What an exit code says (design section 8).
fn meaning(code: u8) -> &'static str {
    match code {
        0 => "done",
        2 => "the command or its configuration is wrong",
        3 => "a check of the whole release failed, nothing was published",
        4 => "a source was held, or more rows than expected were quarantined",
        5 => "a source could not be reached",
        75 => "another run held the warehouse",
        130 | 143 => "interrupted",
        _ => "internal error",
    }
}

fn section(html: &mut String, title: &str, content: &str) {
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        html,
        "<section aria-label=\"{title}\">\n<h2>{title}</h2>\n{content}</section>\n"
    );
}

fn checks(checks: &[CheckReport]) -> String {
    if checks.is_empty() {
        return "<p>None was made: nothing was put together that could be checked.</p>\n"
            .to_owned();
    }
    let mut table = String::from(
        "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Check</th><th scope=\"col\">Result</th>\
         <th scope=\"col\">What was found</th></tr></thead>\n<tbody>\n",
    );
    let mut sorted: Vec<&CheckReport> = checks.iter().collect();
    sorted.sort_by_key(|check| check.passed);
    for check in sorted {
        let (class, result) = if check.passed {
            ("good", "✓ passed")
        } else {
            ("bad", "✗ failed")
        };
        let _ = writeln!(
            table,
            "<tr><th scope=\"row\">{}</th><td class=\"{class}\">{result}</td><td>{}</td></tr>",
            escape(&check.name),
            escape(&check.message)
        );
    }
    table + "</tbody>\n</table></div>\n"
}

#[cfg(test)]
mod tests {
    use esf_pipelines::run::{Outcome, SourceReport, SourceState};

    use super::*;
    use crate::report::testing::{HOSTILE, check, night, report, source};

    fn shown(report: &RunReport) -> String {
        page(report, &History::of(report), &Ending::of(report, ""))
    }

    /// Every element that is opened is closed, in order.
    fn assert_sound(html: &str) {
        let mut open = Vec::new();
        for tag in html.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').expect("no bare <");
            let name = tag
                .split([' ', '/'])
                .find(|part| !part.is_empty())
                .unwrap_or_default();
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "{tag}");
            } else if !tag.ends_with('/') && !["!DOCTYPE", "meta"].contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn the_three_lines_stand_first() {
        let html = shown(&report());
        assert_sound(&html);
        let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("no {text}"));
        assert!(
            place("published release 42 in 2.75 s, c0ffee</h1>") < place("no source and no check")
        );
        assert!(place("no source and no check") < place("esf diff 41 42"));
        assert!(place("esf diff 41 42") < place("<h2>"));
        assert!(html.contains("<dt>Exit code</dt><dd>0: done</dd>"));
        assert!(html.contains("<dd>2026-11-26T01:00:00Z</dd>"));
    }

    #[test]
    fn what_needs_a_look_is_the_headline_and_the_verdict_follows() {
        let mut report = report();
        report.outcome = Outcome::Unchanged { number: 1 };
        report.sources = vec![
            source("a_list", SourceState::Held),
            source("b_list", SourceState::Stale),
        ];
        let html = shown(&report);
        assert_sound(&html);
        let headline = "1 source held, 1 not reached; release 1 stands";
        for part in [
            format!("<title>esf: {headline}</title>"),
            format!(
                "</span> {headline}</h1>\n<p class=\"line\">nothing has changed since release 1 "
            ),
        ] {
            assert!(html.contains(&part), "{part}: {html}");
        }
    }

    #[test]
    fn hostile_names_stay_text() {
        let mut report = report();
        report.sources = vec![SourceReport {
            file_name: HOSTILE.to_owned(),
            message: Some(HOSTILE.to_owned()),
            ..source(HOSTILE, SourceState::Held)
        }];
        report.steps[0].name = HOSTILE.to_owned();
        report.warnings = vec![HOSTILE.to_owned()];
        report.checks = vec![esf_pipelines::run::CheckReport {
            message: HOSTILE.to_owned(),
            ..check(HOSTILE, false)
        }];
        report.outcome = Outcome::Failed {
            exit_code: 1,
            message: HOSTILE.to_owned(),
        };
        let html = shown(&report);
        assert_sound(&html);
        assert!(!html.contains("<script"));
        assert!(!html.contains("\" onload"));
        assert!(!html.contains('\u{202e}') && !html.contains('\u{1b}'));
    }

    #[test]
    fn the_night_is_told_with_its_date_and_zone() {
        let mut report = report();
        report.night = Some(night(&[]));
        let html = shown(&report);
        assert_sound(&html);
        assert!(
            html.contains("<dt>Night</dt><dd>2026-11-26 (Europe/Berlin)</dd>"),
            "{html}"
        );
    }

    #[test]
    fn what_needs_a_look_stands_before_all_else_with_its_numbers() {
        let mut report = report();
        assert!(!shown(&report).contains("What needs a look"));
        assert!(shown(&report).contains("<dt>Files</dt><dd>1 loaded</dd>"));
        let mut held = source("b_list", SourceState::Held);
        held.message = Some("it has 12 rows".to_owned());
        held.controls[0].passed = false;
        held.controls[0].message = "it has 12 rows, a.csv before it had 11".to_owned();
        held.controls[0].most = Some(11.0);
        report.sources.push(held);
        report.warnings = vec!["the clock stands 48h before release 41".to_owned()];
        let html = shown(&report);
        assert_sound(&html);
        let place = |text: &str| {
            html.find(text)
                .unwrap_or_else(|| panic!("no {text}: {html}"))
        };
        assert!(place("<h2>What needs a look: 2</h2>") < place("<dl>"));
        let row = "<td class=\"num\">8 to 11</td><td class=\"num\">12</td>";
        assert!(place("it has 12 rows, a.csv before it had 11") < place(row));
        assert!(place(row) < place("the clock stands 48h before"));
        assert!(place("`esf doctor` looks at the clock") < place("<dl>"));
        assert!(html.contains("<dt>Files</dt><dd>1 held, 1 loaded</dd>"));
    }

    #[test]
    fn nothing_is_asked_of_the_network() {
        let html = shown(&report());
        for word in ["src=", "href=", "@import", "<script", "url("] {
            assert!(!html.contains(word), "{word}");
        }
    }

    #[test]
    fn failed_checks_stand_before_the_others() {
        let mut report = report();
        report.checks = vec![check("a_passed", true), check("b_failed", false)];
        report.outcome = Outcome::CheckFailed;
        let html = shown(&report);
        assert!(html.find(">b_failed<") < html.find(">a_passed<"));
        assert!(html.contains("<h1 class=\"bad\">"));
        assert!(html.contains("✗ failed") && html.contains("✓ passed"));
    }
}
