//! `label`: the name of a code in a language, from the code lists of the vocabulary.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, StringArray},
    datatypes::{DataType, Field, FieldRef},
};
use datafusion::{
    common::{Result, plan_err},
    logical_expr::{
        ColumnarValue, Documentation, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
        ScalarUDFImpl, Signature,
    },
};
use esf_schemas::{CodeList, code_list, code_lists};

use super::{answered, rows};
use crate::{
    functions::statistic::{
        convert::texts,
        describe::{Argument, Description, Kind},
    },
    nearest::nearest,
};

const LANGUAGES: [&str; 3] = ["de", "en", "sv"];

static DESCRIPTION: Description = Description {
    name: "label",
    arguments: &[
        Argument::new("code", Kind::Key, "a code of the list"),
        Argument::new(
            "list",
            Kind::Key,
            "the id or the folder of the list, such as 'ESF_2014_20' or 'esf_2014_20', or a column of ids",
        ),
        Argument::new("language", Kind::Key, "'de', 'en' or 'sv'"),
    ],
    optional: 0,
    summary: "The name of a code in a language, in English where the list has none in that language; of a code that \
        stands for several states over time that of the first. Null for a code that the list does not hold.",
    example: (
        "SELECT label('106', 'ESF_2014_20', 'de')",
        "Anpassung der Arbeitskräfte, Unternehmen und Unternehmer an den Wandel",
    ),
};

/// The function.
pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(Label {
        signature: Description::signature(),
        documentation: DESCRIPTION.documentation(""),
    })
}

/// There is one.
#[derive(Debug)]
struct Label {
    signature: Signature,
    documentation: Documentation,
}

impl PartialEq for Label {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Label {}

impl Hash for Label {
    fn hash<H: Hasher>(&self, state: &mut H) {
        DESCRIPTION.name.hash(state);
    }
}

impl ScalarUDFImpl for Label {
    fn name(&self) -> &str {
        DESCRIPTION.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        DESCRIPTION.check(types.iter())?;
        Ok(DataType::Utf8)
    }

    /// Fails on a list or a language that is named in the statement and does not exist.
    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let types: Vec<DataType> = args
            .arg_fields
            .iter()
            .map(|field| field.data_type().clone())
            .collect();
        let answer = self.return_type(&types)?;
        let named = |place: usize| {
            args.scalar_arguments
                .get(place)
                .and_then(|value| (*value)?.try_as_str().flatten())
        };
        if let Some(list) = named(1).filter(|list| code_list(list).is_none()) {
            let known: Vec<&str> = code_lists().iter().map(|list| list.id.as_str()).collect();
            let advice = nearest(list, known.iter().copied()).map_or_else(
                || format!("known are {}", known.join(", ")),
                |nearest| format!("did you mean {nearest}?"),
            );
            return plan_err!("there is no code list {list}; {advice}");
        }
        if let Some(language) = named(2).filter(|language| !LANGUAGES.contains(language)) {
            return plan_err!(
                "there are no labels in the language {language}; known are {}",
                LANGUAGES.join(", ")
            );
        }
        Ok(Arc::new(Field::new(self.name(), answer, true)))
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(&args.args)?
            .iter()
            .map(texts)
            .collect::<Result<Vec<_>>>()?;
        let [codes, lists, languages] = columns.as_slice() else {
            return plan_err!("{} takes 3 arguments", DESCRIPTION.call());
        };
        // Neighbouring rows mostly have the same list.
        let mut last: (&str, Option<&CodeList>) = ("", None);
        let mut label = |row: usize| {
            let list = lists.is_valid(row).then(|| lists.value(row))?;
            if last.0 != list {
                last = (list, code_list(list));
            }
            let language = languages.is_valid(row).then(|| languages.value(row))?;
            let code = codes.is_valid(row).then(|| codes.value(row))?;
            LANGUAGES.contains(&language).then_some(())?;
            last.1?.by_code(code)?.label(language)
        };
        let labels: StringArray = (0..rows(&args)).map(&mut label).collect();
        answered(&args, Arc::new(labels))
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}
