//! One operation out of the labels of a thing and what the running text says. A label wins over the text, the first
//! label over a later one; what disagrees becomes a finding and corrects nothing.

mod check;
mod role;
mod running;
mod value;

use super::block::Block;
use super::label::{Pair, holds};
use super::organisation;
use super::pattern::{Found, Passage};
use super::place::Places;
use super::record::{
    Certainty, PageFinding, PageKind, PageOperation, PageRecord, PageValue, UNREADABLE,
};
use super::rules::{LabelRule, PageRules};
use super::text::{Place, folded};
use super::typed;
use super::unit::{PageUnit, in_words};

/// What the builder reads from.
pub(super) struct Input<'a> {
    pub(super) thing: &'a [Pair],
    /// On a page of several projects, the offset behind which this one is described.
    pub(super) section: Option<u64>,
    pub(super) found: &'a [Found<'a>],
    pub(super) passages: &'a [Passage],
    pub(super) blocks: &'a [Block],
    pub(super) used: &'a [bool],
    pub(super) places: &'a Places<'a>,
    /// What the page says of the unit of its amounts, apart from them.
    pub(super) unit: PageUnit,
    pub(super) language: Option<&'a str>,
    pub(super) contact_present: bool,
}

/// Builds the record of one operation.
pub(super) fn build(input: &Input<'_>, findings: &mut Vec<PageFinding>) -> PageRecord {
    let mut builder = Builder {
        input,
        rules: input.places.rules,
        operation: PageOperation::default(),
        values: Vec::new(),
        findings,
    };
    builder.labels();
    builder.text();
    builder.titles();
    builder.programme();
    builder.summary();
    builder.instrument();
    builder.checks();
    let mut operation = builder.operation;
    operation.language = input.language.map(str::to_owned);
    operation.country = Some(input.places.country.to_owned());
    operation.contact_present = input.contact_present;
    PageRecord {
        kind: PageKind::Operation,
        values: builder.values,
        operation: Some(operation),
        instrument_label: None,
        table: input.thing.first().and_then(|pair| pair.table),
    }
}

struct Builder<'a> {
    input: &'a Input<'a>,
    rules: &'a PageRules,
    operation: PageOperation,
    values: Vec<PageValue>,
    findings: &'a mut Vec<PageFinding>,
}

/// A value with all that is known of its origin.
struct Origin<'a> {
    text: &'a str,
    place: &'a Place,
    rule: &'a str,
    certainty: Certainty,
}

