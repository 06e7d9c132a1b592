//! `esf metric`: what can be compared, and what each number means.

use std::fmt::Write;

use esf_queries::chart::Shared;
use esf_queries::{Coverage, Dimension, Interval, Metric, MetricRows};

use super::compare;
use crate::args::Metric as Action;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::Rows;

/// Lists the metrics or shows one.
pub(super) fn run(context: &Context, action: &Action) -> Outcome {
    let metrics = compare::metrics(context)?;
    match action {
        Action::List => {
            let all = || metrics.iter();
            let rows = Rows::default()
                .text("metric", all().map(|m| Some(m.name.as_str())))
                .text("title", all().map(|m| Some(m.title.en.as_str())))
                .text("unit", all().map(|m| Some(m.definition.unit.as_str())))
                .text("kind", all().map(|m| Some(m.definition.kind.as_str())))
                .text("needs", all().map(|m| Some(needs(m))));
            context.printer.batch(&rows.batch()?)?;
        }
        Action::Show { name } => {
            let metric = metrics
                .get(name)
                .map_err(|e| Failure::of(Exit::Usage, &e))?;
            context.printer.prose(&shown(metric))?;
        }
    }
    Ok(Exit::Done)
}

fn shown(metric: &Metric) -> String {
    let definition = &metric.definition;
    let dimensions: Vec<&str> = Dimension::ALL
        .iter()
        .map(|d| d.name())
        .filter(|name| {
            definition.dimensions.is_empty() || definition.dimensions.iter().any(|d| d == name)
        })
        .filter(|name| Some(*name) != definition.per.as_deref())
        .collect();
    let across = match &metric.comparability.reason {
        None => "Germany and Sweden may stand side by side".to_owned(),
        Some(reason) => format!("not across countries: {}", reason.english()),
    };
    let mut text = format!(
        "{}: {} ({}; {})\n\n{}\n{}\n{}\n\n",
        metric.name,
        metric.title.en,
        metric.title.de,
        metric.title.sv,
        metric.reading.en,
        metric.reading.de,
        metric.reading.sv
    );
    for (name, value) in [
        ("unit", definition.unit.as_str()),
        ("kind", &definition.kind),
        ("direction", &definition.direction),
        ("formula", &definition.formula),
        ("population", &definition.population),
        ("row", &definition.grain),
        ("compared by", &dimensions.join(", ")),
        ("comparability", &across),
        ("lower, upper", bounds(metric)),
        ("coverage", coverage(metric)),
        ("unallocated", unallocated(metric)),
        ("rests on", &definition.source),
        ("needs", &needs(metric)),
    ] {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name:<14} {value}");
        }
    }
    for caveat in &definition.caveats {
        let _ = writeln!(text, "{:<14} {}", "caveat", caveat.english());
    }
    let _ = write!(text, "\n{}\n", metric.sql.trim_end());
    if let Some(test) = &metric.test {
        let _ = write!(
            text,
            "\ntested over a small made-up release:\n\n{}\n",
            test.trim_end()
        );
    }
    text
}

/// What the columns `lower` and `upper` of a comparison are.
fn bounds(metric: &Metric) -> &'static str {
    match metric.definition.interval {
        None => "none",
        Some(Interval::Wilson) => "95 %, Wilson",
        Some(Interval::Ratio) => "95 %, delta method; below 30 operations the range",
    }
}

/// What the column `coverage` of a comparison is a share of.
fn coverage(metric: &Metric) -> &'static str {
    match (metric.definition.rows, metric.definition.coverage) {
        (MetricRows::Operation, Coverage::Operations) => {
            "share of the operations that the value could be computed from"
        }
        (MetricRows::Operation, Coverage::Money) => {
            "share of the money that the value could be computed from"
        }
        (MetricRows::Cell, _) => "share of the counts that the value could be computed from",
        (MetricRows::Own, _) => "share of the figures that the value could be computed from",
    }
}

/// What the column `unallocated_share` of a comparison is a share of.
fn unallocated(metric: &Metric) -> &'static str {
    match metric.shared() {
        Shared::Operations => "share of the operations that no row could be given",
        Shared::Money => "share of the money that no row could be given",
        Shared::Counts => "share of the counts that no row could be given",
        Shared::Figures => "share of the figures that no row could be given",
    }
}

/// Tables, columns and statistics that must be filled.
fn needs(metric: &Metric) -> String {
    let definition = &metric.definition;
    let needs = definition.needs.iter().chain(&definition.statistics);
    needs.cloned().collect::<Vec<_>>().join(", ")
}
