//! Whole columns at once. Lists repeat their places, so each distinct combination of cells is resolved once and rows
//! only point to the outcome; a row costs one hash of its cells and no allocation.

use std::sync::Arc;

use arrow::array::{Array, StringArray, StringBuilder};
use datafusion::common::HashMap;

use super::gazetteer::Gazetteer;
use super::query::{Decides, Query, Resolved, doubt_of};

/// The columns of a batch that say something about the place; all of the same length.
#[derive(Clone, Copy, Debug, Default)]
pub struct Columns<'a> {
    /// Country cells.
    pub country: Option<&'a StringArray>,
    /// Postcodes; cells may hold the place as well.
    pub postcode: Option<&'a StringArray>,
    /// Places; cells may hold the postcode as well.
    pub place: Option<&'a StringArray>,
    /// Kommuner or Gemeinden.
    pub municipality: Option<&'a StringArray>,
    /// Kreise or län.
    pub district: Option<&'a StringArray>,
    /// AGS or kommun codes.
    pub municipality_code: Option<&'a StringArray>,
    /// NUTS codes.
    pub nuts_code: Option<&'a StringArray>,
    /// Programme regions.
    pub region: Option<&'a StringArray>,
}

impl<'a> Columns<'a> {
    fn all(&self) -> [Option<&'a StringArray>; 8] {
        [
            self.country,
            self.postcode,
            self.place,
            self.municipality,
            self.district,
            self.municipality_code,
            self.nuts_code,
            self.region,
        ]
    }
}

/// A row without a code where something is published, or with a doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnProblem {
    /// Row of the batch, from 0.
    pub row: usize,
    /// `region_ambiguous`, `region_contradiction`, `region_unknown` or `region_doubtful`.
    pub rule: &'static str,
    /// The cells, as published, joined by a bar; shared by rows that have the same.
    pub value: Arc<str>,
    /// What a person should know; shared as well.
    pub message: Arc<str>,
}

/// The outcome for every row of a batch.
#[derive(Clone, Debug)]
pub struct ColumnOutcome {
    /// NUTS codes; null where there is none.
    pub codes: StringArray,
    /// Methods; `foreign` for rows of other countries, null for rows that say nothing or gave no code.
    pub methods: StringArray,
    /// Findings, by row.
    pub problems: Vec<ColumnProblem>,
    /// The distinct outcomes and, for every row, which of them it is.
    pub distinct: Vec<Resolved>,
    /// For every row the index of its outcome in `distinct`.
    pub index: Vec<u32>,
}

/// Resolves one column of places (postcodes, or both in one cell) of a list of `country` and, maybe, one Land.
pub fn resolve_column(
    gazetteer: &Gazetteer,
    country: &str,
    within: Option<&str>,
    places: &StringArray,
) -> ColumnOutcome {
    let columns = Columns {
        place: Some(places),
        ..Columns::default()
    };
    resolve_columns(gazetteer, country, within, Decides::Neither, &columns)
}

/// Resolves the rows of a batch from all columns that say something about the place.
pub fn resolve_columns(
    gazetteer: &Gazetteer,
    country: &str,
    within: Option<&str>,
    decides: Decides,
    columns: &Columns<'_>,
) -> ColumnOutcome {
    let arrays = columns.all();
    let lengths = arrays.iter().flatten().copied().map(StringArray::len);
    let rows = lengths.max().unwrap_or(0);
    let mut known: HashMap<Vec<u8>, u32> = HashMap::new();
    let mut distinct: Vec<Resolved> = Vec::new();
    let mut index: Vec<u32> = Vec::with_capacity(rows);
    // The list's own facts lead the key, so that outcomes can be remembered across lists.
    let mut key: Vec<u8> = format!(
        "{country}\u{1}{}\u{1}{decides:?}\u{1}",
        within.unwrap_or_default()
    )
    .into_bytes();
    let (lead, mut last) = (key.len(), Vec::new());
    for row in 0..rows {
        key.truncate(lead);
        let cells = arrays.map(|array| {
            array
                .filter(|a| row < a.len() && a.is_valid(row))
                .map(|a| a.value(row))
        });
        for cell in cells {
            key.extend_from_slice(cell.unwrap_or("\u{0}").as_bytes());
            key.push(0xff); // never part of UTF-8, so cells cannot run together
        }
        let outcome = if let Some(outcome) = index.last().filter(|_| key == last) {
            *outcome
        } else if let Some(outcome) = known.get(key.as_slice()) {
            *outcome
        } else {
            let [
                country_text,
                postcode,
                place,
                municipality,
                district,
                municipality_code,
                nuts_code,
                region,
            ] = cells;
            let query = Query {
                country,
                within,
                country_text,
                postcode,
                place,
                municipality,
                district,
                municipality_code,
                nuts_code,
                region,
                decides,
            };
            distinct.push(remembered(gazetteer, &key, &query));
            let outcome = (distinct.len() - 1) as u32;
            known.insert(key.clone(), outcome);
            outcome
        };
        index.push(outcome);
        last.clone_from(&key);
    }
    let no_country = country.is_empty() && columns.country.is_none();
    gather(&arrays, distinct, index, no_country)
}

