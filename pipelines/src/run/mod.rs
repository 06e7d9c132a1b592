//! A run: from the publishers' files of today to a published release.
//!
//! Owns the order of the steps, which of them can be reused, and what becomes of sources that fail. A run publishes all
//! or nothing; a source whose newest file cannot be used stays at its previous state and never stops the others.

mod absent;
mod again;
mod aside;
mod carry;
mod checks;
mod clock;
mod codes;
mod control;
mod error;
mod example;
mod fetching;
mod held;
mod inputs;
mod options;
mod pack;
mod reference;
mod region;
mod replaced;
mod report;
mod same_bytes;
mod sample;
mod shared;
mod standing;
#[cfg(test)]
mod tests;
mod together;
mod unread;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use esf_engine::derivation::is_current;
use esf_engine::redact::redacted_raw;
use esf_engine::release::{Publication, Release, ReleaseDraft, Warehouse};
use esf_engine::session::SessionOptions;
use esf_schemas::Vocabulary;
use jiff::tz::TimeZone;
use tracing::{Instrument, info_span};

pub use control::ControlReport;
pub use error::RunError;
pub(crate) use inputs::{archived_inputs, archived_references, first_seen};
pub use options::{FromFile, Progress, RunOptions, Silent};
pub(crate) use pack::spec_of;
pub use report::{CheckReport, Outcome, RunReport, SourceReport, SourceState, Step, Total};
pub use sample::{CheckedColumn, SourceCheck, check_source, new_source, sample_references};
pub use standing::Standing;

use crate::merge::Reading;
use crate::redaction;
use crate::source::Catalogue;
use again::Again;
use aside::Until;
use clock::Clock;
use fetching::Fetching;
use inputs::{Inputs, Today};
use reference::LazyGazetteer;

/// Bytes that the plans of a run may hold before they spill, where nobody says: enough for lists of a few million rows.
const DEFAULT_MEMORY: usize = 96 << 20;

/// Age of temporary files that no run can be at work with any more.
const ABANDONED: Duration = Duration::from_hours(24);

/// Fingerprint of the program that makes steps.
pub const FINGERPRINT: &str = env!("ESF_FINGERPRINT");

