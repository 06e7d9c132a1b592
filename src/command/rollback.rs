//! `esf rollback`: an earlier state, published again as a new release.

use std::time::Instant;

use esf_engine::redact::{Redaction, all_redactions, redactions};
use esf_engine::release::{Publication, Release};
use esf_pipelines::redaction::{self, Masks};
use esf_pipelines::run::run_id;
use esf_pipelines::status::ROLLED_BACK;
use serde_json::json;

use super::redact::failure;
use crate::args::Rollback;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::Rows;

/// Most sources that are named one by one.
const NAMED: usize = 5;

/// What the next night does with the state that was gone back to.
fn next(release: &Release) -> String {
    let left: Vec<&str> = release.left_behind.keys().map(String::as_str).collect();
    let derives = "the next `esf nightly` derives again from the files of that release";
    let declaration = "mend the declaration before it runs, if that led to the rollback";
    if left.is_empty() {
        return format!("{derives} and what is found then; {declaration}");
    }
    let (named, more) = left.split_at(left.len().min(NAMED));
    let more = match more.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "{derives} and leaves aside what later ones had brought in, of {}{more}, until another file comes or `--accept \
         SOURCE=REASON` takes it up again; {declaration}",
        named.join(", ")
    )
}

/// Publishes the state of a release again.
pub(super) async fn run(context: &Context, arguments: &Rollback) -> Outcome {
    let begun = Instant::now();
    let warehouse = context.warehouse()?;
    let run_id = run_id();
    let derivations = esf_queries::derivations();
    let remembered: Vec<String> = derivations.iter().flat_map(|one| one.remembers()).collect();
    // Before anything is done: it must be known what is named nowhere any more, and that nothing of it is forgotten. A release that was
    // published without knowing it is looked through now: the release to go back to may name what the newest does not.
    let newest = warehouse.latest().await?;
    let mut known = all_redactions(&warehouse, newest.as_ref()).await?;
    let is_unknown = |one: &Redaction| one.done && !one.is_settled(newest.as_ref());
    if known.iter().any(is_unknown) {
        let completing = redaction::complete(&warehouse, newest.as_ref());
        Box::pin(completing).await.map_err(failure)?;
        known = redactions(&warehouse).await?;
    }
    let masks = Masks::of(&known);
    let reason = arguments.reason.as_deref().map(|text| masks.masked(text));
    let publication = warehouse
        .rollback(arguments.release, &run_id, &remembered)
        .await?;
    let release = match publication {
        Publication::Published(release) => release,
        Publication::Unchanged(release) => {
            return tell(context, arguments, &release, "holds that state already");
        }
        Publication::Conflict(release) => {
            return Err(Failure::new(
                Exit::Code(75),
                format!(
                    "another run published release {} meanwhile; nothing was changed",
                    release.number
                ),
            )
            .next(
                "look at it with `esf diff`, then run `esf rollback` again if it is still wanted",
            ));
        }
    };
    let record = json!({
        "schema_version": 1,
        "run_id": run_id,
        "outcome": ROLLED_BACK,
        "number": release.number,
        "content_hash": release.content_hash,
        "rolled_back_to": arguments.release,
        "reason": reason,
        "seconds": begun.elapsed().as_secs_f64(),
    });
    warehouse.record_run(&run_id, &record).await?;
    if let Err(error) = esf_engine::delta::sync_logs(&warehouse, &release).await {
        // The release stands; the next night completes what is missing.
        tracing::warn!("the Delta logs are behind the release: {error}");
    }
    let done = format!(
        "has the state of release {}; {}",
        arguments.release,
        next(&release)
    );
    tell(context, arguments, &release, &done)
}

fn tell(context: &Context, arguments: &Rollback, release: &Release, done: &str) -> Outcome {
    let printer = context.report_printer();
    let text = format!("release {} {done}\n", release.number);
    if printer.for_people() {
        if !context.quiet() {
            printer.prose(&text)?;
        }
        return Ok(Exit::Done);
    }
    let one = |value: i64| std::iter::once(Some(value));
    let rows = Rows::default()
        .int("release", one(release.number as i64))
        .int("state_of", one(arguments.release as i64))
        .text(
            "content_hash",
            std::iter::once(Some(release.content_hash.as_str())),
        );
    printer.batch(&rows.batch()?)?;
    if !context.quiet() {
        crate::say(text.trim_end());
    }
    Ok(Exit::Done)
}
