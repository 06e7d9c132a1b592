//! From a stored row back to the published bytes, and from there to the stored values again.
//!
//! The bytes, the declarations and the reference tables of the release are opened from the archive, the list is derived
//! anew, and every stored column of the row is compared with what comes out. A trace that differs is a fault.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::Int64Type;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::{col, lit};
use esf_engine::release::{Release, ReleaseError, Warehouse};
use esf_engine::session::{Access, SessionError, SessionOptions, session};
use esf_engine::store::StoreError;
use serde::Serialize;

use crate::map::{Explained, FileInput, explain_row};
use crate::merge::{Reading, References, derive_list};
use crate::personal::NATURAL_PERSON_LABEL;
use crate::read::Limits;
use crate::run::{RunError, archived_inputs, archived_references};
use crate::source::SourceError;

/// Why a row cannot be traced.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// Nothing has this id.
    #[error(
        "release {release} has no row {id:?} in table {table}; ids are in the column {column}, as in `esf sql \"SELECT {column} FROM {table} LIMIT 5\"`"
    )]
    NoSuchRow {
        /// Number of the release.
        release: u64,
        /// Table.
        table: String,
        /// Key column.
        column: String,
        /// What was asked for.
        id: String,
    },
    /// The table's rows are not read from a published row.
    #[error(
        "table {table} has no rows to trace; tables with an operation_id have: operation, operation_amount, operation_region, operation_organisation, operation_target, operation_fund"
    )]
    NotTraceable {
        /// Table.
        table: String,
    },
    /// The file cannot be derived any more.
    #[error("{file} cannot be derived again: {cause}")]
    Underivable {
        /// File.
        file: String,
        /// Why.
        cause: String,
    },
    /// The release names a source that its own declarations do not give.
    #[error("release {release} does not hold the declarations of source {source_id}")]
    NoDeclarations {
        /// Number of the release.
        release: u64,
        /// Source.
        source_id: String,
    },
    /// Declarations of the release cannot be used.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Releases cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The archive cannot be read, or its bytes are not what they were.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A session could not be opened.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A plan failed.
    #[error("internal: a plan failed: {0}")]
    Plan(#[from] datafusion::error::DataFusionError),
    /// Arrow failed.
    #[error("internal: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// Inputs cannot be put together.
    #[error(transparent)]
    Run(Box<RunError>),
}

impl From<RunError> for TraceError {
    fn from(error: RunError) -> Self {
        Self::Run(Box::new(error))
    }
}

/// One stored value and how it came about.
#[derive(Debug, Clone, Serialize)]
pub struct TraceStep {
    /// Table and column.
    pub field: String,
    /// Where the published cell stands.
    pub place: String,
    /// What is published there.
    pub published: Option<String>,
    /// What was done to it.
    pub transform: String,
    /// What comes out today.
    pub result: Option<String>,
    /// What the release holds.
    pub stored: Option<String>,
    /// Whether the two are the same.
    pub agrees: bool,
}

/// The origin of a row.
#[derive(Debug, Clone, Serialize)]
pub struct Trace {
    /// Source, file, hash, place and release.
    pub heading: Vec<(String, String)>,
    /// Values in the order of the table.
    pub steps: Vec<TraceStep>,
    /// Whether every value comes out again.
    pub agrees: bool,
}

