//! Sets of functions and their registration.

use std::{fmt::Debug, sync::Arc};

use datafusion::{
    catalog::TableFunctionImpl,
    execution::context::SessionContext,
    logical_expr::{AggregateUDF, ScalarUDF, WindowUDF},
};

use super::{bounded, statistic};

/// Functions that a crate contributes. All methods have defaults: implement those that are needed.
pub trait FunctionSet: Debug + Send + Sync {
    /// A name for messages and listings.
    fn name(&self) -> &'static str;

    /// Functions of one row.
    fn scalar(&self) -> Vec<ScalarUDF> {
        Vec::new()
    }

    /// Functions of a group of rows.
    fn aggregate(&self) -> Vec<AggregateUDF> {
        Vec::new()
    }

    /// Functions of a window of rows.
    fn window(&self) -> Vec<WindowUDF> {
        Vec::new()
    }

    /// Functions that give a table, by name.
    fn table(&self) -> Vec<(String, Arc<dyn TableFunctionImpl>)> {
        Vec::new()
    }
}

/// Registers the functions of this crate: the statistics, and bounded ones replacing built-in ones that have no bounds.
pub fn register(context: &SessionContext) {
    for function in bounded::functions() {
        context.register_udf(function);
    }
    statistic::register(context);
}

/// Registers the functions of a set, replacing those of the same name.
pub fn register_set(context: &SessionContext, set: &dyn FunctionSet) {
    set.scalar()
        .into_iter()
        .for_each(|function| context.register_udf(function));
    set.aggregate()
        .into_iter()
        .for_each(|function| context.register_udaf(function));
    set.window()
        .into_iter()
        .for_each(|function| context.register_udwf(function));
    set.table()
        .into_iter()
        .for_each(|(name, function)| context.register_udtf(&name, function));
}
