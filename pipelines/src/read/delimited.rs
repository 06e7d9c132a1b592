//! Delimited text. Cells go from the file into Arrow without a copy in between.
//!
//! The whole file is scanned before the first batch leaves: only then is its width known (a preamble is narrower than
//! the table, a broken row wider), and a quote that never closes is found before any row was believed. Positions of
//! fields are kept up to a fixed number; beyond it the rest is scanned a second time, so memory does not grow with the
//! file.

mod scan;

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder, UInt32Array, UInt64Array};
use arrow::datatypes::SchemaRef;

use self::scan::{Fault, Field, Opening, Record, Scanner, cook};
use super::ReadSummary;
use super::batch::{BATCH_TEXT, assemble, rows_per_batch, schema};
use super::encoding::Text;
use super::error::ReadError;
use super::format::Format;
use super::limits::{Limits, MAX_PROBLEMS};
use super::place::{Place, Problem};
use super::sink::{SheetInfo, Sink};

/// Positions of fields that are kept from the first scan (16 bytes each).
const KEPT_FIELDS: usize = 1 << 20;

/// Rule of the problem of a file that ends inside of its last record.
pub(crate) const FILE_CUT: &str = "file_cut";

/// Reads delimited text.
pub(super) fn read(
    text: &Text<'_>,
    format: &Format,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    let (delimiter, quote) = (
        format.delimiter.unwrap_or(b','),
        format.quote.unwrap_or(b'"'),
    );
    let scanner = Scanner::new(
        &text.content,
        delimiter,
        quote,
        limits.max_cell_bytes,
        limits.max_columns,
    );
    let mut reading = Reading {
        text,
        quote,
        limits,
        published: Published::default(),
    };
    let survey = reading.survey(scanner, sink)?;
    let mut summary = ReadSummary {
        tables: 1,
        problems: survey.problems,
        ..ReadSummary::default()
    };
    if sink
        .sheet(SheetInfo {
            width: survey.width,
            format: Some(format.clone()),
            ..SheetInfo::default()
        })
        .is_break()
    {
        summary.stopped = true;
        return Ok(summary);
    }
    summary.rows = survey.rows;
    summary.cells = survey.rows * survey.width as u64;
    summary.stopped = reading.emit(survey, sink)?.is_break();
    Ok(summary)
}

/// Numbers of cells of all records, for finding out the delimiter. A last record that the sample cut off is left out;
/// a quote that never closes ends the search.
pub(super) fn widths(sample: &str, delimiter: u8, whole: bool) -> Vec<usize> {
    let mut scanner = Scanner::new(sample, delimiter, b'"', usize::MAX, usize::MAX);
    let mut widths = Vec::new();
    let mut fields = Vec::new();
    while let Ok(Some(_)) = scanner.next(&mut fields) {
        widths.push(fields.len());
        fields.clear();
    }
    if !whole {
        widths.pop();
    }
    widths
}

/// Records and their fields, not yet in columns.
#[derive(Debug, Default)]
struct Records {
    records: Vec<(Record, usize)>,
    fields: Vec<Field>,
}

impl Records {
    fn fields(&self, index: usize) -> &[Field] {
        let end = self
            .records
            .get(index + 1)
            .map_or(self.fields.len(), |(_, first)| *first);
        &self.fields[self.records[index].1..end]
    }

    fn clear(&mut self) {
        self.records.clear();
        self.fields.clear();
    }
}

/// What the first scan found.
struct Survey<'a> {
    width: usize,
    rows: u64,
    problems: u64,
    kept: Records,
    /// Where the second scan has to begin, if not everything was kept.
    rest: Option<Scanner<'a>>,
}

/// Turns offsets in the text into offsets in the published bytes, in ascending order.
#[derive(Debug, Default)]
struct Published {
    text: usize,
    bytes: u64,
}

