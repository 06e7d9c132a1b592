//! Counts of participants through disclosure control: the restricted tables `participation` and `participant` and what
//! earlier releases decided become the public `participation_cell` and the restricted `disclosure_log`.
//!
//! Owns: which cells belong together (`block`), and what is remembered of every decision (`log`). Does not own the rules
//! and the suppression itself (see [`crate::disclosure`]).
//!
//! Invariants:
//! - the log is an input of the next release; cells whose counts and rules stay the same are never decided again, so that
//!   a rebuild gives the same bytes;
//! - a public row has a count or is suppressed, and nothing else of a suppressed count is public;
//! - a row keeps the count that was shown last until the new one may be subtracted from it (`disclosure::revision`), and
//!   with it keep theirs all that hang together with it. The log says what is shown, so that it is what the next counts
//!   are compared with; the newest counts are in `participation` and `participant`;
//! - a suppressed count comes back when nothing of what was suppressed follows from that (`disclosure::returning`).

mod block;
mod cell;
mod log;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::common::runtime::SpawnedTask;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::SessionContext;
use esf_engine::derivation::Derivation;
use esf_engine::release::CheckResult;
use esf_engine::write::TableSpec;

use cell::Counted;
use log::Decided;

/// Name of the release-wide check.
const CHECK: &str = "disclosure";

const CELLS: &str = "participation_cell";
const LOG: &str = "disclosure_log";

/// The derivation of `participation_cell` and `disclosure_log`.
#[derive(Debug, Default)]
pub struct Participation;

#[async_trait]
impl Derivation for Participation {
    fn name(&self) -> &str {
        CELLS
    }

    fn inputs(&self) -> Vec<String> {
        [
            "participation",
            "participant",
            "operation",
            "programme",
            "region",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    fn outputs(&self) -> Vec<Arc<TableSpec>> {
        let specs = [CELLS, LOG].into_iter().filter_map(esf_schemas::table);
        specs
            .map(|table| Arc::new(TableSpec::from(table)))
            .collect()
    }

    fn key(&self) -> String {
        env!("ESF_FINGERPRINT").to_owned()
    }

    fn remembers(&self) -> Vec<String> {
        vec![LOG.to_owned()]
    }

    async fn check(&self, context: &SessionContext) -> Result<Vec<CheckResult>, DataFusionError> {
        let sql = format!(
            "SELECT count(*), count(*) FILTER (WHERE finding = '{}') FROM {LOG}",
            log::EXPOSED
        );
        let batches = context.sql(&sql).await?.collect().await?;
        let number = |column: usize| {
            let values = batches.iter().filter(|batch| batch.num_rows() > 0);
            let values = values.map(|batch| batch.column(column).as_primitive::<Int64Type>());
            values.map(|values| values.value(0)).sum::<i64>() as u64
        };
        let (checked, failed) = (number(0), number(1));
        // The message goes to people who may not see the counts: it names none, and no cell.
        let message = match failed {
            0 => String::new(),
            _ => format!(
                "{failed} counts of participants cannot be protected against what earlier releases show, of {checked}; \
                 take the newest file of participants back, or correct it"
            ),
        };
        Ok(vec![CheckResult {
            name: CHECK.to_owned(),
            passed: failed == 0,
            checked,
            failed,
            message,
        }])
    }

    async fn derive(
        &self,
        context: &SessionContext,
    ) -> Result<Vec<(String, SendableRecordBatchStream)>, DataFusionError> {
        let log = rows(context, &format!("SELECT * FROM previous_{LOG}")).await?;
        let log = log::read(&log)?;
        let records = rows(context, "SELECT 1 FROM participant LIMIT 1").await?;
        let has_records = records.iter().any(|batch| batch.num_rows() > 0);
        let counted = cell::read(&rows(context, &cell::sql(has_records)).await?)?;
        // An empty table is the usual case, and then nothing else is looked at.
        let (programmes, versions) = if counted.is_empty() {
            (BTreeMap::new(), BTreeMap::new())
        } else {
            (
                pairs(&rows(context, cell::PROGRAMMES).await?)?,
                pairs(&rows(context, cell::VERSIONS).await?)?,
            )
        };
        // Linear programs would hold up whatever else the runtime has to do.
        let decide = move || log::decide(counted, log, &programmes);
        let (shown, log) = SpawnedTask::spawn_blocking(decide)
            .await
            .map_err(|error| DataFusionError::External(Box::new(error)))?
            .map_err(|error| DataFusionError::External(Box::new(error)))?;
        let [cells, decisions] = [CELLS, LOG].map(|name| {
            let table = esf_schemas::table(name);
            table.ok_or_else(|| DataFusionError::Internal(format!("no table {name} is declared")))
        });
        Ok(vec![
            stream(cells?, &public(&shown, &versions))?,
            stream(decisions?, &log::columns(&log))?,
        ])
    }
}

async fn rows(context: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>, DataFusionError> {
    context.sql(sql).await?.collect().await
}

/// Two columns of text as a map.
fn pairs(batches: &[RecordBatch]) -> Result<BTreeMap<String, String>, DataFusionError> {
    let mut all = BTreeMap::new();
    for batch in batches {
        let (keys, values) = (cell::text(batch, 0)?, cell::text(batch, 1)?);
        let both = keys.into_iter().zip(values);
        all.extend(both.filter_map(|(key, value)| Some((key?, value?))));
    }
    Ok(all)
}

/// The columns of the public table.
fn public(
    shown: &BTreeMap<Counted, Decided>,
    versions: &BTreeMap<String, String>,
) -> Vec<(&'static str, ArrayRef)> {
    let keys: Vec<&Counted> = shown.keys().collect();
    let mut columns = cell::columns(&keys);
    let version = |key: &&Counted| key.nuts_code.as_ref().and_then(|code| versions.get(code));
    let version: StringArray = keys.iter().map(version).collect();
    columns.push(("nuts_version", Arc::new(version)));
    columns.extend(log::public_columns(shown.values()));
    columns
}

/// The rows of a table as one sorted batch.
fn stream(
    table: &esf_schemas::Table,
    columns: &[(&'static str, ArrayRef)],
) -> Result<(String, SendableRecordBatchStream), DataFusionError> {
    let batch = cell::sorted(table, columns)?;
    let schema = batch.schema();
    let rows = futures::stream::iter([Ok(batch)]);
    let rows = Box::pin(RecordBatchStreamAdapter::new(schema, rows));
    Ok((table.name.clone(), rows))
}

/// Codes of one kind.
type Codes = BTreeSet<String>;
