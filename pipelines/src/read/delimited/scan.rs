//! Finds records and fields in delimited text without copying any of it.
//!
//! The grammar is the one spreadsheet programs write: a field that begins with the quote is quoted, a doubled quote in
//! it is one quote, delimiters and line ends in it belong to it. A quote anywhere else is a letter like any other.
//! Records end with LF, CR LF or CR; lines with nothing on them are skipped.

use memchr::{memchr, memchr2, memchr3};

/// A field as a piece of the text. `cooked` fields still contain doubled quotes or text after the closing quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) start: usize,
    len_and_cooked: u32,
}

const COOKED: u32 = 1 << 31;

impl Field {
    fn new(start: usize, end: usize, cooked: bool) -> Self {
        let len = u32::try_from(end - start).unwrap_or(u32::MAX) & !COOKED;
        Self {
            start,
            len_and_cooked: if cooked { len | COOKED } else { len },
        }
    }

    pub(super) fn len(self) -> usize {
        (self.len_and_cooked & !COOKED) as usize
    }

    pub(super) fn cooked(self) -> bool {
        self.len_and_cooked & COOKED != 0
    }

    pub(super) fn end(self) -> usize {
        self.start + self.len()
    }
}

/// Where a quoted field began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opening {
    pub(super) record: u32,
    pub(super) column: u32,
    pub(super) line: u32,
    pub(super) offset: usize,
}

/// Where a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) number: u32,
    pub(super) line: u32,
    pub(super) offset: usize,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A quoted field that runs to the end of the file or into the quotes of a later record.
    OpenQuote(Opening),
    /// A field beyond the limit.
    TooLong(Opening),
    /// A record with more fields than the limit; the place is its beginning.
    TooWide(Opening),
}

/// Position in a text.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    text: &'a [u8],
    delimiter: u8,
    quote: u8,
    max_field: usize,
    max_columns: usize,
    at: usize,
    line: u32,
    record: u32,
    /// Set when the last record had text after a closing quote.
    pub(super) stray: Option<Opening>,
    /// Set when the text ended inside of the last record, before any line end.
    pub(super) cut: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(
        text: &'a str,
        delimiter: u8,
        quote: u8,
        max_field: usize,
        max_columns: usize,
    ) -> Self {
        let max_field = max_field.min(!COOKED as usize - 1);
        Self {
            text: text.as_bytes(),
            delimiter,
            quote,
            max_field,
            max_columns,
            at: 0,
            line: 1,
            record: 0,
            stray: None,
            cut: false,
        }
    }

    /// The next record; its fields are appended to `fields`.
    pub(super) fn next(&mut self, fields: &mut Vec<Field>) -> Result<Option<Record>, Fault> {
        self.skip_empty_lines();
        self.stray = None;
        if self.at >= self.text.len() {
            return Ok(None);
        }
        self.record += 1;
        let record = Record {
            number: self.record,
            line: self.line,
            offset: self.at,
        };
        let mut column = 0;
        loop {
            column += 1;
            if column as usize > self.max_columns {
                return Err(Fault::TooWide(Opening {
                    record: self.record,
                    column,
                    line: record.line,
                    offset: record.offset,
                }));
            }
            let field = if self.text.get(self.at) == Some(&self.quote) {
                self.quoted(column)?
            } else {
                let start = self.at;
                self.at = self.end_of_plain(start);
                Field::new(start, self.at, false)
            };
            if field.len() > self.max_field {
                let offset = field.start;
                return Err(Fault::TooLong(Opening {
                    record: self.record,
                    column,
                    line: record.line,
                    offset,
                }));
            }
            fields.push(field);
            match self.text.get(self.at) {
                Some(byte) if *byte == self.delimiter => self.at += 1,
                Some(_) => {
                    self.end_line();
                    return Ok(Some(record));
                }
                None => {
                    self.cut = true;
                    return Ok(Some(record));
                }
            }
        }
    }

    fn end_of_plain(&self, from: usize) -> usize {
        memchr3(self.delimiter, b'\n', b'\r', &self.text[from..])
            .map_or(self.text.len(), |n| from + n)
    }

    /// Reads a field that begins with the quote.
    fn quoted(&mut self, column: u32) -> Result<Field, Fault> {
        let opening = Opening {
            record: self.record,
            column,
            line: self.line,
            offset: self.at,
        };
        let start = self.at + 1;
        let mut at = start;
        let mut cooked = false;
        let close = loop {
            let Some(found) = memchr(self.quote, &self.text[at..]).map(|n| at + n) else {
                return Err(Fault::OpenQuote(opening));
            };
            if self.text.get(found + 1) != Some(&self.quote) {
                break found;
            }
            cooked = true;
            at = found + 2;
        };
        self.count_lines(start, close);
        self.at = self.end_of_plain(close + 1);
        if self.at == close + 1 {
            return Ok(Field::new(start, close, cooked));
        }
        let after = &self.text[close + 1..self.at];
        if after.iter().any(|b| !matches!(b, b' ' | b'\t')) {
            // Text follows. On one line that is a quote someone forgot to double; over several lines this "closing"
            // quote opens a field of a later record, and everything between them was swallowed.
            if self.line > opening.line {
                return Err(Fault::OpenQuote(opening));
            }
            self.stray = Some(opening);
        }
        Ok(Field::new(start, self.at, true))
    }

    fn count_lines(&mut self, from: usize, to: usize) {
        let mut at = from;
        while let Some(n) = memchr2(b'\n', b'\r', &self.text[at..to]) {
            at += n + 1;
            if self.text[at - 1] == b'\r' && self.text.get(at) == Some(&b'\n') && at < to {
                at += 1;
            }
            self.line += 1;
        }
    }

    fn end_line(&mut self) {
        if self.text[self.at] == b'\r' && self.text.get(self.at + 1) == Some(&b'\n') {
            self.at += 1;
        }
        self.at += 1;
        self.line += 1;
    }

    fn skip_empty_lines(&mut self) {
        while matches!(self.text.get(self.at), Some(b'\n' | b'\r')) {
            self.end_line();
        }
    }
}