/// Traces the rows of an operation in one table.
pub async fn trace(
    warehouse: &Warehouse,
    release: &Release,
    table: &str,
    id: &str,
) -> Result<Trace, TraceError> {
    let declared = esf_schemas::table(table).filter(|t| t.column("operation_id").is_some());
    if declared.is_none() || table == "operation_history" || table == "operation_match" {
        return Err(TraceError::NotTraceable {
            table: table.into(),
        });
    }
    let stored = stored_rows(warehouse, release, table, id).await?;
    let text = |name: &str| stored[name].as_string::<i32>().value(0).to_string();
    let (source_id, source_file, location) = (
        text("source_id"),
        text("source_file"),
        text("source_location"),
    );
    let number = stored["source_row"]
        .as_primitive_opt::<Int64Type>()
        .filter(|n| n.is_valid(0))
        .map(|n| n.value(0));

    let files = archived_inputs(warehouse, release, &source_id).await?;
    let references = References {
        reading: Reading {
            vocabulary: esf_schemas::Vocabulary::standard(),
            limits: Limits::default(),
            expect_rows: false,
        },
        gazetteer: Arc::new(archived_references(warehouse, release).await?),
    };
    let Some(file) = files.iter().find(|f| f.sha256 == source_file).cloned() else {
        return Err(TraceError::NoDeclarations {
            release: release.number,
            source_id,
        });
    };
    let underivable = |cause: String| TraceError::Underivable {
        file: file.file_name.clone(),
        cause,
    };
    let output = derive_list(files, &references).map_err(|failures| {
        underivable(
            failures
                .iter()
                .map(|f| f.error.to_string())
                .collect::<Vec<_>>()
                .join("; "),
        )
    })?;
    let derived = output.tables.get(table).map_or(&[][..], Vec::as_slice);
    let derived = rows_of(derived, id)?;
    let mut explained = match number {
        Some(number) if file.source.toml.kind == crate::SourceKind::Operations => explain_row(
            &file,
            references.reading.vocabulary,
            &references.reading.limits,
            number,
        )
        .map_err(|e| underivable(e.to_string()))?,
        _ => Vec::new(),
    };
    // What a source declares is not read from a cell, though the file may have one.
    if file.source.toml.country.is_some() {
        explained.retain(|step| step.field != "country");
    }
    let hidden = output
        .tables
        .get("organisation_name")
        .is_some_and(|names| is_person(names, &output.tables, id).unwrap_or(true));
    let steps = compare(table, &stored, derived.as_ref(), &explained, hidden)?;
    let agrees = !steps.is_empty() && steps.iter().all(|s| s.agrees);
    Ok(Trace {
        heading: heading(warehouse, release, &file, &location),
        steps,
        agrees,
    })
}

fn heading(
    warehouse: &Warehouse,
    release: &Release,
    file: &FileInput,
    location: &str,
) -> Vec<(String, String)> {
    [
        ("warehouse", warehouse.location().to_string()),
        (
            "release",
            format!("{} ({})", release.number, release.content_hash),
        ),
        ("source", file.source.source_id.clone()),
        (
            "program",
            if release.program == crate::run::FINGERPRINT {
                "the one that made the release".to_string()
            } else {
                format!(
                    "another than made the release ({}): values may differ for that reason",
                    release.program
                )
            },
        ),
        ("title", file.source.toml.title.clone()),
        ("publisher", file.source.toml.publisher.clone()),
        ("file", file.file_name.clone()),
        ("sha256", file.sha256.clone()),
        (
            "bytes",
            format!("{}, opened again from the archive", file.content.size()),
        ),
        ("place", location.to_string()),
    ]
    .map(|(k, v)| (k.to_string(), v))
    .to_vec()
}

async fn stored_rows(
    warehouse: &Warehouse,
    release: &Release,
    table: &str,
    id: &str,
) -> Result<RecordBatch, TraceError> {
    let ctx = session(
        warehouse,
        release,
        Access::Operator,
        &SessionOptions::default(),
    )?;
    let frame = ctx
        .table(table)
        .await?
        .filter(col("operation_id").eq(lit(id)))?;
    let batches: Vec<RecordBatch> = frame.collect().await?;
    let found = batches
        .iter()
        .filter(|b| b.num_rows() > 0)
        .collect::<Vec<_>>();
    let Some(first) = found.first() else {
        return Err(TraceError::NoSuchRow {
            release: release.number,
            table: table.into(),
            column: "operation_id".into(),
            id: id.into(),
        });
    };
    let all = concat_batches(&first.schema(), found.iter().copied())?;
    // Files may come back with views or dictionaries; the declared types are what both sides are compared in.
    let declared =
        esf_schemas::table(table).map_or_else(|| all.schema(), esf_schemas::Table::arrow_schema);
    let columns = declared
        .fields()
        .iter()
        .map(|f| arrow::compute::cast(&all[f.name().as_str()], f.data_type()))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(declared, columns)?)
}

