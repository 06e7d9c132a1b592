//! Statistics of a group of rows.

mod definitions;
mod gathered;
mod keys;
mod single;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::RecordBatch,
    datatypes::{DataType, Field, FieldRef, Schema},
};
use datafusion::{
    common::{Result, plan_err},
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, Documentation,
        GroupsAccumulator, Signature,
        function::{AccumulatorArgs, StateFieldsArgs},
        utils::{AggregateOrderSensitivity, format_state_name},
    },
};

use self::{gathered::Gathered, single::Single};
use super::{
    convert::numbers,
    describe::{Description, Kind},
    group::Group,
};
use crate::statistics::NoValue;

/// The statistics of a group.
pub(super) fn functions() -> Vec<AggregateUDF> {
    definitions::ALL
        .iter()
        .map(|definition| AggregateUDF::new_from_impl(GroupStatistic::new(definition)))
        .collect()
}

/// A statistic of a group.
#[derive(Debug)]
struct Definition {
    description: Description,
    answer: fn(&Group<'_>) -> Result<f64, NoValue>,
}

/// A definition as a function of the engine. There is one of each name.
#[derive(Debug)]
struct GroupStatistic {
    definition: &'static Definition,
    signature: Signature,
    documentation: Documentation,
}

impl GroupStatistic {
    fn new(definition: &'static Definition) -> Self {
        Self {
            definition,
            signature: Description::signature(),
            documentation: definition.description.documentation(""),
        }
    }

    fn gathered(&self, args: &AccumulatorArgs) -> Result<Gathered> {
        let description = &self.definition.description;
        if args.is_distinct {
            return plan_err!(
                "{}(DISTINCT …) is not defined: equal amounts are different members",
                description.name
            );
        }
        let mut constants = Some(Vec::new());
        for (argument, expression) in description.arguments.iter().zip(args.exprs) {
            if argument.kind != Kind::Constant {
                continue;
            }
            let nothing = RecordBatch::new_empty(Arc::new(Schema::empty()));
            let Ok(ColumnarValue::Scalar(value)) = expression.evaluate(&nothing) else {
                return plan_err!(
                    "argument {} of {} must be a constant",
                    argument.name,
                    description.call()
                );
            };
            let value = numbers(&value.to_array()?)?.iter().next().flatten();
            // A null constant makes every answer null.
            constants = constants.zip(value).map(|(mut constants, value)| {
                constants.push(value);
                constants
            });
        }
        Ok(Gathered::new(self.definition, constants))
    }
}

impl PartialEq for GroupStatistic {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for GroupStatistic {}

impl Hash for GroupStatistic {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl AggregateUDFImpl for GroupStatistic {
    fn name(&self) -> &str {
        self.definition.description.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.definition.description.check(types.iter())?;
        Ok(DataType::Float64)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Single::new(self.gathered(&args)?)))
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(self.gathered(&args)?))
    }

    /// A list for each column that is gathered.
    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let fields = self.definition.description.arguments.iter();
        Ok(fields
            .filter_map(|argument| {
                let data_type = gathered::list_type(argument.kind)?;
                let name = format_state_name(args.name, argument.name);
                Some(Arc::new(Field::new(name, data_type, true)))
            })
            .collect())
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}
