//! Cells that name several regions ("Dalarna, Gävleborg"; "Boden, UpplandsVäsby"): split, resolved one by one, and
//! weighted equally over the distinct regions. The share of what could not be resolved stays with the country, so that
//! weights sum to one and the unallocated rest can be shown (design section 5).

use super::code::NutsCode;
use super::gazetteer::Gazetteer;
use super::place::{Field, Scope};
use super::query::Resolved;
use super::weight::equal_weights;

/// One share of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListItem {
    /// Code of the region; none for the share of what was not resolved.
    pub nuts_code: Option<String>,
    /// The published names that lie in it, in published order.
    pub places: Vec<String>,
    /// Weight in units of 1e-8; the weights of a list sum to exactly one.
    pub weight: i64,
    /// The evidence, as of [`Resolved::Found`]; `unresolved` for the rest.
    pub method: &'static str,
}

/// What a list resolves to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOutcome {
    /// Shares, in the order in which their regions are named first.
    pub items: Vec<ListItem>,
    /// Names that gave no code, with the reason.
    pub problems: Vec<(String, Resolved)>,
}

/// Splits a cell into names: by semicolons, line breaks and bars, in Sweden by commas, slashes and "och" as well. A
/// German comma belongs to the name ("Dresden, Stadt").
pub fn split_list<'a>(country: &str, text: &'a str) -> Vec<&'a str> {
    let swedish = country == "SE";
    let mut parts = Vec::new();
    for part in text
        .split(|c: char| matches!(c, ';' | '\n' | '|') || swedish && matches!(c, ',' | '/' | '&'))
    {
        if swedish {
            parts.extend(part.split(" och ").flat_map(|p| p.split(" samt ")));
        } else {
            parts.push(part);
        }
    }
    parts
        .iter()
        .map(|p| p.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}'))
        .filter(|p| !p.is_empty())
        .collect()
}

impl Gazetteer {
    /// Resolves a cell that may name several regions. `country` is an ISO code, `within` the Land of the list.
    pub fn resolve_list(
        &self,
        country: &str,
        within: Option<&str>,
        field: Field,
        text: &str,
    ) -> ListOutcome {
        let Some(iso2) = ["DE", "SE"].into_iter().find(|c| *c == country) else {
            return ListOutcome::default();
        };
        let scope = Scope {
            stated: None,
            list: within.and_then(NutsCode::parse),
        };
        // Names such as "Skåne/Blekinge" are one region before they are two; across a comma a Swedish name never reaches.
        let one_name = !text.contains([';', '\n', '|']) && (iso2 != "SE" || !text.contains(','));
        if one_name
            && let whole @ Resolved::Found { .. } = self.by_name(iso2, field, Some(text), scope)
        {
            return share(vec![(text.trim(), whole)]);
        }
        share(
            split_list(iso2, text)
                .into_iter()
                .map(|name| (name, self.by_name(iso2, field, Some(name), scope)))
                .collect(),
        )
    }
}

/// Gathers names by region and gives each region the same weight; the unresolved names together are one share each.
fn share(names: Vec<(&str, Resolved)>) -> ListOutcome {
    let mut out = ListOutcome::default();
    let mut unresolved: Vec<String> = Vec::new();
    for (name, resolved) in names {
        match resolved {
            Resolved::Found { nuts_code, method } => {
                match out
                    .items
                    .iter_mut()
                    .find(|item| item.nuts_code.as_deref() == Some(&nuts_code))
                {
                    Some(item) => item.places.push(name.to_owned()),
                    None => out.items.push(ListItem {
                        nuts_code: Some(nuts_code),
                        places: vec![name.to_owned()],
                        weight: 0,
                        method,
                    }),
                }
            }
            other => {
                unresolved.push(name.to_owned());
                out.problems.push((name.to_owned(), other));
            }
        }
    }
    let weights = equal_weights(out.items.len() + unresolved.len());
    for (item, weight) in out.items.iter_mut().zip(&weights) {
        item.weight = *weight;
    }
    if !unresolved.is_empty() {
        let weight = weights[out.items.len()..].iter().sum();
        out.items.push(ListItem {
            nuts_code: None,
            places: unresolved,
            weight,
            method: "unresolved",
        });
    }
    out
}
