//! JSON: an array of objects, an object around exactly one such array, or one object a line.
//!
//! Numbers stay as they were published and never pass through a float. Nested values become compact JSON text. Keys
//! become columns in order of first appearance; a key that an element lacks, and `null`, are no cell. Of a key that an
//! element has twice the later value counts, be it `null`, and a problem says so; two values of the key that has the list
//! are two lists.

mod scan;

use std::collections::HashMap;

use self::scan::{Scanner, Start, unescape};
use super::batch::CellKind;
use super::error::ReadError;
use super::format::{Format, Kind};
use super::grid::{Grid, Strings};
use super::limits::Limits;
use super::place::{Place, Problem};
use super::sink::{SheetInfo, Sink};
use super::{ReadSummary, encoding, sniff};

/// A file whose elements all repeat a key need not say so more often than this.
const MAX_PROBLEMS: usize = 100;

/// Reads JSON or JSON lines.
pub(super) fn read(
    bytes: &[u8],
    format: &Format,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<ReadSummary, ReadError> {
    sniff::expect_kind(bytes, format.kind)?;
    let text = encoding::decode(bytes, format.encoding.unwrap_or_default())?;
    let mut table = Table {
        text: &text,
        grid: Grid::new(None, limits),
        longest_key: limits.max_cell_bytes,
        keys: Vec::new(),
        columns: HashMap::new(),
        last: Vec::new(),
        repeated: 0,
        problems: Vec::new(),
        number: 0,
        counted: Counted {
            text: 0,
            line: 1,
            bytes: text.mark,
        },
        scratch: String::new(),
    };
    let mut scanner = Scanner::new(&text.content);
    let in_bytes = |error: ReadError| in_published_bytes(error, &text);
    if format.kind == Kind::Ndjson {
        table.lines(&mut scanner).map_err(in_bytes)?;
    } else {
        let mut array = find_array(&mut scanner).map_err(in_bytes)?;
        table.array(&mut array).map_err(in_bytes)?;
    }
    let info = SheetInfo {
        keys: Some(table.keys),
        ..SheetInfo::default()
    };
    let mut summary = ReadSummary {
        problems: table.repeated,
        ..ReadSummary::default()
    };
    for problem in table.problems {
        sink.problem(problem);
    }
    let emitted = table.grid.emit(info, &Strings::default(), sink)?;
    // There is one table, so nothing is left to stop.
    let _ = summary.count(emitted);
    Ok(summary)
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

/// Finds the array that is the list: the document itself, or the one array of objects directly inside its object.
fn find_array<'t>(scanner: &mut Scanner<'t>) -> Result<Scanner<'t>, ReadError> {
    match scanner.start()? {
        Start::Array => {
            let array = scanner.clone();
            scanner.value(None)?;
            scanner.skip_blanks();
            if scanner.at_end() {
                return Ok(array);
            }
            Err(scanner.error("something follows the end of the array"))
        }
        Start::Object => {
            let whole = scanner.clone();
            let arrays = arrays_of_object(scanner)?;
            scanner.skip_blanks();
            let found = match &arrays[..] {
                _ if !scanner.at_end() => {
                    "several objects one after the other (then declare kind = \"ndjson\")"
                }
                [] => "an object without an array of objects in it",
                [(array, false)] => return Ok(array.clone()),
                [(_, true)] => "an object that has the key of its array of objects twice",
                _ => "an object with more than one array of objects in it",
            };
            Err(ReadError::NotData {
                place: whole.place(),
                found: found.to_owned(),
            })
        }
        other => Err(ReadError::NotData {
            place: scanner.place(),
            found: other.name().to_owned(),
        }),
    }
}

