//! A run: from the publishers' files of today to a published release.
//!
//! Owns the order of the steps, which of them can be reused, and what becomes of sources that fail. A run publishes all
//! or nothing; a source whose newest file cannot be used stays at its previous state and never stops the others.

mod checks;
mod codes;
mod error;
mod example;
mod inputs;
mod options;
mod pack;
mod reference;
mod region;
mod report;
mod sample;
mod shared;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use esf_engine::derivation::is_current;
use esf_engine::release::{Publication, Release, ReleaseDraft, Warehouse};
use esf_engine::session::SessionOptions;
use esf_schemas::Vocabulary;

pub use error::RunError;
pub(crate) use inputs::{archived_inputs, archived_references};
pub use options::{FromFile, Progress, RunOptions, Silent};
pub(crate) use pack::spec_of;
pub use report::{CheckReport, Outcome, RunReport, SourceReport, SourceState, Total};
pub use sample::{CheckedColumn, SourceCheck, check_source, new_source, sample_references};

use crate::merge::Reading;
use crate::source::Catalogue;
use inputs::Inputs;
use reference::LazyGazetteer;

/// Bytes that the plans of a run may hold before they spill, where nobody says: enough for lists of a few million rows.
const DEFAULT_MEMORY: usize = 96 << 20;

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
    let rehearsal = options.dry_run.then(|| warehouse.rehearsal()).transpose()?;
    let warehouse = rehearsal.as_ref().unwrap_or(warehouse);
    let previous = if options.dry_run && options.samples {
        None
    } else {
        warehouse.latest().await?
    };
    if previous.as_ref().is_some_and(crate::generate::is_synthetic) {
        return Err(RunError::Synthetic {
            location: warehouse.location().to_string(),
        });
    }
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
        && (options.derivations.iter()).all(|one| is_current(one.as_ref(), previous))
    {
        let mut report = RunReport::unchanged(run_id, previous, &inputs);
        report.seconds = begun.elapsed().as_secs_f64();
        return Ok(report);
    }
    let clock = Clock(begun);
    clock.passed("files found");
    // Beside the archiving; nothing waits for it that would not need it anyway.
    tokio::task::spawn_blocking(crate::merge::warm_up);
    if !options.dry_run {
        inputs.archive_declarations(warehouse).await?;
    }
    let reading = Reading {
        vocabulary: Vocabulary::standard(),
        limits: options.limits.clone(),
        expect_rows: !options.samples,
    };
    let gazetteer = LazyGazetteer::new(warehouse, &inputs, !options.dry_run);
    let (_, packed) = tokio::try_join!(
        gazetteer.get(),
        pack::pack(
            warehouse,
            previous.as_ref(),
            &inputs,
            &reading,
            &gazetteer,
            options,
            progress,
        )
    )?;
    clock.passed("lists derived and written");
    // A first release without a single list would only hide that nothing could be read.
    if previous.is_none() && !inputs.lists.is_empty() && inputs.lists.len() == packed.unusable {
        let mut report = RunReport::new(run_id, packed.reports, &[]);
        report.outcome = Outcome::NoneUsable;
        return finish(warehouse, report, begun, options).await;
    }
    let mut draft = ReleaseDraft::new(previous.as_ref(), run_id.clone(), FINGERPRINT);
    draft.demonstration = options.samples;
    draft.steps = packed.steps;
    draft.sources = inputs.source_states(&packed.used, &packed.held);
    for (spec, of_table) in packed.files.into_values() {
        draft.table(&spec, of_table);
    }
    // One partition each, side by side: sorts that share a pool can starve each other instead of going by the disk.
    let session = SessionOptions {
        target_partitions: Some(1),
        memory_limit: Some(options.memory_limit.unwrap_or(DEFAULT_MEMORY)),
        ..SessionOptions::default()
    };
    let of_lists = draft.tables.clone();
    let (of_derivations, mut checks) = tokio::try_join!(
        shared::derive(
            warehouse,
            &inputs,
            previous.as_ref(),
            options,
            &session,
            &mut draft
        ),
        checks::check(warehouse, &of_lists, &packed.broken, &session),
    )?;
    checks.extend(of_derivations);
    draft.checks.clone_from(&checks);
    clock.passed("shared tables derived, release checked");
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
    clock.passed("published");
    finish(warehouse, report, begun, options).await
}

/// Records what a run did.
async fn finish(
    warehouse: &Warehouse,
    mut report: RunReport,
    begun: Instant,
    options: &RunOptions,
) -> Result<RunReport, RunError> {
    report.seconds = begun.elapsed().as_secs_f64();
    if !options.dry_run {
        warehouse
            .record_run(&report.run_id, &report.to_json())
            .await?;
    }
    Ok(report)
}

/// Says in the log when each step of a run was done, in seconds since its beginning.
struct Clock(Instant);

impl Clock {
    fn passed(&self, step: &str) {
        tracing::debug!(seconds = self.0.elapsed().as_secs_f64(), "{step}");
    }
}

fn published(release: &Release) -> Outcome {
    Outcome::Published {
        number: release.number,
        content_hash: release.content_hash.clone(),
    }
}

/// Time and process make an id that no other run has; it is no part of any content hash.
pub(crate) fn run_id() -> String {
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