/// Distinct rows whose outcome is kept with the gazetteer, at most; some 15 MB.
const REMEMBERED: usize = 1 << 16;

/// The outcome of a row, from an earlier batch or list if it was there. A poisoned lock only costs the looking up.
fn remembered(gazetteer: &Gazetteer, key: &[u8], query: &Query<'_>) -> Resolved {
    if let Ok(known) = gazetteer.remembered.read()
        && let Some(outcome) = known.get(key)
    {
        return outcome.clone();
    }
    let outcome = gazetteer.resolve(query);
    if key.len() < 1024
        && let Ok(mut known) = gazetteer.remembered.write()
        && known.len() < REMEMBERED
    {
        known.insert(key.to_vec(), outcome.clone());
    }
    outcome
}

/// Spreads the distinct outcomes over the rows; `no_country` where nothing says in which country they are.
fn gather(
    arrays: &[Option<&StringArray>; 8],
    distinct: Vec<Resolved>,
    index: Vec<u32>,
    no_country: bool,
) -> ColumnOutcome {
    let mut codes = StringBuilder::with_capacity(index.len(), index.len() * 5);
    let mut methods = StringBuilder::with_capacity(index.len(), index.len() * 10);
    let mut messages: HashMap<String, Arc<str>> = HashMap::new();
    let notes: Vec<Option<(&'static str, Arc<str>)>> = distinct
        .iter()
        .map(|outcome| {
            let (rule, message) = note_of(outcome, no_country)?;
            let shared = messages.entry(message);
            let shared = shared.or_insert_with_key(|message| message.as_str().into());
            Some((rule, Arc::clone(shared)))
        })
        .collect();
    // Rows of one outcome have the same cells.
    let mut values: Vec<Option<Arc<str>>> = vec![None; distinct.len()];
    let mut problems = Vec::new();
    for (row, outcome) in index.iter().enumerate() {
        let outcome = *outcome as usize;
        match &distinct[outcome] {
            Resolved::Found { nuts_code, method } => {
                codes.append_value(nuts_code);
                methods.append_value(method);
            }
            Resolved::Foreign { .. } => {
                codes.append_null();
                methods.append_value("foreign");
            }
            _ => {
                codes.append_null();
                methods.append_null();
            }
        }
        if let Some((rule, message)) = &notes[outcome] {
            let value = values[outcome].get_or_insert_with(|| cells_of(arrays, row).into());
            problems.push(ColumnProblem {
                row,
                rule,
                value: Arc::clone(value),
                message: Arc::clone(message),
            });
        }
    }
    ColumnOutcome {
        codes: codes.finish(),
        methods: methods.finish(),
        problems,
        distinct,
        index,
    }
}

/// What a row says of the place, joined by a bar.
fn cells_of(arrays: &[Option<&StringArray>; 8], row: usize) -> String {
    let cells = arrays
        .iter()
        .flatten()
        .filter(|a| row < a.len() && a.is_valid(row))
        .map(|a| a.value(row));
    cells
        .filter(|c| !c.is_empty())
        .collect::<Vec<_>>()
        .join(" | ")
}

/// Rule and message of the finding that an outcome calls for.
fn note_of(outcome: &Resolved, no_country: bool) -> Option<(&'static str, String)> {
    match outcome {
        Resolved::Found { method, .. } => {
            doubt_of(method).map(|doubt| ("region_doubtful", doubt.to_owned()))
        }
        Resolved::Ambiguous {
            candidates,
            why: "contradiction",
        } => Some((
            "region_contradiction",
            format!(
                "the row's statements of place contradict each other: {}; no region given",
                candidates.join(", ")
            ),
        )),
        Resolved::Ambiguous { candidates, why } => Some((
            "region_ambiguous",
            format!(
                "the {why} can be in {}; no region given",
                candidates.join(", ")
            ),
        )),
        Resolved::Unknown if no_country => Some((
            "region_unknown",
            "nothing says in which country this place is, so no region is given; declare country in source.toml"
                .to_owned(),
        )),
        Resolved::Unknown => Some((
            "region_unknown",
            "no reference table knows this place; no region given".to_owned(),
        )),
        Resolved::Foreign { .. } | Resolved::Absent => None,
    }
}
