//! One operation of a page as rows of the core tables.

use std::collections::{BTreeMap, BTreeSet};

use super::super::rows::{RowsError, Tables};
use super::rows::{Rows, Value, text};
use crate::map::{FileInput, days};
use crate::organisation::{
    NationalId, id_text, national_id, normal_form, organisation_id, organisation_id_of_number,
    short_id,
};
use crate::page::{PageAmount, PageOperation, PageReading, PageRegion, Place};
use crate::personal::NATURAL_PERSON_LABEL;
use crate::region::{Gazetteer, equal_weights};

/// A page about one operation.
pub(super) struct Page<'a> {
    pub(super) file: &'a FileInput,
    pub(super) reading: &'a PageReading,
    pub(super) id: &'a str,
    /// First and last day on which a page spoke of it.
    pub(super) published: (Option<i32>, Option<i32>),
    pub(super) gazetteer: &'a Gazetteer,
}

impl Page<'_> {
    fn rows(&self) -> Rows<'_> {
        Rows::new(self.file)
    }

    pub(super) fn operation(
        &self,
        o: &PageOperation,
        basis: &str,
        main: &str,
        tables: &mut Tables,
    ) -> Result<(), RowsError> {
        let toml = &self.file.source.toml;
        let or = |value: &Option<String>, declared: &Option<String>| {
            Value::Text(value.clone().or_else(|| declared.clone()))
        };
        let date = |d: &Option<crate::page::PageDate>| Value::Day(d.as_ref().map(|d| days(d.date)));
        let precision = |d: &Option<crate::page::PageDate>| {
            Value::Text(d.as_ref().map(|d| d.precision.as_str().to_string()))
        };
        let list = o
            .period
            .as_deref()
            .and_then(|p| super::super::operation::intervention_list(p, o.fund.as_deref()))
            .filter(|_| o.intervention_code.is_some());
        let mut rows = self.rows();
        rows.add(
            &self.place(o),
            [
                ("operation_id", text(self.id)),
                ("id_basis", text(basis)),
                ("list_id", text(self.file.source.list_id())),
                ("natural_id", Value::Text(o.natural_id.clone())),
                ("title", Value::Text(o.title.clone())),
                ("summary", Value::Text(o.summary.clone())),
                ("language", or(&o.language, &toml.language)),
                ("fund", or(&o.fund, &toml.fund)),
                ("period", or(&o.period, &toml.period)),
                ("programme_id", or(&o.programme_id, &toml.programme_id)),
                ("country", or(&o.country, &toml.country)),
                (
                    "nuts_code",
                    Value::Text(Some(main.to_string()).filter(|m| !m.is_empty())),
                ),
                ("start_date", date(&o.start)),
                ("start_precision", precision(&o.start)),
                ("end_date", date(&o.end)),
                ("end_precision", precision(&o.end)),
                (
                    "union_rate",
                    Value::Rate(o.union_rate_millionths.map(i128::from)),
                ),
                (
                    "intervention_code",
                    Value::Text(o.intervention_code.clone()),
                ),
                ("intervention_list", Value::Text(list)),
                ("priority_axis", Value::Text(o.priority_axis.clone())),
                ("objective_code", Value::Text(o.objective_code.clone())),
                ("support_scheme", Value::Text(o.support_scheme.clone())),
                ("instrument_id", Value::Text(o.instrument_id.clone())),
                ("is_aggregate", Value::Bool(false)),
                ("contact_present", Value::Bool(o.contact_present)),
                ("first_published", Value::Day(self.published.0)),
                ("last_published", Value::Day(self.published.1)),
            ],
        );
        rows.push("operation", tables)
    }

    /// Where the page begins to speak of the operation: its first value.
    fn place(&self, operation: &PageOperation) -> Place {
        let of = self
            .reading
            .records
            .iter()
            .find(|r| r.operation.as_ref() == Some(operation));
        of.and_then(|r| r.values.iter().map(|v| v.place.clone()).min())
            .unwrap_or_default()
    }

    pub(super) fn amounts(
        &self,
        amounts: &[PageAmount],
        tables: &mut Tables,
    ) -> Result<(), RowsError> {
        let mut sorted: Vec<&PageAmount> = amounts.iter().collect();
        sorted.sort_by(|a, b| {
            (a.place.line, &a.kind, &a.financing_source).cmp(&(
                b.place.line,
                &b.kind,
                &b.financing_source,
            ))
        });
        let mut rows = self.rows();
        for amount in sorted {
            let certainty = amount
                .currency
                .as_ref()
                .map(|_| amount.currency_certainty.name().to_string());
            rows.add(
                &amount.place,
                [
                    ("operation_id", text(self.id)),
                    ("amount_kind", text(&amount.kind)),
                    ("financing_source", text(&amount.financing_source)),
                    ("amount", Value::Money(Some(amount.cents))),
                    ("currency", Value::Text(amount.currency.clone())),
                    ("currency_certainty", Value::Text(certainty)),
                    ("precision_abs", Value::Money(amount.precision_abs_cents)),
                    ("derived", Value::Bool(false)),
                ],
            );
        }
        rows.push("operation_amount", tables)
    }

    /// Regions by role, with equal weights. Returns the main place of implementation, or nothing where the page names
    /// none: a page speaks of one operation, and what it does not say is not filled up with its country.
    pub(super) fn regions(
        &self,
        operation: &PageOperation,
        tables: &mut Tables,
    ) -> Result<String, RowsError> {
        let country = operation
            .country
            .as_deref()
            .or(self.file.source.toml.country.as_deref())
            .unwrap_or("");
        let version = self.gazetteer.nuts_version();
        let mut by_role: BTreeMap<&str, Vec<&PageRegion>> = BTreeMap::new();
        for region in &operation.regions {
            by_role.entry(&region.role).or_default().push(region);
        }
        let mut main = String::new();
        let mut shares: Vec<(Place, Vec<(&'static str, Value)>)> = Vec::new();
        for (role, regions) in &by_role {
            let weights = equal_weights(regions.len());
            for (region, weight) in regions.iter().zip(weights) {
                let code = region.nuts_code.as_deref().unwrap_or(country);
                if *role == "implementation" && main.is_empty() {
                    main = code.to_string();
                }
                shares.push((
                    region.place.clone(),
                    self.share(
                        role,
                        code,
                        version,
                        Some(&region.text),
                        weight,
                        &region.method,
                    ),
                ));
            }
        }
        shares.sort_by_key(|a| a.0.line);
        let mut rows = self.rows();
        for (place, values) in shares {
            rows.add(&place, values);
        }
        rows.push("operation_region", tables)?;
        Ok(main)
    }

    fn share(
        &self,
        role: &str,
        code: &str,
        version: &str,
        place: Option<&str>,
        weight: i64,
        method: &str,
    ) -> Vec<(&'static str, Value)> {
        vec![
            ("operation_id", text(self.id)),
            ("role", text(role)),
            ("nuts_code", text(code)),
            ("nuts_version", text(version)),
            ("place", Value::Text(place.map(String::from))),
            ("weight", Value::Weight(weight)),
            ("method", text(method)),
        ]
    }

    pub(super) fn organisations(
        &self,
        operation: &PageOperation,
        tables: &mut Tables,
    ) -> Result<(), RowsError> {
        let country = operation
            .country
            .as_deref()
            .or(self.file.source.toml.country.as_deref())
            .unwrap_or("");
        let list_id = self.file.source.list_id();
        let mut roles = self.rows();
        let mut names = self.rows();
        let mut known = BTreeSet::new();
        let mut spelt = BTreeSet::new();
        let mut sorted: Vec<_> = operation.organisations.iter().collect();
        sorted.sort_by_key(|o| o.place.line);
        for body in sorted {
            let number = body
                .registered_id
                .as_deref()
                .and_then(national_id)
                .and_then(|n| match n {
                    NationalId::Body(number) => Some(number),
                    NationalId::NaturalPerson => None,
                });
            let id = match (&body.name, &number) {
                (Some(_), Some(number)) if !body.natural_person => {
                    organisation_id_of_number(country, number)
                }
                (Some(name), None) if !body.natural_person => {
                    organisation_id(country, &normal_form(name))
                }
                _ => short_id(&[b"person", self.id.as_bytes(), body.role.as_bytes()]),
            };
            let id = id_text(&id).to_string();
            if known.insert((id.clone(), body.role.clone())) {
                roles.add(
                    &body.place,
                    [
                        ("operation_id", text(self.id)),
                        ("organisation_id", text(&id)),
                        ("role", text(&body.role)),
                        ("certainty", text(body.certainty.name())),
                    ],
                );
            }
            let label = NATURAL_PERSON_LABEL.to_string();
            let shown: Vec<&String> = if body.natural_person {
                vec![&label]
            } else {
                // The chosen name first, then the spellings on the page.
                body.name.iter().chain(&body.published).collect()
            };
            for (place, spelling) in shown.into_iter().enumerate() {
                if spelt.insert((id.clone(), spelling.clone())) {
                    names.add(
                        &body.place,
                        [
                            ("organisation_id", text(&id)),
                            ("list_id", text(list_id)),
                            ("name", text(spelling)),
                            ("n", Value::Int(i64::from(place == 0))),
                            ("kind", Value::Text(body.kind.clone())),
                            ("natural_person", Value::Bool(body.natural_person)),
                            ("country", text(country)),
                        ],
                    );
                }
            }
        }
        roles.push("operation_organisation", tables)?;
        names.push("organisation_name", tables)
    }

    pub(super) fn targets_and_funds(
        &self,
        operation: &PageOperation,
        tables: &mut Tables,
    ) -> Result<(), RowsError> {
        let mut targets = self.rows();
        for target in &operation.targets {
            targets.add(
                &target.place,
                [
                    ("operation_id", text(self.id)),
                    ("measure", text(&target.measure)),
                    ("value", Value::Int(target.value)),
                    (
                        "target_group",
                        Value::Text(
                            target
                                .target_group
                                .clone()
                                .or_else(|| target.target_group_text.clone()),
                        ),
                    ),
                    ("certainty", text(target.certainty.name())),
                ],
            );
        }
        targets.push("operation_target", tables)?;
        let mut funds = self.rows();
        let mut known = BTreeSet::new();
        for fund in operation
            .funds
            .iter()
            .filter(|f| known.insert(f.fund.clone()))
        {
            funds.add(
                &fund.place,
                [
                    ("operation_id", text(self.id)),
                    ("fund", text(&fund.fund)),
                    ("certainty", text(fund.certainty.name())),
                ],
            );
        }
        funds.push("operation_fund", tables)
    }
}
