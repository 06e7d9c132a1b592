//! An example of a column's values, as far as anybody may see it.

use arrow::array::StringArray;

use crate::map::{Column, Frame, Meaning, Sheet, Table, plan};
use crate::organisation::normalise_column;
use crate::personal::{conceal_all, is_natural_person, scrub};

/// What is shown of a column that names people to talk to.
const NOT_SHOWN: &str = "personal data, not shown";

/// Characters of an example.
const LENGTH: usize = 60;

/// The first filled cell of a column, cut as the tables would have it.
///
/// Nobody has said yet what an unknown or ignored column holds: its label or the cell itself may tell that it is people.
pub(super) fn of_column(table: &Table, column: &Column) -> Option<String> {
    let (sheet, frame) = (&table.sheet, &table.frame);
    let field = match &column.meaning {
        Meaning::Field { column, .. } => Some(column.field.as_str()),
        Meaning::Ignored(_) | Meaning::Unknown(_) => None,
    };
    let contact = match field {
        Some(field) => plan::CONTACTS.contains(&field),
        None => column.label.names_contact(),
    };
    if contact {
        return Some(NOT_SHOWN.to_string());
    }
    let rows = frame.data_start()..sheet.rows.num_rows();
    let (row, cell) = rows
        .into_iter()
        .find_map(|row| Some((row, sheet.cell(row, column.index)?)))?;
    let shown = match field {
        Some("beneficiary_name" | "partner") => {
            let name = normalise_column(&StringArray::from(vec![cell]), "");
            name.names.value(0).to_string()
        }
        None if is_natural_person(cell).is_some() => NOT_SHOWN.to_string(),
        _ => without_beneficiary(&scrub(cell), sheet, frame, row),
    };
    Some(shown.chars().take(LENGTH).collect())
}

/// The text without the name of the natural person who is the beneficiary of its row.
fn without_beneficiary(text: &str, sheet: &Sheet, frame: &Frame, row: usize) -> String {
    let names = plan::columns_of(frame, "beneficiary_name").into_iter();
    names
        .filter_map(|column| sheet.cell(row, column))
        .filter(|name| is_natural_person(name).is_some())
        .fold(text.to_string(), |text, name| {
            conceal_all(&text, name).into_owned()
        })
}
