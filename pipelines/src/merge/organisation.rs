//! Beneficiaries of operations: rows of `operation_organisation` and `organisation_name`.
//!
//! One organisation per body; natural persons keep their operation but lose their name here, in titles and in
//! summaries, and their id derives from the operation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::Int64Type;

use super::operation::Loaded;
use super::rows::{RowsError, Tables, push, same, table_rows};
use crate::map::Mapped;
use crate::organisation::{Normalised, Normaliser, id_text, short_id};
use crate::personal::{conceal, conceal_all, without_words_of};

/// What is known of spellings, by country: lists repeat each other's beneficiaries, and reading a name costs more than
/// remembering it. Each reader is taken by one list at a time, so that there are no more of them than lists at work; its
/// memory is bounded, and what it remembers is a function of the name.
static KNOWN: Mutex<Vec<(String, Normaliser)>> = Mutex::new(Vec::new());

/// A reader of names of a country that remembers, or a new one. A poisoned lock only costs what was remembered.
fn normaliser(country: &str) -> Normaliser {
    let mut idle = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = idle.iter().position(|(of, _)| of == country);
    known.map_or_else(|| Normaliser::new(country), |at| idle.swap_remove(at).1)
}

/// Reads the beneficiaries of a file.
pub(super) fn beneficiaries(mapped: &Mapped, country: &str) -> Option<Normalised> {
    let names = mapped
        .rows
        .column_by_name("beneficiary_name")?
        .as_string::<i32>();
    let numbers = mapped
        .rows
        .column_by_name("beneficiary_id")
        .map(AsArray::as_string::<i32>);
    let mut normaliser = normaliser(country);
    let bodies = normaliser.column(names, numbers);
    let mut idle = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    idle.push((country.to_string(), normaliser));
    Some(bodies)
}

/// Fields of running text about the operation: parts of the person's name go from them as well. In the others a surname is
/// a place or a kind of support as often as not.
const TEXTS: [&str; 2] = ["title", "summary"];

/// Takes the names of natural persons out of titles and summaries of their operations.
pub(super) fn hide_persons(
    mapped: &mut Mapped,
    bodies: &Normalised,
) -> Result<(), arrow::error::ArrowError> {
    let Some(names) = mapped
        .rows
        .column_by_name("beneficiary_name")
        .map(|c| c.as_string::<i32>().clone())
    else {
        return Ok(());
    };
    if bodies.natural_person.true_count() == 0 {
        return Ok(());
    }
    for field in [
        "title",
        "summary",
        "support_scheme",
        "place",
        "target_group",
    ] {
        let Some(texts) = mapped
            .rows
            .column_by_name(field)
            .map(|c| c.as_string::<i32>().clone())
        else {
            continue;
        };
        let mut changed = false;
        let hidden: StringArray = (0..texts.len())
            .map(|row| {
                let text = texts.is_valid(row).then(|| texts.value(row))?;
                let person =
                    bodies.natural_person.is_valid(row) && bodies.natural_person.value(row);
                if !person || !names.is_valid(row) {
                    return Some(text.to_string());
                }
                let name = names.value(row);
                let hidden = if TEXTS.contains(&field) {
                    conceal_all(text, name)
                } else {
                    conceal(text, name)
                };
                let hidden = hidden.into_owned();
                changed |= hidden != text;
                Some(hidden)
            })
            .collect();
        if changed {
            mapped.rows = crate::map::with_column(&mapped.rows, field, Arc::new(hidden))?;
        }
    }
    Ok(())
}

/// Takes names of natural persons out of the values of doubts about their rows.
pub(super) fn hide_persons_in_doubts(mapped: &mut Mapped, bodies: &Normalised) {
    let Some(names) = mapped
        .rows
        .column_by_name("beneficiary_name")
        .map(AsArray::as_string::<i32>)
    else {
        return;
    };
    let numbers = mapped.row_numbers.as_primitive::<Int64Type>();
    let persons: HashMap<i64, &str> = (0..names.len())
        .filter(|row| {
            names.is_valid(*row)
                && bodies.natural_person.is_valid(*row)
                && bodies.natural_person.value(*row)
        })
        .map(|row| (numbers.value(row), names.value(row)))
        .collect();
    for doubt in &mut mapped.findings {
        let Some(name) = doubt.row.and_then(|row| persons.get(&row)) else {
            continue;
        };
        doubt.value = doubt
            .value
            .take()
            .map(|value| without_words_of(&value, name));
    }
}

