//! The declarations that the page reader runs on: `patterns.toml` (what running text says, as regular expressions
//! whose named groups are fields) and the `[columns]` of `mapping.toml` (labels that only pages use). What text has to
//! say to mean something stands there, not in Rust.

mod compile;
mod file;
mod people;

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;

use super::error::PageError;
use compile::{Compiler, FILE, GROUPS};
use file::{Column, MappingFile, PatternsFile};
use people::People;

/// What a match counts for when deciding whether a page describes one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Evidence {
    Operation,
    Period,
    Money,
    Target,
    Funder,
    Holder,
}

/// One declared pattern of running text.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) id: String,
    pub(super) language: Option<String>,
    pub(super) regex: Regex,
    pub(super) unless: Option<Regex>,
    pub(super) evidence: Option<Evidence>,
    pub(super) financing_source: Option<String>,
    pub(super) fund: Option<String>,
    pub(super) funds_in_match: bool,
}

/// What a label of a page means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LabelRule {
    pub(super) field: String,
    pub(super) financing_source: Option<String>,
    pub(super) currency: Option<String>,
}

/// A declared form of identifiers.
#[derive(Debug)]
pub(super) struct IdShape {
    pub(super) shape: Regex,
    pub(super) fund: Option<String>,
    pub(super) country: Option<String>,
    pub(super) period: Option<String>,
    pub(super) programme_id: Option<String>,
}

/// A programme that follows from other fields.
#[derive(Debug)]
pub(super) struct Programme {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) natural_id: Option<Regex>,
    pub(super) objective_code: Option<Regex>,
    pub(super) support_scheme: Option<Regex>,
    pub(super) text: Option<Regex>,
    pub(super) started: Option<(String, String)>,
    pub(super) period: Option<String>,
    pub(super) fund: Option<String>,
}

/// How a funder is named.
#[derive(Debug)]
pub(super) struct Funder {
    pub(super) regex: Regex,
    pub(super) fund: Option<String>,
    pub(super) name: Option<String>,
    pub(super) kind: Option<String>,
}

/// A sign that a page is something else than a project's page.
#[derive(Debug)]
pub(super) struct KindSign {
    pub(super) kind: String,
    pub(super) place: String,
    pub(super) regex: Regex,
}

/// A place name that several places share, and what tells them apart.
#[derive(Debug)]
pub(super) struct PlaceHint {
    pub(super) place: String,
    pub(super) stem: String,
    pub(super) with: Regex,
}

/// All declarations, compiled. Built once for all pages.
#[derive(Debug)]
pub struct PageRules {
    pub(super) labels: BTreeMap<String, LabelRule>,
    pub(super) null_words: Vec<String>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) label_changes: Vec<Pattern>,
    pub(super) instruments: Vec<(String, Vec<String>)>,
    pub(super) ids: Vec<IdShape>,
    pub(super) programmes: Vec<Programme>,
    pub(super) label_funds: Vec<(Regex, String)>,
    pub(super) funders: Vec<Funder>,
    pub(super) signs: Vec<KindSign>,
    pub(super) page_dates: Vec<Regex>,
    pub(super) list_parts: Vec<Regex>,
    pub(super) chrome_lines: Vec<Regex>,
    pub(super) captions: Vec<Regex>,
    pub(super) phrases: Vec<Regex>,
    pub(super) title_lines: Vec<Regex>,
    pub(super) generic_titles: Regex,
    pub(super) people: People,
    pub(super) target_groups: Vec<(Regex, String)>,
    pub(super) place_hints: Vec<PlaceHint>,
    pub(super) whole_country: Vec<Regex>,
    pub(super) programme_regions: BTreeMap<String, String>,
    pub(super) land_short: BTreeMap<String, String>,
}

