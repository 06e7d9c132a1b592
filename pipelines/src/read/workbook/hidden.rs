//! Columns that a reader of a workbook would not see. A file may hide the same columns again and again; that costs no
//! more than hiding them once.

/// Hidden columns of one sheet.
#[derive(Debug)]
pub(super) struct HiddenColumns {
    /// How many more ranges hold a column than hold the one before it.
    steps: Vec<i64>,
    max_columns: usize,
}

impl HiddenColumns {
    /// None yet; columns from `max_columns` on are not looked at.
    pub(super) fn new(max_columns: usize) -> Self {
        Self {
            steps: Vec::new(),
            max_columns,
        }
    }

    /// Hides the columns from `first` to before `end`.
    pub(super) fn hide(&mut self, first: usize, end: usize) {
        let end = end.min(self.max_columns);
        if first >= end {
            return;
        }
        if self.steps.len() <= end {
            self.steps.resize(end + 1, 0);
        }
        self.steps[first] += 1;
        self.steps[end] -= 1;
    }

    /// Those of the first `width` columns that are hidden.
    pub(super) fn within(&self, width: usize) -> Vec<usize> {
        let mut ranges = 0;
        let covered = self.steps.iter().take(width).map(|step| {
            ranges += step;
            ranges > 0
        });
        covered
            .enumerate()
            .filter_map(|(column, hidden)| hidden.then_some(column))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_ranges_hide_each_column_once() {
        let mut hidden = HiddenColumns::new(10);
        assert!(hidden.within(10).is_empty());
        for (first, end) in [(1, 3), (2, 4), (2, 2), (3, 1), (8, usize::MAX), (12, 13)] {
            hidden.hide(first, end);
        }
        assert_eq!(hidden.within(20), [1, 2, 3, 8, 9]);
        assert_eq!(hidden.within(2), [1]);
    }

    #[test]
    fn hiding_everything_again_and_again_costs_nothing() {
        let mut hidden = HiddenColumns::new(16_384);
        for _ in 0..1_000_000 {
            hidden.hide(0, 16_384);
        }
        assert_eq!(hidden.within(16_384).len(), 16_384);
    }
}
