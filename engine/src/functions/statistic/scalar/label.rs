//! `label`: the name of a code in a language, from the code lists of the vocabulary.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, StringArray},
    datatypes::DataType,
};
use datafusion::common::{Result, ScalarValue, plan_err};
use esf_schemas::{CodeList, code_list, code_lists};

use super::{Answer, Definition};
use crate::{
    functions::statistic::{
        convert::texts,
        describe::{Argument, Description, Kind},
    },
    nearest::nearest,
};

const LANGUAGES: [&str; 3] = ["de", "en", "sv"];

pub(super) static LABEL: Definition = Definition {
    description: Description {
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
    },
    answer: Answer::Columns {
        data_type: || DataType::Utf8,
        check,
        answers,
    },
};

/// Fails on a list or a language that is named in the statement and does not exist.
fn check(constants: &[Option<&ScalarValue>]) -> Result<()> {
    let named = |place: usize| {
        constants
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
    Ok(())
}

fn answers(columns: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
    let columns = columns.iter().map(texts).collect::<Result<Vec<_>>>()?;
    let [codes, lists, languages] = columns.as_slice() else {
        return plan_err!("{} takes 3 arguments", LABEL.description.call());
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
    let labels: StringArray = (0..rows).map(&mut label).collect();
    Ok(Arc::new(labels))
}
