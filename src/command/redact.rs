//! `esf redact`: a person's data taken out of every release and of raw, shown or done.

use std::collections::BTreeSet;
use std::time::Instant;

use arrow::record_batch::RecordBatch;
use esf_engine::redact::{Plan, RedactError, Redacted, Redaction, apply, plan, redactions};
use esf_engine::release::{ReleaseError, Warehouse};
use esf_pipelines::redaction::{Masks, new_salt, of_operation, of_organisation, references, terms};
use esf_pipelines::run::{RunError, run_id};
use esf_pipelines::status::REDACTED;
use serde_json::{Value, json};

use crate::args::Redact;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Rows, grouped};

/// Shows what would go, and takes it away where that was asked for.
pub(super) async fn run(context: &Context, arguments: &Redact) -> Outcome {
    let begun = Instant::now();
    let warehouse = context.warehouse()?;
    let texts = texts(&warehouse, arguments).await?;
    let known = redactions(&warehouse).await?;
    let redaction = redaction(&texts, &arguments.reason, &known)?;
    let masks = Masks::of([&redaction]);
    let spared = references(&warehouse).await?;
    let plan = plan(&warehouse, &masks, &spared).await?;
    let stands = known.iter().any(|one| one.done && covers(one, &texts));
    if plan.is_empty() && stands {
        return tell(
            context,
            &plan,
            "nothing holds it any more, and later runs keep it out already\n",
        );
    }
    if !arguments.apply {
        let shown = format!("{}; nothing was changed, --apply does it\n", summary(&plan));
        return tell(context, &plan, &shown);
    }
    let done = apply(&warehouse, &plan, &masks, redaction).await?;
    let record = record(&done, &plan, begun);
    let id = &done.redaction.id;
    warehouse.record_run(id, &record).await?;
    if let Err(error) = esf_engine::delta::sync_logs(&warehouse, &done.newest).await {
        // The releases stand; the next night completes what is missing.
        tracing::warn!("the Delta logs are behind the release: {error}");
    }
    let done = if plan.is_empty() {
        format!(
            "{}; redaction {id} keeps it out of later runs\n",
            summary(&plan)
        )
    } else {
        format!(
            "{}; done as redaction {id}, release {} and all before it are without it, and later runs keep it out\n",
            summary(&plan),
            done.newest.number
        )
    };
    tell(context, &plan, &done)
}

/// The texts that are to go: those that were given, and those that ids stand for.
async fn texts(warehouse: &Warehouse, arguments: &Redact) -> Result<BTreeSet<String>, Failure> {
    let mut texts = BTreeSet::new();
    for text in &arguments.text {
        if text == "-" {
            let lines = std::io::read_to_string(std::io::stdin()).map_err(|error| {
                Failure::usage(format!("cannot read texts from standard input: {error}"))
            })?;
            texts.extend(lines.lines().map(|line| line.trim().to_owned()));
        } else {
            texts.insert(text.trim().to_owned());
        }
    }
    texts.remove("");
    for id in &arguments.organisation {
        let names = of_organisation(warehouse, id).await.map_err(failure)?;
        texts.extend(some(names, "organisation", id)?);
    }
    for id in &arguments.operation {
        let mut found = BTreeSet::new();
        for column in &arguments.column {
            found.extend(
                of_operation(warehouse, id, (*column).into())
                    .await
                    .map_err(failure)?,
            );
        }
        texts.extend(some(found, "operation", id)?);
    }
    Ok(texts)
}

fn some(found: BTreeSet<String>, what: &str, id: &str) -> Result<BTreeSet<String>, Failure> {
    if found.is_empty() {
        return Err(Failure::usage(format!(
            "no release holds a text of {what} {id:?} that could be taken away"
        ))
        .next("the names of natural persons stand in raw only: give the name with --text"));
    }
    Ok(found)
}

/// The redaction that was begun for these texts, or a new one.
fn redaction(
    texts: &BTreeSet<String>,
    reason: &str,
    known: &[Redaction],
) -> Result<Redaction, Failure> {
    if let Some(begun) = known.iter().find(|one| !one.done && covers(one, texts)) {
        return Ok(begun.clone());
    }
    let salt = known.last().map_or_else(new_salt, |one| one.salt.clone());
    let mut all = BTreeSet::new();
    for text in texts {
        let terms = terms(text, &salt);
        if terms.is_empty() {
            return Err(Failure::usage(
                "a text that is to go has fewer than four letters and would be found everywhere",
            )
            .next("give the whole name"));
        }
        all.extend(terms);
    }
    if all.is_empty() {
        return Err(Failure::usage("no text was given that could be taken away")
            .next("name it with --text, or on standard input with --text -"));
    }
    let mut redaction = Redaction::new(&run_id(), "", &salt, all);
    // Who asked for an earlier one is named here no more than the one it is about.
    redaction.reason = Masks::of(known.iter().chain([&redaction])).masked(reason);
    Ok(redaction)
}

