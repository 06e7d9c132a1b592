//! A run: from the publishers' files of today to a published release.
//!
//! Owns the order of the steps, which of them can be reused, and what becomes of sources that fail. A run publishes all
//! or nothing; a source whose newest file cannot be used stays at its previous state and never stops the others.

mod codes;
mod error;
mod inputs;
mod options;
mod pack;
mod reference;
mod report;
mod sample;
mod shared;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use esf_engine::release::{Publication, Release, ReleaseDraft, Warehouse};
use esf_schemas::Vocabulary;

pub use error::RunError;
pub(crate) use inputs::{archived_inputs, archived_references};
pub use options::{FromFile, Progress, RunOptions, Silent};
pub use report::{CheckReport, Outcome, RunReport, SourceReport, SourceState, Total};
pub use sample::{CheckedColumn, SourceCheck, check_source, new_source, sample_references};

use crate::merge::References;
use crate::source::Catalogue;
use inputs::Inputs;

/// Fingerprint of the program that makes steps.
pub const FINGERPRINT: &str = env!("ESF_FINGERPRINT");

/// Reads, maps, checks and publishes.
pub async fn run(
    warehouse: &Warehouse,
    catalogue: &mut Catalogue,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<RunReport, RunError> {
    let begun = Instant::now();
    let run_id = run_id();
    let previous = if options.dry_run && options.samples {
        None
    } else {
        warehouse.latest().await?
    };
    if let Some(previous) = &previous
        && previous.demonstration != options.samples
    {
        return Err(RunError::Demonstration {
            location: warehouse.location().to_string(),
            demonstration: previous.demonstration,
        });
    }
    if let Some(previous) = &previous {
        inputs::revive(warehouse, catalogue, previous).await?;
    }
    let found = inputs::find(catalogue, options)?;
    progress.step("files found", found.len(), found.len());
    let inputs = Inputs::new(catalogue, previous.as_ref(), found, options);
    if inputs.lists.is_empty() && inputs.references.is_empty() {
        return Ok(RunReport::nothing(run_id, begun.elapsed()));
    }
    if let Some(previous) = &previous
        && !options.full
        && inputs.unchanged(previous)
    {
        let mut report = RunReport::unchanged(run_id, previous, &inputs);
        report.seconds = begun.elapsed().as_secs_f64();
        return Ok(report);
    }
    inputs.archive(warehouse, options.dry_run).await?;
    let gazetteer = reference::gazetteer(warehouse, &inputs).await?;
    let references = References {
        vocabulary: Vocabulary::standard(),
        gazetteer: Arc::new(gazetteer),
        limits: options.limits.clone(),
        expect_rows: !options.samples,
    };
    let packed = pack::pack(
        warehouse,
        previous.as_ref(),
        &inputs,
        &references,
        options,
        progress,
    )
    .await?;
    let mut draft = ReleaseDraft::new(previous.as_ref(), run_id.clone(), FINGERPRINT);
    draft.demonstration = options.samples;
    draft.steps = packed.steps;
    draft.sources = inputs.source_states(&packed.used, &packed.held);
    let mut files = packed.files;
    let checks = shared::derive(warehouse, &inputs, options, &mut files).await?;
    draft.checks = checks.clone();
    for (spec, of_table) in files.into_values() {
        draft.table(&spec, of_table);
    }
    let mut report = RunReport::new(run_id, packed.reports, &checks);
    if report.checks.iter().any(|c| !c.passed) {
        report.outcome = Outcome::CheckFailed;
    } else if options.dry_run {
        report.outcome = Outcome::DryRun;
    } else {
        report.outcome = match warehouse.publish(draft).await? {
            Publication::Published(release) => published(&release),
            Publication::Unchanged(release) => Outcome::Unchanged {
                number: release.number,
            },
            Publication::Conflict(release) => {
                return Err(RunError::Overtaken {
                    number: release.number,
                });
            }
        };
    }
    report.seconds = begun.elapsed().as_secs_f64();
    if !options.dry_run {
        warehouse
            .record_run(&report.run_id, &report.to_json())
            .await?;
    }
    Ok(report)
}

fn published(release: &Release) -> Outcome {
    Outcome::Published {
        number: release.number,
        content_hash: release.content_hash.clone(),
    }
}

/// Time and process make an id that no other run has; it is no part of any content hash.
fn run_id() -> String {
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3f");
    format!("{now}-{}", std::process::id())
}

/// Table files of the release in the making, with how each table is written.
pub(crate) type TableFiles = BTreeMap<
    String,
    (
        Arc<esf_engine::write::TableSpec>,
        Vec<esf_engine::release::DataFile>,
    ),
>;
