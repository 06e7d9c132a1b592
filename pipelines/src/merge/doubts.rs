//! Doubts about the regions of operations, as they become rows of `finding`.
//!
//! Of a list that names places which nobody knows, or no country in which they could be, there is one for each row, and all say
//! the same. So they are kept as they were found, with texts that rows share and with the columns of the file, and become rows
//! when those are written down: as a [`Doubt`] each, with texts of its own, they took more memory than the list. The rows of
//! `finding` stay one for each operation, since by that one sees why it has no region.
//!
//! Owns that both forms say the same. Does not own what is doubtful (`region`), or doubts about values (`map`).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, RecordBatch, StringArray, StringBuilder, UInt32Array,
};
use arrow::compute::take;
use arrow::datatypes::Int64Type;

use super::operation::Loaded;
use super::rows::{RowsError, same, table_rows};
use crate::check::{Doubt, FileRef, Severity, written};
use crate::region::ColumnProblem;

/// How grave a doubt about a region is.
pub(super) fn severity(rule: &str) -> Severity {
    if rule == "region_doubtful" {
        Severity::Info
    } else {
        Severity::Warning
    }
}

/// The doubts about the regions of the rows of a file in one role.
#[derive(Debug, Clone)]
pub(super) struct RegionDoubts {
    role: &'static str,
    problems: Vec<ColumnProblem>,
    /// Numbers of all rows of the file.
    row_numbers: ArrayRef,
    /// Where they stand.
    locations: ArrayRef,
    /// Their operations.
    operation_ids: StringArray,
}

impl RegionDoubts {
    /// What was found of the operations of a file.
    pub(super) fn new(
        loaded: &Loaded<'_>,
        role: &'static str,
        problems: Vec<ColumnProblem>,
    ) -> Self {
        Self {
            role,
            problems,
            row_numbers: Arc::clone(&loaded.mapped.row_numbers),
            locations: Arc::clone(&loaded.mapped.locations),
            operation_ids: loaded.ids.ids.clone(),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.problems.len()
    }

    /// Names no operation but these.
    pub(super) fn keep_operations(&mut self, ids: &HashSet<String>) {
        let is_there = |id: &str| ids.contains(id);
        if !self.operation_ids.iter().flatten().all(is_there) {
            let named = self.operation_ids.iter();
            self.operation_ids = named.map(|id| id.filter(|id| is_there(id))).collect();
        }
    }

    /// The doubts one by one.
    pub(super) fn doubts(&self) -> impl Iterator<Item = Doubt> {
        let numbers = self.row_numbers.as_primitive::<Int64Type>();
        let places = self.locations.as_string::<i32>();
        let ids = &self.operation_ids;
        self.problems.iter().map(move |problem| Doubt {
            row: Some(numbers.value(problem.row)),
            location: places.value(problem.row).to_owned(),
            column: Some(self.role.to_owned()),
            value: Some(problem.value.to_string()),
            operation_id: (ids.is_valid(problem.row)).then(|| ids.value(problem.row).to_owned()),
            ..Doubt::of_file(
                problem.rule,
                severity(problem.rule),
                problem.message.to_string(),
            )
        })
    }

    /// As rows of `finding` or `restricted_finding`, as [`crate::check::doubt_rows`] makes them.
    pub(super) fn rows(&self, table: &str, file: FileRef<'_>) -> Result<RecordBatch, RowsError> {
        let failed = |cause| RowsError::Arrow {
            table: table.into(),
            cause,
        };
        let n = self.len();
        let at = self.problems.iter().map(|problem| problem.row as u32);
        let at = UInt32Array::from_iter_values(at);
        let of_rows = |column: &ArrayRef| take(column, &at, None).map_err(failed);
        // Looking for personal data takes longer than all else, and few texts are different ones.
        let mut cleaned: HashMap<&str, String> = HashMap::new();
        for problem in &self.problems {
            for text in [&*problem.value, &*problem.message] {
                cleaned.entry(text).or_insert_with(|| written(text));
            }
        }
        let clean = |text: &str| cleaned.get(text).map_or("", String::as_str);
        let operation_ids: ArrayRef = Arc::new(self.operation_ids.clone());
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("source_id", same(Some(file.source_id), n)),
            ("source_file", same(Some(file.source_file), n)),
            ("source_location", of_rows(&self.locations)?),
            ("source_row", of_rows(&self.row_numbers)?),
            ("rule", self.text(|problem| problem.rule)),
            ("column", same(Some(self.role), n)),
            ("value", self.text(|problem| clean(&problem.value))),
            ("message", self.text(|problem| clean(&problem.message))),
            (
                "severity",
                self.text(|problem| severity(problem.rule).name()),
            ),
            ("operation_id", of_rows(&operation_ids)?),
        ];
        table_rows(table, n, columns)
    }

