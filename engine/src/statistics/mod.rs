//! Statistics that make numbers comparable: intervals, inequality, standardisation, shrinkage, ranks, exact shares.
//!
//! Pure functions over slices of `f64`, `i64` and `i128`; no input or output, no state, no randomness but that of a
//! given seed. Each has one definition, named with its source. Invariants:
//!
//! - A function gives a finite number or a [`NoValue`] that says why there is none; never NaN, infinity or minus zero,
//!   and never a 0 that stands for "unknown". Every text below under "Errors" is the full list of reasons.
//! - Sums do not depend on the order of the input: terms are sorted by `total_cmp` and added with Neumaier's
//!   compensation, so that a published number has the same bytes whichever way its rows arrived.
//! - Counts of persons are `i64`, amounts and weights `f64`, money to be divided is `i128` cents; shares, rates,
//!   confidence levels and percentiles are 0-1; days are `i32` since 1970-01-01.
//!
//! ```
//! use esf_engine::statistics::{NoValue, interval};
//! assert_eq!(interval::wilson_lower(81, 263).map(|lower| format!("{lower:.7}")), Ok("0.2552885".to_owned()));
//! assert_eq!(interval::wilson_lower(0, 0), Err(NoValue::ZeroDenominator));
//! ```

pub mod apportion;
pub mod funnel;
pub mod indirect;
pub mod inequality;
pub mod interval;
mod member;
pub mod multiple;
mod no_value;
pub mod normal;
mod number;
pub mod overlap;
pub mod percentile;
pub mod poisson;
pub mod rank;
pub mod ratio;
mod rational;
pub mod shrink;
pub mod standardise;

pub use no_value::NoValue;
