//! Published text into typed values: amounts, dates, rates, codes, periods, clean text.
//!
//! A convention (decimal mark, date spellings, meaning of a bare rate) belongs to the file. It is declared, or inferred
//! from all values of the file together; then every value either fits it or is a [`Misfit`]. Nothing is guessed from a
//! single cell, except that typed cells of workbooks and JSON are never in doubt.
//!
//! Money is integer cents, rates are integer millionths, dates are days since 1970-01-01; no float anywhere. This module
//! knows no field, no source and no file; which convention holds where is the mapping's business.

mod amount;
mod calendar;
mod code;
mod date;
mod error;
mod footnote;
mod html;
mod infer;
mod kernel;
mod null;
mod number;
mod pattern;
mod period;
mod rate;
mod shape;
mod text;
mod unit;
mod unit_label;

pub use amount::{Amount, parse_amount, parse_native_amount};
pub(crate) use calendar::month_of;
pub use code::{CodeLabel, parse_code};
pub use date::{
    DateValue, Edge, Precision, infer_dates, parse_date, parse_date_at, parse_date_end,
    parse_native_date,
};
pub use error::{ConventionError, Misfit, ValueDoubt, ValueError};
pub use footnote::footnote;
pub(crate) use html::decode_references;
pub use html::{clean_html, strip_html};
pub use infer::{Inference, Inferred};
pub use kernel::{Amounts, Codes, Dates, MONEY, RATE, Rates, amounts, clean, codes, dates, rates};
pub use null::NullWords;
pub use number::{
    Decimals, NumberConvention, ThreeDecimals, infer_numbers, is_two_faced, parse_decimal,
};
pub use pattern::DateConvention;
pub use period::{Period, parse_period, period_dates, split_period};
pub use rate::{RateConvention, WHOLE_RATE, infer_rates, parse_rate, rate_convention};
pub use text::clean_text;
pub use unit::{Currency, Unit, unit_of};
pub use unit_label::{percent_in_label, unit_alone, unit_in_label, unit_of_table, unknown_unit};

#[cfg(test)]
mod tests;