/// The arrays of objects directly inside an object, each with whether the object has its key twice.
fn arrays_of_object<'t>(scanner: &mut Scanner<'t>) -> Result<Vec<(Scanner<'t>, bool)>, ReadError> {
    let mut arrays = Vec::new();
    // The keys by number, and how often each is there.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut times: Vec<u32> = Vec::new();
    scanner.expect(b'{', "expected an object")?;
    if scanner.take(b'}') {
        return Ok(Vec::new());
    }
    loop {
        scanner.skip_blanks();
        let (raw, _) = scanner.string()?;
        let mut key = String::new();
        unescape(raw, &mut key);
        let number = *numbers.entry(key).or_insert(times.len());
        if number == times.len() {
            times.push(0);
        }
        times[number] += 1;
        scanner.expect(b':', "expected a colon after the key")?;
        if scanner.start()? == Start::Array {
            let array = scanner.clone();
            let mut inside = scanner.clone();
            inside.take(b'[');
            if matches!(inside.start(), Ok(Start::Object)) {
                arrays.push((array, number));
            }
        }
        scanner.value(None)?;
        if scanner.take(b'}') {
            let found = arrays.into_iter();
            return Ok(found
                .map(|(array, number)| (array, times[number] > 1))
                .collect());
        }
        scanner.expect(b',', "expected a comma or the end of the object")?;
    }
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
    keys: Vec<String>,
    columns: HashMap<String, usize>,
    /// Of each column the last element that had it, and whether it had it twice.
    last: Vec<(u32, bool)>,
    /// Keys that their element has already, and the first of them as problems.
    repeated: u64,
    problems: Vec<Problem>,
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
        scanner.expect(b'{', "expected an object")?;
        if scanner.take(b'}') {
            return Ok(());
        }
        let mut expected = 0;
        loop {
            scanner.skip_blanks();
            let (raw, escaped) = scanner.string()?;
            let column = self.column(raw, escaped, expected)?;
            expected = column + 1;
            let again = self.note(column);
            scanner.expect(b':', "expected a colon after the key")?;
            self.cell(scanner, column, again)?;
            if scanner.take(b'}') {
                return Ok(());
            }
            scanner.expect(b',', "expected a comma or the end of the object")?;
        }
    }

    /// Column of a key. Most elements have their keys in the same order, so the next one is tried first.
    fn column(&mut self, raw: &str, escaped: bool, expected: usize) -> Result<usize, ReadError> {
        if !escaped && self.keys.get(expected).is_some_and(|key| key == raw) {
            return Ok(expected);
        }
        if raw.len() > self.longest_key {
            return Err(ReadError::CellTooLarge {
                place: self.place(),
                limit: self.longest_key,
            });
        }
        if escaped {
            unescape(raw, &mut self.scratch);
        } else {
            self.scratch.clear();
            self.scratch.push_str(raw);
        }
        if let Some(column) = self.columns.get(&self.scratch) {
            return Ok(*column);
        }
        let column = self.keys.len();
        self.columns.insert(self.scratch.clone(), column);
        self.keys.push(self.scratch.clone());
        self.last.push((0, false));
        Ok(column)
    }

    /// Remembers that the present element has a column, and gives whether it had it before, which is a problem.
    fn note(&mut self, column: usize) -> bool {
        let (last, told) = self.last[column];
        let again = last == self.number;
        self.last[column] = (self.number, again);
        if !again {
            return false;
        }
        self.repeated += 1;
        if !told && self.problems.len() < MAX_PROBLEMS {
            let mut place = self.place();
            place.column = Some(column as u32 + 1);
            self.problems.push(Problem {
                place,
                rule: "key_twice".into(),
                message: "the object has the key of this column more than once; of several values only the last is read"
                    .to_owned(),
            });
        }
        true
    }

    /// Place of the present element.
    fn place(&self) -> Place {
        Place::text(self.counted.line, self.counted.bytes).in_row(self.number)
    }

    /// Takes the value of a key; `again` says that the element may have a cell of this column already.
    fn cell(
        &mut self,
        scanner: &mut Scanner<'_>,
        column: usize,
        again: bool,
    ) -> Result<(), ReadError> {
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
                if again {
                    self.grid.push_nothing(column)?;
                } else {
                    self.grid.know_column(column)?;
                }
                scanner.word("null")
            }
            Start::Object | Start::Array => {
                let mut text = std::mem::take(&mut self.scratch);
                text.clear();
                scanner.value(Some(&mut text))?;
                let pushed = self.grid.push(column, CellKind::Text, &text);
                self.scratch = text;
                pushed
            }
        }
    }

    fn count_to(&mut self, offset: usize) {
        let piece = &self.text.content[self.counted.text..offset];
        self.counted.line += memchr::memchr_iter(b'\n', piece.as_bytes()).count() as u32;
        self.counted.bytes += self.text.published_len(piece);
        self.counted.text = offset;
    }
}

#[cfg(test)]
mod tests;
