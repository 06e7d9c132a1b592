//! Where operations take place and where their beneficiaries sit, as rows of `operation_region`.
//!
//! The two roles are never mixed: a postcode of the seat says nothing about the place of implementation. Weights of an
//! operation and role sum to exactly one; what no region could be given is a row with the country as its code.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Decimal128Array, RecordBatch, StringArray, StringBuilder, UInt32Array,
};

use super::doubts::{RegionDoubts, severity};
use super::operation::Loaded;
use super::part::doubt_at;
use super::rows::{RowsError, table_rows};
use crate::check::Doubt;
use crate::region::{Columns, Decides, Field, Gazetteer, ONE, Resolved, resolve_columns};
use crate::source::LocationDecides;

/// One region of one operation in one role.
struct Share {
    row: u32,
    role: &'static str,
    /// Shared by all rows of the same outcome.
    nuts_code: Arc<str>,
    place: Place,
    weight: i64,
    method: &'static str,
}

/// What a publication calls the place.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Nothing.
    Nothing,
    /// All cells of the row that say where.
    Cells,
    /// One item of a list of places in one cell.
    Item(String),
}

/// Regions of all rows of a file.
pub(super) struct Regions {
    /// Rows of `operation_region`.
    pub rows: Option<RecordBatch>,
    /// For each operation its main place of implementation.
    pub main: StringArray,
    /// For each operation the region of its beneficiary's seat, where one is known.
    pub seat: Option<StringArray>,
    /// Doubts about items of lists of places.
    pub findings: Vec<Doubt>,
    /// Doubts about whole rows, by role.
    pub doubts: Vec<RegionDoubts>,
    /// Operations with a region below the country.
    pub coded: u64,
    /// Operations in the region that the source declares, and all that have one or are abroad; none where it declares no region.
    pub inside: Option<(u64, u64)>,
}

/// Codes of regions that lie in a declared one, and all but those of which it is a part itself, such as its country: these say
/// nothing of it.
pub(crate) fn within<'c>(codes: impl Iterator<Item = &'c str>, declared: &str) -> (u64, u64) {
    let (mut inside, mut all) = (0, 0);
    for code in codes {
        let is_inside = code.starts_with(declared);
        if is_inside || !declared.starts_with(code) {
            inside += u64::from(is_inside);
            all += 1;
        }
    }
    (inside, all)
}

/// Cells that say where, by role.
struct Witnesses<'a> {
    columns: Columns<'a>,
    lists: [(Field, Option<&'a StringArray>); 2],
}

impl Witnesses<'_> {
    /// The cells that say where, besides the country.
    fn cells(&self) -> impl Iterator<Item = &StringArray> {
        let c = &self.columns;
        let single = [
            c.postcode,
            c.place,
            c.municipality,
            c.district,
            c.municipality_code,
            c.nuts_code,
            c.region,
        ];
        single.into_iter().flatten()
    }

    fn any(&self) -> bool {
        let filled = |a: &&StringArray| a.null_count() < a.len();
        self.cells().any(|a| filled(&a))
            || self
                .lists
                .iter()
                .filter_map(|(_, a)| *a)
                .any(|a| filled(&a))
    }
}

