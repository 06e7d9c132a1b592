//! Reads the place columns of the shared lists for the tests, plainly: whole files, whole cells, no readers of the
//! pipeline, so that this test stands alone.

use std::path::{Path, PathBuf};

use calamine::{Data, Reader};
use serde::Deserialize;

/// A column: position or key.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Column {
    At(usize),
    Key(String),
}

/// Where a list's columns of place stand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListSpec {
    pub(super) file: String,
    #[serde(default)]
    delimiter: Option<String>,
    #[serde(default)]
    sheet: Option<String>,
    #[serde(default)]
    first: usize,
    #[serde(default)]
    last: Option<usize>,
    pub(super) within: Option<String>,
    pub(super) decides: Option<String>,
    pub(super) list_of: Option<String>,
    country: Option<Column>,
    postcode: Option<Column>,
    place: Option<Column>,
    municipality: Option<Column>,
    district: Option<Column>,
    municipality_code: Option<Column>,
    region: Option<Column>,
}

/// One row: its number in the file and its cells, in the order country, postcode, place, municipality, district,
/// municipality code, region.
pub(super) struct Row {
    pub(super) number: usize,
    pub(super) cells: [Option<String>; 7],
}

impl ListSpec {
    pub(super) fn country(&self) -> &'static str {
        if self.file.starts_with("se_") {
            "SE"
        } else {
            "DE"
        }
    }

    fn columns(&self) -> [&Option<Column>; 7] {
        [
            &self.country,
            &self.postcode,
            &self.place,
            &self.municipality,
            &self.district,
            &self.municipality_code,
            &self.region,
        ]
    }

    /// All rows of data.
    pub(super) fn rows(&self, bytes: &[u8]) -> Vec<Row> {
        if Path::new(&self.file)
            .extension()
            .is_some_and(|e| e == "json")
        {
            let items: Vec<serde_json::Map<String, serde_json::Value>> =
                serde_json::from_slice(bytes).unwrap();
            let cell = |item: &serde_json::Map<_, _>, column: &Option<Column>| match column {
                Some(Column::Key(key)) => item
                    .get(key)
                    .and_then(serde_json::Value::as_str)
                    .map(str::to_owned),
                _ => None,
            };
            return items
                .iter()
                .enumerate()
                .map(|(i, item)| Row {
                    number: i + 1,
                    cells: self.columns().map(|c| cell(item, c)),
                })
                .collect();
        }
        let table = if Path::new(&self.file)
            .extension()
            .is_some_and(|e| e == "csv")
        {
            self.csv(bytes)
        } else {
            self.workbook(bytes)
        };
        let cell = |row: &[String], column: &Option<Column>| match column {
            Some(Column::At(at)) => row.get(*at).filter(|c| !c.is_empty()).cloned(),
            _ => None,
        };
        table
            .iter()
            .enumerate()
            .map(|(i, row)| (i + 1, row))
            .filter(|(number, _)| {
                *number >= self.first && self.last.is_none_or(|last| *number <= last)
            })
            .map(|(number, row)| Row {
                number,
                cells: self.columns().map(|c| cell(row, c)),
            })
            .collect()
    }

    fn csv(&self, bytes: &[u8]) -> Vec<Vec<String>> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
        };
        let delimiter = self.delimiter.as_ref().map_or(b',', |d| d.as_bytes()[0]);
        let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let (mut out, mut ends) = (vec![0; 1 << 20], vec![0; 256]);
        let (mut input, mut rows) = (text.as_bytes(), Vec::new());
        loop {
            let (result, read, written, n) = reader.read_record(input, &mut out, &mut ends);
            input = &input[read..];
            match result {
                csv_core::ReadRecordResult::Record => {
                    let starts = std::iter::once(0).chain(ends[..n].iter().copied());
                    let cells = starts
                        .zip(&ends[..n])
                        .map(|(a, b)| String::from_utf8_lossy(&out[a..*b]).into_owned());
                    rows.push(cells.collect());
                }
                csv_core::ReadRecordResult::End => return rows,
                csv_core::ReadRecordResult::InputEmpty if written == 0 && n == 0 => {}
                other => panic!(
                    "{}: a record is larger than this test provides for: {other:?}",
                    self.file
                ),
            }
        }
    }

    fn workbook(&self, bytes: &[u8]) -> Vec<Vec<String>> {
        let mut book = calamine::open_workbook_auto_from_rs(std::io::Cursor::new(bytes)).unwrap();
        let range = book
            .worksheet_range(self.sheet.as_deref().unwrap())
            .unwrap();
        let (top, left) = range.start().unwrap();
        let text = |cell: &Data| match cell {
            Data::Empty => String::new(),
            other => other.to_string(),
        };
        let pad = std::iter::repeat_n(Vec::new(), top as usize);
        let rows = range.rows().map(|row| {
            std::iter::repeat_n(String::new(), left as usize)
                .chain(row.iter().map(text))
                .collect()
        });
        pad.chain(rows).collect()
    }
}

/// The shared folder, if this machine has it.
pub(super) fn shared() -> Option<PathBuf> {
    let near = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared");
    let places = [
        std::env::var("ESF_SHARED").ok().map(PathBuf::from),
        Some(PathBuf::from(near)),
        Some(PathBuf::from(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../shared"
        ))),
    ];
    places
        .into_iter()
        .flatten()
        .find(|p| p.join("data/reference").is_dir())
}

/// The declared columns.
pub(super) fn specs() -> Vec<ListSpec> {
    #[derive(Deserialize)]
    struct All {
        list: Vec<ListSpec>,
    }
    toml::from_str::<All>(include_str!("../testdata/columns.toml"))
        .unwrap()
        .list
}
