//! Operations of the vintage before that a file does not have any more.
//!
//! An id is made of fields that a publisher corrects, and an operation whose title was mended has another one. It is not gone
//! where one came in its place that has its amounts.

use std::collections::{HashMap, HashSet};

use arrow::array::Array;

use super::Gone;
use crate::merge::part::Part;

/// Counts the operations that are gone, `ids` being those of the file and `earlier` those of the vintage before.
pub(super) fn gone(
    part: &Part,
    before: &Part,
    ids: &HashSet<&str>,
    earlier: &HashSet<&str>,
) -> Gone {
    let mut came: HashMap<Vec<(&str, i128)>, usize> = HashMap::new();
    for row in rows_without(part, earlier) {
        *came.entry(amounts_of(part, row)).or_default() += 1;
    }
    let mut rows = rows_without(before, ids);
    rows.retain(|row| {
        let same = came.get_mut(&amounts_of(before, *row));
        match same.filter(|left| **left > 0) {
            Some(left) => {
                *left -= 1;
                false
            }
            None => true,
        }
    });
    Gone {
        before: earlier.len() as u64,
        gone: rows.len() as u64,
        at_end: are_last(&rows, before.ids.ids.len()),
        lacking: None,
    }
}

/// The rows of a file whose operations are not among these.
fn rows_without(part: &Part, ids: &HashSet<&str>) -> Vec<usize> {
    let rows = part.ids.ids.iter().enumerate();
    rows.filter(|(_, id)| id.is_some_and(|id| !ids.contains(id)))
        .map(|(row, _)| row)
        .collect()
}

/// The amounts of a row by kind, in whatever order its columns stand.
fn amounts_of(part: &Part, row: usize) -> Vec<(&str, i128)> {
    let columns = part.mapped.amounts.iter();
    let mut amounts: Vec<(&str, i128)> = columns
        .filter(|column| column.values.is_valid(row))
        .filter_map(|column| Some((column.kind_of(row)?, column.values.value(row))))
        .collect();
    amounts.sort_unstable();
    amounts
}

/// Whether nearly all of these rows stand where as many rows end a file. Equal operations are told apart by their order, so that
/// a few of them seem to be missing elsewhere.
pub(in crate::merge) fn are_last(rows: &[usize], all: usize) -> bool {
    let n = rows.len();
    let end = all.saturating_sub(n);
    let behind = rows.iter().filter(|row| **row >= end).count();
    n > 0 && n < all && behind * 20 >= n * 19
}

#[cfg(test)]
mod tests {
    use super::are_last;

    #[test]
    fn the_end_of_a_file_is_where_nothing_of_it_stands_behind() {
        let last: Vec<usize> = (60..100).collect();
        assert!(are_last(&last, 100));
        assert!(!are_last(&last, 110));
        let every_third: Vec<usize> = (0..100).step_by(3).collect();
        assert!(!are_last(&every_third, 100));
        let nearly: Vec<usize> = [7].into_iter().chain(61..100).collect();
        assert!(are_last(&nearly, 100));
        assert!(!are_last(&[], 100));
        assert!(!are_last(&last, 40));
    }
}
