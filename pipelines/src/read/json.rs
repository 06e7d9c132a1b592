//! JSON: an array of objects, an object around exactly one such array, or one object a line.
//!
//! Numbers stay as they were published and never pass through a float. Keys become columns in order of first appearance,
//! those of nested objects too, each with the keys around it; a key that an element lacks, and `null`, are no cell. The
//! texts and numbers of an array are one cell, divided by semicolons, and an array of one object is that object. An array
//! of several objects is no cell, and a problem says so. Of a key that an element has twice the later value counts, be it
//! `null`, and a problem says so; two values of the key that has the list are two lists.

mod keys;
mod list;
mod scan;

use std::collections::BTreeMap;

use self::keys::{ELEMENT, Keys};
use self::list::find_array;
use self::scan::{Scanner, Start, unescape};
use super::batch::CellKind;
use super::error::ReadError;
use super::format::{Format, Kind};
use super::grid::{Grid, Strings};
use super::limits::Limits;
use super::place::{Place, Problem};
use super::sink::{SheetInfo, Sink};
use super::{ReadSummary, encoding};

#[cfg(test)]
pub(super) use self::keys::is_flattened;

/// Rule of the problem of a document that says itself that its list goes on. Whether a number beside the list is that of its
/// objects, only those know who know what its columns mean.
pub(crate) const FILE_PARTIAL: &str = "file_partial";

/// A file whose elements all repeat a key need not say so more often than this.
const MAX_PROBLEMS: usize = 100;

/// Stands between the keys of a nested value.
const INSIDE: &str = " / ";

/// Stands between the values of an array.
const BESIDE: &str = "; ";

/// Reads JSON or JSON lines.
pub(super) fn read(
    text: &encoding::Text<'_>,
    format: &Format,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    let mut table = Table {
        text,
        grid: Grid::new(None, limits),
        longest_key: limits.max_cell_bytes,
        keys: Keys::new(),
        repeated: 0,
        problems: Vec::new(),
        unread: BTreeMap::new(),
        number: 0,
        counted: Counted {
            text: 0,
            line: 1,
            bytes: text.mark,
        },
        scratch: String::new(),
    };
    let mut scanner = Scanner::new(&text.content);
    let in_bytes = |error: ReadError| in_published_bytes(error, text);
    let (mut more, mut goes_on) = (Vec::new(), None);
    if format.kind == Kind::Ndjson {
        table.lines(&mut scanner).map_err(in_bytes)?;
    } else {
        let (mut array, claims) = find_array(&mut scanner).map_err(in_bytes)?;
        table.array(&mut array).map_err(in_bytes)?;
        let objects = u64::from(table.number);
        (more, goes_on) = (claims.more_than(objects), claims.goes_on(objects));
    }
    let mut paths = table.keys.paths();
    let keys = paths.iter().map(|path| path.join(INSIDE)).collect();
    if paths.iter().all(|path| path.len() == 1) {
        paths = Vec::new();
    }
    let info = SheetInfo {
        keys: Some(keys),
        paths,
        more,
        ..SheetInfo::default()
    };
    let unread = table.unread.values().map(|(n, _)| n).sum::<u64>();
    let mut summary = ReadSummary {
        problems: table.repeated + unread + u64::from(goes_on.is_some()),
        ..ReadSummary::default()
    };
    if let Some(message) = goes_on {
        sink.problem(Problem {
            place: Place::default(),
            rule: FILE_PARTIAL.into(),
            message,
        });
    }
    let unread = table.unread.into_values().take(MAX_PROBLEMS);
    for problem in table.problems.into_iter().chain(unread.map(not_read)) {
        sink.problem(problem);
    }
    let emitted = table.grid.emit(info, &Strings::default(), sink)?;
    // There is one table, so nothing is left to stop.
    let _ = summary.count(emitted);
    Ok(summary)
}

/// Says of a column how many of its values are no cells, and where the first of them stands.
fn not_read((n, place): (u64, Place)) -> Problem {
    Problem {
        place,
        rule: "objects_not_read".into(),
        message: format!(
            "{n} elements have several objects in this column, or objects nested too deeply, this one first; they are not read. Ask for a list that has one value here, or has these objects in a file of their own"
        ),
    }
}

/// An error with its place in the published bytes; the scanner knows that in the text only.
fn in_published_bytes(mut error: ReadError, text: &encoding::Text<'_>) -> ReadError {
    if let ReadError::Json { place, .. }
    | ReadError::NotData { place, .. }
    | ReadError::TooDeep { place, .. } = &mut error
        && let Some(before) = place.byte.and_then(|at| text.content.get(..at as usize))
    {
        place.byte = Some(text.mark + text.published_len(before));
    }
    error
}

