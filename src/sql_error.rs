//! Why a statement could not be run: with its place, and told apart from faults of the machine.

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use esf_engine::session::{QueryError, SessionError};
use esf_schemas::Visibility;

use crate::exit::{Exit, Failure};

/// Characters of a statement shown around the place of an error.
const SHOWN: usize = 72;

/// The failure of a statement that could not be planned, with the line it is on and a mark under the place.
pub(crate) fn refused(error: &QueryError, sql: &str) -> Failure {
    let failure = Failure::new(Exit::Usage, error.to_string());
    let place = error.place().and_then(|place| {
        let line = sql.lines().nth((place.line as usize).checked_sub(1)?)?;
        Some(marked(line, (place.column as usize).checked_sub(1)?))
    });
    let failure = place.into_iter().flatten().fold(failure, Failure::next);
    match error {
        QueryError::UnknownTable { name, .. } if is_of_operators(name) => {
            failure.next("the table is for those who run the warehouse: --access operator shows it")
        }
        _ => failure,
    }
}

/// Whether a table is there, but not for everybody.
fn is_of_operators(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name);
    esf_schemas::table(name).is_some_and(|table| table.visibility == Visibility::Operator)
}

/// The part of a line around a character, and under it the mark.
fn marked(line: &str, column: usize) -> [String; 2] {
    let characters: Vec<char> = line.chars().collect();
    let column = column.min(characters.len());
    let start = if characters.len() <= SHOWN {
        0
    } else {
        column.saturating_sub(SHOWN / 2)
    };
    let end = characters.len().min(start + SHOWN);
    let (before, after) = (
        if start > 0 { "…" } else { "" },
        if end < characters.len() { "…" } else { "" },
    );
    let part: String = characters[start..end].iter().collect();
    let width: usize = before.chars().count()
        + crate::print::width(&characters[start..column].iter().collect::<String>());
    [
        format!("{before}{part}{after}"),
        format!("{}^", " ".repeat(width)),
    ]
}

/// The failure of a statement that broke off while it ran.
#[allow(clippy::needless_pass_by_value)] // for `map_err`
pub(crate) fn failure(error: DataFusionError) -> Failure {
    let root = error.find_root();
    if is_out_of_memory(root) {
        return Failure::new(Exit::Usage, "the memory is not enough for the statement").next(MORE);
    }
    let exit = if matches!(root, DataFusionError::Internal(_)) || is_unreadable(root) {
        Exit::Internal
    } else {
        Exit::Usage
    };
    let failure = Failure::new(exit, plain(&root.strip_backtrace()));
    match root {
        DataFusionError::ResourcesExhausted(_) => failure.next(MORE),
        _ if is_unreadable(root) => {
            failure.next("`esf verify` says which files of the release are damaged or gone")
        }
        DataFusionError::Internal(_) => failure.next("please report this with the statement"),
        _ => failure,
    }
}

/// What to do where memory is short.
const MORE: &str = "the statement needs more memory than it may use; narrow it, or raise --memory";

/// Whether a file of the release could not be read. Damage that is found only where values are unpacked comes by way of Arrow.
fn is_unreadable(error: &DataFusionError) -> bool {
    match error {
        DataFusionError::IoError(_)
        | DataFusionError::ObjectStore(_)
        | DataFusionError::ParquetError(_) => true,
        DataFusionError::ArrowError(error, _) => matches!(**error, ArrowError::ParquetError(_)),
        _ => false,
    }
}

/// Whether a join was to spill before it had anything that it could, which DataFusion takes for a fault of its own.
fn is_out_of_memory(error: &DataFusionError) -> bool {
    matches!(error, DataFusionError::Internal(text) if text.contains("no data to spill"))
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self::of(Exit::Internal, &error)
    }
}

/// The message without the names of DataFusion's own layers in front.
fn plain(message: &str) -> String {
    let layers = [
        "External error: ",
        "Execution error: ",
        "Arrow error: ",
        "Error during planning: ",
        "Resources exhausted: ",
    ];
    let mut rest = message;
    while let Some(inner) = layers.iter().find_map(|layer| rest.strip_prefix(layer)) {
        rest = inner;
    }
    let mut characters = rest.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_without_memory_is_no_fault_of_the_program() {
        let text = "Left side produced no data to spill".to_owned();
        let spilling = DataFusionError::Internal(text);
        let failure = failure(spilling.context("join"));
        assert_eq!(failure.exit(), Exit::Usage);
        let shown = failure.shown(false);
        assert!(shown.contains("raise --memory"), "{shown}");
        assert!(!shown.contains("internal"), "{shown}");
        let other = super::failure(DataFusionError::Internal("something else".to_owned()));
        assert_eq!(other.exit(), Exit::Internal);
    }

    #[test]
    fn damage_that_is_found_in_values_is_no_fault_of_the_statement() {
        let text = "Parquet error: encountered non UTF-8 data".to_owned();
        let damaged = ArrowError::ParquetError(text);
        let failure = failure(DataFusionError::ArrowError(Box::new(damaged), None));
        assert_eq!(failure.exit(), Exit::Internal);
        let shown = failure.shown(false);
        assert!(shown.contains("`esf verify` says which files"), "{shown}");
        assert!(shown.contains("esf explain release-file-lost"), "{shown}");
        let divided = ArrowError::DivideByZero;
        let own = super::failure(DataFusionError::ArrowError(Box::new(divided), None));
        assert_eq!(own.exit(), Exit::Usage);
    }

    #[test]
    fn the_mark_stands_under_the_place_also_in_a_long_line() {
        assert_eq!(marked("SELECT perod", 7), ["SELECT perod", "       ^"]);
        let long = format!("SELECT {}perod FROM t", "a, ".repeat(60));
        let [line, mark] = marked(&long, 187);
        assert!(
            line.starts_with('…') && line.chars().count() <= 74,
            "{line}"
        );
        assert_eq!(line.chars().nth(mark.len() - 1), Some('p'));
    }
}
