//! The rows of one group: for aggregates without GROUP BY, and over windows.

use arrow::array::ArrayRef;
use datafusion::{
    common::{Result, ScalarValue},
    logical_expr::{Accumulator, GroupsAccumulator},
};

use super::gathered::Gathered;

/// Rows that all belong to group 0.
#[derive(Debug)]
pub(super) struct Single(Gathered);

impl Single {
    pub(super) fn new(gathered: Gathered) -> Self {
        Self(gathered)
    }
}

impl Accumulator for Single {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.add(values, |_| 0, None)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge(states, |_| 0);
        Ok(())
    }

    /// Leaves the rows where they are: windows that grow ask again.
    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.0.whole()))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0
            .whole_state()
            .iter()
            .map(|list| ScalarValue::try_from_array(list, 0))
            .collect()
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}