    /// A column that takes no more room than its texts.
    fn text<'t>(&'t self, of: impl Fn(&'t ColumnProblem) -> &'t str) -> ArrayRef {
        let bytes = self.problems.iter().map(|problem| of(problem).len()).sum();
        let mut texts = StringBuilder::with_capacity(self.len(), bytes);
        for problem in &self.problems {
            texts.append_value(of(problem));
        }
        Arc::new(texts.finish())
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;

    use super::*;
    use crate::check::doubt_rows;

    fn doubts() -> RegionDoubts {
        let problem = |row: usize, rule: &'static str, value: &str, message: &str| ColumnProblem {
            row,
            rule,
            value: value.into(),
            message: message.into(),
        };
        let unknown = "no reference table knows this place; no region given";
        RegionDoubts {
            role: "implementation",
            problems: vec![
                problem(0, "region_unknown", "Nirgendwo", unknown),
                problem(2, "region_doubtful", "Worms | 67547", "by its name alone"),
                problem(3, "region_unknown", "Telefonnummer: 030 1234567", unknown),
            ],
            row_numbers: Arc::new(Int64Array::from(vec![2, 3, 5, 8])),
            locations: Arc::new(StringArray::from(vec![
                "line 2", "line 3", "line 5", "line 8",
            ])),
            operation_ids: StringArray::from(vec!["a", "b", "c", "d"]),
        }
    }

    #[test]
    fn many_doubts_become_the_rows_that_each_of_them_would() {
        let file = FileRef {
            source_id: "made",
            source_file: "c0ffee",
        };
        let mut doubts = doubts();
        for kept in [&["a", "c", "d"][..], &["c"]] {
            doubts.keep_operations(&kept.iter().map(|id| (*id).to_owned()).collect());
            let one_by_one: Vec<Doubt> = doubts.doubts().collect();
            assert_eq!(one_by_one.len(), doubts.len());
            for table in ["finding", "restricted_finding"] {
                assert_eq!(
                    doubts.rows(table, file).unwrap(),
                    doubt_rows(table, file, &one_by_one).unwrap()
                );
            }
        }
        let named: Vec<Option<String>> = doubts.doubts().map(|d| d.operation_id).collect();
        assert_eq!(named, [None, Some("c".to_owned()), None]);
    }

    #[test]
    fn a_row_says_where_it_stands_how_grave_it_is_and_no_number_to_call() {
        let told: Vec<Doubt> = doubts().doubts().collect();
        let places: Vec<_> = told.iter().map(|d| (d.row, d.location.as_str())).collect();
        let expected = [
            (Some(2), "line 2"),
            (Some(5), "line 5"),
            (Some(8), "line 8"),
        ];
        assert_eq!(places, expected);
        assert_eq!(told[0].severity, Severity::Warning);
        assert_eq!(told[1].severity, Severity::Info);
        let file = FileRef {
            source_id: "made",
            source_file: "c0ffee",
        };
        let rows = doubts().rows("finding", file).unwrap();
        let values = rows.column_by_name("value").unwrap().as_string::<i32>();
        assert_eq!(values.value(0), "Nirgendwo");
        assert!(!values.value(2).contains("1234567"), "{}", values.value(2));
    }
}
