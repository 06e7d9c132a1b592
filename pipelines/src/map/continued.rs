//! What a row leaves out because the row above says it: a beneficiary that stands in the first row of its group only, and
//! rows that hold nothing but a further place of the operation above.
//!
//! Merged cells are filled. Without them nobody can tell a value that goes on from one that is missing, so both are told
//! and nothing is filled in.

use arrow::array::BooleanArray;
use esf_schemas::{FieldKind, Vocabulary};

use super::Places;
use super::classify::Classes;
use super::frame::{Frame, Sheet};
use super::plan::columns_of;
use crate::check::{Doubt, Severity};

/// Rows that have places only, below an operation.
pub(super) fn places_alone(
    sheet: &Sheet,
    frame: &Frame,
    classes: &Classes,
    places: &Places<'_>,
) -> Option<Doubt> {
    let vocabulary = Vocabulary::standard();
    let is_place = |field: &str| {
        let kind = vocabulary.field(field).map(|field| field.kind);
        let coded = matches!(field, "municipality_code" | "nuts_code");
        coded || matches!(kind, Some(FieldKind::Place | FieldKind::Postcode))
    };
    let columns: Vec<usize> = frame
        .mapped()
        .filter(|(_, mapping)| is_place(&mapping.field))
        .map(|(column, _)| column.index)
        .collect();
    // A place in the first column is the heading of a group.
    let first = frame.columns.first()?.index;
    let start = frame.data_start();
    let mut found: Vec<usize> = Vec::new();
    let mut continues = false;
    for row in 0..sheet.rows.num_rows().saturating_sub(start) {
        if classes.is_data(row) {
            continues = true;
            continue;
        }
        let mut cells = sheet.filled(start + row).map(|(column, _)| column);
        let alone = classes.is_ignored(row, "heading")
            && cells.all(|column| column != first && columns.contains(&column));
        continues &= alone;
        if continues {
            found.push(row);
        }
    }
    let row = start + *found.first()?;
    Some(Doubt {
        row: Some(i64::from(places.number(row))),
        location: places.of(row),
        ..Doubt::of_file(
            "place_continued",
            Severity::Warning,
            format!(
                "{} rows have nothing but a place below an operation, this one first; if that is a further place of the operation, it is not kept: ask for a list that names all places in the operation's row",
                found.len()
            ),
        )
    })
}

/// Kept rows without a beneficiary, below one that has one.
pub(super) fn beneficiaries_blank(
    sheet: &Sheet,
    frame: &Frame,
    keep: &BooleanArray,
    places: &Places<'_>,
) -> Option<Doubt> {
    let columns = columns_of(frame, "beneficiary_name");
    let start = frame.data_start();
    let named = |row: usize| {
        columns
            .iter()
            .any(|c| sheet.cell(start + row, *c).is_some())
    };
    let rows: Vec<usize> = (0..keep.len()).filter(|row| keep.value(*row)).collect();
    let blank: Vec<usize> = rows.iter().copied().filter(|row| !named(*row)).collect();
    let first = *blank.first()?;
    // Where hardly any row has one, the list does not say who it is.
    if columns.is_empty() || first == 0 || blank.len() == rows.len() {
        return None;
    }
    Some(Doubt {
        row: Some(i64::from(places.number(start + first))),
        location: places.cell(start + first, columns[0]),
        column: places.label(columns[0]),
        ..Doubt::of_file(
            "beneficiary_blank",
            Severity::Warning,
            format!(
                "{} of {} rows have no beneficiary, this one first; if the list names it in the first row of a group only, the others are loaded without it: ask for a list with the name in every row",
                blank.len(),
                rows.len()
            ),
        )
    })
}
