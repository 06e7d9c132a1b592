//! Rows that a page gives, few and each from its own place, as columns of the core tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray};

use super::super::rows::{RowsError, Tables, push, same, table_rows};
use crate::map::FileInput;
use crate::page::Place;

/// Rows of one page about one thing: the columns that say where they come from, then the rest.
pub(super) struct Rows<'a> {
    file: &'a FileInput,
    locations: Vec<String>,
    numbers: Vec<i64>,
    columns: BTreeMap<&'static str, Vec<Value>>,
}

/// One value of a page's row.
#[derive(Clone)]
pub(super) enum Value {
    Text(Option<String>),
    Money(Option<i128>),
    Rate(Option<i128>),
    Weight(i64),
    Day(Option<i32>),
    Int(i64),
    Bool(bool),
}

pub(super) fn text(value: impl Into<String>) -> Value {
    Value::Text(Some(value.into()))
}

impl<'a> Rows<'a> {
    pub(super) fn new(file: &'a FileInput) -> Self {
        Self {
            file,
            locations: Vec::new(),
            numbers: Vec::new(),
            columns: BTreeMap::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        place: &Place,
        values: impl IntoIterator<Item = (&'static str, Value)>,
    ) {
        self.locations.push(location(place));
        self.numbers.push(i64::from(place.line));
        for (name, value) in values {
            self.columns.entry(name).or_default().push(value);
        }
    }

    pub(super) fn push(self, table: &str, tables: &mut Tables) -> Result<(), RowsError> {
        let n = self.locations.len();
        if n == 0 {
            return Ok(());
        }
        let failed = |cause| RowsError::Arrow {
            table: table.into(),
            cause,
        };
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("source_id", same(Some(&self.file.source.source_id), n)),
            ("source_file", same(Some(&self.file.sha256), n)),
            (
                "source_location",
                Arc::new(StringArray::from_iter_values(&self.locations)),
            ),
            ("source_row", Arc::new(Int64Array::from(self.numbers))),
        ];
        for (name, values) in &self.columns {
            columns.push((name, array(values).map_err(failed)?));
        }
        push(tables, table, table_rows(table, n, columns)?);
        Ok(())
    }
}

fn array(values: &[Value]) -> Result<ArrayRef, arrow::error::ArrowError> {
    let decimal = |pick: fn(&Value) -> Option<i128>, precision, scale| {
        let array: Decimal128Array = values.iter().map(pick).collect();
        array
            .with_precision_and_scale(precision, scale)
            .map(|a| Arc::new(a) as ArrayRef)
    };
    Ok(match values.first() {
        Some(Value::Money(_)) => {
            decimal(|v| if let Value::Money(m) = v { *m } else { None }, 18, 2)?
        }
        Some(Value::Rate(_)) => decimal(|v| if let Value::Rate(r) = v { *r } else { None }, 9, 6)?,
        Some(Value::Weight(_)) => decimal(
            |v| {
                if let Value::Weight(w) = v {
                    Some(i128::from(*w))
                } else {
                    None
                }
            },
            9,
            8,
        )?,
        Some(Value::Day(_)) => Arc::new(
            values
                .iter()
                .map(|v| if let Value::Day(d) = v { *d } else { None })
                .collect::<Date32Array>(),
        ),
        Some(Value::Int(_)) => Arc::new(
            values
                .iter()
                .map(|v| {
                    if let Value::Int(i) = v {
                        Some(*i)
                    } else {
                        None
                    }
                })
                .collect::<Int64Array>(),
        ),
        Some(Value::Bool(_)) => Arc::new(
            values
                .iter()
                .map(|v| {
                    if let Value::Bool(b) = v {
                        Some(*b)
                    } else {
                        None
                    }
                })
                .collect::<BooleanArray>(),
        ),
        _ => Arc::new(
            values
                .iter()
                .map(|v| {
                    if let Value::Text(t) = v {
                        t.clone()
                    } else {
                        None
                    }
                })
                .collect::<StringArray>(),
        ),
    })
}

pub(super) fn location(place: &Place) -> String {
    match &place.label {
        Some(label) => format!("line {} byte {} label {label:?}", place.line, place.byte),
        None => format!("line {} byte {}", place.line, place.byte),
    }
}
