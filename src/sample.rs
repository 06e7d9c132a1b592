//! One operation of a release to show what tracing is.

use arrow::array::{Array, AsArray};
use esf_engine::release::{Release, Warehouse};
use esf_engine::session::{Access, SessionOptions, plan_query, session};

/// The id of an operation that has an amount, if there is one; the same one every time.
pub(crate) async fn traceable_operation(
    warehouse: &Warehouse,
    release: &Release,
) -> Option<String> {
    const STATEMENT: &str = "SELECT min(operation_id) FROM operation_amount";
    let session = session(
        warehouse,
        release,
        Access::Public,
        &SessionOptions::default(),
    )
    .ok()?;
    let batches = plan_query(&session, STATEMENT)
        .await
        .ok()?
        .collect()
        .await
        .ok()?;
    let ids = batches.first()?.column(0);
    let ids = arrow::compute::cast(ids, &arrow::datatypes::DataType::Utf8).ok()?;
    let ids = ids.as_string::<i32>();
    (ids.len() == 1 && ids.is_valid(0)).then(|| ids.value(0).to_owned())
}
