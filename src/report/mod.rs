//! Telling people and machines what a night did: files beside the warehouse's own record, and a call when something is
//! wrong.
//!
//! Owns the words of a report, what of it somebody should look at, the history of the last 30 days, the four files of a
//! report folder (`report.json`, `report.html`, `metrics.prom`, `lineage.ndjson`; each replaced whole), the hooks, and the
//! lines that a log of JSON has of a run.
//! Does not own the report itself (`esf_pipelines::run::RunReport`), the record of the run, or what the terminal shows.
//!
//! Nothing here changes how a run ends: what goes wrong while telling is a warning in the log.

mod finding;
mod history;
mod hook;
mod lineage;
mod log;
mod page;
mod prometheus;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod testing;
mod webhook;
pub(crate) mod words;

use std::io;
use std::path::{Path, PathBuf};

use esf_engine::release::{AsOf, ReleaseError, Warehouse};
use esf_engine::store::StoreError;
use esf_pipelines::run::{Outcome, RunReport};

use crate::config;
use finding::Finding;
use history::History;
pub(crate) use log::log;

/// Why something could not be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    /// A file could not be written.
    #[error(
        "cannot write {}: {source}; name a folder that can be written with --report or in esf.toml",
        path.display()
    )]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The report is no JSON.
    #[error("internal: the report is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// What is published cannot be read, or a record not kept.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What hooks and the page tell of a run.
#[derive(Debug)]
pub(crate) struct Ending {
    run_id: String,
    exit_code: u8,
    release: Option<u64>,
    /// Verdict, worst remark, what to do next.
    lines: [String; 3],
    /// All that somebody should look at, the worst first.
    findings: Vec<Finding>,
}

impl Ending {
    /// What is to be told of a run; `place` is the flag that reaches the same warehouse.
    pub(crate) fn of(report: &RunReport, place: &str) -> Self {
        Self {
            run_id: report.run_id.clone(),
            exit_code: report.exit_code(),
            release: release(report),
            lines: words::three_lines(report, place),
            findings: finding::findings(report, place),
        }
    }
}

/// The release that a run published or found unchanged.
fn release(report: &RunReport) -> Option<u64> {
    match report.outcome {
        Outcome::Published { number, .. } | Outcome::Unchanged { number } => Some(number),
        _ => None,
    }
}

/// Writes the files of a report folder. Fails with the first that cannot be written.
pub(crate) async fn write(
    folder: &Path,
    warehouse: &Warehouse,
    report: &RunReport,
    ending: &Ending,
) -> Result<(), ReportError> {
    let history = match History::read(warehouse, report).await {
        Ok(history) => history,
        Err(error) => {
            tracing::warn!("the report shows tonight only: records of runs cannot be listed");
            warn(&error);
            History::of(report)
        }
    };
    std::fs::create_dir_all(folder).map_err(|source| ReportError::Write {
        path: folder.to_owned(),
        source,
    })?;
    let json = serde_json::to_string_pretty(&report.to_json())?;
    let page = page::page(report, &history, ending);
    replace(folder, "report.json", &(json + "\n"))?;
    replace(folder, "report.html", &page)?;
    let metrics = prometheus::metrics(report, &history);
    replace(folder, "metrics.prom", &metrics)?;
    let published = match report.outcome {
        Outcome::Published { number, .. } => Some(warehouse.get(AsOf::Number(number)).await?),
        _ => None,
    };
    let events = lineage::events(report, published.as_ref(), warehouse.location());
    replace(folder, "lineage.ndjson", &events)
}

/// Calls the hooks that are to be called at this ending.
pub(crate) async fn call(hooks: &config::Report, ending: &Ending) {
    if ending.exit_code == 0 && hooks.when == config::Occasion::Failure {
        return;
    }
    if let Err(error) = hook::run(&hooks.hook, ending).await {
        warn(&error);
    }
    if let Some(address) = &hooks.webhook
        && let Err(error) = webhook::post(address, ending).await
    {
        warn(&error);
    }
}

/// The folder of a warehouse to which a run writes first: published bytes, before anybody parses them.
const BEGUN: &str = "raw";

/// Keeps the record of a run that ended with an error, where something is published or a run began to write; a mistyped
/// location must not become a warehouse. Fails if the store does.
pub(crate) async fn keep(warehouse: &Warehouse, report: &RunReport) -> Result<(), ReportError> {
    let is_published = !warehouse.numbers().await?.is_empty();
    if is_published || !warehouse.store().list(BEGUN).await?.is_empty() {
        let record = report.record();
        warehouse.record_run(&report.run_id, &record).await?;
    }
    Ok(())
}

/// Says in the log what went wrong, with the causes that the message does not repeat and where more is said. Said also to
/// whoever wants quiet (see [`crate::logging`]): an operator who is not told must hear at least of that.
pub(crate) fn warn(error: &(dyn std::error::Error + 'static)) {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}; cause: {said}");
        }
        cause = error.source();
    }
    let text = words::explained(text, None);
    tracing::warn!("{text}");
}

/// Gives a file new content: whoever reads it meanwhile sees the old or the new one whole.
fn replace(folder: &Path, name: &str, text: &str) -> Result<(), ReportError> {
    let path = folder.join(name);
    // The ending keeps the collector of metrics from reading it before it is whole.
    let part = folder.join(format!("{name}.{}.part", std::process::id()));
    let written = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, &path));
    written.map_err(|source| {
        // What is left of it does no harm.
        let _ = std::fs::remove_file(&part);
        ReportError::Write { path, source }
    })
}

#[cfg(test)]
mod tests {
    use esf_engine::store::Store;

    use super::testing::report;
    use super::*;

    #[tokio::test]
    async fn all_files_of_a_failed_run_appear_whole() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("deep/report");
        let warehouse = Warehouse::new(Store::memory());
        let mut report = report();
        report.outcome = Outcome::Failed {
            exit_code: 1,
            message: "the disk is full".to_owned(),
        };
        let ending = Ending::of(&report, "");
        for _ in 0..2 {
            write(&folder, &warehouse, &report, &ending).await.unwrap();
        }
        let mut names: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let expected = [
            "lineage.ndjson",
            "metrics.prom",
            "report.html",
            "report.json",
        ];
        assert_eq!(names, expected);
        let json = std::fs::read_to_string(folder.join("report.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["outcome"], "failed");
        assert_eq!(json["exit_code"], 1);
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let warehouse = Warehouse::new(Store::memory());
        let report = report();
        let ending = Ending::of(&report, "");
        let written = write(&file.join("x"), &warehouse, &report, &ending).await;
        let error = written.unwrap_err().to_string();
        assert!(error.contains("file/x"), "{error}");
    }

    #[tokio::test]
    async fn an_error_is_recorded_only_where_something_is_published_or_begun() {
        let warehouse = Warehouse::new(Store::memory());
        keep(&warehouse, &report()).await.unwrap();
        assert!(warehouse.runs().await.unwrap().is_empty());
        // A first night that was cut off had kept a published file already.
        let bytes = "a;b".to_owned().into_bytes().into();
        warehouse.store().put_raw(bytes).await.unwrap();
        keep(&warehouse, &report()).await.unwrap();
        assert_eq!(warehouse.runs().await.unwrap(), [report().run_id]);
    }
}
