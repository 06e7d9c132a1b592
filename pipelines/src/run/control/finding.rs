//! The findings of a rule in one file, by the tables that were made of its list: how many there are, and what the first says.

use arrow::array::AsArray;

use crate::merge::ListOutput;

/// Findings of values that no code list or lookup knows.
pub(super) fn unknown_values(output: &ListOutput, sha256: &str) -> u64 {
    findings(output, "finding", sha256, "value_unknown")
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
