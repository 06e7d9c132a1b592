//! Where the list stands in a document of JSON.

use std::collections::HashMap;

use super::super::error::ReadError;
use super::scan::{Scanner, Start, unescape};

/// Finds the array that is the list: the document itself, or the one array of objects directly inside its object.
pub(super) fn find_array<'t>(scanner: &mut Scanner<'t>) -> Result<Scanner<'t>, ReadError> {
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
