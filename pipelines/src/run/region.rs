//! The tables of regions over time: `region`, `region_change` and `region_conversion`, from the published tables and
//! workbooks at hand and from the declared changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use esf_engine::release::Warehouse;
use esf_schemas::code_list;

use super::RunError;
use super::codes::{decimals, list_hash};
use super::inputs::{InputFile, Inputs};
use super::reference::{beside, broken};
use crate::merge::rows::{RowsError, same, table_rows};
use crate::read::Limits;
use crate::region::{
    CHANGES_ROLE, Change, Conversion, NutsCode, REGIONS_ROLE, Versions, Workbook, changes,
    each_record, read_changes,
};

/// Where a row comes from: source, hash, place and row number.
type Origin = (String, String, String, i64);

/// A region as it becomes a row.
struct Region {
    origin: Origin,
    code: NutsCode,
    version: String,
    name: Option<String>,
    country: String,
    basis: &'static str,
}

/// A table of regions as published: its version, and by code the name, the country and the line.
struct Published<'a> {
    file: &'a InputFile,
    version: String,
    regions: Regions,
}

/// By code the name, the country and the line.
pub(super) type Regions = BTreeMap<NutsCode, (String, String, i64)>;

/// The names of the tables of regions.
pub(super) const TABLES: [&str; 3] = ["region", "region_change", "region_conversion"];

/// The tables of regions.
pub(super) async fn tables(
    warehouse: &Warehouse,
    inputs: &Inputs,
    limits: &Limits,
) -> Result<Vec<(&'static str, Vec<RecordBatch>)>, RunError> {
    let mut published: Vec<Published<'_>> = Vec::new();
    let mut books: Vec<(&InputFile, Workbook)> = Vec::new();
    for file in &inputs.references {
        match file.source.toml.role.as_deref() {
            Some(REGIONS_ROLE) => {
                let loading = file.load(warehouse, false, &inputs.masks, limits.max_bytes);
                let content = loading.await?.content;
                let limits = limits.clone();
                let read = beside(move || {
                    let bytes = content.bytes().map_err(|e| e.to_string())?;
                    read_regions(&bytes, &limits)
                })
                .await?;
                published.push(Published::new(file, read.map_err(|e| broken(file, &e))?));
            }
            Some(CHANGES_ROLE) => {
                let loading = file.load(warehouse, false, &inputs.masks, limits.max_bytes);
                let content = loading.await?.content;
                let limits = limits.clone();
                let read = beside(move || read_changes(&content.bytes()?, &limits)).await?;
                books.push((file, read.map_err(|e| broken(file, &e.to_string()))?));
            }
            _ => {}
        }
    }
    published.sort_by(|a, b| a.version.cmp(&b.version));
    let mut all: Vec<(Option<&InputFile>, Change)> = changes()
        .iter()
        .map(|change| (None, change.clone()))
        .collect();
    for (file, book) in &books {
        for change in &book.changes {
            let known = |c: &Change| {
                (c.from, c.to, &c.to_version) == (change.from, change.to, &change.to_version)
            };
            if !all.iter().any(|(_, c)| known(c)) {
                all.push((Some(file), change.clone()));
            }
        }
    }
    let versions = published.last().map(|newest| {
        let names = newest
            .regions
            .iter()
            .map(|(code, (name, _, _))| (*code, name.clone()));
        let changes: Vec<Change> = all.iter().map(|(_, c)| c.clone()).collect();
        let mut versions = Versions::with(&newest.version, &names.collect(), &changes);
        for ((version, code), name) in books.iter().flat_map(|(_, book)| &book.names) {
            versions.name(version, *code, name);
        }
        versions
    });
    let versions = versions.unwrap_or_default();
    let rows = [
        regions(&published, &versions)?,
        region_changes(&all)?,
        conversions(&versions)?,
    ];
    let rows = rows.map(|batch| vec![batch]);
    Ok(TABLES.into_iter().zip(rows).collect())
}