/// The text of a cooked field: doubled quotes become one, the closing quote goes, what follows it stays as it is.
pub(super) fn cook(raw: &str, quote: u8, out: &mut String) {
    out.clear();
    let mut rest = raw;
    while let Some(n) = memchr(quote, rest.as_bytes()) {
        out.push_str(&rest[..n]);
        rest = &rest[n + 1..];
        if rest.as_bytes().first() != Some(&quote) {
            break;
        }
        out.push(char::from(quote));
        rest = &rest[1..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Result<Vec<(u32, Vec<String>)>, Fault> {
        let mut scanner = Scanner::new(text, b',', b'"', 100, 8);
        let mut records = Vec::new();
        loop {
            let mut fields = Vec::new();
            let Some(record) = scanner.next(&mut fields)? else {
                return Ok(records);
            };
            let mut cooked = String::new();
            let cells = fields.iter().map(|f| {
                let raw = &text[f.start..f.end()];
                if f.cooked() {
                    cook(raw, b'"', &mut cooked);
                    cooked.clone()
                } else {
                    raw.to_owned()
                }
            });
            records.push((record.line, cells.collect()));
        }
    }

    fn cells(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|c| (*c).to_owned()).collect()
    }

    #[test]
    fn quotes_line_ends_and_lines() {
        let text = "a,b\r\n\"x\r\ny\",\"say \"\"hi\"\"\"\r\n\r\nc \"d\",\n,\re,f";
        assert_eq!(
            scan(text),
            Ok(vec![
                (1, cells(&["a", "b"])),
                (2, cells(&["x\r\ny", "say \"hi\""])),
                (5, cells(&["c \"d\"", ""])),
                (6, cells(&["", ""])),
                (7, cells(&["e", "f"])),
            ])
        );
    }

    #[test]
    fn text_after_a_closing_quote_is_kept() {
        assert_eq!(
            scan("\"a\"\"b\" c \"d\",e"),
            Ok(vec![(1, cells(&["a\"b c \"d\"", "e"]))])
        );
    }

    #[test]
    fn an_open_quote_is_found_where_it_opens() {
        let open = scan("a,b\nc,\"d\ne,f\n").expect_err("open");
        assert_eq!(
            open,
            Fault::OpenQuote(Opening {
                record: 2,
                column: 2,
                line: 2,
                offset: 6
            })
        );
        // The quote of line 2 seems to be closed by the opening quote of line 3.
        let shifted = scan("\"a\",\"b\"\n\"c\",\"d\n\"e\",\"f\"\n").expect_err("open");
        assert_eq!(
            shifted,
            Fault::OpenQuote(Opening {
                record: 2,
                column: 2,
                line: 2,
                offset: 12
            })
        );
    }

    #[test]
    fn a_record_beyond_the_limit_is_refused_before_it_is_kept() {
        let mut scanner = Scanner::new("a,b\n,,,,,,", b',', b'"', 100, 2);
        let mut fields = Vec::new();
        assert!(scanner.next(&mut fields).is_ok());
        assert_eq!(
            scanner.next(&mut fields),
            Err(Fault::TooWide(Opening {
                record: 2,
                column: 3,
                line: 2,
                offset: 4
            }))
        );
        assert_eq!(fields.len(), 4);
    }

    #[test]
    fn a_field_beyond_the_limit_is_refused() {
        let text = format!("a\n{}", "x".repeat(101));
        assert!(matches!(
            scan(&text),
            Err(Fault::TooLong(Opening { line: 2, .. }))
        ));
    }
}
