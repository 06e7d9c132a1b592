//! The findings of a rule in one file, by the tables that were made of its list: how many there are, what the first says, and
//! what the values are that nobody knows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};

use super::ControlReport;
use crate::check::Severity;
use crate::merge::ListOutput;

/// Most values that are named.
const NAMED: usize = 3;

/// A value of more characters is no code.
const LONGEST: usize = 80;

/// Values of a file that no code list or lookup knows, but for those of which nobody says what list they are from.
pub(super) struct Unknown {
    /// How many there are.
    pub(super) n: u64,
    /// Where most of them are, in words.
    most: Option<String>,
}

impl Unknown {
    /// Adds to a failed control of unknown values where most of them are.
    pub(super) fn explain(&self, controls: &mut [ControlReport]) {
        let failed = |c: &&mut ControlReport| c.control == "unknown_values" && !c.passed;
        if let (Some(control), Some(most)) = (controls.iter_mut().find(failed), &self.most) {
            control.message = format!("{}; {most}", control.message);
        }
    }
}

/// Findings of values that no code list or lookup knows.
pub(super) fn unknown_values(output: &ListOutput, sha256: &str) -> Unknown {
    let mut columns: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for batch in output.tables.get("finding").into_iter().flatten() {
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let (Some(files), Some(rules), Some(severities), Some(labels), Some(values)) = (
            column("source_file"),
            column("rule"),
            column("severity"),
            column("column"),
            column("value"),
        ) else {
            continue;
        };
        for row in 0..batch.num_rows() {
            let is_unknown = files.value(row) == sha256
                && rules.value(row) == "value_unknown"
                && severities.value(row) != Severity::Info.name();
            if is_unknown && labels.is_valid(row) && values.is_valid(row) {
                let of_column = columns.entry(labels.value(row)).or_default();
                *of_column.entry(values.value(row)).or_default() += 1;
            }
        }
    }
    let count = |values: &BTreeMap<&str, u64>| values.values().sum::<u64>();
    let n = columns.values().map(count).sum::<u64>();
    let most = columns.iter().max_by_key(|(_, values)| count(values));
    Unknown {
        n,
        most: most.map(|(label, values)| told(label, values)),
    }
}

/// The column, and its commonest values. What stands there once may be anything, also somebody's name.
fn told(label: &str, values: &BTreeMap<&str, u64>) -> String {
    let mut common: Vec<(&str, u64)> = (values.iter().map(|(value, n)| (*value, *n)))
        .filter(|(value, n)| *n > 1 && value.chars().count() <= LONGEST)
        .collect();
    common.sort_by_key(|(value, n)| (Reverse(*n), *value));
    let named: Vec<String> = (common.iter().take(NAMED))
        .map(|(value, n)| format!("{value:?} ({n} times)"))
        .collect();
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    if named.is_empty() {
        format!("most of them stand in column {label:?}")
    } else {
        format!(
            "most of them stand in column {label:?}, such as {}; say under [lookups] in mapping.toml what they mean",
            named.join(", ")
        )
    }
}

/// Findings of a rule in a file.
pub(super) fn findings(output: &ListOutput, table: &str, sha256: &str, sought: &str) -> u64 {
    let batches = output.tables.get(table).into_iter().flatten();
    let counted = batches.map(|batch| {
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let (Some(files), Some(rules)) = (column("source_file"), column("rule")) else {
            return 0;
        };
        let of_file = files.iter().zip(rules.iter());
        of_file
            .filter(|(file, rule)| *file == Some(sha256) && *rule == Some(sought))
            .count() as u64
    });
    counted.sum()
}

/// What the first finding of a rule in a file says; nothing where there is none.
pub(super) fn message(
    output: &ListOutput,
    table: &str,
    sha256: &str,
    sought: &str,
) -> Option<String> {
    let mut batches = output.tables.get(table)?.iter();
    batches.find_map(|batch| {
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let (files, rules) = (column("source_file")?, column("rule")?);
        let mut of_file = files.iter().zip(rules.iter());
        let row = of_file.position(|found| found == (Some(sha256), Some(sought)))?;
        let message = column("message")?.iter().nth(row)?;
        message.map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_unknown_values_are_named_and_single_ones_are_not() {
        let long = "x".repeat(LONGEST + 1);
        let values = BTreeMap::from([
            ("a", 2),
            ("b", 7),
            ("Erika Beispiel", 1),
            (long.as_str(), 9),
        ]);
        assert_eq!(
            told("Kategorie\nder Intervention", &values),
            "most of them stand in column \"Kategorie der Intervention\", such as \"b\" (7 times), \"a\" (2 times); say under \
             [lookups] in mapping.toml what they mean"
        );
        let once = BTreeMap::from([("Erika Beispiel", 1)]);
        assert_eq!(told("K", &once), "most of them stand in column \"K\"");
    }
}
