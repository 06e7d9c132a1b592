//! The release document `releases/<number>.json`, as written and as read.
//!
//! Fields that this program does not know are kept (`extra`): a document of a later program with the same
//! format version keeps its meaning and its content hash.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use esf_schemas::Visibility;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{ReleaseError, Result};

/// The format version written, and the newest one read.
pub const FORMAT_VERSION: u64 = 1;

/// The field of a document that names the redactions which are carried on.
pub(crate) const KEPT_OUT_BY: &str = "kept_out_by";

/// The field of a document that names the redactions which rewrote it.
pub(crate) const REDACTIONS: &str = "redactions";

/// One published state of the warehouse.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Release {
    /// The format of this document.
    pub format_version: u64,
    /// The number: one more than that of the release before.
    pub number: u64,
    /// The run that published it.
    pub run_id: String,
    /// When it was published.
    pub created_at: Timestamp,
    /// The fingerprint of the program that made it.
    pub program: String,
    /// The hash of everything but number, run and time: what one cites.
    pub content_hash: String,
    /// Whether it was made of bundled samples.
    #[serde(default)]
    pub demonstration: bool,
    /// The tables by name.
    pub tables: BTreeMap<String, TableState>,
    /// The key of every step that was part of it.
    #[serde(default)]
    pub steps: BTreeMap<String, String>,
    /// The sources by id, with the files read.
    #[serde(default)]
    pub sources: BTreeMap<String, SourceState>,
    /// The results of the release-wide checks.
    #[serde(default)]
    pub checks: Vec<CheckResult>,
    /// By source the files that rollbacks left behind, and that no later run has taken up again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_behind: BTreeMap<String, Vec<LeftBehind>>,
    /// The redactions that it and all releases before it are without, and whose records must be there: whatever is published on top
    /// carries them on. `None` where a program published it that did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_out_by: Option<BTreeSet<String>>,
    /// Fields of later programs.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A published file that a rollback left behind: the releases that it went back from had it, and the one that it went back to
/// has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftBehind {
    /// The sha256 of its bytes.
    pub sha256: String,
    /// The release that the rollback published.
    pub release: u64,
    /// The run of the rollback, whose record has its reason.
    pub run_id: String,
}

/// A table in a release.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableState {
    /// Who may see it.
    #[serde(serialize_with = "visibility_name")]
    pub visibility: Visibility,
    /// Its columns in order.
    pub schema: Vec<ColumnState>,
    /// The columns that the rows of each file are sorted by, ascending, nulls last.
    #[serde(default)]
    pub sort: Vec<String>,
    /// The columns that identify a row.
    #[serde(default)]
    pub key: Vec<String>,
    /// Its files; none for an empty table.
    #[serde(default)]
    pub files: Vec<DataFile>,
    /// Fields of later programs.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A column of a table in a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnState {
    /// Its name.
    pub name: String,
    /// Its Arrow type as Arrow writes it, such as `Decimal128(18, 2)`.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Whether it may be null.
    #[serde(default = "yes")]
    pub nullable: bool,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// An immutable file of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Its path in the store, ending in its hash.
    pub path: String,
    /// How many rows it holds. 0 where that is told by nobody: a file without rows is not kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The sha256 of its bytes.
    pub sha256: String,
    /// Which part of the table it is; files of unchanged parts are carried over.
    #[serde(default)]
    pub partition: String,
    /// How many bytes at its end are metadata: what a reader fetches first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub footer_bytes: u64,
    /// The smallest value of each sort column, as text, where it is known exactly.
    #[serde(default)]
    pub min: BTreeMap<String, String>,
    /// The largest value of each sort column.
    #[serde(default)]
    pub max: BTreeMap<String, String>,
}

