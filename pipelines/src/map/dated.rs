//! How many operations of a file have a start and an end, and how many stand behind the last one that has.
//!
//! Owns the counting. What is too few is the matter of the controls of a run.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Date32Type;

/// The days of an operation that are counted.
pub(crate) const DATES: [&str; 2] = ["start_date", "end_date"];

/// How many operations of a file have a day of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dated {
    /// Operations with such a day.
    pub with: u64,
    /// All of them.
    pub all: u64,
    /// Those behind the last one with such a day. None where all days before them stand in order: then the rows were sorted by
    /// them, which puts those without one at the end.
    pub behind: u64,
}

/// What the rows of a file have of each of [`DATES`].
pub(super) fn dated(rows: &RecordBatch) -> [Dated; 2] {
    DATES.map(|name| {
        let all = rows.num_rows();
        let days = rows.column_by_name(name);
        let Some(days) = days.and_then(|days| days.as_primitive_opt::<Date32Type>()) else {
            return Dated {
                all: all as u64,
                ..Dated::default()
            };
        };
        let last = (0..all).rposition(|row| days.is_valid(row));
        let known = || days.iter().flatten();
        let in_order = known().is_sorted() || known().is_sorted_by(|first, second| first >= second);
        Dated {
            with: (all - days.null_count()) as u64,
            all: all as u64,
            behind: last
                .filter(|_| !in_order)
                .map_or(0, |last| (all - 1 - last) as u64),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Date32Array};

    use super::*;

    fn of(days: &[Option<i32>]) -> [Dated; 2] {
        let days: ArrayRef = Arc::new(Date32Array::from(days.to_vec()));
        dated(&RecordBatch::try_from_iter_with_nullable([("end_date", days, true)]).unwrap())
    }

    #[test]
    fn rows_behind_the_last_day_count_unless_all_rows_are_sorted_by_it() {
        for (days, with, behind) in [
            (vec![Some(3), None, Some(1), Some(2), None, None], 3, 2),
            (vec![Some(1), Some(2), Some(2), None], 3, 0),
            (vec![Some(3), Some(2), Some(1), None], 3, 0),
            (vec![Some(2), Some(1), Some(3)], 3, 0),
            (vec![None, None], 0, 0),
        ] {
            let [start, end] = of(&days);
            let all = days.len() as u64;
            assert_eq!(
                (end.with, end.all, end.behind),
                (with, all, behind),
                "{days:?}"
            );
            // A column that is not there has none.
            assert_eq!((start.with, start.all, start.behind), (0, all, 0));
        }
    }
}
