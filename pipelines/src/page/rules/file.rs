//! The declaration files as they are written: `mapping.toml` as far as pages need it, and `patterns.toml`, in which a key that
//! is not known is an error.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Evidence;

#[derive(Deserialize)]
pub(super) struct MappingFile {
    #[serde(default)]
    pub(super) conventions: Conventions,
    #[serde(default)]
    pub(super) columns: BTreeMap<String, Column>,
}

#[derive(Default, Deserialize)]
pub(super) struct Conventions {
    #[serde(default)]
    pub(super) null_words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Column {
    Field(String),
    Rule {
        field: String,
        financing_source: Option<String>,
        currency: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PatternsFile {
    #[serde(default)]
    pub(super) fragments: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) pattern: Vec<RawPattern>,
    #[serde(default)]
    pub(super) label_change: Vec<RawPattern>,
    #[serde(default)]
    pub(super) instrument: Vec<RawInstrument>,
    #[serde(default)]
    pub(super) natural_id: Vec<RawId>,
    #[serde(default)]
    pub(super) programme: Vec<RawProgramme>,
    #[serde(default)]
    pub(super) label_fund: Vec<RawLabelFund>,
    #[serde(default)]
    pub(super) funder: Vec<RawFunder>,
    #[serde(default)]
    pub(super) page_kind: Vec<RawSign>,
    #[serde(default)]
    pub(super) page_date: Vec<RawRegex>,
    #[serde(default)]
    pub(super) list_part: Vec<RawRegex>,
    pub(super) chrome: RawChrome,
    pub(super) titles: RawTitles,
    pub(super) people: RawPeople,
    #[serde(default)]
    pub(super) target_group: Vec<RawNamed>,
    #[serde(default)]
    pub(super) place_hint: Vec<RawHint>,
    #[serde(default)]
    pub(super) whole_country: Vec<RawRegex>,
    #[serde(default)]
    pub(super) programme_regions: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) land_short: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPattern {
    pub(super) id: String,
    pub(super) language: Option<String>,
    pub(super) regex: String,
    pub(super) unless: Option<String>,
    pub(super) evidence: Option<Evidence>,
    #[serde(default)]
    pub(super) set: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) funds_in_match: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawInstrument {
    pub(super) id: String,
    pub(super) labels: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawId {
    pub(super) id: String,
    pub(super) shape: String,
    pub(super) fund: Option<String>,
    pub(super) country: Option<String>,
    pub(super) period: Option<String>,
    pub(super) programme_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProgramme {
    pub(super) programme_id: String,
    pub(super) name: Option<String>,
    pub(super) natural_id: Option<String>,
    pub(super) objective_code: Option<String>,
    pub(super) support_scheme: Option<String>,
    pub(super) text: Option<String>,
    pub(super) started: Option<(String, String)>,
    pub(super) period: Option<String>,
    pub(super) fund: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLabelFund {
    pub(super) label: String,
    pub(super) fund: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFunder {
    pub(super) regex: String,
    pub(super) fund: Option<String>,
    pub(super) name: Option<String>,
    pub(super) kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSign {
    pub(super) kind: String,
    #[serde(rename = "where")]
    pub(super) place: String,
    pub(super) regex: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRegex {
    pub(super) regex: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNamed {
    pub(super) regex: String,
    pub(super) name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHint {
    pub(super) place: String,
    pub(super) stem: String,
    pub(super) with: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChrome {
    pub(super) lines: Vec<String>,
    pub(super) captions: Vec<String>,
    pub(super) phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTitles {
    pub(super) lines: Vec<String>,
    pub(super) generic: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPeople {
    pub(super) functions: String,
    pub(super) verbs: String,
    pub(super) authors: Vec<String>,
    pub(super) not_names: Vec<String>,
    pub(super) given_names: Vec<String>,
    pub(super) institutions: Vec<String>,
    #[serde(default)]
    pub(super) institution_parts: Vec<String>,
}
