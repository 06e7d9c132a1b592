//! Places of a page: names and postcodes in their roles, with codes where a resolver knows exactly one.

use super::label::postcode;
use super::record::{Certainty, PageRegion};
use super::rules::PageRules;
use super::text::{Place, folded};

/// Knows places. Ambiguous and unknown names have no code.
pub trait PlaceResolver {
    /// Code of a place, district or region name; `country` is ISO 3166 (`DE`, `SE`).
    fn place(&self, name: &str, country: &str) -> Option<String>;
    /// Code of a postcode of five digits.
    fn postcode(&self, code: &str, country: &str) -> Option<String>;
}

/// One published place.
#[derive(Debug, Clone)]
pub(super) struct Published<'a> {
    pub(super) role: &'a str,
    pub(super) text: &'a str,
    pub(super) place: &'a Place,
    pub(super) certainty: Certainty,
}

/// Resolves places of one page.
pub(super) struct Places<'a> {
    pub(super) rules: &'a PageRules,
    pub(super) resolver: &'a dyn PlaceResolver,
    pub(super) country: &'a str,
    /// All text of the page, which may tell places of one name apart.
    pub(super) page: &'a str,
}

impl Places<'_> {
    /// The regions of a published place: one, or several if a list of known names stands there.
    pub(super) fn resolve(&self, published: &Published<'_>) -> Vec<PageRegion> {
        let text = published.text.trim().trim_end_matches(['.', ';']);
        let one = |text: &str, found: Option<(String, &str)>| PageRegion {
            role: published.role.to_owned(),
            text: text.to_owned(),
            method: found
                .as_ref()
                .map_or("none", |(_, method)| method)
                .to_owned(),
            nuts_code: found.map(|(code, _)| code),
            certainty: published.certainty,
            place: published.place.clone(),
        };
        if let Some(found) = self.code(text) {
            return vec![one(text, Some(found))];
        }
        let parts: Vec<&str> = text
            .split([',', ';', '/', '|'])
            .flat_map(|part| part.split(" och "))
            .flat_map(|part| part.split(" und "))
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        if parts.len() > 1 {
            let found: Vec<_> = parts.iter().map(|part| (*part, self.code(part))).collect();
            if found.iter().any(|(_, code)| code.is_some()) {
                return found
                    .into_iter()
                    .map(|(part, code)| one(part, code))
                    .collect();
            }
        }
        vec![one(text, None)]
    }

    fn code(&self, text: &str) -> Option<(String, &'static str)> {
        if self
            .rules
            .whole_country
            .iter()
            .any(|whole| whole.is_match(text))
        {
            return Some((self.country.to_owned(), "country"));
        }
        if let Some((_, code)) = self
            .rules
            .programme_regions
            .iter()
            .find(|(name, _)| self.country == "SE" && self.is_programme_region(name, text))
        {
            return Some((code.clone(), "programme_region"));
        }
        if is_nuts(text) {
            return Some((text.to_owned(), "nuts"));
        }
        let hinted = self
            .rules
            .place_hints
            .iter()
            .find(|hint| folded(&hint.stem) == folded(text) && hint.with.is_match(self.page));
        if let Some(hint) = hinted {
            return self
                .resolver
                .place(&hint.place, self.country)
                .map(|code| (code, "place"));
        }
        if let Some(digits) = postcode(text)
            && let Some(code) = self.resolver.postcode(&digits, self.country)
        {
            return Some((code, "postcode"));
        }
        let name = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let bare = ["Region ", "Stadt ", "Raum "]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix));
        self.resolver
            .place(name, self.country)
            .or_else(|| bare.and_then(|bare| self.resolver.place(bare, self.country)))
            .map(|code| (code, "place"))
    }

    /// A programme region needs "ESF" before a name that is also a county's or town's.
    fn is_programme_region(&self, name: &str, text: &str) -> bool {
        let (name, text) = (folded(name), folded(text));
        text == format!("esf {name}")
            || (text == name
                && self.resolver.place(&text, self.country).is_none()
                && name != "stockholm")
    }

    /// The place whose inhabitants or institutions a German adjective in -er names: "Mülheimer" is of Mülheim.
    pub(super) fn of_adjective(&self, adjective: &str) -> Option<String> {
        let stem = adjective.strip_suffix("er")?;
        [stem.to_owned(), format!("{stem}en"), format!("{stem}e")]
            .iter()
            .find_map(|name| self.code(name))
            .map(|(code, _)| code)
    }
}

fn is_nuts(text: &str) -> bool {
    (3..=5).contains(&text.len())
        && (text.starts_with("DE") || text.starts_with("SE"))
        && text[2..]
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && text[2..].bytes().any(|b| b.is_ascii_alphanumeric())
}
