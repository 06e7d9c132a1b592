//! Who and where: funds, funders, organisations and regions in their roles.

use super::super::label::postcode;
use super::super::organisation;
use super::super::place::Published;
use super::super::record::{Certainty, PageFund, PageOrganisation, PageRegion};
use super::super::text::{Place, folded};
use super::{Builder, Origin};

impl Builder<'_> {
    pub(super) fn fund(&mut self, fund: &str, certainty: Certainty, place: &Place) {
        // EQUAL was an ESF initiative: the narrower name stays.
        match self.operation.funds.iter_mut().find(|old| old.fund == fund) {
            Some(old) => old.certainty = old.certainty.min(certainty),
            None => self.operation.funds.push(PageFund {
                fund: fund.to_owned(),
                certainty,
                place: place.clone(),
            }),
        }
    }

    pub(super) fn fund_of_label(&mut self, label: &str, origin: &Origin<'_>) {
        if let Some((_, fund)) = self
            .rules
            .label_funds
            .iter()
            .find(|(regex, _)| regex.is_match(label))
        {
            self.fund(fund, Certainty::Stated, origin.place);
        }
    }

    /// Funds named in a text that says who pays.
    pub(super) fn funds_in(&mut self, text: &str, origin: &Origin<'_>, certainty: Certainty) {
        let rules = self.rules;
        let mut left = text.to_owned();
        let mut any = false;
        for funder in rules
            .funders
            .iter()
            .filter(|funder| funder.name.is_none() && funder.kind.is_none())
        {
            if let (Some(fund), Some(found)) = (&funder.fund, funder.regex.find(&left)) {
                let range = found.range();
                self.fund(fund, certainty, origin.place);
                // "ESF Plus" is not also "ESF".
                left.replace_range(range, "#");
                any = true;
            }
        }
        if any {
            self.value("fund", origin, None);
        }
    }

    /// Everybody named in a text that says who pays: funds, and organisations in the role of funder.
    pub(super) fn funders(&mut self, text: &str, origin: &Origin<'_>) {
        let rules = self.rules;
        let mut left = text.to_owned();
        for funder in &rules.funders {
            while let Some(captures) = funder.regex.captures(&left) {
                let Some(whole) = captures.get(0).filter(|whole| !whole.is_empty()) else {
                    break;
                };
                let published = whole.as_str().trim().to_owned();
                let group = |name: &str| {
                    captures
                        .name(name)
                        .map(|group| group.as_str().trim().to_owned())
                };
                let name = match (&funder.name, group("land"), group("name")) {
                    (Some(template), Some(land), _) => Some(template.replace("{land}", &land)),
                    (None, _, name) => name,
                    (Some(template), None, _) => Some(template.clone()),
                };
                let land = group("land");
                let range = whole.range();
                if let Some(fund) = &funder.fund {
                    self.fund(fund, origin.certainty, origin.place);
                    if name.is_none() {
                        self.value(
                            "fund",
                            &Origin {
                                text: &published,
                                ..*origin
                            },
                            Some("funder"),
                        );
                    }
                }
                if let Some(name) = name {
                    let name = name
                        .replace("Ministeriums", "Ministerium")
                        .replace("ministeriums", "ministerium");
                    let named = organisation::Named {
                        name: Some(name),
                        published: vec![published.clone()],
                    };
                    self.organisation(
                        "funder",
                        named,
                        funder.kind.as_deref(),
                        &Origin {
                            text: &published,
                            ..*origin
                        },
                    );
                }
                // A Land that pays is where the operation takes place, if nothing says it more exactly.
                if let Some(land) = land
                    && !self
                        .operation
                        .regions
                        .iter()
                        .any(|region| region.role == "implementation")
                {
                    self.region(
                        "implementation",
                        &Origin {
                            text: &land,
                            certainty: Certainty::Inferred,
                            ..*origin
                        },
                    );
                }
                left.replace_range(range, "#");
            }
        }
    }

    pub(super) fn organisation(
        &mut self,
        role: &str,
        named: organisation::Named,
        kind: Option<&str>,
        origin: &Origin<'_>,
    ) {
        let key = named.name.as_deref().map(folded);
        let same = self
            .operation
            .organisations
            .iter_mut()
            .find(|old| old.role == role && old.name.as_deref().map(folded) == key);
        if let Some(old) = same {
            for spelling in named.published {
                if !old.published.contains(&spelling) {
                    old.published.push(spelling);
                }
            }
            return;
        }
        let natural_person = named.name.is_none();
        self.operation.organisations.push(PageOrganisation {
            kind: kind.map(str::to_owned).or_else(|| {
                named
                    .name
                    .as_deref()
                    .and_then(organisation::kind)
                    .map(str::to_owned)
            }),
            published: if natural_person {
                Vec::new()
            } else {
                named.published
            },
            name: named.name,
            role: role.to_owned(),
            natural_person,
            registered_id: None,
            certainty: origin.certainty,
            place: origin.place.clone(),
        });
        let field = if role == "beneficiary" {
            "beneficiary_name"
        } else {
            role
        };
        self.value(field, origin, Some(role));
    }

    pub(super) fn region(&mut self, role: &str, origin: &Origin<'_>) {
        let digits = postcode(origin.text);
        let text = digits
            .as_deref()
            .filter(|_| role == "seat")
            .unwrap_or(origin.text);
        let regions = self.input.places.resolve(&Published {
            role,
            text,
            place: origin.place,
            certainty: origin.certainty,
        });
        for region in regions {
            let known = |old: &PageRegion| {
                old.role == region.role
                    && (old.nuts_code.is_some() && old.nuts_code == region.nuts_code
                        || old.text == region.text)
            };
            if self.operation.regions.iter().any(known) {
                continue;
            }
            if region.nuts_code.is_none() {
                let message = format!(
                    "{:?} is no place with exactly one code, so its region is null",
                    region.text
                );
                self.finding(
                    "unknown_place",
                    "warning",
                    Some("nuts_code"),
                    Some(&region.text),
                    message,
                    origin.place,
                );
            }
            self.value(
                "region",
                &Origin {
                    text: &region.text,
                    ..*origin
                },
                Some(role),
            );
            self.operation.regions.push(region);
        }
    }
}
