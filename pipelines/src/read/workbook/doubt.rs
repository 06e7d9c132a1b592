//! Doubts about sheets of a workbook that do not stop the reading.

use super::super::grid::Twice;
use super::super::limits::MAX_PROBLEMS;
use super::super::place::{Place, Problem};
use super::super::sink::Sink;

/// What is odd about the content of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Oddity {
    /// It is no value of the type that the cell is declared to have.
    Type,
    /// It is a number, but none that a list means.
    Number,
    /// It is a formula, and the file does not have its value.
    Formula,
}

/// Doubts of one workbook. A workbook that is odd throughout does not say so for every cell.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    found: u64,
}

impl Doubts {
    /// How many there were, told or not.
    pub(super) fn found(&self) -> u64 {
        self.found
    }

    /// Tells of a cell.
    pub(super) fn cell(&mut self, oddity: Oddity, place: Place, sink: &mut dyn Sink) {
        let (rule, message) = match oddity {
            Oddity::Type => (
                "cell_type",
                "the content of this cell does not fit the type it is declared to have; the file may be damaged",
            ),
            Oddity::Number => (
                "number_range",
                "the number of this cell is not finite, or so large or small that no amount or count is meant; it is kept \
                 as text",
            ),
            Oddity::Formula => (
                "formula_without_value",
                "this cell is a formula whose value the file does not have, so it is empty here; open the file in a \
                 spreadsheet program, save it, and take that one",
            ),
        };
        self.tell(rule, place, message.to_owned(), sink);
    }

    /// Tells of rows and cells that a sheet gives more than once.
    pub(super) fn twice(&mut self, twice: Twice, sink: &mut dyn Sink) {
        if let Some((place, count)) = twice.rows {
            let message = format!(
                "{count} rows of this sheet are given again, this one first; what is said of one row is put together, \
                 but the file may be damaged"
            );
            self.tell("row_twice", place, message, sink);
        }
        if let Some((place, count)) = twice.cells {
            let message = format!(
                "{count} cells of this sheet are given again, this one first; the last content stays, but the file may \
                 be damaged"
            );
            self.tell("cell_twice", place, message, sink);
        }
    }

    fn tell(&mut self, rule: &'static str, place: Place, message: String, sink: &mut dyn Sink) {
        self.found += 1;
        if self.found <= MAX_PROBLEMS {
            sink.problem(Problem {
                place,
                rule: rule.into(),
                message,
            });
        }
    }
}
