//! One row, step by step: what stands in the file, what is done to it, and what comes out.

use arrow::array::{Array, UInt32Array};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use esf_schemas::Vocabulary;

use super::convention::FileConventions;
use super::header::Labels;
use super::{FileInput, MapError, Places, amount, plan, sheet};
use crate::personal::scrub;
use crate::read::Limits;
use crate::value::footnote;

/// One step of the mapping of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Field that it gives; an amount by the field of its column.
    pub field: String,
    /// Where the published cell stands.
    pub place: String,
    /// Label of the column.
    pub label: String,
    /// What is published there, contact persons cut out.
    pub published: Option<String>,
    /// The functions applied.
    pub transform: String,
    /// What comes out, as text.
    pub result: Option<String>,
}

/// Explains the row of this number; empty if the file has no such row.
pub fn explain_row(
    file: &FileInput,
    vocabulary: &Vocabulary,
    limits: &Limits,
    number: i64,
) -> Result<Vec<Explained>, MapError> {
    let labels = Labels::new(&file.source, vocabulary);
    let table = sheet::choose_sheet(file, &labels, limits)?;
    let (sheet, frame) = (&table.sheet, &table.frame);
    let numbers = sheet
        .rows
        .column_by_name("row")
        .and_then(|c| c.as_any().downcast_ref::<UInt32Array>());
    let Some(row) = numbers.and_then(|n| n.values().iter().position(|v| i64::from(*v) == number))
    else {
        return Ok(Vec::new());
    };
    // Conventions are those of the whole file; only the row itself is mapped.
    let columns = amount::value_columns(frame, vocabulary);
    let conventions = FileConventions::of(&file.source, sheet, frame.data_start(), &columns)?;
    let steps = plan::steps(&file.source, sheet, frame, &conventions);
    let mut one = sheet.clone();
    one.rows = sheet.rows.slice(row, 1);
    let mapped = plan::run(&one, 0, &steps)?;
    let places = Places::new(sheet, frame);
    let options = FormatOptions::default();
    let mut explained = Vec::new();
    for step in &steps {
        let Some(&column) = step.columns.first() else {
            continue;
        };
        let values = &mapped[step.name.as_str()];
        let result = ArrayFormatter::try_new(values.as_ref(), &options)?;
        let field = frame
            .columns
            .iter()
            .find(|c| plan::amount_name(c.index) == step.name)
            .and_then(|c| match &c.meaning {
                super::Meaning::Field { column, .. } => Some(column.field.clone()),
                _ => None,
            })
            .unwrap_or_else(|| step.name.clone());
        let is_amount = plan::amount_name(column) == step.name;
        let published: Vec<&str> = step
            .columns
            .iter()
            .filter_map(|c| sheet.cell(row, *c))
            .collect();
        let contact = plan::CONTACTS
            .iter()
            .any(|f| plan::columns_of(frame, f).contains(&column));
        explained.push(Explained {
            field,
            place: places.cell(row, column),
            label: places
                .label(column)
                .unwrap_or_default()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            published: (!published.is_empty()).then(|| {
                if contact {
                    crate::personal::MARK.to_string()
                } else {
                    scrub(&published.join(" | ")).into_owned()
                }
            }),
            transform: transform(
                step,
                published.first().copied(),
                is_amount && values.is_valid(0),
            ),
            result: values.is_valid(0).then(|| result.value(0).to_string()),
        });
    }
    Ok(explained)
}

/// The functions of a step. An amount behind which the mark of a footnote stood says that it was read without it.
fn transform(step: &plan::Step, published: Option<&str>, is_read_amount: bool) -> String {
    let functions = plan::describe(step);
    let marked = published.filter(|_| is_read_amount).and_then(footnote);
    match marked {
        Some((_, mark)) => format!("{functions}, without the mark {mark:?} of a footnote"),
        None => functions,
    }
}
