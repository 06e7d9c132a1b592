//! The operator that makes neighbours into one row.

use std::{fmt, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringViewArray,
        UInt32Array,
    },
    compute::{kernels::cmp::distinct, take},
    datatypes::{DataType, Int64Type},
};
use datafusion::{
    common::{Result, Statistics, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::PhysicalExpr,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
        execution_plan::ReplaceChildrenOptions,
        metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet, RecordOutput},
        statistics::{ChildStats, StatisticsArgs},
        stream::RecordBatchStreamAdapter,
    },
};
use futures::StreamExt;

/// Rows after which it is decided whether there is anything to add up.
const TRIAL: usize = 1 << 17;

/// Passes its input on, with rows of a batch that follow each other and differ only in some whole numbers as one row that
/// has their sums; null where all of them are null. Order and partitions stay.
#[derive(Debug, Clone)]
pub(super) struct AdjacentSumExec {
    input: Arc<dyn ExecutionPlan>,
    summed: Vec<usize>,
    metrics: ExecutionPlanMetricsSet,
}

impl AdjacentSumExec {
    /// Sums the columns of these positions, which are `Int64`.
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, summed: Vec<usize>) -> Self {
        Self {
            input,
            summed,
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }
}

impl DisplayAs for AdjacentSumExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.input.schema();
        let names: Vec<&str> = self
            .summed
            .iter()
            .map(|column| schema.field(*column).name().as_str())
            .collect();
        write!(f, "AdjacentSumExec: sum=[{}]", names.join(", "))
    }
}

impl ExecutionPlan for AdjacentSumExec {
    fn name(&self) -> &'static str {
        "AdjacentSumExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let summed = self.summed.clone();
        Ok(Arc::new(Self::new(children.swap_remove(0), summed)))
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let summed = self.summed.clone();
        Ok(Arc::new(Self::new(children.swap_remove(0), summed)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let mut state = Adjacent {
            summed: self.summed.clone(),
            read: 0,
            written: 0,
        };
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let input = self.input.execute(partition, context)?;
        let rows = input.map(move |batch| {
            let _timer = metrics.elapsed_compute().timer();
            let batch = state.next(batch?)?;
            Ok(batch.record_output(&metrics))
        });
        let schema = self.input.schema();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(
        &self,
        inputs: &[Arc<Statistics>],
        _: &StatisticsArgs,
    ) -> Result<Arc<Statistics>> {
        Ok(Arc::new(inputs[0].as_ref().clone().to_inexact()))
    }
}

/// What one partition has seen.
struct Adjacent {
    summed: Vec<usize>,
    read: usize,
    written: usize,
}

impl Adjacent {
    /// A batch with fewer rows, or as it is where the first ones showed that neighbours mostly differ.
    fn next(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        let is_vain = self.read >= TRIAL && self.written > self.read / 4 * 3;
        if is_vain || batch.num_rows() < 2 {
            return Ok(batch);
        }
        let summed = added_up(&batch, &self.summed)?;
        self.read += batch.num_rows();
        self.written += summed.num_rows();
        Ok(summed)
    }
}

/// A batch with neighbours that agree in all but the summed columns as one row.
pub(super) fn added_up(batch: &RecordBatch, summed: &[usize]) -> Result<RecordBatch> {
    let mut begins = vec![false; batch.num_rows()];
    begins[0] = true;
    for (at, column) in batch.columns().iter().enumerate() {
        if !summed.contains(&at) {
            mark(column, &mut begins)?;
        }
    }
    let starts: Vec<u32> = (0..)
        .zip(&begins)
        .filter_map(|(row, begins)| begins.then_some(row))
        .collect();
    if starts.len() == begins.len() {
        return Ok(batch.clone());
    }
    let starts = UInt32Array::from(starts);
    let columns = batch.columns().iter().enumerate();
    let columns: Result<Vec<ArrayRef>> = columns
        .map(|(at, column)| {
            if summed.contains(&at) {
                Ok(sums(column.as_primitive(), starts.values()))
            } else {
                Ok(take(column, &starts, None)?)
            }
        })
        .collect();
    Ok(RecordBatch::try_new(batch.schema(), columns?)?)
}

/// Marks rows whose value is not that of the row before.
fn mark(column: &ArrayRef, begins: &mut [bool]) -> Result<()> {
    match column.data_type() {
        DataType::Utf8View if column.null_count() == 0 => {
            mark_views(column.as_string_view(), begins);
        }
        _ => {
            let rows = column.len();
            let (before, after) = (column.slice(0, rows - 1), column.slice(1, rows - 1));
            let differ: BooleanArray = distinct(&before, &after)?;
            for row in differ.values().set_indices() {
                begins[row + 1] = true;
            }
        }
    }
    Ok(())
}

/// The same for texts, most of which are seen to be equal or not by their views: length and first letters.
fn mark_views(texts: &StringViewArray, begins: &mut [bool]) {
    let views = texts.views();
    for row in 1..views.len() {
        let (before, after) = (views[row - 1], views[row]);
        if before != after
            && (before as u64 != after as u64 || texts.value(row - 1) != texts.value(row))
        {
            begins[row] = true;
        }
    }
}

/// The sum of each run of rows, with the wrap-around of `sum`.
fn sums(values: &Int64Array, starts: &[u32]) -> ArrayRef {
    let ends = starts[1..].iter().copied().chain([values.len() as u32]);
    let runs = starts
        .iter()
        .zip(ends)
        .map(|(start, end)| *start as usize..end as usize);
    let total = |values: &[i64]| values.iter().fold(0_i64, |sum, n| sum.wrapping_add(*n));
    let sums: Int64Array = if values.null_count() == 0 {
        runs.map(|run| Some(total(&values.values()[run]))).collect()
    } else {
        runs.map(|run| {
            let known = values.slice(run.start, run.len());
            let mut known = known.iter().flatten();
            known
                .next()
                .map(|first| known.fold(first, i64::wrapping_add))
        })
        .collect()
    };
    let sums: arrow::array::PrimitiveArray<Int64Type> = sums;
    Arc::new(sums)
}
