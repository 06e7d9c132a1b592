//! Ids of operations.
//!
//! An id is the natural id of the publisher within its list, or, without one, the declared identity fields and an
//! ordinal among rows that share them. Amounts never take part, so a corrected amount leaves the id as it is; the
//! ordinal follows the content of the rows, so their order in the file does not matter.

use std::borrow::Cow;
use std::fmt::Write;

use arrow::array::{Array, ArrayRef, Date32Array, StringArray, StringBuilder};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use datafusion::common::HashMap;

use crate::organisation::short_id;

/// What the id of an operation stands on.
pub const NATURAL: &str = "natural_id";
/// See [`NATURAL`].
pub const IDENTITY: &str = "identity";

/// Ids of the rows of one file.
pub struct Ids {
    /// `operation_id`.
    pub ids: StringArray,
    /// `id_basis`.
    pub basis: StringArray,
    /// Rows (from 0) that repeat the natural id of an earlier row.
    pub repeated_natural: Vec<usize>,
    /// Rows (from 0) whose natural id, or whose identity, other rows have as well.
    pub shared_rows: Vec<usize>,
}

/// Gives every row its id.
///
/// `natural` holds null where a row has no usable natural id; `identity` are the declared fields; `content` are all
/// further fields, which only order the rows that are otherwise alike.
pub fn operation_ids(
    list_id: &str,
    rows: usize,
    natural: Option<&StringArray>,
    identity: &[ArrayRef],
    content: &[ArrayRef],
) -> Result<Ids, arrow::error::ArrowError> {
    let options = FormatOptions::default();
    let identity = identity
        .iter()
        .map(|a| KeyText::new(a.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()?;
    let mut bases = StringBuilder::with_capacity(rows, rows * NATURAL.len());
    let mut keys: Vec<[u8; 16]> = Vec::with_capacity(rows);
    let mut buffer = String::new();
    for row in 0..rows {
        let natural = natural.filter(|n| n.is_valid(row)).map(|n| n.value(row));
        if let Some(natural) = natural {
            bases.append_value(NATURAL);
            keys.push(short_id(&[
                b"operation",
                list_id.as_bytes(),
                b"natural",
                plain(natural).as_bytes(),
            ]));
        } else {
            bases.append_value(IDENTITY);
            buffer.clear();
            for field in &identity {
                field.fold_into(row, &mut buffer);
                buffer.push('\u{1f}');
            }
            keys.push(short_id(&[
                b"operation",
                list_id.as_bytes(),
                b"identity",
                buffer.as_bytes(),
            ]));
        }
    }
    let bases = bases.finish();
    let groups = repeated(&keys);
    let shared_rows: Vec<usize> = groups.iter().flatten().copied().collect();
    let mut repeated_natural = Vec::new();
    if !groups.is_empty() {
        let content = content
            .iter()
            .map(|a| KeyText::new(a.as_ref(), &options))
            .collect::<Result<Vec<_>, _>>()?;
        for mut group in groups {
            group.sort_by_cached_key(|row| {
                let mut key = String::new();
                for field in &content {
                    field.fold_into(*row, &mut key);
                    key.push('\u{1f}');
                }
                key
            });
            for (ordinal, row) in group.into_iter().enumerate().skip(1) {
                if bases.value(row) == NATURAL {
                    repeated_natural.push(row);
                }
                keys[row] = short_id(&[b"operation", &keys[row], ordinal.to_string().as_bytes()]);
            }
        }
    }
    repeated_natural.sort_unstable();
    let mut ids = StringBuilder::with_capacity(rows, rows * 16);
    for key in &keys {
        ids.append_value(std::str::from_utf8(key).unwrap_or_default());
    }
    Ok(Ids {
        ids: ids.finish(),
        basis: bases,
        repeated_natural,
        shared_rows,
    })
}

/// The id of the second of the rows of a file that share what this id is made of.
pub(super) fn second(id: &str) -> String {
    let id = short_id(&[b"operation", id.as_bytes(), b"1"]);
    String::from_utf8_lossy(&id).into_owned()
}

/// Groups of two and more rows with the same key, in order of first appearance.
fn repeated(keys: &[[u8; 16]]) -> Vec<Vec<usize>> {
    let mut first: HashMap<&[u8; 16], usize> = HashMap::with_capacity(keys.len());
    let mut group_of: HashMap<usize, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (row, key) in keys.iter().enumerate() {
        match first.get(key) {
            None => {
                first.insert(key, row);
            }
            Some(&earlier) => {
                let group = *group_of.entry(earlier).or_insert_with(|| {
                    groups.push(vec![earlier]);
                    groups.len() - 1
                });
                groups[group].push(row);
            }
        }
    }
    groups
}

/// A column as folded text: letters and digits only, lower case, so that renditions that differ in blanks, quotes or
/// line-break hyphens give the same key.
enum KeyText<'a> {
    Text(&'a StringArray),
    Day(&'a Date32Array),
    Other(ArrayFormatter<'a>),
}

impl<'a> KeyText<'a> {
    fn new(
        array: &'a dyn Array,
        options: &FormatOptions<'a>,
    ) -> Result<Self, arrow::error::ArrowError> {
        if let Some(text) = array.as_any().downcast_ref::<StringArray>() {
            return Ok(Self::Text(text));
        }
        if let Some(days) = array.as_any().downcast_ref::<Date32Array>() {
            return Ok(Self::Day(days));
        }
        Ok(Self::Other(ArrayFormatter::try_new(array, options)?))
    }

    fn fold_into(&self, row: usize, out: &mut String) {
        match self {
            Self::Text(text) if text.is_valid(row) => fold(text.value(row), out),
            Self::Day(days) if days.is_valid(row) => {
                let _ = write!(out, "{}", days.value(row));
            }
            Self::Text(_) | Self::Day(_) => {}
            Self::Other(format) => fold(&format.value(row).to_string(), out),
        }
    }
}

fn fold(text: &str, out: &mut String) {
    out.reserve(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let ascii = rest
            .bytes()
            .position(|b| !b.is_ascii())
            .unwrap_or(rest.len());
        let (plain, other) = rest.split_at(ascii);
        out.extend(
            plain
                .bytes()
                .filter(u8::is_ascii_alphanumeric)
                .map(|b| b.to_ascii_lowercase() as char),
        );
        let mut chars = other.chars();
        match chars.next() {
            // The letters of German and Swedish need no tables.
            Some(c @ ('ä' | 'ö' | 'ü' | 'ß' | 'å' | 'é')) => out.push(c),
            Some(c) if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            Some(_) | None => {}
        }
        rest = chars.as_str();
    }
}

/// A natural id as it is compared: without blanks, and with the one hyphen that every rendition can write.
fn plain(id: &str) -> Cow<'_, str> {
    let is_hyphen = |c: char| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}');
    if !id.contains(|c: char| c.is_whitespace() || is_hyphen(c)) {
        return Cow::Borrowed(id);
    }
    let kept = id.chars().filter(|c| !c.is_whitespace());
    Cow::Owned(kept.map(|c| if is_hyphen(c) { '-' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn text(values: &[&str]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    #[test]
    fn order_of_rows_and_amounts_leave_ids_alone() -> Result<(), arrow::error::ArrowError> {
        let name = ["Muster gGmbH", "Beispiel e.V.", "Muster gGmbH"];
        let amount = ["10", "20", "30"];
        let first = operation_ids("l", 3, None, &[text(&name)], &[text(&amount)])?;
        let turned = operation_ids(
            "l",
            3,
            None,
            &[text(&[name[2], name[1], name[0]])],
            &[text(&["30", "25", "10"])],
        )?;
        assert_eq!(first.ids.value(0), turned.ids.value(2));
        assert_eq!(first.ids.value(1), turned.ids.value(1));
        assert_eq!(first.ids.value(2), turned.ids.value(0));
        assert_ne!(first.ids.value(0), first.ids.value(2));
        Ok(())
    }

    #[test]
    fn a_natural_id_wins_and_its_repetition_is_told() -> Result<(), arrow::error::ArrowError> {
        let natural = StringArray::from(vec![Some("A1"), None, Some("A1")]);
        let ids = operation_ids(
            "l",
            3,
            Some(&natural),
            &[text(&["x", "x", "y"])],
            &[text(&["1", "2", "3"])],
        )?;
        assert_eq!(ids.basis.value(0), NATURAL);
        assert_eq!(ids.basis.value(1), IDENTITY);
        assert_eq!(ids.repeated_natural, [2]);
        assert_eq!(ids.shared_rows.len(), 2);
        assert_eq!(second(ids.ids.value(0)), ids.ids.value(2));
        assert_ne!(ids.ids.value(0), ids.ids.value(2));
        Ok(())
    }
}
