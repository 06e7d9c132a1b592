//! A view whose rows a release holds.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::SessionContext;
use esf_engine::derivation::{Derivation, memory_of_joins};
use esf_engine::write::TableSpec;

use super::{order, specification};
use crate::view::{View, register_named, tables_of};

/// The derivation of a stored view.
#[derive(Debug)]
pub(super) struct Stored(pub(super) &'static View);

#[async_trait]
impl Derivation for Stored {
    fn name(&self) -> &str {
        &self.0.name
    }

    fn inputs(&self) -> Vec<String> {
        // That every view can be read is tested.
        let tables = tables_of(&self.0.sql).unwrap_or_default();
        tables.into_iter().collect()
    }

    fn outputs(&self) -> Vec<Arc<TableSpec>> {
        specification(&self.0.name).into_iter().collect()
    }

    fn key(&self) -> String {
        env!("ESF_MART_FINGERPRINT").to_owned()
    }

    fn least_memory(&self, rows: u64) -> usize {
        memory_of_joins(rows)
    }

    async fn derive(
        &self,
        context: &SessionContext,
    ) -> Result<Vec<(String, SendableRecordBatchStream)>, DataFusionError> {
        register_named(context, &self.0.sql).await?;
        let spec = specification(&self.0.name)?;
        let fields = spec.schema.fields();
        let names: Vec<&str> = fields.iter().map(|f| f.name().as_str()).collect();
        let rows = context.sql(&self.0.sql).await?.select_columns(&names)?;
        let rows = rows.sort(order(&spec))?.execute_stream().await?;
        Ok(vec![(self.0.name.clone(), rows)])
    }
}
