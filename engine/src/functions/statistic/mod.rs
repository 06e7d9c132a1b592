//! Statistics as SQL functions: [`crate::statistics`] over rows, groups and windows of rows.
//!
//! Owns: names and documentation, which arguments are taken, what nulls do, the gathering of groups. Does not own any
//! formula. Each function is one entry of a table of definitions, beside its documentation and an example that a test
//! runs. Invariants:
//!
//! - where [`crate::statistics`] gives no value the answer is null; never NaN or infinity;
//! - a null argument gives null; in groups and windows the rows with a null are left out, in windows they get null;
//! - the same rows give the same bits, whatever their order and the number of partitions;
//! - integers, floats and decimals are taken; a decimal becomes the nearest float, once.

mod aggregate;
mod convert;
mod describe;
mod group;
mod money;
mod scalar;
#[cfg(test)]
mod tests;
mod window;

use std::sync::LazyLock;

use datafusion::{
    execution::context::SessionContext,
    logical_expr::{AggregateUDF, ScalarUDF, WindowUDF},
};

/// All functions, made once: sessions share them.
static FUNCTIONS: LazyLock<(Vec<ScalarUDF>, Vec<AggregateUDF>, Vec<WindowUDF>)> =
    LazyLock::new(|| {
        (
            scalar::functions(),
            aggregate::functions(),
            window::functions(),
        )
    });

/// Registers the statistics.
pub(super) fn register(context: &SessionContext) {
    let (scalar, aggregate, window) = &*FUNCTIONS;
    for function in scalar {
        context.register_udf(function.clone());
    }
    for function in aggregate {
        context.register_udaf(function.clone());
    }
    for function in window {
        context.register_udwf(function.clone());
    }
}
