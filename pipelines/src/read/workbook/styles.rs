//! The styles of an `.xlsx`, as far as they decide what a number means.

use std::collections::HashMap;
use std::io::Read;

use super::super::error::ReadError;
use super::format_code::{builtin_is_date, is_date};
use super::xml::{Event, Xml};

/// For each cell style, whether it shows dates.
pub(super) fn read<R: Read>(mut xml: Xml<R>) -> Result<Vec<bool>, ReadError> {
    let mut codes: HashMap<u32, bool> = HashMap::new();
    let mut styles = Vec::new();
    let mut in_cell_styles = false;
    loop {
        match xml.next()? {
            Event::Start(e) => match e.name {
                b"numFmt" => {
                    let id = e.attribute("numFmtId").and_then(|id| id.parse().ok());
                    if let (Some(id), Some(code)) = (id, e.attribute("formatCode")) {
                        codes.insert(id, is_date(&code));
                    }
                }
                b"cellXfs" => in_cell_styles = true,
                b"xf" if in_cell_styles => {
                    let id: u32 = e
                        .attribute("numFmtId")
                        .and_then(|id| id.parse().ok())
                        .unwrap_or(0);
                    styles.push(
                        codes
                            .get(&id)
                            .copied()
                            .unwrap_or_else(|| builtin_is_date(id)),
                    );
                }
                _ => {}
            },
            Event::End(b"cellXfs") => in_cell_styles = false,
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}
