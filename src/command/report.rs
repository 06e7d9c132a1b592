//! The report of a run, as `nightly`, `ingest` and `quarantine replay` print it.

use std::fmt::Write;

use arrow::record_batch::RecordBatch;
use esf_engine::release::{TableState, Warehouse};
use esf_pipelines::run::{Outcome as Ended, RunReport, SourceReport, SourceState, Total};

use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Format, Rows, grouped, visible};

/// A first question: what was granted, paid and spent, in which country and period, in which currency.
const QUESTION: &str = "SELECT country, period, amount_kind, currency, count(*) AS operations, sum(amount) AS total \
                        FROM operation JOIN operation_amount USING (operation_id) GROUP BY ALL ORDER BY 1, 2, 3, 4";

/// Prints what a run did, and where people read also what to do next; gives the exit code.
pub(super) fn print(context: &Context, report: &RunReport, next: &str) -> Outcome {
    let exit = Exit::Code(report.exit_code());
    let printer = context.report_printer();
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
    for line in remarks(report).into_iter().chain([verdict(report)]) {
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{}", visible(&line));
    }
    let worth_a_line: Vec<&SourceReport> = report
        .sources
        .iter()
        .filter(|source| has_news(source))
        .collect();
    match (worth_a_line.is_empty(), printer.for_people()) {
        (true, true) => printer.prose(&format!("{lines}{next}"))?,
        (false, true) => {
            printer.framed("", &sources(&worth_a_line)?, &format!("\n{lines}{next}"))?;
        }
        (_, false) => {
            printer.batch(&sources(&worth_a_line)?)?;
            crate::say(lines.trim_end());
        }
    }
    Ok(exit)
}

/// Whether there is more to say of a source than that its file has not changed.
fn has_news(source: &SourceReport) -> bool {
    source.state != SourceState::Unchanged || source.data_rows > 0 || source.message.is_some()
}

/// What came in from each source, what it adds up to, where it lies, how it went.
fn sources(sources: &[&SourceReport]) -> Result<RecordBatch, Failure> {
    // Totals of different kinds or currencies never share a row.
    let lines: Vec<(&SourceReport, Option<&Total>)> = sources
        .iter()
        .flat_map(|&source| {
            let empty = source.totals.is_empty().then_some((source, None));
            source
                .totals
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
            firsts().map(|source| Some(source?.data_rows as i64).filter(|rows| *rows > 0)),
        )
        .text("amount", totals().map(|total| Some(kind(total?))))
        .hundredths("total", totals().map(|total| Some(total?.total_hundredths)))
        .text("region", firsts().map(|source| share(source?.with_region)))
        .hundredths(
            "s",
            firsts().map(|source| Some((source?.seconds * 100.0).round() as i128)),
        )
        .text("state", firsts().map(|source| Some(state(source?))));
    Ok(rows.batch()?)
}

fn kind(total: &Total) -> String {
    match &total.currency {
        Some(currency) => format!("{} {currency}", total.amount_kind),
        None => total.amount_kind.clone(),
    }
}

/// The share of operations with a region below the country, rounded down: 100 % means all of them.
fn share(with_region: Option<(u64, u64)>) -> Option<String> {
    let (with, all) = with_region.filter(|(_, all)| *all > 0)?;
    Some(format!("{}.{} %", with * 100 / all, with * 1000 / all % 10))
}

fn state(source: &SourceReport) -> String {
    let state = name(source.state);
    match source.quarantined {
        0 => state.to_owned(),
        rows => format!("{state}, {} quarantined", grouped(&rows.to_string())),
    }
}

fn name(state: SourceState) -> &'static str {
    match state {
        SourceState::Loaded => "loaded",
        SourceState::Unchanged => "unchanged",
        SourceState::Held => "held",
        SourceState::LeftOut => "left out",
    }
}

/// What somebody should look at: sources with a message, unexpected quarantine, checks that failed.
fn remarks(report: &RunReport) -> Vec<String> {
    let mut lines = Vec::new();
    for source in &report.sources {
        if let Some(message) = &source.message {
            let SourceReport {
                source_id,
                file_name,
                state,
                ..
            } = source;
            let of = if message.contains(file_name) {
                String::new()
            } else {
                format!("{file_name}: ")
            };
            lines.push(format!("{source_id} ({}): {of}{message}", name(*state)));
        }
        if source.quarantined > source.expected_quarantine {
            let (found, expected) = (source.quarantined, source.expected_quarantine);
            let id = &source.source_id;
            lines.push(format!("{id}: {found} rows quarantined, {expected} expected; see `esf quarantine --source {id}`"));
        }
    }
    let failed = report.checks.iter().filter(|check| !check.passed);
    let unchanged = report
        .sources
        .iter()
        .filter(|source| !has_news(source))
        .count();
    if unchanged > 0 {
        lines.push(format!("{unchanged} files are as they were"));
    }
    lines.extend(failed.map(|check| format!("check {} failed: {}", check.name, check.message)));
    lines
}

fn verdict(report: &RunReport) -> String {
    let seconds = format!("{:.2} s", report.seconds);
    match &report.outcome {
        Ended::Published { number, content_hash } => format!("published release {number} in {seconds}, {content_hash}"),
        Ended::Unchanged { number } => format!("nothing has changed since release {number} ({seconds})"),
        Ended::DryRun => format!("dry run in {seconds}: nothing was published"),
        Ended::NoneUsable => format!("nothing was published: none of the files could be used ({seconds}); what is wrong with each stands above"),
        Ended::CheckFailed => format!("nothing was published: a check of the whole release failed ({seconds})"),
        Ended::Nothing => "there was nothing to read; name a folder of downloaded files with --mirror DIR, \
                             a file with `esf ingest --from FILE`, or the bundled samples with --samples"
            .to_owned(),
    }
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
