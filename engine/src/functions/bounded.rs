//! Bounds on functions that make long values out of short ones.
//!
//! `repeat('x', 1000000000)` asks for a gigabyte that no memory pool counts. The functions here check what a call
//! would produce before they pass it on to the built-in one.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array},
    compute::cast,
    datatypes::{DataType, FieldRef, Int64Type},
};
use datafusion::{
    common::{Result, exec_err},
    functions::{string, unicode},
    logical_expr::{
        ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
        ScalarUDFImpl, Signature,
    },
};

/// The most that one call may produce for the rows of one batch.
const MOST_BYTES: i64 = 256 * 1024 * 1024;

/// The bounded versions of the functions of the standard library that need one.
pub(super) fn functions() -> Vec<ScalarUDF> {
    let bounded =
        |inner: Arc<ScalarUDF>, growth| ScalarUDF::new_from_impl(Bounded { inner, growth });
    vec![
        bounded(string::repeat(), Growth::Times),
        bounded(unicode::lpad(), Growth::Length),
        bounded(unicode::rpad(), Growth::Length),
    ]
}

/// How the second argument says how long the result will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Growth {
    /// So many times the first argument.
    Times,
    /// So many characters.
    Length,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded {
    inner: Arc<ScalarUDF>,
    growth: Growth,
}

impl Bounded {
    fn check(&self, args: &ScalarFunctionArgs) -> Result<()> {
        let [text, count, ..] = args.args.as_slice() else {
            return Ok(());
        };
        let rows = args.number_rows;
        let counts = integers(count, rows)?;
        let total = match self.growth {
            Growth::Length => sum((0..rows).map(|row| counts.at(row))),
            Growth::Times => {
                let lengths = lengths(text, rows)?;
                sum((0..rows).map(|row| lengths.at(row).saturating_mul(counts.at(row))))
            }
        };
        if total > MOST_BYTES {
            return exec_err!(
                "{} would make {total} bytes at once, the most is {MOST_BYTES}; ask for shorter texts",
                self.inner.name()
            );
        }
        Ok(())
    }
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.check(&args)?;
        self.inner.invoke_with_args(args)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }
}

/// Numbers of a batch: one for all rows, or one each.
struct Numbers(Int64Array);

impl Numbers {
    fn at(&self, row: usize) -> i64 {
        let row = if self.0.len() == 1 { 0 } else { row };
        if self.0.is_null(row) {
            0
        } else {
            self.0.value(row).max(0)
        }
    }
}

fn sum(values: impl Iterator<Item = i64>) -> i64 {
    values.fold(0, i64::saturating_add)
}

fn array(value: &ColumnarValue, rows: usize) -> Result<ArrayRef> {
    match value {
        ColumnarValue::Array(array) if array.len() == rows => Ok(Arc::clone(array)),
        ColumnarValue::Array(array) => {
            exec_err!("an argument has {} rows instead of {rows}", array.len())
        }
        ColumnarValue::Scalar(scalar) => scalar.to_array(),
    }
}

fn integers(value: &ColumnarValue, rows: usize) -> Result<Numbers> {
    Ok(Numbers(
        cast(&array(value, rows)?, &DataType::Int64)?
            .as_primitive::<Int64Type>()
            .clone(),
    ))
}

fn lengths(value: &ColumnarValue, rows: usize) -> Result<Numbers> {
    let text = cast(&array(value, rows)?, &DataType::LargeUtf8)?;
    let text = text.as_string::<i64>();
    Ok(Numbers(
        text.iter()
            .map(|value| value.map(|value| value.len() as i64))
            .collect(),
    ))
}
