//! JSON and JSON lines. What serde_json takes for a list of objects must be read, with the same values; what stands at
//! the place of a row must be its element.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Deserializer, Map, Value};

use super::super::json::is_flattened;
use super::super::{CellKind, Format, Kind, Limits};
use super::{Cell, Row, Table, limited, sound, table, told};
use crate::fuzz::{Checked, Target};

#[test]
fn fuzz_json() {
    Target {
        name: "json",
        runs: 3_000,
        words: &[
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "null",
            "true",
            "false",
            "-0",
            "1e5",
            "12.50",
            "1E-2",
            "{}",
            "[]",
            "[[[[",
            "{\"a\":",
            "\"a\":1,",
            "\\u00fc",
            "\\ud83d\\ude00",
            "\\ud800",
            "\\u0000",
            "\\ufffd",
            "\\n",
            "\\q",
            "\u{FEFF}",
            "ü",
            "\n",
            "\r\n",
        ],
        check,
    }
    .run();
}

fn check(bytes: &[u8]) -> Checked {
    for kind in [Kind::Json, Kind::Ndjson] {
        let format = Format::new(kind);
        let expected = elements(bytes, kind);
        match table(bytes, &format, &Limits::default()) {
            Ok(table) => {
                sound(&table, bytes)?;
                limited(bytes, &format, &table)?;
                escapes(&table, bytes)?;
                if let Some(elements) = expected {
                    agrees(&table, bytes, &elements)?;
                }
            }
            Err(error) => {
                told(&error, bytes)?;
                prop_assert!(expected.is_none(), "{error}, although serde_json reads it");
            }
        }
    }
    Ok(())
}

/// No element that was read has an escape that is none, however deep.
fn escapes(table: &Table, bytes: &[u8]) -> Checked {
    for row in &table.rows {
        let element = Deserializer::from_slice(&bytes[row.byte as usize..])
            .into_iter::<Value>()
            .next();
        if let Some(Err(error)) = element {
            let told = error.to_string();
            prop_assert!(!told.contains("escape"), "{told} at byte {}", row.byte);
        }
    }
    Ok(())
}

/// The elements that must be read: those of text that is JSON of the kind to serde_json, and holds nothing that is
/// refused for another reason (zero and destroyed letters, letters encoded twice).
fn elements(bytes: &[u8], kind: Kind) -> Option<Vec<Map<String, Value>>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let lower = text.to_lowercase();
    if ["\\u0000", "\\ufffd", "\u{FFFD}", "ã", "\\u00c3"]
        .iter()
        .any(|odd| lower.contains(odd))
    {
        return None;
    }
    let elements = if kind == Kind::Ndjson {
        let elements: Result<Vec<Value>, _> = Deserializer::from_str(text).into_iter().collect();
        elements.ok()?
    } else {
        match serde_json::from_str(text).ok()? {
            Value::Array(elements) => elements,
            _ => return None,
        }
    };
    if elements.is_empty() {
        return None;
    }
    let objects = elements.into_iter().map(|element| match element {
        Value::Object(object) => Some(object),
        _ => None,
    });
    objects.collect()
}

fn agrees(table: &Table, bytes: &[u8], elements: &[Map<String, Value>]) -> Checked {
    prop_assert_eq!(table.rows.len(), elements.len());
    let keys = table.keys.as_deref().unwrap_or_default();
    for (row, element) in table.rows.iter().zip(elements) {
        let place = row.byte as usize;
        let lines = memchr::memchr_iter(b'\n', &bytes[..place]).count();
        prop_assert_eq!(row.line as usize, lines + 1);
        let there = Deserializer::from_slice(&bytes[place..])
            .into_iter::<Value>()
            .next();
        let there = there.and_then(Result::ok);
        prop_assert_eq!(there.as_ref().and_then(Value::as_object), Some(element));
        // Labels of nested keys are not parted again: a key that looks like one may be another.
        if bytes.contains(&b'/') {
            continue;
        }
        let mut values = HashMap::new();
        for (key, value) in element {
            flatten(key.clone(), 1, key.len(), value, &mut values);
        }
        prop_assert!(values.keys().all(|key| keys.contains(key)), "{:?}", keys);
        // Of a key that is there twice the last value counts for both.
        same_cells(row, keys, &values)?;
    }
    Ok(())
}

/// The values of an element by the labels of their columns.
fn flatten(
    label: String,
    depth: usize,
    bytes: usize,
    value: &Value,
    values: &mut HashMap<String, Value>,
) {
    let flat = is_flattened(depth, bytes);
    match value {
        Value::Object(object) if flat && !object.is_empty() => {
            for (key, value) in object {
                let label = format!("{label} / {key}");
                flatten(label, depth + 1, bytes + key.len(), value, values);
            }
        }
        Value::Array(array) if flat && matches!(&array[..], [Value::Object(_)]) => {
            flatten(label, depth, bytes, &array[0], values);
        }
        _ => {
            values.insert(label, value.clone());
        }
    }
}

fn same_cells(row: &Row, keys: &[String], values: &HashMap<String, Value>) -> Checked {
    for (key, cell) in keys.iter().zip(&row.cells) {
        let value = values.get(key).unwrap_or(&Value::Null);
        prop_assert!(is_written(cell, value), "{key}: {cell:?} for {value}");
    }
    Ok(())
}

/// Whether a cell holds a value: texts and words as they are, numbers with all that was written, arrays of them in one
/// text, and objects not at all.
fn is_written(cell: &Cell, value: &Value) -> bool {
    let several = |array: &[Value]| {
        let parts = array
            .iter()
            .filter(|part| !(part.is_null() || part.as_str().is_some_and(str::is_empty)));
        parts.count()
    };
    let nested = |array: &[Value]| array.iter().any(|part| part.is_array() || part.is_object());
    if let Value::Array(array) = value {
        return match &array[..] {
            [one] if !nested(array) => is_written(cell, one),
            _ if nested(array) || several(array) == 0 => cell.is_none(),
            _ => cell.as_ref().is_some_and(|(kind, text)| {
                *kind == CellKind::Text as u8 && is_joined(text, array)
            }),
        };
    }
    let Some((kind, text)) = cell else {
        return value.is_null() || value.is_object();
    };
    let is = |wanted: CellKind| *kind == wanted as u8;
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => false,
        Value::String(string) => is(CellKind::Text) && text == string,
        Value::Bool(flag) => is(CellKind::Boolean) && *text == flag.to_string(),
        Value::Number(number) => {
            let (Ok(read), Some(wanted)) = (text.parse::<f64>(), number.as_f64()) else {
                return false;
            };
            is(CellKind::Number) && (read - wanted).abs() <= wanted.abs() * 1e-12
        }
    }
}

/// Whether a text has all texts of an array in their order.
fn is_joined(text: &str, array: &[Value]) -> bool {
    let mut rest = text;
    array.iter().filter_map(Value::as_str).all(|part| {
        let found = rest.find(part);
        rest = found.map_or("", |at| &rest[at + part.len()..]);
        found.is_some()
    })
}
