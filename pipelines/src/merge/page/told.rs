//! What one file of a list of pages tells: its operations, each once, with their ids.
//!
//! An id is the identifier that the page gives, or, without one, the name, the bodies that hold the project and the first day,
//! as it is in lists; a person is never part of it. Does not own what other files tell (`course`).

use std::collections::HashMap;

use jiff::civil::Date;

use super::super::identity::{IDENTITY, NATURAL};
use crate::map::FileInput;
use crate::organisation::{id_text, short_id};
use crate::page::{PageAmount, PageDate, PageOperation, PageReading};
use crate::source::Vintage as VintageKind;

/// A file of a list of pages with what it tells.
pub(super) struct Told<'r> {
    pub(super) file: &'r FileInput,
    pub(super) reading: &'r PageReading,
    /// When it was published: as somebody said, or as it says itself.
    pub(super) published: Option<Date>,
    /// The day that it counts as of: where it has none, that of the newest state of its page that there was when it came.
    pub(super) day: Option<Date>,
    /// Whether another file lay there under its name in the same night, so that the name is that of no single page.
    pub(super) is_shared: bool,
    /// Its operations, in the order of the page.
    pub(super) operations: Vec<Identified<'r>>,
    /// Those that stand there once more, word for word, in another table or block.
    pub(super) again: Vec<&'r PageOperation>,
}

/// An operation with its id, and what that rests on.
pub(super) struct Identified<'r> {
    pub(super) operation: &'r PageOperation,
    pub(super) id: String,
    pub(super) basis: &'static str,
}

impl<'r> Told<'r> {
    /// What a file tells by itself. Of several operations that nothing in their identity tells apart each but the first has its
    /// place in the row in its id.
    pub(super) fn of(file: &'r FileInput, reading: &'r PageReading) -> Self {
        let (operations, again) = once(reading);
        let mut seen: HashMap<String, u32> = HashMap::new();
        let identified = operations.into_iter().map(|operation| {
            let (first, basis) = operation_id(file, operation, 0);
            let n = seen.entry(first.clone()).or_default();
            let id = match *n {
                0 => first,
                n => operation_id(file, operation, n).0,
            };
            *n += 1;
            Identified {
                operation,
                id,
                basis,
            }
        });
        let operations = identified.collect();
        let stated = reading.published.as_ref();
        let published = file.published.or(stated.map(|(date, _)| date.date));
        Self {
            file,
            reading,
            published,
            day: published,
            is_shared: false,
            operations,
            again,
        }
    }

    /// By what the page is known: its source and the name of its files.
    pub(super) fn name(&self) -> (&'r str, &'r str) {
        let file = self.file;
        (&file.source.source_id, &file.file_name)
    }

    /// Whether it takes the place of earlier files under its name.
    pub(super) fn replaces(&self) -> bool {
        !self.is_shared && self.file.source.toml.vintage == VintageKind::Replace
    }

    /// Its place in the order of time; of files of one time that of its name.
    pub(super) fn order(&self) -> (Option<Date>, u64, &'r str, &'r str, &'r str) {
        let (source_id, file_name) = self.name();
        let first_seen = self.file.first_seen;
        (
            self.day,
            first_seen,
            source_id,
            file_name,
            &self.file.sha256,
        )
    }

    /// Whether two files came in one night and have the same day, or none.
    pub(super) fn is_tied(&self, other: &Self) -> bool {
        (self.day, self.file.first_seen) == (other.day, other.file.first_seen)
    }

    /// Whether two files came in one night, and no days tell which of them is the newer one.
    pub(super) fn came_with(&self, other: &Self) -> bool {
        let dated = self.day.zip(other.day);
        self.file.first_seen == other.file.first_seen && dated.is_none_or(|(a, b)| a == b)
    }

    /// The ids of its operations.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|one| one.id.as_str())
    }

    /// Whether it says something of an operation that cannot be true where another file is right.
    pub(super) fn contradicts(&self, other: &Self, id: &str) -> bool {
        let of = |told: &Self| {
            let mut operations = told.operations.iter();
            operations.find(|one| one.id == id).map(|one| one.operation)
        };
        match (of(self), of(other)) {
            (Some(one), Some(other)) => contradict(one, other),
            _ => false,
        }
    }
}

