//! Where the list stands in a document of JSON, and what the document says of its length.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::super::error::ReadError;
use super::scan::{Scanner, Start, unescape};

/// What a server calls the number of all objects, as folded names.
const COUNTS: [&str; 17] = [
    "count",
    "total",
    "antal",
    "anzahl",
    "gesamt",
    "gesamtanzahl",
    "hits",
    "nhits",
    "numfound",
    "odatacount",
    "recordstotal",
    "totalcount",
    "totalelements",
    "totalhits",
    "totalitems",
    "totalrecords",
    "totalresults",
];

/// What it calls the page behind this one, or that there is one.
const NEXT: [&str; 10] = [
    "next",
    "nextcursor",
    "nextlink",
    "nextpage",
    "nextpagetoken",
    "nextpageurl",
    "nexturl",
    "odatanextlink",
    "hasmore",
    "exceededtransferlimit",
];

/// What a document says beside its list: a server that gives one page of several says so there.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// Numbers that may be that of all objects, by what they are called and whether they stand right beside the list; of
    /// several the largest.
    counts: BTreeMap<(&'static str, bool), u64>,
    /// What the next page is called.
    next: Option<&'static str>,
}

impl Claims {
    /// Takes what stands under a key beside the list, or one level deeper beside it: `{"paging": {"next": "…"}}`. The value
    /// is sound.
    fn note(&mut self, key: &str, mut value: Scanner<'_>, deeper: bool) -> Result<(), ReadError> {
        let start = value.start()?;
        if start == Start::Object && deeper {
            each(&mut value.clone(), |key, value| {
                self.note(key, value, false)
            })?;
        }
        let letters = key.chars().filter(|c| c.is_alphanumeric());
        let plain: String = letters.flat_map(char::to_lowercase).collect();
        let named = |names: &[&'static str]| names.iter().copied().find(|name| *name == plain);
        if let Some(name) = named(&COUNTS) {
            let number = match start {
                Start::Number => value.number()?,
                Start::Text => value.string()?.0.trim(),
                _ => "",
            };
            // An amount with cents is no number of objects.
            if let Ok(number) = number.parse::<u64>() {
                let most = self.counts.entry((name, deeper)).or_default();
                *most = number.max(*most);
            }
        }
        if let Some(name) = named(&NEXT) {
            let goes_on = match start {
                Start::Text => !value.string()?.0.trim().is_empty(),
                Start::Number => value.number()? != "0",
                Start::True => true,
                Start::Object => value.take(b'{') && !value.take(b'}'),
                Start::False | Start::Null | Start::Array => false,
            };
            if goes_on {
                self.next = Some(name);
            }
        }
        Ok(())
    }

    /// The numbers that the document states and that are more than so many objects, the largest first, each with what it is called.
    pub(super) fn more_than(&self, objects: u64) -> Vec<(String, u64)> {
        let counts = self.counts.iter().filter(|(_, number)| **number > objects);
        let mut more: Vec<_> = counts
            .map(|((name, _), number)| ((*name).to_owned(), *number))
            .collect();
        more.sort_by_key(|(_, number)| Reverse(*number));
        more
    }

    /// What is said of a list of so many objects behind which the document names a page; nothing of any other.
    pub(super) fn goes_on(&self, objects: u64) -> Option<String> {
        self.next.map(|name| {
            format!("{objects} objects stand in it, and it names a page behind them ({name})")
        })
    }
}

/// Calls `seen` for each key of an object, as it is meant, and its value.
fn each<'t>(
    scanner: &mut Scanner<'t>,
    mut seen: impl FnMut(&str, Scanner<'t>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    scanner.expect(b'{', "expected an object")?;
    if scanner.take(b'}') {
        return Ok(());
    }
    let mut key = String::new();
    loop {
        scanner.skip_blanks();
        let (raw, _) = scanner.string()?;
        unescape(raw, &mut key);
        scanner.expect(b':', "expected a colon after the key")?;
        scanner.start()?;
        let value = scanner.clone();
        scanner.value(None)?;
        seen(&key, value)?;
        if scanner.take(b'}') {
            return Ok(());
        }
        scanner.expect(b',', "expected a comma or the end of the object")?;
    }
}

/// Finds the array that is the list: the document itself, or the one array of objects directly inside its object, with what
/// stands beside it.
pub(super) fn find_array<'t>(
    scanner: &mut Scanner<'t>,
) -> Result<(Scanner<'t>, Claims), ReadError> {
    match scanner.start()? {
        Start::Array => {
            let array = scanner.clone();
            scanner.value(None)?;
            scanner.skip_blanks();
            if scanner.at_end() {
                return Ok((array, Claims::default()));
            }
            Err(scanner.error("something follows the end of the array"))
        }
        Start::Object => {
            let whole = scanner.clone();
            let (arrays, claims) = arrays_of_object(scanner)?;
            scanner.skip_blanks();
            let found = match &arrays[..] {
                _ if !scanner.at_end() => {
                    "several objects one after the other (then declare kind = \"ndjson\")"
                }
                [] => "an object without an array of objects in it",
                [(array, false)] => return Ok((array.clone(), claims)),
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

/// An array of objects, and whether the object around it has its key twice.
type Found<'t> = (Scanner<'t>, bool);

/// The arrays of objects directly inside an object, and what else it says.
fn arrays_of_object<'t>(scanner: &mut Scanner<'t>) -> Result<(Vec<Found<'t>>, Claims), ReadError> {
    let mut arrays = Vec::new();
    let mut claims = Claims::default();
    // The keys by number, and how often each is there.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut times: Vec<u32> = Vec::new();
    each(scanner, |key, value| {
        let number = *numbers.entry(key.to_owned()).or_insert(times.len());
        if number == times.len() {
            times.push(0);
        }
        times[number] += 1;
        let mut inside = value.clone();
        if inside.take(b'[') {
            if matches!(inside.start(), Ok(Start::Object)) {
                arrays.push((value, number));
            }
            return Ok(());
        }
        claims.note(key, value, true)
    })?;
    let found = arrays.into_iter();
    let found = found.map(|(array, number)| (array, times[number] > 1));
    Ok((found.collect(), claims))
}