/// Reads, maps, checks and publishes.
pub async fn run(
    warehouse: &Warehouse,
    catalogue: &mut Catalogue,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<RunReport, RunError> {
    let run_id = options.run_id.clone().unwrap_or_else(run_id);
    let mut base = None;
    let steps = steps(warehouse, catalogue, options, progress, &run_id, &mut base);
    let end = Box::pin(steps).await;
    match (end, base) {
        (Err(error), Some(base)) => Err(overtaken(warehouse, base, &run_id, error).await),
        (end, _) => end,
    }
}

/// What a failed run says: where another has published since it began, such as a redaction that takes files away, it was
/// overtaken, whatever it no longer found.
async fn overtaken(warehouse: &Warehouse, base: u64, run_id: &str, error: RunError) -> RunError {
    if !error.may_be_of_another() {
        return error;
    }
    match warehouse.latest().await {
        Ok(Some(newest)) if newest.number > base && newest.run_id != run_id => {
            tracing::debug!("another run published before this one failed");
            RunError::Overtaken {
                number: newest.number,
                run_id: newest.run_id,
            }
        }
        _ => error,
    }
}

/// The steps of a run; `base` becomes the number of the release that it stands on, 0 where there is none.
async fn steps(
    warehouse: &Warehouse,
    catalogue: &mut Catalogue,
    options: &RunOptions,
    progress: &dyn Progress,
    run_id: &str,
    base: &mut Option<u64>,
) -> Result<RunReport, RunError> {
    let mut clock = Clock::new(options.night.clone());
    let run_id = run_id.to_owned();
    let rehearsal = options.dry_run.then(|| warehouse.rehearsal()).transpose()?;
    let warehouse = rehearsal.as_ref().unwrap_or(warehouse);
    if !options.dry_run
        && let Err(error) = warehouse.sweep(ABANDONED).await
    {
        // They take room and do no harm.
        tracing::warn!(%error, "what killed runs left behind could not be removed");
    }
    if !options.dry_run {
        for id in redaction::complete(warehouse).await.map_err(Box::new)? {
            tracing::warn!(id, "a redaction that was interrupted is completed");
        }
    }
    let previous = if options.dry_run && options.samples {
        None
    } else {
        warehouse.latest().await?
    };
    // What samples would give stands on no release.
    if !(options.dry_run && options.samples) {
        *base = Some(previous.as_ref().map_or(0, |previous| previous.number));
    }
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
    let looked_for: BTreeSet<String> = (catalogue.iter())
        .filter(|source| options.fetch.is_none() || source.toml.fetch.is_none())
        .map(|source| source.source_id.clone())
        .collect();
    if let Some(previous) = &previous {
        clock.compare(previous);
        inputs::revive(warehouse, catalogue, previous).await?;
    }
    let Today {
        mut found,
        unclaimed,
        unread,
    } = info_span!("find").in_scope(|| inputs::find(catalogue, options))?;
    let mut fetching = fetching::ask(warehouse, catalogue, options, &run_id, &found).await?;
    let asked: BTreeSet<String> = (fetching.found.iter())
        .map(|one| one.source_id().to_owned())
        .collect();
    found.append(&mut fetching.found);
    unread.check(&found)?;
    fetching.unreadable = unread.folders().to_vec();
    fetching.others.extend(unread.reports());
    fetching.asked_for = match &options.from {
        Some(_) => {
            let named = found.iter().map(|one| one.source_id().to_owned());
            named.collect()
        }
        None => options.sources.clone(),
    };
    progress.step("files found", found.len(), found.len());
    if let Some(previous) = &previous {
        fetching.absent = absent::absent(previous, &looked_for, &found, &unread, options);
    }
    if let Some(warning) = absent::wrong_folder(&found, &unclaimed, &unread, options) {
        fetching.nothing_found = true;
        clock.warn(warning);
    }
    fetching.unclaimed = unclaimed;
    let until = match options.night.as_ref().filter(|night| night.caught_up) {
        Some(night) => Some(Until::of(warehouse, night, previous.as_ref()).await?),
        None => None,
    };
    if let (Some(until), Some(previous)) = (&until, &previous) {
        let left = until.leave_references(&mut found, previous);
        fetching.others.extend(left);
    }
    // After the newest release, so that who stands on the release of a redaction knows what it keeps out.
    let masks = redaction::masks(warehouse).await.map_err(Box::new)?;
    fetching.mask(&masks);
    for doubt in &fetching.doubts {
        clock.warn(doubt.clone());
    }
    let left = together::leave(&mut found, previous.as_ref(), &masks);
    fetching.others.extend(left);
    let redacted = if masks.is_empty() {
        BTreeSet::new()
    } else {
        redacted_raw(warehouse.store()).await?
    };
    let (mut standing, mut again) = (Standing::default(), Again::default());
    let mut missing = BTreeSet::new();
    if let Some(previous) = &previous {
        standing = Standing::read(warehouse, previous).await?;
        if !options.samples {
            for warning in same_bytes::standing_twice(previous, catalogue, &standing) {
                clock.warn(warning);
            }
        }
        // What was there on a night that is over is not known.
        if until.is_none() {
            let in_folders = |id: &str| options.from.is_none() && !asked.contains(id);
            let mut replaced =
                replaced::replaced(catalogue, previous, &standing, &found, &masks, &in_folders);
            replaced.leave_unread(&unread, &in_folders);
            (again.back, missing) = (replaced.again, replaced.missing);
        }
    }
    let release = previous.as_ref();
    let latest = again::latest(options.night.as_ref());
    again.renamed = again::renamed(catalogue, release, &standing, &found, &masks, latest);
    // What lies there under a newer name is the newest now.
    missing.retain(|id| !again.renamed.keys().any(|(renamed, _)| renamed == id));
    fetching.absent.extend(missing);
    fetching.absent.sort();
    let repeated = same_bytes::repeated(release, &found, &masks, &again);
    fetching.others.extend(repeated);
    let mut inputs = Inputs::new(catalogue, release, found, options, masks, &redacted, &again);
    inputs.until = until;
    inputs.standing = standing;
    inputs.accept_standing(options);
    if inputs.lists.is_empty() && inputs.references.is_empty() {
        // There is no release either, and a mistyped location must not become a warehouse.
        let mut report = RunReport::new(run_id, Vec::new(), &[]);
        fetching.tell(&mut report);
        return Ok(clock.told(report));
    }
    if let Some(previous) = &previous
        && !options.full
        && inputs.unchanged(previous)
        && (options.derivations.iter()).all(|one| is_current(one.as_ref(), previous))
    {
        // A night with nothing to publish is recorded too: by its record one knows that it took place.
        clock.passed("compared with the release before");
        if !options.dry_run {
            // What the night before could not bring to its release is completed now.
            sync_logs(warehouse, previous).await;
        }
        let report = RunReport::unchanged(run_id, previous, &inputs);
        return finish(warehouse, report, clock, &fetching, options).await;
    }
    if let Some(previous) = &previous
        && !inputs.masks.is_empty()
        && let Some(applied) = redaction::behind(warehouse, previous)
            .await
            .map_err(Box::new)?
    {
        let day = applied.created_at.to_zoned(TimeZone::UTC).date();
        clock.warn(format!(
            "the redaction of {day} ({}) made release {}: lists are derived again without what it took away, so that a release can follow without new files",
            applied.id, previous.number
        ));
    }
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
    let gazetteer = LazyGazetteer::new(warehouse, &inputs, !options.dry_run, &options.limits);
    let (_, mut packed) = tokio::try_join!(
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
    inputs.masks.mask_reports(&mut packed.reports);
    clock.passed("lists derived and written");
    // A first release without a single list would only hide that nothing could be read.
    if previous.is_none() && !inputs.lists.is_empty() && inputs.lists.len() == packed.unusable {
        let mut report = RunReport::new(run_id, packed.reports, &[]);
        report.outcome = Outcome::NoneUsable;
        return finish(warehouse, report, clock, &fetching, options).await;
    }
    let mut draft = ReleaseDraft::new(previous.as_ref(), run_id.clone(), FINGERPRINT);
    draft.demonstration = options.samples;
    draft.steps = packed.steps;
    draft.sources =
        inputs.source_states(&packed.used, &packed.held, &packed.stay, previous.as_ref());
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
        )
        .instrument(info_span!("derive")),
        checks::check(warehouse, &of_lists, &packed.broken, &session)
            .instrument(info_span!("check")),
    )?;
    checks.extend(of_derivations);
    draft.checks.clone_from(&checks);
    if let Some(previous) = &previous {
        held::settle(&mut draft, previous);
    }
    clock.passed("shared tables derived, release checked");
    let mut report = RunReport::new(run_id, packed.reports, &checks);
    if report.checks.iter().any(|c| !c.passed) {
        report.outcome = Outcome::CheckFailed;
    } else if options.dry_run {
        report.outcome = Outcome::DryRun;
    } else {
        // A run that is cut off between publishing and recording has a record too.
        report.outcome = Outcome::Failed {
            exit_code: 1,
            message: "nothing was recorded after publishing began; `esf releases` shows whether a release of this run stands"
                .into(),
        };
        report.night.clone_from(&clock.night);
        report.started_at = clock.started_at;
        warehouse
            .record_run(&report.run_id, &report.record())
            .await?;
        let publishing = warehouse.publish(draft).instrument(info_span!("publish"));
        let release = match publishing.await? {
            Publication::Published(release) => {
                report.outcome = published(&release);
                release
            }
            Publication::Unchanged(release) => {
                report.outcome = Outcome::Unchanged {
                    number: release.number,
                };
                release
            }
            Publication::Conflict(release) => {
                return Err(RunError::Overtaken {
                    number: release.number,
                    run_id: release.run_id,
                });
            }
        };
        sync_logs(warehouse, &release).await;
    }
    clock.passed("published");
    finish(warehouse, report, clock, &fetching, options).await
}

/// Brings the Delta logs to a release, which stands whatever becomes of them: the next run completes what is missing.
pub(crate) async fn sync_logs(warehouse: &Warehouse, release: &Release) {
    let syncing = esf_engine::delta::sync_logs(warehouse, release).instrument(info_span!("delta"));
    match syncing.await {
        Ok(commits) => tracing::debug!(commits, "Delta logs brought to the release"),
        Err(error) => tracing::warn!("the Delta logs are behind the release: {error}"),
    }
}

/// Records what a run did.
async fn finish(
    warehouse: &Warehouse,
    report: RunReport,
    clock: Clock,
    fetching: &Fetching,
    options: &RunOptions,
) -> Result<RunReport, RunError> {
    let mut report = clock.told(report);
    fetching.tell(&mut report);
    if !options.dry_run {
        fetching.remember(warehouse).await?;
        warehouse
            .record_run(&report.run_id, &report.record())
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

/// An id for a run. Time (UTC) and process make one that no other run has, and ids sort by time; it is no part of any
/// content hash.
pub fn run_id() -> String {
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
