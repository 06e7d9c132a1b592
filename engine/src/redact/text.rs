//! Texts inside of JSON documents.

use serde_json::Value;

use super::Mask;

/// Fields that name sources and lists, by which records are found. The operator gave these names.
const DECLARED: [&str; 3] = ["source_id", "list_id", "absent"];

/// Masks every text in a document, keys and names of sources apart; says whether there was one.
pub(super) fn mask_all(value: &mut Value, mask: &dyn Mask) -> bool {
    match value {
        Value::String(text) => match mask.mask(text) {
            Some(masked) => {
                *text = masked;
                true
            }
            None => false,
        },
        Value::Array(items) => mask_each(items.iter_mut(), mask),
        Value::Object(fields) => {
            let texts = fields
                .iter_mut()
                .filter(|(key, _)| !DECLARED.contains(&key.as_str()));
            mask_each(texts.map(|(_, value)| value), mask)
        }
        _ => false,
    }
}

/// Masks all of some values, also behind the first that changes.
fn mask_each<'a>(values: impl Iterator<Item = &'a mut Value>, mask: &dyn Mask) -> bool {
    let mut changed = false;
    for value in values {
        changed |= mask_all(value, mask);
    }
    changed
}

/// Masks what a release document repeats of published files: their names, what was said of them, messages of checks. Its
/// other texts are names that the program gave.
pub(super) fn mask_release(document: &mut Value, mask: &dyn Mask) -> bool {
    let mut changed = false;
    if let Some(sources) = document.get_mut("sources").and_then(Value::as_object_mut) {
        for files in sources.values_mut().filter_map(|one| one.get_mut("files")) {
            changed |= mask_all(files, mask);
        }
    }
    if let Some(checks) = document.get_mut("checks").and_then(Value::as_array_mut) {
        for message in checks.iter_mut().filter_map(|one| one.get_mut("message")) {
            changed |= mask_all(message, mask);
        }
    }
    changed
}
