//! From core tables to answers: views, metrics, comparisons, and their pictures. Knows no source and no published file.
//!
//! A question goes through the files in this order: `metric` (what is measured, declared under `metrics/`), `dimension`
//! (what it is compared by), `view` (the shared joins below both), `compare` (the answer with everything that makes it
//! honest), `chart` (how it looks).

pub mod chart;
mod compare;
mod dimension;
pub mod disclosure;
mod metric;
mod table_function;
#[cfg(test)]
mod testing;
mod view;

pub use compare::{Answer, CompareError, Period, Question, compare};
pub use dimension::{Dimension, Level};
pub use metric::{Metric, MetricError, Metrics};
pub use table_function::register_comparisons;
pub use view::{View, register_named, views};
