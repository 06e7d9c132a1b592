//! The report of a run, as `nightly`, `ingest` and `quarantine replay` print it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use arrow::record_batch::RecordBatch;
use esf_engine::release::{TableState, Warehouse};
use esf_pipelines::run::{RunReport, SourceReport, SourceState, Total};

use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Format, Rows, grouped, visible};
use crate::report as telling;
use crate::report::words::{changed, faults, name, remarks, rendition, verdict};

/// A first question: what was granted, paid and spent, in which country and period, in which currency.
const QUESTION: &str = "SELECT country, period, amount_kind, currency, count(*) AS operations, sum(amount) AS total \
                        FROM operation JOIN operation_amount USING (operation_id) GROUP BY ALL ORDER BY 1, 2, 3, 4";

/// Prints what a run did, and where people read also what to do next; gives the exit code. Whoever wants quiet is told
/// only what makes that code other than 0. Where the log is JSON, its lines have remarks and end as well, and no text stands
/// between them.
pub(super) fn print(context: &Context, report: &RunReport, next: &str) -> Outcome {
    let exit = Exit::Code(report.exit_code());
    let printer = context.report_printer();
    let place = context.warehouse_flag();
    let logs = crate::logging::is_json();
    if logs {
        telling::log(report, &place, context.quiet());
    } else if context.quiet() {
        for line in faults(report, &place) {
            crate::say(&visible(&line));
        }
    }
    if printer.format == Format::Json {
        let text = serde_json::to_string_pretty(&report.to_json());
        let text = text.map_err(|error| Failure::of(Exit::Internal, &error))?;
        printer.prose(&format!("{text}\n"))?;
        return Ok(exit);
    }
    if context.quiet() {
        return Ok(exit);
    }
    let mut lines = String::new();
    let remarks = remarks(report, &place)
        .into_iter()
        .map(|remark| remark.line);
    for line in remarks.chain([verdict(report)]) {
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{}", visible(&line));
    }
    let worth_a_line: Vec<&SourceReport> = report
        .sources
        .iter()
        .filter(|source| source.has_news())
        .collect();
    match (worth_a_line.is_empty(), printer.for_people()) {
        (true, true) => printer.prose(&format!("{lines}{next}"))?,
        (false, true) => {
            printer.framed("", &sources(&worth_a_line)?, &format!("\n{lines}{next}"))?;
        }
        (_, false) => {
            printer.batch(&sources(&worth_a_line)?)?;
            if !logs {
                crate::say(lines.trim_end());
            }
        }
    }
    Ok(exit)
}

/// Whether a file is one of those that newer ones of its source have taken the place of, and nothing is to be said of it.
fn is_past(source: &SourceReport) -> bool {
    source.state == SourceState::Older && source.message.is_none()
}

/// How many files of a source newer ones have taken the place of.
fn past<'a>(sources: &[&'a SourceReport]) -> BTreeMap<&'a str, usize> {
    let mut past: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources.iter().filter(|source| is_past(source)) {
        *past.entry(source.source_id.as_str()).or_default() += 1;
    }
    past
}

/// What came in from each source, what it adds up to, where it lies, how it went. The files of a source that newer ones have
/// taken the place of share one line, that of the first of them: a list that comes every week would fill the screen.
fn sources(sources: &[&SourceReport]) -> Result<RecordBatch, Failure> {
    let past = past(sources);
    let mut told = BTreeSet::new();
    let shown = sources.iter().copied();
    let shown = shown.filter(|source| !is_past(source) || told.insert(source.source_id.as_str()));
    // Totals of different kinds or currencies never share a row.
    let lines: Vec<(&SourceReport, Option<&Total>)> = shown
        .flat_map(|source| {
            let totals = if is_past(source) {
                &[][..]
            } else {
                source.totals.as_slice()
            };
            let empty = totals.is_empty().then_some((source, None));
            totals
                .iter()
                .map(move |total| (source, Some(total)))
                .chain(empty)
        })
        .collect();
    // What belongs to the file and not to the kind of amount stands in its first line only, so that columns add up.
    let is_first = |i: usize| i == 0 || !std::ptr::eq(lines[i - 1].0, lines[i].0);
    let firsts = || {
        lines
            .iter()
            .enumerate()
            .map(|(i, (source, _))| is_first(i).then_some(*source))
    };
    let totals = || lines.iter().map(|(_, total)| *total);
    let rows = Rows::default()
        .text(
            "source",
            firsts().map(|source| Some(source?.source_id.as_str())),
        )
        // A file that was not read again has no new count.
        .int(
            "rows",
            firsts().map(|source| {
                let source = source.filter(|source| !is_past(source))?;
                Some(rows_once(source)).filter(|rows| *rows > 0)
            }),
        )
        .text("amount", totals().map(|total| total.map(Total::of)))
        .hundredths("total", totals().map(|total| Some(total?.total_hundredths)))
        .text("region", firsts().map(|source| share(source?.with_region)))
        .hundredths(
            "s",
            firsts().map(|source| Some((source?.seconds * 100.0).round() as i128)),
        )
        .text(
            "state",
            firsts().map(|source| {
                let source = source?;
                let files = past.get(source.source_id.as_str());
                let files = files.filter(|_| is_past(source));
                Some(files.map_or_else(|| state(source), |files| older(*files)))
            }),
        );
    Ok(rows.batch()?)
}

/// The share of operations with a region below the country, rounded down: 100 % means all of them.
fn share(with_region: Option<(u64, u64)>) -> Option<String> {
    let (with, all) = with_region.filter(|(_, all)| *all > 0)?;
    Some(format!("{}.{} %", with * 100 / all, with * 1000 / all % 10))
}

/// Rows of the published table, those of pages that were published twice once.
fn rows_once(source: &SourceReport) -> i64 {
    source.data_rows.saturating_sub(source.repeated) as i64
}

/// What is said of so many files that newer ones have taken the place of.
fn older(files: usize) -> String {
    match files {
        1 => "older: 1 file that is kept".to_owned(),
        files => format!("older: {files} files that are kept"),
    }
}

fn state(source: &SourceReport) -> String {
    let mut state = rendition(source).unwrap_or_else(|| name(source.state).to_owned());
    for (rows, what) in [
        (source.repeated, "repeated rows left out"),
        (source.quarantined, "quarantined"),
    ] {
        if rows > 0 {
            // Writing to a string cannot fail.
            let _ = write!(state, ", {} {what}", grouped(&rows.to_string()));
        }
    }
    if let Some(changed) = changed(source) {
        let _ = write!(state, ", {changed}");
    }
    state
}

/// What to type next in a demonstration: three commands that answer something there.
pub(super) async fn next_steps(
    context: &Context,
    warehouse: &Warehouse,
) -> Result<String, Failure> {
    let release = context.release(warehouse).await?;
    let place = context.warehouse_flag();
    let operations = release.table("operation").map_or(0, TableState::rows);
    let mut text = format!(
        "\n{} operations are there to be asked about. Type next:\n",
        grouped(&operations.to_string())
    );
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "  esf{place} sql \"{QUESTION}\"\n  esf table show operation"
    );
    if let Some(id) = crate::sample::traceable_operation(warehouse, &release).await {
        let _ = writeln!(text, "  esf{place} trace {}", visible(&id));
    }
    Ok(text)
}
