//! What an element says of its cell, and its column of its cells.

use super::super::super::batch::CellKind;
use super::super::super::sink::MergedRange;
use super::super::doubt::Oddity;
use super::super::serial;
use super::super::xml::Tag;

/// A number of a cell and what is said about how it is shown.
pub(super) struct Measured {
    pub(super) number: f64,
    pub(super) percent: bool,
    pub(super) currency: String,
    pub(super) style: Option<String>,
}

/// The cell being read.
pub(super) struct Open {
    pub(super) kind: CellKind,
    pub(super) repeat: u32,
    /// Value from an attribute; text otherwise comes from paragraphs.
    pub(super) value: Option<String>,
    /// Set where the value is a number.
    pub(super) measured: Option<Measured>,
    /// Set where it is one that no list means.
    pub(super) oddity: Option<Oddity>,
    pub(super) paragraphs: u32,
}

/// The scales that columns give their cells, with the first column after those of each.
#[derive(Default)]
pub(super) struct Scales(Vec<(usize, u32)>);

impl Scales {
    /// Adds a column, or several, that end before `end`.
    pub(super) fn push(&mut self, end: usize, scale: u32) {
        match self.0.last_mut() {
            Some(last) if last.1 == scale => last.0 = end,
            _ => self.0.push((end, scale)),
        }
    }

    /// The scale of a column; 0 for one that was not described.
    pub(super) fn of(&self, column: usize) -> u32 {
        let at = self.0.partition_point(|(end, _)| *end <= column);
        self.0.get(at).map_or(0, |(_, scale)| *scale)
    }
}

/// Text between paragraphs is indentation.
pub(super) fn in_paragraph(cell: Option<&Open>) -> bool {
    cell.is_some_and(|cell| cell.paragraphs > 0)
}

/// A count of repetitions; one where nothing or nonsense is said.
pub(super) fn number(element: &Tag<'_>, name: &str) -> u32 {
    element
        .attribute(name)
        .and_then(|n| n.parse().ok())
        .unwrap_or(1)
        .max(1)
}

/// What the attributes of a cell say of it.
pub(super) fn open_cell(element: &Tag<'_>) -> Open {
    let repeat = number(element, "number-columns-repeated");
    let mut open = Open {
        kind: CellKind::Text,
        repeat,
        value: None,
        measured: None,
        oddity: None,
        paragraphs: 0,
    };
    let mut unmeant = None;
    let (mut error, mut percent) = (false, false);
    let (mut currency, mut style) = (String::new(), None);
    for (key, value) in element.attributes() {
        match key {
            b"calcext:value-type" => error = value == "error",
            b"office:currency" => value.clone_into(&mut currency),
            b"table:style-name" => style = Some(value.to_owned()),
            b"office:value-type" => {
                percent = value == "percentage";
                open.kind = match value {
                    "float" | "percentage" | "currency" => CellKind::Number,
                    "date" => CellKind::Date,
                    "boolean" => CellKind::Boolean,
                    _ => CellKind::Text,
                }
            }
            b"office:value" => match value.parse::<f64>() {
                Ok(number) if serial::is_meant(number) => {
                    let mut text = String::new();
                    serial::append_number(number, &mut text);
                    open.value = Some(text);
                    open.measured = Some(Measured {
                        number,
                        percent: false,
                        currency: String::new(),
                        style: None,
                    });
                }
                Ok(_) => unmeant = Some(value.to_owned()),
                Err(_) => {}
            },
            b"office:date-value" => {
                open.value = Some(value.trim_end_matches("T00:00:00").to_owned());
            }
            b"office:boolean-value" => open.value = Some(value.to_owned()),
            _ => {}
        }
    }
    if open.kind == CellKind::Text {
        // A string value repeats what its paragraphs show; the paragraphs keep its line breaks.
        open.value = None;
    } else if open.value.is_none() {
        if open.kind == CellKind::Number && unmeant.is_some() {
            (open.value, open.oddity) = (unmeant, Some(Oddity::Number));
        }
        open.kind = CellKind::Text;
    }
    if error {
        open.kind = CellKind::Error;
        (open.value, open.oddity) = (None, None);
    }
    open.measured = open
        .measured
        .filter(|_| open.kind == CellKind::Number)
        .map(|measured| Measured {
            percent,
            currency,
            style,
            ..measured
        });
    open
}

/// The range that a cell at the head of merged ones says it spans.
pub(super) fn merged_range(element: &Tag<'_>, row: u32, column: usize) -> Option<MergedRange> {
    let (columns, rows) = (
        number(element, "number-columns-spanned"),
        number(element, "number-rows-spanned"),
    );
    let first_column = u32::try_from(column).ok()?.checked_add(1)?;
    (columns > 1 || rows > 1).then(|| MergedRange {
        first_row: row,
        last_row: row.saturating_add(rows - 1),
        first_column,
        last_column: first_column.saturating_add(columns - 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_scale_that_is_said_of_them() {
        let mut scales = Scales::default();
        for (end, scale) in [(2, 0), (3, 3), (5, 3), (9, 0)] {
            scales.push(end, scale);
        }
        let found: Vec<u32> = (0..7).map(|column| scales.of(column)).collect();
        assert_eq!(found, [0, 0, 3, 3, 3, 0, 0]);
        assert_eq!(scales.of(usize::MAX), 0);
    }
}