/// Whether a redaction keeps out all of the texts.
fn covers(redaction: &Redaction, texts: &BTreeSet<String>) -> bool {
    let is_kept_out = |text: &String| {
        let terms = terms(text, &redaction.salt);
        !terms.is_empty() && terms.is_subset(&redaction.terms)
    };
    texts.iter().all(is_kept_out)
}

fn record(done: &Redacted, plan: &Plan, begun: Instant) -> Value {
    let Redacted { newest, redaction } = done;
    json!({
        "schema_version": 1,
        "run_id": redaction.id,
        "outcome": REDACTED,
        "number": redaction.release,
        "content_hash": newest.content_hash,
        "reason": redaction.reason,
        "releases": redaction.releases.len(),
        "files": redaction.files.len(),
        "rows": rows(plan),
        "raw": redaction.raw.len(),
        "seconds": begun.elapsed().as_secs_f64(),
    })
}

/// What becomes of a reference table.
const KEPT: &str = "kept: a reference table, names there are places or public figures";

fn rows(plan: &Plan) -> u64 {
    plan.hits.iter().map(|hit| hit.rows).sum()
}

fn tell(context: &Context, plan: &Plan, summary: &str) -> Outcome {
    let printer = context.report_printer();
    let has_no_rows = plan.hits.is_empty()
        && plan.raw.is_empty()
        && plan.kept.is_empty()
        && plan.unnamed.is_empty();
    match (has_no_rows, printer.for_people()) {
        (true, true) => printer.prose(summary)?,
        (false, true) => printer.framed("", &table(plan)?, &format!("\n{summary}"))?,
        (_, false) => {
            printer.batch(&table(plan)?)?;
            if !context.quiet() {
                crate::say(summary.trim_end());
            }
        }
    }
    Ok(Exit::Done)
}

/// One row for each file that is written anew, removed, or kept though it holds what is to go.
fn table(plan: &Plan) -> Result<RecordBatch, Failure> {
    let path = |hash: &String| format!("raw/{hash}");
    let raw: Vec<String> = (plan.raw.iter().map(path))
        .chain(plan.unnamed.iter().cloned())
        .chain(plan.kept.iter().map(path))
        .collect();
    let published_as = |path: &String| {
        let published = plan.published.get(path.strip_prefix("raw/")?)?;
        Some(published.as_str())
    };
    let removed = plan.raw.len() + plan.unnamed.len();
    let becomes = (0..raw.len()).map(|at| if at < removed { "removed" } else { KEPT });
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let columns: Vec<String> = (plan.hits.iter())
        .map(|hit| hit.values.keys().cloned().collect::<Vec<_>>().join(", "))
        .collect();
    let hits = || plan.hits.iter();
    let none = || raw.iter().map(|_| None);
    let paths = hits().map(|hit| &hit.file.path).chain(&raw);
    let rows = Rows::default()
        .text("file", paths.map(|path| Some(path.as_str())))
        .text(
            "published_as",
            hits().map(|_| None).chain(raw.iter().map(published_as)),
        )
        .int(
            "rows",
            hits().map(|hit| Some(hit.rows as i64)).chain(none()),
        )
        .text(
            "columns",
            columns
                .iter()
                .map(|names| Some(names.as_str()))
                .chain(raw.iter().map(|_| None)),
        )
        .int(
            "releases",
            hits()
                .map(|hit| Some(count(hit.releases.len())))
                .chain(none()),
        )
        .text(
            "becomes",
            hits()
                .map(|_| Some("written anew"))
                .chain(becomes.map(Some)),
        );
    Ok(rows.batch()?)
}

fn summary(plan: &Plan) -> String {
    let number = |n: usize| grouped(&n.to_string());
    if plan.is_empty() {
        let kept = match plan.kept.len() {
            0 => String::new(),
            n => format!(" but {} reference tables, which are kept", number(n)),
        };
        return format!(
            "it was found nowhere{kept}: look whether the name is written as the lists write it, with each spelling a --text of its own"
        );
    }
    format!(
        "{} rows in {} files of {} releases, {} published files, {} records of runs",
        grouped(&rows(plan).to_string()),
        number(plan.hits.len()),
        number(plan.changed.len()),
        number(plan.raw.len()),
        number(plan.documents.len()),
    )
}

#[allow(clippy::needless_pass_by_value)] // for `map_err`
fn failure(error: RunError) -> Failure {
    match error {
        RunError::Release(error) => error.into(),
        error => Failure::of(Exit::Code(error.exit_code()), &error),
    }
}

impl From<RedactError> for Failure {
    fn from(error: RedactError) -> Self {
        match error {
            RedactError::Release(error) => error.into(),
            RedactError::Store(error) => ReleaseError::Store(error).into(),
            RedactError::Overtaken { .. } => Self::of(Exit::Code(75), &error),
            error => Self::of(Exit::Internal, &error),
        }
    }
}