/// Finds the regions of all operations of a file.
pub(super) fn regions(loaded: &Loaded<'_>, gazetteer: &Gazetteer) -> Result<Regions, RowsError> {
    let toml = &loaded.file.source.toml;
    let n = loaded.rows();
    let country_text = loaded.text("country_text");
    let list_country = toml.country.as_deref();
    let swedish = list_country == Some("SE");
    // Swedish lists name several kommuner and län in one cell; German cells have commas that belong to the name.
    let list_of = |name: &str| loaded.text(name).filter(|_| swedish);
    let single = |name: &str| loaded.text(name).filter(|_| !swedish);
    let implementation = Witnesses {
        columns: Columns {
            country: country_text,
            postcode: loaded.text("postcode"),
            place: loaded.text("place"),
            municipality: single("municipality"),
            district: single("district"),
            municipality_code: loaded.text("municipality_code"),
            nuts_code: loaded.text("nuts_code"),
            region: loaded.text("region"),
        },
        lists: [
            (Field::Municipality, list_of("municipality")),
            (Field::District, list_of("district")),
        ],
    };
    let seat = Witnesses {
        columns: Columns {
            country: loaded.text("beneficiary_country_text"),
            postcode: loaded.text("beneficiary_postcode"),
            place: loaded.text("beneficiary_place"),
            ..Columns::default()
        },
        lists: [(Field::Municipality, None), (Field::District, None)],
    };
    let (mut findings, mut doubts) = (Vec::new(), Vec::new());
    let mut shares = shares(
        loaded,
        gazetteer,
        &implementation,
        "implementation",
        &mut findings,
        &mut doubts,
    );
    if !implementation.any() {
        // Nothing is published about the place: the list as a whole is about one Land, or a country code says more.
        let stated = country_text.map(|c| {
            resolve_columns(
                gazetteer,
                list_country.unwrap_or(""),
                None,
                Decides::Neither,
                &Columns {
                    country: Some(c),
                    ..Columns::default()
                },
            )
        });
        let whole: Option<Arc<str>> = toml.nuts_code.as_deref().map(Arc::from);
        for share in &mut shares {
            let code = stated
                .as_ref()
                .filter(|s| s.codes.is_valid(share.row as usize))
                .map(|s| s.codes.value(share.row as usize));
            if let Some(code) = code.filter(|code| code.len() > 2) {
                share.nuts_code = code.into();
                share.method = "stated code";
            } else if let Some(code) = &whole {
                share.nuts_code = Arc::clone(code);
                share.method = "whole list";
            }
        }
    }
    let mut main: Vec<Option<&str>> = vec![None; n];
    let mut best = vec![0i64; n];
    for share in &shares {
        let row = share.row as usize;
        if share.weight > best[row] {
            best[row] = share.weight;
            main[row] = Some(&share.nuts_code);
        }
    }
    let main: StringArray = main
        .into_iter()
        .map(|code| code.filter(|c| !c.is_empty()))
        .collect();
    let coded = main.iter().flatten().filter(|code| code.len() > 2).count() as u64;
    let declared = toml.nuts_code.as_deref();
    let inside = declared.map(|declared| within(main.iter().flatten(), declared));
    let mut seats = None;
    if seat.any() {
        let mut of_seat =
            self::shares(loaded, gazetteer, &seat, "seat", &mut findings, &mut doubts);
        // A row whose seat is not published has no seat, rather than one somewhere in the country.
        of_seat.retain(|s| s.place != Place::Nothing);
        let mut codes: Vec<Option<&str>> = vec![None; n];
        for share in &of_seat {
            codes[share.row as usize] = Some(&*share.nuts_code).filter(|c| c.len() > 2);
        }
        seats = Some(codes.into_iter().collect());
        shares.extend(of_seat);
    }
    // The order of the table; both roles come in the order of the rows, so that sorting is merging.
    shares.sort_by(|a, b| {
        let key = |s: &Share| (s.row, s.role);
        key(a)
            .cmp(&key(b))
            .then_with(|| (&a.nuts_code, &a.place).cmp(&(&b.nuts_code, &b.place)))
    });
    let rows = region_rows(
        loaded,
        &shares,
        &[&implementation, &seat],
        gazetteer.nuts_version(),
    )?;
    Ok(Regions {
        rows: Some(rows),
        main,
        seat: seats,
        findings,
        doubts,
        coded,
        inside,
    })
}

fn shares(
    loaded: &Loaded<'_>,
    gazetteer: &Gazetteer,
    witnesses: &Witnesses<'_>,
    role: &'static str,
    findings: &mut Vec<Doubt>,
    doubts: &mut Vec<RegionDoubts>,
) -> Vec<Share> {
    let toml = &loaded.file.source.toml;
    let country = toml.country.as_deref().unwrap_or("");
    let decides = match toml.location_decides {
        LocationDecides::Neither => Decides::Neither,
        LocationDecides::Place => Decides::Place,
        LocationDecides::Postcode => Decides::Postcode,
    };
    let n = loaded.rows();
    let mut outcome = resolve_columns(
        gazetteer,
        country,
        toml.nuts_code.as_deref(),
        decides,
        &witnesses.columns,
    );
    let problems = std::mem::take(&mut outcome.problems);
    if !problems.is_empty() {
        doubts.push(RegionDoubts::new(loaded, role, problems));
    }
    let codes: Vec<Option<Arc<str>>> = outcome
        .distinct
        .iter()
        .map(|resolved| match resolved {
            Resolved::Found { nuts_code, .. } => Some(nuts_code.as_str().into()),
            Resolved::Foreign { country } => Some((*country).into()),
            _ => None,
        })
        .collect();
    let country_code: Arc<str> = country.into();
    let mut shares = Vec::with_capacity(n);
    let mut memo: std::collections::HashMap<(usize, String), crate::region::ListOutcome> =
        std::collections::HashMap::new();
    for row in 0..n {
        let at = outcome.index.get(row).map(|i| *i as usize);
        let resolved = at.map(|at| &outcome.distinct[at]);
        let code = at.and_then(|at| codes[at].as_ref());
        let place = || {
            if witnesses.cells().any(|a| a.is_valid(row)) {
                Place::Cells
            } else {
                Place::Nothing
            }
        };
        if let (Some(Resolved::Found { method, .. }), Some(code)) = (resolved, code) {
            shares.push(Share {
                row: row as u32,
                role,
                nuts_code: Arc::clone(code),
                place: place(),
                weight: ONE,
                method,
            });
            continue;
        }
        let mut found = false;
        for (index, (field, cells)) in witnesses.lists.iter().enumerate() {
            let Some(cells) = cells.filter(|c| c.is_valid(row)) else {
                continue;
            };
            let text = cells.value(row);
            let list = memo.entry((index, text.to_string())).or_insert_with(|| {
                gazetteer.resolve_list(country, toml.nuts_code.as_deref(), *field, text)
            });
            if list.items.iter().all(|i| i.nuts_code.is_none()) {
                continue;
            }
            for (name, _) in &list.problems {
                let message =
                    "no region of this name is known; its share stays with the country".to_string();
                findings.push(doubt(
                    loaded,
                    row,
                    "region_unknown",
                    role,
                    name.clone(),
                    message,
                ));
            }
            shares.extend(list.items.iter().map(|item| {
                Share {
                    row: row as u32,
                    role,
                    nuts_code: item
                        .nuts_code
                        .as_deref()
                        .map_or_else(|| Arc::clone(&country_code), Arc::from),
                    place: Place::Item(item.places.join(", ")),
                    weight: item.weight,
                    method: if list.items.len() > 1 {
                        "equal split"
                    } else {
                        item.method
                    },
                }
            }));
            found = true;
            break;
        }
        if !found {
            let (nuts_code, method) = match (resolved, code) {
                (Some(Resolved::Foreign { .. }), Some(code)) => (Arc::clone(code), "foreign"),
                _ => (Arc::clone(&country_code), "none"),
            };
            shares.push(Share {
                row: row as u32,
                role,
                nuts_code,
                place: place(),
                weight: ONE,
                method,
            });
        }
    }
    shares
}

