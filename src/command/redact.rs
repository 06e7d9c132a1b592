//! `esf redact`: a person's data taken out of every release and of raw, shown or done.

mod shown;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::time::Instant;

use esf_engine::redact::{
    Plan, RedactError, Redacted, Redaction, Term, all_redactions, apply, plan, redactions,
};
use esf_engine::release::{ReleaseError, Warehouse};
use esf_engine::store::sha256;
use esf_pipelines::redaction::{
    Masks, Meant, has_operation, id_terms, is_single_word, made_of, new_salt, of_operation,
    of_organisation, references, terms_of,
};
use esf_pipelines::run::{RunError, run_id};
use esf_pipelines::status::REDACTED;
use serde_json::{Value, json};
use shown::{rows, summary, tell};

use super::source;
use crate::args::Redact;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};

/// Shows what would go, and takes it away where that was asked for.
pub(super) async fn run(context: &Context, arguments: &Redact) -> Outcome {
    let begun = Instant::now();
    let warehouse = context.warehouse()?;
    let base = warehouse
        .numbers()
        .await?
        .last()
        .copied()
        .unwrap_or_default();
    let id = run_id();
    let done = Box::pin(redact(context, arguments, &warehouse, &id, begun)).await;
    match done {
        Err(failure) => Err(overtaken(&warehouse, base, &id, failure).await),
        done => done,
    }
}

/// What a redaction that failed says: where another run has published since it began, such as a night or another redaction,
/// which takes files away, that one came first, whatever this one no longer found.
async fn overtaken(warehouse: &Warehouse, base: u64, id: &str, failure: Failure) -> Failure {
    if failure.exit().code() == Exit::Usage.code() {
        return failure;
    }
    let Ok(Some(newest)) = warehouse.latest().await else {
        return failure;
    };
    // One that was begun before goes on under its own id.
    let begun = redactions(warehouse).await.unwrap_or_default();
    let is_begun = begun.iter().any(|one| !one.done && one.id == newest.run_id);
    if newest.number == base || newest.run_id == id || is_begun {
        return failure;
    }
    let by = RedactError::Overtaken {
        number: newest.number,
        run_id: newest.run_id,
    };
    by.into()
}

async fn redact(
    context: &Context,
    arguments: &Redact,
    warehouse: &Warehouse,
    id: &str,
    begun: Instant,
) -> Outcome {
    let asked = Asked::of(warehouse, arguments).await?;
    let newest = warehouse.latest().await?;
    let known = all_redactions(warehouse, newest.as_ref()).await?;
    let mut redaction = asked.redaction(id, &arguments.reason, &known)?;
    if asked.goes_too_far() && arguments.apply {
        return Err(too_far());
    }
    let masks = Masks::of([&redaction]);
    let made = made_of(warehouse, &masks, &asked.operations).await;
    let made = made.map_err(failure)?;
    redaction.ids.extend(id_terms(&made, &redaction.salt));
    let masks = Masks::of([&redaction]).counting(&asked.texts);
    let mut spared = references(warehouse).await?;
    if warehouse.numbers().await?.is_empty() {
        // No release says yet which of the bytes are declarations.
        spared.extend(declarations(context)?);
    }
    let plan = plan(warehouse, &masks, &spared).await?;
    let stands = known
        .iter()
        .any(|one| one.done && asked.is_kept_out_by(one));
    if plan.is_empty() && stands {
        return tell(
            context,
            &plan,
            "nothing holds it any more, and later runs keep it out already\n",
        );
    }
    if !arguments.apply {
        let next = if asked.goes_too_far() {
            TOO_FAR
        } else {
            "nothing was changed, --apply does it"
        };
        let shown = format!("{}; {next}\n", summary(&plan));
        return tell(context, &plan, &shown);
    }
    let done = apply(warehouse, &plan, &masks, redaction).await?;
    let record = record(&done, &plan, begun);
    let id = &done.redaction.id;
    warehouse.record_run(id, &record).await?;
    if let Some(newest) = &done.newest
        && let Err(error) = esf_engine::delta::sync_logs(warehouse, newest).await
    {
        // The releases stand; the next night completes what is missing.
        tracing::warn!("the Delta logs are behind the release: {error}");
    }
    let done = if plan.is_empty() {
        format!(
            "{}; redaction {id} keeps it out of later runs\n",
            summary(&plan)
        )
    } else if let Some(newest) = &done.newest {
        format!(
            "{}; done as redaction {id}, release {} and all before it are without it, and later runs keep it out\n",
            summary(&plan),
            newest.number
        )
    } else {
        format!(
            "{}; done as redaction {id}, nothing was published yet, and later runs keep it out\n",
            summary(&plan)
        )
    };
    tell(context, &plan, &done)
}

/// The sha256 of the declarations of all sources.
fn declarations(context: &Context) -> Result<BTreeSet<String>, Failure> {
    let catalogue = source::catalogue(context)?;
    let texts = catalogue.iter().flat_map(|source| source.texts.values());
    Ok(texts.map(|text| sha256(text.as_bytes())).collect())
}

/// What is said of single words that belong to nobody.
const TOO_FAR: &str = "nothing was changed: a single word goes from all rows that hold it, also where others are meant, and \
    later runs keep it out of all; if that is right, --apply --everywhere does it, else name whose it is with --organisation or \
    --operation";

