//! The columns of views, from the declarations of tables alone: no release is needed to know them.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::MemTable;
use datafusion::error::{DataFusionError, Result};
use esf_engine::session::{SessionOptions, working_session};

use crate::view::register_named;

/// The columns of a view over the declared tables. Fails if there is no such view, or if it does not fit the tables.
pub async fn view_columns(view: &str) -> Result<SchemaRef> {
    let ctx = working_session(&SessionOptions::default())
        .map_err(|e| DataFusionError::External(Box::new(e)))?;
    for table in esf_schemas::tables() {
        let empty = MemTable::try_new(table.arrow_schema(), vec![Vec::new()])?;
        ctx.register_table(table.name.as_str(), Arc::new(empty))?;
    }
    register_named(&ctx, view).await?;
    let rows = ctx.table(view).await?;
    Ok(Arc::clone(rows.schema().inner()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_view_has_columns() -> Result<()> {
        for view in crate::view::views() {
            let columns = view_columns(&view.name).await?;
            assert!(!columns.fields().is_empty(), "{}", view.name);
        }
        let columns = view_columns("funding").await?;
        for name in ["operation_id", "amount", "currency", "beneficiary"] {
            assert!(columns.field_with_name(name).is_ok(), "{name}");
        }
        assert!(view_columns("fnding").await.is_err());
        Ok(())
    }
}
