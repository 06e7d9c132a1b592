//! `esf status`: how old every source is, and how the last run went.

use std::fmt::Write;

use arrow::record_batch::RecordBatch;
use esf_pipelines::night::{Past, date_in};
use esf_pipelines::run::Standing;
use esf_pipelines::status::{SourceStatus, Status, ago, status};
use jiff::Timestamp;

use super::source;
use crate::args;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Rows, visible};
use crate::report::words::missed;

/// Something is older than it may be: the code of a source that was held.
const OLD: Exit = Exit::Code(4);

/// Prints how the warehouse stands.
pub(super) async fn run(context: &Context, arguments: &args::Status) -> Outcome {
    let warehouse = context.warehouse()?;
    let catalogue = source::catalogue(context)?;
    let now = Timestamp::now();
    let standing = match warehouse.latest().await? {
        Some(release) => Standing::read(&warehouse, &release).await,
        None => Ok(Standing::default()),
    };
    let standing = standing.map_err(|error| Failure::of(Exit::Code(error.exit_code()), &error))?;
    let status = status(&warehouse, &catalogue, &standing, now).await?;
    let today = date_in(&context.time_zone()?, now);
    let past = Past::read(&warehouse, today, now).await?;
    let mut summary = summary(warehouse.location(), &status, now);
    if let Some(missed) = missed(&past.missed(today)) {
        // Writing to a string cannot fail.
        let _ = writeln!(
            summary,
            "{missed}; the next `esf nightly` makes up for that"
        );
    }
    let printer = context.report_printer();
    match (status.sources.is_empty(), printer.for_people()) {
        (true, true) => printer.prose(&summary)?,
        (false, true) => {
            printer.framed(
                &format!("{summary}\n"),
                &sources(&status, &standing, now)?,
                "",
            )?;
        }
        (_, false) => {
            printer.batch(&sources(&status, &standing, now)?)?;
            if !context.quiet() {
                crate::say(summary.trim_end());
            }
        }
    }
    let old = arguments
        .max_age
        .map(|days| status.older_than(i64::from(days), now))
        .unwrap_or_default();
    let Some((first, more)) = old.split_first() else {
        return Ok(Exit::Done);
    };
    let failure = Failure::new(OLD, first.clone());
    Err(more.iter().fold(failure, super::super::exit::Failure::next))
}

/// The newest release and the last run, a line each.
fn summary(location: &str, status: &Status, now: Timestamp) -> String {
    let mut text = match &status.release {
        Some(release) => format!(
            "newest release: {} of {:.0}, {}\n",
            release.number, release.created_at, release.content_hash
        ),
        None => format!("nothing is published in {} yet\n", visible(location)),
    };
    // Writing to a string cannot fail.
    let _ = match &status.last_run {
        Some(run) => {
            let took = run
                .seconds
                .map_or_else(String::new, |s| format!(" in {s:.2} s"));
            let (outcome, ago) = (run.outcome.replace('_', " "), ago(run.begun, now));
            writeln!(
                text,
                "last run: {:.0}, {ago}, {}{took}",
                run.begun,
                visible(&outcome)
            )
        }
        None => writeln!(text, "last run: there is no record of one"),
    };
    if status.ahead > 0 {
        let (runs, begin) = match status.ahead {
            1 => ("1 run".to_owned(), "begins"),
            more => (format!("{more} runs"), "begin"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "by the records {runs} {begin} later than now: a clock was wrong then or is wrong now; what they found counts from \
             that time on"
        );
    }
    text
}

fn sources(status: &Status, standing: &Standing, now: Timestamp) -> Result<RecordBatch, Failure> {
    let lacking = standing.quarantined();
    let all = || status.sources.iter();
    let time = |time: Option<Timestamp>| time.map(|time| format!("{time:.0}"));
    let rows = Rows::default()
        .text(
            "source",
            all().map(|source| Some(source.source_id.as_str())),
        )
        .text("list", all().map(list))
        .text(
            "newest_file",
            all().map(|source| source.newest_file.as_deref()),
        )
        .int(
            "first_release",
            all().map(|source| source.first_release.map(|number| number as i64)),
        )
        .text("first_seen", all().map(|source| time(source.first_seen)))
        .text("state", all().map(state))
        .text("last_checked", all().map(|source| time(source.checked)))
        .int("age_days", all().map(|source| source.age_days(now)))
        // What the release lacks, whichever night it was that read the files.
        .int(
            "quarantined",
            all().map(|source| {
                lacking
                    .get(source.source_id.as_str())
                    .map(|rows| *rows as i64)
            }),
        );
    Ok(rows.batch()?)
}

fn list(source: &SourceStatus) -> Option<&str> {
    Some(source.list_id.as_str()).filter(|list| !list.is_empty())
}

fn state(source: &SourceStatus) -> Option<String> {
    if source.is_reference {
        let fault = source.state.as_deref();
        let fault = fault.filter(|state| matches!(*state, "held" | "left_out" | "stale"));
        let fault = fault.map(|fault| fault.replace('_', " "));
        let missing = source.is_absent.then(|| "no file".to_owned());
        let told: Vec<String> = fault.into_iter().chain(missing).collect();
        return Some(if told.is_empty() {
            "reference".to_owned()
        } else {
            format!("reference ({})", told.join(", "))
        });
    }
    let state = source.state.as_ref().map(|state| state.replace('_', " "));
    let missing = match (source.is_absent, source.is_not_asked) {
        (true, _) => "no file",
        (false, true) => "not asked",
        (false, false) => return state,
    };
    Some(match state {
        Some(state) => format!("{state} ({missing})"),
        None => missing.to_owned(),
    })
}
