//! Statistics of one row.

mod apportion;
mod definitions;
mod label;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, Date32Array, Float64Array, Int64Array, ListArray},
    buffer::NullBuffer,
    datatypes::{DataType, Field, FieldRef, Int64Type},
};
use datafusion::{
    common::{Result, ScalarValue},
    logical_expr::{
        ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
        ScalarUDFImpl, Signature,
    },
};

use super::{
    convert::{days, nulls, numbers, whole},
    describe::{Description, Kind},
};
use crate::statistics::{NoValue, normal};

/// The statistics of one row.
pub(super) fn functions() -> Vec<ScalarUDF> {
    definitions::ALL
        .iter()
        .chain([&apportion::APPORTION, &label::LABEL])
        .map(|definition| ScalarUDF::new_from_impl(RowStatistic::new(definition)))
        .collect()
}

/// A statistic of one row.
#[derive(Debug)]
struct Definition {
    description: Description,
    answer: Answer,
}

/// How the answer is found, and its type.
#[derive(Debug)]
enum Answer {
    Number(fn(&Row<'_>) -> Result<f64, NoValue>),
    Days(fn(&Row<'_>) -> Result<i64, NoValue>),
    DayList(fn(&Row<'_>) -> Result<Vec<i64>, NoValue>),
    /// For all rows at once, from the columns as they are.
    Columns {
        data_type: fn() -> DataType,
        /// Fails on constants that are no such arguments; by place, none for what is no constant.
        check: fn(&[Option<&ScalarValue>]) -> Result<()>,
        /// From columns that have so many rows.
        answers: fn(&[ArrayRef], usize) -> Result<ArrayRef>,
    },
}

impl Definition {
    /// The answers of so many rows.
    fn answers(&self, arrays: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let by_row = || Rows::new(&self.description, arrays, rows);
        let answers: ArrayRef = match self.answer {
            Answer::Number(answer) => {
                let answers: Float64Array = by_row()?.answers(answer).collect();
                Arc::new(answers)
            }
            Answer::Days(answer) => {
                let answers: Int64Array = by_row()?.answers(answer).collect();
                Arc::new(answers)
            }
            Answer::DayList(answer) => {
                let rows = by_row()?;
                let lists = rows
                    .answers(answer)
                    .map(|days| days.map(|days| days.into_iter().map(Some)));
                Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists))
            }
            Answer::Columns { answers, .. } => answers(arrays, rows)?,
        };
        Ok(answers)
    }
}

/// All rows that are to be answered one by one.
struct Rows {
    columns: Vec<Column>,
    nulls: Option<NullBuffer>,
    /// How many they are.
    count: usize,
}

impl Rows {
    fn new(description: &Description, arrays: &[ArrayRef], rows: usize) -> Result<Self> {
        let arguments = description.arguments.iter();
        let columns = arguments
            .zip(arrays)
            .map(|(argument, array)| Column::new(argument.kind, array))
            .collect::<Result<Vec<_>>>()?;
        let nulls = nulls(columns.iter().map(Column::array));
        Ok(Self {
            columns,
            nulls,
            count: rows,
        })
    }

    /// The answer of each row; none where a column is null, or where there is no value.
    fn answers<T>(
        &self,
        answer: fn(&Row<'_>) -> Result<T, NoValue>,
    ) -> impl Iterator<Item = Option<T>> {
        let (columns, nulls) = (self.columns.as_slice(), self.nulls.as_ref());
        (0..self.count).map(move |row| {
            if nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                answer(&Row { columns, row }).ok()
            } else {
                None
            }
        })
    }
}

/// One row without nulls.
struct Row<'a> {
    columns: &'a [Column],
    row: usize,
}

enum Column {
    Numbers(Float64Array),
    Days(Date32Array),
}

impl Column {
    fn new(kind: Kind, array: &ArrayRef) -> Result<Self> {
        Ok(match kind {
            Kind::Day => Self::Days(days(array)?),
            _ => Self::Numbers(numbers(array)?),
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Numbers(array) => array,
            Self::Days(array) => array,
        }
    }
}

impl Row<'_> {
    /// A number; NaN, from which nothing follows, if the argument is of another kind or left out.
    fn number(&self, place: usize) -> f64 {
        match self.columns.get(place) {
            Some(Column::Numbers(array)) => array.value(self.row),
            _ => f64::NAN,
        }
    }

    fn count(&self, place: usize) -> Result<i64, NoValue> {
        whole(self.number(place))
    }

    fn day(&self, place: usize) -> Result<i32, NoValue> {
        match self.columns.get(place) {
            Some(Column::Days(array)) => Ok(array.value(self.row)),
            _ => Err(NoValue::Empty),
        }
    }

    fn confidence(&self, place: usize) -> f64 {
        if place < self.columns.len() {
            self.number(place)
        } else {
            normal::CONFIDENCE
        }
    }
}

/// A definition as a function of the engine. There is one of each name.
#[derive(Debug)]
struct RowStatistic {
    definition: &'static Definition,
    signature: Signature,
    documentation: Documentation,
}

impl RowStatistic {
    fn new(definition: &'static Definition) -> Self {
        Self {
            definition,
            signature: Description::signature(),
            documentation: definition.description.documentation(""),
        }
    }
}

impl PartialEq for RowStatistic {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for RowStatistic {}

impl Hash for RowStatistic {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl ScalarUDFImpl for RowStatistic {
    fn name(&self) -> &str {
        self.definition.description.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.definition.description.check(types.iter())?;
        Ok(match self.definition.answer {
            Answer::Number(_) => DataType::Float64,
            Answer::Days(_) => DataType::Int64,
            Answer::DayList(_) => DataType::new_list(DataType::Int64, true),
            Answer::Columns { data_type, .. } => data_type(),
        })
    }

    /// Fails on constants that the definition does not take, too.
    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args
            .arg_fields
            .iter()
            .map(|field| field.data_type().clone())
            .collect();
        let answer = self.return_type(&types)?;
        if let Answer::Columns { check, .. } = self.definition.answer {
            check(args.scalar_arguments)?;
        }
        Ok(Arc::new(Field::new(self.name(), answer, true)))
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        // If all arguments are constants the answer is one as well.
        let is_constant =
            (args.args.iter()).all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let answers = self.definition.answers(&arrays, rows)?;
        Ok(if is_constant {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&answers, 0)?)
        } else {
            ColumnarValue::Array(answers)
        })
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}