fn rows_of(batches: &[RecordBatch], id: &str) -> Result<Option<RecordBatch>, TraceError> {
    let mut found = Vec::new();
    for batch in batches {
        let keep = batch["operation_id"]
            .as_string::<i32>()
            .iter()
            .map(|i| Some(i == Some(id)))
            .collect();
        let rows = arrow::compute::filter_record_batch(batch, &keep)?;
        if rows.num_rows() > 0 {
            found.push(rows);
        }
    }
    let Some(first) = found.first() else {
        return Ok(None);
    };
    Ok(Some(concat_batches(&first.schema(), &found)?))
}

/// Whether the beneficiary of the operation is a natural person, whose name is not shown.
fn is_person(
    names: &[RecordBatch],
    tables: &BTreeMap<String, Vec<RecordBatch>>,
    id: &str,
) -> Option<bool> {
    let bodies = rows_of(tables.get("operation_organisation")?, id).ok()??;
    let body = bodies["organisation_id"]
        .as_string::<i32>()
        .value(0)
        .to_string();
    names.iter().find_map(|batch| {
        let row = batch["organisation_id"]
            .as_string::<i32>()
            .iter()
            .position(|i| i == Some(&body))?;
        Some(batch["natural_person"].as_boolean().value(row))
    })
}

/// Names under which mapped fields are stored, where they differ.
fn mapped_field(column: &str) -> &str {
    match column {
        "fund" => "fund",
        "period" => "funding_period",
        "programme_id" => "programme_code",
        "intervention_code" => "intervention",
        other => other,
    }
}

fn compare(
    table: &str,
    stored: &RecordBatch,
    derived: Option<&RecordBatch>,
    explained: &[Explained],
    hidden: bool,
) -> Result<Vec<TraceStep>, TraceError> {
    let options = FormatOptions::default();
    let mut steps = Vec::new();
    let rows = stored
        .num_rows()
        .max(derived.map_or(0, RecordBatch::num_rows));
    for row in 0..rows {
        for field in stored.schema_ref().fields() {
            let name = field.name().as_str();
            let value = |batch: &RecordBatch| -> Result<Option<String>, TraceError> {
                let column = batch
                    .column_by_name(name)
                    .filter(|c| row < c.len() && c.is_valid(row));
                let format = column
                    .map(|c| ArrayFormatter::try_new(c.as_ref(), &options))
                    .transpose()?;
                Ok(format.map(|f| f.value(row).to_string()))
            };
            let (was, is) = (value(stored)?, derived.map(value).transpose()?.flatten());
            let step = if name == "amount" {
                let kind = stored
                    .column_by_name("amount_kind")
                    .map(|k| k.as_string::<i32>().value(row.min(k.len() - 1)).to_string());
                explained
                    .iter()
                    .find(|e| Some(&e.field) == kind.as_ref() || e.field == "amount")
            } else {
                explained.iter().find(|e| e.field == mapped_field(name))
            };
            steps.push(TraceStep {
                field: if rows > 1 {
                    format!("{table}[{}].{name}", row + 1)
                } else {
                    format!("{table}.{name}")
                },
                place: step
                    .map(|s| format!("{} {:?}", s.place, s.label))
                    .unwrap_or_default(),
                published: step.and_then(|s| s.published.clone()).map(|p| {
                    if hidden {
                        NATURAL_PERSON_LABEL.to_string()
                    } else {
                        p
                    }
                }),
                transform: step.map_or_else(|| origin(name).to_string(), |s| s.transform.clone()),
                agrees: was == is && derived.is_some(),
                result: is,
                stored: was,
            });
        }
    }
    Ok(steps)
}

/// How columns come about that are not read from one cell.
fn origin(column: &str) -> &'static str {
    match column {
        "source_id" | "source_file" | "source_location" | "source_row" => "place of the row",
        "operation_id" | "id_basis" => {
            "hash of list and natural id, or of list, identity fields and ordinal"
        }
        "organisation_id" => {
            "hash of country and normal form of the name, or of the national number"
        }
        "nuts_code" | "nuts_version" | "method" | "weight" | "place" => {
            "place names and postcodes looked up in the reference tables"
        }
        "first_published" | "last_published" => "dates of the publications that name the operation",
        "is_aggregate" => "pattern of aggregate rows in mapping.toml",
        "contact_present" => "filled contact columns, or contacts found in running text",
        _ => "declared for the source",
    }
}
