//! The styles of an `.xlsx`, as far as they decide what a number means.

use std::collections::HashMap;
use std::io::BufRead;

use quick_xml::events::Event;

use super::super::error::ReadError;
use super::format_code::{builtin_is_date, is_date};
use super::xml::{Xml, attribute};

/// For each cell style, whether it shows dates.
pub(super) fn read<R: BufRead>(mut xml: Xml<R>) -> Result<Vec<bool>, ReadError> {
    let mut codes: HashMap<u32, bool> = HashMap::new();
    let mut styles = Vec::new();
    let mut in_cell_styles = false;
    let mut buffer = Vec::new();
    loop {
        match xml.next(&mut buffer)? {
            Event::Start(e) => match e.local_name().as_ref() {
                "numFmt" => {
                    let id = attribute(&e, "numFmtId").and_then(|id| id.parse().ok());
                    if let (Some(id), Some(code)) = (id, attribute(&e, "formatCode")) {
                        codes.insert(id, is_date(&code));
                    }
                }
                "cellXfs" => in_cell_styles = true,
                "xf" if in_cell_styles => {
                    let id: u32 = attribute(&e, "numFmtId")
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
            Event::End(e) if e.local_name().as_ref() == "cellXfs" => in_cell_styles = false,
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}