impl Published {
    /// The offset in the published bytes of one in the text that is not before the last.
    fn at(&mut self, offset: usize, text: &Text<'_>) -> u64 {
        self.bytes += text.published_len(&text.content[self.text..offset]);
        self.text = offset;
        text.mark + self.bytes
    }
}

struct Reading<'t> {
    text: &'t Text<'t>,
    quote: u8,
    limits: &'t Limits,
    published: Published,
}

impl<'t> Reading<'t> {
    fn survey(
        &self,
        mut scanner: Scanner<'t>,
        sink: &mut dyn Sink,
    ) -> Result<Survey<'t>, ReadError> {
        let mut survey = Survey {
            width: 0,
            rows: 0,
            problems: 0,
            kept: Records::default(),
            rest: None,
        };
        let mut passing = Vec::new();
        let mut told = Published::default();
        let mut last = None;
        loop {
            let here = (survey.rest.is_none() && survey.kept.fields.len() >= KEPT_FIELDS)
                .then(|| scanner.clone());
            if here.is_some() {
                survey.rest = here;
            }
            let first = survey.kept.fields.len();
            let fields = if survey.rest.is_none() {
                &mut survey.kept.fields
            } else {
                &mut passing
            };
            let before = fields.len();
            let Some(record) = scanner.next(fields).map_err(|fault| self.fault(fault))? else {
                break;
            };
            let columns = fields.len() - before;
            passing.clear();
            if survey.rest.is_none() {
                survey.kept.records.push((record, first));
            }
            survey.rows += 1;
            survey.width = survey.width.max(columns);
            self.check(&record, &survey)?;
            last = Some(record);
            if let Some(opening) = scanner.stray {
                survey.problems += 1;
                if survey.problems <= MAX_PROBLEMS {
                    let byte = told.at(opening.offset, self.text);
                    sink.problem(stray_quote(opening, byte));
                }
            }
        }
        let Some(last) = last else {
            return Err(ReadError::Empty);
        };
        if scanner.cut && survey.rows > 1 && !self.is_blank_from(last.offset) {
            survey.problems += 1;
            sink.problem(self.cut(&last));
        }
        Ok(survey)
    }

    /// Whether nothing stands from an offset on, or only the mark with which old programs end a file.
    fn is_blank_from(&self, offset: usize) -> bool {
        let rest = &self.text.content[offset..];
        rest.chars().all(|c| c.is_whitespace() || c == '\u{1A}')
    }

    fn check(&self, record: &Record, survey: &Survey<'_>) -> Result<(), ReadError> {
        if survey.rows.saturating_mul(survey.width as u64) > self.limits.max_cells {
            let place = self.place(record.line, record.offset).in_row(record.number);
            return Err(ReadError::TooManyCells {
                place,
                limit: self.limits.max_cells,
            });
        }
        Ok(())
    }

    fn emit(
        &mut self,
        survey: Survey<'_>,
        sink: &mut dyn Sink,
    ) -> Result<ControlFlow<()>, ReadError> {
        let schema = schema(survey.width, false);
        let most = rows_per_batch(survey.width);
        let mut from = 0;
        while from < survey.kept.records.len() {
            let to = self.end_of_batch(&survey.kept, from, most);
            if sink
                .batch(self.batch(&schema, &survey.kept, from, to)?)
                .is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
            from = to;
        }
        let Some(mut scanner) = survey.rest else {
            return Ok(ControlFlow::Continue(()));
        };
        let mut records = survey.kept;
        loop {
            records.clear();
            let mut text = 0;
            while records.records.len() < most && text < BATCH_TEXT {
                let first = records.fields.len();
                let next = scanner
                    .next(&mut records.fields)
                    .map_err(|fault| self.fault(fault))?;
                let Some(record) = next else { break };
                records.records.push((record, first));
                text += records.fields[first..]
                    .iter()
                    .map(|f| f.len())
                    .sum::<usize>();
            }
            if records.records.is_empty() {
                return Ok(ControlFlow::Continue(()));
            }
            if sink
                .batch(self.batch(&schema, &records, 0, records.records.len())?)
                .is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
    }

    /// Where the batch that begins with record `from` ends.
    #[allow(clippy::unused_self)]
    fn end_of_batch(&self, records: &Records, from: usize, most: usize) -> usize {
        let begin = records.records[from].0.offset;
        let last = (from + most).min(records.records.len());
        let fits =
            records.records[from + 1..last].partition_point(|(r, _)| r.offset - begin < BATCH_TEXT);
        from + 1 + fits
    }

    fn batch(
        &mut self,
        schema: &SchemaRef,
        records: &Records,
        from: usize,
        to: usize,
    ) -> Result<arrow::record_batch::RecordBatch, ReadError> {
        let width = (schema.fields().len() - 3).max(1);
        let mut bytes = vec![0; width];
        for index in from..to {
            for (field, bytes) in records.fields(index).iter().zip(&mut bytes) {
                *bytes += field.len();
            }
        }
        let mut cells: Vec<_> = bytes
            .iter()
            .map(|&n| StringBuilder::with_capacity(to - from, n))
            .collect();
        let mut cooked = String::new();
        for index in from..to {
            let fields = records.fields(index);
            for (field, cell) in fields.iter().zip(&mut cells) {
                let raw = &self.text.content[field.start..field.end()];
                if field.cooked() {
                    cook(raw, self.quote, &mut cooked);
                    cell.append_value(&cooked);
                } else {
                    cell.append_value(raw);
                }
            }
            for cell in &mut cells[fields.len()..] {
                cell.append_null();
            }
        }
        let places = &records.records[from..to];
        let offsets: Vec<u64> = places
            .iter()
            .map(|(r, _)| self.published.at(r.offset, self.text))
            .collect();
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(
                places.iter().map(|(r, _)| r.number),
            )),
            Arc::new(UInt32Array::from_iter_values(
                places.iter().map(|(r, _)| r.line),
            )),
            Arc::new(UInt64Array::from(offsets)),
        ];
        columns.extend(
            cells
                .iter_mut()
                .map(|cell| Arc::new(cell.finish()) as ArrayRef),
        );
        assemble(schema, columns)
    }

    fn place(&self, line: u32, offset: usize) -> Place {
        Place::text(
            line,
            self.text.mark + self.text.published_len(&self.text.content[..offset]),
        )
    }

    fn fault(&self, fault: Fault) -> ReadError {
        let place = |o: Opening| self.place(o.line, o.offset).in_row(o.record);
        match fault {
            Fault::OpenQuote(o) => ReadError::OpenQuote {
                place: place(o),
                column: o.column,
            },
            Fault::TooLong(o) => ReadError::CellTooLarge {
                place: place(o),
                limit: self.limits.max_cell_bytes,
            },
            Fault::TooWide(o) => ReadError::TooManyColumns {
                place: place(o),
                columns: u64::from(o.column),
                limit: self.limits.max_columns,
                hint: "check the delimiter",
            },
        }
    }

    fn cut(&self, record: &Record) -> Problem {
        let message = "the file ends inside of this record, while every other one has a line end; it may be cut off, \
                       and its last cell with it: compare it with the published file, or fetch it again";
        Problem {
            place: self.place(record.line, record.offset).in_row(record.number),
            rule: FILE_CUT.into(),
            message: message.to_owned(),
        }
    }
}

/// Says that text follows the closing quote of a cell that opens at a place; `byte` is that in the published bytes.
fn stray_quote(o: Opening, byte: u64) -> Problem {
    let mut place = Place::text(o.line, byte).in_row(o.record);
    place.column = Some(o.column);
    let message = "text follows the closing quote of this cell; its quotes are probably not doubled, so it may hold a part of \
                   its neighbour";
    Problem {
        place,
        rule: "stray_quote".into(),
        message: message.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::format_collect)] // inputs are small texts
mod tests;
