//! What a statistic is called, which arguments it takes, and how it is documented.

use std::fmt::Write;

use arrow::datatypes::DataType;
use datafusion::{
    common::{Result, plan_err},
    logical_expr::{DocSection, Documentation, Signature, TypeSignature, Volatility},
};

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number of any type.
    Number,
    /// A list of numbers.
    Numbers,
    /// A number that is the same for all rows.
    Constant,
    /// A date, or a text that is one.
    Day,
    /// A code or name, compared as text.
    Key,
    /// A word that is the same for all rows.
    Word,
}

impl Kind {
    fn takes(self, data_type: &DataType) -> bool {
        match (self, data_type) {
            (_, DataType::Null) => true,
            (Self::Numbers, other) => {
                list_item(other).is_some_and(|item| item.is_numeric() || item.is_null())
            }
            (_, DataType::Dictionary(_, value)) => self.takes(value),
            (Self::Number | Self::Constant, other) => other.is_numeric(),
            (Self::Day, other) => {
                other.is_string()
                    || matches!(
                        other,
                        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..)
                    )
            }
            (Self::Key, other) => {
                other.is_string()
                    || other.is_integer()
                    || matches!(other, DataType::Date32 | DataType::Boolean)
            }
            (Self::Word, other) => other.is_string(),
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Numbers => "a list of numbers",
            Self::Constant => "a constant number",
            Self::Day => "a date",
            Self::Key => "a code or a name",
            Self::Word => "a word in quotes",
        }
    }
}

/// What lists of a type hold.
pub(super) fn list_item(data_type: &DataType) -> Option<&DataType> {
    match data_type {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => Some(item.data_type()),
        _ => None,
    }
}

/// One argument of a function.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What it means and in which unit.
    pub(super) meaning: &'static str,
}

impl Argument {
    pub(super) const fn new(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self {
            name,
            kind,
            meaning,
        }
    }

    pub(super) const fn number(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Kind::Number, meaning)
    }
}

/// The confidence of an interval, where it may be chosen for each row.
pub(super) const CONFIDENCE: Argument = Argument::number(
    "confidence",
    "of the interval, between 0 and 1; 0.95 if left out",
);

/// The confidence of an interval of a group.
pub(super) const GROUP_CONFIDENCE: Argument = Argument::new(
    "confidence",
    Kind::Constant,
    "of the interval, between 0 and 1; 0.95 if left out",
);

/// A function as its users know it.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [Argument],
    /// How many of the last arguments may be left out.
    pub(super) optional: usize,
    /// What it gives, and when it gives null.
    pub(super) summary: &'static str,
    /// A statement, and what it answers to the digits shown.
    pub(super) example: (&'static str, &'static str),
}

impl Description {
    /// Any arguments: [`Self::check`] looks at them, so that its messages are the ones seen.
    pub(super) fn signature() -> Signature {
        let any = vec![TypeSignature::Nullary, TypeSignature::VariadicAny];
        Signature::one_of(any, Volatility::Immutable)
    }

    /// Fails unless the function takes arguments of these types.
    pub(super) fn check<'a>(
        &self,
        types: impl ExactSizeIterator<Item = &'a DataType>,
    ) -> Result<()> {
        let most = self.arguments.len();
        if types.len() > most || types.len() < most - self.optional {
            return plan_err!(
                "{} takes {}, not {}",
                self.call(),
                match (most, self.optional) {
                    (1, 0) => "1 argument".to_owned(),
                    (most, 0) => format!("{most} arguments"),
                    (most, optional) => format!("{} to {most} arguments", most - optional),
                },
                types.len()
            );
        }
        for (argument, data_type) in self.arguments.iter().zip(types) {
            if !argument.kind.takes(data_type) {
                return plan_err!(
                    "argument {} of {} must be {}, it is {data_type}",
                    argument.name,
                    self.call(),
                    argument.kind.noun()
                );
            }
        }
        Ok(())
    }

    /// How it is called: `name(first, second [, third])`.
    pub(super) fn call(&self) -> String {
        let required = self.arguments.len() - self.optional;
        let mut call = format!("{}(", self.name);
        for (place, argument) in self.arguments.iter().enumerate() {
            let separator = match (place, place >= required) {
                (0, false) => "",
                (0, true) => "[",
                (_, false) => ", ",
                (_, true) => " [, ",
            };
            // Writing to a string does not fail.
            let _ = write!(call, "{separator}{}", argument.name);
        }
        call + &"]".repeat(self.optional) + ")"
    }

    /// The documentation, as it is listed; `after` follows the call.
    pub(super) fn documentation(&self, after: &str) -> Documentation {
        let section = DocSection {
            include: true,
            label: "Statistics",
            description: None,
        };
        let call = self.call() + after;
        let example = format!("{} -- {}", self.example.0, self.example.1);
        self.arguments
            .iter()
            .fold(
                Documentation::builder(section, self.summary, call).with_sql_example(example),
                |documentation, argument| {
                    documentation.with_argument(argument.name, argument.meaning)
                },
            )
            .build()
    }
}
