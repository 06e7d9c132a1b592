//! Headers further down in a table: of later pages, or of another table below the first.
//!
//! One that says the same is no operation. One that gives a column another meaning is refused: all rows below it would be
//! read by the first header, and their amounts taken for what they are not.

use esf_schemas::{FieldKind, Vocabulary};

use super::frame::{Column, Frame, Sheet, is_words, known_fields};
use super::header::{Labels, Meaning};
use super::label::Label;
use super::sheet::short;
use super::{MapError, Places};
use crate::read::column_letters;
use crate::value;

/// The rows, from the first data row, that are a header in words of its own and say what the first one says.
pub(super) fn later_headers(
    sheet: &Sheet,
    frame: &Frame,
    labels: &Labels<'_>,
) -> Result<Vec<usize>, MapError> {
    // Items of JSON carry their own labels.
    if sheet.info.keys.is_some() {
        return Ok(Vec::new());
    }
    let figures: Vec<usize> = frame
        .mapped()
        .filter(|(_, mapping)| is_figure(&mapping.field))
        .map(|(column, _)| column.index)
        .collect();
    let start = frame.data_start();
    let mut found = Vec::new();
    for row in start..sheet.rows.num_rows() {
        let mut cells = figures
            .iter()
            .filter_map(|c| sheet.cell(row, *c))
            .peekable();
        // Where figures belong are words, and most cells are known labels.
        if cells.peek().is_none() || !cells.all(is_words) {
            continue;
        }
        let fields = known_fields(sheet, row, labels).len();
        if fields < 3 || fields * 2 < sheet.filled(row).count() {
            continue;
        }
        if let Some((column, text, field)) = other_meaning(sheet, frame, labels, row) {
            return Err(MapError::OtherHeader {
                place: Places::new(sheet, frame).of(row),
                column: column_letters(column.index as u32 + 1),
                label: short(&Label::new(text.to_string())),
                field,
                first: short(&column.label),
            });
        }
        found.push(row - start);
    }
    Ok(found)
}

/// The first cell of a header that gives its column another field, unit or currency than the first header does.
fn other_meaning<'s, 'f>(
    sheet: &'s Sheet,
    frame: &'f Frame,
    labels: &Labels<'_>,
    row: usize,
) -> Option<(&'f Column, &'s str, String)> {
    frame.columns.iter().find_map(|column| {
        let text = sheet.cell(row, column.index)?;
        let label = column.label.published();
        if label.split('\n').any(|part| part.trim() == text) || label.trim() == text {
            return None;
        }
        let field = labels.field(text)?;
        let same = match &column.meaning {
            Meaning::Field {
                column: mapping,
                conflict,
                ..
            } => {
                let same = mapping.field == field || conflict.as_deref() == Some(field.as_str());
                same && !(is_amount(&field) && other_unit(label, text))
            }
            Meaning::Ignored(_) => true,
            Meaning::Unknown(_) => false,
        };
        (!same).then_some((column, text, field))
    })
}

/// Whether two labels of amounts state different units. One that states no currency may leave it to the other.
fn other_unit(first: &str, second: &str) -> bool {
    let unit = |label| value::unit_in_label(label).unwrap_or(value::Unit::NONE);
    let (first, second) = (unit(first), unit(second));
    let currencies = first.currency.zip(second.currency);
    first.scale != second.scale || currencies.is_some_and(|(first, second)| first != second)
}

fn is_figure(field: &str) -> bool {
    let kind = Vocabulary::standard().field(field).map(|f| f.kind);
    matches!(
        kind,
        Some(FieldKind::Amount | FieldKind::Date | FieldKind::Period)
    )
}

fn is_amount(field: &str) -> bool {
    let kind = Vocabulary::standard().field(field).map(|f| f.kind);
    kind == Some(FieldKind::Amount)
}
