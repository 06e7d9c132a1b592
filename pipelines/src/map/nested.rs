//! Labels of nested objects: `{"projekt": {"laufzeit": {"von": …}}}` has the label "projekt / laufzeit / von".
//!
//! The end of such a label says what the value is, if what stands around it does not make another thing of it: the place
//! of a beneficiary is not that of the operation, and the name of a person to talk to is no title.

use std::collections::BTreeSet;

use arrow::array::Array;
use esf_schemas::{FieldKind, Vocabulary, normalise_label};

use super::frame::Sheet;
use super::group::state_currency;
use super::header::{How, Labels, Meaning};
use super::label::Label;
use super::plan::CONTACTS;
use crate::source::ColumnMapping;

/// Keys that say nothing by themselves: their value is what the key around them names, if that is of their kind.
const EMPTY: [&str; 15] = [
    "name",
    "namn",
    "bezeichnung",
    "benaemning",
    "text",
    "label",
    "wert",
    "value",
    "vaerde",
    "betrag",
    "belopp",
    "summe",
    "amount",
    "datum",
    "date",
];

/// Whether a key that says nothing by itself may stand for a field of a kind.
fn stands_for(key: &str, kind: FieldKind) -> bool {
    let (money, day) = (kind == FieldKind::Amount, kind == FieldKind::Date);
    match key {
        "wert" | "value" | "vaerde" => true,
        "betrag" | "belopp" | "summe" | "amount" => money,
        "datum" | "date" => day,
        _ => !(money || day || kind == FieldKind::Period),
    }
}

/// Columns (in order) of keys under which other elements have objects and none has anything else.
pub(super) fn blank_groups(sheet: &Sheet) -> Vec<usize> {
    let paths = &sheet.info.paths;
    let around: BTreeSet<&[String]> = paths
        .iter()
        .flat_map(|path| (1..path.len()).map(move |end| &path[..end]))
        .collect();
    let blank = |column: usize| {
        let cells = sheet.cells(column);
        cells.is_none_or(|cells| cells.null_count() == cells.len())
    };
    (0..paths.len())
        .filter(|column| around.contains(paths[*column].as_slice()) && blank(*column))
        .collect()
}

/// What the keys that lead to a column mean together, the outermost first.
pub(super) fn meaning(labels: &Labels<'_>, path: &[String]) -> Meaning {
    let label = path.join(" ");
    let mut meaning = labels
        .whole(&label)
        .or_else(|| by_parts(labels, path))
        .unwrap_or_else(|| match labels.find(&label) {
            Meaning::Unknown(nearest) => Meaning::Unknown(nearest),
            // A part of the keys in a row is no name of them all.
            _ => Meaning::Unknown(None),
        });
    state_currency(&mut meaning, &path.join("\n"));
    meaning
}

fn by_parts(labels: &Labels<'_>, path: &[String]) -> Option<Meaning> {
    let (last, around) = path.split_last()?;
    if let Some(contact) = contact(labels, around) {
        return Some(contact);
    }
    let key = normalise_label(last);
    if EMPTY.contains(&key.as_str()) && !around.is_empty() {
        let outer = labels
            .whole(&around.join(" "))
            .or_else(|| by_parts(labels, around));
        let field = outer.as_ref().and_then(field_of);
        let field = field.and_then(|name| Vocabulary::standard().field(&name));
        if field.is_some_and(|field| stands_for(&key, field.kind)) {
            return outer.map(nested);
        }
    }
    // The longest end that is known.
    let (start, own) =
        (0..path.len()).find_map(|start| Some((start, labels.whole(&path[start..].join(" "))?)))?;
    let outer = path[..start]
        .iter()
        .rev()
        .find_map(|key| field_of(&labels.whole(key)?));
    match (outer, field_of(&own)) {
        (Some(outer), Some(own_field)) => Some(as_part(&own_field, &outer).map_or(
            Meaning::Unknown(None),
            |field| {
                if field == own_field {
                    nested(own)
                } else {
                    known(&field)
                }
            },
        )),
        _ if start > 0 => Some(nested(own)),
        _ => Some(own),
    }
}

/// What stands inside of keys that are about people to talk to is about them, whatever it is called.
fn contact(labels: &Labels<'_>, around: &[String]) -> Option<Meaning> {
    around.iter().find_map(|key| match labels.whole(key) {
        Some(meaning) => field_of(&meaning)
            .filter(|field| CONTACTS.contains(&field.as_str()))
            .map(|_| nested(meaning)),
        None => Label::new(key.clone())
            .names_contact()
            .then(|| known(CONTACTS[0])),
    })
}

/// The field of a value that by itself means one field and stands in an object that means another.
fn as_part(field: &str, outer: &str) -> Option<String> {
    let vocabulary = Vocabulary::standard();
    let kind = |name: &str| vocabulary.field(name).map(|field| field.kind);
    if CONTACTS.contains(&field) || field == outer {
        return Some(field.to_owned());
    }
    if outer.starts_with("beneficiary_") {
        let of_beneficiary = format!("beneficiary_{field}");
        let is_its_own = field.starts_with("beneficiary_");
        return if is_its_own || kind(field) == Some(FieldKind::Url) {
            Some(field.to_owned())
        } else {
            kind(&of_beneficiary).map(|_| of_beneficiary)
        };
    }
    // Objects that are the operation, its time, its money or its place have what is the operation's.
    let of_operation = matches!(outer, "title" | "summary" | "natural_id" | "status");
    let has_parts = matches!(
        kind(outer),
        Some(
            FieldKind::Amount
                | FieldKind::Date
                | FieldKind::Period
                | FieldKind::Place
                | FieldKind::Postcode
        )
    );
    (of_operation || has_parts).then(|| field.to_owned())
}

fn field_of(meaning: &Meaning) -> Option<String> {
    match meaning {
        Meaning::Field { column, .. } => Some(column.field.clone()),
        _ => None,
    }
}

fn known(field: &str) -> Meaning {
    Meaning::Field {
        column: ColumnMapping::plain(field),
        how: How::Nested,
        stated_currency: None,
        conflict: None,
    }
}

/// The meaning, as one that is known by a part of its label only.
fn nested(mut meaning: Meaning) -> Meaning {
    if let Meaning::Field { how, .. } = &mut meaning {
        *how = How::Nested;
    }
    meaning
}
