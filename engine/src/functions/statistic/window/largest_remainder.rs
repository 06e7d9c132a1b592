//! `largest_remainder`: money divided so that the cents add up, from columns of any numeric type.
//!
//! Decimals and integers are exact; a float total must be the float of a whole number of cents, and float weights count
//! to the fifteenth digit of the largest.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Decimal128Array},
    compute::cast,
    datatypes::{DataType, Float64Type},
};
use datafusion::common::{Result, exec_err};

use crate::{
    functions::statistic::convert::{decimals, nearest, nulls},
    statistics::{NoValue, apportion::apportion},
};

const PRECISION: u8 = 18;
const SCALE: i8 = 2;

/// The type of money.
pub(super) const MONEY: DataType = DataType::Decimal128(PRECISION, SCALE);

/// The largest amount of money, in cents.
const MOST_CENTS: u128 = 999_999_999_999_999_999;

/// How many digits of the largest weight count.
const DIGITS: i32 = 15;

/// The part of each row, of the total and by the weight in the two columns. Fails if the total differs.
pub(super) fn parts(values: &[ArrayRef]) -> Result<ArrayRef> {
    let [totals, weights] = values else {
        return exec_err!("largest_remainder takes a total and a weight");
    };
    let rows = totals.len();
    let nulls = nulls([&**totals, &**weights]);
    let taken: Vec<usize> = (0..rows)
        .filter(|row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row)))
        .collect();
    let mut parts = vec![None; rows];
    if let Some(total) = only(&cents(totals, &taken)?)?
        && let Ok(weights) = scaled(weights, &taken)?
        && let Ok(found) = apportion(total, &weights)
        && found.iter().all(|part| part.unsigned_abs() <= MOST_CENTS)
    {
        for (row, part) in taken.into_iter().zip(found) {
            parts[row] = Some(part);
        }
    }
    let parts: Decimal128Array = parts.into_iter().collect();
    Ok(Arc::new(parts.with_precision_and_scale(PRECISION, SCALE)?))
}

/// The one total of all rows; none if it is not in whole cents or there are no rows.
fn only(totals: &[Result<i128, NoValue>]) -> Result<Option<i128>> {
    let Some(first) = totals.first() else {
        return Ok(None);
    };
    if totals.iter().any(|total| total != first) {
        return exec_err!(
            "largest_remainder divides one total, but it differs within a partition; partition by what it belongs to"
        );
    }
    Ok(first.ok())
}

/// Columns in a form that keeps every digit: decimals, or floats.
enum Exact {
    Decimals(Decimal128Array, i8),
    Floats(Vec<f64>),
}

fn exact(array: &ArrayRef, taken: &[usize]) -> Result<Exact> {
    Ok(match array.data_type() {
        DataType::Dictionary(_, value) => exact(&cast(array, value)?, taken)?,
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale) => Exact::Decimals(decimals(array)?, *scale),
        other if other.is_integer() => {
            let whole = cast(array, &DataType::Decimal128(20, 0))?;
            Exact::Decimals(decimals(&whole)?, 0)
        }
        _ => {
            let floats = cast(array, &DataType::Float64)?;
            let floats = floats.as_primitive::<Float64Type>();
            Exact::Floats(taken.iter().map(|row| floats.value(*row)).collect())
        }
    })
}

fn cents(array: &ArrayRef, taken: &[usize]) -> Result<Vec<Result<i128, NoValue>>> {
    Ok(match exact(array, taken)? {
        Exact::Decimals(array, scale) => taken
            .iter()
            .map(|row| rescaled(array.value(*row), scale))
            .collect(),
        Exact::Floats(values) => values.into_iter().map(float_cents).collect(),
    })
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

/// Weights as whole numbers of a common scale.
fn scaled(array: &ArrayRef, taken: &[usize]) -> Result<Result<Vec<i128>, NoValue>> {
    Ok(match exact(array, taken)? {
        Exact::Decimals(array, _) => Ok(taken.iter().map(|row| array.value(*row)).collect()),
        Exact::Floats(values) => float_weights(&values),
    })
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