impl Builder<'_> {
    fn value(&mut self, field: &str, origin: &Origin<'_>, role: Option<&str>) {
        self.values.push(PageValue {
            field: field.to_owned(),
            text: origin.text.to_owned(),
            place: origin.place.clone(),
            rule: origin.rule.to_owned(),
            role: role.map(str::to_owned),
            certainty: origin.certainty,
        });
    }

    fn finding(
        &mut self,
        rule: &str,
        severity: &str,
        field: Option<&str>,
        value: Option<&str>,
        message: String,
        place: &Place,
    ) {
        self.findings.push(PageFinding {
            rule: rule.to_owned(),
            severity: severity.to_owned(),
            field: field.map(str::to_owned),
            value: value.map(str::to_owned),
            message,
            place: place.clone(),
        });
    }

    fn labels(&mut self) {
        for pair in self.input.thing {
            let field = pair.rule.field.clone();
            if field.starts_with("contact_") {
                continue;
            }
            for (text, place) in &pair.values {
                let origin = Origin {
                    text,
                    place,
                    rule: pair.how,
                    certainty: Certainty::Stated,
                };
                if holds(&field, text) {
                    self.label_value(&pair.rule, &pair.label, &origin);
                } else {
                    let why = if field == "duration" && typed::is_dated(text) {
                        "its dates and numbers are not those of one start and one end"
                    } else {
                        ""
                    };
                    self.unreadable(&field, &pair.label, &origin, why);
                }
            }
        }
    }

    /// A value under a label that cannot be read, with the reason where it is none of its spelling.
    fn unreadable(&mut self, field: &str, label: &str, origin: &Origin<'_>, why: &str) {
        let why = if why.is_empty() {
            String::new()
        } else {
            format!(": {why}")
        };
        let message = format!(
            "{:?} under {label:?} cannot be read as {field}, so it is null{why}",
            origin.text
        );
        self.finding(
            UNREADABLE,
            "warning",
            Some(field),
            Some(origin.text),
            message,
            origin.place,
        );
    }

    fn label_value(&mut self, rule: &LabelRule, label: &str, origin: &Origin<'_>) {
        let text = origin.text.to_owned();
        let field = rule.field.as_str();
        match field {
            "natural_id" => self.natural_id(origin),
            "title" => self.once(field, origin, |operation| &mut operation.title),
            "summary" => {
                let part = match self.operation.summary.take() {
                    Some(summary) => format!("{summary}\n{text}"),
                    None => text.clone(),
                };
                self.operation.summary = Some(part);
                self.value(field, origin, None);
            }
            "duration" => self.period(origin),
            "start_date" => self.date(origin, false),
            "end_date" => self.date(origin, true),
            "granted" | "total_budget" | "total_cost" | "total_eligible" | "eu" | "cofinancing"
            | "paid" => {
                let source = rule
                    .financing_source
                    .clone()
                    .unwrap_or_else(|| if field == "eu" { "eu" } else { "unknown" }.to_owned());
                let money = typed::money(&text);
                let in_units = money.as_ref().is_some_and(|money| money.in_units);
                let in_currency = money.is_some_and(|money| money.currency.is_some());
                let unit = match self.input.unit.of(label, in_units, in_currency) {
                    Ok(unit) => unit,
                    Err(why) => return self.unreadable(field, label, origin, &why),
                };
                // What the unit says is read with the amount, so that the two can contradict each other.
                let said = format!("{text} {}", in_words(unit));
                if typed::money(&said).is_none() {
                    let why = "its label or the page states another unit or currency";
                    return self.unreadable(field, label, origin, why);
                }
                let currency = (rule.currency.clone())
                    .or_else(|| unit.currency.map(|currency| currency.code().to_owned()));
                let text = if unit.scale != 0 { said } else { text };
                self.amount(
                    field,
                    &source,
                    currency.as_deref(),
                    &Origin {
                        text: &text,
                        ..*origin
                    },
                );
                self.fund_of_label(label, origin);
            }
            "union_rate" => self.rate(label, origin),
            "beneficiary_name" => {
                let named = organisation::beneficiary(&text);
                self.organisation("beneficiary", named, None, origin);
            }
            "beneficiary_id" => {
                let beneficiary = self
                    .operation
                    .organisations
                    .iter_mut()
                    .find(|organisation| organisation.role == "beneficiary");
                if let Some(beneficiary) = beneficiary {
                    beneficiary.registered_id = Some(text.clone());
                }
                self.value(field, origin, None);
            }
            "partner" | "implementer" | "subcontractor" => {
                for named in organisation::partners(&text) {
                    self.organisation(field, named, None, origin);
                }
            }
            "funder" => self.funders(&text, origin),
            "beneficiary_postcode" | "beneficiary_place" => self.region("seat", origin),
            "postcode" | "place" | "municipality" | "district" | "region" | "nuts_code" => {
                self.region("implementation", origin);
            }
            "intervention" => {
                let code: String = text.chars().take_while(char::is_ascii_digit).collect();
                self.operation.intervention_code = Some(code).filter(|code| !code.is_empty());
                self.value(field, origin, None);
            }
            "priority_axis" => self.once(field, origin, |operation| &mut operation.priority_axis),
            "objective_code" => self.once(field, origin, |operation| &mut operation.objective_code),
            "support_scheme" => {
                self.once(field, origin, |operation| &mut operation.support_scheme);
                self.funds_in(&text, origin, Certainty::Stated);
            }
            "programme_name" => {
                self.once(field, origin, |operation| &mut operation.programme_name);
                self.funds_in(&text, origin, Certainty::Stated);
            }
            "programme_code" => self.once(field, origin, |operation| &mut operation.programme_id),
            "funding_period" => self.once(field, origin, |operation| &mut operation.period),
            "fund" => self.funds_in(&text, origin, Certainty::Stated),
            "planned_jobs" | "planned_participants" => {
                let group = self
                    .input
                    .thing
                    .iter()
                    .find(|pair| pair.rule.field == "target_group")
                    .and_then(Pair::first);
                self.target(field, group.map(|(text, _)| text.as_str()), origin);
            }
            _ => self.value(field, origin, None),
        }
    }

    /// Sets a text field that has one value; a different second one is a finding.
    fn once(
        &mut self,
        field: &str,
        origin: &Origin<'_>,
        of: fn(&mut PageOperation) -> &mut Option<String>,
    ) {
        let slot = of(&mut self.operation);
        match slot {
            None => {
                *slot = Some(origin.text.to_owned());
                self.value(field, origin, None);
            }
            Some(old) if folded(old) != folded(origin.text) => {
                let message = format!(
                    "{field} is given as {old:?} and as {:?}; the first is kept",
                    origin.text
                );
                self.finding(
                    "two_values",
                    "warning",
                    Some(field),
                    Some(origin.text),
                    message,
                    origin.place,
                );
            }
            Some(_) => {}
        }
    }
}
