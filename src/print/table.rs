//! Aligned columns for people.
//!
//! Rows are laid out in chunks, so that a long result is shown as it comes: the first chunk decides the widths. Where
//! the columns do not fit the terminal at all, the rows are shown one column a line (see [`record`](super::record)).

use std::io::Write;
use std::time::Duration;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use comfy_table::{Attribute, Cell, CellAlignment, ColumnConstraint, Width};

use super::cell::{Cells, grouped, is_right_aligned, visible};
use super::layout::{GAP, Need, cut, width, widths};
use super::{PrintError, Style, Writer, record};

/// Rows laid out together.
const CHUNK: usize = 1000;

/// A column of the table.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) right: bool,
    text: bool,
}

/// How the rows are laid out, once the first of them are known.
enum Layout {
    Unknown,
    Columns(Vec<usize>),
    Records,
}

/// The table being written.
pub(super) struct Table<'a> {
    out: &'a mut (dyn Write + Send),
    style: Style,
    columns: Vec<Column>,
    waiting: Vec<Vec<Option<String>>>,
    layout: Layout,
    shown: usize,
    total: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send), schema: &SchemaRef, style: Style) -> Self {
        let columns = schema.fields().iter().map(|field| {
            let data_type = field.data_type();
            let right = is_right_aligned(data_type);
            let text = !right && !data_type.is_temporal();
            Column {
                name: visible(field.name()).into_owned(),
                right,
                text,
            }
        });
        let columns = columns.collect();
        Self {
            out,
            style,
            columns,
            waiting: Vec::new(),
            layout: Layout::Unknown,
            shown: 0,
            total: 0,
        }
    }

    fn lay_out(&self) -> Layout {
        if self.style.expanded {
            return Layout::Records;
        }
        let needs: Vec<Need> = self
            .columns
            .iter()
            .enumerate()
            .map(|(i, column)| self.need(i, column))
            .collect();
        widths(&needs, self.style.width).map_or(Layout::Records, Layout::Columns)
    }

    fn need(&self, index: usize, column: &Column) -> Need {
        let header = width(&column.name);
        let cells = self
            .waiting
            .iter()
            .filter_map(|row| row[index].as_deref())
            .map(width);
        Need {
            natural: cells.max().unwrap_or(0).max(header),
            header,
            text: column.text,
        }
    }

    fn flush_rows(&mut self) -> Result<(), PrintError> {
        let first = matches!(self.layout, Layout::Unknown);
        if first {
            self.layout = self.lay_out();
        }
        let rows = std::mem::take(&mut self.waiting);
        match &self.layout {
            Layout::Columns(widths) => self
                .out
                .write_all(self.columnar(&rows, widths, first).as_bytes())?,
            Layout::Records => {
                record::write(self.out, &self.columns, &rows, self.shown, self.style)?;
            }
            Layout::Unknown => {}
        }
        self.shown += rows.len();
        Ok(())
    }

    fn columnar(
        &self,
        rows: &[Vec<Option<String>>],
        widths: &[usize],
        with_header: bool,
    ) -> String {
        let mut table = comfy_table::Table::new();
        table.load_preset(comfy_table::presets::NOTHING);
        if self.style.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if with_header {
            // A rule in the first row of cells instead of comfy's own, which would run through the gaps.
            let emphasis = |text: String, attribute| {
                let cell = Cell::new(text);
                if self.style.colour {
                    cell.add_attribute(attribute)
                } else {
                    cell
                }
            };
            table.add_row(
                self.columns
                    .iter()
                    .map(|column| emphasis(column.name.clone(), Attribute::Bold)),
            );
            table.add_row(
                widths
                    .iter()
                    .map(|&width| emphasis("─".repeat(width), Attribute::Dim)),
            );
        }
        for row in rows {
            table.add_row(row.iter().zip(widths).zip(&self.columns).map(
                |((cell, &limit), column)| {
                    let text = cell.as_deref().unwrap_or_default();
                    // A later chunk may hold a longer number than the first: it pushes its row out rather than being cut.
                    let cuts = column.text && self.style.width.is_some() && !self.style.wrap;
                    Cell::new(if cuts { cut(text, limit) } else { text.into() })
                },
            ));
        }
        let last = widths.len().saturating_sub(1);
        for (i, (column, &width)) in self.columns.iter().zip(widths).enumerate() {
            let Some(target) = table.column_mut(i) else {
                continue;
            };
            let gap = if i == last { 0 } else { GAP as u16 };
            target.set_padding((0, gap));
            let width = Width::Fixed(width as u16 + gap);
            let wraps = column.text && self.style.wrap && self.style.width.is_some();
            target.set_constraint(if wraps {
                ColumnConstraint::Absolute(width)
            } else {
                ColumnConstraint::LowerBoundary(width)
            });
            if column.right {
                target.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut text = table.trim_fmt();
        text.push('\n');
        text
    }
}

impl Writer for Table<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        let cells = Cells::of(batch)?;
        for row in 0..batch.num_rows() {
            self.total += 1;
            if self
                .style
                .max_rows
                .is_some_and(|limit| self.shown + self.waiting.len() >= limit)
            {
                continue;
            }
            self.waiting
                .push(cells.iter().map(|column| column.shown(row)).collect());
            if self.waiting.len() == CHUNK {
                self.flush_rows()?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, elapsed: Option<Duration>) -> Result<(), PrintError> {
        if !self.waiting.is_empty() || matches!(self.layout, Layout::Unknown) {
            self.flush_rows()?;
        }
        let total = grouped(&self.total.to_string());
        let noun = if self.total == 1 { "row" } else { "rows" };
        let mut line = match elapsed {
            Some(elapsed) => format!("{total} {noun} · {}", seconds(elapsed)),
            None => String::new(),
        };
        if self.shown < self.total {
            let shown = grouped(&self.shown.to_string());
            line = format!(
                "{shown} of {}; --rows 0 or --output FILE gives them all",
                if line.is_empty() {
                    format!("{total} {noun}")
                } else {
                    line
                }
            );
        }
        if !line.is_empty() {
            let dim = nu_ansi_term::Style::new().dimmed();
            let line = if self.style.colour {
                dim.paint(line).to_string()
            } else {
                line
            };
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }
}

/// A time as people read it.
pub(crate) fn seconds(elapsed: Duration) -> String {
    match elapsed.as_secs_f64() {
        s if s < 1.0 => format!("{:.0} ms", s * 1000.0),
        s => format!("{s:.2} s"),
    }
}
