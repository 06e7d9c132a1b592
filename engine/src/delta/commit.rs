//! One commit: the actions that take a log from its head to a release, one JSON object a line.

use std::collections::BTreeMap;

use esf_schemas::Visibility;
use serde_json::{Map, Value, json};

use super::{
    DeltaError, Result,
    head::{APPLICATION, Head},
    schema::schema_string,
};
use crate::{
    release::{ColumnState, DataFile, Release, TableState},
    store::sha256,
};

/// The commit by which the log of a table says what a release says; `None` if it says that already.
///
/// A table that the release does not have, or not for the public, has no files.
pub(super) fn commit(name: &str, head: &Head, release: &Release) -> Result<Option<Vec<u8>>> {
    let table = release
        .table(name)
        .filter(|table| table.visibility == Visibility::Public);
    let schema = table.map(|table| schema_string(name, table)).transpose()?;
    let schema = schema.filter(|schema| sha256(schema.as_bytes()) != head.schema);
    let files = table.map_or_else(|| Ok(BTreeMap::new()), |table| files(name, table))?;
    let added: Vec<(&&str, &&DataFile)> = files
        .iter()
        .filter(|(path, _)| !head.files.contains(**path))
        .collect();
    let left: Vec<&String> = head
        .files
        .iter()
        .filter(|path| !files.contains_key(path.as_str()))
        .collect();
    if schema.is_none() && added.is_empty() && left.is_empty() {
        return Ok(None);
    }

    let time = release.created_at.as_millisecond();
    let is_append = left.is_empty();
    let mut actions = vec![info(release, time, is_append)];
    if head.commits == 0 {
        actions.push(json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}));
    }
    if let Some(schema) = schema {
        actions.push(metadata(name, &schema, time));
    }
    actions.push(json!({
        "txn": {"appId": APPLICATION, "version": release.number, "lastUpdated": time}
    }));
    for path in left {
        actions
            .push(json!({"remove": {"path": path, "deletionTimestamp": time, "dataChange": true}}));
    }
    if let Some(table) = table {
        actions.extend(
            added
                .into_iter()
                .map(|(path, file)| add(path, file, table, time)),
        );
    }
    let mut lines = Vec::new();
    for action in actions {
        lines.extend(action.to_string().into_bytes());
        lines.push(b'\n');
    }
    Ok(Some(lines))
}

/// The files of a table by the names that its log gives them.
fn files<'a>(name: &str, table: &'a TableState) -> Result<BTreeMap<&'a str, &'a DataFile>> {
    let folder = format!("{}/{name}/", Visibility::Public.folder());
    let mut files = BTreeMap::new();
    for file in &table.files {
        let path = file
            .path
            .strip_prefix(&folder)
            .filter(|path| !path.contains('/'))
            .ok_or_else(|| DeltaError::Outside {
                table: name.to_owned(),
                path: file.path.clone(),
                folder: folder.clone(),
            })?;
        files.insert(path, file);
    }
    Ok(files)
}

fn info(release: &Release, time: i64, is_append: bool) -> Value {
    let mode = if is_append { "Append" } else { "Overwrite" };
    json!({"commitInfo": {
        "timestamp": time,
        "operation": "WRITE",
        "operationParameters": {"mode": mode, "partitionBy": "[]"},
        "isBlindAppend": is_append,
        "engineInfo": "esf",
        "esf.release": release.number,
        "esf.contentHash": release.content_hash,
    }})
}

fn metadata(name: &str, schema: &str, time: i64) -> Value {
    json!({"metaData": {
        "id": table_id(name),
        "name": name,
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema,
        "partitionColumns": [],
        // Files are removed with their releases, and commits never: other programs shall clean up neither.
        "configuration": {
            "delta.deletedFileRetentionDuration": "interval 36500 days",
            "delta.enableExpiredLogCleanup": "false",
        },
        "createdTime": time,
    }})
}

fn add(path: &str, file: &DataFile, table: &TableState, time: i64) -> Value {
    json!({"add": {
        "path": path,
        "partitionValues": {},
        "size": file.bytes,
        "modificationTime": time,
        "dataChange": true,
        "stats": statistics(file, table).to_string(),
    }})
}

/// The rows of a file, and bounds of those columns for which both are known.
fn statistics(file: &DataFile, table: &TableState) -> Value {
    let (mut min, mut max) = (Map::new(), Map::new());
    for column in &table.schema {
        let bound = |of: &BTreeMap<String, String>| bound(column, of.get(&column.name)?);
        if let (Some(smallest), Some(largest)) = (bound(&file.min), bound(&file.max)) {
            min.insert(column.name.clone(), smallest);
            max.insert(column.name.clone(), largest);
        }
    }
    json!({"numRecords": file.rows, "minValues": min, "maxValues": max})
}

/// A bound in JSON; none for types that readers take from JSON in different ways.
fn bound(column: &ColumnState, text: &str) -> Option<Value> {
    match column.data_type.as_str() {
        "Utf8" => Some(text.into()),
        "Int32" | "Int64" => text.parse::<i64>().ok().map(Value::from),
        // Years of more than four digits are written differently by everybody.
        "Date32" => (text.len() == "2026-11-01".len()).then(|| text.into()),
        _ => None,
    }
}

/// The same id for a table of this name always: a UUID made by a rule of one's own (RFC 9562, version 8).
fn table_id(name: &str) -> String {
    let digits = sha256(name.as_bytes());
    format!(
        "{}-{}-8{}-8{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[13..16],
        &digits[17..20],
        &digits[20..32]
    )
}
