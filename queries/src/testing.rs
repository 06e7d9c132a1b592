//! The small made-up release of `testing/made_release.sql`, for the tests of this crate.

use datafusion::error::Result;
use datafusion::prelude::SessionContext;

/// A session over the made-up release, with the functions of the engine.
pub(crate) async fn session() -> Result<SessionContext> {
    let ctx = esf_engine::session::working_session(&esf_engine::session::SessionOptions::default())
        .map_err(|e| datafusion::error::DataFusionError::External(Box::new(e)))?;
    for statement in include_str!("../testing/made_release.sql").split(";\n") {
        if !statement.trim().is_empty() {
            ctx.sql(statement).await?.collect().await?;
        }
    }
    Ok(ctx)
}