/// Ids of the beneficiaries of all rows: of bodies by their name or number, of natural persons by their operation.
fn organisation_ids(loaded: &Loaded<'_>, bodies: &Normalised) -> StringArray {
    (0..loaded.rows())
        .map(|row| {
            if bodies.ids.is_valid(row) {
                return Some(bodies.ids.value(row).to_string());
            }
            let person = bodies.natural_person.is_valid(row) && bodies.natural_person.value(row);
            person.then(|| {
                id_text(&short_id(&[
                    b"person",
                    loaded.ids.ids.value(row).as_bytes(),
                ]))
                .to_string()
            })
        })
        .collect()
}

/// Adds the beneficiaries of a file.
pub(super) fn push_beneficiaries(
    loaded: &Loaded<'_>,
    bodies: &Normalised,
    seat: Option<&StringArray>,
    tables: &mut Tables,
) -> Result<(), RowsError> {
    let failed = |cause| RowsError::Arrow {
        table: "operation_organisation".into(),
        cause,
    };
    let ids = organisation_ids(loaded, bodies);
    let at: UInt32Array = (0..loaded.rows() as u32)
        .filter(|row| ids.is_valid(*row as usize))
        .collect();
    if at.is_empty() {
        return Ok(());
    }
    let ids_ref: ArrayRef = Arc::new(ids.clone());
    let mut columns = loaded.provenance_of(&at).map_err(failed)?;
    columns.extend([
        ("organisation_id", loaded.at(&ids_ref, &at).map_err(failed)?),
        ("role", same(Some("beneficiary"), at.len())),
        ("certainty", same(Some("stated"), at.len())),
    ]);
    push(
        tables,
        "operation_organisation",
        table_rows("operation_organisation", at.len(), columns)?,
    );

    // One row per spelling and body: the first row that has it, and how many do.
    let mut spellings: HashMap<(&str, &str), usize> = HashMap::with_capacity(at.len() / 2);
    let mut first: Vec<u32> = Vec::new();
    let mut counts: Vec<i64> = Vec::new();
    for row in at.values() {
        let key = (ids.value(*row as usize), bodies.names.value(*row as usize));
        let index = *spellings.entry(key).or_insert_with(|| {
            first.push(*row);
            counts.push(0);
            first.len() - 1
        });
        counts[index] += 1;
    }
    let first = UInt32Array::from(first);
    let n = first.len();
    let taken = |array: &dyn Array| take(array, &first, None).map_err(failed);
    let person: BooleanArray = bodies
        .natural_person
        .iter()
        .map(|p| Some(p.unwrap_or(false)))
        .collect();
    let country = loaded.file.source.toml.country.as_deref();
    let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
    for (name, column) in loaded.provenance() {
        columns.push((name, taken(&column)?));
    }
    columns.extend([
        ("organisation_id", taken(&ids)?),
        ("list_id", same(Some(loaded.file.source.list_id()), n)),
        ("name", taken(&bodies.names)?),
        ("n", Arc::new(Int64Array::from(counts)) as ArrayRef),
        ("kind", taken(&bodies.kinds)?),
        ("natural_person", taken(&person)?),
        ("country", same(country, n)),
    ]);
    if let Some(postcodes) = loaded.text("beneficiary_postcode") {
        columns.push(("postcode", taken(postcodes)?));
    }
    if let Some(seat) = seat {
        columns.push(("nuts_code", taken(seat)?));
    }
    push(
        tables,
        "organisation_name",
        table_rows("organisation_name", n, columns)?,
    );
    Ok(())
}
