//! Reference tables of a run: the gazetteer, and the table `region`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use esf_engine::release::Warehouse;
use tokio::sync::OnceCell;

use super::RunError;
use super::inputs::{InputFile, Inputs};
use crate::merge::rows::{same, table_rows};
use crate::region::Gazetteer;

/// Reads all reference tables of the run.
pub(super) async fn gazetteer(
    warehouse: &Warehouse,
    inputs: &Inputs,
    archive: bool,
) -> Result<Gazetteer, RunError> {
    let mut loaded = Vec::new();
    for file in &inputs.references {
        let Some(role) = file.source.toml.role.clone() else {
            return Err(broken(
                file,
                "source.toml says no `role`, such as \"postcode_nuts\"",
            ));
        };
        loaded.push((
            role,
            file.source.toml.country.clone().unwrap_or_default(),
            file.load(warehouse, archive).await?.bytes,
        ));
    }
    let build = move || {
        let tables: Vec<(&str, &str, &[u8])> = loaded
            .iter()
            .map(|(role, country, bytes)| (role.as_str(), country.as_str(), bytes.as_ref()))
            .collect();
        Gazetteer::bundled(&tables)
    };
    let built = tokio::task::spawn_blocking(build)
        .await
        .map_err(|e| RunError::Worker(e.to_string()))?;
    built.map_err(|e| RunError::Reference {
        source_id: inputs
            .references
            .iter()
            .map(|f| f.source.source_id.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        file: inputs
            .references
            .iter()
            .map(|f| f.file_name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        cause: e.to_string(),
    })
}

fn broken(file: &InputFile, cause: &str) -> RunError {
    RunError::Reference {
        source_id: file.source.source_id.clone(),
        file: file.file_name.clone(),
        cause: cause.to_string(),
    }
}

/// The gazetteer of a run, built once, while the first files are already being read.
pub(super) struct LazyGazetteer<'a> {
    warehouse: &'a Warehouse,
    inputs: &'a Inputs,
    archive: bool,
    built: OnceCell<Arc<Gazetteer>>,
}

impl<'a> LazyGazetteer<'a> {
    /// A gazetteer over the reference tables of these inputs; `archive` keeps their bytes.
    pub(super) fn new(warehouse: &'a Warehouse, inputs: &'a Inputs, archive: bool) -> Self {
        Self {
            warehouse,
            inputs,
            archive,
            built: OnceCell::new(),
        }
    }

    /// The gazetteer; the first to ask builds it, the others wait.
    pub(super) async fn get(&self) -> Result<Arc<Gazetteer>, RunError> {
        let build = || async {
            let built = gazetteer(self.warehouse, self.inputs, self.archive).await?;
            Ok(Arc::new(built))
        };
        self.built.get_or_try_init(build).await.cloned()
    }
}

/// Code, level, country, name and line of a region.
type Region = (String, i64, String, String, i64);

/// The regions of all reference tables with the role `nuts`.
pub(super) async fn region_rows(
    warehouse: &Warehouse,
    inputs: &Inputs,
) -> Result<Vec<RecordBatch>, RunError> {
    let mut batches = Vec::new();
    for file in inputs
        .references
        .iter()
        .filter(|f| f.source.toml.role.as_deref() == Some("nuts"))
    {
        let bytes = file.load(warehouse, false).await?.bytes;
        let mut reader = csv::Reader::from_reader(bytes.as_ref());
        let failed = |e: csv::Error| broken(file, &e.to_string());
        let header = reader.headers().map_err(failed)?.clone();
        let at = |name: &str| {
            let found = header.iter().position(|h| h == name);
            found.ok_or_else(|| broken(file, &format!("there is no column {name}")))
        };
        let (code, level, country, name) = (
            at("NUTS_ID")?,
            at("LEVL_CODE")?,
            at("CNTR_CODE")?,
            at("NUTS_NAME")?,
        );
        let mut rows: Vec<Region> = Vec::new();
        for record in reader.records() {
            let record = record.map_err(failed)?;
            let line = record.position().map_or(0, |p| p.line() as i64);
            let cell = |index: usize| record.get(index).unwrap_or_default().trim().to_string();
            let level = cell(level)
                .parse()
                .map_err(|_| broken(file, &format!("line {line}: LEVL_CODE is no number")))?;
            rows.push((cell(code), level, cell(country), cell(name), line));
        }
        let n = rows.len();
        let text = |get: &dyn Fn(&Region) -> Option<String>| -> ArrayRef {
            Arc::new(rows.iter().map(get).collect::<StringArray>())
        };
        let version = file
            .source
            .toml
            .nuts_version
            .as_deref()
            .unwrap_or("unknown");
        batches.push(table_rows(
            "region",
            n,
            vec![
                ("source_id", same(Some(&file.source.source_id), n)),
                ("source_file", same(Some(&file.sha256), n)),
                ("source_location", text(&|r| Some(format!("line {}", r.4)))),
                (
                    "source_row",
                    Arc::new(rows.iter().map(|r| Some(r.4 - 1)).collect::<Int64Array>()),
                ),
                ("nuts_code", text(&|r| Some(r.0.clone()))),
                ("nuts_version", same(Some(version), n)),
                (
                    "level",
                    Arc::new(rows.iter().map(|r| Some(r.1)).collect::<Int64Array>()),
                ),
                ("name", text(&|r| Some(r.3.clone()))),
                (
                    "parent_nuts_code",
                    text(&|r| {
                        let parent = r.0.get(..r.0.len().saturating_sub(1));
                        parent.filter(|p| r.1 > 0 && p.len() >= 2).map(String::from)
                    }),
                ),
                ("country", text(&|r| Some(r.2.clone()))),
            ],
        )?);
    }
    Ok(batches)
}
