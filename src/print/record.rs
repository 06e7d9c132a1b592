//! Rows one column a line, for results that are wider than the terminal.

use std::io::Write;

use super::layout::{width, wrap};
use super::table::Column;
use super::{PrintError, Style};

/// Values are not squeezed below this many places.
const LEAST_VALUE: usize = 20;

/// Writes rows; `before` were written already.
pub(super) fn write(
    out: &mut dyn Write,
    columns: &[Column],
    rows: &[Vec<Option<String>>],
    before: usize,
    style: Style,
) -> Result<(), PrintError> {
    let names = columns
        .iter()
        .map(|column| width(&column.name))
        .max()
        .unwrap_or(0);
    let dim = if style.colour {
        nu_ansi_term::Style::new().dimmed()
    } else {
        nu_ansi_term::Style::new()
    };
    let bold = if style.colour {
        nu_ansi_term::Style::new().bold()
    } else {
        nu_ansi_term::Style::new()
    };
    let indent = " ".repeat(names + 2);
    for (i, row) in rows.iter().enumerate() {
        let title = format!("── row {} ", before + i + 1);
        let rule = "─".repeat(
            style
                .width
                .unwrap_or(80)
                .min(80)
                .saturating_sub(width(&title)),
        );
        writeln!(out, "{}", dim.paint(format!("{title}{rule}")))?;
        for (column, cell) in columns.iter().zip(row) {
            // What is not known takes no line of a record that is long as it is.
            let Some(text) = cell else { continue };
            let pad = " ".repeat(names - width(&column.name) + 2);
            let room = style.width.map_or(usize::MAX, |width| {
                width.saturating_sub(names + 2).max(LEAST_VALUE)
            });
            let mut lines = wrap(text, room).into_iter();
            writeln!(
                out,
                "{}{pad}{}",
                bold.paint(&column.name),
                lines.next().unwrap_or_default()
            )?;
            for line in lines {
                writeln!(out, "{indent}{line}")?;
            }
        }
    }
    Ok(())
}
