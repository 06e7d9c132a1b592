//! What can be wrong with a published value, and where a column's misfits are kept.
//!
//! No error of this module repeats the value: a cell may hold a person's name or number, and what is cut out of a
//! [`Misfit::text`] must not survive in a message beside it.

use super::{DateConvention, NumberConvention, RateConvention};

/// Why one published value could not be read by the conventions of its file. The value becomes null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The digits are not grouped or marked as the file's numbers are.
    #[error(
        "not a number written as in `{convention}`; the file's numbers are declared or inferred so"
    )]
    NotNumber {
        /// How the file writes numbers.
        convention: NumberConvention,
    },
    /// The number stands with a word or sign that is neither a known currency nor a known unit.
    #[error(
        "the amount carries a word that is no known currency (EUR, SEK) or unit (Cent, Tsd., Mio., Mrd., öre, tkr, mnkr)"
    )]
    UnknownUnit,
    /// Two currencies, two units or two minus signs in one cell.
    #[error("the amount states its sign, its currency or its unit twice and differently")]
    Contradiction,
    /// An amount in cents with decimals.
    #[error(
        "its label or the word beside it says that the amount is in cents, and it has a part of a cent: it may be in whole units of the currency"
    )]
    PartOfCent,
    /// The mark of the amount is a decimal mark by the convention of its file, and may mark thousands.
    #[error(
        "three decimals, where the other amounts of the column have cents or none: it may be a number of thousands, so it is not read as `{convention}`"
    )]
    ThreeDecimals {
        /// How the file writes numbers.
        convention: NumberConvention,
    },
    /// More than 16 digits before the decimal mark.
    #[error("the amount has more than 16 digits before the decimal mark")]
    TooLarge,
    /// The text fits none of the date spellings of the file.
    #[error("not a date written as {convention}")]
    NotDate {
        /// The spellings that occur in the file.
        convention: DateConvention,
    },
    /// A date spelling with a day or month that the calendar does not have.
    #[error("the calendar has no such day")]
    NoSuchDay,
    /// Not a start and an end with a separator between them.
    #[error("not a period: expected two dates with a dash, `bis`, `till` or `to` between them")]
    NotPeriod,
    /// The text is not a rate.
    #[error("not a rate; expected a share such as `0.5` or a percentage such as `50 %`")]
    NotRate,
    /// The rate lies outside 0 to 100 %.
    #[error("the rate is outside 0 to 100 % when bare numbers are read as a {convention}")]
    RateRange {
        /// How bare numbers of the file are read.
        convention: RateConvention,
    },
    /// A bare number, and nothing says what the bare numbers of the file are.
    #[error(
        "a bare number whose file leaves open whether it is a percentage or a share of 1; declare `rates` under [conventions] in mapping.toml"
    )]
    RateOpen,
    /// Several codes in a cell where one is expected.
    #[error("several codes in one cell, none of them can be preferred")]
    SeveralCodes,
    /// The workbook cell holds an error such as `#REF!`.
    #[error("the workbook cell holds an error value")]
    ErrorCell,
    /// The workbook or JSON cell is typed as something that the field cannot be.
    #[error("the cell is a {found}, expected {expected}")]
    WrongKind {
        /// The published kind.
        found: &'static str,
        /// What the field takes.
        expected: &'static str,
    },
}

/// A doubt about a value that could be read; the value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueDoubt {
    /// More decimals than cents.
    #[error("the amount has more than two decimals and was rounded half to even")]
    Rounded,
    /// The mark of a footnote stood behind the amount.
    #[error("the mark of a footnote stands behind the amount, which was read without it")]
    Footnote,
    /// A rate close to one of its bounds.
    #[error("the rate is not 0 or 100 % as published, and rounds to it")]
    RoundedToBound,
    /// A year before 1950 or after 2100.
    #[error("the date lies outside 1950 to 2100")]
    ImplausibleDate,
}

/// A declaration of `[conventions]` that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConventionError {
    /// Not one of the examples that declare a number convention.
    #[error("`{example}` does not show how numbers are written; expected one of {expected}")]
    UnknownNumbers {
        /// What was declared.
        example: String,
        /// The examples that are understood.
        expected: String,
    },
    /// Not one of the date spellings.
    #[error("`{pattern}` is no known date spelling; expected some of {expected}")]
    UnknownDates {
        /// What was declared.
        pattern: String,
        /// The spellings that are understood.
        expected: String,
    },
    /// Day first and month first with slashes in one file: a value such as 01/02/2016 would have two readings.
    #[error("day/month and month/day are declared together; a file can have only one of them")]
    BothOrders,
}

/// One value of a column that did not fit (`E` = [`ValueError`]) or is doubtful (`E` = [`ValueDoubt`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit<E = ValueError> {
    /// Row within the array that was read, from 0.
    pub row: usize,
    /// The published text. May hold personal data: redact before it is stored.
    pub text: String,
    /// What is wrong with it; its `Display` is the message, and never repeats the text.
    pub error: E,
}
