//! The columns of tables: in which of them each cell of a row stands, those of rows above that span it too among them.
//!
//! After "Forming a table" of the HTML standard: a cell goes to the first column that no cell of a row above spans, a
//! span of rows ends with its group of rows, and one of 0 rows goes on to there. What a cell shows is not copied into the
//! rows it spans, they name the piece of the row in which it stands: a value has one place, and a page does not grow. What
//! the spans would add is bounded all the same, as if it stood there.

use std::ops::Range;

use scraper::node::Element;

use super::error::PageError;
use super::parse::MAX_NODES;
use super::text::{GAP, MAX_SHOWN_BYTES};

/// Most columns and rows of a cell; more are as many, as the standard has it.
const MAX_SPAN: (usize, usize) = (1_000, 65_534);

/// Where the text of a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellText {
    /// It has none.
    Blank,
    /// In a piece of the row in which the cell was published.
    Piece {
        /// The row's block, counted from the first of the page.
        block: usize,
        /// Which of its pieces.
        piece: usize,
    },
    /// Nobody knows: a table within its row stands between the pieces.
    Unknown,
}

/// A cell of a row, or one of a row above that spans it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    /// Columns in which it stands, from 0.
    pub(super) columns: Range<usize>,
    /// Its text.
    pub(super) text: CellText,
}

/// The tables that are open, outermost first.
#[derive(Default)]
pub(super) struct Grid {
    tables: Vec<Table>,
    /// Cells that rows have from rows above, and the bytes of their text.
    spanned: (usize, usize),
}

#[derive(Default)]
struct Table {
    /// Cells of the rows so far that span the next one, by their first column.
    spans: Vec<Span>,
    row: Option<Row>,
}

struct Span {
    cell: Cell,
    bytes: usize,
    /// Rows that it still spans; none goes on to the end of the group.
    rows: Option<usize>,
}

#[derive(Default)]
struct Row {
    cells: Vec<Own>,
    /// The next free column, if no cell of a row above spans it.
    column: usize,
    /// The first of the table's spans that does not lie before it.
    span: usize,
    /// A table stands within the row.
    divided: bool,
}

struct Own {
    columns: Range<usize>,
    piece: usize,
    rows: Option<usize>,
}

impl Grid {
    /// An element begins; a cell has the piece of this number in the line of its row.
    pub(super) fn open(&mut self, element: &Element, piece: usize) {
        let table = self.tables.last_mut();
        match element.name() {
            "table" => {
                if let Some(row) = table.and_then(|table| table.row.as_mut()) {
                    row.divided = true;
                }
                self.tables.push(Table::default());
            }
            "thead" | "tbody" | "tfoot" => {
                if let Some(table) = table {
                    table.spans.clear();
                }
            }
            "tr" => {
                if let Some(table) = table {
                    table.row = Some(Row::default());
                }
            }
            "td" | "th" => {
                if let Some(Table {
                    spans,
                    row: Some(row),
                }) = table
                {
                    row.add(element, spans, piece);
                }
            }
            _ => {}
        }
    }

    /// A table ends.
    pub(super) fn close_table(&mut self) {
        self.tables.pop();
    }

    /// A row ends: its cells by their columns, or nothing if they cannot be told. `block` is the number and the text of its
    /// block, if it shows anything, and `line` where it stands.
    ///
    /// # Errors
    /// When what cells span is more than any page has.
    pub(super) fn end_row(
        &mut self,
        block: Option<(usize, &str)>,
        line: u32,
    ) -> Result<Vec<Cell>, PageError> {
        let Some(table) = self.tables.last_mut() else {
            return Ok(Vec::new());
        };
        let Some(row) = table.row.take() else {
            return Ok(Vec::new());
        };
        self.spanned.0 += table.spans.len();
        self.spanned.1 += table.spans.iter().map(|span| span.bytes).sum::<usize>();
        if self.spanned.0 > MAX_NODES {
            return Err(PageError::TooManySpanned {
                line,
                limit: MAX_NODES,
            });
        }
        if self.spanned.1 > MAX_SHOWN_BYTES {
            return Err(PageError::TooMuchText {
                bytes: self.spanned.1,
                limit: MAX_SHOWN_BYTES,
            });
        }
        let divided = row.divided;
        let mut cells: Vec<Cell> = table.spans.iter().map(|span| span.cell.clone()).collect();
        for span in &mut table.spans {
            span.rows = span.rows.map(|rows| rows.saturating_sub(1));
        }
        table.spans.retain(|span| span.rows != Some(0));
        let lengths: Vec<usize> = block.map_or_else(Vec::new, |(_, text)| {
            text.split(GAP).map(str::len).collect()
        });
        let mut own = row.cells.into_iter().peekable();
        while let Some(Own {
            columns,
            piece,
            rows,
        }) = own.next()
        {
            // Blank cells before the first that shows something have no piece of their own.
            let blank = own.peek().is_some_and(|next| next.piece == piece);
            let text = match block {
                _ if divided => CellText::Unknown,
                Some((block, _)) if !blank => CellText::Piece { block, piece },
                _ => CellText::Blank,
            };
            let cell = Cell { columns, text };
            if rows != Some(1) {
                table.spans.push(Span {
                    cell: cell.clone(),
                    bytes: match text {
                        CellText::Piece { piece, .. } => lengths.get(piece).copied().unwrap_or(0),
                        _ => 0,
                    },
                    rows: rows.map(|rows| rows - 1),
                });
            }
            cells.push(cell);
        }
        table.spans.sort_by_key(|span| span.cell.columns.start);
        cells.sort_by_key(|cell| cell.columns.start);
        if divided {
            cells.clear();
        }
        Ok(cells)
    }
}

impl Row {
    /// Gives a cell its columns.
    fn add(&mut self, element: &Element, spans: &[Span], piece: usize) {
        while let Some(span) = spans.get(self.span) {
            let taken = &span.cell.columns;
            if taken.start > self.column {
                break;
            }
            self.column = self.column.max(taken.end);
            self.span += 1;
        }
        let width = number(element, "colspan").unwrap_or(1).clamp(1, MAX_SPAN.0);
        let rows = number(element, "rowspan").unwrap_or(1).min(MAX_SPAN.1);
        let end = self.column + width;
        self.cells.push(Own {
            columns: self.column..end,
            piece,
            rows: (rows > 0).then_some(rows),
        });
        self.column = end;
    }
}

/// A number as attributes have it: digits at the beginning, whatever follows.
fn number(element: &Element, name: &str) -> Option<usize> {
    let blanks = [' ', '\t', '\n', '\x0C', '\r'];
    let text = element.attr(name)?.trim_start_matches(blanks);
    let text = text.strip_prefix('+').unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    // More digits than fit are more than any bound.
    (digits > 0).then(|| text[..digits].parse().unwrap_or(usize::MAX))
}
