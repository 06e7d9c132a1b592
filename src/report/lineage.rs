//! The run as two OpenLineage events (object model 2-0-2), one JSON object a line: START, then COMPLETE or FAIL.
//!
//! Inputs are the published files behind the release, with their hash as version, each dataset once with its newest; outputs the tables of the release,
//! with its content hash as version. Restricted tables are left out: catalogues of lineage are read by more people than
//! may know how many persons such a table counts. User names and queries of URLs are cut off, they may hold secrets.

use std::collections::{BTreeMap, BTreeSet};

use esf_engine::release::{Release, SourceFileState, Visibility};
use esf_engine::store::sha256;
use esf_pipelines::run::{Outcome, RunReport, SourceState};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// What made the events.
const PRODUCER: &str = concat!("urn:esf:", env!("CARGO_PKG_VERSION"));

const EVENT: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

/// Files that no URL is known of lie in this namespace, under the id of their source; so does the job.
const NAMESPACE: &str = "esf";

/// Both events, each on its line. `release` is the release that the run published, `location` that of its warehouse.
pub(crate) fn events(report: &RunReport, release: Option<&Release>, location: &str) -> String {
    let took = SignedDuration::try_from_secs_f64(report.seconds).unwrap_or_default();
    let finished = report.started_at.checked_add(took);
    let finished = finished.unwrap_or(report.started_at);
    let has_failed = matches!(
        report.outcome,
        Outcome::Failed { .. } | Outcome::CheckFailed | Outcome::NoneUsable
    );
    let mut facets = Map::new();
    if has_failed {
        let message = super::words::verdict(report);
        let about = json!({"message": message, "programmingLanguage": "Rust"});
        let error = facet("1-0-1", "ErrorMessageRunFacet", about);
        facets.insert("errorMessage".to_owned(), error);
    }
    let inputs = release.map_or_else(|| named(report), read);
    let outputs = release.map_or_else(Vec::new, |release| written(release, location));
    let kind = if has_failed { "FAIL" } else { "COMPLETE" };
    let start = event("START", report, report.started_at, &Map::new());
    let mut end = event(kind, report, finished, &facets);
    end["inputs"] = inputs.into();
    end["outputs"] = outputs.into();
    format!("{start}\n{end}\n")
}

/// An event without inputs and outputs.
fn event(kind: &str, report: &RunReport, at: Timestamp, facets: &Map<String, Value>) -> Value {
    json!({
        "eventType": kind,
        "eventTime": at.to_string(),
        "run": {"runId": uuid(&report.run_id), "facets": facets},
        "job": {"namespace": NAMESPACE, "name": "nightly"},
        "inputs": [],
        "outputs": [],
        "producer": PRODUCER,
        "schemaURL": EVENT,
    })
}

/// A facet of the given version; `about` is an object.
fn facet(version: &str, name: &str, mut about: Value) -> Value {
    about["_producer"] = PRODUCER.into();
    about["_schemaURL"] =
        format!("https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}").into();
    about
}

fn version(of: &str) -> Value {
    let about = json!({"datasetVersion": of});
    json!({"version": facet("1-0-1", "DatasetVersionDatasetFacet", about)})
}

/// The files behind a release; of those that came from one place the one that came last.
fn read(release: &Release) -> Vec<Value> {
    let mut newest: BTreeMap<(String, String), (u64, &SourceFileState)> = BTreeMap::new();
    for (id, source) in &release.sources {
        for file in &source.files {
            let seen = file.extra.get("first_seen").and_then(Value::as_u64);
            let seen = seen.unwrap_or_default();
            let known = newest.entry(place(id, file)).or_insert((seen, file));
            if seen >= known.0 {
                *known = (seen, file);
            }
        }
    }
    let inputs = newest.into_iter().map(|((namespace, name), (_, file))| {
        json!({"namespace": namespace, "name": name, "facets": version(&file.sha256)})
    });
    inputs.collect()
}

/// The files that a run without a release looked at. What could not be reached is none of them.
fn named(report: &RunReport) -> Vec<Value> {
    let files = report.sources.iter();
    let names: BTreeSet<String> = files
        .filter(|file| file.state != SourceState::Stale)
        .map(|file| format!("{}/{}", file.source_id, file.file_name))
        .collect();
    let inputs = names.into_iter();
    inputs
        .map(|name| json!({"namespace": NAMESPACE, "name": name}))
        .collect()
}

/// Namespace and name of a file: those of the URL it was fetched from, if that is known.
fn place(source_id: &str, file: &SourceFileState) -> (String, String) {
    let url = file.extra.get("url").and_then(Value::as_str);
    let of_url = url.and_then(|url| {
        let (scheme, rest) = url.split_once("://")?;
        let rest = rest.split(['?', '#']).next()?;
        let (authority, path) = rest.split_once('/')?;
        let host = authority.rsplit('@').next()?;
        Some((format!("{scheme}://{host}"), path.to_owned()))
    });
    of_url.unwrap_or_else(|| {
        (
            NAMESPACE.to_owned(),
            format!("{source_id}/{}", file.file_name),
        )
    })
}

/// The tables of a release.
fn written(release: &Release, location: &str) -> Vec<Value> {
    let tables = release.tables.iter();
    let shown = tables.filter(|(_, table)| table.visibility != Visibility::Restricted);
    let outputs = shown.map(|(name, table)| {
        let (rows, bytes, files) = (table.rows(), table.bytes(), table.files.len());
        let size = json!({"rowCount": rows, "size": bytes, "fileCount": files});
        let size = facet("1-0-2", "OutputStatisticsOutputDatasetFacet", size);
        json!({
            "namespace": location,
            "name": name,
            "facets": version(&release.content_hash),
            "outputFacets": {"outputStatistics": size},
        })
    });
    outputs.collect()
}

