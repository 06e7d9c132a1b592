//! The cell styles of a workbook, as far as they decide what a number means.

use std::collections::HashMap;
use std::io::Read;

use super::super::batch::CellKind;
use super::super::error::ReadError;
use super::number_format::{NumberFormat, append_marked};
use super::serial;
use super::xml::{Event, Xml};

/// Number formats and cell styles that a workbook may have; Excel ends at 65,490 styles.
const MAX_STYLES: usize = 1 << 16;

/// Formats by their number, and for each cell style which it has.
#[derive(Debug, Default)]
pub(super) struct Styles {
    formats: HashMap<u32, NumberFormat>,
    of_style: Vec<NumberFormat>,
}

impl Styles {
    /// Defines a format of the workbook; built-in ones need no definition.
    pub(super) fn define(&mut self, id: u32, code: &str) -> Result<(), ReadError> {
        below(self.formats.len(), "number formats")?;
        self.formats.insert(id, NumberFormat::parse(code));
        Ok(())
    }

    /// Adds the next cell style. Formats are defined before the styles that use them.
    pub(super) fn push(&mut self, format: u32) -> Result<(), ReadError> {
        below(self.of_style.len(), "cell styles")?;
        let defined = self.formats.get(&format).cloned();
        self.of_style
            .push(defined.unwrap_or_else(|| NumberFormat::builtin(format)));
        Ok(())
    }

    /// The format of a cell style.
    pub(super) fn format(&self, style: usize) -> &NumberFormat {
        self.of_style.get(style).unwrap_or(&NumberFormat::Bare)
    }

    /// Appends a number as its style shows it, and says of which kind it then is. `None`, and nothing appended, for a
    /// number that no list means.
    pub(super) fn append(
        &self,
        style: usize,
        number: f64,
        is_1904: bool,
        out: &mut String,
    ) -> Option<CellKind> {
        if !serial::is_meant(number) {
            return None;
        }
        Some(match self.format(style) {
            NumberFormat::Date if serial::append_date(number, is_1904, out) => CellKind::Date,
            NumberFormat::Marked(sections) => {
                append_marked(sections, number, out);
                CellKind::Number
            }
            _ => {
                serial::append_number(number, out);
                CellKind::Number
            }
        })
    }
}

fn below(count: usize, what: &'static str) -> Result<(), ReadError> {
    if count < MAX_STYLES {
        return Ok(());
    }
    Err(ReadError::TooMany {
        what,
        limit: MAX_STYLES,
    })
}

/// Reads the styles part of an `.xlsx`.
pub(super) fn read<R: Read>(mut xml: Xml<R>) -> Result<Styles, ReadError> {
    let mut styles = Styles::default();
    let mut in_cell_styles = false;
    loop {
        match xml.next()? {
            Event::Start(e) => match e.name {
                b"numFmt" => {
                    let id = e.attribute("numFmtId").and_then(|id| id.parse().ok());
                    if let (Some(id), Some(code)) = (id, e.attribute("formatCode")) {
                        styles.define(id, &code)?;
                    }
                }
                b"cellXfs" => in_cell_styles = true,
                b"xf" if in_cell_styles => {
                    let id = e.attribute("numFmtId").and_then(|id| id.parse().ok());
                    styles.push(id.unwrap_or(0))?;
                }
                _ => {}
            },
            Event::End(b"cellXfs") => in_cell_styles = false,
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}
