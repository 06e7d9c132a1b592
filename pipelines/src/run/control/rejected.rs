//! Why rows of a file were rejected, for a message that refuses the file: its rows are in no table then.

use arrow::array::AsArray;

use super::ControlReport;
use crate::merge::ListOutput;

/// Adds to a failed control of quarantined rows the first of them, with its place and reason.
pub(super) fn explain(controls: &mut [ControlReport], output: &ListOutput, sha256: &str) {
    let failed = |control: &&mut ControlReport| control.control == "quarantined" && !control.passed;
    let Some(control) = controls.iter_mut().find(failed) else {
        return;
    };
    if let Some(first) = first(output, sha256) {
        control.message = format!("{}; the first is {first}", control.message);
    }
}

/// Place, column and reason of the first rejected row of a file; never its values.
fn first(output: &ListOutput, sha256: &str) -> Option<String> {
    output.tables.get("quarantine")?.iter().find_map(|batch| {
        let column = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let (files, places) = (column("source_file")?, column("source_location")?);
        let (labels, messages) = (column("column")?, column("message")?);
        let row = files.iter().position(|file| file == Some(sha256))?;
        let label = labels.iter().nth(row)?.map(|label| format!(" ({label:?})"));
        Some(format!(
            "{}{}: {}",
            places.iter().nth(row)??,
            label.unwrap_or_default(),
            messages.iter().nth(row)??
        ))
    })
}
