//! Money and what it is divided by, from columns of any numeric type, as the whole numbers that [`apportion`] takes.
//!
//! Decimals and integers are exact; a float total must be the float of a whole number of cents, and float weights count
//! to the fifteenth digit of the largest.

use arrow::{
    array::{Array, ArrayRef, AsArray, Decimal128Array, Float64Array},
    compute::cast,
    datatypes::{DataType, Float64Type},
};
use datafusion::common::Result;

use super::convert::{decimals, nearest};
use crate::statistics::{NoValue, apportion::apportion};

/// The digits of an amount of money.
pub(super) const PRECISION: u8 = 18;

/// Those of them that are cents.
pub(super) const SCALE: i8 = 2;

/// The type of money.
pub(super) const MONEY: DataType = DataType::Decimal128(PRECISION, SCALE);

/// The largest amount of money, in cents.
const MOST_CENTS: u128 = 999_999_999_999_999_999;

/// How many digits of the largest weight count.
const DIGITS: i32 = 15;

/// A total in cents divided by the weights in some rows of a column, to the cent; in the order of these rows.
///
/// Fails as [`apportion`] does, on a weight that is no finite number, and where a part is more than money can be.
pub(super) fn divided(total: i128, weights: &Exact, rows: &[usize]) -> Result<Vec<i128>, NoValue> {
    let parts = apportion(total, &weights.weights(rows)?)?;
    if parts.iter().any(|part| part.unsigned_abs() > MOST_CENTS) {
        return Err(NoValue::Overflow);
    }
    Ok(parts)
}

/// A column in a form that keeps every digit: decimals of a scale, or floats. What it gives for a null is without meaning.
pub(super) enum Exact {
    Decimals(Decimal128Array, i8),
    Floats(Float64Array),
}

impl Exact {
    /// Fails if the column is not numeric.
    pub(super) fn new(array: &ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Dictionary(_, value) => Self::new(&cast(array, value)?)?,
            DataType::Decimal32(_, scale)
            | DataType::Decimal64(_, scale)
            | DataType::Decimal128(_, scale) => Self::Decimals(decimals(array)?, *scale),
            other if other.is_integer() => {
                let whole = cast(array, &DataType::Decimal128(20, 0))?;
                Self::Decimals(decimals(&whole)?, 0)
            }
            _ => {
                let floats = cast(array, &DataType::Float64)?;
                Self::Floats(floats.as_primitive::<Float64Type>().clone())
            }
        })
    }

    /// The amount in a row, in cents. Fails if it is not in whole cents.
    pub(super) fn cents(&self, row: usize) -> Result<i128, NoValue> {
        match self {
            Self::Decimals(array, scale) => rescaled(array.value(row), *scale),
            Self::Floats(array) => float_cents(array.value(row)),
        }
    }

    /// The weights in these rows as whole numbers of a common scale.
    fn weights(&self, rows: &[usize]) -> Result<Vec<i128>, NoValue> {
        match self {
            Self::Decimals(array, _) => Ok(rows.iter().map(|row| array.value(*row)).collect()),
            Self::Floats(array) => {
                let weights: Vec<f64> = rows.iter().map(|row| array.value(*row)).collect();
                float_weights(&weights)
            }
        }
    }
}

/// A decimal in cents.
fn rescaled(value: i128, scale: i8) -> Result<i128, NoValue> {
    let power = 10_i128
        .checked_pow(scale.abs_diff(SCALE).into())
        .ok_or(NoValue::Overflow)?;
    if scale <= SCALE {
        value.checked_mul(power).ok_or(NoValue::Overflow)
    } else if value % power == 0 {
        Ok(value / power)
    } else {
        Err(NoValue::NotWhole)
    }
}

/// A float in cents, if it is the one nearest to a number of cents.
fn float_cents(value: f64) -> Result<i128, NoValue> {
    let cents = (value * 100.0).round();
    if !cents.is_finite() {
        Err(NoValue::NotFinite)
    } else if cents.abs() > MOST_CENTS as f64 {
        Err(NoValue::Overflow)
    } else if nearest(cents as i128, SCALE) - value == 0.0 {
        Ok(cents as i128)
    } else {
        Err(NoValue::NotWhole)
    }
}

fn float_weights(values: &[f64]) -> Result<Vec<i128>, NoValue> {
    let largest = values.iter().copied().fold(0.0, f64::max);
    if values.iter().any(|value| !value.is_finite()) {
        return Err(NoValue::NotFinite);
    }
    if values.iter().any(|value| *value < 0.0) {
        return Err(NoValue::Negative);
    }
    // As text, because the digits of a power of ten times a float depend on its rounding.
    let exponent: i32 = format!("{largest:e}")
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let places = usize::try_from(DIGITS - 1 - exponent).unwrap_or(0);
    values
        .iter()
        .map(|value| {
            let digits = format!("{value:.places$}").replace('.', "");
            digits.parse().map_err(|_| NoValue::Overflow)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_whole_cents_or_nothing() {
        assert_eq!(rescaled(5, 0), Ok(500));
        assert_eq!(rescaled(12_300, 4), Ok(123));
        assert_eq!(rescaled(12_345, 4), Err(NoValue::NotWhole));
        assert_eq!(rescaled(i128::MAX, 0), Err(NoValue::Overflow));
        assert_eq!(float_cents(0.29), Ok(29));
        assert_eq!(float_cents(-1.1), Ok(-110));
        assert_eq!(float_cents(0.123), Err(NoValue::NotWhole));
        assert_eq!(float_cents(f64::NAN), Err(NoValue::NotFinite));
        assert_eq!(float_cents(1e300), Err(NoValue::Overflow));
    }

    #[test]
    fn float_weights_are_what_they_look_like() {
        assert_eq!(
            float_weights(&[0.3, 0.7]),
            Ok(vec![300_000_000_000_000, 700_000_000_000_000])
        );
        assert_eq!(float_weights(&[0.0, 0.0]), Ok(vec![0, 0]));
        assert_eq!(float_weights(&[1e-320, 0.0]).map(|w| w[1]), Ok(0));
        assert_eq!(float_weights(&[-1.0]), Err(NoValue::Negative));
        assert_eq!(float_weights(&[f64::INFINITY]), Err(NoValue::NotFinite));
        assert_eq!(float_weights(&[1e300]), Err(NoValue::Overflow));
    }
}