fn too_far() -> Failure {
    Failure::usage("a text of a single word would go wherever the word stands, also where others are meant")
        .next("see without --apply in how many cells of which lists it stands")
        .next("then add --everywhere, or name whose it is with --organisation or --operation: it goes from their rows alone")
        .explained()
}

/// What was asked for.
struct Asked {
    /// The texts that are to go: those that were given, and those that ids stand for.
    texts: BTreeSet<Meant>,
    /// The operations that were named.
    operations: BTreeSet<String>,
    /// Whether single words go from the rows of all.
    everywhere: bool,
}

impl Asked {
    /// Reads what was given, and finds what ids stand for.
    async fn of(warehouse: &Warehouse, arguments: &Redact) -> Result<Self, Failure> {
        let mut texts = given(&arguments.text)?;
        for id in &arguments.organisation {
            let names = of_organisation(warehouse, id).await.map_err(failure)?;
            texts.extend(some(names, "organisation", id)?);
        }
        for id in &arguments.operation {
            let mut found = BTreeSet::new();
            for column in &arguments.column {
                let of_column = of_operation(warehouse, id, (*column).into()).await;
                found.extend(of_column.map_err(failure)?);
            }
            // The names of natural persons are given; of their operation the id is to go.
            let is_theirs = !arguments.text.is_empty()
                && has_operation(warehouse, id).await.map_err(failure)?;
            if !(found.is_empty() && is_theirs) {
                texts.extend(some(found, "operation", id)?);
            }
        }
        Ok(Self {
            texts,
            operations: arguments.operation.iter().cloned().collect(),
            everywhere: arguments.everywhere,
        })
    }

    /// Whether a single word that belongs to nobody would go from the rows of all, and nobody has said that this is right.
    fn goes_too_far(&self) -> bool {
        let is_anybodys = |meant: &Meant| meant.of.is_none() && is_single_word(&meant.text);
        !self.everywhere && self.texts.iter().any(is_anybodys)
    }

    /// The redaction that was begun for these texts, or a new one.
    fn redaction(&self, id: &str, reason: &str, known: &[Redaction]) -> Result<Redaction, Failure> {
        let begun = known
            .iter()
            .find(|one| !one.done && self.is_kept_out_by(one));
        if let Some(begun) = begun {
            return Ok(begun.clone());
        }
        let salt = known.last().map_or_else(new_salt, |one| one.salt.clone());
        let mut all = BTreeSet::new();
        for meant in &self.texts {
            let terms = terms_of(meant, &salt, self.everywhere);
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
        let mut redaction = Redaction::new(id, "", &salt, all);
        // Otherwise it would be told that it is found nowhere, and be kept out of nothing.
        let masks = Masks::of([&redaction]);
        let is_lost =
            |meant: &Meant| !is_single_word(&meant.text) && masks.masked(&meant.text) == meant.text;
        if self.texts.iter().any(is_lost) {
            return Err(Failure::usage(
                "a text has single letters beside signs by which it would not be found again",
            )
            .next("give the words that stand together, as a --text of their own")
            .explained());
        }
        // Who asked for an earlier one is named here no more than the one it is about.
        redaction.reason = Masks::of(known.iter().chain([&redaction])).masked(reason);
        Ok(redaction)
    }

    /// Whether a redaction keeps out all of the texts, from the same rows at least.
    fn is_kept_out_by(&self, redaction: &Redaction) -> bool {
        let is_known = |term: &Term| {
            let same = redaction
                .terms
                .iter()
                .filter(|one| one.sha256 == term.sha256);
            let whose = |term: &Term| term.of.as_ref().map(|owner| owner.sha256.clone());
            let mut owners = same.map(whose);
            owners.any(|of| of.is_none() || of == whose(term))
        };
        let is_kept_out = |meant: &Meant| {
            let terms = terms_of(meant, &redaction.salt, self.everywhere);
            !terms.is_empty() && terms.iter().all(is_known)
        };
        self.texts.iter().all(is_kept_out)
    }
}

/// The texts that were given, a line each where they come from standard input.
fn given(arguments: &[String]) -> Result<BTreeSet<Meant>, Failure> {
    let mut texts = BTreeSet::new();
    for text in arguments {
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
    let meant = |text| Meant { text, of: None };
    Ok(texts.into_iter().map(meant).collect())
}

fn some(found: BTreeSet<Meant>, what: &str, id: &str) -> Result<BTreeSet<Meant>, Failure> {
    if found.is_empty() {
        return Err(Failure::usage(format!(
            "no release holds a text of {what} {id:?} that could be taken away"
        ))
        .next("the names of natural persons stand in raw only: give the name with --text, and their --operation with it"));
    }
    Ok(found)
}

fn record(done: &Redacted, plan: &Plan, begun: Instant) -> Value {
    let Redacted { newest, redaction } = done;
    json!({
        "schema_version": 1,
        "run_id": redaction.id,
        "outcome": REDACTED,
        "number": redaction.release,
        "content_hash": newest.as_ref().map(|newest| &newest.content_hash),
        "reason": redaction.reason,
        "releases": redaction.releases.len(),
        "files": redaction.files.len(),
        "rows": rows(plan),
        "ids": plan.ids.len(),
        "raw": redaction.raw.len(),
        "seconds": begun.elapsed().as_secs_f64(),
    })
}

/// The failure of what runs and redactions do alike.
#[allow(clippy::needless_pass_by_value)] // for `map_err`
pub(super) fn failure(error: RunError) -> Failure {
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