fn doubt(
    loaded: &Loaded<'_>,
    row: usize,
    rule: &'static str,
    role: &str,
    value: String,
    message: String,
) -> Doubt {
    Doubt {
        column: Some(role.to_string()),
        value: Some(value),
        operation_id: Some(loaded.ids.ids.value(row).to_string()),
        ..doubt_at(loaded.mapped, row, rule, severity(rule), message)
    }
}

/// Rows of `operation_region`; `witnesses` are the cells of the roles `implementation` and `seat`.
fn region_rows(
    loaded: &Loaded<'_>,
    shares: &[Share],
    witnesses: &[&Witnesses<'_>; 2],
    version: &str,
) -> Result<RecordBatch, RowsError> {
    let failed = |cause| RowsError::Arrow {
        table: "operation_region".into(),
        cause,
    };
    let at = UInt32Array::from_iter_values(shares.iter().map(|s| s.row));
    let mut columns = loaded.provenance_of(&at).map_err(failed)?;
    let mut places = StringBuilder::with_capacity(shares.len(), shares.len() * 8);
    let mut joined = String::new();
    for share in shares {
        match &share.place {
            Place::Nothing => places.append_null(),
            Place::Item(item) => places.append_value(item),
            Place::Cells => {
                joined.clear();
                let of_role = witnesses[usize::from(share.role == "seat")];
                for cells in of_role.cells().filter(|a| a.is_valid(share.row as usize)) {
                    if !joined.is_empty() {
                        joined.push_str(", ");
                    }
                    joined.push_str(cells.value(share.row as usize));
                }
                places.append_value(&joined);
            }
        }
    }
    let text = |get: fn(&Share) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(shares.iter().map(get)))
    };
    let weights = Decimal128Array::from_iter_values(shares.iter().map(|s| i128::from(s.weight)));
    columns.extend([
        ("role", text(|s| s.role)),
        (
            "nuts_code",
            text(|s| {
                if s.nuts_code.is_empty() {
                    "unknown"
                } else {
                    &s.nuts_code
                }
            }),
        ),
        (
            "nuts_version",
            super::rows::same(Some(version), shares.len()),
        ),
        ("place", Arc::new(places.finish())),
        (
            "weight",
            Arc::new(weights.with_precision_and_scale(9, 8).map_err(failed)?),
        ),
        ("method", text(|s| s.method)),
    ]);
    table_rows("operation_region", shares.len(), columns)
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn what_lies_in_a_region_is_told_from_what_lies_elsewhere_and_from_what_is_not_known() {
        let codes = ["DE300", "DE3", "DE", "DE501", "PL", "DE3"];
        assert_eq!(within(codes.into_iter(), "DE3"), (3, 5));
        // Less than what is declared says nothing.
        assert_eq!(within(["DE3", "DE300"].into_iter(), "DE300"), (1, 1));
        assert_eq!(within(std::iter::empty(), "DE3"), (0, 0));
    }
}
