//! Published spellings to typed values: money with the precision it was given in, dates and periods with theirs,
//! rates, counts. A page is one small file, so its convention is that of its language: German 1.234,56 and Swedish
//! 1 234,56. A spelling that does not fit is none: the caller makes a finding of it, nothing is guessed.
//!
//! This file is the page reader's only door to value parsing.

mod date;
mod money;

use regex::Regex;

pub use date::PageDate;
pub(super) use date::{Period, date, is_dated, period};
pub(super) use money::{count, money, rate};

pub use crate::value::Precision;
pub(super) use crate::value::{
    Currency, Unit, percent_in_label, unit_alone, unit_in_label, unit_of, unit_of_table,
    unknown_unit,
};

#[expect(
    clippy::expect_used,
    reason = "the expressions are constants of this file, each compiled by its tests"
)]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("constant expression")
}
