//! `esf trace`: from a stored row back to the published bytes, and the way from there again.

use std::fmt::Write;

use esf_pipelines::trace::{self, Trace as Traced, TraceError, TraceStep};

use super::table;
use crate::args::Trace;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Rows, cut, visible};

/// Places of a transform shown to people; the other formats give all of it.
const LONGEST_TRANSFORM: usize = 90;

/// Traces one row.
pub(super) async fn run(context: &Context, arguments: &Trace) -> Outcome {
    let warehouse = context.warehouse()?;
    let release = context.release(&warehouse).await?;
    if release.table(&arguments.table).is_none() {
        return Err(table::unknown(&arguments.table));
    }
    let traced = trace::trace(&warehouse, &release, &arguments.table, &arguments.id)
        .await
        .map_err(failure)?;
    let printer = context.report_printer();
    if printer.for_people() {
        printer.prose(&told(&traced))?;
    } else {
        printer.batch(&rows(&traced)?)?;
    }
    if traced.agrees {
        return Ok(Exit::Done);
    }
    let differing: Vec<_> = traced
        .steps
        .iter()
        .filter(|step| !step.agrees)
        .map(|step| step.field.as_str())
        .collect();
    Err(Failure::new(
        Exit::Check,
        format!(
            "derived again, these values differ from the stored ones: {}",
            differing.join(", ")
        ),
    )
    .next("`esf verify` says whether the files of the release are whole"))
}

/// The trace as people read it: where the row comes from, then each value with its steps.
fn told(traced: &Traced) -> String {
    let mut text = String::new();
    let width = traced
        .heading
        .iter()
        .map(|(key, _)| key.chars().count())
        .max()
        .unwrap_or(0);
    for (key, value) in &traced.heading {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key:<width$}  {}", visible(value));
    }
    // Values that nothing was published for are named, but need no steps of their own.
    let is_told =
        |step: &&TraceStep| !step.agrees || step.published.is_some() || step.stored.is_some();
    for step in traced.steps.iter().filter(is_told) {
        let _ = write!(text, "\n{}", told_step(step));
    }
    let absent: Vec<_> = traced
        .steps
        .iter()
        .filter(|step| !is_told(step))
        .map(|step| step.field.as_str())
        .collect();
    if !absent.is_empty() {
        let _ = writeln!(text, "\nnot published and not known: {}", absent.join(", "));
    }
    let values = traced.steps.len();
    if traced.agrees {
        let _ = writeln!(
            text,
            "\nall {values} values, derived again from the published bytes, agree with the stored ones"
        );
    }
    text
}

fn told_step(step: &TraceStep) -> String {
    let mark = if step.agrees { "=" } else { "≠" };
    let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let lines = [
        ("at", step.place.clone()),
        ("published", step.published.clone().unwrap_or_default()),
        ("by", cut(&step.transform, LONGEST_TRANSFORM).into_owned()),
        ("gives", known(&step.result)),
    ];
    let mut text = format!("{}\n", step.field);
    for (what, value) in lines.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "  {what:<9}  {}", visible(&value));
    }
    let _ = writeln!(
        text,
        "  {:<9}  {mark} {}",
        "stored",
        visible(&known(&step.stored))
    );
    text
}

/// What cannot be traced is a slip of the keyboard, what can no longer be derived is a fault.
#[allow(clippy::needless_pass_by_value)] // for `map_err`
fn failure(error: TraceError) -> Failure {
    match error {
        TraceError::Release(error) => error.into(),
        TraceError::NoSuchRow { .. } | TraceError::NotTraceable { .. } => {
            Failure::of(Exit::Usage, &error)
        }
        TraceError::Session(_) | TraceError::Plan(_) | TraceError::Arrow(_) => {
            Failure::of(Exit::Internal, &error)
        }
        TraceError::Run(error) => Failure::of(Exit::Code(error.exit_code()), &error),
        other => Failure::of(Exit::Check, &other),
    }
}

fn rows(traced: &Traced) -> Result<arrow::record_batch::RecordBatch, Failure> {
    let steps = || traced.steps.iter();
    let rows = Rows::default()
        .text("field", steps().map(|step| Some(step.field.as_str())))
        .text("place", steps().map(|step| Some(step.place.as_str())))
        .text("published", steps().map(|step| step.published.as_deref()))
        .text(
            "transform",
            steps().map(|step| Some(step.transform.as_str())),
        )
        .text("result", steps().map(|step| step.result.as_deref()))
        .text("stored", steps().map(|step| step.stored.as_deref()))
        .bool("agrees", steps().map(|step| Some(step.agrees)));
    Ok(rows.batch()?)
}