impl PageRules {
    /// Compiles the two declaration files.
    ///
    /// # Errors
    /// When a file is no valid TOML, a key or field is unknown, or an expression does not compile.
    pub fn parse(mapping: &str, patterns: &str) -> Result<Self, PageError> {
        let mapping: MappingFile =
            toml::from_str(mapping).map_err(|cause| PageError::Declaration {
                file: "mapping.toml".into(),
                cause: Box::new(cause),
            })?;
        let file: PatternsFile =
            toml::from_str(patterns).map_err(|cause| PageError::Declaration {
                file: FILE.into(),
                cause: Box::new(cause),
            })?;
        let compiler = Compiler {
            fragments: file.fragments,
        };
        let labels = mapping
            .columns
            .into_iter()
            .map(|(label, column)| {
                let rule = match column {
                    Column::Field(field) => LabelRule {
                        field,
                        financing_source: None,
                        currency: None,
                    },
                    Column::Rule {
                        field,
                        financing_source,
                        currency,
                    } => LabelRule {
                        field,
                        financing_source,
                        currency,
                    },
                };
                (super::text::folded(&label), rule)
            })
            .collect();
        Ok(Self {
            labels,
            null_words: mapping.conventions.null_words,
            patterns: file
                .pattern
                .into_iter()
                .map(|raw| compiler.pattern(raw))
                .collect::<Result<_, _>>()?,
            label_changes: file
                .label_change
                .into_iter()
                .map(|raw| compiler.pattern(raw))
                .collect::<Result<_, _>>()?,
            instruments: file
                .instrument
                .into_iter()
                .map(|raw| (raw.id, raw.labels))
                .collect(),
            ids: file
                .natural_id
                .into_iter()
                .map(|raw| {
                    let shape = compiler.regex(&raw.id, &raw.shape)?;
                    Ok(IdShape {
                        shape,
                        fund: raw.fund,
                        country: raw.country,
                        period: raw.period,
                        programme_id: raw.programme_id,
                    })
                })
                .collect::<Result<_, PageError>>()?,
            programmes: file
                .programme
                .into_iter()
                .map(|raw| {
                    let id = raw.programme_id.as_str();
                    Ok(Programme {
                        natural_id: compiler.maybe(id, raw.natural_id.as_ref())?,
                        objective_code: compiler.maybe(id, raw.objective_code.as_ref())?,
                        support_scheme: compiler.maybe(id, raw.support_scheme.as_ref())?,
                        text: compiler.maybe(id, raw.text.as_ref())?,
                        name: raw.name,
                        started: raw.started,
                        period: raw.period,
                        fund: raw.fund,
                        id: raw.programme_id,
                    })
                })
                .collect::<Result<_, PageError>>()?,
            label_funds: file
                .label_fund
                .into_iter()
                .map(|raw| Ok((compiler.regex("label_fund", &raw.label)?, raw.fund)))
                .collect::<Result<_, PageError>>()?,
            funders: file
                .funder
                .into_iter()
                .map(|raw| {
                    let regex = compiler.regex("funder", &raw.regex)?;
                    Ok(Funder {
                        regex,
                        fund: raw.fund,
                        name: raw.name,
                        kind: raw.kind,
                    })
                })
                .collect::<Result<_, PageError>>()?,
            signs: file
                .page_kind
                .into_iter()
                .map(|raw| {
                    let regex = compiler.regex("page_kind", &raw.regex)?;
                    Ok(KindSign {
                        kind: raw.kind,
                        place: raw.place,
                        regex,
                    })
                })
                .collect::<Result<_, PageError>>()?,
            page_dates: file
                .page_date
                .iter()
                .map(|raw| compiler.regex("page_date", &raw.regex))
                .collect::<Result<_, _>>()?,
            list_parts: file
                .list_part
                .iter()
                .map(|raw| compiler.list_part(&raw.regex))
                .collect::<Result<_, _>>()?,
            chrome_lines: compiler.all("chrome.lines", &file.chrome.lines)?,
            captions: compiler.all("chrome.captions", &file.chrome.captions)?,
            phrases: compiler.all("chrome.phrases", &file.chrome.phrases)?,
            title_lines: compiler.all("titles.lines", &file.titles.lines)?,
            generic_titles: compiler.regex("titles.generic", &file.titles.generic)?,
            people: People::compile(file.people, &compiler)?,
            target_groups: file
                .target_group
                .into_iter()
                .map(|raw| Ok((compiler.regex("target_group", &raw.regex)?, raw.name)))
                .collect::<Result<_, PageError>>()?,
            place_hints: file
                .place_hint
                .into_iter()
                .map(|raw| {
                    Ok(PlaceHint {
                        with: compiler.regex("place_hint", &raw.with)?,
                        place: raw.place,
                        stem: raw.stem,
                    })
                })
                .collect::<Result<_, PageError>>()?,
            whole_country: file
                .whole_country
                .iter()
                .map(|raw| compiler.regex("whole_country", &raw.regex))
                .collect::<Result<_, _>>()?,
            programme_regions: file.programme_regions,
            land_short: file.land_short,
        })
    }