/// Reads a table of regions. Fails, in words, if it cannot be read or has a code that is none.
pub(super) fn read_regions(bytes: &[u8], limits: &Limits) -> Result<Regions, String> {
    let mut regions = Regions::new();
    let mut wrong = None;
    let columns = ["NUTS_ID", "CNTR_CODE", "NUTS_NAME"];
    each_record(
        "nuts",
        bytes,
        columns,
        limits,
        |line, [code, country, name]| {
            if let Some(code) = NutsCode::parse(code) {
                let region = (name.to_owned(), country.to_owned(), i64::from(line));
                regions.insert(code, region);
            } else {
                wrong.get_or_insert(line);
            }
        },
    )
    .map_err(|e| e.to_string())?;
    match wrong {
        Some(line) => Err(format!("line {line}: NUTS_ID is no NUTS code")),
        None => Ok(regions),
    }
}

impl<'a> Published<'a> {
    fn new(file: &'a InputFile, regions: Regions) -> Self {
        let version = file.source.toml.nuts_version.as_deref();
        Self {
            file,
            version: version.unwrap_or("unknown").to_owned(),
            regions,
        }
    }

    fn origin(&self, line: i64) -> Origin {
        (
            self.file.source.source_id.clone(),
            self.file.sha256.clone(),
            format!("line {line}"),
            line - 1,
        )
    }
}

/// Place of an entry of the code list of changes.
fn entry(number: Option<i64>) -> Origin {
    let list = code_list("nuts_change");
    let place = number.map_or_else(|| "list".to_owned(), |n| format!("entry {n}"));
    (
        "codes/nuts_change".to_owned(),
        list.map(list_hash).unwrap_or_default(),
        place,
        number.unwrap_or(0),
    )
}

fn regions(published: &[Published<'_>], versions: &Versions) -> Result<RecordBatch, RowsError> {
    let mut rows: Vec<Region> = Vec::new();
    for table in published {
        for (code, (name, country, line)) in &table.regions {
            rows.push(Region {
                origin: table.origin(*line),
                code: *code,
                version: table.version.clone(),
                name: Some(name.clone()),
                country: country.clone(),
                basis: "published",
            });
        }
    }
    let of_own: BTreeSet<&str> = published.iter().map(|p| p.version.as_str()).collect();
    let newest = published.last();
    for version in versions.names().filter(|v| !of_own.contains(v)) {
        for (code, known) in versions.regions(version) {
            let as_published = newest.and_then(|n| Some((n, n.regions.get(code)?.2)));
            let (origin, basis) = match (known.entry, as_published) {
                (None, Some((table, line))) => (table.origin(line), "unchanged"),
                _ => (entry(known.entry), "derived"),
            };
            rows.push(Region {
                origin,
                code: *code,
                version: version.to_owned(),
                name: known.name.clone(),
                country: code.at_level(0).to_string(),
                basis,
            });
        }
    }
    let n = rows.len();
    let text = |get: &dyn Fn(&Region) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(get).collect::<StringArray>())
    };
    let level = |r: &Region| i64::from(r.code.level());
    let parent = |r: &Region| {
        let up = r.code.level().checked_sub(1)?;
        Some(r.code.at_level(up).to_string())
    };
    let mut columns = origins(rows.iter().map(|r| &r.origin));
    columns.extend([
        ("nuts_code", text(&|r| Some(r.code.to_string()))),
        ("nuts_version", text(&|r| Some(r.version.clone()))),
        (
            "level",
            Arc::new(rows.iter().map(|r| Some(level(r))).collect::<Int64Array>()) as ArrayRef,
        ),
        ("name", text(&|r| r.name.clone())),
        ("parent_nuts_code", text(&parent)),
        ("country", text(&|r| Some(r.country.clone()))),
        ("basis", text(&|r| Some(r.basis.to_owned()))),
    ]);
    table_rows("region", n, columns)
}

fn origins<'a>(rows: impl Iterator<Item = &'a Origin>) -> Vec<(&'static str, ArrayRef)> {
    let rows: Vec<&Origin> = rows.collect();
    let text = |get: fn(&Origin) -> &String| -> ArrayRef {
        Arc::new(rows.iter().map(|r| Some(get(r))).collect::<StringArray>())
    };
    vec![
        ("source_id", text(|r| &r.0)),
        ("source_file", text(|r| &r.1)),
        ("source_location", text(|r| &r.2)),
        (
            "source_row",
            Arc::new(rows.iter().map(|r| Some(r.3)).collect::<Int64Array>()),
        ),
    ]
}

