//! The canonical fields and the labels that publications give them, from `fields/*.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::label::normalise_label;
use crate::{Declarations, SchemaError, declaration};

/// What kind of value a field holds; it says how its cells are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Free text.
    Text,
    /// An amount of money.
    Amount,
    /// A date, month or year.
    Date,
    /// Two dates in one cell.
    Period,
    /// A share or percentage.
    Rate,
    /// A code, perhaps with its label.
    Code,
    /// A postcode, perhaps with a place.
    Postcode,
    /// A place by name.
    Place,
    /// An organisation by name.
    Organisation,
    /// Personal data of somebody to ask; never kept.
    Contact,
    /// An address on the web.
    Url,
    /// A count.
    Count,
}

impl FieldKind {
    /// The name used in declarations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Amount => "amount",
            Self::Date => "date",
            Self::Period => "period",
            Self::Rate => "rate",
            Self::Code => "code",
            Self::Postcode => "postcode",
            Self::Place => "place",
            Self::Organisation => "organisation",
            Self::Contact => "contact",
            Self::Url => "url",
            Self::Count => "count",
        }
    }
}

/// One published name of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldLabel {
    /// The name as published.
    pub text: String,
    /// Its language: `de`, `sv`, `en` or `fr`.
    pub language: String,
}

/// A canonical field: what a published column can mean.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What kind of value it holds.
    pub kind: FieldKind,
    /// What it means, for users.
    pub meaning: String,
    /// Its published names.
    pub labels: Vec<FieldLabel>,
    /// Who pays an amount of this field, by those of its names that say so, normalised.
    financed_by: BTreeMap<String, String>,
}

impl Field {
    /// Who pays an amount under this name of the field, if the name says it: state, land, municipal or private.
    pub fn financing_source(&self, label: &str) -> Option<&str> {
        if self.financed_by.is_empty() {
            return None;
        }
        let source = self.financed_by.get(&normalise_label(label));
        source.map(String::as_str)
    }

    /// The names that say who pays, normalised.
    #[cfg(test)]
    pub(super) fn names_of_payers(&self) -> impl Iterator<Item = &str> {
        self.financed_by.keys().map(String::as_str)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldToml {
    kind: FieldKind,
    meaning: String,
    #[serde(default)]
    de: Vec<String>,
    #[serde(default)]
    sv: Vec<String>,
    #[serde(default)]
    en: Vec<String>,
    #[serde(default)]
    fr: Vec<String>,
    #[serde(default)]
    financed_by: BTreeMap<String, Vec<String>>,
}

type Words = BTreeMap<String, Vec<String>>;

/// Reads all fields with their labels written out.
pub(super) fn load() -> Result<BTreeMap<String, Field>, SchemaError> {
    let words: Words = parse("fields/words.toml")?;
    let mut fields = BTreeMap::new();
    for path in Declarations::iter() {
        if !path.starts_with("fields/") || path == "fields/words.toml" {
            continue;
        }
        for (name, toml) in parse::<BTreeMap<String, FieldToml>>(&path)? {
            let mut labels = Vec::new();
            for (language, templates) in [
                ("de", toml.de),
                ("sv", toml.sv),
                ("en", toml.en),
                ("fr", toml.fr),
            ] {
                for template in &templates {
                    for text in expand(&path, template, &words)? {
                        labels.push(FieldLabel {
                            text,
                            language: language.to_owned(),
                        });
                    }
                }
            }
            let mut financed_by = BTreeMap::new();
            for (source, names) in toml.financed_by {
                let names = names.iter().map(|name| normalise_label(name));
                financed_by.extend(names.map(|name| (name, source.clone())));
            }
            let field = Field {
                name: name.clone(),
                kind: toml.kind,
                meaning: toml.meaning,
                labels,
                financed_by,
            };
            if fields.insert(name.clone(), field).is_some() {
                return Err(SchemaError::DuplicateField {
                    path: path.to_string(),
                    field: name,
                });
            }
        }
    }
    Ok(fields)
}

fn parse<T: serde::de::DeserializeOwned>(path: &str) -> Result<T, SchemaError> {
    toml::from_str(&declaration(path)?).map_err(|source| SchemaError::Toml {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

/// Writes a label out: `{a|b}` stands for each alternative, `$name` among them for each word of that name.
fn expand(path: &str, template: &str, words: &Words) -> Result<Vec<String>, SchemaError> {
    let Some((head, rest)) = template.split_once('{') else {
        return Ok(vec![
            template.split_whitespace().collect::<Vec<_>>().join(" "),
        ]);
    };
    let fault = |what| SchemaError::BadLabel {
        path: path.to_owned(),
        label: template.to_owned(),
        what,
    };
    let (inside, tail) = rest
        .split_once('}')
        .ok_or_else(|| fault("`{` without `}`"))?;
    let mut expanded = Vec::new();
    for alternative in inside.split('|') {
        let one = [alternative.to_owned()];
        let choices = match alternative.strip_prefix('$') {
            Some(name) => words
                .get(name)
                .ok_or_else(|| fault("names a word that is not in fields/words.toml"))?,
            None => one.as_slice(),
        };
        for choice in choices {
            expanded.extend(expand(path, &format!("{head}{choice}{tail}"), words)?);
        }
    }
    Ok(expanded)
}