    /// The field that a named group gives.
    pub(super) fn group(name: &str) -> Option<&'static str> {
        GROUPS.iter().find(|group| **group == name).copied()
    }

    /// What a label means: the shared vocabulary first, then the labels declared for pages.
    pub(super) fn label(
        &self,
        text: &str,
        vocabulary: &dyn Fn(&str) -> Option<String>,
    ) -> Option<LabelRule> {
        // A unit or remark in brackets behind a label is no part of it: "Total budget (SEK)".
        let bare = text
            .trim_end_matches(['*', ' '])
            .strip_suffix(')')
            .and_then(|rest| rest.rsplit_once(" ("))
            .map(|(bare, _)| bare);
        let known = |text: &str| self.labels.get(&super::text::folded(text));
        let declared = known(text).or_else(|| bare.and_then(known));
        match (
            declared,
            vocabulary(text).or_else(|| bare.and_then(vocabulary)),
        ) {
            // A declaration for pages restricts or overrides what the label means in lists.
            (Some(rule), _) => Some(rule.clone()),
            (None, Some(field)) => Some(LabelRule {
                field,
                financing_source: None,
                currency: None,
            }),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
pub(super) fn bundled() -> &'static PageRules {
    static RULES: std::sync::OnceLock<PageRules> = std::sync::OnceLock::new();
    RULES.get_or_init(|| {
        let mapping = include_str!("../../sources/any_page/mapping.toml");
        let patterns = include_str!("../../sources/any_page/patterns.toml");
        PageRules::parse(mapping, patterns).unwrap()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "[chrome]\nlines=[]\ncaptions=[]\nphrases=[]\n[titles]\nlines=[]\ngeneric='x'\n[people]\nfunctions='x'\nverbs='x'\nauthors=[]\nnot_names=[]\ngiven_names=[]\ninstitutions=[]\n";

    #[test]
    fn the_bundled_declarations_compile() {
        assert!(bundled().patterns.len() > 30);
    }

    #[test]
    fn an_unknown_group_is_named_with_the_known_ones() {
        let error = PageRules::parse(
            "",
            &format!("{LEAST}[[pattern]]\nid='p'\nregex='(?P<colour>x)'\n"),
        )
        .unwrap_err();
        assert!(
            error.to_string().contains("\"colour\"") && error.to_string().contains("granted"),
            "{error}"
        );
    }

    #[test]
    fn a_line_about_a_list_gives_its_numbers() {
        let of =
            |regex: &str| PageRules::parse("", &format!("{LEAST}[[list_part]]\nregex='{regex}'\n"));
        assert!(of(r"Seite (?P<from>\d+) von (?P<all>\d+)").is_ok());
        let error = of(r"Seite (?P<page>\d+)").unwrap_err();
        assert!(error.to_string().contains("\"page\""), "{error}");
        assert!(error.to_string().contains("from, to, all"), "{error}");
    }

    #[test]
    fn an_expression_that_does_not_compile_names_its_pattern() {
        let error =
            PageRules::parse("", &format!("{LEAST}[[pattern]]\nid='p'\nregex='('\n")).unwrap_err();
        assert!(error.to_string().contains("\"p\""), "{error}");
    }
}
