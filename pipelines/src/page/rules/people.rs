//! How people are recognised on a page: by a function, an address or a verb beside the name, or by a given name.

use regex::Regex;

use super::compile::Compiler;
use super::file::RawPeople;
use crate::page::error::PageError;

/// Rules about people.
#[derive(Debug)]
pub(in crate::page) struct People {
    /// Names behind a function, an address or a verb of saying; the name is the group `name`.
    pub(in crate::page) named: Vec<Regex>,
    /// A given name and what follows it.
    pub(in crate::page) given: Regex,
    /// Lines that name their author or user; the name is the group `name`.
    pub(in crate::page) authors: Vec<Regex>,
    pub(in crate::page) not_names: Vec<String>,
    pub(in crate::page) institutions: Vec<String>,
    /// Parts of words, in small letters.
    pub(in crate::page) institution_parts: Vec<String>,
}

/// A capitalised word or two hyphenated ones, and two to four of them with particles between.
const NAME_WORD: &str = r"\p{Lu}\p{L}+(?:-\p{Lu}\p{L}+)?";
const PARTICLE: &str = "(?: (?:von|van|de|af|zu|vom)(?: der| den)?)?";

impl People {
    pub(super) fn compile(raw: RawPeople, compiler: &Compiler) -> Result<Self, PageError> {
        let (functions, verbs) = (&raw.functions, &raw.verbs);
        let name = format!("{NAME_WORD}{PARTICLE}(?: {NAME_WORD}){{1,2}}");
        let of = r"(?:,? (?:der|des|von|für|vom|im|am|bei|beim|på|för|i|vid|av) (?:\p{Ll}+ )?\p{Lu}[\p{L}-]+){0,2}";
        let given: Vec<String> = raw
            .given_names
            .iter()
            .map(|name| regex::escape(name))
            .collect();
        let given = format!(
            r"\b(?:{})(?:[ -]{NAME_WORD})?{PARTICLE} {NAME_WORD}",
            given.join("|")
        );
        Ok(Self {
            named: vec![
                compiler.regex("people.functions", &format!(r"\b{functions}{of},? (?P<name>{name})"))?,
                compiler.regex("people.address", &format!(r"\b(?:Frau|Herrn?|(?:Prof\.|Dr\.)(?: Dr\.)?) (?P<name>{NAME_WORD}(?: {NAME_WORD})?)"))?,
                compiler.regex("people.verbs", &format!(r#"[,"“”»«] ?{verbs} (?P<name>{name})"#))?,
            ],
            given: compiler.regex("people.given_names", &given)?,
            authors: compiler.all("people.authors", &raw.authors)?,
            not_names: raw.not_names,
            institutions: raw.institutions,
            institution_parts: raw.institution_parts,
        })
    }
}
