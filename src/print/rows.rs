//! Small tables that a command makes itself, so that lists come in every format.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Decimal128Array, Int64Array, StringArray};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

/// A table under construction, column by column.
#[derive(Default)]
pub(crate) struct Rows {
    columns: Vec<(&'static str, ArrayRef)>,
}

impl Rows {
    /// A column of text; `None` is null.
    pub(crate) fn text<T: Into<String>>(
        self,
        name: &'static str,
        values: impl Iterator<Item = Option<T>>,
    ) -> Self {
        self.column(
            name,
            Arc::new(
                values
                    .map(|value| value.map(Into::into))
                    .collect::<StringArray>(),
            ),
        )
    }

    /// A column of counts.
    pub(crate) fn int(self, name: &'static str, values: impl Iterator<Item = Option<i64>>) -> Self {
        self.column(name, Arc::new(values.collect::<Int64Array>()))
    }

    /// A column of yes and no.
    pub(crate) fn bool(
        self,
        name: &'static str,
        values: impl Iterator<Item = Option<bool>>,
    ) -> Self {
        self.column(name, Arc::new(values.collect::<BooleanArray>()))
    }

    /// A column of hundredths shown with two decimals: money, seconds, per cent.
    pub(crate) fn hundredths(
        self,
        name: &'static str,
        values: impl Iterator<Item = Option<i128>>,
    ) -> Self {
        self.decimal(name, 2, values)
    }

    /// A column of decimals with `scale` digits after the point.
    pub(crate) fn decimal(
        self,
        name: &'static str,
        scale: i8,
        values: impl Iterator<Item = Option<i128>>,
    ) -> Self {
        let array = values.collect::<Decimal128Array>();
        // Precision 38 and a small scale are always valid; the array as it was would show unscaled digits.
        match array.clone().with_precision_and_scale(38, scale) {
            Ok(scaled) => self.column(name, Arc::new(scaled)),
            Err(_) => self.column(name, Arc::new(array)),
        }
    }

    /// The finished table; fails if the columns differ in length.
    pub(crate) fn batch(self) -> Result<RecordBatch, ArrowError> {
        RecordBatch::try_from_iter_with_nullable(
            self.columns
                .into_iter()
                .map(|(name, array)| (name, array, true)),
        )
    }

    fn column(mut self, name: &'static str, array: ArrayRef) -> Self {
        self.columns.push((name, array));
        self
    }
}
