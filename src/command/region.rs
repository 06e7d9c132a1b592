//! `esf region`: the regions that a release knows, and one of them with what lies in it.

use esf_engine::session::{Access, session};

use super::sql;
use crate::args::Region;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::sql_error;

/// Lists regions, or shows one with the regions below it and what is loaded there.
pub(super) async fn run(context: &Context, action: Region) -> Outcome {
    let warehouse = context.warehouse()?;
    let release = context.release(&warehouse).await?;
    let session = session(&warehouse, &release, Access::Public, &sql::options(context))?;
    let newest = "nuts_version = (SELECT max(nuts_version) FROM region)";
    let statement = match &action {
        Region::List { level } => {
            let level = level.map_or(String::new(), |level| format!(" AND level = {level}"));
            format!(
                "SELECT nuts_code, level, name, parent_nuts_code, nuts_version FROM region
                 WHERE {newest}{level} ORDER BY nuts_code"
            )
        }
        Region::Show { code } => {
            let code = code.to_ascii_uppercase();
            if code.is_empty() || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(Failure::usage(format!("{code:?} is no NUTS code"))
                    .next("`esf region list` shows them all"));
            }
            format!(
                "WITH here AS (SELECT DISTINCT operation_id, nuts_code FROM operation_place)
                 SELECT r.nuts_code, r.level, r.name, count(h.operation_id) AS operations
                 FROM region AS r
                 LEFT JOIN here AS h ON substr(h.nuts_code, 1, length(r.nuts_code)) = r.nuts_code
                 WHERE r.{newest} AND (r.nuts_code = '{code}' OR r.parent_nuts_code = '{code}')
                 GROUP BY r.nuts_code, r.level, r.name ORDER BY r.nuts_code"
            )
        }
    };
    esf_queries::register_named(&session, &statement)
        .await
        .map_err(sql_error::failure)?;
    let plan = session.sql(&statement).await.map_err(sql_error::failure)?;
    let schema = std::sync::Arc::new(plan.schema().as_arrow().clone());
    let rows = plan.collect().await.map_err(sql_error::failure)?;
    if let Region::Show { code } = &action
        && rows.iter().all(|batch| batch.num_rows() == 0)
    {
        return Err(Failure::usage(format!("no region {code} is known in this release"))
            .next("`esf region list` shows them all; load the NUTS table with --mirror if it is empty"));
    }
    context.printer.batches("", &schema, &rows)?;
    Ok(Exit::Done)
}
