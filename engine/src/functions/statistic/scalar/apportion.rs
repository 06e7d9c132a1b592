//! `apportion`: money divided by a list of weights so that the cents add up.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Decimal128Builder, ListArray, ListBuilder},
    buffer::NullBuffer,
    compute::cast,
    datatypes::DataType,
};
use datafusion::common::{Result, plan_err};

use super::{Answer, Definition};
use crate::functions::statistic::{
    convert::nulls,
    describe::{Argument, Description, Kind, list_item},
    money::{Exact, MONEY, PRECISION, SCALE, divided},
};

pub(super) static APPORTION: Definition = Definition {
    description: Description {
        name: "apportion",
        arguments: &[
            Argument::number("total", "money to the cent"),
            Argument::new(
                "weights",
                Kind::Numbers,
                "a list of days, persons or shares, in any scale; floats count to 15 digits of the largest",
            ),
        ],
        optional: 0,
        summary: "The parts of the total by the weights, to the cent: a list in the order of the weights, whose sum is the total \
            exactly. Cents left over go to the largest remainders, of equal ones to the first, as in `largest_remainder`. \
            Null if all weights are 0, one is negative, or the total is not in whole cents; a weight that is null gets null.",
        example: (
            "SELECT apportion(22399883, [334, 365])",
            "[10703234.51, 11696648.49]",
        ),
    },
    answer: Answer::Columns {
        data_type: || DataType::new_list(MONEY, true),
        check: |_| Ok(()),
        answers,
    },
};

fn answers(columns: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let [totals, weights] = columns else {
        return plan_err!("{} takes 2 arguments", APPORTION.description.call());
    };
    Ok(Arc::new(parts(totals, &lists(weights)?)?))
}

/// A column of lists in one layout.
fn lists(array: &ArrayRef) -> Result<ListArray> {
    let item = list_item(array.data_type()).unwrap_or(&DataType::Null);
    let list = DataType::new_list(item.clone(), true);
    Ok(cast(array, &list)?.as_list::<i32>().clone())
}

/// The parts of each total by the weights of its list.
fn parts(totals: &ArrayRef, lists: &ListArray) -> Result<ListArray> {
    let offsets: Vec<usize> = lists.offsets().iter().map(|at| *at as usize).collect();
    // Of a slice of a column, what its rows refer to.
    let first = offsets.first().copied().unwrap_or_default();
    let last = offsets.last().copied().unwrap_or_default();
    let weights = lists.values().slice(first, last - first);
    let rows = nulls([&**totals, lists as &dyn Array]);
    let places = nulls([&*weights]);
    let (totals, weights) = (Exact::new(totals)?, Exact::new(&weights)?);
    let money = Decimal128Builder::with_capacity(last - first);
    let mut parts = ListBuilder::new(money.with_precision_and_scale(PRECISION, SCALE)?);
    let mut taken = Vec::new();
    for (row, bounds) in offsets.windows(2).enumerate() {
        let list = bounds[0] - first..bounds[1] - first;
        taken.clear();
        if is_valid(rows.as_ref(), row) {
            taken.extend(list.clone().filter(|at| is_valid(places.as_ref(), *at)));
        }
        let found = totals
            .cents(row)
            .and_then(|total| divided(total, &weights, &taken));
        // A row with a null has taken nothing.
        let Ok(found) = found else {
            parts.append_null();
            continue;
        };
        let mut of_list = vec![None; list.len()];
        for (at, part) in taken.iter().zip(found) {
            of_list[at - list.start] = Some(part);
        }
        parts.append_value(of_list);
    }
    Ok(parts.finish())
}

fn is_valid(nulls: Option<&NullBuffer>, at: usize) -> bool {
    nulls.is_none_or(|nulls| nulls.is_valid(at))
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::Decimal128Array,
        datatypes::{Decimal128Type, Int64Type},
    };

    use super::*;

    #[test]
    fn a_part_of_a_column_is_divided_by_its_own_lists() {
        let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([
            Some(vec![Some(9)]),
            Some(vec![Some(1), None, Some(2)]),
            None,
            Some(vec![]),
            Some(vec![Some(1), Some(3)]),
            Some(vec![Some(4), Some(5)]),
        ]);
        let totals =
            Decimal128Array::from(vec![Some(3), Some(300), Some(5), Some(6), Some(-7), None]);
        let totals: ArrayRef = Arc::new(totals.with_precision_and_scale(PRECISION, SCALE).unwrap());
        let found = parts(&totals.slice(1, 5), &lists.slice(1, 5)).unwrap();
        let found: Vec<Option<Vec<Option<i128>>>> = found
            .iter()
            .map(|list| list.map(|parts| parts.as_primitive::<Decimal128Type>().iter().collect()))
            .collect();
        assert_eq!(
            found,
            [
                Some(vec![Some(100), None, Some(200)]),
                None,
                None,
                Some(vec![Some(-2), Some(-5)]),
                None,
            ]
        );
    }
}
