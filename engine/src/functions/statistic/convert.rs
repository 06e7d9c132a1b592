//! Columns of any numeric type as the numbers that statistics are made of.

use arrow::{
    array::{Array, ArrayRef, AsArray, Date32Array, Decimal128Array, Float64Array, StringArray},
    buffer::NullBuffer,
    compute::{CastOptions, cast, cast_with_options},
    datatypes::{DataType, Date32Type, Decimal128Type, Float64Type},
};
use datafusion::common::Result;

use crate::statistics::NoValue;

/// The largest integer below which every integer is a float.
const MOST_EXACT: i64 = 1 << 53;

/// The powers of ten that are floats.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// A numeric column as floats.
pub(super) fn numbers(array: &ArrayRef) -> Result<Float64Array> {
    Ok(match array.data_type() {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale) => {
            let scale = *scale;
            decimals(array)?.unary(|value| nearest(value, scale))
        }
        DataType::Dictionary(_, value) => numbers(&cast(array, value)?)?,
        _ => cast(array, &DataType::Float64)?
            .as_primitive::<Float64Type>()
            .clone(),
    })
}

/// A decimal column of up to 38 digits in one width.
pub(super) fn decimals(array: &ArrayRef) -> Result<Decimal128Array> {
    let target = match array.data_type() {
        DataType::Decimal32(precision, scale) | DataType::Decimal64(precision, scale) => {
            DataType::Decimal128(*precision, *scale)
        }
        other => other.clone(),
    };
    Ok(cast(array, &target)?
        .as_primitive::<Decimal128Type>()
        .clone())
}

/// The float nearest to a decimal.
pub(super) fn nearest(value: i128, scale: i8) -> f64 {
    let power = usize::try_from(scale)
        .ok()
        .and_then(|scale| POWERS_OF_TEN.get(scale));
    match power {
        // A quotient of two floats is the float nearest to it.
        Some(power) if value.unsigned_abs() <= MOST_EXACT.unsigned_abs().into() => {
            value as f64 / power
        }
        // The text is a number, so it has a nearest float.
        _ => format!("{value}e{}", -i32::from(scale))
            .parse()
            .unwrap_or(f64::NAN),
    }
}

/// A count, if it is one.
pub(super) fn whole(value: f64) -> Result<i64, NoValue> {
    if !value.is_finite() {
        Err(NoValue::NotFinite)
    } else if value.fract() != 0.0 || value.abs() > MOST_EXACT as f64 {
        Err(NoValue::NotWhole)
    } else {
        Ok(value as i64)
    }
}

/// A column of dates as days; fails on a text that is no date.
pub(super) fn days(array: &ArrayRef) -> Result<Date32Array> {
    let strict = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    Ok(cast_with_options(array, &DataType::Date32, &strict)?
        .as_primitive::<Date32Type>()
        .clone())
}

/// A column as text.
pub(super) fn texts(array: &ArrayRef) -> Result<StringArray> {
    Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// The nulls of several columns: a row is null if any is.
pub(super) fn nulls<'a>(columns: impl IntoIterator<Item = &'a dyn Array>) -> Option<NullBuffer> {
    columns.into_iter().fold(None, |nulls, column| {
        NullBuffer::union(nulls.as_ref(), column.logical_nulls().as_ref())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, NullArray, UInt64Array};

    use super::*;

    #[test]
    fn a_decimal_becomes_the_nearest_float() {
        // Above 2^53 cents the quotient of the rounded numerator would be the neighbour.
        for (value, scale, text) in [
            (2_239_988_300, 2, "22399883"),
            (-10, 2, "-0.1"),
            (999_999_999_999_999_999, 2, "9999999999999999.99"),
            (90_071_992_547_409_935, 2, "900719925474099.35"),
            (123_456_789_012_345_678, 2, "1234567890123456.78"),
            (5, -3, "5000"),
            (1, 38, "1e-38"),
        ] {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(
                nearest(value, scale).to_bits(),
                expected.to_bits(),
                "{text}"
            );
        }
    }

    #[test]
    fn every_numeric_type_is_taken() {
        let arrays: [ArrayRef; 5] = [
            Arc::new(Int64Array::from(vec![Some(3), None])),
            Arc::new(UInt64Array::from(vec![Some(3), None])),
            Arc::new(Float64Array::from(vec![Some(3.0), None])),
            Arc::new(
                Decimal128Array::from(vec![Some(300), None])
                    .with_precision_and_scale(18, 2)
                    .unwrap(),
            ),
            cast(
                &(Arc::new(Int64Array::from(vec![Some(3), None])) as ArrayRef),
                &DataType::Dictionary(DataType::Int32.into(), DataType::Int64.into()),
            )
            .unwrap(),
        ];
        for array in arrays {
            let found = numbers(&array).unwrap();
            assert_eq!(found, Float64Array::from(vec![Some(3.0), None]));
        }
        let nothing: ArrayRef = Arc::new(NullArray::new(1));
        assert_eq!(numbers(&nothing).unwrap().null_count(), 1);
    }

    #[test]
    fn a_count_is_a_whole_number() {
        assert_eq!(whole(3.0), Ok(3));
        assert_eq!(whole(-0.0), Ok(0));
        assert_eq!(whole(3.5), Err(NoValue::NotWhole));
        assert_eq!(whole(1e16), Err(NoValue::NotWhole));
        assert_eq!(whole(f64::NAN), Err(NoValue::NotFinite));
    }
}
