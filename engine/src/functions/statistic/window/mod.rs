//! Statistics of a member among all members of a window.
//!
//! The window is always the whole partition; a frame changes nothing. ORDER BY matters to `largest_remainder` only.

mod definitions;
mod largest_remainder;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, Float64Array, PrimitiveArray, RecordBatch},
    datatypes::{ArrowPrimitiveType, DataType, Field, FieldRef, Schema},
};
use datafusion::{
    common::{Result, plan_err},
    logical_expr::{
        ColumnarValue, Documentation, PartitionEvaluator, Signature, WindowUDF, WindowUDFImpl,
        function::{PartitionEvaluatorArgs, WindowUDFFieldArgs},
    },
};

use super::{
    convert::{nulls, numbers},
    describe::{Description, Kind},
};
use crate::statistics::{NoValue, rank::Better};

/// The statistics of a window.
pub(super) fn functions() -> Vec<WindowUDF> {
    definitions::ALL
        .iter()
        .map(|definition| WindowUDF::new_from_impl(WindowStatistic::new(definition)))
        .collect()
}

/// A statistic of each member of a window.
#[derive(Debug)]
struct Definition {
    description: Description,
    data_type: DataType,
    answer: fn(&[ArrayRef], Better) -> Result<ArrayRef>,
}

/// A definition as a function of the engine. There is one of each name.
#[derive(Debug)]
struct WindowStatistic {
    definition: &'static Definition,
    signature: Signature,
    documentation: Documentation,
}

impl WindowStatistic {
    fn new(definition: &'static Definition) -> Self {
        Self {
            definition,
            signature: Description::signature(),
            documentation: definition.description.documentation(" OVER (…)"),
        }
    }

    /// Which end is the better one, if the function asks for it.
    fn better(&self, args: &PartitionEvaluatorArgs) -> Result<Better> {
        let description = &self.definition.description;
        for (argument, expression) in description.arguments.iter().zip(args.input_exprs()) {
            if argument.kind != Kind::Word {
                continue;
            }
            let nothing = RecordBatch::new_empty(Arc::new(Schema::empty()));
            let word = match expression.evaluate(&nothing) {
                Ok(ColumnarValue::Scalar(value)) => value.try_as_str().flatten().map(str::to_owned),
                _ => None,
            };
            return match word.as_deref() {
                Some("higher") => Ok(Better::Higher),
                Some("lower") => Ok(Better::Lower),
                _ => plan_err!(
                    "argument {} of {} must be 'higher' or 'lower'",
                    argument.name,
                    description.call()
                ),
            };
        }
        Ok(Better::Higher)
    }
}

impl PartialEq for WindowStatistic {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for WindowStatistic {}

impl Hash for WindowStatistic {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl WindowUDFImpl for WindowStatistic {
    fn name(&self) -> &str {
        self.definition.description.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(
        &self,
        args: PartitionEvaluatorArgs,
    ) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Partition {
            definition: self.definition,
            better: self.better(&args)?,
        }))
    }

    fn field(&self, args: WindowUDFFieldArgs) -> Result<FieldRef> {
        let fields = args.input_fields();
        let types = fields.iter().map(|field| field.data_type());
        self.definition.description.check(types)?;
        let data_type = self.definition.data_type.clone();
        Ok(Arc::new(Field::new(args.name(), data_type, true)))
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}

/// Answers for one partition.
#[derive(Debug)]
struct Partition {
    definition: &'static Definition,
    better: Better,
}

impl PartitionEvaluator for Partition {
    fn evaluate_all(&mut self, values: &[ArrayRef], _: usize) -> Result<ArrayRef> {
        (self.definition.answer)(values, self.better)
    }
}

/// Answers for the rows without nulls, from columns of numbers; null for the others, and for all if there is no value.
fn complete<T: ArrowPrimitiveType>(
    values: &[ArrayRef],
    answer: impl FnOnce(&[Vec<f64>]) -> Result<Vec<Option<T::Native>>, NoValue>,
) -> Result<ArrayRef> {
    let columns: Vec<Float64Array> = values.iter().map(numbers).collect::<Result<_>>()?;
    let rows = columns.first().map_or(0, Array::len);
    let nulls = nulls(columns.iter().map(|column| column as &dyn Array));
    let taken: Vec<usize> = (0..rows)
        .filter(|row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(*row)))
        .collect();
    let columns: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| taken.iter().map(|row| column.value(*row)).collect())
        .collect();
    let mut answers = vec![None; rows];
    if let Ok(found) = answer(&columns) {
        for (row, answer) in taken.into_iter().zip(found) {
            answers[row] = answer;
        }
    }
    Ok(Arc::new(PrimitiveArray::<T>::from_iter(answers)))
}