fn region_changes(all: &[(Option<&InputFile>, Change)]) -> Result<RecordBatch, RowsError> {
    let from: Vec<Origin> = all
        .iter()
        .map(|(file, change)| match file {
            None => entry(Some(change.entry)),
            Some(file) => (
                file.source.source_id.clone(),
                file.sha256.clone(),
                format!("change {}", change.entry),
                change.entry,
            ),
        })
        .collect();
    let text = |get: &dyn Fn(&Change) -> Option<String>| -> ArrayRef {
        Arc::new(all.iter().map(|(_, c)| get(c)).collect::<StringArray>())
    };
    // A whole region went to one other only if no other change takes a part of it.
    let whole = |change: &Change| {
        use crate::region::Relation::{Merged, Recoded};
        let mut others = all.iter().map(|(_, c)| c);
        let divided = others.any(|c| {
            (c.from, &c.to_version) == (change.from, &change.to_version) && c.to != change.to
        });
        matches!(change.relation, Recoded | Merged) && !divided
    };
    let weights = all.iter().map(|(_, c)| whole(c).then(|| "1".to_owned()));
    let mut columns = origins(from.iter());
    columns.extend([
        ("from_nuts_code", text(&|c| Some(c.from.to_string()))),
        ("to_nuts_code", text(&|c| Some(c.to.to_string()))),
        ("from_version", text(&|c| Some(c.from_version.clone()))),
        ("to_version", text(&|c| Some(c.to_version.clone()))),
        ("relation", text(&|c| Some(c.relation.name().to_owned()))),
        ("name", text(&|c| c.name.clone())),
        ("weight", decimals(weights, 9, 8)?),
        ("change", text(&|c| c.change.clone())),
        ("status", text(&|c| Some(c.status.clone()))),
        ("note", text(&|c| c.note.clone())),
    ]);
    table_rows("region_change", all.len(), columns)
}

/// A region in one version, the versions it is converted between, and what becomes of it.
type Converted<'v> = (NutsCode, &'v str, &'v str, Conversion);

/// Every region in every version, its own included, so that nobody has to treat that one apart.
fn conversions(versions: &Versions) -> Result<RecordBatch, RowsError> {
    let mut rows: Vec<(NutsCode, &str, &str, Conversion)> = Vec::new();
    for from in versions.names() {
        for (code, _) in versions.regions(from) {
            for to in versions.names() {
                let country = code.at_level(0);
                // Versions of a country that nobody declares to be known are no versions of it.
                if from != to && !versions.regions(to).any(|(c, _)| c.at_level(0) == country) {
                    continue;
                }
                let found = if from == to {
                    Some(Conversion::Same(*code))
                } else {
                    versions.convert(*code, from, to)
                };
                rows.extend(found.map(|found| (*code, from, to, found)));
            }
        }
    }
    let n = rows.len();
    let list = entry(None);
    let text = |get: &dyn Fn(&Converted<'_>) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(get).collect::<StringArray>())
    };
    let target = |found: &Conversion| match found {
        Conversion::Same(code) | Conversion::PartOf(code) => Some(code.to_string()),
        Conversion::Divided(_) => None,
    };
    let exact = |found: &Conversion| target(found).is_some();
    let mut columns = origins(std::iter::repeat_n(&list, n));
    columns.extend([
        ("from_code", text(&|r| Some(r.0.to_string()))),
        ("from_version", text(&|r| Some(r.1.to_owned()))),
        ("to_code", text(&|r| target(&r.3))),
        ("to_version", text(&|r| Some(r.2.to_owned()))),
        (
            "weight",
            decimals(
                rows.iter().map(|r| exact(&r.3).then(|| "1".to_owned())),
                9,
                8,
            )?,
        ),
        (
            "exact",
            Arc::new(
                rows.iter()
                    .map(|r| Some(exact(&r.3)))
                    .collect::<BooleanArray>(),
            ) as ArrayRef,
        ),
        (
            "relation",
            text(&|r| match &r.3 {
                Conversion::Same(_) => Some("same".to_owned()),
                Conversion::PartOf(_) => Some("part_of".to_owned()),
                Conversion::Divided(_) => None,
            }),
        ),
        (
            "reason",
            text(&|r| match &r.3 {
                Conversion::Divided(reason) => Some(reason.clone()),
                _ => None,
            }),
        ),
    ]);
    columns[0].1 = same(Some(&list.0), n);
    table_rows("region_conversion", n, columns)
}
