//! What can be wrong with the input of disclosure control. Every message names the cell and what was expected.

use super::table::CellKey;

/// An error of a [`Table`](super::Table), a [`History`](super::History) or of [`control`](super::control).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// A count below zero is no count of people.
    #[error("{value} is no count of people; expected 0 or more, or none")]
    NegativeCount {
        /// The number given.
        value: i64,
    },
    /// A count above what the exact arithmetic of the audit can hold.
    #[error("{value} is above the largest count, 10^15")]
    CountTooLarge {
        /// The number given.
        value: i64,
    },
    /// A minimum frequency of zero, or above [`Threshold::MAX`](super::Threshold::MAX).
    #[error("{value} is no minimum frequency; expected 1 to 1000000")]
    Threshold {
        /// The number given.
        value: u32,
    },
    /// A key has more or fewer codes than the table has dimensions.
    #[error("cell {key} has {} codes; expected one for each of {expected} dimensions", key.codes().len())]
    Arity {
        /// The key.
        key: CellKey,
        /// How many codes were expected.
        expected: usize,
    },
    /// The same cell twice.
    #[error("cell {key} is given twice")]
    DuplicateCell {
        /// The key.
        key: CellKey,
    },
    /// A hierarchy names a code as its own ancestor.
    #[error("code {code:?} of dimension {dimension:?} is its own ancestor")]
    Cycle {
        /// The dimension.
        dimension: String,
        /// A code on the cycle.
        code: String,
    },
    /// The parts of a total are more than the total.
    #[error(
        "the parts of cell {total} add up to {parts} {measure}, more than its {value}; declare the table as perturbed if \
         its producer adds noise"
    )]
    PartsExceedTotal {
        /// The total.
        total: CellKey,
        /// What is counted.
        measure: &'static str,
        /// Its value.
        value: i64,
        /// The sum of its parts.
        parts: i64,
    },
    /// The contributions to a cell contradict each other.
    #[error(
        "contributions {first} and {second} do not fit a cell of {total}; expected first >= second and their sum at most \
         the cell"
    )]
    Contributions {
        /// The largest contribution.
        first: u64,
        /// The second largest.
        second: u64,
        /// Their cell.
        total: u64,
    },
    /// An earlier release has other dimensions than the table.
    #[error("release {release} has other dimensions than the table")]
    OtherDimensions {
        /// Its number.
        release: u64,
    },
    /// A cell of an earlier release has a value and no status, or a status and no value.
    #[error(
        "cell {key} of release {release} needs both a value (from the restricted store) and a status"
    )]
    HistoryIncomplete {
        /// Its number.
        release: u64,
        /// The key.
        key: CellKey,
    },
    /// An entry of the code list of rules says nothing that can be applied.
    #[error(
        "{code} of the code list disclosure_rule has no scope or minimum that can be read; expected all, no_region, \
         below_nuts_3, region:… or indicator:… and a whole number"
    )]
    RuleList {
        /// The entry.
        code: String,
    },
    /// The table has more combinations of codes than can be numbered.
    #[error("the dimensions have more than 2^63 combinations of codes; split the table")]
    TooManyCodes,
}
