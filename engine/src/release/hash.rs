//! The content hash of a release document.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::store::hex;

/// The fields that do not count: they say which publication it was and what it does without, not what was published.
const NOT_CONTENT: [&str; 6] = [
    "number",
    "run_id",
    "created_at",
    "content_hash",
    "left_behind",
    "kept_out_by",
];

/// The sha256 of the document in canonical form (keys sorted, no blanks), without the fields that are no content.
pub(crate) fn content_hash(document: &Value) -> String {
    let mut text = String::new();
    match document {
        Value::Object(fields) => object(
            &mut text,
            fields
                .iter()
                .filter(|(key, _)| !NOT_CONTENT.contains(&key.as_str())),
        ),
        other => canonical(&mut text, other),
    }
    hex(&Sha256::digest(text.as_bytes()))
}

fn canonical(text: &mut String, value: &Value) {
    match value {
        Value::Object(fields) => object(text, fields.iter()),
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                canonical(text, item);
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

// Sorted here, because whether serde_json's own map is sorted depends on features that any crate may switch on.
fn object<'a>(text: &mut String, fields: impl Iterator<Item = (&'a String, &'a Value)>) {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_unstable_by_key(|(key, _)| *key);
    text.push('{');
    for (i, (key, value)) in fields.into_iter().enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push_str(&Value::from(key.as_str()).to_string());
        text.push(':');
        canonical(text, value);
    }
    text.push('}');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::content_hash;

    #[test]
    fn number_run_and_time_do_not_count_and_order_of_keys_does_not() {
        let one = json!({"number": 1, "run_id": "a", "created_at": "x", "content_hash": "y", "left_behind": {"a": []},
            "kept_out_by": ["r"], "tables": {"b": 1, "a": [2]}});
        let two = json!({"tables": {"a": [2], "b": 1}, "number": 2});
        assert_eq!(content_hash(&one), content_hash(&two));
    }

    #[test]
    fn everything_else_counts_also_unknown_fields_and_inner_numbers() {
        let one = json!({"tables": {}});
        assert_ne!(
            content_hash(&one),
            content_hash(&json!({"tables": {}, "later": 1}))
        );
        assert_ne!(
            content_hash(&json!({"x": {"number": 1}})),
            content_hash(&json!({"x": {"number": 2}}))
        );
    }
}
