//! `esf gc`: what the warehouse no longer needs, shown or removed.

use arrow::record_batch::RecordBatch;
use esf_engine::collect::{Plan, apply, plan};
use jiff::Timestamp;

use crate::args::Gc;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::{Rows, grouped};

/// Shows what can go, and removes it where that was asked for.
pub(super) async fn run(context: &Context, arguments: &Gc) -> Outcome {
    let warehouse = context.warehouse()?;
    let keep = usize::try_from(arguments.keep).unwrap_or(usize::MAX);
    let plan = plan(&warehouse, keep, Timestamp::now()).await?;
    let removed = if arguments.apply {
        let done = apply(&warehouse, &plan).await?;
        Some((done.files, done.bytes))
    } else {
        None
    };
    let printer = context.report_printer();
    let summary = summary(&plan, removed);
    match (plan.items.is_empty(), printer.for_people()) {
        (true, true) => printer.prose(&summary)?,
        (false, true) => printer.framed("", &table(&plan)?, &format!("\n{summary}"))?,
        (_, false) => {
            printer.batch(&table(&plan)?)?;
            if !context.quiet() {
                crate::say(summary.trim_end());
            }
        }
    }
    Ok(Exit::Done)
}

fn table(plan: &Plan) -> Result<RecordBatch, Failure> {
    let shares = plan.shares();
    let all = || shares.iter();
    let rows = Rows::default()
        .text("folder", all().map(|share| Some(share.folder.name())))
        .int("files", all().map(|share| Some(share.files as i64)))
        .int("bytes", all().map(|share| Some(share.bytes as i64)))
        .text("reason", all().map(|share| Some(share.reason.text())));
    Ok(rows.batch()?)
}

fn summary(plan: &Plan, removed: Option<(u64, u64)>) -> String {
    let number = |n: u64| grouped(&n.to_string());
    let kept = match plan.kept.as_slice() {
        [_] => "1 release stays".to_owned(),
        all => format!("{} releases stay", number(all.len() as u64)),
    };
    let dropped = match plan.dropped.as_slice() {
        [] => "no release goes".to_owned(),
        [one] => format!("release {one} goes"),
        [first, .., last] => {
            let count = number(plan.dropped.len() as u64);
            format!("{count} releases go, {first} to {last}")
        }
    };
    let end = match removed {
        Some((files, bytes)) => {
            format!("removed {} files, {} bytes", number(files), number(bytes))
        }
        None if plan.items.is_empty() => "nothing to remove".to_owned(),
        None => "nothing was removed; `esf gc --apply` does it".to_owned(),
    };
    format!("{kept}, {dropped}; {end}\n")
}