/// A source in a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceState {
    /// The list it contributes to.
    #[serde(default)]
    pub list_id: String,
    /// Whether it was held at an earlier state because its newest file failed a check.
    #[serde(default)]
    pub held: bool,
    /// The hashes of the declarations used, by name; their text is kept in `raw/`.
    #[serde(default)]
    pub declarations: BTreeMap<String, String>,
    /// The files read.
    #[serde(default)]
    pub files: Vec<SourceFileState>,
    /// Whatever else the pipeline wants to find again in the next run, and fields of later programs.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A published file behind a release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFileState {
    /// The sha256 of its bytes, kept as `raw/<sha256>`.
    pub sha256: String,
    /// The name it was published under.
    pub file_name: String,
    /// Its size; 0 where it is not told, because it says how many people the file is about.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub bytes: u64,
    /// Fields of later programs.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The result of one release-wide check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The name of the check.
    pub name: String,
    /// Whether it passed.
    pub passed: bool,
    /// How many rows or files it looked at.
    #[serde(default)]
    pub checked: u64,
    /// How many of them failed.
    #[serde(default)]
    pub failed: u64,
    /// What was found, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl Release {
    /// Reads a document. Fails on later formats and on anything that is no release, naming the path.
    pub(crate) fn parse(path: &str, bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Probe {
            format_version: u64,
        }
        let unreadable = |e: serde_json::Error| ReleaseError::Unreadable {
            path: path.to_owned(),
            reason: e.to_string(),
        };
        let probe: Probe = serde_json::from_slice(bytes).map_err(unreadable)?;
        if probe.format_version > FORMAT_VERSION {
            let (found, supported) = (probe.format_version, FORMAT_VERSION);
            return Err(ReleaseError::Newer {
                path: path.to_owned(),
                found,
                supported,
            });
        }
        serde_json::from_slice(bytes).map_err(unreadable)
    }

    /// The path of the document of a number.
    pub fn path(number: u64) -> String {
        format!("releases/{number:08}.json")
    }

    /// The redactions that it names: those that it carries on, and those that rewrote it.
    pub fn redactions(&self) -> BTreeSet<String> {
        let rewrote = self.extra.get(REDACTIONS).and_then(Value::as_array);
        let rewrote = rewrote.into_iter().flatten();
        let rewrote = rewrote.filter_map(|entry| Some(entry["id"].as_str()?.to_owned()));
        let carried = self.kept_out_by.iter().flatten().cloned();
        carried.chain(rewrote).collect()
    }

    /// What a release on top of it carries on; `None` where nobody knows which that are without reading all releases.
    pub(super) fn carried(&self) -> Option<BTreeSet<String>> {
        self.kept_out_by.as_ref().map(|_| self.redactions())
    }

    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&TableState> {
        self.tables.get(name)
    }

    /// Whether a source has a file with this hash.
    pub fn has_source_file(&self, source_id: &str, sha256: &str) -> bool {
        has_source_file(&self.sources, source_id, sha256)
    }

    /// Every file of every table, with the table's name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &TableState, &DataFile)> {
        self.tables.iter().flat_map(|(name, table)| {
            table
                .files
                .iter()
                .map(move |file| (name.as_str(), table, file))
        })
    }
}

/// Whether one of these sources has a file with this hash.
pub(super) fn has_source_file(
    sources: &BTreeMap<String, SourceState>,
    source_id: &str,
    sha256: &str,
) -> bool {
    let state = sources.get(source_id);
    state.is_some_and(|state| state.files.iter().any(|file| file.sha256 == sha256))
}

impl TableState {
    /// A table without files, described by an Arrow schema (`description` and `unit` from the fields' metadata).
    pub fn new(
        visibility: Visibility,
        schema: &Schema,
        sort: Vec<String>,
        key: Vec<String>,
    ) -> Self {
        let schema = schema
            .fields()
            .iter()
            .map(|field| ColumnState::from_field(field))
            .collect();
        Self {
            visibility,
            schema,
            sort,
            key,
            files: Vec::new(),
            extra: Map::new(),
        }
    }

    /// The number of rows, without those of files that keep it to themselves.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Forgets what the document of a release would tell about the rows of a restricted table to everybody who may read the
    /// document: how many there are, and the least and greatest of their values, ids and days among them. Readers find it
    /// in the files.
    pub(super) fn seal(&mut self) {
        for file in &mut self.files {
            file.rows = 0;
            file.footer_bytes = 0;
            file.min.clear();
            file.max.clear();
        }
    }

    /// The size of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The Arrow schema. Fails, naming the column, on a type that this program does not know.
    pub fn arrow_schema(&self) -> Result<SchemaRef> {
        let fields: Vec<Field> = self
            .schema
            .iter()
            .map(ColumnState::to_field)
            .collect::<Result<_>>()?;
        Ok(Arc::new(Schema::new(fields)))
    }
}

impl ColumnState {
    fn from_field(field: &Field) -> Self {
        Self {
            name: field.name().clone(),
            data_type: field.data_type().to_string(),
            nullable: field.is_nullable(),
            description: field.metadata().get("description").cloned(),
            unit: field.metadata().get("unit").cloned(),
        }
    }

    fn to_field(&self) -> Result<Field> {
        let data_type: DataType = self
            .data_type
            .parse()
            .map_err(|_| ReleaseError::Unreadable {
                path: format!("column {}", self.name),
                reason: format!("{:?} is no type this program knows", self.data_type),
            })?;
        let described = [("description", &self.description), ("unit", &self.unit)];
        let metadata = described
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)))
            .collect();
        Ok(Field::new(&self.name, data_type, self.nullable).with_metadata(metadata))
    }
}

// Serde hands over the field by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn visibility_name<S: Serializer>(
    visibility: &Visibility,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(visibility.name())
}

// Serde hands over the field by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn yes() -> bool {
    true
}
