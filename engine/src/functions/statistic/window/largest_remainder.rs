//! `largest_remainder`: money divided over the rows of a window so that the cents add up.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Decimal128Array};
use datafusion::common::{Result, exec_err};

use crate::{
    functions::statistic::{
        convert::nulls,
        money::{Exact, PRECISION, SCALE, divided},
    },
    statistics::NoValue,
};

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
    let amounts = Exact::new(totals)?;
    let amounts: Vec<_> = taken.iter().map(|row| amounts.cents(*row)).collect();
    let mut parts = vec![None; rows];
    if let Some(total) = only(&amounts)?
        && let Ok(found) = divided(total, &Exact::new(weights)?, &taken)
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
