//! The rows of one group, as definitions of statistics see them.

use super::convert::whole;
use crate::statistics::{NoValue, normal};

/// The complete rows of a group: columns of equal length, and what is the same for all.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The columns of numbers, in the order of the arguments.
    pub(super) numbers: &'a [&'a [f64]],
    /// The column of keys, if the function takes one; equal keys have equal numbers.
    pub(super) keys: &'a [usize],
    /// The constants, in the order of the arguments.
    pub(super) constants: &'a [f64],
}

impl Group<'_> {
    /// A column of numbers.
    pub(super) fn column(&self, place: usize) -> &[f64] {
        self.numbers[place]
    }

    /// A column of numbers that are counts.
    pub(super) fn counts(&self, place: usize) -> Result<Vec<i64>, NoValue> {
        self.numbers[place]
            .iter()
            .map(|value| whole(*value))
            .collect()
    }

    /// The confidence, which is the only constant of the functions that take one.
    pub(super) fn confidence(&self) -> f64 {
        self.constants
            .first()
            .copied()
            .unwrap_or(normal::CONFIDENCE)
    }
}