/// The operations of a page that count, and those that stand there again. Rows of one table that are equal are operations of
/// their own, as in lists; what another table or block says in the same words is the same.
fn once(reading: &PageReading) -> (Vec<&PageOperation>, Vec<&PageOperation>) {
    let records = || {
        let records = reading.records.iter();
        records.filter_map(|record| Some((record.operation.as_ref()?, record.table)))
    };
    if records().nth(1).is_none() {
        return (reading.operations().collect(), Vec::new());
    }
    let (mut counting, mut again) = (Vec::new(), Vec::new());
    // By what is said: how often it counts, and how often each table has said it so far.
    let mut said: HashMap<[u8; 16], (u32, HashMap<u32, u32>)> = HashMap::new();
    for (operation, table) in records() {
        let text = format!("{:?}", operation.without_places());
        let (counted, tables) = said.entry(short_id(&[text.as_bytes()])).or_default();
        let here = table.map_or(1, |table| {
            let here = tables.entry(table).or_default();
            *here += 1;
            *here
        });
        if here > *counted {
            *counted = here;
            counting.push(operation);
        } else {
            again.push(operation);
        }
    }
    (counting, again)
}

/// Whether two pages cannot both be right about an operation. That one of them says more is no contradiction.
fn contradict(one: &PageOperation, other: &PageOperation) -> bool {
    let days = |a: Option<PageDate>, b: Option<PageDate>| match (a, b) {
        (Some(a), Some(b)) => a.precision == b.precision && a.date != b.date,
        _ => false,
    };
    let rates = one.union_rate_millionths.zip(other.union_rate_millionths);
    days(one.start, other.start)
        || days(one.end, other.end)
        || rates.is_some_and(|(a, b)| a != b)
        || one.amounts.iter().any(|amount| {
            let of_kind = |other: &&PageAmount| {
                (&other.kind, &other.financing_source, &other.currency)
                    == (&amount.kind, &amount.financing_source, &amount.currency)
            };
            let mut same = other.amounts.iter().filter(of_kind).peekable();
            same.peek().is_some() && same.all(|other| !is_near(amount, other))
        })
}

/// Whether two amounts are the same within the last digits that are published of them.
fn is_near(one: &PageAmount, other: &PageAmount) -> bool {
    let precision = |amount: &PageAmount| amount.precision_abs_cents.unwrap_or_default();
    (one.cents - other.cents).abs() <= precision(one) + precision(other)
}

/// The id of an operation, and what it rests on. The name, the holder and the first day mostly stay what they are when a page is
/// corrected; amounts may not.
fn operation_id(file: &FileInput, operation: &PageOperation, nth: u32) -> (String, &'static str) {
    let nth = if nth == 0 {
        String::new()
    } else {
        nth.to_string()
    };
    let list = file.source.list_id().as_bytes();
    let hashed = |parts: &[&[u8]]| {
        let nth = (!nth.is_empty()).then_some(nth.as_bytes());
        let parts: Vec<&[u8]> = parts.iter().copied().chain(nth).collect();
        id_text(&short_id(&parts)).to_string()
    };
    if let Some(natural) = &operation.natural_id {
        let id = hashed(&[b"operation", list, b"natural", natural.as_bytes()]);
        return (id, NATURAL);
    }
    let title = operation.title.as_deref().map(folded).unwrap_or_default();
    let holders = operation.organisations.iter();
    let holders = holders.filter(|body| body.role == "beneficiary" && !body.natural_person);
    let mut holders: Vec<String> = holders
        .filter_map(|body| body.name.as_deref().map(folded))
        .collect();
    // In whatever order the page names them.
    holders.sort();
    holders.dedup();
    let start = operation.start.as_ref();
    let start = start.map(|day| day.date.to_string()).unwrap_or_default();
    let id = hashed(&[
        b"operation",
        list,
        b"identity",
        title.as_bytes(),
        holders.join("\u{1f}").as_bytes(),
        start.as_bytes(),
    ]);
    (id, IDENTITY)
}

/// Letters and digits only, in lower case.
fn folded(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}
