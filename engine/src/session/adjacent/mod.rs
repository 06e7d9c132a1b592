//! Adding up before joining: rows next to each other that differ only in what is summed above a join become one row below it.
//!
//! Counts lie sorted by what they are of, so the rows of one operation are neighbours. A sum over a join to operations would
//! look each of them up; here their sum is looked up once. `sum(n)` over a join is the same whether rows that agree in all
//! other columns come one by one or as their sum, whatever the join finds for them. Rows that agree but are no neighbours
//! stay as they are, so that no memory is needed and the rows may come in any order.

mod exec;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::{
    common::{
        JoinType, Result,
        config::ConfigOptions,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    physical_expr::{PhysicalExpr, expressions::Column, utils::collect_columns},
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties, Partitioning,
        aggregates::{AggregateExec, AggregateInputMode},
        coalesce_partitions::CoalescePartitionsExec,
        execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions},
        joins::HashJoinExec,
        projection::ProjectionExec,
        repartition::RepartitionExec,
    },
};

use exec::AdjacentSumExec;

/// Puts [`AdjacentSumExec`] below joins whose rows are only summed.
#[derive(Debug)]
pub(super) struct SumAdjacent;

impl PhysicalOptimizerRule for SumAdjacent {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|plan| {
            let Some(aggregate) = plan.downcast_ref::<AggregateExec>() else {
                return Ok(Transformed::no(plan));
            };
            let Some(summed) = summed(aggregate) else {
                return Ok(Transformed::no(plan));
            };
            match below(aggregate.input(), &summed)? {
                Some(input) => Ok(Transformed::yes(with_child(&plan, 0, input)?)),
                None => Ok(Transformed::no(plan)),
            }
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "SumAdjacent"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The columns of whole numbers that an aggregate only sums; none if it does anything else with its rows.
fn summed(aggregate: &AggregateExec) -> Option<Vec<usize>> {
    if aggregate.mode().input_mode() != AggregateInputMode::Raw || aggregate.aggr_expr().is_empty()
    {
        return None;
    }
    let schema = aggregate.input().schema();
    let mut columns = Vec::new();
    for function in aggregate.aggr_expr() {
        let arguments = function.expressions();
        let [argument] = arguments.as_slice() else {
            return None;
        };
        let column = argument.downcast_ref::<Column>()?.index();
        let is_plain = function.fun().name() == "sum"
            && !function.is_distinct()
            && function.order_bys().is_empty()
            && schema.field(column).data_type() == &DataType::Int64;
        if !is_plain {
            return None;
        }
        columns.push(column);
    }
    let filters = aggregate.filter_expr().iter().flatten().cloned();
    let others = aggregate.group_expr().input_exprs();
    (!filters.chain(others).any(|e| reads(&e, &columns))).then_some(columns)
}

/// Whether an expression looks at one of the columns.
fn reads(expression: &Arc<dyn PhysicalExpr>, columns: &[usize]) -> bool {
    let read = collect_columns(expression);
    read.iter().any(|column| columns.contains(&column.index()))
}

/// A plan with sums below its joins; none where there is no join, or the columns are read on the way.
fn below(
    plan: &Arc<dyn ExecutionPlan>,
    summed: &[usize],
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let Some(summed) = through(projection, summed) else {
            return Ok(None);
        };
        return match below(projection.input(), &summed)? {
            Some(input) => with_child(plan, 0, input).map(Some),
            None => Ok(None),
        };
    }
    if deals_out(plan, summed) {
        return match below(plan.children()[0], summed)? {
            Some(input) => with_child(plan, 0, input).map(Some),
            None => Ok(None),
        };
    }
    let Some(join) = plan.downcast_ref::<HashJoinExec>() else {
        return Ok(None);
    };
    let Some(summed) = probed(join, summed) else {
        return Ok(None);
    };
    let probe = match below(join.right(), &summed)? {
        Some(deeper) => deeper,
        None if is_free(join.right(), &summed) => {
            Arc::new(AdjacentSumExec::new(Arc::clone(join.right()), summed))
        }
        None => return Ok(None),
    };
    with_child(plan, 1, probe).map(Some)
}

/// Whether a plan only gives the rows of its input to others, not by what is in the columns.
fn deals_out(plan: &Arc<dyn ExecutionPlan>, summed: &[usize]) -> bool {
    if plan.downcast_ref::<CoalescePartitionsExec>().is_some() {
        return true;
    }
    let dealt = plan.downcast_ref::<RepartitionExec>();
    dealt.is_some_and(|dealt| match dealt.partitioning() {
        Partitioning::RoundRobinBatch(_) => true,
        Partitioning::Hash(keys, _) => !keys.iter().any(|key| reads(key, summed)),
        _ => false,
    })
}

/// The columns below a projection that passes them on as they are.
fn through(projection: &ProjectionExec, summed: &[usize]) -> Option<Vec<usize>> {
    let expressions = projection.expr();
    let below: Option<Vec<usize>> = summed
        .iter()
        .map(|column| Some(expressions[*column].expr.downcast_ref::<Column>()?.index()))
        .collect();
    let below = below?;
    let mut others = expressions.iter().enumerate();
    let is_read = others.any(|(at, e)| !summed.contains(&at) && reads(&e.expr, &below));
    (!is_read).then_some(below)
}

/// The columns of the side of a join whose rows are looked up; none if the join reads them, or they are of the other side.
fn probed(join: &HashJoinExec, summed: &[usize]) -> Option<Vec<usize>> {
    if *join.join_type() != JoinType::Inner || join.filter().is_some() {
        return None;
    }
    let left = join.left().schema().fields().len();
    let right: Option<Vec<usize>> = summed
        .iter()
        .map(|column| {
            let column = join.projection.as_ref().map_or(*column, |p| p[*column]);
            column.checked_sub(left)
        })
        .collect();
    let right = right?;
    let is_key = join.on().iter().any(|(_, key)| reads(key, &right));
    (!is_key).then_some(right)
}

/// Whether the order of a plan's rows does not depend on the columns, and a sum would change nothing else that is known.
fn is_free(plan: &Arc<dyn ExecutionPlan>, summed: &[usize]) -> bool {
    if plan.downcast_ref::<AdjacentSumExec>().is_some() {
        return false;
    }
    let mut ordered = plan.output_ordering().into_iter().flatten();
    let constants = plan.equivalence_properties().constants();
    !ordered.any(|sorted| reads(&sorted.expr, summed))
        && !constants
            .iter()
            .any(|constant| reads(&constant.expr, summed))
}

/// A plan with another input that has the same properties.
fn with_child(
    plan: &Arc<dyn ExecutionPlan>,
    at: usize,
    child: Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let mut children: Vec<_> = plan.children().into_iter().cloned().collect();
    children[at] = child;
    Arc::clone(plan).replace_children(
        children,
        ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep),
    )
}
