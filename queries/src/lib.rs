//! From core tables to answers: views, metrics, comparisons, and their pictures. Knows no source and no published file.
//!
//! A question goes through the files in this order: `metric` (what is measured, declared under `metrics/`), `dimension`
//! (what it is compared by), `view` (the shared joins below both), `compare` (the answer with everything that makes it
//! honest), `chart` (how it looks); `table_function` takes one out of a statement in SQL. Counts of people come to all of
//! them through `participation`, which applies `disclosure` when a release is built. What would take long to join or add
//! up for each question is stored in a release by `mart`.

pub mod chart;
mod column;
mod compare;
mod dimension;
pub mod disclosure;
mod mart;
mod metric;
mod participation;
mod table_function;
#[cfg(test)]
mod testing;
mod view;
mod wording;

pub use column::view_columns;
pub use compare::{Answer, CompareError, Period, Question, Refusal, compare};
pub use dimension::{Dimension, Level};
pub use metric::{Coverage, Interval, Metric, MetricError, Metrics, Rows as MetricRows};
pub use participation::Participation;
pub use table_function::register_comparisons;
pub use view::{View, register_named, views};

use std::sync::Arc;

use esf_engine::derivation::Derivation;

/// What this crate computes when a release is built.
pub fn derivations() -> Vec<Arc<dyn Derivation>> {
    let mut all: Vec<Arc<dyn Derivation>> = vec![Arc::new(Participation)];
    all.extend(mart::derivations());
    all
}