/// How far lines and published bytes have been counted.
struct Counted {
    text: usize,
    line: u32,
    bytes: u64,
}

struct Table<'t> {
    text: &'t encoding::Text<'t>,
    grid: Grid<'t>,
    /// Bytes that a key may have, as published.
    longest_key: usize,
    keys: Keys,
    /// Keys that their element has already, and the first of them as problems.
    repeated: u64,
    problems: Vec<Problem>,
    /// Of each column how many values are objects that have no columns, and the place of the first.
    unread: BTreeMap<usize, (u64, Place)>,
    number: u32,
    counted: Counted,
    scratch: String,
}

impl Table<'_> {
    fn array(&mut self, scanner: &mut Scanner<'_>) -> Result<(), ReadError> {
        scanner.expect(b'[', "expected an array")?;
        if scanner.take(b']') {
            return Err(ReadError::NotData {
                place: scanner.place(),
                found: "an empty array".to_owned(),
            });
        }
        loop {
            self.element(scanner)?;
            if scanner.take(b']') {
                return Ok(());
            }
            scanner.expect(b',', "expected a comma or the end of the array")?;
        }
    }

    fn lines(&mut self, scanner: &mut Scanner<'_>) -> Result<(), ReadError> {
        scanner.skip_blanks();
        while !scanner.at_end() {
            self.element(scanner)?;
            scanner.skip_blanks();
        }
        Ok(())
    }

    fn element(&mut self, scanner: &mut Scanner<'_>) -> Result<(), ReadError> {
        let start = scanner.start()?;
        if start != Start::Object {
            let found = format!("{} as element {}", start.name(), self.number + 1);
            return Err(ReadError::NotData {
                place: scanner.place().in_row(self.number + 1),
                found,
            });
        }
        self.number += 1;
        self.count_to(scanner.offset());
        self.grid
            .begin_row(self.number, self.counted.line, self.counted.bytes);
        self.keys.begin_element();
        self.object(scanner, ELEMENT)?;
        Ok(())
    }

    /// Takes an object whose keys stand inside of another one, and gives whether it has any.
    fn object(&mut self, scanner: &mut Scanner<'_>, around: usize) -> Result<bool, ReadError> {
        scanner.expect(b'{', "expected an object")?;
        if scanner.take(b'}') {
            return Ok(false);
        }
        let mut expected = 0;
        loop {
            scanner.skip_blanks();
            let (raw, escaped) = scanner.string()?;
            let (key, position) = self.key(around, raw, escaped, expected)?;
            expected = position + 1;
            self.note(key)?;
            scanner.expect(b':', "expected a colon after the key")?;
            self.value(scanner, key)?;
            self.keys.end(key);
            if scanner.take(b'}') {
                return Ok(true);
            }
            scanner.expect(b',', "expected a comma or the end of the object")?;
        }
    }

    /// A key inside of another one, and its position there.
    fn key(
        &mut self,
        around: usize,
        raw: &str,
        escaped: bool,
        expected: usize,
    ) -> Result<(usize, usize), ReadError> {
        if !escaped && let Some(key) = self.keys.at(around, expected, raw) {
            return Ok((key, expected));
        }
        if raw.len() > self.longest_key {
            return Err(ReadError::CellTooLarge {
                place: self.place(),
                limit: self.longest_key,
            });
        }
        if !escaped {
            return Ok(self.keys.of(around, raw));
        }
        unescape(raw, &mut self.scratch);
        Ok(self.keys.of(around, &self.scratch))
    }

    /// Remembers that the present element has a key. That it had it before is a problem, and what it had is no more.
    fn note(&mut self, key: usize) -> Result<(), ReadError> {
        let Some(before) = self.keys.note(key, self.number) else {
            return Ok(());
        };
        self.repeated += 1;
        if !before.told && self.problems.len() < MAX_PROBLEMS {
            let mut place = self.place();
            place.column = before.columns.first().map(|column| *column as u32 + 1);
            self.problems.push(Problem {
                place,
                rule: "key_twice".into(),
                message: "the object has the key of this column more than once; of several values only the last is read"
                    .to_owned(),
            });
        }
        for column in before.columns {
            self.grid.push_nothing(column)?;
        }
        Ok(())
    }

    /// Place of the present element.
    fn place(&self) -> Place {
        Place::text(self.counted.line, self.counted.bytes).in_row(self.number)
    }

    /// Takes the value of a key.
    fn value(&mut self, scanner: &mut Scanner<'_>, key: usize) -> Result<(), ReadError> {
        match scanner.start()? {
            Start::Object if self.keys.is_flattened(key) => {
                if self.object(scanner, key)? {
                    return Ok(());
                }
                self.nothing(key)
            }
            Start::Object => {
                scanner.value(None)?;
                self.not_read(key)
            }
            Start::Array => self.array_in_cell(scanner, key),
            _ => {
                let column = self.keys.column(key);
                self.cell(scanner, column)
            }
        }
    }

    /// Takes an array: nothing, the one value that it has, several ones as one text, or several objects, which are told.
    fn array_in_cell(&mut self, scanner: &mut Scanner<'_>, key: usize) -> Result<(), ReadError> {
        let mut inside = scanner.clone();
        scanner.value(None)?;
        inside.expect(b'[', "expected an array")?;
        if inside.take(b']') {
            return self.nothing(key);
        }
        let mut first = inside.clone();
        let (mut n, mut nested, mut text) = (0, false, String::new());
        loop {
            n += 1;
            nested |= matches!(inside.start()?, Start::Object | Start::Array);
            if nested {
                inside.value(None)?;
            } else {
                join(&mut inside, &mut text, &mut self.scratch)?;
            }
            if inside.take(b']') {
                break;
            }
            inside.expect(b',', "expected a comma or the end of the array")?;
        }
        if n == 1 && first.start()? != Start::Array {
            return self.value(&mut first, key);
        }
        if nested {
            return self.not_read(key);
        }
        if text.is_empty() {
            return self.nothing(key);
        }
        let column = self.keys.column(key);
        self.grid.push(column, CellKind::Text, &text)
    }

    /// Nothing stands under a key.
    fn nothing(&mut self, key: usize) -> Result<(), ReadError> {
        let column = self.keys.column(key);
        self.grid.know_column(column)
    }

    /// Objects that have no columns stand under a key.
    fn not_read(&mut self, key: usize) -> Result<(), ReadError> {
        let column = self.keys.column(key);
        let mut place = self.place();
        place.column = Some(column as u32 + 1);
        self.unread.entry(column).or_insert((0, place)).0 += 1;
        self.grid.know_column(column)
    }

    /// Takes a text, number, word or `null` as the cell of a column.
    fn cell(&mut self, scanner: &mut Scanner<'_>, column: usize) -> Result<(), ReadError> {
        match scanner.start()? {
            Start::Text => {
                let (raw, escaped) = scanner.string()?;
                if !escaped {
                    return self.grid.push(column, CellKind::Text, raw);
                }
                let mut text = std::mem::take(&mut self.scratch);
                unescape(raw, &mut text);
                let pushed = self.grid.push(column, CellKind::Text, &text);
                self.scratch = text;
                pushed
            }
            Start::Number => self.grid.push(column, CellKind::Number, scanner.number()?),
            Start::True => {
                scanner.word("true")?;
                self.grid.push(column, CellKind::Boolean, "true")
            }
            Start::False => {
                scanner.word("false")?;
                self.grid.push(column, CellKind::Boolean, "false")
            }
            Start::Null => {
                self.grid.know_column(column)?;
                scanner.word("null")
            }
            // Those have no cell of their own.
            Start::Object | Start::Array => scanner.value(None),
        }
    }

    fn count_to(&mut self, offset: usize) {
        let piece = &self.text.content[self.counted.text..offset];
        self.counted.line += memchr::memchr_iter(b'\n', piece.as_bytes()).count() as u32;
        self.counted.bytes += self.text.published_len(piece);
        self.counted.text = offset;
    }
}

/// Takes a text, number or word of an array and adds it to the others; `null` and blank ones are none.
fn join(
    scanner: &mut Scanner<'_>,
    text: &mut String,
    scratch: &mut String,
) -> Result<(), ReadError> {
    let value = match scanner.start()? {
        Start::Text => {
            let (raw, escaped) = scanner.string()?;
            if escaped {
                unescape(raw, scratch);
                scratch.as_str()
            } else {
                raw
            }
        }
        Start::Number => scanner.number()?,
        Start::True => {
            scanner.word("true")?;
            "true"
        }
        Start::False => {
            scanner.word("false")?;
            "false"
        }
        Start::Null => {
            scanner.word("null")?;
            ""
        }
        Start::Object | Start::Array => return scanner.value(None),
    };
    if !value.is_empty() {
        if !text.is_empty() {
            text.push_str(BESIDE);
        }
        text.push_str(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
