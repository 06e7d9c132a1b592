//! Expressions of `patterns.toml`: fragments put in, narrowed to the letters of pages, compiled, their groups checked.

use std::collections::BTreeMap;

use regex::Regex;

use super::Pattern;
use super::file::RawPattern;
use crate::page::error::PageError;
use crate::source::latin;

/// The file whose expressions these are.
pub(super) const FILE: &str = "patterns.toml";

/// Fields a pattern may give beyond the canonical ones of lists.
pub(super) const GROUPS: &[&str] = &[
    "duration",
    "start_date",
    "end_date",
    "granted",
    "total_budget",
    "total_cost",
    "total_eligible",
    "eu",
    "cofinancing",
    "paid",
    "planned_jobs",
    "planned_participants",
    "target_group",
    "beneficiary_name",
    "partner",
    "partners",
    "subcontractor",
    "implementer",
    "funder",
    "funders",
    "benefit_area",
    "implementation",
    "alias",
    "project_kind",
    "natural_id",
    "title",
    "old",
    "new",
    "from",
    "land",
    "name",
    "date",
];

/// Numbers that a line gives about the list that a page is a part of: the first and last of it that are shown, or the page,
/// and how many there are.
const NUMBERS: [&str; 3] = ["from", "to", "all"];

/// Compiles expressions after putting the fragments in.
pub(super) struct Compiler {
    pub(super) fragments: BTreeMap<String, String>,
}

impl Compiler {
    fn expand(&self, pattern: &str) -> String {
        let mut text = pattern.to_owned();
        // Fragments may use fragments; the depth is bounded so that a circle ends.
        for _ in 0..6 {
            if !text.contains('{') {
                break;
            }
            let before = text.len();
            for (name, body) in &self.fragments {
                text = text.replace(&format!("{{{name}}}"), body);
            }
            if text.len() == before {
                break;
            }
        }
        text
    }

    pub(super) fn regex(&self, id: &str, pattern: &str) -> Result<Regex, PageError> {
        let compiled = regex::RegexBuilder::new(&latin(&self.expand(pattern)))
            .size_limit(32 << 20)
            .build();
        compiled.map_err(|cause| PageError::Pattern {
            file: FILE.into(),
            id: id.into(),
            cause: Box::new(cause),
        })
    }

    /// An expression for lines that say of which list a page is a part.
    pub(super) fn list_part(&self, pattern: &str) -> Result<Regex, PageError> {
        let id = "list_part";
        let regex = self.regex(id, pattern)?;
        let mut names = regex.capture_names().flatten();
        let unknown = names.find(|name| !NUMBERS.contains(name));
        match unknown.map(str::to_owned) {
            Some(field) => Err(PageError::UnknownField {
                file: FILE.into(),
                id: id.into(),
                field,
                expected: NUMBERS.join(", "),
            }),
            None => Ok(regex),
        }
    }

    pub(super) fn all(&self, id: &str, patterns: &[String]) -> Result<Vec<Regex>, PageError> {
        patterns
            .iter()
            .map(|pattern| self.regex(id, pattern))
            .collect()
    }

    pub(super) fn maybe(
        &self,
        id: &str,
        pattern: Option<&String>,
    ) -> Result<Option<Regex>, PageError> {
        pattern.map(|pattern| self.regex(id, pattern)).transpose()
    }

    pub(super) fn pattern(&self, raw: RawPattern) -> Result<Pattern, PageError> {
        let regex = self.regex(&raw.id, &raw.regex)?;
        if let Some(unknown) = regex
            .capture_names()
            .flatten()
            .find(|name| !GROUPS.contains(name))
        {
            return Err(PageError::UnknownField {
                file: FILE.into(),
                id: raw.id.clone(),
                field: unknown.into(),
                expected: GROUPS.join(", "),
            });
        }
        let unless = self.maybe(&raw.id, raw.unless.as_ref())?;
        let mut set = raw.set;
        let (financing_source, fund) = (set.remove("financing_source"), set.remove("fund"));
        if let Some((unknown, _)) = set.pop_first() {
            return Err(PageError::UnknownField {
                file: FILE.into(),
                id: raw.id,
                field: unknown,
                expected: "financing_source, fund".into(),
            });
        }
        Ok(Pattern {
            id: raw.id,
            language: raw.language,
            regex,
            unless,
            evidence: raw.evidence,
            financing_source,
            fund,
            funds_in_match: raw.funds_in_match,
        })
    }
}
