//! The steps of a run as bars over its time.

use std::fmt::Write as _;

use esf_pipelines::run::RunReport;
use esf_queries::chart::escape;

/// Height of a step, its name and its bar, in pixels, as all lengths here.
const STEP: f64 = 26.0;
/// Where bars begin; names stand before them.
const LEFT: f64 = 300.0;
/// Width of the whole time.
const WIDTH: f64 = 480.0;
/// Room for the seconds behind the longest bar.
const RIGHT: f64 = 90.0;

/// One bar a step, on the time of the whole run.
pub(super) fn timeline(report: &RunReport) -> String {
    if report.steps.is_empty() {
        return "<p>The run did not come as far as its first step.</p>\n".to_owned();
    }
    // A run of no measurable time must not divide by zero.
    let total = report.seconds.max(0.001);
    let mut bars = String::new();
    let mut label = String::from("Steps of the run:");
    for (i, step) in report.steps.iter().enumerate() {
        let name = escape(&step.name);
        let (top, text) = (i as f64 * STEP, format!("{:.2} s", step.seconds));
        let left = LEFT + (step.seconds_from / total).clamp(0.0, 1.0) * WIDTH;
        let width = (step.seconds / total * WIDTH).clamp(1.0, WIDTH);
        // Writing to a string cannot fail.
        let _ = writeln!(
            bars,
            "<g><title>{name}: {text}</title><text x=\"0\" y=\"{:.0}\">{name}</text>\
             <rect class=\"bar\" x=\"{left:.1}\" y=\"{:.0}\" width=\"{width:.1}\" height=\"16\"/>\
             <text x=\"{:.1}\" y=\"{:.0}\">{text}</text></g>",
            top + 17.0,
            top + 4.0,
            left + width + 6.0,
            top + 17.0,
        );
        let _ = write!(label, " {name} {text};");
    }
    let (width, height) = (LEFT + WIDTH + RIGHT, report.steps.len() as f64 * STEP);
    format!(
        "<figure><svg viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" \
         aria-label=\"{label}\">\n{bars}</svg></figure>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::report;

    #[test]
    fn bars_lie_on_the_time_of_the_run() {
        let mut report = report();
        report.seconds = 4.0;
        let svg = timeline(&report);
        assert_eq!(svg.matches("<rect").count(), 3);
        // The second step takes from 0.5 s to 2.5 s of 4 s.
        assert!(
            svg.contains("x=\"360.0\" y=\"30\" width=\"240.0\""),
            "{svg}"
        );
        assert!(svg.contains("lists derived and written 2.00 s;"), "{svg}");
    }

    #[test]
    fn a_run_without_time_or_steps_has_no_broken_picture() {
        let mut report = report();
        report.seconds = 0.0;
        let svg = timeline(&report);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        report.steps.clear();
        assert!(!timeline(&report).contains("<svg"));
    }
}
