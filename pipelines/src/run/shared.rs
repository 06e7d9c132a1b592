//! Tables that need all lists together, as named derivations over the tables of the release in the making, and the
//! tables that come from reference files and code lists.

use std::sync::Arc;

use arrow::array::RecordBatch;
use async_trait::async_trait;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::{SessionContext, col};
use esf_engine::derivation::{Derivation, derive_all};
use esf_engine::release::{DataFile, Release, ReleaseDraft, Warehouse};
use esf_engine::session::SessionOptions;
use esf_engine::write::{TableSpec, TableWriter};

use super::inputs::Inputs;
use super::pack::{sorted, spec_of};
use super::reference::region_rows;
use super::{FINGERPRINT, RunError};

/// Partition of tables that are made from all lists at once.
const SHARED: &str = "shared";

/// Adds to a draft with the tables of all lists those that are made from all of them, from reference files and from code
/// lists, and an empty one for every declared table that nothing was found for.
pub(super) async fn derive(
    warehouse: &Warehouse,
    inputs: &Inputs,
    previous: Option<&Release>,
    options: &SessionOptions,
    draft: &mut ReleaseDraft,
) -> Result<(), RunError> {
    let regions = region_rows(warehouse, inputs).await?;
    let mut tables = vec![("region", regions)];
    tables.extend(super::codes::tables()?);
    for (table, batches) in tables {
        let spec = Arc::new(spec_of(table)?);
        let file = one_file(warehouse, &spec, &batches).await?;
        draft.table(&spec, file);
    }
    derive_all(warehouse, draft, previous, &derivations()?, options).await?;
    for table in esf_schemas::tables() {
        if !draft.tables.contains_key(&table.name)
            && table.layer == esf_schemas::Layer::Core
            && table.name != "run"
        {
            draft.table(&spec_of(&table.name)?, None);
        }
    }
    Ok(())
}

async fn one_file(
    warehouse: &Warehouse,
    spec: &Arc<TableSpec>,
    batches: &[RecordBatch],
) -> Result<Option<DataFile>, RunError> {
    if batches.iter().all(|b| b.num_rows() == 0) {
        return Ok(None);
    }
    let mut writer = TableWriter::create(warehouse, spec, SHARED)?;
    writer.write(&sorted(spec, batches)?)?;
    match writer.finish()? {
        Some(finished) => Ok(Some(finished.keep().await?)),
        None => Ok(None),
    }
}

fn derivations() -> Result<Vec<Arc<dyn Derivation>>, RunError> {
    let query =
        |table: &str, inputs: &[&'static str], sql| -> Result<Arc<dyn Derivation>, RunError> {
            Ok(Arc::new(Query {
                spec: Arc::new(spec_of(table)?),
                inputs: inputs.to_vec(),
                sql,
            }))
        };
    Ok(vec![
        query(
            "organisation",
            &["organisation_name"],
            include_str!("shared/organisation.sql"),
        )?,
        query(
            "operation_match",
            &["operation", "operation_organisation"],
            include_str!("shared/operation_match.sql"),
        )?,
    ])
}

/// A table that one query gives.
struct Query {
    spec: Arc<TableSpec>,
    inputs: Vec<&'static str>,
    sql: &'static str,
}

#[async_trait]
impl Derivation for Query {
    fn name(&self) -> &str {
        &self.spec.name
    }

    fn inputs(&self) -> Vec<String> {
        self.inputs.iter().map(ToString::to_string).collect()
    }

    fn outputs(&self) -> Vec<Arc<TableSpec>> {
        vec![Arc::clone(&self.spec)]
    }

    fn key(&self) -> String {
        // The query is part of the program.
        FINGERPRINT.to_owned()
    }

    async fn derive(
        &self,
        context: &SessionContext,
    ) -> Result<Vec<(String, SendableRecordBatchStream)>, DataFusionError> {
        // Columns by name, so that the order of a query's columns is not part of the table's meaning.
        let fields = self.spec.schema.fields();
        let names: Vec<&str> = fields.iter().map(|f| f.name().as_str()).collect();
        let sort = self.spec.sort.iter();
        let sort = sort.map(|name| col(name.as_str()).sort(true, false));
        let rows = context.sql(self.sql).await?.select_columns(&names)?;
        let rows = rows.sort(sort.collect())?.execute_stream().await?;
        Ok(vec![(self.spec.name.clone(), rows)])
    }
}