/// The UUID of a run: of version 8 (RFC 9562), the other bits from the hash of its id, so that both events and every
/// repetition name the same run.
fn uuid(run_id: &str) -> String {
    let hash = sha256(format!("esf run {run_id}").as_bytes());
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    // The variant's two bits are 10, so that the first digit of the fourth part is one of 8 to b; 8 is as good.
    format!(
        "{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{HOSTILE, report, source};

    fn made() -> Release {
        let table = |visibility: &str| {
            json!({"visibility": visibility, "schema": [], "files": [
                {"path": "data/t/1.parquet", "rows": 3, "bytes": 20, "sha256": "1"},
                {"path": "data/t/2.parquet", "rows": 4, "bytes": 30, "sha256": "2"},
            ]})
        };
        let url = "https://u:secret@example.org/x/b.csv?key=secret";
        serde_json::from_value(json!({
            "format_version": 1, "number": 42, "run_id": "r", "created_at": "2026-11-26T01:00:02Z",
            "program": "p", "content_hash": "c0ffee",
            "tables": {"operation": table("public"), "participation": table("restricted")},
            "sources": {"a_list": {"files": [
                {"sha256": "aa", "file_name": HOSTILE, "bytes": 1},
                {"sha256": "bb", "file_name": "b.csv", "bytes": 1, "url": url},
            ]}},
        }))
        .unwrap()
    }

    fn both(report: &RunReport, release: Option<&Release>) -> [Value; 2] {
        let text = events(report, release, "s3://bucket/esf");
        let events = text.lines().map(|line| serde_json::from_str(line).unwrap());
        events.collect::<Vec<Value>>().try_into().unwrap()
    }

    #[test]
    fn start_and_end_name_the_same_run() {
        let [start, end] = both(&report(), Some(&made()));
        assert_eq!(start["eventType"], "START");
        assert_eq!(start["eventTime"], "2026-11-26T01:00:00Z");
        assert_eq!(end["eventType"], "COMPLETE");
        assert_eq!(end["eventTime"], "2026-11-26T01:00:02.75Z");
        assert_eq!(start["run"]["runId"], end["run"]["runId"]);
        for event in [&start, &end] {
            for field in ["run", "job", "eventTime", "producer", "schemaURL"] {
                assert!(!event[field].is_null(), "{field}");
            }
        }
    }

    #[test]
    fn files_and_tables_have_versions_and_nothing_tells_secrets_or_people() {
        let [_, end] = both(&report(), Some(&made()));
        assert_eq!(end["inputs"][0]["name"], format!("a_list/{HOSTILE}"));
        let fetched = &end["inputs"][1];
        assert_eq!(fetched["namespace"], "https://example.org");
        assert_eq!(fetched["name"], "x/b.csv");
        assert_eq!(fetched["facets"]["version"]["datasetVersion"], "bb");
        let outputs = end["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), 1);
        assert_eq!(outputs[0]["name"], "operation");
        assert_eq!(outputs[0]["facets"]["version"]["datasetVersion"], "c0ffee");
        assert_eq!(
            outputs[0]["outputFacets"]["outputStatistics"]["rowCount"],
            7
        );
        let text = end.to_string();
        assert!(
            !text.contains("secret") && !text.contains("participation"),
            "{text}"
        );
    }

    #[test]
    fn a_failed_run_says_why_and_wrote_nothing() {
        let mut report = report();
        report.outcome = Outcome::CheckFailed;
        let [_, end] = both(&report, None);
        assert_eq!(end["eventType"], "FAIL");
        assert_eq!(end["outputs"], json!([]));
        assert_eq!(end["inputs"][0]["name"], "a_list/a_list.csv");
        let error = &end["run"]["facets"]["errorMessage"]["message"];
        assert!(
            error.as_str().unwrap().starts_with("nothing was published"),
            "{error}"
        );
    }

    #[test]
    fn each_dataset_is_an_input_once_and_what_was_not_reached_is_none() {
        let mut report = report();
        report.outcome = Outcome::Unchanged { number: 1 };
        report.sources = vec![
            source("a_list", SourceState::Held),
            source("a_list", SourceState::Unchanged),
            source("b_list", SourceState::Stale),
        ];
        let [_, end] = both(&report, None);
        let only = json!([{"namespace": NAMESPACE, "name": "a_list/a_list.csv"}]);
        assert_eq!(end["inputs"], only);

        let mut release = made();
        let of_list = release.sources.get_mut("a_list").unwrap();
        let mut newer = of_list.files[1].clone();
        newer.sha256 = "cc".to_owned();
        newer.extra.insert("first_seen".to_owned(), 42.into());
        of_list.files.insert(0, newer);
        let [_, end] = both(&report, Some(&release));
        let inputs = end["inputs"].as_array().unwrap();
        assert_eq!(inputs.len(), 2, "{inputs:?}");
        let fetched = inputs.iter().find(|input| input["name"] == "x/b.csv");
        let version = &fetched.unwrap()["facets"]["version"]["datasetVersion"];
        assert_eq!(version, "cc");
    }

    #[test]
    fn ids_of_runs_become_well_formed_uuids() {
        let id = uuid("20261126T010000000-7");
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!((id.as_bytes()[14], id.as_bytes()[19]), (b'8', b'8'));
        assert_ne!(id, uuid("20261126T010000000-8"));
    }
}
