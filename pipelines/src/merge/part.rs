//! One file on its way through its list.
//!
//! Owns reading and mapping it, the ids of its rows, and that names of persons are taken out before anything else sees
//! them. Does not own what other files of the list say.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, StringArray};
use arrow::datatypes::Int64Type;

use super::change::Change;
use super::doubts::RegionDoubts;
use super::identity::{Ids, operation_ids};
use super::repeated::Twins;
use super::{Failure, Reading, References, country, organisation, repeated};
use crate::check::{ControlTotal, Doubt, Severity};
use crate::map::{FileInput, MapError, Mapped, map_file};
use crate::organisation::Normalised;

/// A file on its way through the list: mapped, its rows with their ids. A page is read later, because it is read with
/// the gazetteer.
pub struct Part {
    /// The file.
    pub(super) file: FileInput,
    /// What it was mapped to.
    pub(super) mapped: Mapped,
    /// Doubts about the regions of its rows.
    pub(super) region_doubts: Vec<RegionDoubts>,
    /// Ids of its rows.
    pub(super) ids: Ids,
    /// Its beneficiaries, where it names any.
    pub(super) bodies: Option<Normalised>,
    /// The file of the better rendition, where there is one.
    pub(super) rendition_of: Option<String>,
    /// Sums without the rows of pages that were published twice, where its source has such.
    pub(super) totals_once: Option<Vec<ControlTotal>>,
    /// Rows that say the same as others of it, where there are many.
    pub(super) twins: Option<Twins>,
    /// How it compares with the vintage that stood before it came.
    pub(super) change: Option<Change>,
    /// In what it contradicts the better rendition, in words.
    pub(super) contradiction: Option<String>,
}

/// Maps a file and gives its rows their ids.
pub(super) fn part(file: &FileInput, reading: &Reading) -> Result<Part, MapError> {
    let mut mapped = map_file(file, reading.vocabulary, &reading.limits)?;
    if reading.expect_rows {
        expect_rows(file, mapped.account.data_rows())?;
    }
    let mut totals_once = None;
    if file.source.toml.pages_published_twice {
        repeated::drop_repeated_pages(&mut mapped)?;
        totals_once = Some(mapped.totals_left());
    }
    let ids = ids(file, &mapped)?;
    let twins = repeated::twins(&mapped, &ids.shared_rows, &file.source.toml.control)?;
    let country = file.source.toml.country.as_deref().unwrap_or("");
    let bodies = organisation::beneficiaries(&mapped, country);
    if let Some(bodies) = &bodies {
        organisation::hide_persons(&mut mapped, bodies)?;
        organisation::hide_persons_in_doubts(&mut mapped, bodies);
        if bodies.contact_removed.true_count() > 0 {
            let present = mapped.contact_present.as_boolean();
            mapped.contact_present =
                Arc::new(arrow::compute::or(present, &bodies.contact_removed)?);
        }
    }
    Ok(Part {
        file: file.clone(),
        mapped,
        region_doubts: Vec::new(),
        ids,
        bodies,
        rendition_of: None,
        totals_once,
        twins,
        change: None,
        contradiction: None,
    })
}

/// Maps a file of a source without a country once more, as one of the country in which its places are.
pub(super) fn with_country(part: Part, references: &References) -> Result<Part, Box<Failure>> {
    let says_none = part.file.source.toml.country.is_none()
        && part.mapped.rows.column_by_name("country").is_none();
    let found = says_none.then(|| country::infer(&part.mapped, &references.gazetteer));
    let Some(country) = found.flatten() else {
        return Ok(part);
    };
    let mut source = (*part.file.source).clone();
    source.toml.country = Some(country.to_owned());
    let file = FileInput {
        source: Arc::new(source),
        ..part.file
    };
    let mut part = self::part(&file, &references.reading)
        .map_err(|error| Box::new(Failure::new(&file, error)))?;
    part.mapped.findings.push(Doubt::of_file(
        "inferred_country",
        Severity::Info,
        format!(
            "taken as a list of {country}, where its places are; declare country in source.toml"
        ),
    ));
    Ok(part)
}

/// Fails for a file with fewer or more rows than its source declares.
pub(super) fn expect_rows(file: &FileInput, rows: u64) -> Result<(), MapError> {
    match file.source.toml.expected_rows {
        Some([least, most]) if rows < least || rows > most => {
            Err(MapError::RowRange { rows, least, most })
        }
        _ => Ok(()),
    }
}

fn ids(file: &FileInput, mapped: &Mapped) -> Result<Ids, MapError> {
    let column = |name: &str| mapped.rows.column_by_name(name).map(Arc::clone);
    let default = ["beneficiary_name", "title", "start_date"].map(String::from);
    let declared = &file.source.toml.identity;
    let fields: &[String] = if declared.is_empty() {
        &default
    } else {
        declared
    };
    let identity: Vec<ArrayRef> = fields.iter().filter_map(|f| column(f)).collect();
    let mut content: Vec<ArrayRef> = [
        "summary",
        "end_date",
        "amount_date",
        "place",
        "postcode",
        "support_scheme",
    ]
    .iter()
    .filter_map(|f| column(f))
    .collect();
    content.extend(
        mapped
            .amounts
            .iter()
            .map(|a| Arc::new(a.values.clone()) as ArrayRef),
    );
    let natural = mapped
        .rows
        .column_by_name("natural_id")
        .map(arrow::array::AsArray::as_string::<i32>);
    Ok(operation_ids(
        file.source.list_id(),
        mapped.rows.num_rows(),
        natural,
        &identity,
        &content,
    )?)
}

/// Leaves marked rows out and counts them as ignored.
pub(super) fn drop_rows(
    part: &mut Part,
    drop: &[bool],
    reason: &'static str,
) -> Result<(), MapError> {
    let keep: BooleanArray = drop.iter().map(|d| Some(!d)).collect();
    let dropped = drop.iter().filter(|d| **d).count() as u64;
    if dropped == 0 {
        return Ok(());
    }
    part.mapped.filter(&keep)?;
    let text = |array: &StringArray| -> Result<StringArray, arrow::error::ArrowError> {
        Ok(arrow::compute::filter(array, &keep)?.as_string().clone())
    };
    part.ids = Ids {
        ids: text(&part.ids.ids)?,
        basis: text(&part.ids.basis)?,
        repeated_natural: Vec::new(),
        shared_rows: Vec::new(),
    };
    let country = part.file.source.toml.country.as_deref().unwrap_or("");
    part.bodies = organisation::beneficiaries(&part.mapped, country);
    part.mapped.account.loaded -= dropped;
    part.mapped.account.ignore(reason, dropped);
    Ok(())
}

/// A doubt about one row of a mapped file.
pub(super) fn doubt_at(
    mapped: &Mapped,
    row: usize,
    rule: &'static str,
    severity: Severity,
    message: impl Into<String>,
) -> Doubt {
    Doubt {
        row: Some(mapped.row_numbers.as_primitive::<Int64Type>().value(row)),
        location: mapped.locations.as_string::<i32>().value(row).to_string(),
        ..Doubt::of_file(rule, severity, message)
    }
}
